"""The registry of strategies: created, edited, promoted and paused by a person or their own signal."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from tradershub.domain.strategies import Strategy, StrategyStatus
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.plans import Consequence
from tradershub.hub.registry import Registry
from tradershub.hub.settings_desk import SettingsDesk, already_there, in_use, not_found
from tradershub.hub.strategy_documents import read_strategy, strategy_row
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal
from tradershub.ports.views import Row


class StrategyManager:
    """Implements ports.control.Strategies. One change at a time, so that none is lost beneath another."""

    def __init__(self, *, registry: Registry, journal: Journal, clock: Clock, is_in_use: Callable[[str], bool]) -> None:
        self._registry = registry
        self._is_in_use = is_in_use
        self._lock = asyncio.Lock()
        self._desk = SettingsDesk[Strategy](
            table="strategies", rows=registry.strategies, write=strategy_row, journal=journal, clock=clock
        )

    def rows(self) -> tuple[Row, ...]:
        return self._desk.all()

    def row(self, key: str) -> Row | None:
        return self._desk.one(key)

    async def create(self, document: Mapping[str, object], *, who: str) -> Row:
        strategy = self._checked(read_strategy(document))
        async with self._lock:
            if strategy.name in self._registry.strategies:
                raise already_there("a strategy", strategy.name)
            return await self._desk.store(strategy.name, strategy, who=who)

    async def replace(self, key: str, document: Mapping[str, object], *, who: str) -> Row:
        strategy = self._checked(read_strategy(document, name=key))
        async with self._lock:
            self._known(key)
            return await self._desk.store(key, strategy, who=who)

    async def delete(self, key: str, *, who: str) -> None:
        async with self._lock:
            self._known(key)
            if self._is_in_use(key):
                raise in_use("the strategy", key)
            await self._desk.remove(key, who=who)

    async def set_status(self, name: str, document: Mapping[str, object], *, who: str) -> Row:
        self._known(name)
        reader = DocumentReader(document)
        if reader.raw("status") is None:
            raise refused("status", None, "expected live, testing, development or archived", code="missing")
        status = reader.choice("status", StrategyStatus, StrategyStatus.DEVELOPMENT)
        reader.finish()
        async with self._lock:
            return await self._desk.store(name, replace(self._known(name), status=status), who=who)

    def pausing(self, name: str) -> Consequence:
        """Return the pause of a strategy that asked for it: its signals are kept, none makes an order from then on."""
        paused = replace(self._known(name), paused=True)
        event = self._desk.changed(name, strategy_row(paused), who=f"strategy:{name}")
        return Consequence(event=event, carry_out=partial(self._pause, name))

    def _pause(self, name: str) -> None:
        strategy = self._registry.strategies.get(name)
        if strategy is not None:
            self._registry.strategies[name] = replace(strategy, paused=True)

    def _known(self, name: str) -> Strategy:
        strategy = self._registry.strategies.get(name)
        if strategy is None:
            raise not_found("strategy", name)
        return strategy

    def _checked(self, strategy: Strategy) -> Strategy:
        for route in strategy.routes:
            if route.account not in self._registry.accounts:
                raise refused(
                    "routes", route.account, "there is no such account: create it first", code="unknown_account"
                )
        return strategy
