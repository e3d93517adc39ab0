"""Sample rows of the API's shapes, for pages that are looked at without a hub."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]

HOSTILE_NAME = "Sixty-four_characters_of_a_name_without_any_space_in_it_at_all_X"
HOSTILE_TEXT = "\u202egnp.exe <script>alert(1)</script> & \"quoted\" 'text' " + "W" * 60


def at(now: datetime, **ago: float) -> str:
    return (now - timedelta(**ago)).astimezone(UTC).isoformat().replace("+00:00", "Z")


TICKS = {"MESZ2026": "0.25", "MNQZ2026": "0.25", "6EZ2026": "0.00005", "XAUUSD": "0.01"}


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
    absent = "Not part of this version yet. Its orders can't be routed."
    return [
        paper(now),
        ninjatrader(now),
        platform("mt5", "MetaTrader 5", advice=absent),
        platform("ctrader", "cTrader", advice=absent),
    ]


def paper(now: datetime) -> Row:
    return platform(
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


def ninjatrader(now: datetime) -> Row:
    return platform(
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


def gate(scope: str = "global", **changes: Any) -> Row:
    return {"scope": scope, "gate": "active", "level": None, "set_by": None, "reason": None, "at": None} | changes
