"""A backup is whole, also when it is made of a running hub; putting it back loses nothing that was there."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import SetClock, rows
from tradershub.domain.errors import HubAlreadyRunning, SchemaTooNew, StoreCorrupt, StoreError
from tradershub.ports.journal import Seq
from tradershub.store.backup import DATABASE_FILE, backup, restore
from tradershub.store.schema_version import REVISIONS
from tradershub.store.send_marks import MARKS_FILE
from tradershub.store.store import Store
from tradershub.testing.journal_samples import a_stored_signal


async def test_a_backup_of_a_running_hub_is_whole(store: Store, tmp_path: Path) -> None:
    """F061."""
    target = tmp_path / "copy.db"
    await asyncio.gather(*(store.journal.append(a_stored_signal(n)) for n in range(100)))
    writing = [store.journal.append(a_stored_signal(n)) for n in range(100, 400)]
    await asyncio.to_thread(backup, tmp_path, target)
    await asyncio.gather(*writing)
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    assert 100 <= rows(target, "SELECT count(*) FROM events")[0][0] <= 400  # type: ignore[operator]
    assert not target.with_name("copy.db-wal").exists()


async def test_a_backup_replaces_no_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"something of yours")
    with pytest.raises(StoreError, match="exists already"):
        await asyncio.to_thread(backup, tmp_path, target)
    assert target.read_bytes() == b"something of yours"


async def test_no_backup_is_made_of_a_damaged_database(opened: OpenStore, tmp_path: Path) -> None:
    store = await opened()
    await store.journal.append(a_stored_signal(1))
    await store.close()
    file = tmp_path / DATABASE_FILE
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    with pytest.raises(StoreError):
        backup(tmp_path, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


async def test_a_restored_hub_knows_what_the_backup_knew(opened: OpenStore, tmp_path: Path, clock: SetClock) -> None:
    store, target = await opened(), tmp_path / "copy.db"
    await store.journal.append(a_stored_signal(1))
    await asyncio.to_thread(backup, tmp_path, target)
    await store.journal.append(a_stored_signal(2))
    with pytest.raises(HubAlreadyRunning):
        await asyncio.to_thread(restore, tmp_path, target, clock=clock)
    await store.close()
    (tmp_path / MARKS_FILE).write_bytes(b"marks of a time that the backup knows nothing of")
    kept = await asyncio.to_thread(restore, tmp_path, target, clock=clock)
    again = await opened()
    assert len(await again.journal.read(Seq(0))) == 1
    assert kept is not None
    assert rows(kept, "SELECT count(*) FROM events") == [(2,)]
    assert not (tmp_path / MARKS_FILE).exists()


async def test_a_damaged_backup_replaces_nothing(opened: OpenStore, tmp_path: Path, clock: SetClock) -> None:
    store, target = await opened(), tmp_path / "copy.db"
    await store.journal.append(a_stored_signal(1))
    await asyncio.to_thread(backup, tmp_path, target)
    await store.close()
    whole = target.read_bytes()
    target.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    with pytest.raises(StoreCorrupt):
        restore(tmp_path, target, clock=clock)
    assert rows(tmp_path / DATABASE_FILE, "SELECT count(*) FROM events") == [(1,)]


async def test_a_backup_of_a_newer_hub_replaces_nothing(opened: OpenStore, tmp_path: Path, clock: SetClock) -> None:
    store, target = await opened(), tmp_path / "copy.db"
    store.journal._writer._connection.execute("UPDATE alembic_version SET version_num = '0999'")
    await asyncio.to_thread(backup, tmp_path, target)
    store.journal._writer._connection.execute("UPDATE alembic_version SET version_num = ?", REVISIONS[-1:])
    await store.close()
    with pytest.raises(SchemaTooNew):
        restore(tmp_path, target, clock=clock)
    assert (tmp_path / DATABASE_FILE).exists()


def test_restoring_into_an_empty_folder_keeps_nothing(tmp_path: Path, clock: SetClock) -> None:
    with pytest.raises(StoreError, match="no file"):
        restore(tmp_path, tmp_path / "nowhere.db", clock=clock)
    with pytest.raises(StoreError, match="nothing to back up"):
        backup(tmp_path, tmp_path / "copy.db")
