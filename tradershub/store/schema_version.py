"""Which schema a database has, and the making of a new one without the migration tool."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from tradershub.domain.errors import SchemaTooNew, StoreError
from tradershub.store import schema_settings

REVISIONS = ("0001",)
"""Every migration, oldest first; the last one is this hub's schema. A test holds it against the files."""
HEAD = REVISIONS[-1]
VERSION_TABLE = "alembic_version"
FOREIGN = "foreign"
"""Said of a file that holds tables, but none of ours."""


def version_of(connection: sqlite3.Connection) -> str | None:
    """Return the revision of a database, None for a new and empty one."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if VERSION_TABLE not in tables:
        return None if not tables else FOREIGN
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 -- our own constant
    return FOREIGN if row is None else str(row[0])


def create_schema(connection: sqlite3.Connection) -> None:
    """Make every table in one transaction and mark the database as up to date."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in ddl():
        connection.execute(statement)
    connection.execute(
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(f"INSERT INTO {VERSION_TABLE} VALUES (?)", (HEAD,))  # noqa: S608 -- our own constant
    connection.execute("COMMIT")


def ddl() -> Iterator[str]:
    """Yield the statements that make the schema on SQLite."""
    dialect = sqlite.dialect()
    for table in schema_settings.meta.metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))


def require_known(connection: sqlite3.Connection, file: Path, revisions: tuple[str, ...]) -> str:
    """Return the revision of a database; raises SchemaTooNew or StoreError if this hub cannot use it."""
    version = version_of(connection)
    if version is None or version == FOREIGN:
        raise StoreError(f"{file} is no database of TradersHub")
    if version not in revisions:
        raise SchemaTooNew(
            f"{file} has the schema {version}, this hub knows none after {revisions[-1]}: "
            "install the newer version of TradersHub that wrote it"
        )
    return version
