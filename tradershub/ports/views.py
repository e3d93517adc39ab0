"""Questions about what has happened, answered from the tables; rows are as the API gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tradershub.domain.clock import Nanos
from tradershub.domain.events import Stages
from tradershub.domain.ids import OrderId, SignalId
from tradershub.domain.orders import Fact, Order
from tradershub.domain.positions import Position
from tradershub.domain.risk import GateRow

Row = Mapping[str, object]
"""A row in the shape of api.md: JSON-ready, numbers as decimal text, times as ISO-8601 with Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list call asks for; None means any. `since` inclusive, `until` exclusive."""

    limit: int = 50
    cursor: str | None = None
    since: Nanos | None = None
    until: Nanos | None = None
    account: str | None = None
    platform: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    state: str | None = None
    signal_id: str | None = None
    text: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Newest first. `next`: the cursor of the following page, None on the last."""

    items: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that was not final when the hub stopped, as it was left."""

    order: Order
    facts: tuple[Fact, ...]
    stages: Stages
    signal_received_at: Nanos | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSignal:
    """What the intake must remember of a signal to know it again. `group`: the first signal of its message."""

    signal_id: SignalId
    group: SignalId
    dedupe_key: str
    content_hash: str
    received_at: Nanos


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Everything the hub needs in memory at start."""

    orders: tuple[OpenOrder, ...]
    positions: tuple[Position, ...]
    gates: tuple[GateRow, ...]
    recent_signals: tuple[KnownSignal, ...]


class Recollection(Protocol):
    """What the hub itself has to know of the past."""

    async def recovery(self, signals_since: Nanos) -> Recovery: ...

    async def known_signal(self, dedupe_key: str) -> KnownSignal | None: ...

    async def order_record(self, order_id: OrderId) -> OpenOrder | None:
        """Return one order with its facts, final or not."""
        ...

    async def order_of_platform_id(self, account: str, platform_order_id: str) -> OrderId | None: ...


class Views(Recollection, Protocol):
    """Reads on connections of their own, off the event loop."""

    async def signals(self, query: Query) -> Page:
        """Return signal rows with `received_at, status, reason` and `orders: [order]` beside; `state` is the status."""
        ...

    async def signal(self, signal_id: SignalId) -> Row | None:
        """Return `{signal, orders, trace}`, for its page also `{raw, transport, peer, ignored, rounded, notes}`.

        `signal` has `received_at, status, reason` beside its shape; `raw` is the message without its secret.
        """
        ...

    async def orders(self, query: Query) -> Page: ...

    async def fills(self, query: Query) -> Page: ...

    async def trades(self, query: Query) -> Page: ...

    async def refused_messages(self, query: Query) -> Page:
        """Return them in the shape of a listed signal, what was not read being null, with status `refused`.

        Beside it `{refusal_id, http_status, field, got, raw, peer}`. `signal_id` of the query is a refusal's id here.
        """
        ...

    async def settings_audit(self, query: Query) -> Page: ...

    async def notices(self, query: Query) -> Page:
        """Return what `Noted` events and gate changes said: `{at, kind, severity, message, subject}`."""
        ...

    async def unknown_strategies(self, since: Nanos) -> tuple[Row, ...]:
        """Return the names that blocked signals carried and no strategy has.

        `{name, signals, source, symbols, first_at, last_at, signal_id}`; `signal_id` is the latest one.
        """
        ...

    async def figures(self, since: Nanos) -> Row:
        """Return counts and sums for Home and the platform cards since an instant.

        `{signals, orders, fills, trades, net: {currency: text}, platforms: {name: {orders, filled, rejected, in_doubt,
        working, errors, acks, ack_p50_ms, ack_p99_ms}}, sources: {name: {accepted, blocked, refused, last_message_at}},
        strategies: {name: {signals, last_at}}, last_signal_at}`.
        """
        ...
