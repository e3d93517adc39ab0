"""Connections that only read, in threads of their own: a long question never holds up the event loop or the writer."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.pool import QueuePool

from tradershub.ports.journal import Entry, Seq
from tradershub.store import schema
from tradershub.store.codec import Codec
from tradershub.store.connections import connect_reader

T = TypeVar("T")

READERS = 4


class Readers:
    """A small pool of reading connections and as many threads. Each question sees one state of the tables."""

    def __init__(self, file: Path) -> None:
        self._engine = _engine(file)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Run a question on a connection of its own, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)

    def close(self) -> None:
        """Wait for the questions under way and close the connections; blocks."""
        self._threads.shutdown()
        self._engine.dispose()

    def _answer(self, question: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return question(connection)


def _engine(file: Path) -> Engine:
    engine = create_engine(
        "sqlite://", creator=lambda: connect_reader(file), poolclass=QueuePool, pool_size=READERS, max_overflow=0
    )
    # The driver begins no transaction for a SELECT: without one, two questions of a page could see different states.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


class EventReader:
    """Reads the journal back."""

    def __init__(self, readers: Readers, codec: Codec) -> None:
        self._readers = readers
        self._codec = codec

    async def events_after(self, after: Seq, limit: int) -> Sequence[Entry]:
        return await self._readers.ask(lambda connection: read_events(connection, self._codec, after, limit))


def read_events(connection: Connection, codec: Codec, after: int, limit: int) -> Sequence[Entry]:
    """Return up to `limit` entries after a place, in order."""
    events = schema.events
    question = (
        select(events.c.seq, events.c.kind, events.c.payload)
        .where(events.c.seq > after)
        .order_by(events.c.seq)
        .limit(limit)
    )
    found = connection.execute(question).all()
    return tuple(Entry(seq=Seq(seq), event=codec.event(kind, payload)) for seq, kind, payload in found)
