"""How large an order becomes: by the message, the route, the strategy, the platform and the cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tests.unit.hub.planning import CLOSE, said, trading
from tradershub.domain.ids import StrategyName
from tradershub.domain.signals import PositionSide
from tradershub.domain.strategies import (
    Allow,
    Defaults,
    Sizing,
    SizingKind,
)
from tradershub.testing.builders import a_route, a_strategy, an_account


@pytest.mark.parametrize(
    ("sizing", "message", "orders"),
    [
        (Sizing(), {"quantity": "3"}, ["buy 3"]),
        (Sizing(kind=SizingKind.FIXED, value=Decimal(4)), {"quantity": "3"}, ["buy 4"]),
        (Sizing(kind=SizingKind.FIXED, value=Decimal(4)), {"quantity": None}, ["buy 4"]),
        (Sizing(kind=SizingKind.FIXED, value=Decimal("1.9")), {"quantity": None}, ["buy 1"]),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal("0.5")), {"quantity": "3"}, ["buy 1"]),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal("0.3")), {"quantity": "3"}, ["skipped: skipped"]),
        (Sizing(kind=SizingKind.MULTIPLIER, value=Decimal(2)), {"quantity": "3"}, ["buy 6"]),
        (
            Sizing(kind=SizingKind.RISK_CASH, value=Decimal(125)),
            {"price": "5000", "stop_loss": "4990"},
            ["buy 2"],
        ),
        (
            Sizing(kind=SizingKind.RISK_PERCENT, value=Decimal("0.5")),
            {"price": "5000", "stop_loss": "4990"},
            ["buy 5"],
        ),
        (Sizing(kind=SizingKind.NOTIONAL, value=Decimal(60_000)), {"price": "5000"}, ["buy 2"]),
        (Sizing(kind=SizingKind.NOTIONAL, value=Decimal(6_000)), {"price": "5000"}, ["skipped: skipped"]),
        (Sizing(), {"quantity": {"value": "100", "kind": "risk_cash"}, "stop_loss_points": "9"}, ["buy 2"]),
        (Sizing(), {"quantity": {"value": "75000", "kind": "cash"}, "price": "5000"}, ["buy 3"]),
        (Sizing(kind=SizingKind.RISK_CASH, value=Decimal(125)), {"price": "5000"}, ["skipped: cannot_size"]),
        (Sizing(kind=SizingKind.NOTIONAL, value=Decimal(60_000)), {}, ["skipped: cannot_size"]),
        (Sizing(), {"stop_loss": {"value": "1", "unit": "percent"}}, ["skipped: cannot_size"]),
    ],
)
async def test_sizes_by_the_message_and_by_the_route(
    open_hub: OpenHub, sizing: Sizing, message: dict[str, Any], orders: list[str]
) -> None:
    hub = await trading(open_hub, strategies=[a_strategy([a_route(sizing=sizing)])])
    reply = await hub.send(**message)
    assert reply.status == 202
    assert said(reply) == orders


async def test_a_quote_gives_the_price_that_the_message_does_not(open_hub: OpenHub) -> None:
    route = a_route(sizing=Sizing(kind=SizingKind.NOTIONAL, value=Decimal(60_000)))
    hub = await trading(open_hub, strategies=[a_strategy([route])])
    hub.hub.control.quotes.put({"symbol": "MES", "bid": "4999.75", "ask": "5000.25"}, who="admin")
    assert said(await hub.send(quantity=None)) == ["buy 2"]


async def test_a_size_that_nobody_states_is_missing(open_hub: OpenHub) -> None:
    hub = await trading(open_hub)
    reply = await hub.send(quantity=None)
    assert (reply.status, reply.code, reply.document["field"]) == (422, "missing", "quantity")


async def test_the_strategys_default_size_counts_where_the_message_states_none(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, strategies=[a_strategy(defaults=Defaults(quantity=Decimal(2)))])
    assert said(await hub.send(quantity=None)) == ["buy 2"]
    assert said(await hub.send(quantity="1")) == ["buy 1"]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "0.5", "action": "close"}, "quantity"),
        ({"quantity": None, "action": "target", "target_position": "0.5"}, "target_position"),
        ({"accounts": [{"id": "paper:main", "quantity": "0.5"}]}, "accounts"),
    ],
)
async def test_a_stated_size_off_the_step_is_refused(open_hub: OpenHub, message: dict[str, Any], field: str) -> None:
    hub = await trading(open_hub, strategies=[a_strategy(allow=Allow(accounts=True))])
    reply = await hub.send(**message)
    assert (reply.status, reply.code, reply.document["field"]) == (422, "off_step", field)


async def test_the_built_in_cap_is_one_hundred(open_hub: OpenHub) -> None:
    hub = await trading(open_hub)
    reply = await hub.send(quantity="101")
    assert (reply.status, reply.code) == (202, "max_order_quantity")
    assert reply.document["reason"]["numbers"] == {"quantity": "101", "allowed": "100"}
    assert said(await hub.send(quantity="100")) == ["buy 100"]


async def test_an_exit_is_larger_than_any_cap(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="80")
    await hub.send(quantity="80")
    await hub.settle(1)
    assert said(await hub.send(**CLOSE)) == ["sell 160"]


@pytest.mark.parametrize(
    ("held", "message", "orders"),
    [
        ("0", {"quantity": "5"}, ["buy 3"]),
        ("2", {"quantity": "5"}, ["buy 1"]),
        ("3", {"quantity": "5"}, ["skipped: skipped"]),
        ("-3", {"action": "sell", "quantity": "1"}, ["skipped: skipped"]),
        ("3", {"action": "sell", "quantity": "9"}, ["sell 3", "sell 3"]),
        ("3", {"action": "target", "quantity": None, "target_position": 9}, ["skipped: skipped"]),
    ],
)
async def test_the_largest_position_of_a_route(
    open_hub: OpenHub, held: str, message: dict[str, Any], orders: list[str]
) -> None:
    hub = await trading(open_hub, held=held, strategies=[a_strategy([a_route(max_quantity="3")])])
    assert said(await hub.send(**message)) == orders


async def test_the_largest_position_counts_what_waits_and_what_rests(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy([a_route(max_quantity="3")])])
    assert said(await hub.send(quantity="1", order_type="limit", price="4990")) == ["buy 1"]
    hub.platform().disconnect()
    await hub.settle()
    replies = [await hub.send(quantity="1") for _ in range(4)]
    assert [said(reply) for reply in replies] == [["buy 1"], ["buy 1"], ["skipped: skipped"], ["skipped: skipped"]]


async def test_twenty_signals_at_once_share_the_room_there_is(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy([a_route(max_quantity="1")])], fills_at="5000")
    replies = [await hub.send() for _ in range(20)]
    assert [said(reply) for reply in replies].count(["buy 1"]) == 1
    await hub.settle(5)
    assert hub.held() == "1"


@pytest.mark.parametrize(
    ("held", "message", "orders"),
    [
        ("0", {}, ["buy 1"]),
        ("0", {"action": "sell"}, ["skipped: skipped"]),
        ("2", {"action": "sell", "quantity": "2"}, ["sell 2"]),
        ("2", {"action": "sell", "quantity": "5"}, ["sell 2"]),
        ("2", {"action": "reverse"}, ["sell 2"]),
        ("2", CLOSE, ["sell 2"]),
    ],
)
async def test_the_directions_of_a_route_hold_back_entries_and_never_exits(
    open_hub: OpenHub, held: str, message: dict[str, Any], orders: list[str]
) -> None:
    hub = await trading(open_hub, held=held, strategies=[a_strategy([a_route(directions=(PositionSide.LONG,))])])
    assert said(await hub.send(**message)) == orders


async def test_the_instruments_of_a_route(open_hub: OpenHub) -> None:
    routes = [a_route(instruments=("MNQ",)), a_route("paper:two", instruments=("MESZ2026",))]
    accounts = [an_account("paper:main"), an_account("paper:two")]
    hub = await open_hub(strategies=[a_strategy(routes)], accounts=accounts)
    reply = await hub.send()
    assert [(order["account"], order["state"]) for order in reply.orders] == [
        ("paper:main", "skipped"),
        ("paper:two", "sending"),
    ] or [(order["account"], order["state"]) for order in reply.orders] == [
        ("paper:two", "sending"),
        ("paper:main", "skipped"),
    ]


async def test_a_route_that_is_off_is_no_route(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy([a_route(enabled=False)])])
    reply = await hub.send()
    assert (reply.code, reply.orders) == ("disabled", [])


async def test_accounts_in_a_message_count_only_where_the_strategy_allows_it(open_hub: OpenHub) -> None:
    accounts = [an_account("paper:main"), an_account("paper:two")]
    strategies = [a_strategy(), a_strategy(name=StrategyName("free"), allow=Allow(accounts=True))]
    hub = await open_hub(strategies=strategies, accounts=accounts)
    named = [{"id": "paper:two", "quantity": "3"}, "paper:main", "paper:two", "paper:gone"]
    assert [o["account"] for o in (await hub.send(accounts=named)).orders] == ["paper:main"]
    reply = await hub.send(accounts=named, strategy_name="free")
    assert [(o["account"], o["quantity"], o["reason"] and o["reason"]["code"]) for o in reply.orders] == [
        ("paper:two", "3", None),
        ("paper:main", "1", None),
        ("paper:two", None, "already_routed"),
        ("paper:gone", None, "disabled"),
    ]
