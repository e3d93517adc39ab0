"""The running hub: starts its parts in order, keeps its tasks, ends them, and offers what the web may ask."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.hub.desks import Desks
from tradershub.hub.doorway import LONGEST_WINDOW_S, Doorway
from tradershub.hub.engine import Engine
from tradershub.hub.plans import Consequence
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.surroundings import Surroundings
from tradershub.hub.watched_journal import WatchedJournal
from tradershub.ports.control import Control
from tradershub.ports.intake import Intake

logger = logging.getLogger(__name__)


class Supervisor:
    """Owns every task of the hub. A task that ends by an error ends the hub: half a hub is worse than none."""

    def __init__(self, given: Surroundings) -> None:
        journal = WatchedJournal(given.journal, clock=given.clock, fatal=given.fatal)
        self._given = given = replace(given, journal=journal)
        self.engine = Engine(given)
        self.quotes = QuoteBook(market=given.market, clock=given.clock)
        self._doorway = Doorway(given, self.engine, self.quotes, pause=self._pause)
        self._desks = Desks(given, self.engine, self.quotes, self._doorway)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def control(self) -> Control:
        return self._desks.control

    @property
    def intake(self) -> Intake:
        return self._doorway.intake

    async def start(self) -> None:
        """Take over what the last run left, then start platforms and followers; then the doors may open."""
        since = Nanos(self._given.clock.now() - LONGEST_WINDOW_S * NANOS_PER_SECOND)
        left = await self._given.views.recovery(since)
        self._doorway.duplicates.restore(left.recent_signals)
        self.engine.restore(left)
        self._desks.kill.start()
        await self._desks.platforms.start()
        self.quotes.watch(self._desks.live.feed.quote)
        self._desks.live.started()
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

    def _pause(self, strategy: str) -> Consequence:
        return self._desks.strategies.pausing(strategy)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("a task of the hub failed", exc_info=error)
            self._given.fatal(error)
