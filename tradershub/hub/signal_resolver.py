"""Makes a parsed signal concrete: its symbol, its prices on the tick, its age; refuses what is wrong in itself."""

from dataclasses import dataclass, replace
from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, timeframe_seconds
from tradershub.domain.copying import side_of
from tradershub.domain.errors import SignalRefused
from tradershub.domain.instruments import Instrument
from tradershub.domain.quantities import Rounding, decimal_text
from tradershub.domain.signals import (
    Action,
    DistanceUnit,
    OrderType,
    Protection,
    QuantityKind,
    Rounded,
    Side,
    Signal,
)
from tradershub.domain.sources import Source
from tradershub.hub.market import Market

_UNITS = (QuantityKind.UNITS, QuantityKind.LOTS)
_TRADING = frozenset({Action.BUY, Action.SELL, Action.ADD, Action.REVERSE, Action.TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A signal with its symbol and prices settled. `instrument` None: the symbol is not known to the hub.

    `delayed`: the symbol names a delayed feed; `dated`: it names the contract.
    `age_ns` counts from when it was sent (or its bar ended), else from its arrival; negative if sent in the future.
    """

    signal: Signal
    instrument: Instrument | None
    rounded: tuple[Rounded, ...] = ()
    notes: tuple[str, ...] = ()
    delayed: bool = False
    dated: bool = False
    age_ns: int = 0


class SignalResolver:
    """Pure but for the catalogue: the same signal at the same instant is always resolved the same."""

    def __init__(self, market: Market, *, strict_ticks: bool = False) -> None:
        self._market = market
        self._strict_ticks = strict_ticks

    def resolve(self, signal: Signal, source: Source, at: Nanos) -> Resolved:
        """Return the signal made concrete. Raises SignalRefused for what is wrong whatever the hub's state is."""
        age, notes = _age(signal, at)
        written = signal.symbol_as_written or source.default_symbol
        known = self._market.read(written, at) if written else None
        if known is None:
            if written is None and signal.action not in (Action.FLATTEN, Action.DISABLE):
                raise SignalRefused("missing", "symbol", "expected the instrument, such as MES or MESZ2026")
            return Resolved(signal=replace(signal, symbol=None), instrument=None, notes=notes, age_ns=age)
        _check_quantity(signal, known.instrument)
        _check_change(signal)
        rounding = _Prices(known.instrument, strict=self._strict_ticks)
        concrete = rounding.apply(signal, known.symbol, written)
        return Resolved(
            signal=concrete,
            instrument=known.instrument,
            rounded=tuple(rounding.rounded),
            notes=notes,
            delayed=known.delayed,
            dated=known.dated,
            age_ns=age,
        )


def _age(signal: Signal, at: Nanos) -> tuple[int, tuple[str, ...]]:
    if signal.sent_at is None:
        return 0, ()
    bar = timeframe_seconds(signal.timeframe) if signal.sent_at_is_bar_time else None
    if bar is None:
        return at - signal.sent_at, ()
    return at - signal.sent_at - bar * NANOS_PER_SECOND, ("read as bar time; send {{timenow}}",)


def _check_quantity(signal: Signal, instrument: Instrument) -> None:
    if signal.action not in _TRADING | {Action.CLOSE}:
        return
    if signal.quantity is not None and signal.quantity.kind in _UNITS:
        _check_step("quantity", signal.quantity.value, instrument)
    if signal.action is Action.TARGET and signal.target_position is not None:
        _check_step("target_position", signal.target_position, instrument)
    for request in signal.accounts:
        if request.quantity is not None:
            _check_step("accounts", request.quantity, instrument)


def _check_step(field: str, value: Decimal, instrument: Instrument) -> None:
    if not instrument.is_on_step(value):
        raise SignalRefused(
            "off_step",
            field,
            f"{instrument.root} trades in steps of {decimal_text(instrument.quantity_step)}",
            got=decimal_text(value),
        )


def _check_change(signal: Signal) -> None:
    """A change moves orders that work, and those are at prices."""
    if signal.action is not Action.MODIFY:
        return
    for field, protection in [("stop_loss", signal.stop_loss), *(("take_profit", p) for p in signal.take_profit)]:
        if protection is not None and protection.unit is not DistanceUnit.PRICE:
            raise SignalRefused("not_a_price", field, "a modify names the price that a stop or target is moved to")


class _Prices:
    """Moves prices to the tick by the rule of their kind, and keeps a list of what was moved."""

    def __init__(self, instrument: Instrument, *, strict: bool) -> None:
        self._instrument = instrument
        self._strict = strict
        self.rounded: list[Rounded] = []

    def apply(self, signal: Signal, symbol: str, written: str | None) -> Signal:
        side = _direction(signal)
        down_for_buys = Rounding.DOWN if side is Side.BUY else Rounding.UP
        up_for_buys = Rounding.UP if side is Side.BUY else Rounding.DOWN
        trailing = signal.order_type is OrderType.TRAILING_STOP
        return replace(
            signal,
            symbol=symbol,
            symbol_as_written=written,
            limit_price=self._price("limit_price", signal.limit_price, down_for_buys),
            stop_price=signal.stop_price if trailing else self._price("stop_price", signal.stop_price, up_for_buys),
            signal_price=self._price("price", signal.signal_price, Rounding.NEAREST),
            stop_loss=self._protection("stop_loss", signal.stop_loss, up_for_buys),
            take_profit=tuple(
                p
                for p in (self._protection("take_profit", target, up_for_buys) for target in signal.take_profit)
                if p is not None
            ),
        )

    def _protection(self, field: str, protection: Protection | None, rounding: Rounding) -> Protection | None:
        # A long's stop lies below and moves up, toward the entry; its target is a sell limit, which also moves up.
        if protection is None or protection.unit is not DistanceUnit.PRICE:
            return protection
        price = self._price(field, protection.value, rounding)
        return protection if price is None else replace(protection, value=price)

    def _price(self, field: str, value: Decimal | None, rounding: Rounding) -> Decimal | None:
        if value is None:
            return None
        if not self._instrument.is_possible_price(value):
            raise SignalRefused(
                "not_positive", field, f"{self._instrument.root} has prices above zero", got=decimal_text(value)
            )
        if self._instrument.is_on_tick(value):
            return value
        if self._strict:
            raise SignalRefused(
                "off_tick",
                field,
                f"{self._instrument.root} moves in ticks of {decimal_text(self._instrument.tick)}",
                got=decimal_text(value),
            )
        price = self._instrument.price(value, rounding)
        self.rounded.append(Rounded(field=field, was=decimal_text(value), became=decimal_text(price)))
        return price


def _direction(signal: Signal) -> Side:
    """Return the side that prices are rounded for: the action's own, else that of the target."""
    side = side_of(signal.action)
    if side is not None:
        return side
    return Side.SELL if signal.target_position is not None and signal.target_position < 0 else Side.BUY
