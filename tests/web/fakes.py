"""Small working stand-ins for the hub behind the web: rows in memory, in the shapes of the API."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2

from tradershub.domain.accounts import AccountMode
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, iso
from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import OrderId, SignalId
from tradershub.domain.platform_config import ConfigField, FieldKind, PlatformInfo
from tradershub.ports.control import Control, Created, Document, LiveEvent, NewSecret
from tradershub.ports.settings import StoredSecret, StoredSession, StoredToken, StoredUser
from tradershub.ports.views import KnownSignal, OpenOrder, Page, Query, Recovery, Row
from tradershub.web.framework import WebApp, WebOptions, build_app
from tradershub.web.passwords import hash_password
from tradershub.web.tokens import hash_token

PASSWORD = "seven purple anvils"
PASSWORD_HASH = hash_password(PASSWORD)
AT = Nanos(1_795_357_800 * NANOS_PER_SECOND)
AT_TEXT = iso(AT)


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


class HandClock:
    """A clock that moves only when a test moves it."""

    def __init__(self) -> None:
        self.passed = 0

    def now(self) -> Nanos:
        return Nanos(AT + self.passed)

    def monotonic(self) -> Nanos:
        return Nanos(self.passed)

    def perf(self) -> int:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self.passed += int(seconds * NANOS_PER_SECOND)


class XorVault:
    """Seals in a way that a test can tell from the plain text."""

    def seal(self, plain: bytes) -> bytes:
        return bytes(byte ^ 0x5A for byte in plain)

    def unseal(self, sealed: bytes) -> bytes:
        return self.seal(sealed)


class MemorySettings:
    def __init__(self) -> None:
        self.user_rows: dict[str, StoredUser] = {}
        self.token_rows: dict[str, StoredToken] = {}
        self.session_rows: dict[bytes, StoredSession] = {}
        self.secret_rows: dict[str, StoredSecret] = {}

    async def documents(self, table: str) -> tuple[tuple[str, str], ...]:
        return ()

    async def secrets(self) -> tuple[StoredSecret, ...]:
        return tuple(self.secret_rows.values())

    async def put_secret(self, secret: StoredSecret) -> None:
        self.secret_rows[secret.secret_id] = secret

    async def delete_secret(self, secret_id: str) -> None:
        self.secret_rows.pop(secret_id, None)

    async def tokens(self) -> tuple[StoredToken, ...]:
        return tuple(self.token_rows.values())

    async def put_token(self, token: StoredToken) -> None:
        self.token_rows[token.token_id] = token

    async def delete_token(self, token_id: str) -> None:
        self.token_rows.pop(token_id, None)

    async def user(self, name: str) -> StoredUser | None:
        return self.user_rows.get(name)

    async def put_user(self, user: StoredUser) -> None:
        self.user_rows[user.name] = user

    async def sessions(self) -> tuple[StoredSession, ...]:
        return tuple(self.session_rows.values())

    async def put_session(self, session: StoredSession) -> None:
        self.session_rows[session.session_hash] = session

    async def delete_session(self, session_hash: bytes) -> None:
        self.session_rows.pop(session_hash, None)


def a_platform(name: str = "paper", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "installed": True,
        "enabled": True,
        "state": "up",
        "accounts": [f"{name}:main"],
        "last_error": None,
        "config": {},
        **changes,
    }


def an_account(key: str = "paper:main", **changes: object) -> dict[str, Any]:
    return {
        "id": key,
        "platform": key.partition(":")[0],
        "label": key,
        "mode": "paper",
        "enabled": True,
        "currency": "USD",
        "starting_balance": "50000",
        "session": {"zone": "America/New_York", "reset": "17:00"},
        "config": {},
        **changes,
    }


def a_strategy(name: str = "momentum", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "category": "",
        "status": "testing",
        "paused": False,
        "instruments": [],
        "timeframes": [],
        "platforms": [],
        "defaults": {"quantity": "1", "stop_loss": None, "take_profit": None},
        "require_stop": False,
        "max_age_s": 30,
        "exit_max_age_s": 300,
        "allow": {"accounts": False, "flatten": False, "order_type": True, "stops": True},
        "on_mismatch": "block",
        "opposite": "net",
        "windows": [],
        "routes": [],
        **changes,
    }


def a_route(account: str = "paper:main", **changes: object) -> dict[str, Any]:
    return {
        "account": account,
        "sizing": {"kind": "as_signalled", "value": "1"},
        "max_quantity": None,
        "directions": ["long", "short"],
        "instruments": [],
        "windows": [],
        "enabled": True,
        **changes,
    }


def a_source(name: str = "tradingview", **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "enabled": True,
        "dialects": [],
        "auth": "secret",
        "path_token": True,
        "zone": None,
        "default_strategy": None,
        "default_symbol": None,
        "dedupe_window_s": 20,
        "max_ahead_s": 10,
        "addresses": [],
        **changes,
    }


def a_position(key: str = "P1", **changes: object) -> dict[str, Any]:
    return {
        "id": key,
        "account": "paper:main",
        "platform": "paper",
        "strategy": "momentum",
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "side": "long",
        "quantity": "2",
        "hub_quantity": "2",
        "average_price": "6000.25",
        "mark": "6001.25",
        "unrealised": "10",
        "currency": "USD",
        "stop_loss": None,
        "take_profit": None,
        "opened_at": AT_TEXT,
        "as_of": AT_TEXT,
        "external": False,
        **changes,
    }


def an_order(key: str = "TH234567ABCDEF", **changes: object) -> dict[str, Any]:
    return {
        "order_id": key,
        "signal_id": "S1",
        "cause": "S1",
        "strategy": "momentum",
        "account": "paper:main",
        "platform": "paper",
        "symbol": "MESZ2026",
        "platform_symbol": "MESZ2026",
        "side": "buy",
        "quantity": "2",
        "hub_quantity": "2",
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "stop_loss": None,
        "take_profit": None,
        "state": "filled",
        "filled": "2",
        "average_price": "6000.25",
        "reason": None,
        "conflict": False,
        "origin": "signal",
        "carrier": "api",
        "automated": True,
        "created_at": AT_TEXT,
        "facts": [],
        **changes,
    }


def a_signal(key: str = "S1", **changes: object) -> dict[str, Any]:
    return {
        "signal_id": key,
        "source": "tradingview",
        "dialect": "native",
        "strategy": "momentum",
        "symbol": "MESZ2026",
        "symbol_as_written": "MES1!",
        "action": "buy",
        "quantity": {"value": "2", "kind": "units"},
        "order_type": "market",
        "limit_price": None,
        "stop_price": None,
        "stop_loss": None,
        "take_profit": None,
        "time_in_force": None,
        "target_position": None,
        "position_before": None,
        "position_after": None,
        "close_side": None,
        "signal_price": None,
        "sent_at": None,
        "timeframe": None,
        "message_id": None,
        "comment": None,
        "accounts": [],
        "received_at": AT_TEXT,
        "status": "accepted",
        "reason": None,
        "orders": [],
        **changes,
    }


class FakePlatforms:
    def __init__(self) -> None:
        not_there = {"installed": False, "enabled": False, "state": "not_installed", "accounts": []}
        self.table = {row["name"]: row for row in (a_platform(), a_platform("nt8", **not_there))}

    def rows(self) -> tuple[Row, ...]:
        return tuple(self.table.values())

    async def toggle(self, name: str, enabled: object, *, who: str) -> Row:
        self.table[name] |= {"enabled": enabled, "state": "up" if enabled else "disabled"}
        return self.table[name]

    async def configure(self, name: str, config: Document, *, who: str) -> Row:
        self.table[name]["config"] |= config
        return self.table[name]


class FakeCollection:
    """One kind of settings row. A document may not name fields that the row has not."""

    def __init__(self, key: str, blank: Callable[..., dict[str, Any]], *rows: dict[str, Any]) -> None:
        self.key = key
        self.blank = blank
        self.table = {row[key]: row for row in rows}
        self.asked_by: list[str] = []

    def rows(self) -> tuple[Row, ...]:
        return tuple(self.table.values())

    def row(self, key: str) -> Row | None:
        return self.table.get(key)

    async def create(self, document: Document, *, who: str) -> Row:
        key = document.get(self.key)
        if not isinstance(key, str):
            raise RequestRefused(422, "missing", "say which", field=self.key)
        if key in self.table:
            raise RequestRefused(409, "exists", "there is one with this name already", field=self.key, got=key)
        return self._put(key, document, who)

    async def replace(self, key: str, document: Document, *, who: str) -> Row:
        return self._put(key, document, who)

    async def delete(self, key: str, *, who: str) -> None:
        if key == "busy":
            raise RequestRefused(409, "in_use", "it has an open position: close it first")
        self.asked_by.append(who)
        del self.table[key]

    def _put(self, key: str, document: Document, who: str) -> Row:
        row = self.blank(key)
        for name, value in document.items():
            if name not in row:
                raise RequestRefused(422, "unknown_field", "unknown field", field=name)
            if name == "max_age_s" and not isinstance(value, int):
                raise RequestRefused(422, "invalid", "expected a whole number", field=name, got=value)
            row[name] = value
        self.asked_by.append(who)
        self.table[key] = row
        return row


class FakeStrategies(FakeCollection):
    async def set_status(self, name: str, document: Document, *, who: str) -> Row:
        status = document.get("status")
        if status not in ("live", "testing", "development", "archived"):
            raise RequestRefused(422, "invalid", "expected a status", field="status", got=status)
        self.asked_by.append(who)
        self.table[name]["status"] = status
        return self.table[name]


class FakeSources(FakeCollection):
    async def rotate(self, name: str, document: Document, *, who: str) -> NewSecret:
        self.asked_by.append(who)
        return NewSecret(
            secret_id="sec1", secret="once-only-secret-of-32-characters", path=f"/webhook/{name}/a-path-token"
        )

    def endpoint_names(self) -> frozenset[str]:
        return frozenset(self.table)


class FakePositions:
    def __init__(self) -> None:
        self.table: list[dict[str, Any]] = []
        self.closed: list[tuple[str, object, str, str | None]] = []
        self.answers: dict[str, Row] = {}

    def rows(
        self,
        *,
        account: str | None = None,
        strategy: str | None = None,
        symbol: str | None = None,
        platform: str | None = None,
    ) -> tuple[Row, ...]:
        wanted = {"account": account, "strategy": strategy, "symbol": symbol, "platform": platform}
        asked = {name: value for name, value in wanted.items() if value is not None}
        return tuple(row for row in self.table if all(row[name] == value for name, value in asked.items()))

    async def close(self, position_id: str, document: Document, *, who: str, key: str | None) -> Row:
        if key is not None and key in self.answers:
            return self.answers[key]
        if all(row["id"] != position_id for row in self.table):
            raise RequestRefused(404, "not_found", "there is no such position", got=position_id)
        if document.get("quantity") == "0":
            raise RequestRefused(422, "invalid", "expected a number above zero", field="quantity", got="0")
        self.closed.append((position_id, document.get("quantity"), who, key))
        answer: Row = {"orders": [an_order(f"TH{len(self.closed):012d}", state="sending")]}
        if key is not None:
            self.answers[key] = answer
        return answer


class FakeKill:
    def __init__(self) -> None:
        self.gates: dict[str, dict[str, Any]] = {}
        self.has_live = False
        self.resets: list[tuple[Mapping[str, object], str, bool]] = []

    def row(self) -> Row:
        return {"gates": list(self.gates.values()), "sweep": None}

    async def kill(self, document: Document, *, who: str) -> Created:
        level, scope = document.get("level"), str(document.get("scope", "global"))
        if level != "stop":
            raise RequestRefused(422, "invalid", "expected stop", field="level", got=level)
        is_new = scope not in self.gates
        if is_new:
            gate = {"scope": scope, "gate": "reduce_only", "level": level, "set_by": who, "at": AT_TEXT}
            self.gates[scope] = {**gate, "reason": document.get("reason", "")}
        return Created(row={"kill_id": f"K{scope}", "gate": "reduce_only", "scope": scope}, is_new=is_new)

    async def reset(self, document: Document, *, who: str, second_factor: bool) -> Row:
        if self.has_live and not second_factor:
            raise RequestRefused(403, "second_factor_required", "a live account is in scope", field="totp")
        self.resets.append((document, who, second_factor))
        self.gates.pop(str(document.get("scope")), None)
        return self.row()


class FakeExplainer:
    async def explain(self, document: Document) -> Row:
        return {"parse": {"status": "accept"}, "said": document.get("body")}


class FakeQuotes:
    def put(self, document: Document, *, who: str) -> Row:
        return {"used": document.get("symbol") == "MES"}


class FakeLive:
    def __init__(self) -> None:
        self.kept: list[LiveEvent] = []
        self.receivers: list[Callable[[LiveEvent], None]] = []
        self.asked: list[tuple[frozenset[str], str | None]] = []

    def snapshot(self, topics: frozenset[str]) -> LiveEvent:
        payload: dict[str, object] = {"at": AT_TEXT}
        if "positions" in topics:
            payload["positions"] = []
        return LiveEvent(event_id=str(len(self.kept)), topic="", name="snapshot", payload=payload)

    def subscribe(
        self, topics: frozenset[str], after: str | None, receiver: Callable[[LiveEvent], None]
    ) -> Callable[[], None]:
        self.asked.append((topics, after))
        for event in self.kept:
            if after is not None and int(event.event_id) > int(after):
                receiver(event)
        self.receivers.append(receiver)
        return lambda: self.receivers.remove(receiver)

    def tell(self, topic: str, name: str, payload: Row) -> None:
        event = LiveEvent(event_id=str(len(self.kept) + 1), topic=topic, name=name, payload=payload)
        self.kept.append(event)
        for receiver in tuple(self.receivers):
            receiver(event)


@dataclass
class FakeViews:
    """Lists in memory, newest first; a test may make them slow."""

    signal_rows: list[dict[str, Any]] = field(default_factory=list)
    order_rows: list[dict[str, Any]] = field(default_factory=list)
    fill_rows: list[dict[str, Any]] = field(default_factory=list)
    trade_rows: list[dict[str, Any]] = field(default_factory=list)
    refused_rows: list[dict[str, Any]] = field(default_factory=list)
    audit_rows: list[dict[str, Any]] = field(default_factory=list)
    notice_rows: list[dict[str, Any]] = field(default_factory=list)
    unknown_rows: list[dict[str, Any]] = field(default_factory=list)
    figure_row: dict[str, Any] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)
    hangs: bool = False

    async def recovery(self, signals_since: Nanos) -> Recovery:
        return Recovery(orders=(), positions=(), gates=(), recent_signals=())

    async def known_signal(self, dedupe_key: str) -> KnownSignal | None:
        return None

    async def order_record(self, order_id: OrderId) -> OpenOrder | None:
        return None

    async def order_of_platform_id(self, account: str, platform_order_id: str) -> OrderId | None:
        return None

    async def signals(self, query: Query) -> Page:
        return await self._page(self.signal_rows, query)

    async def signal(self, signal_id: SignalId) -> Row | None:
        return self.details.get(signal_id)

    async def orders(self, query: Query) -> Page:
        return await self._page(self.order_rows, query)

    async def fills(self, query: Query) -> Page:
        return await self._page(self.fill_rows, query)

    async def trades(self, query: Query) -> Page:
        return await self._page(self.trade_rows, query)

    async def refused_messages(self, query: Query) -> Page:
        return await self._page(self.refused_rows, query)

    async def settings_audit(self, query: Query) -> Page:
        return await self._page(self.audit_rows, query)

    async def notices(self, query: Query) -> Page:
        return await self._page(self.notice_rows, query)

    async def unknown_strategies(self, since: Nanos) -> tuple[Row, ...]:
        return tuple(self.unknown_rows)

    async def figures(self, since: Nanos) -> Row:
        if self.hangs:
            await asyncio.Event().wait()
        return self.figure_row

    async def _page(self, rows: list[dict[str, Any]], query: Query) -> Page:
        self.asked.append(query)
        if self.hangs:
            await asyncio.Event().wait()
        wanted = {name: getattr(query, name) for name in ("account", "strategy", "symbol", "state", "signal_id")}
        found = [
            row
            for row in rows
            if all(value is None or name not in row or row[name] == value for name, value in wanted.items())
        ]
        start = int(query.cursor or 0)
        following = start + query.limit
        return Page(items=tuple(found[start:following]), next=str(following) if following < len(found) else None)


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
            instruments=lambda: ({"symbol": "MES", "tick": "0.25"}, {"symbol": "EURUSD", "tick": "0.00001"}),
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
