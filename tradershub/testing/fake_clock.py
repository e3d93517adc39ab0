"""A clock that tests own: time passes only where everybody waits for it, and then it jumps to what is due next."""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos

BEGIN = Nanos(1_795_343_400 * NANOS_PER_SECOND)
"""Sunday 2026-11-22, 10:30 UTC: where a FakeClock starts unless it is told otherwise."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")
_LONGEST_REAL_WAIT_S = 5.0
"""For a thread. A loop on which nothing can happen any more says so instead of hanging the test."""


class _JumpSelector(selectors.BaseSelector):
    """Lets the loop's time jump to the next timer instead of waiting for it; only threads at work are waited for."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0
        self.threads_at_work = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.threads_at_work:
            ready = self._real.select(_LONGEST_REAL_WAIT_S)
            if not ready:
                raise RuntimeError("nothing can happen any more: every task waits for something that no timer will end")
            return ready
        self.now += timeout
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class JumpLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers cost no time: asyncio's own timeouts are in the test's time too."""

    def __init__(self) -> None:
        self._jumps = _JumpSelector()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Arguments], Result], *args: *Arguments
    ) -> asyncio.Future[Result]:
        self._jumps.threads_at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: object) -> None:
        self._jumps.threads_at_work -= 1


class FakeClock:
    """Implements ports.clock.Clock. On a JumpLoop it goes with the loop; elsewhere it stands still until `advance`."""

    def __init__(self, loop: JumpLoop | None = None, *, start: Nanos = BEGIN) -> None:
        self._loop = loop
        self._start = start
        self._advanced = 0
        self._stepped = 0

    def now(self) -> Nanos:
        return Nanos(self._start + self._elapsed() + self._stepped)

    def monotonic(self) -> Nanos:
        return Nanos(self._elapsed())

    def perf(self) -> int:
        return self._elapsed()

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.create_future()
        timer = loop.call_later(max(seconds, 0.0), _wake, due)
        try:
            await due
        finally:
            timer.cancel()

    def advance(self, seconds: float) -> None:
        """Let time pass for all three clocks at once; wakes nobody."""
        self._advanced += round(seconds * NANOS_PER_SECOND)

    def step(self, seconds: float) -> None:
        """Set the wall clock alone, as a correction or a sleep of the machine does."""
        self._stepped += round(seconds * NANOS_PER_SECOND)

    def _elapsed(self) -> int:
        passed = 0 if self._loop is None else round(self._loop.time() * NANOS_PER_SECOND)
        return passed + self._advanced


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
