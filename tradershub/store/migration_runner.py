"""Brings a database file up to date; its own process: `python -m tradershub.store.migration_runner FILE [FOLDER]`."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from tradershub.store.connections import connect_writer

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def migrate(file: Path, folder: Path = MIGRATIONS, revision: str = "head") -> None:
    """Run every migration that is missing, all in one transaction: a crash leaves the schema as it was."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    engine = create_engine("sqlite://", creator=lambda: connect_writer(file), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            # Rebuilding a table is SQLite's way to change one; the keys that point to it must let it.
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()


if __name__ == "__main__":
    migrate(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else MIGRATIONS)
