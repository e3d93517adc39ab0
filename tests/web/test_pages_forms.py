"""What the forms of the pages do: the same calls as the API, a message after it, and mistakes beside their fields."""

from __future__ import annotations

import html
from urllib.parse import quote

import pyotp
import pytest

from tests.web.fake_hub import PASSWORD, FakeHub, Person
from tests.web.fake_rows import a_platform, a_position, a_route, a_strategy, an_account

STRATEGY = {
    "name": "breakout",
    "status": "testing",
    "category": "index",
    "instruments": "MES, MNQ",
    "timeframes": "5m",
    "platforms": ["paper"],
    "default_quantity": "2",
    "default_stop_loss": "10 ticks",
    "default_take_profit": "0.5 %",
    "require_stop": "true",
    "max_age_s": "15",
    "exit_max_age_s": "300",
    "allow_order_type": "true",
    "on_mismatch": "block",
    "opposite": "reverse",
    "routes-0-account": "paper:main",
    "routes-0-sizing_kind": "multiplier",
    "routes-0-sizing_value": "0.5",
    "routes-0-max_quantity": "3",
    "routes-0-directions": ["long"],
    "routes-0-enabled": "true",
    "routes-3-account": "",
    "routes-3-sizing_kind": "fixed",
}


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def flashed(person: Person, path: str) -> str:
    """Return the page's text without its entities, flashes included."""
    return html.unescape((await person.get(path)).text)


