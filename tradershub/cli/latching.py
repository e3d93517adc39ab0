"""The kill latch from outside the hub: a file that holds whether or not anything else works."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, iso
from tradershub.settings.data_folder import DataFolder

GLOBAL: Final = "global"
_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """What the latch file holds: one scope, the widest that was asked for."""

    level: str
    scope: str


def read(folder: DataFolder) -> Latch | None:
    """Return what is latched; a file that cannot be understood counts as a stop of everything, as in the hub."""
    if not folder.halt.exists():
        return None
    found = _object(folder.halt)
    return Latch(level=str(found.get("level", "stop")), scope=str(found.get("scope", GLOBAL)))


def write(folder: DataFolder, latch: Latch, *, reason: str, by: str, now: Nanos) -> None:
    """Put the latch on disk: unfinished file, fsync, rename, fsync of the folder."""
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {"level": latch.level, "scope": latch.scope, "reason": reason, "by": by, "at": iso(now)}
    with folder.halt_unfinished.open("wb") as file:
        file.write(json.dumps(content).encode())
        file.flush()
        os.fsync(file.fileno())
    folder.halt_answer.unlink(missing_ok=True)
    folder.halt_unfinished.replace(folder.halt)
    if os.name == "posix":
        handle = os.open(folder.root, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def widened(wanted: Latch, found: Latch | None) -> Latch:
    """Return what to latch so that nothing that is latched already is let go: the file holds one scope only."""
    if found is None or found.scope == wanted.scope:
        return wanted
    return Latch(level=wanted.level, scope=GLOBAL)


def covers(found: Latch | None, wanted: Latch) -> bool:
    """Say whether what is wanted is latched already."""
    return found is not None and found.level == wanted.level and found.scope in (GLOBAL, wanted.scope)


def answered(folder: DataFolder, latch: Latch) -> bool:
    """Say whether a hub has closed the gate of this latch; `write` took earlier answers away."""
    return _object(folder.halt_answer).get("scope") == latch.scope


def wait_for_answer(
    folder: DataFolder, latch: Latch, *, seconds: float, monotonic: Callable[[], int], pause: Callable[[float], object]
) -> bool:
    """Wait until a hub answers; False if none did in time."""
    deadline = monotonic() + int(seconds * NANOS_PER_SECOND)
    while not answered(folder, latch):
        if monotonic() >= deadline:
            return False
        pause(_POLL_S)
    return True


def _object(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
