"""From the stored signal to the wire and back: what each answer of a platform leads to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.events import FactsRecorded, SignalStored
from tradershub.domain.orders import FactKind, OrderState
from tradershub.testing.builders import a_strategy, an_account, an_execution
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import ABLE, Conduct

TWO = {
    "strategies": [a_strategy(["paper:main", "paper:two"])],
    "accounts": [an_account("paper:main"), an_account("paper:two")],
}


async def test_an_order_on_a_free_lane_costs_one_commit_before_it_leaves(hub: HubUnderTest) -> None:
    before = len(hub.events)
    reply = await hub.send()
    assert reply.status == 202
    assert reply.document["status"] == "accepted"
    assert reply.orders[0]["state"] == "sending"
    assert hub.platform().wire == [reply.order_id]
    assert [type(event) for event in hub.events[before:]] == [SignalStored]
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)


async def test_nothing_leaves_before_its_signal_is_durable(hub: HubUnderTest) -> None:
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle(1)
    assert hub.platform().wire == []
    hub.world.journal.release()
    assert (await sending).status == 202
    assert len(hub.platform().wire) == 1


async def test_a_fill_becomes_a_position(filling: HubUnderTest) -> None:
    reply = await filling.send(quantity="2")
    await filling.until_state(reply.order_id, OrderState.FILLED)
    assert filling.held() == "2"


async def test_a_fill_may_come_before_the_acceptance(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.WAIT
    reply = await hub.send()
    hub.platform().fill(reply.order_id)
    await hub.until_state(reply.order_id, OrderState.FILLED)
    hub.platform().answer(reply.order_id)
    await hub.settle()
    assert hub.state(reply.order_id) is OrderState.FILLED
    assert not hub.record(reply.order_id).view.conflict


async def test_fills_count_once_however_often_and_in_whatever_order_they_are_told(hub: HubUnderTest) -> None:
    reply = await hub.send(quantity="3")
    platform = hub.platform()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    first = platform.fill(reply.order_id, "1")
    second = platform.fill(reply.order_id, "2")
    platform.report(reply.order_id, FactKind.FILL, executions=(second, first, second))
    platform.report(reply.order_id, FactKind.ACCEPTED, executions=(first, first))
    await hub.settle()
    assert hub.held() == "3"
    assert hub.record(reply.order_id).view.filled == 3
    assert [f.execution for e in hub.events if isinstance(e, FactsRecorded) for f in e.facts if f.execution].count(
        first
    ) == 1


async def test_one_report_that_repeats_a_fill_in_itself_counts_it_once(hub: HubUnderTest) -> None:
    reply = await hub.send(quantity="2")
    platform = hub.platform()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    execution = an_execution("X-twice", "1")
    platform.report(reply.order_id, FactKind.FILL, executions=(execution, execution))
    await hub.settle()
    assert hub.held() == "1"


async def test_a_refusal_is_final_and_gives_its_reservation_back(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.REJECT)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.REJECTED)
    assert hub.hub.engine.book.commitments.of(("momentum", "paper:main", "MESZ2026")).moving == 0


async def test_what_was_not_sent_waits_and_is_sent_again(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.NOT_SEND)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    assert hub.platform().wire == [reply.order_id]
    facts = [fact.kind for fact in hub.record(reply.order_id).facts]
    assert facts == [FactKind.SENDING, FactKind.NOT_SENT, FactKind.SENDING, FactKind.ACCEPTED]


async def test_what_cannot_be_sent_for_long_is_tried_calmly_and_expires_aloud(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.NOT_SEND
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.EXPIRED)
    await hub.settle()
    assert hub.platform().wire == []
    assert len(hub.record(reply.order_id).facts) < 60
    assert len(hub.alarms("expired")) == 1


@pytest.mark.parametrize(
    "conduct", [Conduct.LOSE_REPLY, Conduct.RAISE, Conduct.RAISE_LATER, Conduct.HANG, Conduct.LOSE_ORDER]
)
async def test_an_unknown_outcome_is_asked_for_and_never_sent_again(hub: HubUnderTest, conduct: Conduct) -> None:
    hub.platform().script.append(conduct)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.IN_DOUBT)
    assert hub.platform().snapshots_asked == 1
    await hub.until(lambda: hub.state(reply.order_id) is not OrderState.IN_DOUBT)
    arrived = conduct in {Conduct.LOSE_REPLY, Conduct.RAISE_LATER, Conduct.HANG}
    assert hub.state(reply.order_id) is (OrderState.ACCEPTED if arrived else OrderState.NOT_PLACED)
    await hub.settle(60)
    assert hub.platform().wire == [reply.order_id]


@pytest.mark.parametrize("conduct", [Conduct.HANG, Conduct.RAISE, Conduct.WAIT])
async def test_a_sick_account_does_not_hold_up_another(open_hub: OpenHub, conduct: Conduct) -> None:
    hub = await open_hub(**TWO, able=replace(ABLE, max_in_flight=1))
    hub.platform().script.append(conduct)
    first = await hub.send()
    sick, well = (order["order_id"] for order in first.orders)
    await hub.until_state(well, OrderState.ACCEPTED, seconds=0.5)
    second = await hub.send()
    await hub.until_state(second.orders[1]["order_id"], OrderState.ACCEPTED, seconds=0.5)
    assert hub.state(sick) in {OrderState.SENDING, OrderState.IN_DOUBT}


async def test_a_slow_platform_does_not_hold_up_the_answer(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.WAIT
    began = hub.world.clock.monotonic()
    assert (await hub.send()).status == 202
    assert hub.world.clock.monotonic() == began


async def test_contradicting_reports_are_shown_and_alarmed(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.REJECT)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.REJECTED)
    hub.platform().fill(reply.order_id)
    await hub.until_state(reply.order_id, OrderState.FILLED)
    assert hub.record(reply.order_id).view.conflict
    assert len(hub.alarms("conflict")) == 1
    assert hub.held() == "1"
