"""What became of a message: its orders as the API shows them, and waiting for one of their states."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.support.api_client import ApiClient
from tests.support.raw_http import Reply
from tests.support.waiting import until

FINAL = frozenset(("blocked", "filled", "canceled", "expired", "rejected", "not_placed"))


def signal_id(reply: Reply) -> str:
    """Return the id that a message got; it must have been taken."""
    assert reply.status in (200, 202), f"{reply.status} {reply.text[:500]}"
    return str(reply.document["signal_id"])


def orders_of(api: ApiClient, reply: Reply) -> list[Any]:
    return list(api.get(f"/api/signals/{signal_id(reply)}")["orders"])


def only_order(api: ApiClient, reply: Reply) -> Any:
    """Return the one order that a message made."""
    (order,) = (row for row in orders_of(api, reply) if row["origin"] == "signal")
    return order


def wait_for(api: ApiClient, reply: Reply, states: Collection[str], *, seconds: float = 10.0) -> Any:
    """Return the one order of a message once it is in one of the states."""
    wanted = ", ".join(sorted(states))

    def look() -> Any:
        order = only_order(api, reply)
        return order if order["state"] in states else None

    return until(look, f"the order is {wanted}", seconds=seconds)


def fills_of(api: ApiClient, order: Any) -> list[Any]:
    return [row for row in api.items("/api/fills") if row["order_id"] == order["order_id"]]


def net_position(api: ApiClient, account: str) -> str:
    """Return what an account holds, signed, `0` when it is flat."""
    rows = [row for row in api.get("/api/positions")["items"] if row["account"] == account]
    assert len(rows) <= 1, rows
    if not rows:
        return "0"
    return str(rows[0]["quantity"]) if rows[0]["side"] == "long" else f"-{rows[0]['quantity']}"
