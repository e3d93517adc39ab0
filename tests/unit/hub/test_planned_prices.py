"""Prices on the tick, on the right side, and of the strategy's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.signals import DistanceUnit
from tradershub.domain.strategies import (
    Allow,
    Defaults,
)
from tradershub.testing.builders import a_strategy, priced


@pytest.mark.parametrize(
    ("message", "terms"),
    [
        ({"order_type": "limit", "price": "4990.13"}, {"limit_price": "4990"}),
        ({"action": "sell", "order_type": "limit", "price": "5010.13"}, {"limit_price": "5010.25"}),
        ({"order_type": "stop", "price": "5010.13"}, {"stop_price": "5010.25"}),
        ({"action": "sell", "order_type": "stop", "price": "4990.13"}, {"stop_price": "4990"}),
        (
            {"order_type": "stop_limit", "stop_price": "5010.13", "limit_price": "5011.13"},
            {"stop_price": "5010.25", "limit_price": "5011"},
        ),
        ({"price": "5000.13"}, {"reference_price": "5000.25"}),
        ({"price": "5000.12"}, {"reference_price": "5000"}),
        ({"price": "5000", "stop_loss": "4990.1"}, {"stop_loss": "4990.25"}),
        ({"action": "sell", "price": "5000", "stop_loss": "5010.1"}, {"stop_loss": "5010"}),
        ({"price": "5000", "take_profit": "5010.1"}, {"take_profit": "5010.25"}),
        ({"action": "sell", "price": "5000", "take_profit": "4990.1"}, {"take_profit": "4990"}),
    ],
)
async def test_prices_are_moved_to_the_tick_by_what_they_are_for(
    open_hub: OpenHub, message: dict[str, Any], terms: dict[str, str]
) -> None:
    hub = await open_hub()
    reply = await hub.send(**message)
    assert reply.status == 202, reply.document
    order = hub.record(reply.order_id).order
    found = {
        "limit_price": order.limit_price,
        "stop_price": order.stop_price,
        "reference_price": order.reference_price,
        "stop_loss": None if order.stop_loss is None else order.stop_loss.value,
        "take_profit": order.take_profit[0].value if order.take_profit else None,
    }
    assert {name: found[name] for name in terms} == {name: Decimal(value) for name, value in terms.items()}
    moved = {row["field"] for row in reply.document["rounded"]}
    assert len(moved) == len([value for value in message.values() if str(value).endswith(("1", "2", "3"))])


async def test_a_price_below_zero_is_refused_except_where_prices_may_be(open_hub: OpenHub) -> None:
    hub = await open_hub()
    reply = await hub.send(order_type="limit", price="-1")
    assert (reply.status, reply.code) == (422, "not_positive")
    reply = await hub.send(symbol="CL", order_type="limit", price="-1.005")
    assert reply.document["status"] == "accepted"
    assert hub.record(reply.order_id).order.limit_price == Decimal("-1.01")


async def test_a_stop_is_on_the_tick_on_either_side_of_zero(open_hub: OpenHub) -> None:
    hub = await open_hub()
    reply = await hub.send(symbol="CL", price="1", stop_loss="0.001")
    stop = hub.record(reply.order_id).order.stop_loss
    assert stop == priced("0.01")
    reply = await hub.send("sell", symbol="MCL", price="-1", stop_loss="0.001")
    stop = hub.record(reply.order_id).order.stop_loss
    assert stop == priced("0")


@pytest.mark.parametrize(
    "message",
    [
        {"price": "5000", "stop_loss": "5010"},
        {"price": "5000", "take_profit": "4990"},
        {"action": "sell", "price": "5000", "stop_loss": "4990"},
        {"action": "sell", "price": "5000", "take_profit": "5010"},
        {"order_type": "limit", "price": "4990", "stop_loss": "4995"},
    ],
)
async def test_a_stop_or_target_on_the_wrong_side_of_the_messages_own_price_is_refused(
    open_hub: OpenHub, message: dict[str, Any]
) -> None:
    hub = await open_hub()
    assert (await hub.send(**message)).status == 422


async def test_a_message_may_leave_type_and_stops_to_the_strategy(open_hub: OpenHub) -> None:
    allow = Allow(order_type=False, stops=False)
    defaults = Defaults(stop_loss=priced("5", DistanceUnit.POINTS), take_profit=priced("9", DistanceUnit.POINTS))
    hub = await open_hub(strategies=[a_strategy(allow=allow, defaults=defaults)])
    reply = await hub.send(order_type="limit", price="4990", stop_loss="4980", take_profit="5050")
    order = hub.record(reply.order_id).order
    assert order.order_type == "market"
    assert order.stop_loss == priced("5", DistanceUnit.POINTS)
    assert order.take_profit == (priced("9", DistanceUnit.POINTS),)
