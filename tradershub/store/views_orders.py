"""Questions about orders, fills and trades."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.engine import RowMapping

from tradershub.domain.clock import iso
from tradershub.ports.views import Page, Query, Row
from tradershub.store import schema
from tradershub.store.codec import Codec
from tradershub.store.paging import Listing, page_of
from tradershub.store.readers import Readers
from tradershub.store.rows import fact_row, order_terms, reason_row

_ORDERS = Listing("orders", schema.orders.c.created_at, schema.orders.c.order_id)
_FILLS = Listing("fills", schema.fills.c.at, schema.fills.c.fill_id)
_TRADES = Listing("trades", schema.trades.c.closed_at, schema.trades.c.trade_id)
_FILL = (
    *("fill_id", "order_id", "account", "platform", "symbol", "side", "quantity", "hub_quantity", "price"),
    *("commission", "currency"),
)
_TRADE = (
    *("trade_id", "account", "platform", "strategy", "symbol", "side", "quantity", "hub_quantity", "entry_price"),
    *("exit_price", "gross", "commission", "net", "currency", "fills"),
)


class OrderViews:
    """The part of ports.views.Views that is about orders and what became of them."""

    def __init__(self, readers: Readers, codec: Codec) -> None:
        self._readers = readers
        self._codec = codec

    async def orders(self, query: Query) -> Page:
        table = schema.orders
        columns = ("account", "platform", "strategy", "symbol", "state", "signal_id")
        question = filtered(select(table), table, query, columns)

        def rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
            return order_rows(self._codec, found)

        return await self._readers.ask(lambda connection: page_of(connection, _ORDERS, question, query, rows))

    async def fills(self, query: Query) -> Page:
        fills, orders = schema.fills, schema.orders
        question = filtered(select(fills), fills, query, ("account", "platform", "strategy", "symbol"))
        if query.signal_id is not None:
            caused = select(orders.c.order_id).where(orders.c.signal_id == query.signal_id)
            question = question.where(fills.c.order_id.in_(caused))
        return await self._readers.ask(lambda connection: page_of(connection, _FILLS, question, query, _fill_rows))

    async def trades(self, query: Query) -> Page:
        table = schema.trades
        question = filtered(select(table), table, query, ("account", "platform", "strategy", "symbol"))
        return await self._readers.ask(lambda connection: page_of(connection, _TRADES, question, query, _trade_rows))


def filtered(question: Select[Any], table: Table, query: Query, names: Iterable[str]) -> Select[Any]:
    """Keep rows whose columns are what the query asks for."""
    for name in names:
        wanted = getattr(query, name)
        if wanted is not None:
            question = question.where(table.c[name] == wanted)
    return question


def order_rows(codec: Codec, found: Iterable[RowMapping]) -> list[Row]:
    """Return complete order rows of api.md."""
    return [
        order_terms(codec.order(row["doc"]), Decimal(row["quantity"]))
        | {
            "limit_price": row["limit_price"],
            "stop_price": row["stop_price"],
            "state": row["state"],
            "filled": row["filled"],
            "average_price": row["average_price"],
            "reason": reason_row(codec.reason(row["reason"])),
            "conflict": row["conflict"],
            "facts": [fact_row(fact) for fact in codec.facts(row["facts"])],
        }
        for row in found
    ]


def _fill_rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
    return [{name: row[name] for name in _FILL} | {"at": iso(row["at"])} for row in found]


def _trade_rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
    return [
        {name: row[name] for name in _TRADE} | {"opened_at": iso(row["opened_at"]), "closed_at": iso(row["closed_at"])}
        for row in found
    ]
