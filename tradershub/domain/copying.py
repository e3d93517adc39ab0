"""How large, and which way: from what a signal says and what is held to the legs that an account gets."""

from dataclasses import dataclass
from decimal import Decimal

from tradershub.domain.instruments import Instrument
from tradershub.domain.orders import Intent
from tradershub.domain.signals import Action, DistanceUnit, Protection, QuantityKind, Side, SignalQuantity
from tradershub.domain.strategies import Opposite, Sizing, SizingKind

ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One order to be: `quantity` in hub units, positive."""

    intent: Intent
    side: Side
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What sizes are worked out of. `stop_distance` in price; `balance` in the account's currency; None = not known."""

    instrument: Instrument
    price: Decimal | None
    stop_distance: Decimal | None
    balance: Decimal


class CannotSize(ValueError):  # noqa: N818 -- said to the sender as it stands
    """A size cannot be worked out; the text says what is missing."""


class CannotSizeEver(CannotSize):
    """The message asks for a size that no price, no quote and no setting would make known."""


def distance_in_price(protection: Protection, basis: Basis, quantity: Decimal | None) -> Decimal:
    """Return how far a stop or target that is given as a distance lies from the entry, in price.

    Raises CannotSize where the unit needs a price or a quantity that is not known.
    """
    instrument, value = basis.instrument, protection.value
    match protection.unit:
        case DistanceUnit.POINTS:
            return value
        case DistanceUnit.TICKS:
            return value * instrument.tick
        case DistanceUnit.PIPS:
            return value * (instrument.pip or instrument.tick)
        case DistanceUnit.PERCENT:
            return _known(basis.price, "a distance in percent needs the price in the message or a fresh quote") * (
                value / _HUNDRED
            )
        case DistanceUnit.CASH:
            return value / (_known(quantity, "a distance in money needs a quantity") * instrument.point_value)
        case DistanceUnit.PRICE:
            return abs(_known(basis.price, "a stop at a price needs the entry's price in the message") - value)
        case DistanceUnit.EA_SETTING:
            raise CannotSizeEver("the distance's unit is set elsewhere: say price, points, ticks, pips or percent")


def stated_units(stated: SignalQuantity, basis: Basis) -> Decimal:
    """Return the size a message states, in hub units, unrounded. Raises CannotSize."""
    value = stated.value
    match stated.kind:
        case QuantityKind.UNITS | QuantityKind.LOTS:
            return value
        case QuantityKind.CASH:
            return value / _notional(basis)
        case QuantityKind.RISK_CASH:
            return value / _risk_of_one(basis)
        case QuantityKind.RISK_PERCENT:
            return basis.balance * value / _HUNDRED / _risk_of_one(basis)
        case QuantityKind.EQUITY_PERCENT | QuantityKind.BALANCE_PERCENT:
            return basis.balance * value / _HUNDRED / _notional(basis)
        case _:
            raise CannotSizeEver(f"a size of the kind {stated.kind} needs a setting of its sender: send units")


def is_worked_out(stated: SignalQuantity | None, sizing: Sizing) -> bool:
    """Say whether the hub computes the size (and so may round it), rather than the message stating it."""
    if sizing.kind is not SizingKind.AS_SIGNALLED:
        return True
    return stated is not None and stated.kind not in (QuantityKind.UNITS, QuantityKind.LOTS)


def entry_size(stated: SignalQuantity | None, default: Decimal | None, sizing: Sizing, basis: Basis) -> Decimal | None:
    """Return an entry's size on a route, in hub units, unrounded; None if neither message nor settings say one."""
    match sizing.kind:
        case SizingKind.FIXED:
            return sizing.value
        case SizingKind.RISK_CASH:
            return sizing.value / _risk_of_one(basis)
        case SizingKind.RISK_PERCENT:
            return basis.balance * sizing.value / _HUNDRED / _risk_of_one(basis)
        case SizingKind.NOTIONAL:
            return sizing.value / _notional(basis)
        case SizingKind.AS_SIGNALLED | SizingKind.MULTIPLIER:
            size = default if stated is None else stated_units(stated, basis)
            if size is None or sizing.kind is SizingKind.AS_SIGNALLED:
                return size
            return size * sizing.value


def _notional(basis: Basis) -> Decimal:
    needed = "a size in money needs the price in the message or a fresh quote"
    price = _known(basis.price, needed)
    if not price:
        raise CannotSize(f"{needed}, and other than zero")
    return abs(price) * basis.instrument.point_value


def _risk_of_one(basis: Basis) -> Decimal:
    distance = _known(basis.stop_distance, "a size by risk needs a stop loss")
    if not distance:
        raise CannotSize("a size by risk needs a stop away from the entry")
    return distance * basis.instrument.point_value


def _known(value: Decimal | None, otherwise: str) -> Decimal:
    if value is None:
        raise CannotSize(otherwise)
    return value


def exit_size(stated: SignalQuantity | None, held: Decimal) -> Decimal:
    """Return how much of a holding a closing action takes off, in hub units: all of it unless it says less."""
    size = abs(held)
    if stated is None or stated.kind is QuantityKind.ALL:
        return size
    if stated.kind is QuantityKind.POSITION_PERCENT:
        return min(size * stated.value / _HUNDRED, size)
    if stated.kind in (QuantityKind.UNITS, QuantityKind.LOTS):
        return min(stated.value, size)
    raise CannotSizeEver(f"a closing action's size may be units or percent of the position, not {stated.kind}")


def close(held: Decimal, quantity: Decimal) -> tuple[Leg, ...]:
    """Return the leg that takes `quantity` off a holding; none if nothing is held. It never flips."""
    size = min(quantity, abs(held))
    if not size:
        return ()
    return (Leg(intent=Intent.EXIT, side=Side.SELL if held > 0 else Side.BUY, quantity=size),)


def trade(side: Side, quantity: Decimal, held: Decimal, opposite: Opposite) -> tuple[Leg, ...]:
    """Return the legs of a buy or sell against what is held: what reduces goes out first, then what is left goes in."""
    entry = Leg(intent=Intent.ENTRY, side=side, quantity=quantity)
    if held * side.sign >= 0:
        return (entry,)
    match opposite:
        case Opposite.CLOSE_ONLY:
            return close(held, quantity)
        case Opposite.REVERSE:
            return (*close(held, abs(held)), entry)
        case Opposite.NET:
            out = close(held, quantity)
            left = quantity - out[0].quantity
            return (*out, Leg(intent=Intent.ENTRY, side=side, quantity=left)) if left else out


def toward(target: Decimal, held: Decimal) -> tuple[Leg, ...]:
    """Return the legs that take a holding to a signed target: nothing if it is there."""
    if target == held:
        return ()
    if held and (target == 0 or (target > 0) == (held > 0)):
        if abs(target) < abs(held):
            return close(held, abs(held) - abs(target))
        return (_entry(target - held),)
    return (*close(held, abs(held)), _entry(target))


def _entry(signed: Decimal) -> Leg:
    return Leg(intent=Intent.ENTRY, side=Side.BUY if signed > 0 else Side.SELL, quantity=abs(signed))


def side_of(action: Action) -> Side | None:
    """Return the side that an action names by itself."""
    if action is Action.BUY:
        return Side.BUY
    return Side.SELL if action is Action.SELL else None
