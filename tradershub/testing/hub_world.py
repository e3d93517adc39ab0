"""Everything around a hub that outlives it: folder, clock, journal, send marks, settings and scripted platforms."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tradershub.executors.registry import PLATFORMS
from tradershub.hub.registry import Registry
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.sources.reader import DialectReader
from tradershub.testing.fake_clock import FakeClock
from tradershub.testing.memory_journal import MemoryJournal
from tradershub.testing.memory_settings import COMMON_SECRET, MemoryMarks, MemorySecrets, PlainVault
from tradershub.testing.memory_views import MemoryViews
from tradershub.testing.scripted_executor import ScriptedExecutor
from tradershub.testing.shipped import shipped_market

_ENDPOINTS = {"tradingview-webhook": "tradingview", "webhook/native": "native"}


class HubWorld:
    """What one hub after the other finds. `faults`: what told a hub to stop."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: FakeClock,
        registry: Registry,
        marks: MemoryMarks,
        platforms: Iterable[ScriptedExecutor],
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.marks = marks
        self.journal = MemoryJournal()
        self.views = MemoryViews(self.journal)
        self.secrets = MemorySecrets()
        self.vault = PlainVault()
        self.market = shipped_market()
        self.platforms: Mapping[str, ScriptedExecutor] = {platform.platform: platform for platform in platforms}
        self.faults: list[BaseException] = []
        self.registry = registry

    def surroundings(self, **changes: Any) -> Surroundings:
        """Return what a hub that starts now is given."""
        reader = DialectReader()
        given: dict[str, Any] = {
            "folder": self.folder,
            "clock": self.clock,
            "journal": self.journal,
            "views": self.views,
            "settings": self.secrets,
            "vault": self.vault,
            "marks": self.marks,
            "reader": reader,
            "dialects": reader.of_source,
            "newest": len(self.journal.entries),
            "registry": self.registry,
            "market": self.market,
            "infos": {info.name: info for info in PLATFORMS},
            "build_executor": self._executor,
            "endpoints": _ENDPOINTS,
            "secrets": tuple(self.secrets.kept.values()),
            "common_secret": COMMON_SECRET,
            "strict_ticks": False,
            "demo": False,
            "version": "test",
            "fatal": self.faults.append,
        }
        return Surroundings(**{**given, **changes})

    def after_a_crash(self) -> None:
        """Leave of the journal what was durable."""
        self.journal = self.journal.as_left()
        self.views = MemoryViews(self.journal)

    def _executor(self, parts: ExecutorParts) -> ScriptedExecutor:
        return self.platforms[parts.platform].reopened()
