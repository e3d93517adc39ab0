"""Cancels and changes whose answer was lost: settled by what the platform says of the order, at most thrice tried."""

from collections.abc import Callable, Mapping

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import AT_THE_PLATFORM, Fact, FactKind, OrderState
from tradershub.domain.risk import blocked
from tradershub.hub.notices import Notices
from tradershub.hub.order_book import OrderBook, Record
from tradershub.ports.clock import Clock
from tradershub.ports.executor import OrderReport

_MOST_CANCELS = 3
_PENDING = frozenset({OrderState.CANCEL_PENDING, OrderState.MODIFY_PENDING})


class PendingCommands:
    """A cancel may be sent again, since it can only happen once; a change is not, since nobody knows what it met."""

    def __init__(
        self, *, book: OrderBook, notices: Notices, clock: Clock, cancel_again: Callable[[Record], None]
    ) -> None:
        self._book = book
        self._notices = notices
        self._clock = clock
        self._cancel_again = cancel_again
        self._asked: dict[OrderId, int] = {}

    def watch(self, record: Record) -> None:
        """Remember an order of which a command may or may not have arrived."""
        if record.view.state in _PENDING:
            self._asked.setdefault(record.order.order_id, 0)

    def of(self, account: str) -> tuple[Record, ...]:
        """Return the orders of an account that wait for an answer; forgets those that have it."""
        known = ((order_id, self._book.get(order_id)) for order_id in self._asked)
        waiting = {order_id: r for order_id, r in known if r is not None and r.view.state in _PENDING}
        self._asked = {order_id: self._asked[order_id] for order_id in waiting}
        return tuple(record for record in waiting.values() if record.order.account == account)

    def settle(
        self, account: str, reports: Mapping[OrderId, OrderReport], *, asked_at: Nanos, settle_after: int
    ) -> None:
        """Conclude that a command did not arrive once the order was told twice, late enough, to work as before."""
        for record in self.of(account):
            report = reports.get(record.order.order_id)
            if report is None or report.kind not in {FactKind.ACCEPTED, FactKind.FILL}:
                continue
            if asked_at - _newest(record).at < settle_after:
                continue
            self._asked[record.order.order_id] += 1
            if self._asked[record.order.order_id] >= 2:
                del self._asked[record.order.order_id]
                self._conclude(record)

    def _conclude(self, record: Record) -> None:
        sent = _newest(record)
        kind = FactKind.CANCEL_REFUSED if sent.kind is FactKind.CANCEL_SENT else FactKind.MODIFY_REFUSED
        reason = blocked("no_answer", "the platform was asked twice and has the order as it was")
        self._book.record(
            record.order.order_id, Fact(kind=kind, at=self._clock.now(), number=sent.number, reason=reason)
        )
        if kind is FactKind.CANCEL_REFUSED and sent.number < _MOST_CANCELS and record.view.state in AT_THE_PLATFORM:
            self._cancel_again(record)
        else:
            self._notices.alarm(record, "command_lost", "a cancel or a change was lost: the order works as before")


def _newest(record: Record) -> Fact:
    """Return the newest command that has no answer."""
    answers = {
        FactKind.CANCEL_SENT: {FactKind.CANCEL_REFUSED},
        FactKind.MODIFY_SENT: {FactKind.MODIFIED, FactKind.MODIFY_REFUSED},
    }
    answered = {(fact.kind, fact.number) for fact in record.facts}
    open_commands = [
        fact
        for fact in record.facts
        if fact.kind in answers and not any((kind, fact.number) in answered for kind in answers[fact.kind])
    ]
    return max(open_commands, key=lambda fact: fact.at)
