"""The door that every sender's message goes through: webhooks, files, the demo's feeder."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tradershub.domain.clock import Nanos


class Transport(StrEnum):
    HTTP = "http"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """`X-Signature` and `X-Timestamp` of a request, as they were written."""

    timestamp: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """A message as it arrived. `received_perf` is Clock.perf() at its last byte: stages count from there."""

    source: str
    body: bytes
    received_at: Nanos
    received_perf: int
    transport: Transport = Transport.HTTP
    content_type: str | None = None
    path_token: str | None = None
    signature: Signature | None = None
    peer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The finished answer: `http_status` and its JSON body."""

    http_status: int
    body: bytes
    retry_after_s: int | None = None


class Intake(Protocol):
    async def receive(self, raw: RawMessage) -> Receipt:
        """Store, decide and answer one message; returns only after what it answers is durable."""
        ...
