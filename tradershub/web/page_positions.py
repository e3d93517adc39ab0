"""Positions: what is open, what is working, and closing one."""

from collections.abc import Iterable
from typing import Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import RequestRefused
from tradershub.ports.views import Row
from tradershub.web.api.queries import only
from tradershub.web.pages_common import PAGE, flash_refusal, see_other, show, ticks_of, working_orders
from tradershub.web.requests import Answer, HubRequest
from tradershub.web.status_bar import open_profit

_FILTERS: Final = ("account", "platform", "strategy", "symbol")
_SURE: Final = "Nothing was sent for this press."


@get("/positions", opt=PAGE)
async def positions(request: HubRequest) -> Answer:
    control = request.services.control
    found = only(request.query_params, _FILTERS)
    filters = {name: found.get(name, "") for name in _FILTERS}
    asked = {name: value for name, value in filters.items() if value}
    rows = control.positions.rows(**asked)
    orders = await working_orders(request.services.views, **asked)
    accounts = [str(row["id"]) for row in control.accounts.rows() if row["enabled"]]
    context = {
        "positions": rows,
        "totals": totals(rows),
        "orders": orders,
        "checked": {"accounts": len(accounts), "at": control.status().get("reconciled_at")},
        "ticks": ticks_of(control, (*rows, *orders)),
        "filters": filters,
        "choices": {"accounts": accounts, "strategies": [str(row["name"]) for row in control.strategies.rows()]},
    }
    return await show(request, "positions.html", "positions", context)


@post("/positions/{position_id:str}/close", opt=PAGE)
async def close(request: HubRequest, position_id: FromPath[str]) -> Answer:
    form = await request.typed()
    quantity = form.text("quantity")
    document = {"quantity": quantity} if quantity else {}
    key = form.text("idempotency_key") or None
    try:
        answer = await request.services.control.positions.close(position_id, document, who=request.who, key=key)
    except RequestRefused as refused:
        flash_refusal(request, f"Not closed. {_SURE}", refused)
        return see_other("/positions")
    orders = answer["orders"] if isinstance(answer["orders"], list | tuple) else ()
    for order in orders:
        words = f"{order['side']} {order['quantity']} {order['symbol']} on {order['account']}: {order['state']}"
        request.flash("success", f"Closing. {words}", trace_id=str(order["order_id"]))
    return see_other("/positions")


def totals(rows: Iterable[Row]) -> list[Row]:
    """Return the open profit by currency; partial where a position has no price."""
    by_currency: dict[str, list[Row]] = {}
    for row in rows:
        by_currency.setdefault(str(row["currency"]), []).append(row)
    result: list[Row] = []
    for currency, same in sorted(by_currency.items()):
        _, unrealised, is_partial = open_profit(same)
        result.append({"currency": currency, "unrealised": unrealised, "partial": is_partial})
    return result


ROUTES: tuple[HTTPRouteHandler, ...] = (positions, close)
