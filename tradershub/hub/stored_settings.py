"""The settings at start: what is stored, and what a fresh hub begins with."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from tradershub.domain.accounts import Account, AccountMode, PlatformSettings, SessionDay
from tradershub.domain.errors import ConfigurationError, Mistake, RequestRefused
from tradershub.domain.events import Event, SettingChanged
from tradershub.domain.ids import AccountId
from tradershub.domain.sources import Source
from tradershub.hub.account_documents import (
    account_row,
    platform_document,
    read_account,
    read_platform,
    read_source,
    source_row,
)
from tradershub.hub.registry import Registry
from tradershub.hub.strategy_documents import read_strategy
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal
from tradershub.ports.settings import SettingsStore
from tradershub.ports.views import Row

Setting = TypeVar("Setting")
_FIRST = "first start"


async def load_registry(store: SettingsStore, *, mistakes: list[Mistake]) -> Registry:
    """Read every settings row; what cannot be read is told with its table and key."""
    return Registry(
        strategies=await _read(store, "strategies", lambda _, d: read_strategy(d), mistakes),
        accounts=await _read(store, "accounts", lambda _, d: read_account(d), mistakes),
        platforms=await _read(store, "execution_config", lambda key, d: read_platform(d, name=key), mistakes),
        sources=await _read(store, "sources", lambda key, d: read_source(d, name=key), mistakes),
    )


async def _read(
    store: SettingsStore,
    table: str,
    read: Callable[[str, Mapping[str, object]], Setting],
    mistakes: list[Mistake],
) -> list[Setting]:
    found: list[Setting] = []
    for key, text in await store.documents(table):
        try:
            found.append(read(key, msgspec.json.decode(text, type=dict[str, object])))
        except (RequestRefused, msgspec.DecodeError) as error:
            remedy = "restore a backup, or export the settings, mend and import them"
            mistakes.append(Mistake(f"table {table}", key, str(error), remedy))
    return found


async def begin(
    registry: Registry,
    *,
    platforms: Iterable[str],
    sources: Iterable[str],
    session: SessionDay,
    journal: Journal,
    clock: Clock,
) -> None:
    """Give a hub the rows it does not have yet: every platform (paper enabled), its sources, one paper account."""
    now = clock.now()
    events: list[Event] = []

    def add(table: str, key: str, row: Row) -> None:
        after = msgspec.json.encode(row).decode()
        events.append(SettingChanged(at=now, table=table, key=key, who=_FIRST, before=None, after=after))

    fresh = not registry.platforms
    for name in platforms:
        if name not in registry.platforms:
            registry.platforms[name] = PlatformSettings(name=name, enabled=name == "paper")
            add("execution_config", name, platform_document(registry.platforms[name]))
    for name in sources:
        if name not in registry.sources:
            registry.sources[name] = Source(name=name, zone="UTC" if name == "tradingview" else None)
            add("sources", name, source_row(registry.sources[name]))
    if fresh and not registry.accounts:
        account = Account(
            id=AccountId("paper:main"), platform="paper", label="Paper", mode=AccountMode.PAPER, session=session
        )
        registry.accounts[account.id] = account
        add("accounts", account.id, account_row(account))
    if events:
        await journal.append(*events)


def check(mistakes: list[Mistake]) -> None:
    """Stop here if anything could not be read: the hub does not half-start."""
    if mistakes:
        raise ConfigurationError(*mistakes)
