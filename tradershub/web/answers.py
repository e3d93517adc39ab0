"""Answers that the web shell gives itself: finished JSON, always with the same safe headers."""

from dataclasses import dataclass

import msgspec

from tradershub.web.asgi_types import Header, Send

SAFE_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
LONGEST_GOT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: tuple[Header, ...] = ()


def error_body(code: str, advice: str, *, field: str | None = None, got: str | None = None) -> bytes:
    """Return the body that every refusal has; `got` is cut, and must never be a secret."""
    shown = None if got is None else got[:LONGEST_GOT]
    return msgspec.json.encode({"code": code, "field": field, "got": shown, "advice": advice})


def refusal(
    status: int,
    code: str,
    advice: str,
    *,
    field: str | None = None,
    got: str | None = None,
    headers: tuple[Header, ...] = (),
) -> Answer:
    return Answer(status=status, body=error_body(code, advice, field=field, got=got), headers=headers)


def retry_after(seconds: int) -> tuple[Header, ...]:
    return ((b"retry-after", b"%d" % seconds),)


def internal_error(error_id: str) -> Answer:
    """Return what a caller may know of a fault of ours: that it happened, and how to find it in the log."""
    return refusal(500, "internal", f"this is a fault of the hub, not of the message; see {error_id} in its log")


async def send_answer(send: Send, answer: Answer) -> None:
    length = (b"content-length", b"%d" % len(answer.body))
    headers = (*SAFE_HEADERS, length, *answer.headers)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
