"""Kills a real hub under load, starts it again, and keeps the account of what was promised and what was done."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.crash.launcher import Step
from tests.crash.ledger import PROVEN, Books, Findings, compare, read_books, read_dead_books
from tests.crash.moments import Moment
from tests.support.furnishing import configure, link_recorder, platform_row, record_strategy
from tests.support.hub_process import HubProcess
from tests.support.load import Load, Sent
from tests.support.messages import numbered
from tests.support.raw_http import free_port
from tests.support.recorder_process import RecorderProcess
from tests.support.waiting import until

ACCOUNTS = 3
SENDERS = 64
DRAINED_MESSAGES = 200
SETTLE_SECONDS = 30.0
LAUNCHER = (sys.executable, "-m", "tests.crash.launcher")


@dataclass(frozen=True, kw_only=True)
class Round:
    """One kill. `outstanding`: messages under way when it fell; `ready`: orders that waited for their lane then."""

    moment: Moment
    answered: int
    outstanding: int
    undrained: int
    ready: int
    ready_sent: int
    ready_expired: int
    not_placed: int
    settled_after: float

    def __str__(self) -> str:
        return (
            f"{self.moment}: {self.answered} answered, {self.outstanding} outstanding, {self.undrained} undrained,"
            f" {self.ready} ready of which {self.ready_sent} sent and {self.ready_expired} expired,"
            f" {self.not_placed} not placed, settled after {self.settled_after:.1f} s"
        )


@dataclass
class Life:
    """A hub with its data folder, killed again and again, and the recorder that outlives it."""

    home: Path
    recorder: RecorderProcess
    accounts: int = ACCOUNTS
    acknowledged: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.hub = HubProcess(self.home, command=LAUNCHER)
        self.bodies: Iterator[bytes] = numbered()

    def begin(self) -> None:
        self.hub.start()
        names = link_recorder(self.hub.api, self.recorder.port, accounts=self.accounts, lookup="true")
        record_strategy(self.hub.api, names)

    def end(self) -> None:
        self.hub.kill()

    def arm(self, step: Step, number: int = 1) -> None:
        self._tell(f"kill {step} {number}")

    def fail(self, step: Step, number: int = 1) -> None:
        self._tell(f"fail {step} {number}")

    def _tell(self, line: str) -> None:
        assert self.hub.process is not None
        assert self.hub.process.stdin is not None
        self.hub.process.stdin.write(line.encode() + b"\n")
        self.hub.process.stdin.flush()
        # The line is read by a thread of the hub's: a message sent at once could overtake it.
        time.sleep(0.05)

    def kill_under_load(self, moment: Moment) -> Round:
        """Send until the moment has come, start again, ask for what got no answer, and wait until all is settled."""
        sent = self._drain_until_dead(moment) if moment.is_drain else self._send_until_dead(moment)
        self.hub.ended(seconds=10)
        self.note(sent)
        dead = read_dead_books(self.hub.database())
        assert not self.acknowledged - dead.signals, "a message was answered before it was on disk"
        at_kill = set(self.recorder.arrivals())
        self.hub.start()
        if moment.is_drain:
            configure(self.hub.api, "nt8", port=self.recorder.port)
        unanswered = [one.body for one in sent if not one.status]
        again = asyncio.run(asyncio.wait_for(Load(self.hub.port, unanswered, senders=8).run(), 60))
        self.note(again)
        settled_after = self.settle()
        books, lines = read_books(self.hub.database()), self.recorder.arrivals()
        waited = dead.in_state("ready")
        ended = frozenset().union(*(dead.in_state(state) for state in PROVEN))
        return Round(
            moment=moment,
            answered=len(sent) - len(unanswered),
            outstanding=len(unanswered),
            undrained=len(dead.legs.keys() - at_kill - ended),
            ready=len(waited),
            ready_sent=len(waited & lines.keys()),
            ready_expired=len(waited & books.in_state("expired")),
            not_placed=len(books.in_state("not_placed") - ended),
            settled_after=settled_after,
        )

    def _send_until_dead(self, moment: Moment) -> list[Sent]:
        def on_answer(number: int) -> None:
            if moment.step is None and number == moment.number:
                assert self.hub.process is not None
                asyncio.get_running_loop().call_later(moment.seconds, self.hub.process.kill)

        if moment.step is not None:
            self.arm(moment.step, moment.number)
        load = Load(self.hub.port, self.bodies, senders=SENDERS, on_answer=on_answer)
        return asyncio.run(asyncio.wait_for(load.run(), 60))

    def _drain_until_dead(self, moment: Moment) -> list[Sent]:
        """Let orders wait for a platform that is away, and kill the hub while they leave."""
        configure(self.hub.api, "nt8", port=free_port())
        until(lambda: platform_row(self.hub.api, "nt8")["state"] == "down", "the link is down")
        load = Load(self.hub.port, islice(self.bodies, DRAINED_MESSAGES), senders=SENDERS)
        sent = asyncio.run(asyncio.wait_for(load.run(), 60))
        if moment.step is not None:
            self.arm(moment.step, moment.number)
        watcher = threading.Thread(target=self._kill_when_arrived, args=(moment, self.recorder.counts()["orders"]))
        if moment.step is None:
            watcher.start()
        # The answer to this call may be the first thing that the dying hub keeps to itself.
        with contextlib.suppress(OSError, http.client.HTTPException):
            configure(self.hub.api, "nt8", port=self.recorder.port)
        if moment.step is None:
            watcher.join()
        return sent

    def _kill_when_arrived(self, moment: Moment, before: int) -> None:
        assert self.hub.process is not None
        self.recorder.wait_for(before + moment.number, every=0.0005)
        time.sleep(moment.seconds)
        self.hub.process.kill()

    def note(self, sent: list[Sent]) -> None:
        """Remember what was answered with success; nothing else but no answer is allowed."""
        for one in sent:
            assert one.status in (0, 200, 202), one
            if one.status:
                self.acknowledged.add(json.loads(one.answer)["signal_id"])

    def settle(self) -> float:
        """Wait until nothing that was promised is open; returns how long it took."""
        began = time.monotonic()
        while (findings := self.findings()).lost:
            if time.monotonic() - began > SETTLE_SECONDS:
                raise AssertionError(f"not settled {SETTLE_SECONDS:g} s after the restart: {findings}")
            time.sleep(0.2)
        assert not findings, findings
        return time.monotonic() - began

    def findings(self) -> Findings:
        # The lines first: an order that leaves in between is then in the books at least.
        lines = self.recorder.arrivals()
        return compare(read_books(self.hub.database()), self.acknowledged, lines, accounts=self.accounts)

    def books(self) -> Books:
        return read_books(self.hub.database())
