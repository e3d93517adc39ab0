"""Orders and the facts about them: records what is learned, and what it means for positions, in one written order."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto

from tradershub.domain.clock import Nanos
from tradershub.domain.events import FactsRecorded, OrdersCreated, PlannedOrder, Stages
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import Fact, FactKind, Intent, Order, OrderState, OrderView, derive
from tradershub.domain.positions import Booked, Fill
from tradershub.domain.signals import OrderType
from tradershub.hub.commitments import Commitments, Key
from tradershub.hub.position_tracker import PositionTracker
from tradershub.hub.unstored import Unstored
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal, Seq
from tradershub.ports.views import OpenOrder

_KEPT_FINAL = 5000
"""Final orders kept at hand for late facts; older ones are read back from the tables."""


_LATER_S = 0.1
_NO_STAGES = Stages()


class Listing(Enum):
    """Where an open order stands: exits and protection, and entries by how far they are.

    An entry is unsent until it leaves; then it moves (a market order, as good as done) or rests (it waits for a price).
    """

    UNSENT = auto()
    MOVING = auto()
    RESTING = auto()
    EXIT = auto()
    PROTECTION = auto()


class Haste(Enum):
    """How soon facts have to be durable.

    NOW: somebody waits for it. SOON: with the next commit. LATER: with what is learned of the order next, or a tenth of
    a second from now; for facts that a restart would find out by itself, and which hold no fill. DONE: it is durable
    already, written with the signal that caused it.
    """

    NOW = auto()
    SOON = auto()
    LATER = auto()
    DONE = auto()


@dataclass(slots=True)
class Record:
    """One order and what is known of it. `began_perf`: Clock.perf() at its signal's last byte, if this run saw it."""

    order: Order
    facts: tuple[Fact, ...]
    view: OrderView
    stages: Stages = _NO_STAGES
    began_perf: int | None = None
    signal_received_at: Nanos | None = None


Listener = Callable[[Record, OrderView | None], None]
"""Called after each change with the record and its view before; on the event loop, must not raise."""

_STAGE_OF = {
    FactKind.ACCEPTED: "acknowledged_us",
    FactKind.REJECTED: "acknowledged_us",
    FactKind.FILL: "filled_us",
}


