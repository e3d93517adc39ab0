"""A signal: one instruction of a message, normalised, in the words of no dialect."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import SignalId, StrategyName


class Action(StrEnum):
    BUY = "buy"
    SELL = "sell"
    CLOSE = "close"
    REVERSE = "reverse"
    TARGET = "target"
    ADD = "add"
    CANCEL = "cancel"
    MODIFY = "modify"
    FLATTEN = "flatten"
    DISABLE = "disable"


EXITS = frozenset({Action.CLOSE, Action.FLATTEN, Action.CANCEL, Action.DISABLE})
"""Actions that can never raise exposure."""


class QuantityKind(StrEnum):
    UNITS = "units"
    LOTS = "lots"
    BASE_UNITS = "base_units"
    CASH = "cash"
    RISK_CASH = "risk_cash"
    RISK_PERCENT = "risk_percent"
    RISK_SETTING = "risk_setting"
    EQUITY_PERCENT = "equity_percent"
    EQUITY_RATIO = "equity_ratio"
    BALANCE_PERCENT = "balance_percent"
    MARGIN_PERCENT = "margin_percent"
    POSITION_PERCENT = "position_percent"
    ALL = "all"


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    GTD = "gtd"


class DistanceUnit(StrEnum):
    PRICE = "price"
    POINTS = "points"
    TICKS = "ticks"
    PIPS = "pips"
    PERCENT = "percent"
    CASH = "cash"
    EA_SETTING = "ea_setting"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class PositionSide(StrEnum):
    LONG = "long"
    SHORT = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuantity:
    """A size as the message states it."""

    value: Decimal
    kind: QuantityKind = QuantityKind.UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """A stop loss or a target: an absolute price (unit price) or a distance from the entry, never negative.

    `trailing`: a distance, in the same unit, that the stop follows the price at; None for a stop that stays.
    """

    value: Decimal
    unit: DistanceUnit = DistanceUnit.PRICE
    trailing: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRequest:
    """An account named by the message; counts only where the strategy allows it. `quantity` in units."""

    account: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One instruction. What a dialect could not read is None, never a default.

    `position_before` and `position_after` are signed positions in units, from the sender's point of view;
    `before_side` and `after_side` say no more than long (1), flat (0) or short (-1) where no size is given.
    """

    dialect: str
    strategy: StrategyName | None
    symbol_as_written: str | None
    action: Action
    signal_id: SignalId = SignalId("")
    source: str = ""
    symbol: str | None = None
    quantity: SignalQuantity | None = None
    order_type: OrderType | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Protection | None = None
    stop_loss: Protection | None = None
    take_profit: tuple[Protection, ...] = ()
    time_in_force: TimeInForce | None = None
    good_till: Nanos | None = None
    target_position: Decimal | None = None
    position_before: Decimal | None = None
    position_after: Decimal | None = None
    before_side: int | None = None
    after_side: int | None = None
    close_side: PositionSide | None = None
    signal_price: Decimal | None = None
    sent_at: Nanos | None = None
    sent_at_is_bar_time: bool = False
    timeframe: str | None = None
    message_id: str | None = None
    sender_order_id: str | None = None
    comment: str | None = None
    accounts: tuple[AccountRequest, ...] = ()
    needs: tuple[str, ...] = ()
    """What the message leaves to the hub's configuration ("symbol", "quantity", "side"); empty if it says all."""

    @property
    def only_reduces(self) -> bool:
        """Say whether it can only take off: a close, a target of nothing, a trade that ends no further than flat."""
        match self.action:
            case Action.CLOSE:
                return True
            case Action.TARGET:
                return not self.target_position
            case Action.BUY:
                return self.after_side is not None and self.after_side <= 0
            case Action.SELL:
                return self.after_side is not None and self.after_side >= 0
            case _:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """A price that was moved to the tick."""

    field: str
    was: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a dialect made of a message: 1 to 8 signals, all or none, and what it left aside."""

    signals: tuple[Signal, ...]
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
