"""What the paper accounts hold: by strategy, and by account as the platform shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tradershub.domain.ids import AccountId
from tradershub.domain.orders import Intent
from tradershub.domain.signals import Side
from tradershub.executors.paper_orders import ZERO, PaperOrder
from tradershub.ports.executor import PlatformPosition

NET = "net"


class PositionKey(NamedTuple):
    """`ticket`: empty where positions net, `long` or `short` on a hedging book, `net` for an account's own sum."""

    account: AccountId
    strategy: str
    symbol: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A signed size and what it cost on average."""

    quantity: Decimal = ZERO
    average_price: Decimal = ZERO

    def add(self, signed: Decimal, price: Decimal) -> "tuple[Holding, Decimal]":
        """Return the new holding and the profit taken, in points times units."""
        total = self.quantity + signed
        if self.quantity * signed >= 0:
            cost = self.quantity * self.average_price + signed * price
            return Holding(total, cost / total if total else ZERO), ZERO
        closed = min(abs(signed), abs(self.quantity))
        gained = (price - self.average_price) * (closed if self.quantity > 0 else -closed)
        if total * self.quantity > 0:
            return Holding(total, self.average_price), gained
        return Holding(total, price if total else ZERO), gained


_NOTHING = Holding()


class PaperPositions:
    """Positions of all accounts. An order that may only close takes from its own strategy, or from all if of none."""

    def __init__(self, *, hedging: bool, held: Mapping[PositionKey, Holding]) -> None:
        self._hedging = hedging
        self._held: dict[AccountId, dict[PositionKey, Holding]] = {}
        self._strategies: dict[tuple[str, str], set[PositionKey]] = {}
        self._changed: set[PositionKey] = set()
        for key, holding in held.items():
            self._put(key, holding)

    def held(self, key: PositionKey) -> Holding:
        return self._held.get(key.account, {}).get(key, _NOTHING)

    def key_of(self, order: PaperOrder) -> PositionKey:
        return PositionKey(order.account, order.strategy, order.symbol, self._ticket(order))

    def closable(self, order: PaperOrder) -> Decimal:
        """Return how much of a position the order could close."""
        return sum((size for _, size in self._sources(order)), ZERO)

    def book(self, order: PaperOrder, quantity: Decimal, price: Decimal) -> tuple[tuple[PositionKey, ...], Decimal]:
        """Apply a fill; return the strategies' positions it changed and the profit taken, in points times units."""
        sign = order.side.sign
        shares = self._shares(order, quantity)
        gained = sum((self._add(key, share * sign, price) for key, share in shares), ZERO)
        if not self._hedging:
            gained = self._add(PositionKey(order.account, "", order.symbol, NET), quantity * sign, price)
        return tuple(key for key, _ in shares), gained

    def rows(self, account: AccountId) -> tuple[PlatformPosition, ...]:
        """Return what the platform shows: one row an instrument, or one a strategy and side on a hedging book."""
        return tuple(
            PlatformPosition(
                platform_symbol=key.symbol,
                quantity=holding.quantity,
                average_price=holding.average_price,
                ticket=f"{key.ticket}:{key.strategy}" if self._hedging else None,
            )
            for key, holding in self._held.get(account, {}).items()
            if holding.quantity and (self._hedging or key.ticket == NET)
        )

    def changed(self) -> tuple[tuple[PositionKey, Holding], ...]:
        """Return the positions that changed since `saved` was called."""
        return tuple((key, self.held(key)) for key in self._changed)

    def saved(self) -> None:
        self._changed.clear()

    def _ticket(self, order: PaperOrder) -> str:
        if not self._hedging:
            return ""
        opens_long = (order.side is Side.BUY) == (order.intent is Intent.ENTRY)
        return "long" if opens_long else "short"

    def _shares(self, order: PaperOrder, quantity: Decimal) -> Iterable[tuple[PositionKey, Decimal]]:
        if order.intent is Intent.ENTRY:
            return ((self.key_of(order), quantity),)
        shares = []
        for key, size in self._sources(order):
            share = min(size, quantity)
            if share:
                shares.append((key, share))
                quantity -= share
        return tuple(shares)

    def _sources(self, order: PaperOrder) -> list[tuple[PositionKey, Decimal]]:
        """Return the positions an order may close and how much of each, its own first."""
        own = self.key_of(order)
        keys = [own]
        limit = None
        if not order.strategy:
            ticket = self._ticket(order)
            others = self._strategies.get((order.account, order.symbol), set()) - {own}
            keys += sorted(key for key in others if key.ticket == ticket)
            if not self._hedging:
                limit = self._against(order, PositionKey(order.account, "", order.symbol, NET))
        sources = [(key, self._against(order, key)) for key in keys]
        return sources if limit is None else _limited(sources, limit)

    def _against(self, order: PaperOrder, key: PositionKey) -> Decimal:
        return max(ZERO, -self.held(key).quantity * order.side.sign)

    def _add(self, key: PositionKey, signed: Decimal, price: Decimal) -> Decimal:
        holding, gained = self.held(key).add(signed, price)
        self._put(key, holding)
        self._changed.add(key)
        return gained

    def _put(self, key: PositionKey, holding: Holding) -> None:
        self._held.setdefault(key.account, {})[key] = holding
        if key.ticket != NET:
            self._strategies.setdefault((key.account, key.symbol), set()).add(key)


def _limited(sources: list[tuple[PositionKey, Decimal]], limit: Decimal) -> list[tuple[PositionKey, Decimal]]:
    limited = []
    for key, size in sources:
        share = min(size, limit)
        limit -= share
        limited.append((key, share))
    return limited
