"""Senders that each wait for the answer to one message before they send the next: cheap, on one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.support.raw_http import request_bytes

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(slots=True)
class Sent:
    """One message and its answer; `status` 0 while there is none. Instants by time.perf_counter_ns."""

    body: bytes
    sent_at: int
    answered_at: int = 0
    status: int = 0
    answer: bytes = b""


def as_request(body: bytes, path: str = "/webhook/native") -> bytes:
    return request_bytes("POST", path, body, (("Content-Type", "application/json"),))


class Load:
    """Posts messages from `senders` connections until `bodies` end, `seconds` are over, or the hub is gone."""

    def __init__(
        self,
        port: int,
        bodies: Iterable[bytes],
        *,
        senders: int,
        path: str = "/webhook/native",
        seconds: float | None = None,
        on_answer: Callable[[int], None] | None = None,
    ) -> None:
        self._port = port
        self._bodies: Iterator[bytes] = iter(bodies)
        self._senders = senders
        self._path = path
        self._seconds = seconds
        self._on_answer = on_answer
        self._open = 0
        self._stop_at = 0
        self._done: asyncio.Event = asyncio.Event()
        self.sent: list[Sent] = []
        self.answered = 0

    async def run(self) -> list[Sent]:
        """Return every message that was sent, answered or not."""
        loop = asyncio.get_running_loop()
        senders = []
        for _ in range(self._senders):
            _, sender = await loop.create_connection(lambda: _Sender(self), "127.0.0.1", self._port)
            senders.append(sender)
        self._open = len(senders)
        if self._seconds is not None:
            self._stop_at = time.perf_counter_ns() + int(self._seconds * 1e9)
        for sender in senders:
            sender.send_next()
        await self._done.wait()
        for sender in senders:
            sender.transport.close()
        return self.sent

    @property
    def outstanding(self) -> int:
        return len(self.sent) - self.answered

    def next_body(self) -> bytes | None:
        if self._stop_at and time.perf_counter_ns() >= self._stop_at:
            return None
        return next(self._bodies, None)

    def request(self, body: bytes) -> bytes:
        return as_request(body, self._path)

    def was_answered(self) -> None:
        self.answered += 1
        if self._on_answer is not None:
            self._on_answer(self.answered)

    def ended(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._done.set()


class _Sender(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""
        self._current: Sent | None = None
        self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send_next(self) -> None:
        body = self._load.next_body()
        if body is None:
            self._end()
            return
        request = self._load.request(body)
        self._current = Sent(body, time.perf_counter_ns())
        self._load.sent.append(self._current)
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        at = received.find(_END_OF_HEAD)
        if at < 0:
            self._received = received
            return
        head = received[:at].lower()
        where = head.find(_LENGTH)
        length = 0 if where < 0 else int(head[where + len(_LENGTH) :].split(b"\r\n", 1)[0])
        end = at + len(_END_OF_HEAD) + length
        if len(received) < end:
            self._received = received
            return
        self._received = received[end:]
        self._answered(int(received[9:12]), received[at + len(_END_OF_HEAD) : end])

    def _answered(self, status: int, answer: bytes) -> None:
        current = self._current
        if current is None:
            return
        current.answered_at = time.perf_counter_ns()
        current.status, current.answer = status, answer
        self._current = None
        self._load.was_answered()
        self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._load.ended()
