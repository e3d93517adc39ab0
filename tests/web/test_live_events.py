"""The live stream: snapshot first, resumable, bounded, and over when the hub stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.web.fake_hub import FakeHub
from tests.web.fake_rows import a_position

STATUS_KEYS = {
    *("mode", "gate", "scoped_gates", "platforms_up", "platforms_enabled", "day_pnl", "currency", "day_pnl_partial"),
    *("open_positions", "in_doubt", "last_signal_at", "at"),
}


class Stream:
    """One client of the stream, on the application's own protocol."""

    def __init__(self, hub: FakeHub, query: str, headers: dict[str, str]) -> None:
        self._hub = hub
        self._left = asyncio.Event()
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        wanted = {"authorization": "Bearer read-token", **headers}
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/events",
            "raw_path": b"/api/events",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in wanted.items()],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8787),
            "state": {},
        }
        self.task = asyncio.ensure_future(hub.web(self._scope, self._receive, self._send))  # type: ignore[arg-type]
        self._text = ""

    async def status(self) -> int:
        """Return the status of the answer."""
        status: int = (await self._next())["status"]
        return status

    async def event(self) -> dict[str, Any]:
        """Return the next event: id, event and its data; nothing when the stream has ended."""
        while "\n\n" not in self._text:
            message = await self._next()
            if not message.get("more_body", False):
                return {}
            self._text += message["body"].decode()
        block, _, self._text = self._text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "data" in fields:
            fields["data"] = json.loads(fields["data"])
        return fields if "event" in fields else await self.event()

    def leave(self) -> None:
        self._left.set()

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            return await self._waiting.get()

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self._waiting.put_nowait(message)


async def ended(stream: Stream) -> None:
    """Read what was under way when the stream ended; fails if it goes on."""
    for _ in range(20):
        if not await stream.event():
            return
    raise AssertionError("the stream goes on")


