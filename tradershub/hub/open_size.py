"""How much of a position an exit may still take off, whatever it was planned for."""

from decimal import Decimal

from tradershub.domain.orders import Order, OrderState
from tradershub.hub.order_book import Listing, OrderBook, Record
from tradershub.hub.position_tracker import PositionTracker

ZERO = Decimal(0)


def still_open(order: Order, book: OrderBook, tracker: PositionTracker, *, fills_are_told: bool) -> Decimal:
    """Return the open size in hub units, less what other exits under way take.

    Where no platform ever tells of a fill, what was sent counts as done.
    """
    key = (order.strategy, order.account, order.symbol)
    listings = (Listing.EXIT,) if fills_are_told else (Listing.EXIT, Listing.MOVING)
    under_way = sum((_signed(record) for record in book.listed(key, *listings) if _counts(record, order)), ZERO)
    return max(-(tracker.held(key) + under_way) * order.side.sign, ZERO)


def _counts(record: Record, order: Order) -> bool:
    return record.order.order_id != order.order_id and record.view.state is not OrderState.READY


def _signed(record: Record) -> Decimal:
    order = record.order
    return record.view.open_quantity * order.hub_quantity / order.quantity * order.side.sign
