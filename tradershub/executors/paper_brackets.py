"""The stops and targets that the paper broker works for its entries: made as these fill, shrunk as positions do."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import order_id
from tradershub.domain.instruments import Instrument
from tradershub.domain.orders import FactKind, Intent, OrderChange, Reason
from tradershub.domain.quantities import Rounding
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Side, TimeInForce
from tradershub.executors.paper_book import PaperBook
from tradershub.executors.paper_orders import ZERO, PaperOrder, PaperState
from tradershub.executors.paper_positions import PositionKey

STOP_LEG = "stop_loss"
BROKERS_OWN_CHANGE = 1000
"""Added to the number of a change that the hub did not ask for, so that it never meets one that it did."""
_AGAIN = re.compile(r"_again_\d+")
_AGAIN_AFTER = re.compile(r"stop_loss|take_profit")
"""A leg that is made anew keeps its beginning and its number: take_profit_again_2_1 is the first target's second."""
_UNITS = frozenset({DistanceUnit.PRICE, DistanceUnit.POINTS})


class Reporter(Protocol):
    """Tells the hub of an order and notes it for the file."""

    def __call__(
        self, order: PaperOrder, kind: FactKind, *, change: OrderChange | None = None, number: int = 1
    ) -> None: ...


def bracket_problem(order: PaperOrder) -> str | None:
    """Say what the broker cannot do with an order's stop and targets."""
    wanted = (*order.take_profit, *((order.stop_loss,) if order.stop_loss else ()))
    if any(protection.unit not in _UNITS for protection in wanted):
        return "stops and targets are prices or distances in points here"
    if wanted and order.intent is not Intent.ENTRY:
        return "only an entry can carry stops and targets"
    return None


