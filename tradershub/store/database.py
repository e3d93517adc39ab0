"""Opens the database of a data folder: locked, checked, made or brought up to date, before anything uses it."""

import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tradershub.domain.errors import StoreCorrupt, StoreError
from tradershub.ports.clock import Clock
from tradershub.store.backup import DATABASE_FILE, copy_database, put_in_place, stamp
from tradershub.store.connections import connect_writer
from tradershub.store.integrity import check_file, damaged
from tradershub.store.locations import check_location
from tradershub.store.lock import FolderLock
from tradershub.store.schema_version import REVISIONS, create_schema, require_known, version_of

logger = logging.getLogger(__name__)

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_SAFE_LIBRARY = (3, 51, 3)
_MIGRATION_SECONDS = 600
_NOT_A_DATABASE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrations:
    """The revisions that a hub knows, oldest first, and the folder of their files."""

    revisions: tuple[str, ...] = REVISIONS
    folder: Path = Path(__file__).resolve().parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database that may be used, as long as the lock is held."""

    folder: Path
    file: Path
    lock: FolderLock


def open_database(folder: Path, *, clock: Clock, migrations: Migrations | None = None) -> Database:
    """Lock a data folder and return its database, new or checked and up to date. Blocks; call it off the event loop.

    Raises ConfigurationError (no place for a database), HubAlreadyRunning, StoreCorrupt, SchemaTooNew, or StoreError
    (a migration failed and was undone).
    """
    check_location(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _warn_of_old_library()
    lock = FolderLock(folder)
    file = folder / DATABASE_FILE
    try:
        _make_ready(file, clock, migrations or Migrations())
    except sqlite3.Error as error:
        lock.release()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_A_DATABASE:
            raise StoreCorrupt(damaged(file, str(error))) from error
        raise StoreError(f"the database {file} cannot be opened: {error}") from error
    except BaseException:
        lock.release()
        raise
    return Database(folder=folder, file=file, lock=lock)


def _make_ready(file: Path, clock: Clock, migrations: Migrations) -> None:
    with closing(connect_writer(file)) as connection:
        if version_of(connection) is None:
            create_schema(connection)
            return
        check_file(connection, file)
        version = require_known(connection, file, migrations.revisions)
    if version != migrations.revisions[-1]:
        _upgrade(file, version, clock, migrations)


def _upgrade(file: Path, version: str, clock: Clock, migrations: Migrations) -> None:
    """Back up, migrate in a process of its own, and put the backup back if that fails."""
    head = migrations.revisions[-1]
    backups = file.parent / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    saved = backups / f"{file.stem}-{version}-before-{head}-{stamp(clock.now())}{file.suffix}"
    copy_database(file, saved)
    logger.info("bringing the database from schema %s to %s; a backup is in %s", version, head, saved)
    problem = _migrate(file, migrations)
    if problem is None:
        return
    put_in_place(saved, file)
    raise StoreError(
        f"the database could not be brought from schema {version} to {head} and is as it was before "
        f"(backup: {saved}); start the earlier version, or see what failed: {problem}"
    )


def _migrate(file: Path, migrations: Migrations) -> str | None:
    """Return what went wrong, None if the database is up to date now."""
    # A child process: the migration tool is large, and the hub that runs for weeks should not carry it.
    command = [sys.executable, "-m", "tradershub.store.migration_runner", str(file), str(migrations.folder)]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module, no shell
            command, cwd=_PACKAGE_ROOT, capture_output=True, timeout=_MIGRATION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {_MIGRATION_SECONDS} s"
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"the migration ended with code {done.returncode}"
    with closing(connect_writer(file)) as connection:
        reached = version_of(connection)
    return None if reached == migrations.revisions[-1] else f"it ended at schema {reached}"


def _warn_of_old_library() -> None:
    if sqlite3.sqlite_version_info < _SAFE_LIBRARY:
        # https://sqlite.org/wal.html#walresetbug: two connections that checkpoint at once; ours is the only one.
        logger.info(
            "SQLite %s is older than 3.51.3, in which a rare race between two connections was mended: "
            "do not write to the database with other programs while the hub runs",
            sqlite3.sqlite_version,
        )
