"""An order as the paper broker keeps it, and how it is reported."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import Execution, FactKind, Intent, Order, OrderChange, Reason
from tradershub.domain.signals import OrderType, Protection, Side, TimeInForce
from tradershub.ports.executor import OrderReport

ZERO = Decimal(0)


class PaperState(StrEnum):
    IN_TRANSIT = "in_transit"
    WORKING = "working"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


_NEWEST = {
    PaperState.WORKING: FactKind.ACCEPTED,
    PaperState.FILLED: FactKind.FILL,
    PaperState.CANCELED: FactKind.CANCELED,
    PaperState.EXPIRED: FactKind.EXPIRED,
    PaperState.REJECTED: FactKind.REJECTED,
}


@dataclass(slots=True, kw_only=True, eq=False)
class PaperOrder:
    """One order of the book; changed in place by the broker alone, within one turn of the event loop.

    `parent` and `leg` belong to the child of a bracket. On an entry, `bracket_open` is what its children still
    protect, `bracket_total` what they ever did. `revision` counts changes of size that the broker made by itself.
    """

    order_id: OrderId
    account: AccountId
    strategy: str
    """Empty for an order of no strategy."""
    symbol: str
    platform_symbol: str
    intent: Intent
    side: Side
    quantity: Decimal
    order_type: OrderType
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail: Decimal | None
    stop_loss: Protection | None
    take_profit: tuple[Protection, ...]
    time_in_force: TimeInForce
    good_till: Nanos | None
    reference_price: Decimal | None
    oco_group: str | None
    arrives_at: Nanos
    parent: OrderId | None = None
    leg: str | None = None
    state: PaperState = PaperState.IN_TRANSIT
    ends_at: Nanos | None = None
    ended_at: Nanos | None = None
    triggered: bool = False
    filled: Decimal = ZERO
    executions: list[Execution] = field(default_factory=list)
    reason: Reason | None = None
    revision: int = 0
    bracket_open: Decimal = ZERO
    bracket_total: Decimal = ZERO

    @property
    def platform_order_id(self) -> str:
        return "P" + self.order_id.removeprefix("TH")

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def is_working(self) -> bool:
        return self.state is PaperState.WORKING

    @property
    def is_live(self) -> bool:
        """Whether the broker still has something to do with it."""
        return self.state in (PaperState.WORKING, PaperState.IN_TRANSIT) or self.bracket_open > 0

    @property
    def is_bracket(self) -> bool:
        return self.stop_loss is not None or bool(self.take_profit)


def paper_order(order: Order, *, arrives_at: Nanos) -> PaperOrder:
    return PaperOrder(
        order_id=order.order_id,
        account=order.account,
        strategy=order.strategy or "",
        symbol=order.symbol,
        platform_symbol=order.platform_symbol,
        intent=order.intent,
        side=order.side,
        quantity=order.quantity,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trail=order.trail,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
        time_in_force=order.time_in_force,
        good_till=order.good_till,
        reference_price=order.reference_price,
        oco_group=order.oco_group,
        arrives_at=arrives_at,
    )


def report(
    order: PaperOrder,
    kind: FactKind,
    at: Nanos,
    *,
    executions: tuple[Execution, ...] = (),
    change: OrderChange | None = None,
    number: int = 1,
) -> OrderReport:
    """Tell one thing of an order. The children of a bracket are not the hub's own: they carry parent and leg."""
    is_child = order.parent is not None
    return OrderReport(
        account=order.account,
        order_id=None if is_child else order.order_id,
        kind=kind,
        at=at,
        platform_order_id=order.platform_order_id,
        executions=executions,
        reason=order.reason,
        number=number,
        change=change,
        parent=order.parent,
        leg=order.leg,
        platform_symbol=order.platform_symbol,
        side=order.side,
        quantity=order.quantity,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
    )


def standing(order: PaperOrder, at: Nanos) -> OrderReport:
    """Tell how an order stands, with all its executions."""
    return report(order, _NEWEST[order.state], at, executions=tuple(order.executions))
