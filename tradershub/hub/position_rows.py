"""Positions as the API shows them, valued at the latest quote."""

from decimal import Decimal

from tradershub.domain.accounts import AccountMode
from tradershub.domain.clock import iso
from tradershub.domain.positions import Position
from tradershub.domain.quantities import decimal_text
from tradershub.hub.order_book import Listing, OrderBook
from tradershub.hub.registry import Registry
from tradershub.ports.quotes import Quotes
from tradershub.ports.views import Row


class PositionRows:
    """Pure reading of what is in memory: a number here is the number everywhere."""

    def __init__(self, *, book: OrderBook, quotes: Quotes, registry: Registry) -> None:
        self._book = book
        self._quotes = quotes
        self._registry = registry

    def row(self, position: Position) -> Row:
        account = self._registry.accounts.get(position.account)
        live = account is not None and account.mode is not AccountMode.PAPER
        quote = self._quotes.latest(position.symbol, live=live)
        mark = None if quote is None else quote.middle
        stop, target = self._protection(position)
        return {
            "id": position.position_id,
            "account": position.account,
            "platform": position.platform,
            "strategy": position.strategy,
            "symbol": position.symbol,
            "platform_symbol": position.platform_symbol,
            "side": position.side.value,
            "quantity": decimal_text(abs(position.quantity)),
            "hub_quantity": decimal_text(abs(position.hub_quantity)),
            "average_price": decimal_text(position.average_price),
            "mark": None if mark is None else decimal_text(mark),
            "unrealised": None if mark is None else _money(position.unrealised(mark)),
            "currency": position.currency,
            "stop_loss": stop,
            "take_profit": target,
            "opened_at": iso(position.opened_at),
            "as_of": None if quote is None else iso(quote.at),
            "external": position.external,
        }

    def _protection(self, position: Position) -> tuple[str | None, str | None]:
        stop = target = None
        for record in self._book.listed((position.strategy, position.account, position.symbol), Listing.PROTECTION):
            if record.view.stop_price is not None:
                stop = stop or decimal_text(record.view.stop_price)
            elif record.view.limit_price is not None:
                target = target or decimal_text(record.view.limit_price)
        return stop, target


def _money(value: Decimal) -> str:
    return decimal_text(value.quantize(Decimal("0.01")))
