"""The documents name every call and every protection that they promise to name."""

from __future__ import annotations

from pathlib import Path

from litestar.routes import HTTPRoute

from tests.web.fake_hub import FakeHub
from tradershub.web.access import Access

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_call_is_in_the_document() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    calls = {
        f"`{method} {route.path_format}`"
        for route in FakeHub().web.framework.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith(("/api/", "/metrics", "/schema/"))
        for handler in route.route_handlers
        if "access" in handler.opt
        for method in handler.http_methods
    }
    assert calls
    assert {call for call in calls if call not in text} == set()


def test_the_document_names_no_call_that_does_not_exist() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    named = {word.strip("`") for word in text.split("\n| ") for word in word.split("` `")}
    paths = {
        part.split("`")[0].split(" ")[1] for part in named if part.split(" ")[0] in ("GET", "POST", "PUT", "DELETE")
    }
    known = {route.path_format for route in FakeHub().web.framework.routes}
    assert {path for path in paths if path.startswith("/api/") and "?" not in path} <= known


def test_every_public_route_is_told() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    public = {
        handler.handler_name
        for route in FakeHub().web.framework.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get("access") == Access.PUBLIC
    }
    assert len(public) == 4
    assert "a list of four" in " ".join(text.split())
