"""The JSON socket link keeps its promises when the other end stalls, talks nonsense or goes away."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.executors.market import START, HandQuotes, NoMarks, Reader, StepClock, an_order, parts
from tradershub.domain.errors import ConfigurationError, PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import FactKind, Order, OrderChange
from tradershub.domain.signals import TimeInForce
from tradershub.executors.json_socket import JsonSocketExecutor, build
from tradershub.ports.clock import SystemClock
from tradershub.ports.executor import NotSent, Rejected, Unknown
from tradershub.ports.executor_parts import ExecutorParts
from tradershub.testing.recorder import Answers, Recorder

MAIN = AccountId("nt8:main")
Linker = Callable[..., Awaitable[JsonSocketExecutor]]


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder(clock=SystemClock())
    recorder.keeps_lines = True
    yield recorder
    await recorder.close()


@pytest.fixture
async def link(recorder: Recorder, tmp_path: Path) -> AsyncIterator[Linker]:
    """Link an executor with the recorder, by a configuration and parts that a test may replace."""
    port = await recorder.listen()
    async with AsyncExitStack() as opened:

        async def link_it(changes: dict[str, Any] | None = None, **config: Any) -> JsonSocketExecutor:
            executor = build(replace(link_parts(tmp_path, **{"port": port, **config}), **(changes or {})))
            opened.push_async_callback(executor.close)
            await executor.connect()
            return executor

        yield link_it


def link_parts(folder: Path, **config: Any) -> ExecutorParts:
    clock = StepClock()
    return replace(parts(folder, clock, HandQuotes(clock), platform="nt8", **config), clock=SystemClock())


def a_line(**changes: Any) -> Order:
    return an_order(account=MAIN, **changes)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_the_mark_stands_right_before_the_first_byte(link: Linker, recorder: Recorder) -> None:
    marks = NoMarks()
    executor = await link({"marks": marks})
    order, refused = a_line(), a_line(time_in_force=TimeInForce.IOC)
    assert isinstance(await executor.submit(order), Unknown)
    assert isinstance(await executor.submit(refused), Rejected)
    assert marks.marked == [order.order_id]
    await until(lambda: recorder.lines)
    line = json.loads(recorder.lines[0], parse_float=str)
    assert (line["order_id"], line["account"]) == (order.order_id, "main")


async def test_an_order_that_cannot_be_marked_is_not_sent(link: Linker, recorder: Recorder) -> None:
    class FullDisk(NoMarks):
        def mark(self, order_id: OrderId) -> None:
            raise OSError("no space left")

    executor = await link({"marks": FullDisk()})
    assert isinstance(await executor.submit(a_line()), NotSent)
    await asyncio.sleep(0.02)
    assert recorder.lines == []


async def test_the_platforms_own_account_name_is_sent(link: Linker, recorder: Recorder, tmp_path: Path) -> None:
    account = link_parts(tmp_path, port=1).account_of(MAIN)
    assert account is not None
    named = replace(account, config=(("account", "Sim 101!"),))
    executor = await link({"account_of": {MAIN: named}.get})
    await executor.submit(a_line())
    await until(lambda: recorder.lines)
    assert json.loads(recorder.lines[0])["account"] == "Sim 101!"


async def test_acknowledgements_become_events(link: Linker, recorder: Recorder) -> None:
    recorder.answers = Answers(ack=True)
    executor = await link()
    reader = Reader(executor)
    good, bad = a_line(), a_line()
    await executor.submit(good)
    await until(lambda: reader.told(FactKind.ACCEPTED))
    recorder.answers.reject_rate = 1.0
    await executor.submit(bad)
    await until(lambda: reader.told(FactKind.REJECTED))
    assert reader.of(good) == [FactKind.ACCEPTED]
    assert reader.of(bad) == [FactKind.REJECTED]
    reason = reader.told(FactKind.REJECTED)[0].reason
    assert reason is not None
    assert reason.message == "refused by the recorder"


async def test_nonsense_from_the_receiver_is_ignored_and_logged_once(
    link: Linker, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    executor = await link()
    reader = Reader(executor)
    order = a_line()
    await executor.submit(order)
    await until(lambda: recorder.lines)
    (transport,) = recorder.connections
    with caplog.at_level(logging.WARNING):
        transport.write(b"\xff\x00garbage\n\n" * 50)
        transport.write(b'{"order_id":"THX","status":"accepted"}\n' * 5)
        transport.write(b'{"order_id":"%s","status":"pending"}\n' % order.order_id.encode() * 5)
        transport.write(b"x" * 300_000 + b"\n")
        transport.write(b'{"order_id":"%s","status":"working"}\n' % order.order_id.encode())
        await until(lambda: reader.told(FactKind.ACCEPTED))
    assert reader.of(order) == [FactKind.ACCEPTED]
    assert len(caplog.records) == 4


async def test_an_acknowledgement_after_a_restart_names_its_account(link: Linker, recorder: Recorder) -> None:
    executor = await link()
    reader = Reader(executor)
    await until(lambda: recorder.connections)
    (transport,) = recorder.connections
    transport.write(b'{"order_id":"THOLD","status":"accepted","account":"second"}\n')
    await until(lambda: reader.reports)
    assert reader.reports[0].account == "nt8:second"


async def test_a_receiver_that_reads_nothing_fills_the_buffer_and_no_more(link: Linker, recorder: Recorder) -> None:
    executor = await link(buffer_kib=1)
    await until(lambda: recorder.connections)
    (transport,) = recorder.connections
    transport.pause_reading()
    outcomes: list[object] = []
    async with asyncio.timeout(10):
        while not outcomes or isinstance(outcomes[-1], Unknown):
            outcomes.append(await executor.submit(a_line(strategy="s" * 60_000)))
    assert isinstance(outcomes[-1], NotSent)
    transport.resume_reading()
    await until(lambda: len(recorder.lines) == len(outcomes) - 1)


async def test_it_cannot_change_or_cancel(link: Linker) -> None:
    executor = await link()
    for outcome in (
        await executor.cancel(a_line(), 1),
        await executor.modify(a_line(), OrderChange(quantity=Decimal(1)), 1),
    ):
        assert isinstance(outcome, Rejected)
        assert outcome.reason.code == "unsupported"


async def test_it_cannot_be_asked_unless_it_was_said_so(link: Linker) -> None:
    executor = await link()
    with pytest.raises(PlatformUnavailable, match="cannot be asked"):
        await executor.snapshot(MAIN, START)


async def test_a_receiver_without_an_answer_is_not_taken_for_a_no(link: Linker, recorder: Recorder) -> None:
    recorder.answers = Answers(lookup=False)
    clock = StepClock()
    executor = await link({"unsettled": lambda _: (OrderId("TH1"),), "clock": clock}, lookup="true")
    asking = asyncio.create_task(executor.snapshot(MAIN, START))
    await asyncio.sleep(0.05)
    await clock.advance(6)
    with pytest.raises(PlatformUnavailable, match="did not answer"):
        await asking


async def test_a_link_lost_while_asking_is_not_taken_for_a_no(link: Linker, recorder: Recorder) -> None:
    recorder.answers = Answers(lookup=False)
    executor = await link({"unsettled": lambda _: (OrderId("TH1"), OrderId("TH2"))}, lookup="true")
    asking = asyncio.create_task(executor.snapshot(MAIN, START))
    await asyncio.sleep(0.05)
    recorder.reset_connections()
    with pytest.raises(PlatformUnavailable):
        await asking


async def test_an_order_seen_with_a_strange_status_is_not_missing(link: Linker, recorder: Recorder) -> None:
    recorder.answers = Answers(lookup=False)
    executor = await link({"unsettled": lambda _: (OrderId("TH1"),)}, lookup="true")
    asking = asyncio.create_task(executor.snapshot(MAIN, START))
    await until(lambda: recorder.connections)
    (transport,) = recorder.connections
    transport.write(b'{"order_id":"TH1","status":"partially_something"}\n')
    (row,) = (await asking).orders
    assert (row.order_id, row.kind) == ("TH1", None)


async def test_each_order_has_a_connection_of_its_own(link: Linker, recorder: Recorder) -> None:
    executor = await link(mode="per_order")
    for count in range(1, 4):
        assert isinstance(await executor.submit(a_line()), Unknown)
        assert len(recorder.connections) == count + 1
    assert executor.capabilities.max_in_flight == 1


async def test_nobody_there_is_said_so(tmp_path: Path, recorder: Recorder) -> None:
    port = await recorder.listen()
    await recorder.go_away()
    executor = build(link_parts(tmp_path, port=port))
    with pytest.raises(PlatformUnavailable, match=str(port)):
        await executor.connect()
    await executor.close()


def test_every_mistake_of_the_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        build(link_parts(tmp_path, host="bad host", port="0", mode="sometimes", buffer_kib="0"))
    assert {mistake.key for mistake in refused.value.mistakes} == {"host", "port", "mode", "buffer_kib"}


def test_the_recorder_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tradershub.testing.recorder",
        "--file",
        str(tmp_path / "lines"),
        "--ack",
        "accepted",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=5) as peer, peer.makefile("rb") as answers:
            peer.sendall(b'{"order_id":"TH1","x":1}\n{"order_id": "TH2"}\n{"order_id":"TH1"}\nnonsense\n')
            said = [json.loads(answers.readline()) for _ in range(3)]
            peer.sendall(b'{"control":"counts"}\n{"control":"ids"}\n{"query":"orders","order_ids":["TH9"]}\n')
            said += [json.loads(answers.readline()) for _ in range(3)]
            peer.sendall(b'{"control":"forget"}\n{"control":"what"}\n{"control":"stop"}\n')
            said += [json.loads(answers.readline()) for _ in range(3)]
        assert process.wait(10) == 0
    assert {answer["status"] for answer in said[:3]} == {"accepted"}
    assert said[3] == {"lines": 3, "orders": 2, "repeated": {"TH1": 2}, "unreadable": 1}
    assert said[4:6] == [{"ids": ["TH1", "TH2"]}, {"order_id": "TH9", "status": "unknown"}]
    assert said[6] == {"forgotten": 2}
    assert "error" in said[7]
    assert len((tmp_path / "lines").read_bytes().splitlines()) >= 4


def test_the_link_works_on_the_faster_event_loop(tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def scenario() -> int:
        recorder = Recorder(clock=SystemClock())
        executor = build(link_parts(tmp_path, port=await recorder.listen()))
        await executor.connect()
        order = a_line()
        assert isinstance(await executor.submit(order), Unknown)
        await until(lambda: recorder.count(order.order_id))
        await executor.close()
        await recorder.close()
        return recorder.count(order.order_id)

    assert uvloop.run(scenario()) == 1
