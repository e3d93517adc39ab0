"""The TCP side of the JSON socket link: connects, finds its receiver again, writes lines and cuts what comes back."""

import asyncio
import logging
import socket
from collections.abc import Callable
from random import Random
from typing import cast

from tradershub.domain.clock import Nanos, seconds
from tradershub.domain.errors import PlatformUnavailable
from tradershub.executors.json_socket_wire import MAX_LINE
from tradershub.executors.timers import Timers
from tradershub.ports.clock import Clock

logger = logging.getLogger(__name__)
_CONNECT_SECONDS = 5.0
_LINGER_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_READY_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
_LASTING = seconds(5)
"""A connection that held this long makes the next pause short again."""


class JsonSocketLink:
    """One connection for everything, or (`per_order`) one each, the next of which always stands ready.

    Knows no orders. `changed` is called with why the link is down, or None as it comes up.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        per_order: bool,
        buffer_limit: int,
        clock: Clock,
        random: Random,
        received: Callable[[bytes], None],
        changed: Callable[[str | None], None],
    ) -> None:
        self._host, self._port, self._per_order, self._buffer_limit = host, port, per_order, buffer_limit
        self._clock, self._random, self._timers = clock, random, Timers(clock)
        self._received, self._changed = received, changed
        self._ready: _Connection | None = None
        self._open: set[_Connection] = set()
        self._waiters: list[asyncio.Future[None]] = []
        self._attempts = 0
        self._is_up = False
        self._is_closed = False

    async def connect(self) -> None:
        """Reach the receiver once; raises PlatformUnavailable. A connection lost later is found again by itself."""
        if self._ready is None:
            await self._establish()

    async def close(self) -> None:
        self._is_closed = True
        self._ready = None
        await self._timers.close()
        open_ones = tuple(self._open)
        for connection in open_ones:
            connection.transport.close()
        if open_ones:
            # What is still in a buffer may leave, but a receiver that reads nothing does not hold the hub up.
            await asyncio.wait([connection.gone for connection in open_ones], timeout=_CLOSE_SECONDS)
        for connection in tuple(self._open):
            connection.transport.abort()
        self._wake()

    def refusal(self, size: int) -> str | None:
        """Say why a line of this many bytes cannot be handed over now; None if `write` may follow at once."""
        connection = self._ready
        if connection is None or connection.transport.is_closing():
            return f"no connection to {self._host}:{self._port}"
        unsent = connection.transport.get_write_buffer_size()
        if unsent + size > self._buffer_limit:
            return f"{unsent} bytes still wait for the receiver at {self._host}:{self._port}"
        return None

    def write(self, line: bytes) -> None:
        """Hand a whole line to the transport, which sends what the system takes before this returns."""
        connection = self._ready
        if connection is None:
            raise PlatformUnavailable(f"no connection to {self._host}:{self._port}")
        if self._per_order:
            self._ready, self._attempts = None, 0
        connection.transport.write(line)
        if self._per_order:
            # An acknowledgement may come on the connection that carried the order.
            self._timers.after(_LINGER_SECONDS, connection.transport.close)
            self._timers.start(self._find_again(at_once=True))

    async def ready(self) -> None:
        """Return once the next line can be written, or after a second."""
        if self._ready is not None or self._is_closed:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._timers.after(_READY_SECONDS, lambda: None if waiter.done() else waiter.set_result(None))
        await waiter

    def line(self, line: bytes) -> None:
        self._received(line)

    def lost(self, connection: "_Connection", problem: str) -> None:
        """Take note that a connection has ended."""
        self._open.discard(connection)
        if connection is not self._ready or self._is_closed:
            return
        self._ready = None
        if self._clock.monotonic() - connection.since >= _LASTING:
            self._attempts = 0
        if not self._per_order or self._attempts:
            self._tell(problem)
        self._timers.start(self._find_again(at_once=self._per_order))

    async def _establish(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self, self._clock.monotonic()), self._host, self._port
                )
        except (OSError, TimeoutError) as error:
            problem = str(error) or "no answer"
            raise PlatformUnavailable(f"cannot reach {self._host}:{self._port}: {problem}") from error
        if self._is_closed or self._ready is not None:
            connection.transport.close()
            return
        self._open.add(connection)
        self._ready = connection
        self._tell(None)
        self._wake()

    async def _find_again(self, *, at_once: bool) -> None:
        pause = 0.0 if at_once and not self._attempts else self._pause()
        while not self._is_closed:
            if pause:
                await self._clock.sleep(pause)
            self._attempts += 1
            try:
                await self._establish()
            except PlatformUnavailable as error:
                self._tell(str(error))
                pause = self._pause()
            else:
                return

    def _pause(self) -> float:
        pause = min(_FIRST_PAUSE * 2.0 ** min(self._attempts, 10), _LONGEST_PAUSE)
        return pause * self._random.uniform(0.5, 1.0)

    def _tell(self, problem: str | None) -> None:
        """Tell a change once, however often it is tried again."""
        if self._is_up == (problem is None):
            return
        self._is_up = problem is None
        if problem is None:
            logger.info("connected to %s:%s", self._host, self._port)
        else:
            logger.warning("the link to %s:%s is down: %s", self._host, self._port, problem)
        self._changed(problem)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


class _Connection(asyncio.Protocol):
    """One TCP connection: cuts what it reads into lines and skips those that are too long."""

    transport: asyncio.Transport

    def __init__(self, link: JsonSocketLink, since: Nanos) -> None:
        self._link = link
        self.since = since
        self._rest = b""
        self._skips = False
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: a transport of another event loop need not inherit asyncio's class.
        self.transport = cast("asyncio.Transport", transport)
        stream = transport.get_extra_info("socket")
        if stream is not None:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._skips or len(line) > MAX_LINE:
                self._skips = False
                logger.warning("a line of more than %s bytes from the receiver was skipped", MAX_LINE)
            elif line.strip():
                self._link.line(line)
        if len(self._rest) > MAX_LINE:
            self._rest, self._skips = b"", True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)
        self._link.lost(self, str(exc) if exc is not None else "the receiver closed the connection")
