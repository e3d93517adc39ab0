"""Counts and sums since an instant, for Home and the platform cards."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, literal_column, select

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.quantities import decimal_text
from tradershub.ports.views import Row
from tradershub.store import schema, schema_settings
from tradershub.store.readers import Readers

_FAILED = ("rejected", "not_sent", "unknown")
_WORKING = ("sending", "accepted", "partially_filled", "cancel_pending", "modify_pending")


class FigureViews:
    """The part of ports.views.Views that counts."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def figures(self, since: Nanos) -> Row:
        """Return what the port promises, and beside it what the cards of platforms and sources show.

        A platform also has `filled, rejected, in_doubt, working, acks`; `sources` is `{name: {accepted, blocked,
        refused, last_message_at}}`, `strategies` is `{name: {signals, last_at}}`.
        """
        return await self._readers.ask(lambda connection: _figures(connection, since))

    async def unknown_strategies(self, since: Nanos) -> tuple[Row, ...]:
        """Return what the port promises, with `source`, `first_at` and `signal_id` of the newest one beside it."""
        return await self._readers.ask(lambda connection: _unknown_strategies(connection, since))


def _figures(connection: Connection, since: Nanos) -> Row:
    signals, orders, fills, trades = schema.signals.c, schema.orders.c, schema.fills.c, schema.trades.c
    last_at = connection.execute(select(func.max(signals.received_at))).scalar_one()
    return {
        "signals": _count(connection, signals.received_at >= since),
        "orders": _count(connection, orders.created_at >= since),
        "fills": _count(connection, fills.at >= since),
        "trades": _count(connection, trades.closed_at >= since),
        "net": _net(connection, since),
        "platforms": _platforms(connection, since),
        "sources": _sources(connection, since),
        "strategies": _strategies(connection, since),
        "last_signal_at": None if last_at is None else iso(last_at),
    }


def _count(connection: Connection, condition: Any) -> int:
    return int(connection.execute(select(func.count()).where(condition)).scalar_one())


def _net(connection: Connection, since: Nanos) -> dict[str, str]:
    """Return the net of the trades that ended, by currency; summed here, because SQLite would sum in floats."""
    trades = schema.trades.c
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, net in connection.execute(select(trades.currency, trades.net).where(trades.closed_at >= since)):
        sums[currency] += Decimal(net)
    return {currency: decimal_text(total) for currency, total in sorted(sums.items())}


def _platforms(connection: Connection, since: Nanos) -> dict[str, Row]:
    orders, log = schema.orders.c, schema.execution_log.c
    counted = (
        select(
            orders.platform,
            func.count().label("orders"),
            *(_cases(orders.state == state, state) for state in ("filled", "rejected", "in_doubt")),
            _cases(orders.state.in_(_WORKING), "working"),
        )
        .where(orders.created_at >= since)
        .group_by(orders.platform)
    )
    rows = {row["platform"]: dict(row) for row in connection.execute(counted).mappings()}
    failed = select(log.platform, func.count()).where(log.at >= since, log.outcome.in_(_FAILED)).group_by(log.platform)
    errors = {str(row[0]): int(row[1]) for row in connection.execute(failed)}
    return {name: _platform(connection, since, name, rows.get(name), errors) for name in sorted({*rows, *errors})}


def _platform(
    connection: Connection, since: Nanos, name: str, counts: dict[str, Any] | None, errors: dict[str, int]
) -> Row:
    none = dict.fromkeys(("orders", "filled", "rejected", "in_doubt", "working"), 0)
    found = {key: (counts or none)[key] for key in none}
    return found | {"errors": errors.get(name, 0)} | _acknowledged(connection, since, name)


def _acknowledged(connection: Connection, since: Nanos, platform: str) -> dict[str, object]:
    """Return the median and the 99th percentile of the time from the first byte to the platform's answer."""
    log = schema.execution_log.c
    known = and_(log.at >= since, log.platform == platform, log.latency_us.is_not(None))
    acks = _count(connection, known)
    sorted_by_time = select(log.latency_us).where(known).order_by(log.latency_us)

    def milliseconds(percent: int) -> str | None:
        if not acks:
            return None
        place = min(acks - 1, acks * percent // 100)
        latency = connection.execute(sorted_by_time.limit(1).offset(place)).scalar_one()
        return decimal_text(Decimal(latency) / 1000)

    return {"acks": acks, "ack_p50_ms": milliseconds(50), "ack_p99_ms": milliseconds(99)}


def _sources(connection: Connection, since: Nanos) -> dict[str, Row]:
    signals, refused = schema.signals.c, schema.refused_messages.c
    stored: Select[Any] = (
        select(
            signals.source,
            _cases(signals.status == "accepted", "accepted"),
            _cases(signals.status != "accepted", "blocked"),
            literal_column("0").label("refused"),
            func.max(signals.received_at).label("last_at"),
        )
        .where(signals.received_at >= since)
        .group_by(signals.source)
    )
    turned_away: Select[Any] = (
        select(
            refused.source,
            *(literal_column("0").label(name) for name in ("accepted", "blocked")),
            func.count().label("refused"),
            func.max(refused.at).label("last_at"),
        )
        .where(refused.at >= since)
        .group_by(refused.source)
    )
    found: dict[str, dict[str, int]] = {}
    for question in (stored, turned_away):
        for row in connection.execute(question).mappings():
            known = found.setdefault(row["source"], {"accepted": 0, "blocked": 0, "refused": 0, "last_at": 0})
            for name in ("accepted", "blocked", "refused"):
                known[name] += row[name]
            known["last_at"] = max(known["last_at"], row["last_at"])
    return {
        name: {
            **{key: row[key] for key in ("accepted", "blocked", "refused")},
            "last_message_at": iso(Nanos(row["last_at"])),
        }
        for name, row in sorted(found.items())
    }


def _strategies(connection: Connection, since: Nanos) -> dict[str, Row]:
    signals = schema.signals.c
    question = (
        select(signals.strategy, func.count().label("signals"), func.max(signals.received_at).label("last_at"))
        .where(signals.received_at >= since, signals.strategy.is_not(None))
        .group_by(signals.strategy)
    )
    found = connection.execute(question).mappings()
    return {row["strategy"]: {"signals": row["signals"], "last_at": iso(Nanos(row["last_at"]))} for row in found}


def _cases(condition: Any, name: str) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)


def _unknown_strategies(connection: Connection, since: Nanos) -> tuple[Row, ...]:
    signals, strategies = schema.signals.c, schema_settings.strategies.c
    question = (
        select(signals.strategy, signals.symbol_as_written, signals.source, signals.received_at, signals.signal_id)
        .where(
            signals.received_at >= since,
            signals.status == "blocked",
            signals.strategy.is_not(None),
            signals.strategy.not_in(select(strategies.name)),
        )
        .order_by(signals.received_at, signals.signal_id)
    )
    seen: dict[str, dict[str, Any]] = {}
    for row in connection.execute(question).mappings():
        known = seen.setdefault(
            row["strategy"], {"name": row["strategy"], "signals": 0, "first_at": iso(row["received_at"]), "symbols": {}}
        )
        known["signals"] += 1
        known["symbols"][row["symbol_as_written"]] = None
        known |= {"last_at": iso(row["received_at"]), "source": row["source"], "signal_id": row["signal_id"]}
    newest_first = sorted(seen.values(), key=lambda row: str(row["last_at"]), reverse=True)
    return tuple(row | {"symbols": [symbol for symbol in row["symbols"] if symbol]} for row in newest_first)
