"""Every journal passes the suite that is shipped for all of them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tradershub.ports.clock import SystemClock
from tradershub.ports.journal import Journal
from tradershub.store.database import open_database
from tradershub.store.store import open_store
from tradershub.testing.journal_suite import JournalSuite
from tradershub.testing.memory_journal import MemoryJournal


class TestSqliteJournal(JournalSuite):
    def journal(self) -> AbstractAsyncContextManager[Journal]:
        return _on_disk()


class TestMemoryJournal(JournalSuite):
    def journal(self) -> AbstractAsyncContextManager[Journal]:
        return _in_memory()


@asynccontextmanager
async def _on_disk() -> AsyncIterator[Journal]:
    with TemporaryDirectory() as folder:
        store = open_store(open_database(Path(folder), clock=SystemClock()))
        try:
            yield store.journal
        finally:
            await store.close()


@asynccontextmanager
async def _in_memory() -> AsyncIterator[Journal]:
    journal = MemoryJournal()
    try:
        yield journal
    finally:
        await journal.close()
