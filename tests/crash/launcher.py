"""The whole hub, composed as ever, with a hook at each commit and each write that can end it there.

What to do is read from standard input, a line each: `kill STEP NUMBER` ends the process without a trace of its own when
STEP comes for the NUMBERth time from then on; `fail STEP NUMBER` fails the disk there, at a commit.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tradershub import app
from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId
from tradershub.ports.clock import SystemClock
from tradershub.ports.send_marks import SendMarks
from tradershub.settings.loading import load_configuration


class Step(StrEnum):
    """Where the hub can be ended, in the order in which a message passes by."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    BEFORE_MARK = "before_mark"
    BEFORE_WRITE = "before_write"
    AFTER_WRITE = "after_write"


_AFTER_WRITE_SECONDS = 0.0005


@dataclass
class Orders:
    """What was last asked for; looked at on the writer's thread and on the event loop."""

    step: Step | None = None
    left: int = 0
    is_failure: bool = False

    def listen(self) -> None:
        for line in sys.stdin:
            verb, step, number = line.split()
            self.is_failure = verb == "fail"
            self.left = int(number)
            self.step = Step(step)

    def is_due(self, step: Step) -> bool:
        if self.step is not step:
            return False
        self.left -= 1
        return self.left <= 0

    def pass_by(self, step: Step) -> None:
        if not self.is_due(step):
            return
        if not self.is_failure:
            end()
        self.step = None
        raise full_disk()


def end() -> None:
    """End this process as a power cut would: no handler, no flush, no farewell."""
    os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@dataclass(frozen=True)
class CommitHooks:
    orders: Orders

    def before_commit(self, appends: int) -> None:
        self.orders.pass_by(Step.BEFORE_COMMIT)

    def after_commit(self, appends: int) -> None:
        self.orders.pass_by(Step.AFTER_COMMIT)


@dataclass(frozen=True)
class WriteHooks:
    """The real marks; an order's first byte leaves right after its mark."""

    real: SendMarks
    orders: Orders

    def mark(self, order_id: OrderId) -> None:
        self.orders.pass_by(Step.BEFORE_MARK)
        self.real.mark(order_id)
        self.orders.pass_by(Step.BEFORE_WRITE)
        if self.orders.is_due(Step.AFTER_WRITE):
            asyncio.get_running_loop().call_later(_AFTER_WRITE_SECONDS, end)

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        return self.real.surely_not_sent(order_id, sending_since)


class HookedHub(app.Hub):
    """The hub with its marks handed to the hooks first."""

    def __init__(self, orders: Orders) -> None:
        configuration = load_configuration(os.environ)
        super().__init__(configuration, demo=False, hooks=CommitHooks(orders), clock=SystemClock())
        self._orders = orders

    async def _surroundings(self, store: Any, marks: Any) -> Any:
        surroundings = await super()._surroundings(store, marks)
        return replace(surroundings, marks=WriteHooks(surroundings.marks, self._orders))


async def run() -> None:
    orders = Orders()
    threading.Thread(target=orders.listen, daemon=True).start()
    hub = HookedHub(orders)
    await hub.start()
    await hub.wait()


if __name__ == "__main__":
    asyncio.run(run())
