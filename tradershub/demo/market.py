"""A market made up of seeded random walks: quiet and busy stretches, drifts, bursts, and indices that move together."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tradershub.domain.instruments import Instruments

STEP_SECONDS: Final = 0.25
_BREATH_STEPS: Final = 20 * 60 / STEP_SECONDS
"""How long activity takes from quiet to busy and back: a session in twenty minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One instrument of the market. `restlessness`: ticks of a usual step. `tied`: how much it follows the indices."""

    root: str
    start: Decimal
    restlessness: float
    spread_ticks: int = 1
    tied: float = 0.0


SHIPPED: Final = (
    Simulated(root="MES", start=Decimal("6820.00"), restlessness=1.1, tied=0.8),
    Simulated(root="MNQ", start=Decimal("25150.00"), restlessness=3.5, tied=0.8),
    Simulated(root="M2K", start=Decimal("2410.0"), restlessness=1.2, tied=0.6),
    Simulated(root="MGC", start=Decimal("4085.0"), restlessness=1.6),
    Simulated(root="SIL", start=Decimal("50.500"), restlessness=1.4),
    Simulated(root="MCL", start=Decimal("61.40"), restlessness=0.9),
    Simulated(root="ZN", start=Decimal("112.500000"), restlessness=0.4),
    Simulated(root="EURUSD", start=Decimal("1.15300"), restlessness=1.5, spread_ticks=6),
    Simulated(root="GBPUSD", start=Decimal("1.31100"), restlessness=1.8, spread_ticks=9),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Bid, ask and last trade of one instrument at one step."""

    root: str
    bid: Decimal
    ask: Decimal
    last: Decimal


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where one instrument is, in ticks. What is left of a move below a tick is kept for the next."""

    simulated: Simulated
    tick: Decimal
    chance: random.Random
    at: int
    rest: float = 0.0
    drift: float = 0.0
    drift_steps: int = 0
    burst_steps: int = 0
    last_up: bool = field(default=True)

    def step(self, common: float, breath: float) -> None:
        chance, simulated = self.chance, self.simulated
        if self.drift_steps == 0:
            self.drift_steps = chance.randrange(80, 480)
            self.drift = chance.gauss(0.0, 0.06) * simulated.restlessness
        self.drift_steps -= 1
        if self.burst_steps == 0 and chance.random() < 0.002:
            self.burst_steps = chance.randrange(12, 60)
        self.burst_steps = max(0, self.burst_steps - 1)
        own = chance.gauss(0.0, 1.0)
        tied = simulated.tied
        shock = tied * common + math.sqrt(1.0 - tied * tied) * own
        size = simulated.restlessness * breath * (2.5 if self.burst_steps else 1.0)
        moved = self.rest + self.drift + shock * size
        ticks = round(moved)
        self.rest = moved - ticks
        # A walk may not end below a few ticks, however long the demo runs.
        self.at = max(self.at + ticks, 100)
        self.last_up = ticks > 0 or (ticks == 0 and self.last_up)

    def price(self) -> Price:
        bid, ask = self.at, self.at + self.simulated.spread_ticks
        return Price(
            root=self.simulated.root,
            bid=bid * self.tick,
            ask=ask * self.tick,
            last=(ask if self.last_up else bid) * self.tick,
        )


class SimulatedMarket:
    """The same seed and number of steps give the same prices."""

    def __init__(self, instruments: Instruments, *, seed: int, simulated: Iterable[Simulated] = SHIPPED) -> None:
        self._common = random.Random(f"{seed}:common")
        self._steps = 0
        self._walks = {one.root: _walk(one, instruments, seed) for one in simulated}

    def step(self) -> tuple[Price, ...]:
        """Let a quarter of a second pass; return every instrument's price."""
        self._steps += 1
        breath = 0.75 + 0.45 * math.sin(2 * math.pi * self._steps / _BREATH_STEPS)
        common = self._common.gauss(0.0, 1.0)
        for walk in self._walks.values():
            walk.step(common, breath)
        return tuple(walk.price() for walk in self._walks.values())

    def price(self, root: str) -> Price:
        return self._walks[root].price()

    def tick(self, root: str) -> Decimal:
        return self._walks[root].tick


def _walk(one: Simulated, instruments: Instruments, seed: int) -> _Walk:
    instrument = instruments.get(one.root)
    if instrument is None:
        raise ValueError(f"the demo trades {one.root}, which is not among the instruments")
    chance = random.Random(f"{seed}:{one.root}")
    return _Walk(simulated=one, tick=instrument.tick, chance=chance, at=round(one.start / instrument.tick))
