"""Accounts and sources as settings: created, edited and deleted by a person."""

import asyncio
import secrets
from collections.abc import Callable, Mapping

from tradershub.domain.accounts import Account
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import platform_of
from tradershub.domain.sources import Source, SourceAuth
from tradershub.hub.account_documents import account_row, read_account, read_source, source_row
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.registry import Registry
from tradershub.hub.secret_book import SecretBook, hash_secret
from tradershub.hub.settings_desk import SettingsDesk, already_there, in_use, not_found
from tradershub.hub.strategy_documents import NAME
from tradershub.ports.clock import Clock
from tradershub.ports.control import NewSecret
from tradershub.ports.journal import Journal
from tradershub.ports.settings import SettingsStore, StoredSecret, Vault
from tradershub.ports.views import Row


class AccountDesk:
    """Implements ports.control.Collection for accounts."""

    def __init__(
        self,
        *,
        registry: Registry,
        journal: Journal,
        clock: Clock,
        is_in_use: Callable[[str], bool],
        changed: Callable[[Account], None],
    ) -> None:
        self._registry = registry
        self._is_in_use = is_in_use
        self._changed = changed
        self._lock = asyncio.Lock()
        self._desk = SettingsDesk[Account](
            table="accounts", rows=registry.accounts, write=account_row, journal=journal, clock=clock
        )

    def rows(self) -> tuple[Row, ...]:
        return self._desk.all()

    def row(self, key: str) -> Row | None:
        return self._desk.one(key)

    async def create(self, document: Mapping[str, object], *, who: str) -> Row:
        account = self._checked(read_account(document))
        async with self._lock:
            if account.id in self._registry.accounts:
                raise already_there("an account", account.id)
            row = await self._desk.store(account.id, account, who=who)
        self._changed(account)
        return row

    async def replace(self, key: str, document: Mapping[str, object], *, who: str) -> Row:
        account = self._checked(read_account(document, account_id=key))
        async with self._lock:
            if key not in self._registry.accounts:
                raise not_found("account", key)
            row = await self._desk.store(key, account, who=who)
        self._changed(account)
        return row

    async def delete(self, key: str, *, who: str) -> None:
        async with self._lock:
            if key not in self._registry.accounts:
                raise not_found("account", key)
            if self._is_in_use(key):
                raise in_use("the account", key)
            routed = sorted(s.name for s in self._registry.strategies.values() if key in {r.account for r in s.routes})
            if routed:
                advice = f"strategies route to the account: {', '.join(routed[:5])}; take it out of them first"
                raise RequestRefused(409, "in_use", advice, field="id", got=key)
            await self._desk.remove(key, who=who)

    def _checked(self, account: Account) -> Account:
        platform = platform_of(account.id)
        if platform not in self._registry.platforms:
            known = ", ".join(sorted(self._registry.platforms))
            raise refused("id", account.id, f"expected the platform before the colon, one of {known}")
        return account


class SourceDesk:
    """Implements ports.control.Sources: settings of the doors, and their secrets, which are shown once."""

    def __init__(
        self,
        *,
        registry: Registry,
        journal: Journal,
        clock: Clock,
        secret_book: SecretBook,
        store: SettingsStore,
        vault: Vault,
        endpoints: Mapping[str, str],
        dialects: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._book = secret_book
        self._store = store
        self._vault = vault
        self._endpoints = endpoints
        self._dialects = dialects
        self._lock = asyncio.Lock()
        self._desk = SettingsDesk[Source](
            table="sources", rows=registry.sources, write=source_row, journal=journal, clock=clock
        )

    def rows(self) -> tuple[Row, ...]:
        return self._desk.all()

    def row(self, key: str) -> Row | None:
        return self._desk.one(key)

    async def create(self, document: Mapping[str, object], *, who: str) -> Row:
        raise RequestRefused(405, "method_not_allowed", "sources come with the hub: change the ones that exist")

    async def replace(self, key: str, document: Mapping[str, object], *, who: str) -> Row:
        source = read_source(document, name=key)
        unknown = set(source.dialects) - set(self._dialects(key))
        if unknown:
            known = ", ".join(self._dialects(key))
            raise refused("dialects", min(unknown), f"expected of {known}")
        async with self._lock:
            if key not in self._registry.sources:
                raise not_found("source", key)
            return await self._desk.store(key, source, who=who)

    async def delete(self, key: str, *, who: str) -> None:
        raise RequestRefused(405, "method_not_allowed", "a source is disabled, not deleted")

    async def rotate(self, name: str, document: Mapping[str, object], *, who: str) -> NewSecret:
        """Make a new secret; earlier ones of the same strategy are honoured for `overlap_s` more seconds."""
        source = self._registry.sources.get(name)
        if source is None:
            raise not_found("source", name)
        reader = DocumentReader(document)
        strategy = reader.optional_text("strategy")
        if strategy is not None:
            strategy = reader.text("strategy", pattern=NAME)
        overlap_s = reader.integer("overlap_s", 0, most=30 * 86_400)
        reader.finish()
        text, now = secrets.token_urlsafe(32), self._clock.now()
        sealed = self._vault.seal(text.encode()) if source.auth is SourceAuth.HMAC else None
        secret = StoredSecret(
            secret_id=secrets.token_hex(8),
            source=name,
            strategy=strategy,
            hashed=b"" if sealed is not None else hash_secret(text),
            sealed=sealed,
            created_at=now,
            expires_at=None,
        )
        async with self._lock:
            await self._store.put_secret(secret)
            await self._retire(secret, Nanos(now + overlap_s * NANOS_PER_SECOND), overlap_s)
            self._book.put(secret)
        return NewSecret(secret_id=secret.secret_id, secret=text, path=self._path(source, text))

    async def _retire(self, newest: StoredSecret, until: Nanos, overlap_s: int) -> None:
        for old in self._book.of(newest.source):
            if old.strategy != newest.strategy:
                continue
            if overlap_s == 0:
                await self._store.delete_secret(old.secret_id)
                self._book.drop(old)
            elif old.expires_at is None or old.expires_at > until:
                shortened = StoredSecret(
                    secret_id=old.secret_id,
                    source=old.source,
                    strategy=old.strategy,
                    hashed=old.hashed,
                    sealed=old.sealed,
                    created_at=old.created_at,
                    expires_at=until,
                )
                await self._store.put_secret(shortened)
                self._book.put(shortened)

    def _path(self, source: Source, text: str) -> str | None:
        if not source.path_token or source.auth is SourceAuth.HMAC:
            return None
        endpoint = next((path for path, name in self._endpoints.items() if name == source.name), None)
        return f"/{endpoint}/{text}" if endpoint else f"/webhook/{source.name}/{text}"

    def endpoint_names(self) -> frozenset[str]:
        return frozenset(source.name for source in self._registry.sources.values() if source.enabled)
