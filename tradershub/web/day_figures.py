"""The figures of the day, read from the store at most every other second however many pages ask."""

import asyncio
from collections.abc import Mapping
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.ports.clock import Clock
from tradershub.ports.views import Row, Views
from tradershub.web.trading_day import day_start

_FRESH: Final = 2 * NANOS_PER_SECOND


class DayFigures:
    """What Home, the status bar and the cards count since the trading day began."""

    def __init__(self, *, views: Views, clock: Clock) -> None:
        self._views = views
        self._clock = clock
        self._row: Row = {}
        self._read_at: Nanos | None = None
        self._reading = asyncio.Lock()

    async def today(self) -> Row:
        """Return the figures, at most two seconds old."""
        if not self._is_fresh():
            async with self._reading:
                # Whoever waited for the lock finds what was read meanwhile.
                if not self._is_fresh():
                    self._row = await self._views.figures(day_start(self._clock.now()))
                    self._read_at = self._clock.monotonic()
        return self._row

    def net(self) -> Mapping[str, object] | None:
        """Return what trades brought today by currency, as last read; None if that was never."""
        found = self._row.get("net")
        return found if isinstance(found, Mapping) else None

    def _is_fresh(self) -> bool:
        return self._read_at is not None and self._clock.monotonic() - self._read_at < _FRESH
