"""What a person does with positions: look at them, close them whole or in part."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import count

from tradershub.domain.errors import RequestRefused, StoreError
from tradershub.hub.engine import Engine
from tradershub.hub.position_closer import PositionCloser
from tradershub.hub.position_rows import PositionRows
from tradershub.ports.clock import Clock
from tradershub.ports.views import Row

_KEPT_ANSWERS = 1000


class PositionDesk:
    """Implements ports.control.PositionDesk."""

    def __init__(
        self, engine: Engine, rows: PositionRows, *, clock: Clock, step_of: Callable[[str, str], Decimal]
    ) -> None:
        """`step_of`: the smallest part of a size, by platform and hub symbol."""
        self._tracker = engine.tracker
        self._rows = rows
        self._clock = clock
        self._closer = PositionCloser(engine, clock=clock, step_of=step_of)
        self._numbers = count(1)
        self._answers: OrderedDict[tuple[str, str], asyncio.Task[Row]] = OrderedDict()

    def rows(
        self,
        *,
        account: str | None = None,
        strategy: str | None = None,
        symbol: str | None = None,
        platform: str | None = None,
    ) -> tuple[Row, ...]:
        return tuple(
            self._rows.row(position)
            for position in sorted(self._tracker.positions(), key=lambda p: -p.opened_at)
            if account in (None, position.account)
            and strategy in (None, position.strategy)
            and symbol in (None, position.symbol)
            and platform in (None, position.platform)
        )

    async def close(self, position_id: str, document: Mapping[str, object], *, who: str, key: str | None) -> Row:
        if key is None:
            return await self._closer.close(position_id, document, f"{self._clock.now()}-{next(self._numbers)}")
        asked = (position_id, key)
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._answers[asked] = asyncio.ensure_future(self._closer.close(position_id, document, key))
            if len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        try:
            # Whoever asks again meanwhile waits for the same answer, and ends nobody else's by leaving.
            return await asyncio.shield(answer)
        except (RequestRefused, StoreError):
            self._answers.pop(asked, None)
            raise