async def test_signing_in_by_the_form_leads_to_the_page_that_was_wanted(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        person = Person(client)
        page = await person.get("/login", next="/strategies/a%23b")
        assert 'name="next" value="/strategies/a%23b"' in page.text
        answer = await person.post("/login", username="admin", password=PASSWORD, next="/strategies/a%23b")
        assert (answer.status_code, answer.headers["location"]) == (303, "/strategies/a%23b")
        assert (await person.get("/login")).headers["location"] == "/"


ELSEWHERE = (
    *("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/\x00", "/é"),
    *("/login", "/logout", "/" + "x" * 600, "http:/evil.example"),
)


@pytest.mark.parametrize("target", ELSEWHERE)
async def test_signing_in_never_leads_elsewhere(hub: FakeHub, target: str) -> None:
    async with hub.visitor() as client:
        person = Person(client)
        assert 'name="next"' not in (await person.get("/login", next=target)).text
        answer = await person.post("/login", username="admin", password=PASSWORD, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_wrong_password_is_shown_on_the_form(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        answer = await Person(client).post("/login", username="<b>admin", password="wrong password")
    assert answer.status_code == 422
    assert "User name or password is wrong." in answer.text
    assert "wrong password" not in answer.text.replace("password is wrong", "")
    assert 'value="&lt;b&gt;admin"' in answer.text


async def test_the_form_says_how_long_to_wait(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        person = Person(client)
        for _ in range(6):
            answer = await person.post("/login", username="admin", password="wrong")
    assert answer.status_code == 429
    assert f"Try again in {answer.headers['retry-after']} s" in answer.text


async def test_a_form_without_its_token_changes_nothing(hub: FakeHub) -> None:
    async with hub.person() as person:
        person.form_token = "wrong"
        answer = await person.post("/stop", level="stop", scope="global")
    assert answer.status_code == 403
    assert "reload the page" in answer.text
    assert hub.kill.gates == {}


async def test_a_strategy_is_created_from_the_form(hub: FakeHub) -> None:
    async with hub.person() as person:
        answer = await person.post("/strategies", **STRATEGY)
        assert (answer.status_code, answer.headers["location"]) == (303, "/strategies")
        assert "Strategy breakout is there" in await flashed(person, "/strategies")
        assert "Strategy breakout is there" not in await flashed(person, "/strategies")
    row = hub.strategies.table["breakout"]
    assert row["instruments"] == ["MES", "MNQ"]
    assert row["platforms"] == ["paper"]
    assert row["defaults"] == {
        "quantity": "2",
        "stop_loss": {"value": "10", "unit": "ticks"},
        "take_profit": {"value": "0.5", "unit": "percent"},
    }
    assert (row["require_stop"], row["max_age_s"], row["opposite"]) == (True, 15, "reverse")
    assert row["allow"] == {"accounts": False, "flatten": False, "order_type": True, "stops": False}
    sizing = {"kind": "multiplier", "value": "0.5"}
    assert row["routes"] == [a_route(sizing=sizing, max_quantity="3", directions=["long"])]
    assert hub.strategies.asked_by == ["admin"]


async def test_what_the_form_does_not_show_is_kept(hub: FakeHub) -> None:
    window = {"days": ["mon"], "from": "09:30", "to": "16:00", "zone": "America/New_York", "close_at_end": False}
    kept = a_route(instruments=["MES"], windows=[window])
    hub.strategies.table["breakout"] = a_strategy(
        "breakout", paused=True, windows=[window], routes=[kept], status="live"
    )
    async with hub.person() as person:
        answer = await person.post("/strategies/breakout", **STRATEGY)
        assert answer.headers["location"] == "/strategies/breakout"
    row = hub.strategies.table["breakout"]
    assert (row["paused"], row["windows"], row["status"]) == (True, [window], "live")
    assert (row["routes"][0]["instruments"], row["routes"][0]["windows"]) == (["MES"], [window])
    assert row["routes"][0]["max_quantity"] == "3"


MISTAKES = {
    "max_age_s": ("soon", "s-age-error"),
    "default_stop_loss": ("ten ticks", "s-stop-error"),
    "name": ("momentum", "s-name-error"),
}


@pytest.mark.parametrize("field", MISTAKES)
async def test_a_mistake_is_shown_beside_its_field_with_all_that_was_typed(hub: FakeHub, field: str) -> None:
    typed, place = MISTAKES[field]
    async with hub.person() as person:
        answer = await person.post("/strategies", **{**STRATEGY, field: typed})
    assert answer.status_code == 422
    assert f'id="{place}"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert 'value="MES, MNQ"' in answer.text
    assert 'value="0.5 %"' in answer.text
    assert list(hub.strategies.table) == ["momentum"]


async def test_going_live_asks_for_the_typed_name(hub: FakeHub) -> None:
    async with hub.person() as person:
        asked = await person.post("/strategies/momentum/status", status="live")
        assert asked.status_code == 422
        assert "Take" in asked.text
        wrong = await person.post("/strategies/momentum/status", status="live", confirm="Momentum")
        assert 'id="confirm-error"' in wrong.text
        assert hub.strategies.table["momentum"]["status"] == "testing"
        done = await person.post("/strategies/momentum/status", status="live", confirm="momentum")
        assert done.status_code == 303
    assert hub.strategies.table["momentum"]["status"] == "live"


async def test_a_strategy_is_paused_and_deleted(hub: FakeHub) -> None:
    name = "odd #1 (a.b)"
    hub.strategies.table[name] = a_strategy(name)
    at = f"/strategies/{quote(name, safe='')}"
    async with hub.person() as person:
        assert (await person.get(at)).status_code == 200
        await person.post(f"{at}/pause", paused="true")
        assert hub.strategies.table[name]["paused"] is True
        answer = await person.post(f"{at}/delete", confirm="odd")
        assert answer.headers["location"] == at
        assert name in hub.strategies.table
        await person.post(f"{at}/delete", confirm=name)
    assert name not in hub.strategies.table


async def test_a_platform_is_toggled_and_configured(hub: FakeHub) -> None:
    async with hub.person() as person:
        await person.post("/platforms/paper/toggle", enabled="false")
        assert hub.platforms.table["paper"]["enabled"] is False
        assert "Paper is disabled" in await flashed(person, "/platforms")
        await person.post("/platforms/paper/config", latency_ms="25", licence_key="")
    assert hub.platforms.table["paper"]["config"] == {"latency_ms": "25", "partial_fills": False}


async def test_a_platform_with_a_live_account_needs_its_name_to_be_typed(hub: FakeHub) -> None:
    hub.platforms.table["nt8"] = a_platform("nt8", enabled=False, state="disabled")
    hub.accounts.table["nt8:Live1"] = an_account("nt8:Live1", mode="live")
    async with hub.person() as person:
        await person.post("/platforms/nt8/toggle", enabled="true", confirm="yes")
        assert hub.platforms.table["nt8"]["enabled"] is False
        await person.post("/platforms/nt8/toggle", enabled="true", confirm="nt8")
    assert hub.platforms.table["nt8"]["enabled"] is True


async def test_an_account_is_added_and_switched_off(hub: FakeHub) -> None:
    async with hub.person() as person:
        fields = {"name": "two", "label": "Two", "mode": "paper", "currency": "EUR", "starting_balance": "1000"}
        assert (await person.post("/platforms/paper/accounts", **fields)).status_code == 303
        assert hub.accounts.table["paper:two"] == an_account(
            "paper:two", label="Two", currency="EUR", starting_balance="1000"
        )
        again = await person.post("/platforms/paper/accounts", **fields)
        assert again.status_code == 422
        assert 'id="paper-account-error"' in again.text
        await person.post("/platforms/paper/accounts/two/toggle", enabled="false")
    assert hub.accounts.table["paper:two"]["enabled"] is False


async def test_a_live_account_needs_its_name_twice(hub: FakeHub) -> None:
    async with hub.person() as person:
        answer = await person.post("/platforms/paper/accounts", name="two", mode="live", confirm="")
    assert answer.status_code == 422
    assert list(hub.accounts.table) == ["paper:main"]


async def test_a_position_is_closed_once_however_often_the_button_is_pressed(hub: FakeHub) -> None:
    hub.positions.table = [a_position()]
    async with hub.person() as person:
        for _ in range(2):
            answer = await person.post("/positions/P1/close", quantity="1", idempotency_key="k1")
            assert (answer.status_code, answer.headers["location"]) == (303, "/positions")
        assert "Closing." in await flashed(person, "/positions")
    assert hub.positions.closed == [("P1", "1", "admin", "k1")]


async def test_a_refused_close_says_that_nothing_was_sent(hub: FakeHub) -> None:
    hub.positions.table = [a_position()]
    async with hub.person() as person:
        await person.post("/positions/P1/close", quantity="0", idempotency_key="k2")
        text = await flashed(person, "/positions")
    assert "Nothing was sent" in text
    assert "above zero" in text
    assert hub.positions.closed == []


async def test_stop_takes_one_press_and_re_arming_takes_words(hub: FakeHub) -> None:
    async with hub.person() as person:
        answer = await person.post("/stop", level="stop", scope="global", reason="news")
        assert (answer.status_code, answer.headers["location"]) == (303, "/stop")
        assert hub.kill.gates["global"]["reason"] == "news"
        assert "reduce only" in (await person.get("/stop")).text
        refused = await person.post("/stop/rearm", scope="global", reason="done", confirm="")
        assert refused.status_code == 422
        assert 'id="rearm-confirm-error"' in refused.text
        assert 'value="done"' in refused.text
        assert (await person.post("/stop/rearm", scope="global", reason="done", confirm="re-arm")).status_code == 303
    assert hub.kill.gates == {}


async def test_re_arming_with_a_live_account_in_scope_needs_the_second_factor(hub: FakeHub) -> None:
    hub.kill.has_live = True
    async with hub.person() as person:
        await person.post("/stop", level="stop", scope="global")
        answer = await person.post("/stop/rearm", scope="global", reason="done", confirm="re-arm")
        assert answer.status_code == 422
    assert "global" in hub.kill.gates


async def test_a_source_is_saved_from_the_form(hub: FakeHub) -> None:
    fields = {
        "enabled": "true",
        "dialects": "native, tradingview",
        "auth": "secret",
        "zone": "America/New_York",
        "default_strategy": "",
        "default_symbol": "MES",
        "dedupe_window_s": "30",
        "max_ahead_s": "5",
        "addresses": "",
    }
    async with hub.person() as person:
        assert (await person.post("/settings/sources/tradingview", **fields)).status_code == 303
        bad = await person.post("/settings/sources/tradingview", **{**fields, "max_ahead_s": "x"})
        assert bad.status_code == 422
        assert 'id="source-tradingview-ahead-error"' in bad.text
    row = hub.sources.table["tradingview"]
    assert row["dialects"] == ["native", "tradingview"]
    assert (row["path_token"], row["default_strategy"], row["dedupe_window_s"]) == (False, None, 30)


async def test_a_new_secret_and_a_new_token_are_shown_on_one_page_only(hub: FakeHub) -> None:
    async with hub.person() as person:
        await person.post("/settings/sources/tradingview/rotate")
        await person.post("/settings/tokens", name="bot", scopes=["read", "trade"])
        first = (await person.get("/settings")).text
        second = (await person.get("/settings")).text
    assert "once-only-secret-of-32-characters" in first
    assert "Bearer" in first
    assert "once-only-secret" not in second
    assert "Bearer" not in second
    assert [row.scope for row in hub.settings.token_rows.values()][-1] == "read trade"


async def test_the_second_factor_is_switched_on_and_off_at_the_page(hub: FakeHub) -> None:
    async with hub.person() as person:
        await person.post("/settings/totp")
        session = next(iter(hub.web.services.people.sessions._sessions.values()))
        secret = session.enrolling
        assert secret is not None
        assert secret in (await person.get("/settings")).text
        wrong = await person.post("/settings/totp", code="000000")
        assert wrong.status_code == 422
        code = pyotp.TOTP(secret).at(hub.clock.now() // 10**9)
        assert (await person.post("/settings/totp", code=code)).status_code == 303
        shown = (await person.get("/settings")).text
        assert "Recovery codes" in shown
        assert secret not in shown
        refused = await person.post("/settings/totp/disable", password="wrong", totp="1")
        assert refused.status_code == 422
        hub.clock.move(30)
        code = pyotp.TOTP(secret).at(hub.clock.now() // 10**9)
        assert (await person.post("/settings/totp/disable", password=PASSWORD, totp=code)).status_code == 303
    assert hub.settings.user_rows["admin"].totp_sealed is None


async def test_other_sessions_are_ended_at_the_page(hub: FakeHub) -> None:
    async with hub.person() as one, hub.person() as other:
        await one.post("/settings/sessions/end")
        assert (await other.client.get("/api/signals")).status_code == 401
        assert (await one.client.get("/api/signals")).status_code == 200
