"""What a signal means for orders that work or wait already, and for whole accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.unit.hub.conftest import OpenHub
from tests.unit.hub.planning import CLOSE, said, trading
from tradershub.domain.ids import StrategyName
from tradershub.domain.orders import Intent, OrderState
from tradershub.domain.strategies import (
    Allow,
    Opposite,
    Sizing,
    SizingKind,
)
from tradershub.testing.builders import a_route, a_strategy, an_account
from tradershub.testing.hub_under_test import HubUnderTest


async def test_cancel_calls_off_what_rests_and_what_waits(open_hub: OpenHub) -> None:
    hub = await open_hub()
    resting = await hub.send(order_type="limit", price="4990")
    await hub.until_state(resting.order_id, OrderState.ACCEPTED)
    hub.platform().disconnect()
    await hub.settle()
    waiting = await hub.send()
    other = await hub.send(symbol="MNQ")
    hub.platform().reconnect()
    reply = await hub.send(action="cancel", quantity=None)
    assert reply.document["status"] == "accepted"
    await hub.until_state(resting.order_id, OrderState.CANCELED)
    assert hub.state(waiting.order_id) is OrderState.CANCELED
    await hub.until_state(other.order_id, OrderState.ACCEPTED)


async def test_cancel_with_nothing_to_cancel_is_blocked(open_hub: OpenHub) -> None:
    hub = await open_hub()
    assert (await hub.send(action="cancel", quantity=None)).code == "nothing_to_close"


async def test_an_exit_calls_off_resting_entries(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, fills_at=None)
    entry = await hub.send()
    await hub.until_state(entry.order_id, OrderState.ACCEPTED)
    hub.platform().fill(entry.order_id)
    resting = await hub.send(order_type="limit", price="4990")
    await hub.until_state(resting.order_id, OrderState.ACCEPTED)
    await hub.send(**CLOSE)
    await hub.until_state(resting.order_id, OrderState.CANCELED)


async def test_a_target_counts_what_is_on_its_way_and_replaces_what_waits(open_hub: OpenHub) -> None:
    hub = await open_hub()
    target = {"action": "target", "quantity": None, "target_position": 2}
    first = await hub.send(**target)
    assert said(first) == ["buy 2"]
    assert said(await hub.send(**target)) == ["skipped: nothing_to_close"]
    hub.platform().fill(first.order_id)
    hub.platform().disconnect()
    await hub.settle()
    more = {**target, "target_position": 5}
    assert said(await hub.send(**more)) == ["buy 3"]
    assert said(await hub.send(**more)) == ["buy 3"]
    hub.platform().reconnect()
    await hub.settle(2)
    for order_id in hub.platform().wire[1:]:
        hub.platform().fill(order_id)
    await hub.settle()
    assert hub.held() == "5"


async def test_a_target_of_zero_takes_back_what_never_left(open_hub: OpenHub) -> None:
    hub = await open_hub()
    hub.platform().disconnect()
    await hub.settle()
    entry = await hub.send()
    reply = await hub.send(action="target", quantity=None, target_position=0)
    assert reply.document["status"] == "accepted"
    assert hub.state(entry.order_id) is OrderState.CANCELED


async def test_an_exit_by_a_bare_root_goes_to_the_contract_that_is_held(open_hub: OpenHub) -> None:
    for message in (
        CLOSE,
        {"action": "target", "quantity": None, "target_position": 0},
        {"action": "sell", "quantity": "1", "position_after": "flat"},
    ):
        hub = await trading(open_hub)
        entry = await hub.send(symbol="MESH2027")
        await hub.until_state(entry.order_id, OrderState.FILLED)
        reply = await hub.send(**message)
        assert [order["symbol"] for order in reply.orders] == ["MESH2027"], message
        await hub.settle(1)


async def test_a_modify_moves_the_protection_that_works(open_hub: OpenHub) -> None:
    hub = await open_hub()
    reply = await hub.send(action="modify", quantity=None, stop_loss="4990")
    assert reply.code == "nothing_to_close"
    reply = await hub.send(action="modify", quantity=None, stop_loss_ticks="40")
    assert (reply.status, reply.document["field"]) == (422, "stop_loss")


async def flattening(open_hub: OpenHub, **world: Any) -> HubUnderTest:
    other = a_strategy(name=StrategyName("other"))
    hub: HubUnderTest = await open_hub(
        strategies=[a_strategy(allow=Allow(flatten=True)), other], **{"fills_at": "5000", **world}
    )
    return hub


async def test_flatten_is_for_strategies_that_may(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="2")
    reply = await hub.send(action="flatten", quantity=None)
    assert (reply.status, reply.code) == (202, "flatten_not_allowed")


async def test_flatten_closes_everything_of_the_account(open_hub: OpenHub) -> None:
    hub = await flattening(open_hub)
    await hub.send(quantity="2")
    await hub.send("sell", "3", strategy_name="other", symbol="MNQ")
    await hub.settle(1)
    hub.platform().fills_at = None
    resting = await hub.send(order_type="limit", price="4990", strategy_name="other")
    await hub.until_state(resting.order_id, OrderState.ACCEPTED)
    hub.platform().fills_at = Decimal(5000)
    reply = await hub.send(action="flatten", quantity=None, symbol=None)
    assert sorted(said(reply)) == ["buy 3", "sell 2"]
    await hub.until_state(resting.order_id, OrderState.CANCELED)
    await hub.settle(1)
    assert hub.hub.engine.tracker.positions() == ()


async def test_flatten_does_not_sell_twice_what_is_being_sold(open_hub: OpenHub) -> None:
    hub = await flattening(open_hub, fills_at=None)
    entry = await hub.send(quantity="3")
    await hub.until_state(entry.order_id, OrderState.ACCEPTED)
    hub.platform().fill(entry.order_id)
    await hub.settle()
    closing = await hub.send("close", "2")
    reply = await hub.send(action="flatten", quantity=None)
    assert said(reply) == ["sell 1"]
    assert (await hub.send(action="flatten", quantity=None)).orders == []
    for order_id in (closing.order_id, reply.order_id):
        hub.platform().fill(order_id)
    await hub.settle()
    assert hub.held() == "0"


async def test_flatten_takes_an_entry_that_is_under_way_too(open_hub: OpenHub) -> None:
    hub = await flattening(open_hub, fills_at=None)
    entry = await hub.send(quantity="3")
    reply = await hub.send(action="flatten", quantity=None)
    assert said(reply) == ["sell 3"]
    hub.platform().report(entry.order_id, None, executions=(hub.platform().fill(entry.order_id, "2"),))
    await hub.settle(1)
    arrived = hub.platform().arrived(reply.order_id)
    assert arrived is None or arrived.quantity == 2


async def test_a_platform_that_trades_lots_gets_lots_on_its_step(open_hub: OpenHub) -> None:
    hub = await open_hub(
        strategies=[a_strategy(["mt5:one"])], accounts=[an_account("mt5:one")], platforms=("mt5",), wait=False
    )
    reply = await hub.send(quantity="3")
    order = hub.record(reply.order_id).order
    assert order.platform_symbol == "US500"
    assert order.quantity == 15
    assert order.hub_quantity == 3


async def test_an_exit_is_not_lost_because_what_would_go_in_is_too_small(open_hub: OpenHub) -> None:
    sizing = Sizing(kind=SizingKind.MULTIPLIER, value=Decimal("0.5"))
    hub = await trading(open_hub, held="2")
    hub.world.registry.strategies["momentum"] = a_strategy([a_route(sizing=sizing)], opposite=Opposite.REVERSE)
    assert said(await hub.send("sell", "1")) == ["sell 2"]


async def test_a_close_replaces_an_exit_that_rests_and_waits_for_its_end(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().fills_at = None
    target = await hub.send("sell", "3", order_type="limit", price="5050")
    await hub.until_state(target.order_id, OrderState.ACCEPTED)
    reply = await hub.send(**CLOSE)
    assert said(reply) == ["sell 3"]
    assert reply.orders[0]["reason"]["code"] == "waiting_for_fill"
    hub.platform().fills_at = Decimal(5000)
    await hub.until_state(reply.order_id, OrderState.FILLED)
    assert hub.state(target.order_id) is OrderState.CANCELED
    assert hub.held() == "0"


async def test_two_resting_exits_share_a_position(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().fills_at = None
    replies = [await hub.send("sell", quantity, order_type="limit", price="5050") for quantity in ("1", "2")]
    assert [said(reply) for reply in replies] == [["sell 1"], ["sell 2"]]
    assert {hub.record(reply.order_id).order.intent for reply in replies} == {Intent.EXIT}
    await hub.settle(1)
    assert {hub.state(reply.order_id) for reply in replies} == {OrderState.ACCEPTED}
