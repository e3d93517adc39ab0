"""What a platform tells, kept in order until its one reader takes it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from tradershub.ports.executor import PlatformEvent


class EventStream:
    """Unbounded on purpose: a fill that was reported must not be dropped because its reader is busy."""

    def __init__(self) -> None:
        self._events: deque[PlatformEvent] = deque()
        self._closed = False
        self._waiter: asyncio.Future[None] | None = None

    def put(self, event: PlatformEvent) -> None:
        self._events.append(event)
        self._wake()

    def close(self) -> None:
        """End the stream once what is in it has been read."""
        self._closed = True
        self._wake()

    async def read(self) -> AsyncIterator[PlatformEvent]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
