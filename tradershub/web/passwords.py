"""Passwords: argon2id, worked out beside the event loop, one at a time."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tradershub.domain.errors import RequestRefused

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
# One of OWASP's settings of equal strength. Blocks this large are given back to the system at once; smaller ones
# (19 MiB, two passes) stay with the process for good under glibc.
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_MOST_WAITING: Final = 8
_COMMON: Final = frozenset(
    (
        *("password", "passwort", "letmein", "welcome", "qwerty", "qwertz", "azerty", "iloveyou", "trading", "trader"),
        *("tradershub", "administrator", "admin", "changeme", "secret", "monkey", "dragon", "football", "baseball"),
        *("sunshine", "princess", "master", "shadow", "superman", "batman", "trustno", "qwertyuiop", "asdfghjkl"),
        *("zxcvbnm", "qazwsx", "qweasdzxc", "starwars", "whatever", "michael", "jordan", "access", "login", "hello"),
    )
)
_ROWS: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_FILLER: Final = "0123456789!?.,-_*#@$%&+= "


def hash_password(text: str) -> str:
    """Return argon2id's own text of a password. Takes tens of milliseconds."""
    return _HASHER.hash(text)


def check_new_password(text: str, *, field: str = "password") -> None:
    """Refuse what is too short, too long or on everybody's list; what letters it is made of is not asked."""
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        advice = f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise RequestRefused(422, "password_length", advice, field=field)
    if _is_common(text.lower()):
        advice = "this password is among the first that anybody tries: use a few words that don't belong together"
        raise RequestRefused(422, "password_common", advice, field=field)


def _is_common(text: str) -> bool:
    core = text.strip(_FILLER)
    half = core[: len(core) // 2]
    is_run = any(text in row * 4 or text in row[::-1] * 4 for row in _ROWS)
    return len(set(text)) <= 3 or core in _COMMON or half in _COMMON or is_run


class PasswordChecks:
    """Compare passwords in a thread; a crowd that comes to guess waits in a short line and is then sent away."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._nobody: str | None = None

    async def is_right(self, stored: str | None, text: str) -> bool:
        """Compare; with no stored hash do the same work and say no, so the time tells nothing about names."""
        async with _Place(self), self._turn:
            return await asyncio.to_thread(self._compare, stored, text[: LONGEST_PASSWORD + 1])

    async def hashed(self, text: str) -> str:
        async with _Place(self), self._turn:
            return await asyncio.to_thread(hash_password, text)

    def enter(self) -> None:
        if self._waiting >= _MOST_WAITING:
            raise RequestRefused(503, "busy", "too many sign-ins at once: try again in a few seconds")
        self._waiting += 1

    def leave(self) -> None:
        self._waiting -= 1

    def _compare(self, stored: str | None, text: str) -> bool:
        if self._nobody is None:
            self._nobody = hash_password("nobody has this password")
        try:
            _HASHER.verify(stored or self._nobody, text)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


class _Place:
    """A place in the line before the hasher."""

    def __init__(self, checks: PasswordChecks) -> None:
        self._checks = checks

    async def __aenter__(self) -> None:
        self._checks.enter()

    async def __aexit__(self, *_: object) -> None:
        self._checks.leave()
