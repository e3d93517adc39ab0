"""Every executor passes the suite that is shipped for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.unit.executors.market import HandQuotes, StepClock, parts
from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId
from tradershub.executors import json_socket, paper_executor
from tradershub.ports.clock import SystemClock
from tradershub.testing.executor_suite import ExecutorSuite, Rig
from tradershub.testing.recorder import Answers, Recorder

PAPER, LINKED = AccountId("paper:main"), AccountId("nt8:main")


class PaperSuite(ExecutorSuite):
    config: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @asynccontextmanager
    async def rig(self, *, connected: bool = True) -> AsyncIterator[Rig]:
        clock = StepClock()
        quotes = HandQuotes(clock)
        quotes.set("5000", "5000")
        executor = paper_executor.build(parts(self.folder, clock, quotes, **self.config))
        if connected:
            await executor.connect()

        async def wait(seconds: float) -> None:
            await clock.advance(seconds)
            quotes.set("5000", "5000")
            await clock.advance(0)

        async def arrived(order_id: OrderId) -> int:
            await clock.advance(1)
            rows = (await executor.snapshot(PAPER, Nanos(0))).orders
            return sum(row.order_id == order_id and row.kind != "rejected" for row in rows)

        try:
            yield Rig(executor=executor, account=PAPER, clock=clock, arrived=arrived, wait=wait)
        finally:
            await executor.close()


class TestPaper(PaperSuite):
    pass


class TestHedgingPaper(PaperSuite):
    config: ClassVar[dict[str, Any]] = {"hedging": "true"}


class TestSlowPaper(PaperSuite):
    config: ClassVar[dict[str, Any]] = {"latency_ms": 20, "latency_jitter_ms": 20, "slippage_ticks": 0}


class TestUnreliablePaper(PaperSuite):
    """Repeats, reorders and splits what it reports."""

    config: ClassVar[dict[str, Any]] = {
        "duplicate_fill_rate": "0.5",
        "reorder_rate": "0.5",
        "partial_fill_rate": "0.5",
        "latency_ms": 5,
    }


class TestPaperThatLosesReplies(PaperSuite):
    config: ClassVar[dict[str, Any]] = {"lost_reply_rate": "1"}

    @asynccontextmanager
    async def rig(self, *, connected: bool = True) -> AsyncIterator[Rig]:
        async with super().rig(connected=connected) as rig:
            yield replace(rig, lose_replies=lambda: None)


class LinkSuite(ExecutorSuite):
    config: ClassVar[dict[str, Any]] = {}
    ack = False

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @asynccontextmanager
    async def rig(self, *, connected: bool = True) -> AsyncIterator[Rig]:
        clock = SystemClock()
        recorder = Recorder(clock=clock, answers=Answers(ack=self.ack))
        port = await recorder.listen()
        asked: list[OrderId] = []
        given = parts(self.folder, StepClock(), HandQuotes(StepClock()), platform="nt8", port=port, **self.config)
        executor = json_socket.build(replace(given, clock=clock, unsettled=lambda _account: tuple(asked)))
        if connected:
            await executor.connect()

        async def restore() -> None:
            await recorder.listen(port)

        async def arrived(order_id: OrderId) -> int:
            await asyncio.sleep(0.005)
            return recorder.count(order_id)

        rig = Rig(
            executor=executor,
            account=LINKED,
            clock=clock,
            arrived=arrived,
            wait=_briefly,
            expect_lookup=asked.extend,
            lose_replies=lambda: None,
            cut=recorder.go_away,
            restore=restore,
        )
        try:
            yield rig
        finally:
            await executor.close()
            await recorder.close()


async def _briefly(seconds: float) -> None:
    """Wait as long as a link on loopback needs."""
    await asyncio.sleep(min(seconds, 0.05))


class TestJsonSocket(LinkSuite):
    pass


class TestJsonSocketThatCanBeAsked(LinkSuite):
    config: ClassVar[dict[str, Any]] = {"lookup": "true"}
    ack = True


class TestJsonSocketPerOrder(LinkSuite):
    config: ClassVar[dict[str, Any]] = {"mode": "per_order", "lookup": "true"}
