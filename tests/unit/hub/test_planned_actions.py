"""What each action comes to on what is held."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tests.unit.hub.planning import BUY, CLOSE, SELL, said, trading
from tradershub.domain.strategies import (
    Opposite,
)
from tradershub.testing.builders import a_strategy


@pytest.mark.parametrize(
    ("held", "opposite", "message", "orders", "then"),
    [
        ("0", "net", BUY, ["buy 2"], "2"),
        ("1", "net", BUY, ["buy 2"], "3"),
        ("-1", "net", BUY, ["buy 1", "buy 1"], "1"),
        ("-2", "net", BUY, ["buy 2"], "0"),
        ("-3", "net", BUY, ["buy 2"], "-1"),
        ("3", "net", SELL, ["sell 2"], "1"),
        ("1", "net", SELL, ["sell 1", "sell 1"], "-1"),
        ("3", "reverse", SELL, ["sell 3", "sell 2"], "-2"),
        ("-1", "reverse", BUY, ["buy 1", "buy 2"], "2"),
        ("3", "close_only", SELL, ["sell 2"], "1"),
        ("1", "close_only", SELL, ["sell 1"], "0"),
        ("0", "close_only", SELL, ["sell 2"], "-2"),
        ("3", "net", CLOSE, ["sell 3"], "0"),
        ("-3", "net", CLOSE, ["buy 3"], "0"),
        ("0", "net", CLOSE, ["skipped: nothing_to_close"], "0"),
        ("3", "net", {"action": "close", "quantity": "1"}, ["sell 1"], "2"),
        ("3", "net", {"action": "close", "quantity": "9"}, ["sell 3"], "0"),
        ("4", "net", {**CLOSE, "percent": 50}, ["sell 2"], "2"),
        ("3", "net", {**CLOSE, "percent": 50}, ["sell 1"], "2"),
        ("1", "net", {**CLOSE, "percent": 50}, ["skipped: skipped"], "1"),
        ("3", "net", {**CLOSE, "close_side": "long"}, ["sell 3"], "0"),
        ("3", "net", {**CLOSE, "close_side": "short"}, ["skipped: nothing_to_close"], "3"),
        ("-3", "net", {**CLOSE, "close_side": "short"}, ["buy 3"], "0"),
        ("3", "net", {"action": "reverse", "quantity": "2"}, ["sell 3", "sell 2"], "-2"),
        ("-3", "net", {"action": "reverse", "quantity": None}, ["buy 3", "buy 3"], "3"),
        ("0", "net", {"action": "reverse", "quantity": "2"}, ["skipped: nothing_to_close"], "0"),
        ("1", "net", {"action": "add", "quantity": "2"}, ["buy 2"], "3"),
        ("-1", "net", {"action": "add", "quantity": "2"}, ["sell 2"], "-3"),
        ("0", "net", {"action": "add", "quantity": "2"}, ["skipped: position_mismatch"], "0"),
        ("0", "net", {"action": "target", "quantity": None, "target_position": 2}, ["buy 2"], "2"),
        ("2", "net", {"action": "target", "quantity": None, "target_position": 2}, ["skipped: nothing_to_close"], "2"),
        ("5", "net", {"action": "target", "quantity": None, "target_position": 2}, ["sell 3"], "2"),
        ("5", "net", {"action": "target", "quantity": None, "target_position": -2}, ["sell 5", "sell 2"], "-2"),
        ("5", "net", {"action": "target", "quantity": None, "target_position": 0}, ["sell 5"], "0"),
    ],
)
async def test_an_action_on_what_is_held(
    open_hub: OpenHub, held: str, opposite: str, message: dict[str, Any], orders: list[str], then: str
) -> None:
    hub = await trading(open_hub, held=held, strategies=[a_strategy(opposite=Opposite(opposite))])
    reply = await hub.send(**message)
    assert reply.status == 202
    assert said(reply) == orders
    assert reply.document["status"] == ("blocked" if orders[0].startswith("skipped") else "accepted")
    await hub.settle(5)
    assert hub.held() == then


@pytest.mark.parametrize(
    ("held", "action", "quantity", "after", "orders"),
    [
        ("3", "sell", "1", "flat", ["sell 3"]),
        ("3", "sell", "9", "flat", ["sell 3"]),
        ("-3", "buy", "1", "flat", ["buy 3"]),
        ("3", "sell", "2", "long", ["sell 2"]),
        ("1", "sell", "2", "long", ["sell 1"]),
        ("0", "sell", "2", "flat", ["skipped: nothing_to_close"]),
        ("0", "sell", "2", "long", ["skipped: nothing_to_close"]),
        ("-2", "sell", "2", "flat", ["skipped: nothing_to_close"]),
        ("2", "buy", "1", "flat", ["skipped: nothing_to_close"]),
        ("0", "sell", "2", "short", ["sell 2"]),
        ("0", "buy", "2", "long", ["buy 2"]),
    ],
)
async def test_a_trade_that_its_sender_ends_flat_never_enters_nor_flips(
    open_hub: OpenHub, held: str, action: str, quantity: str, after: str, orders: list[str]
) -> None:
    hub = await trading(open_hub, held=held)
    reply = await hub.send(action, quantity, position_after=after)
    assert said(reply) == orders
