"""The newest entries of the journal in memory, and whoever waits for the next one; lives on the event loop."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from tradershub.ports.journal import Entry, Seq

KEPT_ENTRIES = 1024


class Feed:
    """A ring of durable entries. A follower that falls behind it reads from the tables, and holds up nobody."""

    def __init__(self, last_seq: Seq, kept: int = KEPT_ENTRIES) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._last_seq = last_seq
        self._waiting: list[asyncio.Future[None]] = []
        self.is_closed = False

    @property
    def last_seq(self) -> Seq:
        return self._last_seq

    def publish(self, entries: Iterable[Entry]) -> None:
        """Take durable entries, in order, and wake everyone who waits."""
        for entry in entries:
            self._entries.append(entry)
            self._last_seq = entry.seq
        self._wake()

    def close(self) -> None:
        self.is_closed = True
        self._wake()

    def after(self, seq: Seq) -> Sequence[Entry] | None:
        """Return what is known after `seq`, empty if that is the newest; None if the ring begins later."""
        missing = self._last_seq - seq
        if missing <= 0:
            return ()
        if missing > len(self._entries):
            return None
        return tuple(islice(self._entries, len(self._entries) - missing, None))

    async def changed(self) -> None:
        """Wait until something is published, or the journal closes."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
