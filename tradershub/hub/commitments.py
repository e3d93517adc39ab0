"""What is under way: the sizes that working and unanswered orders may still add to a position."""

from dataclasses import dataclass, field
from decimal import Decimal

from tradershub.domain.orders import Intent, Order, OrderState, OrderView
from tradershub.domain.signals import OrderType, Side

ZERO = Decimal(0)
Key = tuple[str | None, str, str]
"""(strategy, account, symbol)"""


@dataclass(slots=True)
class Commitment:
    """Open sizes in hub units. Protective orders are not in here: they wait, and only reduce.

    `moving`: market entries that have left and all exits, which are as good as done, signed. `waiting`: entries that
    have not left, and `resting`: those that wait for a price at the platform; positive, by side: the sides do not net.
    """

    moving: Decimal = ZERO
    waiting: dict[Side, Decimal] = field(default_factory=dict)
    resting: dict[Side, Decimal] = field(default_factory=dict)


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
        key = (order.strategy, order.account, order.symbol)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = Commitment()
        _add(sums, order, before, sign=-1)
        _add(sums, order, after, sign=1)


def _add(sums: Commitment, order: Order, view: OrderView | None, *, sign: int) -> None:
    if view is None:
        return
    left = view.open_quantity
    if not left:
        return
    size = left * order.hub_quantity / order.quantity * sign
    if order.intent is Intent.EXIT:
        sums.moving += size * order.side.sign
    elif view.state is OrderState.READY:
        sums.waiting[order.side] = sums.waiting.get(order.side, ZERO) + size
    elif order.order_type is not OrderType.MARKET:
        sums.resting[order.side] = sums.resting.get(order.side, ZERO) + size
    else:
        sums.moving += size * order.side.sign
