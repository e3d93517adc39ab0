"""Admits or refuses: first the signal as a whole, then each order, in one fixed order of checks, in memory."""

from tradershub.domain.accounts import Account, AccountMode
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.orders import Intent, Order, Origin, Reason
from tradershub.domain.quantities import decimal_text
from tradershub.domain.risk import MAX_ORDER_QUANTITY, blocked
from tradershub.domain.signals import EXITS, Action
from tradershub.domain.sources import Source
from tradershub.domain.strategies import Route, Strategy, StrategyStatus
from tradershub.hub.gates import Gates
from tradershub.hub.market import Market
from tradershub.hub.registry import Registry
from tradershub.hub.signal_resolver import Resolved


class RiskManager:
    """The first refusal wins. A check that cannot be made refuses entries; exits pass everything but a halt."""

    def __init__(self, *, registry: Registry, market: Market, gates: Gates) -> None:
        self._registry = registry
        self._market = market
        self._gates = gates

    def admit_signal(self, resolved: Resolved, strategy: Strategy, source: Source) -> Reason | None:
        """Return why a signal goes nowhere, None if it may be planned."""
        return (
            _status(strategy)
            or _age(resolved, strategy, source)
            or self._symbol(resolved, strategy)
            or _allowed(resolved, strategy)
        )

    def _symbol(self, resolved: Resolved, strategy: Strategy) -> Reason | None:
        instrument, signal = resolved.instrument, resolved.signal
        if signal.action in (Action.FLATTEN, Action.DISABLE):
            return None
        if instrument is None:
            written = signal.symbol_as_written or ""
            return blocked("unknown_instrument", f'"{written}" is not an instrument of the hub: check its spelling')
        names = {instrument.root, *(() if signal.symbol is None else (signal.symbol,))}
        if strategy.instruments and not names.intersection(strategy.instruments):
            return blocked(
                "instrument_not_allowed",
                f"{strategy.name} trades {', '.join(strategy.instruments)}, not {instrument.root}",
                rule="instruments",
            )
        return None

    def admit_order(self, order: Order, strategy: Strategy | None, at: Nanos) -> Reason | None:
        """Return why an order may not be made, None if it may."""
        account = self._registry.accounts.get(order.account)
        if account is None:
            return blocked("disabled", f"there is no account {order.account}")
        reason = self.last_gate(order, strategy, at)
        if reason is not None or order.intent is not Intent.ENTRY:
            return reason
        return _mode(account, strategy) or _stop(order, strategy) or _size(order)

    @staticmethod
    def admit_route(route: Route, strategy: Strategy, platform: str, resolved: Resolved) -> Reason | None:
        """Return why a route does not take an entry, None if it does."""
        signal, instrument = resolved.signal, resolved.instrument
        if strategy.platforms and platform not in strategy.platforms:
            return blocked("skipped", f"{strategy.name} does not trade on {platform}", rule="platforms")
        if (
            route.instruments
            and instrument is not None
            and not {instrument.root, signal.symbol} & set(route.instruments)
        ):
            return blocked("skipped", f"the route takes {', '.join(route.instruments)} only", rule="instruments")
        return None

    def last_gate(self, order: Order, strategy: Strategy | None, at: Nanos) -> Reason | None:
        """Read what may have changed since the order was planned: kill, enablement, status, age, contract."""
        shut = self._gates.shut_for(
            order.intent, account=order.account, platform=order.platform, strategy=order.strategy
        )
        if shut is not None and not (order.origin is Origin.PERSON and order.intent is Intent.EXIT):
            return blocked("kill", f"{shut.scope} is {shut.gate}: {shut.reason}", rule="kill", gate=shut.gate)
        if not self._registry.platform_is_enabled(order.platform):
            return blocked("disabled", f"the platform {order.platform} is disabled")
        account = self._registry.accounts.get(order.account)
        if account is None or not account.enabled:
            return blocked("disabled", f"the account {order.account} is disabled")
        if at > order.expires_at:
            return blocked("stale", "the signal is too old to be sent", rule="max_age_s")
        if order.intent is Intent.ENTRY and strategy is not None:
            reason = _status(strategy)
            if reason is not None:
                return reason
        if not self._market.is_tradable(order.symbol, at):
            return blocked("unmapped", f"{order.symbol} no longer trades")
        return None


def _status(strategy: Strategy) -> Reason | None:
    if strategy.status is StrategyStatus.ARCHIVED:
        return blocked("archived", f"{strategy.name} is archived")
    if strategy.status is StrategyStatus.DEVELOPMENT:
        return blocked("development", f"{strategy.name} is in development: signals are kept, no order is made")
    if strategy.paused:
        return blocked("disabled", f"{strategy.name} is paused")
    return None


def _age(resolved: Resolved, strategy: Strategy, source: Source) -> Reason | None:
    age_s = resolved.age_ns / NANOS_PER_SECOND
    if -age_s > source.max_ahead_s:
        return blocked(
            "clock_skew",
            f"sent {-age_s:.0f} s in the future: check the clock of the sender and of this computer",
            rule="max_ahead_s",
            ahead_s=f"{-age_s:.3f}",
            allowed_s=source.max_ahead_s,
        )
    exits = resolved.signal.action in EXITS or resolved.signal.only_reduces
    allowed = strategy.exit_max_age_s if exits else strategy.max_age_s
    if age_s > allowed:
        rule = "exit_max_age_s" if exits else "max_age_s"
        return blocked("stale", f"sent {age_s:.0f} s ago", rule=rule, age_s=f"{age_s:.3f}", allowed_s=allowed)
    return None


def _allowed(resolved: Resolved, strategy: Strategy) -> Reason | None:
    if resolved.signal.action is Action.FLATTEN and not strategy.allow.flatten:
        return blocked("flatten_not_allowed", f"{strategy.name} may not flatten accounts", rule="allow.flatten")
    return None


def _mode(account: Account, strategy: Strategy | None) -> Reason | None:
    if strategy is not None and strategy.status is StrategyStatus.TESTING and account.mode is not AccountMode.PAPER:
        return blocked("testing", f"{strategy.name} is in testing: it trades paper accounts only", rule="status")
    return None


def _stop(order: Order, strategy: Strategy | None) -> Reason | None:
    if strategy is not None and strategy.require_stop and order.stop_loss is None:
        return blocked("require_stop", f"{strategy.name} requires a stop loss", rule="require_stop")
    return None


def _size(order: Order) -> Reason | None:
    if order.hub_quantity <= MAX_ORDER_QUANTITY:
        return None
    return blocked(
        "max_order_quantity",
        "the order is larger than the built-in cap",
        rule="max_order_quantity",
        quantity=decimal_text(order.hub_quantity),
        allowed=decimal_text(MAX_ORDER_QUANTITY),
    )
