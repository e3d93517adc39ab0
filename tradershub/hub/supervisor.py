"""The running hub: starts its parts in order, keeps its tasks, ends them, and offers what the web may ask."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from tradershub.domain.accounts import Account
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.hub.aftermath import Aftermath
from tradershub.hub.desks import Desks
from tradershub.hub.duplicates import Duplicates
from tradershub.hub.engine import Engine
from tradershub.hub.pipeline import Pipeline
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.secret_book import SecretBook
from tradershub.hub.signal_intake import SignalIntake
from tradershub.hub.signal_resolver import SignalResolver
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.control import Control

logger = logging.getLogger(__name__)

_LONGEST_WINDOW_S = 3600


class Supervisor:
    """Owns every task of the hub. A task that ends by an error ends the hub: half a hub is worse than none."""

    def __init__(self, given: Surroundings) -> None:
        self._given = given
        self.engine = engine = Engine(given)
        self.quotes = QuoteBook(market=given.market, clock=given.clock)
        self.secret_book = SecretBook(vault=given.vault, secrets=given.secrets, common=given.common_secret)
        self._pipeline = Pipeline(
            registry=given.registry,
            market=given.market,
            resolver=SignalResolver(given.market, strict_ticks=given.strict_ticks),
            risk=engine.risk,
            book=engine.book,
            tracker=engine.tracker,
            lanes=engine.lanes,
            quotes=self.quotes,
            balance=_balance,
        )
        self._duplicates = Duplicates(longest_window_s=_LONGEST_WINDOW_S)
        self._desks = Desks(given, engine, self.quotes, self.secret_book, self._pipeline)
        self.intake = SignalIntake(
            registry=given.registry,
            secret_book=self.secret_book,
            reader=given.reader,
            pipeline=self._pipeline,
            duplicates=self._duplicates,
            journal=given.journal,
            views=given.views,
            clock=given.clock,
            aftermath=Aftermath(router=engine.router, pause=self._desks.pause_soon),
            fatal=given.fatal,
        )
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def control(self) -> Control:
        return self._desks.control

    async def start(self) -> None:
        """Take over what the last run left, then start platforms and followers; the doors may open when this returns."""
        since = Nanos(self._given.clock.now() - _LONGEST_WINDOW_S * NANOS_PER_SECOND)
        left = await self._given.views.recovery(since)
        self._duplicates.restore(left.recent_signals)
        self.engine.restore(left)
        self._desks.kill.start()
        await self._desks.platforms.start()
        self.quotes.watch(self._desks.feed.quote)
        self._desks.started()
        for work in (self.engine.recovery.watch_ages(), *self._desks.works()):
            self._keep(work)

    async def stop(self) -> None:
        """End everything that sends first, then what shows."""
        await self.engine.stop()
        await self._desks.platforms.stop()
        self._desks.kill.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("a task of the hub failed", exc_info=error)
            self._given.fatal(error)


def _balance(account: Account) -> Any:
    return account.starting_balance