class OrderBook:
    """Facts and states of orders; reservations, positions and trades follow in the same event and transaction."""

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        tracker: PositionTracker,
        point_value: Callable[[str], Decimal],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._tracker = tracker
        self._point_value = point_value
        self._records: dict[OrderId, Record] = {}
        self._final: dict[OrderId, None] = {}
        self._lists: dict[Listing, dict[Key, dict[OrderId, None]]] = {listing: {} for listing in Listing}
        self._listed: dict[OrderId, Listing] = {}
        self._listeners: list[Listener] = []
        self._later: dict[OrderId, tuple[Record, tuple[Fact, ...]]] = {}
        self._later_call: asyncio.TimerHandle | None = None
        self.commitments = Commitments()
        self.unstored = Unstored(journal, self._as_it_stands)

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def get(self, order_id: OrderId) -> Record | None:
        return self._records.get(order_id)

    def open_records(self) -> tuple[Record, ...]:
        return tuple(record for record in self._records.values() if not record.view.is_final)

    def listed(self, key: Key, *listings: Listing) -> tuple[Record, ...]:
        """Return the open orders of (strategy, account, symbol) in some listings, oldest first in each."""
        return tuple(self._records[order_id] for listing in listings for order_id in self._lists[listing].get(key, ()))

    def newest(self, key: Key, listing: Listing) -> Record | None:
        """Return the newest open order of a listing."""
        ids = self._lists[listing].get(key)
        return self._records[next(reversed(ids))] if ids else None

    def restore(self, orders: Iterable[OpenOrder]) -> None:
        """Take orders over from the tables, as they were left."""
        for known in orders:
            view = derive(known.order, known.facts)
            self._take(
                Record(
                    order=known.order,
                    facts=known.facts,
                    view=view,
                    stages=known.stages,
                    signal_received_at=known.signal_received_at,
                )
            )

    def add(
        self, order: Order, *facts: Fact, began_perf: int | None = None, received_at: Nanos | None = None
    ) -> Record:
        """Take a planned order in and reserve its size; the caller journals it with what caused it."""
        record = Record(
            order=order,
            facts=facts,
            view=derive(order, facts),
            began_perf=began_perf,
            signal_received_at=received_at,
        )
        self._take(record)
        return record

    def create(self, *planned: Record) -> "asyncio.Future[Seq]":
        """Journal orders that no signal caused and that are already in the book."""
        event = OrdersCreated(at=self._clock.now(), orders=tuple(map(_planned, planned)))
        return self.unstored.watch(event, self._journal.append(event))

    def withdraw(self, order_id: OrderId) -> None:
        """Forget an order that was never stored, and give its reservation back."""
        record = self._records.pop(order_id, None)
        if record is not None:
            self._unlist(record)
            self._final.pop(order_id, None)
            self.commitments.move(record.order, record.view, None)

    def note_sent(self, record: Record) -> None:
        """Note that the first byte has left; it is journaled with what is learned of the order next."""
        if record.stages.sent_us is None:
            record.stages = replace(record.stages, sent_us=self._elapsed_us(record))

    def record(self, order_id: OrderId, *facts: Fact, haste: Haste = Haste.SOON) -> "asyncio.Future[Seq] | None":
        """Take in facts, in any order and any number of times; None if none was new, or all are kept for later.

        The state has changed when this returns; the future is done when the change is durable.
        """
        record = self._records[order_id]
        new = _unknown_of(facts, record.facts)
        if not new:
            return None
        before = record.view
        record.facts += new
        record.view = derive(record.order, record.facts)
        record.stages = self._stages(record, new)
        self.commitments.move(record.order, before, record.view)
        stored = self._journaled(record, new, haste)
        self._relist(record)
        for listener in self._listeners:
            listener(record, before)
        return stored

    def write_down(self) -> None:
        """Journal what was kept for later."""
        self._later_call = None
        for record, _ in tuple(self._later.values()):
            self._write(record, (), Haste.SOON)

    def _journaled(self, record: Record, new: tuple[Fact, ...], haste: Haste) -> "asyncio.Future[Seq] | None":
        if haste is Haste.DONE:
            return None
        return self._keep_for_later(record, new) if haste is Haste.LATER else self._write(record, new, haste)

    def _keep_for_later(self, record: Record, facts: tuple[Fact, ...]) -> "asyncio.Future[Seq] | None":
        order_id = record.order.order_id
        _, kept = self._later.get(order_id, (record, ()))
        self._later[order_id] = (record, kept + facts)
        if self._later_call is None:
            self._later_call = asyncio.get_running_loop().call_later(_LATER_S, self.write_down)
        return None

    def _write(self, record: Record, new: tuple[Fact, ...], haste: Haste) -> "asyncio.Future[Seq]":
        """Book the fills among new facts, and journal them with what was kept for later."""
        _, kept = self._later.pop(record.order.order_id, (record, ()))
        fills = tuple(self._fill(record.order, fact) for fact in new if fact.execution is not None)
        booked = tuple(self._book(fill) for fill in fills)
        append = self._journal.append if haste is Haste.NOW else self._journal.append_soon
        event = FactsRecorded(
            at=self._clock.now(),
            order_id=record.order.order_id,
            facts=kept + new,
            all_facts=record.facts,
            view=record.view,
            stages=record.stages,
            fills=fills,
            positions=tuple(b.position for b in booked),
            trades=tuple(b.trade for b in booked if b.trade is not None),
        )
        return self.unstored.watch(event, append(event))

    def _as_it_stands(self, event: FactsRecorded | OrdersCreated) -> FactsRecorded | OrdersCreated | None:
        """Return an event that was not stored as it is true now; None for orders that were withdrawn."""
        if isinstance(event, OrdersCreated):
            known = [self._records.get(planned.order.order_id) for planned in event.orders]
            orders = tuple(_planned(record) for record in known if record is not None)
            return replace(event, orders=orders) if orders else None
        record = self._records.get(event.order_id)
        if record is None:
            return None
        positions = {position.key: self._tracker.as_it_stands(position) for position in event.positions}
        return replace(
            event,
            all_facts=record.facts,
            view=record.view,
            stages=record.stages,
            positions=tuple(positions.values()),
        )

    def _take(self, record: Record) -> None:
        self._records[record.order.order_id] = record
        self.commitments.move(record.order, None, record.view)
        self._relist(record)

    def _fill(self, order: Order, fact: Fact) -> Fill:
        execution = fact.execution
        assert execution is not None  # noqa: S101 -- chosen by the caller
        return Fill(
            fill_id=f"{order.account}/{execution.execution_id}",
            order_id=order.order_id,
            account=order.account,
            platform=order.platform,
            strategy=order.strategy,
            symbol=order.symbol,
            platform_symbol=order.platform_symbol,
            side=order.side,
            quantity=execution.quantity,
            hub_quantity=execution.quantity * order.hub_quantity / order.quantity,
            price=execution.price,
            commission=execution.commission,
            currency=execution.currency,
            at=execution.at,
        )

    def _book(self, fill: Fill) -> Booked:
        return self._tracker.book(fill, point_value=self._point_value(fill.symbol))

    def _stages(self, record: Record, new: tuple[Fact, ...]) -> Stages:
        stages = record.stages
        for fact in new:
            name = _STAGE_OF.get(fact.kind)
            if name is None or getattr(stages, name) is not None:
                continue
            if name == "filled_us" and record.view.state is not OrderState.FILLED:
                continue
            stages = replace(stages, **{name: self._elapsed_us(record)})
        return stages

    def _elapsed_us(self, record: Record) -> int | None:
        """Return microseconds since the signal's last byte; by the wall clock if that was before a restart."""
        if record.began_perf is not None:
            return (self._clock.perf() - record.began_perf) // 1000
        if record.signal_received_at is not None:
            return (self._clock.now() - record.signal_received_at) // 1000
        return None

    def _relist(self, record: Record) -> None:
        order_id, key = record.order.order_id, _key(record.order)
        before, now = self._listed.get(order_id), _listing(record)
        if before is not now:
            self._unlist(record)
            if now is not None:
                self._listed[order_id] = now
                self._lists[now].setdefault(key, {})[order_id] = None
        if now is not None:
            self._final.pop(order_id, None)
        else:
            self._final[order_id] = None
            if len(self._final) > _KEPT_FINAL:
                oldest = next(iter(self._final))
                del self._final[oldest], self._records[oldest]

    def _unlist(self, record: Record) -> None:
        listing = self._listed.pop(record.order.order_id, None)
        if listing is None:
            return
        ids = self._lists[listing][_key(record.order)]
        del ids[record.order.order_id]
        if not ids:
            del self._lists[listing][_key(record.order)]


