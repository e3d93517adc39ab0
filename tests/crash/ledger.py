"""What the books of a hub say, read from its file, and whether they agree with the recorder and with the answers."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

PROVEN = frozenset(("blocked", "expired", "rejected", "canceled", "not_placed"))
"""Final without the recorder: nothing of such an order is to be there."""


@dataclass(frozen=True, slots=True)
class Leg:
    order_id: str
    signal_id: str
    account: str
    leg: str
    attempt: int
    state: str


@dataclass(frozen=True)
class Books:
    signals: frozenset[str]
    legs: Mapping[str, Leg]

    def of_signal(self) -> dict[str, list[Leg]]:
        found: dict[str, list[Leg]] = {signal: [] for signal in self.signals}
        for leg in self.legs.values():
            found[leg.signal_id].append(leg)
        return found

    def in_state(self, state: str) -> frozenset[str]:
        return frozenset(order_id for order_id, leg in self.legs.items() if leg.state == state)


def read_books(file: Path) -> Books:
    """Read the file of a running hub, without ever writing to it."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        signals = frozenset(row[0] for row in connection.execute("SELECT signal_id FROM signals"))
        rows = connection.execute("SELECT order_id, signal_id, account, leg, attempt, state FROM orders").fetchall()
    return Books(signals, {row[0]: Leg(*row) for row in rows})


def read_dead_books(file: Path) -> Books:
    """Read what a killed hub has left from a copy, since opening the file itself would already begin to mend it."""
    with tempfile.TemporaryDirectory(prefix="books-") as folder:
        for part in (file, file.with_name(f"{file.name}-wal")):
            if part.exists():
                shutil.copyfile(part, Path(folder) / part.name)
        copy = Path(folder) / file.name
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return read_books(copy)


@dataclass
class Findings:
    """What must not be, each with the ids that show it."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.contradicted)


def compare(
    books: Books, acknowledged: Iterable[str], lines: Mapping[str, Sequence[int]], *, accounts: int
) -> Findings:
    """Compare answers, books and the recorder's lines of each order."""
    findings = Findings()
    by_signal = books.of_signal()
    for signal in acknowledged:
        legs = by_signal.get(signal, [])
        if len(legs) != accounts:
            findings.lost.append(f"{signal} has {len(legs)} of {accounts} orders")
        findings.lost += [f"{leg.order_id} {leg.state}" for leg in legs if not _is_accounted_for(leg, lines)]
    findings.doubled += [f"{order_id} x{len(found)}" for order_id, found in lines.items() if len(found) > 1]
    findings.doubled += [f"{place}" for place, number in _places(books).items() if number > 1]
    findings.contradicted += [
        f"{leg.order_id} is {leg.state} and at the recorder"
        for leg in books.legs.values()
        if leg.state in PROVEN and leg.order_id in lines
    ]
    findings.contradicted += [f"{order_id} is in no book" for order_id in lines if order_id not in books.legs]
    return findings


def _is_accounted_for(leg: Leg, lines: Mapping[str, Sequence[int]]) -> bool:
    return leg.order_id in lines or leg.state in PROVEN


def _places(books: Books) -> Counter[tuple[str, str, str]]:
    return Counter((leg.signal_id, leg.account, leg.leg) for leg in books.legs.values())
