"""Turns one signal on one account into orders: legs, sizes in both units, prices, protection."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tradershub.domain.accounts import Account
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.copying import (
    Basis,
    CannotSize,
    CannotSizeEver,
    Leg,
    close,
    distance_in_price,
    entry_size,
    exit_size,
    is_worked_out,
    side_of,
    toward,
    trade,
)
from tradershub.domain.errors import SignalRefused
from tradershub.domain.ids import order_id
from tradershub.domain.orders import Intent, Order, Reason
from tradershub.domain.risk import blocked
from tradershub.domain.signals import (
    Action,
    DistanceUnit,
    OrderType,
    Protection,
    Side,
    Signal,
    SignalQuantity,
    TimeInForce,
)
from tradershub.domain.strategies import Opposite, Strategy
from tradershub.domain.symbol_map import PlatformSymbol
from tradershub.hub.signal_resolver import Resolved
from tradershub.hub.trade_copier import Target

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What an account looks like to a signal. `held` and `moving` in hub units, signed.

    `unsent` and `resting`: entries that wait here, and at the platform for a price, by their side.
    """

    account: Account
    platform_symbol: PlatformSymbol
    held: Decimal
    moving: Decimal
    unsent: Mapping[Side, Decimal]
    resting: Mapping[Side, Decimal]
    price: Decimal | None

    @property
    def effective(self) -> Decimal:
        """What will be held once everything that is moving has arrived."""
        return self.held + self.moving


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The orders of one signal on one account, in the order they must happen, or why there are none.

    `exits`: the signal means to be out, so that entries which have not filled are to be called off.
    """

    orders: tuple[Order, ...] = ()
    skipped: Reason | None = None
    exits: bool = False


class OrderBuilder:
    """Pure: settings, signal and situation in, orders out."""

    def __init__(self, *, cause: str, at: Nanos, balance: Callable[[Account], Decimal]) -> None:
        self._cause = cause
        self._at = at
        self._balance = balance

    def build(self, resolved: Resolved, strategy: Strategy, target: Target, situation: Situation) -> Build:
        """Return the orders of a trading action. Raises SignalRefused where the message leaves a size open."""
        exits = replaces(resolved.signal)
        wanted = _with_defaults(resolved.signal, strategy)
        try:
            basis = self._basis(wanted, resolved, situation)
            legs = _legs(wanted, strategy, target, situation, basis)
            if isinstance(legs, Reason):
                return Build(skipped=legs, exits=exits)
            built = [self._order(leg, wanted, strategy, situation, basis, resolved) for leg in legs]
        except CannotSizeEver as error:
            raise SignalRefused("cannot_size", "quantity", str(error)) from error
        except CannotSize as error:
            return Build(skipped=blocked("cannot_size", str(error)), exits=exits)
        return _as_far_as_it_goes(built, exits=exits)

    def _basis(self, signal: Signal, resolved: Resolved, situation: Situation) -> Basis:
        instrument = resolved.instrument
        assert instrument is not None  # noqa: S101 -- admitted signals have one
        price = _first(signal.limit_price, signal.stop_price, signal.signal_price, situation.price)
        basis = Basis(instrument=instrument, price=price, stop_distance=None, balance=self._balance(situation.account))
        stop = signal.stop_loss
        if stop is None or stop.unit is DistanceUnit.CASH or (stop.unit is DistanceUnit.PRICE and price is None):
            return basis
        return replace(basis, stop_distance=distance_in_price(stop, basis, None))

    def _order(
        self, leg: Leg, signal: Signal, strategy: Strategy, situation: Situation, basis: Basis, resolved: Resolved
    ) -> Order | Reason:
        unit = situation.platform_symbol
        quantity = unit.quantity(leg.quantity)
        if quantity <= 0 or quantity < unit.min:
            return blocked("skipped", f"{leg.quantity} is less than the platform's smallest size", rule="quantity_step")
        if quantity > unit.max and leg.intent is Intent.ENTRY:
            return blocked("skipped", f"{leg.quantity} is more than the platform's largest size", rule="max_quantity")
        account, entry, name = situation.account, leg.intent is Intent.ENTRY, leg.intent.value
        allowed_s = strategy.max_age_s if entry else strategy.exit_max_age_s
        typed = signal if signal.order_type is not None and strategy.allow.order_type else None
        protected = signal if entry else None
        return Order(
            order_id=order_id(self._cause, account.id, name),
            signal_id=signal.signal_id,
            cause=self._cause,
            leg=name,
            strategy=strategy.name,
            account=account.id,
            platform=account.platform,
            symbol=signal.symbol or "",
            platform_symbol=unit.platform_symbol,
            intent=leg.intent,
            side=leg.side,
            quantity=quantity,
            hub_quantity=unit.hub_quantity(quantity),
            order_type=OrderType.MARKET if typed is None else typed.order_type or OrderType.MARKET,
            limit_price=None if typed is None else typed.limit_price,
            stop_price=None if typed is None else typed.stop_price,
            trail=None if typed is None else _points(typed.trail, basis, leg.quantity),
            stop_loss=None if protected is None else _settled(protected.stop_loss, basis, leg.quantity),
            take_profit=() if protected is None else _targets(protected, basis, leg.quantity),
            time_in_force=signal.time_in_force or TimeInForce.DAY,
            good_till=signal.good_till,
            reference_price=_first(signal.signal_price, signal.limit_price, signal.stop_price),
            created_at=self._at,
            expires_at=Nanos(self._at - resolved.age_ns + allowed_s * NANOS_PER_SECOND),
        )


def _with_defaults(signal: Signal, strategy: Strategy) -> Signal:
    """Fill in what the strategy's settings give, and drop what the strategy does not let a message decide."""
    own = signal if strategy.allow.stops else replace(signal, stop_loss=None, take_profit=())
    if own.stop_loss is None and strategy.defaults.stop_loss is not None:
        own = replace(own, stop_loss=strategy.defaults.stop_loss)
    if not own.take_profit and strategy.defaults.take_profit is not None:
        own = replace(own, take_profit=(strategy.defaults.take_profit,))
    return own


