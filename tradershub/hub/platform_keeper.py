"""Builds the platform desk: for each enabled platform a runner with an executor of its own."""

from tradershub.domain.clock import Nanos
from tradershub.domain.trading_days import session_end
from tradershub.hub.engine import Engine
from tradershub.hub.platform_desk import PlatformDesk
from tradershub.hub.platform_runner import PlatformRunner, PlatformState
from tradershub.hub.quote_book import QuoteBook
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.executor import Executor
from tradershub.ports.executor_parts import ExecutorParts


class PlatformKeeper:
    """Knows what runners and executors are made of; nothing runs before the desk's `start`."""

    def __init__(self, given: Surroundings, engine: Engine, quotes: QuoteBook) -> None:
        self._given = given
        self._engine = engine
        self._quotes = quotes
        self._day_ends: dict[str, Nanos] = {}
        self._asked_at = Nanos(0)
        self.desk = PlatformDesk(
            infos=given.infos,
            registry=given.registry,
            journal=given.journal,
            clock=given.clock,
            vault=given.vault,
            runner=self._runner,
        )

    def _runner(self, name: str, state: PlatformState) -> PlatformRunner:
        given, engine = self._given, self._engine
        return PlatformRunner(
            name=name,
            build=lambda: self._executor(name),
            registry=given.registry,
            router=engine.router,
            lanes=engine.lanes,
            news=engine.news,
            reconciler=engine.reconciler,
            quotes=self._quotes,
            journal=given.journal,
            clock=given.clock,
            state=state,
        )

    def _executor(self, name: str) -> Executor:
        given = self._given
        return given.build_executor(
            ExecutorParts(
                platform=name,
                config=self.desk.opened_config(name),
                folder=given.folder / "platforms" / name,
                clock=given.clock,
                quotes=self._quotes,
                instruments=given.market.instruments,
                account_of=given.registry.accounts.get,
                day_end=self._day_end,
                unsettled=self._engine.reconciler.in_doubt_of,
                marks=given.marks,
            )
        )

    def _day_end(self, symbol: str, at: Nanos) -> Nanos:
        until = self._day_ends.get(symbol, Nanos(0))
        if at >= until or at < self._asked_at:
            instrument = self._given.market.instruments.of_symbol(symbol)
            until = session_end("cme_equity" if instrument is None else instrument.calendar, at)
            self._day_ends[symbol], self._asked_at = until, at
        return until
