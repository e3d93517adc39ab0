"""The paper broker's own file: orders, positions and balances, surviving the death of the process."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import PlatformConfigError, PlatformUnavailable
from tradershub.domain.ids import AccountId, OrderId
from tradershub.executors.paper_orders import PaperOrder
from tradershub.executors.paper_positions import Holding, PositionKey

FILE_NAME = "paper_book.db"
_VERSION = 1
_SCHEMA = """
CREATE TABLE orders (order_id TEXT PRIMARY KEY, account TEXT NOT NULL, live INTEGER NOT NULL, ended_at INTEGER,
                     body BLOB NOT NULL);
CREATE INDEX orders_live ON orders (live) WHERE live = 1;
CREATE INDEX orders_ended ON orders (account, ended_at);
CREATE INDEX orders_age ON orders (ended_at);
CREATE TABLE positions (account TEXT, strategy TEXT, symbol TEXT, ticket TEXT, quantity TEXT NOT NULL,
                        average_price TEXT NOT NULL, PRIMARY KEY (account, strategy, symbol, ticket)) WITHOUT ROWID;
CREATE TABLE balances (account TEXT, currency TEXT, gained TEXT NOT NULL,
                       PRIMARY KEY (account, currency)) WITHOUT ROWID;
"""
_PUT_ORDER = """
INSERT INTO orders (order_id, account, live, ended_at, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (order_id) DO UPDATE SET live = excluded.live, ended_at = excluded.ended_at, body = excluded.body
"""
_PUT_POSITION = "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?)"
_PUT_BALANCE = "INSERT OR REPLACE INTO balances VALUES (?, ?, ?)"
_PRUNED_AT_ONCE = 5000


class BalanceKey(NamedTuple):
    account: AccountId
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBook:
    """What a restart begins with: orders that are not done, oldest first, every position and every profit."""

    orders: tuple[PaperOrder, ...]
    positions: Mapping[PositionKey, Holding]
    gained: Mapping[BalanceKey, Decimal]


class PaperStore:
    """One SQLite file without a sync per write: the process may die at any time, a power cut may cost the newest rows.

    Raises sqlite3.Error where the file cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as error:
            raise PlatformUnavailable(f"the paper book {self.path.name} cannot be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            raise PlatformConfigError(
                f"the paper book {self.path.name} cannot be used ({error}): restore it from a backup, or move it "
                "away to begin with an empty one"
            ) from error
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(PaperOrder)

    def load(self) -> StoredBook:
        rows = self._connection.execute("SELECT body FROM orders WHERE live = 1 ORDER BY rowid").fetchall()
        positions = self._connection.execute("SELECT * FROM positions").fetchall()
        gained = self._connection.execute("SELECT * FROM balances").fetchall()
        return StoredBook(
            orders=tuple(self._decoder.decode(body) for (body,) in rows),
            positions={
                PositionKey(account, strategy, symbol, ticket): Holding(Decimal(quantity), Decimal(price))
                for account, strategy, symbol, ticket, quantity, price in positions
            },
            gained={BalanceKey(account, currency): Decimal(amount) for account, currency, amount in gained},
        )

    def find(self, order_id: OrderId) -> PaperOrder | None:
        row = self._connection.execute("SELECT body FROM orders WHERE order_id = ?", (order_id,)).fetchone()
        return None if row is None else self._decoder.decode(row[0])

    def since(self, account: AccountId, since: Nanos) -> tuple[PaperOrder, ...]:
        """Return the account's open orders and those that ended at or after an instant, oldest first."""
        rows = self._connection.execute(
            "SELECT rowid, body FROM orders WHERE account = ? AND ended_at IS NULL "
            "UNION ALL SELECT rowid, body FROM orders WHERE account = ? AND ended_at >= ? ORDER BY 1",
            (account, account, since),
        ).fetchall()
        return tuple(self._decoder.decode(body) for _, body in rows)

    def write(
        self,
        orders: Iterable[PaperOrder],
        positions: Iterable[tuple[PositionKey, Holding]],
        gained: Iterable[tuple[BalanceKey, Decimal]],
    ) -> None:
        """Write all or nothing; afterwards the death of the process cannot undo it."""
        encode, connection = self._encoder.encode, self._connection
        rows = [(o.order_id, o.account, int(o.is_live), o.ended_at, encode(o)) for o in orders]
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_PUT_ORDER, rows)
            connection.executemany(
                _PUT_POSITION, [(*key, str(held.quantity), str(held.average_price)) for key, held in positions]
            )
            connection.executemany(_PUT_BALANCE, [(*key, str(amount)) for key, amount in gained])
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def prune(self, before: Nanos) -> int:
        """Forget some of the orders that ended before an instant; return how many."""
        return self._connection.execute(
            "DELETE FROM orders WHERE rowid IN (SELECT rowid FROM orders WHERE live = 0 AND ended_at < ? LIMIT ?)",
            (before, _PRUNED_AT_ONCE),
        ).rowcount

    def checkpoint(self, *, last: bool) -> None:
        """Bring the log home, on a connection of its own: may run in a thread; with `last`, nothing may be written."""
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=1)
        try:
            connection.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if last else 'PASSIVE'})").fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        # Opened in a thread, because checking a large file takes its time, and then used on the event loop alone.
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=1, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            # NORMAL syncs at checkpoints alone, and these run aside: no commit waits for the disk.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise sqlite3.DatabaseError(f"it was written by a newer version, format {version}")
    if version == _VERSION:
        ((verdict,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {verdict}")
        return
    connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
