"""Accounts as settings: created, edited and deleted by a person."""

import asyncio
from collections.abc import Callable, Mapping

from tradershub.domain.accounts import Account
from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import platform_of
from tradershub.hub.account_documents import account_row, read_account
from tradershub.hub.document_reader import refused
from tradershub.hub.registry import Registry
from tradershub.hub.settings_desk import SettingsDesk, already_there, in_use, not_found
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal
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
        changed: Callable[[str], None],
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
        self._changed(account.platform)
        return row

    async def replace(self, key: str, document: Mapping[str, object], *, who: str) -> Row:
        account = self._checked(read_account(document, account_id=key))
        async with self._lock:
            if key not in self._registry.accounts:
                raise not_found("account", key)
            row = await self._desk.store(key, account, who=who)
        self._changed(account.platform)
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
