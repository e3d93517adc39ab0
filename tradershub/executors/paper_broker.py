"""The simulated broker: takes orders, matches them with quotes, fills, cancels and expires them. It does no I/O."""

from collections.abc import Callable
from decimal import Decimal

from tradershub.domain.instruments import Instrument
from tradershub.domain.orders import Execution, FactKind, Intent, OrderChange, Reason
from tradershub.domain.signals import OrderType, TimeInForce
from tradershub.executors.paper_book import PaperBook
from tradershub.executors.paper_brackets import Brackets
from tradershub.executors.paper_checks import change_problem, problem_with
from tradershub.executors.paper_faults import PaperFaults
from tradershub.executors.paper_market import PaperMarket
from tradershub.executors.paper_matching import advance, fill_price, slipped
from tradershub.executors.paper_orders import PaperOrder, PaperState, report
from tradershub.ports.executor import OrderReport
from tradershub.ports.quotes import Quote

_NO_PRICE = Reason(code="no_price", message="no quote of the last 60 seconds and no price in the signal to fill at")
_NOTHING_TO_CLOSE = Reason(code="nothing_to_close", message="no position is open that the order could close")
_UNFILLED_AT_ONCE = Reason(code="ioc", message="what does not fill at once is not kept")
_DAY_OVER = Reason(code="day_end", message="the trading day of the order has ended")
_TIME_OVER = Reason(code="good_till", message="the order was good until now")
_ASKED = Reason(code="canceled", message="canceled as asked")
_GROUP_FILLED = Reason(code="oco", message="another order of its group filled")
_REFUSED = Reason(code="simulated_reject", message="refused at random, as the paper broker is configured to")
_ENDINGS = {
    PaperState.CANCELED: FactKind.CANCELED,
    PaperState.EXPIRED: FactKind.EXPIRED,
    PaperState.REJECTED: FactKind.REJECTED,
}
_AGAIN_AFTER_SECONDS = 0.1


