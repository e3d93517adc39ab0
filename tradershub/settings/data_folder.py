"""Where a hub keeps its things: the data folder of each system, and the names of what lies in it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOME_VARIABLE: Final = "TRADERSHUB_HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFolder:
    """One hub's folder; nothing is made by asking for a path."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "tradershub.db"

    @property
    def configuration(self) -> Path:
        return self.root / "tradershub.toml"

    @property
    def log(self) -> Path:
        return self.root / "logs" / "tradershub.log"

    @property
    def key(self) -> Path:
        """The key that stored credentials are encrypted with, unless TRADERSHUB_KEY gives it."""
        return self.root / "vault.key"

    @property
    def endpoint(self) -> Path:
        """Where the running hub answers, for commands beside it: `{"url", "pid"}`."""
        return self.root / "endpoint.json"

    @property
    def kill_token(self) -> Path:
        """A token of scope kill, for `tradershub kill` and nobody else."""
        return self.root / "kill.token"

    @property
    def halt(self) -> Path:
        return self.root / "HALT"

    @property
    def halt_unfinished(self) -> Path:
        return self.root / "HALT.tmp"

    @property
    def halt_answer(self) -> Path:
        return self.root / "HALT.ack"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def demo(self) -> "DataFolder":
        """The demo's own folder; it never touches what lies above it."""
        return DataFolder(root=self.root / "demo")


def chosen_folder(environment: Mapping[str, str], *, home: Path | None, is_demo: bool) -> DataFolder:
    """Return the data folder that a command means; the demo's lies beneath the ordinary one."""
    chosen = default_folder(environment) if home is None else home.expanduser()
    folder = DataFolder(root=chosen.absolute())
    return folder.demo if is_demo else folder


def default_folder(environment: Mapping[str, str], *, system: str = sys.platform, home: Path | None = None) -> Path:
    """Return the data folder: TRADERSHUB_HOME, or the place where this system keeps a program's data."""
    if given := environment.get(HOME_VARIABLE):
        return Path(given).expanduser()
    home = home or Path.home()
    if system == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "TradersHub"
    if system == "darwin":
        return home / "Library" / "Application Support" / "TradersHub"
    shared = environment.get("XDG_DATA_HOME", "")
    # The XDG specification: a path that is not absolute is to be ignored.
    return (Path(shared) if shared.startswith("/") else home / ".local" / "share") / "tradershub"
