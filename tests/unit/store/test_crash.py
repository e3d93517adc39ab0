"""What was said to be stored is there after the process was killed, whole and with everything that followed from it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.store.support import SetClock, child, rows
from tradershub.store.database import open_database
from tradershub.store.replay import replay

MOMENTS = [(moment, commit) for commit in (1, 2, 7, 30) for moment in ("before", "after")]


@pytest.mark.parametrize(("moment", "commit"), MOMENTS)
def test_a_kill_at_a_commit_loses_nothing_that_was_promised(tmp_path: Path, moment: str, commit: int) -> None:
    """F001, F002, F060."""
    with child("tests.unit.store.crasher", str(tmp_path), moment, str(commit)) as process:
        said, failed = process.communicate(timeout=30)
    assert failed == ""
    promised = [line.split() for line in said.splitlines()]
    database = open_database(tmp_path, clock=SetClock())
    database.lock.release()
    signals = {row[0] for row in rows(database.file, "SELECT signal_id FROM signals")}
    accepted = {row[0] for row in rows(database.file, "SELECT order_id FROM orders WHERE state = 'accepted'")}
    assert {name for word, name in promised if word == "stored"} <= signals
    assert {name for word, name in promised if word == "accepted"} <= accepted
    assert rows(database.file, "PRAGMA integrity_check") == [("ok",)]
    assert _orders_without_a_twin(database.file) == 0
    assert replay(tmp_path) == ()


def test_a_kill_after_the_commit_leaves_more_than_was_promised(tmp_path: Path) -> None:
    with child("tests.unit.store.crasher", str(tmp_path), "after", "1") as process:
        said, _ = process.communicate(timeout=30)
    assert said == ""
    with closing(sqlite3.connect(tmp_path / "tradershub.db")) as connection:
        assert connection.execute("SELECT count(*) FROM signals").fetchone()[0] > 0


def test_a_kill_before_the_commit_leaves_nothing(tmp_path: Path) -> None:
    with child("tests.unit.store.crasher", str(tmp_path), "before", "1") as process:
        said, _ = process.communicate(timeout=30)
    assert said == ""
    assert rows(tmp_path / "tradershub.db", "SELECT count(*) FROM signals") == [(0,)]


def _orders_without_a_twin(file: Path) -> object:
    """Count signals without their order, and orders without their signal: what is stored together stays together."""
    question = """
        SELECT (SELECT count(*) FROM signals WHERE signal_id NOT IN (SELECT signal_id FROM orders))
             + (SELECT count(*) FROM orders WHERE signal_id NOT IN (SELECT signal_id FROM signals))
    """
    return rows(file, question)[0][0]
