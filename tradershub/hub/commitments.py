"""What is under way: the sizes that working and unanswered orders may still add to a position."""

from dataclasses import dataclass
from decimal import Decimal

from tradershub.domain.orders import Intent, Order, OrderView
from tradershub.domain.signals import OrderType

ZERO = Decimal(0)
Key = tuple[str | None, str, str]
"""(strategy, account, symbol)"""


@dataclass(slots=True)
class Commitment:
    """Open sizes in hub units, signed. Protective orders are not in here: they wait, and only reduce.

    `moving`: market entries and all exits, which are as good as done; `resting`: entries that wait for a price.
    """

    moving: Decimal = ZERO
    resting: Decimal = ZERO


_NOTHING = Commitment()


class Commitments:
    """Sums by (strategy, account, symbol), kept by differences so that their cost does not grow with what is open."""

    def __init__(self) -> None:
        self._sums: dict[Key, Commitment] = {}

    def of(self, key: Key) -> Commitment:
        return self._sums.get(key, _NOTHING)

    def move(self, order: Order, before: OrderView | None, after: OrderView | None) -> None:
        """Take an order's change of state into the sums; None stands for an order that is not there."""
        if order.intent is Intent.PROTECTION:
            return
        change = _open(after) - _open(before)
        if not change:
            return
        key = (order.strategy, order.account, order.symbol)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = Commitment()
        signed = change * order.hub_quantity / order.quantity * order.side.sign
        if order.intent is Intent.ENTRY and order.order_type is not OrderType.MARKET:
            sums.resting += signed
        else:
            sums.moving += signed


def _open(view: OrderView | None) -> Decimal:
    return ZERO if view is None else view.open_quantity
