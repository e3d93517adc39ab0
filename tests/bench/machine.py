"""What the hub costs while nobody trades: start, memory, and pages over a long record."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from statistics import median

from tests.bench.figures import Figure
from tests.bench.plan import Plan
from tests.bench.rig import own_folder
from tests.support.furnishing import add_strategy, put_quote
from tests.support.hub_process import HubProcess
from tests.support.messages import native_bytes
from tests.support.page_client import PageClient
from tests.support.process_memory import resident_bytes

PAGES = ("/", "/signals", "/positions", "/strategies", "/platforms")
LISTS = ("/api/signals", "/api/orders", "/api/trades?limit=500", "/api/trades?strategy=momentum")
_LOOKS = 7


def start_up(plan: Plan) -> Iterator[Figure]:
    """Time `run` to the first message that is taken, from the second start on."""
    with own_folder() as folder:
        hub = HubProcess(folder / "home")
        with hub:
            put_quote(hub.api)
            add_strategy(hub.api)
        times = []
        for _ in range(plan.rounds):
            times.append(_first_taken(hub))
            hub.stop()
    note = f"{plan.rounds} starts on a warm disk, {min(times):.2f} to {max(times):.2f}"
    yield Figure(name="run to first accepted message", value=median(times), unit="s", note=note)


def _first_taken(hub: HubProcess) -> float:
    began = time.perf_counter()
    hub.launch()
    while time.perf_counter() - began < 30:
        try:
            if hub.signal(native_bytes(price="5000")).status == 202:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.005)
    raise AssertionError(f"no message was taken:\n{hub.log()[-2000:]}")


def memory(plan: Plan) -> Iterator[Figure]:
    with own_folder() as folder, HubProcess(folder / "home") as hub:
        put_quote(hub.api)
        add_strategy(hub.api)
        reply = hub.signal(native_bytes())
        assert reply.status == 202, reply.text
        PageClient.signed_in(hub.port).page("/signals")
        time.sleep(plan.idle_seconds)
        size = resident_bytes(hub.pid) / 1024 / 1024
    note = f"{plan.idle_seconds:g} s after the first message and one page"
    yield Figure(name="resident memory, idle", value=size, unit="MB", note=note)


def pages(plan: Plan) -> Iterator[Figure]:
    """Time pages and lists over many trades."""
    with own_folder() as folder:
        hub = HubProcess(folder / "home")
        with hub:
            put_quote(hub.api)
            add_strategy(hub.api)
            for action in ("buy", "sell"):
                hub.signal(native_bytes(action=action))
        with closing(sqlite3.connect(hub.database())) as connection:
            repeat_trades(connection, plan.trades)
        with hub.start():
            person = PageClient.signed_in(hub.port)
            for path in PAGES:
                times = [person.get(path).seconds * 1000 for _ in range(_LOOKS)]
                yield Figure(name=f"page {path}", value=median(times), unit="ms", note=f"{plan.trades:,} trades")
            for path in LISTS:
                times = [hub.api.call("GET", path).seconds * 1000 for _ in range(_LOOKS)]
                yield Figure(name=f"list {path}", value=median(times), unit="ms", note=f"{plan.trades:,} trades")


def repeat_trades(connection: sqlite3.Connection, count: int) -> None:
    """Write the one trade there is again and again, a minute apart, each with an id of its own."""
    names = [row[1] for row in connection.execute("PRAGMA table_info(trades)")]
    shifted = {
        "trade_id": "trade_id || '-' || value",
        "opened_at": "opened_at - value * 60000000000",
        "closed_at": "closed_at - value * 60000000000",
    }
    columns = ", ".join(shifted.get(name, name) for name in names)
    connection.execute(
        f"WITH RECURSIVE numbers(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < {count}) "
        f"INSERT INTO trades ({', '.join(names)}) "
        f"SELECT {columns} FROM numbers CROSS JOIN (SELECT * FROM trades LIMIT 1)"
    )
    connection.commit()
