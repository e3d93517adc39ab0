"""What could not be written: events of orders whose commit failed, kept until they are durable."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tradershub.domain.errors import NotStored
from tradershub.domain.events import FactsRecorded, OrdersCreated
from tradershub.domain.ids import OrderId
from tradershub.ports.journal import Journal, Seq

OrderEvent = FactsRecorded | OrdersCreated
Renew = Callable[[OrderEvent], OrderEvent | None]
"""Returns an event as it would be written now; None if its orders are gone."""


class Unstored:
    """What is known stays known while the disk is full, and reaches the journal once it is not."""

    def __init__(self, journal: Journal, renew: Renew) -> None:
        self._journal = journal
        self._renew = renew
        self._created: list[OrdersCreated] = []
        self._facts: dict[OrderId, FactsRecorded] = {}

    def watch(self, event: OrderEvent, stored: "asyncio.Future[Seq]") -> "asyncio.Future[Seq]":
        """Keep the event if its commit turns out to have failed."""
        stored.add_done_callback(partial(self._judge, event))
        return stored

    def store_again(self) -> None:
        """Write what is kept, orders before their facts, as they stand by now."""
        events: tuple[OrderEvent, ...] = (*self._created, *self._facts.values())
        self._created, self._facts = [], {}
        for event in events:
            renewed = self._renew(event)
            if renewed is not None:
                self.watch(renewed, self._journal.append(renewed))

    def _judge(self, event: OrderEvent, stored: "asyncio.Future[Seq]") -> None:
        error = None if stored.cancelled() else stored.exception()
        if not isinstance(error, NotStored):
            return
        if isinstance(event, OrdersCreated):
            self._created.append(event)
            return
        earlier = self._facts.get(event.order_id)
        self._facts[event.order_id] = event if earlier is None else _together(earlier, event)


def _together(earlier: FactsRecorded, later: FactsRecorded) -> FactsRecorded:
    return replace(
        later,
        facts=earlier.facts + later.facts,
        fills=earlier.fills + later.fills,
        positions=earlier.positions + later.positions,
        trades=earlier.trades + later.trades,
    )
