"""The sequence of one signal, in memory, with nothing awaited in between: resolve, admit, fan out, admit each order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from tradershub.domain.accounts import Account
from tradershub.domain.clock import Nanos
from tradershub.domain.events import PlannedOrder, SignalStatus
from tradershub.domain.orders import Fact, FactKind, Intent, Order, OrderState, Reason
from tradershub.domain.risk import blocked
from tradershub.domain.signals import Action, Signal
from tradershub.domain.sources import Source
from tradershub.domain.strategies import Strategy
from tradershub.hub.flattening import exits_of_account
from tradershub.hub.market import Market
from tradershub.hub.order_book import OrderBook, Record
from tradershub.hub.order_builder import OrderBuilder, Situation
from tradershub.hub.position_tracker import PositionTracker
from tradershub.hub.registry import Registry
from tradershub.hub.risk_manager import RiskManager, admit_route
from tradershub.hub.routing import Lanes
from tradershub.hub.signal_resolver import Resolved, SignalResolver
from tradershub.hub.trade_copier import Skipped, Target, fan_out
from tradershub.ports.quotes import Quotes


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
        return tuple(record for record in self.records if record.view.state is OrderState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a message arrived: by the wall clock, and by the clock that stages count on."""

    at: Nanos
    perf: int


class Pipeline:
    """Holds the sequence and no rule: each step is asked of the part whose job it is."""

    def __init__(
        self,
        *,
        registry: Registry,
        market: Market,
        resolver: SignalResolver,
        risk: RiskManager,
        book: OrderBook,
        tracker: PositionTracker,
        lanes: Lanes,
        quotes: Quotes,
        balance: Callable[[Account], Decimal],
    ) -> None:
        self._registry = registry
        self._market = market
        self._resolver = resolver
        self._risk = risk
        self._book = book
        self._tracker = tracker
        self._lanes = lanes
        self._quotes = quotes
        self._balance = balance

    def plan(self, signal: Signal, source: Source, moment: Moment) -> Plan:
        """Decide one signal and reserve what it takes; raises SignalRefused for what is wrong in itself."""
        resolved = self._resolver.resolve(signal, source, moment.at)
        strategy = self._registry.strategies.get(signal.strategy or "")
        if strategy is None:
            written = "the message names no strategy" if signal.strategy is None else f'no strategy "{signal.strategy}"'
            return _blocked(resolved, blocked("unknown_strategy", f"{written}: adopt it on the Strategies page"))
        reason = self._risk.admit_signal(resolved, strategy, source)
        if reason is not None:
            return _blocked(resolved, reason)
        if signal.action is Action.DISABLE:
            return Plan(resolved=resolved, status=SignalStatus.ACCEPTED, reason=None, pause=True)
        return self._fan_out(resolved, strategy, moment)

    def undo(self, plan: Plan) -> None:
        """Give back the slots and reservations of a plan that was not stored."""
        for record in reversed(plan.records):
            if record.view.state is OrderState.SENDING:
                self._lanes.give_back(record.order)
            self._book.withdraw(record.order.order_id)

    def _fan_out(self, resolved: Resolved, strategy: Strategy, moment: Moment) -> Plan:
        copies = fan_out(resolved.signal, strategy)
        plan = Plan(resolved=resolved, status=SignalStatus.BLOCKED, reason=None, skipped=copies.skipped)
        try:
            for target in copies.targets:
                plan = self._target(plan, strategy, target, moment)
        except BaseException:
            self.undo(plan)
            raise
        return _concluded(plan)

    def _target(self, plan: Plan, strategy: Strategy, target: Target, moment: Moment) -> Plan:
        account = self._registry.accounts.get(target.route.account)
        if account is None:
            return _skip(plan, target, blocked("disabled", f"there is no account {target.route.account}"))
        if plan.resolved.signal.action is Action.FLATTEN:
            return self._flatten(plan, account, moment)
        reason = admit_route(target.route, strategy, account.platform, plan.resolved)
        if reason is not None:
            return _skip(plan, target, reason)
        symbol = self._held_symbol(plan.resolved, strategy, account)
        if plan.resolved.signal.action in (Action.CANCEL, Action.MODIFY):
            return self._touch_working(plan, (strategy.name, account.id, symbol))
        unit = self._market.platform_symbol(account.platform, symbol)
        if unit is None:
            return _skip(plan, target, blocked("unmapped", f"{symbol} is not mapped for {account.platform}"))
        key = (strategy.name, account.id, symbol)
        quote = self._quotes.latest(symbol)
        situation = Situation(
            account=account,
            platform_symbol=unit,
            held=self._tracker.held(key),
            moving=self._book.commitments.of(key).moving - self._unsent(key),
            price=None if quote is None else quote.middle,
        )
        resolved = replace(plan.resolved, signal=replace(plan.resolved.signal, symbol=symbol))
        builder = OrderBuilder(cause=resolved.signal.signal_id, at=moment.at, balance=self._balance)
        build = builder.build(resolved, strategy, target, situation)
        if build.exits or any(order.intent is Intent.EXIT for order in build.orders):
            plan = self._supersede(plan, key)
        if build.skipped is not None:
            return _skip(plan, target, build.skipped)
        return self._admit(plan, build.orders, strategy, moment)

    def _unsent(self, key: tuple[str, str, str]) -> Decimal:
        """Return the market entries that have not left, signed, in hub units: an exit does not count on them."""
        unsent = (r.order for r in self._book.working(key) if r.view.state is OrderState.READY)
        return sum(
            (o.hub_quantity * o.side.sign for o in unsent if o.intent is Intent.ENTRY and o.order_type == "market"),
            Decimal(0),
        )

    def _held_symbol(self, resolved: Resolved, strategy: Strategy, account: Account) -> str:
        """Return the contract to act on: an exit by a bare root goes to the one that is held."""
        symbol, instrument = resolved.signal.symbol or "", resolved.instrument
        if instrument is None or instrument.roll is None or self._tracker.held((strategy.name, account.id, symbol)):
            return symbol
        known = self._market.read(resolved.signal.symbol_as_written or "", resolved.signal.sent_at or Nanos(0))
        if known is None or known.dated or resolved.signal.action not in (Action.CLOSE, Action.CANCEL, Action.MODIFY):
            return symbol
        held = [
            position.symbol
            for position in self._tracker.positions()
            if (position.strategy, position.account) == (strategy.name, account.id)
            and self._market.instruments.of_symbol(position.symbol) is instrument
        ]
        return held[0] if len(held) == 1 else symbol

    def _admit(self, plan: Plan, orders: tuple[Order, ...], strategy: Strategy, moment: Moment) -> Plan:
        exiting = any(order.intent is Intent.EXIT for order in orders)
        refused: Reason | None = None
        before: Record | None = self._last_moving(orders[0]) if exiting else None
        for order in orders:
            waits = before is not None and self._must_wait(before)
            planned = replace(order, after=before.order.order_id) if waits and before is not None else order
            refused = refused or self._risk.admit_order(planned, strategy, moment.at)
            record = self._enter(planned, refused, moment)
            plan = replace(plan, records=(*plan.records, record))
            before = record
        return plan

    def _last_moving(self, exit_order: Order) -> Record | None:
        """Return the newest entry under way that an exit must let arrive first."""
        working = self._book.working((exit_order.strategy, exit_order.account, exit_order.symbol))
        entries = [r for r in working if r.order.intent is Intent.ENTRY and r.view.state is not OrderState.READY]
        return entries[-1] if entries and entries[-1].order.order_type == "market" else None

    def _must_wait(self, record: Record) -> bool:
        """Say whether a fill of that order will be reported: where none ever is, waiting for it makes no sense."""
        capabilities = self._lanes.capabilities(record.order.platform)
        return not record.view.is_final and capabilities is not None and capabilities.pushes_fills

    def _supersede(self, plan: Plan, key: tuple[str, str, str]) -> Plan:
        """An exit takes back its strategy's own entries that have not filled: unsent ones here, the others there."""
        entries = [r for r in self._book.working(key) if r.order.intent is Intent.ENTRY]
        unsent = tuple(r for r in entries if r.view.state is OrderState.READY and r not in plan.records)
        resting = tuple(r for r in entries if r.order.order_type != "market" and r not in unsent)
        return replace(plan, withdraw=(*plan.withdraw, *unsent), cancel=(*plan.cancel, *resting))

    def _enter(self, order: Order, refused: Reason | None, moment: Moment) -> Record:
        if refused is not None:
            fact = Fact(kind=FactKind.BLOCKED, at=moment.at, reason=refused)
        else:
            waiting = self._lanes.take_slot(order)
            kind = FactKind.SENDING if waiting is None else FactKind.READY
            fact = Fact(kind=kind, at=moment.at, reason=waiting)
        return self._book.add(order, fact, began_perf=moment.perf, received_at=moment.at)

    def _flatten(self, plan: Plan, account: Account, moment: Moment) -> Plan:
        cause = plan.resolved.signal.signal_id
        orders = exits_of_account(self._tracker.positions(), account, cause=cause, at=moment.at)
        records = []
        for order in orders:
            refused = self._risk.admit_order(replace(order, signal_id=cause), None, moment.at)
            records.append(self._enter(replace(order, signal_id=cause), refused, moment))
        working = [r for r in self._book.open_records() if r.order.account == account.id]
        resting = tuple(r for r in working if r.order.intent is Intent.ENTRY and r not in records)
        return replace(plan, records=(*plan.records, *records), cancel=(*plan.cancel, *resting))

    def _touch_working(self, plan: Plan, key: tuple[str, str, str]) -> Plan:
        if plan.resolved.signal.action is Action.MODIFY:
            return replace(plan, modify=(*plan.modify, *self._book.protections(key)))
        entries = [r for r in self._book.working(key) if r.order.intent is Intent.ENTRY]
        unsent = tuple(r for r in entries if r.view.state is OrderState.READY)
        return replace(
            plan,
            withdraw=(*plan.withdraw, *unsent),
            cancel=(*plan.cancel, *(r for r in entries if r not in unsent)),
        )


def _blocked(resolved: Resolved, reason: Reason) -> Plan:
    return Plan(resolved=resolved, status=SignalStatus.BLOCKED, reason=reason)


def _skip(plan: Plan, target: Target, reason: Reason) -> Plan:
    return replace(plan, skipped=(*plan.skipped, Skipped(account=target.route.account, reason=reason)))


def _concluded(plan: Plan) -> Plan:
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
