"""Writes a batch of changes inside a transaction: parents before children, rows before what changes them."""

import sqlite3
from decimal import Decimal

from tradershub.domain.quantities import decimal_text
from tradershub.store.changes import Batch
from tradershub.store.statements import Statements


class MissingRowError(Exception):
    """An update met no row: the order or signal it speaks of is not in the tables."""


def write_batch(cursor: sqlite3.Cursor, statements: Statements, batch: Batch) -> None:
    """Run everything a batch holds; raises sqlite3.Error or MissingRowError with the transaction half done."""
    for table, insert in statements.inserts.items():
        rows = batch.inserts.get(table)
        if rows:
            insert.run(cursor, rows)
    for table, by_key in batch.updates.items():
        if statements.updates[table].run(cursor, by_key.values()) != len(by_key):
            raise MissingRowError(f"an event speaks of a row that {table} does not hold")
    _put_and_drop(cursor, statements, batch)
    for table, totals in batch.sums.items():
        cursor.executemany(statements.adds[table], [(*key, *map(_plain, sums)) for key, sums in totals.items()])
    if "refused_messages" in batch.inserts:
        cursor.execute(statements.forget_refused)


def _put_and_drop(cursor: sqlite3.Cursor, statements: Statements, batch: Batch) -> None:
    for table, by_key in batch.puts.items():
        dropped = [(key,) for key, row in by_key.items() if row is None]
        if dropped:
            cursor.executemany(statements.keyed[table].drop, dropped)
        kept = [row for row in by_key.values() if row is not None]
        if kept:
            cursor.executemany(statements.keyed[table].put, kept)


def _plain(number: int | Decimal) -> int | str:
    return decimal_text(number) if isinstance(number, Decimal) else number
