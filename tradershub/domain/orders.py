"""An order, the facts about it, and its state, which is worked out of the facts and kept nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId, SignalId, StrategyName
from tradershub.domain.signals import OrderType, Protection, Side, TimeInForce


class Intent(StrEnum):
    """What the order is for: an entry can raise exposure, the others cannot."""

    ENTRY = "entry"
    EXIT = "exit"
    PROTECTION = "protection"


class Origin(StrEnum):
    SIGNAL = "signal"
    COPIER = "copier"
    PROTECTOR = "protector"
    KILL = "kill"
    RISK = "risk"
    PERSON = "person"
    PLATFORM = "platform"


class Carrier(StrEnum):
    API = "api"
    FILE = "file"
    GUI = "gui"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One instruction for one account. `quantity` is in the platform's unit, `hub_quantity` in the hub's.

    `after`: an order that must have filled before this one may leave (a reverse: out first, then in).
    `expires_at`: when the instruction is too old to be sent. `trail`: the distance a trailing stop keeps, in price.
    `reference_price`: the price the sender saw. `stop_loss` and `take_profit` are absolute prices when the entry's
    price is known beforehand, else distances in price from the fill.
    """

    order_id: OrderId
    signal_id: SignalId | None
    cause: str
    leg: str
    attempt: int = 1
    strategy: StrategyName | None
    account: AccountId
    platform: str
    symbol: str
    platform_symbol: str
    intent: Intent
    side: Side
    quantity: Decimal
    hub_quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    stop_loss: Protection | None = None
    take_profit: tuple[Protection, ...] = ()
    time_in_force: TimeInForce = TimeInForce.DAY
    good_till: Nanos | None = None
    reference_price: Decimal | None = None
    origin: Origin = Origin.SIGNAL
    carrier: Carrier = Carrier.API
    automated: bool = True
    created_at: Nanos
    expires_at: Nanos
    after: OrderId | None = None
    oco_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """New values of a working order; None leaves a value as it is."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


class FactKind(StrEnum):
    """What can be learned of an order. Facts may come in any order and any number of times."""

    BLOCKED = "blocked"
    READY = "ready"
    SENDING = "sending"
    NOT_SENT = "not_sent"
    UNCONFIRMED = "unconfirmed"
    ACCEPTED = "accepted"
    FILL = "fill"
    REJECTED = "rejected"
    CANCEL_SENT = "cancel_sent"
    CANCEL_REFUSED = "cancel_refused"
    CANCELED = "canceled"
    MODIFY_SENT = "modify_sent"
    MODIFIED = "modified"
    MODIFY_REFUSED = "modify_refused"
    EXPIRED = "expired"
    NOT_PLACED = "not_placed"


class OrderState(StrEnum):
    BLOCKED = "blocked"
    READY = "ready"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    CANCEL_PENDING = "cancel_pending"
    MODIFY_PENDING = "modify_pending"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NOT_PLACED = "not_placed"


FINAL_STATES = frozenset(
    {
        OrderState.BLOCKED,
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.NOT_PLACED,
    }
)
BEFORE_THE_WIRE = frozenset({OrderState.BLOCKED, OrderState.READY})
AT_THE_PLATFORM = frozenset(
    {
        OrderState.ACCEPTED,
        OrderState.PARTIALLY_FILLED,
        OrderState.CANCEL_PENDING,
        OrderState.MODIFY_PENDING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, in the answer's words: a code, a sentence, and the rule with the numbers that decided."""

    code: str
    message: str
    rule: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill as the platform reports it. `quantity` in the platform's unit, `commission` as a positive cost."""

    execution_id: str
    price: Decimal
    quantity: Decimal
    commission: Decimal
    currency: str
    at: Nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of an order.

    `number` tells repeated undertakings apart: the claim of a `sending`, `not_sent` or `unconfirmed`, and the count of
    a cancel or a modify with its answer. `change` belongs to `modify_sent` and `modified`.
    """

    kind: FactKind
    at: Nanos
    number: int = 1
    reason: Reason | None = None
    platform_order_id: str | None = None
    execution: Execution | None = None
    change: OrderChange | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two facts the same one: time and wording play no part."""
        if self.execution is not None:
            return (self.kind, self.execution.execution_id)
        if self.kind is FactKind.ACCEPTED:
            return (self.kind, self.platform_order_id or "")
        return (self.kind, str(self.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """What the facts amount to. `filled` in the platform's unit; `average_price` of what is filled."""

    state: OrderState
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    commission: Decimal = Decimal(0)
    reason: Reason | None = None
    conflict: bool = False
    platform_order_id: str | None = None
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def open_quantity(self) -> Decimal:
        """What may still fill, in the platform's unit."""
        return Decimal(0) if self.is_final else max(self.quantity - self.filled, Decimal(0))


_ENDINGS = (
    (FactKind.CANCELED, OrderState.CANCELED),
    (FactKind.EXPIRED, OrderState.EXPIRED),
    (FactKind.REJECTED, OrderState.REJECTED),
    (FactKind.NOT_PLACED, OrderState.NOT_PLACED),
    (FactKind.BLOCKED, OrderState.BLOCKED),
)
_NOTHING = Decimal(0)
_NO_NUMBERS: frozenset[int] = frozenset()
_NEVER_THERE = frozenset({FactKind.REJECTED, FactKind.NOT_PLACED, FactKind.BLOCKED})
_SEEN_THERE = frozenset({FactKind.FILL, FactKind.ACCEPTED, FactKind.CANCELED})


class _Sorted:
    """The facts of one order by kind, each once, in an order that does not depend on how they came."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        unique: dict[tuple[str, ...], Fact] = {}
        for fact in facts:
            known = unique.get(fact.key)
            if known is None or (fact != known and _telling(fact) < _telling(known)):
                unique[fact.key] = fact
        self.by_kind: dict[FactKind, list[Fact]] = {}
        for fact in unique.values():
            self.by_kind.setdefault(fact.kind, []).append(fact)
        for alike in self.by_kind.values():
            if len(alike) > 1:
                alike.sort(key=_rank)

    def all(self, kind: FactKind) -> list[Fact]:
        return self.by_kind.get(kind, [])

    def numbers(self, kind: FactKind) -> frozenset[int]:
        alike = self.by_kind.get(kind)
        return frozenset(fact.number for fact in alike) if alike else _NO_NUMBERS


def _rank(fact: Fact) -> tuple[int, int, str, str, Decimal, Decimal]:
    execution, reason = fact.execution, fact.reason
    return (
        fact.at,
        fact.number,
        fact.platform_order_id or "",
        reason.message if reason else "",
        execution.price if execution else _NOTHING,
        execution.quantity if execution else _NOTHING,
    )


def _telling(fact: Fact) -> tuple[object, ...]:
    """Rank what may differ between two tellings of one fact, down to the last word: one of them has to count."""
    return (*_rank(fact), repr(fact))


def derive(order: Order, facts: Iterable[Fact]) -> OrderView:
    """Work out the state of an order from the set of its facts: their order and repetition change nothing."""
    known = _Sorted(facts)
    quantity, limit_price, stop_price = _terms(order, known)
    filled, average, commission = _filled(known)
    platform_ids = {f.platform_order_id for f in known.all(FactKind.ACCEPTED) if f.platform_order_id}
    state, reason = _state(known, filled=filled, quantity=quantity)
    return OrderView(
        state=state,
        filled=filled,
        average_price=average,
        commission=commission,
        reason=reason,
        conflict=_contradicts(known, platform_ids, overfilled=filled > quantity),
        platform_order_id=min(platform_ids, default=None),
        quantity=quantity,
        limit_price=limit_price,
        stop_price=stop_price,
    )


def _terms(order: Order, known: _Sorted) -> tuple[Decimal, Decimal | None, Decimal | None]:
    quantity, limit_price, stop_price = order.quantity, order.limit_price, order.stop_price
    if FactKind.MODIFIED not in known.by_kind:
        return quantity, limit_price, stop_price
    for fact in sorted(known.all(FactKind.MODIFIED), key=lambda f: (f.number, *_rank(f))):
        if fact.change is not None:
            change = fact.change
            quantity = change.quantity or quantity
            # Zero is a price where an instrument has negative ones.
            limit_price = limit_price if change.limit_price is None else change.limit_price
            stop_price = stop_price if change.stop_price is None else change.stop_price
    return quantity, limit_price, stop_price


def _filled(known: _Sorted) -> tuple[Decimal, Decimal | None, Decimal]:
    executions = [fact.execution for fact in known.all(FactKind.FILL) if fact.execution is not None]
    if not executions:
        return Decimal(0), None, Decimal(0)
    filled = sum((e.quantity for e in executions), Decimal(0))
    paid = sum((e.quantity * e.price for e in executions), Decimal(0))
    average = paid / filled if filled else None
    return filled, average, sum((e.commission for e in executions), Decimal(0))


def _contradicts(known: _Sorted, platform_ids: set[str], *, overfilled: bool) -> bool:
    kinds = known.by_kind.keys()
    return overfilled or len(platform_ids) > 1 or bool(kinds & _NEVER_THERE and kinds & _SEEN_THERE)


def _state(known: _Sorted, *, filled: Decimal, quantity: Decimal) -> tuple[OrderState, Reason | None]:
    if filled and filled >= quantity:
        return OrderState.FILLED, None
    for kind, state in _ENDINGS:
        endings = known.all(kind)
        if endings and not (filled and kind in _NEVER_THERE):
            return state, endings[0].reason
    return _open_state(known, filled=filled)


def _open_state(known: _Sorted, *, filled: Decimal) -> tuple[OrderState, Reason | None]:
    if known.numbers(FactKind.CANCEL_SENT) - known.numbers(FactKind.CANCEL_REFUSED):
        return OrderState.CANCEL_PENDING, None
    answered = known.numbers(FactKind.MODIFIED) | known.numbers(FactKind.MODIFY_REFUSED)
    if known.numbers(FactKind.MODIFY_SENT) - answered:
        return OrderState.MODIFY_PENDING, None
    if filled:
        return OrderState.PARTIALLY_FILLED, None
    if known.all(FactKind.ACCEPTED):
        return OrderState.ACCEPTED, None
    return _unanswered_state(known)


def _unanswered_state(known: _Sorted) -> tuple[OrderState, Reason | None]:
    returned = known.numbers(FactKind.NOT_SENT)
    unconfirmed = [f for f in known.all(FactKind.UNCONFIRMED) if f.number not in returned]
    if unconfirmed:
        return OrderState.IN_DOUBT, unconfirmed[-1].reason
    if known.numbers(FactKind.SENDING) - returned:
        return OrderState.SENDING, None
    waiting = known.all(FactKind.NOT_SENT) or known.all(FactKind.READY)
    return OrderState.READY, waiting[-1].reason if waiting else None
