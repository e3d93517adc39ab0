"""The journal as the hub uses it: a commit of which nobody knows ends the hub, one that failed is told of."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.errors import CommitUnknown, NotStored
from tradershub.domain.events import Event, Noted, Severity
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Entry, Journal, Seq

logger = logging.getLogger(__name__)


class WatchedJournal:
    """Implements ports.journal.Journal. What is appended without being waited for is looked after here."""

    def __init__(self, journal: Journal, *, clock: Clock, fatal: Callable[[BaseException], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._fatal = fatal
        self._failing_since: Nanos | None = None

    def append(self, *events: Event) -> asyncio.Future[Seq]:
        stored = self._journal.append(*events)
        stored.add_done_callback(self._look)
        return stored

    def append_soon(self, *events: Event) -> asyncio.Future[Seq]:
        stored = self._journal.append_soon(*events)
        stored.add_done_callback(self._look)
        return stored

    async def read(self, after: Seq, limit: int = 500) -> Sequence[Entry]:
        return await self._journal.read(after, limit)

    def follow(self, after: Seq) -> AsyncIterator[Entry]:
        return self._journal.follow(after)

    def _look(self, stored: "asyncio.Future[Seq]") -> None:
        error = None if stored.cancelled() else stored.exception()
        if error is None:
            if self._failing_since is not None and not stored.cancelled():
                self._recovered(self._failing_since)
        elif isinstance(error, CommitUnknown):
            self._fatal(error)
        elif isinstance(error, NotStored) and self._failing_since is None:
            self._failing_since = self._clock.now()
            logger.error("nothing was stored: %s", error)

    def _recovered(self, since: Nanos) -> None:
        self._failing_since = None
        message = f"nothing could be stored from {iso(since)} on; messages were answered 503, and none of them was sent"
        logger.warning("events are stored again; %s", message)
        self.append_soon(Noted(at=self._clock.now(), kind="store_failed", severity=Severity.ALARM, message=message))
