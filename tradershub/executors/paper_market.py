"""What the paper broker knows of the markets: instruments, the price an order would trade at, when its day ends."""

from collections.abc import Callable
from decimal import Decimal

from tradershub.domain.clock import Nanos
from tradershub.domain.instruments import Instrument, Instruments
from tradershub.domain.signals import OrderType, TimeInForce
from tradershub.executors.paper_matching import is_fresh, taker_price
from tradershub.executors.paper_orders import PaperOrder
from tradershub.ports.clock import Clock
from tradershub.ports.quotes import Quote, Quotes


class PaperMarket:
    def __init__(
        self, *, quotes: Quotes, instruments: Instruments, clock: Clock, day_end: Callable[[str, Nanos], Nanos]
    ) -> None:
        self._quotes, self._instruments, self._clock, self._day_end = quotes, instruments, clock, day_end
        self._known: dict[str, Instrument] = {}

    def now(self) -> Nanos:
        return self._clock.now()

    def instrument(self, symbol: str) -> Instrument | None:
        known = self._known.get(symbol)
        if known is None:
            known = self._instruments.of_symbol(symbol)
            if known is not None:
                self._known[symbol] = known
        return known

    def price_for(self, order: PaperOrder) -> Decimal | None:
        """Return what the order would trade at now; a market order without a quote takes the price its sender saw."""
        quote = self._quotes.latest(order.symbol)
        price = None if quote is None else self.price_in(quote, order)
        return order.reference_price if price is None and order.order_type is OrderType.MARKET else price

    def price_in(self, quote: Quote, order: PaperOrder) -> Decimal | None:
        """Return what the order would trade at by a quote, None if that is too old or has no such side."""
        return taker_price(order.side, quote) if is_fresh(quote, self._clock.now()) else None

    def ends_at(self, order: PaperOrder) -> Nanos | None:
        match order.time_in_force:
            case TimeInForce.DAY:
                return self._day_end(order.symbol, order.arrives_at)
            case TimeInForce.GTD:
                return order.good_till
            case _:
                return None
