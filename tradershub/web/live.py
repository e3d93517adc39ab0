"""Live pages: server-sent events, one bounded queue a client, so that a slow one costs nobody but itself."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from litestar.response import Response

from tradershub.domain.clock import NANOS_PER_SECOND
from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.ports.clock import Clock
from tradershub.ports.control import Control, LiveEvent
from tradershub.web.asgi_types import Event, Receive, Send
from tradershub.web.day_figures import DayFigures
from tradershub.web.json_text import encode
from tradershub.web.live_payloads import LivePayloads
from tradershub.web.options import WebOptions

logger = logging.getLogger(__name__)

TOPICS: Final = frozenset(("signals", "orders", "positions", "platforms", "gate", "status"))
_SEND_SECONDS: Final = 20
# Whoever may no longer see the stream is found out when it is opened again.
_LONGEST_STREAM: Final = 3600 * NANOS_PER_SECOND
_LONGEST_ID: Final = 128
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # Proxies that collect an answer before they pass it on would make the stream useless.
    (b"x-accel-buffering", b"no"),
)


class _Client:
    """What one client has not read yet. Overflow ends the stream: the browser comes back for a snapshot."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: deque[LiveEvent] = deque()
        self._news = asyncio.Event()
        self.is_over = False

    def put(self, event: LiveEvent) -> None:
        if self.is_over:
            return
        if len(self._events) >= self._most:
            self.end()
            return
        self._events.append(event)
        self._news.set()

    def end(self) -> None:
        self.is_over = True
        self._events.clear()
        self._news.set()

    def take(self) -> LiveEvent | None:
        if self._events:
            return self._events.popleft()
        self._news.clear()
        if self.is_over:
            self._news.set()
        return None

    async def wait(self, seconds: float) -> bool:
        """Return False if nothing came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


class LiveStreams:
    """All open streams of this hub."""

    def __init__(self, *, control: Control, clock: Clock, options: WebOptions, day: DayFigures) -> None:
        self._feed = control.live
        self._payloads = LivePayloads(control=control, clock=clock, day=day)
        self._day = day
        self._clock = clock
        self._options = options
        self._clients: set[_Client] = set()
        self._is_closed = False
        self._encoded: tuple[LiveEvent, bytes] | None = None

    def __len__(self) -> int:
        return len(self._clients)

    def close(self) -> None:
        """End every stream and admit no more: the hub is stopping."""
        self._is_closed = True
        for client in tuple(self._clients):
            client.end()

    def begin(self, *, topics: frozenset[str], after: str | None, is_allowed: Callable[[], bool]) -> "EventStream":
        """Return the answer that streams; raises RequestRefused where there are too many."""
        if self._is_closed or len(self._clients) >= self._options.most_streams:
            raise RequestRefused(503, "too_many_streams", "too many live pages are open: close some, or try again")
        return EventStream(self, topics=topics, after=after, is_allowed=is_allowed)

    async def run(
        self, send: Send, *, topics: frozenset[str], after: str | None, is_allowed: Callable[[], bool]
    ) -> None:
        """Send snapshot, changes and heartbeats until the client is dropped, the hub stops or access ends."""
        client = _Client(self._options.stream_events)
        self._clients.add(client)
        began = self._clock.monotonic()
        # Nothing is awaited between the two, so no change falls between the snapshot and what follows it.
        first = self._feed.snapshot(topics)
        stop = self._feed.subscribe(topics, after, client.put)
        try:
            await self._send(send, b"retry: 2000\n\n" + self._text(first))
            while not client.is_over and is_allowed() and self._clock.monotonic() - began < _LONGEST_STREAM:
                event = client.take()
                if event is not None:
                    await self._send(send, self._text(event))
                elif not await client.wait(self._options.heartbeat_seconds):
                    await self._send(send, await self._heartbeat())
        finally:
            stop()
            self._clients.discard(client)

    async def _send(self, send: Send, text: bytes) -> None:
        async with asyncio.timeout(_SEND_SECONDS):
            await send({"type": "http.response.body", "body": text, "more_body": True})

    def _text(self, event: LiveEvent) -> bytes:
        if self._encoded is not None and self._encoded[0] is event:
            return self._encoded[1]
        named = b"id: %s\nevent: %s\ndata: " % (event.event_id.encode(), event.name.encode())
        text = named + encode(self._payloads.of(event)) + b"\n\n"
        self._encoded = (event, text)
        return text

    async def _heartbeat(self) -> bytes:
        with contextlib.suppress(StoreError):
            await self._day.today()
        return b"event: status\ndata: " + encode(self._payloads.status({})) + b"\n\n"


class EventStream(Response[bytes]):
    """The answer of one stream. It owns its clean-up, whichever way the client leaves."""

    def __init__(
        self, streams: LiveStreams, *, topics: frozenset[str], after: str | None, is_allowed: Callable[[], bool]
    ) -> None:
        super().__init__(b"", media_type="text/event-stream")
        self._streams = streams
        self._topics = topics
        self._after = after
        self._is_allowed = is_allowed

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self._answer

    async def _answer(self, _: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        running = asyncio.ensure_future(
            self._streams.run(send, topics=self._topics, after=self._after, is_allowed=self._is_allowed)
        )
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            leaving.cancel()
            await asyncio.gather(running, leaving, return_exceptions=True)
        await _finish(running, send)


async def _finish(running: asyncio.Future[None], send: Send) -> None:
    """Close the answer properly where its client still reads; a client that was too slow is simply cut off."""
    if running.cancelled():
        return
    error = running.exception()
    if error is not None:
        if not isinstance(error, TimeoutError | OSError):
            logger.error("a live stream broke off", exc_info=error)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            end: Event = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(end)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
