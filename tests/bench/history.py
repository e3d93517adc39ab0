"""Whether a long journal slows a new message down: the same load on an empty journal and on a filled one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from tests.bench.figures import Figure, Spread
from tests.bench.plan import Plan
from tests.bench.rig import Rig, Tally, paper_rig

_AT_ONCE = 50_000
# How each table is told apart from its copies; every other column is repeated as it is.
_KEYS = {
    "signals": {
        "signal_id": "signal_id || '-' || value",
        "group_id": "group_id || '-' || value",
        "dedupe_key": "dedupe_key || '-' || value",
        "content_hash": "hex(randomblob(16))",
        "received_at": "received_at - 86400000000000 - value * 1000000000",
    },
    "orders": {
        "order_id": "order_id || '-' || value",
        "signal_id": "signal_id || '-' || value",
        "platform_order_id": "platform_order_id || '-' || value",
        "created_at": "created_at - 86400000000000 - value * 1000000000",
    },
    "fills": {
        "fill_id": "fill_id || '-' || value",
        "order_id": "order_id || '-' || value",
        "at": "at - 86400000000000 - value * 1000000000",
    },
}


def measure(plan: Plan, tally: Tally) -> Iterator[Figure]:
    """Send to a hub with an empty journal and to one with a long one, in turn."""
    with paper_rig(tally) as empty, paper_rig(tally) as full:
        full.hub.stop()
        rows = fill(full, plan.history_events)
        full.hub.start()
        empty_rounds, full_rounds = [], []
        for _ in range(plan.rounds):
            empty_rounds.append(_round(empty, plan.messages))
            full_rounds.append(_round(full, plan.messages))
    before, after = Spread.of(empty_rounds), Spread.of(full_rounds)
    yield from before.figures("2xx empty journal")
    yield from after.figures("2xx long journal", note=f"{rows:,} events")
    name = f"2xx p50, {rows / 1e6:.0f} million events / empty" if rows >= 1e6 else f"2xx p50, {rows:,} events / empty"
    yield Figure(name=name, value=after.p50 / before.p50, unit="x")


def _round(rig: Rig, count: int) -> list[float]:
    return [(one.answered_at - one.sent_at) / 1e6 for one in rig.send(count)]


def fill(rig: Rig, events: int) -> int:
    """Repeat what a few real messages have left in a stopped hub's journal; returns how many events there are."""
    with closing(sqlite3.connect(rig.hub.database())) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        found = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        copies = events // found
        for table, shifted in _KEYS.items():
            _repeat(connection, table, shifted, copies)
        _repeat(connection, "events", {"seq": f"seq + value * {found}"}, copies)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def _repeat(connection: sqlite3.Connection, table: str, shifted: dict[str, str], copies: int) -> None:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(shifted.get(name, name) for name in names)
    connection.execute(f"CREATE TEMP TABLE model_{table} AS SELECT * FROM {table}")
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS numbers (value INTEGER)")
    for first in range(1, copies + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, copies)
        connection.execute("DELETE FROM numbers")
        connection.executemany("INSERT INTO numbers VALUES (?)", ((value,) for value in range(first, last + 1)))
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {columns} FROM numbers CROSS JOIN model_{table}"
        )
        connection.commit()
