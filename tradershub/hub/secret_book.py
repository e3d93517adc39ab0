"""Whether a message may come in: the secrets of each source, compared in constant time, never shown again."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.sources import Source, SourceAuth
from tradershub.ports.intake import Signature
from tradershub.ports.settings import StoredSecret, Vault

_SIGNATURE_AGE_S = 300


class SecretState(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the secret says. `strategy`: the only one that it admits; None admits every strategy of the source."""

    state: SecretState
    strategy: str | None = None


_WRONG = Admission(state=SecretState.WRONG)
_MISSING = Admission(state=SecretState.MISSING)


def hash_secret(text: str) -> bytes:
    """Return what is kept of a webhook secret: it has 128 random bits or more, so that a plain hash suffices."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class SecretBook:
    """All secrets by source. `common` admits to every source that has none of its own."""

    def __init__(self, *, vault: Vault, secrets: Iterable[StoredSecret] = (), common: bytes | None = None) -> None:
        self._vault = vault
        self._common = common
        self._by_source: dict[str, tuple[StoredSecret, ...]] = {}
        for secret in secrets:
            self.put(secret)

    def put(self, secret: StoredSecret) -> None:
        others = tuple(s for s in self.of(secret.source) if s.secret_id != secret.secret_id)
        self._by_source[secret.source] = (*others, secret)

    def drop(self, secret: StoredSecret) -> None:
        self._by_source[secret.source] = tuple(s for s in self.of(secret.source) if s.secret_id != secret.secret_id)

    def of(self, source: str) -> tuple[StoredSecret, ...]:
        return self._by_source.get(source, ())

    def admit(self, source: Source, offered: Iterable[str | None], now: Nanos) -> Admission:
        """Compare the secrets that a message offers, path first; each comparison takes the same time."""
        hashes = [hash_secret(text) for text in offered if text]
        if not hashes:
            return _MISSING
        admission = _WRONG
        for secret in self._valid(source.name, now):
            if _is_among(secret.hashed, hashes):
                admission = Admission(state=SecretState.OK, strategy=secret.strategy)
        common = self.common_of(source)
        if common is not None and _is_among(common, hashes):
            return Admission(state=SecretState.OK)
        return admission

    def admit_signed(self, source: Source, signature: Signature | None, body: bytes, now: Nanos) -> Admission:
        """Check `hex HMAC-SHA256(key, timestamp + "." + body)` and that the timestamp is within 300 s."""
        if signature is None:
            return _MISSING
        stamp = signature.timestamp
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return _WRONG
        if abs(now // NANOS_PER_SECOND - int(stamp)) > _SIGNATURE_AGE_S:
            return _WRONG
        signed = stamp.encode() + b"." + body
        admission = _WRONG
        for secret in self._valid(source.name, now):
            if secret.sealed is None:
                continue
            digest = hmac.new(self._vault.unseal(secret.sealed), signed, hashlib.sha256).hexdigest()
            if hmac.compare_digest(digest.encode(), signature.digest.encode("utf-8", "surrogatepass")):
                admission = Admission(state=SecretState.OK, strategy=secret.strategy)
        return admission

    def is_configured(self, source: Source, now: Nanos) -> bool:
        return bool(self._valid(source.name, now)) or self.common_of(source) is not None

    def common_of(self, source: Source) -> bytes | None:
        """Return the hash of the common secret where it still counts: until a source, not a strategy, has its own."""
        has_own = any(secret.strategy is None for secret in self.of(source.name))
        return None if has_own or source.auth is not SourceAuth.SECRET else self._common

    def _valid(self, source: str, now: Nanos) -> tuple[StoredSecret, ...]:
        return tuple(s for s in self.of(source) if s.expires_at is None or s.expires_at > now)


def _is_among(known: bytes, hashes: list[bytes]) -> bool:
    """Compare with every hash, whichever one fits: the time says nothing."""
    matches = [hmac.compare_digest(known, hashed) for hashed in hashes]
    return any(matches)
