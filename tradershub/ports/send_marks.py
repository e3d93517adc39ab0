"""Marks that outlive the process: which orders may have left this machine before it died."""

from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId


class SendMarks(Protocol):
    """A link marks an order right before its first byte; after a crash the mark's absence is proof."""

    def mark(self, order_id: OrderId) -> None:
        """Note that the next thing to happen is the first byte of an order; costs no more than 2 µs, never waits."""
        ...

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        """Say whether no byte of an order that was found `sending` at start can have left; in doubt, False."""
        ...
