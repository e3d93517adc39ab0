"""The second factor: codes of an authenticator, each good once, and recovery codes for when it is lost."""

import asyncio
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import pyotp

from tradershub.domain.clock import NANOS_PER_SECOND
from tradershub.domain.errors import RequestRefused
from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, StoredUser, Vault
from tradershub.web.login_limits import LoginLimits

logger = logging.getLogger(__name__)

_STEP: Final = 30 * NANOS_PER_SECOND
_RECOVERY_CODES: Final = 10
_ISSUER: Final = "TradersHub"
_LONGEST_CODE: Final = 64
_COUNTED_UNDER: Final = "second factor"


class _Enrolment(msgspec.Struct):
    """What is sealed: the shared secret, and the hashes of the recovery codes that are left."""

    secret: str
    recovery: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    recovery_codes: tuple[str, ...]


class SecondFactor:
    """Check codes. Wrong ones are counted for the user, not for the peer: guesses from everywhere add up."""

    def __init__(self, *, settings: SettingsStore, vault: Vault, clock: Clock) -> None:
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._limits = LoginLimits(clock)
        # A code counts once: checking it and noting that it is used may not be interleaved.
        self._turn = asyncio.Lock()

    async def is_enrolled(self, user: str) -> bool:
        stored = await self._settings.user(user)
        return stored is not None and stored.totp_sealed is not None

    async def recovery_left(self, user: str) -> int | None:
        stored = await self._settings.user(user)
        if stored is None or stored.totp_sealed is None:
            return None
        return len(self._open(stored.totp_sealed).recovery)

    async def is_right(self, user: str, code: str) -> bool:
        """Check a code and use it up. Raises RequestRefused (429) after too many wrong ones."""
        async with self._turn:
            wait = self._limits.wait_seconds(_COUNTED_UNDER, is_here=True)
            if wait:
                raise RequestRefused(
                    429, "too_many_attempts", f"too many wrong codes: try again in {wait} s", field="totp"
                )
            stored = await self._settings.user(user)
            if stored is None or stored.totp_sealed is None:
                return False
            changed = self._used(stored, "".join(code[:_LONGEST_CODE].split()))
            if changed is None:
                self._limits.failed(_COUNTED_UNDER)
                logger.warning("a wrong second factor for %s", user)
                return False
            await self._settings.put_user(changed)
            self._limits.succeeded(_COUNTED_UNDER)
            return True

    async def demand(self, user: str, code: str | None) -> bool:
        """Refuse unless the code is right; return whether there was one to check at all (False: none is enrolled)."""
        if not await self.is_enrolled(user):
            return False
        if not code:
            advice = "enter the code that your authenticator shows now"
            raise RequestRefused(403, "second_factor_required", advice, field="totp")
        if not await self.is_right(user, code):
            advice = "this code is wrong or was used before: wait for the next one"
            raise RequestRefused(403, "second_factor_wrong", advice, field="totp")
        return True

    async def enrol(self, user: str, secret: str, code: str) -> Enrolled | None:
        """Switch it on if the code proves that the authenticator has the secret; None if it does not."""
        stored = await self._settings.user(user)
        step = self._matching_step(secret, code.strip(), after=0)
        if stored is None or step is None:
            return None
        codes = tuple(
            f"{secrets.token_hex(3)}-{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(_RECOVERY_CODES)
        )
        sealed = self._seal(_Enrolment(secret=secret, recovery=[_hash(one) for one in codes]))
        await self._settings.put_user(replace(stored, totp_sealed=sealed, totp_last_step=step))
        logger.warning("second factor switched on for %s", user)
        return Enrolled(recovery_codes=codes)

    async def disable(self, user: str) -> None:
        stored = await self._settings.user(user)
        if stored is not None:
            await self._settings.put_user(replace(stored, totp_sealed=None))
            logger.warning("second factor switched off for %s", user)

    def _used(self, stored: StoredUser, code: str) -> StoredUser | None:
        enrolment = self._open(stored.totp_sealed or b"")
        step = self._matching_step(enrolment.secret, code, after=stored.totp_last_step)
        if step is not None:
            return replace(stored, totp_last_step=step)
        hashed = _hash(code)
        left = [one for one in enrolment.recovery if not hmac.compare_digest(one, hashed)]
        if len(left) == len(enrolment.recovery):
            return None
        logger.warning("a recovery code was used for %s, %d left", stored.name, len(left))
        return replace(stored, totp_sealed=self._seal(_Enrolment(secret=enrolment.secret, recovery=left)))

    def _matching_step(self, secret: str, code: str, *, after: int) -> int | None:
        """Return the time step of a code: this one, the last or the next, for clocks that differ a little."""
        totp = pyotp.TOTP(secret)
        now = self._clock.now() // _STEP
        found = None
        for step in (now - 1, now, now + 1):
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()) and step > after:
                found = step
        return found

    def _seal(self, enrolment: _Enrolment) -> bytes:
        return self._vault.seal(msgspec.json.encode(enrolment))

    def _open(self, sealed: bytes) -> _Enrolment:
        return msgspec.json.decode(self._vault.unseal(sealed), type=_Enrolment)


def new_secret() -> str:
    return pyotp.random_base32()


def enrolment_uri(secret: str, user: str) -> str:
    """Return the address that authenticators read as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=_ISSUER)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
