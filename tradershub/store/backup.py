"""Copies of the database: made while it is in use, checked before they take its place, never by copying the file."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import StoreCorrupt, StoreError
from tradershub.ports.clock import Clock
from tradershub.store.connections import connect_reader
from tradershub.store.integrity import check_whole
from tradershub.store.lock import FolderLock
from tradershub.store.schema_version import REVISIONS, require_known
from tradershub.store.send_marks import MARKS_FILE

DATABASE_FILE = "tradershub.db"

_PAGES_AT_ONCE = 2_000


def backup(folder: Path, target: Path) -> None:
    """Write a consistent copy of a data folder's database, also while the hub runs; an existing file is refused."""
    source = folder / DATABASE_FILE
    if not source.exists():
        raise StoreError(f"there is no database in {folder}: nothing to back up")
    if target.exists():
        raise StoreError(f"{target} exists already: name a new file, a backup never replaces one")
    copy_database(source, target)


def copy_database(source: Path, target: Path) -> None:
    """Copy by the backup interface into a file that appears checked and whole, or not at all."""
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(connect_reader(source)) as reading, closing(sqlite3.connect(unfinished)) as writing:
            reading.backup(writing, pages=_PAGES_AT_ONCE)
            # A backup is one file: the log would have to travel with it.
            writing.execute("PRAGMA journal_mode = DELETE")
            check_whole(writing, source)
    except (sqlite3.Error, StoreCorrupt) as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, StoreCorrupt):
            raise
        raise StoreError(f"the backup to {target} failed: {error}") from error
    _flush(unfinished)
    unfinished.replace(target)


def restore(folder: Path, source: Path, *, clock: Clock) -> Path | None:
    """Put a backup in the database's place on a stopped hub; returns where the replaced one is kept.

    What was claimed before the backup was made is in doubt then, whatever the send marks say: they are dropped.
    """
    with FolderLock(folder):
        _check_backup(source)
        kept = set_aside(folder / DATABASE_FILE, clock.now())
        (folder / MARKS_FILE).unlink(missing_ok=True)
        put_in_place(source, folder / DATABASE_FILE)
        return kept


def set_aside(file: Path, at: Nanos) -> Path | None:
    """Rename a database with its log, so that it can still be opened under the new name."""
    if not file.exists():
        return None
    kept = file.with_name(f"{file.stem}-replaced-{stamp(at)}{file.suffix}")
    for suffix in ("", "-wal"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    file.with_name(f"{file.name}-shm").unlink(missing_ok=True)
    return kept


def put_in_place(source: Path, file: Path) -> None:
    """Replace a database by a copy of another one, whole or not at all; nobody may have it open."""
    unfinished = file.with_name(f"{file.name}.part")
    shutil.copyfile(source, unfinished)
    _flush(unfinished)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    unfinished.replace(file)


def stamp(at: Nanos) -> str:
    """Return an instant as it stands in names of files."""
    return f"{datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC):%Y%m%dT%H%M%SZ}"


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"{source} is no file: name a backup")
    try:
        with closing(connect_reader(source)) as connection:
            check_whole(connection, source)
            require_known(connection, source, REVISIONS)
    except sqlite3.Error as error:
        raise StoreCorrupt(f"{source} is no usable backup: {error}") from error


def _flush(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
