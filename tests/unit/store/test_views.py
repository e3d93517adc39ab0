"""The tables answer in the shapes of api.md, page by page, and give back at start what was in memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.errors import RequestRefused
from tradershub.domain.events import (
    GateReset,
    GateSet,
    MessageRefused,
    Noted,
    SettingChanged,
    Severity,
    SignalStatus,
    SignalTimed,
    Stages,
)
from tradershub.domain.ids import KillId, OrderId, SignalId
from tradershub.domain.orders import OrderState, Reason
from tradershub.domain.risk import Gate, GateRow, KillLevel
from tradershub.domain.signals import Rounded, Side
from tradershub.ports.views import Page, Query
from tradershub.store import schema
from tradershub.store.store import Store
from tradershub.testing.journal_samples import a_stored_signal, accepted, an_order, created, filled, instant

ORDER_KEYS = {
    *("order_id", "signal_id", "cause", "strategy", "account", "platform", "symbol", "platform_symbol", "side"),
    *("quantity", "hub_quantity", "order_type", "limit_price", "stop_price", "stop_loss", "take_profit", "state"),
    *("filled", "average_price", "reason", "conflict", "origin", "carrier", "automated", "created_at", "facts"),
}
SIGNAL_KEYS = {
    *("signal_id", "source", "dialect", "strategy", "symbol", "symbol_as_written", "action", "quantity"),
    *("order_type", "limit_price", "stop_price", "stop_loss", "take_profit", "time_in_force", "target_position"),
    *("position_before", "position_after", "close_side", "signal_price", "sent_at", "timeframe", "message_id"),
    *("comment", "accounts"),
}
FILL_KEYS = {
    *("fill_id", "order_id", "account", "platform", "symbol", "side", "quantity", "hub_quantity", "price"),
    *("commission", "currency", "at"),
}
GATE = GateRow(
    scope="account:paper:main",
    gate=Gate.REDUCE_ONLY,
    level=KillLevel.STOP,
    kill_id=KillId("K1"),
    set_by="admin",
    reason="lunch",
    at=instant(5),
)


def a_refusal(number: int, source: str = "native") -> MessageRefused:
    return MessageRefused(
        at=instant(number),
        source=source,
        dialect=None,
        http_status=422,
        code="missing",
        field="quantity",
        got=None,
        advice="say how much",
        raw="{}",
        peer="127.0.0.1",
    )


async def everything(ask: Callable[[Query], Awaitable[Page]], query: Query) -> list[object]:
    """Follow the cursors to the end."""
    found: list[object] = []
    while True:
        page = await ask(query)
        found.extend(page.items)
        if page.next is None:
            return found
        query = replace(query, cursor=page.next)


async def test_a_signal_is_listed_with_its_orders(store: Store) -> None:
    stored = a_stored_signal(1, accounts=("paper:main", "paper:two"))
    await store.journal.append(stored, accepted(stored.orders[0].order, 2))
    (row,) = (await store.views.signals(Query())).items
    assert set(row) == SIGNAL_KEYS | {"received_at", "status", "reason", "orders"}
    assert row["quantity"] == {"value": "2", "kind": "units"}
    assert row["stop_loss"] == {"value": "4990.5", "unit": "price", "trailing": None}
    assert row["received_at"] == iso(instant(1))
    assert (row["status"], row["reason"]) == ("accepted", None)
    assert row["orders"] == [
        {
            "order_id": planned.order.order_id,
            "account": planned.order.account,
            "side": "buy",
            "quantity": "2",
            "state": state,
            "filled": "0",
            "average_price": None,
            "reason": None,
        }
        for planned, state in zip(stored.orders, ("accepted", "sending"), strict=True)
    ]
    json.dumps(dict(row))


async def test_one_signal_comes_with_its_trace_and_its_message(store: Store) -> None:
    stored = replace(a_stored_signal(1), rounded=(Rounded(field="limit_price", was="5000.3", became="5000.25"),))
    order = stored.orders[0].order
    timed = SignalTimed(at=instant(1), signal_id=stored.signal.signal_id, stored_us=700, answered_us=900)
    await store.journal.append(stored, timed, accepted(order, 2))
    found = await store.views.signal(stored.signal.signal_id)
    assert found is not None
    assert found["trace"] == {
        "received_at": iso(instant(1)),
        "stages_us": {"parsed": 40, "planned": 90, "stored": 700, "answered": 900},
        "accounts": [
            {
                "account": "paper:main",
                "order_id": order.order_id,
                "stages_us": {"sent": 400, "acknowledged": 1900, "filled": None},
            }
        ],
    }
    assert found["raw"] == stored.raw
    assert found["ignored"] == ["colour"]
    assert found["rounded"] == [{"field": "limit_price", "from": "5000.3", "to": "5000.25"}]
    assert await store.views.signal(SignalId("nowhere")) is None


async def test_an_order_row_has_its_facts(store: Store) -> None:
    order = an_order(1)
    await store.journal.append(created(order), filled(order, 2))
    (row,) = (await store.views.orders(Query())).items
    assert set(row) == ORDER_KEYS
    assert (row["state"], row["filled"], row["average_price"]) == ("filled", "2", "5000.25")
    assert row["facts"] == [
        {"at": iso(instant(1)), "kind": "sending"},
        {
            "at": iso(instant(2)),
            "kind": "fill",
            "execution_id": "E2",
            "price": "5000.25",
            "quantity": "2",
            "commission": "0.62",
            "currency": "USD",
            "executed_at": iso(instant(2)),
        },
    ]
    assert row["automated"] is True
    assert row["conflict"] is False
    json.dumps(dict(row))


async def test_fills_and_trades_are_listed(store: Store) -> None:
    first, second = an_order(1), replace(an_order(2), side=Side.SELL)
    opening = filled(first, 3)
    closing = filled(second, 4, price="5010.25", position=opening.positions[0])
    await store.journal.append(created(first), created(second), opening, closing)
    fills = (await store.views.fills(Query())).items
    assert [fill["fill_id"] for fill in fills] == ["paper:main/E4", "paper:main/E3"]
    assert set(fills[0]) == FILL_KEYS
    (trade,) = (await store.views.trades(Query())).items
    assert (trade["gross"], trade["commission"], trade["net"]) == ("100", "1.24", "98.76")
    assert (trade["side"], trade["fills"]) == ("long", 2)
    assert (await store.views.recovery(instant(0))).positions == ()


async def test_pages_show_every_row_once_also_while_rows_come(store: Store) -> None:
    same_instant = [replace(a_stored_signal(n), at=instant(1)) for n in range(1, 8)]
    await asyncio.gather(*(store.journal.append(event) for event in same_instant))
    begun = await store.views.signals(Query(limit=3))
    await store.journal.append(a_stored_signal(99))
    rest = await everything(store.views.signals, Query(limit=3, cursor=begun.next))
    seen = [row["signal_id"] for row in (*begun.items, *rest)]  # type: ignore[index]
    assert seen == [f"SG{n:012d}" for n in range(7, 0, -1)]


@pytest.mark.parametrize(
    "cursor", ["", "?", "AAAA", "e30", "WyJvcmRlcnMiLCAxLCAiYSJd", "WyJzaWduYWxzIiwgMSwgMV0", "ü", "W" * 5000]
)
async def test_a_cursor_that_is_none_of_ours_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        await store.views.signals(Query(cursor=cursor))
    assert (refused.value.status, refused.value.field) == (422, "cursor")


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_limit_out_of_range_is_refused(store: Store, limit: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        await store.views.orders(Query(limit=limit))
    assert (refused.value.status, refused.value.field) == (422, "limit")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(since=instant(2)), [4, 3, 2]),
        (Query(until=instant(2)), [1]),
        (Query(strategy="breakout"), [3]),
        (Query(state="blocked"), [4]),
        (Query(account="paper:two"), [2]),
        (Query(platform="paper"), [3, 2, 1]),
        (Query(platform="nt8"), []),
        (Query(signal_id="SG000000000002"), [2]),
        (Query(text="BREAK"), [3]),
        (Query(text="%"), []),
        (Query(text="m-4"), [4]),
        (Query(source="carrier pigeon"), []),
    ],
    ids=str,
)
async def test_signals_are_filtered(store: Store, query: Query, found: list[int]) -> None:
    blocked = a_stored_signal(4, accounts=(), status=SignalStatus.BLOCKED)
    await store.journal.append(
        a_stored_signal(1),
        a_stored_signal(2, accounts=("paper:two",)),
        a_stored_signal(3, strategy="breakout"),
        blocked,
    )
    listed = (await store.views.signals(query)).items
    assert [row["signal_id"] for row in listed] == [f"SG{n:012d}" for n in found]


async def test_orders_are_filtered_by_state_and_signal(store: Store) -> None:
    stored = a_stored_signal(1, accounts=("paper:main", "paper:two"))
    await store.journal.append(stored, accepted(stored.orders[1].order, 2), created(an_order(3)))
    by_state = (await store.views.orders(Query(state="accepted"))).items
    assert [row["account"] for row in by_state] == ["paper:two"]
    assert len((await store.views.orders(Query(signal_id=stored.signal.signal_id))).items) == 2


async def test_refused_messages_look_like_signals_without_an_id(store: Store) -> None:
    await store.journal.append(a_refusal(1))
    (row,) = (await store.views.refused_messages(Query())).items
    assert set(row) >= SIGNAL_KEYS | {"refusal_id", "received_at", "status", "reason", "orders"}
    assert (row["signal_id"], row["refusal_id"], row["status"]) == (None, "1", "refused")
    assert row["reason"] == {"code": "missing", "message": "say how much"}
    assert (await store.views.refused_messages(Query(strategy="momentum"))).items == ()


async def test_a_refused_message_is_found_by_its_id_and_by_its_source(store: Store) -> None:
    await store.journal.append(a_refusal(1), a_refusal(2, source="tradingview"))
    by_id = (await store.views.refused_messages(Query(signal_id="2"))).items
    by_source = (await store.views.refused_messages(Query(source="tradingview"))).items
    assert [row["refusal_id"] for row in by_id] == [row["refusal_id"] for row in by_source] == ["2"]


async def test_notices_tell_of_gates_and_of_what_was_noted(store: Store) -> None:
    noted = Noted(
        at=instant(1), kind="link_lost", severity=Severity.WARNING, message="nt8 is gone", details=(("host", "pc"),)
    )
    await store.journal.append(noted, GateSet(at=instant(2), row=GATE))
    await store.journal.append(GateReset(at=instant(3), scope=GATE.scope, who="admin", reason="back"))
    rows = (await store.views.notices(Query())).items
    assert [(row["kind"], row["severity"]) for row in rows] == [
        ("gate_reset", "info"),
        ("gate_set", "alarm"),
        ("link_lost", "warning"),
    ]
    assert rows[2]["details"] == {"host": "pc"}
    assert len((await store.views.notices(Query(state="alarm"))).items) == 1


async def test_the_audit_says_who_changed_what(store: Store) -> None:
    before, after = '{"enabled":false,"config":{}}', '{"enabled":true,"config":{"port":"1"}}'
    change = SettingChanged(
        at=instant(1), table="execution_config", key="paper", who="admin", before=before, after=after
    )
    await store.journal.append(change)
    (row,) = (await store.views.settings_audit(Query())).items
    assert row == {
        "id": "1",
        "at": iso(instant(1)),
        "table": "execution_config",
        "key": "paper",
        "who": "admin",
        "before": {"enabled": False, "config": {}},
        "after": {"enabled": True, "config": {"port": "1"}},
    }


async def test_recovery_gives_back_what_was_under_way(store: Store) -> None:
    old, recent = a_stored_signal(1), a_stored_signal(50)
    done, open_order = old.orders[0].order, recent.orders[0].order
    position = filled(done, 2)
    await store.journal.append(old, recent, position, accepted(open_order, 51), GateSet(at=instant(5), row=GATE))
    found = await store.views.recovery(instant(40))
    assert [known.order for known in found.orders] == [open_order]
    assert found.orders[0].facts == accepted(open_order, 51).all_facts
    assert found.orders[0].stages == Stages(sent_us=400, acknowledged_us=1900)
    assert found.orders[0].signal_received_at == instant(50)
    assert found.positions == position.positions
    assert found.gates == (GATE,)
    assert [known.dedupe_key for known in found.recent_signals] == [recent.dedupe_key]


async def test_single_orders_and_signals_are_found_again(store: Store) -> None:
    stored = a_stored_signal(1)
    order = stored.orders[0].order
    await store.journal.append(stored, accepted(order, 2))
    known = await store.views.known_signal(stored.dedupe_key)
    assert known is not None
    assert (known.signal_id, known.content_hash) == (stored.signal.signal_id, stored.content_hash)
    assert await store.views.known_signal("another") is None
    record = await store.views.order_record(order.order_id)
    assert record is not None
    assert record.order == order
    assert await store.views.order_record(OrderId("TH")) is None
    assert await store.views.order_of_platform_id("paper:main", "P2") == order.order_id
    assert await store.views.order_of_platform_id("paper:two", "P2") is None


async def test_open_orders_are_found_by_their_index(store: Store) -> None:
    conditions = " AND ".join(f"orders.state != '{state}'" for state in schema.FINAL)
    plan = await store.readers.ask(
        lambda connection: connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN SELECT doc FROM orders WHERE {conditions} ORDER BY created_at"
        ).all()
    )
    assert "ix_orders_open" in str(plan)


def test_the_index_leaves_out_every_final_state_and_no_other() -> None:
    finals = {state.value for state in OrderState} & set(schema.FINAL)
    assert finals == set(schema.FINAL)
    assert {state.value for state in OrderState if state.value not in schema.FINAL} == {
        *("ready", "sending", "in_doubt", "accepted", "partially_filled", "cancel_pending", "modify_pending")
    }


async def test_unknown_strategies_are_those_of_blocked_signals_without_a_row(store: Store) -> None:
    for number, strategy in ((1, "new"), (2, "momentum"), (3, "new"), (4, "other")):
        await store.journal.append(a_stored_signal(number, accounts=(), status=SignalStatus.BLOCKED, strategy=strategy))
    known = SettingChanged(
        at=instant(5), table="strategies", key="momentum", who="admin", before=None, after='{"name":"momentum"}'
    )
    await store.journal.append(known)
    rows = await store.views.unknown_strategies(instant(0))
    assert [(row["name"], row["signals"], row["symbols"]) for row in rows] == [
        ("other", 1, ["MES1!"]),
        ("new", 2, ["MES1!"]),
    ]
    assert rows[1]["last_at"] == iso(instant(3))
    assert len(await store.views.unknown_strategies(instant(4))) == 1


async def test_figures_count_since_an_instant(store: Store) -> None:
    early, late = a_stored_signal(1), a_stored_signal(100)
    order = late.orders[0].order
    exit_order = replace(an_order(101), side=Side.SELL)
    opening = filled(order, 102)
    closing = filled(exit_order, 103, price="4999.25", position=opening.positions[0])
    await store.journal.append(early, accepted(early.orders[0].order, 2), late, accepted(order, 101), a_refusal(104))
    await store.journal.append(created(exit_order), opening, closing)
    figures = await store.views.figures(Nanos(instant(50)))
    assert (figures["signals"], figures["orders"], figures["fills"], figures["trades"]) == (1, 2, 2, 1)
    assert figures["last_signal_at"] == iso(instant(100))
    assert figures["net"] == {"USD": "-11.24"}
    assert figures["platforms"] == {
        "paper": {
            "orders": 2,
            "filled": 2,
            "rejected": 0,
            "in_doubt": 0,
            "working": 0,
            "errors": 0,
            "acks": 1,
            "ack_p50_ms": "1.5",
            "ack_p99_ms": "1.5",
        }
    }
    assert figures["strategies"] == {"momentum": {"signals": 1, "last_at": iso(instant(100))}}
    assert figures["sources"] == {
        "native": {"accepted": 1, "blocked": 0, "refused": 1, "last_message_at": iso(instant(104))}
    }


async def test_figures_of_an_empty_hub_are_zero(store: Store) -> None:
    figures = await store.views.figures(instant(0))
    assert (figures["signals"], figures["net"], figures["platforms"], figures["last_signal_at"]) == (0, {}, {}, None)


async def test_a_reason_is_shown_with_its_rule_and_numbers(store: Store) -> None:
    reason = Reason(code="limit", message="too large", rule="max_order_quantity", numbers=(("allowed", "1"),))
    await store.journal.append(replace(a_stored_signal(1), reason=reason, status=SignalStatus.BLOCKED))
    (row,) = (await store.views.signals(Query())).items
    assert row["reason"] == {
        "code": "limit",
        "message": "too large",
        "rule": "max_order_quantity",
        "numbers": {"allowed": "1"},
    }
