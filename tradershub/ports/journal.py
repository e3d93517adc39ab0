"""The append-only event log, and the only way anything trading gets onto disk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from tradershub.domain.events import Event

Seq = NewType("Seq", int)
"""The place of an event in the journal, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    seq: Seq
    event: Event


class Journal(Protocol):
    """Events and their projections, in one transaction, durable when the future is done.

    Appends take effect in the order of the calls. What is appended together commits together, or not at all.
    """

    def append(self, *events: Event) -> asyncio.Future[Seq]:
        """Queue events for the next group commit; the result is the place of the last one.

        The future raises DuplicateSignal (a key is taken: nothing of this append is stored, others are unharmed),
        NotStored (the commit failed: nothing is stored) or CommitUnknown (the hub must stop).
        """
        ...

    def append_soon(self, *events: Event) -> asyncio.Future[Seq]:
        """As `append`, for what nobody waits for: it may wait some milliseconds to share a commit with others.

        It never overtakes, nor is overtaken by, another append.
        """
        ...

    async def read(self, after: Seq, limit: int = 500) -> Sequence[Entry]: ...

    def follow(self, after: Seq) -> AsyncIterator[Entry]:
        """Yield every event after `after`, for ever, once it is durable."""
        ...
