"""The tables say what the journal says; a replay finds where they do not, and changes nothing else."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import SetClock, execute, rows
from tests.unit.store.test_settings_tables import changed
from tests.unit.store.test_views import GATE, a_refusal
from tradershub.domain.errors import HubAlreadyRunning, StoreError
from tradershub.domain.events import Event, GateReset, GateSet, Noted, Severity, SignalStatus, SignalTimed
from tradershub.domain.signals import Side
from tradershub.store import schema_settings
from tradershub.store.backup import DATABASE_FILE
from tradershub.store.database import open_database
from tradershub.store.replay import PROJECTIONS, Difference, replay
from tradershub.store.store import open_store
from tradershub.testing.journal_samples import a_stored_signal, accepted, an_order, created, filled, instant


def a_story(number: int) -> Sequence[Event]:
    """Return a round trip and what goes with it; numbers ten apart do not meet."""
    stored = a_stored_signal(number, key=f"k{number}")
    entry = stored.orders[0].order
    leave = replace(an_order(number + 1), side=Side.SELL, strategy=entry.strategy)
    opening = filled(entry, number + 2)
    closing = filled(leave, number + 3, price="5003.75", position=opening.positions[0])
    timed = SignalTimed(at=instant(number), signal_id=stored.signal.signal_id, stored_us=5, answered_us=6)
    noted = Noted(at=instant(number), kind="entry_missed", severity=Severity.ALARM, message='E-mini, "1E+5"')
    return (
        *(stored, timed, accepted(entry, number + 1), created(leave), opening, closing, noted, a_refusal(number)),
        *(GateSet(at=instant(number), row=GATE), changed("preferences", f"p{number % 3}", f"[{number}]")),
        *(
            changed("strategies", "momentum", '{"status":"live"}'),
            a_stored_signal(number + 5, accounts=(), status=SignalStatus.BLOCKED),
        ),
        *(GateReset(at=instant(number), scope=GATE.scope, who="admin", reason="x"), changed("preferences", "p0", None)),
    )


async def write(folder: Path, groups: Sequence[Sequence[Event]]) -> None:
    """Append groups of events, each at once, some of them refused."""
    store = open_store(open_database(folder, clock=SetClock()))
    for group in groups:
        await asyncio.gather(*(store.journal.append(event) for event in group), return_exceptions=True)
    await store.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_replayed_events_make_the_same_tables(data: st.DataObject) -> None:
    told = [event for number in range(0, 30, 10) for event in a_story(number)]
    events = data.draw(st.permutations(told).map(lambda all_of_them: all_of_them[:30]) | st.just(told))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events) - 1), max_size=6)))
    groups = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    with TemporaryDirectory() as name:
        asyncio.run(write(Path(name), groups))
        assert replay(Path(name)) == ()


async def test_a_replay_of_true_tables_leaves_the_file_as_it_is(opened: OpenStore, tmp_path: Path) -> None:
    store = await opened()
    for event in a_story(0):
        await store.journal.append(event)
    await store.close()
    assert await asyncio.to_thread(replay, tmp_path) == ()
    before = hashlib.sha256((tmp_path / DATABASE_FILE).read_bytes()).digest()
    assert await asyncio.to_thread(replay, tmp_path) == ()
    assert hashlib.sha256((tmp_path / DATABASE_FILE).read_bytes()).digest() == before
    assert not (tmp_path / "replay.db").exists()


async def test_a_replay_finds_and_mends_what_differs(opened: OpenStore, tmp_path: Path) -> None:
    store = await opened()
    for event in a_story(0):
        await store.journal.append(event)
    await store.close()
    file = tmp_path / DATABASE_FILE
    tables = {table: sorted(rows(file, f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}
    execute(file, "UPDATE orders SET state = 'canceled' WHERE attempt = 1 AND side = 'buy'")
    execute(file, "DELETE FROM trades")
    execute(file, "INSERT INTO preferences VALUES ('nobody', '1')")
    execute(file, "UPDATE strategy_performance SET net = '1000000'")
    found = await asyncio.to_thread(replay, tmp_path)
    assert set(found) == {
        Difference(table="orders", missing=1, surplus=1),
        Difference(table="trades", missing=1, surplus=0),
        Difference(table="preferences", missing=0, surplus=1),
        Difference(table="strategy_performance", missing=1, surplus=1),
    }
    assert {table: sorted(rows(file, f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS} == tables
    assert rows(file, "PRAGMA foreign_key_check") == []
    assert await asyncio.to_thread(replay, tmp_path) == ()


async def test_a_replay_waits_for_no_running_hub(opened: OpenStore, tmp_path: Path) -> None:
    await opened()
    with pytest.raises(HubAlreadyRunning):
        await asyncio.to_thread(replay, tmp_path)


def test_a_replay_of_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        replay(tmp_path)


def test_every_table_is_either_a_projection_or_known_not_to_be() -> None:
    others = {
        *("events", "secrets", "tokens", "users", "sessions", "meta"),
        *("copier_config", "copier_log", "risk_limits"),
    }
    assert set(schema_settings.meta.metadata.tables) == set(PROJECTIONS) | others
