"""From the stored signal to the wire and back."""

from __future__ import annotations

from tradershub.domain.orders import OrderState
from tradershub.testing.hub_under_test import HubUnderTest


async def test_an_order_on_a_free_lane_costs_one_commit_before_it_leaves(hub: HubUnderTest) -> None:
    reply = await hub.send()
    assert reply.status == 202
    assert reply.orders[0]["state"] == "sending"
    assert hub.platform().wire == [reply.order_id]
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)


async def test_a_fill_becomes_a_position(filling: HubUnderTest) -> None:
    reply = await filling.send(quantity="2")
    await filling.until_state(reply.order_id, OrderState.FILLED)
    assert filling.held() == "2"
