"""A strategy: a row of the registry, with its routes to accounts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.ids import AccountId, StrategyName
from tradershub.domain.signals import PositionSide, Protection


class StrategyStatus(StrEnum):
    LIVE = "live"
    TESTING = "testing"
    DEVELOPMENT = "development"
    ARCHIVED = "archived"


class SizingKind(StrEnum):
    AS_SIGNALLED = "as_signalled"
    FIXED = "fixed"
    MULTIPLIER = "multiplier"
    RISK_CASH = "risk_cash"
    RISK_PERCENT = "risk_percent"
    NOTIONAL = "notional"


class OnMismatch(StrEnum):
    BLOCK = "block"
    RESYNC = "resync"
    FLATTEN = "flatten"
    IGNORE = "ignore"


class Opposite(StrEnum):
    """What an opposite signal does to an open position."""

    NET = "net"
    REVERSE = "reverse"
    CLOSE_ONLY = "close_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    kind: SizingKind = SizingKind.AS_SIGNALLED
    value: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours in which entries are allowed: local times in a zone, may cross midnight."""

    days: tuple[str, ...]
    start: str
    end: str
    zone: str
    close_at_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a strategy's signals go, how large, and what may pass. `max_quantity` in hub units."""

    account: AccountId
    sizing: Sizing = Sizing()
    max_quantity: Decimal | None = None
    directions: tuple[PositionSide, ...] = (PositionSide.LONG, PositionSide.SHORT)
    instruments: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a message that does not say gets; None means that it must say."""

    quantity: Decimal | None = None
    stop_loss: Protection | None = None
    take_profit: Protection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """What a message may decide for itself."""

    accounts: bool = False
    flatten: bool = False
    order_type: bool = True
    stops: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    name: StrategyName
    category: str = ""
    status: StrategyStatus = StrategyStatus.DEVELOPMENT
    paused: bool = False
    instruments: tuple[str, ...] = ()
    timeframes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    defaults: Defaults = Defaults()
    require_stop: bool = False
    max_age_s: int = 30
    exit_max_age_s: int = 300
    allow: Allow = Allow()
    on_mismatch: OnMismatch = OnMismatch.BLOCK
    opposite: Opposite = Opposite.NET
    windows: tuple[Window, ...] = ()
    routes: tuple[Route, ...] = ()
