"""What tests of plans share: a hub that holds something, and answers in few words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.errors import RequestRefused
from tradershub.domain.orders import OrderState
from tradershub.testing.hub_under_test import HubUnderTest, Reply

Fields = dict[str, Any]
BUY, SELL = {"action": "buy", "quantity": "2"}, {"action": "sell", "quantity": "2"}
CLOSE: Fields = {"action": "close", "quantity": None}


async def trading(open_hub: OpenHub, *, held: str = "0", **world: Any) -> HubUnderTest:
    """Return a hub whose platform fills at 5000 and whose strategy holds so much."""
    hub: HubUnderTest = await open_hub(**{"fills_at": "5000", **world})
    size = Decimal(held)
    if size:
        reply = await hub.send("buy" if size > 0 else "sell", str(abs(size)))
        await hub.until_state(reply.order_id, OrderState.FILLED)
    assert hub.held() == held
    return hub


def said(reply: Reply) -> list[str]:
    """Return the orders of an answer as people say them: `sell 2`; what was skipped by its code."""
    return [
        f"{order['side']} {order['quantity']}" if order["side"] else f"skipped: {order['reason']['code']}"
        for order in reply.orders
    ]


async def refusal(call: Any) -> tuple[int, str, str | None]:
    """Return status, code and field of a call that is refused."""
    with pytest.raises(RequestRefused) as refused:
        await call
    return refused.value.status, refused.value.code, refused.value.field