def _legs(
    signal: Signal, strategy: Strategy, target: Target, situation: Situation, basis: Basis
) -> tuple[Leg, ...] | Reason:
    held = situation.effective
    side = side_of(signal.action)
    if signal.only_reduces and signal.action is not Action.TARGET:
        return _closing(signal, target.quantity if side is None else _capped(signal, target.quantity), held)
    match signal.action:
        case Action.TARGET:
            legs = toward(signal.target_position or ZERO, held)
            if not legs:
                return blocked("nothing_to_close", "the position is at its target")
        case Action.REVERSE:
            if not held:
                return blocked("nothing_to_close", "there is no position to reverse")
            size = abs(held) if target.quantity is None else _size(strategy, target, basis)
            legs = trade(_against(held), size, held, Opposite.REVERSE)
        case Action.ADD:
            if not held:
                return blocked("position_mismatch", "there is no position to add to")
            legs = trade(_against(-held), _size(strategy, target, basis), held, Opposite.NET)
        case _:
            assert side is not None  # noqa: S101 -- buy and sell are what is left
            legs = trade(side, _size(strategy, target, basis), held, strategy.opposite)
    taken_back = replaces(signal) or any(leg.intent is Intent.EXIT for leg in legs)
    waiting = [situation.resting] if taken_back else [situation.resting, situation.unsent]
    return _within_route(legs, target, held, waiting)


def replaces(signal: Signal) -> bool:
    """Say whether a signal stands in for the orders of its strategy that have not filled: it says where to end."""
    return signal.only_reduces or signal.action in (Action.TARGET, Action.REVERSE)


def _as_far_as_it_goes(built: list[Order | Reason], *, exits: bool) -> Build:
    """Return the orders up to the first one that cannot be made: a way out is not lost for want of a way in."""
    orders: list[Order] = []
    for order in built:
        if isinstance(order, Reason):
            return Build(orders=tuple(orders), skipped=None if orders else order, exits=exits)
        orders.append(order)
    return Build(orders=tuple(orders), exits=exits)


