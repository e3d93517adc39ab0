"""What the journal holds: everything that happened, each event with what followed from it."""

from dataclasses import dataclass, field
from enum import StrEnum

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import OrderId, SignalId
from tradershub.domain.orders import Fact, Order, OrderView, Reason
from tradershub.domain.positions import Fill, Position, Trade
from tradershub.domain.risk import GateRow
from tradershub.domain.signals import Rounded, Signal


class SignalStatus(StrEnum):
    ACCEPTED = "accepted"
    BLOCKED = "blocked"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """An order as it enters the journal: with its first facts, and the state they amount to."""

    order: Order
    facts: tuple[Fact, ...]
    view: OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalStored:
    """One signal with every order that was planned of it, in the states they may be found in after a crash.

    `raw` is the message without its secret. `group`: the first signal id of the message; `index` its place in it.
    `*_us`: microseconds since the last byte of the request.
    """

    at: Nanos
    signal: Signal
    status: SignalStatus
    reason: Reason | None
    orders: tuple[PlannedOrder, ...]
    group: SignalId
    index: int
    dedupe_key: str
    content_hash: str
    raw: str
    transport: str
    peer: str
    ignored: tuple[str, ...]
    rounded: tuple[Rounded, ...]
    notes: tuple[str, ...]
    parsed_us: int
    planned_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalTimed:
    """When a signal was on disk and when its answer left, in microseconds since the last byte of the request."""

    at: Nanos
    signal_id: SignalId
    stored_us: int
    answered_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRefused:
    """A message that was refused in itself although its secret was right; kept, without the secret, for the Log."""

    at: Nanos
    source: str
    dialect: str | None
    http_status: int
    code: str
    field: str | None
    got: str | None
    advice: str
    raw: str
    peer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersCreated:
    """Orders that no signal caused: a person's, the platform's own, a second attempt of an exit."""

    at: Nanos
    orders: tuple[PlannedOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """When the order's first byte left, was acknowledged and filled: microseconds since the signal's last byte."""

    sent_us: int | None = None
    acknowledged_us: int | None = None
    filled_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsRecorded:
    """New facts of one order, and everything that followed from them, in one transaction.

    `all_facts` and `view` are the order's whole record afterwards.
    """

    at: Nanos
    order_id: OrderId
    facts: tuple[Fact, ...]
    all_facts: tuple[Fact, ...]
    view: OrderView
    stages: Stages = Stages()
    fills: tuple[Fill, ...] = ()
    positions: tuple[Position, ...] = ()
    trades: tuple[Trade, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsAdopted:
    """Position rows changed for a reason other than a fill of ours: a platform's truth, or a moved stop."""

    at: Nanos
    positions: tuple[Position, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged:
    """A settings row was created, replaced or deleted. `before` and `after` are JSON without secrets, or None."""

    at: Nanos
    table: str
    key: str
    who: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSet:
    at: Nanos
    row: GateRow


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReset:
    at: Nanos
    scope: str
    who: str
    reason: str


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something a person should know: a sign-in, a platform lost or found, an entry missed, a conflict."""

    at: Nanos
    kind: str
    severity: Severity
    message: str
    subject: str | None = None
    details: tuple[tuple[str, str], ...] = field(default=())


Event = (
    SignalStored
    | SignalTimed
    | MessageRefused
    | OrdersCreated
    | FactsRecorded
    | PositionsAdopted
    | SettingChanged
    | GateSet
    | GateReset
    | Noted
)
