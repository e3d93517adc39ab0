"""A hub of its own for each test, in the test's own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_process import a_hub, a_world
from tradershub.testing.fake_clock import JumpLoop
from tradershub.testing.hub_under_test import HubUnderTest

OpenHub = Callable[..., Any]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let time jump, except for tests of threads that watch the real one."""
    if "real_time" in getattr(item, "fixturenames", ()):
        return {"real": asyncio.new_event_loop}
    return {"jump": JumpLoop}


@pytest.fixture
def real_time() -> None:
    """Ask for an event loop whose time is the machine's."""


@pytest.fixture
async def open_hub(tmp_path: Path) -> AsyncIterator[OpenHub]:
    """Open a hub in a world with the strategies, accounts and platforms that the test names."""
    async with AsyncExitStack() as opened:

        async def open_it(*, wait: bool = True, **world: Any) -> HubUnderTest:
            return await opened.enter_async_context(a_hub(a_world(tmp_path, **world), wait=wait))

        yield open_it


@pytest.fixture
async def hub(open_hub: OpenHub) -> HubUnderTest:
    """A hub whose only platform accepts orders and fills what a test lets it fill."""
    opened: HubUnderTest = await open_hub()
    return opened


@pytest.fixture
async def filling(open_hub: OpenHub) -> HubUnderTest:
    """A hub whose only platform fills every order at 5000."""
    opened: HubUnderTest = await open_hub(fills_at="5000")
    return opened
