"""The journal on SQLite: appends are encoded on the event loop, committed in groups on the writer's thread."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from tradershub.domain.errors import CommitUnknown, NotStored, StoreError
from tradershub.domain.events import Event
from tradershub.ports.journal import Entry, Seq
from tradershub.store.changes import Change
from tradershub.store.feed import Feed
from tradershub.store.projections import Projector
from tradershub.store.readers import EventReader
from tradershub.store.writer import Job, Results, Writer

logger = logging.getLogger(__name__)

_FOLLOW_CHUNK = 500
_COMPANY_S = 0.005
"""How long an append that nobody waits for is held back, so that it costs no commit of its own."""


class SqliteJournal:
    """Implements ports.journal.Journal; belongs to the event loop that is running when it is made."""

    def __init__(
        self,
        *,
        projector: Projector,
        reader: EventReader,
        make_writer: Callable[[Callable[[Results], None]], Writer],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._projector = projector
        self._reader = reader
        self._writer = make_writer(self._deliver)
        self._feed = Feed(self._writer.last_seq)
        self._is_open = True
        self._held: list[Job] = []
        self._release: asyncio.TimerHandle | None = None
        self.halted: asyncio.Future[CommitUnknown] = self._loop.create_future()
        """Done once the result of a commit is unknown, whoever waited for it: the hub must stop."""
        self._writer.start()

    @property
    def last_seq(self) -> Seq:
        """The place of the newest durable event."""
        return self._feed.last_seq

    def append(self, *events: Event) -> asyncio.Future[Seq]:
        """Queue events for the next group commit; see the contract."""
        return self._put(events, ())

    def append_soon(self, *events: Event) -> asyncio.Future[Seq]:
        """Queue events for a commit within a few milliseconds; see the contract."""
        job = self._job(events, ())
        if self._is_open:
            self._held.append(job)
            if self._release is None:
                self._release = self._loop.call_later(_COMPANY_S, self._let_go)
        return job.future

    def change(self, *changes: Change) -> asyncio.Future[Seq]:
        """Queue plain rows that no event tells of: secrets, tokens, users, sessions."""
        return self._put((), changes)

    async def read(self, after: Seq, limit: int = _FOLLOW_CHUNK) -> Sequence[Entry]:
        return await self._reader.events_after(after, limit)

    async def follow(self, after: Seq) -> AsyncIterator[Entry]:
        """Yield every event after `after` once it is durable; ends when the journal closes."""
        while True:
            entries = self._feed.after(after)
            if entries is None:
                entries = await self.read(after)
            for entry in entries:
                yield entry
                after = entry.seq
            if not entries:
                if self._feed.is_closed:
                    return
                await self._feed.changed()

    async def close(self) -> None:
        """Commit what waits, then end the writer; appends from now on are refused."""
        self._let_go()
        self._is_open = False
        await asyncio.to_thread(self._writer.close)
        # The last results were handed to the loop before the thread ended: let them be delivered first.
        closed = self._loop.create_future()
        self._loop.call_soon(closed.set_result, None)
        await closed
        self._feed.close()

    def _put(self, events: tuple[Event, ...], changes: tuple[Change, ...]) -> asyncio.Future[Seq]:
        job = self._job(events, changes)
        if self._is_open:
            self._let_go()
            self._writer.put(job)
        return job.future

    def _job(self, events: tuple[Event, ...], changes: tuple[Change, ...]) -> Job:
        future: asyncio.Future[Seq] = self._loop.create_future()
        if not self._is_open:
            future.set_exception(NotStored("the journal is closed"))
        return Job(future, events, tuple(map(self._projector.row, events)), changes)

    def _let_go(self) -> None:
        """Hand over what was held back; called before anything that came later is handed over."""
        if self._release is not None:
            self._release.cancel()
            self._release = None
        held, self._held = self._held, []
        for job in held:
            self._writer.put(job)

    def _deliver(self, results: Results) -> None:
        """Called on the writer's thread: hand a whole transaction to the loop in one step."""
        try:
            self._loop.call_soon_threadsafe(self._complete, results)
        except RuntimeError:
            # The loop is gone and with it everyone who could wait; what is committed is found at the next start.
            logger.warning("the event loop ended before %d results of the journal reached it", len(results))

    def _complete(self, results: Results) -> None:
        entries: list[Entry] = []
        for job, outcome in results:
            if not isinstance(outcome, StoreError):
                first = outcome - len(job.events) + 1
                entries.extend(Entry(seq=Seq(first + index), event=event) for index, event in enumerate(job.events))
            elif isinstance(outcome, CommitUnknown) and not self.halted.done():
                self.halted.set_result(outcome)
            if job.future.done():
                continue
            if isinstance(outcome, StoreError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
        self._feed.publish(entries)
