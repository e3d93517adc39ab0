"""Takes an order from durable to sent, and what comes back from a platform into the book."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from types import coroutine
from typing import Any, cast

from tradershub.domain.clock import Nanos
from tradershub.domain.orders import Fact, FactKind, Intent, Order, OrderChange, OrderState, Reason
from tradershub.domain.risk import blocked
from tradershub.hub.lanes import AccountLanes
from tradershub.hub.open_size import still_open
from tradershub.hub.order_book import Haste, OrderBook, Record
from tradershub.hub.position_tracker import PositionTracker
from tradershub.hub.registry import Registry
from tradershub.hub.risk_manager import RiskManager
from tradershub.ports.clock import Clock
from tradershub.ports.executor import Accepted, Executor, NotSent, Outcome, Rejected, Unknown
from tradershub.ports.journal import Seq

logger = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 5.0
_GRACE_S = 1.0
"""Beyond the executor's own timeout: an executor that still has not answered is cut off."""


class ExecutionRouter:
    """The one caller of Executor.submit. Nothing is awaited between the last gate and the first byte."""

    def __init__(
        self,
        *,
        registry: Registry,
        risk: RiskManager,
        book: OrderBook,
        tracker: PositionTracker,
        lanes: AccountLanes,
        clock: Clock,
        in_doubt: Callable[[Record], None],
        not_sent: Callable[[Record], None],
    ) -> None:
        self._registry = registry
        self._risk = risk
        self._book = book
        self._tracker = tracker
        self._lanes = lanes
        self._clock = clock
        self._in_doubt = in_doubt
        self._not_sent = not_sent
        self._executors: dict[str, Executor] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        lanes.on_claim(self.claim)

    def attach(self, executor: Executor) -> None:
        self._executors[executor.platform] = executor

    def detach(self, platform: str) -> None:
        self._executors.pop(platform, None)

    def executor(self, platform: str) -> Executor | None:
        return self._executors.get(platform)

    async def claim(self, records: tuple[Record, ...]) -> None:
        """Write `sending` for orders that waited, all in one commit, and send them in order."""
        now, leaving = self._clock.now(), []
        commits: list[asyncio.Future[Seq]] = []
        for record in records:
            reason = self._gate(record, now) or self._overtaken(record)
            if reason is not None:
                self._refuse(record, reason, now)
            elif self._has_something_to_do(record, now):
                fact = Fact(kind=FactKind.SENDING, at=now, number=_claims(record) + 1)
                stored = self._book.record(record.order.order_id, fact, haste=Haste.NOW)
                commits += [] if stored is None else [stored]
                leaving.append(record)
        results = await asyncio.gather(*commits, return_exceptions=True)
        for record, result in zip(leaving, results, strict=True):
            if not isinstance(result, BaseException):
                self.send(record)
            elif self._book.get(record.order.order_id) is record:
                # Its signal is there, its claim is not: it has not left.
                self._concluded(record, NotSent(reason=blocked("not_stored", str(result)[:200])))

    def send(self, record: Record) -> None:
        """Send an order whose `sending` is durable and whose slot is taken."""
        now = self._clock.now()
        reason = self._gate(record, now)
        if reason is not None:
            self._refuse(record, reason, now)
            return
        executor = self._executors.get(record.order.platform)
        if executor is None:
            self._concluded(record, NotSent(reason=blocked("waiting_for_account", "the platform is not running")))
            return
        started = _step(executor.submit(_as_it_stands(record)))
        self._book.note_sent(record)
        if isinstance(started, _Done):
            self._concluded(record, started.outcome)
            return
        self._spawn(self._finish(record, started, _deadline_s(executor)))

    def cancel(self, record: Record, written: Fact | None = None) -> None:
        """Ask a platform to cancel a working order; an order that never left is cancelled here.

        `written`: the fact of it (`calling_off`), if it is durable already.
        """
        if record.view.is_final:
            return
        fact = written or calling_off(record, self._clock.now())
        self._book.record(record.order.order_id, fact, haste=Haste.SOON if written is None else Haste.DONE)
        if fact.kind is FactKind.CANCELED:
            self._lanes.leave(record.order)
            return
        executor = self._executors.get(record.order.platform)
        if executor is None:
            self._in_doubt(record)
            return
        answer = _within(executor.cancel(_as_it_stands(record), fact.number), _deadline_s(executor))
        self._spawn(self._answered(record, answer, FactKind.CANCEL_REFUSED, fact))

    def modify(self, record: Record, written: Fact) -> None:
        """Ask a platform to change a working order in place, as a durable `modify_sent` says."""
        if record.view.is_final or written.change is None:
            return
        self._book.record(record.order.order_id, written, haste=Haste.DONE)
        executor = self._executors.get(record.order.platform)
        if executor is None:
            self._in_doubt(record)
            return
        answer = _within(executor.modify(_as_it_stands(record), written.change, written.number), _deadline_s(executor))
        self._spawn(self._answered(record, answer, FactKind.MODIFY_REFUSED, written))

    async def drained(self) -> None:
        """Wait until no submit that has passed the last gate by now is without its outcome."""
        under_way = tuple(self._under_way)
        if under_way:
            await asyncio.wait(under_way)

    def _gate(self, record: Record, now: Nanos) -> Reason | None:
        strategy = self._registry.strategies.get(record.order.strategy or "")
        return self._risk.last_gate(record.order, strategy, now)

    def _overtaken(self, record: Record) -> Reason | None:
        """Say why an entry that had to wait for a way out may not go in: it did not get out."""
        order = record.order
        if order.intent is not Intent.ENTRY or order.after is None:
            return None
        before = self._book.get(order.after)
        held = self._tracker.held((order.strategy, order.account, order.symbol))
        if (before is None or before.view.filled >= before.view.quantity) and held * order.side.sign >= 0:
            return None
        return blocked("exit_failed", "the exit that goes before it did not fill")

    def _has_something_to_do(self, record: Record, now: Nanos) -> bool:
        """Cap an exit that waited to what is open by now: it may find less than it was planned for, and never flips."""
        order = record.order
        if order.intent is not Intent.EXIT:
            return True
        executor = self._executors.get(order.platform)
        fills_are_told = executor is None or executor.capabilities.pushes_fills
        open_size = still_open(order, self._book, self._tracker, fills_are_told=fills_are_told)
        quantity = min(open_size, order.hub_quantity) * order.quantity / order.hub_quantity
        if not quantity:
            reason = blocked("nothing_to_close", "the position is closed already")
            self._lanes.give_back(order, unused=True)
            self._book.record(order.order_id, Fact(kind=FactKind.CANCELED, at=now, reason=reason))
        elif quantity != record.view.quantity:
            change = OrderChange(quantity=quantity)
            number = 1 + sum(fact.change is not None for fact in record.facts)
            self._book.record(order.order_id, Fact(kind=FactKind.MODIFIED, at=now, number=number, change=change))
        return bool(quantity)

    def _refuse(self, record: Record, reason: Reason, now: Nanos) -> None:
        kind = FactKind.EXPIRED if reason.code == "stale" else FactKind.BLOCKED
        facts = [Fact(kind=kind, at=now, reason=reason)]
        if record.view.state is OrderState.SENDING:
            facts.insert(0, Fact(kind=FactKind.NOT_SENT, at=now, number=_claims(record), reason=reason))
        self._lanes.give_back(record.order, unused=True)
        self._book.record(record.order.order_id, *facts)
        self._not_sent(record)

    async def _finish(self, record: Record, rest: Awaitable[Outcome], deadline_s: float) -> None:
        self._concluded(record, await _within(rest, deadline_s))

    def _concluded(self, record: Record, outcome: Outcome) -> None:
        now, number = self._clock.now(), _claims(record)
        self._lanes.give_back(record.order, unused=isinstance(outcome, NotSent))
        match outcome:
            case Accepted(platform_order_id=platform_id):
                fact = Fact(kind=FactKind.ACCEPTED, at=now, platform_order_id=platform_id)
            case Rejected(reason=reason):
                fact = Fact(kind=FactKind.REJECTED, at=now, reason=reason)
            case NotSent(reason=reason):
                fact = Fact(kind=FactKind.NOT_SENT, at=now, number=number, reason=reason)
            case Unknown(reason=reason):
                fact = Fact(kind=FactKind.UNCONFIRMED, at=now, number=number, reason=reason)
        # After a crash the order is in doubt anyway; what the platform says next mostly comes at once.
        answered = isinstance(outcome, Accepted | Unknown)
        self._book.record(record.order.order_id, fact, haste=Haste.LATER if answered else Haste.SOON)
        if isinstance(outcome, NotSent):
            self._lanes.queue(record.order, pause_s=_pause_s(number))
            self._lanes.wake(record.order.account)
        elif record.view.state is OrderState.IN_DOUBT:
            self._in_doubt(record)

    async def _answered(self, record: Record, answer: Awaitable[Outcome], refusal: FactKind, sent: Fact) -> None:
        outcome = await answer
        now = self._clock.now()
        match outcome:
            case Accepted() if sent.change is not None:
                fact = Fact(kind=FactKind.MODIFIED, at=now, number=sent.number, change=sent.change)
            case Accepted():
                return  # the cancel itself arrives as an event
            case Unknown():
                self._in_doubt(record)
                return
            case NotSent() if sent.change is None:
                # A cancel can only happen once: it is sent again as soon as the platform shows what became of it.
                self._in_doubt(record)
                return
            case Rejected(reason=reason) | NotSent(reason=reason):
                fact = Fact(kind=refusal, at=now, number=sent.number, reason=reason)
        self._book.record(record.order.order_id, fact)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


