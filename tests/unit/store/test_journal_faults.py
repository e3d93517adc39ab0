"""A disk that fails, a commit that is lost, a file that another holds: nobody is told "stored" who is not."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import rows
from tradershub.domain.errors import CommitUnknown, DuplicateSignal, NotStored, StoreError
from tradershub.domain.events import Event, Noted, Severity
from tradershub.ports.journal import Seq
from tradershub.store.store import Store
from tradershub.testing.journal_samples import a_stored_signal, accepted, instant


def a_note(number: int) -> Noted:
    return Noted(at=instant(number), kind="sign_in", severity=Severity.INFO, message="hello")


class Failing:
    """Hooks that raise once, where they are told to."""

    def __init__(self, *, before: bool = False, after: bool = False) -> None:
        self.before, self.after, self.commits = before, after, 0

    def before_commit(self, appends: int) -> None:
        if self.before:
            self.before = False
            raise sqlite3.OperationalError("disk I/O error")

    def after_commit(self, appends: int) -> None:
        self.commits += 1
        if self.after:
            self.after = False
            raise sqlite3.OperationalError("disk I/O error")


async def outcomes(store: Store, *events: Event) -> list[Seq | BaseException]:
    return await asyncio.gather(*(store.journal.append(event) for event in events), return_exceptions=True)


async def test_a_failed_transaction_stores_nothing_and_the_next_one_works(opened: OpenStore) -> None:
    store = await opened(Failing(before=True))
    failed = await outcomes(store, a_stored_signal(1), a_note(2))
    assert [type(outcome) for outcome in failed] == [NotStored, NotStored]
    assert rows(store.database.file, "SELECT * FROM events") == []
    assert await outcomes(store, a_stored_signal(1), a_note(2)) == [1, 2]


async def test_a_commit_with_an_unknown_result_stops_the_journal(opened: OpenStore) -> None:
    store = await opened(Failing(after=True))
    unknown = await outcomes(store, a_stored_signal(1), a_note(2))
    assert [type(outcome) for outcome in unknown] == [CommitUnknown, CommitUnknown]
    assert [type(outcome) for outcome in await outcomes(store, a_note(3))] == [NotStored]
    await store.close()
    # The restart decides: here the commit had reached the disk.
    again = await opened()
    assert len(await again.journal.read(Seq(0))) == 2
    assert isinstance((await outcomes(again, a_stored_signal(1)))[0], DuplicateSignal)


async def test_a_full_disk_stores_nothing_and_sending_again_works(store: Store) -> None:
    """F004."""
    await store.journal.append(a_stored_signal(1))
    limit = store.journal._writer._connection
    pages = limit.execute("PRAGMA page_count").fetchone()[0]
    limit.execute(f"PRAGMA max_page_count = {pages}")
    failed = await outcomes(store, *(a_stored_signal(n) for n in range(2, 40)))
    assert all(isinstance(outcome, NotStored) for outcome in failed)
    assert "full" in str(failed[0])
    assert len(await store.journal.read(Seq(0))) == 1
    limit.execute("PRAGMA max_page_count = 1000000")
    assert await outcomes(store, a_stored_signal(2)) == [2]


async def test_a_file_that_another_process_holds_stores_nothing(store: Store) -> None:
    """F005."""
    store.journal._writer._connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(store.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        failed = await outcomes(store, a_stored_signal(1))
        other.execute("ROLLBACK")
    assert isinstance(failed[0], NotStored)
    assert "locked" in str(failed[0])
    assert await outcomes(store, a_stored_signal(1)) == [1]


async def test_what_waits_together_is_committed_together(opened: OpenStore) -> None:
    hooks = Failing()
    store = await opened(hooks)
    await asyncio.gather(*(store.journal.append(a_stored_signal(n)) for n in range(600)))
    assert hooks.commits < 40


async def test_errors_are_not_shared_between_those_who_wait(opened: OpenStore) -> None:
    store = await opened(Failing(before=True))
    one, other = await outcomes(store, a_note(1), a_note(2))
    assert one is not other


async def test_one_bad_append_among_many_costs_only_itself(store: Store) -> None:
    await store.journal.append(a_stored_signal(0, key="taken"))
    signals = [a_stored_signal(n, key="taken" if n == 50 else f"k{n}") for n in range(1, 101)]
    found = await outcomes(store, *signals)
    assert [n for n, outcome in enumerate(found, 1) if isinstance(outcome, StoreError)] == [50]
    places = [seq for (seq,) in rows(store.database.file, "SELECT seq FROM events ORDER BY seq")]
    assert places == list(range(1, 101))


async def test_a_row_that_cannot_be_bound_is_the_callers_mistake_alone(store: Store) -> None:
    too_large = replace(a_stored_signal(1), parsed_us=1 << 70)
    found = await outcomes(store, a_note(1), too_large, a_note(2))
    assert [type(outcome) for outcome in found] == [int, NotStored, int]
    assert await store.journal.append(a_stored_signal(2)) == 3


async def test_closing_commits_what_waits(opened: OpenStore) -> None:
    store = await opened()
    futures = [store.journal.append(a_stored_signal(n)) for n in range(50)]
    await store.close()
    assert [await future for future in futures] == list(range(1, 51))
    assert isinstance((await outcomes(store, a_note(1)))[0], NotStored)


async def test_later_facts_of_an_order_win_within_one_transaction(store: Store) -> None:
    stored = a_stored_signal(1)
    order = stored.orders[0].order
    await outcomes(store, stored, accepted(order, 2), accepted(order, 3))
    found = rows(store.database.file, "SELECT platform_order_id, sent_us, updated_at FROM orders")
    assert found == [("P3", 400, instant(3))]
