"""The sessions of people at pages: rows on the server, of which the browser holds nothing but a random key."""

import asyncio
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import StoreError
from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, StoredSession

logger = logging.getLogger(__name__)

IDLE_SECONDS: Final = 30 * 60
LONGEST_SECONDS: Final = 12 * 3600
_WRITE_EVERY_SECONDS: Final = 60
_MOST_FLASHES: Final = 8
_LONGEST_AGENT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A message that the next page shows once."""

    kind: str
    message: str
    detail: str | None = None
    trace_id: str | None = None
    href: str | None = None


@dataclass(slots=True, kw_only=True)
class LiveSession:
    """A session in memory. `shown_once` holds what one page shows and nobody keeps: new secrets, recovery codes."""

    session_hash: bytes
    user: str
    created_at: Nanos
    seen_at: Nanos
    written_at: Nanos
    peer: str
    agent: str
    flashes: list[Flash] = field(default_factory=list)
    shown_once: dict[str, object] = field(default_factory=dict)
    enrolling: str | None = None

    def flash(self, flash: Flash) -> None:
        self.flashes.append(flash)
        del self.flashes[:-_MOST_FLASHES]

    def take_flashes(self) -> list[Flash]:
        taken, self.flashes = self.flashes, []
        return taken

    def is_over(self, now: Nanos) -> bool:
        idle, age = now - self.seen_at, now - self.created_at
        # A clock that was set back may not make a session eternal.
        return idle >= IDLE_SECONDS * NANOS_PER_SECOND or not 0 <= age < LONGEST_SECONDS * NANOS_PER_SECOND


class Sessions:
    """Begin, find and end sessions; the key itself is never stored, only its hash."""

    def __init__(self, *, settings: SettingsStore, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sessions: dict[bytes, LiveSession] = {}
        self._loading = asyncio.Lock()
        self._is_loaded = False

    async def begin(self, *, user: str, peer: str, agent: str) -> str:
        """Make a session and return its key, for the cookie."""
        await self._load()
        await self._drop_what_is_over()
        key, now = secrets.token_urlsafe(32), self._clock.now()
        session = LiveSession(
            session_hash=_hash(key),
            user=user,
            created_at=now,
            seen_at=now,
            written_at=now,
            peer=peer,
            agent=agent[:_LONGEST_AGENT],
        )
        await self._settings.put_session(_stored(session))
        self._sessions[session.session_hash] = session
        return key

    async def find(self, key: str, *, counts_as_use: bool) -> LiveSession | None:
        """Return the session of a key while it lasts; `counts_as_use` puts off its idle end."""
        await self._load()
        session = self._sessions.get(_hash(key))
        if session is None:
            return None
        now = self._clock.now()
        if session.is_over(now):
            await self.end(session)
            return None
        if counts_as_use:
            session.seen_at = now
            if now - session.written_at >= _WRITE_EVERY_SECONDS * NANOS_PER_SECOND:
                await self._write(session)
        return session

    def is_alive(self, session: LiveSession) -> bool:
        return session.session_hash in self._sessions and not session.is_over(self._clock.now())

    async def end(self, session: LiveSession) -> None:
        self._sessions.pop(session.session_hash, None)
        await self._settings.delete_session(session.session_hash)

    async def end_others(self, kept: LiveSession | None) -> int:
        """End every session but one; return how many there were."""
        others = [session for session in self._sessions.values() if session is not kept]
        for session in others:
            await self.end(session)
        return len(others)

    async def count(self) -> int:
        await self._drop_what_is_over()
        return len(self._sessions)

    async def _drop_what_is_over(self) -> None:
        now = self._clock.now()
        for session in [one for one in self._sessions.values() if one.is_over(now)]:
            await self.end(session)

    async def _write(self, session: LiveSession) -> None:
        session.written_at = session.seen_at
        try:
            await self._settings.put_session(_stored(session))
        except StoreError:
            # Only the time of last use is lost: a page must still come up when the disk is full.
            logger.warning("the last use of a session could not be stored")

    async def _load(self) -> None:
        if self._is_loaded:
            return
        async with self._loading:
            if not self._is_loaded:
                rows = await self._settings.sessions()
                self._sessions = {row.session_hash: _live(row) for row in rows}
                self._is_loaded = True


def form_token(key: str) -> str:
    """Return what the forms of a session carry: it follows from the session's key, and does not lead back to it."""
    return hmac.new(key.encode(), b"tradershub form token", hashlib.sha256).hexdigest()


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _stored(session: LiveSession) -> StoredSession:
    return StoredSession(
        session_hash=session.session_hash,
        user=session.user,
        created_at=session.created_at,
        seen_at=session.seen_at,
        peer=session.peer,
        agent=session.agent,
    )


def _live(row: StoredSession) -> LiveSession:
    return LiveSession(
        session_hash=row.session_hash,
        user=row.user,
        created_at=row.created_at,
        seen_at=row.seen_at,
        written_at=row.seen_at,
        peer=row.peer,
        agent=row.agent,
    )
