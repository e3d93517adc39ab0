"""Senders that hang up, repeat themselves, or have a wrong clock."""

from __future__ import annotations

import socket

from tests.support.asking import only_order, wait_for
from tests.support.hub_process import HubProcess
from tests.support.load import as_request
from tests.support.messages import native_bytes, now_text
from tests.support.waiting import until


def test_a_sender_that_hangs_up_before_the_answer_has_traded_once(hub: HubProcess) -> None:
    """F006: what was received whole is done, and told to the one who asks again."""
    body = native_bytes()
    with socket.create_connection(("127.0.0.1", hub.port)) as connection:
        connection.sendall(as_request(body))
    until(lambda: hub.api.get("/api/fills")["items"], "the message traded")
    again = hub.signal(body)
    assert again.status == 200
    assert again.document["status"] == "duplicate"
    assert only_order(hub.api, again)["state"] == "filled"
    assert len(hub.api.get("/api/fills")["items"]) == 1


def test_a_sender_that_hangs_up_inside_the_message_has_not_traded(hub: HubProcess) -> None:
    """F006: half a message is none."""
    request = as_request(native_bytes())
    with socket.create_connection(("127.0.0.1", hub.port)) as connection:
        connection.sendall(request[:-10])
    reply = hub.signal(native_bytes())
    wait_for(hub.api, reply, {"filled"})
    assert len(hub.api.get("/api/signals")["items"]) == 1


def test_a_message_from_five_minutes_ahead_is_kept_and_blocked(hub: HubProcess) -> None:
    """F069: one of the two clocks is wrong, so an entry is not trusted; the answer says by how much."""
    reply = hub.signal(native_bytes(timestamp=now_text(seconds=300)))
    assert reply.status == 202
    assert reply.document["status"] == "blocked"
    assert reply.document["reason"]["code"] == "clock_skew"
    assert "300" in reply.text or "299" in reply.text or "5 min" in reply.text


def test_a_message_of_five_minutes_ago_is_kept_and_blocked(hub: HubProcess) -> None:
    """F069: too old to trade on."""
    reply = hub.signal(native_bytes(timestamp=now_text(seconds=-300)))
    assert reply.status == 202
    assert reply.document["status"] == "blocked"
    assert reply.document["reason"]["code"] == "stale"
    assert len(hub.api.get("/api/signals")["items"]) == 1
