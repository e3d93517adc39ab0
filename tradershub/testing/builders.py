"""Values for tests of the core: each is whole and ordinary, and a test names only what it is about."""

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tradershub.domain.accounts import Account, AccountMode
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.ids import AccountId, SignalId, StrategyName, order_id, platform_of
from tradershub.domain.orders import Execution, Fact, FactKind, Intent, Order, OrderChange, Reason
from tradershub.domain.signals import Action, DistanceUnit, Protection, QuantityKind, Side, Signal, SignalQuantity
from tradershub.domain.sources import Source
from tradershub.domain.strategies import Route, Strategy, StrategyStatus
from tradershub.testing.fake_clock import BEGIN

SYMBOL = "MESZ2026"
MAIN = AccountId("paper:main")
MOMENTUM = StrategyName("momentum")
_counter = itertools.count(1)
_DECIMALS = frozenset({
    "quantity", "hub_quantity", "limit_price", "stop_price", "trail", "reference_price", "signal_price",
    "target_position", "position_before", "position_after", "max_quantity", "starting_balance",
})  # fmt: skip


def at(second: float) -> Nanos:
    """Return the instant that many seconds into the tests' day."""
    return Nanos(BEGIN + round(second * NANOS_PER_SECOND))


def an_order(side: Side = Side.BUY, quantity: str = "2", **changes: Any) -> Order:
    """Return a market entry of a micro future that lives for 30 s; every call makes another order."""
    cause = changes.pop("cause", f"S{next(_counter)}")
    account = changes.pop("account", MAIN)
    leg = changes.pop("leg", "entry")
    terms: dict[str, Any] = {
        "order_id": order_id(cause, account, leg, changes.get("attempt", 1)),
        "signal_id": None,
        "cause": cause,
        "leg": leg,
        "strategy": MOMENTUM,
        "account": account,
        "platform": platform_of(account),
        "symbol": SYMBOL,
        "platform_symbol": SYMBOL,
        "intent": Intent.ENTRY,
        "side": side,
        "quantity": Decimal(quantity),
        "hub_quantity": changes.pop("hub_quantity", quantity),
        "created_at": BEGIN,
        "expires_at": at(30),
    }
    return Order(**_decimals({**terms, **changes}))


def an_exit(side: Side = Side.SELL, quantity: str = "2", **changes: Any) -> Order:
    return an_order(side, quantity, **{"intent": Intent.EXIT, "leg": "exit", "expires_at": at(300), **changes})


def a_fact(kind: FactKind, second: float = 1, **changes: Any) -> Fact:
    return Fact(kind=kind, at=at(second), **changes)


def sending(number: int = 1, second: float = 0) -> Fact:
    return a_fact(FactKind.SENDING, second, number=number)


def accepted(platform_order_id: str | None = "P1", second: float = 1) -> Fact:
    return a_fact(FactKind.ACCEPTED, second, platform_order_id=platform_order_id)


def a_fill(
    quantity: str = "1", price: str = "5000", *, execution: str = "E1", commission: str = "0.62", second: float = 2
) -> Fact:
    return a_fact(FactKind.FILL, second, execution=an_execution(execution, quantity, price, commission, second=second))


def an_execution(
    execution_id: str = "E1",
    quantity: str = "1",
    price: str = "5000",
    commission: str = "0.62",
    *,
    second: float = 2,
) -> Execution:
    return Execution(
        execution_id=execution_id,
        price=Decimal(price),
        quantity=Decimal(quantity),
        commission=Decimal(commission),
        currency="USD",
        at=at(second),
    )


def modified(number: int = 1, second: float = 3, **terms: str) -> Fact:
    change = OrderChange(**{name: Decimal(value) for name, value in terms.items()})
    return a_fact(FactKind.MODIFIED, second, number=number, change=change)


def because(code: str, message: str = "as the test says") -> Reason:
    return Reason(code=code, message=message)


def a_signal(action: Action = Action.BUY, quantity: str | None = "1", **changes: Any) -> Signal:
    """Return a signal of the strategy `momentum` for the micro S&P; `quantity` in units, None for not stated."""
    terms: dict[str, Any] = {
        "dialect": "native",
        "strategy": MOMENTUM,
        "symbol_as_written": "MES1!",
        "action": action,
        "signal_id": SignalId(f"S{next(_counter):021d}"),
        "source": "native",
        "quantity": None if quantity is None else sized(quantity),
    }
    return Signal(**_decimals({**terms, **changes}))


def sized(value: str, kind: QuantityKind = QuantityKind.UNITS) -> SignalQuantity:
    return SignalQuantity(value=Decimal(value), kind=kind)


def priced(value: str, unit: DistanceUnit = DistanceUnit.PRICE, trailing: str | None = None) -> Protection:
    return Protection(value=Decimal(value), unit=unit, trailing=None if trailing is None else Decimal(trailing))


def a_strategy(routes: Iterable[Route | str] = (MAIN,), **changes: Any) -> Strategy:
    """Return a live strategy; a route is an account id or a whole Route."""
    whole = tuple(route if isinstance(route, Route) else a_route(route) for route in routes)
    return Strategy(**{"name": MOMENTUM, "status": StrategyStatus.LIVE, "routes": whole, **changes})


def a_route(account: str = MAIN, **changes: Any) -> Route:
    return Route(account=AccountId(account), **_decimals(changes))


def an_account(account: str = MAIN, **changes: Any) -> Account:
    """Return a paper account on the platform `paper`, a demo account elsewhere."""
    platform = platform_of(account)
    mode = AccountMode.PAPER if platform == "paper" else AccountMode.DEMO
    terms = {"id": AccountId(account), "platform": platform, "label": account, "mode": mode, **changes}
    return Account(**_decimals(terms))


def a_source(name: str = "native", **changes: Any) -> Source:
    return Source(**{"name": name, "zone": "UTC", **changes})


def _decimals(terms: dict[str, Any]) -> dict[str, Any]:
    """Return the terms with texts as decimals where numbers belong."""
    return {
        name: Decimal(value) if name in _DECIMALS and isinstance(value, str) else value for name, value in terms.items()
    }
