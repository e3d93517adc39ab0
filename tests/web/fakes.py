"""Small working stand-ins for the hub behind the web: rows in memory, in the shapes of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.web.fake_rows import AT, AT_TEXT, a_platform, an_order
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import OrderId, SignalId
from tradershub.ports.control import Created, Document, LiveEvent, NewSecret
from tradershub.ports.settings import StoredSecret, StoredSession, StoredToken, StoredUser
from tradershub.ports.views import KnownSignal, OpenOrder, Page, Query, Recovery, Row


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
        if "gate" in topics:
            payload["gate"] = {"gates": [], "sweep": None}
        if "status" in topics:
            payload["status"] = {"gate": "active", "last_signal_at": None}
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
        rows = [row for row in self.refused_rows if query.signal_id in (None, row["refusal_id"])]
        return await self._page(rows, replace(query, signal_id=None))

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
