"""A platform that loses, repeats, reorders and refuses: the paper broker with its accidents switched on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import fills_of, net_position, only_order, wait_for
from tests.support.furnishing import configure, put_quote, wait_until_up
from tests.support.hub_process import HubProcess
from tests.support.messages import native_bytes
from tests.support.waiting import never, until

NO_ACCIDENTS = {
    "latency_ms": "0",
    **dict.fromkeys(("reject_rate", "lost_order_rate", "lost_reply_rate"), "0"),
    **dict.fromkeys(("duplicate_fill_rate", "reorder_rate", "partial_fill_rate"), "0"),
}


@pytest.fixture
def hub(shared_hub: HubProcess) -> HubProcess:
    """The file's hub, flat and without accidents."""
    with_accidents(shared_hub, **NO_ACCIDENTS)
    for row in shared_hub.api.get("/api/positions")["items"]:
        shared_hub.api.post(f"/api/positions/{row['id']}/close", {})
    until(lambda: not shared_hub.api.get("/api/positions")["items"], "the account is flat")
    return shared_hub


def with_accidents(hub: HubProcess, **config: Any) -> None:
    configure(hub.api, "paper", **config)
    wait_until_up(hub.api, "paper")
    put_quote(hub.api)


def signal_orders(hub: HubProcess) -> list[Any]:
    return [row for row in hub.api.items("/api/orders") if row["origin"] == "signal"]


def test_a_lost_reply_is_asked_for_and_never_sent_again(hub: HubProcess) -> None:
    """F016: the order arrived, its answer did not."""
    known = len(signal_orders(hub))
    with_accidents(hub, lost_reply_rate="1")
    reply = hub.signal(native_bytes())
    order = wait_for(hub.api, reply, {"filled"}, seconds=15)
    assert len(fills_of(hub.api, order)) == 1
    assert net_position(hub.api, "paper:main") == "1"
    assert len(signal_orders(hub)) == known + 1


def test_an_order_that_never_arrived_is_proven_missing_and_alarmed(hub: HubProcess) -> None:
    """F017: nothing is concluded before the quiet period, then the entry is missed, aloud, and not sent again."""
    known = len(signal_orders(hub))
    with_accidents(hub, lost_order_rate="1")
    reply = hub.signal(native_bytes())
    wait_for(hub.api, reply, {"in_doubt"})
    order = wait_for(hub.api, reply, {"not_placed"}, seconds=20)
    assert order["filled"] == "0"
    assert net_position(hub.api, "paper:main") == "0"
    never(lambda: len(signal_orders(hub)) > known + 1, "a second order", seconds=0.5)


def test_a_refusal_is_final_and_says_why(hub: HubProcess) -> None:
    """F021: refused by the platform, so nothing of it stays reserved."""
    with_accidents(hub, reject_rate="1")
    order = wait_for(hub.api, hub.signal(native_bytes()), {"rejected"})
    assert order["reason"]["message"]
    assert order["filled"] == "0"
    with_accidents(hub, reject_rate="0")
    wait_for(hub.api, hub.signal(native_bytes()), {"filled"})


def test_a_fill_that_is_reported_twice_counts_once(hub: HubProcess) -> None:
    """F029."""
    with_accidents(hub, duplicate_fill_rate="1")
    order = wait_for(hub.api, hub.signal(native_bytes(quantity="3")), {"filled"})
    assert [fill["quantity"] for fill in fills_of(hub.api, order)] == ["3"]
    assert net_position(hub.api, "paper:main") == "3"


def test_fills_and_acceptances_may_come_in_any_order(hub: HubProcess) -> None:
    """F030: a fill before the acceptance, and parts of it in any order."""
    with_accidents(hub, reorder_rate="1", duplicate_fill_rate="0.5", partial_fill_rate="1", seed="5")
    for _ in range(3):
        order = wait_for(hub.api, hub.signal(native_bytes(quantity="5")), {"filled"})
        assert order["filled"] == "5"
        assert not order["conflict"]
    assert net_position(hub.api, "paper:main") == "15"


def test_the_fill_wins_over_the_cancel_that_came_too_late(hub: HubProcess) -> None:
    """F031: the order fills while its cancel is under way; the position has its stop."""
    with_accidents(hub, latency_ms="300")
    entry = native_bytes(order_type="limit", price="4990", stop_loss="4980", take_profit="5050")
    reply = hub.signal(entry)
    wait_for(hub.api, reply, {"accepted"})
    cancel = hub.signal(native_bytes(action="cancel", quantity=None))
    assert cancel.status == 202, cancel.text
    put_quote(hub.api, bid="4985", ask="4985.25", last="4985")
    order = wait_for(hub.api, reply, {"filled"})
    assert order["filled"] == "1"
    (position,) = hub.api.get("/api/positions")["items"]
    assert position["quantity"] == "1"
    assert position["stop_loss"] is not None


def test_what_filled_before_a_cancel_is_kept_and_protected(hub: HubProcess) -> None:
    """F032: a part fills, the rest is cancelled; the stop covers what is held."""
    with_accidents(hub, partial_fill_rate="1", seed="3")
    entry = native_bytes(
        order_type="limit", price="5000", quantity="10", stop_loss="4980", take_profit="5050", time_in_force="gtc"
    )
    reply = hub.signal(entry)
    part = wait_for(hub.api, reply, {"partially_filled", "filled"})
    assert part["state"] == "partially_filled"
    hub.signal(native_bytes(action="cancel", quantity=None))
    order = wait_for(hub.api, reply, {"canceled"})
    assert 0 < int(order["filled"]) < 10
    assert net_position(hub.api, "paper:main") == order["filled"]
    stops = until(
        lambda: [
            row
            for row in hub.api.items("/api/orders")
            if row["origin"] != "signal" and row["order_type"] == "stop" and row["state"] == "accepted"
        ],
        "a protective stop works",
    )
    assert sum(int(row["quantity"]) for row in stops) == int(order["filled"])


def test_a_slow_broker_does_not_hold_up_the_answer(hub: HubProcess) -> None:
    """F007: the sender's answer waits for the disk, never for a platform."""
    with_accidents(hub, latency_ms="2500")
    replies = [hub.signal(native_bytes()) for _ in range(20)]
    assert all(reply.status == 202 for reply in replies)
    assert max(reply.seconds for reply in replies) < 1.0
    assert only_order(hub.api, replies[0])["state"] in ("ready", "sending")
    until(lambda: all(row["state"] == "filled" for row in signal_orders(hub)[:20]), "all have filled")
