"""Every route is behind the guard unless it is on the short list of those that are not."""

from __future__ import annotations

import re

import pytest
from litestar.routes import HTTPRoute

from tests.web.fake_hub import FakeHub, Person
from tradershub.web.access import Access

PUBLIC = {("GET", "/login"), ("POST", "/login"), ("GET", "/static/{name}"), ("GET", "/favicon.ico")}
ADMIN_ONLY = "needs the scope admin"


def every_route(hub: FakeHub) -> list[tuple[str, str, Access]]:
    """Return method, path and access of all routes, read from the running application."""
    found: list[tuple[str, str, Access]] = []
    for route in hub.web.framework.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            access = Access(handler.opt.get("access", Access.ADMIN))
            methods = {str(method) for method in handler.http_methods} - {"OPTIONS"}
            found += [(method, route.path_format, access) for method in methods]
    return found


def filled(path: str) -> str:
    """Return a path whose parameters have values."""
    return re.sub(r"\{\w+\}", "x", path)


@pytest.fixture(scope="module")
def shared() -> FakeHub:
    """Return a hub that these tests only knock at."""
    return FakeHub()


def test_only_the_listed_routes_are_public(shared: FakeHub) -> None:
    public = {(method, path) for method, path, access in every_route(shared) if access is Access.PUBLIC}
    assert public == PUBLIC


async def test_nobody_gets_past_the_guard_without_a_token_or_a_session(shared: FakeHub) -> None:
    async with shared.visitor() as client:
        for method, path, access in every_route(shared):
            if access is not Access.PUBLIC:
                answer = await client.request(method, filled(path))
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scope", ["read", "trade", "admin", "kill"])
async def test_a_token_opens_what_its_scope_includes_and_nothing_else(shared: FakeHub, scope: str) -> None:
    opens = {
        "read": {Access.READ, Access.GATES},
        "trade": {Access.READ, Access.TRADE, Access.KILL, Access.GATES},
        "admin": {Access.READ, Access.TRADE, Access.KILL, Access.GATES, Access.ADMIN},
        "kill": {Access.KILL, Access.GATES},
    }[scope]
    async with shared.visitor(scope) as client:
        for method, path, access in every_route(shared):
            if access is Access.PUBLIC or (path == "/api/events" and access in opens):
                continue
            answer = await client.request(method, filled(path), headers={"content-type": "application/json"})
            assert (answer.status_code != 403) == (access in opens), (method, path, answer.text)


async def test_a_preflight_of_another_site_is_told_nothing(shared: FakeHub) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    async with shared.visitor() as client:
        for path in {path for _, path, _ in every_route(shared)}:
            answer = await client.options(filled(path), headers=headers)
            assert answer.status_code == 405
            assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_kill_token_calls_the_kill_switch_alone(shared: FakeHub) -> None:
    opened = {(method, path) for method, path, access in every_route(shared) if access in (Access.KILL, Access.GATES)}
    assert opened == {("POST", "/api/kill"), ("GET", "/api/kill")}


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", "Bearer ", "Bearer", "Basic YWRtaW46cGFzcw==", "admin-token", "", "Bearer " + "x" * 5000],
)
async def test_a_wrong_authorization_is_401(header: str) -> None:
    hub = FakeHub()
    async with hub.visitor() as client:
        answer = await client.get("/api/signals", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.json()["got"] is None


async def test_a_request_with_authorization_never_reads_the_session() -> None:
    hub = FakeHub()
    async with hub.person() as person:
        assert (await person.client.get("/api/tokens")).status_code == 200
        answer = await person.client.get("/api/tokens", headers={"authorization": "Bearer read-token"})
        assert answer.status_code == 403
        answer = await person.client.get("/api/tokens", headers={"authorization": "Bearer wrong"})
        assert answer.status_code == 401


async def test_a_token_needs_no_form_token() -> None:
    hub = FakeHub()
    async with hub.visitor("admin") as client:
        answer = await client.post(
            "/api/kill",
            json={"level": "stop"},
            headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        )
    assert answer.status_code == 202


FOREIGN = {
    "another site": {"sec-fetch-site": "cross-site"},
    "a sibling domain": {"sec-fetch-site": "same-site"},
    "another origin": {"origin": "https://evil.example"},
    "an origin that only begins like ours": {"origin": "http://127.0.0.1:8787.evil.example"},
    "an opaque origin": {"origin": "null"},
    "an origin that cannot be read": {"origin": "http://["},
    "no word of where from": {},
}


@pytest.mark.parametrize("name", FOREIGN)
async def test_a_session_is_not_used_from_elsewhere(name: str) -> None:
    hub = FakeHub()
    async with hub.person() as person:
        headers = {**FOREIGN[name], "x-csrf-token": person.form_token}
        answer = await person.client.post("/api/kill", json={"level": "stop"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert hub.kill.gates == {}


@pytest.mark.parametrize("token", [None, "", "wrong", "0" * 64])
async def test_a_session_needs_its_form_token(token: str | None) -> None:
    hub = FakeHub()
    async with hub.person() as person:
        headers = {"sec-fetch-site": "same-origin"} | ({} if token is None else {"x-csrf-token": token})
        answer = await person.client.post("/api/kill", json={"level": "stop"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "form_token")
    assert hub.kill.gates == {}


@pytest.mark.parametrize("vouched", [{"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1:8787"}])
async def test_a_session_with_its_form_token_may_do_everything(vouched: dict[str, str]) -> None:
    hub = FakeHub()
    async with hub.person() as person:
        headers = {**vouched, "x-csrf-token": person.form_token}
        answer = await person.client.post("/api/kill", json={"level": "stop"}, headers=headers)
    assert answer.status_code == 202
    assert hub.kill.gates["global"]["set_by"] == "admin"


async def test_the_form_token_of_another_session_does_not_count() -> None:
    hub = FakeHub()
    async with hub.person() as one, hub.person() as other:
        headers = {"sec-fetch-site": "same-origin", "x-csrf-token": other.form_token}
        answer = await one.client.post("/api/kill", json={"level": "stop"}, headers=headers)
    assert answer.status_code == 403


async def test_a_page_sends_a_stranger_to_sign_in_and_back() -> None:
    hub = FakeHub()
    async with hub.visitor() as client:
        stranger = Person(client)
        answer = await stranger.get("/positions")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/positions")
        assert (await stranger.get("/")).headers["location"] == "/login"


async def test_a_program_gets_no_page() -> None:
    hub = FakeHub()
    async with hub.visitor("admin") as client:
        answer = await client.get("/positions", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


SAFE_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/login", "/api/signals", "/nothing", "/api/nothing", "/static/nothing.js"])
async def test_every_answer_has_the_safe_headers(shared: FakeHub, path: str) -> None:
    async with shared.visitor() as client:
        answer = await client.get(path)
    assert {name: answer.headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


async def test_tls_is_remembered_by_browsers(shared: FakeHub) -> None:
    async with shared.visitor(base="https://hub.example") as client:
        answer = await client.get("/login")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_the_host_header_is_never_echoed(shared: FakeHub) -> None:
    async with shared.visitor() as client:
        answer = await client.get("/positions", headers={"host": "evil.example", "accept": "text/html"})
    assert answer.headers["location"].startswith("/login")
    assert "evil.example" not in answer.text
