"""A receiver of JSON lines that answers as a test wants it to: late, half, nonsense, or not at all."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

RESET = b"\x00reset"
"""An answer that is no answer: the connection is reset behind what was sent before."""

Answer = Callable[[dict[str, Any]], bytes]


def silence(_message: dict[str, Any]) -> bytes:
    return b""


def acknowledge(message: dict[str, Any], status: str = "accepted") -> bytes:
    """Answer an order, or a question about orders, with one status."""
    ids = message.get("order_ids") or [message["order_id"]]
    return b"".join(json.dumps({"order_id": order_id, "status": status}).encode() + b"\n" for order_id in ids)


class OddReceiver:
    """Listens on loopback. `on_order` and `on_question` may be replaced at any time."""

    def __init__(self) -> None:
        self.on_order: Answer = acknowledge
        self.on_question: Answer = acknowledge
        self.orders: Counter[str] = Counter()
        self.questions = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> OddReceiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(connection, json.loads(line))

    def _take(self, connection: socket.socket, message: dict[str, Any]) -> None:
        if "order_ids" in message:
            self.questions += 1
            answer = self.on_question(message)
        else:
            self.orders[message["order_id"]] += 1
            answer = self.on_order(message)
        said, separator, _ = answer.partition(RESET)
        connection.sendall(said)
        if separator:
            # Without lingering a close is a reset: the other side sees the connection break, not end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
