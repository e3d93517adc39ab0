"""Questions that the hub asks to know where it stands: at start, and of single orders and signals."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, literal_column, select
from sqlalchemy.engine import RowMapping

from tradershub.domain.clock import Nanos
from tradershub.domain.events import Stages
from tradershub.domain.ids import KillId, OrderId, SignalId
from tradershub.domain.risk import Gate, GateRow, KillLevel
from tradershub.ports.views import KnownSignal, OpenOrder, Recovery
from tradershub.store import schema
from tradershub.store.codec import Codec
from tradershub.store.readers import Readers

_KNOWN = (
    schema.signals.c.signal_id,
    schema.signals.c.group_id,
    schema.signals.c.dedupe_key,
    schema.signals.c.content_hash,
    schema.signals.c.received_at,
)


class RecoveryViews:
    """The part of ports.views.Views that gives back what was in memory."""

    def __init__(self, readers: Readers, codec: Codec) -> None:
        self._readers = readers
        self._codec = codec

    async def recovery(self, signals_since: Nanos) -> Recovery:
        return await self._readers.ask(lambda connection: self._recovery(connection, signals_since))

    async def known_signal(self, dedupe_key: str) -> KnownSignal | None:
        question = select(*_KNOWN).where(schema.signals.c.dedupe_key == dedupe_key)

        def answer(connection: Connection) -> KnownSignal | None:
            row = connection.execute(question).mappings().one_or_none()
            return None if row is None else _known(row)

        return await self._readers.ask(answer)

    async def order_record(self, order_id: OrderId) -> OpenOrder | None:
        def answer(connection: Connection) -> OpenOrder | None:
            found = self._orders(connection, schema.orders.c.order_id == order_id)
            return found[0] if found else None

        return await self._readers.ask(answer)

    async def order_of_platform_id(self, account: str, platform_order_id: str) -> OrderId | None:
        table = schema.orders
        question = (
            select(table.c.order_id)
            .where(table.c.account == account, table.c.platform_order_id == platform_order_id)
            # Platforms may use a number again: the newest order has it.
            .order_by(table.c.created_at.desc())
            .limit(1)
        )

        def answer(connection: Connection) -> OrderId | None:
            found = connection.execute(question).scalar_one_or_none()
            return None if found is None else OrderId(found)

        return await self._readers.ask(answer)

    def _recovery(self, connection: Connection, signals_since: Nanos) -> Recovery:
        signals = schema.signals
        recent = select(*_KNOWN).where(signals.c.received_at >= signals_since).order_by(signals.c.received_at)
        held = select(schema.positions.c.doc).order_by(schema.positions.c.position_key)
        gates = select(schema.gates).order_by(schema.gates.c.scope)
        # Written out, not bound: only then is the index of open orders known to hold what is asked for.
        is_open = [schema.orders.c.state != literal_column(f"'{state}'") for state in schema.FINAL]
        return Recovery(
            orders=tuple(self._orders(connection, *is_open)),
            positions=tuple(self._codec.position(doc) for doc in connection.execute(held).scalars()),
            gates=tuple(_gate(row) for row in connection.execute(gates).mappings()),
            recent_signals=tuple(_known(row) for row in connection.execute(recent).mappings()),
        )

    def _orders(self, connection: Connection, *conditions: ColumnElement[bool]) -> Sequence[OpenOrder]:
        table, signals = schema.orders, schema.signals
        stages = (table.c.sent_us, table.c.acknowledged_us, table.c.filled_us)
        question = (
            select(table.c.doc, table.c.facts, *stages, signals.c.received_at)
            .select_from(table.outerjoin(signals, signals.c.signal_id == table.c.signal_id))
            .where(*conditions)
            .order_by(table.c.created_at)
        )
        return [self._order(row) for row in connection.execute(question).mappings()]

    def _order(self, row: RowMapping) -> OpenOrder:
        stages = Stages(sent_us=row["sent_us"], acknowledged_us=row["acknowledged_us"], filled_us=row["filled_us"])
        return OpenOrder(
            order=self._codec.order(row["doc"]),
            facts=self._codec.facts(row["facts"]),
            stages=stages,
            signal_received_at=row["received_at"],
        )


def _known(row: RowMapping) -> KnownSignal:
    return KnownSignal(
        signal_id=SignalId(row["signal_id"]),
        group=SignalId(row["group_id"]),
        dedupe_key=row["dedupe_key"],
        content_hash=row["content_hash"],
        received_at=Nanos(row["received_at"]),
    )


def _gate(row: RowMapping) -> GateRow:
    return GateRow(
        scope=row["scope"],
        gate=Gate(row["gate"]),
        level=KillLevel(row["level"]),
        kill_id=KillId(row["kill_id"]),
        set_by=row["set_by"],
        reason=row["reason"],
        at=Nanos(row["at"]),
    )
