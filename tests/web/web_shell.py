"""A real listener on loopback with a recording intake behind it, and raw sockets to talk to it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tradershub.ports.clock import SystemClock
from tradershub.ports.intake import RawMessage, Receipt
from tradershub.web.asgi import OutermostApp
from tradershub.web.http_protocol import Listener, ParserName, build_server
from tradershub.web.peer_limits import FailedSecrets, PeerAddresses
from tradershub.web.request_guard import DEFAULT_HTTP_LIMITS, HttpLimits
from tradershub.web.webhooks import DEFAULT_WEBHOOK_LIMITS, WebhookEndpoint, WebhookLimits

BOTH_PARSERS: tuple[ParserName, ...] = ("httptools", "h11")
both_parsers = pytest.mark.parametrize("parser", BOTH_PARSERS)

SOURCES = {"tradingview-webhook": "tradingview", "copy-trade": "tradingview", "webhook/native": "native"}
GOOD = b'{"secret":"open sesame","symbol":"MNQ","action":"sell","quantity":"2"}'
WRONG = GOOD.replace(b"sesame", b"barley")
STORED = b'{"status":"accepted"}'


class RecordingIntake:
    """Keeps what it is given; knows one secret, and refuses a body that is no JSON object."""

    def __init__(self) -> None:
        self.messages: list[RawMessage] = []
        self.stored: list[RawMessage] = []
        self.hold: asyncio.Event | None = None
        self.raises: Exception | None = None

    async def receive(self, raw: RawMessage) -> Receipt:
        self.messages.append(raw)
        if self.raises is not None:
            raise self.raises
        try:
            message = json.loads(raw.body)
        except ValueError:
            return Receipt(http_status=400, body=b'{"code":"not_readable"}')
        if message.get("secret") != "open sesame":
            return Receipt(http_status=401, body=b'{"code":"wrong_secret"}')
        if self.hold is not None:
            await self.hold.wait()
        self.stored.append(raw)
        return Receipt(http_status=202, body=STORED)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> Any:
        return json.loads(self.body)


@dataclass
class Shell:
    """A running listener."""

    host: str
    port: int
    intake: RecordingIntake
    app: OutermostApp
    server: Listener
    failures: FailedSecrets
    reasons: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator["Wire"]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            yield Wire(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def send(self, *pieces: bytes) -> Reply:
        async with self.connection() as wire:
            wire.write(*pieces)
            return await wire.reply()

    async def post(self, body: bytes, path: str = "/webhook/native", **headers: str) -> Reply:
        return await self.send(post(body, path, **headers))


class Wire:
    """One raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def write(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)

    async def write_and_drain(self, piece: bytes) -> None:
        self._writer.write(piece)
        await self._writer.drain()

    async def write_until_refused(self, piece: bytes) -> None:
        for _ in range(1000):
            await self.write_and_drain(piece)

    async def reply(self) -> Reply:
        async with asyncio.timeout(5):
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")[:-2]
            headers = dict(line.lower().split(": ", 1) for line in lines)
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Reply(int(first.split(" ")[1]), headers, body)

    async def rest(self) -> bytes:
        """Return what comes until the other end closes."""
        async with asyncio.timeout(5):
            return await self._reader.read()


def head(method: str = "POST", path: str = "/webhook/native", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1"]
    lines += (f"{name.replace('_', '-')}: {value}" for name, value in ({"Host": "hub.local"} | headers).items())
    return "\r\n".join((*lines, "", "")).encode()


def post(body: bytes, path: str = "/webhook/native", **headers: str) -> bytes:
    given = {"Content_Type": "application/json", "Content_Length": str(len(body))} | headers
    return head("POST", path, **given) + body


@contextlib.asynccontextmanager
async def a_shell(
    parser: ParserName = "httptools",
    *,
    host: str = "127.0.0.1",
    limits: HttpLimits = DEFAULT_HTTP_LIMITS,
    webhook_limits: WebhookLimits = DEFAULT_WEBHOOK_LIMITS,
    proxies: tuple[str, ...] = (),
    hooks_only: bool = False,
    doors_open: bool = True,
    sources: Mapping[str, str] = SOURCES,
    monotonic_ns: Callable[[], int] = lambda: 0,
    framework: Callable[[Any, Any, Any], Awaitable[None]] | None = None,
) -> AsyncIterator[Shell]:
    clock, intake, peers = SystemClock(), RecordingIntake(), PeerAddresses(proxies)
    failures, reasons = FailedSecrets(monotonic_ns), list[str]()
    webhooks = WebhookEndpoint(intake=intake, clock=clock, peers=peers, failures=failures, limits=webhook_limits)
    app = OutermostApp(
        sources=lambda: sources,
        reasons=lambda: tuple(reasons),
        peers=peers,
        webhooks=webhooks if doors_open else None,
        hooks_only=hooks_only,
    )
    if framework is not None:
        app.mount(framework)
    server = build_server(app, host=host, port=0, clock=clock, protocol=parser, limits=limits)
    bound_host, port = server.bind()
    serving = asyncio.create_task(server.serve())
    try:
        yield Shell(bound_host, port, intake, app, server, failures, reasons)
    finally:
        if intake.hold is not None:
            intake.hold.set()
        server.should_exit = True
        await serving
