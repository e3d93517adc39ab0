"""The writing statements of the hot path: compiled once from the schema, run on the driver as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects import sqlite

from tradershub.store import schema, schema_settings

Row = tuple[object, ...]
"""The parameters of one statement, in the order of the columns it names."""

_DIALECT = sqlite.dialect(paramstyle="qmark")
# Each step of the driver gives up the interpreter lock and waits to get it back, so many rows go in one step.
_ROWS_AT_ONCE = (32, 8)
DECIMAL_ADD = "decimal_add"
"""A function of ours on the writing connection: text + text, exactly."""


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT of one row, and the same for several rows at once."""

    single: str
    several: tuple[tuple[int, str], ...]

    def run(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        begin, left = 0, len(rows)
        for size, sql in self.several:
            while left >= size:
                cursor.execute(sql, tuple(chain.from_iterable(rows[begin : begin + size])))
                begin, left = begin + size, left - size
        for row in rows[begin:]:
            cursor.execute(self.single, row)


def inserting(table: Table) -> Insert:
    """Return the INSERT of all columns of a table, in their order."""
    single = str(insert(table).compile(dialect=_DIALECT))
    head, values = single.split(" VALUES ")
    return Insert(single, tuple((size, f"{head} VALUES {', '.join([values] * size)}") for size in _ROWS_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Update:
    """An UPDATE of one row that must be there; its last parameter is the row's key."""

    sql: str

    def run(self, cursor: Cursor, rows: Iterable[Row]) -> int:
        """Return how many rows were found and changed."""
        cursor.executemany(self.sql, rows)
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Keyed:
    """A table whose rows are put and dropped by their first column."""

    put: str
    drop: str


def keyed(table: Table) -> Keyed:
    """Return how rows of a table are replaced whole, and deleted, by their first column."""
    key, *others = table.c
    put = sqlite.insert(table)
    put = put.on_conflict_do_update(index_elements=[key], set_={c.name: put.excluded[c.name] for c in others})
    drop = delete(table).where(key == bindparam("key"))
    return Keyed(str(put.compile(dialect=_DIALECT)), str(drop.compile(dialect=_DIALECT)))


def adding(table: Table) -> str:
    """Return an INSERT that adds its numbers to those of the row that has the same primary key."""
    put = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]

    def total(column: Column[object]) -> object:
        added = put.excluded[column.name]
        is_count = column.type.python_type is int
        return column + added if is_count else getattr(func, DECIMAL_ADD)(column, added)

    totals = {column.name: total(column) for column in table.c if column.name not in keys}
    return str(put.on_conflict_do_update(index_elements=keys, set_=totals).compile(dialect=_DIALECT))


def _updating(table: Table, key: Column[str], names: Sequence[str], *, kept: frozenset[str] = frozenset()) -> Update:
    """Return an UPDATE by key; a None for one of `kept` leaves the value that is there."""
    values: dict[str, ColumnElement[Any]] = {
        name: func.coalesce(bindparam(name), table.c[name]) if name in kept else bindparam(name) for name in names
    }
    statement = update(table).where(key == bindparam("row_key")).values(values)
    compiled = statement.compile(dialect=_DIALECT)
    asked = [*names, "row_key"]
    if compiled.positiontup != asked:
        raise AssertionError(f"the parameters of {table.name} are {compiled.positiontup}, expected {asked}")
    return Update(str(compiled))


ORDER_FACTS = (
    *("quantity", "limit_price", "stop_price", "state", "filled", "average_price", "commission", "conflict"),
    *("reason", "platform_order_id", "facts", "sent_us", "acknowledged_us", "filled_us", "updated_at"),
)
"""What a fact may change of an order's row; `hub_quantity` stays as it was planned."""
ORDER_STAGES = frozenset({"sent_us", "acknowledged_us", "filled_us"})

_INSERTED = (
    *(schema.events, schema.signals, schema.orders, schema.fills, schema.trades, schema.execution_log),
    *(schema.refused_messages, schema.notices, schema.settings_audit),
)
_KEYED = (
    *(schema.positions, schema.gates, schema_settings.strategies, schema_settings.execution_config),
    *(schema_settings.accounts, schema_settings.sources, schema_settings.instruments, schema_settings.symbol_maps),
    *(schema_settings.preferences, schema_settings.secrets, schema_settings.tokens, schema_settings.users),
    *(schema_settings.sessions, schema_settings.meta),
)
REFUSED_KEPT = 10_000


class Statements:
    """Everything the writer runs, in the order it has to: parents before children, rows before what changes them."""

    def __init__(self) -> None:
        self.inserts = {table.name: inserting(table) for table in _INSERTED}
        self.inserts["execution_log"] = _logging_outcomes()
        self.updates = {
            "orders": _updating(schema.orders, schema.orders.c.order_id, ORDER_FACTS, kept=ORDER_STAGES),
            "signals": _updating(schema.signals, schema.signals.c.signal_id, ("stored_us", "answered_us")),
        }
        self.keyed = {table.name: keyed(table) for table in _KEYED}
        self.adds = {table.name: adding(table) for table in (schema.strategy_performance, schema.daily_risk_tracker)}
        self.forget_refused = _forgetting_refused()
        self.taken_keys = str(
            select(schema.signals.c.dedupe_key)
            .where(schema.signals.c.dedupe_key == bindparam("key"))
            .compile(dialect=_DIALECT)
        )


def _logging_outcomes() -> Insert:
    """Return the INSERT of an outcome: whose order it was is looked up, the event does not say it."""
    log, orders = schema.execution_log, schema.orders
    given = {
        name: bindparam(name, type_=log.c[name].type)
        for name in ("seq", "idx", "outcome", "at", "latency_us", "reason")
    }
    looked_up = {"order_id": orders.c.order_id, "account": orders.c.account, "platform": orders.c.platform}
    values = {**given, **looked_up}
    names = [column.name for column in log.c]
    found = select(*(values[name] for name in names)).where(orders.c.order_id == bindparam("row_key"))
    return Insert(str(insert(log).from_select(names, found).compile(dialect=_DIALECT)), ())


def _forgetting_refused() -> str:
    seq = schema.refused_messages.c.seq
    newest = select(seq).order_by(seq.desc()).limit(literal_column("1")).offset(literal_column(str(REFUSED_KEPT)))
    return str(delete(schema.refused_messages).where(seq <= newest.scalar_subquery()).compile(dialect=_DIALECT))
