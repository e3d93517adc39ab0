"""Who a request comes from, and the guard that every route stands behind."""

from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tradershub.domain.errors import RequestRefused
from tradershub.web import csrf
from tradershub.web.access import Access, Principal, Scope, granted
from tradershub.web.forms import parse_form
from tradershub.web.peer_limits import parse_address
from tradershub.web.sessions import Sessions, form_token
from tradershub.web.tokens import Tokens

SECURE_COOKIE: Final = "__Host-tradershub"
LOOPBACK_COOKIE: Final = "tradershub"
_SAFE_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
# A page that is merely open is not somebody who uses it.
_NO_USE: Final = frozenset(("/api/events",))
_IN_WORDS: Final = {
    Access.KILL: "kill, trade or admin",
    Access.GATES: "read or kill",
    Access.PAGE: "a session: sign in with a browser",
}

AnyRequest = Request[Any, Any, Any]
Connection = ASGIConnection[Any, Any, Any, Any]


class Authenticator:
    """Tell who asks, by token or by session, never by both; refuse what they may not do."""

    def __init__(self, *, tokens: Tokens, sessions: Sessions) -> None:
        self._tokens = tokens
        self._sessions = sessions

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let a request pass to its handler, or raise RequestRefused. What declares nothing needs an admin."""
        access = Access(handler.opt.get("access", Access.ADMIN))
        if access is Access.PUBLIC:
            return
        principal = await self.principal(connection)
        if principal is None:
            raise RequestRefused(401, "unauthenticated", "send a valid token as Authorization: Bearer, or sign in")
        connection.scope["user"] = principal
        if not principal.may(access):
            raise RequestRefused(403, "forbidden", f"this needs {_IN_WORDS.get(access, f'the scope {access}')}")
        if principal.session is not None and isinstance(connection, Request) and connection.method not in _SAFE_METHODS:
            await _check_origin(connection, principal)

    async def principal(self, connection: Connection) -> Principal | None:
        """Return who asks, or None. A request with Authorization never reads the session."""
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            kind, _, text = authorization.partition(" ")
            return await self._tokens.principal(text.strip()) if kind.lower() == "bearer" else None
        name = cookie_name(connection)
        key = None if name is None else connection.cookies.get(name)
        if not key:
            return None
        session = await self._sessions.find(key, counts_as_use=connection.scope["path"] not in _NO_USE)
        if session is None:
            return None
        return Principal(who=session.user, scopes=granted((Scope.ADMIN,)), session=session, form_token=form_token(key))


def cookie_name(connection: Connection) -> str | None:
    """Return the session cookie's name: `__Host-` on TLS, the plain one on this machine, None anywhere else."""
    if connection.scope["scheme"] == "https":
        return SECURE_COOKIE
    return LOOPBACK_COOKIE if is_here(connection) else None


def is_here(connection: Connection) -> bool:
    """Say whether the other end is on this machine."""
    client = connection.scope.get("client")
    address = None if client is None else parse_address(client[0])
    return address is not None and address.is_loopback


def peer_of(connection: Connection) -> str:
    client = connection.scope.get("client")
    return "unknown" if client is None else client[0]


async def _check_origin(connection: AnyRequest, principal: Principal) -> None:
    headers = connection.headers
    if not csrf.comes_from_here(headers):
        raise RequestRefused(403, "foreign_origin", "this was sent by another site, or by a program without a token")
    given = headers.get(csrf.HEADER)
    if given is None:
        content_type = headers.get("content-type", "")
        is_form = content_type.startswith("application/x-www-form-urlencoded")
        given = parse_form(await connection.body(), content_type).raw(csrf.FORM_FIELD) if is_form else None
    if not csrf.is_right(principal.form_token, given):
        raise RequestRefused(403, "form_token", "the form is out of date: reload the page and send it again")
