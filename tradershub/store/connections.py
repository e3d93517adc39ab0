"""Connections to the SQLite file: one that writes, with every promise of durability, and others that only read."""

import sqlite3
from decimal import Decimal
from pathlib import Path

from tradershub.domain.quantities import decimal_text
from tradershub.store.statements import DECIMAL_ADD

BUSY_TIMEOUT_MS = 2_000
"""How long a commit may wait for another process that holds the file, such as a backup tool. Senders give up at 3 s."""
_LAST_RESORT_PAGES = 20_000
"""The writer moves the log into the file itself, between batches; SQLite would do it inside a commit."""


def _decimal_add(left: str, right: str) -> str:
    return decimal_text(Decimal(left) + Decimal(right))


def connect_writer(file: Path) -> sqlite3.Connection:
    """Open the one connection that writes; transactions are begun and ended by hand."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LAST_RESORT_PAGES}")
    # macOS: fsync alone leaves the data in the drive's cache.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.create_function(DECIMAL_ADD, 2, _decimal_add, deterministic=True)
    return connection


def connect_reader(file: Path) -> sqlite3.Connection:
    """Open a connection that cannot write, for any thread, one at a time."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA query_only = ON")
    return connection
