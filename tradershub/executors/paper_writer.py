"""Writes the paper book down once a turn of the event loop, and only then lets out what happened."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from tradershub.domain.clock import Nanos, seconds
from tradershub.executors.paper_book import PaperBook
from tradershub.executors.paper_store import PaperStore
from tradershub.executors.timers import Timers

logger = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_CHECKPOINT_AFTER = 10_000
_KEPT = seconds(7 * 86_400)


class PaperWriter:
    """`written` is called after each successful write, `lost` and `found` as the file stops and begins to take them."""

    def __init__(
        self,
        *,
        book: PaperBook,
        store: PaperStore,
        timers: Timers,
        written: Callable[[], None],
        lost: Callable[[str], None],
        found: Callable[[], None],
    ) -> None:
        self._book, self._store, self._timers = book, store, timers
        self._written, self._lost, self._found = written, lost, found
        self._waiting: list[asyncio.Future[bool]] = []
        self._is_failing = False
        self._is_paused = False
        self._is_retrying = False
        self._since_checkpoint = 0

    @property
    def is_failing(self) -> bool:
        return self._is_failing

    def saved(self) -> asyncio.Future[bool]:
        """Return whether what has changed until now will have been handed to the system, at the end of this turn."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._end_of_turn)
        # One future each: a waiter that is cancelled takes its own with it.
        answer = loop.create_future()
        self._waiting.append(answer)
        return answer

    def write_now(self) -> bool:
        """Write at once; say whether the file took everything."""
        if self._is_paused:
            return False
        try:
            if self._book.is_changed:
                self._since_checkpoint += self._book.save()
        except sqlite3.Error as error:
            self._fail(str(error))
            return False
        if self._is_failing:
            self._is_failing = False
            logger.warning("the paper book can be written again")
            self._found()
        self._written()
        return True

    async def tidy(self, now: Nanos) -> None:
        """Forget orders of more than a week ago, and bring the log home, aside, once there is some of it."""
        try:
            forgotten = self._store.prune(Nanos(now - _KEPT))
            self._since_checkpoint += forgotten
            if self._since_checkpoint >= _CHECKPOINT_AFTER:
                await self._checkpoint()
        except sqlite3.Error as error:
            logger.warning("the paper book cannot be tidied: %s", error)

    async def _checkpoint(self) -> None:
        # Most of it beside the writing; then the rest with the writing held, or a busy log would never come to its end.
        await asyncio.to_thread(self._store.checkpoint, last=False)
        self._is_paused = True
        try:
            await asyncio.to_thread(self._store.checkpoint, last=True)
            self._since_checkpoint = 0
        finally:
            self._is_paused = False
            self._end_of_turn()

    def _end_of_turn(self) -> None:
        if self._is_paused:
            return
        waiting, self._waiting = self._waiting, []
        is_written = self.write_now()
        for answer in waiting:
            if not answer.done():
                answer.set_result(is_written)

    def _fail(self, problem: str) -> None:
        if not self._is_failing:
            self._is_failing = True
            logger.error("the paper book cannot be written: %s", problem)
            self._lost(f"the paper book cannot be written: {problem}")
        if not self._is_retrying:
            self._is_retrying = True
            self._timers.after(_RETRY_SECONDS, self._retry)

    def _retry(self) -> None:
        self._is_retrying = False
        self.write_now()
