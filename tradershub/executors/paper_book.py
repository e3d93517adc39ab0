"""The paper broker's books in memory: what is working, who holds what, and what must be written down next."""

from decimal import Decimal
from typing import TypeVar

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import PlatformConfigError
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import Execution
from tradershub.executors.paper_orders import ZERO, PaperOrder
from tradershub.executors.paper_positions import PaperPositions, PositionKey
from tradershub.executors.paper_store import BalanceKey, PaperStore

Orders = dict[OrderId, PaperOrder]
K = TypeVar("K")


class PaperBook:
    """Orders that are not done are in memory, the others in the file. `touch` each order that was changed."""

    def __init__(self, store: PaperStore, *, hedging: bool) -> None:
        stored = store.load()
        if any(
            held.quantity and (key.ticket in ("long", "short")) != hedging for key, held in stored.positions.items()
        ):
            raise PlatformConfigError("hedging of the paper broker can be switched only while every account is flat")
        self.positions = PaperPositions(hedging=hedging, held=stored.positions)
        self._store = store
        self._gained = dict(stored.gained)
        self._changed_gains: set[BalanceKey] = set()
        self._live: Orders = {}
        self._changed: Orders = {}
        self._working: dict[str, Orders] = {}
        self._children: dict[OrderId, list[PaperOrder]] = {}
        self._brackets: dict[PositionKey, Orders] = {}
        self._groups: dict[tuple[AccountId, str], Orders] = {}
        for order in stored.orders:
            self._list(order)

    @property
    def is_changed(self) -> bool:
        return bool(self._changed)

    def live(self) -> tuple[PaperOrder, ...]:
        return tuple(self._live.values())

    def find(self, order_id: OrderId) -> PaperOrder | None:
        return self._live.get(order_id) or self._changed.get(order_id) or self._store.find(order_id)

    def working(self, symbol: str) -> tuple[PaperOrder, ...]:
        """Return the working orders of a symbol, oldest first."""
        return tuple(self._working.get(symbol, {}).values())

    def children(self, parent: OrderId) -> tuple[PaperOrder, ...]:
        return tuple(self._children.get(parent, ()))

    def brackets(self, key: PositionKey) -> tuple[PaperOrder, ...]:
        """Return the entries whose children protect a position, oldest first."""
        return tuple(self._brackets.get(key, {}).values())

    def siblings(self, order: PaperOrder) -> tuple[PaperOrder, ...]:
        """Return the other live orders of an order's one-cancels-other group."""
        if order.oco_group is None:
            return ()
        group = self._groups.get((order.account, order.oco_group), {})
        return tuple(other for other in group.values() if other is not order)

    def touch(self, order: PaperOrder) -> None:
        """Note that an order is new or has changed."""
        self._changed[order.order_id] = order
        if order.is_live:
            self._list(order)
        elif order.order_id in self._live:
            self._unlist(order)
        if not order.is_working:
            _remove(self._working, order.symbol, order)
        if order.is_bracket and not order.bracket_open:
            _remove(self._brackets, self.positions.key_of(order), order)

    def book(self, order: PaperOrder, execution: Execution, *, point_value: Decimal) -> tuple[PositionKey, ...]:
        """Apply an execution to positions and balance; return the strategies' positions that it changed."""
        keys, points = self.positions.book(order, execution.quantity, execution.price)
        key = BalanceKey(order.account, execution.currency)
        self._gained[key] = self._gained.get(key, ZERO) + points * point_value - execution.commission
        self._changed_gains.add(key)
        return keys

    def gained(self, account: AccountId, currency: str) -> Decimal:
        """Return the profit taken less commissions, in one currency."""
        return self._gained.get(BalanceKey(account, currency), ZERO)

    def save(self) -> int:
        """Write down what has changed; raises sqlite3.Error, and then everything is still to be written.

        Returns how many orders that were.
        """
        count = len(self._changed)
        positions = self.positions.changed()
        gained = tuple((key, self._gained[key]) for key in self._changed_gains)
        self._store.write(self._changed.values(), positions, gained)
        self._changed.clear()
        self._changed_gains.clear()
        self.positions.saved()
        return count

    def since(self, account: AccountId, since: Nanos) -> tuple[PaperOrder, ...]:
        """Return open and recently ended orders as they are in the file: save first."""
        return self._store.since(account, since)

    def _list(self, order: PaperOrder) -> None:
        self._live[order.order_id] = order
        if order.is_working:
            self._working.setdefault(order.symbol, {})[order.order_id] = order
        if order.parent is not None and order not in self._children.get(order.parent, ()):
            self._children.setdefault(order.parent, []).append(order)
        if order.oco_group is not None:
            self._groups.setdefault((order.account, order.oco_group), {})[order.order_id] = order
        if order.bracket_open:
            self._brackets.setdefault(self.positions.key_of(order), {})[order.order_id] = order

    def _unlist(self, order: PaperOrder) -> None:
        del self._live[order.order_id]
        if order.oco_group is not None:
            _remove(self._groups, (order.account, order.oco_group), order)
        family = order.parent or order.order_id
        if family not in self._live and not any(child.is_live for child in self._children.get(family, ())):
            self._children.pop(family, None)


def _remove(index: dict[K, Orders], key: K, order: PaperOrder) -> None:
    listed = index.get(key)
    if listed is not None:
        listed.pop(order.order_id, None)
        if not listed:
            del index[key]
