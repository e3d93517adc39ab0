"""What events change in the tables, and a batch of such changes in the order in which they may be written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from tradershub.store.statements import ORDER_FACTS, ORDER_STAGES, Row


class Verb(IntEnum):
    INSERT = 0
    NUMBERED = 1
    """An insert whose first column is the event's place in the journal."""
    UPDATE = 2
    """The last column is the key of a row that must be there."""
    PUT = 3
    """The first column is the key; the row is replaced whole."""
    DROP = 4
    ADD = 5
    """The row's numbers are added to those of the row with the same key."""


class Change(NamedTuple):
    verb: Verb
    table: str
    row: Row


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event ready to be written: all but its place in the journal."""

    row: Row
    changes: tuple[Change, ...]


KEY_COLUMNS = 3
"""Of the tables that are added to: whose, which day, which currency."""
_STAGES = tuple(index for index, name in enumerate(ORDER_FACTS) if name in ORDER_STAGES)


@dataclass(slots=True)
class Batch:
    """Rows of one transaction by table. Of several changes of one row the last wins; sums are summed up."""

    inserts: dict[str, list[Row]] = field(default_factory=dict)
    updates: dict[str, dict[object, Row]] = field(default_factory=dict)
    puts: dict[str, dict[object, Row | None]] = field(default_factory=dict)
    sums: dict[str, dict[Row, list[int | Decimal]]] = field(default_factory=dict)

    def take_event(self, seq: int, event: EventRow) -> None:
        self.inserts.setdefault("events", []).append((seq, *event.row))
        for change in event.changes:
            self.take(change, seq)

    def take_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.take(change, 0)

    def take(self, change: Change, seq: int) -> None:
        verb, table, row = change
        if verb == Verb.INSERT:
            self.inserts.setdefault(table, []).append(row)
        elif verb == Verb.UPDATE:
            self._update(table, row)
        elif verb == Verb.NUMBERED:
            self.inserts.setdefault(table, []).append((seq, *row))
        elif verb == Verb.ADD:
            self._add(table, row)
        else:
            self.puts.setdefault(table, {})[row[0]] = row if verb == Verb.PUT else None

    def _update(self, table: str, row: Row) -> None:
        rows = self.updates.setdefault(table, {})
        before = rows.get(row[-1])
        rows[row[-1]] = row if before is None or table != "orders" else _with_stages(before, row)

    def _add(self, table: str, row: Row) -> None:
        totals = self.sums.setdefault(table, {})
        numbers = [number for number in row[KEY_COLUMNS:] if isinstance(number, int | Decimal)]
        known = totals.get(row[:KEY_COLUMNS])
        totals[row[:KEY_COLUMNS]] = numbers if known is None else [a + b for a, b in zip(known, numbers, strict=True)]


def _with_stages(before: Row, row: Row) -> Row:
    """Keep what is known of an order's stages where the newer row says nothing of them."""
    if all(row[index] is not None or before[index] is None for index in _STAGES):
        return row
    return tuple(
        old if new is None and index in _STAGES else new
        for index, (old, new) in enumerate(zip(before, row, strict=True))
    )
