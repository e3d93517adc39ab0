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


def keeper_of(given: Surroundings, engine: Engine, quotes: QuoteBook) -> PlatformDesk:
    """Return the desk; nothing runs before its `start`."""

    def runner(name: str, state: PlatformState) -> PlatformRunner:
        return PlatformRunner(
            name=name,
            build=lambda: build(name),
            registry=given.registry,
            router=engine.router,
            lanes=engine.lanes,
            news=engine.news,
            reconciler=engine.reconciler,
            quotes=quotes,
            journal=given.journal,
            clock=given.clock,
            state=state,
        )

    def build(name: str) -> Executor:
        return given.build_executor(
            ExecutorParts(
                platform=name,
                config=desk.opened_config(name),
                folder=given.folder / "platforms" / name,
                clock=given.clock,
                quotes=quotes,
                instruments=given.market.instruments,
                account_of=given.registry.accounts.get,
                day_end=day_end,
                unsettled=engine.unsettled,
                marks=given.marks,
            )
        )

    def day_end(symbol: str, at: Nanos) -> Nanos:
        instrument = given.market.instruments.of_symbol(symbol)
        return session_end("cme_equity" if instrument is None else instrument.calendar, at)

    desk = PlatformDesk(
        infos=given.infos,
        registry=given.registry,
        journal=given.journal,
        clock=given.clock,
        vault=given.vault,
        runner=runner,
    )
    return desk
