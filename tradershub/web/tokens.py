"""The tokens of programs that use the API: shown once, kept as hashes."""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, iso
from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, StoredToken
from tradershub.ports.views import Row
from tradershub.web.access import Principal, Scope, granted

logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}", re.ASCII)
_USED_EVERY: Final = 300 * NANOS_PER_SECOND
_READ_AGAIN_AFTER: Final = 2 * NANOS_PER_SECOND
_LONGEST_TOKEN: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    row: Row
    token: str


def hash_token(text: str) -> bytes:
    """Return what is kept of a token. Tokens are long and random, so a fast hash is enough."""
    return hashlib.sha256(text.encode()).digest()


class Tokens:
    """Know a token again, make new ones, take them back."""

    def __init__(self, *, settings: SettingsStore, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._tokens: dict[str, StoredToken] = {}
        self._read_at: Nanos | None = None
        self._reading = asyncio.Lock()

    async def principal(self, text: str) -> Principal | None:
        """Return who a token stands for, or None; every token is compared, so the time tells nothing."""
        if not 0 < len(text) <= _LONGEST_TOKEN:
            return None
        if self._read_at is None:
            await self._read()
        hashed = hash_token(text)
        token = self._find(hashed)
        if token is None and self._is_old():
            # The command line writes tokens too, while the hub runs.
            await self._read()
            token = self._find(hashed)
        if token is None:
            return None
        await self._note_use(token)
        return Principal(who=f"token:{token.name}", scopes=granted(_scopes(token)))

    async def rows(self) -> tuple[Row, ...]:
        await self._read()
        newest_first = sorted(self._tokens.values(), key=lambda token: token.created_at, reverse=True)
        return tuple(_row(token) for token in newest_first)

    async def create(self, name: object, scopes: object, *, who: str) -> NewToken:
        """Make a token; its text is in the answer and nowhere else."""
        wanted = _checked_scopes(scopes)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _refused("name", name, "expected 1 to 64 letters, digits, blanks, dots, dashes or underscores")
        await self._read()
        if any(token.name == name for token in self._tokens.values()):
            raise RequestRefused(
                409, "exists", "there is a token with this name: choose another", field="name", got=name
            )
        text = f"th_{secrets.token_urlsafe(32)}"
        token = StoredToken(
            token_id=secrets.token_hex(8),
            name=name,
            scope=" ".join(wanted),
            hashed=hash_token(text),
            created_at=self._clock.now(),
            last_used_at=None,
        )
        await self._settings.put_token(token)
        self._tokens[token.token_id] = token
        logger.info("token %s with scopes %s made by %s", name, token.scope, who)
        return NewToken(row=_row(token), token=text)

    async def delete(self, token_id: str, *, who: str) -> None:
        await self._read()
        token = self._tokens.get(token_id)
        if token is None:
            raise RequestRefused(404, "not_found", "there is no such token", field="id", got=token_id)
        await self._settings.delete_token(token_id)
        del self._tokens[token_id]
        logger.info("token %s taken back by %s", token.name, who)

    def _find(self, hashed: bytes) -> StoredToken | None:
        found = None
        for token in self._tokens.values():
            if hmac.compare_digest(token.hashed, hashed):
                found = token
        return found

    def _is_old(self) -> bool:
        return self._read_at is None or self._clock.monotonic() - self._read_at >= _READ_AGAIN_AFTER

    async def _read(self) -> None:
        async with self._reading:
            self._tokens = {token.token_id: token for token in await self._settings.tokens()}
            self._read_at = self._clock.monotonic()

    async def _note_use(self, token: StoredToken) -> None:
        now = self._clock.now()
        if token.last_used_at is not None and now - token.last_used_at < _USED_EVERY:
            return
        used = replace(token, last_used_at=now)
        self._tokens[token.token_id] = used
        try:
            await self._settings.put_token(used)
        except StoreError:
            # A full disk must not lock out the program that would stop the hub.
            logger.warning("the last use of token %s could not be stored", token.name)


def _scopes(token: StoredToken) -> tuple[Scope, ...]:
    return tuple(Scope(text) for text in token.scope.split() if text in tuple(Scope))


def _row(token: StoredToken) -> Row:
    return {
        "id": token.token_id,
        "name": token.name,
        "scopes": list(_scopes(token)),
        "created_at": iso(token.created_at),
        "last_used_at": None if token.last_used_at is None else iso(token.last_used_at),
    }


def _checked_scopes(scopes: object) -> Sequence[Scope]:
    if not isinstance(scopes, list | tuple) or not scopes:
        raise _refused("scopes", scopes, f"expected a list with at least one of {', '.join(Scope)}")
    for scope in scopes:
        if scope not in tuple(Scope):
            raise _refused("scopes", scope, f"expected one of {', '.join(Scope)}")
    return tuple(scope for scope in Scope if scope in scopes)


def _refused(field: str, got: object, advice: str) -> RequestRefused:
    return RequestRefused(422, "invalid", advice, field=field, got=got)
