"""When and at what price a paper order fills, given the price it would trade at now."""

from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.signals import OrderType, Side
from tradershub.executors.paper_orders import PaperOrder
from tradershub.ports.quotes import Quote

_FRESH_FOR = 60 * NANOS_PER_SECOND
_SLIPPING = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP})


def is_fresh(quote: Quote, now: Nanos) -> bool:
    return now - quote.at <= _FRESH_FOR


def taker_price(side: Side, quote: Quote) -> Decimal | None:
    """Return what an order of this side would trade at: a buy at the ask, a sell at the bid, else the last trade."""
    price = quote.ask if side is Side.BUY else quote.bid
    return quote.last if price is None else price


def advance(order: PaperOrder, price: Decimal) -> bool:
    """Let a stop trail the price or be triggered by it; say whether the order changed."""
    if order.triggered or order.order_type in (OrderType.MARKET, OrderType.LIMIT):
        return False
    changed = order.order_type is OrderType.TRAILING_STOP and _trail(order, price)
    if order.stop_price is not None and _reaches(order.side, price, order.stop_price):
        order.triggered = changed = True
    return changed


def fill_price(order: PaperOrder, price: Decimal) -> Decimal | None:
    """Return the price before slippage at which the order trades now, None if it does not.

    A limit order fills at the quote where that is better than its limit. A triggered stop fills at the quote, however
    far beyond the stop the market has jumped.
    """
    match order.order_type:
        case OrderType.MARKET:
            return price
        case OrderType.LIMIT:
            return _within_limit(order, price)
        case OrderType.STOP_LIMIT:
            return _within_limit(order, price) if order.triggered else None
        case OrderType.STOP | OrderType.TRAILING_STOP:
            return price if order.triggered else None


def slipped(order: PaperOrder, price: Decimal, distance: Decimal) -> Decimal:
    """Return the price made worse by a distance, for the orders that take what they get."""
    return price + order.side.sign * distance if order.order_type in _SLIPPING else price


def _within_limit(order: PaperOrder, price: Decimal) -> Decimal | None:
    limit = order.limit_price
    if limit is None or (price - limit) * order.side.sign > 0:
        return None
    return price


def _reaches(side: Side, price: Decimal, stop: Decimal) -> bool:
    return (price - stop) * side.sign >= 0


def _trail(order: PaperOrder, price: Decimal) -> bool:
    """Move the stop after the price, never back."""
    if order.trail is None:
        return False
    stop = price + order.side.sign * order.trail
    if order.stop_price is not None and (order.stop_price - stop) * order.side.sign <= 0:
        return False
    order.stop_price = stop
    return True
