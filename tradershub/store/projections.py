"""What each event means for the tables: the same rows whether it has just happened or is replayed."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tradershub.domain.accounts import SessionDay
from tradershub.domain.clock import Nanos, seconds
from tradershub.domain.events import (
    Event,
    FactsRecorded,
    GateReset,
    GateSet,
    MessageRefused,
    Noted,
    OrdersCreated,
    PlannedOrder,
    PositionsAdopted,
    SettingChanged,
    Severity,
    SignalStored,
    SignalTimed,
)
from tradershub.domain.orders import Fact, FactKind
from tradershub.domain.positions import Fill, Position, Trade
from tradershub.domain.quantities import decimal_text
from tradershub.domain.risk import Gate
from tradershub.domain.trading_days import session_start
from tradershub.store.changes import Change, EventRow, Verb
from tradershub.store.codec import Codec
from tradershub.store.document_rows import document_change

OUTCOMES: Mapping[FactKind, str] = {
    FactKind.ACCEPTED: "accepted",
    FactKind.REJECTED: "rejected",
    FactKind.NOT_SENT: "not_sent",
    FactKind.UNCONFIRMED: "unknown",
}
"""Facts that are the answer to an order, in the words of the executor's contract."""
_ANSWERED = frozenset({FactKind.ACCEPTED, FactKind.REJECTED})
_SHORTEST_SESSION = seconds(22 * 3600)
_ZERO = Decimal(0)

Changes = Iterator[Change]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


