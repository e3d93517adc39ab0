"""How a message is written: one parser each, pure, that refuses what it does not understand."""

from dataclasses import dataclass
from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.signals import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a dialect is given: the message, decoded once.

    `text` without a byte-order mark. `data` is the object of a strict JSON reading, None if the text is no JSON
    object; numbers in it are Decimal. `json_error` says why the text, although it begins like JSON, is none.
    """

    text: str
    data: dict[str, object] | None
    json_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the source's settings say about its messages."""

    zone: str | None = None
    default_strategy: str | None = None
    default_symbol: str | None = None
    received_at: Nanos = Nanos(0)


class Dialect(Protocol):
    @property
    def name(self) -> str: ...

    def recognises(self, body: Body) -> bool:
        """Say whether the message is written in this dialect, well or badly."""
        ...

    def secret(self, body: Body) -> str | None:
        """Return the secret that the message carries, None if it carries none."""
        ...

    def without_secret(self, body: Body) -> str:
        """Return the message's text with the secret taken out, to be stored and shown."""
        ...

    def parse(self, body: Body, habits: Habits) -> Reading:
        """Read the message; raises SignalRefused(code, field, advice) rather than guess."""
        ...


class MessageReader(Protocol):
    """Decodes a message once and finds the one dialect that it is written in."""

    def read(self, raw: bytes) -> Body:
        """Decode a message; raises SignalRefused for what is no text."""
        ...

    def choose(self, body: Body, source: str, dialects: tuple[str, ...]) -> Dialect:
        """Return the dialect of a message among those that the source may speak (`dialects` empty: all it can).

        `source` empty: every dialect is tried. Raises SignalRefused where none or more than one fits.
        """
        ...

    def named(self, dialect: str) -> Dialect | None: ...
