"""Rows in the shapes of the API, each complete, each to be changed where a test cares."""

from __future__ import annotations

from typing import Any

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, iso

AT = Nanos(1_795_357_800 * NANOS_PER_SECOND)
AT_TEXT = iso(AT)


def a_platform(name: str = "paper", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "installed": True,
        "enabled": True,
        "state": "up",
        "accounts": [f"{name}:main"],
        "last_error": None,
        "config": {},
        **changes,
    }


def an_account(key: str = "paper:main", **changes: object) -> dict[str, Any]:
    return {
        "id": key,
        "platform": key.partition(":")[0],
        "label": key,
        "mode": "paper",
        "enabled": True,
        "currency": "USD",
        "starting_balance": "50000",
        "session": {"zone": "America/New_York", "reset": "17:00"},
        "config": {},
        **changes,
    }


def a_strategy(name: str = "momentum", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "category": "",
        "status": "testing",
        "paused": False,
        "instruments": [],
        "timeframes": [],
        "platforms": [],
        "defaults": {"quantity": "1", "stop_loss": None, "take_profit": None},
        "require_stop": False,
        "max_age_s": 30,
        "exit_max_age_s": 300,
        "allow": {"accounts": False, "flatten": False, "order_type": True, "stops": True},
        "on_mismatch": "block",
        "opposite": "net",
        "windows": [],
        "routes": [],
        **changes,
    }


def a_route(account: str = "paper:main", **changes: object) -> dict[str, Any]:
    return {
        "account": account,
        "sizing": {"kind": "as_signalled", "value": "1"},
        "max_quantity": None,
        "directions": ["long", "short"],
        "instruments": [],
        "windows": [],
        "enabled": True,
        **changes,
    }


def a_source(name: str = "tradingview", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "enabled": True,
        "dialects": [],
        "auth": "secret",
        "path_token": True,
        "zone": None,
        "default_strategy": None,
        "default_symbol": None,
        "dedupe_window_s": 20,
        "max_ahead_s": 10,
        "addresses": [],
        **changes,
    }


def a_refusal(key: str = "1", **changes: object) -> dict[str, Any]:
    """Return a refused message: a signal of which nothing could be read."""
    unread = {name: None for name in a_signal() if name not in ("orders", "accounts", "take_profit")}
    return {
        **unread,
        "orders": [],
        "accounts": [],
        "take_profit": [],
        "refusal_id": key,
        "received_at": AT_TEXT,
        "source": "tradingview",
        "status": "refused",
        "reason": {"code": "missing", "message": "name a symbol"},
        "http_status": 422,
        "field": "symbol",
        "got": None,
        "raw": "{}",
        "peer": "127.0.0.1",
        **changes,
    }


def a_position(key: str = "P1", **changes: object) -> dict[str, Any]:
    return {
        "id": key,
        "account": "paper:main",
        "platform": "paper",
        "strategy": "momentum",
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "side": "long",
        "quantity": "2",
        "hub_quantity": "2",
        "average_price": "6000.25",
        "mark": "6001.25",
        "unrealised": "10",
        "currency": "USD",
        "stop_loss": None,
        "take_profit": None,
        "opened_at": AT_TEXT,
        "as_of": AT_TEXT,
        "external": False,
        **changes,
    }


def an_order(key: str = "TH234567ABCDEF", **changes: object) -> dict[str, Any]:
    return {
        "order_id": key,
        "signal_id": "S1",
        "cause": "S1",
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
        "stop_loss": None,
        "take_profit": None,
        "state": "filled",
        "filled": "2",
        "average_price": "6000.25",
        "reason": None,
        "conflict": False,
        "origin": "signal",
        "carrier": "api",
        "automated": True,
        "created_at": AT_TEXT,
        "facts": [],
        **changes,
    }


def a_signal(key: str = "S1", **changes: object) -> dict[str, Any]:
    return {
        "signal_id": key,
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
        "stop_loss": None,
        "take_profit": None,
        "time_in_force": None,
        "target_position": None,
        "position_before": None,
        "position_after": None,
        "close_side": None,
        "signal_price": None,
        "sent_at": None,
        "timeframe": None,
        "message_id": None,
        "comment": None,
        "accounts": [],
        "received_at": AT_TEXT,
        "status": "accepted",
        "reason": None,
        "orders": [],
        **changes,
    }
