"""Every page in every state worth looking at: ordinary, empty, refused, and as nasty as real messages get."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.browser.sample_contexts import (
    CURL,
    WEBHOOK,
    detail,
    empty_home,
    home,
    log_page,
    positions_page,
    settings_page,
    stop_page,
    strategies_page,
)
from tests.browser.sample_rows import (
    HOSTILE_NAME,
    HOSTILE_TEXT,
    Row,
    at,
    frame,
    gate,
    platforms,
    position,
    signal,
    signals,
    strategy,
)

Sample = tuple[str, Row]
SIGNED_OUT: Row = {"user": None, "status": None}
TEMPLATES = {
    "home": "home.html",
    "positions": "positions.html",
    "signals": "signals.html",
    "strategies": "strategy_manager.html",
    "platforms": "execution_control.html",
    "settings": "settings.html",
    "stop": "stop.html",
    "login": "login.html",
    "error": "error.html",
}


def pages(now: datetime) -> dict[str, Sample]:
    """Return every sample by its address: template and complete context."""
    return {
        **of_home(now),
        **of_positions(now),
        **of_log(now),
        **of_strategies(now),
        **of_platforms(now),
        **of_settings(now),
        **of_stop(now),
        **of_others(now),
    }


def made(now: datetime, page: str, context: Row, *, template: str | None = None, **changes: Any) -> Sample:
    return template or TEMPLATES[page], frame(now, page, **changes) | context


def of_home(now: datetime) -> dict[str, Sample]:
    hurt = frame(now, "home")["status"] | {
        "gate": "reduce_only",
        "scoped_gates": 1,
        "mode": "live",
        "day_pnl": "-1240.5",
        "day_pnl_partial": True,
    }
    alert = {
        "kind": "error",
        "message": "The order was not sent: the link to NinjaTrader 8 is down. Nothing was closed.",
        "detail": "Close it on the platform, or try again when it is up.",
        "trace_id": "trc-4711",
        "href": "/platforms",
    }
    saved = {"kind": "success", "message": "Saved.", "detail": None, "trace_id": None, "href": None}
    return {
        "/": made(now, "home", home(now), demo=True),
        "/first-run": made(now, "home", empty_home() | {"platforms": platforms(now)}),
        "/trouble": made(now, "home", home(now), status=hurt, flashes=[alert, saved]),
    }


def of_positions(now: datetime) -> dict[str, Sample]:
    long_names = position(now, 1, strategy=HOSTILE_NAME, account="paper:" + "x" * 48)
    return {
        "/positions": made(now, "positions", positions_page(now)),
        "/positions/flat": made(now, "positions", positions_page(now, positions=[], orders=[], totals=[])),
        "/positions/long": made(now, "positions", positions_page(now, positions=[long_names])),
    }


def of_log(now: datetime) -> dict[str, Sample]:
    hostile = signal(
        now,
        200,
        strategy=HOSTILE_NAME,
        comment=HOSTILE_TEXT,
        symbol=None,
        symbol_as_written=HOSTILE_TEXT,
        source="native",
    )
    bare: Row = {"trace": None, "decisions": [], "answer": None}
    hostile_message = detail(now)["message"] | {"body": HOSTILE_TEXT}
    typed = {"text": "zz", "state": "", "strategy": "", "source": ""}
    one = {"template": "signal_detail.html"}
    return {
        "/signals": made(now, "signals", log_page(now)),
        "/signals/empty": made(now, "signals", log_page(now, signals=[], next=None)),
        "/signals/filtered": made(now, "signals", log_page(now, signals=[], next=None, filtered=True, filters=typed)),
        "/signals/hostile": made(now, "signals", log_page(now, signals=[hostile] * 2)),
        "/signals/sig-0200": made(now, "signals", detail(now), **one),
        "/signals/sig-hostile": made(
            now, "signals", detail(now, signal=hostile, message=hostile_message, **bare), **one
        ),
        "/signals/refused/ref-17": made(now, "signals", detail(now, signal=signals(now)[3], orders=[], **bare), **one),
    }


def of_strategies(now: datetime) -> dict[str, Sample]:
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
    confirm = {"name": "momentum", "status": "live", "error": "That is not its name."}
    return {
        "/strategies": made(now, "strategies", strategies_page(now)),
        "/strategies/empty": made(now, "strategies", strategies_page(now, strategies=[], unknown=[])),
        "/strategies/new": made(now, "strategies", strategies_page(now, form=create)),
        "/strategies/wrong": made(now, "strategies", strategies_page(now, form=wrong)),
        "/strategies/momentum": made(now, "strategies", strategies_page(now, form=edit)),
        "/strategies/confirm": made(now, "strategies", strategies_page(now, confirm=confirm)),
    }


def of_platforms(now: datetime) -> dict[str, Sample]:
    refused = {"target": "nt8", "data": {"port": "99999"}, "errors": {"port": "1 to 65535"}}
    return {
        "/platforms": made(now, "platforms", {"platforms": platforms(now), "form": None}),
        "/platforms/wrong": made(now, "platforms", {"platforms": platforms(now), "form": refused}),
    }


def of_settings(now: datetime) -> dict[str, Sample]:
    matrix = [[(x * y + x) % 3 == 0 for x in range(29)] for y in range(29)]
    secret = "s" * 32
    shown_once = settings_page(
        now,
        new_secret={
            "source": "native",
            "secret": secret,
            "webhook_url": WEBHOOK,
            "path_url": f"{WEBHOOK}/{secret}",
            "curl": CURL,
        },
        new_token={"name": "grafana", "token": "th_" + "t" * 40},
        recovery=["abcd-efgh", "ijkl-mnop"],
        totp_setup={"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/x", "matrix": matrix},
        form={"target": "password", "data": {}, "errors": {"current": "That is not the password."}},
    )
    enrolled = settings_page(now)["profile"] | {"totp": True, "recovery_left": 7}
    return {
        "/settings": made(now, "settings", settings_page(now)),
        "/settings/once": made(now, "settings", shown_once),
        "/settings/enrolled": made(now, "settings", settings_page(now, profile=enrolled, tokens=[], sources=[])),
    }


def of_stop(now: datetime) -> dict[str, Sample]:
    stopped = stop_page(
        now,
        gates=[
            gate(gate="reduce_only", level="stop", set_by="admin", reason="news", at=at(now, minutes=3)),
            gate("strategy:momentum", gate="halted", set_by="admin", reason="runaway"),
        ],
        live_stop=True,
        form={
            "target": "rearm",
            "data": {"scope": "global", "reason": ""},
            "errors": {"reason": "say why", "totp": "wrong code"},
        },
    )
    unknown = stop_page(now)["accounts"][0] | {"known": False, "positions": [], "working": 0, "as_of": None}
    return {
        "/stop": made(now, "stop", stop_page(now)),
        "/stop/flat": made(now, "stop", stop_page(now, accounts=[])),
        "/stop/unknown": made(now, "stop", stop_page(now, accounts=[unknown])),
        "/stop/stopped": made(now, "stop", stopped, demo=True),
    }


def of_others(now: datetime) -> dict[str, Sample]:
    refused = {
        "data": {"username": "admin"},
        "errors": {"form": "User, password or code is wrong."},
        "needs_totp": True,
    }
    missing = {"status": 404, "title": "No such page", "message": "Nothing is at this address."}
    broken = {
        "status": 500,
        "title": "This page could not be made",
        "message": "Trading goes on; only this page failed.",
        "advice": "Reload it, or report the trace.",
        "trace_id": "trc-1",
    }
    login: Row = {"next_url": "/", "form": None, "throttled": None}
    return {
        "/login": made(now, "login", login, **SIGNED_OUT),
        "/login/refused": made(now, "login", login | {"form": refused, "throttled": 8}, **SIGNED_OUT),
        "/missing": made(now, "error", {"error": missing | {"advice": None, "trace_id": None}}),
        "/broken": made(now, "error", {"error": broken}, **SIGNED_OUT),
    }
