"""When a hub is killed: drawn by a seed, half of the times from outside, half at a step of its work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.crash.launcher import Step

MOST_ANSWERS = 400
LATEST_SECONDS = 0.02
MOST = {
    Step.BEFORE_COMMIT: 60,
    Step.AFTER_COMMIT: 60,
    Step.BEFORE_MARK: 900,
    Step.BEFORE_WRITE: 900,
    Step.AFTER_WRITE: 900,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """With a step: at its `number`th passing. Without: so many seconds after the `number`th answer, from outside."""

    step: Step | None
    number: int
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.step is None:
            return f"{self.seconds * 1000:.1f} ms after answer {self.number}"
        return f"{self.step} {self.number}"


def moments(seed: int) -> Iterator[Moment]:
    """Yield moments without end: every second one at a step, each step in its turn."""
    random = Random(seed)
    while True:
        steps = list(Step)
        random.shuffle(steps)
        for step in steps:
            yield Moment(step, random.randint(1, MOST[step]))
            yield Moment(None, random.randint(1, MOST_ANSWERS), random.uniform(0, LATEST_SECONDS))
