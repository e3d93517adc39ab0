"""A journal in memory that refuses what the real one refuses: for tests of the hub that need no disk."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from tradershub.domain.errors import CommitUnknown, DuplicateSignal, NotStored, StoreError
from tradershub.domain.events import Event, FactsRecorded, OrdersCreated, PlannedOrder, SignalStored, SignalTimed
from tradershub.domain.ids import OrderId
from tradershub.ports.journal import Entry, Seq


class MemoryJournal:
    """Implements ports.journal.Journal. Commits in groups, one turn of the event loop after the append.

    `known_orders`: orders that are in the tables from before. `hold` keeps commits back until `release`; `fail_next`
    makes the next group fail.
    """

    def __init__(self, *, known_orders: Iterable[OrderId] = ()) -> None:
        self.entries: list[Entry] = []
        self._loop = asyncio.get_running_loop()
        self._taken: dict[str, set[str]] = {"key": set(), "signal": set(), "order": set(known_orders), "fill": set()}
        self._waiting: list[tuple[asyncio.Future[Seq], tuple[Event, ...]]] = []
        self._followers: list[asyncio.Future[None]] = []
        self._failure: NotStored | CommitUnknown | None = None
        self._stopped: NotStored | None = None
        self._is_held = False
        self._is_closed = False

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(entry.event for entry in self.entries)

    def append(self, *events: Event) -> asyncio.Future[Seq]:
        future: asyncio.Future[Seq] = self._loop.create_future()
        if self._stopped is not None:
            future.set_exception(NotStored(*self._stopped.args))
            return future
        if not self._waiting and not self._is_held:
            self._loop.call_soon(self._commit)
        self._waiting.append((future, events))
        return future

    def append_soon(self, *events: Event) -> asyncio.Future[Seq]:
        return self.append(*events)

    async def read(self, after: Seq, limit: int = 500) -> Sequence[Entry]:
        return tuple(self.entries[after : after + limit])

    async def follow(self, after: Seq) -> AsyncIterator[Entry]:
        while True:
            while after < len(self.entries):
                entry = self.entries[after]
                yield entry
                after = entry.seq
            if self._is_closed:
                return
            waiter = self._loop.create_future()
            self._followers.append(waiter)
            await waiter

    async def close(self) -> None:
        self.release()
        self._commit()
        self._stopped = NotStored("the journal is closed")
        self._is_closed = True
        self._wake()

    def as_left(self) -> "MemoryJournal":
        """Return the journal that the next process finds after this one crashed; this one takes nothing more."""
        left = MemoryJournal()
        left.entries = list(self.entries)
        left._taken = {kind: set(names) for kind, names in self._taken.items()}
        self._waiting, self._stopped = [], NotStored("the process has crashed")
        return left

    def hold(self) -> None:
        """Keep back what is appended from now on."""
        self._is_held = True

    def release(self) -> None:
        """Commit what was kept back, in one group, and hold no longer."""
        self._is_held = False
        if self._waiting:
            self._loop.call_soon(self._commit)

    def fail_next(self, error: NotStored | CommitUnknown) -> None:
        """Let the next group fail; after CommitUnknown the journal takes nothing more."""
        self._failure = error

    def _commit(self) -> None:
        if self._is_held:
            return
        group, self._waiting = self._waiting, []
        failure, self._failure = self._failure, None if group else self._failure
        if isinstance(failure, CommitUnknown) and group:
            self._stopped = NotStored("the journal stopped after a commit with an unknown result")
        for future, events in group:
            self._settle(future, failure or self._store(events))
        self._wake()

    def _settle(self, future: asyncio.Future[Seq], outcome: StoreError | Seq) -> None:
        if future.done():
            return
        if isinstance(outcome, StoreError):
            future.set_exception(type(outcome)(*_arguments(outcome)))
        else:
            future.set_result(outcome)

    def _store(self, events: tuple[Event, ...]) -> Seq | StoreError:
        new: dict[str, set[str]] = {kind: set() for kind in self._taken}
        for event in events:
            problem = self._take(event, new)
            if problem is not None:
                return problem
        for kind, names in new.items():
            self._taken[kind] |= names
        for event in events:
            self.entries.append(Entry(seq=Seq(len(self.entries) + 1), event=event))
        return Seq(len(self.entries))

    def _take(self, event: Event, new: dict[str, set[str]]) -> StoreError | None:
        match event:
            case SignalStored():
                if self._is_taken("key", event.dedupe_key, new):
                    return DuplicateSignal(event.dedupe_key)
                new["key"].add(event.dedupe_key)
                return self._claim("signal", event.signal.signal_id, new) or self._take_orders(event.orders, new)
            case OrdersCreated():
                return self._take_orders(event.orders, new)
            case SignalTimed():
                return self._require("signal", event.signal_id, new)
            case FactsRecorded():
                return self._require("order", event.order_id, new) or self._take_fills(event, new)
            case _:
                return None

    def _take_orders(self, orders: Iterable[PlannedOrder], new: dict[str, set[str]]) -> StoreError | None:
        for planned in orders:
            order = planned.order
            if order.signal_id is not None and (problem := self._require("signal", order.signal_id, new)):
                return problem
            if problem := self._claim("order", order.order_id, new):
                return problem
        return None

    def _take_fills(self, event: FactsRecorded, new: dict[str, set[str]]) -> StoreError | None:
        problems = (self._claim("fill", fill.fill_id, new) for fill in event.fills)
        return next((problem for problem in problems if problem is not None), None)

    def _claim(self, kind: str, name: str, new: dict[str, set[str]]) -> StoreError | None:
        if self._is_taken(kind, name, new):
            return NotStored(f"the {kind} {name} is already stored")
        new[kind].add(name)
        return None

    def _require(self, kind: str, name: str, new: dict[str, set[str]]) -> StoreError | None:
        return None if self._is_taken(kind, name, new) else NotStored(f"no {kind} {name} is stored")

    def _is_taken(self, kind: str, name: str, new: dict[str, set[str]]) -> bool:
        return name in self._taken[kind] or name in new[kind]

    def _wake(self) -> None:
        followers, self._followers = self._followers, []
        for waiter in followers:
            if not waiter.done():
                waiter.set_result(None)


def _arguments(error: StoreError) -> tuple[object, ...]:
    return (error.key,) if isinstance(error, DuplicateSignal) else error.args