class Projector:
    """Turns events into rows. Pure but for a memory of the trading day it met last."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._day_start = Nanos(0)
        self._handlers: Mapping[type[Any], tuple[Callable[[Any], str], Callable[[Any], Changes]]] = {
            SignalStored: (lambda e: e.signal.signal_id, self._signal_stored),
            SignalTimed: (lambda e: e.signal_id, self._signal_timed),
            MessageRefused: (lambda e: e.source, self._message_refused),
            OrdersCreated: (lambda e: e.orders[0].order.order_id if e.orders else "", self._orders_created),
            FactsRecorded: (lambda e: e.order_id, self._facts_recorded),
            PositionsAdopted: (lambda e: e.positions[0].account if e.positions else "", self._positions_adopted),
            SettingChanged: (lambda e: f"{e.table}:{e.key}", self._setting_changed),
            GateSet: (lambda e: e.row.scope, self._gate_set),
            GateReset: (lambda e: e.scope, self._gate_reset),
            Noted: (lambda e: e.subject or "", self._noted),
        }

    def row(self, event: Event) -> EventRow:
        """Return an event's own row and everything it changes."""
        subject, changes = self._handlers[type(event)]
        kind = self._codec.kinds[type(event)]
        return EventRow((event.at, kind, subject(event), self._codec.payload(event)), tuple(changes(event)))

    def changes(self, event: Event) -> tuple[Change, ...]:
        """Return only what an event changes, for a replay."""
        return tuple(self._handlers[type(event)][1](event))

    def _json(self, value: object) -> str | None:
        return None if value is None else self._codec.payload(value)

    def _signal_stored(self, event: SignalStored) -> Changes:
        signal = event.signal
        known = (signal.signal_id, event.group, event.index, event.dedupe_key, event.content_hash, signal.source)
        said = (signal.dialect, signal.strategy, signal.symbol, signal.symbol_as_written)
        came = (
            signal.action.value,
            event.status.value,
            self._json(event.reason),
            event.at,
            signal.message_id,
            self._codec.text(signal),
            event.raw,
        )
        beside = (self._codec.text(event.ignored), self._codec.text(event.rounded), self._codec.text(event.notes))
        times = (event.transport, event.peer, event.parsed_us, event.planned_us, None, None)
        yield Change(Verb.INSERT, "signals", (*known, *said, *came, *beside, *times))
        for planned in event.orders:
            yield self._order(planned, event.at)

    def _signal_timed(self, event: SignalTimed) -> Changes:
        yield Change(Verb.UPDATE, "signals", (event.stored_us, event.answered_us, event.signal_id))

    def _message_refused(self, event: MessageRefused) -> Changes:
        answer = (event.http_status, event.code, event.field, event.got, event.advice)
        row = (event.at, event.source, event.dialect, *answer, event.raw, event.peer)
        yield Change(Verb.NUMBERED, "refused_messages", row)

    def _orders_created(self, event: OrdersCreated) -> Changes:
        for planned in event.orders:
            yield self._order(planned, event.at)

    def _order(self, planned: PlannedOrder, at: Nanos) -> Change:
        order, view = planned.order, planned.view
        cause = (order.order_id, order.signal_id, order.cause, order.leg, order.attempt, order.strategy)
        where = (order.account, order.platform, order.symbol, order.platform_symbol)
        what = (order.side.value, order.intent.value)
        size = (decimal_text(view.quantity), decimal_text(order.hub_quantity), order.order_type.value)
        terms = (_text(view.limit_price), _text(view.stop_price), order.time_in_force.value)
        done = (view.state.value, decimal_text(view.filled), _text(view.average_price), decimal_text(view.commission))
        known = (int(view.conflict), self._json(view.reason), view.platform_order_id)
        made = (order.origin.value, order.carrier.value, int(order.automated), self._codec.text(order))
        times = (None, None, None, order.created_at, at)
        row = (*cause, *where, *what, *size, *terms, *done, *known, *made, self._codec.text(planned.facts), *times)
        return Change(Verb.INSERT, "orders", row)

    def _facts_recorded(self, event: FactsRecorded) -> Changes:
        view, stages = event.view, event.stages
        terms = (decimal_text(view.quantity), _text(view.limit_price), _text(view.stop_price))
        done = (view.state.value, decimal_text(view.filled), _text(view.average_price), decimal_text(view.commission))
        known = (int(view.conflict), self._json(view.reason), view.platform_order_id)
        times = (stages.sent_us, stages.acknowledged_us, stages.filled_us, event.at)
        row = (*terms, *done, *known, self._codec.text(event.all_facts), *times, event.order_id)
        yield Change(Verb.UPDATE, "orders", row)
        for index, fact in enumerate(event.facts):
            if fact.kind in OUTCOMES:
                yield self._outcome(event, index, fact)
        for fill in event.fills:
            yield from self._fill(fill)
        for position in event.positions:
            yield self._position(position)
        for trade in event.trades:
            yield from self._trade(trade)

    def _outcome(self, event: FactsRecorded, index: int, fact: Fact) -> Change:
        stages, latency = event.stages, None
        if fact.kind in _ANSWERED and stages.sent_us is not None and stages.acknowledged_us is not None:
            latency = stages.acknowledged_us - stages.sent_us
        row = (index, OUTCOMES[fact.kind], fact.at, latency, self._json(fact.reason), event.order_id)
        return Change(Verb.NUMBERED, "execution_log", row)

    def _fill(self, fill: Fill) -> Changes:
        whose = (fill.fill_id, fill.order_id, fill.account, fill.platform, fill.strategy)
        what = (fill.symbol, fill.platform_symbol, fill.side.value)
        numbers = (fill.quantity, fill.hub_quantity, fill.price, fill.commission)
        row = (*whose, *what, *(decimal_text(number) for number in numbers), fill.currency, fill.at)
        yield Change(Verb.INSERT, "fills", row)
        day = self._day(fill.at)
        for scope in _scopes(fill):
            sums = (scope, day, fill.currency, 1, 0, _ZERO, fill.commission, _ZERO)
            yield Change(Verb.ADD, "daily_risk_tracker", sums)

    def _trade(self, trade: Trade) -> Changes:
        whose = (trade.trade_id, trade.account, trade.platform, trade.strategy, trade.symbol, trade.side.value)
        size = (trade.quantity, trade.hub_quantity, trade.entry_price, trade.exit_price)
        money = (trade.gross, trade.commission, trade.net)
        times = (trade.opened_at, trade.closed_at)
        sums = (*(decimal_text(number) for number in money), trade.currency, trade.fills)
        yield Change(Verb.INSERT, "trades", (*whose, *(decimal_text(number) for number in size), *times, *sums))
        day = self._day(trade.closed_at)
        for scope in _scopes(trade):
            counted = (scope, day, trade.currency, 0, 1, trade.gross, _ZERO, trade.net)
            yield Change(Verb.ADD, "daily_risk_tracker", counted)
        if trade.strategy is not None:
            won, lost = int(trade.net > 0), int(trade.net < 0)
            row = (trade.strategy, day, trade.currency, 1, won, lost, *money)
            yield Change(Verb.ADD, "strategy_performance", row)

    def _position(self, position: Position) -> Change:
        key = "\x1f".join((position.strategy or "", position.account, position.symbol, position.ticket or ""))
        if position.is_flat:
            return Change(Verb.DROP, "positions", (key,))
        whose = (position.position_id, position.strategy, position.account, position.platform, position.symbol)
        size = (position.ticket, decimal_text(position.quantity), decimal_text(position.average_price))
        return Change(Verb.PUT, "positions", (key, *whose, *size, position.as_of, self._codec.text(position)))

    def _positions_adopted(self, event: PositionsAdopted) -> Changes:
        for position in event.positions:
            yield self._position(position)

    def _setting_changed(self, event: SettingChanged) -> Changes:
        row = (event.at, event.table, event.key, event.who, event.before, event.after)
        yield Change(Verb.NUMBERED, "settings_audit", row)
        change = document_change(event.table, event.key, event.after)
        if change is not None:
            yield change

    def _gate_set(self, event: GateSet) -> Changes:
        gate = event.row
        row = (gate.scope, gate.gate.value, gate.level.value, gate.kill_id, gate.set_by, gate.reason, gate.at)
        yield Change(Verb.DROP, "gates", row) if gate.gate is Gate.ACTIVE else Change(Verb.PUT, "gates", row)
        message = f"{gate.scope} is {gate.gate}, set by {gate.set_by}: {gate.reason}"
        details = {"gate": gate.gate, "level": gate.level, "kill_id": gate.kill_id}
        yield self._notice(event.at, "gate_set", Severity.ALARM, message, gate.scope, details)

    def _gate_reset(self, event: GateReset) -> Changes:
        yield Change(Verb.DROP, "gates", (event.scope,))
        message = f"{event.scope} is active again, reset by {event.who}: {event.reason}"
        yield self._notice(event.at, "gate_reset", Severity.INFO, message, event.scope, {})

    def _noted(self, event: Noted) -> Changes:
        yield self._notice(event.at, event.kind, event.severity, event.message, event.subject, dict(event.details))

    def _notice(
        self, at: Nanos, kind: str, severity: Severity, message: str, subject: str | None, details: Mapping[str, str]
    ) -> Change:
        return Change(Verb.NUMBERED, "notices", (at, kind, severity.value, message, subject, self._codec.text(details)))

    def _day(self, at: Nanos) -> Nanos:
        """Return when the trading day of an instant began, at the default session of an account."""
        if not self._day_start <= at < self._day_start + _SHORTEST_SESSION:
            session = SessionDay()
            self._day_start = session_start(session.zone, session.reset, at)
        return self._day_start


def _scopes(booked: Fill | Trade) -> tuple[str, ...]:
    account = f"account:{booked.account}"
    return (account,) if booked.strategy is None else (account, f"strategy:{booked.strategy}")
