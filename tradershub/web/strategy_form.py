"""A strategy as a form: what was typed becomes the API's document, its mistakes go back beside their fields."""

import re
from collections.abc import Mapping
from typing import Final

from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Row
from tradershub.web.forms import Form

_ROUTE: Final = re.compile(r"routes-(\d{1,4})-account", re.ASCII)
_LEVEL: Final = re.compile(r"([0-9.]+)\s*([a-z]+|%)?", re.ASCII)
_WORDS: Final = {"%": "percent", "tick": "ticks", "point": "points", "pip": "pips"}
_WHOLE: Final = ("max_age_s", "exit_max_age_s")
_ALLOWED: Final = ("accounts", "flatten", "order_type", "stops")
_PLACES: Final = {
    **{f"allow.{name}": f"allow_{name}" for name in _ALLOWED},
    **{f"defaults.{name}": f"default_{name}" for name in ("quantity", "stop_loss", "take_profit")},
}
_IN_ROUTE: Final = re.compile(r"routes\[(\d+)\](?:\.(.+))?", re.ASCII)

BLANK: Final[Row] = {
    "name": "",
    "category": "",
    "status": "testing",
    "paused": False,
    "instruments": [],
    "timeframes": [],
    "platforms": [],
    "defaults": {"quantity": None, "stop_loss": None, "take_profit": None},
    "require_stop": False,
    "max_age_s": 30,
    "exit_max_age_s": 300,
    "allow": {"accounts": False, "flatten": False, "order_type": True, "stops": True},
    "on_mismatch": "block",
    "opposite": "net",
    "windows": [],
    "routes": [],
}
"""A new strategy: it starts in testing, where only paper accounts are reached."""


def document_of(form: Form, stored: Row | None) -> dict[str, object]:
    """Return the document of the API; what is not on the form is kept from the stored row."""
    kept = BLANK if stored is None else stored
    return {
        "name": form.text("name") if stored is None else stored["name"],
        "category": form.text("category"),
        "status": (form.text("status") or kept["status"]) if stored is None else kept["status"],
        "paused": kept["paused"],
        "instruments": form.words("instruments"),
        "timeframes": form.words("timeframes"),
        "platforms": form.texts("platforms"),
        "defaults": {
            "quantity": form.text("default_quantity") or None,
            "stop_loss": level_of(form.text("default_stop_loss"), "default_stop_loss"),
            "take_profit": level_of(form.text("default_take_profit"), "default_take_profit"),
        },
        "require_stop": form.checked("require_stop"),
        **{name: _whole(form.text(name), name) for name in _WHOLE},
        "allow": {name: form.checked(f"allow_{name}") for name in _ALLOWED},
        "on_mismatch": form.text("on_mismatch") or kept["on_mismatch"],
        "opposite": form.text("opposite") or kept["opposite"],
        "windows": kept["windows"],
        "routes": _routes(form, kept),
    }


def shown_again(form: Form, stored: Row | None) -> Row:
    """Return the form as it was typed, in the shape of a row, so that nothing typed is lost by a mistake."""
    row = dict(BLANK if stored is None else stored)
    row |= {name: form.text(name) for name in ("category", "max_age_s", "exit_max_age_s", "instruments", "timeframes")}
    if stored is None:
        row |= {"name": form.text("name"), "status": form.text("status")}
    row |= {
        "platforms": form.texts("platforms"),
        "defaults": {name: form.text(f"default_{name}") or None for name in ("quantity", "stop_loss", "take_profit")},
        "require_stop": form.checked("require_stop"),
        "allow": {name: form.checked(f"allow_{name}") for name in _ALLOWED},
        "on_mismatch": form.text("on_mismatch"),
        "opposite": form.text("opposite"),
        "routes": _routes(form, row),
    }
    return row


def errors_of(refused: RequestRefused, advice: str) -> Mapping[str, str]:
    """Return a refusal of the document beside the field of the form that it is about."""
    field = refused.field or "form"
    match = _IN_ROUTE.match(field)
    if match is None:
        place = next((name for key, name in _PLACES.items() if field == key or field.startswith(f"{key}.")), field)
        return {re.sub(r"\[\d+\]$", "", place): advice}
    inner = (match.group(2) or "account").replace("sizing.", "sizing_").replace(".", "_")
    return {f"routes-{match.group(1)}-{re.sub(r'[^a-z_].*', '', inner)}": advice}


def level_of(text: str, field: str) -> Row | None:
    """Read a distance such as `10 ticks`, `0.5 %` or `20` (points)."""
    if not text:
        return None
    match = _LEVEL.fullmatch(text.lower())
    if match is None:
        raise RequestRefused(422, "invalid", "write a number and a unit, such as 10 ticks", field=field, got=text)
    unit = match.group(2) or "points"
    return {"value": match.group(1), "unit": _WORDS.get(unit, unit)}


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise RequestRefused(422, "invalid", "write a whole number of seconds", field=field, got=text)
    return int(text)


def _routes(form: Form, kept: Row) -> list[Row]:
    rows = kept["routes"] if isinstance(kept["routes"], list | tuple) else ()
    stored = {row["account"]: row for row in rows}
    numbers = sorted({int(match.group(1)) for key, _ in form if (match := _ROUTE.fullmatch(key)) is not None})
    routes = [_route(form, f"routes-{number}-", stored) for number in numbers]
    return [route for route in routes if route["account"]]


def _route(form: Form, at: str, stored: Mapping[object, Row]) -> Row:
    account = form.text(f"{at}account")
    kept = stored.get(account, {})
    return {
        "account": account,
        "sizing": {
            "kind": form.text(f"{at}sizing_kind") or "as_signalled",
            "value": form.text(f"{at}sizing_value") or "1",
        },
        "max_quantity": form.text(f"{at}max_quantity") or None,
        "directions": form.texts(f"{at}directions"),
        "instruments": kept.get("instruments", []),
        "windows": kept.get("windows", []),
        "enabled": form.checked(f"{at}enabled"),
    }
