"""What the paper broker refuses: orders and changes that a real platform would not take either."""

from decimal import Decimal

from tradershub.domain.instruments import Instrument
from tradershub.domain.orders import OrderChange, Reason
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import OrderType, TimeInForce
from tradershub.executors.paper_brackets import bracket_problem
from tradershub.executors.paper_orders import PaperOrder

_WITH_LIMIT = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_WITH_STOP = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


def problem_with(order: PaperOrder, instrument: Instrument | None) -> Reason | None:
    """Return why an order is refused, None if it is not."""
    if instrument is None:
        return Reason(code="unknown_instrument", message=f"the paper broker knows no instrument {order.symbol}")
    return (
        _quantity_problem(order.quantity, instrument)
        or _missing_price(order)
        or _price_problem((order.limit_price, order.stop_price), instrument)
        or _bracket_problem(order)
    )


def change_problem(order: PaperOrder, change: OrderChange, instrument: Instrument | None) -> Reason | None:
    """Return why a working order cannot be changed so, None if it can."""
    if instrument is None:
        return Reason(code="unknown_instrument", message=f"the paper broker knows no instrument {order.symbol}")
    if change.quantity is not None and change.quantity < order.filled:
        return Reason(code="already_filled", message=f"{decimal_text(order.filled)} have filled already")
    problem = _price_problem((change.limit_price, change.stop_price), instrument)
    if problem is None and change.quantity is not None:
        problem = _quantity_problem(change.quantity, instrument)
    return problem


def _quantity_problem(quantity: Decimal, instrument: Instrument) -> Reason | None:
    if quantity > 0 and instrument.is_on_step(quantity):
        return None
    step = decimal_text(instrument.quantity_step)
    return Reason(code="bad_quantity", message=f"{decimal_text(quantity)} is no positive multiple of {step}")


def _missing_price(order: PaperOrder) -> Reason | None:
    if order.order_type in _WITH_LIMIT and order.limit_price is None:
        return Reason(code="bad_price", message="the order needs a limit price")
    if order.order_type in _WITH_STOP and order.stop_price is None:
        return Reason(code="bad_price", message="the order needs a stop price")
    if order.order_type is OrderType.TRAILING_STOP and (order.trail is None or order.trail <= 0):
        return Reason(code="bad_price", message="a trailing stop needs the distance it keeps")
    if order.time_in_force is TimeInForce.GTD and order.good_till is None:
        return Reason(code="bad_time_in_force", message="the order needs the time it is good until")
    return None


def _price_problem(prices: tuple[Decimal | None, ...], instrument: Instrument) -> Reason | None:
    for price in prices:
        if price is not None and not (instrument.is_possible_price(price) and instrument.is_on_tick(price)):
            tick = decimal_text(instrument.tick)
            return Reason(code="bad_price", message=f"{decimal_text(price)} is no possible multiple of {tick}")
    return None


def _bracket_problem(order: PaperOrder) -> Reason | None:
    problem = bracket_problem(order)
    return None if problem is None else Reason(code="bad_bracket", message=problem)
