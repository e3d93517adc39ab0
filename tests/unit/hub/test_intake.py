"""The door: who may come in, what comes twice, what is not stored, and what is kept of what is refused."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.errors import CommitUnknown, NotStored
from tradershub.domain.events import MessageRefused, SignalStored, SignalTimed
from tradershub.domain.ids import StrategyName
from tradershub.domain.orders import OrderState
from tradershub.testing.builders import a_route, a_source, a_strategy
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.memory_settings import SECRET

KEY = ("momentum", "paper:main", "MESZ2026")


def stored(hub: HubUnderTest) -> list[SignalStored]:
    return [event for event in hub.events if isinstance(event, SignalStored)]


def refused(hub: HubUnderTest) -> list[MessageRefused]:
    return [event for event in hub.events if isinstance(event, MessageRefused)]


async def test_the_answer_names_signal_and_orders(hub: HubUnderTest) -> None:
    reply = await hub.send(colour="red", price="5000.13")
    assert reply.status == 202
    assert reply.document["status"] == "accepted"
    assert reply.document["reason"] is None
    assert reply.document["signals"] == [reply.document["signal_id"]]
    assert reply.document["ignored"] == ["colour"]
    assert reply.document["rounded"] == [{"field": "price", "from": "5000.13", "to": "5000.25"}]
    (order,) = reply.orders
    assert order["signal_id"] == reply.document["signal_id"]
    assert (order["account"], order["symbol"], order["side"], order["quantity"], order["state"]) == (
        "paper:main",
        "MESZ2026",
        "buy",
        "1",
        "sending",
    )


async def test_what_is_answered_is_in_the_journal_with_its_times(hub: HubUnderTest) -> None:
    reply = await hub.send()
    await hub.settle()
    (event,) = stored(hub)
    assert event.signal.signal_id == reply.document["signal_id"]
    assert [planned.order.order_id for planned in event.orders] == [reply.order_id]
    assert [e.signal_id for e in hub.events if isinstance(e, SignalTimed)] == [event.signal.signal_id]


async def test_the_message_is_kept_without_its_secret(hub: HubUnderTest) -> None:
    await hub.send(comment="a breakout")
    (event,) = stored(hub)
    assert "a breakout" in event.raw
    assert SECRET not in repr(hub.events)


async def test_the_same_message_again_is_a_duplicate_of_the_first(hub: HubUnderTest) -> None:
    body = hub.message()
    first = await hub.post(body)
    for _ in range(3):
        again = await hub.post(body)
        assert again.status == 200
        assert again.document == {"signal_id": first.document["signal_id"], "status": "duplicate"}
    assert len(hub.platform().wire) == 1


async def test_the_same_id_for_something_else_is_refused(hub: HubUnderTest) -> None:
    await hub.send(id="one")
    reply = await hub.send(id="one", quantity="2")
    assert (reply.status, reply.code, reply.document["field"]) == (409, "id_reused", "id")
    assert len(hub.platform().wire) == 1


async def test_the_same_id_of_another_strategy_is_another_signal(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(), a_strategy(name=StrategyName("other"))])
    replies = [await hub.send(id="one"), await hub.send(id="one", strategy_name="other")]
    assert [reply.status for reply in replies] == [202, 202]


async def test_an_id_is_known_for_ever(hub: HubUnderTest) -> None:
    first = await hub.send(id="one", timestamp=None)
    await hub.settle(8000)
    again = await hub.send(id="one", timestamp=None)
    assert (again.status, again.document["signal_id"]) == (200, first.document["signal_id"])
    changed = await hub.send(id="one", quantity="3", timestamp=None)
    assert changed.status == 409


@pytest.mark.parametrize("blank", [None, "", "   "])
async def test_without_an_id_the_content_counts_within_the_window(hub: HubUnderTest, blank: str | None) -> None:
    body = hub.message(id=blank, timestamp=None)
    first = await hub.post(body)
    await hub.settle(19)
    assert (await hub.post(body)).status == 200
    assert (await hub.post(hub.message(id=blank, timestamp=None, comment="another"))).status == 202
    await hub.settle(2)
    again = await hub.post(body)
    assert again.status == 202
    assert again.document["signal_id"] != first.document["signal_id"]


async def test_the_window_is_the_sources_own(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(dedupe_window_s=0)])
    body = hub.message(id=None, timestamp=None)
    await hub.post(body)
    await hub.settle(0.01)
    assert (await hub.post(body)).status == 202


async def test_one_signal_by_two_doors_is_one_signal(hub: HubUnderTest) -> None:
    body = hub.message()
    assert (await hub.post(body, "native")).status == 202
    hub.world.registry.sources["file"] = a_source("file")
    assert (await hub.post(body, "file")).status == 200


async def test_twenty_equal_messages_in_parallel_wait_for_the_first_ones_commit(hub: HubUnderTest) -> None:
    body = hub.message()
    hub.world.journal.hold()
    posts = [asyncio.ensure_future(hub.post(body)) for _ in range(20)]
    await hub.settle(1)
    assert not any(post.done() for post in posts)
    hub.world.journal.release()
    replies = await asyncio.gather(*posts)
    assert sorted(reply.status for reply in replies) == [200] * 19 + [202]
    assert len({reply.document["signal_id"] for reply in replies}) == 1
    assert len(hub.platform().wire) == 1


async def test_equal_messages_in_parallel_are_all_told_if_the_first_was_not_stored(hub: HubUnderTest) -> None:
    body = hub.message()
    hub.world.journal.hold()
    posts = [asyncio.ensure_future(hub.post(body)) for _ in range(20)]
    await hub.settle(1)
    hub.world.journal.fail_next(NotStored("the disk is full"))
    hub.world.journal.release()
    assert {reply.status for reply in await asyncio.gather(*posts)} == {503}
    assert hub.platform().wire == []
    assert (await hub.post(body)).status == 202


async def test_a_key_that_only_the_tables_know_is_a_duplicate_and_gives_everything_back(hub: HubUnderTest) -> None:
    body = hub.message(id="one", timestamp=None)
    await hub.post(body)
    hub.hub._doorway.duplicates._by_id.clear()
    again = await hub.post(body)
    assert again.status == 200
    assert hub.hub.engine.book.commitments.of(KEY).moving == 1
    assert hub.hub.engine.lanes._lanes["paper:main"].in_flight <= 1
    hub.hub._doorway.duplicates._by_id.clear()
    assert (await hub.send(id="one", quantity="2", timestamp=None)).status == 409
    assert hub.hub.engine.book.commitments.of(KEY).moving == 1


async def test_what_was_not_stored_is_said_so_and_leaves_nothing_behind(hub: HubUnderTest) -> None:
    body = hub.message(quantity="3")
    hub.world.journal.fail_next(NotStored("the disk is full"))
    reply = await hub.post(body)
    assert (reply.status, reply.code) == (503, "not_stored")
    assert reply.retry_after_s is not None
    assert hub.platform().wire == []
    assert hub.hub.engine.book.commitments.of(KEY).moving == 0
    assert hub.hub.engine.lanes._lanes["paper:main"].in_flight == 0
    assert (await hub.post(body)).status == 202
    assert len(hub.platform().wire) == 1
    assert hub.world.faults == []


async def test_a_commit_of_which_nobody_knows_stops_the_hub(hub: HubUnderTest) -> None:
    hub.world.journal.fail_next(CommitUnknown("the disk is gone"))
    reply = await hub.send()
    assert reply.status == 503
    assert hub.platform().wire == []
    assert [type(fault) for fault in hub.world.faults] == [CommitUnknown]


async def test_a_commit_of_facts_of_which_nobody_knows_stops_the_hub_too(hub: HubUnderTest) -> None:
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    await hub.settle(1)
    hub.world.journal.fail_next(CommitUnknown("the disk is gone"))
    hub.platform().fill(reply.order_id)
    await hub.settle(1)
    assert [type(fault) for fault in hub.world.faults] == [CommitUnknown]


async def test_a_message_of_several_signals_is_stored_as_one_or_not_at_all(hub: HubUnderTest) -> None:
    body = several(hub, {"action": "buy", "quantity": "1"}, {"action": "buy", "symbol": "MNQ", "quantity": "2"})
    hub.world.journal.fail_next(NotStored("the disk is full"))
    assert (await hub.post(body)).status == 503
    assert stored(hub) == []
    reply = await hub.post(body)
    assert reply.status == 202
    assert len(reply.document["signals"]) == 2
    assert [event.index for event in stored(hub)] == [0, 1]
    assert {event.group for event in stored(hub)} == {reply.document["signal_id"]}
    assert len(hub.platform().wire) == 2


async def test_one_wrong_signal_of_several_stops_them_all(hub: HubUnderTest) -> None:
    body = several(hub, {"action": "buy", "quantity": "1"}, {"action": "buy", "symbol": "MNQ", "quantity": "0.5"})
    reply = await hub.post(body)
    assert (reply.status, reply.code) == (422, "off_step")
    assert stored(hub) == []
    assert hub.platform().wire == []
    assert hub.hub.engine.book.open_records() == ()


def several(hub: HubUnderTest, *signals: dict[str, str]) -> bytes:
    whole = json.loads(hub.message(action=None, quantity=None))  # type: ignore[arg-type]
    symbol = whole.pop("symbol")
    whole["signals"] = [{"symbol": symbol, **signal} for signal in signals]
    return json.dumps(whole).encode()


async def test_a_refused_message_is_kept_without_its_secret(hub: HubUnderTest) -> None:
    reply = await hub.send(quantity="none")
    assert reply.status == 422
    await hub.settle()
    (event,) = refused(hub)
    assert (event.http_status, event.code, event.field) == (422, reply.code, "quantity")
    assert "momentum" in event.raw
    assert SECRET not in repr(hub.events)


async def test_a_message_in_no_known_dialect_is_kept_but_not_its_words(open_hub: OpenHub) -> None:
    """Where its secret is in it is not known."""
    hub = await open_hub()
    reply = await hub.post(b'{"foo": "bar"}', path_token=SECRET)
    assert reply.status == 400
    await hub.settle()
    (event,) = refused(hub)
    assert event.raw == ""


@pytest.mark.parametrize("secret", ["wrong", "", None])
async def test_a_message_without_the_right_secret_leaves_no_trace(hub: HubUnderTest, secret: str | None) -> None:
    reply = await hub.send(secret=secret)
    assert reply.status == 401
    assert reply.code == ("secret_wrong" if secret == "wrong" else "secret_missing")
    await hub.settle()
    assert stored(hub) == []
    assert refused(hub) == []


async def test_a_source_that_is_closed_or_unknown_is_not_there(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(enabled=False)])
    assert (await hub.send()).status == 404
    assert (await hub.post(hub.message(), "nowhere")).status == 404


async def test_an_unknown_strategy_is_kept_and_blocked(hub: HubUnderTest) -> None:
    for name in ("nobody", None):
        reply = await hub.send(strategy_name=name)
        assert (reply.status, reply.document["status"], reply.code) == (202, "blocked", "unknown_strategy")
    assert len(stored(hub)) == 2
    assert hub.platform().wire == []


async def test_several_accounts_may_end_differently(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(["paper:main", a_route("paper:gone")])])
    reply = await hub.send()
    assert reply.document["status"] == "accepted"
    assert [(order["account"], order["state"]) for order in reply.orders] == [
        ("paper:main", "sending"),
        ("paper:gone", "skipped"),
    ]


async def test_a_disk_that_was_full_is_told_of_once_it_is_not(hub: HubUnderTest) -> None:
    for _ in range(3):
        hub.world.journal.fail_next(NotStored("the disk is full"))
        assert (await hub.send()).status == 503
    assert (await hub.send()).status == 202
    await hub.settle()
    assert len(hub.alarms("store_failed")) == 1
