"""What a hub finds of its own after it was killed, on a platform that fills."""

from __future__ import annotations

from tests.support.asking import fills_of, net_position, wait_for
from tests.support.furnishing import configure, put_quote, wait_until_up
from tests.support.hub_process import HubProcess
from tests.support.messages import native_bytes


def test_an_order_that_arrives_late_is_found_and_not_written_off(hub: HubProcess) -> None:
    """F018: the first questions find nothing, because the order is still under way."""
    configure(hub.api, "paper", latency_ms="2500")
    wait_until_up(hub.api, "paper")
    reply = hub.signal(native_bytes())
    hub.kill()
    hub.start()
    put_quote(hub.api)
    order = wait_for(hub.api, reply, {"filled", "not_placed"}, seconds=20)
    assert order["state"] == "filled"
    assert len(fills_of(hub.api, order)) == 1


def test_what_was_filled_is_there_after_a_kill(hub: HubProcess) -> None:
    """F011: order, fill and position, each once."""
    order = wait_for(hub.api, hub.signal(native_bytes(stop_loss="4980")), {"filled"})
    hub.kill()
    hub.start()
    put_quote(hub.api)
    assert [row["order_id"] for row in hub.api.get("/api/fills")["items"]] == [order["order_id"]]
    assert net_position(hub.api, "paper:main") == "1"
    wait_for(hub.api, hub.signal(native_bytes(action="close", quantity=None)), {"filled"})
    assert net_position(hub.api, "paper:main") == "0"