def foreseen(record: Record, fact: Fact) -> FactsRecorded:
    """Return what would be journaled of a fact, for a transaction that it is to be part of; nothing changes yet."""
    facts = (*record.facts, fact)
    return FactsRecorded(
        at=fact.at,
        order_id=record.order.order_id,
        facts=(fact,),
        all_facts=facts,
        view=derive(record.order, facts),
        stages=record.stages,
    )


def _planned(record: Record) -> PlannedOrder:
    return PlannedOrder(order=record.order, facts=record.facts, view=record.view)


def _unknown_of(facts: Iterable[Fact], known: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return what is new, each fact once: one report may repeat itself."""
    keys = {fact.key for fact in known}
    new = []
    for fact in facts:
        if fact.key not in keys:
            keys.add(fact.key)
            new.append(fact)
    return tuple(new)


def _listing(record: Record) -> Listing | None:
    """Say which list an order stands on; None once it is final."""
    if record.view.is_final:
        return None
    order = record.order
    if order.intent is Intent.PROTECTION:
        return Listing.PROTECTION
    if order.intent is Intent.EXIT:
        return Listing.EXIT
    if record.view.state is OrderState.READY:
        return Listing.UNSENT
    return Listing.MOVING if order.order_type is OrderType.MARKET else Listing.RESTING


def _key(order: Order) -> Key:
    return (order.strategy, order.account, order.symbol)
