"""Signing in: passwords, sessions, cookies, limits and the second factor."""

from __future__ import annotations

import hashlib
import time

import pyotp
import pytest

from tests.web.fake_hub import PASSWORD, PASSWORD_HASH, FakeHub, Person
from tradershub.web.passwords import PasswordChecks, hash_password

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def enrol(hub: FakeHub) -> tuple[str, ...]:
    """Switch the second factor on; return the recovery codes. The code of this very moment is used up."""
    enrolled = await hub.web.services.people.second_factor.enrol("admin", SECRET, code_now(hub))
    assert enrolled is not None
    return enrolled.recovery_codes


def code_now(hub: FakeHub) -> str:
    return pyotp.TOTP(SECRET).at(hub.clock.now() // 10**9)


async def test_a_session_begins_with_the_right_password(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        person = Person(client)
        answer = await person.sign_in()
        assert answer.status_code == 200
        assert answer.json() == {"user": "admin", "csrf_token": person.form_token}
        assert (await person.get("/positions")).status_code == 200


async def test_the_cookie_is_strict_and_its_key_is_not_stored(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        answer = await Person(client).sign_in()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tradershub=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    key = cookie.partition("=")[2].partition(";")[0]
    assert len(key) >= 43
    assert list(hub.settings.session_rows) == [hashlib.sha256(key.encode()).digest()]


async def test_on_tls_the_cookie_is_secure_and_bound_to_the_host(hub: FakeHub) -> None:
    async with hub.visitor(base="https://hub.example", peer="203.0.113.9") as client:
        person = Person(client)
        cookie = (await person.sign_in()).headers["set-cookie"]
        assert cookie.startswith("__Host-tradershub=")
        assert "; Secure" in cookie
        assert "Path=/;" in cookie
        assert (await person.get("/positions")).status_code == 200


async def test_a_password_is_not_taken_in_clear_from_another_machine(hub: FakeHub) -> None:
    async with hub.visitor(peer="203.0.113.9") as client:
        answer = await Person(client).sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "tls_required")
    assert hub.settings.session_rows == {}


async def test_a_loopback_cookie_does_not_count_from_elsewhere(hub: FakeHub) -> None:
    async with hub.person() as person:
        key = person.client.cookies["tradershub"]
    async with hub.visitor(peer="203.0.113.9") as client:
        answer = await client.get("/api/signals", headers={"cookie": f"tradershub={key}"})
    assert answer.status_code == 401


WRONG = {
    "password": {"username": "admin", "password": "seven purple anvil"},
    "user": {"username": "root", "password": PASSWORD},
    "both": {"username": "root", "password": "x"},
    "nothing": {"username": "", "password": ""},
}


async def test_what_is_wrong_is_not_told(hub: FakeHub) -> None:
    bodies = set()
    async with hub.visitor() as client:
        for wrong in WRONG.values():
            answer = await client.post("/login", json=wrong)
            assert answer.status_code == 401
            bodies.add(answer.text)
            assert "set-cookie" not in answer.headers
    assert len(bodies) == 1


async def test_an_unknown_user_costs_as_much_work_as_a_known_one() -> None:
    checks = PasswordChecks()
    costs = []
    for stored in (PASSWORD_HASH, None, PASSWORD_HASH, None):
        began = time.process_time_ns()
        assert not await checks.is_right(stored, "a wrong password")
        costs.append(time.process_time_ns() - began)
    # The first check also makes the hash that nobody has the password of, so only the later two are compared.
    assert costs[2] / 3 < costs[3] < costs[2] * 3


@pytest.mark.parametrize("document", [{}, {"username": "admin"}, {"username": "admin", "password": 5}])
async def test_a_sign_in_without_its_fields_is_422(hub: FakeHub, document: object) -> None:
    async with hub.visitor() as client:
        answer = await client.post("/login", json=document)
    assert answer.status_code == 422


async def test_each_mistake_beyond_five_costs_more_time(hub: FakeHub) -> None:
    waits = []
    async with hub.visitor() as client:
        for _ in range(8):
            answer = await client.post("/login", json=WRONG["password"])
            if answer.status_code == 429:
                wait = int(answer.headers["retry-after"])
                waits.append(wait)
                assert (
                    await client.post("/login", json={"username": "admin", "password": PASSWORD})
                ).status_code == 429
                hub.clock.move(wait)
                assert (await client.post("/login", json=WRONG["password"])).status_code == 401
    assert len(waits) >= 2
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    async with hub.visitor() as client:
        hub.clock.move(waits[-1] * 4)
        assert (await Person(client).sign_in()).status_code == 200


async def test_a_crowd_elsewhere_cannot_keep_the_owner_at_the_machine_out(hub: FakeHub) -> None:
    limits = hub.web.services.people.sign_in.limits
    for number in range(100):
        limits.failed(f"198.51.100.{number}")
    assert limits.wait_seconds("203.0.113.9", is_here=False) > 0
    assert limits.wait_seconds("127.0.0.1", is_here=True) == 0


async def test_a_session_ends_when_it_is_not_used_for_half_an_hour(hub: FakeHub) -> None:
    async with hub.person() as person:
        hub.clock.move(29 * 60)
        assert (await person.client.get("/api/signals")).status_code == 200
        hub.clock.move(29 * 60)
        assert (await person.client.get("/api/signals")).status_code == 200
        hub.clock.move(31 * 60)
        assert (await person.client.get("/api/signals")).status_code == 401
    assert hub.settings.session_rows == {}


async def test_a_session_ends_after_twelve_hours_whatever_happens(hub: FakeHub) -> None:
    async with hub.person() as person:
        for _ in range(25):
            hub.clock.move(29 * 60)
            answer = await person.client.get("/api/signals")
    assert answer.status_code == 401


async def test_a_session_survives_a_restart(hub: FakeHub) -> None:
    again = FakeHub()
    async with hub.person() as person:
        again.settings.session_rows = hub.settings.session_rows
        key = person.client.cookies["tradershub"]
    async with again.visitor() as client:
        answer = await client.get("/api/signals", headers={"cookie": f"tradershub={key}"})
    assert answer.status_code == 200


async def test_signing_out_ends_the_session_on_the_server(hub: FakeHub) -> None:
    async with hub.person() as person:
        key = person.client.cookies["tradershub"]
        answer = await person.post("/logout")
        assert answer.headers["location"] == "/login"
        assert "Max-Age=0" in answer.headers["set-cookie"]
        answer = await person.client.get("/api/signals", headers={"cookie": f"tradershub={key}"})
    assert answer.status_code == 401
    assert hub.settings.session_rows == {}


async def test_each_sign_in_makes_a_new_session(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        keys = set()
        for _ in range(2):
            answer = await client.post(
                "/login",
                json={"username": "admin", "password": PASSWORD},
                headers={"cookie": "tradershub=chosen-by-an-attacker"},
            )
            keys.add(answer.headers["set-cookie"].partition(";")[0])
    assert len(keys) == 2
    assert "tradershub=chosen-by-an-attacker" not in keys


async def test_a_sign_in_form_from_another_site_is_refused(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        answer = await client.post(
            "/login", data={"username": "admin", "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}
        )
    assert answer.status_code == 403
    assert hub.settings.session_rows == {}


async def test_changing_the_password_ends_the_other_sessions(hub: FakeHub) -> None:
    async with hub.person() as one, hub.person() as other:
        new = "nine orange teapots"
        answer = await one.post("/settings/password", current=PASSWORD, password=new, repeat=new)
        assert answer.status_code == 303
        assert (await one.client.get("/api/signals")).status_code == 200
        assert (await other.client.get("/api/signals")).status_code == 401
    async with hub.visitor() as client:
        assert (await Person(client).sign_in()).status_code == 401
        assert (await Person(client).sign_in(password=new)).status_code == 200


REFUSED_CHANGES = {
    "too short": ({"password": "short one", "repeat": "short one"}, "password"),
    "not the same": ({"password": "nine orange teapots", "repeat": "nine orange teapot"}, "repeat"),
    "everybody's": ({"password": "password1234!", "repeat": "password1234!"}, "password"),
    "a run of keys": ({"password": "qwertyuiopqwertyuiop", "repeat": "qwertyuiopqwertyuiop"}, "password"),
    "one letter": ({"password": "aaaaaaaaaaaaaaaa", "repeat": "aaaaaaaaaaaaaaaa"}, "password"),
    "not the current one": (
        {"current": "guessed", "password": "nine orange teapots", "repeat": "nine orange teapots"},
        "current",
    ),
}


@pytest.mark.parametrize("name", REFUSED_CHANGES)
async def test_a_password_change_with_a_mistake_changes_nothing(hub: FakeHub, name: str) -> None:
    fields, wrong = REFUSED_CHANGES[name]
    before = hub.settings.user_rows["admin"]
    async with hub.person() as person:
        answer = await person.post("/settings/password", **{"current": PASSWORD, **fields})
    assert answer.status_code == 422
    names = {"password": "password-new", "repeat": "password-repeat", "current": "password-current"}
    assert f'id="{names[wrong]}-error"' in answer.text
    assert fields["password"] not in answer.text
    assert hub.settings.user_rows["admin"] == before


async def test_an_enrolled_person_needs_the_second_factor(hub: FakeHub) -> None:
    await enrol(hub)
    async with hub.visitor() as client:
        person = Person(client)
        answer = await person.sign_in()
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
        assert (await person.sign_in(totp="000000")).status_code == 401
        hub.clock.move(30)
        assert (await person.sign_in(totp=code_now(hub))).status_code == 200


async def test_a_code_counts_once(hub: FakeHub) -> None:
    await enrol(hub)
    hub.clock.move(30)
    async with hub.visitor() as client:
        code = code_now(hub)
        assert (await Person(client).sign_in(totp=code)).status_code == 200
        assert (await Person(client).sign_in(totp=code)).json()["code"] == "second_factor_wrong"


async def test_the_code_that_switched_it_on_is_used_up(hub: FakeHub) -> None:
    await enrol(hub)
    async with hub.visitor() as client:
        assert (await Person(client).sign_in(totp=code_now(hub))).status_code == 401


async def test_a_recovery_code_works_once(hub: FakeHub) -> None:
    codes = await enrol(hub)
    async with hub.visitor() as client:
        assert (await Person(client).sign_in(totp=codes[3])).status_code == 200
        assert (await Person(client).sign_in(totp=codes[3])).status_code == 401
    assert await hub.web.services.people.second_factor.recovery_left("admin") == len(codes) - 1


async def test_wrong_codes_run_out(hub: FakeHub) -> None:
    await enrol(hub)
    async with hub.visitor("admin") as client:
        document = {"scope": "global", "reason": "r", "totp": "000000"}
        answers = [(await client.post("/api/kill/reset", json=document)).status_code for _ in range(7)]
    assert answers == [403] * 5 + [429] * 2
    assert hub.kill.resets == []


async def test_the_secret_is_sealed_where_it_is_kept(hub: FakeHub) -> None:
    codes = await enrol(hub)
    sealed = hub.settings.user_rows["admin"].totp_sealed
    assert sealed is not None
    assert SECRET.encode() not in sealed
    opened = bytes(byte ^ 0x5A for byte in sealed)
    assert SECRET.encode() in opened
    assert codes[0].encode() not in opened


async def test_a_reset_with_the_right_code_is_proven(hub: FakeHub) -> None:
    await enrol(hub)
    hub.clock.move(30)
    hub.kill.has_live = True
    async with hub.visitor("admin") as client:
        document = {"scope": "global", "reason": "checked", "totp": code_now(hub)}
        answer = await client.post("/api/kill/reset", json=document)
    assert answer.status_code == 200
    assert hub.kill.resets == [({"scope": "global", "reason": "checked"}, "token:admin", True)]


async def test_a_person_with_a_second_factor_needs_it_to_make_a_token(hub: FakeHub) -> None:
    async with hub.person() as person:
        await enrol(hub)
        assert (await person.post("/settings/tokens", name="bot", scopes="admin")).status_code == 422
        headers = {"sec-fetch-site": "same-origin", "x-csrf-token": person.form_token}
        document = {"name": "bot", "scopes": ["admin"]}
        assert (await person.client.post("/api/tokens", json=document, headers=headers)).status_code == 403
        hub.clock.move(30)
        answer = await person.post("/settings/tokens", name="bot", scopes="admin", totp=code_now(hub))
        assert answer.status_code == 303
    assert [row.name for row in hub.settings.token_rows.values()][4:] == ["bot"]


def test_a_password_hash_is_argon2id() -> None:
    assert hash_password("anything at all").startswith("$argon2id$v=19$")
