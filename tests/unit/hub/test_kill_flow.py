"""The kill switch: closed at once, for good, by every door, and opened by a person alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.accounts import AccountMode
from tradershub.domain.errors import NotStored, RequestRefused
from tradershub.domain.events import GateReset, GateSet
from tradershub.domain.ids import StrategyName
from tradershub.domain.orders import OrderState
from tradershub.domain.signals import Side
from tradershub.testing.builders import a_strategy, an_account
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import ABLE, Conduct

OTHER = a_strategy(["paper:two"], name=StrategyName("other"))
TWO = [an_account("paper:main"), an_account("paper:two")]


async def kill(hub: HubUnderTest, scope: str = "global", **document: Any) -> dict[str, Any]:
    created = await hub.hub.control.kill.kill({"level": "stop", "scope": scope, "reason": "x", **document}, who="admin")
    return dict(created.row)


async def reset(hub: HubUnderTest, scope: str = "global", *, second_factor: bool = False, **document: Any) -> None:
    await hub.hub.control.kill.reset(
        {"scope": scope, "reason": "all clear", **document}, who="admin", second_factor=second_factor
    )


async def refusal(call: Any) -> tuple[int, str, str | None]:
    with pytest.raises(RequestRefused) as refused:
        await call
    return refused.value.status, refused.value.code, refused.value.field


async def holding(hub: HubUnderTest) -> None:
    reply = await hub.send(quantity="2")
    await hub.until_state(reply.order_id, OrderState.ACCEPTED)
    hub.platform().fill(reply.order_id)
    await hub.until_state(reply.order_id, OrderState.FILLED)


async def test_a_stop_lets_out_and_nobody_in(hub: HubUnderTest) -> None:
    await holding(hub)
    row = await kill(hub)
    assert (row["gate"], row["level"], row["scope"]) == ("reduce_only", "stop", "global")
    reply = await hub.send()
    assert (reply.status, reply.document["status"], reply.code) == (202, "blocked", "kill")
    out = await hub.send(action="close", quantity=None)
    await hub.until_state(out.order_id, OrderState.ACCEPTED)


async def test_a_blocked_signal_is_not_revived(hub: HubUnderTest) -> None:
    await kill(hub)
    await hub.send()
    await reset(hub)
    await hub.settle(60)
    assert hub.platform().wire == []
    assert (await hub.send()).document["status"] == "accepted"


@pytest.mark.parametrize(
    ("scope", "blocked"),
    [
        ("global", {"momentum", "other"}),
        ("platform:paper", {"momentum", "other"}),
        ("account:paper:main", {"momentum"}),
        ("strategy:other", {"other"}),
        ("platform:nt8", set()),
    ],
)
async def test_a_scope_closes_itself_and_nothing_else(open_hub: OpenHub, scope: str, blocked: set[str]) -> None:
    hub = await open_hub(strategies=[a_strategy(), OTHER], accounts=TWO)
    await kill(hub, scope)
    replies = {name: await hub.send(strategy_name=name) for name in ("momentum", "other")}
    assert {name for name, reply in replies.items() if reply.code == "kill"} == blocked


async def test_what_waits_does_not_leave_after_a_kill(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    await kill(hub)
    hub.platform().reconnect()
    await hub.until_state(reply.order_id, OrderState.BLOCKED)
    assert hub.platform().wire == []
    assert hub.hub.engine.book.commitments.of(("momentum", "paper:main", "MESZ2026")).waiting == {Side.BUY: 0}


async def test_a_kill_between_the_plan_and_the_commit_keeps_the_order_here(hub: HubUnderTest) -> None:
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle()
    killing = asyncio.ensure_future(kill(hub))
    await hub.settle()
    hub.world.journal.release()
    reply = await sending
    await killing
    assert reply.orders[0]["state"] == "blocked"
    assert reply.orders[0]["reason"]["code"] == "kill"
    await hub.settle(60)
    assert hub.platform().wire == []
    assert hub.hub.engine.lanes._lanes["paper:main"].in_flight == 0


async def test_a_toggle_between_the_plan_and_the_commit_keeps_the_order_here(hub: HubUnderTest) -> None:
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle()
    account = hub.world.registry.accounts["paper:main"]
    hub.world.registry.accounts["paper:main"] = replace(account, enabled=False)
    hub.world.journal.release()
    assert (await sending).orders[0]["reason"]["code"] == "disabled"
    await hub.settle(5)
    assert hub.platform().wire == []


async def test_a_slow_commit_lets_an_order_grow_too_old(hub: HubUnderTest) -> None:
    hub.world.journal.hold()
    sending = asyncio.ensure_future(hub.send())
    await hub.settle(31)
    hub.world.journal.release()
    reply = await sending
    assert reply.orders[0]["state"] == "expired"
    await hub.settle()
    assert hub.platform().wire == []
    assert len(hub.alarms("expired")) == 1


async def test_a_kill_is_acknowledged_when_nothing_is_on_its_way_any_more(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.WAIT
    reply = await hub.send()
    killing = asyncio.ensure_future(kill(hub))
    again = asyncio.ensure_future(kill(hub))
    await hub.settle(5)
    assert not killing.done()
    assert not again.done()
    hub.platform().answer(reply.order_id)
    assert (await killing)["kill_id"] == (await again)["kill_id"]


async def test_a_platform_that_hangs_holds_the_acknowledgement_up_no_longer_than_its_deadline(
    hub: HubUnderTest,
) -> None:
    resting = await hub.send(order_type="limit", price="4990")
    await hub.until_state(resting.order_id, OrderState.ACCEPTED)
    hub.platform().cancel_conduct = Conduct.HANG
    await hub.send(action="cancel", quantity=None)
    hub.platform().conduct = Conduct.HANG
    await hub.send()
    began = hub.world.clock.monotonic()
    await kill(hub)
    assert (hub.world.clock.monotonic() - began) / 1e9 <= ABLE.submit_timeout_s + 1


async def test_a_kill_of_one_strategy_does_not_wait_for_the_traffic_of_others(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(), OTHER], accounts=TWO)
    hub.platform().conduct = Conduct.LOSE_REPLY

    async def traffic() -> None:
        while True:
            await hub.send(strategy_name="other")
            await hub.settle(0.1)

    busy = asyncio.ensure_future(traffic())
    await hub.settle(2)
    began = hub.world.clock.monotonic()
    await kill(hub, "strategy:momentum")
    assert (hub.world.clock.monotonic() - began) / 1e9 < 2
    busy.cancel()


async def test_no_send_starts_after_the_acknowledgement_of_a_kill_in_a_burst(hub: HubUnderTest) -> None:
    hub.platform().conduct = Conduct.LOSE_REPLY
    posts = [asyncio.ensure_future(hub.send()) for _ in range(50)]
    await hub.settle(0)
    await kill(hub)
    left = len(hub.platform().wire)
    await asyncio.gather(*posts)
    await hub.settle(60)
    assert len(hub.platform().wire) == left


async def test_the_same_kill_twice_is_one(hub: HubUnderTest) -> None:
    first = await hub.hub.control.kill.kill({"reason": "a"}, who="admin")
    again = await hub.hub.control.kill.kill({"reason": "b"}, who="phone")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.row["kill_id"] == again.row["kill_id"]
    await hub.settle()
    assert len([event for event in hub.events if isinstance(event, GateSet)]) == 1


async def test_a_kill_holds_with_a_store_that_takes_nothing(hub: HubUnderTest) -> None:
    hub.world.journal.fail_next(NotStored("the disk is read-only"))
    await kill(hub)
    await hub.settle()
    assert (await hub.send()).code == "kill"
    assert [event for event in hub.events if isinstance(event, GateSet)] == []
    await hub.restart()
    assert (await hub.send()).code == "kill"


@pytest.mark.parametrize("by_file_alone", [True, False])
async def test_a_kill_survives_a_restart(hub: HubUnderTest, by_file_alone: bool) -> None:
    await kill(hub, "account:paper:main")
    await hub.settle()
    if by_file_alone:
        hub.world.journal.entries.clear()
    else:
        (hub.world.folder / "HALT").unlink()
    await hub.restart()
    assert (await hub.send()).code == "kill"


async def test_a_narrower_kill_does_not_take_the_wider_one_off_the_disk(hub: HubUnderTest) -> None:
    await kill(hub, "global")
    await kill(hub, "account:paper:main")
    hub.world.journal.entries.clear()
    await hub.restart()
    assert [row["scope"] for row in hub.hub.control.kill.row()["gates"]] == ["global"]  # type: ignore[attr-defined]


# What is asked for wrongly


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"level": "cancel"}, (422, "invalid", "level")),
        ({"level": "banana"}, (422, "invalid", "level")),
        ({"scope": "everything"}, (422, "invalid", "scope")),
        ({"scope": "account:paper:gone"}, (404, "not_found", "scope")),
        ({"scope": "platform:gone"}, (404, "not_found", "scope")),
        ({"scope": "strategy:gone"}, (404, "not_found", "scope")),
        ({"scop": "global"}, (422, "unknown_field", "scop")),
        ({"reason": 5}, (422, "invalid", "reason")),
    ],
)
async def test_a_kill_that_makes_no_sense_is_refused_with_its_field(
    hub: HubUnderTest, document: dict[str, Any], found: tuple[int, str, str]
) -> None:
    assert await refusal(hub.hub.control.kill.kill(document, who="admin")) == found
    assert hub.hub.control.kill.row()["gates"] == []


# Reset


async def test_a_reset_opens_the_gate_and_is_journaled(hub: HubUnderTest) -> None:
    await kill(hub)
    await reset(hub)
    assert hub.hub.control.kill.row()["gates"] == []
    assert not (hub.world.folder / "HALT").exists()
    (event,) = [event for event in hub.events if isinstance(event, GateReset)]
    assert (event.who, event.reason) == ("admin", "all clear")
    await hub.restart()
    assert (await hub.send()).document["status"] == "accepted"


async def test_a_reset_leaves_the_other_gates_and_the_latch(hub: HubUnderTest) -> None:
    await kill(hub, "global")
    await kill(hub, "strategy:momentum")
    await reset(hub, "global")
    assert (await hub.send()).code == "kill"
    latch = json.loads((hub.world.folder / "HALT").read_text(encoding="utf-8"))
    assert latch["scope"] == "strategy:momentum"


async def test_a_reset_needs_a_reason_and_a_gate(hub: HubUnderTest) -> None:
    assert await refusal(reset(hub)) == (404, "not_found", "scope")
    await kill(hub)
    assert await refusal(reset(hub, reason="  ")) == (422, "missing", "reason")
    assert (await hub.send()).code == "kill"


async def test_a_reset_with_a_live_account_needs_a_second_factor(open_hub: OpenHub) -> None:
    live = an_account("nt8:Real", mode=AccountMode.LIVE)
    hub = await open_hub(accounts=[an_account("paper:main"), live])
    await kill(hub, "global")
    await kill(hub, "account:paper:main")
    assert await refusal(reset(hub, "global")) == (403, "second_factor_required", None)
    await reset(hub, "account:paper:main")
    await reset(hub, "global", second_factor=True)


async def test_a_reset_waits_for_orders_in_doubt(hub: HubUnderTest) -> None:
    hub.platform().script.append(Conduct.LOSE_ORDER)
    reply = await hub.send()
    await hub.until_state(reply.order_id, OrderState.IN_DOUBT)
    await kill(hub)
    assert await refusal(reset(hub)) == (409, "not_reconciled", "scope")
    await hub.until_state(reply.order_id, OrderState.NOT_PLACED)
    await reset(hub)
