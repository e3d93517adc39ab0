"""What one signal comes to: its orders, what else it sets in motion, or why nothing happens."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tradershub.domain.clock import Nanos
from tradershub.domain.events import Event, PlannedOrder, SignalStatus
from tradershub.domain.orders import FactKind, OrderState, Reason
from tradershub.domain.risk import blocked
from tradershub.domain.signals import Action
from tradershub.hub.order_book import Record
from tradershub.hub.signal_resolver import Resolved
from tradershub.hub.trade_copier import Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a message arrived: by the wall clock, and by the clock that stages count on."""

    at: Nanos
    perf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one signal comes to. Its orders are in the book and hold their reservations and slots.

    `withdraw`: entries that never left and are superseded; `cancel`: orders to be cancelled at their platform;
    `modify`: protective orders to be moved; `pause`: the strategy is to be paused.
    """

    resolved: Resolved
    status: SignalStatus
    reason: Reason | None
    records: tuple[Record, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    withdraw: tuple[Record, ...] = ()
    cancel: tuple[Record, ...] = ()
    modify: tuple[Record, ...] = ()
    pause: bool = False

    @property
    def planned_orders(self) -> tuple[PlannedOrder, ...]:
        return tuple(PlannedOrder(order=r.order, facts=r.facts, view=r.view) for r in self.records)

    @property
    def leaving(self) -> tuple[Record, ...]:
        """The orders that took a slot when they were planned; one that waited is sent by whoever claims it."""
        return tuple(record for record in self.records if record.facts[0].kind is FactKind.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """An event that belongs in the signal's own transaction, and what is done once that is durable."""

    event: Event
    carry_out: Callable[[], None]


def stopped(resolved: Resolved, reason: Reason) -> Plan:
    """Return the plan of a signal that goes nowhere."""
    return Plan(resolved=resolved, status=SignalStatus.BLOCKED, reason=reason)


def skip(plan: Plan, account: str, reason: Reason) -> Plan:
    """Return the plan with one more account that gets nothing."""
    return replace(plan, skipped=(*plan.skipped, Skipped(account=account, reason=reason)))


def concluded(plan: Plan) -> Plan:
    """Accepted if anything leaves, waits or is called off; else blocked, for the first reason that was given."""
    goes = any(record.view.state is not OrderState.BLOCKED for record in plan.records)
    if goes or plan.cancel or plan.withdraw or plan.modify:
        return replace(plan, status=SignalStatus.ACCEPTED)
    reasons = [r.view.reason for r in plan.records if r.view.reason is not None] + [s.reason for s in plan.skipped]
    if not reasons:
        nothing = plan.resolved.signal.action in (Action.CANCEL, Action.MODIFY, Action.FLATTEN)
        reasons = [
            blocked("nothing_to_close", "there is nothing to act on")
            if nothing
            else blocked("disabled", "the strategy has no enabled route to an account")
        ]
    return replace(plan, reason=reasons[0])
