"""Calls that trade or stop trading: positions, the kill switch, quotes, and explain, which only says what would be."""

from typing import Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import RequestRefused
from tradershub.web.access import Access
from tradershub.web.api.described import FILTERS, Call, described
from tradershub.web.api.queries import PAGING, cut, limit_of, only
from tradershub.web.requests import Answer, HubRequest, json_answer

_POSITIONS: Final = PAGING | FILTERS


def call(access: Access, summary: str, **more: object) -> dict[str, object]:
    return described(access, Call(summary=summary, tag="trading", **more))  # type: ignore[arg-type]


@get("/api/positions", opt=call(Access.READ, "Open positions", query=_POSITIONS, answer="Rows"))
async def positions(request: HubRequest) -> Answer:
    found = only(request.query_params, _POSITIONS)
    filters = {name: value for name, value in found.items() if name in FILTERS}
    rows = request.services.control.positions.rows(**filters)
    page = cut(rows, limit=limit_of(found.get("limit")), cursor=found.get("cursor"), key=lambda row: str(row["id"]))
    return json_answer({"items": page.items, "next": page.next})


@post(
    "/api/positions/{position_id:str}/close",
    opt=call(
        Access.TRADE,
        "Close a position, or a part of it",
        status=202,
        body="Close",
        body_is_optional=True,
        answer="Orders",
    ),
)
async def close_position(request: HubRequest, position_id: FromPath[str]) -> Answer:
    only(request.query_params, ())
    document = await request.document(may_be_empty=True)
    desk = request.services.control.positions
    answer = await desk.close(position_id, document, who=request.who, key=request.idempotency_key())
    return json_answer(answer, 202)


@get("/api/kill", opt=call(Access.GATES, "Gates that are not active, and the sweep"))
async def gates(request: HubRequest) -> Answer:
    only(request.query_params, ())
    return json_answer(request.services.control.kill.row())


@post("/api/kill", opt=call(Access.KILL, "Stop, and latch it", status=202, body="Kill", also={200: "Row"}))
async def kill(request: HubRequest) -> Answer:
    only(request.query_params, ())
    done = await request.services.control.kill.kill(await request.document(), who=request.who)
    return json_answer(done.row, 202 if done.is_new else 200)


@post("/api/kill/reset", opt=call(Access.ADMIN, "Let entries through again", body="KillReset"))
async def reset_kill(request: HubRequest) -> Answer:
    only(request.query_params, ())
    document = dict(await request.document())
    has_proof = await proven(request, document.pop("totp", None))
    row = await request.services.control.kill.reset(document, who=request.who, second_factor=has_proof)
    return json_answer(row)


@post("/api/quotes", opt=call(Access.TRADE, "Give the latest price of a symbol", body="Quote"))
async def put_quote(request: HubRequest) -> Answer:
    only(request.query_params, ())
    return json_answer(request.services.control.quotes.put(await request.document(), who=request.who))


@post("/api/explain", opt=call(Access.READ, "Say what a message would do; nothing is sent", body="Explain"))
async def explain(request: HubRequest) -> Answer:
    only(request.query_params, ())
    return json_answer(await request.services.control.explainer.explain(await request.document()))


async def proven(request: HubRequest, code: object) -> bool:
    """Check a second factor that a body may carry: False without one, refused (403) if it is wrong."""
    if code is None or code == "":
        return False
    if not isinstance(code, str):
        raise RequestRefused(422, "invalid", "expected the code as text", field="totp")
    return await request.services.people.second_factor.demand(request.services.options.user_name, code)


ROUTES: tuple[HTTPRouteHandler, ...] = (positions, close_position, gates, kill, reset_kill, put_quote, explain)
