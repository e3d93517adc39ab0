"""Every route of the web application in one list."""

from typing import Final

from litestar.handlers import HTTPRouteHandler

from tradershub.web import pages
from tradershub.web.api import history, reference, registry, secrets, trading

ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (
    *history.ROUTES,
    *registry.ROUTES,
    *trading.ROUTES,
    *secrets.ROUTES,
    *reference.ROUTES,
    *pages.ROUTES,
)
