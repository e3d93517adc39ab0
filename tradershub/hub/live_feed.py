"""What changes on open pages: follows the journal and the quotes, calmly, and never in the way of a trade."""

from collections import deque
from collections.abc import Callable
from itertools import count

from tradershub.domain.clock import iso
from tradershub.domain.events import (
    FactsRecorded,
    GateReset,
    GateSet,
    MessageRefused,
    Noted,
    OrdersCreated,
    SignalStored,
)
from tradershub.domain.ids import OrderId
from tradershub.domain.quantities import decimal_text
from tradershub.hub.order_book import OrderBook
from tradershub.hub.position_rows import PositionRows
from tradershub.hub.position_tracker import PositionTracker
from tradershub.ports.clock import Clock
from tradershub.ports.control import LiveEvent
from tradershub.ports.journal import Entry, Journal, Seq
from tradershub.ports.quotes import Quote
from tradershub.ports.views import Row

TOPICS = frozenset({"signals", "orders", "positions", "platforms", "gate", "status"})
_KEPT = 500
_MOST_PAINTED = 100
_PAINT_S = 0.25
_STATUS_NS = 1_000_000_000

Receiver = Callable[[LiveEvent], None]


class LiveFeed:
    """Implements ports.control.LiveFeed. What changed is painted at most four times a second, together.

    A burst of signals must not pay for the pages that look on: of each order the newest state is sent, of signals the
    newest few, which is what a page can show.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        tracker: PositionTracker,
        book: OrderBook,
        positions: PositionRows,
        platforms: Callable[[], tuple[Row, ...]],
        status: Callable[[], Row],
        kill: Callable[[], Row],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._tracker = tracker
        self._book = book
        self._positions = positions
        self._platforms = platforms
        self._status = status
        self._kill = kill
        self._receivers: dict[int, tuple[frozenset[str], Receiver]] = {}
        self._kept: deque[LiveEvent] = deque(maxlen=_KEPT)
        self._numbers = count(1)
        self._run = format(clock.now(), "x")
        self._dirty: set[str] = set()
        self._orders: dict[OrderId, None] = {}
        self._signals: deque[Row] = deque(maxlen=_MOST_PAINTED)
        self._shown: frozenset[str] = frozenset()
        self._status_due = 0
        self.last_signal_at: str | None = None

    def snapshot(self, topics: frozenset[str]) -> LiveEvent:
        """Return everything that the topics show now, as one event."""
        payload: dict[str, object] = {"topics": sorted(topics), "at": iso(self._clock.now())}
        if "positions" in topics:
            payload["positions"] = [self._positions.row(position) for position in self._tracker.positions()]
        if "platforms" in topics:
            payload["platforms"] = self._platforms()
        if "gate" in topics:
            payload["gate"] = self._kill()
        if "status" in topics:
            payload["status"] = self._status()
        return LiveEvent(event_id=self._next_id(), topic="snapshot", name="snapshot", payload=payload)

    def subscribe(self, topics: frozenset[str], after: str | None, receiver: Receiver) -> Callable[[], None]:
        number = next(self._numbers)
        missed = self._since(after)
        for event in missed:
            if event.topic in topics:
                receiver(event)
        self._receivers[number] = (topics, receiver)
        return lambda: self._receivers.pop(number, None) and None

    def quote(self, quote: Quote) -> None:
        """Note that positions of a symbol have a new value."""
        if self._receivers:
            self._dirty.add(quote.symbol)

    async def follow(self, after: Seq) -> None:
        """Turn the journal into events for pages; runs until cancelled."""
        async for entry in self._journal.follow(after):
            if isinstance(entry.event, SignalStored):
                self.last_signal_at = iso(entry.event.at)
            if self._receivers:
                self._tell(entry)

    async def paint(self) -> None:
        """Send positions that changed in value, and the status once a second; runs until cancelled."""
        while True:
            await self._clock.sleep(_PAINT_S)
            if not self._receivers:
                continue
            self._paint_log()
            self._paint_positions()
            now = self._clock.monotonic()
            if now >= self._status_due:
                self._status_due = now + _STATUS_NS
                self._send("status", "status", self._status())

    def _paint_log(self) -> None:
        signals, orders = tuple(self._signals), tuple(self._orders)[-_MOST_PAINTED:]
        self._signals.clear()
        self._orders.clear()
        for payload in signals:
            self._send("signals", "signal", payload)
        for order_id in orders:
            self._order(order_id)

    def _paint_positions(self) -> None:
        dirty, self._dirty = self._dirty, set()
        open_now = self._tracker.positions()
        ids = frozenset(p.position_id for p in open_now)
        for position in open_now:
            if position.symbol in dirty or position.position_id not in self._shown:
                self._send("positions", "position", self._positions.row(position))
        for closed in self._shown - ids:
            self._send("positions", "position", {"id": closed, "quantity": "0", "closed": True})
        self._shown = ids

    def _tell(self, entry: Entry) -> None:
        match entry.event:
            case SignalStored() as stored:
                signal = stored.signal
                payload = {"signal_id": signal.signal_id, "status": stored.status.value, "strategy": signal.strategy}
                self._signals.append({**payload, "at": iso(stored.at)})
            case MessageRefused():
                self._signals.append({"signal_id": None, "status": "refused", "at": iso(entry.event.at)})
            case FactsRecorded() as recorded:
                self._orders[recorded.order_id] = None
                self._dirty.update(position.symbol for position in recorded.positions)
            case OrdersCreated() as created:
                self._orders.update((planned.order.order_id, None) for planned in created.orders)
            case GateSet() | GateReset():
                self._send("gate", "gate", self._kill())
            case Noted(kind="platform_up" | "platform_down"):
                for row in self._platforms():
                    self._send("platforms", "platform", row)
            case _:
                pass

    def _order(self, order_id: OrderId) -> None:
        record = self._book.get(order_id)
        if record is None:
            return
        view, order = record.view, record.order
        average = None if view.average_price is None else decimal_text(view.average_price)
        payload = {
            "order_id": order.order_id,
            "signal_id": order.signal_id,
            "account": order.account,
            "symbol": order.symbol,
            "side": order.side.value,
            "quantity": decimal_text(view.quantity),
            "state": view.state.value,
            "filled": decimal_text(view.filled),
            "average_price": average,
        }
        self._send("orders", "order", payload)

    def _send(self, topic: str, name: str, payload: Row) -> None:
        event = LiveEvent(event_id=self._next_id(), topic=topic, name=name, payload=payload)
        self._kept.append(event)
        for topics, receiver in tuple(self._receivers.values()):
            if topic in topics:
                receiver(event)

    def _since(self, after: str | None) -> list[LiveEvent]:
        """Return what is kept after an event id of this run; nothing if it is unknown: the snapshot tells all."""
        kept = list(self._kept)
        position = next((i for i, event in enumerate(kept) if event.event_id == after), None)
        return [] if position is None else kept[position + 1 :]

    def _next_id(self) -> str:
        return f"{self._run}-{next(self._numbers)}"
