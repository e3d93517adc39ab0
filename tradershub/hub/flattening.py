"""The exits that take positions off: written once, for a signal, a person and every platform."""

from collections.abc import Iterable
from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.ids import order_id
from tradershub.domain.orders import Intent, Order, Origin
from tradershub.domain.positions import Position
from tradershub.domain.signals import Side, TimeInForce

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


def exits_of_account(
    positions: Iterable[Position], account: str, *, cause: str, at: Nanos, origin: Origin = Origin.SIGNAL
) -> tuple[Order, ...]:
    """Return one exit for each position of an account, the hub's own and the external ones."""
    return tuple(
        exit_of(
            position,
            abs(position.quantity),
            cause=cause,
            at=at,
            origin=origin,
            leg=f"exit:{position.strategy or ''}:{position.symbol}",
        )
        for position in positions
        if position.account == account
    )
