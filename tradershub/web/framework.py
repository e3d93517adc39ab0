"""Builds the web application: pages and API on Litestar, each route behind the guard, each answer with safe headers."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from tradershub.domain.errors import StoreError
from tradershub.ports.clock import Clock
from tradershub.ports.control import Control
from tradershub.ports.settings import SettingsStore, Vault
from tradershub.ports.views import Views
from tradershub.web.asgi_types import Event, Header, Receive, Scope, Send
from tradershub.web.faults import PROGRAM_PATHS, Faults
from tradershub.web.options import WebOptions
from tradershub.web.requests import HubRequest
from tradershub.web.routes import ROUTES
from tradershub.web.services import Services, build_services
from tradershub.web.static_files import StaticFiles, static_routes

__all__ = ["WebApp", "WebOptions", "build_app"]

_CSP: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_HSTS: Final[Header] = (b"strict-transport-security", b"max-age=31536000")
_NO_STORE: Final[Header] = (b"cache-control", b"no-store")
# The framework would answer it with the methods of one handler of a path only; nobody here needs it.
_ASKED_AS: Final = {"OPTIONS": "TRACE"}
_NEVER_ENDING: Final = frozenset(("/api/events",))


class _LeanLitestar(Litestar):
    """Litestar that does not load its glue to pydantic and attrs: none of our routes uses them, and they cost 0.2 s."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class WebApp:
    """The ASGI application. Call `end_streams` when the hub begins to stop."""

    def __init__(self, framework: Litestar, services: Services) -> None:
        self.framework = framework
        self.services = services

    def end_streams(self) -> None:
        self.services.streams.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_secure = scope.get("scheme") == "https"
        is_head = scope["method"] == "HEAD" and scope["path"] not in _NEVER_ENDING

        async def safe(event: Event) -> None:
            if event["type"] == "http.response.start":
                event["headers"] = _with_safe_headers(event.get("headers", ()), is_secure=is_secure)
            elif is_head and event["type"] == "http.response.body":
                event["body"] = b""
            await send(event)

        # A copy: the framework writes into it, and whoever called us goes on using theirs.
        seen: Any = {**scope, "method": "GET" if is_head else _ASKED_AS.get(scope["method"], scope["method"])}
        if not scope["path"].startswith(PROGRAM_PATHS):
            # Also a page that is not there has the frame of whoever asks for it, and no guard stands before it.
            # What a store in trouble cannot say is asked again by the guard, whose errors are answered properly.
            with suppress(StoreError):
                seen["user"] = await self.services.people.authenticator.principal(ASGIConnection(seen))
        await self.framework(seen, receive, safe)  # type: ignore[arg-type]


def build_app(
    *,
    control: Control,
    views: Views,
    settings: SettingsStore,
    vault: Vault,
    clock: Clock,
    options: WebOptions,
) -> WebApp:
    """Build everything above the webhooks. Nothing is read from the store before the first request needs it."""
    services = build_services(
        control=control, views=views, settings=settings, vault=vault, clock=clock, options=options
    )
    return WebApp(_framework(services, (*ROUTES, *static_routes(StaticFiles(options.static)))), services)


def _framework(services: Services, routes: Iterable[HTTPRouteHandler]) -> Litestar:
    faults = Faults(services.rendering)
    return _LeanLitestar(
        route_handlers=tuple(routes),
        guards=[services.people.authenticator.guard],
        exception_handlers={HTTPException: faults.answer, Exception: faults.answer},
        request_class=HubRequest,
        request_max_body_size=services.options.body_bytes,
        state=State({"services": services}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _with_safe_headers(headers: Iterable[Header], *, is_secure: bool) -> list[Header]:
    told = list(headers)
    names = {name.lower() for name, _ in told}
    told += _HEADERS
    if is_secure:
        told.append(_HSTS)
    if b"cache-control" not in names:
        told.append(_NO_STORE)
    return told
