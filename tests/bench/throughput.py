"""How much goes through: counted from the first message until every order is out, answered and in the journal."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice

from tests.bench.figures import Figure
from tests.bench.latency import check_once
from tests.bench.plan import Plan
from tests.bench.rig import Rig, Tally, order_ids, paper_rig, wire_rig
from tests.support.load import Load
from tests.support.messages import native_bytes

SENDERS = 64
BURST = 200
STRATEGIES = 500
UNFILLED = "'ready', 'sending', 'in_doubt', 'accepted', 'partially_filled'"
FILLS = "SELECT count(*) FROM fills"
TRADES = "SELECT count(*) FROM trades"
_DRAIN_SECONDS = 60.0


def measure(plan: Plan, tally: Tally) -> Iterator[Figure]:
    with wire_rig(tally) as rig:
        rates = [_on_the_wire(rig, plan.throughput_messages) for _ in range(plan.rounds)]
        yield _median("drained throughput, json_socket", rates, "/s", f"{SENDERS} senders, every order acknowledged")
        yield from _burst(rig, plan)
    with paper_rig(tally, strategies=STRATEGIES) as rig:
        rates = [_on_paper(rig, plan.throughput_messages) for _ in range(plan.rounds)]
        note = f"{SENDERS} senders, fills, positions and trades written"
        yield _median("drained throughput, paper", rates, "/s", note)


def _median(name: str, values: list[float], unit: str, note: str) -> Figure:
    ordered = sorted(values)
    spread = f"{ordered[0]:.4g} to {ordered[-1]:.4g} in {len(values)} rounds"
    return Figure(name=name, value=ordered[len(ordered) // 2], unit=unit, note=f"{note}; {spread}")


def _on_the_wire(rig: Rig, count: int) -> float:
    rig.recorder.forget()
    began = time.perf_counter()
    sent = rig.send(count, senders=SENDERS)
    rig.recorder.wait_for(count)
    _wait_until_journaled(rig, waiting="'ready', 'sending', 'in_doubt'")
    took = time.perf_counter() - began
    ids = [order_ids(one, json.loads) for one in sent]
    check_once(rig.tally, ids, rig.recorder.arrivals(), per_message=1)
    return count / took


def _on_paper(rig: Rig, count: int) -> float:
    """Let many strategies go in, and out again when all are in: half of the orders end a trade.

    In and out at once would be other work: an exit withdraws the entries of its strategy that still wait.
    """
    _wait_until_journaled(rig, waiting=UNFILLED)
    fills_before, trades_before = _count(rig, FILLS), _count(rig, TRADES)
    turns = max(1, count // (2 * len(rig.strategies)))
    began = time.perf_counter()
    for _ in range(turns):
        for action in ("buy", "sell"):
            rig.send(len(rig.strategies), senders=SENDERS, bodies=one_each(rig.strategies, action))
            _wait_until_journaled(rig, waiting=UNFILLED)
    took = time.perf_counter() - began
    sent, filled = turns * 2 * len(rig.strategies), _count(rig, FILLS) - fills_before
    rig.tally.orders += sent
    rig.tally.lost += max(0, sent - filled)
    rig.tally.doubled += max(0, filled - sent)
    if _count(rig, TRADES) - trades_before != sent // 2:
        raise AssertionError("not every exit has ended a trade")
    return sent / took


def one_each(strategies: Sequence[str], action: str) -> Iterator[bytes]:
    """Yield one message of each strategy."""
    head, middle, tail = native_bytes(id="@", strategy_name="@", action=action).split(b"@")
    run = uuid.uuid4().hex[:12].encode()
    for number, name in enumerate(strategies):
        yield b"%s%s-%d%s%s%s" % (head, run, number, middle, name.encode(), tail)


def _burst(rig: Rig, plan: Plan) -> Iterator[Figure]:
    """Send 200 messages at once from as many connections."""
    took, refused = [], 0
    for _ in range(plan.rounds):
        rig.recorder.forget()
        sent = asyncio.run(Load(rig.hub.port, islice(rig.bodies, BURST), senders=BURST).run())
        refused += sum(one.status != 202 for one in sent)
        ids = [order_ids(one, json.loads) for one in sent if one.status == 202]
        rig.recorder.wait_for(len(ids))
        arrivals = rig.recorder.arrivals()
        check_once(rig.tally, ids, arrivals, per_message=1)
        last = max(lines[0] for lines in arrivals.values())
        took.append((last - min(one.sent_at for one in sent)) / 1e9)
    yield _median("burst of 200, all on the wire", took, "s", "200 connections at once")
    yield Figure(name="burst of 200, refused", value=refused, unit="")


def _wait_until_journaled(rig: Rig, *, waiting: str) -> None:
    """Wait until no order is left in one of the states that come before its answer."""
    query = f"SELECT count(*) FROM orders WHERE state IN ({waiting})"
    deadline = time.monotonic() + _DRAIN_SECONDS
    while _count(rig, query):
        if time.monotonic() > deadline:
            raise AssertionError(f"{_count(rig, query)} orders did not get their answer in {_DRAIN_SECONDS:g} s")
        time.sleep(0.01)


def _count(rig: Rig, query: str) -> int:
    with closing(sqlite3.connect(f"{rig.hub.database().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute(query).fetchone()[0])