@asynccontextmanager
async def listening(hub: FakeHub, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    """Return an open stream; it is left at the end, however the test ends."""
    stream = Stream(hub, query, {name.replace("_", "-"): value for name, value in headers.items()})
    assert await stream.status() == 200
    try:
        yield stream
    finally:
        stream.reads.set()
        stream.leave()
        async with asyncio.timeout(5):
            await stream.task


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def test_the_first_event_is_a_snapshot_with_the_status_bar(hub: FakeHub) -> None:
    async with listening(hub, "topics=status,positions") as stream:
        first = await stream.event()
    assert (first["event"], first["id"]) == ("snapshot", "0")
    assert set(first["data"]["status"]) == STATUS_KEYS
    assert first["data"]["positions"] == []
    assert hub.live.asked == [(frozenset(("status", "positions")), None)]


async def test_gates_come_as_rows_with_the_global_one_first(hub: FakeHub) -> None:
    row = {"scope": "account:paper:main", "gate": "reduce_only", "level": "stop"}
    async with listening(hub, "topics=gate") as stream:
        assert [gate["scope"] for gate in (await stream.event())["data"]["gates"]] == ["global"]
        hub.live.tell("gate", "gate", {"gates": [row], "sweep": None})
        told = (await stream.event())["data"]
    assert (told["scope"], told["gate"]) == ("global", "active")
    assert told["gates"] == [row]


async def test_the_status_bar_counts_the_trades_of_the_day() -> None:
    hub = FakeHub(heartbeat_seconds=0.01)
    hub.views.figure_row = {"net": {"USD": "120.5", "EUR": "1"}}
    hub.positions.table = [a_position(unrealised="-20")]
    async with listening(hub) as stream:
        await stream.event()
        beat = (await stream.event())["data"]
    assert (beat["day_pnl"], beat["currency"], beat["day_pnl_partial"]) == ("100.5", "USD", True)


async def test_changes_follow_in_order(hub: FakeHub) -> None:
    async with listening(hub) as stream:
        await stream.event()
        for number in range(5):
            hub.live.tell("orders", "order", {"order_id": f"TH{number}"})
        found = [await stream.event() for _ in range(5)]
    assert [one["data"]["order_id"] for one in found] == [f"TH{number}" for number in range(5)]
    assert [one["id"] for one in found] == ["1", "2", "3", "4", "5"]


async def test_a_status_event_is_completed(hub: FakeHub) -> None:
    async with listening(hub) as stream:
        await stream.event()
        hub.live.tell("status", "status", {"gate": "halted"})
        told = (await stream.event())["data"]
    assert set(told) == STATUS_KEYS
    assert told["gate"] == "halted"


@pytest.mark.parametrize("way", ["header", "query"])
async def test_a_stream_goes_on_after_the_last_id(hub: FakeHub, way: str) -> None:
    for number in range(3):
        hub.live.tell("orders", "order", {"order_id": f"TH{number}"})
    query, headers = ("", {"last_event_id": "1"}) if way == "header" else ("last_event_id=1", {})
    async with listening(hub, query, **headers) as stream:
        assert (await stream.event())["event"] == "snapshot"
        assert [(await stream.event())["id"] for _ in range(2)] == ["2", "3"]


async def test_silence_is_broken_by_heartbeats() -> None:
    hub = FakeHub(heartbeat_seconds=0.01)
    async with listening(hub) as stream:
        await stream.event()
        beat = await stream.event()
    assert beat["event"] == "status"
    assert "id" not in beat
    assert set(beat["data"]) == STATUS_KEYS


async def test_a_slow_client_is_dropped_and_costs_nobody_else() -> None:
    hub = FakeHub(stream_events=10)
    async with listening(hub) as slow, listening(hub) as quick:
        await slow.event()
        await quick.event()
        slow.reads.clear()
        for number in range(30):
            hub.live.tell("orders", "order", {"order_id": f"TH{number}"})
            if number % 5 == 0:
                await asyncio.wait_for(_drained(quick, 5 if number else 1), 5)
        slow.reads.set()
        await ended(slow)
    assert hub.live.receivers == []


async def _drained(stream: Stream, count: int) -> None:
    for _ in range(count):
        await stream.event()


async def test_a_client_that_leaves_is_forgotten(hub: FakeHub) -> None:
    async with listening(hub) as stream:
        await stream.event()
        assert len(hub.web.services.streams) == 1
    assert len(hub.web.services.streams) == 0
    assert hub.live.receivers == []


async def test_streams_end_when_the_hub_stops(hub: FakeHub) -> None:
    async with listening(hub) as one, listening(hub) as other:
        await one.event()
        await other.event()
        hub.web.end_streams()
        for stream in (one, other):
            await ended(stream)
    late = Stream(hub, "", {})
    assert await late.status() == 503
    late.leave()
    await late.task


async def test_many_clients_hear_the_same(hub: FakeHub) -> None:
    streams = [Stream(hub, "", {}) for _ in range(100)]
    for stream in streams:
        await stream.status()
        await stream.event()
    hub.live.tell("gate", "gate", {"scope": "global"})
    heard = [await stream.event() for stream in streams]
    assert {one["id"] for one in heard} == {"1"}
    hub.web.end_streams()
    await asyncio.gather(*(stream.task for stream in streams))


async def test_only_so_many_streams_are_open() -> None:
    hub = FakeHub(most_streams=1)
    async with listening(hub) as stream:
        await stream.event()
        another = Stream(hub, "", {})
        assert await another.status() == 503
        another.leave()
        await another.task


async def test_a_stream_ends_with_its_session() -> None:
    hub = FakeHub(heartbeat_seconds=0.01)
    async with hub.person() as person:
        stream = Stream(hub, "", {"cookie": f"tradershub={person.client.cookies['tradershub']}"})
        stream._scope["headers"] = [pair for pair in stream._scope["headers"] if pair[0] != b"authorization"]
        assert await stream.status() == 200
        await stream.event()
        await person.post("/logout")
        await ended(stream)
        stream.leave()
        await stream.task


async def test_an_open_page_does_not_keep_its_session_alive(hub: FakeHub) -> None:
    async with hub.person() as person:
        hub.clock.move(20 * 60)
        stream = Stream(hub, "", {"cookie": f"tradershub={person.client.cookies['tradershub']}"})
        stream._scope["headers"] = [pair for pair in stream._scope["headers"] if pair[0] != b"authorization"]
        assert await stream.status() == 200
        stream.leave()
        await stream.task
        hub.clock.move(11 * 60)
        assert (await person.client.get("/api/signals")).status_code == 401


@pytest.mark.parametrize(("query", "field"), [("topics=orders,weather", "topics"), ("topic=orders", "topic")])
async def test_an_unknown_topic_or_parameter_is_refused(hub: FakeHub, query: str, field: str) -> None:
    async with hub.visitor("read") as client:
        answer = await client.get(f"/api/events?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_stranger_gets_no_stream(hub: FakeHub) -> None:
    async with hub.visitor() as client:
        assert (await client.get("/api/events")).status_code == 401
