"""Prices: read by whoever values or fills, written by the quote book alone."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tradershub.domain.clock import Nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The latest price of a hub symbol. `origin` is `api`, `demo` or a platform's name."""

    symbol: str
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    at: Nanos
    origin: str

    @property
    def middle(self) -> Decimal | None:
        """The price to value a position at: the middle of bid and ask, else the last trade, else the one side."""
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.last or self.bid or self.ask


class Quotes(Protocol):
    def latest(self, symbol: str, *, live: bool = False) -> Quote | None:
        """Return the newest quote; with `live`, only one that a platform gave."""
        ...

    def watch(self, receiver: Callable[[Quote], None]) -> None:
        """Call `receiver` with each new quote, on the event loop."""
        ...
