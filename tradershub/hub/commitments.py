"""What is under way: the sizes that working and unanswered orders may still add to a position."""

from dataclasses import dataclass
from decimal import Decimal

from tradershub.domain.orders import Intent, Order, OrderView
from tradershub.domain.signals import Side

ZERO = Decimal(0)
Key = tuple[str | None, str, str]
"""(strategy, account, symbol)"""


@dataclass(slots=True)
class Commitment:
    """Open sizes in hub units, positive each. Protective orders are not in here: they wait, and only reduce."""

    entry_buy: Decimal = ZERO
    entry_sell: Decimal = ZERO
    exit_buy: Decimal = ZERO
    exit_sell: Decimal = ZERO

    @property
    def entries(self) -> Decimal:
        """What the entries under way come to, signed."""
        return self.entry_buy - self.entry_sell

    @property
    def exits(self) -> Decimal:
        return self.exit_buy - self.exit_sell


class Commitments:
    """Sums by (strategy, account, symbol), kept by differences so that their cost does not grow with what is open."""

    def __init__(self) -> None:
        self._sums: dict[Key, Commitment] = {}

    def of(self, key: Key) -> Commitment:
        return self._sums.get(key) or Commitment()

    def move(self, order: Order, before: OrderView | None, after: OrderView | None) -> None:
        """Take an order's change of state into the sums; None stands for an order that is not there."""
        if order.intent is Intent.PROTECTION:
            return
        change = _open(after) - _open(before)
        if not change:
            return
        sums = self._sums.setdefault((order.strategy, order.account, order.symbol), Commitment())
        change = change * order.hub_quantity / order.quantity
        if order.intent is Intent.ENTRY:
            if order.side is Side.BUY:
                sums.entry_buy += change
            else:
                sums.entry_sell += change
        elif order.side is Side.BUY:
            sums.exit_buy += change
        else:
            sums.exit_sell += change


def _open(view: OrderView | None) -> Decimal:
    return ZERO if view is None else view.open_quantity
