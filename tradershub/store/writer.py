"""The one thread that writes: takes everything that waits, commits it in one transaction, and says what came of it."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tradershub.domain.errors import CommitUnknown, DuplicateSignal, NotStored, StoreError
from tradershub.domain.events import Event
from tradershub.ports.journal import Seq
from tradershub.store import schema
from tradershub.store.changes import Batch, Change, EventRow
from tradershub.store.statements import Statements
from tradershub.store.writing import MissingRowError, write_batch

logger = logging.getLogger(__name__)

MOST_APPENDS = 512
"""In one transaction."""
_CHECKPOINT_APPENDS = 4_000
_IDLE_CHECKPOINT_APPENDS = 200
_IDLE_SECONDS = 0.25
_DEDUPE_KEY = schema.signals.c.keys().index("dedupe_key")
_CLEAN_FAILURES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL})
"""Of a COMMIT: the commit record is not in the log. After any other failure it may be."""

_UNFIT = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
    *(MissingRowError, OverflowError, ValueError),
)
"""What is wrong with an append itself, not with the disk: a key that is taken, a value that no column can hold."""


class StoreHooks(Protocol):
    """Called on the writer thread around each COMMIT: where crash tests stop the process or fail the disk.

    A sqlite3.Error raised before the commit undoes the transaction; after it, the result counts as unknown.
    """

    def before_commit(self, appends: int) -> None: ...

    def after_commit(self, appends: int) -> None: ...


class NoHooks:
    """What runs where nothing is tested."""

    def before_commit(self, appends: int) -> None: ...

    def after_commit(self, appends: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """What is written together or not at all: events with what they change, or plain rows that no event tells of."""

    future: asyncio.Future[Seq]
    events: tuple[Event, ...]
    rows: tuple[EventRow, ...]
    changes: tuple[Change, ...] = ()


Outcome = Seq | StoreError
"""The place of a job's last event, or why it is not stored."""
Results = Sequence[tuple[Job, Outcome]]


