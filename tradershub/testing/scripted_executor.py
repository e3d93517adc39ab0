"""A platform that does what a test tells it to: loses replies, repeats and reorders fills, hangs, breaks, goes away."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import Execution, FactKind, Order, OrderChange, Reason
from tradershub.domain.signals import OrderType, TimeInForce
from tradershub.executors.event_stream import EventStream
from tradershub.ports.clock import Clock
from tradershub.ports.executor import (
    Accepted,
    Capabilities,
    LinkChange,
    LinkState,
    NotSent,
    OrderReport,
    Outcome,
    PlatformEvent,
    Rejected,
    Snapshot,
    Unknown,
)
from tradershub.ports.send_marks import SendMarks

ABLE = Capabilities(
    order_types=frozenset(OrderType),
    times_in_force=frozenset(TimeInForce),
    attached_stops=True,
    modify=True,
    pushes_fills=True,
    lookup_by_our_id=True,
    max_in_flight=64,
    submit_timeout_s=10.0,
    settle_after_s=5.0,
)
"""What a ScriptedExecutor can do unless a test says less."""


class Conduct(StrEnum):
    """How the platform treats one command."""

    ACCEPT = "accept"
    REJECT = "reject"
    NOT_SEND = "not_send"
    """No byte leaves: a full buffer, a link that is gone."""
    LOSE_REPLY = "lose_reply"
    """It arrives, its answer does not."""
    LOSE_ORDER = "lose_order"
    """It leaves and never arrives."""
    ARRIVE_LATE = "arrive_late"
    """It leaves, its answer is lost, and it arrives `late_s` seconds afterwards."""
    HANG = "hang"
    """It arrives, and the call never ends by itself."""
    RAISE = "raise"
    """The executor fails before it waits for anything."""
    RAISE_LATER = "raise_later"
    """The executor fails after the order has left."""
    WAIT = "wait"
    """It arrives, and is accepted once the test calls `answer`."""


@dataclass(slots=True)
class _Held:
    """An order as the platform knows it."""

    order: Order
    number: int
    kind: FactKind = FactKind.ACCEPTED
    executions: list[Execution] = field(default_factory=list)
    reason: Reason | None = None


class ExecutorBrokeError(Exception):
    """What a platform's own code may raise at any time."""


class ScriptedPlatform:
    """The far end: its books, and what it tells of them. `wire` is every order id that left, as often as it left."""

    def __init__(self, *, clock: Clock) -> None:
        self.wire: list[OrderId] = []
        self.cancels: list[OrderId] = []
        self.changes: list[tuple[OrderId, OrderChange]] = []
        self.snapshots_asked = 0
        self.connected = False
        self._clock = clock
        self._books: dict[OrderId, _Held] = {}
        self._waiting: dict[OrderId, asyncio.Future[None]] = {}
        self._numbers = itertools.count(1)
        self._stream = EventStream()

    def arrived(self, order_id: OrderId) -> Order | None:
        """Return an order as it arrived, None if it has not."""
        held = self._books.get(order_id)
        return None if held is None else held.order

    def answer(self, order_id: OrderId) -> None:
        """Let a submit that was told to wait go on."""
        self._waiting.pop(order_id).set_result(None)

    def fill(self, order_id: OrderId, quantity: str | None = None, price: str = "5000") -> Execution:
        """Fill an order (all that is left of it) and tell the hub; returns the execution, for repeats."""
        held = self._books[order_id]
        done = sum((execution.quantity for execution in held.executions), Decimal(0))
        execution = Execution(
            execution_id=f"X{next(self._numbers)}",
            price=Decimal(price),
            quantity=held.order.quantity - done if quantity is None else Decimal(quantity),
            commission=Decimal("0.62"),
            currency="USD",
            at=self._clock.now(),
        )
        held.executions.append(execution)
        held.kind = FactKind.FILL
        self.report(order_id, FactKind.FILL, executions=(execution,))
        return execution

    def report(
        self,
        order_id: OrderId,
        kind: FactKind | None,
        *,
        executions: tuple[Execution, ...] = (),
        number: int = 1,
        platform_order_id: str | None = None,
    ) -> None:
        """Tell the hub something of an order, true or not, once more or too late."""
        held = self._books[order_id]
        self.tell(
            OrderReport(
                account=held.order.account,
                order_id=order_id,
                kind=kind,
                at=self._clock.now(),
                platform_order_id=platform_order_id or f"P{held.number}",
                executions=executions,
                number=number,
            )
        )

    def tell(self, event: PlatformEvent) -> None:
        self._stream.put(event)

    def disconnect(self) -> None:
        self.connected = False
        self.tell(LinkChange(state=LinkState.DOWN, at=self._clock.now(), reason="the test pulled the cable"))

    def reconnect(self) -> None:
        self.connected = True
        self.tell(LinkChange(state=LinkState.UP, at=self._clock.now()))

    def _take(self, order: Order, kind: FactKind) -> None:
        held = _Held(replace(order), next(self._numbers), kind)
        if kind is FactKind.REJECTED:
            held.reason = _reason("rejected")
        self._books[order.order_id] = held

    def _row(self, held: _Held) -> OrderReport:
        return OrderReport(
            account=held.order.account,
            order_id=held.order.order_id,
            kind=held.kind,
            at=self._clock.now(),
            platform_order_id=f"P{held.number}",
            executions=tuple(held.executions),
            reason=held.reason,
        )


