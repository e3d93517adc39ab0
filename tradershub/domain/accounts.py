"""Accounts and platforms as a person configures them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.ids import AccountId


class AccountMode(StrEnum):
    PAPER = "paper"
    DEMO = "demo"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDay:
    """When an account's trading day begins: a local time in a zone."""

    zone: str = "America/New_York"
    reset: str = "17:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account on one platform. `config` holds the platform's own settings as (key, value) texts."""

    id: AccountId
    platform: str
    label: str
    mode: AccountMode
    enabled: bool = True
    currency: str = "USD"
    starting_balance: Decimal = Decimal(50_000)
    session: SessionDay = SessionDay()
    config: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSettings:
    """Whether a platform is enabled, and its configuration as (key, value) texts."""

    name: str
    enabled: bool
    config: tuple[tuple[str, str], ...] = ()

    def value(self, key: str, default: str) -> str:
        return dict(self.config).get(key, default)
