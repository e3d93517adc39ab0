"""Reads the settings documents of a database that may be in use, without taking its lock."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tradershub.domain.errors import StoreError
from tradershub.ports.settings import DOCUMENT_TABLES
from tradershub.store import schema_settings
from tradershub.store.connections import connect_reader
from tradershub.store.schema_version import REVISIONS, require_known

Documents = Mapping[str, tuple[tuple[str, str], ...]]
"""For each table its (key, JSON text) rows, by key."""


def stored_documents(file: Path) -> Documents:
    """Return every settings document of a database; raises StoreError if it cannot be read."""
    if not file.is_file():
        raise StoreError(f"there is no database {file}: start the hub once, or name its folder with --home")
    try:
        with closing(connect_reader(file)) as connection:
            require_known(connection, file, REVISIONS[-1:])
            return {table: _rows(connection, table) for table in DOCUMENT_TABLES}
    except sqlite3.Error as error:
        raise StoreError(f"the settings in {file} cannot be read: {error}") from error


def _rows(connection: sqlite3.Connection, table: str) -> tuple[tuple[str, str], ...]:
    columns = schema_settings.meta.metadata.tables[table].c
    key = next(iter(columns)).name
    question = f"SELECT {key}, doc FROM {table} ORDER BY {key}"  # noqa: S608 -- names of our own schema
    return tuple((str(row[0]), str(row[1])) for row in connection.execute(question))
