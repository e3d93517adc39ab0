"""Settings as they are kept: documents read back, and the private rows that no event may carry."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Table, select

from tradershub.domain.errors import StoreError
from tradershub.ports.settings import DOCUMENT_TABLES, StoredSecret, StoredSession, StoredToken, StoredUser
from tradershub.store import schema_settings
from tradershub.store.changes import Change, Verb
from tradershub.store.journal import SqliteJournal
from tradershub.store.readers import Readers

T = TypeVar("T")


class SettingsTables:
    """Implements ports.settings.SettingsStore; every write is durable when it returns."""

    def __init__(self, journal: SqliteJournal, readers: Readers) -> None:
        self._journal = journal
        self._readers = readers

    async def documents(self, table: str) -> tuple[tuple[str, str], ...]:
        if table not in DOCUMENT_TABLES:
            raise StoreError(f"{table!r} keeps no documents: expected one of {', '.join(DOCUMENT_TABLES)}")
        columns = schema_settings.meta.metadata.tables[table].c
        key = next(iter(columns))
        question = select(key, columns.doc).order_by(key)

        def answer(connection: Connection) -> tuple[tuple[str, str], ...]:
            return tuple((str(row[0]), str(row[1])) for row in connection.execute(question))

        return await self._readers.ask(answer)

    async def secrets(self) -> tuple[StoredSecret, ...]:
        return await self._all(schema_settings.secrets, StoredSecret)

    async def put_secret(self, secret: StoredSecret) -> None:
        whose = (secret.secret_id, secret.source, secret.strategy)
        await self._put("secrets", *whose, secret.hashed, secret.sealed, secret.created_at, secret.expires_at)

    async def delete_secret(self, secret_id: str) -> None:
        await self._drop("secrets", secret_id)

    async def tokens(self) -> tuple[StoredToken, ...]:
        return await self._all(schema_settings.tokens, StoredToken)

    async def put_token(self, token: StoredToken) -> None:
        what = (token.token_id, token.name, token.scope, token.hashed)
        await self._put("tokens", *what, token.created_at, token.last_used_at)

    async def delete_token(self, token_id: str) -> None:
        await self._drop("tokens", token_id)

    async def user(self, name: str) -> StoredUser | None:
        users = await self._all(schema_settings.users, StoredUser)
        return next((user for user in users if user.name == name), None)

    async def put_user(self, user: StoredUser) -> None:
        what = (user.name, user.password_hash, user.totp_sealed, user.totp_last_step)
        await self._put("users", *what, user.changed_at)

    async def sessions(self) -> tuple[StoredSession, ...]:
        return await self._all(schema_settings.sessions, StoredSession)

    async def put_session(self, session: StoredSession) -> None:
        times = (session.created_at, session.seen_at)
        await self._put("sessions", session.session_hash, session.user, *times, session.peer, session.agent)

    async def delete_session(self, session_hash: bytes) -> None:
        await self._drop("sessions", session_hash)

    async def _all(self, table: Table, made: Callable[..., T]) -> tuple[T, ...]:
        question = select(table)

        def answer(connection: Connection) -> tuple[T, ...]:
            return tuple(made(**row) for row in connection.execute(question).mappings())

        return await self._readers.ask(answer)

    async def _put(self, table: str, *row: str | bytes | int | None) -> None:
        await self._journal.change(Change(Verb.PUT, table, row))

    async def _drop(self, table: str, key: str | bytes) -> None:
        await self._journal.change(Change(Verb.DROP, table, (key,)))
