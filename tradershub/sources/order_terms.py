"""Reads what kind of order is asked for and at which price."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Action, OrderType, Protection, TimeInForce
from tradershub.sources.fields import Given
from tradershub.sources.manner import Aside, Manner
from tradershub.sources.protections import read_trail
from tradershub.sources.values import is_unfilled, price_of, word_of

NO_ORDER: Final = frozenset({Action.CANCEL, Action.MODIFY, Action.FLATTEN, Action.DISABLE})
"""Actions that ask for no order, so that they have no order type."""
ORDER_TYPES: Final[Mapping[str, OrderType]] = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop": OrderType.STOP,
    "stop_limit": OrderType.STOP_LIMIT,
    "trailing_stop": OrderType.TRAILING_STOP,
    "mkt": OrderType.MARKET,
    "lmt": OrderType.LIMIT,
    "stp": OrderType.STOP,
    "stop_market": OrderType.STOP,
    "stopmarket": OrderType.STOP,
    "stop market": OrderType.STOP,
    "stoplimit": OrderType.STOP_LIMIT,
    "stop-limit": OrderType.STOP_LIMIT,
    "stop limit": OrderType.STOP_LIMIT,
    "stplmt": OrderType.STOP_LIMIT,
}
TIMES_IN_FORCE: Final[Mapping[str, TimeInForce]] = {kind.value: kind for kind in TimeInForce}
_SEEN: Final = ("signal_price", "price", "order_price", "close")
_NO_PRICE: Final = frozenset({"", "na", "nan", "n/a", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`seen`: the price that the strategy saw, which orders nothing."""

    order_type: OrderType | None
    limit: Decimal | None = None
    stop: Decimal | None = None
    seen: Decimal | None = None
    trail: Protection | None = None

    @property
    def entry(self) -> Decimal | None:
        """The price at which the message expects to enter."""
        return next((price for price in (self.limit, self.stop, self.seen) if price is not None), None)


def read_terms(given: Given, action: Action, manner: Manner, aside: Aside) -> Terms:
    """Return the order's type and prices; a price that the type has no place for is refused."""
    if action in NO_ORDER:
        return Terms(order_type=None, seen=_seen(given, manner, aside, _SEEN))
    order_type = _order_type(given, manner)
    trail = read_trail(given)
    if (trail is not None) is not (order_type is OrderType.TRAILING_STOP):
        key = given.key("trail")
        if trail is None:
            raise SignalRefused("missing", key, "a trailing_stop order needs the distance to trail by")
        raise SignalRefused("contradictory", key, f"a {order_type} order does not trail: say order_type trailing_stop")
    limit = _ordered(given, "limit_price", order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT), order_type)
    stop = _ordered(given, "stop_price", order_type in (OrderType.STOP, OrderType.STOP_LIMIT), order_type)
    seen: tuple[str, ...] = _SEEN
    if order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) and limit is None:
        limit, seen = _price_itself(given, "limit_price"), ("signal_price", "order_price", "close")
    elif order_type is OrderType.STOP and stop is None:
        stop, seen = _price_itself(given, "stop_price"), ("signal_price", "order_price", "close")
    if order_type is OrderType.STOP_LIMIT and stop is None:
        raise SignalRefused("missing", "stop_price", "a stop_limit order needs stop_price and limit_price")
    return Terms(order_type=order_type, limit=limit, stop=stop, seen=_seen(given, manner, aside, seen), trail=trail)


def read_time_in_force(given: Given) -> TimeInForce | None:
    value = given.get("time_in_force")
    if value is None:
        return None
    return word_of(value, given.key("time_in_force"), TIMES_IN_FORCE, "unknown_time_in_force")


def _order_type(given: Given, manner: Manner) -> OrderType:
    value = given.get("order_type")
    if value is not None and not (manner.lenient and value == ""):
        return word_of(value, given.key("order_type"), ORDER_TYPES, "unknown_order_type")
    for name in ("limit_price", "stop_price", "trail"):
        if given.get(name) is not None:
            raise SignalRefused("missing", "order_type", f"{given.key(name)} is given: say which kind of order it is")
    return OrderType.MARKET


def _ordered(given: Given, name: str, has_place: bool, order_type: OrderType) -> Decimal | None:  # noqa: FBT001 -- private
    value = given.get(name)
    if value is None:
        return None
    if not has_place:
        raise SignalRefused("contradictory", given.key(name), f"a {order_type} order has no {name}", got=value)
    return price_of(value, given.key(name))


def _price_itself(given: Given, name: str) -> Decimal:
    value = given.get("price")
    if value is None:
        raise SignalRefused("missing", name, f"this order needs {name}")
    return price_of(value, given.key("price"))


def _seen(given: Given, manner: Manner, aside: Aside, names: tuple[str, ...]) -> Decimal | None:
    for name in names:
        value = given.get(name)
        if value is None:
            continue
        if manner.lenient and isinstance(value, str):
            if is_unfilled(value):
                aside.leave(given.key(name), "a placeholder was not filled in; it only informs")
                continue
            if value.strip(" ").lower() in _NO_PRICE:
                aside.leave(given.key(name), "it holds no number; it only informs")
                continue
        return price_of(value, given.key(name))
    return None
