"""A hub killed without warning under load neither loses nor doubles an order."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.crash.harness import Life, Round
from tests.crash.moments import moments
from tests.support.recorder_process import RecorderProcess
from tests.support.waiting import never

pytestmark = pytest.mark.crash

KILLS = 50
FEW_KILLS = 3
KILLS_OF_A_LIFE = 5
SHARE_OF_READY = 0.99


@pytest.fixture
def recorder() -> Iterator[RecorderProcess]:
    with RecorderProcess() as running:
        yield running


def test_no_kill_loses_or_doubles_an_order(recorder: RecorderProcess, tmp_path: Path, long_run: bool) -> None:
    """F001, F002, F003, F008 to F012 at moments drawn by a seed, with 64 senders and 3 accounts."""
    seed = int(os.environ.get("CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
    print(f"CRASH_SEED={seed}")
    rounds: list[Round] = []
    kills = KILLS if long_run else FEW_KILLS
    drawn = moments(seed)
    for number in range(0, kills, KILLS_OF_A_LIFE):
        life = Life(tmp_path / f"life_{number}", recorder)
        life.begin()
        try:
            for moment in islice(drawn, min(KILLS_OF_A_LIFE, kills - number)):
                rounds.append(life.kill_under_load(moment))
                print(rounds[-1])
            never(life.findings, "a late contradiction", seconds=1.0, every=0.5)
        finally:
            life.end()
        replayed = life.hub.run("replay")
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert "mended" not in replayed.stdout, replayed.stdout
        recorder.forget()
    assert len(rounds) == kills
    assert all(one.outstanding or one.undrained for one in rounds), "a kill fell outside of the load"
    ready, sent = sum(one.ready for one in rounds), sum(one.ready_sent for one in rounds)
    assert sent >= ready * SHARE_OF_READY
    assert sent + sum(one.ready_expired for one in rounds) == ready
