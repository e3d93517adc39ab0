"""Questions about signals: the list for the Log, one signal with its orders and trace, messages that were refused."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, cast, false, or_, select
from sqlalchemy.engine import RowMapping

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.ids import SignalId
from tradershub.ports.views import Page, Query, Row
from tradershub.store import schema
from tradershub.store.codec import Codec
from tradershub.store.paging import Listing, page_of
from tradershub.store.readers import Readers
from tradershub.store.rows import reason_row, rounded_rows, signal_row
from tradershub.store.views_orders import filtered, order_rows

_SIGNALS = Listing("signals", schema.signals.c.received_at, schema.signals.c.signal_id)
_REFUSED = Listing("refused", schema.refused_messages.c.at, schema.refused_messages.c.seq)
_SEARCHED = ("signal_id", "source", "strategy", "symbol", "symbol_as_written", "message_id", "action")
_NOT_READ = (
    *("signal_id", "strategy", "symbol", "symbol_as_written", "action", "quantity", "order_type", "limit_price"),
    *("stop_price", "stop_loss", "time_in_force", "target_position", "position_before", "position_after"),
    *("close_side", "signal_price", "sent_at", "timeframe", "message_id", "comment"),
)


class SignalViews:
    """The part of ports.views.Views that is about signals."""

    def __init__(self, readers: Readers, codec: Codec) -> None:
        self._readers = readers
        self._codec = codec

    async def signals(self, query: Query) -> Page:
        return await self._readers.ask(
            lambda connection: page_of(connection, _SIGNALS, _matching(query), query, self._listed)
        )

    async def signal(self, signal_id: SignalId) -> Row | None:
        return await self._readers.ask(lambda connection: self._whole(connection, signal_id))

    async def refused_messages(self, query: Query) -> Page:
        table = schema.refused_messages
        question = filtered(select(table), table, query, ("source",))
        if query.signal_id is not None:
            question = question.where(cast(table.c.seq, Text) == query.signal_id)
        if query.text:
            question = question.where(_containing(query.text, table.c.source, table.c.code, table.c.raw))
        if query.state == "accepted" or any((query.account, query.platform, query.strategy, query.symbol)):
            # What was refused belongs to no account, and its strategy and symbol were not read.
            question = question.where(false())
        return await self._readers.ask(lambda connection: page_of(connection, _REFUSED, question, query, _refused_rows))

    def _listed(self, connection: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
        short = _short_orders(connection, self._codec, [row["signal_id"] for row in found])
        return [self._head(row) | {"orders": short[row["signal_id"]]} for row in found]

    def _head(self, row: RowMapping) -> dict[str, object]:
        return signal_row(self._codec.signal(row["doc"])) | {
            "received_at": iso(row["received_at"]),
            "status": row["status"],
            "reason": reason_row(self._codec.reason(row["reason"])),
        }

    def _whole(self, connection: Connection, signal_id: SignalId) -> Row | None:
        table, orders = schema.signals, schema.orders
        row = connection.execute(select(table).where(table.c.signal_id == signal_id)).mappings().one_or_none()
        if row is None:
            return None
        question = select(orders).where(orders.c.signal_id == signal_id).order_by(orders.c.created_at)
        found = connection.execute(question).mappings().all()
        return {
            "signal": self._head(row),
            "orders": order_rows(self._codec, found),
            "trace": _trace(row, found),
            "raw": row["raw"],
            "transport": row["transport"],
            "peer": row["peer"],
            "ignored": list(self._codec.texts(row["ignored"])),
            "rounded": rounded_rows(self._codec.rounded(row["rounded"])),
            "notes": list(self._codec.texts(row["notes"])),
        }


def _matching(query: Query) -> Select[Any]:
    table, orders = schema.signals, schema.orders
    question = select(table)
    question = filtered(question, table, query, ("strategy", "symbol", "signal_id", "source"))
    if query.state is not None:
        question = question.where(table.c.status == query.state)
    if query.account is not None or query.platform is not None:
        sent = filtered(select(orders.c.signal_id), orders, query, ("account", "platform"))
        question = question.where(table.c.signal_id.in_(sent.where(orders.c.signal_id == table.c.signal_id)))
    if query.text:
        question = question.where(_containing(query.text, *(table.c[name] for name in _SEARCHED)))
    return question


def _containing(text: str, *columns: Any) -> Any:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _short_orders(connection: Connection, codec: Codec, signal_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return what a list shows of the orders of its signals."""
    table = schema.orders
    columns = (table.c.signal_id, table.c.order_id, table.c.account, table.c.side, table.c.quantity)
    now = (table.c.state, table.c.filled, table.c.average_price, table.c.reason)
    question = select(*columns, *now).where(table.c.signal_id.in_(signal_ids)).order_by(table.c.created_at)
    short: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(question).mappings():
        shown = {name: row[name] for name in ("order_id", "account", "side", "quantity", "state", "filled")}
        about = {"average_price": row["average_price"], "reason": reason_row(codec.reason(row["reason"]))}
        short[row["signal_id"]].append(shown | about)
    return short


def _trace(signal: RowMapping, orders: Sequence[RowMapping]) -> Row:
    stages = {name: signal[f"{name}_us"] for name in ("parsed", "planned", "stored", "answered")}
    received: Nanos = signal["received_at"]
    return {
        "received_at": iso(received),
        "stages_us": stages,
        "accounts": [
            {
                "account": order["account"],
                "order_id": order["order_id"],
                "stages_us": {name: order[f"{name}_us"] for name in ("sent", "acknowledged", "filled")},
            }
            for order in orders
        ],
    }


def _refused_rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
    unread: dict[str, object] = dict.fromkeys(_NOT_READ)
    return [
        unread
        | {
            "refusal_id": str(row["seq"]),
            "source": row["source"],
            "dialect": row["dialect"],
            "take_profit": [],
            "accounts": [],
            "received_at": iso(row["at"]),
            "status": "refused",
            "reason": {"code": row["code"], "message": row["advice"]},
            "orders": [],
            "http_status": row["http_status"],
            "field": row["field"],
            "got": row["got"],
            "raw": row["raw"],
            "peer": row["peer"],
        }
        for row in found
    ]
