"""The Stop page: works from memory alone, and when the database does not answer it says so instead of waiting."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.ports.control import Control
from tradershub.ports.views import Row, Views
from tradershub.web.forms import Form
from tradershub.web.pages_common import PAGE, flash_refusal, see_other, show, told, working_orders
from tradershub.web.requests import Answer, HubRequest
from tradershub.web.services import Services
from tradershub.web.status_bar import gates_of

logger = logging.getLogger(__name__)

_ENOUGH_SECONDS: Final = 0.5
_WORD: Final = "re-arm"


@get("/stop", opt=PAGE)
async def stop_page(request: HubRequest) -> Answer:
    return await _page(request)


@post("/stop", opt=PAGE)
async def stop(request: HubRequest) -> Answer:
    form = await request.typed()
    document = {"level": form.text("level") or "stop", "scope": form.text("scope") or "global"}
    document["reason"] = form.text("reason")
    try:
        done = await request.services.control.kill.kill(document, who=request.who)
    except RequestRefused as refused:
        flash_refusal(request, "Not stopped.", refused)
        return await _page(request, _form("stop", form, {refused.field or "form": told(refused)}))
    words = f"Stopped: {document['scope']}." if done.is_new else f"It was stopped already: {document['scope']}."
    request.flash("success", words, detail="No entry leaves any more. Exits, protective stops and cancels do.")
    return see_other("/stop")


@post("/stop/rearm", opt=PAGE)
async def rearm(request: HubRequest) -> Answer:
    form = await request.typed()
    document = {"scope": form.text("scope"), "reason": form.text("reason")}
    if form.text("confirm") != _WORD:
        return await _page(request, _form("rearm", form, {"confirm": f"Type {_WORD} to confirm."}))
    try:
        user = request.session_at_page.user
        has_proof = await request.services.people.second_factor.demand(user, form.text("totp") or None)
        await request.services.control.kill.reset(document, who=request.who, second_factor=has_proof)
    except RequestRefused as refused:
        field = refused.field if refused.field in ("reason", "confirm", "totp") else "form"
        return await _page(request, _form("rearm", form, {field or "form": told(refused)}))
    request.flash("success", f"Entries leave again: {document['scope']}.")
    return see_other("/stop")


async def _page(request: HubRequest, form: Row | None = None) -> Answer:
    services = request.services
    control = services.control
    accounts = [row for row in control.accounts.rows() if row["enabled"]]
    open_orders = await _orders_in_time(services.views)
    context = {
        "gates": gates_of(control),
        "accounts": [_account(row, control.positions.rows(account=str(row["id"])), open_orders) for row in accounts],
        "scopes": _scopes(control),
        "needs_totp": await _needs_totp(services),
        "form": form,
        "live_stop": any(row["mode"] == "live" for row in accounts),
    }
    return await show(request, "stop.html", "stop", context, status=200 if form is None else 422)


async def _needs_totp(services: Services) -> bool:
    """Say whether to ask for a code; where the store does not answer, asking is the safe side."""
    try:
        async with asyncio.timeout(_ENOUGH_SECONDS):
            return await services.people.second_factor.is_enrolled(services.options.user_name)
    except (TimeoutError, StoreError):
        return True


async def _orders_in_time(views: Views) -> Sequence[Row] | None:
    """Return the working orders, or None if the store does not answer at once."""
    try:
        async with asyncio.timeout(_ENOUGH_SECONDS):
            return await working_orders(views)
    except (TimeoutError, StoreError):
        logger.warning("the Stop page was shown without orders: the store did not answer")
        return None


def _account(row: Row, positions: Sequence[Row], orders: Sequence[Row] | None) -> Row:
    own = [order for order in orders or () if order["account"] == row["id"]]
    times = sorted(str(position["as_of"]) for position in positions if position["as_of"])
    return {
        "account": row["id"],
        "label": row["label"],
        "mode": row["mode"],
        "positions": [{key: one[key] for key in ("symbol", "side", "quantity", "strategy")} for one in positions],
        "working": len(own),
        "in_doubt": sum(order["state"] == "in_doubt" for order in own),
        "as_of": times[0] if times else None,
        "known": orders is not None,
    }


def _scopes(control: Control) -> Sequence[Mapping[str, str]]:
    scopes = [{"scope": "global", "label": "Everything"}]
    scopes += [_scope("platform", row["name"]) for row in control.platforms.rows() if row["enabled"]]
    scopes += [_scope("account", row["id"]) for row in control.accounts.rows() if row["enabled"]]
    scopes += [_scope("strategy", row["name"]) for row in control.strategies.rows()]
    return scopes


def _scope(kind: str, name: object) -> dict[str, str]:
    return {"scope": f"{kind}:{name}", "label": f"{kind.capitalize()} {name}"}


def _form(target: str, form: Form, errors: Mapping[str, str]) -> Row:
    return {"target": target, "data": form.as_typed(), "errors": errors}


ROUTES: tuple[HTTPRouteHandler, ...] = (stop_page, stop, rearm)
