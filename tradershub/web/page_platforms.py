"""Platforms: switch them on and off, configure them, add accounts."""

from collections.abc import Mapping, Sequence
from typing import Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import ConfigurationError, RequestRefused
from tradershub.domain.platform_config import ConfigField, FieldKind, PlatformInfo
from tradershub.ports.views import Row
from tradershub.web.forms import Form
from tradershub.web.pages_common import (
    PAGE,
    flash_refusal,
    given,
    part,
    see_other,
    show,
    told,
    working_orders,
)
from tradershub.web.requests import Answer, HubRequest, missing

_ACCOUNT_FIELDS: Final = ("label", "mode", "currency", "starting_balance")


@get("/platforms", opt=PAGE)
async def platforms(request: HubRequest) -> Answer:
    return await _page(request)


@post("/platforms/{name:str}/toggle", opt=PAGE)
async def toggle(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    row = _platform(request, name)
    enabled = form.checked("enabled")
    if enabled and _has_live(request, name) and form.text("confirm") != name:
        words = f"Not enabled: {name} holds a live account."
        request.flash("error", words, detail=f"Type {name} beside the button to enable it.")
        return see_other("/platforms")
    try:
        row = await request.services.control.platforms.toggle(name, enabled, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, f"{name} was not changed.", refused)
    else:
        request.flash("success", f"{_title(request, row)} is {'enabled' if enabled else 'disabled'}.")
    return see_other("/platforms")


@post("/platforms/{name:str}/config", opt=PAGE)
async def configure(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    _platform(request, name)
    info = request.services.control.platform_info(name)
    document = typed_config(form, () if info is None else info.fields)
    try:
        row = await request.services.control.platforms.configure(name, document, who=request.who)
    except RequestRefused as refused:
        field = (refused.field or "form").removeprefix("config.")
        return await _page(request, _form(name, form, {field: told(refused)}))
    except ConfigurationError as error:
        return await _page(
            request, _form(name, form, {one.key: f"{one.problem}; {one.remedy}" for one in error.mistakes})
        )
    request.flash("success", f"{_title(request, row)} is configured.")
    return see_other("/platforms")


@post("/platforms/{name:str}/accounts", opt=PAGE)
async def add_account(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    _platform(request, name)
    target, account = f"{name}/accounts", form.text("name")
    if form.text("mode") == "live" and form.text("confirm") != account:
        return await _page(request, _form(target, form, {"confirm": "Type the account's name again: it is live."}))
    document = {"id": f"{name}:{account}"} | {key: form.text(key) for key in _ACCOUNT_FIELDS if form.text(key)}
    try:
        await request.services.control.accounts.create(document, who=request.who)
    except RequestRefused as refused:
        field = "name" if refused.field in (None, "id") else refused.field
        return await _page(request, _form(target, form, {field or "name": told(refused)}))
    request.flash("success", f"Account {name}:{account} is there. Strategies can have a route to it now.")
    return see_other("/platforms")


@post("/platforms/{name:str}/accounts/{account:str}/toggle", opt=PAGE)
async def toggle_account(request: HubRequest, name: FromPath[str], account: FromPath[str]) -> Answer:
    form = await request.typed()
    key = f"{name}:{account}"
    collection = request.services.control.accounts
    row = collection.row(key)
    if row is None:
        raise missing("account", key)
    enabled = form.checked("enabled")
    try:
        await collection.replace(key, {**row, "enabled": enabled}, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, f"{key} was not changed.", refused)
    else:
        request.flash("success", f"Account {key} is {'enabled' if enabled else 'disabled'}.")
    return see_other("/platforms")


def typed_config(form: Form, fields: Sequence[ConfigField]) -> dict[str, object]:
    """Return what the form says of each setting: boxes that are not ticked are off, an empty secret is kept."""
    document: dict[str, object] = {}
    for field in fields:
        if field.kind is FieldKind.BOOLEAN:
            document[field.name] = form.checked(field.name)
        elif field.kind is not FieldKind.SECRET or form.raw(field.name):
            document[field.name] = form.text(field.name)
    return document


async def _page(request: HubRequest, form: Row | None = None) -> Answer:
    services = request.services
    figures = await services.day.today()
    orders = await working_orders(services.views)
    rows = services.control.platforms.rows()
    cards = [_card(request, row, part(figures, "platforms", str(row["name"])), orders) for row in rows]
    context = {"platforms": cards, "form": form}
    return await show(request, "execution_control.html", "platforms", context, status=200 if form is None else 422)


def _card(request: HubRequest, row: Row, today: Row, orders: Sequence[Row]) -> Row:
    name = str(row["name"])
    control = request.services.control
    info = control.platform_info(name)
    own = [order for order in orders if order["platform"] == name]
    accounts = [one for one in control.accounts.rows() if one["platform"] == name]
    return {
        **row,
        "title": _title(request, row),
        "since": row.get("since"),
        "latency": _latency(today),
        "orders": {
            "today": given(today, "orders", 0),
            "filled": given(today, "filled", 0),
            "rejected": given(today, "rejected", 0),
            "in_doubt": sum(order["state"] == "in_doubt" for order in own),
            "working": len(own),
        },
        "accounts": [{**one, "reconciled": one.get("reconciled")} for one in accounts],
        "advice": row.get("advice") or (info.advice if info is not None and not row["installed"] else None),
        "settings": []
        if info is None or not row["installed"]
        else [_field(one, part(row, "config")) for one in info.fields],
        "account_modes": list(info.account_modes) if info is not None and row["installed"] else [],
    }


def _latency(today: Row) -> Row | None:
    half, most = today.get("ack_p50_ms"), today.get("ack_p99_ms")
    return None if half is None else {"p50_ms": half, "p99_ms": most, "count": today.get("acks")}


def _field(field: ConfigField, config: Row) -> Row:
    stored = config.get(field.name)
    is_secret = field.kind is FieldKind.SECRET
    value = field.default if stored is None else stored
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "value": None if is_secret else value if isinstance(value, bool) else str(value),
        "choices": list(field.choices),
        "unit": field.unit,
        "help": field.help or None,
        # A secret is never shown, only that there is one: `{set: true}`.
        "set": is_secret and bool(part(config, field.name).get("set")),
    }


def _title(request: HubRequest, row: Row) -> str:
    info: PlatformInfo | None = request.services.control.platform_info(str(row["name"]))
    return str(row["name"]) if info is None else info.title


def _platform(request: HubRequest, name: str) -> Row:
    row = next((one for one in request.services.control.platforms.rows() if one["name"] == name), None)
    if row is None:
        raise missing("platform", name)
    return row


def _has_live(request: HubRequest, name: str) -> bool:
    accounts = request.services.control.accounts.rows()
    return any(row["platform"] == name and row["mode"] == "live" for row in accounts)


def _form(target: str, form: Form, errors: Mapping[str, str]) -> Row:
    return {"target": target, "data": form.as_typed(), "errors": errors}


ROUTES: tuple[HTTPRouteHandler, ...] = (platforms, toggle, configure, add_account, toggle_account)
