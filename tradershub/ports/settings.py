"""Settings as they are kept: documents that are also events, and secrets, tokens and users, which never are."""

from dataclasses import dataclass
from typing import Protocol

from tradershub.domain.clock import Nanos

DOCUMENT_TABLES = ("strategies", "accounts", "execution_config", "sources", "instruments", "symbol_maps", "preferences")
"""Tables of settings documents: one JSON text a key, written by SettingChanged events alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """A webhook secret of a source (or of one strategy of it): only its hash is kept.

    `sealed` is the encrypted signing key of a source with `auth: hmac`; then there is no hash to compare.
    `expires_at`: a rotated secret is honoured until then.
    """

    secret_id: str
    source: str
    strategy: str | None
    hashed: bytes
    sealed: bytes | None
    created_at: Nanos
    expires_at: Nanos | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    token_id: str
    name: str
    scope: str
    hashed: bytes
    created_at: Nanos
    last_used_at: Nanos | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """`password_hash` is argon2id's own text; `totp_sealed` the encrypted TOTP secret once enrolled."""

    name: str
    password_hash: str
    totp_sealed: bytes | None
    totp_last_step: int
    changed_at: Nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    session_hash: bytes
    user: str
    created_at: Nanos
    seen_at: Nanos
    peer: str
    agent: str


class SettingsStore(Protocol):
    """Rows that are read at start and written by a person's change."""

    async def documents(self, table: str) -> tuple[tuple[str, str], ...]:
        """Return the (key, JSON text) rows of one of DOCUMENT_TABLES."""
        ...

    async def secrets(self) -> tuple[StoredSecret, ...]: ...

    async def put_secret(self, secret: StoredSecret) -> None: ...

    async def delete_secret(self, secret_id: str) -> None: ...

    async def tokens(self) -> tuple[StoredToken, ...]: ...

    async def put_token(self, token: StoredToken) -> None: ...

    async def delete_token(self, token_id: str) -> None: ...

    async def user(self, name: str) -> StoredUser | None: ...

    async def put_user(self, user: StoredUser) -> None: ...

    async def sessions(self) -> tuple[StoredSession, ...]: ...

    async def put_session(self, session: StoredSession) -> None: ...

    async def delete_session(self, session_hash: bytes) -> None: ...


class Vault(Protocol):
    """Encrypts what must be read back: signing keys, TOTP secrets, broker credentials."""

    def seal(self, plain: bytes) -> bytes: ...

    def unseal(self, sealed: bytes) -> bytes:
        """Raises ConfigurationError if the key that sealed it is gone."""
        ...