class Writer:
    """Owns the writing connection. `deliver` is called on the writer thread with the results of each transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        statements: Statements,
        deliver: Callable[[Results], None],
        hooks: StoreHooks,
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._statements = statements
        self._deliver = deliver
        self._hooks = hooks
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._last_seq: int = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        self._appends_in_log = 0
        self._stopped_for: str | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    @property
    def last_seq(self) -> Seq:
        return Seq(self._last_seq)

    def start(self) -> None:
        self._thread.start()

    def put(self, job: Job) -> None:
        self._jobs.put(job)
        if self._ended:
            self._refuse_waiting()

    def close(self) -> None:
        """Write what waits, then end; blocks until the thread has."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        jobs: list[Job] = []
        try:
            while jobs := self._take():
                results = self._write(jobs)
                jobs = []
                self._deliver(results)
                self._empty_log(after=_CHECKPOINT_APPENDS)
        finally:
            self._ended = True
            self._stopped_for = self._stopped_for or "the journal is closed"
            if jobs:
                self._deliver([(job, CommitUnknown("the writer stopped in the middle of a commit")) for job in jobs])
            self._refuse_waiting()
            self._connection.close()

    def _take(self) -> list[Job]:
        """Wait for work and return all there is; empty when the journal is to close."""
        job = self._first()
        jobs: list[Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MOST_APPENDS:
                return jobs
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs
        if jobs:
            # The end was asked for behind these jobs: leave the sign for the next turn.
            self._jobs.put(None)
        return jobs

    def _first(self) -> Job | None:
        if self._appends_in_log >= _IDLE_CHECKPOINT_APPENDS:
            try:
                return self._jobs.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                self._empty_log(after=_IDLE_CHECKPOINT_APPENDS)
        return self._jobs.get()

    def _empty_log(self, *, after: int) -> None:
        """Move the log into the file between two batches, so that no commit has to."""
        if self._appends_in_log < after:
            return
        self._appends_in_log = 0
        try:
            self._cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            # Nothing is lost: the log stays and the next attempt takes all of it.
            logger.warning("the log could not be moved into the database file: %s", error)

    def _write(self, jobs: Sequence[Job]) -> Results:
        if self._stopped_for is not None:
            return _all(jobs, NotStored(self._stopped_for))
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            results, last_seq = self._write_rows(jobs)
            self._hooks.before_commit(len(jobs))
        except sqlite3.Error as error:
            return _all(jobs, self._undone(error))
        return self._commit(jobs, results, last_seq)

    def _write_rows(self, jobs: Sequence[Job]) -> tuple[Results, int]:
        try:
            return self._write_together(jobs)
        except _UNFIT:
            self._connection.rollback()
            self._cursor.execute("BEGIN IMMEDIATE")
            return self._write_one_by_one(jobs)

    def _write_together(self, jobs: Sequence[Job]) -> tuple[Results, int]:
        batch, seq = Batch(), self._last_seq
        results: list[tuple[Job, Outcome]] = []
        for job in jobs:
            seq = _fill(batch, job, seq)
            results.append((job, Seq(seq)))
        write_batch(self._cursor, self._statements, batch)
        return results, seq

    def _write_one_by_one(self, jobs: Sequence[Job]) -> tuple[Results, int]:
        """Find out which job does not fit, and store the others as if it had never been there."""
        seq = self._last_seq
        results: list[tuple[Job, Outcome]] = []
        for job in jobs:
            batch = Batch()
            reached = _fill(batch, job, seq)
            self._cursor.execute("SAVEPOINT job")
            try:
                write_batch(self._cursor, self._statements, batch)
            except _UNFIT as error:
                self._cursor.execute("ROLLBACK TO job")
                results.append((job, self._refusal(batch, error)))
            else:
                seq = reached
                results.append((job, Seq(seq)))
            self._cursor.execute("RELEASE job")
        return results, seq

    def _refusal(self, batch: Batch, error: Exception) -> StoreError:
        seen: set[object] = set()
        for row in batch.inserts.get("signals", ()):
            key = row[_DEDUPE_KEY]
            if key in seen or self._cursor.execute(self._statements.taken_keys, (key,)).fetchone():
                return DuplicateSignal(str(key))
            seen.add(key)
        return NotStored(f"the tables refuse it: {error}")

    def _commit(self, jobs: Sequence[Job], results: Results, last_seq: int) -> Results:
        try:
            self._cursor.execute("COMMIT")
        except sqlite3.Error as error:
            undone = self._undone(error)
            if _primary_code(error) in _CLEAN_FAILURES and not self._connection.in_transaction:
                return _all(jobs, undone)
            return self._stop(jobs, error)
        try:
            self._hooks.after_commit(len(jobs))
        except sqlite3.Error as error:
            return self._stop(jobs, error)
        self._last_seq = last_seq
        self._appends_in_log += len(jobs)
        return results

    def _stop(self, jobs: Sequence[Job], error: sqlite3.Error) -> Results:
        """Take nothing more: what this commit left behind is only known after a restart."""
        self._stopped_for = f"the journal stopped after a commit with an unknown result: {error}"
        logger.critical("%s", self._stopped_for)
        return _all(jobs, CommitUnknown(f"the result of a commit is unknown: {error}"))

    def _undone(self, error: sqlite3.Error) -> NotStored:
        """Roll back what SQLite has not rolled back itself."""
        try:
            self._connection.rollback()
        except sqlite3.Error as failure:
            logger.warning("a failed transaction could not be rolled back: %s", failure)
        return NotStored(f"nothing was stored: {error}")

    def _refuse_waiting(self) -> None:
        waiting: list[Job] = []
        while not self._jobs.empty():
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                waiting.append(job)
        if waiting:
            self._deliver(_all(waiting, NotStored(self._stopped_for or "the journal is closed")))


def _fill(batch: Batch, job: Job, seq: int) -> int:
    for row in job.rows:
        seq += 1
        batch.take_event(seq, row)
    batch.take_all(job.changes)
    return seq


def _all(jobs: Sequence[Job], error: NotStored | CommitUnknown) -> Results:
    # One error each: a raised exception collects the traces of everyone who waited for it.
    return [(job, type(error)(*error.args)) for job in jobs]


def _primary_code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
