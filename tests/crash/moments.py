"""When a hub is killed: drawn by a seed, half of the times from outside, half at a step of its work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.crash.launcher import Step

MOST_ANSWERS = 400
LATEST_SECONDS = 0.02
MOST_ORDERS_OF_DRAIN = 300
LATEST_OF_DRAIN_SECONDS = 0.003
MOST = {
    Step.BEFORE_COMMIT: 60,
    Step.AFTER_COMMIT: 60,
    Step.BEFORE_MARK: 900,
    Step.BEFORE_WRITE: 900,
    Step.AFTER_WRITE: 900,
}
MOST_OF_DRAIN = {
    Step.BEFORE_COMMIT: 8,
    Step.AFTER_COMMIT: 8,
    Step.BEFORE_MARK: 300,
    Step.BEFORE_WRITE: 300,
    Step.AFTER_WRITE: 300,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """With a step: at its `number`th passing. Without: so many seconds after the `number`th answer, from outside.

    `is_drain`: not while messages come in, but afterwards, while orders leave that had waited for their platform;
    from outside that is so many seconds after the `number`th of them has arrived there.
    """

    step: Step | None
    number: int
    seconds: float = 0.0
    is_drain: bool = False

    def __str__(self) -> str:
        when = "of the drain" if self.is_drain else "of the load"
        if self.step is not None:
            return f"{self.step} {self.number} {when}"
        return f"{self.seconds * 1000:.1f} ms after {'order' if self.is_drain else 'answer'} {self.number} {when}"


def moments(seed: int) -> Iterator[Moment]:
    """Yield moments without end: every second one at a step, each step in its turn, every third one in a drain."""
    random = Random(seed)
    number = 0
    while True:
        steps = list(Step)
        random.shuffle(steps)
        for step in steps:
            yield _at_step(random, step, is_drain=number % 3 == 2)
            yield _from_outside(random, is_drain=number % 3 == 1)
            number += 2


def _at_step(random: Random, step: Step, *, is_drain: bool) -> Moment:
    most = MOST_OF_DRAIN if is_drain else MOST
    return Moment(step, random.randint(1, most[step]), is_drain=is_drain)


def _from_outside(random: Random, *, is_drain: bool) -> Moment:
    if is_drain:
        number, seconds = random.randint(1, MOST_ORDERS_OF_DRAIN), random.uniform(0, LATEST_OF_DRAIN_SECONDS)
        return Moment(None, number, seconds, is_drain=True)
    return Moment(None, random.randint(1, MOST_ANSWERS), random.uniform(0, LATEST_SECONDS))
