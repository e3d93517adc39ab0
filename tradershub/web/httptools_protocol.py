"""uvicorn's httptools protocol, held to our limits."""

from collections.abc import Sequence
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tradershub.web.asgi_types import Header
from tradershub.web.listener_config import listener_state
from tradershub.web.request_guard import AMBIGUOUS, MALFORMED, SURPLUS, ConnectionGuard, Cycle


class _RequestFaultError(Exception):
    """Leaves the parser's callback; which fault it was, the guard knows."""


class GuardedHttpTools(HttpToolsProtocol):
    def __init__(self, config: Any, *args: Any, **more: Any) -> None:
        super().__init__(config, *args, **more)
        # uvicorn lets the parser ignore what follows a last request; here it shows a Content-Length that lies.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=False)
        self.guard = ConnectionGuard(self, listener_state(config))
        self.app = self.guard.gated(self.app)
        self._unread = 0

    def current_cycle(self) -> Cycle | None:
        return self.cycle

    def default_headers(self) -> Sequence[Header]:
        return self.server_state.default_headers

    def take_off_the_wire(self) -> None:
        self.flow.resume_reading()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.guard.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        self.guard.lost()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self.guard.refused:
            self.transport.close()
        else:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        data = self.guard.admit(data)
        if not data:
            return
        self._unset_keepalive_if_required()
        if self._unread:
            self._take_body(data)
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._take_body(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.guard.refuse(self.guard.fault or MALFORMED)
        else:
            self.guard.parsed()

    def on_message_begin(self) -> None:
        if self.guard.is_answering():
            self.guard.fault = SURPLUS
            raise _RequestFaultError
        self.guard.message_begun()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers come this way too. Nobody reads them, and nobody looks at their size.
        if self.guard.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        fault = self.guard.head(self.url, self.headers, self.parser.get_http_version())
        if fault is None and self.parser.should_upgrade() and self.guard.body_length is None:
            self.guard.fault = fault = AMBIGUOUS
        if fault is not None:
            raise _RequestFaultError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        # The parser takes what follows an Upgrade header for another protocol. We ignore the offer, as servers may,
        # so that it is the body: Java's client sends its POST with such an offer.
        self._unread = (self.guard.body_length or 0) if self.parser.should_upgrade() else 0
        if not self._unread:
            self._complete()

    def _take_body(self, data: bytes) -> None:
        piece, surplus = data[: self._unread], data[self._unread :]
        if piece:
            self._unread -= len(piece)
            self.on_body(piece)
            if not self._unread:
                self._complete()
        if surplus.strip(b"\r\n"):
            self.guard.refuse(SURPLUS)

    def _complete(self) -> None:
        super().on_message_complete()
        self.guard.message_complete()
