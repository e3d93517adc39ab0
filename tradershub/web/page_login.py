"""Signing in and out, at a page and as JSON."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response

from tradershub.domain.errors import RequestRefused
from tradershub.web import csrf
from tradershub.web.access import Access
from tradershub.web.auth import SECURE_COOKIE, cookie_name, is_here, peer_of
from tradershub.web.faults import sentence
from tradershub.web.json_text import encode
from tradershub.web.pages_common import PAGE, local_path, see_other, show
from tradershub.web.requests import Answer, HubRequest
from tradershub.web.sessions import LONGEST_SECONDS, form_token
from tradershub.web.sign_in import Attempt, LoginRefused

PUBLIC: dict[str, object] = {"access": Access.PUBLIC}
_FIELDS = ("username", "password", "totp")


@get("/login", opt=PUBLIC)
async def login_page(request: HubRequest) -> Answer:
    wanted = local_path(request.query_params.get("next"))
    if await request.services.people.authenticator.principal(request) is not None:
        return see_other(wanted or "/")
    return await show(request, "login.html", "login", {"next_url": wanted, "form": None, "throttled": None})


@post("/login", opt=PUBLIC)
async def login(request: HubRequest) -> Answer:
    if csrf.may_be_foreign(request.headers):
        raise RequestRefused(403, "foreign_origin", "this was sent by another site")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return await _from_page(request)
    document = await request.document()
    fields: dict[str, str] = {}
    for name in _FIELDS:
        value = document.get(name, "" if name == "totp" else None)
        if not isinstance(value, str):
            raise RequestRefused(422, "missing", "expected text", field=name)
        fields[name] = value
    key = await request.services.people.sign_in.sign_in(_attempt(request, fields))
    body = {"user": request.services.options.user_name, "csrf_token": form_token(key)}
    return Response(
        encode(body), status_code=200, media_type="application/json", headers={"set-cookie": _cookie(request, key)}
    )


@post("/logout", opt=PAGE)
async def logout(request: HubRequest) -> Answer:
    await request.services.people.sign_in.sign_out(request.session_at_page)
    answer = see_other("/login")
    answer.headers["set-cookie"] = _cookie(request, "", seconds=0)
    return answer


async def _from_page(request: HubRequest) -> Answer:
    form = await request.typed()
    fields = {name: form.raw(name) for name in _FIELDS}
    wanted = local_path(form.text("next"))
    try:
        key = await request.services.people.sign_in.sign_in(_attempt(request, fields))
    except RequestRefused as refused:
        asks_for_code = isinstance(refused, LoginRefused) and refused.needs_totp
        wait = refused.wait_seconds if isinstance(refused, LoginRefused) else 0
        field = "totp" if asks_for_code else "form"
        is_first_ask = refused.code == "second_factor_required"
        context = {
            "next_url": wanted,
            "form": {
                "data": {"username": fields["username"]},
                "errors": {} if wait or is_first_ask else {field: sentence(refused.advice)},
                "needs_totp": asks_for_code,
            },
            "throttled": wait or None,
        }
        answer = await show(request, "login.html", "login", context, status=429 if wait else 422)
        if wait:
            answer.headers["retry-after"] = str(wait)
        return answer
    answer = see_other(wanted or "/")
    answer.headers["set-cookie"] = _cookie(request, key)
    return answer


def _attempt(request: HubRequest, fields: dict[str, str]) -> Attempt:
    if cookie_name(request) is None:
        advice = "passwords are only taken over https, or on the machine itself: see docs/remote.md"
        raise RequestRefused(403, "tls_required", advice)
    return Attempt(
        username=fields["username"].strip(),
        password=fields["password"],
        totp=fields["totp"].strip(),
        peer=peer_of(request),
        agent=request.headers.get("user-agent", ""),
        is_here=is_here(request),
    )


def _cookie(request: HubRequest, key: str, *, seconds: int = LONGEST_SECONDS) -> str:
    name = cookie_name(request) or SECURE_COOKIE
    secure = "; Secure" if name == SECURE_COOKIE else ""
    return f"{name}={key}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


ROUTES: tuple[HTTPRouteHandler, ...] = (login_page, login, logout)
