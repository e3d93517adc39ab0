"""What a caller is told when something cannot be done: one JSON shape for programs, a page for people."""

import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from litestar import MediaType, Request
from litestar.exceptions import HTTPException
from litestar.response import Response

from tradershub.domain.errors import (
    ConfigurationError,
    PlatformError,
    RequestRefused,
    SignalRefused,
    StoreError,
)
from tradershub.web.access import Principal
from tradershub.web.answers import error_body
from tradershub.web.rendering import Rendering
from tradershub.web.sign_in import LoginRefused

logger = logging.getLogger(__name__)

PROGRAM_PATHS: Final = ("/api/", "/schema/", "/metrics", "/static/")
_TITLES: Final = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not here",
    405: "Not like this",
    409: "Not now",
    413: "Too large",
    422: "Not understood",
    429: "Too many attempts",
    503: "Not now",
}
_ADVICE: Final = {
    404: ("not_found", "there is nothing at this address; docs and /schema/openapi.json list what there is"),
    405: ("method_not_allowed", "this address does not take that method"),
    413: ("too_large", "the body is too large"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as it is told, in the words of the API."""

    status: int
    code: str
    advice: str
    field: str | None = None
    got: str | None = None
    error_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Faults:
    """Turns every exception of a handler into its answer; what is not foreseen is logged and told as an id only."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering

    def answer(self, request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        fault = _fault_of(error)
        if fault.error_id is not None:
            logger.error("error %s while answering %s", fault.error_id, request.scope["method"], exc_info=error)
        if wants_page(request):
            return self._page(request, fault)
        body = error_body(fault.code, fault.advice, field=fault.field, got=fault.got)
        return Response(body, status_code=fault.status, media_type=MediaType.JSON, headers=dict(fault.headers))

    def _page(self, request: Request[Any, Any, Any], fault: Fault) -> Response[Any]:
        if fault.status == 401:
            return to_login(request)
        principal: Principal | None = request.scope.get("user")
        context = {
            "error": {
                "status": fault.status,
                "title": _TITLES.get(fault.status, "Something broke"),
                "message": sentence(fault.advice),
                "advice": None if fault.error_id is None else "Nothing was sent because of this. The hub goes on.",
                "trace_id": fault.error_id,
            }
        }
        html = self._rendering.render("error.html", page="error", principal=principal, context=context)
        headers = {**dict(fault.headers), "cache-control": "no-store"}
        return Response(html, status_code=fault.status, media_type=MediaType.HTML, headers=headers)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Say whether an error is for a person: a browser asks for a page, a program names what it takes."""
    path = request.scope["path"]
    return not path.startswith(PROGRAM_PATHS) and "text/html" in request.headers.get("accept", "")


def to_login(request: Request[Any, Any, Any]) -> Response[Any]:
    """Send a person to the sign-in page, and from there back to the page they wanted."""
    wanted = request.scope["path"] if request.scope["method"] == "GET" else "/"
    target = "/login" if wanted in ("/", "/login") else f"/login?next={quote(wanted, safe='/')}"
    return Response(
        b"", status_code=303, media_type=MediaType.TEXT, headers={"location": target, "cache-control": "no-store"}
    )


def sentence(text: str) -> str:
    """Write an advice of the API as a sentence on a page."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, RequestRefused | SignalRefused):
        return Fault(
            status=error.status,
            code=error.code,
            advice=error.advice,
            field=error.field,
            got=error.got,
            headers=_headers_of(error),
        )
    if isinstance(error, HTTPException):
        return _from_framework(error)
    if isinstance(error, StoreError):
        return Fault(status=503, code="store", advice="the store cannot do this now: nothing was changed; try again")
    if isinstance(error, PlatformError):
        return Fault(status=503, code="platform", advice="the platform cannot do this now: see its last error")
    if isinstance(error, ConfigurationError):
        return Fault(status=422, code="configuration", advice=str(error)[:500])
    error_id = secrets.token_hex(4)
    advice = f"this is a fault of the hub, not of the request; see {error_id} in its log"
    return Fault(status=500, code="internal", advice=advice, error_id=error_id)


def _from_framework(error: HTTPException) -> Fault:
    status = 422 if error.status_code == 400 and error.extra else error.status_code
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "refused"
    code, advice = _ADVICE.get(status, (phrase.lower().replace(" ", "_"), error.detail))
    headers = dict(error.headers or {})
    if "allow" in headers:
        methods = set(headers["allow"].split(", ")) - {"OPTIONS"}
        headers["allow"] = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    return Fault(status=status, code=code, advice=advice, headers=tuple(headers.items()))


def _headers_of(error: RequestRefused | SignalRefused) -> tuple[tuple[str, str], ...]:
    if error.status == 401:
        return (("www-authenticate", "Bearer"),)
    if isinstance(error, LoginRefused) and error.wait_seconds:
        return (("retry-after", str(error.wait_seconds)),)
    if error.status == 503:
        return (("retry-after", "1"),)
    return ()
