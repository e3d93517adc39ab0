"""How long a message takes to its answer and to the wire, beside the floor of the same minutes."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.figures import Figure, Spread
from tests.bench.plan import Plan
from tests.bench.rig import Rig, Tally, order_ids, wire_rig
from tests.support.hub_process import ROOT
from tests.support.load import Sent, as_request
from tests.support.messages import native_bytes
from tests.support.recorder_process import RecorderProcess

SENDERS = (1, 8, 64)
LEAST_MESSAGES = 10
_MS = 1e6


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds from the first byte sent: to the answer, to the first and to the last order line."""

    answered: list[float]
    first_wire: list[float]
    last_wire: list[float]


def measure(plan: Plan, tally: Tally) -> Iterator[Figure]:
    """Compare with the floor at one account, then look at more senders and more accounts."""
    last_wires: dict[int, float] = {}
    for accounts in plan.accounts:
        with wire_rig(tally, accounts=accounts) as rig:
            if accounts == 1:
                yield from _beside_the_floor(rig, plan)
            for senders in SENDERS:
                count = min(plan.messages * min(senders, 4), max(LEAST_MESSAGES, plan.most_orders // accounts))
                rounds = [_round(rig, count, senders) for _ in range(plan.rounds)]
                what = f"{senders} sender{'s' * (senders > 1)}, {accounts} account{'s' * (accounts > 1)}"
                yield from Spread.of(one.answered for one in rounds).figures(f"2xx {what}")
                last = Spread.of(one.last_wire for one in rounds)
                yield from last.figures(f"{'last ' * (accounts > 1)}wire {what}")
                if senders == 1:
                    last_wires[accounts] = last.p50
    for accounts, value in last_wires.items():
        if accounts > 1 and 1 in last_wires:
            name = f"last wire, {accounts} accounts / 1 account"
            yield Figure(name=name, value=value / last_wires[1], unit="x", note="p50, 1 sender")


def _beside_the_floor(rig: Rig, plan: Plan) -> Iterator[Figure]:
    """Alternate rounds of the floor and of the hub, one sender each."""
    floor_answers, floor_wires, hub_rounds = [], [], []
    with _floor(rig.recorder) as floor:
        for _ in range(plan.rounds):
            answers, wires = _floor_round(floor, rig.recorder, plan.messages)
            floor_answers.append(answers)
            floor_wires.append(wires)
            hub_rounds.append(_round(rig, plan.messages, 1))
    floor_answer = Spread.of(floor_answers)
    wire = Spread.of(one.first_wire for one in hub_rounds)
    yield from floor_answer.figures("floor", note="request, sync, order line, answer")
    yield from Spread.of(floor_wires).figures("floor wire", note="request, sync, order line at the recorder")
    yield Figure(name="wire p50 / floor p50, 1 sender", value=wire.p50 / floor_answer.p50, unit="x")
    yield Figure(name="wire p99 / own p50, 1 sender", value=wire.p99 / wire.p50, unit="x")


def _round(rig: Rig, count: int, senders: int) -> Round:
    rig.recorder.forget()
    sent = rig.send(count, senders=senders)
    ids = [order_ids(one, json.loads) for one in sent]
    rig.recorder.wait_for(sum(map(len, ids)))
    arrivals = rig.recorder.arrivals()
    check_once(rig.tally, ids, arrivals, per_message=len(rig.accounts))
    return _times(sent, ids, arrivals)


def check_once(tally: Tally, ids: Sequence[Sequence[str]], arrivals: dict[str, list[int]], *, per_message: int) -> None:
    """Count what was accepted and is not on the wire, and what is there twice."""
    expected = {order_id for orders in ids for order_id in orders}
    tally.orders += len(expected)
    tally.lost += sum(per_message - len(orders) for orders in ids)
    tally.lost += sum(order_id not in arrivals for order_id in expected)
    tally.doubled += sum(len(lines) - 1 for lines in arrivals.values())


def _times(sent: Sequence[Sent], ids: Sequence[Sequence[str]], arrivals: dict[str, list[int]]) -> Round:
    answered = [(one.answered_at - one.sent_at) / _MS for one in sent]
    first_wire, last_wire = [], []
    for one, orders in zip(sent, ids, strict=True):
        lines = [arrivals[order_id][0] for order_id in orders if order_id in arrivals]
        if lines:
            first_wire.append((min(lines) - one.sent_at) / _MS)
            last_wire.append((max(lines) - one.sent_at) / _MS)
    return Round(answered, first_wire, last_wire)


@contextlib.contextmanager
def _floor(recorder: RecorderProcess) -> Iterator[socket.socket]:
    command = [sys.executable, "-m", "tests.bench.floor", str(recorder.port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with socket.create_connection(("127.0.0.1", int(process.stdout.readline()))) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection


def _floor_round(floor: socket.socket, recorder: RecorderProcess, count: int) -> tuple[list[float], list[float]]:
    recorder.forget()
    request = as_request(native_bytes())
    instants = []
    for _ in range(count):
        began = time.perf_counter_ns()
        floor.sendall(request)
        received = floor.recv(65536)
        assert received.endswith(b"}")
        instants.append((began, time.perf_counter_ns()))
    recorder.wait_for(count)
    arrivals = sorted(lines[0] for lines in recorder.arrivals().values())
    answers = [(ended - began) / _MS for began, ended in instants]
    wires = [(at - began) / _MS for at, (began, _) in zip(arrivals, instants, strict=True)]
    return answers, wires
