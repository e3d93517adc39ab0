"""Calls about what the hub knows of the world, and about the hub itself: instruments, maps, events, metrics, schema."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Response
from prometheus_client import CONTENT_TYPE_LATEST

from tradershub.domain.errors import RequestRefused
from tradershub.web.access import Access
from tradershub.web.api.described import Call, described
from tradershub.web.api.metrics import exposition
from tradershub.web.api.openapi import schema_of
from tradershub.web.api.queries import PAGING, only, page_of
from tradershub.web.live import TOPICS
from tradershub.web.requests import Answer, HubRequest, json_answer, missing

_LONGEST_ID = 128


@get(
    "/api/instruments",
    opt=described(Access.READ, Call(summary="Instruments", tag="settings", query=PAGING, answer="Rows")),
)
async def instruments(request: HubRequest) -> Answer:
    page = page_of(request.services.control.instruments(), request.query_params, lambda row: str(row["root"]))
    return json_answer({"items": page.items, "next": page.next})


@get(
    "/api/maps/{platform:str}",
    opt=described(Access.READ, Call(summary="How a platform spells each symbol", tag="settings")),
)
async def symbol_map(request: HubRequest, platform: FromPath[str]) -> Answer:
    only(request.query_params, ())
    row = request.services.control.symbol_map(platform)
    if row is None:
        raise missing("map", platform)
    return json_answer(row)


@get(
    "/api/events",
    opt=described(
        Access.READ,
        Call(
            summary="Changes as server-sent events; the first one is a snapshot",
            tag="live",
            query=frozenset(("topics", "last_event_id")),
            answer="text/event-stream",
        ),
    ),
)
async def events(request: HubRequest) -> Answer:
    found = only(request.query_params, ("topics", "last_event_id"))
    topics = frozenset(filter(None, found.get("topics", "").split(",")))
    for topic in sorted(topics - TOPICS):
        advice = f"expected some of {', '.join(sorted(TOPICS))}"
        raise RequestRefused(422, "invalid", advice, field="topics", got=topic)
    after = request.headers.get("last-event-id") or found.get("last_event_id") or None
    session, sessions = request.principal.session, request.services.people.sessions
    return request.services.streams.begin(
        topics=topics or TOPICS,
        after=None if after is None else after[:_LONGEST_ID],
        is_allowed=lambda: session is None or sessions.is_alive(session),
    )


@get(
    "/metrics",
    opt=described(Access.READ, Call(summary="Figures for Prometheus", tag="health", answer="text/plain")),
)
async def metrics(request: HubRequest) -> Answer:
    only(request.query_params, ())
    return Response(exposition(request.services), media_type=CONTENT_TYPE_LATEST)


@get(
    "/schema/openapi.json",
    opt=described(Access.READ, Call(summary="This description", tag="health")),
)
async def openapi(request: HubRequest) -> Answer:
    only(request.query_params, ())
    return json_answer(schema_of(request.app.routes, request.services.options.version))


ROUTES: tuple[HTTPRouteHandler, ...] = (instruments, symbol_map, events, metrics, openapi)
