"""What trading costs at the paper broker, and its accidents: late, lost, refused or in parts, by a seeded chance."""

from decimal import Decimal
from random import Random

from tradershub.executors.paper_settings import PaperSettings


class PaperFaults:
    """A rate of zero asks chance for nothing, so that one accident's setting does not move another's draws."""

    def __init__(self, settings: PaperSettings, random: Random) -> None:
        self._settings, self._random = settings, random

    def delay_seconds(self) -> float:
        """Return how long an order, a change or a cancel is under way."""
        jitter = self._settings.latency_jitter_ms
        return (self._settings.latency_ms + (self._random.uniform(0, jitter) if jitter else 0)) / 1000

    def slippage(self, tick: Decimal) -> Decimal:
        """Return how much worse than the quote an order fills that takes what it gets."""
        return self._settings.slippage_ticks * tick

    def commission(self, quantity: Decimal) -> Decimal:
        return self._settings.commission_per_unit * quantity

    def refuses(self) -> bool:
        return self._happens(self._settings.reject_rate)

    def loses_order(self) -> bool:
        return self._happens(self._settings.lost_order_rate)

    def loses_reply(self) -> bool:
        return self._happens(self._settings.lost_reply_rate)

    def repeats_fill(self) -> bool:
        return self._happens(self._settings.duplicate_fill_rate)

    def overtakes(self) -> bool:
        """Say whether the next report overtakes this one."""
        return self._happens(self._settings.reorder_rate)

    def part_of(self, quantity: Decimal, step: Decimal) -> Decimal:
        """Return what of a size fills at once: all of it, or a part of whole steps."""
        steps = int(quantity / step)
        if steps < 2 or not self._happens(self._settings.partial_fill_rate):
            return quantity
        return step * self._random.randint(1, steps - 1)

    def _happens(self, rate: Decimal) -> bool:
        return bool(rate) and self._random.random() < rate
