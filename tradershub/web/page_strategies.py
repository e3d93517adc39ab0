"""Strategies: the registry, the form of one, its status, and names met in signals that nobody has registered."""

from collections.abc import Mapping

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Row
from tradershub.web.api.queries import only
from tradershub.web.pages_common import (
    PAGE,
    flash_refusal,
    given,
    part,
    path_to,
    see_other,
    show,
    told,
    working_orders,
)
from tradershub.web.requests import Answer, HubRequest, missing
from tradershub.web.strategy_form import BLANK, document_of, errors_of, shown_again
from tradershub.web.trading_day import day_start


@get("/strategies", opt=PAGE)
async def strategies(request: HubRequest) -> Answer:
    return await _page(request)


@get("/strategies/new", opt=PAGE)
async def new_strategy(request: HubRequest) -> Answer:
    name = only(request.query_params, ("name",)).get("name", "")[:64]
    return await _page(request, form=_create_form({**BLANK, "name": name}, {}))


@post("/strategies", opt=PAGE)
async def create(request: HubRequest) -> Answer:
    form = await request.typed()
    try:
        row = await request.services.control.strategies.create(document_of(form, None), who=request.who)
    except RequestRefused as refused:
        errors = {"name": told(refused)} if refused.field == "id" else errors_of(refused, told(refused))
        return await _page(request, form=_create_form(shown_again(form, None), errors), status=422)
    request.flash("success", f"Strategy {row['name']} is there, {row['status']}.")
    return see_other("/strategies")


@get("/strategies/{name:str}", opt=PAGE)
async def strategy(request: HubRequest, name: FromPath[str]) -> Answer:
    row = _stored(request, name)
    return await _page(request, form=await _edit_form(request, row, row, {}))


@post("/strategies/{name:str}", opt=PAGE)
async def replace(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    row = _stored(request, name)
    try:
        await request.services.control.strategies.replace(name, document_of(form, row), who=request.who)
    except RequestRefused as refused:
        edited = await _edit_form(request, row, shown_again(form, row), errors_of(refused, told(refused)))
        return await _page(request, form=edited, status=422)
    request.flash("success", f"Strategy {name} is saved.")
    return see_other(path_to("strategies", name))


@post("/strategies/{name:str}/status", opt=PAGE)
async def set_status(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    _stored(request, name)
    status, typed = form.text("status"), form.text("confirm")
    if status == "live" and typed != name:
        error = "This is not its name." if typed else None
        return await _page(request, confirm={"name": name, "status": "live", "error": error}, status=422)
    try:
        await request.services.control.strategies.set_status(name, {"status": status}, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, f"{name} was not changed.", refused)
    else:
        request.flash("success", f"Strategy {name} is {status}.")
    return see_other(path_to("strategies", name))


@post("/strategies/{name:str}/pause", opt=PAGE)
async def pause(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    row = _stored(request, name)
    paused = form.checked("paused")
    try:
        await request.services.control.strategies.replace(name, {**row, "paused": paused}, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, f"{name} was not changed.", refused)
    else:
        words = "is paused: its signals are stored, none makes an order" if paused else "goes on"
        request.flash("success", f"Strategy {name} {words}.")
    return see_other("/strategies")


@post("/strategies/{name:str}/delete", opt=PAGE)
async def delete(request: HubRequest, name: FromPath[str]) -> Answer:
    form = await request.typed()
    _stored(request, name)
    if form.text("confirm") != name:
        request.flash("error", f"{name} was not deleted.", detail="Type its name to delete it.")
        return see_other(path_to("strategies", name))
    try:
        await request.services.control.strategies.delete(name, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, f"{name} was not deleted.", refused)
        return see_other(path_to("strategies", name))
    request.flash("success", f"Strategy {name} is deleted. Its history stays.")
    return see_other("/strategies")


async def _page(
    request: HubRequest, *, form: Row | None = None, confirm: Row | None = None, status: int = 200
) -> Answer:
    services = request.services
    control = services.control
    since = day_start(services.clock.now())
    figures = await services.day.today()
    is_list = form is None
    context = {
        "strategies": [
            _listed(row, part(figures, "strategies", str(row["name"]))) for row in control.strategies.rows()
        ],
        "unknown": [_unknown(row) for row in await services.views.unknown_strategies(since)] if is_list else [],
        "accounts": control.accounts.rows(),
        "instruments": [str(row["root"]) for row in control.instruments()],
        "platforms": [str(row["name"]) for row in control.platforms.rows()],
        "form": form,
        "confirm": confirm,
    }
    return await show(request, "strategy_manager.html", "strategies", context, status=status)


def _listed(row: Row, today: Row) -> Row:
    return {**row, "signals_today": given(today, "signals", 0), "last_signal_at": today.get("last_at")}


def _unknown(row: Row) -> Row:
    return {
        "name": row["name"],
        "seen": row["signals"],
        "source": row.get("source"),
        "symbols": row["symbols"],
        "first_seen_at": row.get("first_at"),
        "last_seen_at": row["last_at"],
        "signal_id": row.get("signal_id") or "",
    }


def _create_form(data: Row, errors: Mapping[str, str]) -> Row:
    return {"mode": "create", "name": None, "data": data, "errors": errors, "open": False}


async def _edit_form(request: HubRequest, stored: Row, data: Row, errors: Mapping[str, str]) -> Row:
    name = str(stored["name"])
    services = request.services
    is_open = bool(services.control.positions.rows(strategy=name)) or bool(
        await working_orders(services.views, strategy=name)
    )
    return {"mode": "edit", "name": name, "data": data, "errors": errors, "open": is_open}


def _stored(request: HubRequest, name: str) -> Row:
    row = request.services.control.strategies.row(name)
    if row is None:
        raise missing("strategy", name)
    return row


ROUTES: tuple[HTTPRouteHandler, ...] = (
    *(strategies, new_strategy, create, strategy, replace, set_status, pause, delete),
)
