"""When, at what price and how much the paper broker fills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.executors.conftest import Opener
from tests.unit.executors.market import (
    DAY,
    MAIN,
    START,
    HandQuotes,
    Reader,
    StepClock,
    a_limit,
    a_stop,
    an_exit,
    an_order,
    settle,
)
from tradershub.domain.clock import Nanos
from tradershub.domain.orders import FactKind, Order, OrderChange
from tradershub.domain.signals import OrderType, Side, TimeInForce
from tradershub.executors.paper_executor import PaperExecutor
from tradershub.ports.executor import Accepted, Rejected

BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(("side", "price"), [(BUY, "5000.25"), (SELL, "5000")])
async def test_a_market_order_takes_the_other_side(
    side: Side, price: str, paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25", "4990")
    order = an_order(side, "2", reference_price="1")
    assert isinstance(await paper.submit(order), Accepted)
    await settle()
    assert reader.fills(order) == [(price, "2")]


async def test_the_last_trade_serves_where_a_side_is_missing(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set(last="5001")
    order = an_order()
    await paper.submit(order)
    await settle()
    assert reader.fills(order) == [("5001", "1")]


async def test_an_old_quote_gives_way_to_the_price_in_the_signal(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes, clock: StepClock
) -> None:
    quotes.set("5000.00", "5000.25")
    await clock.advance(61)
    order = an_order(reference_price="4999.50")
    await paper.submit(order)
    await settle()
    assert reader.fills(order) == [("4999.5", "1")]


async def test_without_any_price_a_market_order_is_refused(paper: PaperExecutor) -> None:
    outcome = await paper.submit(an_order())
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code == "no_price"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (an_order(quantity="0.5"), "bad_quantity"),
        (an_order(quantity="0"), "bad_quantity"),
        (an_order(symbol="NOPE"), "unknown_instrument"),
        (an_order(account="paper:nobody"), "unknown_account"),
        (an_order(order_type=OrderType.LIMIT), "bad_price"),
        (an_order(order_type=OrderType.STOP), "bad_price"),
        (an_order(order_type=OrderType.TRAILING_STOP), "bad_price"),
        (a_limit(BUY, "5000.10"), "bad_price"),
        (a_limit(BUY, "-5000"), "bad_price"),
        (a_limit(BUY, "5000", time_in_force=TimeInForce.GTD), "bad_time_in_force"),
    ],
)
async def test_what_no_platform_would_take_is_refused(order: Order, code: str, paper: PaperExecutor) -> None:
    outcome = await paper.submit(order)
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code == code


async def test_a_limit_order_waits_for_its_price_and_takes_a_better_one(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25")
    order = a_limit(BUY, "4999.00")
    await paper.submit(order)
    quotes.set("4998.75", "4999.25")
    await settle()
    assert reader.fills(order) == []
    quotes.set("4997.75", "4998.00")
    await settle()
    assert reader.fills(order) == [("4998", "1")]


async def test_a_stop_fills_where_the_market_jumped_to(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25")
    order = a_stop(SELL, "4995.00")
    await paper.submit(order)
    quotes.set("4995.25", "4995.50")
    await settle()
    assert reader.fills(order) == []
    quotes.set("4980.00", "4980.25")
    await settle()
    assert reader.fills(order) == [("4980", "1")]


async def test_a_stop_limit_works_as_a_limit_once_it_was_touched(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25")
    order = an_order(BUY, order_type=OrderType.STOP_LIMIT, stop_price="5005", limit_price="5006")
    await paper.submit(order)
    quotes.set("5009.75", "5010.00")
    await settle()
    assert reader.fills(order) == []
    quotes.set("5003.75", "5004.00")
    await settle()
    assert reader.fills(order) == [("5004", "1")]


async def test_a_trailing_stop_follows_the_price_and_never_back(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25")
    order = an_order(SELL, order_type=OrderType.TRAILING_STOP, trail="10")
    await paper.submit(order)
    for bid in ("5020.00", "5011.00"):
        quotes.set(bid, bid)
    (row,) = (await paper.snapshot(MAIN, START)).orders
    assert row.stop_price == Decimal("5010.00")
    quotes.set("5010.00", "5010.25")
    await settle()
    assert reader.fills(order) == [("5010", "1")]


@pytest.mark.parametrize(
    ("terms", "kept_seconds"),
    [
        ({"time_in_force": TimeInForce.DAY}, (DAY - START % DAY) // 10**9),
        ({"time_in_force": TimeInForce.GTD, "good_till": Nanos(START + 90 * 10**9)}, 90),
    ],
)
async def test_an_order_ends_in_its_time(
    terms: dict[str, Any], kept_seconds: int, paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    clock = paper._clock
    assert isinstance(clock, StepClock)
    order = a_limit(BUY, "4000", **terms)
    await paper.submit(order)
    await clock.advance(1.5)
    assert reader.of(order) == []
    clock._now = int(START) + kept_seconds * 10**9 - 1
    await clock.advance(1.5)
    assert reader.of(order) == [FactKind.EXPIRED]


async def test_what_cannot_fill_at_once_expires_at_once(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000.00", "5000.25")
    order = a_limit(BUY, "4999", time_in_force=TimeInForce.IOC)
    assert isinstance(await paper.submit(order), Accepted)
    await settle()
    assert reader.of(order) == [FactKind.EXPIRED]


async def test_slippage_and_commission_cost_what_is_configured(open_paper: Opener, quotes: HandQuotes) -> None:
    paper = await open_paper(slippage_ticks=2, commission_per_unit="0.62")
    reader = Reader(paper)
    quotes.set("5000.00", "5000.25")
    order = an_order(BUY, "2")
    await paper.submit(order)
    limit = a_limit(SELL, "4999")
    await paper.submit(limit)
    await settle()
    assert reader.fills(order) == [("5000.75", "2")]
    assert reader.fills(limit) == [("5000", "1")]
    assert reader.told(FactKind.FILL)[0].executions[0].commission == Decimal("1.24")


async def test_the_balance_counts_profit_by_point_value(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    quotes.set("5010", "5010")
    await paper.submit(an_exit(SELL, "2"))
    snapshot = await paper.snapshot(MAIN, START)
    assert (snapshot.balance, snapshot.positions) == (Decimal(50_100), ())


async def test_a_partial_fill_is_completed_later(open_paper: Opener, quotes: HandQuotes, clock: StepClock) -> None:
    paper = await open_paper(partial_fill_rate="0.9", seed=3)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    order = an_order(BUY, "10")
    await paper.submit(order)
    await settle()
    first = sum(Decimal(quantity) for _, quantity in reader.fills(order))
    assert 0 < first < 10
    await clock.advance(3)
    assert sum(Decimal(quantity) for _, quantity in reader.fills(order)) == 10


async def test_an_exit_closes_no_more_than_is_open(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    order = an_exit(SELL, "5")
    await paper.submit(order)
    await settle()
    assert reader.fills(order) == [("5000", "2")]
    assert reader.of(order) == [FactKind.FILL, FactKind.CANCELED]
    reason = reader.told(FactKind.CANCELED)[0].reason
    assert reason is not None
    assert reason.code == "nothing_to_close"
    assert (await paper.snapshot(MAIN, START)).positions == ()


async def test_an_exit_of_another_strategy_closes_nothing(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    order = an_exit(SELL, "2", strategy="other")
    await paper.submit(order)
    await settle()
    assert reader.of(order) == [FactKind.CANCELED]


async def test_an_exit_of_no_strategy_closes_what_the_account_holds(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    await paper.submit(an_order(BUY, "3", strategy="other"))
    order = an_exit(SELL, "9", strategy=None)
    await paper.submit(order)
    await settle()
    assert reader.fills(order) == [("5000", "5")]
    late = an_exit(SELL, "1")
    await paper.submit(late)
    await settle()
    assert reader.of(late) == [FactKind.CANCELED]


async def test_an_entry_may_turn_the_position(paper: PaperExecutor, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    quotes.set("5004", "5004")
    await paper.submit(an_order(SELL, "3"))
    (position,) = (await paper.snapshot(MAIN, START)).positions
    assert (position.quantity, position.average_price) == (Decimal(-1), Decimal(5004))


async def test_a_hedging_book_holds_both_sides(open_paper: Opener, quotes: HandQuotes) -> None:
    paper = await open_paper(hedging="true")
    reader = Reader(paper)
    quotes.set("5000", "5000")
    await paper.submit(an_order(BUY, "2"))
    await paper.submit(an_order(SELL, "3"))
    out = an_exit(SELL, "2")
    await paper.submit(out)
    await settle()
    assert reader.fills(out) == [("5000", "2")]
    (position,) = (await paper.snapshot(MAIN, START)).positions
    assert (position.quantity, position.ticket) == (Decimal(-3), "short:momentum")


async def test_one_of_a_group_cancels_the_other(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    up, down = a_stop(BUY, "5010", oco_group="breakout"), a_stop(SELL, "4990", oco_group="breakout")
    await paper.submit(up)
    await paper.submit(down)
    quotes.set("5011", "5011")
    await settle()
    assert reader.of(up) == [FactKind.FILL]
    assert reader.of(down) == [FactKind.CANCELED]


async def test_a_changed_order_fills_on_its_new_terms(paper: PaperExecutor, reader: Reader, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000.25")
    order = a_limit(BUY, "4990", "3")
    await paper.submit(order)
    change = OrderChange(quantity=Decimal(2), limit_price=Decimal("5000.25"))
    assert isinstance(await paper.modify(order, change, 4), Accepted)
    await settle()
    assert reader.fills(order) == [("5000.25", "2")]
    assert [told.number for told in reader.told(FactKind.MODIFIED)] == [4]


async def test_a_cancel_keeps_what_has_filled(open_paper: Opener, quotes: HandQuotes) -> None:
    paper = await open_paper(partial_fill_rate="1", seed=2)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    order = a_limit(BUY, "5000", "10")
    await paper.submit(order)
    assert isinstance(await paper.cancel(order, 7), Accepted)
    await settle()
    assert reader.of(order) == [FactKind.FILL, FactKind.CANCELED]
    assert reader.told(FactKind.CANCELED)[0].number == 7
    (row,) = (await paper.snapshot(MAIN, START)).orders
    assert (row.kind, len(row.executions)) == (FactKind.CANCELED, 1)


async def test_an_ended_or_unknown_order_cannot_be_changed(paper: PaperExecutor, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    order = an_order()
    await paper.submit(order)
    late = await paper.cancel(order, 1)
    unknown = await paper.modify(an_order(), OrderChange(quantity=Decimal(1)), 1)
    assert isinstance(late, Rejected)
    assert late.reason.code == "not_working"
    assert isinstance(unknown, Rejected)
    assert unknown.reason.code == "unknown_order"
