"""An account's queue: what waits for what, in which order it goes, and that it goes at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.errors import NotStored
from tradershub.domain.ids import StrategyName
from tradershub.domain.orders import FactKind, OrderState
from tradershub.testing.builders import a_strategy
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import ABLE, Conduct

ONE_AT_A_TIME = replace(ABLE, max_in_flight=1)
OTHER = a_strategy(name=StrategyName("other"))


async def one_lane(open_hub: OpenHub, **world: Any) -> HubUnderTest:
    hub: HubUnderTest = await open_hub(
        able=ONE_AT_A_TIME, strategies=[a_strategy(), OTHER], **{"fills_at": None, **world}
    )
    return hub


def reason_of(hub: HubUnderTest, order_id: str) -> str | None:
    reason = hub.record(order_id).view.reason  # type: ignore[arg-type]
    return None if reason is None else reason.code


async def test_an_order_waits_while_all_slots_are_taken_and_leaves_when_one_is_free(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    first = await hub.send()
    second = await hub.send(symbol="MNQ")
    assert second.orders[0]["state"] == "ready"
    assert second.orders[0]["reason"]["code"] == "waiting_in_lane"
    await hub.settle()
    assert hub.platform().wire == [first.order_id]
    hub.platform().answer(first.order_id)
    await hub.until_state(second.order_id, OrderState.ACCEPTED)
    assert hub.platform().wire == [first.order_id, second.order_id]


async def test_what_waited_is_claimed_by_a_commit_before_it_leaves(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    first = await hub.send()
    second = await hub.send(symbol="MNQ")
    hub.world.journal.hold()
    hub.platform().answer(first.order_id)
    await hub.settle(1)
    assert hub.state(second.order_id) is OrderState.SENDING
    assert hub.platform().wire == [first.order_id]
    hub.world.journal.release()
    await hub.until_state(second.order_id, OrderState.ACCEPTED)


async def test_a_claim_that_could_not_be_stored_is_tried_again(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    first = await hub.send()
    second = await hub.send(symbol="MNQ")
    hub.world.journal.hold()
    hub.platform().answer(first.order_id)
    await hub.until_state(second.order_id, OrderState.SENDING)
    hub.world.journal.fail_next(NotStored("the disk is full"))
    hub.world.journal.release()
    await hub.until_state(second.order_id, OrderState.ACCEPTED)
    facts = [fact.kind for fact in hub.record(second.order_id).facts]
    assert facts.count(FactKind.NOT_SENT) == 1
    assert hub.platform().wire == [first.order_id, second.order_id]


async def test_orders_of_a_link_that_is_down_wait_and_leave_in_order(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    replies = [await hub.send(symbol=symbol) for symbol in ("MES", "MNQ", "MES")]
    assert [reply.orders[0]["state"] for reply in replies] == ["ready"] * 3
    assert {reply.orders[0]["reason"]["code"] for reply in replies} == {"waiting_for_account"}
    assert replies[0].document["status"] == "accepted"
    hub.platform().reconnect()
    await hub.until(lambda: len(hub.platform().wire) == 3)
    assert hub.platform().wire == [reply.order_id for reply in replies]


async def test_an_account_that_is_not_reconciled_sends_nothing(open_hub: OpenHub) -> None:
    hub = await open_hub()
    hub.platform().disconnect()
    await hub.settle()
    hub.platform().snapshot_conduct = Conduct.REJECT
    hub.platform().reconnect()
    await hub.settle(1)
    reply = await hub.send()
    assert reply.orders[0]["reason"]["code"] == "waiting_for_account"
    await hub.settle(6)
    assert hub.platform().wire == []
    hub.platform().snapshot_conduct = Conduct.ACCEPT
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)


async def test_what_waits_too_long_expires_aloud_and_never_leaves(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.EXPIRED, seconds=40)
    await hub.settle()
    assert len(hub.alarms("expired")) == 1
    hub.platform().reconnect()
    await hub.settle(60)
    assert hub.platform().wire == []


async def test_order_is_kept_per_strategy_and_symbol(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    first = await hub.send()
    waiting = [await hub.send(action=action) for action in ("buy", "buy", "buy")]
    hub.platform().answer(first.order_id)
    await hub.until(lambda: len(hub.platform().wire) == 4)
    assert hub.platform().wire[1:] == [reply.order_id for reply in waiting]


async def test_an_exit_overtakes_waiting_entries_of_other_strategies(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub, fills_at="5000")
    held = await hub.send()
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ", strategy_name="other")
    entry = await hub.send(strategy_name="other")
    out = await hub.send(action="close", quantity=None)
    assert out.orders[0]["state"] == "ready"
    hub.platform().answer(blocker.order_id)
    await hub.until(lambda: len(hub.platform().wire) == 4)
    assert hub.platform().wire[2:] == [out.order_id, entry.order_id]


async def test_an_exit_withdraws_its_own_entries_that_have_not_left(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub, fills_at="5000")
    held = await hub.send()
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ", strategy_name="other")
    entry = await hub.send(quantity="2")
    out = await hub.send(action="close", quantity=None)
    assert hub.state(entry.order_id) is OrderState.CANCELED
    assert reason_of(hub, entry.order_id) == "superseded"
    assert out.orders[0]["quantity"] == "1"
    hub.platform().answer(blocker.order_id)
    await hub.until_state(out.order_id, OrderState.FILLED)
    await hub.settle(60)
    assert entry.order_id not in hub.platform().wire
    assert hub.held() == "0"


async def test_a_withdrawn_entry_never_leaves_while_its_exit_is_being_stored(open_hub: OpenHub) -> None:
    """The slot becomes free between the plan of the exit and its commit."""
    hub = await one_lane(open_hub, fills_at="5000")
    held = await hub.send()
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ", strategy_name="other")
    entry = await hub.send(quantity="2")
    hub.world.journal.hold()
    closing = asyncio.ensure_future(hub.send(action="close", quantity=None))
    await hub.settle()
    hub.platform().answer(blocker.order_id)
    await hub.settle()
    hub.world.journal.release()
    out = await closing
    await hub.until_state(out.order_id, OrderState.FILLED)
    assert entry.order_id not in hub.platform().wire
    assert hub.state(entry.order_id) is OrderState.CANCELED
    assert hub.held() == "0"


async def test_an_entry_goes_on_waiting_if_the_exit_that_replaced_it_was_not_stored(open_hub: OpenHub) -> None:
    hub = await one_lane(open_hub, fills_at="5000")
    held = await hub.send()
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ", strategy_name="other")
    entry = await hub.send(quantity="2")
    hub.world.journal.fail_next(NotStored("the disk is full"))
    assert (await hub.send(action="close", quantity=None)).status == 503
    hub.platform().answer(blocker.order_id)
    await hub.until_state(entry.order_id, OrderState.FILLED)
    assert hub.held() == "3"


async def test_a_reverse_goes_out_first_and_in_when_it_is_out(open_hub: OpenHub) -> None:
    hub = await open_hub(fills_at=None)
    held = await hub.send()
    hub.platform().fill(held.order_id)
    await hub.until_state(held.order_id, OrderState.FILLED)
    reply = await hub.send(action="reverse", quantity="2")
    out, into = (order["order_id"] for order in reply.orders)
    assert [order["state"] for order in reply.orders] == ["sending", "ready"]
    assert reply.orders[1]["reason"]["code"] == "waiting_for_fill"
    await hub.settle(5)
    assert hub.platform().wire == [held.order_id, out]
    hub.platform().fill(out)
    await hub.until_state(into, OrderState.ACCEPTED)
    hub.platform().fill(into)
    await hub.until_state(into, OrderState.FILLED)
    assert hub.held() == "-2"


async def test_a_reverse_whose_way_out_was_refused_does_not_go_in(open_hub: OpenHub) -> None:
    hub = await open_hub(fills_at="5000")
    held = await hub.send(quantity="3")
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.REJECT)
    reply = await hub.send(action="reverse", quantity="2")
    out, into = (order["order_id"] for order in reply.orders)
    await hub.until_state(out, OrderState.REJECTED)
    await hub.until(lambda: hub.record(into).view.is_final)
    assert into not in hub.platform().wire
    assert hub.held() == "3"


async def test_an_exit_waits_for_the_fill_of_the_entry_that_is_under_way(open_hub: OpenHub) -> None:
    hub = await open_hub()
    entry = await hub.send(quantity="2")
    out = await hub.send(action="close", quantity=None)
    assert out.orders[0]["quantity"] == "2"
    assert out.orders[0]["reason"]["code"] == "waiting_for_fill"
    await hub.settle(3)
    assert hub.platform().wire == [entry.order_id]
    hub.platform().fill(entry.order_id, "1")
    hub.platform().report(entry.order_id, FactKind.CANCELED)
    await hub.until_state(out.order_id, OrderState.ACCEPTED)
    arrived = hub.platform().arrived(out.order_id)
    assert arrived is not None
    assert arrived.quantity == 1


async def test_an_exit_whose_entry_never_filled_is_called_off(open_hub: OpenHub) -> None:
    hub = await open_hub()
    entry = await hub.send(quantity="2")
    out = await hub.send(action="close", quantity=None)
    hub.platform().report(entry.order_id, FactKind.CANCELED)
    await hub.until_state(out.order_id, OrderState.CANCELED)
    await hub.settle(3)
    assert hub.platform().wire == [entry.order_id]


async def test_an_exit_that_waited_never_takes_more_than_is_left(open_hub: OpenHub) -> None:
    """The position is closed by somebody else while the exit waits for the link."""
    hub = await open_hub(fills_at="5000")
    held = await hub.send(quantity="3")
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().script.append(Conduct.HANG)
    person = await hub.hub.control.positions.close(_position(hub), {"quantity": "2"}, who="admin", key=None)
    hub.platform().disconnect()
    await hub.settle()
    out = await hub.send(action="close", quantity=None)
    assert out.orders[0]["quantity"] == "1"
    hub.platform().reconnect()
    await hub.until_state(out.order_id, OrderState.FILLED)
    hub.platform().fill(person["orders"][0]["order_id"])
    await hub.settle()
    assert hub.held() == "0"


async def test_an_exit_that_waited_finds_the_position_smaller_and_takes_that(open_hub: OpenHub) -> None:
    hub = await open_hub(fills_at="5000")
    held = await hub.send(quantity="2")
    await hub.until_state(held.order_id, OrderState.FILLED)
    hub.platform().disconnect()
    await hub.settle()
    out = await hub.send(action="close", quantity="2")
    (position,) = hub.hub.engine.tracker.positions()
    hub.hub.engine.tracker.put(replace(position, quantity=Decimal(1), hub_quantity=Decimal(1)))
    hub.platform().reconnect()
    await hub.until_state(out.order_id, OrderState.FILLED)
    arrived = hub.platform().arrived(out.order_id)
    assert arrived is not None
    assert arrived.quantity == 1


@pytest.mark.parametrize("rate", [1.0, 4.0])
async def test_the_rate_of_a_platform_is_kept_and_nothing_starves(open_hub: OpenHub, rate: float) -> None:
    hub = await open_hub(able=replace(ABLE, rate_per_second=rate))
    await hub.settle(5)
    began = hub.world.clock.monotonic()
    replies = [await hub.send(symbol=symbol) for symbol in ("MES", "MNQ") * 6]
    await hub.until(lambda: len(hub.platform().wire) == 12, seconds=29)
    took = (hub.world.clock.monotonic() - began) / 1e9
    assert (12 - rate) / rate - 0.1 <= took <= 12 / rate + 0.5
    assert sorted(hub.platform().wire) == sorted(reply.order_id for reply in replies)


async def test_an_explanation_takes_no_place_in_line_and_no_token(open_hub: OpenHub) -> None:
    hub = await open_hub(able=replace(ABLE, rate_per_second=1.0))
    await hub.settle(5)
    for _ in range(3):
        row = await hub.hub.control.explainer.explain({"body": hub.message().decode(), "source": "native"})
        assert row["plan"][0]["verdict"] == "send"
    assert (await hub.send()).orders[0]["state"] == "sending"


def _position(hub: HubUnderTest) -> str:
    (position,) = hub.hub.engine.tracker.positions()
    return position.position_id


async def test_an_order_that_is_claimed_while_its_signal_is_being_stored_leaves_once(open_hub: OpenHub) -> None:
    """Its slot becomes free between its plan and the commit of its signal: two would send it."""
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ")
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle()
    hub.platform().answer(blocker.order_id)
    await hub.settle()
    hub.world.journal.release()
    reply = await sending
    await hub.settle(5)
    assert hub.platform().wire == [blocker.order_id, reply.order_id]


async def test_an_order_that_was_claimed_is_not_sent_if_its_signal_turns_out_not_to_be_stored(
    open_hub: OpenHub,
) -> None:
    hub = await one_lane(open_hub)
    hub.platform().script.append(Conduct.WAIT)
    blocker = await hub.send(symbol="MNQ")
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle()
    hub.platform().answer(blocker.order_id)
    await hub.settle()
    hub.world.journal.fail_next(NotStored("the disk is full"))
    hub.world.journal.release()
    assert (await sending).status == 503
    await hub.settle(5)
    assert hub.platform().wire == [blocker.order_id]
    later = await hub.send()
    assert later.orders[0]["state"] == "sending"
    await hub.until_state(later.order_id, OrderState.ACCEPTED)
