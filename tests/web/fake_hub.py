"""A hub of stand-ins with the real web before it, and the visitors and persons who use it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2

from tests.web.fake_rows import AT, AT_TEXT, a_source, a_strategy, an_account
from tests.web.fakes import (
    FakeCollection,
    FakeExplainer,
    FakeKill,
    FakeLive,
    FakePlatforms,
    FakePositions,
    FakeQuotes,
    FakeSources,
    FakeStrategies,
    FakeViews,
    HandClock,
    MemorySettings,
    XorVault,
)
from tradershub.domain.accounts import AccountMode
from tradershub.domain.platform_config import ConfigField, FieldKind, PlatformInfo
from tradershub.ports.control import Control
from tradershub.ports.settings import StoredToken, StoredUser
from tradershub.web.framework import WebApp, build_app
from tradershub.web.options import WebOptions
from tradershub.web.passwords import hash_password
from tradershub.web.tokens import hash_token

PASSWORD = "seven purple anvils"
PASSWORD_HASH = hash_password(PASSWORD)

PAPER = PlatformInfo(
    name="paper",
    title="Paper",
    advice="",
    module="paper",
    fields=(
        ConfigField(name="latency_ms", label="Latency", kind=FieldKind.INTEGER, default="0", help="", unit="ms"),
        ConfigField(name="partial_fills", label="Partial fills", kind=FieldKind.BOOLEAN, default="false", help=""),
        ConfigField(name="licence_key", label="Licence key", kind=FieldKind.SECRET, default="", help=""),
    ),
    account_modes=(AccountMode.PAPER,),
)


INSTRUMENTS = (
    {"root": "MES", "symbol": "MESZ2026", "tick": "0.25"},
    {"root": "EURUSD", "symbol": "EURUSD", "tick": "0.00001"},
)


class FakeHub:
    """Everything behind the web, and the web before it."""

    def __init__(self, **options: Any) -> None:
        self.clock = HandClock()
        self.settings = MemorySettings()
        self.views = FakeViews()
        self.platforms = FakePlatforms()
        self.accounts = FakeCollection("id", an_account, an_account())
        self.strategies = FakeStrategies("name", a_strategy, a_strategy())
        self.sources = FakeSources("name", a_source, a_source())
        self.positions = FakePositions()
        self.kill = FakeKill()
        self.live = FakeLive()
        self.told: dict[str, Any] = {"gate": "active", "last_signal_at": None}
        self.settings.user_rows["admin"] = StoredUser(
            name="admin", password_hash=PASSWORD_HASH, totp_sealed=None, totp_last_step=0, changed_at=AT
        )
        for scope in ("read", "trade", "admin", "kill"):
            self.settings.token_rows[scope] = StoredToken(
                token_id=scope,
                name=scope,
                scope=scope,
                hashed=hash_token(f"{scope}-token"),
                created_at=AT,
                last_used_at=AT,
            )
        chosen = {"version": "0.0.test", "started_at": AT_TEXT, "heartbeat_seconds": 5.0, **options}
        self.web: WebApp = build_app(
            control=self.control(),
            views=self.views,
            settings=self.settings,
            vault=XorVault(),
            clock=self.clock,
            options=WebOptions(**chosen),
        )

    def control(self) -> Control:
        return Control(
            platforms=self.platforms,
            accounts=self.accounts,
            strategies=self.strategies,
            sources=self.sources,
            positions=self.positions,
            kill=self.kill,
            explainer=FakeExplainer(),
            quotes=FakeQuotes(),
            live=self.live,
            instruments=lambda: INSTRUMENTS,
            symbol_map=lambda name: {"platform": name, "entries": []} if name == "paper" else None,
            status=lambda: self.told,
            not_ready=lambda: (),
            platform_info=lambda name: PAPER if name == "paper" else None,
        )

    @asynccontextmanager
    async def visitor(
        self, token: str | None = None, *, peer: str = "127.0.0.1", base: str = "http://127.0.0.1:8787"
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """Return a client of the application, with a token of ours if one is named."""
        headers = {} if token is None else {"authorization": f"Bearer {token}-token"}
        transport = httpx2.ASGITransport(app=cast("Any", self.web), client=(peer, 50000), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
            yield client

    @asynccontextmanager
    async def person(self) -> AsyncIterator[Person]:
        """Return somebody who has signed in with a browser."""
        async with self.visitor() as client:
            person = Person(client)
            await person.sign_in()
            yield person

    def change_user(self, **changes: Any) -> None:
        self.settings.user_rows["admin"] = dataclasses.replace(self.settings.user_rows["admin"], **changes)


class Person:
    """A browser with a session: sends what browsers send, and the token that is in every form."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.form_token = ""

    async def sign_in(self, **more: str) -> httpx2.Response:
        body = {"username": "admin", "password": PASSWORD, **more}
        answer = await self.client.post("/login", json=body)
        self.form_token = answer.json().get("csrf_token", "")
        return answer

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.client.get(path, params=params or None, headers={"accept": "text/html"})

    async def post(self, path: str, **fields: Any) -> httpx2.Response:
        """Send a form as a page would."""
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        return await self.client.post(path, data={"_csrf_token": self.form_token, **fields}, headers=headers)
