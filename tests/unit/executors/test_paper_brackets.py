"""The stops and targets of an entry are never larger than what is open of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.executors.conftest import Opener
from tests.unit.executors.market import (
    MAIN,
    START,
    HandQuotes,
    Reader,
    StepClock,
    a_limit,
    an_exit,
    an_order,
    at_price,
    points,
    settle,
)
from tradershub.domain.ids import order_id
from tradershub.domain.orders import FactKind, Intent, Order, OrderChange, Origin
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import OrderType, Side
from tradershub.executors.paper_brackets import shared
from tradershub.executors.paper_executor import PaperExecutor
from tradershub.ports.executor import Accepted, OrderReport, Rejected

BUY, SELL = Side.BUY, Side.SELL


def children(reader: Reader, entry: Order) -> dict[str, tuple[str, str, str]]:
    """Return type, price and size of each child as it was last reported; the ended ones are gone."""
    found: dict[str, tuple[str, str, str]] = {}
    for told in reader.reports:
        if told.parent == entry.order_id and told.leg is not None:
            found[told.leg] = _terms(told)
            if told.kind in (FactKind.CANCELED, FactKind.FILL):
                del found[told.leg]
    return found


def _terms(told: OrderReport) -> tuple[str, str, str]:
    price = told.stop_price if told.limit_price is None else told.limit_price
    assert told.order_type is not None
    assert told.quantity is not None
    assert price is not None
    return (str(told.order_type), decimal_text(price), decimal_text(told.quantity))


def as_the_hub_knows_it(entry: Order, leg: str) -> Order:
    return an_order(cause=entry.order_id, order_id=order_id(entry.order_id, MAIN, leg), leg=leg, origin=Origin.PLATFORM)


@pytest.fixture
async def entry(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> Order:
    """Return a filled entry of 4 with a stop 10 points away and two targets."""
    quotes.set("5000", "5000")
    order = an_order(BUY, "4", stop_loss=points("10"), take_profit=(points("10"), points("20")))
    await paper.submit(order)
    await settle()
    return order


async def test_a_filled_entry_gets_its_children(entry: Order, reader: Reader) -> None:
    assert children(reader, entry) == {
        "stop_loss": ("stop", "4990", "4"),
        "take_profit_1": ("limit", "5010", "2"),
        "take_profit_2": ("limit", "5020", "2"),
    }
    accepted = reader.told(FactKind.ACCEPTED)
    assert {told.order_id for told in accepted} == {None}
    assert {told.side for told in accepted} == {SELL}


async def test_a_short_entry_is_protected_above(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000.25")
    order = an_order(SELL, "1", stop_loss=at_price("5012"), take_profit=(points("10.1"),))
    await paper.submit(order)
    await settle()
    assert children(reader, order) == {
        "stop_loss": ("stop", "5012", "1"),
        "take_profit_1": ("limit", "4989.75", "1"),
    }


async def test_a_filled_target_shrinks_the_stop(
    entry: Order, paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5011", "5011")
    await settle()
    assert children(reader, entry) == {
        "stop_loss": ("stop", "4990", "2"),
        "take_profit_2": ("limit", "5020", "2"),
    }
    quotes.set("5021", "5021")
    await settle()
    assert children(reader, entry) == {}
    assert (await paper.snapshot(MAIN, START)).positions == ()


async def test_a_filled_stop_cancels_the_targets(
    entry: Order, paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("4980", "4980")
    await settle()
    assert children(reader, entry) == {}
    reasons = {told.reason.code for told in reader.told(FactKind.CANCELED) if told.reason}
    assert reasons == {"oco"}
    snapshot = await paper.snapshot(MAIN, START)
    assert (snapshot.positions, snapshot.balance) == ((), Decimal(49_600))


async def test_an_exit_shrinks_the_children_and_then_ends_them(
    entry: Order, paper: PaperExecutor, reader: Reader
) -> None:
    await paper.submit(an_exit(SELL, "3"))
    await settle()
    assert children(reader, entry) == {"stop_loss": ("stop", "4990", "1"), "take_profit_1": ("limit", "5010", "1")}
    numbers = [told.number for told in reader.told(FactKind.MODIFIED)]
    assert all(number > 1000 for number in numbers)
    await paper.submit(an_exit(SELL, "1"))
    await settle()
    assert children(reader, entry) == {}


async def test_turning_the_position_ends_its_children(entry: Order, paper: PaperExecutor, reader: Reader) -> None:
    await paper.submit(an_order(SELL, "6"))
    await settle()
    assert children(reader, entry) == {}


async def test_an_entry_against_a_position_protects_only_what_it_opens(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(SELL, "3"))
    order = an_order(BUY, "5", stop_loss=points("10"))
    await paper.submit(order)
    await settle()
    assert children(reader, order) == {"stop_loss": ("stop", "4990", "2")}


async def test_children_grow_with_each_part_of_the_entry(
    open_paper: Opener, quotes: HandQuotes, clock: StepClock
) -> None:
    paper = await open_paper(partial_fill_rate="0.7", seed=5)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    order = an_order(BUY, "10", stop_loss=points("100"), take_profit=(points("100"), points("200")))
    await paper.submit(order)
    await clock.advance(5)
    assert len(reader.fills(order)) > 1
    assert children(reader, order) == {
        "stop_loss": ("stop", "4900", "10"),
        "take_profit_1": ("limit", "5100", "5"),
        "take_profit_2": ("limit", "5200", "5"),
    }


async def test_what_fills_after_everything_was_closed_is_protected_anew(
    open_paper: Opener, quotes: HandQuotes, clock: StepClock
) -> None:
    paper = await open_paper(partial_fill_rate="1", seed=5)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    order = a_limit(BUY, "5000", "2", stop_loss=points("100"), take_profit=(points("100"),))
    await paper.submit(order)
    await paper.submit(an_exit(SELL, "1"))
    await settle()
    assert children(reader, order) == {}
    await clock.advance(1)
    assert children(reader, order) == {
        "stop_loss_again_2": ("stop", "4900", "1"),
        "take_profit_again_2_1": ("limit", "5100", "1"),
    }


async def test_the_hub_can_move_and_cancel_a_child(
    entry: Order, paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    stop = as_the_hub_knows_it(entry, "stop_loss")
    moved = await paper.modify(stop, OrderChange(stop_price=Decimal(4995)), 1)
    target = await paper.cancel(as_the_hub_knows_it(entry, "take_profit_2"), 1)
    await settle()
    assert isinstance(moved, Accepted)
    assert isinstance(target, Accepted)
    assert children(reader, entry) == {"stop_loss": ("stop", "4995", "4"), "take_profit_1": ("limit", "5010", "2")}
    quotes.set("4995", "4995")
    await settle()
    assert (await paper.snapshot(MAIN, START)).positions == ()


async def test_a_trailing_stop_loss_follows(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    order = an_order(BUY, "1", stop_loss=points("10", trailing="10"))
    await paper.submit(order)
    quotes.set("5030", "5030")
    quotes.set("5020", "5020")
    await settle()
    fill = reader.told(FactKind.FILL)[-1]
    assert (fill.leg, fill.executions[0].price) == ("stop_loss", Decimal(5020))


async def test_a_stop_already_passed_fills_at_once(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000.25")
    order = an_order(BUY, "1", stop_loss=at_price("5001"), take_profit=(at_price("5050"),))
    await paper.submit(order)
    await settle()
    assert children(reader, order) == {}
    assert (await paper.snapshot(MAIN, START)).positions == ()


async def test_only_entries_carry_stops(paper: PaperExecutor, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    outcome = await paper.submit(an_exit(SELL, "1", stop_loss=points("10")))
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code == "bad_bracket"


async def test_a_protective_order_of_the_hub_only_closes(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "1"))
    stop = an_order(SELL, "3", intent=Intent.PROTECTION, order_type=OrderType.STOP, stop_price="4990")
    await paper.submit(stop)
    quotes.set("4989", "4989")
    await settle()
    assert reader.fills(stop) == [("4989", "1")]
    assert reader.of(stop) == [FactKind.FILL, FactKind.CANCELED]


async def test_exits_of_a_group_shrink_each_other(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "3"))
    target = a_limit(SELL, "5010", "1", intent=Intent.PROTECTION, oco_group="g")
    stop = an_order(SELL, "3", intent=Intent.PROTECTION, order_type=OrderType.STOP, stop_price="4990", oco_group="g")
    await paper.submit(target)
    await paper.submit(stop)
    quotes.set("5010", "5010")
    await settle()
    (change,) = reader.told(FactKind.MODIFIED)
    assert (change.order_id, change.quantity) == (stop.order_id, Decimal(2))


@pytest.mark.parametrize(
    ("quantity", "legs", "expected"),
    [("3", 2, ("2", "1")), ("1", 3, ("1", "0", "0")), ("4", 1, ("4",)), ("2", 0, ())],
)
def test_targets_share_the_size_in_whole_steps(quantity: str, legs: int, expected: tuple[str, ...]) -> None:
    assert shared(Decimal(quantity), legs, Decimal(1)) == tuple(Decimal(share) for share in expected)
