"""Rebuilds every projection from the journal on a stopped hub, and mends what differs."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tradershub.store.backup import DATABASE_FILE
from tradershub.store.changes import Batch
from tradershub.store.codec import Codec
from tradershub.store.connections import connect_writer
from tradershub.store.lock import FolderLock
from tradershub.store.projections import Projector
from tradershub.store.schema_version import REVISIONS, create_schema, require_known
from tradershub.store.statements import Statements
from tradershub.store.writing import write_batch

PROJECTIONS = (
    *("signals", "orders", "fills", "trades", "positions", "gates", "execution_log", "refused_messages", "notices"),
    *("settings_audit", "strategy_performance", "daily_risk_tracker", "strategies", "accounts", "execution_config"),
    *("sources", "instruments", "symbol_maps", "preferences"),
)
"""Tables that events alone write."""
_EVENTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Rows of a table that the journal tells of and that were not there, and rows that it does not tell of."""

    table: str
    missing: int
    surplus: int


def replay(folder: Path) -> tuple[Difference, ...]:
    """Compare every projection with the journal and put right what differs, in one transaction; changes nothing else.

    Raises HubAlreadyRunning while a hub uses the folder, SchemaTooNew or StoreError if its database cannot be used.
    """
    file, rebuilt = folder / DATABASE_FILE, folder / "replay.db"
    with FolderLock(folder), closing(connect_writer(file)) as connection:
        require_known(connection, file, REVISIONS[-1:])
        rebuilt.unlink(missing_ok=True)
        try:
            _rebuild(connection, rebuilt)
            connection.execute("ATTACH ? AS rebuilt", (str(rebuilt),))
            return _mend(connection)
        finally:
            # A file that is still attached cannot be removed on Windows.
            connection.close()
            rebuilt.unlink(missing_ok=True)


def _rebuild(journal: sqlite3.Connection, rebuilt: Path) -> None:
    codec, statements = Codec(), Statements()
    projector = Projector(codec)
    with closing(connect_writer(rebuilt)) as connection:
        # It is thrown away afterwards, whatever happens.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        create_schema(connection)
        cursor = connection.cursor()
        cursor.execute("BEGIN")
        after = 0
        while batch := _read(journal, codec, projector, after):
            after, changes = batch
            write_batch(cursor, statements, changes)
        cursor.execute("COMMIT")


def _read(journal: sqlite3.Connection, codec: Codec, projector: Projector, after: int) -> tuple[int, Batch] | None:
    """Return what the next events change and the place of the last of them, None at the end."""
    question = "SELECT seq, kind, payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
    found = journal.execute(question, (after, _EVENTS_AT_ONCE)).fetchall()
    if not found:
        return None
    batch = Batch()
    for seq, kind, payload in found:
        for change in projector.changes(codec.event(kind, payload)):
            batch.take(change, seq)
    return found[-1][0], batch


def _mend(connection: sqlite3.Connection) -> tuple[Difference, ...]:
    connection.execute("BEGIN IMMEDIATE")
    # Rows that point to each other are replaced one by one: the keys have to fit at the end.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    found = tuple(difference for table in PROJECTIONS if (difference := _difference(connection, table)) is not None)
    for difference in found:
        _replace(connection, difference.table)
    connection.execute("COMMIT" if found else "ROLLBACK")
    return found


def _difference(connection: sqlite3.Connection, table: str) -> Difference | None:
    missing, surplus = (
        connection.execute(
            f"SELECT count(*) FROM (SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table})"  # noqa: S608
        ).fetchone()[0]
        for one, other in (("rebuilt", "main"), ("main", "rebuilt"))
    )
    return Difference(table=table, missing=missing, surplus=surplus) if missing or surplus else None


def _replace(connection: sqlite3.Connection, table: str) -> None:
    connection.execute(f"DELETE FROM main.{table}")  # noqa: S608 -- our own names
    connection.execute(f"INSERT INTO main.{table} SELECT * FROM rebuilt.{table}")  # noqa: S608 -- our own names
