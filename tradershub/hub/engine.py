"""The order side of the hub, built once: book, lanes, router, reconciler and what they share."""

from decimal import Decimal

from tradershub.hub.execution_router import ExecutionRouter
from tradershub.hub.gates import Gates
from tradershub.hub.lanes import AccountLanes
from tradershub.hub.notices import Notices
from tradershub.hub.order_book import OrderBook, Record
from tradershub.hub.platform_news import PlatformNews
from tradershub.hub.position_tracker import PositionTracker
from tradershub.hub.reconciler import Reconciler
from tradershub.hub.recovery import OrderRecovery
from tradershub.hub.risk_manager import RiskManager
from tradershub.hub.surroundings import Surroundings
from tradershub.ports.views import Recovery


class Engine:
    """Everything an order meets. `restore` takes over what the last run left, before anything else may happen."""

    def __init__(self, given: Surroundings) -> None:
        self._given = given
        self._point_values: dict[str, Decimal] = {}
        clock, journal = given.clock, given.journal
        notices = Notices(journal=journal, clock=clock)
        self.gates = Gates()
        self.tracker = PositionTracker()
        self.book = OrderBook(journal=journal, clock=clock, tracker=self.tracker, point_value=self._point_value)
        self.risk = RiskManager(registry=given.registry, market=given.market, gates=self.gates)
        self.lanes = AccountLanes(book=self.book, clock=clock)
        self.recovery = OrderRecovery(
            book=self.book, lanes=self.lanes, tracker=self.tracker, notices=notices, clock=clock
        )
        self.router = ExecutionRouter(
            registry=given.registry,
            risk=self.risk,
            book=self.book,
            tracker=self.tracker,
            lanes=self.lanes,
            clock=clock,
            in_doubt=self._in_doubt,
            not_sent=self.recovery.not_sent,
        )
        self.news = PlatformNews(book=self.book, notices=notices, views=given.views)
        self.reconciler = Reconciler(
            book=self.book,
            lanes=self.lanes,
            news=self.news,
            notices=notices,
            clock=clock,
            surely_not_sent=given.marks.surely_not_sent,
            executor_of=self.router.executor,
            not_placed=self.recovery.not_placed,
            cancel_again=self.router.cancel,
        )
        self.book.listen(self._wake_followers)

    def restore(self, left: Recovery) -> None:
        for row in left.gates:
            self.gates.put(row)
        for position in left.positions:
            self.tracker.put(position)
        self.book.restore(left.orders)
        self.recovery.after_restart(self.reconciler)

    def account_in_use(self, account: str) -> bool:
        return any(p.account == account for p in self.tracker.positions()) or any(
            r.order.account == account for r in self.book.open_records()
        )

    def strategy_in_use(self, strategy: str) -> bool:
        return any(p.strategy == strategy for p in self.tracker.positions()) or any(
            r.order.strategy == strategy for r in self.book.open_records()
        )

    async def stop(self) -> None:
        await self.lanes.stop()
        await self.reconciler.stop()
        self.book.write_down()

    def _point_value(self, symbol: str) -> Decimal:
        known = self._point_values.get(symbol)
        if known is None:
            instrument = self._given.market.instruments.of_symbol(symbol)
            known = self._point_values[symbol] = Decimal(1) if instrument is None else instrument.point_value
        return known

    def _in_doubt(self, record: Record) -> None:
        self.reconciler.watch(record)

    def _wake_followers(self, record: Record, _before: object) -> None:
        """An order that ended may be what another one waits for."""
        if record.view.is_final:
            self.lanes.wake(record.order.account)
