"""What a restarted hub asks of the tables, answered from a MemoryJournal."""

from tradershub.domain.clock import Nanos
from tradershub.domain.events import (
    Event,
    FactsRecorded,
    GateReset,
    GateSet,
    OrdersCreated,
    PlannedOrder,
    PositionsAdopted,
    SignalStored,
    Stages,
)
from tradershub.domain.ids import OrderId, PositionId, SignalId
from tradershub.domain.orders import Order, OrderView
from tradershub.domain.positions import Position
from tradershub.domain.risk import GateRow
from tradershub.ports.views import KnownSignal, OpenOrder, Recovery
from tradershub.testing.memory_journal import MemoryJournal


class MemoryViews:
    """The part of ports.views.Views that the hub needs itself; pages' questions are not answered here."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal

    async def recovery(self, signals_since: Nanos) -> Recovery:
        tables = self.tables()
        return Recovery(
            orders=tuple(tables.open_order(one) for one in tables.orders if not tables.views[one].is_final),
            positions=tuple(tables.positions.values()),
            gates=tuple(tables.gates.values()),
            recent_signals=tuple(s for s in tables.signals.values() if s.received_at >= signals_since),
        )

    async def known_signal(self, dedupe_key: str) -> KnownSignal | None:
        return self.tables().signals.get(dedupe_key)

    async def order_record(self, order_id: OrderId) -> OpenOrder | None:
        tables = self.tables()
        return tables.open_order(order_id) if order_id in tables.orders else None

    async def order_of_platform_id(self, account: str, platform_order_id: str) -> OrderId | None:
        tables = self.tables()
        named = (
            order_id
            for order_id, view in tables.views.items()
            if view.platform_order_id == platform_order_id and tables.orders[order_id].account == account
        )
        return next(named, None)

    def tables(self) -> "MemoryTables":
        """Return the rows that the journal amounts to now."""
        tables = MemoryTables()
        for event in self._journal.events:
            tables.take(event)
        return tables


class MemoryTables:
    """Rows as events make them, in the order of the journal."""

    def __init__(self) -> None:
        self.orders: dict[OrderId, Order] = {}
        self.views: dict[OrderId, OrderView] = {}
        self.signals: dict[str, KnownSignal] = {}
        self.positions: dict[PositionId, Position] = {}
        self.gates: dict[str, GateRow] = {}
        self.fills: list[str] = []
        self._received: dict[SignalId, Nanos] = {}
        self._open: dict[OrderId, OpenOrder] = {}

    def open_order(self, order_id: OrderId) -> OpenOrder:
        return self._open[order_id]

    def take(self, event: Event) -> None:
        match event:
            case SignalStored():
                self._signal(event)
            case OrdersCreated():
                self._take_orders(event.orders)
            case FactsRecorded():
                self._facts(event)
            case PositionsAdopted():
                self._hold(event.positions)
            case GateSet():
                self.gates[event.row.scope] = event.row
            case GateReset():
                self.gates.pop(event.scope, None)
            case _:
                pass

    def _signal(self, event: SignalStored) -> None:
        self.signals[event.dedupe_key] = KnownSignal(
            signal_id=event.signal.signal_id,
            group=event.group,
            dedupe_key=event.dedupe_key,
            content_hash=event.content_hash,
            received_at=event.at,
        )
        self._received[event.signal.signal_id] = event.at
        self._take_orders(event.orders)

    def _take_orders(self, orders: tuple[PlannedOrder, ...]) -> None:
        for planned in orders:
            order = planned.order
            received = None if order.signal_id is None else self._received.get(order.signal_id)
            self.orders[order.order_id] = order
            self.views[order.order_id] = planned.view
            self._open[order.order_id] = OpenOrder(
                order=order, facts=planned.facts, stages=Stages(), signal_received_at=received
            )

    def _facts(self, event: FactsRecorded) -> None:
        known = self._open[event.order_id]
        self.views[event.order_id] = event.view
        self._open[event.order_id] = OpenOrder(
            order=known.order,
            facts=event.all_facts,
            stages=event.stages,
            signal_received_at=known.signal_received_at,
        )
        self.fills.extend(fill.fill_id for fill in event.fills)
        self._hold(event.positions)

    def _hold(self, positions: tuple[Position, ...]) -> None:
        for position in positions:
            self.positions.pop(position.position_id, None)
            if not position.is_flat:
                self.positions[position.position_id] = position
