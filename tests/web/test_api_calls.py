"""The calls of the API: shapes, status codes, paths and refusals."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx2
import pytest

from tests.web.fake_hub import FakeHub
from tests.web.fake_rows import AT_TEXT, a_position, a_signal, a_source, a_strategy, an_account, an_order


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def call(hub: FakeHub, method: str, path: str, document: object = None, **headers: str) -> httpx2.Response:
    """Send one call with the admin's token."""
    async with hub.visitor("admin") as client:
        content = None if document is None else json.dumps(document)
        wanted = {"content-type": "application/json"} if content is not None else {}
        wanted |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, path, content=content, headers=wanted)


def assert_error(answer: httpx2.Response, status: int, code: str, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"code", "field", "got", "advice"}
    assert (body["code"], body["field"]) == (code, field)
    assert body["advice"]


LISTS = (
    *("/api/signals", "/api/orders", "/api/fills", "/api/trades", "/api/settings/audit", "/api/tokens"),
    *("/api/platforms", "/api/accounts", "/api/strategies", "/api/positions", "/api/sources", "/api/instruments"),
)


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_has_items_and_next(hub: FakeHub, path: str) -> None:
    answer = await call(hub, "GET", path)
    assert answer.status_code == 200
    assert set(answer.json()) == {"items", "next"}


@pytest.mark.parametrize("path", LISTS)
async def test_an_unknown_parameter_is_refused_on_every_list(hub: FakeHub, path: str) -> None:
    assert_error(await call(hub, "GET", f"{path}?acount=x"), 422, "unknown_parameter", "acount")


@pytest.mark.parametrize("limit", ["0", "501", "-1", "ten", "1.5", "٣", "9" * 30])
async def test_a_limit_outside_its_range_is_refused(hub: FakeHub, limit: str) -> None:
    assert_error(await call(hub, "GET", f"/api/orders?limit={quote(limit)}"), 422, "invalid", "limit")


async def test_a_parameter_given_twice_is_refused(hub: FakeHub) -> None:
    assert_error(await call(hub, "GET", "/api/orders?limit=5&limit=6"), 422, "invalid", "limit")


async def test_filters_and_times_reach_the_view(hub: FakeHub) -> None:
    path = "/api/orders?limit=7&account=paper%3Amain&state=filled&signal_id=S1&since=2026-11-22T14:30:00%2B01:00"
    assert (await call(hub, "GET", path)).status_code == 200
    query = hub.views.asked[-1]
    assert (query.limit, query.account, query.state, query.signal_id) == (7, "paper:main", "filled", "S1")
    assert query.since == 1_795_354_200_000_000_000
    assert query.until is None


async def test_a_plus_sign_that_became_a_blank_is_understood(hub: FakeHub) -> None:
    await call(hub, "GET", "/api/orders?since=2026-11-22T14:30:00+01:00")
    assert hub.views.asked[-1].since == 1_795_354_200_000_000_000


async def test_a_time_without_zone_is_refused(hub: FakeHub) -> None:
    assert_error(await call(hub, "GET", "/api/orders?since=2026-11-22T14:30:00"), 422, "zone_missing", "since")


