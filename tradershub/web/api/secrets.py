"""Calls that make secrets: tokens for programs, and the secrets of sources."""

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from tradershub.domain.errors import RequestRefused
from tradershub.web.access import Access
from tradershub.web.api.described import Call, described
from tradershub.web.api.queries import PAGING, only, page_of
from tradershub.web.api.registry import exactly, present
from tradershub.web.requests import Answer, HubRequest, json_answer


def call(summary: str, **more: object) -> dict[str, object]:
    return described(Access.ADMIN, Call(summary=summary, tag="settings", **more))  # type: ignore[arg-type]


@get("/api/tokens", opt=call("Tokens; what they are is never shown again", query=PAGING, answer="Rows"))
async def tokens(request: HubRequest) -> Answer:
    rows = await request.services.people.tokens.rows()
    page = page_of(rows, request.query_params, lambda row: str(row["id"]))
    return json_answer({"items": page.items, "next": page.next})


@post("/api/tokens", opt=call("Make a token", status=201, body="Token", answer="NewToken"))
async def create_token(request: HubRequest) -> Answer:
    only(request.query_params, ())
    document = exactly(await request.document(), "name", "scopes", "totp")
    await person_proven(request, document.get("totp"))
    new = await request.services.people.tokens.create(document.get("name"), document.get("scopes"), who=request.who)
    return json_answer({**new.row, "token": new.token}, 201)


@delete("/api/tokens/{token_id:str}", opt=call("Take a token back", status=204, answer=""))
async def delete_token(request: HubRequest, token_id: FromPath[str]) -> None:
    only(request.query_params, ())
    await request.services.people.tokens.delete(token_id, who=request.who)


@post(
    "/api/sources/{name:str}/rotate",
    opt=call("Make a new secret for a source; it is in this answer and nowhere else", body="Rotate", answer="NewSecret",
             body_is_optional=True),
)  # fmt: skip
async def rotate_secret(request: HubRequest, name: FromPath[str]) -> Answer:
    only(request.query_params, ())
    document = dict(await request.document(may_be_empty=True))
    present(request.services.control.sources, "source", name)
    await person_proven(request, document.pop("totp", None))
    new = await request.services.control.sources.rotate(name, document, who=request.who)
    return json_answer({"source": name, "secret_id": new.secret_id, "secret": new.secret, "path": new.path})


async def person_proven(request: HubRequest, code: object) -> None:
    """Demand the second factor of a person who has one; a token is a credential of its own."""
    if code is not None and not isinstance(code, str):
        raise RequestRefused(422, "invalid", "expected the code as text", field="totp")
    if request.principal.session is not None:
        await request.services.people.second_factor.demand(request.principal.session.user, code)


ROUTES: tuple[HTTPRouteHandler, ...] = (tokens, create_token, delete_token, rotate_secret)
