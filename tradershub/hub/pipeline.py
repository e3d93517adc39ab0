"""The sequence of one signal, in memory, with nothing awaited in between: resolve, admit, fan out, admit each order."""

from tradershub.domain.events import SignalStatus
from tradershub.domain.orders import OrderState
from tradershub.domain.risk import blocked
from tradershub.domain.signals import Action, Signal
from tradershub.domain.sources import Source
from tradershub.hub.account_planner import AccountPlanner
from tradershub.hub.engine import Engine
from tradershub.hub.plans import Moment, Plan, concluded, stopped
from tradershub.hub.signal_resolver import SignalResolver
from tradershub.hub.surroundings import Surroundings
from tradershub.hub.trade_copier import fan_out
from tradershub.ports.quotes import Quotes


class Pipeline:
    """Holds the sequence and no rule: each step is asked of the part whose job it is."""

    def __init__(self, given: Surroundings, engine: Engine, quotes: Quotes) -> None:
        self._registry = given.registry
        self._resolver = SignalResolver(given.market, strict_ticks=given.strict_ticks)
        self._risk = engine.risk
        self._book = engine.book
        self._lanes = engine.lanes
        self._accounts = AccountPlanner(given, engine, quotes)

    def plan(self, signal: Signal, source: Source, moment: Moment) -> Plan:
        """Decide one signal and reserve what it takes; raises SignalRefused for what is wrong in itself."""
        resolved = self._resolver.resolve(signal, source, moment.at)
        strategy = self._registry.strategies.get(signal.strategy or "")
        if strategy is None:
            written = "the message names no strategy" if signal.strategy is None else f'no strategy "{signal.strategy}"'
            return stopped(resolved, blocked("unknown_strategy", f"{written}: adopt it on the Strategies page"))
        reason = self._risk.admit_signal(resolved, strategy, source)
        if reason is not None:
            return stopped(resolved, reason)
        if signal.action is Action.DISABLE:
            return Plan(resolved=resolved, status=SignalStatus.ACCEPTED, reason=None, pause=True)
        copies = fan_out(resolved.signal, strategy)
        plan = Plan(resolved=resolved, status=SignalStatus.BLOCKED, reason=None, skipped=copies.skipped)
        try:
            for target in copies.targets:
                plan = self._accounts.add(plan, strategy, target, moment)
        except BaseException:
            self.undo(plan)
            raise
        return concluded(plan)

    def undo(self, plan: Plan) -> None:
        """Give back the slots, places in line and reservations of a plan that was not stored."""
        for record in reversed(plan.records):
            if record.view.state is OrderState.SENDING:
                self._lanes.give_back(record.order, unused=True)
            self._lanes.leave(record.order)
            self._book.withdraw(record.order.order_id)
        for record in plan.withdraw:
            if record.view.state is OrderState.READY:
                self._lanes.queue(record.order)
                self._lanes.wake(record.order.account)