class ScriptedExecutor(ScriptedPlatform):
    """Implements ports.executor.Executor by the book, except where `conduct` or `script` says otherwise."""

    def __init__(
        self,
        *,
        clock: Clock,
        marks: SendMarks,
        platform: str = "paper",
        capabilities: Capabilities = ABLE,
        fills_at: str | None = None,
    ) -> None:
        super().__init__(clock=clock)
        self.platform = platform
        self.capabilities = capabilities
        self.fills_at = None if fills_at is None else Decimal(fills_at)
        self.late_s = 3.0
        self.conduct = Conduct.ACCEPT
        """Of commands for which `script` holds nothing."""
        self.script: deque[Conduct] = deque()
        self.cancel_conduct = Conduct.ACCEPT
        self.snapshot_conduct = Conduct.ACCEPT
        self.connect_failures = 0
        self._marks = marks
        self._late: set[asyncio.Task[None]] = set()

    def reopened(self) -> "ScriptedExecutor":
        """Return it ready for another hub, its books as they are: a platform outlives the hub that spoke to it."""
        self._stream = EventStream()
        return self

    async def connect(self) -> None:
        if self.connect_failures > 0:
            self.connect_failures -= 1
            raise PlatformUnavailable("the scripted platform does not answer")
        self.connected = True

    async def close(self) -> None:
        self.connected = False
        for task in self._late:
            task.cancel()
        for waiting in self._waiting.values():
            waiting.cancel()
        self._stream.close()

    async def submit(self, order: Order) -> Outcome:
        conduct = self.script.popleft() if self.script else self.conduct
        if conduct is Conduct.NOT_SEND:
            return NotSent(reason=_reason("not_sent"))
        self._marks.mark(order.order_id)
        self.wire.append(order.order_id)
        if conduct is Conduct.RAISE:
            raise ExecutorBrokeError("before anything was waited for")
        if conduct is Conduct.LOSE_ORDER:
            return await self._unanswered()
        if conduct is Conduct.ARRIVE_LATE:
            self._start(self._arrive_later(order))
            return await self._unanswered()
        if conduct is Conduct.REJECT:
            self._take(order, FactKind.REJECTED)
            return Rejected(reason=_reason("rejected"))
        self._take(order, FactKind.ACCEPTED)
        return await self._answered(order, conduct)

    async def modify(self, order: Order, change: OrderChange, number: int) -> Outcome:
        self.changes.append((order.order_id, change))
        await self._turn()
        return Accepted()

    async def cancel(self, order: Order, number: int) -> Outcome:
        self.cancels.append(order.order_id)
        await self._turn()
        match self.cancel_conduct:
            case Conduct.HANG:
                return await self._never()
            case Conduct.RAISE:
                raise ExecutorBrokeError("while cancelling")
            case Conduct.REJECT:
                return Rejected(reason=_reason("too_late_to_cancel"))
            case Conduct.LOSE_ORDER:
                return Unknown(reason=_reason("no_answer"))
            case _:
                held = self._books.get(order.order_id)
        if held is None:
            return Rejected(reason=_reason("unknown_order"))
        if held.kind is FactKind.ACCEPTED:
            held.kind = FactKind.CANCELED
            self.report(order.order_id, FactKind.CANCELED, number=number)
        if self.cancel_conduct is Conduct.LOSE_REPLY:
            return Unknown(reason=_reason("no_answer"))
        return Accepted()

    async def snapshot(self, account_id: AccountId, since: Nanos) -> Snapshot:
        self.snapshots_asked += 1
        await self._turn()
        match self.snapshot_conduct:
            case Conduct.REJECT:
                raise PlatformUnavailable("the scripted platform gives no books")
            case Conduct.RAISE:
                raise ExecutorBrokeError("while asking for the books")
            case Conduct.HANG:
                await self._never()
            case _:
                pass
        held = [one for one in self._books.values() if one.order.account == account_id]
        return Snapshot(
            account=account_id,
            at=self._clock.now(),
            orders=tuple(self._row(one) for one in held),
            positions=(),
            balance=None,
            currency="USD",
        )

    def events(self) -> AsyncIterator[PlatformEvent]:
        return self._stream.read()

    async def _answered(self, order: Order, conduct: Conduct) -> Outcome:
        match conduct:
            case Conduct.WAIT:
                self._waiting[order.order_id] = waiting = asyncio.get_running_loop().create_future()
                await waiting
            case Conduct.HANG:
                return await self._never()
            case Conduct.LOSE_REPLY:
                return await self._unanswered()
            case Conduct.RAISE_LATER:
                await self._turn()
                raise ExecutorBrokeError("after the order had left")
            case _:
                pass
        await self._turn()
        if self.fills_at is not None:
            self.fill(order.order_id, price=str(self.fills_at))
        return Accepted(platform_order_id=f"P{self._books[order.order_id].number}")

    async def _arrive_later(self, order: Order) -> None:
        await self._clock.sleep(self.late_s)
        self._take(order, FactKind.ACCEPTED)

    async def _unanswered(self) -> Outcome:
        await self._clock.sleep(0.5)
        return Unknown(reason=_reason("no_answer"))

    async def _never(self) -> Outcome:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends this future")

    async def _turn(self) -> None:
        await self._clock.sleep(0)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def _reason(code: str) -> Reason:
    return Reason(code=code, message="as the test wants it")
