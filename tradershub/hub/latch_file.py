"""The kill latch on disk: a file that any program can write and that holds however the hub dies."""

import json
import os
import re
from pathlib import Path

import msgspec

from tradershub.domain.clock import iso, parse_instant
from tradershub.domain.ids import KillId, derived_id
from tradershub.domain.risk import Gate, GateRow, KillLevel

LATCH = "HALT"
ANSWER = "HALT.ack"
SCOPE = re.compile(r"global|platform:[a-z0-9]{1,16}|account:[a-z0-9]{1,16}:[A-Za-z0-9_.-]{1,48}|strategy:.{1,64}")
GATE_OF = {KillLevel.STOP: Gate.REDUCE_ONLY, KillLevel.CANCEL: Gate.REDUCE_ONLY, KillLevel.FLATTEN: Gate.HALTED}


def write_latch(folder: Path, row: GateRow) -> None:
    """Put a latch on disk: whole, synced and under its name, or not at all."""
    content = {
        "level": row.level.value,
        "scope": row.scope,
        "reason": row.reason,
        "by": row.set_by,
        "at": iso(row.at),
    }
    _replace(folder / LATCH, json.dumps(content).encode())


def write_answer(folder: Path, row: GateRow) -> None:
    """Tell whoever wrote the latch file that its gate is closed."""
    answer = {"kill_id": row.kill_id, "gate": row.gate.value, "scope": row.scope, "at": iso(row.at), "pid": os.getpid()}
    _replace(folder / ANSWER, json.dumps(answer).encode())


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_latch(folder: Path, *, now: int) -> GateRow | None:
    """Read the latch file: None if there is none; anything unreadable or odd is a stop of everything."""
    path = folder / LATCH
    try:
        text = path.read_bytes()
        written_at = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError as error:
        return stop_all(f"the latch file cannot be read: {error.strerror}", now)
    if not text.strip():
        return stop_all("the latch file is there and empty", written_at)
    try:
        content = msgspec.json.decode(text, type=dict[str, str])
        level, scope = KillLevel(content.get("level", "stop")), content.get("scope", "global")
        at = parse_instant(content["at"], None) if "at" in content else written_at
    except (msgspec.DecodeError, ValueError):
        return stop_all("the latch file cannot be understood", written_at)
    if not SCOPE.fullmatch(scope):
        return stop_all("the latch file names no scope that there is", written_at)
    return GateRow(
        scope=scope,
        gate=GATE_OF[level],
        level=level,
        kill_id=kill_id(scope, level, at),
        set_by=content.get("by", "latch file"),
        reason=content.get("reason", "the latch file"),
        at=at,  # type: ignore[arg-type]
    )


def remove_latch(folder: Path) -> None:
    (folder / LATCH).unlink(missing_ok=True)
    (folder / ANSWER).unlink(missing_ok=True)


def kill_id(scope: str, level: KillLevel, at: int) -> KillId:
    return KillId(derived_id("K", scope, level, str(at)))


def stop_all(reason: str, at: int) -> GateRow:
    """Return the stop of everything: what a latch means that cannot be understood."""
    return GateRow(
        scope="global",
        gate=Gate.REDUCE_ONLY,
        level=KillLevel.STOP,
        kill_id=kill_id("global", KillLevel.STOP, at),
        set_by="latch file",
        reason=reason,
        at=at,  # type: ignore[arg-type]
    )
