"""What a plan sets in motion: its orders leave, others are called off, stops are moved, a strategy pauses."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from tradershub.domain.orders import OrderChange
from tradershub.domain.signals import DistanceUnit, Signal
from tradershub.hub.execution_router import ExecutionRouter, calling_off, changing
from tradershub.hub.order_book import Record, foreseen
from tradershub.hub.plans import Consequence, Plan
from tradershub.ports.clock import Clock


class Aftermath:
    """`foresee` runs before the commit and changes nothing; `carry_out` after it, before the answer; nothing waits."""

    def __init__(self, *, router: ExecutionRouter, clock: Clock, pause: Callable[[str], Consequence]) -> None:
        self._router = router
        self._clock = clock
        self._pause = pause

    def foresee(self, plan: Plan) -> tuple[Consequence, ...]:
        """Return what has to be as durable as the signal: a signal that was answered is not half done after a crash."""
        if not (plan.withdraw or plan.cancel or plan.modify or plan.pause):
            return ()
        changes = [self._called_off(record) for record in (*plan.withdraw, *plan.cancel)]
        for record in plan.modify:
            change = _change_of(record, plan.resolved.signal)
            if change is not None:
                changes.append(self._changed(record, change))
        if plan.pause and plan.resolved.signal.strategy is not None:
            changes.append(self._pause(plan.resolved.signal.strategy))
        return tuple(changes)

    def carry_out(self, plan: Plan, consequences: tuple[Consequence, ...]) -> None:
        for record in plan.leaving:
            self._router.send(record)
        for consequence in consequences:
            consequence.carry_out()

    def _called_off(self, record: Record) -> Consequence:
        fact = calling_off(record, self._clock.now())
        return Consequence(event=foreseen(record, fact), carry_out=partial(self._router.cancel, record, fact))

    def _changed(self, record: Record, change: OrderChange) -> Consequence:
        fact = changing(record, change, self._clock.now())
        return Consequence(event=foreseen(record, fact), carry_out=partial(self._router.modify, record, fact))


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
