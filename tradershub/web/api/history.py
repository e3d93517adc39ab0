"""Calls about what has happened: signals with their traces, orders, fills, trades, and changes of settings."""

from collections.abc import Awaitable, Callable
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.ids import SignalId
from tradershub.ports.views import Page, Query
from tradershub.web.access import Access
from tradershub.web.api.described import FILTERS, Call, described
from tradershub.web.api.queries import PAGING, TIMES, list_query, only
from tradershub.web.requests import Answer, HubRequest, json_answer, missing

_SIGNALS: Final = frozenset(("strategy", "symbol", "state"))
_ORDERS: Final = FILTERS | {"state", "signal_id"}
_FILLS: Final = frozenset(("account", "platform", "symbol", "strategy", "signal_id"))


def listing(summary: str, fields: frozenset[str]) -> dict[str, object]:
    return described(Access.READ, Call(summary=summary, tag="history", query=PAGING | TIMES | fields, answer="Rows"))


async def _list(request: HubRequest, fields: frozenset[str], ask: Callable[[Query], Awaitable[Page]]) -> Answer:
    page = await ask(list_query(request.query_params, fields))
    return json_answer({"items": page.items, "next": page.next})


@get("/api/signals", opt=listing("Signals, newest first", _SIGNALS))
async def signals(request: HubRequest) -> Answer:
    return await _list(request, _SIGNALS, request.services.views.signals)


@get(
    "/api/signals/{signal_id:str}",
    opt=described(Access.READ, Call(summary="One signal with its orders and its trace", tag="history")),
)
async def signal(request: HubRequest, signal_id: FromPath[str]) -> Answer:
    only(request.query_params, ())
    row = await request.services.views.signal(SignalId(signal_id))
    if row is None:
        raise missing("signal", signal_id)
    return json_answer(row)


@get("/api/orders", opt=listing("Orders, newest first", _ORDERS))
async def orders(request: HubRequest) -> Answer:
    return await _list(request, _ORDERS, request.services.views.orders)


@get("/api/fills", opt=listing("Fills, newest first", _FILLS))
async def fills(request: HubRequest) -> Answer:
    return await _list(request, _FILLS, request.services.views.fills)


@get("/api/trades", opt=listing("Round trips, newest first", FILTERS))
async def trades(request: HubRequest) -> Answer:
    return await _list(request, FILTERS, request.services.views.trades)


@get("/api/settings/audit", opt=listing("Changes of settings: who, from what, to what", frozenset()))
async def settings_audit(request: HubRequest) -> Answer:
    return await _list(request, frozenset(), request.services.views.settings_audit)


ROUTES: tuple[HTTPRouteHandler, ...] = (signals, signal, orders, fills, trades, settings_audit)
