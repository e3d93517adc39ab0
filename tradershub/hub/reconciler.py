"""Asks a platform for its books and takes over what they say: the only way out of doubt."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.errors import PlatformError
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import Fact, FactKind, Intent, OrderState
from tradershub.domain.risk import blocked
from tradershub.hub.lanes import AccountLanes
from tradershub.hub.notices import Notices
from tradershub.hub.order_book import OrderBook, Record
from tradershub.hub.pending_commands import PendingCommands
from tradershub.hub.platform_news import PlatformNews
from tradershub.ports.clock import Clock
from tradershub.ports.executor import Executor, OrderReport, Snapshot

logger = logging.getLogger(__name__)

_ASK_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_LOOK_BACK_S = 7 * 86_400
_ALARM_AFTER_S = 10
_QUERY_S = 15.0
"""For a platform to give its books; a query without an end must not end the asking."""


class Reconciler:
    """Settles orders in doubt by positive proof alone. It never trades, and never reads a failed query as flat."""

    def __init__(
        self,
        *,
        book: OrderBook,
        lanes: AccountLanes,
        news: PlatformNews,
        notices: Notices,
        clock: Clock,
        surely_not_sent: Callable[[OrderId, Nanos], bool],
        executor_of: Callable[[str], Executor | None],
        not_placed: Callable[[Record], None],
        cancel_again: Callable[[Record], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._news = news
        self._notices = notices
        self._clock = clock
        self._surely_not_sent = surely_not_sent
        self._executor_of = executor_of
        self._not_placed = not_placed
        self._pending = PendingCommands(book=book, notices=notices, clock=clock, cancel_again=cancel_again)
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._absences: dict[OrderId, int] = {}
        self._alarmed: set[OrderId] = set()

    def after_restart(self, record: Record) -> None:
        """Judge an order that was `sending` when the hub died: surely unsent, or in doubt until proof."""
        order_id = record.order.order_id
        if self._surely_not_sent(order_id, _left_at(record)):
            self._conclude_not_placed(record, "the hub stopped before its first byte left")
            return
        reason = blocked("restart", "the hub stopped while the order was being sent")
        fact = Fact(kind=FactKind.UNCONFIRMED, at=self._clock.now(), number=_claims(record), reason=reason)
        self._book.record(order_id, fact)

    def watch(self, record: Record) -> None:
        """Ask for an order in doubt, or with an unanswered cancel or change, until its fate is known."""
        account = record.order.account
        executor = self._executor_of(record.order.platform)
        if executor is not None and not executor.capabilities.lookup_by_our_id:
            return  # nobody there can be asked: an acknowledgement is all that can come
        self._pending.watch(record)
        task = self._settling.get(account)
        if task is None or task.done():
            self._settling[account] = self._spawn(self._settle(account, record.order.platform))

    async def reconcile(self, account: AccountId, platform: str) -> bool:
        """Take over an account's books once; True if they were given and nothing of ours stays in doubt unasked."""
        executor = self._executor_of(platform)
        if executor is None:
            return False
        if not executor.capabilities.lookup_by_our_id:
            self._lanes.reconciled(account, platform)
            return True
        asked_at = self._clock.now()
        snapshot = await self._books_of(account, executor)
        if snapshot is None:
            return False
        await self._adopt(snapshot, executor, asked_at)
        self._lanes.reconciled(account, platform)
        return True

    async def _books_of(self, account: AccountId, executor: Executor) -> Snapshot | None:
        """Return a platform's books; None if it did not give them, which says nothing about them."""
        since = Nanos(self._clock.now() - _LOOK_BACK_S * NANOS_PER_SECOND)
        try:
            async with asyncio.timeout(_QUERY_S):
                return await executor.snapshot(account, since)
        except PlatformError as error:
            logger.warning("%s cannot be asked for its books: %s", account, error)
        except TimeoutError:
            logger.warning("%s was asked for its books and did not answer", account)
        except Exception:  # noqa: BLE001 -- the border to a platform: whatever it raises, nothing is known
            logger.exception("%s cannot be asked for its books", account)
        return None

    def in_doubt_of(self, account: str) -> tuple[OrderId, ...]:
        """Return the orders of an account whose fate is not known."""
        return tuple(record.order.order_id for record in self._in_doubt(account))

    async def stop(self) -> None:
        tasks = tuple(self._settling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self, account: AccountId, platform: str) -> None:
        attempt = 0
        while self._in_doubt(account) or self._pending.of(account):
            await self._clock.sleep(_ASK_AFTER_S[min(attempt, len(_ASK_AFTER_S) - 1)])
            attempt += 1
            if self._lanes.links.is_up(platform):
                await self.reconcile(account, platform)
            self._alarm(account)

    async def _adopt(self, snapshot: Snapshot, executor: Executor, asked_at: Nanos) -> None:
        reported: dict[OrderId, OrderReport] = {}
        for report in snapshot.orders:
            if report.order_id is not None:
                reported[report.order_id] = report
            await self._news.order_report(report, executor.platform)
        settle_after = int(executor.capabilities.settle_after_s * NANOS_PER_SECOND)
        self._pending.settle(snapshot.account, reported, asked_at=asked_at, settle_after=settle_after)
        for record in self._in_doubt(snapshot.account):
            order_id = record.order.order_id
            if order_id in reported:
                self._absences.pop(order_id, None)
            elif asked_at - _left_at(record) >= settle_after:
                self._absences[order_id] = self._absences.get(order_id, 0) + 1
                if self._absences[order_id] >= 2:
                    del self._absences[order_id]
                    self._conclude_not_placed(record, f"{executor.platform} was asked twice and never had it")

    def _conclude_not_placed(self, record: Record, proof: str) -> None:
        reason = blocked("not_placed", proof)
        fact = Fact(kind=FactKind.NOT_PLACED, at=self._clock.now(), reason=reason)
        self._book.record(record.order.order_id, fact)
        if record.order.intent is Intent.ENTRY:
            self._notices.alarm(record, "entry_missed", f"entry missed: {proof}")
        self._not_placed(record)

    def _alarm(self, account: str) -> None:
        for record in self._in_doubt(account):
            order = record.order
            age = self._clock.now() - _left_at(record)
            if order.order_id not in self._alarmed and age > _ALARM_AFTER_S * NANOS_PER_SECOND:
                self._alarmed.add(order.order_id)
                self._notices.alarm(
                    record, "in_doubt", "whether the platform has the order is not known; it is being asked"
                )

    def _in_doubt(self, account: str) -> tuple[Record, ...]:
        return tuple(
            record
            for record in self._book.open_records()
            if record.order.account == account and record.view.state is OrderState.IN_DOUBT
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(work)


def _left_at(record: Record) -> Nanos:
    """Return when an order was last claimed to be sent: from then on it may be under way."""
    claimed = (fact.at for fact in record.facts if fact.kind is FactKind.SENDING)
    return max(claimed, default=record.order.created_at)


def _claims(record: Record) -> int:
    return sum(fact.kind is FactKind.SENDING for fact in record.facts)
