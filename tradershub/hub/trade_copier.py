"""One signal to many accounts: the targets that a strategy's routes give it, each account at most once."""

from dataclasses import dataclass

from tradershub.domain.ids import AccountId
from tradershub.domain.orders import Reason
from tradershub.domain.risk import blocked
from tradershub.domain.signals import QuantityKind, Signal, SignalQuantity
from tradershub.domain.strategies import Route, Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account that a signal goes to, by which route; `quantity` is what is stated for this account."""

    route: Route
    quantity: SignalQuantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An account that was named and gets nothing, with the reason."""

    account: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...] = ()


def fan_out(signal: Signal, strategy: Strategy) -> FanOut:
    """Return where a signal goes: the routes, or the accounts it names where the strategy lets it name them.

    An account that the message names gets its own quantity, if it states one, by the account's route if there is one.
    """
    enabled = tuple(route for route in strategy.routes if route.enabled)
    if not signal.accounts or not strategy.allow.accounts:
        return FanOut(targets=tuple(Target(route=route, quantity=signal.quantity) for route in enabled))
    routes = {route.account: route for route in strategy.routes}
    targets: list[Target] = []
    skipped: list[Skipped] = []
    seen: set[str] = set()
    for request in signal.accounts:
        if request.account in seen:
            reason = blocked("already_routed", f"{request.account} is named twice; the first one counts")
            skipped.append(Skipped(account=request.account, reason=reason))
            continue
        seen.add(request.account)
        route = routes.get(AccountId(request.account), Route(account=AccountId(request.account)))
        if not route.enabled:
            reason = blocked("disabled", f"the route to {request.account} is disabled")
            skipped.append(Skipped(account=request.account, reason=reason))
            continue
        stated = signal.quantity
        if request.quantity is not None:
            stated = SignalQuantity(value=request.quantity, kind=QuantityKind.UNITS)
        targets.append(Target(route=route, quantity=stated))
    return FanOut(targets=tuple(targets), skipped=tuple(skipped))
