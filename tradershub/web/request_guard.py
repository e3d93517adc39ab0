"""What one connection may do: how long, how large and how many requests may be, whichever parser reads them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final, Protocol

from tradershub.web.answers import SAFE_HEADERS, error_body
from tradershub.web.asgi_types import LAST_BYTE, AsgiApp, Header

_BLANK: Final = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    # Ten seconds are promised; the cut itself has to fall within them.
    request_seconds: float = 9.5
    header_bytes: int = 16 * 1024
    header_count: int = 100
    connections: int = 512
    # Longer than proxies keep an unused connection: a POST sent into one that we are closing is lost, not retried.
    idle_seconds: int = 125
    # An early refusal is only read by a sender whose rest is taken off the wire, up to this much and this long.
    drained_bytes: int = 8 * 1024 * 1024
    linger_seconds: float = 1.0


DEFAULT_HTTP_LIMITS: Final = HttpLimits()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer given below the framework, after which the connection is closed."""

    status: int
    code: str
    advice: str
    headers: tuple[Header, ...] = ()

    def render(self, default_headers: Sequence[Header]) -> bytes:
        body = error_body(self.code, self.advice)
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()]
        more = ((b"content-length", b"%d" % len(body)), (b"connection", b"close"))
        lines += (name + b": " + value for name, value in (*default_headers, *SAFE_HEADERS, *self.headers, *more))
        return b"\r\n".join((*lines, b"", body))


MALFORMED: Final = Refusal(400, "malformed_request", "send one well-formed HTTP/1.1 request")
AMBIGUOUS: Final = Refusal(
    400, "ambiguous_length", "say how long the body is once: one Content-Length, or Transfer-Encoding: chunked"
)
SURPLUS: Final = Refusal(
    400, "surplus_bytes", "Content-Length is smaller than the body, or a request came before the answer to the last"
)
TOO_SLOW: Final = Refusal(408, "too_slow", "send the whole request at once")
HEADERS: Final = Refusal(431, "headers_too_large", "send fewer or shorter headers")
FULL: Final = Refusal(503, "too_many_connections", "close connections that are not in use", ((b"retry-after", b"1"),))


class Cycle(Protocol):
    """What both of uvicorn's request cycles have."""

    disconnected: bool
    keep_alive: bool
    more_body: bool
    response_started: bool
    response_complete: bool
    message_event: asyncio.Event

    @property
    def scope(self) -> Any: ...


