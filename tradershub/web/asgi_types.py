"""The part of the ASGI 3 protocol that the shell below the framework speaks, as types."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypedDict

Header = tuple[bytes, bytes]

LAST_BYTE = "tradershub.last_byte"
"""Key of `scope["state"]`: Clock.perf() when the last byte of the request was parsed, written by our own protocols."""


class Scope(TypedDict, total=False):
    type: str
    method: str
    path: str
    raw_path: bytes
    scheme: str
    headers: list[Header]
    client: tuple[str, int] | None
    state: dict[str, Any]


class Event(TypedDict, total=False):
    """Any event that we receive or send; which keys it has follows from its type."""

    type: str
    body: bytes
    more_body: bool
    status: int
    headers: Iterable[Header]
    code: int


Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
# Frameworks bring their own, richer spelling of the same three types.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
