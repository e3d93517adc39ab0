"""The doors as settings: what each source reads, and its secrets, which are shown once."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import RequestRefused
from tradershub.domain.sources import Source, SourceAuth
from tradershub.hub.account_documents import read_source, source_row
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.secret_book import SecretBook, hash_secret
from tradershub.hub.settings_desk import SettingsDesk, not_found
from tradershub.hub.strategy_documents import NAME
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import NewSecret
from tradershub.ports.settings import StoredSecret
from tradershub.ports.views import Row


class SourceDesk:
    """Implements ports.control.Sources: settings of the doors, and their secrets, which are shown once."""

    def __init__(self, given: Surroundings, secret_book: SecretBook) -> None:
        self._registry = given.registry
        self._clock = given.clock
        self._book = secret_book
        self._store = given.settings
        self._vault = given.vault
        self._endpoints = given.endpoints
        self._dialects = given.dialects
        self._lock = asyncio.Lock()
        self._desk = SettingsDesk[Source](
            table="sources",
            rows=given.registry.sources,
            write=source_row,
            journal=given.journal,
            clock=given.clock,
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
            await self._keep_common(source, secret, Nanos(now + overlap_s * NANOS_PER_SECOND))
            await self._retire(secret, Nanos(now + overlap_s * NANOS_PER_SECOND), overlap_s)
            self._book.put(secret)
        return NewSecret(secret_id=secret.secret_id, secret=text, path=self._path(source, text))

    async def _keep_common(self, source: Source, newest: StoredSecret, until: Nanos) -> None:
        """Honour the common secret a little longer where a source gets its first own: its alerts still carry it."""
        common = self._book.common_of(source)
        if common is None or newest.strategy is not None or until <= newest.created_at:
            return
        kept = replace(newest, secret_id=secrets.token_hex(8), hashed=common, sealed=None, expires_at=until)
        await self._store.put_secret(kept)
        self._book.put(kept)

    async def _retire(self, newest: StoredSecret, until: Nanos, overlap_s: int) -> None:
        for old in self._book.of(newest.source):
            if old.strategy != newest.strategy:
                continue
            if overlap_s == 0:
                await self._store.delete_secret(old.secret_id)
                self._book.drop(old)
            elif old.expires_at is None or old.expires_at > until:
                shortened = replace(old, expires_at=until)
                await self._store.put_secret(shortened)
                self._book.put(shortened)

    def _path(self, source: Source, text: str) -> str | None:
        if not source.path_token or source.auth is SourceAuth.HMAC:
            return None
        endpoint = next((path for path, name in self._endpoints.items() if name == source.name), None)
        return f"/{endpoint}/{text}" if endpoint else f"/webhook/{source.name}/{text}"

    def endpoint_names(self) -> frozenset[str]:
        return frozenset(source.name for source in self._registry.sources.values() if source.enabled)
