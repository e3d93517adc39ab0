"""Renders pages: the templates, and the frame that every one of them is given."""

import asyncio
import secrets
from collections.abc import Mapping

from jinja2 import Environment, Template

from tradershub.domain.clock import iso
from tradershub.ports.clock import Clock
from tradershub.ports.control import Control
from tradershub.web.access import Principal
from tradershub.web.day_figures import DayFigures
from tradershub.web.options import WebOptions
from tradershub.web.status_bar import status_of
from tradershub.web.templating import build_templates

Context = Mapping[str, object]


class Rendering:
    """Templates are read on first use, not at start: a hub that only trades never loads them."""

    def __init__(self, *, control: Control, clock: Clock, options: WebOptions, day: DayFigures) -> None:
        self._control = control
        self._day = day
        self._clock = clock
        self._options = options
        self._templates: Environment | None = None
        self._loaded: set[str] = set()

    async def load(self, template: str) -> None:
        """Compile a template beside the event loop, the first time it is asked for."""
        if template not in self._loaded:
            await asyncio.to_thread(self._compile, template)

    def render(self, template: str, *, page: str, principal: Principal | None, context: Context) -> str:
        frame = self._frame(page, principal)
        return self._compile(template).render({**frame, **context})

    def _compile(self, name: str) -> Template:
        if self._templates is None:
            self._templates = build_templates(self._options.templates, self._options.static)
        template = self._templates.get_template(name)
        self._loaded.add(name)
        return template

    def _frame(self, page: str, principal: Principal | None) -> dict[str, object]:
        session = None if principal is None else principal.session
        now = iso(self._clock.now())
        return {
            "page": page,
            "user": None if session is None else {"name": session.user},
            "csrf_token": "" if principal is None else principal.form_token,
            "demo": self._options.demo,
            "version": self._options.version,
            "now": now,
            "zone": None,
            "flashes": [] if session is None else session.take_flashes(),
            "status": None if session is None else status_of(self._control, now, self._day.net()),
            "idempotency_key": _new_key,
        }


def _new_key() -> str:
    return secrets.token_urlsafe(16)
