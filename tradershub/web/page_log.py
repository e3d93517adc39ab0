"""The Log: every message that arrived, what became of it, and the trace of one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.clock import Nanos, parse_instant
from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import SignalId
from tradershub.ports.views import Page, Query, Row, Views
from tradershub.web.api.queries import only
from tradershub.web.pages_common import PAGE, alert_command, part, show, ticks_of, webhook_path
from tradershub.web.requests import Answer, HubRequest, missing

_ROWS: Final = 50
_FILTERS: Final = ("text", "state", "strategy", "source")
_STATES: Final = ("", "accepted", "blocked", "refused", "duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    text: str = ""
    state: str = ""
    strategy: str = ""
    source: str = ""

    @property
    def is_set(self) -> bool:
        return bool(self.text or self.state or self.strategy or self.source)

    def query(self, *, limit: int, until: Nanos | None) -> Query:
        return Query(
            limit=limit,
            until=until,
            state=self.state or None,
            strategy=self.strategy or None,
            text=self.text or None,
            source=self.source or None,
        )


@get("/signals", opt=PAGE)
async def signals(request: HubRequest) -> Answer:
    services = request.services
    found = only(request.query_params, (*_FILTERS, "cursor"))
    filters = _filters(found)
    page = await log_page(services.views, filters, limit=_ROWS, cursor=found.get("cursor") or None)
    url = services.options.webhook_base + webhook_path("tradingview")
    strategies = [str(row["name"]) for row in services.control.strategies.rows()]
    context = {
        "signals": page.items,
        "next": page.next,
        "filters": filters,
        "choices": {
            "strategies": strategies,
            "sources": [str(row["name"]) for row in services.control.sources.rows()],
        },
        "filtered": filters.is_set,
        "webhook": {"url": url, "curl": alert_command(url, "YOUR_SECRET", next(iter(strategies), "momentum"))},
        "ticks": ticks_of(services.control, page.items),
    }
    return await show(request, "signals.html", "signals", context)


@get("/signals/rows", opt=PAGE)
async def rows(request: HubRequest) -> Answer:
    services = request.services
    found = only(request.query_params, (*_FILTERS, "after"))
    page = await log_page(services.views, _filters(found), limit=_ROWS, cursor=None)
    after, newer = found.get("after"), []
    for row in page.items:
        if after and after in (row["signal_id"], row.get("refusal_id")):
            break
        newer.append(row)
    context = {"signals": newer, "ticks": ticks_of(services.control, newer)}
    return await show(request, "_signal_rows.html", "signals", context)


@get("/signals/{signal_id:str}", opt=PAGE)
async def signal(request: HubRequest, signal_id: FromPath[str]) -> Answer:
    detail = await request.services.views.signal(SignalId(signal_id))
    if detail is None:
        raise missing("signal", signal_id)
    row = part(detail, "signal")
    orders = detail["orders"] if isinstance(detail["orders"], list | tuple) else ()
    context = {
        "signal": {**row, "status": row.get("status", "accepted"), "reason": row.get("reason")},
        "orders": orders,
        "trace": detail.get("trace"),
        "decisions": [_decision(order) for order in orders],
        "message": _message(detail),
        "answer": None,
        "ignored": [*_texts(detail, "ignored"), *_texts(detail, "notes")],
        "rounded": detail.get("rounded") or [],
        "ticks": ticks_of(request.services.control, (row, *orders)),
    }
    return await show(request, "signal_detail.html", "signals", context)


@get("/signals/refused/{refusal_id:str}", opt=PAGE)
async def refused_message(request: HubRequest, refusal_id: FromPath[str]) -> Answer:
    page = await request.services.views.refused_messages(Query(limit=500, signal_id=refusal_id))
    refusal = next((row for row in page.items if row["refusal_id"] == refusal_id), None)
    if refusal is None:
        raise missing("message", refusal_id)
    reason = part(refusal, "reason")
    told = {"code": reason.get("code"), **{name: refusal.get(name) for name in ("field", "got")}}
    told["advice"] = reason.get("message")
    context = {
        "signal": refusal,
        "orders": (),
        "trace": None,
        "decisions": (),
        "message": _message(refusal),
        "answer": {"http": refusal["http_status"], "body": _lines(told)},
        "ignored": (),
        "rounded": (),
        "ticks": {},
    }
    return await show(request, "signal_detail.html", "signals", context)


async def newest_rows(views: Views, limit: int) -> tuple[Row, ...]:
    return (await log_page(views, Filters(), limit=limit, cursor=None)).items


async def log_page(views: Views, filters: Filters, *, limit: int, cursor: str | None) -> Page:
    """Return stored signals and refused messages in one order, newest first; the cursor is a time."""
    # One row more than is shown tells whether there is a following page.
    query = filters.query(limit=limit + 1, until=_until(cursor))
    stored, refused = await asyncio.gather(_stored(views, query), _refused(views, query))
    merged = sorted((*stored, *refused), key=lambda row: str(row["received_at"]), reverse=True)
    if len(merged) <= limit:
        return Page(items=tuple(merged), next=None)
    shown = merged[:limit]
    following = merged[limit]["received_at"]
    # Signals of one message came at the same time: a page that ended between them would lose the others.
    whole = [row for row in shown if row["received_at"] != following] or shown
    return Page(items=tuple(whole), next=str(whole[-1]["received_at"]))


async def _stored(views: Views, query: Query) -> tuple[Row, ...]:
    return () if query.state == "refused" else (await views.signals(query)).items


async def _refused(views: Views, query: Query) -> tuple[Row, ...]:
    # A refused message has no strategy that could be trusted, so a filter by strategy hides it.
    if query.state not in (None, "refused") or query.strategy is not None:
        return ()
    plain = Query(limit=query.limit, until=query.until, text=query.text, source=query.source)
    return (await views.refused_messages(plain)).items


def _filters(found: Mapping[str, str]) -> Filters:
    if found.get("state", "") not in _STATES:
        raise RequestRefused(422, "invalid", f"expected one of {', '.join(_STATES[1:])}", field="state")
    return Filters(**{name: found.get(name, "").strip() for name in _FILTERS})


def _until(cursor: str | None) -> Nanos | None:
    if cursor is None:
        return None
    try:
        return parse_instant(cursor, None)
    except ValueError as error:
        raise RequestRefused(422, "invalid", "this cursor is no longer good: begin anew", field="cursor") from error


def _decision(order: Row) -> Row:
    """Return the plan's verdict as the order itself shows it."""
    reason = part(order, "reason")
    verdict = "block" if order["state"] == "blocked" else "send"
    return {
        "account": order["account"],
        "verdict": verdict,
        "rule": (reason.get("rule") or reason.get("code")) if verdict == "block" else None,
        "message": reason.get("message") if verdict == "block" else None,
        "numbers": (reason.get("numbers") or None) if verdict == "block" else None,
    }


def _message(row: Row) -> Row:
    return {
        "transport": row.get("transport"),
        "content_type": row.get("content_type"),
        "body": row.get("raw") or "",
        "truncated": False,
        "redacted": True,
    }


def _texts(row: Row, key: str) -> tuple[str, ...]:
    found = row.get(key)
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def _lines(told: Row) -> str:
    return "\n".join(f"{name}: {value}" for name, value in told.items() if value is not None)


ROUTES: tuple[HTTPRouteHandler, ...] = (signals, rows, signal, refused_message)
