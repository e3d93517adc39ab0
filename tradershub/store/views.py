"""The tables' answers to every question of ports.views.Views, and the lists of settings and notices."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, or_, select
from sqlalchemy.engine import RowMapping

from tradershub.domain.clock import iso
from tradershub.ports.views import Page, Query, Row
from tradershub.store import schema
from tradershub.store.codec import Codec
from tradershub.store.paging import Listing, page_of
from tradershub.store.readers import Readers
from tradershub.store.views_figures import FigureViews
from tradershub.store.views_orders import OrderViews
from tradershub.store.views_recovery import RecoveryViews
from tradershub.store.views_signals import SignalViews

_AUDIT = Listing("settings_audit", schema.settings_audit.c.at, schema.settings_audit.c.seq)
_NOTICES = Listing("notices", schema.notices.c.at, schema.notices.c.seq)


class TableViews(RecoveryViews, SignalViews, OrderViews, FigureViews):
    """Implements ports.views.Views."""

    def __init__(self, readers: Readers, codec: Codec) -> None:
        self._readers = readers
        self._codec = codec

    async def settings_audit(self, query: Query) -> Page:
        table = schema.settings_audit
        question = select(table)
        if query.text:
            words = (table.c.table_name, table.c.key, table.c.who)
            question = question.where(or_(*(column.icontains(query.text, autoescape=True) for column in words)))
        return await self._readers.ask(lambda connection: page_of(connection, _AUDIT, question, query, _audit_rows))

    async def notices(self, query: Query) -> Page:
        """Return `{id, at, kind, severity, message, subject, details}`; `query.state` asks for a severity."""
        table = schema.notices
        question = select(table)
        if query.state is not None:
            question = question.where(table.c.severity == query.state)
        if query.text:
            words = (table.c.kind, table.c.message, table.c.subject)
            question = question.where(or_(*(column.icontains(query.text, autoescape=True) for column in words)))
        return await self._readers.ask(lambda connection: page_of(connection, _NOTICES, question, query, _notice_rows))


def _audit_rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
    return [
        {
            "id": str(row["seq"]),
            "at": iso(row["at"]),
            "table": row["table_name"],
            "key": row["key"],
            "who": row["who"],
            "before": _decoded(row["before"]),
            "after": _decoded(row["after"]),
        }
        for row in found
    ]


def _notice_rows(_: Connection, found: Sequence[RowMapping]) -> Sequence[Row]:
    return [
        {name: row[name] for name in ("kind", "severity", "message", "subject")}
        | {"id": str(row["seq"]), "at": iso(row["at"]), "details": msgspec.json.decode(row["details"])}
        for row in found
    ]


def _decoded(text: str | None) -> object:
    """Return a document as it was given; what is no JSON is shown as the text it is."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