class Connection(Protocol):
    """What both of uvicorn's protocols give the guard to work on."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def current_cycle(self) -> Cycle | None: ...
    def default_headers(self) -> Sequence[Header]: ...
    def take_off_the_wire(self) -> None: ...


@dataclass(slots=True)
class ListenerState:
    """What the connections of one listener share; `guards` is in the order of their arrival."""

    limits: HttpLimits
    perf: Callable[[], int]
    guards: dict["ConnectionGuard", None] = field(default_factory=dict)


class _Phase(Enum):
    BETWEEN = auto()
    HEAD = auto()
    BODY = auto()


class ConnectionGuard:
    """Holds one connection to the limits. Its protocol reports what it reads and does what the guard answers."""

    def __init__(self, connection: Connection, listener: ListenerState) -> None:
        self.fault: Refusal | None = None
        self.refused = False
        self.body_length: int | None = None
        self._connection = connection
        self._listener = listener
        self._limits = listener.limits
        self._phase = _Phase.BETWEEN
        self._dropped = False
        self._head_bytes = 0
        self._drained = 0
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        """Count a new connection; beyond the bound an unused one makes room, else the new one is refused."""
        guards = self._listener.guards
        guards[self] = None
        if len(guards) > self._limits.connections:
            unused = next((guard for guard in guards if guard.is_unused), None)
            if unused is not None:
                unused.refused = True
                unused.close()
            elif len(guards) > 2 * self._limits.connections:
                self.refused = True
                self._connection.transport.abort()
                return
            else:
                self.refuse(FULL)
                return
        self._start_clock()

    def lost(self) -> None:
        self._listener.guards.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def is_unused(self) -> bool:
        cycle = self._connection.current_cycle()
        return not self.refused and self._phase is _Phase.BETWEEN and cycle is not None and cycle.response_complete

    @property
    def in_head(self) -> bool:
        return self._phase is _Phase.HEAD

    def is_answering(self) -> bool:
        cycle = self._connection.current_cycle()
        return cycle is not None and not cycle.response_complete

    def admit(self, data: bytes) -> bytes:
        """Return what the parser may see of freshly received bytes."""
        if self.refused:
            return b""
        if self._phase is _Phase.BETWEEN:
            data = data.lstrip(_BLANK)
            if not data:
                return b""
            self.message_begun()
        if self._phase is _Phase.HEAD:
            self._head_bytes += len(data)
        elif not self.is_answering():
            self._drained += len(data)
            if self._drained > self._limits.drained_bytes:
                self.close()
                return b""
        return data

    def message_begun(self) -> None:
        """Start the clock of a request at its first byte."""
        if self._phase is _Phase.BETWEEN:
            self._phase, self._head_bytes = _Phase.HEAD, 0
            self._start_clock()

    def parsed(self) -> None:
        """Look at what is left of the head once the parser has seen all there is: a parser alone buffers any amount."""
        if self._phase is _Phase.HEAD and self._head_bytes > self._limits.header_bytes:
            self.refuse(HEADERS)

    def head(self, target: bytes, headers: Sequence[Header], version: str) -> Refusal | None:
        """Judge a complete head; the fault is also kept, for where the parser's error says less."""
        self.fault = self._fault_of(target, headers, version)
        if self.fault is None:
            self._phase, self._drained = _Phase.BODY, 0
        return self.fault

    def message_complete(self) -> None:
        """Stop the clock of a request: all of it is here."""
        self._phase, self._due = _Phase.BETWEEN, None
        cycle = self._connection.current_cycle()
        if cycle is not None and cycle.response_complete:
            # The answer went out before the end of the request, and uvicorn's own idle timer with it.
            self._start_clock()
        elif cycle is not None:
            cycle.scope["state"][LAST_BYTE] = self._listener.perf()

    def refuse(self, refusal: Refusal) -> None:
        """Answer with `refusal` and close; a request that was already handed over still gets its own answer first."""
        if self.refused:
            return
        self.refused, self._due = True, None
        cycle, transport = self._connection.current_cycle(), self._connection.transport
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body and (cycle.response_started or not cycle.message_event.is_set()):
                cycle.keep_alive = False
                return
            self._dropped = cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                transport.close()
                return
        transport.write(refusal.render(self._connection.default_headers()))
        self._connection.take_off_the_wire()
        if transport.can_write_eof():
            transport.write_eof()
            self._timer = self._connection.loop.call_later(self._limits.linger_seconds, transport.close)
        else:
            transport.close()

    def answer_and_close(self) -> None:
        """Let the request in hand be the last one."""
        cycle = self._connection.current_cycle()
        if cycle is not None:
            self.refused, self._due, cycle.keep_alive = True, None, False

    def close(self) -> None:
        self._connection.transport.close()

    def gated(self, app: AsgiApp) -> AsgiApp:
        """Return `app` for requests that are still wanted when their turn comes: refused ones never reach it."""

        async def run(scope: Any, receive: Any, send: Any) -> None:
            if not self._dropped:
                await app(scope, receive, send)

        return run

    def _fault_of(self, target: bytes, headers: Sequence[Header], version: str) -> Refusal | None:
        size = len(target) + sum(len(name) + len(value) + 4 for name, value in headers)
        if size > self._limits.header_bytes or len(headers) > self._limits.header_count:
            return HEADERS
        framing = dict(_framing(headers))
        if not target.startswith(b"/") or (version == "1.1" and framing.get(b"host") is None):
            return MALFORMED
        if None in framing.values():
            return AMBIGUOUS
        length, coding = framing.get(b"content-length"), framing.get(b"transfer-encoding")
        if coding is not None:
            if length is not None or version != "1.1" or coding.lower() != b"chunked":
                return AMBIGUOUS
            self.body_length = None
            return None
        if length is not None and not (length.isdigit() and len(length) < 19):
            return AMBIGUOUS
        self.body_length = int(length or 0)
        return None

    def _start_clock(self) -> None:
        self._due = self._connection.loop.time() + self._limits.request_seconds
        if self._timer is None:
            self._timer = self._connection.loop.call_at(self._due, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        # One timer serves many requests: it is set again only when it rings, not for each of them.
        self._timer = None
        if self._due is None or self.refused:
            return
        if self._due > self._connection.loop.time():
            self._timer = self._connection.loop.call_at(self._due, self._look_at_the_clock)
        elif self._phase is _Phase.BETWEEN or (self._phase is _Phase.BODY and not self.is_answering()):
            self.close()
        else:
            self.refuse(TOO_SLOW)


def _framing(headers: Sequence[Header]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield what says where a request ends and whom it is for; None where it is said twice."""
    seen = set()
    for name, value in headers:
        if name in (b"content-length", b"transfer-encoding", b"host"):
            yield name, None if name in seen else value
            seen.add(name)
