"""Sample contexts of the single pages, as the server would fill them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.browser.sample_rows import (
    TICKS,
    Row,
    account,
    at,
    gate,
    order,
    platforms,
    positions,
    signal,
    signals,
    source,
    strategy,
)

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
        "ticks": TICKS,
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
        "ticks": TICKS,
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
        "ticks": TICKS,
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
        "ticks": TICKS,
        "signals": signals(now),
        "next": "abc",
        "filters": {"text": "", "state": "", "strategy": "", "source": ""},
        "choices": {"strategies": ["momentum"], "sources": ["tradingview", "native"]},
        "filtered": False,
        "webhook": {"url": WEBHOOK, "curl": CURL},
    } | changes


def detail(now: datetime, **changes: Any) -> Row:
    return {
        "ticks": TICKS,
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
