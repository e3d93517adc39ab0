"""What one account gets of a signal: its situation, its orders, each admitted and reserved on the spot."""

from dataclasses import replace

from tradershub.domain.orders import Fact, FactKind, Intent, Order, OrderState, Reason
from tradershub.domain.risk import blocked
from tradershub.domain.signals import Action, OrderType
from tradershub.domain.strategies import Strategy
from tradershub.hub.engine import Engine
from tradershub.hub.flattening import as_good_as_done, exits_of_account, resting_exits
from tradershub.hub.order_book import Listing, Record
from tradershub.hub.order_builder import Build, OrderBuilder, Situation, replaces
from tradershub.hub.plans import Moment, Plan, skip
from tradershub.hub.surroundings import Surroundings
from tradershub.hub.trade_copier import Target
from tradershub.ports.quotes import Quotes


class AccountPlanner:
    """Nothing here is awaited: what is checked is reserved before anything else can be decided."""

    def __init__(self, given: Surroundings, engine: Engine, quotes: Quotes) -> None:
        self._registry = given.registry
        self._market = given.market
        self._risk = engine.risk
        self._book = engine.book
        self._tracker = engine.tracker
        self._lanes = engine.lanes
        self._quotes = quotes
        self._balance = given.registry.balance

    def add(self, plan: Plan, strategy: Strategy, target: Target, moment: Moment) -> Plan:
        """Return the plan with what one account gets of the signal, reserved and in the book."""
        account = self._registry.accounts.get(target.route.account)
        if account is None:
            return skip(plan, target.route.account, blocked("disabled", f"there is no account {target.route.account}"))
        if plan.resolved.signal.action is Action.FLATTEN:
            return self._flatten(plan, account.id, moment)
        reason = self._risk.admit_route(target.route, strategy, account.platform, plan.resolved)
        if reason is not None:
            return skip(plan, target.route.account, reason)
        symbol = self._held_symbol(plan, strategy, account.id)
        if plan.resolved.signal.action in (Action.CANCEL, Action.MODIFY):
            return self._touch_working(plan, (strategy.name, account.id, symbol))
        build = self._build(plan, strategy, target, symbol, moment)
        key = (strategy.name, account.id, symbol)
        if build.exits or any(order.intent is Intent.EXIT for order in build.orders):
            plan = self._supersede(plan, key, resting_exits(self._book, key) if build.exits else ())
        if build.skipped is not None:
            return skip(plan, target.route.account, build.skipped)
        return self._admit(plan, build.orders, strategy, moment)

    def _build(self, plan: Plan, strategy: Strategy, target: Target, symbol: str, moment: Moment) -> Build:
        account = self._registry.accounts[target.route.account]
        unit = self._market.platform_symbol(account.platform, symbol)
        if unit is None:
            return Build(skipped=blocked("unmapped", f"{symbol} is not mapped for {account.platform}"))
        key = (strategy.name, account.id, symbol)
        quote, ends = self._quotes.latest(symbol), replaces(plan.resolved.signal)
        under_way = self._book.commitments.of(key)
        situation = Situation(
            account=account,
            platform_symbol=unit,
            held=self._tracker.held(key),
            moving=as_good_as_done(self._book, key) if ends else under_way.moving,
            unsent=under_way.waiting,
            resting=under_way.resting,
            price=None if quote is None else quote.middle,
        )
        resolved = plan.resolved
        if symbol != resolved.signal.symbol:
            resolved = replace(resolved, signal=replace(resolved.signal, symbol=symbol))
        builder = OrderBuilder(cause=resolved.signal.signal_id, at=moment.at, balance=self._balance)
        return builder.build(resolved, strategy, target, situation)

    def _held_symbol(self, plan: Plan, strategy: Strategy, account: str) -> str:
        """Return the contract to act on: an exit by a bare root goes to the one that is held."""
        resolved = plan.resolved
        symbol, instrument = resolved.signal.symbol or "", resolved.instrument
        exits = resolved.signal.only_reduces or resolved.signal.action in (Action.CANCEL, Action.MODIFY)
        if instrument is None or resolved.dated or not exits:
            return symbol
        if self._tracker.held((strategy.name, account, symbol)):
            return symbol
        held = [
            position.symbol
            for position in self._tracker.positions()
            if (position.strategy, position.account) == (strategy.name, account)
            and self._market.instruments.of_symbol(position.symbol) is instrument
        ]
        return held[0] if len(held) == 1 else symbol

    def _admit(self, plan: Plan, orders: tuple[Order, ...], strategy: Strategy, moment: Moment) -> Plan:
        exiting = any(order.intent is Intent.EXIT for order in orders)
        refused: Reason | None = None
        before: Record | None = self._goes_before(plan, orders[0]) if exiting else None
        for order in orders:
            waits = before is not None and self._must_wait(before)
            planned = replace(order, after=before.order.order_id) if waits and before is not None else order
            refused = refused or self._risk.admit_order(planned, strategy, moment.at)
            record = self._enter(planned, refused, moment)
            plan = replace(plan, records=(*plan.records, record))
            before = record
        return plan

    def _goes_before(self, plan: Plan, exit_order: Order) -> Record | None:
        """Return what an exit must let end first: an exit that it replaces, or the newest entry under way."""
        key = (exit_order.strategy, exit_order.account, exit_order.symbol)
        replaced = [record for record in resting_exits(self._book, key) if record in plan.cancel]
        return replaced[-1] if replaced else self._book.newest(key, Listing.MOVING)

    def _must_wait(self, record: Record) -> bool:
        """Say whether a fill of that order will be reported: where none ever is, waiting for it makes no sense."""
        capabilities = self._lanes.links.capabilities(record.order.platform)
        return not record.view.is_final and capabilities is not None and capabilities.pushes_fills

    def _supersede(self, plan: Plan, key: tuple[str, str, str], exits: tuple[Record, ...]) -> Plan:
        """An exit takes back its strategy's own entries that have not filled: unsent ones here, the others there."""
        unsent = tuple(r for r in self._book.listed(key, Listing.UNSENT) if r not in plan.records)
        waiting = tuple(r for r in exits if r.view.state is OrderState.READY)
        resting = tuple(r for r in exits if r.view.state is not OrderState.READY)
        return self._called_off(plan, unsent + waiting, self._book.listed(key, Listing.RESTING) + resting)

    def _called_off(self, plan: Plan, unsent: tuple[Record, ...], sent: tuple[Record, ...]) -> Plan:
        """Take what never left out of line at once: it must not leave while the signal is being stored."""
        for record in unsent:
            self._lanes.leave(record.order)
        return replace(plan, withdraw=(*plan.withdraw, *unsent), cancel=(*plan.cancel, *sent))

    def _enter(self, order: Order, refused: Reason | None, moment: Moment) -> Record:
        if refused is not None:
            fact = Fact(kind=FactKind.BLOCKED, at=moment.at, reason=refused)
        else:
            waiting = self._lanes.take_slot(order)
            kind = FactKind.SENDING if waiting is None else FactKind.READY
            fact = Fact(kind=kind, at=moment.at, reason=waiting)
        return self._book.add(order, fact, began_perf=moment.perf, received_at=moment.at)

    def _flatten(self, plan: Plan, account: str, moment: Moment) -> Plan:
        cause = plan.resolved.signal.signal_id
        orders = exits_of_account(account, self._tracker, self._book, cause=cause, at=moment.at)
        working = [r for r in self._book.open_records() if r.order.account == account]
        entries = [r for r in working if r.order.intent is Intent.ENTRY or r.order.order_type is not OrderType.MARKET]
        called_off = [r for r in entries if r.order.intent is not Intent.PROTECTION]
        unsent = tuple(r for r in called_off if r.view.state is OrderState.READY)
        sent = tuple(r for r in called_off if r.view.state is not OrderState.READY)
        plan = self._called_off(plan, unsent, sent)
        for order in orders:
            before = self._goes_before(plan, order)
            after = before.order.order_id if before is not None and self._must_wait(before) else None
            planned = replace(order, signal_id=cause, after=after)
            record = self._enter(planned, self._risk.admit_order(planned, None, moment.at), moment)
            plan = replace(plan, records=(*plan.records, record))
        return plan

    def _touch_working(self, plan: Plan, key: tuple[str, str, str]) -> Plan:
        if plan.resolved.signal.action is Action.MODIFY:
            return replace(plan, modify=(*plan.modify, *self._book.listed(key, Listing.PROTECTION)))
        sent = self._book.listed(key, Listing.MOVING, Listing.RESTING)
        return self._called_off(plan, self._book.listed(key, Listing.UNSENT), sent)
