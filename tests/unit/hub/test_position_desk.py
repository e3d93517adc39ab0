"""What a person does with a position: closes it whole or in part, once, and never through to the other side."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.hub.conftest import OpenHub
from tests.unit.hub.planning import refusal, trading
from tradershub.domain.errors import NotStored
from tradershub.domain.orders import Intent, OrderState, Origin
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.scripted_executor import Conduct


async def close(hub: HubUnderTest, key: str | None = None, position: str | None = None, **document: Any) -> Any:
    if position is None:
        (row,) = hub.hub.control.positions.rows()
        position = str(row["id"])
    answer: Any = await hub.hub.control.positions.close(position, document, who="admin", key=key)
    return answer["orders"][0]


async def test_a_person_closes_a_position(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    order = await close(hub)
    assert (order["side"], order["quantity"], order["state"], order["signal_id"]) == ("sell", "3", "sending", None)
    await hub.until_state(order["order_id"], OrderState.FILLED)
    assert hub.held() == "0"
    made = hub.record(order["order_id"]).order
    assert (made.origin, made.automated, made.intent) == (Origin.PERSON, False, Intent.EXIT)


async def test_a_part_of_a_position(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="-3")
    order = await close(hub, quantity="2")
    assert (order["side"], order["quantity"]) == ("buy", "2")
    await hub.until_state(order["order_id"], OrderState.FILLED)
    assert hub.held() == "-1"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"quantity": "4"}, (422, "invalid", "quantity")),
        ({"quantity": "0"}, (422, "invalid", "quantity")),
        ({"quantity": "-1"}, (422, "invalid", "quantity")),
        ({"quantity": "much"}, (422, "invalid", "quantity")),
        ({"quantity": "0.5"}, (422, "off_step", "quantity")),
        ({"quantiti": "1"}, (422, "unknown_field", "quantiti")),
        ({"position": "gone"}, (404, "not_found", "id")),
    ],
)
async def test_a_close_that_makes_no_sense_is_refused_with_its_field(
    open_hub: OpenHub, document: dict[str, Any], found: tuple[int, str, str]
) -> None:
    hub = await trading(open_hub, held="3")
    assert await refusal(close(hub, **document)) == found
    assert len(hub.platform().wire) == 1


async def test_the_same_key_again_gives_the_first_answer(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().conduct = Conduct.WAIT
    first = await close(hub, "k1", quantity="1")
    assert await close(hub, "k1", quantity="1") == first
    second = await close(hub, "k2", quantity="1")
    assert second["order_id"] != first["order_id"]
    assert len(hub.platform().wire) == 3


async def test_the_same_key_twice_at_once_closes_once(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().conduct = Conduct.WAIT
    answers = await asyncio.gather(*(close(hub, "k1", quantity="1") for _ in range(5)))
    assert len({answer["order_id"] for answer in answers}) == 1
    assert len(hub.platform().wire) == 2


async def test_what_is_being_closed_is_not_closed_again(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().conduct = Conduct.WAIT
    await close(hub, quantity="2")
    assert await refusal(close(hub)) == (409, "already_closing", None)
    assert (await close(hub, quantity="1"))["state"] == "sending"


async def test_a_close_that_was_not_stored_leaves_nothing_behind(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.world.journal.fail_next(NotStored("the disk is full"))
    with pytest.raises(NotStored):
        await close(hub, "k1")
    assert hub.hub.engine.lanes._lanes["paper:main"].in_flight == 0
    assert (await close(hub, "k1"))["quantity"] == "3"


async def test_a_closed_position_is_not_opened_again_by_what_waits(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().fills_at = None
    resting = await hub.send(order_type="limit", price="4990")
    await hub.until_state(resting.order_id, OrderState.ACCEPTED)
    hub.platform().disconnect()
    await hub.settle()
    waiting = await hub.send()
    out = await close(hub)
    hub.platform().fills_at = Decimal(5000)
    hub.platform().reconnect()
    await hub.until_state(out["order_id"], OrderState.FILLED)
    await hub.settle(40)
    assert hub.state(waiting.order_id) is OrderState.CANCELED
    assert hub.state(resting.order_id) is OrderState.CANCELED
    assert hub.held() == "0"


async def test_a_resting_exit_is_replaced(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    hub.platform().fills_at = None
    target = await hub.send("sell", "3", order_type="limit", price="5050")
    await hub.until_state(target.order_id, OrderState.ACCEPTED)
    out = await close(hub)
    assert out["state"] == "ready"
    hub.platform().fills_at = Decimal(5000)
    await hub.until_state(out["order_id"], OrderState.FILLED)
    assert hub.state(target.order_id) is OrderState.CANCELED
    assert hub.held() == "0"


async def test_an_account_that_is_switched_off_closes_nothing(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    account = hub.hub.control.accounts.row("paper:main")
    assert account is not None
    await hub.hub.control.accounts.replace("paper:main", {**account, "enabled": False}, who="admin")
    assert await refusal(close(hub)) == (409, "disabled", None)


async def test_rows_are_found_by_what_they_are_of(open_hub: OpenHub) -> None:
    hub = await trading(open_hub, held="3")
    rows = hub.hub.control.positions.rows
    assert [row["quantity"] for row in rows(account="paper:main", strategy="momentum", platform="paper")] == ["3"]
    assert rows(symbol="MNQZ2026") == rows(account="paper:two") == rows(strategy="x") == rows(platform="nt8") == ()
