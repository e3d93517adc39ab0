"""What a stored plan sets in motion: its orders leave, others are called off, stops are moved, a strategy pauses."""

from collections.abc import Callable
from decimal import Decimal

from tradershub.domain.orders import OrderChange
from tradershub.domain.risk import blocked
from tradershub.domain.signals import DistanceUnit, Signal
from tradershub.hub.execution_router import ExecutionRouter
from tradershub.hub.order_book import Record
from tradershub.hub.plans import Plan


class Aftermath:
    """Runs after the commit, before the answer; nothing in it waits."""

    def __init__(self, *, router: ExecutionRouter, pause: Callable[[str], None]) -> None:
        self._router = router
        self._pause = pause

    def carry_out(self, plan: Plan) -> None:
        for record in plan.leaving:
            self._router.send(record)
        for record in plan.withdraw:
            self._router.withdraw(record, blocked("superseded", "an exit came before it was sent"))
        for record in plan.cancel:
            self._router.cancel(record)
        for record in plan.modify:
            change = _change_of(record, plan.resolved.signal)
            if change is not None:
                self._router.modify(record, change)
        if plan.pause and plan.resolved.signal.strategy is not None:
            self._pause(plan.resolved.signal.strategy)


def _change_of(record: Record, signal: Signal) -> OrderChange | None:
    """Return what a modify signal changes of a protective order; only absolute prices move a working order."""
    order = record.order
    if order.leg.startswith("stop_loss"):
        price = _price(signal.stop_loss.value, signal.stop_loss.unit) if signal.stop_loss else None
        return None if price is None else OrderChange(stop_price=price)
    index = int(order.leg.rpartition("_")[2] or 1) - 1 if order.leg.rpartition("_")[2].isdigit() else 0
    if index >= len(signal.take_profit):
        return None
    target = signal.take_profit[index]
    price = _price(target.value, target.unit)
    return None if price is None else OrderChange(limit_price=price)


def _price(value: Decimal, unit: DistanceUnit) -> Decimal | None:
    return value if unit is DistanceUnit.PRICE else None
