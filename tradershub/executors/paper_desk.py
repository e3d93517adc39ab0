"""The paper broker with its file open: everything that exists between connect and close."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from tradershub.domain.ids import AccountId
from tradershub.executors.event_stream import EventStream
from tradershub.executors.paper_book import PaperBook
from tradershub.executors.paper_broker import PaperBroker
from tradershub.executors.paper_faults import PaperFaults
from tradershub.executors.paper_market import PaperMarket
from tradershub.executors.paper_reports import PaperReports
from tradershub.executors.paper_store import PaperStore
from tradershub.executors.paper_writer import PaperWriter
from tradershub.executors.timers import Timers
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.ports.quotes import Quote

_TIDY_EVERY_SECONDS = 1.0
_MONEY_DIGITS = 8


class PaperDesk:
    def __init__(
        self,
        parts: ExecutorParts,
        store: PaperStore,
        *,
        hedging: bool,
        faults: PaperFaults,
        timers: Timers,
        stream: EventStream,
        lost: Callable[[str], None],
        found: Callable[[], None],
    ) -> None:
        self._parts, self._store = parts, store
        self._reports = PaperReports(stream=stream, faults=faults, timers=timers)
        market = PaperMarket(
            quotes=parts.quotes, instruments=parts.instruments, clock=parts.clock, day_end=parts.day_end
        )
        self.book = PaperBook(store, hedging=hedging)
        self.broker = PaperBroker(book=self.book, faults=faults, market=market, later=self._later)
        self.writer = PaperWriter(
            book=self.book, store=store, timers=timers, written=self._publish, lost=lost, found=found
        )
        self._timers = timers
        self._is_open = True
        parts.quotes.watch(self._on_quote)
        timers.every(_TIDY_EVERY_SECONDS, self._tidy)

    @classmethod
    async def at(
        cls,
        parts: ExecutorParts,
        *,
        hedging: bool,
        faults: PaperFaults,
        timers: Timers,
        stream: EventStream,
        lost: Callable[[str], None],
        found: Callable[[], None],
    ) -> "PaperDesk":
        """Open the book; raises PlatformConfigError if it is damaged or does not fit, PlatformUnavailable if busy."""
        store = await asyncio.to_thread(PaperStore, parts.folder)
        try:
            return cls(
                parts, store, hedging=hedging, faults=faults, timers=timers, stream=stream, lost=lost, found=found
            )
        except BaseException:
            store.close()
            raise

    def balance(self, account: AccountId) -> tuple[Decimal | None, str]:
        """Return what an account owns in its currency; None for an account the hub does not know."""
        known = self._parts.account_of(account)
        if known is None:
            return None, "USD"
        balance = known.starting_balance + self.book.gained(account, known.currency)
        # An average price may have no end; what is left of it after the multiplication is no money.
        return round(balance, _MONEY_DIGITS), known.currency

    async def close(self) -> None:
        self._is_open = False
        self.writer.write_now()
        await asyncio.to_thread(self._store.close)

    def _on_quote(self, quote: Quote) -> None:
        if self._is_open:
            self.broker.on_quote(quote)
            self._write_soon()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        def act() -> None:
            action()
            self._write_soon()

        self._timers.after(seconds, act)

    def _write_soon(self) -> None:
        if self.book.is_changed:
            self.writer.saved()

    def _publish(self) -> None:
        self._reports.send(self.broker.take_reports())

    async def _tidy(self) -> None:
        self.broker.expire_due()
        self._write_soon()
        await self.writer.tidy(self._parts.clock.now())
