"""One webhook request: caps before reading, one raw message to the intake, its receipt as the answer."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tradershub.domain.clock import Nanos
from tradershub.ports.clock import Clock
from tradershub.ports.intake import Intake, RawMessage, Receipt, Signature, Transport
from tradershub.web.answers import Answer, internal_error, refusal, retry_after, send_answer
from tradershub.web.asgi_types import LAST_BYTE, Header, Receive, Scope, Send
from tradershub.web.peer_limits import FailedSecrets, PeerAddresses

logger = logging.getLogger(__name__)

CLIENT_LEFT: Final = 499
"""What the access log shows for a request whose sender hung up before it was complete."""

_WANTED: Final = frozenset(
    (b"content-type", b"content-encoding", b"content-length", b"x-timestamp", b"x-signature"),
)
_READABLE_TYPES: Final = frozenset((b"", b"application/json", b"text/plain"))
_UNENCODED: Final = frozenset((b"", b"identity"))
_LONGEST_TYPE: Final = 128

_ONLY_POST: Final = refusal(
    405, "method_not_allowed", "send the message as the body of a POST request", headers=((b"allow", b"POST"),)
)
_EMPTY: Final = refusal(400, "empty_body", "the request has no body: put the message there, not into the address")
_NO_TYPE: Final = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLimits:
    """`answer_seconds` stays below the 3 s after which the big alert services hang up."""

    body_bytes: int = 64 * 1024
    answer_seconds: float = 2.8
    retry_seconds: int = 5


DEFAULT_WEBHOOK_LIMITS: Final = WebhookLimits()


class WebhookEndpoint:
    """The HTTP door to the intake. Everything that is not about the transport is the intake's to judge."""

    def __init__(
        self,
        *,
        intake: Intake,
        clock: Clock,
        peers: PeerAddresses,
        failures: FailedSecrets,
        limits: WebhookLimits = DEFAULT_WEBHOOK_LIMITS,
    ) -> None:
        self._intake = intake
        self._clock = clock
        self._peers = peers
        self._failures = failures
        self._limits = limits
        self._running: set[asyncio.Task[Receipt]] = set()
        self._too_large = refusal(
            413, "too_large", f"a message has at most {limits.body_bytes} bytes; shorten its comment or its list"
        )
        self._busy = refusal(
            503,
            "busy",
            "not confirmed as stored in time: send the same message again, a repeat of a stored one is recognised",
            headers=retry_after(limits.retry_seconds),
        )

    async def receive_signal(
        self, scope: Scope, receive: Receive, send: Send, *, source: str, path_token: str | None
    ) -> int:
        """Answer one request and return the status that was sent, CLIENT_LEFT if nobody was there to read it."""
        try:
            answer = await self._answer(scope, receive, source, path_token)
        except Exception:  # noqa: BLE001 -- the web request border: a sender gets an answer whatever broke
            error_id = secrets.token_hex(4)
            logger.exception("error %s while answering a message for %s", error_id, source)
            answer = internal_error(error_id)
        if answer is None:
            return CLIENT_LEFT
        await send_answer(send, answer)
        return answer.status

    async def drain(self, seconds: float) -> None:
        """Wait, at stop, for messages that the intake still holds: their senders have gone, their commits count."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _answer(self, scope: Scope, receive: Receive, source: str, path_token: str | None) -> Answer | None:
        headers = {name: value for name, value in scope["headers"] if name in _WANTED}
        refused = self._refused(scope["method"], headers)
        if refused is not None:
            return refused
        body = await self._body(receive)
        if not body:
            return None if body is None else _EMPTY
        if len(body) > self._limits.body_bytes:
            return self._too_large
        perf, at = self._last_byte(scope)
        peer = self._peers.peer(scope["client"], scope["headers"])
        content_type = headers.get(b"content-type")
        raw = RawMessage(
            source=source,
            body=body,
            received_at=at,
            received_perf=perf,
            transport=Transport.HTTP,
            content_type=None if content_type is None else content_type[:_LONGEST_TYPE].decode("latin-1"),
            path_token=path_token,
            signature=_signature(headers),
            peer=peer,
        )
        receipt = await self._receipt(raw)
        if receipt is None:
            return self._busy
        return self._failed(peer, receipt) if receipt.http_status == 401 else _as_answer(receipt)

    def _refused(self, method: str, headers: dict[bytes, bytes]) -> Answer | None:
        if method != "POST":
            return _ONLY_POST
        encoding = headers.get(b"content-encoding", b"")
        if encoding.strip().lower() not in _UNENCODED:
            return _unsupported(
                "content-encoding", encoding, "send the body as it is: compressed messages are not read"
            )
        content_type = headers.get(b"content-type", _NO_TYPE)
        if content_type.partition(b";")[0].strip().lower() not in _READABLE_TYPES:
            return _unsupported("content-type", content_type, "send application/json or text/plain")
        # Our protocols have checked that it is a plain number.
        if int(headers.get(b"content-length", b"0")) > self._limits.body_bytes:
            return self._too_large
        return None

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the whole body, at most one piece more than is allowed, or None if the sender left."""
        event = await receive()
        if event["type"] != "http.request":
            return None
        body = event.get("body", b"")
        if not event.get("more_body", False):
            return body
        pieces, size = [body], len(body)
        while event.get("more_body", False) and size <= self._limits.body_bytes:
            event = await receive()
            if event["type"] != "http.request":
                return None
            pieces.append(event.get("body", b""))
            size += len(pieces[-1])
        return b"".join(pieces)

    def _last_byte(self, scope: Scope) -> tuple[int, Nanos]:
        """Return both clocks at the last byte: the protocol saw it before this task had its turn."""
        perf, now = self._clock.perf(), self._clock.now()
        seen: int = scope.get("state", {}).get(LAST_BYTE, perf)
        return seen, Nanos(now - (perf - seen))

    async def _receipt(self, raw: RawMessage) -> Receipt | None:
        """Give the message to the intake; None when the sender has to be answered before the intake has decided.

        The intake runs in a task of its own, so that neither the deadline nor a stop cancels it within a commit.
        """
        task = asyncio.ensure_future(self._intake.receive(raw))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait((task,), timeout=self._limits.answer_seconds)
        if done:
            return task.result()
        logger.warning("a message for %s was not stored within %.1f s", raw.source, self._limits.answer_seconds)
        task.add_done_callback(_log_late_error)
        return None

    def _failed(self, peer: str, receipt: Receipt) -> Answer:
        seconds = self._failures.failed(peer)
        if seconds is None:
            return _as_answer(receipt)
        return refusal(
            429,
            "too_many_failures",
            f"too many wrong secrets from this address: correct the secret and try again in {seconds} s",
            headers=retry_after(seconds),
        )


def _unsupported(field: str, value: bytes, advice: str) -> Answer:
    return refusal(415, "unsupported_media_type", advice, field=field, got=value.decode("latin-1"))


def _as_answer(receipt: Receipt) -> Answer:
    headers: Sequence[Header] = () if receipt.retry_after_s is None else retry_after(receipt.retry_after_s)
    return Answer(status=receipt.http_status, body=receipt.body, headers=tuple(headers))


def _signature(headers: dict[bytes, bytes]) -> Signature | None:
    digest = headers.get(b"x-signature")
    if digest is None:
        return None
    return Signature(timestamp=headers.get(b"x-timestamp", b"").decode("latin-1"), digest=digest.decode("latin-1"))


def _log_late_error(task: asyncio.Task[Receipt]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("a message failed after its sender was told to try again", exc_info=task.exception())