class _Done:
    """A submit that ended in its first step."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def _step(submit: Coroutine[Any, Any, Outcome]) -> _Done | Awaitable[Outcome]:
    """Run a submit to its first suspension: by its contract its bytes have left then, or never will."""
    try:
        waiting_for = submit.send(None)
    except StopIteration as end:
        return _Done(cast("Outcome", end.value))
    except Exception as error:  # noqa: BLE001 -- the border to a platform: what it sent before it failed is not known
        logger.exception("submit failed")
        return _Done(Unknown(reason=blocked("executor_error", str(error)[:200])))
    return _resume(submit, waiting_for)


@coroutine
def _resume(submit: Coroutine[Any, Any, Outcome], waiting_for: Any) -> Any:
    """Go on with a coroutine that was stepped by hand, inside whatever task awaits this."""
    while True:
        try:
            sent = yield waiting_for
        except BaseException as error:  # noqa: BLE001 -- handed on as it came, a cancellation too
            step = _throwing(submit, error)
        else:
            step = _sending(submit, sent)
        ended, waiting_for = step
        if ended:
            return waiting_for


def _sending(submit: Coroutine[Any, Any, Outcome], value: object) -> tuple[bool, Any]:
    try:
        return False, submit.send(value)
    except StopIteration as end:
        return True, end.value


def _throwing(submit: Coroutine[Any, Any, Outcome], error: BaseException) -> tuple[bool, Any]:
    try:
        return False, submit.throw(error)
    except StopIteration as end:
        return True, end.value


def calling_off(record: Record, at: Nanos) -> Fact:
    """Return the fact that calls an order off: cancelled if it has not left, else asked to be cancelled."""
    if record.view.state is OrderState.READY:
        reason = blocked("superseded", "it was called off before it was sent")
        return Fact(kind=FactKind.CANCELED, at=at, reason=reason)
    number = sum(fact.kind is FactKind.CANCEL_SENT for fact in record.facts) + 1
    return Fact(kind=FactKind.CANCEL_SENT, at=at, number=number)


def changing(record: Record, change: OrderChange, at: Nanos) -> Fact:
    """Return the fact that a change of an order is asked for."""
    number = sum(fact.kind is FactKind.MODIFY_SENT for fact in record.facts) + 1
    return Fact(kind=FactKind.MODIFY_SENT, at=at, number=number, change=change)


def _deadline_s(executor: Executor) -> float:
    return executor.capabilities.submit_timeout_s + _GRACE_S


async def _within(answer: Awaitable[Outcome], deadline_s: float) -> Outcome:
    """Return a platform's answer; Unknown if it does not come in time, or breaks."""
    task = asyncio.ensure_future(answer)
    done, _ = await asyncio.wait((task,), timeout=deadline_s)
    if not done:
        task.cancel()
        return Unknown(reason=blocked("timeout", f"no answer within {deadline_s:.0f} s"))
    error = task.exception() if not task.cancelled() else asyncio.CancelledError("cancelled")
    if error is None:
        return task.result()
    logger.error("a command of a platform failed", exc_info=error)
    return Unknown(reason=blocked("executor_error", str(error)[:200]))


def _pause_s(attempts: int) -> float:
    """Return for how long an account rests after its platform took nothing: the first time briefly, then longer."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 10), _LONGEST_PAUSE_S)


def _claims(record: Record) -> int:
    return sum(fact.kind is FactKind.SENDING for fact in record.facts)


def _as_it_stands(record: Record) -> Order:
    """Return the order with the terms that changes have given it."""
    view, order = record.view, record.order
    if (view.quantity, view.limit_price, view.stop_price) == (order.quantity, order.limit_price, order.stop_price):
        return order
    return replace(order, quantity=view.quantity, limit_price=view.limit_price, stop_price=view.stop_price)
