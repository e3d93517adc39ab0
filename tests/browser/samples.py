"""Sample contexts for every page, as the server would fill them: ordinary, empty, and as nasty as real messages get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]

HOSTILE_NAME = "Sixty-four_characters_of_a_name_without_any_space_in_it_at_all_X"
HOSTILE_TEXT = "\u202egnp.exe <script>alert(1)</script> & \"quoted\" 'text' " + "W" * 60


def at(now: datetime, **ago: float) -> str:
    return (now - timedelta(**ago)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def frame(now: datetime, page: str, **changes: Any) -> Row:
    status = {
        "mode": "paper",
        "gate": "active",
        "scoped_gates": 0,
        "platforms_up": 1,
        "platforms_enabled": 1,
        "day_pnl": "412.5",
        "currency": "USD",
        "day_pnl_partial": False,
        "open_positions": 3,
        "in_doubt": 0,
        "last_signal_at": at(now, seconds=12),
        "at": at(now),
    }
    return {
        "page": page,
        "user": {"name": "admin"},
        "csrf_token": "csrf",
        "demo": False,
        "version": "0.1.0",
        "now": at(now),
        "zone": None,
        "flashes": [],
        "status": status,
        "ticks": {"MESZ2026": "0.25", "MNQZ2026": "0.25", "6EZ2026": "0.00005", "XAUUSD": "0.01"},
    } | changes


def position(now: datetime, number: int, **changes: Any) -> Row:
    return {
        "id": f"pos{number}",
        "account": "paper:main",
        "platform": "paper",
        "strategy": "momentum",
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "side": "long",
        "quantity": "2",
        "hub_quantity": "2",
        "average_price": "6012.25",
        "mark": "6018.5",
        "unrealised": "62.5",
        "currency": "USD",
        "stop_loss": "6002",
        "take_profit": "6032.5",
        "opened_at": at(now, minutes=14),
        "as_of": at(now),
        "external": False,
    } | changes


def positions(now: datetime) -> list[Row]:
    return [
        position(now, 1),
        position(
            now,
            2,
            account="paper:swing",
            symbol="MNQZ2026",
            platform_symbol="MNQZ2026",
            side="short",
            quantity="1",
            average_price="21480",
            mark="21512.75",
            unrealised="-65.5",
            strategy="mean reversion",
            stop_loss="21560",
            take_profit=None,
            opened_at=at(now, hours=3),
            as_of=at(now, seconds=11),
        ),
        position(
            now,
            3,
            symbol="6EZ2026",
            platform_symbol="6E 12-26",
            average_price="1.1734",
            mark=None,
            unrealised=None,
            strategy=None,
            stop_loss=None,
            take_profit=None,
            external=True,
            as_of=at(now, minutes=2),
        ),
    ]


def order(now: datetime, number: int, **changes: Any) -> Row:
    return {
        "order_id": f"TH{number:02d}K4ZQ7MWXYAB"[:14],
        "signal_id": "sig-0142",
        "cause": "signal",
        "strategy": "momentum",
        "account": "paper:main",
        "platform": "paper",
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "side": "buy",
        "quantity": "2",
        "hub_quantity": "2",
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "stop_loss": "6002",
        "take_profit": "6032.5",
        "state": "filled",
        "filled": "2",
        "average_price": "6012.25",
        "reason": None,
        "conflict": False,
        "origin": "signal",
        "carrier": "api",
        "automated": True,
        "created_at": at(now, seconds=40),
        "facts": [
            {"at": at(now, seconds=40), "kind": "submitting"},
            {"at": at(now, seconds=39.99), "kind": "accepted", "platform_order_id": "P-100231"},
            {"at": at(now, seconds=39.9), "kind": "filled", "quantity": "2", "price": "6012.25"},
        ],
    } | changes


def signal(now: datetime, number: int, **changes: Any) -> Row:
    return {
        "signal_id": f"sig-{number:04d}",
        "refusal_id": None,
        "received_at": at(now, seconds=12 + 40 * (200 - number)),
        "status": "accepted",
        "reason": None,
        "source": "tradingview",
        "dialect": "native",
        "strategy": "momentum",
        "symbol": "MESZ2026",
        "symbol_as_written": "MES1!",
        "action": "buy",
        "quantity": {"value": "2", "kind": "units"},
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "stop_loss": {"value": "6002", "unit": "price", "trailing": False},
        "take_profit": [{"value": "80", "unit": "ticks", "trailing": False}],
        "time_in_force": "day",
        "target_position": None,
        "position_before": "0",
        "position_after": "2",
        "close_side": None,
        "signal_price": "6012",
        "sent_at": at(now, seconds=13),
        "timeframe": "5m",
        "message_id": "tv-88412",
        "comment": "breakout",
        "accounts": None,
        "orders": [order(now, number % 90)],
    } | changes


def signals(now: datetime) -> list[Row]:
    two = [order(now, 3), order(now, 4, account="paper:swing", state="accepted", filled="0", average_price=None)]
    return [
        signal(now, 200, orders=two),
        signal(
            now,
            199,
            action="close",
            quantity=None,
            status="blocked",
            orders=[],
            reason={"code": "nothing_to_close", "message": "momentum has no open position in MESZ2026"},
        ),
        signal(
            now,
            198,
            action="sell",
            strategy="mean reversion",
            symbol="MNQZ2026",
            symbol_as_written="MNQ1!",
            orders=[order(now, 5, side="sell", symbol="MNQZ2026", state="rejected", filled="0", average_price=None)],
        ),
        signal(
            now,
            197,
            signal_id=None,
            refusal_id="ref-17",
            status="refused",
            orders=[],
            action=None,
            strategy=None,
            symbol=None,
            symbol_as_written=None,
            dialect=None,
            reason={"code": "unfilled_placeholder", "message": "quantity holds {{strategy.order.contracts}}"},
        ),
        signal(now, 196, status="duplicate", orders=[]),
        *(signal(now, number) for number in range(195, 184, -1)),
    ]


def platform(name: str, title: str, **changes: Any) -> Row:
    return {
        "name": name,
        "title": title,
        "installed": False,
        "enabled": False,
        "state": "not_installed",
        "accounts": [],
        "last_error": None,
        "config": {},
        "since": None,
        "latency": None,
        "orders": {"today": 0, "filled": 0, "rejected": 0, "in_doubt": 0, "working": 0},
        "advice": None,
        "settings": [],
        "account_modes": [],
    } | changes


def account(name: str, **changes: Any) -> Row:
    return {
        "id": name,
        "platform": name.split(":", 1)[0],
        "label": name.split(":", 1)[1],
        "mode": "paper",
        "enabled": True,
        "currency": "USD",
        "starting_balance": "50000",
        "session": {"zone": "America/New_York", "reset": "17:00"},
        "config": {},
        "reconciled": True,
    } | changes


def setting(name: str, label: str, kind: str, value: Any, **changes: Any) -> Row:
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "value": value,
        "choices": [],
        "unit": None,
        "help": None,
        "set": False,
    } | changes


def platforms(now: datetime) -> list[Row]:
    paper = platform(
        "paper",
        "Paper",
        installed=True,
        enabled=True,
        state="up",
        since=at(now, hours=5),
        latency={"p50_ms": "1.8", "p99_ms": "6.4", "count": 212},
        orders={"today": 212, "filled": 204, "rejected": 3, "in_doubt": 0, "working": 5},
        accounts=[account("paper:main"), account("paper:swing", label="Swing, one lot", reconciled=False)],
        settings=[
            setting("latency_ms", "Delay of a reply", "integer", "20", unit="ms"),
            setting("slippage_ticks", "Slippage", "decimal", "0.5", unit="ticks"),
            setting("commission", "Commission", "decimal", "0.62", unit="USD a side"),
            setting("reject_rate", "Share of rejects", "decimal", "0", help="0 to 1"),
            setting("partial_fills", "Fill in parts", "boolean", value=True),
            setting("seed", "Seed", "integer", "7", help="The same seed gives the same day."),
        ],
        account_modes=["paper"],
    )
    nt8 = platform(
        "nt8",
        "NinjaTrader 8",
        installed=True,
        state="disabled",
        last_error={"message": "nothing listens on 127.0.0.1:36973", "at": at(now, hours=2)},
        settings=[
            setting("link", "Link", "choice", "json_socket", choices=["json_socket"]),
            setting("host", "Host", "host", "127.0.0.1"),
            setting("port", "Port", "port", "36973"),
            setting("persistent", "Keep the connection", "boolean", value=True),
        ],
        accounts=[
            account("nt8:Sim101", mode="demo", reconciled=None),
            account("nt8:Live1", mode="live", enabled=False),
        ],
        account_modes=["demo", "live"],
    )
    absent = "Not part of this version yet. Its orders can't be routed."
    return [paper, nt8, platform("mt5", "MetaTrader 5", advice=absent), platform("ctrader", "cTrader", advice=absent)]


def strategy(name: str, **changes: Any) -> Row:
    return {
        "name": name,
        "category": "trend",
        "status": "testing",
        "paused": False,
        "instruments": ["MES", "MNQ"],
        "timeframes": ["5m"],
        "platforms": ["paper"],
        "defaults": {
            "quantity": "1",
            "stop_loss": {"value": "40", "unit": "ticks", "trailing": False},
            "take_profit": None,
        },
        "require_stop": True,
        "max_age_s": 30,
        "exit_max_age_s": 300,
        "allow": {"accounts": False, "flatten": False, "order_type": True, "stops": True},
        "on_mismatch": "block",
        "opposite": "net",
        "windows": [],
        "routes": [route("paper:main"), route("paper:swing")],
        "signals_today": 14,
        "last_signal_at": None,
    } | changes


def route(account_id: str) -> Row:
    return {
        "account": account_id,
        "sizing": {"kind": "as_signalled", "value": "1"},
        "max_quantity": "5",
        "directions": ["long", "short"],
        "instruments": [],
        "windows": [],
        "enabled": True,
    }


WEBHOOK = "http://127.0.0.1:8787/tradingview-webhook"
CURL = (
    f"curl -H 'Content-Type: application/json' {WEBHOOK} -d "
    '\'{"secret":"YOUR_SECRET","strategy_name":"momentum","symbol":"MES","action":"buy","quantity":"1","price":"6012.25"}\''
)


def setup(*, done: int) -> Row:
    return {
        "complete": done >= 5,
        "source": {
            "done": done > 0,
            "name": "tradingview",
            "webhook_url": WEBHOOK,
            "curl": CURL,
            "secret_masked": True,
        },
        "platform": {"done": done > 1, "name": "paper" if done > 1 else None},
        "strategy": {"done": done > 2, "name": "momentum" if done > 2 else None},
        "signal": {"done": done > 3, "signal_id": "sig-0001" if done > 3 else None},
        "second_factor": {"done": done > 4},
    }


def home(now: datetime) -> Row:
    day = {"label": "main", "mode": "paper", "currency": "USD", "as_of": at(now), "balance": "50350"}
    return {
        "setup": setup(done=5),
        "attention": [
            {
                "severity": "warning",
                "message": "Unknown strategy \u201cscalper v2\u201d sent 4 signals.",
                "advice": "They were stored and blocked.",
                "href": "/strategies",
            }
        ],
        "days": [
            day
            | {"account": "paper:main", "realised": "350", "unrealised": "62.5", "total": "412.5", "partial": False},
            day | {"account": "paper:swing", "realised": "-20", "unrealised": None, "total": "-20", "partial": True},
        ],
        "positions": positions(now),
        "recent": signals(now)[:8],
        "platforms": platforms(now),
        "sources": [
            {
                "name": "tradingview",
                "enabled": True,
                "last_message_at": at(now, seconds=12),
                "accepted": 41,
                "blocked": 3,
                "refused": 1,
            },
            {"name": "native", "enabled": True, "last_message_at": None, "accepted": 0, "blocked": 0, "refused": 0},
        ],
    }


def empty_home() -> Row:
    return {
        "setup": setup(done=2),
        "attention": [],
        "days": [],
        "positions": [],
        "recent": [],
        "platforms": [],
        "sources": [],
    }


def positions_page(now: datetime, **changes: Any) -> Row:
    return {
        "positions": positions(now),
        "totals": [{"currency": "USD", "unrealised": "-3", "partial": True}],
        "orders": [
            order(now, 11, order_type="limit", limit_price="6004.5", state="accepted", filled="0", average_price=None),
            order(
                now,
                12,
                order_type="stop",
                stop_price="6002",
                state="accepted",
                filled="0",
                side="sell",
                origin="protector",
                signal_id=None,
            ),
            order(now, 13, state="in_doubt", filled="0", account="paper:swing", conflict=True),
        ],
        "checked": {"accounts": 3, "at": at(now, seconds=2)},
        "filters": {"account": "", "platform": "", "strategy": "", "symbol": ""},
        "choices": {"accounts": ["paper:main", "paper:swing"], "strategies": ["momentum", "mean reversion"]},
    } | changes


def log_page(now: datetime, **changes: Any) -> Row:
    return {
        "signals": signals(now),
        "next": "abc",
        "filters": {"text": "", "state": "", "strategy": "", "source": ""},
        "choices": {"strategies": ["momentum"], "sources": ["tradingview", "native"]},
        "filtered": False,
        "webhook": {"url": WEBHOOK, "curl": CURL},
    } | changes


def detail(now: datetime, **changes: Any) -> Row:
    return {
        "signal": signal(now, 200),
        "orders": [order(now, 3), order(now, 4, account="paper:swing", state="partially_filled", filled="1", facts=[])],
        "trace": {
            "received_at": at(now, seconds=12),
            "stages_us": {"parsed": 142, "planned": 391, "stored": 1720, "answered": 1885},
            "accounts": [
                {"account": "paper:main", "stages_us": {"sent": 1902, "acknowledged": 21_300, "filled": 24_410}},
                {"account": "paper:swing", "stages_us": {"sent": 2240, "acknowledged": 22_900, "filled": None}},
            ],
        },
        "decisions": [
            {"account": "paper:main", "verdict": "send", "rule": None, "message": None, "numbers": None},
            {"account": "paper:swing", "verdict": "send", "rule": None, "message": None, "numbers": None},
            {
                "account": "nt8:Sim101",
                "verdict": "block",
                "rule": "max_order_quantity",
                "message": "2 is more than the limit of 1",
                "numbers": {"limit": "1", "wanted": "2"},
            },
        ],
        "message": {
            "transport": "http",
            "content_type": "application/json",
            "body": '{"secret":"***","strategy_name":"momentum","symbol":"MES1!","action":"buy","quantity":"2"}',
            "truncated": False,
            "redacted": True,
        },
        "answer": {"http": 202, "body": '{"signal_id":"sig-0200","status":"accepted"}'},
        "ignored": ["alert_id"],
        "rounded": [{"field": "stop_loss", "from": "6002.1", "to": "6002"}],
    } | changes


def strategies_page(now: datetime, **changes: Any) -> Row:
    return {
        "strategies": [
            strategy("momentum", status="live", last_signal_at=at(now, seconds=12)),
            strategy("mean reversion", paused=True, signals_today=3, last_signal_at=at(now, hours=2)),
            strategy("pairs", status="development", routes=[], instruments=[], category="", signals_today=0),
        ],
        "unknown": [
            {
                "name": "scalper v2",
                "seen": 4,
                "source": "tradingview",
                "symbols": ["MNQ1!", "MES1!"],
                "first_seen_at": at(now, hours=1),
                "last_seen_at": at(now, minutes=6),
                "signal_id": "sig-0177",
            }
        ],
        "accounts": [account("paper:main"), account("paper:swing")],
        "instruments": ["MES", "MNQ", "6E", "XAUUSD"],
        "platforms": ["paper", "nt8", "mt5", "ctrader"],
        "form": None,
        "confirm": None,
    } | changes


def source(name: str, **changes: Any) -> Row:
    return {
        "name": name,
        "enabled": True,
        "dialects": ["tradingview", "native"],
        "auth": "secret",
        "path_token": True,
        "zone": None,
        "default_strategy": None,
        "default_symbol": None,
        "dedupe_window_s": 20,
        "max_ahead_s": 10,
        "addresses": [],
        "webhook_url": f"http://127.0.0.1:8787/webhook/{name}",
        "path_token_url": f"http://127.0.0.1:8787/webhook/{name}/\u2026",
        "secret_set_at": None,
        "last_message_at": None,
    } | changes


def settings_page(now: datetime, **changes: Any) -> Row:
    return {
        "sources": [
            source("tradingview", secret_set_at=at(now, days=20), last_message_at=at(now, seconds=12)),
            source("native"),
        ],
        "new_secret": None,
        "tokens": [
            {
                "id": "t1",
                "name": "grafana",
                "scopes": ["read"],
                "created_at": at(now, days=9),
                "last_used_at": at(now, minutes=1),
            }
        ],
        "new_token": None,
        "profile": {"name": "admin", "totp": False, "recovery_left": None, "password_changed_at": None, "sessions": 2},
        "totp_setup": None,
        "recovery": None,
        "about": {
            "version": "0.1.0",
            "python": "3.11.9",
            "database": "SQLite 3.45",
            "data_folder": "/home/trader/.local/share/tradershub",
            "started_at": at(now, hours=5),
            "schema": "0001",
        },
        "licences": [{"name": "jinja2", "version": "3.1.6", "licence": "BSD-3-Clause"}],
        "form": None,
    } | changes


def gate(scope: str = "global", **changes: Any) -> Row:
    return {"scope": scope, "gate": "active", "level": None, "set_by": None, "reason": None, "at": None} | changes


def stop_page(now: datetime, **changes: Any) -> Row:
    return {
        "gates": [gate()],
        "accounts": [
            {
                "account": "paper:main",
                "label": "main",
                "mode": "paper",
                "positions": [{"symbol": "MESZ2026", "side": "long", "quantity": "2", "strategy": "momentum"}],
                "working": 2,
                "in_doubt": 0,
                "as_of": at(now, seconds=1),
                "known": True,
            }
        ],
        "scopes": [{"scope": "global", "label": "Everything"}, {"scope": "platform:paper", "label": "Platform paper"}],
        "needs_totp": True,
        "form": None,
        "live_stop": False,
    } | changes


def pages(now: datetime) -> dict[str, tuple[str, Row]]:
    """Return every sample by its address: template and complete context."""
    stopped = gate(gate="reduce_only", level="stop", set_by="admin", reason="news", at=at(now, minutes=3))
    stopped_frame = {"gate": "reduce_only", "scoped_gates": 1}
    create = {"mode": "create", "name": None, "data": strategy("", routes=[]), "errors": {}, "open": False}
    wrong = create | {
        "data": strategy("bad name!", status="testing"),
        "errors": {
            "name": "letters, digits and _ . ( ) # - only",
            "routes-0-sizing_value": "not a number",
            "default_stop_loss": "say a unit: 10 ticks",
        },
    }
    edit = {"mode": "edit", "name": "momentum", "data": strategy("momentum"), "errors": {}, "open": True}
    matrix = [[(x * y + x) % 3 == 0 for x in range(29)] for y in range(29)]

    def made(page: str, template: str, context: Row, **changes: Any) -> tuple[str, Row]:
        return template, frame(now, page, **changes) | context

    hurt = (
        frame(now, "home")["status"] | stopped_frame | {"mode": "live", "day_pnl": "-1240.5", "day_pnl_partial": True}
    )
    alert = {
        "kind": "error",
        "message": "The order was not sent: the link to NinjaTrader 8 is down. Nothing was closed.",
        "detail": "Close it on the platform, or try again when it is up.",
        "trace_id": "trc-4711",
        "href": "/platforms",
    }
    saved = {"kind": "success", "message": "Saved.", "detail": None, "trace_id": None, "href": None}
    hostile = signal(
        now,
        200,
        strategy=HOSTILE_NAME,
        comment=HOSTILE_TEXT,
        symbol=None,
        symbol_as_written=HOSTILE_TEXT,
        source="native",
    )
    return {
        "/": made("home", "home.html", home(now), demo=True),
        "/first-run": made("home", "home.html", empty_home() | {"platforms": platforms(now)}),
        "/trouble": made("home", "home.html", home(now), status=hurt, flashes=[alert, saved]),
        "/positions": made("positions", "positions.html", positions_page(now)),
        "/positions/flat": made("positions", "positions.html", positions_page(now, positions=[], orders=[], totals=[])),
        "/positions/long": made(
            "positions",
            "positions.html",
            positions_page(now, positions=[position(now, 1, strategy=HOSTILE_NAME, account="paper:" + "x" * 48)]),
        ),
        "/signals": made("signals", "signals.html", log_page(now)),
        "/signals/empty": made("signals", "signals.html", log_page(now, signals=[], next=None)),
        "/signals/filtered": made(
            "signals",
            "signals.html",
            log_page(
                now,
                signals=[],
                next=None,
                filtered=True,
                filters={"text": "zz", "state": "", "strategy": "", "source": ""},
            ),
        ),
        "/signals/hostile": made("signals", "signals.html", log_page(now, signals=[hostile] * 2)),
        "/signals/sig-0200": made("signals", "signal_detail.html", detail(now)),
        "/signals/sig-hostile": made(
            "signals",
            "signal_detail.html",
            detail(
                now,
                signal=hostile,
                trace=None,
                decisions=[],
                answer=None,
                message=detail(now)["message"] | {"body": HOSTILE_TEXT},
            ),
        ),
        "/signals/refused/ref-17": made(
            "signals",
            "signal_detail.html",
            detail(now, signal=signals(now)[3], orders=[], trace=None, decisions=[], answer=None),
        ),
        "/strategies": made("strategies", "strategy_manager.html", strategies_page(now)),
        "/strategies/empty": made(
            "strategies", "strategy_manager.html", strategies_page(now, strategies=[], unknown=[])
        ),
        "/strategies/new": made("strategies", "strategy_manager.html", strategies_page(now, form=create)),
        "/strategies/wrong": made("strategies", "strategy_manager.html", strategies_page(now, form=wrong)),
        "/strategies/momentum": made("strategies", "strategy_manager.html", strategies_page(now, form=edit)),
        "/strategies/confirm": made(
            "strategies",
            "strategy_manager.html",
            strategies_page(now, confirm={"name": "momentum", "status": "live", "error": "That is not its name."}),
        ),
        "/platforms": made("platforms", "execution_control.html", {"platforms": platforms(now), "form": None}),
        "/platforms/wrong": made(
            "platforms",
            "execution_control.html",
            {
                "platforms": platforms(now),
                "form": {"target": "nt8", "data": {"port": "99999"}, "errors": {"port": "1 to 65535"}},
            },
        ),
        "/settings": made("settings", "settings.html", settings_page(now)),
        "/settings/once": made(
            "settings",
            "settings.html",
            settings_page(
                now,
                new_secret={
                    "source": "native",
                    "secret": "s" * 32,
                    "webhook_url": WEBHOOK,
                    "path_url": WEBHOOK + "/" + "s" * 32,
                    "curl": CURL,
                },
                new_token={"name": "grafana", "token": "th_" + "t" * 40},
                recovery=["abcd-efgh", "ijkl-mnop"],
                totp_setup={"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/x", "matrix": matrix},
                form={"target": "password", "data": {}, "errors": {"current": "That is not the password."}},
            ),
        ),
        "/stop": made("stop", "stop.html", stop_page(now)),
        "/stop/flat": made("stop", "stop.html", stop_page(now, accounts=[])),
        "/stop/stopped": made(
            "stop",
            "stop.html",
            stop_page(
                now,
                gates=[stopped, gate("strategy:momentum", gate="halted", set_by="admin", reason="runaway")],
                live_stop=True,
                form={
                    "target": "rearm",
                    "data": {"scope": "global", "reason": ""},
                    "errors": {"reason": "say why", "totp": "wrong code"},
                },
            ),
            demo=True,
        ),
        "/login": made(
            "login", "login.html", {"next_url": "/", "form": None, "throttled": None}, user=None, status=None
        ),
        "/login/refused": made(
            "login",
            "login.html",
            {
                "next_url": "/",
                "form": {
                    "data": {"username": "admin"},
                    "errors": {"form": "User, password or code is wrong."},
                    "needs_totp": True,
                },
                "throttled": 8,
            },
            user=None,
            status=None,
        ),
        "/missing": made(
            "error",
            "error.html",
            {
                "error": {
                    "status": 404,
                    "title": "No such page",
                    "message": "Nothing is at this address.",
                    "advice": None,
                    "trace_id": None,
                }
            },
        ),
        "/broken": made(
            "error",
            "error.html",
            {
                "error": {
                    "status": 500,
                    "title": "This page could not be made",
                    "message": "Trading goes on; only this page failed.",
                    "advice": "Reload it, or report the trace.",
                    "trace_id": "trc-1",
                }
            },
            user=None,
            status=None,
        ),
    }
