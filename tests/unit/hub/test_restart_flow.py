"""What the next process makes of what the last one left: the same path after a crash and after a clean stop."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.events import SettingChanged
from tradershub.domain.ids import OrderId
from tradershub.domain.orders import FactKind, OrderState
from tradershub.hub.order_book import Record
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import Conduct


def _nothing(record: Record) -> None:
    """Stand in for a process that dies before it sends."""


async def left_while_storing(hub: HubUnderTest) -> OrderId:
    """Store a signal whose order has not left, and crash there; returns the order's id."""
    hub.platform().conduct = Conduct.ACCEPT
    stored = len(hub.events)
    hub.hub.engine.router.send = _nothing  # type: ignore[method-assign]
    reply = await hub.send()
    assert len(hub.events) > stored
    return reply.order_id


async def test_sending_that_surely_never_left_is_not_placed_and_missed_aloud(hub: HubUnderTest) -> None:
    order_id = await left_while_storing(hub)
    await hub.restart()
    assert hub.state(order_id) is OrderState.NOT_PLACED
    await hub.settle(30)
    assert hub.platform().wire == []
    assert len(hub.alarms("entry_missed")) == 1


async def test_sending_without_proof_is_in_doubt_and_asked_for(hub: HubUnderTest) -> None:
    order_id = await left_while_storing(hub)
    hub.world.marks.lost = True
    await hub.restart(wait=False)
    assert hub.state(order_id) is OrderState.IN_DOUBT
    await hub.until_state(order_id, OrderState.NOT_PLACED)
    assert hub.platform().wire == []


async def test_an_order_that_had_arrived_is_found_again_with_its_fill(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.WAIT
    reply = await hub.send(quantity="2")
    hub.world.journal.hold()
    hub.platform().fill(reply.order_id)
    await hub.settle()
    await hub.restart()
    await hub.until_state(reply.order_id, OrderState.FILLED)
    assert hub.held() == "2"
    assert hub.platform().wire == [reply.order_id]


@pytest.mark.parametrize("crashes", [1, 3])
async def test_a_ready_order_leaves_once_after_the_restart(hub: HubUnderTest, crashes: int) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    assert reply.orders[0]["state"] == "ready"
    for _ in range(crashes):
        await hub.restart()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED, seconds=5)
    await hub.settle(60)
    assert hub.platform().wire == [reply.order_id]


async def test_a_ready_order_that_is_too_old_by_then_expires_aloud(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    await hub.crash()
    await hub.settle(31)
    await hub.start_anew()
    await hub.until_state(reply.order_id, OrderState.EXPIRED)
    await hub.settle()
    assert len(hub.alarms("expired")) == 1
    assert hub.platform().wire == []


async def test_positions_and_gates_are_as_they_were(filling: HubUnderTest) -> None:
    hub = filling
    reply = await hub.send(quantity="3")
    await hub.until_state(reply.order_id, OrderState.FILLED)
    await hub.settle()
    await hub.hub.control.kill.kill({"scope": "strategy:momentum", "reason": "a drill"}, who="admin")
    await hub.settle()
    await hub.restart()
    assert hub.held() == "3"
    assert (await hub.send()).code == "kill"
    assert (await hub.send(action="close", quantity=None)).orders[0]["quantity"] == "3"


async def test_a_fill_that_is_told_again_after_the_restart_counts_once(filling: HubUnderTest) -> None:
    hub = filling
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.FILLED)
    await hub.settle()
    await hub.restart()
    executions = tuple(f.execution for e in hub.events for f in getattr(e, "facts", ()) if f.execution is not None)
    hub.platform().report(reply.order_id, FactKind.FILL, executions=executions)
    await hub.settle()
    assert hub.held() == "1"


async def test_a_message_is_known_again_after_the_restart(hub: HubUnderTest) -> None:
    body, bare = hub.message(), hub.message(id=None)
    first, second = await hub.post(body), await hub.post(bare)
    await hub.restart()
    for again, before in ((body, first), (bare, second)):
        reply = await hub.post(again)
        assert reply.status == 200
        assert reply.document == {"signal_id": before.document["signal_id"], "status": "duplicate"}


async def test_a_withdrawn_entry_stays_withdrawn(open_hub: OpenHub) -> None:
    hub = await open_hub()
    hub.platform().disconnect()
    await hub.settle()
    entry = await hub.send()
    out = await hub.send(action="close", quantity=None)
    assert out.status == 202
    await hub.restart()
    await hub.settle(10)
    assert hub.platform().wire == []
    tables = hub.world.views.tables()
    assert tables.views[entry.order_id].state is OrderState.CANCELED


async def test_a_cancel_that_was_answered_is_carried_out_after_a_crash(hub: HubUnderTest) -> None:
    """The hub dies between the answer to the sender and the first byte to the platform."""
    reply = await hub.send(order_type="limit", price="4990")
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    await hub.settle()
    hub.platform().cancel_conduct = Conduct.LOSE_ORDER
    answer = await hub.send(action="cancel", quantity=None)
    assert answer.status == 202
    await hub.settle(0)
    await hub.crash()
    hub.platform().cancel_conduct = Conduct.ACCEPT
    await hub.start_anew()
    await hub.until_state(reply.order_id, OrderState.CANCELED)


async def test_a_strategy_that_paused_itself_stays_paused(hub: HubUnderTest) -> None:
    answer = await hub.send(action="disable", quantity=None)
    assert answer.document["status"] == "accepted"
    pauses = [event for event in hub.events if isinstance(event, SettingChanged)]
    assert [(event.before != event.after, event.who) for event in pauses] == [(True, "strategy:momentum")]
    assert (await hub.send()).code == "disabled"


async def test_a_reverse_that_was_interrupted_goes_on_in_its_order(hub: HubUnderTest) -> None:
    entry = await hub.send()
    await hub.until_state(entry.order_id, OrderState.ACCEPTED)
    hub.platform().fill(entry.order_id)
    await hub.until_state(entry.order_id, OrderState.FILLED)
    reply = await hub.send(action="reverse", quantity="2")
    out, into = (order["order_id"] for order in reply.orders)
    await hub.settle()
    await hub.restart()
    assert into not in hub.platform().wire
    hub.platform().fill(out)
    await hub.until_state(into, OrderState.ACCEPTED)
    hub.platform().fill(into)
    await hub.settle()
    assert hub.held() == "-2"


async def test_two_hubs_in_a_row_send_nothing_twice_under_a_burst(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.WAIT
    replies = await asyncio.gather(*(hub.send() for _ in range(40)))
    hub.platform().conduct = Conduct.ACCEPT
    await hub.restart()
    await hub.settle(60)
    wire = hub.platform().wire
    assert len(wire) == len(set(wire)) == 40
    assert {hub.state(reply.order_id) for reply in replies} == {OrderState.ACCEPTED}
