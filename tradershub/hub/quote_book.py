"""The latest prices, by hub symbol and origin: the only writer behind ports.quotes."""

import logging
from collections.abc import Callable
from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos, parse_instant
from tradershub.domain.errors import RequestRefused
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.hub.market import Market
from tradershub.ports.clock import Clock
from tradershub.ports.executor import QuoteTick
from tradershub.ports.quotes import Quote
from tradershub.ports.views import Row

logger = logging.getLogger(__name__)

_MADE_UP = frozenset({"api", "demo"})
_MAX_AHEAD_S = 10


class QuoteBook:
    """One quote a symbol and origin. Quotes by API or demo serve paper; live accounts see platforms' own only."""

    def __init__(self, *, market: Market, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._newest: dict[str, Quote] = {}
        self._of_platforms: dict[str, Quote] = {}
        self._receivers: list[Callable[[Quote], None]] = []

    def latest(self, symbol: str, *, live: bool = False) -> Quote | None:
        return (self._of_platforms if live else self._newest).get(symbol)

    def watch(self, receiver: Callable[[Quote], None]) -> None:
        self._receivers.append(receiver)

    def take(self, quote: Quote) -> bool:
        """Keep a quote if it is not older than the last one; say whether it was used."""
        used = False
        for book in (self._newest, *(() if quote.origin in _MADE_UP else (self._of_platforms,))):
            known = book.get(quote.symbol)
            if known is None or quote.at >= known.at:
                book[quote.symbol] = quote
                used = True
        if used:
            for receiver in self._receivers:
                receiver(quote)
        return used

    def platform_tick(self, platform: str, tick: QuoteTick) -> None:
        symbol = self._market.hub_symbol(platform, tick.platform_symbol)
        if symbol is not None:
            quote = Quote(symbol=symbol, bid=tick.bid, ask=tick.ask, last=tick.last, at=tick.at, origin=platform)
            self.take(quote)

    def put(self, document: object, *, who: str) -> Row:
        """Take one quote of the API: `{symbol, bid, ask, last, at?}`; a bare root feeds the front month."""
        now = self._clock.now()
        reader = DocumentReader(document)
        written = reader.text("symbol", longest=40)
        bid, ask, last = (reader.decimal(side, positive=False) for side in ("bid", "ask", "last"))
        at = _instant(reader, now)
        origin = "demo" if who == "demo" else "api"
        reader.finish()
        known = self._market.read(written, now)
        if known is None:
            raise refused("symbol", written, "this is not an instrument of the hub", code="unknown_instrument")
        if bid is None and ask is None and last is None:
            raise RequestRefused(422, "missing", "state bid, ask or last", field="bid")
        for field, price in (("bid", bid), ("ask", ask), ("last", last)):
            if price is not None and not known.instrument.is_possible_price(price):
                raise refused(field, price, f"{known.instrument.root} has prices above zero", code="not_positive")
        if bid is not None and ask is not None and bid > ask:
            raise refused("bid", bid, f"the bid may not be above the ask {_text(ask)}", code="crossed")
        return {"used": self.take(Quote(symbol=known.symbol, bid=bid, ask=ask, last=last, at=at, origin=origin))}


def _instant(reader: DocumentReader, now: Nanos) -> Nanos:
    written = reader.optional_text("at")
    if written is None:
        return now
    try:
        at = parse_instant(written, None)
    except ValueError as error:
        raise refused("at", written, str(error), code="bad_time") from error
    if at - now > _MAX_AHEAD_S * NANOS_PER_SECOND:
        raise refused("at", written, "a quote cannot come from the future", code="clock_skew")
    return at


def _text(value: Decimal) -> str:
    return format(value, "f")
