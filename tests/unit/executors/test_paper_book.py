"""The paper book survives the process, answers the same twice, and says when it cannot be used."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.executors.conftest import Opener
from tests.unit.executors.market import (
    MAIN,
    START,
    HandQuotes,
    NoMarks,
    Reader,
    StepClock,
    a_limit,
    an_exit,
    an_order,
    parts,
    points,
    settle,
)
from tradershub.domain.clock import Nanos
from tradershub.domain.errors import ConfigurationError, PlatformConfigError, PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import FactKind
from tradershub.domain.signals import Side
from tradershub.executors.paper_executor import PaperExecutor, build
from tradershub.executors.paper_store import FILE_NAME
from tradershub.ports.executor import Accepted, LinkChange, LinkState, NotSent, Rejected, Unknown

BUY, SELL = Side.BUY, Side.SELL
WEEK = 7 * 86_400


async def killed_copy(tmp_path: Path, clock: StepClock, quotes: HandQuotes, **config: Any) -> PaperExecutor:
    """Open what a process would find that starts after this one was killed: the files as they lie there now."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("paper_book*"):
        shutil.copy(file, copy / file.name)
    executor = build(parts(copy, clock, quotes, **config))
    await executor.connect()
    return executor


async def test_everything_accepted_is_found_after_a_kill(
    paper: PaperExecutor, tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    entry = an_order(BUY, "2", stop_loss=points("10"), take_profit=(points("10"),))
    waiting = a_limit(BUY, "4900")
    for order in (entry, waiting):
        assert isinstance(await paper.submit(order), Accepted)
    before = await paper.snapshot(MAIN, START)
    second = await killed_copy(tmp_path, clock, quotes)
    after = await second.snapshot(MAIN, START)
    assert after == before
    assert {row.leg for row in after.orders} == {None, "stop_loss", "take_profit_1"}
    reader = Reader(second)
    quotes.set("5010", "5010")
    await settle()
    assert [told.leg for told in reader.told(FactKind.FILL)] == ["take_profit_1"]
    assert [told.leg for told in reader.told(FactKind.CANCELED)] == ["stop_loss"]
    await second.close()


async def test_a_second_submit_answers_as_the_first_and_makes_nothing(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes
) -> None:
    quotes.set("5000", "5000")
    order, refused = an_order(), an_order(symbol="NOPE")
    first = [await paper.submit(order), await paper.submit(refused)]
    await settle()
    again = [await paper.submit(order), await paper.submit(refused)]
    assert again == first
    await settle()
    assert len(reader.fills(order)) == 1
    assert len((await paper.snapshot(MAIN, START)).orders) == 2


async def test_an_order_is_marked_before_it_is_in_the_book(
    tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    """What is not marked counts as never sent when the hub is killed between the claim and the answer."""
    given = parts(tmp_path, clock, quotes)
    assert isinstance(given.marks, NoMarks)
    executor = build(given)
    await executor.connect()
    order = an_order()
    await executor.submit(order)
    await executor.submit(order)
    assert given.marks.marked == [order.order_id]
    await executor.close()


async def test_an_order_that_cannot_be_marked_is_not_taken(
    tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    class FullDisk(NoMarks):
        def mark(self, order_id: OrderId) -> None:
            raise OSError("no space left")

    executor = build(replace(parts(tmp_path, clock, quotes), marks=FullDisk()))
    await executor.connect()
    assert isinstance(await executor.submit(an_order()), NotSent)
    assert (await executor.snapshot(MAIN, START)).orders == ()
    await executor.close()


async def test_a_fill_is_told_only_after_it_was_written(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes, tmp_path: Path
) -> None:
    quotes.set("5000", "5000")
    order = an_order()
    submitting = paper.submit(order)
    submitting.send(None)
    assert reader.reports == []
    await settle()
    with sqlite3.connect(tmp_path / FILE_NAME) as file:
        ids = file.execute("SELECT order_id FROM orders").fetchall()
    file.close()
    assert ids == [(order.order_id,)]
    assert reader.of(order) == [FactKind.FILL]
    submitting.close()


async def test_an_order_under_way_arrives_after_a_restart(
    open_paper: Opener, tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    paper = await open_paper(latency_ms=500)
    quotes.set("5000", "5000")
    submitting = paper.submit(an_order())
    submitting.send(None)
    await settle()
    assert (await paper.snapshot(MAIN, START)).orders == ()
    second = await killed_copy(tmp_path, clock, quotes, latency_ms=500)
    assert (await second.snapshot(MAIN, START)).orders == ()
    await clock.advance(1)
    (row,) = (await second.snapshot(MAIN, START)).orders
    assert row.kind is FactKind.FILL
    submitting.close()
    await second.close()


async def test_a_snapshot_lists_what_ended_since(paper: PaperExecutor, quotes: HandQuotes, clock: StepClock) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order())
    await clock.advance(10)
    recent, working = an_exit(), a_limit(BUY, "4000")
    await paper.submit(recent)
    await paper.submit(working)
    rows = (await paper.snapshot(MAIN, clock.now())).orders
    assert [row.order_id for row in rows] == [recent.order_id, working.order_id]
    assert (await paper.snapshot(AccountId("paper:second"), START)).orders == ()


async def test_orders_of_more_than_a_week_ago_are_forgotten(
    paper: PaperExecutor, quotes: HandQuotes, clock: StepClock
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order())
    await clock.advance(1)
    clock._now += WEEK * 10**9
    await clock.advance(1.5)
    snapshot = await paper.snapshot(MAIN, START)
    assert (snapshot.orders, len(snapshot.positions)) == ((), 1)


async def test_the_log_is_brought_home_while_orders_go_on(
    paper: PaperExecutor, quotes: HandQuotes, tmp_path: Path
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order())
    desk = paper._desk
    assert desk is not None
    desk.writer._since_checkpoint = 10_000
    tidying = desk.writer.tidy(START)
    order = an_order()
    outcomes = await asyncio.gather(tidying, paper.submit(order))
    assert isinstance(outcomes[1], Accepted)
    assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size < 100_000
    assert len((await paper.snapshot(MAIN, START)).orders) == 2


async def test_a_full_disk_is_a_lost_link_and_no_order_is_claimed(
    paper: PaperExecutor, reader: Reader, quotes: HandQuotes, clock: StepClock
) -> None:
    quotes.set("5000", "5000")
    desk = paper._desk
    assert desk is not None
    desk._store._connection.execute("PRAGMA query_only = 1")
    first, second = await paper.submit(an_order()), await paper.submit(an_order())
    assert isinstance(first, Unknown)
    assert isinstance(second, NotSent)
    with pytest.raises(PlatformUnavailable):
        await paper.snapshot(MAIN, START)
    assert reader.reports == []
    desk._store._connection.execute("PRAGMA query_only = 0")
    await clock.advance(2)
    states = [event.state for event in reader.events if isinstance(event, LinkChange)]
    assert states == [LinkState.UP, LinkState.DOWN, LinkState.UP]
    assert len(reader.told(FactKind.FILL)) == 1


async def test_a_closed_platform_sends_nothing_and_ends_its_events(paper: PaperExecutor, reader: Reader) -> None:
    await paper.close()
    await settle()
    assert reader.is_ended
    assert isinstance(await paper.submit(an_order()), NotSent)
    assert isinstance(await paper.cancel(an_order(), 1), NotSent)
    with pytest.raises(PlatformUnavailable):
        await paper.snapshot(MAIN, START)


@pytest.mark.parametrize("damage", [b"no database at all" * 100, None])
async def test_a_damaged_book_is_not_used(
    damage: bytes | None, tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    file = tmp_path / FILE_NAME
    if damage is not None:
        file.write_bytes(damage)
    else:
        newer = sqlite3.connect(file)
        newer.execute("PRAGMA user_version = 99")
        newer.close()
    with pytest.raises(PlatformConfigError, match=r"paper_book\.db"):
        await build(parts(tmp_path, clock, quotes)).connect()


async def test_hedging_is_not_switched_under_open_positions(
    paper: PaperExecutor, quotes: HandQuotes, tmp_path: Path, clock: StepClock
) -> None:
    quotes.set("5000", "5000")
    await paper.submit(an_order())
    await paper.close()
    with pytest.raises(PlatformConfigError, match="hedging"):
        await build(parts(tmp_path, clock, quotes, hedging="true")).connect()


async def test_every_mistake_of_the_configuration_is_named(
    tmp_path: Path, clock: StepClock, quotes: HandQuotes
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        build(parts(tmp_path, clock, quotes, reject_rate="2", latency_ms="-1", hedging="yes", slipage="1"))
    assert {mistake.key for mistake in refused.value.mistakes} == {"reject_rate", "latency_ms", "hedging", "slipage"}


async def test_latency_delays_answer_and_fill(open_paper: Opener, quotes: HandQuotes, clock: StepClock) -> None:
    paper = await open_paper(latency_ms=100, latency_jitter_ms=50)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    order = an_order()
    task = asyncio.create_task(paper.submit(order))
    await clock.advance(0.09)
    assert not task.done()
    quotes.set("5001", "5001")
    await clock.advance(0.07)
    assert isinstance(task.result(), Accepted)
    assert reader.fills(order) == [("5001", "1")]


async def test_rejects_come_at_the_configured_rate(open_paper: Opener, quotes: HandQuotes) -> None:
    paper = await open_paper(reject_rate="0.3", seed=11)
    quotes.set("5000", "5000")
    outcomes = [await paper.submit(an_order()) for _ in range(200)]
    assert 40 < sum(isinstance(outcome, Rejected) for outcome in outcomes) < 80


async def test_a_lost_reply_leaves_the_order_in_the_book(
    open_paper: Opener, quotes: HandQuotes, clock: StepClock
) -> None:
    paper = await open_paper(lost_reply_rate="1")
    quotes.set("5000", "5000")
    order = an_order()
    task = asyncio.create_task(paper.submit(order))
    await clock.advance(5)
    assert isinstance(task.result(), Unknown)
    (row,) = (await paper.snapshot(MAIN, START)).orders
    assert row.order_id == order.order_id


async def test_a_lost_order_never_arrives(open_paper: Opener, quotes: HandQuotes, clock: StepClock) -> None:
    paper = await open_paper(lost_order_rate="1")
    quotes.set("5000", "5000")
    task = asyncio.create_task(paper.submit(an_order()))
    await clock.advance(5)
    assert isinstance(task.result(), Unknown)
    assert (await paper.snapshot(MAIN, START)).orders == ()


async def test_fills_are_repeated_and_overtaken_as_configured(
    open_paper: Opener, quotes: HandQuotes, clock: StepClock
) -> None:
    paper = await open_paper(duplicate_fill_rate="1", reorder_rate="0.5", seed=4)
    reader = Reader(paper)
    quotes.set("5000", "5000")
    orders = [an_order() for _ in range(20)]
    for order in orders:
        await paper.submit(order)
    await clock.advance(1)
    told = [told.order_id or "" for told in reader.told(FactKind.FILL)]
    assert sorted(told) == sorted(order.order_id for order in orders for _ in range(2))
    assert list(dict.fromkeys(told)) != [order.order_id for order in orders]
    execution_ids = {told.executions[0].execution_id for told in reader.told(FactKind.FILL)}
    assert len(execution_ids) == 20


async def test_the_same_seed_gives_the_same_accidents(tmp_path: Path, clock: StepClock, quotes: HandQuotes) -> None:
    quotes.set("5000", "5000")
    orders = [an_order() for _ in range(40)]
    runs = []
    for name in ("a", "b"):
        paper = build(parts(tmp_path / name, clock, quotes, reject_rate="0.4", seed=9))
        await paper.connect()
        runs.append([type(await paper.submit(order)) for order in orders])
        await paper.close()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {Accepted, Rejected}


async def test_the_balance_is_right_after_many_trades(paper: PaperExecutor, quotes: HandQuotes) -> None:
    for price in ("5000.25", "5000.50", "5001.75"):
        quotes.set(price, price)
        await paper.submit(an_order(BUY, "1"))
    quotes.set("5002", "5002")
    await paper.submit(an_exit(SELL, "3"))
    snapshot = await paper.snapshot(MAIN, Nanos(0))
    assert snapshot.balance == Decimal("50017.5")
