"""Looks for damage in a database before anything trades on it."""

import sqlite3
from pathlib import Path

from tradershub.domain.errors import StoreCorrupt

FULL_CHECK_BYTES = 200_000_000
_GROWING = {
    **dict.fromkeys(("events", "execution_log", "copier_log", "notices", "settings_audit", "refused_messages"), "seq"),
    **dict.fromkeys(("signals", "orders", "fills", "trades"), "rowid"),
}
"""Tables that only grow, by the column that tells what is newest."""
_NEWEST = 1_000


def check_file(connection: sqlite3.Connection, file: Path) -> None:
    """Check a database at start; raises StoreCorrupt. Small ones as a whole.

    Of a large one the tables that do not grow (positions, gates, settings) are checked as a whole, and the newest rows
    of those that do are read: a start must stay quick. Backups are checked as a whole when they are made and restored.
    """
    if file.stat().st_size <= FULL_CHECK_BYTES:
        check_whole(connection, file)
        return
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        if name not in _GROWING and not name.startswith("sqlite_"):
            _require_ok(connection, f"PRAGMA quick_check('{name}')", file)
    for name, column in _GROWING.items():
        if name in names:
            newest = f"SELECT * FROM {name} ORDER BY {column} DESC LIMIT {_NEWEST}"  # noqa: S608 -- our own names
            connection.execute(newest).fetchall()


def check_whole(connection: sqlite3.Connection, file: Path) -> None:
    """Check every page of a database; raises StoreCorrupt."""
    _require_ok(connection, "PRAGMA quick_check", file)


def _require_ok(connection: sqlite3.Connection, pragma: str, file: Path) -> None:
    found = [str(row[0]) for row in connection.execute(pragma)]
    if found != ["ok"]:
        raise StoreCorrupt(damaged(file, "; ".join(found[:3])))


def damaged(file: Path, what: str) -> str:
    """Return what an operator needs to know of a damaged database."""
    return f"{file} is damaged ({what}): nothing will trade on it; keep the file and restore a backup"