class PaperBroker:
    """Changes the book within one turn of the event loop and collects what there is to report."""

    def __init__(
        self,
        *,
        book: PaperBook,
        faults: PaperFaults,
        market: PaperMarket,
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._book, self._faults, self._market, self._later = book, faults, market, later
        self._brackets = Brackets(book=book, now=market.now, tell=self._tell, end=self._end)
        self._reports: list[OrderReport] = []

    def take_reports(self) -> list[OrderReport]:
        """Return what happened since the last call, in order."""
        reports, self._reports = self._reports, []
        return reports

    def resume(self) -> None:
        """Go on with what was under way when the process ended."""
        for order in self._book.live():
            if order.is_working:
                self._match(order)

    def arrive(self, order: PaperOrder) -> None:
        """Take in an order that has reached the broker: refuse it, fill it, or keep it working."""
        instrument = self._market.instrument(order.symbol)
        refusal = _REFUSED if self._faults.refuses() else problem_with(order, instrument)
        if refusal is None and order.order_type is OrderType.MARKET and self._market.price_for(order) is None:
            refusal = _NO_PRICE
        if refusal is not None:
            self._end(order, PaperState.REJECTED, refusal)
            return
        order.state = PaperState.WORKING
        order.ends_at = self._market.ends_at(order)
        self._match(order)
        if order.is_working and order.time_in_force is TimeInForce.IOC:
            self._end(order, PaperState.EXPIRED, _UNFILLED_AT_ONCE)
        self._book.touch(order)

    def on_quote(self, quote: Quote) -> None:
        for order in self._book.working(quote.symbol):
            self._meet(order, self._market.price_in(quote, order))

    def cancel(self, order: PaperOrder, number: int) -> None:
        self._end(order, PaperState.CANCELED, _ASKED, number=number)
        if order.parent is not None:
            self._brackets.child_canceled(order)

    def modify(self, order: PaperOrder, change: OrderChange, number: int) -> Reason | None:
        """Change a working order; return why not, if it cannot be."""
        problem = change_problem(order, change, self._market.instrument(order.symbol))
        if problem is not None:
            return problem
        order.quantity = change.quantity or order.quantity
        order.limit_price = change.limit_price or order.limit_price
        order.stop_price = change.stop_price or order.stop_price
        self._book.touch(order)
        self._tell(order, FactKind.MODIFIED, change=change, number=number)
        if order.remaining:
            self._match(order)
        else:
            order.state, order.ended_at = PaperState.FILLED, self._market.now()
            self._book.touch(order)
        return None

    def expire_due(self) -> None:
        now = self._market.now()
        for order in self._book.live():
            if order.is_working and order.ends_at is not None and order.ends_at <= now:
                is_day = order.time_in_force is TimeInForce.DAY
                self._end(order, PaperState.EXPIRED, _DAY_OVER if is_day else _TIME_OVER)

    def _match(self, order: PaperOrder) -> None:
        self._meet(order, self._market.price_for(order))

    def _meet(self, order: PaperOrder, price: Decimal | None) -> None:
        if price is None or not order.is_working:
            return
        if advance(order, price):
            self._book.touch(order)
        at = fill_price(order, price)
        instrument = self._market.instrument(order.symbol)
        if at is not None and instrument is not None:
            self._fill(order, slipped(order, at, self._faults.slippage(instrument.tick)), instrument)

    def _fill(self, order: PaperOrder, price: Decimal, instrument: Instrument) -> None:
        fillable = order.remaining
        if order.intent is not Intent.ENTRY:
            fillable = min(fillable, self._book.positions.closable(order))
        if fillable <= 0:
            self._end(order, PaperState.CANCELED, _NOTHING_TO_CLOSE)
            return
        quantity = self._faults.part_of(fillable, instrument.quantity_step)
        execution = self._execution(order, price, quantity, instrument)
        order.executions.append(execution)
        order.filled += quantity
        keys = self._book.book(order, execution, point_value=instrument.point_value)
        if not order.remaining:
            order.state, order.ended_at = PaperState.FILLED, execution.at
        self._book.touch(order)
        self._tell(order, FactKind.FILL, executions=(execution,))
        if order.is_working and quantity == fillable:
            self._end(order, PaperState.CANCELED, _NOTHING_TO_CLOSE)
        elif order.is_working and order.time_in_force is not TimeInForce.IOC:
            self._later(_AGAIN_AFTER_SECONDS, lambda: self._match(order))
        if order.parent is not None:
            self._brackets.child_filled(order, quantity)
        for key in keys:
            self._brackets.fit(key)
        self._fill_group(order, quantity)
        if order.is_bracket:
            for child in self._brackets.entry_filled(order, quantity, price, instrument):
                self._match(child)

    def _fill_group(self, order: PaperOrder, quantity: Decimal) -> None:
        """Let the others of a group go: entries altogether, exits by what has filled."""
        for other in self._book.siblings(order):
            if not other.is_working and other.state is not PaperState.IN_TRANSIT:
                continue
            if other.intent is Intent.ENTRY or quantity >= other.remaining:
                self._end(other, PaperState.CANCELED, _GROUP_FILLED)
            else:
                self._brackets.resize(other, other.quantity - quantity)

    def _execution(self, order: PaperOrder, price: Decimal, quantity: Decimal, instrument: Instrument) -> Execution:
        return Execution(
            execution_id=f"{order.order_id}-{len(order.executions) + 1}",
            price=price,
            quantity=quantity,
            commission=self._faults.commission(quantity),
            currency=instrument.currency,
            at=self._market.now(),
        )

    def _end(self, order: PaperOrder, state: PaperState, reason: Reason, number: int = 1) -> None:
        order.state, order.reason, order.ended_at = state, reason, self._market.now()
        self._book.touch(order)
        self._tell(order, _ENDINGS[state], number=number)

    def _tell(
        self,
        order: PaperOrder,
        kind: FactKind,
        *,
        executions: tuple[Execution, ...] = (),
        change: OrderChange | None = None,
        number: int = 1,
    ) -> None:
        self._reports.append(
            report(order, kind, self._market.now(), executions=executions, change=change, number=number)
        )
