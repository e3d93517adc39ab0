"""Says in the journal what a person should know of an order."""

from tradershub.domain.events import Noted, Severity
from tradershub.hub.order_book import Record
from tradershub.ports.clock import Clock
from tradershub.ports.journal import Journal


class Notices:
    """Notes alarms about orders, each with account, side, size and symbol in front."""

    def __init__(self, *, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def alarm(self, record: Record, kind: str, message: str) -> None:
        order = record.order
        self._journal.append(
            Noted(
                at=self._clock.now(),
                kind=kind,
                severity=Severity.ALARM,
                message=f"{order.account}: {order.side} {order.quantity} {order.symbol}: {message}",
                subject=order.order_id,
            )
        )
