"""What stands in the way of an order before it is made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tests.unit.hub.planning import CLOSE, trading
from tradershub.domain.accounts import AccountMode
from tradershub.domain.signals import DistanceUnit
from tradershub.domain.strategies import (
    Defaults,
    StrategyStatus,
)
from tradershub.testing.builders import a_source, a_strategy, an_account, priced


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": StrategyStatus.ARCHIVED}, "archived"),
        ({"status": StrategyStatus.DEVELOPMENT}, "development"),
        ({"paused": True}, "disabled"),
        ({"instruments": ("MNQ",)}, "instrument_not_allowed"),
        ({"require_stop": True}, "require_stop"),
        ({"platforms": ("nt8",)}, "skipped"),
    ],
)
async def test_settings_of_a_strategy_block_entries(open_hub: OpenHub, changes: dict[str, Any], code: str) -> None:
    hub = await open_hub(strategies=[a_strategy(**changes)])
    reply = await hub.send()
    assert (reply.status, reply.document["status"], reply.code) == (202, "blocked", code)
    assert hub.platform().wire == []


async def test_a_stop_satisfies_a_strategy_that_requires_one(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(require_stop=True)])
    assert (await hub.send(stop_loss="4990", price="5000")).document["status"] == "accepted"
    assert (await hub.send(stop_loss_ticks="40")).document["status"] == "accepted"


async def test_a_default_stop_satisfies_it_too(open_hub: OpenHub) -> None:
    defaults = Defaults(stop_loss=priced("40", DistanceUnit.TICKS))
    hub = await open_hub(strategies=[a_strategy(require_stop=True, defaults=defaults)])
    reply = await hub.send()
    stop = hub.record(reply.order_id).order.stop_loss
    assert stop == priced("10", DistanceUnit.POINTS)


async def test_a_strategy_in_testing_trades_paper_only(open_hub: OpenHub) -> None:
    accounts = [an_account("paper:main"), an_account("nt8:Sim101"), an_account("nt8:Real", mode=AccountMode.LIVE)]
    hub = await open_hub(
        strategies=[a_strategy([account.id for account in accounts], status=StrategyStatus.TESTING)],
        accounts=accounts,
        platforms=("paper", "nt8"),
    )
    reply = await hub.send()
    assert [(o["account"], o["state"], o["reason"] and o["reason"]["code"]) for o in reply.orders] == [
        ("paper:main", "sending", None),
        ("nt8:Sim101", "blocked", "testing"),
        ("nt8:Real", "blocked", "testing"),
    ]


async def test_a_symbol_that_nobody_knows_is_blocked_and_not_guessed(open_hub: OpenHub) -> None:
    hub = await open_hub()
    reply = await hub.send(symbol="XYZ1!")
    assert (reply.status, reply.code) == (202, "unknown_instrument")


async def test_a_symbol_without_a_name_on_the_platform_is_unmapped(open_hub: OpenHub) -> None:
    hub = await open_hub(
        strategies=[a_strategy(["mt5:one"])], accounts=[an_account("mt5:one")], platforms=("mt5",), wait=False
    )
    reply = await hub.send(symbol="MHG")
    assert (reply.document["status"], reply.code) == ("blocked", "unmapped")


async def test_a_contract_that_has_ended_is_not_traded(open_hub: OpenHub) -> None:
    hub = await open_hub()
    reply = await hub.send(symbol="MESU2026")
    assert reply.document["status"] == "blocked"
    assert hub.platform().wire == []


@pytest.mark.parametrize(
    ("message", "ago_s", "code"),
    [
        ({}, 29.9, None),
        ({}, 30.1, "stale"),
        (CLOSE, 30.1, None),
        (CLOSE, 299, None),
        (CLOSE, 301, "stale"),
        ({"action": "sell", "position_after": "flat"}, 60, None),
        ({"action": "sell", "position_after": "flat"}, 301, "stale"),
        ({"action": "target", "quantity": None, "target_position": 0}, 60, None),
        ({}, -9, None),
        ({}, -11, "clock_skew"),
        (CLOSE, -11, "clock_skew"),
    ],
)
async def test_the_age_of_a_message(open_hub: OpenHub, message: dict[str, Any], ago_s: float, code: str | None) -> None:
    hub = await trading(open_hub, held="2")
    reply = await hub.send(**message, sent_at=hub.sent_at(ago_s), timestamp=None)
    assert reply.status == 202
    assert reply.code == code


async def test_a_timestamp_on_a_bars_boundary_is_the_bars(open_hub: OpenHub) -> None:
    hub = await trading(open_hub)
    reply = await hub.send(timestamp="2026-11-22T10:25:00Z", timeframe="5m")
    assert reply.document["status"] == "accepted"
    assert "read as bar time; send {{timenow}}" in reply.document["notes"]
    assert (await hub.send(timestamp="2026-11-22T10:20:00Z", timeframe="5m")).code == "stale"


async def test_a_message_without_a_time_is_as_old_as_its_arrival(open_hub: OpenHub) -> None:
    hub = await trading(open_hub)
    assert (await hub.send(timestamp=None)).document["status"] == "accepted"


async def test_how_far_ahead_a_source_may_be_is_its_own(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(max_ahead_s=60)])
    assert (await hub.send(timestamp=hub.sent_at(-59))).document["status"] == "accepted"