class Brackets:
    """Keeps the children of each entry at the size that is still open of it: one fills, the other shrinks."""

    def __init__(
        self,
        *,
        book: PaperBook,
        now: Callable[[], Nanos],
        tell: Reporter,
        end: Callable[[PaperOrder, PaperState, Reason], None],
    ) -> None:
        self._book, self._now, self._tell, self._end = book, now, tell, end

    def child_filled(self, child: PaperOrder, quantity: Decimal) -> None:
        entry = self._book.find(child.parent) if child.parent is not None else None
        if entry is not None and entry.bracket_open:
            self._close(entry, min(quantity, entry.bracket_open), _SIBLING_FILLED)

    def child_canceled(self, child: PaperOrder) -> None:
        """Give a bracket up once nothing of it is left working."""
        entry = self._book.find(child.parent) if child.parent is not None else None
        if entry is not None and entry.bracket_open and not self._working(entry):
            entry.bracket_open = ZERO
            self._book.touch(entry)

    def fit(self, key: PositionKey) -> None:
        """Shrink the children of a position to what is still held, those of the oldest entry first."""
        held = self._book.positions.held(key).quantity
        for side in Side:
            entries = [entry for entry in self._book.brackets(key) if entry.side is side]
            excess = sum((entry.bracket_open for entry in entries), ZERO) - max(ZERO, held * side.sign)
            for entry in entries:
                closing = min(entry.bracket_open, excess)
                if closing > 0:
                    excess -= closing
                    self._close(entry, closing, _POSITION_CLOSED)

    def entry_filled(
        self, entry: PaperOrder, quantity: Decimal, price: Decimal, instrument: Instrument
    ) -> tuple[PaperOrder, ...]:
        """Protect what an entry's fill opened; return the children that are new."""
        key = self._book.positions.key_of(entry)
        held = self._book.positions.held(key).quantity * entry.side.sign
        protected = sum((e.bracket_open for e in self._book.brackets(key) if e.side is entry.side), ZERO)
        opened = min(quantity, held - protected)
        if opened <= 0:
            return ()
        before, step = entry.bracket_total, instrument.quantity_step
        entry.bracket_open += opened
        entry.bracket_total += opened
        self._book.touch(entry)
        new = (
            [] if entry.stop_loss is None else [self._grow(entry, STOP_LEG, entry.stop_loss, opened, price, instrument)]
        )
        legs = len(entry.take_profit)
        shares_before, shares = shared(before, legs, step), shared(entry.bracket_total, legs, step)
        for number, target in enumerate(entry.take_profit):
            more = shares[number] - shares_before[number]
            if more > 0:
                new.append(self._grow(entry, f"take_profit_{number + 1}", target, more, price, instrument))
        return tuple(child for child in new if child is not None)

    def resize(self, order: PaperOrder, quantity: Decimal) -> None:
        """Change the size of a working order without being asked to."""
        order.quantity = quantity
        order.revision += 1
        self._book.touch(order)
        self._tell(
            order,
            FactKind.MODIFIED,
            change=OrderChange(quantity=quantity),
            number=BROKERS_OWN_CHANGE + order.revision,
        )

    def _grow(
        self, entry: PaperOrder, leg: str, wanted: Protection, more: Decimal, price: Decimal, instrument: Instrument
    ) -> PaperOrder | None:
        """Enlarge a working child; return a new one where there is none."""
        for child in self._working(entry):
            if child.leg is not None and _AGAIN.sub("", child.leg) == leg:
                self.resize(child, child.quantity + more)
                return None
        child = self._child(entry, self._free_leg(entry, leg), wanted, price, instrument)
        child.quantity = more
        self._book.touch(child)
        self._tell(child, FactKind.ACCEPTED)
        return child

    def _free_leg(self, entry: PaperOrder, leg: str) -> str:
        name, attempt = leg, 1
        while self._book.find(order_id(entry.order_id, entry.account, name)) is not None:
            attempt += 1
            name = _AGAIN_AFTER.sub(rf"\g<0>_again_{attempt}", leg)
        return name

    def _child(
        self, entry: PaperOrder, leg: str, wanted: Protection, price: Decimal, instrument: Instrument
    ) -> PaperOrder:
        is_stop = leg.startswith(STOP_LEG)
        level = _level(entry.side, wanted, price, instrument, is_stop=is_stop)
        stop_type = OrderType.STOP if wanted.trailing is None else OrderType.TRAILING_STOP
        return PaperOrder(
            order_id=order_id(entry.order_id, entry.account, leg),
            account=entry.account,
            strategy=entry.strategy,
            symbol=entry.symbol,
            platform_symbol=entry.platform_symbol,
            intent=Intent.PROTECTION,
            side=entry.side.opposite,
            quantity=ZERO,
            order_type=stop_type if is_stop else OrderType.LIMIT,
            limit_price=None if is_stop else level,
            stop_price=level if is_stop else None,
            trail=wanted.trailing if is_stop else None,
            stop_loss=None,
            take_profit=(),
            time_in_force=TimeInForce.GTC,
            good_till=None,
            reference_price=price,
            oco_group=None,
            arrives_at=self._now(),
            parent=entry.order_id,
            leg=leg,
            state=PaperState.WORKING,
        )

    def _close(self, entry: PaperOrder, quantity: Decimal, reason: Reason) -> None:
        entry.bracket_open -= quantity
        children = self._working(entry)
        stops = [child for child in children if (child.leg or "").startswith(STOP_LEG)]
        targets = [child for child in children if child not in stops]
        for group in (stops, targets):
            excess = sum((child.remaining for child in group), ZERO) - entry.bracket_open
            for child in reversed(group):
                cut = min(child.remaining, excess)
                if cut > 0:
                    excess -= cut
                    self._cut(child, cut, reason)
        if not self._working(entry):
            entry.bracket_open = ZERO
        self._book.touch(entry)

    def _cut(self, child: PaperOrder, quantity: Decimal, reason: Reason) -> None:
        if quantity >= child.remaining:
            self._end(child, PaperState.CANCELED, reason)
        else:
            self.resize(child, child.quantity - quantity)

    def _working(self, entry: PaperOrder) -> tuple[PaperOrder, ...]:
        return tuple(child for child in self._book.children(entry.order_id) if child.is_working)


_SIBLING_FILLED = Reason(code="oco", message="the other order of the bracket filled")
_POSITION_CLOSED = Reason(code="position_closed", message="the position it protected was closed")


def shared(quantity: Decimal, legs: int, step: Decimal) -> tuple[Decimal, ...]:
    """Share a size out in whole steps, the earlier legs first; a larger size never makes a share smaller."""
    if not legs:
        return ()
    steps = int(quantity / step)
    shares = [step * ((steps + legs - 1 - number) // legs) for number in range(legs)]
    shares[0] += quantity - sum(shares, ZERO)
    return tuple(shares)


def _level(side: Side, wanted: Protection, price: Decimal, instrument: Instrument, *, is_stop: bool) -> Decimal:
    if wanted.unit is DistanceUnit.PRICE:
        return wanted.value
    distance = -wanted.value if is_stop else wanted.value
    # A stop toward the entry, a target as a limit of its side: for a long both are up.
    rounding = Rounding.UP if side is Side.BUY else Rounding.DOWN
    return instrument.price(price + side.sign * distance, rounding)
