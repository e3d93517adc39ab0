"""Every page of the hub in one list."""

from typing import Final

from litestar.handlers import HTTPRouteHandler

from tradershub.web import (
    page_home,
    page_log,
    page_login,
    page_platforms,
    page_positions,
    page_settings,
    page_stop,
    page_strategies,
)

ROUTES: Final[tuple[HTTPRouteHandler, ...]] = (
    *page_login.ROUTES,
    *page_home.ROUTES,
    *page_platforms.ROUTES,
    *page_strategies.ROUTES,
    *page_positions.ROUTES,
    *page_log.ROUTES,
    *page_settings.ROUTES,
    *page_stop.ROUTES,
)
