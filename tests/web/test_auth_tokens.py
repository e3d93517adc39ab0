"""Tokens: shown once, kept as hashes, taken back at once."""

from __future__ import annotations

import pytest

from tests.web.fake_hub import FakeHub
from tradershub.ports.settings import StoredToken
from tradershub.web.tokens import hash_token


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def test_a_token_is_shown_once_and_works(hub: FakeHub) -> None:
    async with hub.visitor("admin") as client:
        answer = await client.post("/api/tokens", json={"name": "reader", "scopes": ["read"]})
        assert answer.status_code == 201
        text = answer.json()["token"]
        assert len(text) >= 43
        listed = (await client.get("/api/tokens")).text
        assert text not in listed
        assert "reader" in listed
        headers = {"authorization": f"Bearer {text}"}
        assert (await client.get("/api/signals", headers=headers)).status_code == 200
        assert (await client.post("/api/quotes", json={}, headers=headers)).status_code == 403
    stored = [row for row in hub.settings.token_rows.values() if row.name == "reader"]
    assert [row.hashed for row in stored] == [hash_token(text)]


async def test_a_token_taken_back_stops_working(hub: FakeHub) -> None:
    async with hub.visitor("admin") as client:
        made = (await client.post("/api/tokens", json={"name": "reader", "scopes": ["read"]})).json()
        assert (await client.delete(f"/api/tokens/{made['id']}")).status_code == 204
        answer = await client.get("/api/signals", headers={"authorization": f"Bearer {made['token']}"})
        assert answer.status_code == 401
        assert (await client.delete(f"/api/tokens/{made['id']}")).status_code == 404


REFUSED = {
    "no name": ({"scopes": ["read"]}, 422, "name"),
    "a name with markup": ({"name": "<b>", "scopes": ["read"]}, 422, "name"),
    "no scopes": ({"name": "x", "scopes": []}, 422, "scopes"),
    "an unknown scope": ({"name": "x", "scopes": ["root"]}, 422, "scopes"),
    "scopes that are no list": ({"name": "x", "scopes": "read"}, 422, "scopes"),
    "a name that is taken": ({"name": "admin", "scopes": ["read"]}, 409, "name"),
    "a field of its own": ({"name": "x", "scopes": ["read"], "hashed": "x"}, 422, "hashed"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_token_with_a_mistake_is_not_made(hub: FakeHub, name: str) -> None:
    document, status, field = REFUSED[name]
    async with hub.visitor("admin") as client:
        answer = await client.post("/api/tokens", json=document)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert len(hub.settings.token_rows) == 4


async def test_a_token_made_by_the_command_line_counts_soon(hub: FakeHub) -> None:
    async with hub.visitor("late") as client:
        assert (await client.get("/api/signals")).status_code == 401
        hub.settings.token_rows["late"] = StoredToken(
            token_id="late",
            name="late",
            scope="read",
            hashed=hash_token("late-token"),
            created_at=hub.clock.now(),
            last_used_at=None,
        )
        hub.clock.move(3)
        assert (await client.get("/api/signals")).status_code == 200


async def test_the_last_use_is_noted_but_not_with_every_call(hub: FakeHub) -> None:
    hub.clock.move(600)
    async with hub.visitor("read") as client:
        await client.get("/api/signals")
        first = hub.settings.token_rows["read"].last_used_at
        hub.clock.move(10)
        await client.get("/api/signals")
    assert first == hub.settings.token_rows["read"].last_used_at
    assert first == hub.clock.now() - 10 * 10**9


async def test_a_stored_scope_that_nobody_knows_gives_nothing(hub: FakeHub) -> None:
    hub.settings.token_rows["odd"] = StoredToken(
        token_id="odd", name="odd", scope="root", hashed=hash_token("odd-token"), created_at=hub.clock.now(),
        last_used_at=None,
    )  # fmt: skip
    async with hub.visitor("odd") as client:
        assert (await client.get("/api/signals")).status_code == 403
