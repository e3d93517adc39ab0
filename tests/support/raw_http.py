"""HTTP/1.1 by hand: exact request bytes, and the reply as it came, or that the connection was closed without one."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` 0: the connection was closed without an answer. `seconds`: from the first byte sent to the last read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0
    cookies: tuple[str, ...] = ()

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


NO_ANSWER = Reply(0, {}, b"")


def request_bytes(
    method: str, path: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), *, host: str = "127.0.0.1"
) -> bytes:
    """Write a request; Host and Content-Length are added where the headers do not give them."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    lines = [f"{method} {path} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in given]
    if "content-length" not in names and (body or method in ("POST", "PUT")):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def exchange(
    port: int, request: bytes, *, drip_seconds: float = 0.0, seconds: float = ANSWER_SECONDS, head_only: bool = False
) -> Reply:
    """Send bytes as they are, all at once or one by one, and read one reply."""
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        if drip_seconds:
            early = _drip(connection, request, drip_seconds, started + seconds)
        else:
            early = b""
            # The hub may answer and hang up before it has read everything.
            with contextlib.suppress(ConnectionError):
                connection.sendall(request)
        reply = _read(connection, early, head_only=head_only)
    return replace(reply, seconds=time.perf_counter() - started)


def _drip(connection: socket.socket, request: bytes, gap: float, deadline: float) -> bytes:
    """Send the head at once and the body byte by byte until the other side answers, hangs up or time is over."""
    head, separator, body = request.partition(b"\r\n\r\n")
    connection.sendall(head + separator)
    connection.settimeout(gap)
    for byte in body:
        if time.perf_counter() > deadline:
            break
        try:
            connection.sendall(bytes((byte,)))
            early = connection.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
        return early
    return b""


def _read(connection: socket.socket, received: bytes, *, head_only: bool) -> Reply:
    """Read a reply with a Content-Length, or to the end of the connection."""
    data = bytearray(received)
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return NO_ANSWER
            data += piece
    head, separator, rest = bytes(data).partition(b"\r\n\r\n")
    if not separator:
        return NO_ANSWER
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    headers = dict(fields)
    length = 0 if head_only else int(headers.get("content-length", "0"))
    body = bytearray(rest)
    with contextlib.suppress(ConnectionError):
        while len(body) < length:
            piece = connection.recv(65536)
            if not piece:
                break
            body += piece
    cookies = tuple(value for name, value in fields if name == "set-cookie")
    return Reply(int(first.split(" ")[1]), headers, bytes(body), cookies=cookies)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
