"""uvicorn's h11 protocol, held to our limits: for machines without a build of httptools."""

from collections.abc import Sequence
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tradershub.web.asgi_types import Header
from tradershub.web.listener_config import listener_state
from tradershub.web.request_guard import HEADERS, MALFORMED, SURPLUS, ConnectionGuard, Cycle

_Happened = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


class _GuardedParser(h11.Connection):
    def __init__(self, guard: ConnectionGuard, max_incomplete_event_size: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size)
        self._guard = guard

    def next_event(self) -> _Happened:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self._guard.fault = HEADERS if error.error_status_hint == HEADERS.status else MALFORMED
            raise
        if isinstance(event, h11.Request):
            version = event.http_version.decode()
            if self._guard.head(event.target, list(event.headers), version) is not None:
                raise h11.RemoteProtocolError("refused by the guard")
        elif isinstance(event, h11.EndOfMessage):
            self._look_behind_the_end()
            self._guard.message_complete()
            if self.trailing_data[0]:
                self._guard.message_begun()
        elif event is h11.PAUSED:
            self._look_behind_the_end()
        return event

    def _look_behind_the_end(self) -> None:
        surplus = self.trailing_data[0]
        if not surplus or not self._guard.is_answering():
            return
        if surplus.strip(b"\r\n"):
            self._guard.fault = SURPLUS
            raise h11.RemoteProtocolError("bytes behind the end of the request")
        # Old clients end a body with a blank line. This parser would stumble over it after the answer.
        self._guard.answer_and_close()


class GuardedH11(H11Protocol):
    def __init__(self, config: Any, *args: Any, **more: Any) -> None:
        super().__init__(config, *args, **more)
        state = listener_state(config)
        self.guard = ConnectionGuard(self, state)
        self.conn = _GuardedParser(self.guard, state.limits.header_bytes)
        self.app = self.guard.gated(self.app)

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
        if data:
            super().data_received(data)
            self.guard.parsed()

    def send_400_response(self, msg: str) -> None:
        # Not through h11, which refuses to answer once it has seen an error; and in the shape of our other errors.
        self.guard.refuse(self.guard.fault or MALFORMED)
