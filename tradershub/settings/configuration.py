"""What the hub was told before it starts, as plain values; `loading` reads and checks it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from tradershub.domain.accounts import SessionDay
from tradershub.domain.instruments import Instruments
from tradershub.domain.secrets import Secret
from tradershub.domain.symbol_map import SymbolMap
from tradershub.settings.data_folder import DataFolder

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8787
DEFAULT_HOOKS_PORT: Final = 8788


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UiListener:
    """Pages, API and webhooks. `public_url`: how others reach it, without a slash at its end."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    tls: Tls | None = None
    trusted_proxies: tuple[str, ...] = ()
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HooksListener:
    """Webhook paths and /healthz only, for the open internet."""

    enabled: bool = False
    host: str = DEFAULT_HOST
    port: int = DEFAULT_HOOKS_PORT
    tls: Tls | None = None
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Bounds of both listeners; sizes of bodies are fixed by the interface."""

    connections: int = 512
    request_seconds: float = 9.5
    idle_seconds: int = 125


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The log file is turned over at `megabytes`; `files` old ones are kept."""

    level: LogLevel = LogLevel.INFO
    megabytes: int = 10
    files: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What can be traded, and what each platform calls it: the shipped tables and the files that add to them."""

    instruments: Instruments
    maps: tuple[SymbolMap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSecrets:
    """What the environment gave. `key` encrypts stored credentials; None: the key file of the data folder."""

    admin_password: Secret | None = None
    api_token: Secret | None = None
    webhook_secret: Secret | None = None
    key: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """`keep`: go on with what the last demo left."""

    seed: int = 7
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """`source`: the file it was read from, None if there is none.

    `session_day`: the trading day of the account `paper:main`, which the first start makes.
    """

    folder: DataFolder
    source: Path | None
    ui: UiListener
    hooks: HooksListener
    http: HttpSettings
    log: LogSettings
    reference: Reference
    secrets: GivenSecrets
    session_day: SessionDay
    backups: Path
    strict_ticks: bool = False

    @property
    def ui_url(self) -> str:
        """Where a program on this machine reaches the pages."""
        host = DEFAULT_HOST if self.ui.host in ("0.0.0.0", "::") else self.ui.host  # noqa: S104 -- compared, not bound
        shown = f"[{host}]" if ":" in host else host
        return f"{'http' if self.ui.tls is None else 'https'}://{shown}:{self.ui.port}"

    @property
    def webhook_base(self) -> str:
        """The address that senders use, as far as the hub was told."""
        return self.hooks.public_url or self.ui.public_url or self.ui_url
