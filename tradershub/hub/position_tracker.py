"""Positions per strategy, account and symbol, as the fills have made them."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from tradershub.domain.positions import Booked, Fill, Position, book_fill
from tradershub.hub.commitments import ZERO, Key


class PositionTracker:
    """Open positions in memory. On a hedging account each ticket is one position; a strategy's holding is their sum."""

    def __init__(self, positions: Iterable[Position] = ()) -> None:
        self._open: dict[Key, dict[str | None, Position]] = {}
        for position in positions:
            self.put(position)

    def held(self, key: Key) -> Decimal:
        """Return what is held, signed, in hub units."""
        tickets = self._open.get(key)
        return sum((p.hub_quantity for p in tickets.values()), ZERO) if tickets else ZERO

    def positions(self) -> tuple[Position, ...]:
        return tuple(position for tickets in self._open.values() for position in tickets.values())

    def of(self, key: Key) -> tuple[Position, ...]:
        return tuple(self._open.get(key, {}).values())

    def as_it_stands(self, position: Position) -> Position:
        """Return what has become of a position; flat if it is gone."""
        tickets = self._open.get((position.strategy, position.account, position.symbol), {})
        return tickets.get(position.ticket) or replace(position, quantity=ZERO, hub_quantity=ZERO)

    def find(self, position_id: str) -> Position | None:
        return next((position for position in self.positions() if position.position_id == position_id), None)

    def book(self, fill: Fill, *, point_value: Decimal, ticket: str | None = None) -> Booked:
        """Apply a fill and return what it made of the position."""
        tickets = self._open.get((fill.strategy, fill.account, fill.symbol), {})
        booked = book_fill(tickets.get(ticket), fill, point_value=point_value, ticket=ticket)
        self.put(booked.position)
        return booked

    def put(self, position: Position) -> None:
        """Replace one position row; a flat one goes."""
        key = (position.strategy, position.account, position.symbol)
        if not position.is_flat:
            self._open.setdefault(key, {})[position.ticket] = position
            return
        tickets = self._open.get(key)
        if tickets is not None:
            tickets.pop(position.ticket, None)
            if not tickets:
                del self._open[key]
