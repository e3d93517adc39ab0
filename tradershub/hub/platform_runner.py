"""Keeps one platform running: starts its executor, finds it again when it is lost, listens to it."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import ConfigurationError, PlatformConfigError, PlatformError, PlatformUnavailable
from tradershub.domain.events import Noted, Severity
from tradershub.hub.execution_router import ExecutionRouter
from tradershub.hub.lanes import AccountLanes
from tradershub.hub.platform_news import PlatformNews
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.reconciler import Reconciler
from tradershub.hub.registry import Registry
from tradershub.ports.clock import Clock
from tradershub.ports.executor import Executor, LinkChange, LinkState, OrderReport, QuoteTick
from tradershub.ports.journal import Journal

logger = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_RECONCILE_AGAIN_S = 5.0


@dataclass(slots=True)
class PlatformState:
    """What the Platforms page shows of a platform."""

    up: bool = False
    since: Nanos | None = None
    last_error: str | None = None


class PlatformRunner:
    """Owns one executor from its start to its close. Losing the platform is told once, and finding it again once."""

    def __init__(
        self,
        *,
        name: str,
        build: Callable[[], Executor],
        registry: Registry,
        router: ExecutionRouter,
        lanes: AccountLanes,
        news: PlatformNews,
        reconciler: Reconciler,
        quotes: QuoteBook,
        journal: Journal,
        clock: Clock,
        state: PlatformState,
    ) -> None:
        self._name = name
        self._build = build
        self._registry = registry
        self._router = router
        self._lanes = lanes
        self._news = news
        self._reconciler = reconciler
        self._quotes = quotes
        self._journal = journal
        self._clock = clock
        self._state = state
        self._jitter = random.Random()  # noqa: S311 -- spreads reconnects, keeps no secret
        self._agreeing: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            executor = self._build()
        except (ConfigurationError, PlatformConfigError) as error:
            self._down(str(error))
            return
        self._router.attach(executor)
        listening = asyncio.ensure_future(self._listen(executor))
        try:
            await self._connect(executor)
            await listening
        finally:
            listening.cancel()
            if self._agreeing is not None:
                self._agreeing.cancel()
            self._lanes.platform_down(self._name)
            self._router.detach(self._name)
            await executor.close()

    def reconcile_soon(self) -> None:
        """Bring accounts to agreement without waiting for it: what the platform tells meanwhile is listened to."""
        if self._agreeing is None or self._agreeing.done():
            self._agreeing = asyncio.ensure_future(self.reconcile_accounts())

    async def reconcile_accounts(self) -> None:
        """Bring every account of the platform to agreement; those that cannot be asked are tried again."""
        while self._state.up:
            waiting = [a for a in self._registry.accounts_of(self._name) if not self._lanes.is_reconciled(a.id)]
            # Side by side: an account whose books cannot be had does not keep the others waiting.
            agreed = await asyncio.gather(*(self._reconciler.reconcile(a.id, self._name) for a in waiting))
            if not waiting:
                return
            if not all(agreed):
                await self._clock.sleep(_RECONCILE_AGAIN_S)

    async def _connect(self, executor: Executor) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await executor.connect()
            except PlatformUnavailable as error:
                self._down(str(error))
            except (PlatformError, ConfigurationError) as error:
                self._down(str(error))
                return
            else:
                await self._up(executor)
                return
            await self._clock.sleep(wait_s * (1 + self._jitter.random() / 4))
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def _listen(self, executor: Executor) -> None:
        async for event in executor.events():
            match event:
                case OrderReport():
                    await self._news.order_report(event, self._name)
                case QuoteTick():
                    self._quotes.platform_tick(self._name, event)
                case LinkChange(state=LinkState.UP):
                    await self._up(executor)
                case LinkChange():
                    self._down(event.reason or "the link was lost")

    async def _up(self, executor: Executor) -> None:
        if self._state.up:
            return
        self._state.up, self._state.since, self._state.last_error = True, self._clock.now(), None
        logger.info("%s is up", self._name)
        self._lanes.platform_up(self._name, executor.capabilities)
        self._note("platform_up", Severity.INFO, f"{self._name} is connected")
        self.reconcile_soon()

    def _down(self, reason: str) -> None:
        was_up = self._state.up
        told_before = self._state.last_error
        self._state.up, self._state.last_error = False, reason[:300]
        self._lanes.platform_down(self._name)
        if was_up or told_before is None:
            self._state.since = self._clock.now()
            logger.warning("%s is down: %s", self._name, reason)
            self._note("platform_down", Severity.ALARM, f"{self._name}: {reason}"[:300])

    def _note(self, kind: str, severity: Severity, message: str) -> None:
        self._journal.append(
            Noted(at=self._clock.now(), kind=kind, severity=severity, message=message, subject=self._name)
        )
