"""A request as our handlers see it, and the answers they give."""

import re
from typing import Any, Final

from litestar import MediaType, Request
from litestar.datastructures import State
from litestar.response import Response

from tradershub.domain.errors import RequestRefused
from tradershub.ports.control import Document
from tradershub.web.access import Principal
from tradershub.web.forms import Form, parse_form
from tradershub.web.json_text import decode_document, encode
from tradershub.web.services import Services
from tradershub.web.sessions import Flash, LiveSession

Answer = Response[Any]

_KEY: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_JSON: Final = frozenset(("", "application/json"))


class HubRequest(Request[Principal, Any, State]):
    """Adds the services, who asks, and our own strict reading of bodies."""

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    @property
    def principal(self) -> Principal:
        """Return who asks; there is one behind the guard, on every route that is not public."""
        principal: Principal = self.scope["user"]
        return principal

    @property
    def who(self) -> str:
        return self.principal.who

    @property
    def session_at_page(self) -> LiveSession:
        """Return the session of a page's request: the guard lets no other one through."""
        session = self.principal.session
        if session is None:
            raise RequestRefused(403, "forbidden", "pages need a session: sign in with a browser")
        return session

    def flash(self, kind: str, message: str, **more: str | None) -> None:
        self.session_at_page.flash(Flash(kind=kind, message=message, **more))

    async def document(self, *, may_be_empty: bool = False) -> Document:
        """Read the body as one JSON object."""
        body = await self.body()
        if not body and may_be_empty:
            return {}
        content_type = self.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() not in _JSON:
            raise RequestRefused(
                415, "unsupported_media_type", "send application/json", field="content-type", got=content_type
            )
        return decode_document(body)

    async def typed(self) -> Form:
        """Read the body as a form."""
        return parse_form(await self.body(), self.headers.get("content-type", ""))

    def idempotency_key(self) -> str | None:
        key = self.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            advice = "expected 1 to 128 printable ASCII characters without blanks"
            raise RequestRefused(422, "invalid", advice, field="Idempotency-Key", got=key)
        return key


def json_answer(value: object, status: int = 200) -> Answer:
    return Response(encode(value), status_code=status, media_type=MediaType.JSON)


def missing(what: str, key: str) -> RequestRefused:
    """Return the refusal of a row that is not there."""
    return RequestRefused(404, "not_found", f"there is no such {what}", got=key)
