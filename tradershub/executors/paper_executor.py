"""The paper platform: a simulated broker behind the same contract as the real ones."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId, order_id
from tradershub.domain.orders import Order, OrderChange, Reason
from tradershub.executors.event_stream import EventStream
from tradershub.executors.paper_desk import PaperDesk
from tradershub.executors.paper_faults import PaperFaults
from tradershub.executors.paper_orders import PaperOrder, PaperState, paper_order, standing
from tradershub.executors.paper_settings import REPLY_TIMEOUT_SECONDS, PaperSettings
from tradershub.executors.timers import Timers
from tradershub.ports import executor as contract
from tradershub.ports.executor_parts import ExecutorParts

_CLOSED = Reason(code="link_down", message="the paper broker is not open")
_NO_REPLY = Reason(code="no_reply", message="the paper broker did not answer, as it is configured to at times")
_NOT_WRITTEN = Reason(code="not_written", message="the paper broker could not write the order down")
_NOT_MARKED = Reason(code="not_marked", message="the mark that an order is about to leave cannot be written")
_UNKNOWN_ORDER = Reason(code="unknown_order", message="the paper broker has no such order")
_NOT_WORKING = Reason(code="not_working", message="the order is not working any more")
_NO_ACCOUNT = Reason(code="unknown_account", message="the paper broker has no such account")


class PaperExecutor:
    """Takes an order into its own durable book before its first suspension, and answers once that is written."""

    platform = "paper"

    def __init__(self, parts: ExecutorParts, *, settings: PaperSettings, random: Random) -> None:
        self._parts, self._settings, self._clock = parts, settings, parts.clock
        self._faults = PaperFaults(settings, random)
        self._timers = Timers(parts.clock)
        self._stream = EventStream()
        self._desk: PaperDesk | None = None
        self._arrivals: dict[OrderId, asyncio.Future[contract.Outcome]] = {}

    @property
    def capabilities(self) -> contract.Capabilities:
        return self._settings.capabilities

    async def connect(self) -> None:
        """Open the book and go on where it ended; raises PlatformConfigError where it cannot be used."""
        if self._desk is not None:
            return
        self._desk = desk = await PaperDesk.at(
            self._parts,
            hedging=self._settings.hedging,
            faults=self._faults,
            timers=self._timers,
            stream=self._stream,
            lost=self._lost,
            found=self._found,
        )
        self._found()
        for order in desk.book.live():
            if order.state is PaperState.IN_TRANSIT:
                self._send_on(desk, order)
        desk.broker.resume()
        await desk.writer.saved()

    async def close(self) -> None:
        desk, self._desk = self._desk, None
        await self._timers.close()
        if desk is not None:
            await desk.close()
        for arrival in self._arrivals.values():
            if not arrival.done():
                arrival.set_result(contract.Unknown(reason=_CLOSED))
        self._stream.close()

    async def submit(self, order: Order) -> contract.Outcome:
        desk = self._desk
        if desk is None or desk.writer.is_failing:
            return contract.NotSent(reason=_CLOSED if desk is None else _NOT_WRITTEN)
        known = desk.book.find(order.order_id)
        if known is None:
            if self._parts.account_of(order.account) is None:
                return contract.Rejected(reason=_NO_ACCOUNT)
            try:
                # What is not marked counts as never sent after a kill, although it may be in the book by then.
                self._parts.marks.mark(order.order_id)
            except OSError:
                return contract.NotSent(reason=_NOT_MARKED)
            if self._faults.loses_order():
                await self._clock.sleep(REPLY_TIMEOUT_SECONDS)
                return contract.Unknown(reason=_NO_REPLY)
            known = self._receive(desk, order)
        outcome = await self._answered(desk, known)
        if self._faults.loses_reply():
            await self._clock.sleep(REPLY_TIMEOUT_SECONDS)
            return contract.Unknown(reason=_NO_REPLY)
        return outcome

    async def modify(self, order: Order, change: OrderChange, number: int) -> contract.Outcome:
        desk = await self._reached()
        if desk is None:
            return contract.NotSent(reason=_CLOSED)
        known = _found_order(desk, order)
        problem = _problem(known, or_under_way=False)
        if problem is None and known is not None:
            problem = desk.broker.modify(known, change, number)
        return await self._settled(desk, known, problem)

    async def cancel(self, order: Order, number: int) -> contract.Outcome:
        desk = await self._reached()
        if desk is None:
            return contract.NotSent(reason=_CLOSED)
        known = _found_order(desk, order)
        problem = _problem(known, or_under_way=True)
        if problem is None and known is not None:
            desk.broker.cancel(known, number)
        return await self._settled(desk, known, problem)

    async def snapshot(self, account_id: AccountId, since: Nanos) -> contract.Snapshot:
        desk = self._desk
        if desk is None or not await desk.writer.saved():
            raise PlatformUnavailable("the paper broker's book cannot be read now")
        now = self._clock.now()
        orders = desk.book.since(account_id, since)
        balance, currency = desk.balance(account_id)
        return contract.Snapshot(
            account=account_id,
            at=now,
            # What is still under way has not arrived: the platform does not know it yet.
            orders=tuple(standing(o, now) for o in orders if o.state is not PaperState.IN_TRANSIT),
            positions=desk.book.positions.rows(account_id),
            balance=balance,
            currency=currency,
        )

    def events(self) -> AsyncIterator[contract.PlatformEvent]:
        return self._stream.read()

    def _receive(self, desk: PaperDesk, order: Order) -> PaperOrder:
        delay = self._faults.delay_seconds()
        taken = paper_order(order, arrives_at=Nanos(self._clock.now() + int(delay * NANOS_PER_SECOND)))
        if delay:
            desk.book.touch(taken)
            self._send_on(desk, taken)
        else:
            desk.broker.arrive(taken)
        return taken

    def _send_on(self, desk: PaperDesk, order: PaperOrder) -> None:
        """Let an order that is under way arrive in its time."""
        self._arrivals[order.order_id] = arrival = asyncio.get_running_loop().create_future()

        def arrive() -> None:
            if order.state is PaperState.IN_TRANSIT:
                desk.broker.arrive(order)
            del self._arrivals[order.order_id]
            if not arrival.done():
                arrival.set_result(_answer(order))
            desk.writer.saved()

        self._timers.after(max(0, order.arrives_at - self._clock.now()) / NANOS_PER_SECOND, arrive)

    async def _answered(self, desk: PaperDesk, order: PaperOrder) -> contract.Outcome:
        arrival = self._arrivals.get(order.order_id)
        if arrival is not None:
            desk.writer.saved()
            outcome = await asyncio.shield(arrival)
        else:
            outcome = _answer(order)
        return outcome if await desk.writer.saved() else contract.Unknown(reason=_NOT_WRITTEN)

    async def _reached(self) -> PaperDesk | None:
        """Return the desk once a command has travelled to it."""
        delay = self._faults.delay_seconds()
        if delay:
            await self._clock.sleep(delay)
        return self._desk

    async def _settled(self, desk: PaperDesk, order: PaperOrder | None, problem: Reason | None) -> contract.Outcome:
        if not await desk.writer.saved():
            return contract.Unknown(reason=_NOT_WRITTEN)
        if self._faults.loses_reply():
            await self._clock.sleep(REPLY_TIMEOUT_SECONDS)
            return contract.Unknown(reason=_NO_REPLY)
        if problem is not None:
            return contract.Rejected(reason=problem)
        return contract.Accepted(platform_order_id=None if order is None else order.platform_order_id)

    def _lost(self, problem: str) -> None:
        self._stream.put(contract.LinkChange(state=contract.LinkState.DOWN, at=self._clock.now(), reason=problem))

    def _found(self) -> None:
        self._stream.put(contract.LinkChange(state=contract.LinkState.UP, at=self._clock.now()))


def build(parts: ExecutorParts) -> PaperExecutor:
    """Make the paper platform of its configuration; raises ConfigurationError with every mistake in it."""
    settings = PaperSettings.of(parts.config)
    return PaperExecutor(parts, settings=settings, random=Random(settings.seed))


def _answer(order: PaperOrder) -> contract.Outcome:
    if order.state is PaperState.REJECTED and order.reason is not None:
        return contract.Rejected(reason=order.reason)
    return contract.Accepted(platform_order_id=order.platform_order_id)


def _found_order(desk: PaperDesk, order: Order) -> PaperOrder | None:
    """Find an order by our id; the child of a bracket also as the leg of its entry, whatever the hub calls it."""
    return desk.book.find(order.order_id) or desk.book.find(order_id(order.cause, order.account, order.leg))


def _problem(order: PaperOrder | None, *, or_under_way: bool) -> Reason | None:
    if order is None:
        return _UNKNOWN_ORDER
    if order.is_working or (or_under_way and order.state is PaperState.IN_TRANSIT):
        return None
    return _NOT_WORKING
