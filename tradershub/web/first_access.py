"""The first keys of a hub: the password of `admin`, a token for programs, and one that can only kill."""

import secrets

from tradershub.ports.clock import Clock
from tradershub.ports.settings import SettingsStore, StoredToken, StoredUser
from tradershub.web.passwords import hash_password
from tradershub.web.tokens import hash_token

KILL_TOKEN_NAME = "kill command"  # noqa: S105 -- the name of a row


async def give_password(store: SettingsStore, clock: Clock, *, user: str, password: str) -> None:
    """Make the user of a new hub."""
    await store.put_user(
        StoredUser(
            name=user,
            password_hash=hash_password(password),
            totp_sealed=None,
            totp_last_step=0,
            changed_at=clock.now(),
        )
    )


async def give_token(store: SettingsStore, clock: Clock, *, name: str, scope: str, text: str) -> None:
    """Make sure that a token is honoured; a row of the same name that stands for another text is replaced."""
    hashed = hash_token(text)
    for token in await store.tokens():
        if token.name == name and token.hashed != hashed:
            await store.delete_token(token.token_id)
        elif token.hashed == hashed:
            return
    await store.put_token(
        StoredToken(
            token_id=secrets.token_hex(8),
            name=name,
            scope=scope,
            hashed=hashed,
            created_at=clock.now(),
            last_used_at=None,
        )
    )
