"""A source: where messages come in, and what is known of how they are written there."""

from dataclasses import dataclass
from enum import StrEnum


class SourceAuth(StrEnum):
    SECRET = "secret"  # noqa: S105 -- the name of a kind, not a secret
    HMAC = "hmac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`dialects` empty: every dialect that the source's kind knows. `addresses` empty: any sender."""

    name: str
    enabled: bool = True
    dialects: tuple[str, ...] = ()
    auth: SourceAuth = SourceAuth.SECRET
    path_token: bool = True
    zone: str | None = None
    default_strategy: str | None = None
    default_symbol: str | None = None
    dedupe_window_s: int = 20
    max_ahead_s: int = 10
    addresses: tuple[str, ...] = ()
