"""Servers for the two listeners: uvicorn with guarded protocols, an early socket and nobody else's signal handlers."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uvicorn

from tradershub.ports.clock import Clock
from tradershub.web.asgi_types import AsgiApp
from tradershub.web.h11_protocol import GuardedH11
from tradershub.web.listen_socket import listen
from tradershub.web.listener_config import ListenerConfig
from tradershub.web.request_guard import DEFAULT_HTTP_LIMITS, HttpLimits, ListenerState

try:
    from tradershub.web.httptools_protocol import GuardedHttpTools
except ImportError:  # no build of httptools for this machine: h11 is in pure Python
    GuardedHttpTools = None  # type: ignore[assignment, misc]

ParserName = Literal["httptools", "h11", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    certificate: Path
    key: Path


class Listener(uvicorn.Server):
    """One listener. `bind` takes the port and may be called long before `serve`, which ends on `should_exit`."""

    def __init__(self, config: ListenerConfig) -> None:
        super().__init__(config)
        self._socket: socket.socket | None = None

    def bind(self) -> tuple[str, int]:
        """Take the port and return the address in use; raises PortInUse or CannotListen."""
        if self._socket is None:
            self._socket = listen(self.config.host, self.config.port)
        host, port = self._socket.getsockname()[:2]
        return host, port

    def release(self) -> None:
        """Give the port back; for a listener that was bound and never served."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        if sockets is None:
            self.bind()
            sockets = [] if self._socket is None else [self._socket]
        await super().serve(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: two listeners run in one process, and whoever runs them decides when they stop."""
        yield


def build_server(
    app: AsgiApp,
    *,
    host: str,
    port: int,
    clock: Clock,
    protocol: ParserName = "auto",
    limits: HttpLimits = DEFAULT_HTTP_LIMITS,
    tls: TlsFiles | None = None,
) -> Listener:
    """Return a listener for `app`; nothing is bound or served yet."""
    config = ListenerConfig(
        app,
        state=ListenerState(limits=limits, perf=clock.perf),
        host=host,
        port=port,
        http=protocol_class(protocol),
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        # Logging is set up by whoever starts the process; uvicorn's own lines repeat what we log, but for errors.
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=3,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
    )
    return Listener(config)


def protocol_class(name: ParserName) -> type[asyncio.Protocol]:
    """Return the guarded protocol of that name; `auto` is the fastest one that this machine has."""
    if name == "h11" or (name == "auto" and GuardedHttpTools is None):
        return GuardedH11
    if GuardedHttpTools is None:
        raise ValueError("httptools is not installed for this Python: use h11 or auto")
    return GuardedHttpTools
