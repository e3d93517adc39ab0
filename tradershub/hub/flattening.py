"""The exits that take positions off: written once, for a signal, a person and every platform."""

from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.ids import order_id
from tradershub.domain.orders import Intent, Order, Origin
from tradershub.domain.positions import Position
from tradershub.domain.signals import OrderType, Side, TimeInForce
from tradershub.hub.commitments import Key
from tradershub.hub.order_book import Listing, OrderBook, Record
from tradershub.hub.position_tracker import PositionTracker

_MAX_AGE_S = 300


def exit_of(
    position: Position, quantity: Decimal, *, cause: str, at: Nanos, origin: Origin, leg: str = "exit"
) -> Order:
    """Return the order that takes `quantity` (platform's unit, positive, at most the open size) off a position."""
    size = min(quantity, abs(position.quantity))
    return Order(
        order_id=order_id(cause, position.account, leg),
        signal_id=None,
        cause=cause,
        leg=leg,
        strategy=position.strategy,
        account=position.account,
        platform=position.platform,
        symbol=position.symbol,
        platform_symbol=position.platform_symbol,
        intent=Intent.EXIT,
        side=Side.SELL if position.quantity > 0 else Side.BUY,
        quantity=size,
        hub_quantity=size * position.hub_quantity / position.quantity,
        time_in_force=TimeInForce.DAY,
        origin=origin,
        automated=origin is not Origin.PERSON,
        created_at=at,
        expires_at=Nanos(at + _MAX_AGE_S * NANOS_PER_SECOND),
    )


def resting_exits(book: OrderBook, key: Key) -> tuple[Record, ...]:
    """Return the exits that wait for a price: they stand in the way of one that does not."""
    return tuple(r for r in book.listed(key, Listing.EXIT) if r.order.order_type is not OrderType.MARKET)


def as_good_as_done(book: OrderBook, key: Key) -> Decimal:
    """Return what market orders under way will change of a position, signed, in hub units."""
    resting = (r.view.open_quantity * _ratio(r.order) * r.order.side.sign for r in resting_exits(book, key))
    return book.commitments.of(key).moving - sum(resting, Decimal(0))


def exits_of_account(
    account: str, tracker: PositionTracker, book: OrderBook, *, cause: str, at: Nanos
) -> tuple[Order, ...]:
    """Return one exit for each holding of an account, the hub's own and external ones, and what is on its way in."""
    likes: dict[Key, Position | Order] = {
        (r.order.strategy, r.order.account, r.order.symbol): r.order
        for r in book.open_records()
        if r.order.account == account and r.order.intent is Intent.ENTRY and r.order.order_type is OrderType.MARKET
    }
    likes |= {(p.strategy, p.account, p.symbol): p for p in tracker.positions() if p.account == account}
    sizes = {key: tracker.held(key) + as_good_as_done(book, key) for key in likes}
    return tuple(_exit_of_all(like, sizes[key], cause=cause, at=at) for key, like in likes.items() if sizes[key])


def _exit_of_all(like: Position | Order, held: Decimal, *, cause: str, at: Nanos) -> Order:
    leg = f"exit:{like.strategy or ''}:{like.symbol}"
    return Order(
        order_id=order_id(cause, like.account, leg),
        signal_id=None,
        cause=cause,
        leg=leg,
        strategy=like.strategy,
        account=like.account,
        platform=like.platform,
        symbol=like.symbol,
        platform_symbol=like.platform_symbol,
        intent=Intent.EXIT,
        side=Side.SELL if held > 0 else Side.BUY,
        quantity=abs(held) / _ratio(like),
        hub_quantity=abs(held),
        time_in_force=TimeInForce.DAY,
        created_at=at,
        expires_at=Nanos(at + _MAX_AGE_S * NANOS_PER_SECOND),
    )


def _ratio(like: Position | Order) -> Decimal:
    """Return the hub units of one unit of the platform."""
    return like.hub_quantity / like.quantity