def _first(*prices: Decimal | None) -> Decimal | None:
    """Return the first price that is known; zero is one."""
    return next((price for price in prices if price is not None), None)


def _capped(signal: Signal, stated: SignalQuantity | None) -> SignalQuantity | None:
    """Return the size of a trade that only takes off; all of it where the sender ends flat."""
    return None if signal.after_side == 0 else stated


def _closing(signal: Signal, stated: SignalQuantity | None, held: Decimal) -> tuple[Leg, ...] | Reason:
    side = side_of(signal.action)
    wrong_way = (side is not None and held * side.sign > 0) or (
        signal.close_side is not None and held != 0 and (held > 0) != (signal.close_side == "long")
    )
    if not held or wrong_way:
        return blocked("nothing_to_close", "there is no such position of this strategy on this account")
    return close(held, exit_size(stated, held))


def _against(held: Decimal) -> Side:
    return Side.SELL if held > 0 else Side.BUY


def _size(strategy: Strategy, target: Target, basis: Basis) -> Decimal:
    sizing = target.route.sizing
    size = entry_size(target.quantity, strategy.defaults.quantity, sizing, basis)
    if size is None:
        raise SignalRefused(
            "missing",
            "quantity",
            f"state a quantity, or give {strategy.name} a default quantity or its route a sizing",
        )
    if target.quantity is not None and not is_worked_out(target.quantity, sizing):
        return size
    return basis.instrument.quantity(size)


def _within_route(
    legs: tuple[Leg, ...], target: Target, held: Decimal, waiting: Iterable[Mapping[Side, Decimal]]
) -> tuple[Leg, ...] | Reason:
    """Apply the route's directions and its cap to what goes in; what goes out is never held back.

    `waiting`: entries that may still fill. They take up room on their side and make none on the other.
    """
    allowed: list[Leg] = []
    skipped: Reason | None = None
    for leg in legs:
        if leg.intent is Intent.EXIT:
            allowed.append(leg)
            held += leg.quantity * leg.side.sign
            continue
        direction = "long" if leg.side.sign > 0 else "short"
        cap = target.route.max_quantity
        taken = held * leg.side.sign + sum((sums.get(leg.side, ZERO) for sums in waiting), ZERO)
        room = leg.quantity if cap is None else min(leg.quantity, cap - taken)
        if direction not in target.route.directions:
            skipped = blocked("skipped", f"the route does not go {direction}", rule="directions")
        elif room <= 0:
            numbers = {"max_quantity": cap, "taken": taken}
            skipped = blocked("skipped", "the route's largest position is reached", rule="max_quantity", **numbers)
        else:
            allowed.append(replace(leg, quantity=room))
    if allowed:
        return tuple(allowed)
    return skipped or blocked("skipped", "the computed size is zero", rule="quantity_step")


def _targets(signal: Signal, basis: Basis, quantity: Decimal) -> tuple[Protection, ...]:
    settled = (_settled(target, basis, quantity) for target in signal.take_profit)
    return tuple(target for target in settled if target is not None)


def _settled(protection: Protection | None, basis: Basis, quantity: Decimal) -> Protection | None:
    """Return protection as an absolute price or a distance in points: the two forms that executors know."""
    if protection is None or protection.unit is DistanceUnit.PRICE:
        return protection
    trailing = protection.trailing
    if trailing is not None:
        trailing = _points(replace(protection, value=trailing), basis, quantity)
    distance = _points(protection, basis, quantity)
    return Protection(value=distance or ZERO, unit=DistanceUnit.POINTS, trailing=trailing)


def _points(protection: Protection | None, basis: Basis, quantity: Decimal) -> Decimal | None:
    if protection is None:
        return None
    distance = distance_in_price(protection, basis, quantity)
    return max(basis.instrument.price(distance), basis.instrument.price(basis.instrument.tick))
