"""Takes a position off for a person: whole or in part, at most what is open, and what is in the way first."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.domain.orders import Fact, FactKind, Order, OrderState, Origin
from tradershub.domain.positions import Position
from tradershub.domain.quantities import decimal_text
from tradershub.hub.answers import order_row
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.engine import Engine
from tradershub.hub.flattening import as_good_as_done, exit_of, resting_exits
from tradershub.hub.order_book import Listing, Record
from tradershub.ports.clock import Clock
from tradershub.ports.views import Row


class PositionCloser:
    """Nothing is awaited between what is checked and what is reserved."""

    def __init__(self, engine: Engine, *, clock: Clock, step_of: Callable[[str, str], Decimal]) -> None:
        self._tracker = engine.tracker
        self._book = engine.book
        self._lanes = engine.lanes
        self._router = engine.router
        self._risk = engine.risk
        self._clock = clock
        self._step_of = step_of

    async def close(self, position_id: str, document: Mapping[str, object], key: str) -> Row:
        position = self._tracker.find(position_id)
        if position is None:
            raise RequestRefused(404, "not_found", "there is no open position of this id", field="id", got=position_id)
        quantity = self._quantity(document, position)
        replaced = self._in_the_way(position, quantity)
        now = self._clock.now()
        order = exit_of(position, quantity, cause=f"close:{position_id}:{key}", at=now, origin=Origin.PERSON)
        capabilities = self._lanes.links.capabilities(order.platform)
        if replaced and capabilities is not None and capabilities.pushes_fills:
            order = replace(order, after=replaced[-1].order.order_id)
        reason = self._risk.last_gate(order, None, now)
        if reason is not None:
            raise RequestRefused(409, reason.code, reason.message)
        record = await self._made(order, now)
        waiting = self._book.listed(_key(position), Listing.UNSENT, Listing.RESTING)
        # A closed position is not to open again by an entry that has not filled.
        for other in (*replaced, *waiting):
            self._router.cancel(other)
        return {"orders": [order_row(record)]}

    async def _made(self, order: Order, now: Nanos) -> Record:
        """Take an exit in, make it durable and send it; what could not be stored leaves nothing behind."""
        waits = self._lanes.take_slot(order)
        kind = FactKind.SENDING if waits is None else FactKind.READY
        record = self._book.add(order, Fact(kind=kind, at=now, reason=waits))
        try:
            await self._book.create(record)
        except StoreError:
            if record.view.state is OrderState.SENDING:
                self._lanes.give_back(order, unused=True)
            self._lanes.leave(order)
            self._book.withdraw(order.order_id)
            raise
        if waits is None:
            self._router.send(record)
        return record

    def _quantity(self, document: Mapping[str, object], position: Position) -> Decimal:
        reader = DocumentReader(document)
        quantity = reader.decimal("quantity") or abs(position.quantity)
        reader.finish()
        if quantity > abs(position.quantity):
            raise refused("quantity", quantity, f"the position is {decimal_text(abs(position.quantity))}")
        step = self._step_of(position.platform, position.symbol)
        if quantity % step and quantity != abs(position.quantity):
            raise refused("quantity", quantity, f"sizes go in steps of {decimal_text(step)}", code="off_step")
        return quantity

    def _in_the_way(self, position: Position, quantity: Decimal) -> tuple[Record, ...]:
        """Return the resting exits that have to go so that so much can be taken off; refuses what is being done."""
        key, wanted = _key(position), quantity * position.hub_quantity / position.quantity
        sign = 1 if position.quantity > 0 else -1
        if (position.hub_quantity + self._book.commitments.of(key).moving) * sign >= wanted:
            return ()
        resting = resting_exits(self._book, key)
        if resting and (position.hub_quantity + as_good_as_done(self._book, key)) * sign >= wanted:
            return resting
        raise RequestRefused(409, "already_closing", "an exit of this position is under way", got=position.position_id)


def _key(position: Position) -> tuple[str | None, str, str]:
    return (position.strategy, position.account, position.symbol)
