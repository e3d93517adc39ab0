"""Followers near the newest entry read memory; the others are sent to the tables."""

import asyncio

from tests.unit.store.conftest import OpenStore
from tradershub.domain.events import Noted, Severity
from tradershub.ports.journal import Entry, Seq
from tradershub.store.feed import KEPT_ENTRIES, Feed
from tradershub.testing.journal_samples import instant
from tradershub.testing.journal_suite import first, follow


def an_entry(seq: int) -> Entry:
    return Entry(seq=Seq(seq), event=Noted(at=instant(seq), kind="k", severity=Severity.INFO, message=str(seq)))


def places(entries: object) -> list[int]:
    assert isinstance(entries, tuple)
    return [entry.seq for entry in entries]


async def test_only_what_is_kept_comes_from_memory() -> None:
    feed = Feed(Seq(10), kept=4)
    assert feed.after(Seq(10)) == ()
    assert feed.after(Seq(9)) is None
    feed.publish(an_entry(seq) for seq in range(11, 18))
    assert places(feed.after(Seq(15))) == [16, 17]
    assert places(feed.after(Seq(13))) == [14, 15, 16, 17]
    assert feed.after(Seq(12)) is None


async def test_a_follower_that_gave_up_is_forgotten() -> None:
    feed = Feed(Seq(0))
    waiting = asyncio.create_task(feed.changed())
    other = asyncio.create_task(feed.changed())
    await asyncio.wait([waiting, other], timeout=0)
    waiting.cancel()
    feed.publish([an_entry(1)])
    await other


async def test_a_follower_of_a_restarted_hub_begins_in_the_tables(opened: OpenStore) -> None:
    store = await opened()
    count = KEPT_ENTRIES + 300
    await store.journal.append(*(an_entry(n).event for n in range(1, count + 1)))
    await store.close()
    again = await opened()
    async with follow(again.journal) as entries:
        following = asyncio.create_task(first(entries, count + 1))
        await again.journal.append(an_entry(count + 1).event)
        assert [entry.seq for entry in await following] == list(range(1, count + 2))
