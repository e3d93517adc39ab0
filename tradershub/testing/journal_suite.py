"""What every journal must hold, as tests to inherit: all or nothing, each key once, in order."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from tradershub.domain.errors import DuplicateSignal, NotStored, StoreError
from tradershub.domain.events import Event, Noted, Severity, SignalTimed
from tradershub.domain.ids import SignalId
from tradershub.ports.journal import Entry, Journal, Seq
from tradershub.testing.journal_samples import a_stored_signal, accepted, an_order, created, filled, instant

BEGINNING = Seq(0)


def a_note(number: int) -> Noted:
    return Noted(at=instant(number), kind="sign_in", severity=Severity.INFO, message=f"note {number}")


async def outcome_of(future: asyncio.Future[Seq]) -> Seq | StoreError:
    """Wait for an append and return what it raised as a value."""
    try:
        return await future
    except StoreError as error:
        return error


async def first(entries: AsyncIterator[Entry], count: int) -> list[Entry]:
    found: list[Entry] = []
    async with asyncio.timeout(10):
        async for entry in entries:
            found.append(entry)
            if len(found) == count:
                break
    return found


@asynccontextmanager
async def follow(journal: Journal, after: Seq = BEGINNING) -> AsyncIterator[AsyncIterator[Entry]]:
    entries = journal.follow(after)
    try:
        yield entries
    finally:
        if isinstance(entries, AsyncGenerator):
            await entries.aclose()


class JournalSuite(ABC):
    """Subclass it and say how a new, empty journal is opened and closed."""

    @abstractmethod
    def journal(self) -> AbstractAsyncContextManager[Journal]: ...

    async def stored(self, journal: Journal) -> list[Event]:
        return [entry.event for entry in await journal.read(Seq(0), 100_000)]

    async def test_what_is_appended_is_read_back_as_it_was(self) -> None:
        async with self.journal() as journal:
            events = (
                a_stored_signal(1),
                SignalTimed(at=instant(2), signal_id=SignalId("SG000000000001"), stored_us=7, answered_us=9),
                a_note(3),
            )
            assert await journal.append(*events) == 3
            assert tuple(await self.stored(journal)) == events

    async def test_places_count_from_one_without_gaps(self) -> None:
        async with self.journal() as journal:
            outcomes = await asyncio.gather(*(journal.append(a_note(n), a_note(n)) for n in range(5)))
            assert outcomes == [2, 4, 6, 8, 10]
            assert [entry.seq for entry in await journal.read(Seq(0))] == list(range(1, 11))

    async def test_appends_take_effect_in_the_order_of_the_calls(self) -> None:
        async with self.journal() as journal:
            notes = [a_note(n) for n in range(700)]
            await asyncio.gather(*(journal.append(note) for note in notes))
            assert await self.stored(journal) == notes

    async def test_a_key_is_stored_once(self) -> None:
        async with self.journal() as journal:
            await journal.append(a_stored_signal(1, key="momentum/7"))
            refused = await outcome_of(journal.append(a_stored_signal(2, key="momentum/7")))
            assert isinstance(refused, DuplicateSignal)
            assert refused.key == "momentum/7"
            assert len(await self.stored(journal)) == 1

    async def test_of_equal_keys_at_once_the_first_wins_and_others_are_unharmed(self) -> None:
        async with self.journal() as journal:
            futures = [journal.append(a_stored_signal(n, key=f"k{n % 3}")) for n in range(9)]
            outcomes = [await outcome_of(future) for future in futures]
            assert [isinstance(outcome, DuplicateSignal) for outcome in outcomes] == [False] * 3 + [True] * 6
            assert outcomes[:3] == [1, 2, 3]
            assert await self.stored(journal) == [a_stored_signal(n, key=f"k{n}") for n in range(3)]

    async def test_what_is_appended_together_fails_together(self) -> None:
        async with self.journal() as journal:
            await journal.append(a_stored_signal(1, key="taken"))
            together = journal.append(a_stored_signal(2), a_note(2), a_stored_signal(3, key="taken"))
            assert isinstance(await outcome_of(together), DuplicateSignal)
            assert await journal.append(a_stored_signal(2)) == 2
            assert len(await self.stored(journal)) == 2

    async def test_a_key_twice_in_one_append_stores_nothing(self) -> None:
        async with self.journal() as journal:
            refused = await outcome_of(journal.append(a_stored_signal(1, key="same"), a_stored_signal(2, key="same")))
            assert isinstance(refused, DuplicateSignal)
            assert await self.stored(journal) == []

    async def test_facts_of_an_order_that_is_not_there_are_refused(self) -> None:
        async with self.journal() as journal:
            note = journal.append(a_note(1))
            refused = await outcome_of(journal.append(accepted(an_order(1))))
            assert isinstance(refused, NotStored)
            assert await note == 1
            assert len(await self.stored(journal)) == 1

    async def test_facts_may_follow_their_order_at_once(self) -> None:
        async with self.journal() as journal:
            order = an_order(1)
            futures = [journal.append(event) for event in (created(order), accepted(order, 2), filled(order, 3))]
            assert await asyncio.gather(*futures) == [1, 2, 3]

    async def test_an_execution_is_stored_once(self) -> None:
        async with self.journal() as journal:
            order = an_order(1)
            await journal.append(created(order), filled(order, 2))
            assert isinstance(await outcome_of(journal.append(filled(order, 2))), NotStored)
            assert len(await self.stored(journal)) == 2

    async def test_an_order_of_a_signal_that_is_not_there_is_refused(self) -> None:
        async with self.journal() as journal:
            order = replace(an_order(1), signal_id=SignalId("SG-nowhere"))
            assert isinstance(await outcome_of(journal.append(created(order))), NotStored)

    async def test_reading_begins_behind_a_place_and_keeps_the_limit(self) -> None:
        async with self.journal() as journal:
            await asyncio.gather(*(journal.append(a_note(n)) for n in range(1, 11)))
            assert [entry.seq for entry in await journal.read(Seq(4), 3)] == [5, 6, 7]
            assert list(await journal.read(Seq(10))) == []

    async def test_a_follower_sees_what_was_and_what_comes(self) -> None:
        async with self.journal() as journal:
            await journal.append(a_note(1), a_note(2))
            async with follow(journal, Seq(1)) as entries:
                following = asyncio.create_task(first(entries, 3))
                await journal.append(a_note(3))
                await journal.append(a_note(4))
                assert [entry.seq for entry in await following] == [2, 3, 4]

    async def test_followers_do_not_wait_for_each_other(self) -> None:
        async with self.journal() as journal, follow(journal) as slow, follow(journal) as fast:
            await journal.append(*(a_note(n) for n in range(3000)))
            begun = await first(slow, 1)
            assert [entry.seq for entry in await first(fast, 3000)] == list(range(1, 3001))
            rest = await first(slow, 2999)
            assert [entry.seq for entry in begun + rest] == list(range(1, 3001))

    async def test_a_refused_append_is_not_followed(self) -> None:
        async with self.journal() as journal, follow(journal) as entries:
            await journal.append(a_stored_signal(1, key="k"))
            await outcome_of(journal.append(a_stored_signal(2, key="k")))
            await journal.append(a_note(3))
            assert [entry.event.at for entry in await first(entries, 2)] == [instant(1), instant(3)]

    async def test_an_append_whose_caller_gave_up_is_stored_all_the_same(self) -> None:
        async with self.journal() as journal:
            journal.append(a_note(1)).cancel()
            assert await journal.append(a_note(2)) == 2

    async def test_a_journal_that_closes_ends_its_followers(self) -> None:
        async with self.journal() as journal:
            following = asyncio.create_task(_all(journal.follow(Seq(0))))
            await journal.append(a_note(1))
        assert [entry.seq for entry in await asyncio.wait_for(following, 10)] == [1]
        assert isinstance(await outcome_of(journal.append(a_note(2))), NotStored)


async def _all(entries: AsyncIterator[Entry]) -> list[Entry]:
    return [entry async for entry in entries]
