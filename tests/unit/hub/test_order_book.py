"""The book of orders: facts in, state, positions, reservations and one event of the journal out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradershub.domain.errors import NotStored
from tradershub.domain.events import FactsRecorded
from tradershub.domain.orders import FactKind, OrderState
from tradershub.hub.order_book import Listing, OrderBook
from tradershub.hub.position_tracker import PositionTracker
from tradershub.testing.builders import (
    MAIN,
    MOMENTUM,
    SYMBOL,
    a_fact,
    a_fill,
    accepted,
    an_exit,
    an_order,
    sending,
)
from tradershub.testing.fake_clock import FakeClock
from tradershub.testing.memory_journal import MemoryJournal
from tradershub.testing.memory_views import MemoryViews

KEY = (MOMENTUM, MAIN, SYMBOL)


class Desk:
    """A book with everything around it."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.clock = FakeClock()
        self.tracker = PositionTracker()
        self.book = OrderBook(
            journal=self.journal, clock=self.clock, tracker=self.tracker, point_value=lambda _symbol: Decimal(5)
        )

    async def an_entry(self, quantity: str = "2"):  # type: ignore[no-untyped-def]
        record = self.book.add(an_order(quantity=quantity), sending())
        await self.book.create(record)
        return record


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_a_fact_is_journaled_with_everything_that_follows_from_it(desk: Desk) -> None:
    record = await desk.an_entry()
    stored = desk.book.record(record.order.order_id, a_fill("2"))
    assert stored is not None
    await stored
    event = desk.journal.events[-1]
    assert isinstance(event, FactsRecorded)
    assert event.view.state is OrderState.FILLED
    assert event.all_facts == record.facts
    assert [fill.fill_id for fill in event.fills] == ["paper:main/E1"]
    assert [position.quantity for position in event.positions] == [Decimal(2)]
    assert event.trades == ()


async def test_a_fact_that_is_known_writes_nothing(desk: Desk) -> None:
    record = await desk.an_entry()
    assert desk.book.record(record.order.order_id, accepted()) is not None
    assert desk.book.record(record.order.order_id, accepted(second=9)) is None


async def test_a_fill_counts_once_within_one_report_too(desk: Desk) -> None:
    record = await desk.an_entry()
    desk.book.record(record.order.order_id, a_fill("1"), a_fill("1"), a_fill("1", second=9))
    assert desk.tracker.held(KEY) == 1
    assert record.view.filled == 1


async def test_an_exit_that_fills_ends_the_trade_in_the_same_event(desk: Desk) -> None:
    record = await desk.an_entry()
    desk.book.record(record.order.order_id, a_fill("2"))
    out = desk.book.add(an_exit(), sending())
    await desk.book.create(out)
    desk.book.record(out.order.order_id, a_fill("2", "5010", execution="E2"))
    await _stored(desk)
    event = desk.journal.events[-1]
    assert isinstance(event, FactsRecorded)
    assert [trade.gross for trade in event.trades] == [Decimal(100)]
    assert desk.tracker.positions() == ()


async def test_what_is_open_is_reserved_until_it_is_final(desk: Desk) -> None:
    record = await desk.an_entry()
    moving = desk.book.commitments.of(KEY)
    assert moving.moving == 2
    desk.book.record(record.order.order_id, a_fill("1"))
    assert moving.moving == 1
    desk.book.record(record.order.order_id, a_fact(FactKind.CANCELED, 9))
    assert moving.moving == 0


async def test_an_order_in_doubt_stays_reserved(desk: Desk) -> None:
    record = await desk.an_entry()
    desk.book.record(record.order.order_id, a_fact(FactKind.UNCONFIRMED))
    assert desk.book.commitments.of(KEY).moving == 2


async def test_a_withdrawn_order_leaves_nothing_behind(desk: Desk) -> None:
    record = desk.book.add(an_order(), sending())
    desk.book.withdraw(record.order.order_id)
    assert desk.book.get(record.order.order_id) is None
    assert desk.book.open_records() == ()
    assert desk.book.commitments.of(KEY).moving == 0
    desk.book.withdraw(record.order.order_id)


async def test_an_order_that_comes_back_from_its_end_is_not_forgotten(desk: Desk) -> None:
    late = await desk.an_entry()
    desk.book.record(late.order.order_id, a_fact(FactKind.NOT_PLACED))
    desk.book.record(late.order.order_id, a_fill("1"))
    assert late.view.state is OrderState.PARTIALLY_FILLED
    for number in range(5001):
        other = desk.book.add(an_order(), a_fact(FactKind.BLOCKED, number))
        assert other.view.is_final
    assert desk.book.get(late.order.order_id) is late
    assert desk.book.listed(KEY, Listing.MOVING) == (late,)


async def test_facts_whose_commit_failed_are_stored_later_and_once(desk: Desk) -> None:
    record = await desk.an_entry()
    desk.journal.fail_next(NotStored("the disk is full"))
    desk.book.record(record.order.order_id, a_fill("1"))
    await _stored(desk)
    assert MemoryViews(desk.journal).tables().fills == []
    desk.book.unstored.store_again()
    await _stored(desk)
    tables = MemoryViews(desk.journal).tables()
    assert tables.fills == ["paper:main/E1"]
    assert [position.quantity for position in tables.positions.values()] == [Decimal(1)]
    assert tables.views[record.order.order_id] == record.view
    desk.book.unstored.store_again()
    await _stored(desk)
    assert MemoryViews(desk.journal).tables().fills == ["paper:main/E1"]


async def test_what_is_stored_later_does_not_undo_what_was_stored_meanwhile(desk: Desk) -> None:
    record = await desk.an_entry()
    desk.journal.fail_next(NotStored("the disk is full"))
    desk.book.record(record.order.order_id, a_fill("1"))
    await _stored(desk)
    desk.book.record(record.order.order_id, a_fill("1", execution="E2"))
    out = desk.book.add(an_exit(), sending())
    await desk.book.create(out)
    desk.book.record(out.order.order_id, a_fill("2", execution="E3"))
    await _stored(desk)
    desk.book.unstored.store_again()
    await _stored(desk)
    tables = MemoryViews(desk.journal).tables()
    assert sorted(tables.fills) == ["paper:main/E1", "paper:main/E2", "paper:main/E3"]
    assert tables.positions == {}
    assert tables.views[record.order.order_id].state is OrderState.FILLED


async def test_an_order_whose_creation_failed_is_created_later(desk: Desk) -> None:
    record = desk.book.add(an_order(), a_fact(FactKind.READY))
    desk.journal.fail_next(NotStored("the disk is full"))
    desk.book.create(record)
    await _stored(desk)
    desk.book.record(record.order.order_id, sending())
    await _stored(desk)
    desk.book.unstored.store_again()
    await _stored(desk)
    assert MemoryViews(desk.journal).tables().views[record.order.order_id] == record.view


async def _stored(desk: Desk) -> None:
    for _ in range(3):
        await desk.clock.sleep(0)
