"""Every page comes up, empty and full, with what the API says, and survives hostile text."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests.web.fake_hub import FakeHub, Person
from tests.web.fake_rows import AT, AT_TEXT, a_position, a_refusal, a_route, a_signal, a_strategy, an_account, an_order
from tests.web.fakes import FakeViews
from tradershub.ports.settings import StoredSecret

QUIET = ("/settings", "/strategies/new")
"""Pages that show no text from outside."""
HOSTILE = "<script>alert(1)</script>{{7*7}}\u202e'\""
PAGES = (
    *("/", "/platforms", "/strategies", "/strategies/new", "/strategies/momentum", "/positions", "/signals"),
    *("/signals/rows", "/settings", "/stop"),
)


def fill(hub: FakeHub, text: str = "momentum") -> None:
    """Put something of everything behind the pages; `text` stands wherever a text may come from outside."""
    hub.strategies.table["momentum"] = a_strategy(category=text, routes=[a_route()], timeframes=[text])
    hub.accounts.table["paper:main"] = an_account(label=text)
    hub.platforms.table["nt8"] |= {"last_error": {"message": text, "at": AT_TEXT}, "enabled": True, "state": "down"}
    hub.positions.table = [a_position(strategy=text), a_position("P2", strategy=None, mark=None, unrealised=None)]
    gate = {"scope": "account:paper:main", "gate": "reduce_only", "level": "stop", "set_by": "admin", "at": AT_TEXT}
    hub.kill.gates["account:paper:main"] = {**gate, "reason": text}
    fill_history(hub.views, text)
    hub.views.unknown_rows = [
        {
            "name": text,
            "signals": 3,
            "source": "tradingview",
            "symbols": [text],
            "first_at": AT_TEXT,
            "last_at": AT_TEXT,
            "signal_id": "S2",
        }
    ]
    hub.views.figure_row = {
        "net": {"USD": "-12.5"},
        "platforms": {"paper": {"orders": 7, "filled": 5, "rejected": 1, "ack_p50_ms": "1.5", "ack_p99_ms": "9"}},
        "sources": {"tradingview": {"accepted": 11, "blocked": 2, "refused": 1, "last_message_at": AT_TEXT}},
        "strategies": {"momentum": {"signals": 11, "last_at": AT_TEXT}},
    }


def fill_history(views: FakeViews, text: str) -> None:
    reason = {"code": "unknown_strategy", "message": text, "rule": None, "numbers": None}
    views.signal_rows = [
        a_signal("S2", status="blocked", reason=reason, strategy=text, symbol=None, symbol_as_written=text),
        a_signal("S1", comment=text, orders=[an_order()]),
    ]
    views.order_rows = [an_order("THWORKING", state="accepted", order_type="limit", limit_price="5999.25")]
    views.refused_rows = [a_refusal(got=text, raw=text, reason={"code": "missing", "message": text})]
    views.trade_rows = [{"account": "paper:main", "net": "-12.5", "currency": "USD"}]
    trace = {
        "received_at": AT_TEXT,
        "stages_us": {"parsed": 100, "planned": 200, "stored": 1200, "answered": 1300},
        "accounts": [{"account": "paper:main", "stages_us": {"sent": 1250, "acknowledged": 2000, "filled": None}}],
    }
    beside = {"raw": text, "transport": "http", "peer": "127.0.0.1", "ignored": [text], "rounded": [], "notes": [text]}
    fact = {"at": AT_TEXT, "kind": "accepted", "note": text}
    orders = [an_order(facts=[fact])]
    views.details["S1"] = {"signal": a_signal(comment=text), "orders": orders, "trace": trace, **beside}
    blocked = an_order(state="blocked", reason=reason)
    signal = a_signal("S2", status="blocked", reason=reason)
    views.details["S2"] = {"signal": signal, "orders": [blocked], "trace": None, **beside}


def a_secret() -> StoredSecret:
    return StoredSecret(
        secret_id="x", source="tradingview", strategy=None, hashed=b"x", sealed=None, created_at=AT, expires_at=None
    )


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def full(hub: FakeHub) -> FakeHub:
    fill(hub)
    return hub


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_an_empty_hub_comes_up(hub: FakeHub, path: str) -> None:
    async with hub.person() as person:
        answer = await person.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGES, "/signals/S1", "/signals/S2", "/signals/refused/1"])
async def test_hostile_text_stays_text_on_every_page(hub: FakeHub, path: str) -> None:
    fill(hub, HOSTILE)
    async with hub.person() as person:
        answer = await person.get(path)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    if path not in QUIET:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in answer.text


async def test_home_shows_what_needs_attention_first(full: FakeHub) -> None:
    full.told["in_doubt"] = 2
    alarm = {"at": AT_TEXT, "kind": "entry_missed", "severity": "alarm", "message": "entry missed", "subject": None}
    full.views.notice_rows = [alarm, {**alarm, "kind": "gate_set", "message": "an old gate"}]
    async with full.person() as person:
        text = (await person.get("/")).text
    assert "an old gate" not in text
    for words in (
        "entry missed",
        "nt8 is down",
        "2 orders in doubt",
        "1 positions from outside the hub",
        "account:paper:main",
    ):
        assert words in text
    assert text.index("nt8 is down") < text.index("from outside the hub")


async def test_the_day_is_what_trades_brought_and_what_is_open(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/")).text
        status = (await person.get("/positions")).text.split('data-live="status:day_pnl"')[0].rsplit("<span", 1)[1]
    assert "\u22122.50\u00a0USD" in text
    assert 'data-value="-2.5"' in status


async def test_home_counts_by_source(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/")).text
    counts = [text.split(f'data-label="{name}">')[1].split("<")[0] for name in ("Accepted", "Blocked", "Refused")]
    assert counts == ["11", "2", "1"]


async def test_the_checklist_goes_when_everything_is_done(full: FakeHub) -> None:
    async with full.person() as person:
        assert "From here to the first order" in (await person.get("/")).text
        full.settings.secret_rows["x"] = a_secret()
        full.change_user(totp_sealed=b"sealed")
        assert "From here to the first order" not in (await person.get("/")).text


async def test_a_positions_page_shows_the_numbers_of_the_api(full: FakeHub) -> None:
    async with full.person() as person:
        api = (await person.client.get("/api/positions")).json()["items"]
        text = (await person.get("/positions")).text
    assert [row["id"] for row in api] == ["P1", "P2"]
    for row in api:
        assert f'data-row="position:{row["id"]}"' in text
    assert "6,001.25" in text
    assert "THWORKING" in text or "5,999.25" in text


async def test_positions_are_filtered_by_the_query(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/positions", account="paper:none")).text
        assert 'data-row="position:' not in text
        assert (await person.get("/positions", accounts="x")).status_code == 422


async def test_the_log_mixes_signals_and_refused_messages_newest_first(hub: FakeHub) -> None:
    times = {name: f"2026-11-22T14:{minute}:00.000000Z" for name, minute in (("S1", 10), ("R1", 20), ("S2", 30))}
    hub.views.signal_rows = [a_signal("S2", received_at=times["S2"]), a_signal("S1", received_at=times["S1"])]
    hub.views.refused_rows = [a_refusal(received_at=times["R1"])]
    async with hub.person() as person:
        text = (await person.get("/signals")).text
        assert text.index('id="signal-S2"') < text.index('id="signal-1"') < text.index('id="signal-S1"')
        refused = (await person.get("/signals", state="refused")).text
        assert "signal-1" in refused
        assert "signal-S1" not in refused
        assert "signal-1" not in (await person.get("/signals", state="accepted")).text


async def test_older_signals_lose_none_of_a_message_at_the_edge_of_a_page(hub: FakeHub) -> None:
    """Signals of one message came at the same instant: the page ends before them, not between them."""
    rows = [a_signal(f"S{n}", received_at=f"2026-11-22T14:{59 - n // 2:02d}:00.000000Z") for n in range(101)]
    hub.views.signal_rows = rows
    async with hub.person() as person:
        text = (await person.get("/signals")).text
    shown = [row["signal_id"] for row in rows if f'id="signal-{row["signal_id"]}"' in text]
    assert len(shown) == 50
    assert "cursor=2026-11-22T14%3A35%3A00.000000Z" in text


async def test_only_newer_rows_are_sent_to_a_page_that_is_open(full: FakeHub) -> None:
    async with full.person() as person:
        everything = (await person.get("/signals/rows")).text
        newer = (await person.get("/signals/rows", after="S1")).text
    assert "signal-S1" in everything
    assert "signal-S2" in newer
    assert "signal-S1" not in newer
    assert "<html" not in newer


async def test_a_signal_page_shows_trace_orders_and_message(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/signals/S1")).text
        assert "1.30" in text
        assert "TH234567ABCDEF" in text
        assert (await person.get("/signals/S9")).status_code == 404
        assert (await person.get("/signals/refused/9")).status_code == 404


async def test_a_blocked_order_is_shown_with_its_rule(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/signals/S2")).text
    assert "unknown strategy" in text


async def test_the_stop_page_does_not_wait_for_a_store_that_hangs(full: FakeHub) -> None:
    full.views.hangs = True
    async with full.person() as person:
        async with asyncio.timeout(3):
            text = (await person.get("/stop")).text
            answer = await person.post("/stop", level="stop", scope="global")
    assert "Not known" in text
    assert "Nothing open" not in text
    assert answer.status_code == 303
    assert "global" in full.kill.gates


async def test_the_stop_page_is_small_and_stands_alone(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/stop")).text
    assert len(text) < 30_000
    assert "tabler" not in text


async def test_unknown_names_are_offered_for_adoption(full: FakeHub) -> None:
    async with full.person() as person:
        text = (await person.get("/strategies")).text
        assert "/strategies/new?name=momentum" in text
        assert 'value="adopted"' in (await person.get("/strategies/new", name="adopted")).text


async def test_a_page_that_is_not_there_says_so_in_the_frame(hub: FakeHub) -> None:
    async with hub.person() as person:
        answer = await person.get("/nowhere")
        assert answer.status_code == 404
        assert "Sign out" in answer.text
    async with hub.visitor() as client:
        answer = await Person(client).get("/nowhere")
    assert answer.status_code == 404
    assert "Sign out" not in answer.text


async def test_a_broken_page_shows_an_id_and_no_trace_of_the_code(
    hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.views.unknown_rows = [{"secret": "hunter2"}]
    async with hub.person() as person:
        answer = await person.get("/strategies")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    error_id = answer.text.split("Trace <code>")[1].split("<")[0]
    assert error_id in caplog.text


async def test_a_page_has_no_inline_script_or_style(full: FakeHub) -> None:
    async with full.person() as person:
        for path in PAGES:
            text = (await person.get(path)).text
            assert "<style" not in text
            assert " style=" not in text
            assert "<script>" not in text
            assert " onclick=" not in text


async def test_static_files_are_packed_and_kept(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        kept = await client.get("/static/css/app.css?v=abc", headers={"accept-encoding": "gzip"})
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert kept.headers["content-encoding"] == "gzip"
        assert kept.headers["vary"] == "accept-encoding"
        plain = await client.get("/static/css/app.css", headers={"accept-encoding": "identity"})
        assert plain.headers["cache-control"] == "no-cache"
        assert "content-encoding" not in plain.headers
        assert plain.content == kept.content
        assert len(gzip.compress(plain.content)) < len(plain.content)


@pytest.mark.parametrize(
    "name", ["../framework.py", "..%2fframework.py", "css/../../auth.py", "%2e%2e/auth.py", "", "css"]
)
async def test_only_files_of_the_static_folder_are_served(hub: FakeHub, name: str) -> None:
    async with hub.visitor() as client:
        answer = await client.get(f"/static/{name}")
    assert answer.status_code == 404
