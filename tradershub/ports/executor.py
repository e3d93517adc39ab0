"""What a platform must do, and what it may answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import AccountId, OrderId
from tradershub.domain.orders import Execution, FactKind, Order, OrderChange, Reason
from tradershub.domain.signals import OrderType, Side, TimeInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The platform has the order (or the change, or the cancel) and said so."""

    platform_order_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The platform refused, in a form that by its own documents means "not accepted"."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """No byte left this machine. The only outcome that may be sent again."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The order may or may not be at the platform: ask, never send again."""

    reason: Reason


Outcome = Accepted | Rejected | NotSent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a platform can do; what it lacks it rejects cleanly.

    `pushes_fills`: it reports fills and positions; without it an order stays in doubt after it was sent.
    `max_in_flight`: submits under way at once for one account. `submit_timeout_s`: after it an outcome is Unknown.
    `settle_after_s`: the platform's worst delay, after which a "not found" counts.
    `rate_per_second`: orders an account may send, None for no limit.
    """

    order_types: frozenset[OrderType]
    times_in_force: frozenset[TimeInForce]
    hedging: bool = False
    attached_stops: bool = False
    modify: bool = False
    pushes_fills: bool = False
    lookup_by_our_id: bool = False
    max_in_flight: int = 1
    submit_timeout_s: float = 10.0
    settle_after_s: float = 5.0
    rate_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What the platform says of one order: news, or an entry of a snapshot.

    `order_id` is ours; None for orders the hub did not make. `parent` and `leg` name a bracket's child that the
    platform made by itself of our order. `kind` is the newest fact; `executions` may repeat.
    `number` belongs to answers to a cancel or a modify.
    """

    account: AccountId
    order_id: OrderId | None
    kind: FactKind | None
    at: Nanos
    platform_order_id: str | None = None
    executions: tuple[Execution, ...] = ()
    reason: Reason | None = None
    number: int = 1
    change: OrderChange | None = None
    parent: OrderId | None = None
    leg: str | None = None
    platform_symbol: str | None = None
    side: Side | None = None
    quantity: Decimal | None = None
    order_type: OrderType | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPosition:
    """What the platform holds; `quantity` signed, in its own unit."""

    platform_symbol: str
    quantity: Decimal
    average_price: Decimal
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The platform's books of one account: working orders and those that ended since `since`."""

    account: AccountId
    at: Nanos
    orders: tuple[OrderReport, ...]
    positions: tuple[PlatformPosition, ...]
    balance: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTick:
    """A price of the platform's own; None where it gives no such side."""

    platform_symbol: str
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    at: Nanos


class LinkState(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """The platform was found or lost. `accounts`: the names it reported, if it does."""

    state: LinkState
    at: Nanos
    reason: str | None = None
    accounts: tuple[str, ...] = field(default=())


PlatformEvent = OrderReport | QuoteTick | LinkChange


class Executor(Protocol):
    """A platform. Everything that can be built from these (flatten, reverse, close all) is built once, in the hub.

    `submit` hands its bytes to the transport before its first suspension, or answers NotSent. It is stepped by hand
    once, outside a task of its own: before that suspension it may not ask for the current task (asyncio.timeout);
    it ends within `capabilities.submit_timeout_s` by itself.
    """

    @property
    def platform(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def connect(self) -> None:
        """Reach the platform once; raises PlatformUnavailable, CredentialsExpired or PlatformConfigError.

        A link that is lost later is found again by the executor itself, which tells it through `events`.
        """
        ...

    async def close(self) -> None: ...

    async def submit(self, order: Order) -> Outcome: ...

    async def modify(self, order: Order, change: OrderChange, number: int) -> Outcome: ...

    async def cancel(self, order: Order, number: int) -> Outcome: ...

    async def snapshot(self, account_id: AccountId, since: Nanos) -> Snapshot:
        """Return the platform's books; raises PlatformError rather than guess."""
        ...

    def events(self) -> AsyncIterator[PlatformEvent]:
        """Yield news in the order the platform sent it; one consumer."""
        ...
