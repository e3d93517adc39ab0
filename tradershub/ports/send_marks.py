"""Marks an order right before its first byte, so that a restart can tell what surely never left."""

from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId


class SendMarks(Protocol):
    """Marks survive the death of the process, not of the machine; after the latter nothing is sure."""

    def mark(self, order_id: OrderId) -> None:
        """Note that the first byte of this order is about to leave. Called right before it, never before that."""
        ...

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        """Say whether the order, claimed at `sending_since`, certainly had no byte sent; in doubt False."""
        ...
