"""What a person does with positions: look at them, close them whole or in part."""

from collections import OrderedDict
from collections.abc import Mapping

from tradershub.domain.errors import RequestRefused
from tradershub.domain.orders import Fact, FactKind, Origin
from tradershub.domain.quantities import decimal_text
from tradershub.hub.answers import order_row
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.engine import Engine
from tradershub.hub.flattening import exit_of
from tradershub.hub.order_book import Listing, Record
from tradershub.hub.position_rows import PositionRows
from tradershub.hub.settings_desk import not_found
from tradershub.ports.clock import Clock
from tradershub.ports.views import Row

_KEPT_ANSWERS = 1000


class PositionDesk:
    """Implements ports.control.PositionDesk."""

    def __init__(self, engine: Engine, rows: PositionRows, *, clock: Clock) -> None:
        self._tracker = engine.tracker
        self._rows = rows
        self._book = engine.book
        self._lanes = engine.lanes
        self._router = engine.router
        self._risk = engine.risk
        self._clock = clock
        self._answers: OrderedDict[str, Row] = OrderedDict()

    def rows(
        self,
        *,
        account: str | None = None,
        strategy: str | None = None,
        symbol: str | None = None,
        platform: str | None = None,
    ) -> tuple[Row, ...]:
        return tuple(
            self._rows.row(position)
            for position in sorted(self._tracker.positions(), key=lambda p: -p.opened_at)
            if account in (None, position.account)
            and strategy in (None, position.strategy)
            and symbol in (None, position.symbol)
            and platform in (None, position.platform)
        )

    async def close(self, position_id: str, document: Mapping[str, object], *, who: str, key: str | None) -> Row:
        if key is not None and key in self._answers:
            return self._answers[key]
        position = self._tracker.find(position_id)
        if position is None:
            raise not_found("open position", position_id)
        reader = DocumentReader(document)
        quantity = reader.decimal("quantity") or abs(position.quantity)
        reader.finish()
        held = (position.strategy, position.account, position.symbol)
        left = abs(position.hub_quantity + self._book.commitments.of(held).moving)
        if quantity > abs(position.quantity):
            raise refused("quantity", quantity, f"the position is {decimal_text(abs(position.quantity))}")
        if left < abs(position.hub_quantity) and left * abs(position.quantity) < quantity * abs(position.hub_quantity):
            raise RequestRefused(409, "already_closing", "an exit of this position is under way", got=position_id)
        now = self._clock.now()
        cause = f"close:{position_id}:{key or now}"
        order = exit_of(position, quantity, cause=cause, at=now, origin=Origin.PERSON)
        reason = self._risk.last_gate(order, None, now)
        if reason is not None and reason.code != "kill":
            raise RequestRefused(409, reason.code, reason.message)
        waiting = self._lanes.take_slot(order)
        kind = FactKind.SENDING if waiting is None else FactKind.READY
        record = self._book.add(order, Fact(kind=kind, at=now, reason=waiting))
        await self._book.create(record)
        if waiting is None:
            self._router.send(record)
        self._call_off_entries(record)
        answer: Row = {"orders": [order_row(record)]}
        if key is not None:
            self._answers[key] = answer
            if len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def _call_off_entries(self, exit_record: Record) -> None:
        """A closed position is not to open again by an entry that still rests."""
        order = exit_record.order
        for record in self._book.listed((order.strategy, order.account, order.symbol), Listing.RESTING):
            self._router.cancel(record)
