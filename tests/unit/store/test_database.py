"""A database is used only if it is ours alone, whole and of a known schema; an older one is brought up to date."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.unit.store.support import SetClock, child, execute, rows
from tradershub.domain.errors import HubAlreadyRunning, SchemaTooNew, StoreCorrupt, StoreError
from tradershub.store import integrity, schema_settings
from tradershub.store.backup import DATABASE_FILE
from tradershub.store.database import Database, Migrations, open_database
from tradershub.store.lock import FolderLock, holder_of
from tradershub.store.migration_runner import MIGRATIONS, migrate
from tradershub.store.schema_version import REVISIONS

SCHEMA = (
    "SELECT type, name, tbl_name, replace(replace(sql, char(10), ''), char(9), '') FROM sqlite_master ORDER BY 1, 2"
)


@pytest.fixture
def opened(tmp_path: Path, clock: SetClock) -> Iterator[Database]:
    database = open_database(tmp_path, clock=clock)
    yield database
    database.lock.release()


def reopen(folder: Path, clock: SetClock, migrations: Migrations | None = None) -> None:
    open_database(folder, clock=clock, migrations=migrations).lock.release()


def test_a_new_database_is_what_the_migrations_make(opened: Database, tmp_path: Path) -> None:
    migrated = tmp_path / "migrated.db"
    migrate(migrated)
    made, grown = rows(opened.file, SCHEMA), rows(migrated, SCHEMA)
    assert [row[:3] for row in made] == [row[:3] for row in grown]
    for table in (str(row[1]) for row in made if row[0] == "table"):
        assert rows(opened.file, f"PRAGMA table_xinfo('{table}')") == rows(migrated, f"PRAGMA table_xinfo('{table}')")
        assert rows(opened.file, f"PRAGMA foreign_key_list('{table}')") == rows(
            migrated, f"PRAGMA foreign_key_list('{table}')"
        )
    assert rows(opened.file, "SELECT * FROM alembic_version") == rows(migrated, "SELECT * FROM alembic_version")


def test_the_migrations_leave_nothing_to_add(tmp_path: Path) -> None:
    migrated = tmp_path / "migrated.db"
    migrate(migrated)
    engine = create_engine(f"sqlite:///{migrated}", poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema_settings.meta.metadata) == []


def test_the_hub_knows_every_migration_in_order() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert tuple(reversed([script.revision for script in scripts])) == REVISIONS


def test_a_database_is_opened_again(opened: Database, tmp_path: Path, clock: SetClock) -> None:
    opened.lock.release()
    reopen(tmp_path, clock)


def test_a_second_hub_is_refused_and_told_who_runs(opened: Database, tmp_path: Path, clock: SetClock) -> None:
    """F013."""
    with pytest.raises(HubAlreadyRunning, match=f"process {os.getpid()} already uses"):
        open_database(tmp_path, clock=clock)
    assert holder_of(tmp_path) == os.getpid()


def test_a_killed_hub_leaves_no_lock(tmp_path: Path) -> None:
    with child("tests.unit.store.lock_holder", str(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(HubAlreadyRunning, match=f"process {process.pid} "):
            FolderLock(tmp_path)
        process.kill()
    FolderLock(tmp_path).release()


def test_a_damaged_page_is_found_and_the_file_kept(opened: Database, tmp_path: Path, clock: SetClock) -> None:
    """F062."""
    _fill_and_close(opened)
    damaged = bytearray(opened.file.read_bytes())
    page = 4096 * rows(opened.file, "SELECT rootpage FROM sqlite_master WHERE name = 'notices'")[0][0] - 4096  # type: ignore[operator]
    damaged[page : page + 200] = os.urandom(200)
    opened.file.write_bytes(damaged)
    with pytest.raises(StoreCorrupt, match="nothing will trade on it"):
        open_database(tmp_path, clock=clock)
    assert opened.file.read_bytes() == bytes(damaged)
    FolderLock(tmp_path).release()


def test_a_damaged_page_of_a_large_database_is_found(
    opened: Database, tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "FULL_CHECK_BYTES", 0)
    _fill_and_close(opened)
    reopen(tmp_path, clock)
    damaged = bytearray(opened.file.read_bytes())
    page = 4096 * rows(opened.file, "SELECT rootpage FROM sqlite_master WHERE name = 'events'")[0][0] - 4096  # type: ignore[operator]
    damaged[page : page + 200] = os.urandom(200)
    opened.file.write_bytes(damaged)
    with pytest.raises(StoreCorrupt):
        open_database(tmp_path, clock=clock)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, clock: SetClock) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreCorrupt):
        open_database(tmp_path, clock=clock)


def test_a_database_of_something_else_is_refused(tmp_path: Path, clock: SetClock) -> None:
    execute(tmp_path / DATABASE_FILE, "CREATE TABLE songs (name TEXT)")
    with pytest.raises(StoreError, match="no database of TradersHub"):
        open_database(tmp_path, clock=clock)


def test_a_newer_schema_is_refused_and_left_alone(opened: Database, tmp_path: Path, clock: SetClock) -> None:
    opened.lock.release()
    execute(opened.file, "UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(SchemaTooNew, match="0999"):
        open_database(tmp_path, clock=clock)
    assert rows(opened.file, "SELECT version_num FROM alembic_version") == [("0999",)]


def test_an_older_schema_is_backed_up_and_migrated(opened: Database, tmp_path: Path, clock: SetClock) -> None:
    _fill_and_close(opened)
    later = _with_next(tmp_path, 'op.add_column("notices", sa.Column("colour", sa.Text()))')
    reopen(tmp_path, clock, later)
    assert rows(opened.file, "SELECT version_num FROM alembic_version") == [("9001",)]
    assert rows(opened.file, "SELECT count(colour), count(*) FROM notices") == [(0, 50)]
    (saved,) = (tmp_path / "backups").iterdir()
    assert rows(saved, "SELECT version_num FROM alembic_version") == [(REVISIONS[-1],)]
    assert rows(saved, "SELECT count(*) FROM notices") == [(50,)]


@pytest.mark.parametrize(
    "fault", ['raise RuntimeError("no such moon")', "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]
)
def test_a_migration_that_fails_half_way_is_undone_and_can_run_again(
    opened: Database, tmp_path: Path, clock: SetClock, fault: str
) -> None:
    """F063."""
    _fill_and_close(opened)
    change = 'op.add_column("notices", sa.Column("colour", sa.Text()))'
    with pytest.raises(StoreError, match="is as it was before"):
        open_database(tmp_path, clock=clock, migrations=_with_next(tmp_path, f"{change}\n    {fault}"))
    assert rows(opened.file, "SELECT version_num FROM alembic_version") == [(REVISIONS[-1],)]
    assert rows(opened.file, "SELECT count(*) FROM notices") == [(50,)]
    reopen(tmp_path, clock)
    clock.move(1)
    reopen(tmp_path, clock, _with_next(tmp_path, change))
    assert rows(opened.file, "SELECT version_num FROM alembic_version") == [("9001",)]


def test_an_old_library_is_said_once(
    tmp_path: Path, clock: SetClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    with caplog.at_level(logging.INFO):
        reopen(tmp_path, clock)
    assert caplog.text.count("older than 3.51.3") == 1


def _fill_and_close(database: Database) -> None:
    with closing(sqlite3.connect(database.file)) as connection, connection:
        for seq in range(1, 51):
            connection.execute("INSERT INTO events VALUES (?, 1, 'noted', '', '{}')", (seq,))
            connection.execute("INSERT INTO notices VALUES (?, 1, 'k', 'info', ?, NULL, '{}')", (seq, "x" * 900))
    database.lock.release()


def _with_next(folder: Path, change: str) -> Migrations:
    """Return the hub's migrations with one more behind them."""
    copy = folder / "migrations"
    if not copy.exists():
        shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", {REVISIONS[-1]!r}, None, None


def upgrade() -> None:
    {change}
"""
    (copy / "versions" / "9001_next.py").write_text(text, encoding="utf-8")
    shutil.rmtree(copy / "versions" / "__pycache__", ignore_errors=True)
    return Migrations(revisions=(*REVISIONS, "9001"), folder=copy)