async def test_a_list_goes_on_where_its_cursor_says(hub: FakeHub) -> None:
    hub.views.order_rows = [an_order(f"TH{number}") for number in range(120)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = (await call(hub, "GET", f"/api/orders{cursor}")).json()
        seen += [row["order_id"] for row in page["items"]]
        cursor = f"?cursor={page['next']}"
    assert page["next"] is None
    assert seen == [row["order_id"] for row in hub.views.order_rows]


async def test_rows_in_memory_come_in_pages_too(hub: FakeHub) -> None:
    hub.accounts.table |= {f"paper:a{number}": an_account(f"paper:a{number}") for number in range(3)}
    first = (await call(hub, "GET", "/api/accounts?limit=2")).json()
    second = (await call(hub, "GET", f"/api/accounts?limit=2&cursor={quote(first['next'])}")).json()
    assert [row["id"] for row in (*first["items"], *second["items"])] == list(hub.accounts.table)
    assert second["next"] is None
    assert_error(await call(hub, "GET", "/api/accounts?cursor=gone"), 422, "invalid", "cursor")


async def test_positions_are_filtered_by_what_their_rows_have(hub: FakeHub) -> None:
    hub.positions.table = [a_position("P1"), a_position("P2", account="paper:other")]
    answer = await call(hub, "GET", "/api/positions?account=paper:other")
    assert [row["id"] for row in answer.json()["items"]] == ["P2"]


async def test_a_signal_comes_with_orders_and_trace(hub: FakeHub) -> None:
    hub.views.details["S1"] = {"signal": a_signal(), "orders": [an_order()], "trace": {"received_at": AT_TEXT}}
    assert set((await call(hub, "GET", "/api/signals/S1")).json()) == {"signal", "orders", "trace"}
    assert_error(await call(hub, "GET", "/api/signals/S2"), 404, "not_found")


@pytest.mark.parametrize("name", ["momentum #2", "a (b) c.d", "x_y-z", "50% off? no", "ä"])
async def test_names_with_odd_characters_are_reached_percent_encoded(hub: FakeHub, name: str) -> None:
    hub.strategies.table[name] = a_strategy(name)
    answer = await call(hub, "GET", f"/api/strategies/{quote(name, safe='')}")
    assert answer.status_code == 200
    assert answer.json()["name"] == name


async def test_an_account_is_created_replaced_and_deleted(hub: FakeHub) -> None:
    created = await call(hub, "POST", "/api/accounts", {"id": "paper:two", "label": "Two"})
    assert created.status_code == 201
    assert created.json() == an_account("paper:two", label="Two")
    replaced = await call(hub, "PUT", "/api/accounts/paper:two", {"id": "paper:two", "enabled": False})
    assert replaced.status_code == 200
    assert replaced.json() == an_account("paper:two", enabled=False)
    deleted = await call(hub, "DELETE", "/api/accounts/paper:two")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_error(await call(hub, "GET", "/api/accounts/paper:two"), 404, "not_found")
    assert hub.accounts.asked_by == ["token:admin"] * 3


@pytest.mark.parametrize("kind", ["accounts", "strategies"])
async def test_the_same_id_again_is_a_conflict(hub: FakeHub, kind: str) -> None:
    document = {"accounts": {"id": "paper:main"}, "strategies": {"name": "momentum"}}[kind]
    field = next(iter(document))
    assert_error(await call(hub, "POST", f"/api/{kind}", document), 409, "exists", field)


@pytest.mark.parametrize("path", ["/api/accounts/paper:no", "/api/strategies/no", "/api/sources/no"])
async def test_a_row_that_is_missing_is_404(hub: FakeHub, path: str) -> None:
    assert_error(await call(hub, "GET", path), 404, "not_found")
    assert_error(await call(hub, "PUT", path, {}), 404, "not_found")


async def test_a_strategy_in_use_is_not_deleted(hub: FakeHub) -> None:
    hub.strategies.table["busy"] = a_strategy("busy")
    assert_error(await call(hub, "DELETE", "/api/strategies/busy"), 409, "in_use")


async def test_a_strategy_changes_its_status(hub: FakeHub) -> None:
    answer = await call(hub, "POST", "/api/strategies/momentum/status", {"status": "live"})
    assert (answer.status_code, answer.json()["status"]) == (200, "live")
    assert_error(await call(hub, "POST", "/api/strategies/momentum/status", {"status": "on"}), 422, "invalid", "status")


async def test_a_platform_is_toggled_and_configured(hub: FakeHub) -> None:
    answer = await call(hub, "POST", "/api/platforms/paper/toggle", {"enabled": False})
    assert (answer.status_code, answer.json()["state"]) == (200, "disabled")
    answer = await call(hub, "PUT", "/api/platforms/paper/config", {"latency_ms": 5})
    assert answer.json()["config"] == {"latency_ms": 5}


@pytest.mark.parametrize("document", [{}, {"enabled": "true"}, {"enabled": 1}, {"enabled": None}])
async def test_a_toggle_says_true_or_false(hub: FakeHub, document: object) -> None:
    assert_error(await call(hub, "POST", "/api/platforms/paper/toggle", document), 422, "invalid", "enabled")
    assert hub.platforms.table["paper"]["enabled"] is True


async def test_an_unknown_platform_or_field_is_refused(hub: FakeHub) -> None:
    assert_error(await call(hub, "POST", "/api/platforms/mt4/toggle", {"enabled": True}), 404, "not_found")
    document = {"enabled": True, "live": True}
    assert_error(await call(hub, "POST", "/api/platforms/paper/toggle", document), 422, "unknown_field", "live")


async def test_closing_a_position_is_a_command_and_a_repeat_gets_the_first_answer(hub: FakeHub) -> None:
    hub.positions.table = [a_position()]
    path, document = "/api/positions/P1/close", {"quantity": "1"}
    first = await call(hub, "POST", path, document, idempotency_key="k1")
    again = await call(hub, "POST", path, document, idempotency_key="k1")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert hub.positions.closed == [("P1", "1", "token:admin", "k1")]


async def test_a_position_is_closed_whole_without_a_body(hub: FakeHub) -> None:
    hub.positions.table = [a_position()]
    assert (await call(hub, "POST", "/api/positions/P1/close")).status_code == 202
    assert hub.positions.closed == [("P1", None, "token:admin", None)]


@pytest.mark.parametrize("key", ["", "a b", "x" * 129])
async def test_a_malformed_idempotency_key_is_refused(hub: FakeHub, key: str) -> None:
    hub.positions.table = [a_position()]
    answer = await call(hub, "POST", "/api/positions/P1/close", idempotency_key=key)
    assert_error(answer, 422, "invalid", "Idempotency-Key")
    assert hub.positions.closed == []


async def test_a_kill_is_202_and_the_same_again_200_with_the_same_id(hub: FakeHub) -> None:
    document = {"level": "stop", "scope": "global", "reason": "test"}
    first = await call(hub, "POST", "/api/kill", document)
    again = await call(hub, "POST", "/api/kill", document)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["kill_id"] == again.json()["kill_id"]
    assert [row["set_by"] for row in (await call(hub, "GET", "/api/kill")).json()["gates"]] == ["token:admin"]


async def test_a_reset_without_a_second_factor_says_so_to_the_hub(hub: FakeHub) -> None:
    answer = await call(hub, "POST", "/api/kill/reset", {"scope": "global", "reason": "checked"})
    assert answer.status_code == 200
    assert hub.kill.resets == [({"scope": "global", "reason": "checked"}, "token:admin", False)]
    hub.kill.has_live = True
    answer = await call(hub, "POST", "/api/kill/reset", {"scope": "global", "reason": "checked"})
    assert_error(answer, 403, "second_factor_required", "totp")


async def test_quotes_and_explain_answer_200(hub: FakeHub) -> None:
    assert (await call(hub, "POST", "/api/quotes", {"symbol": "MES", "bid": "1"})).json() == {"used": True}
    answer = await call(hub, "POST", "/api/explain", {"transport": "http", "body": "{}"})
    assert answer.json()["parse"] == {"status": "accept"}


async def test_a_new_secret_is_in_the_answer_once(hub: FakeHub) -> None:
    answer = await call(hub, "POST", "/api/sources/tradingview/rotate", {})
    assert answer.json()["secret"] == "once-only-secret-of-32-characters"
    assert "once-only-secret" not in (await call(hub, "GET", "/api/sources")).text


async def test_a_source_is_replaced_whole(hub: FakeHub) -> None:
    answer = await call(hub, "PUT", "/api/sources/tradingview", {"name": "tradingview", "enabled": False})
    assert answer.json() == a_source(enabled=False)


async def test_symbol_maps_and_instruments_are_shown(hub: FakeHub) -> None:
    assert (await call(hub, "GET", "/api/maps/paper")).status_code == 200
    assert_error(await call(hub, "GET", "/api/maps/nowhere"), 404, "not_found")
    assert [row["root"] for row in (await call(hub, "GET", "/api/instruments")).json()["items"]] == ["MES", "EURUSD"]


BAD_BODIES = {
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "NaN": b'{"id": NaN}',
    "too large a number": b'{"id": 1e999}',
    "a key twice": b'{"id": "a", "id": "b"}',
    "not UTF-8": b'{"id": "\xff"}',
    "too deep": b'{"a":' * 30 + b"1" + b"}" * 30,
    "deep enough to hurt": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_an_unreadable_body_is_400(hub: FakeHub, name: str) -> None:
    async with hub.visitor("admin") as client:
        answer = await client.post("/api/accounts", content=BAD_BODIES[name])
    assert_error(answer, 400, "unreadable")
    assert len(hub.accounts.table) == 1


async def test_a_body_of_another_type_is_415_and_a_huge_one_413(hub: FakeHub) -> None:
    async with hub.visitor("admin") as client:
        form = await client.post("/api/accounts", data={"id": "paper:x"})
        huge = await client.post("/api/accounts", content=b'{"a": "' + b"x" * 2_000_000 + b'"}')
    assert_error(form, 415, "unsupported_media_type", "content-type")
    assert_error(huge, 413, "too_large")


async def test_got_is_cut_to_64_characters(hub: FakeHub) -> None:
    answer = await call(hub, "PUT", "/api/strategies/momentum", {"name": "momentum", "max_age_s": "x" * 500})
    assert_error(answer, 422, "invalid", "max_age_s")
    assert answer.json()["got"] == "x" * 64


ABSENT = (
    *("/api/copier/groups", "/api/risk/limits", "/api/exposure", "/api/journal/trades", "/api/analytics/summary"),
    *("/api/reconciliation", "/api/channels", "/api/signals/", "/api", "/api/nothing", "/schema"),
)


@pytest.mark.parametrize("path", [path for path in ABSENT if path != "/api/signals/"])
async def test_what_does_not_exist_yet_is_404(hub: FakeHub, path: str) -> None:
    assert_error(await call(hub, "GET", path), 404, "not_found")


async def test_another_method_is_405_with_the_ones_that_are_allowed(hub: FakeHub) -> None:
    answer = await call(hub, "DELETE", "/api/signals")
    assert_error(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD"
    answer = await call(hub, "PATCH", "/api/strategies/momentum")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT"


async def test_head_is_a_get_without_its_body(hub: FakeHub) -> None:
    answer = await call(hub, "HEAD", "/api/signals")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_fault_of_ours_tells_an_id_and_nothing_else(hub: FakeHub, caplog: pytest.LogCaptureFixture) -> None:
    del hub.told["gate"]
    hub.positions.table = [{"id": "P1", "secret": "hunter2"}]
    answer = await call(hub, "GET", "/metrics")
    assert_error(answer, 500, "internal")
    error_id = answer.json()["advice"].split("see ")[1].split(" ")[0]
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert error_id in caplog.text
    assert "KeyError" in caplog.text


async def test_the_schema_names_every_call_and_only_those(hub: FakeHub) -> None:
    schema = (await call(hub, "GET", "/schema/openapi.json")).json()
    assert schema["openapi"] == "3.1.0"
    described = {(method, path) for path, item in schema["paths"].items() for method in item}
    assert ("post", "/api/positions/{position_id}/close") in described
    assert ("get", "/api/signals/{signal_id}") in described
    assert not [
        path for _, path in described if any(word in path for word in ("copier", "risk", "journal", "channels"))
    ]
    assert all(path.startswith(("/api/", "/metrics", "/schema/")) for _, path in described)
    operation = schema["paths"]["/api/orders"]["get"]
    assert {one["name"] for one in operation["parameters"]} >= {"limit", "cursor", "since", "until", "signal_id"}
    references = {text.split('"')[0] for text in json.dumps(schema).split("#/components/schemas/")[1:]}
    assert references <= set(schema["components"]["schemas"])


async def test_metrics_are_in_the_format_of_prometheus(hub: FakeHub) -> None:
    hub.kill.gates["global"] = {"scope": "global", "gate": "reduce_only"}
    text = (await call(hub, "GET", "/metrics")).text
    assert 'tradershub_platform_up{platform="paper"} 1.0' in text
    assert 'tradershub_gate{scope="global"} 1.0' in text
