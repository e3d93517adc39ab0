"""Puts the store together: one journal, its readers and the settings, on a database that is open."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tradershub.store.codec import Codec
from tradershub.store.connections import connect_writer
from tradershub.store.database import Database
from tradershub.store.journal import SqliteJournal
from tradershub.store.projections import Projector
from tradershub.store.readers import EventReader, Readers
from tradershub.store.settings_tables import SettingsTables
from tradershub.store.statements import Statements
from tradershub.store.views import TableViews
from tradershub.store.writer import NoHooks, Results, StoreHooks, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything that reads and writes the database. Close it before the event loop ends."""

    database: Database
    journal: SqliteJournal
    views: TableViews
    settings: SettingsTables
    readers: Readers

    async def close(self) -> None:
        """Commit what waits, end the threads and give the folder's lock back."""
        await self.journal.close()
        await asyncio.to_thread(self.readers.close)
        self.database.lock.release()


def open_store(database: Database, *, hooks: StoreHooks | None = None) -> Store:
    """Start the journal of an open database on the running event loop."""
    codec, statements = Codec(), Statements()
    readers = Readers(database.file)
    journal = SqliteJournal(
        projector=Projector(codec),
        reader=EventReader(readers, codec),
        make_writer=lambda deliver: _writer(database, statements, deliver, hooks or NoHooks()),
    )
    return Store(
        database=database,
        journal=journal,
        views=TableViews(readers, codec),
        settings=SettingsTables(journal, readers),
        readers=readers,
    )


def _writer(
    database: Database, statements: Statements, deliver: Callable[[Results], None], hooks: StoreHooks
) -> Writer:
    return Writer(connect_writer(database.file), statements=statements, deliver=deliver, hooks=hooks)
