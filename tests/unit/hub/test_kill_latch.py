"""The latch file: any program can write it, and whatever it holds, the gate closes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_process import a_hub, a_world
from tests.unit.hub.test_kill_flow import holding, kill, reset
from tradershub.domain.orders import OrderState
from tradershub.testing.hub_under_test import HubUnderTest

# The latch file


async def until_latched(hub: HubUnderTest) -> dict[str, Any]:
    for _ in range(100):
        gates = hub.hub.control.kill.row()["gates"]
        if gates:
            return dict(gates[0])  # type: ignore[index]
        await asyncio.sleep(0.01)
    raise AssertionError("the latch file was not seen")


@pytest.mark.parametrize(
    ("content", "scope", "gate"),
    [
        (b"", "global", "reduce_only"),
        (b"  \n", "global", "reduce_only"),
        (b"{", "global", "reduce_only"),
        (b"\xff\xfe\x00", "global", "reduce_only"),
        (b"[1, 2]", "global", "reduce_only"),
        (b'{"level": "banana"}', "global", "reduce_only"),
        (b'{"level": "stop", "scope": 5}', "global", "reduce_only"),
        (b'{"level": "stop", "scope": "everything"}', "global", "reduce_only"),
        (b'{"level": "stop", "scope": "account:paper:typo"}', "global", "reduce_only"),
        (b'{"level": "stop", "scope": "account:paper:main", "at": "yesterday"}', "global", "reduce_only"),
        (b'{"level": "stop", "scope": "account:paper:main", "by": "me", "reason": "r"}', "account:paper:main",
         "reduce_only"),
        (b'{"scope": "strategy:momentum"}', "strategy:momentum", "reduce_only"),
        (b'{"level": "flatten", "at": "2026-11-22T10:00:00Z"}', "global", "halted"),
        (None, "global", "reduce_only"),
    ],
)  # fmt: skip
async def test_a_latch_file_closes_the_gate_whatever_is_in_it(
    tmp_path: Path, real_time: None, content: bytes | None, scope: str, gate: str
) -> None:
    async with a_hub(a_world(tmp_path)) as hub:
        latch = tmp_path / "HALT"
        latch.mkdir() if content is None else latch.write_bytes(content)
        row = await until_latched(hub)
        assert (row["scope"], row["gate"]) == (scope, gate)
        assert (await hub.send()).code == "kill"
        await asyncio.sleep(0.05)
        answer = json.loads((tmp_path / "HALT.ack").read_text(encoding="utf-8"))
        assert (answer["scope"], answer["gate"]) == (scope, gate)


async def test_a_latch_file_is_seen_at_start_before_anything_can_leave(hub: HubUnderTest) -> None:
    hub.platform().disconnect()
    await hub.settle()
    reply = await hub.send()
    await hub.crash()
    (hub.world.folder / "HALT").write_bytes(b"")
    hub.platform().reconnect()
    await hub.start_anew()
    await hub.settle(60)
    assert hub.state(reply.order_id) is OrderState.BLOCKED
    assert hub.platform().wire == []


async def test_a_latch_whose_answer_cannot_be_written_is_watched_on(tmp_path: Path, real_time: None) -> None:
    async with a_hub(a_world(tmp_path)) as hub:
        (tmp_path / "HALT.ack.tmp").mkdir()
        (tmp_path / "HALT").write_bytes(b"")
        await until_latched(hub)
        await reset(hub)
        assert hub.hub.control.kill.row()["gates"] == []
        (tmp_path / "HALT").write_bytes(b"")
        await until_latched(hub)


async def test_a_looser_file_does_not_loosen_a_tighter_gate(tmp_path: Path, real_time: None) -> None:
    async with a_hub(a_world(tmp_path)) as hub:
        (tmp_path / "HALT").write_bytes(b'{"level": "flatten"}')
        assert (await until_latched(hub))["gate"] == "halted"
        await kill(hub)
        (tmp_path / "HALT").write_bytes(b'{"level": "stop"}')
        await asyncio.sleep(0.3)
        assert (await until_latched(hub))["gate"] == "halted"


async def test_a_reset_is_not_undone_by_the_file_it_removes(tmp_path: Path, real_time: None) -> None:
    async with a_hub(a_world(tmp_path)) as hub:
        for _ in range(15):
            await kill(hub)
            await reset(hub)
            await asyncio.sleep(0.02)
            assert hub.hub.control.kill.row()["gates"] == []


async def test_a_halt_stops_signals_and_lets_a_person_close(tmp_path: Path) -> None:
    async with a_hub(a_world(tmp_path)) as hub:
        await holding(hub)
        (tmp_path / "HALT").write_bytes(b'{"level": "flatten"}')
        await hub.restart()
        assert (await hub.send(action="close", quantity=None)).code == "kill"
        (position,) = hub.hub.control.positions.rows()
        answer = await hub.hub.control.positions.close(str(position["id"]), {}, who="admin", key=None)
        order_id = answer["orders"][0]["order_id"]  # type: ignore[index]
        await hub.until_state(order_id, OrderState.ACCEPTED)
