"""The desks at which a person, the API and the pages ask the hub for something, built once."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

from tradershub.domain.accounts import Account
from tradershub.domain.ids import StrategyName
from tradershub.hub.account_desk import AccountDesk, SourceDesk
from tradershub.hub.engine import Engine
from tradershub.hub.explainer import Explainer
from tradershub.hub.kill_switch import KillSwitch
from tradershub.hub.live_desk import LiveDesk
from tradershub.hub.pipeline import Pipeline
from tradershub.hub.platform_keeper import keeper_of
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.secret_book import SecretBook
from tradershub.hub.strategy_manager import StrategyManager
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import Control


class Desks:
    """Builds each desk and gathers them as ports.control.Control."""

    def __init__(
        self, given: Surroundings, engine: Engine, quotes: QuoteBook, secret_book: SecretBook, pipeline: Pipeline
    ) -> None:
        registry, journal, clock = given.registry, given.journal, given.clock
        self._pausing: set[asyncio.Task[None]] = set()
        self.platforms = keeper_of(given, engine, quotes)
        self.kill = KillSwitch(
            folder=given.folder,
            gates=engine.gates,
            registry=registry,
            router=engine.router,
            book=engine.book,
            journal=journal,
            clock=clock,
        )
        self._strategies = StrategyManager(
            registry=registry, journal=journal, clock=clock, is_in_use=engine.strategy_in_use
        )
        accounts = AccountDesk(
            registry=registry,
            journal=journal,
            clock=clock,
            is_in_use=engine.account_in_use,
            changed=self._account_changed,
        )
        sources = SourceDesk(
            registry=registry,
            journal=journal,
            clock=clock,
            secret_book=secret_book,
            store=given.settings,
            vault=given.vault,
            endpoints=given.endpoints,
            dialects=given.dialects,
        )
        explainer = Explainer(
            registry=registry, reader=given.reader, pipeline=pipeline, secret_book=secret_book, clock=clock
        )
        self._live = LiveDesk(given, engine, quotes, platforms=self.platforms, kill=self.kill.row)
        self.feed = self._live.feed
        self.control = Control(
            platforms=self.platforms,
            accounts=accounts,
            strategies=self._strategies,
            sources=sources,
            positions=self._live.positions,
            kill=self.kill,
            explainer=explainer,
            quotes=quotes,
            live=self.feed,
            instruments=self._live.instruments,
            symbol_map=self._live.symbol_map,
            status=self._live.status,
            not_ready=self._live.not_ready,
            platform_info=given.infos.get,
        )

    def works(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Return what has to run beside the hub for as long as it runs."""
        return self._live.works()

    def started(self) -> None:
        self._live.started()

    def pause_soon(self, strategy: str) -> None:
        """Pause a strategy that asked for it; its signal is answered meanwhile."""
        work = self._strategies.pause(StrategyName(strategy), who=f"strategy:{strategy}")
        task = asyncio.get_running_loop().create_task(work)
        self._pausing.add(task)
        task.add_done_callback(partial(set.discard, self._pausing))

    def _account_changed(self, account: Account) -> None:
        self.platforms.account_changed(account.platform)
