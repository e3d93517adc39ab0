"""A hub killed while its log is being moved into the database file."""

from __future__ import annotations

import asyncio
import struct
import time
from itertools import islice
from pathlib import Path

import pytest

from tests.crash.harness import Life
from tests.crash.ledger import read_dead_books
from tests.support.load import Load
from tests.support.recorder_process import RecorderProcess

pytestmark = pytest.mark.crash

MESSAGES = 600
TRIES = 1
MANY_TRIES = 20
# Where the shared-memory index of a log counts its frames, and those that have been moved (SQLite's WAL-index format).
FRAMES_AT = 16
MOVED_AT = 96


def kill_as_the_file_changes(life: Life) -> bool:
    """Kill the hub the moment its database file is written to; True if the checkpoint was not through by then."""
    file = life.hub.database()
    before = file.stat().st_mtime_ns
    deadline = time.monotonic() + 10
    while file.stat().st_mtime_ns == before:
        assert time.monotonic() < deadline, "no checkpoint within 10 s"
    life.hub.kill()
    index = file.with_name(f"{file.name}-shm").read_bytes()
    (frames,) = struct.unpack_from("=I", index, FRAMES_AT)
    (moved,) = struct.unpack_from("=I", index, MOVED_AT)
    return bool(moved < frames)


def test_a_kill_inside_a_checkpoint_costs_no_committed_row(tmp_path: Path, long_run: bool) -> None:
    """F060: the file is sound, and holds every message that was answered."""
    inside = 0
    with RecorderProcess() as recorder:
        life = Life(tmp_path / "home", recorder, accounts=1)
        life.begin()
        try:
            for _ in range(MANY_TRIES if long_run else TRIES):
                load = Load(life.hub.port, islice(life.bodies, MESSAGES), senders=64)
                life.note(asyncio.run(load.run()))
                inside += kill_as_the_file_changes(life)
                assert not life.acknowledged - read_dead_books(life.hub.database()).signals
                life.hub.start()
                life.settle()
                assert not life.findings()
        finally:
            life.end()
    print(f"{inside} kills inside a checkpoint")
    assert inside or not long_run, "no kill fell inside a checkpoint"
