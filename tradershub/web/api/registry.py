"""Calls about what is configured: platforms, accounts, strategies and sources."""

from collections.abc import Mapping

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import RequestRefused
from tradershub.ports.control import Collection, Document
from tradershub.ports.views import Row
from tradershub.web.access import Access
from tradershub.web.api.described import Call, described
from tradershub.web.api.queries import PAGING, only, page_of
from tradershub.web.requests import Answer, HubRequest, json_answer, missing

_READ = Access.READ
_ADMIN = Access.ADMIN


def listed(what: str, *, access: Access = _READ) -> dict[str, object]:
    return described(access, Call(summary=what, tag="settings", query=PAGING, answer="Rows"))


def call(
    summary: str, access: Access = _ADMIN, *, status: int = 200, body: str = "", answer: str = "Row"
) -> dict[str, object]:
    return described(access, Call(summary=summary, tag="settings", status=status, body=body, answer=answer))


def page_answer(request: HubRequest, rows: tuple[Row, ...], key: str) -> Answer:
    page = page_of(rows, request.query_params, lambda row: str(row[key]))
    return json_answer({"items": page.items, "next": page.next})


def present(collection: Collection, what: str, key: str) -> Row:
    row = collection.row(key)
    if row is None:
        raise missing(what, key)
    return row


def exactly(document: Document, *names: str) -> Mapping[str, object]:
    """Refuse keys that a small body does not have."""
    unknown = sorted(document.keys() - set(names))
    if unknown:
        advice = f"unknown field; expected {', '.join(names)}"
        raise RequestRefused(422, "unknown_field", advice, field=str(unknown[0])[:64])
    return document


@get("/api/platforms", opt=listed("Platforms and their state"))
async def platforms(request: HubRequest) -> Answer:
    return page_answer(request, request.services.control.platforms.rows(), "name")


@post("/api/platforms/{name:str}/toggle", opt=call("Enable or disable a platform", body="Toggle"))
async def toggle_platform(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    document = exactly(await request.document(), "enabled")
    _known_platform(request, name)
    if not isinstance(document.get("enabled"), bool):
        raise RequestRefused(422, "invalid", "expected true or false", field="enabled", got=document.get("enabled"))
    platform = await request.services.control.platforms.toggle(name, document["enabled"], who=request.who)
    return json_answer(platform)


@put("/api/platforms/{name:str}/config", opt=call("Change keys of a platform's configuration", body="Document"))
async def configure_platform(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    document = await request.document()
    _known_platform(request, name)
    return json_answer(await request.services.control.platforms.configure(name, document, who=request.who))


@get("/api/accounts", opt=listed("Accounts"))
async def accounts(request: HubRequest) -> Answer:
    return page_answer(request, request.services.control.accounts.rows(), "id")


@post("/api/accounts", opt=call("Create an account", status=201, body="Account"))
async def create_account(request: HubRequest) -> Answer:
    return await _create(request, request.services.control.accounts)


@get("/api/accounts/{account_id:str}", opt=call("One account", _READ))
async def account(request: HubRequest, account_id: FromPath[str]) -> Answer:
    only(request.query_params, ())
    return json_answer(present(request.services.control.accounts, "account", account_id))


@put("/api/accounts/{account_id:str}", opt=call("Replace an account", body="Account"))
async def replace_account(request: HubRequest, account_id: FromPath[str]) -> Answer:
    return await _replace(request, request.services.control.accounts, "account", account_id)


@delete("/api/accounts/{account_id:str}", opt=call("Delete an account", status=204, answer=""))
async def delete_account(request: HubRequest, account_id: FromPath[str]) -> None:
    await _delete(request, request.services.control.accounts, "account", account_id)


@get("/api/strategies", opt=listed("Strategies with their routes"))
async def strategies(request: HubRequest) -> Answer:
    return page_answer(request, request.services.control.strategies.rows(), "name")


@post("/api/strategies", opt=call("Create a strategy", status=201, body="Strategy"))
async def create_strategy(request: HubRequest) -> Answer:
    return await _create(request, request.services.control.strategies)


@get("/api/strategies/{name:str}", opt=call("One strategy", _READ))
async def strategy(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    return json_answer(present(request.services.control.strategies, "strategy", name))


@put("/api/strategies/{name:str}", opt=call("Replace a strategy", body="Strategy"))
async def replace_strategy(request: HubRequest, name: FromPath[str]) -> Answer:
    return await _replace(request, request.services.control.strategies, "strategy", name)


@delete("/api/strategies/{name:str}", opt=call("Delete a strategy", status=204, answer=""))
async def delete_strategy(request: HubRequest, name: FromPath[str]) -> None:
    await _delete(request, request.services.control.strategies, "strategy", name)


@post("/api/strategies/{name:str}/status", opt=call("Change a strategy's status", body="Status"))
async def set_strategy_status(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    desk = request.services.control.strategies
    document = await request.document()
    present(desk, "strategy", name)
    return json_answer(await desk.set_status(name, document, who=request.who))


@get("/api/sources", opt=listed("Sources of messages"))
async def sources(request: HubRequest) -> Answer:
    return page_answer(request, request.services.control.sources.rows(), "name")


@get("/api/sources/{name:str}", opt=call("One source", _READ))
async def source(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    return json_answer(present(request.services.control.sources, "source", name))


@put("/api/sources/{name:str}", opt=call("Replace a source", body="Source"))
async def replace_source(request: HubRequest, name: FromPath[str]) -> Answer:
    return await _replace(request, request.services.control.sources, "source", name)


async def _create(request: HubRequest, collection: Collection) -> Answer:
    only(request.query_params, ())
    return json_answer(await collection.create(await request.document(), who=request.who), 201)


async def _replace(request: HubRequest, collection: Collection, what: str, key: str) -> Answer:
    only(request.query_params, ())
    document = await request.document()
    present(collection, what, key)
    return json_answer(await collection.replace(key, document, who=request.who))


async def _delete(request: HubRequest, collection: Collection, what: str, key: str) -> None:
    only(request.query_params, ())
    present(collection, what, key)
    await collection.delete(key, who=request.who)


def _known_platform(request: HubRequest, name: str) -> None:
    if all(row["name"] != name for row in request.services.control.platforms.rows()):
        raise missing("platform", name)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    *(platforms, toggle_platform, configure_platform),
    *(accounts, create_account, account, replace_account, delete_account),
    *(strategies, create_strategy, strategy, replace_strategy, delete_strategy, set_strategy_status),
    *(sources, source, replace_source),
)
