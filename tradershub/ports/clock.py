"""The clock that everything asks, and the only module that reads the machine's own."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, cast

from tradershub.domain.clock import Nanos


class Clock(Protocol):
    def now(self) -> Nanos:
        """Return the wall clock, UTC."""
        ...

    def monotonic(self) -> Nanos:
        """Return a clock that never goes back, for deadlines."""
        ...

    def perf(self) -> int:
        """Return the finest clock, for stages, in nanoseconds from an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    now = staticmethod(cast("Callable[[], Nanos]", time.time_ns))
    monotonic = staticmethod(cast("Callable[[], Nanos]", time.monotonic_ns))
    perf = staticmethod(time.perf_counter_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
