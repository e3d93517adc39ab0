"""Hubs that live inside a test: a world with what the test names, and a hub in it, in the test's own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from tradershub.domain.accounts import Account, PlatformSettings
from tradershub.domain.sources import Source
from tradershub.domain.strategies import Strategy
from tradershub.executors.registry import PLATFORMS
from tradershub.hub.registry import Registry
from tradershub.ports.executor import Capabilities
from tradershub.testing.builders import MAIN, a_source, a_strategy, an_account
from tradershub.testing.fake_clock import FakeClock, JumpLoop
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.hub_world import HubWorld
from tradershub.testing.memory_settings import MemoryMarks
from tradershub.testing.scripted_executor import ABLE, ScriptedExecutor


def a_world(
    folder: Path,
    *,
    strategies: Iterable[Strategy] | None = None,
    accounts: Iterable[Account] | None = None,
    sources: Iterable[Source] | None = None,
    platforms: Iterable[str] = ("paper",),
    able: Capabilities = ABLE,
    fills_at: str | None = None,
) -> HubWorld:
    """Return a world with the strategy `momentum` on `paper:main`; `fills_at`: platforms fill at once at that price."""
    loop = asyncio.get_running_loop()
    clock, marks = FakeClock(loop if isinstance(loop, JumpLoop) else None), MemoryMarks()
    enabled = tuple(platforms)
    registry = Registry(
        strategies=[a_strategy()] if strategies is None else strategies,
        accounts=[an_account(MAIN)] if accounts is None else accounts,
        sources=[a_source("native"), a_source("tradingview")] if sources is None else sources,
        platforms=[PlatformSettings(name=info.name, enabled=info.name in enabled) for info in PLATFORMS],
    )
    return HubWorld(
        folder,
        clock=clock,
        registry=registry,
        marks=marks,
        platforms=[
            ScriptedExecutor(clock=clock, marks=marks, platform=name, capabilities=able, fills_at=fills_at)
            for name in enabled
        ],
    )


@asynccontextmanager
async def a_hub(world: HubWorld, *, wait: bool = True) -> AsyncIterator[HubUnderTest]:
    hub = HubUnderTest(world)
    await hub.start(wait=wait)
    try:
        yield hub
    finally:
        await hub.stop()
