"""Signing in and out, and changing the password: the one place that decides whether a person is who they say."""

import hmac
import logging
from dataclasses import dataclass, replace

from tradershub.domain.errors import RequestRefused
from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, StoredUser
from tradershub.web.login_limits import LoginLimits
from tradershub.web.passwords import PasswordChecks, check_new_password
from tradershub.web.second_factor import SecondFactor
from tradershub.web.sessions import LiveSession, Sessions

logger = logging.getLogger("tradershub.security")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to sign in. `is_here`: it comes from this machine."""

    username: str
    password: str
    totp: str
    peer: str
    agent: str
    is_here: bool


class LoginRefused(RequestRefused):
    """Why an attempt failed, as much as may be told. `wait_seconds` is above 0 when it was not even looked at."""

    def __init__(self, status: int, code: str, advice: str, *, needs_totp: bool = False, wait_seconds: int = 0) -> None:
        super().__init__(status, code, advice)
        self.needs_totp = needs_totp
        self.wait_seconds = wait_seconds


class SignIn:
    """Sessions are begun here alone, and only after password and, where enrolled, second factor."""

    def __init__(
        self,
        *,
        settings: SettingsStore,
        clock: Clock,
        user_name: str,
        sessions: Sessions,
        second_factor: SecondFactor,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._user_name = user_name
        self._sessions = sessions
        self._second_factor = second_factor
        self._passwords = PasswordChecks()
        self.limits = LoginLimits(clock)

    async def sign_in(self, attempt: Attempt) -> str:
        """Return the key of a new session; raises LoginRefused."""
        wait = self.limits.wait_seconds(attempt.peer, is_here=attempt.is_here)
        if wait:
            advice = f"too many attempts: try again in {wait} s"
            raise LoginRefused(429, "too_many_attempts", advice, wait_seconds=wait)
        user = await self._settings.user(self._user_name)
        is_user = user is not None and hmac.compare_digest(attempt.username.encode(), user.name.encode())
        is_right = await self._passwords.is_right(user.password_hash if is_user and user else None, attempt.password)
        if user is None or not is_right:
            raise self._wrong(attempt, "wrong_login", "user name or password is wrong")
        await self._check_second_factor(attempt, user)
        self.limits.succeeded(attempt.peer)
        key = await self._sessions.begin(user=user.name, peer=attempt.peer, agent=attempt.agent)
        logger.info("%s signed in from %s", user.name, attempt.peer)
        return key

    async def sign_out(self, session: LiveSession) -> None:
        await self._sessions.end(session)
        logger.info("%s signed out", session.user)

    async def change_password(self, session: LiveSession, *, current: str, new: str, repeat: str) -> None:
        """Change it and end every other session; raises RequestRefused with the field that is wrong."""
        if new != repeat:
            raise RequestRefused(422, "not_the_same", "the two new passwords differ", field="repeat")
        check_new_password(new)
        await self.check_password(session, current, field="current")
        user = await self._settings.user(session.user)
        if user is None:
            raise RequestRefused(404, "not_found", "there is no such user any more")
        hashed = await self._passwords.hashed(new)
        await self._settings.put_user(replace(user, password_hash=hashed, changed_at=self._clock.now()))
        ended = await self._sessions.end_others(session)
        logger.warning("%s changed the password; %d other sessions ended", user.name, ended)

    async def check_password(self, session: LiveSession, password: str, *, field: str) -> None:
        """Refuse unless it is the password of the session's user; guesses count as attempts to sign in."""
        wait = self.limits.wait_seconds(session.peer, is_here=False)
        if wait:
            raise RequestRefused(429, "too_many_attempts", f"too many attempts: try again in {wait} s", field=field)
        user = await self._settings.user(session.user)
        if not await self._passwords.is_right(user.password_hash if user else None, password):
            self.limits.failed(session.peer)
            raise RequestRefused(422, "wrong_password", "this is not the password now in use", field=field)

    async def _check_second_factor(self, attempt: Attempt, user: StoredUser) -> None:
        if user.totp_sealed is None:
            return
        if not attempt.totp:
            advice = "enter the code that your authenticator shows now"
            raise LoginRefused(401, "second_factor_required", advice, needs_totp=True)
        if not await self._second_factor.is_right(user.name, attempt.totp):
            advice = "this code is wrong or was used before: wait for the next one"
            raise self._wrong(attempt, "second_factor_wrong", advice, needs_totp=True)

    def _wrong(self, attempt: Attempt, code: str, advice: str, *, needs_totp: bool = False) -> LoginRefused:
        self.limits.failed(attempt.peer)
        logger.warning("a sign-in from %s failed: %s", attempt.peer, code)
        return LoginRefused(401, code, advice, needs_totp=needs_totp)
