"""The way out of doubt: by positive proof alone, and nothing else is concluded from silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.orders import FactKind, OrderState
from tradershub.testing.builders import a_strategy, an_account
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import ABLE, Conduct


async def test_an_order_in_doubt_is_found_at_the_platform(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.LOSE_REPLY)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.IN_DOUBT)
    await hub.until_state(reply.order_id, OrderState.ACCEPTED, seconds=3)
    assert hub.platform().wire == [reply.order_id]


async def test_not_placed_needs_two_equal_answers_after_the_worst_delay(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.LOSE_ORDER)
    reply = await hub.send()
    sent_at = hub.world.clock.monotonic()
    await hub.until_state(reply.order_id, OrderState.NOT_PLACED)
    took = (hub.world.clock.monotonic() - sent_at) / 1e9
    assert took > ABLE.settle_after_s
    assert hub.platform().snapshots_asked >= 1 + 2
    assert len(hub.alarms("entry_missed")) == 1
    assert hub.platform().wire == [reply.order_id]


async def test_the_worst_delay_counts_from_when_the_order_left_not_from_its_signal(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    await hub.settle(20)
    hub.platform().conduct = Conduct.ARRIVE_LATE
    hub.platform().late_s = 4.0
    hub.platform().reconnect()
    await hub.until_state(reply.order_id, OrderState.IN_DOUBT)
    await hub.until(lambda: hub.state(reply.order_id) is not OrderState.IN_DOUBT)
    assert hub.state(reply.order_id) is OrderState.ACCEPTED
    assert not hub.record(reply.order_id).view.conflict


async def test_an_order_that_arrives_late_is_found(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.ARRIVE_LATE)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    assert FactKind.NOT_PLACED not in [fact.kind for fact in hub.record(reply.order_id).facts]


@pytest.mark.parametrize("conduct", [Conduct.REJECT, Conduct.RAISE, Conduct.HANG])
async def test_a_failed_query_concludes_nothing_and_is_repeated(hub: HubUnderTest, conduct: Conduct) -> None:
    hub.platform().script.append(Conduct.LOSE_ORDER)
    hub.platform().snapshot_conduct = conduct
    reply = await hub.send()
    await hub.settle(120)
    assert hub.state(reply.order_id) is OrderState.IN_DOUBT
    assert len(hub.alarms("in_doubt")) == 1
    hub.platform().snapshot_conduct = Conduct.ACCEPT
    await hub.until_state(reply.order_id, OrderState.NOT_PLACED, seconds=120)


async def test_one_account_that_cannot_be_asked_does_not_keep_the_others_waiting(open_hub: OpenHub) -> None:
    accounts = ["paper:main", "paper:two"]
    hub = await open_hub(
        wait=False, strategies=[a_strategy(accounts)], accounts=[an_account(account) for account in accounts]
    )
    hub.platform().snapshot_conduct = Conduct.HANG
    await hub.settle(0.2)
    hub.platform().snapshot_conduct = Conduct.ACCEPT
    await hub.until(lambda: all(map(hub.hub.engine.lanes.is_reconciled, accounts)), seconds=60)


async def test_an_order_in_doubt_stays_reserved(open_hub: OpenHub) -> None:
    hub = await open_hub()
    hub.platform().script.append(Conduct.LOSE_ORDER)
    reply = await hub.send(quantity="3")
    await hub.until_state(reply.order_id, OrderState.IN_DOUBT)
    moving = hub.hub.engine.book.commitments.of(("momentum", "paper:main", "MESZ2026"))
    assert moving.moving == 3
    await hub.until_state(reply.order_id, OrderState.NOT_PLACED)
    assert moving.moving == 0


async def holding(hub: HubUnderTest, quantity: str) -> None:
    reply = await hub.send(quantity=quantity)
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    hub.platform().fill(reply.order_id)
    await hub.until_state(reply.order_id, OrderState.FILLED)


async def test_an_exit_that_never_arrived_gets_one_new_attempt(hub: HubUnderTest) -> None:
    await holding(hub, "3")
    hub.platform().script.append(Conduct.LOSE_ORDER)
    first = await hub.send(action="close", quantity=None)
    await hub.until_state(first.order_id, OrderState.NOT_PLACED)
    await hub.until(lambda: len(hub.platform().wire) == 3)
    again = hub.platform().wire[-1]
    assert again != first.order_id
    assert hub.record(again).order.attempt == 2
    hub.platform().fill(again)
    await hub.until_state(again, OrderState.FILLED)
    assert hub.held() == "0"


async def test_a_second_attempt_takes_no_more_than_what_is_open_by_then(hub: HubUnderTest) -> None:
    await holding(hub, "3")
    hub.platform().script.append(Conduct.LOSE_ORDER)
    first = await hub.send(action="close", quantity=None)
    await hub.until_state(first.order_id, OrderState.IN_DOUBT)
    (position,) = hub.hub.engine.tracker.positions()
    hub.hub.engine.tracker.put(replace(position, quantity=position.quantity - 2, hub_quantity=position.quantity - 2))
    await hub.until(lambda: len(hub.platform().wire) == 3)
    arrived = hub.platform().arrived(hub.platform().wire[-1])
    assert arrived is not None
    assert arrived.quantity == arrived.hub_quantity == 1


async def test_there_is_no_third_attempt_and_that_is_said(hub: HubUnderTest) -> None:
    await holding(hub, "1")
    hub.platform().conduct = Conduct.LOSE_ORDER
    await hub.send(action="close", quantity=None)
    await hub.settle(120)
    assert len(hub.platform().wire) == 3
    assert len(hub.alarms("exit_missed")) == 1
    assert hub.held() == "1"


async def test_an_exit_whose_position_is_gone_gets_no_new_attempt(hub: HubUnderTest) -> None:
    await holding(hub, "1")
    hub.platform().script.append(Conduct.LOSE_ORDER)
    first = await hub.send(action="close", quantity=None)
    await hub.until_state(first.order_id, OrderState.IN_DOUBT)
    (position,) = hub.hub.engine.tracker.positions()
    hub.hub.engine.tracker.put(replace(position, quantity=position.quantity * 0))
    await hub.until_state(first.order_id, OrderState.NOT_PLACED)
    await hub.settle(10)
    assert len(hub.platform().wire) == 2


async def test_an_exit_that_is_too_old_gets_no_new_attempt_and_that_is_said(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(exit_max_age_s=3)])
    await holding(hub, "1")
    hub.platform().script.append(Conduct.LOSE_ORDER)
    first = await hub.send(action="close", quantity=None)
    await hub.until_state(first.order_id, OrderState.NOT_PLACED)
    await hub.settle(10)
    assert len(hub.platform().wire) == 2
    assert len(hub.alarms("exit_missed")) == 1


async def test_a_reverse_whose_way_out_never_arrived_gets_out_and_does_not_go_in(hub: HubUnderTest) -> None:
    await holding(hub, "2")
    hub.platform().script.append(Conduct.LOSE_ORDER)
    reply = await hub.send(action="reverse", quantity=None)
    out, into = (order["order_id"] for order in reply.orders)
    await hub.until_state(out, OrderState.NOT_PLACED)
    await hub.until(lambda: len(hub.platform().wire) == 3)
    again = hub.platform().wire[-1]
    assert hub.record(again).order.attempt == 2
    hub.platform().fill(again)
    await hub.settle(60)
    assert into not in hub.platform().wire
    assert hub.held() == "0"


async def test_a_cancel_whose_answer_was_lost_is_asked_for(hub: HubUnderTest) -> None:
    reply = await hub.send(order_type="limit", price="4990")
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    hub.platform().cancel_conduct = Conduct.LOSE_ORDER
    await hub.send(action="cancel", quantity=None)
    await hub.settle()
    assert hub.state(reply.order_id) is OrderState.CANCEL_PENDING
    asked = hub.platform().snapshots_asked
    hub.platform().cancel_conduct = Conduct.ACCEPT
    await hub.until_state(reply.order_id, OrderState.CANCELED)
    assert hub.platform().snapshots_asked >= asked + 2
    assert len(hub.platform().cancels) == 2


async def test_a_cancel_that_never_arrives_is_given_up_aloud(hub: HubUnderTest) -> None:
    reply = await hub.send(order_type="limit", price="4990")
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    hub.platform().cancel_conduct = Conduct.LOSE_ORDER
    await hub.send(action="cancel", quantity=None)
    await hub.until(lambda: hub.alarms("command_lost"), seconds=300)
    assert hub.state(reply.order_id) is OrderState.ACCEPTED
    assert len(hub.platform().cancels) == 3


async def test_a_platform_that_cannot_be_asked_leaves_its_orders_in_doubt(open_hub: OpenHub) -> None:
    """A link that acknowledges and no more: nothing is concluded from its silence."""
    hub = await open_hub(able=replace(ABLE, lookup_by_our_id=False, pushes_fills=False))
    hub.platform().script.append(Conduct.LOSE_REPLY)
    reply = await hub.send()
    await hub.settle(300)
    assert hub.state(reply.order_id) is OrderState.IN_DOUBT
    assert hub.platform().snapshots_asked == 0
    assert (await hub.send()).orders[0]["state"] == "sending"
