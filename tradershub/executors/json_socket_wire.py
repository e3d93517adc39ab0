"""The lines of the JSON socket link: orders and questions out, acknowledgements in. Numbers stay decimal text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import FactKind, Order
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import DistanceUnit, OrderType, Protection, Side

MAX_LINE = 64 * 1024
ORDER_TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOPMARKET",
    OrderType.STOP_LIMIT: "STOPLIMIT",
}
_TAKEN = frozenset({"accepted", "working", "ok"})
_MAX_TEXT = 200


class NotExpressible(ValueError):  # noqa: N818 -- what it is, in a word
    """An order that the line has no words for; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What the receiver says of one order. `kind` is None for a status that the link does not know.

    `is_unknown`: the receiver was asked and has never seen the order. `account` is the platform's name, if given.
    """

    order_id: OrderId
    status: str
    kind: FactKind | None
    is_unknown: bool
    reason: str | None
    account: str | None


def encode_order(order: Order, *, account: str, sent_at: Nanos) -> bytes:
    """Return the line of an order; raises NotExpressible if one line cannot say it."""
    word = ORDER_TYPES.get(order.order_type)
    if word is None:
        raise NotExpressible(f"this link has no {order.order_type.replace('_', ' ')} orders")
    if len(order.take_profit) > 1:
        raise NotExpressible("this link carries one target an order")
    target = order.take_profit[0] if order.take_profit else None
    pairs = (
        ("order_id", _text(order.order_id)),
        ("account", _text(account)),
        ("instrument", _text(order.platform_symbol)),
        ("action", '"BUY"' if order.side is Side.BUY else '"SELL"'),
        ("quantity", decimal_text(order.quantity)),
        ("order_type", f'"{word}"'),
        ("limit_price", _number(order.limit_price)),
        ("stop_price", _number(order.stop_price)),
        ("stop_loss", _number(_level(order, order.stop_loss, away=-1))),
        ("take_profit", _number(_level(order, target, away=1))),
        ("strategy_name", _text(order.strategy)),
        ("sent_at", f'"{iso(sent_at)}"'),
    )
    return ("{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}\n").encode()


def encode_question(order_ids: Iterable[OrderId]) -> bytes:
    """Return the line that asks what became of orders."""
    return (json.dumps({"query": "orders", "order_ids": list(order_ids)}, separators=(",", ":")) + "\n").encode()


def decode_line(line: bytes) -> Acknowledgement:
    """Read a line of the receiver; raises ValueError for anything that is no acknowledgement."""
    try:
        message = json.loads(line.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    fields = message if isinstance(message, dict) else {}
    order_id, status = fields.get("order_id"), fields.get("status")
    if not isinstance(order_id, str) or not isinstance(status, str) or not order_id:
        raise ValueError("order_id and status are expected as texts")
    word = status.strip().lower()[:_MAX_TEXT]
    return Acknowledgement(
        order_id=OrderId(order_id),
        status=word,
        kind=FactKind.ACCEPTED if word in _TAKEN else FactKind.REJECTED if word == "rejected" else None,
        is_unknown=word == "unknown",
        reason=_optional(fields.get("reason")),
        account=_optional(fields.get("account")),
    )


def _level(order: Order, wanted: Protection | None, *, away: int) -> Decimal | None:
    """Return the price of a stop (away -1) or a target (away 1): the receiver knows prices, not distances."""
    if wanted is None:
        return None
    if wanted.trailing is not None:
        raise NotExpressible("this link has no trailing stops")
    if wanted.unit is DistanceUnit.PRICE:
        return wanted.value
    if wanted.unit is not DistanceUnit.POINTS:
        raise NotExpressible("stops and targets are prices or distances in points on this link")
    named = (order.limit_price, order.stop_price, order.reference_price)
    base = next((price for price in named if price is not None), None)
    if base is None:
        raise NotExpressible("a stop or target at a distance needs the entry's price, which the signal did not name")
    return base + away * order.side.sign * wanted.value


def _text(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: Decimal | None) -> str:
    return "null" if value is None else decimal_text(value)


def _optional(value: object) -> str | None:
    return value[:_MAX_TEXT] if isinstance(value, str) and value else None
