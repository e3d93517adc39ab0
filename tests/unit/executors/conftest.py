"""The paper platform with a clock and quotes that stand still until a test moves them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.unit.executors.market import HandQuotes, Reader, StepClock, parts
from tradershub.executors.paper_executor import PaperExecutor, build

Opener = Callable[..., Awaitable[PaperExecutor]]


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def quotes(clock: StepClock) -> HandQuotes:
    return HandQuotes(clock)


@pytest.fixture
async def open_paper(tmp_path: Path, clock: StepClock, quotes: HandQuotes) -> AsyncIterator[Opener]:
    """Open the paper platform with a configuration; each opening goes on with the same book."""
    async with AsyncExitStack() as opened:

        async def open_it(**config: Any) -> PaperExecutor:
            executor = build(parts(tmp_path, clock, quotes, **config))
            opened.push_async_callback(executor.close)
            await executor.connect()
            return executor

        yield open_it


@pytest.fixture
async def paper(open_paper: Opener) -> PaperExecutor:
    return await open_paper()


@pytest.fixture
async def reader(paper: PaperExecutor) -> Reader:
    return Reader(paper)
