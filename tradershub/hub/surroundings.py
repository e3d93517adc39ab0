"""What the hub is given by the composition root: everything outside it, by its contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tradershub.domain.platform_config import PlatformInfo
from tradershub.hub.market import Market
from tradershub.hub.registry import Registry
from tradershub.ports.clock import Clock
from tradershub.ports.dialect import MessageReader
from tradershub.ports.executor import Executor
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.ports.journal import Journal, Seq
from tradershub.ports.send_marks import SendMarks
from tradershub.ports.settings import SettingsStore, StoredSecret, Vault
from tradershub.ports.views import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the hub works with.

    `build_executor` loads and builds the executor of an installed platform; it may raise ConfigurationError.
    `endpoints`: webhook paths and the source that each belongs to. `common_secret`: the hash of the secret of every
    source that has none of its own. `newest`: the last event of the journal at start. `fatal` stops the hub: it is
    called where going on could lose or double an order.
    """

    folder: Path
    clock: Clock
    journal: Journal
    views: Views
    settings: SettingsStore
    vault: Vault
    marks: SendMarks
    reader: MessageReader
    dialects: Callable[[str], tuple[str, ...]]
    newest: Seq
    registry: Registry
    market: Market
    infos: Mapping[str, PlatformInfo]
    build_executor: Callable[[ExecutorParts], Executor]
    endpoints: Mapping[str, str]
    secrets: tuple[StoredSecret, ...]
    common_secret: bytes | None
    strict_ticks: bool
    demo: bool
    version: str
    fatal: Callable[[BaseException], None]
