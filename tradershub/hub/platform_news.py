"""What a platform reports, as facts of our orders; its own bracket orders are taken into the book."""

import logging
from dataclasses import replace

from tradershub.domain.ids import OrderId, order_id
from tradershub.domain.orders import Fact, FactKind, Intent, OrderState, Origin
from tradershub.domain.signals import OrderType
from tradershub.hub.notices import Notices
from tradershub.hub.order_book import OrderBook, Record
from tradershub.ports.executor import OrderReport
from tradershub.ports.views import Views

logger = logging.getLogger(__name__)


class PlatformNews:
    """Accepts facts: nothing a platform reports is illegal, contradictions are shown and alarmed."""

    def __init__(self, *, book: OrderBook, notices: Notices, views: Views) -> None:
        self._book = book
        self._notices = notices
        self._views = views

    async def order_report(self, report: OrderReport, platform: str) -> None:
        """Record one report, in whatever order and however often it comes."""
        record = await self._record_of(report)
        if record is None:
            logger.warning("%s reports an order that is not the hub's: %s", platform, report.platform_order_id)
            return
        facts = [
            Fact(kind=FactKind.FILL, at=execution.at, execution=execution, platform_order_id=report.platform_order_id)
            for execution in report.executions
        ]
        if report.kind is not None and report.kind is not FactKind.FILL:
            facts.append(
                Fact(
                    kind=report.kind,
                    at=report.at,
                    number=report.number,
                    reason=report.reason,
                    platform_order_id=report.platform_order_id,
                    change=report.change,
                )
            )
        before = record.view.conflict
        self._book.record(record.order.order_id, *facts)
        if record.view.conflict and not before:
            self._notices.alarm(record, "conflict", f"what is reported contradicts what was known ({_said(record)})")

    async def _record_of(self, report: OrderReport) -> Record | None:
        named = report.order_id
        if named is None and report.parent is not None and report.leg is not None:
            named = order_id(report.parent, report.account, report.leg)
        if named is None and report.platform_order_id is not None:
            named = await self._views.order_of_platform_id(report.account, report.platform_order_id)
        if named is None:
            return None
        record = self._book.get(named) or await self._read_back(named)
        if record is None and report.parent is not None:
            parent = self._book.get(report.parent) or await self._read_back(report.parent)
            record = None if parent is None else self._take_child(parent, named, report)
        return record

    async def _read_back(self, named: OrderId) -> Record | None:
        known = await self._views.order_record(named)
        if known is not None and self._book.get(named) is None:
            self._book.restore((known,))
        return self._book.get(named)

    def _take_child(self, parent: Record, named: OrderId, report: OrderReport) -> Record:
        """Take a stop or target that the platform made of our order into the book."""
        entry = parent.order
        quantity = report.quantity or entry.quantity
        child = replace(
            entry,
            order_id=named,
            cause=entry.order_id,
            leg=report.leg or "",
            intent=Intent.PROTECTION,
            side=report.side or entry.side.opposite,
            quantity=quantity,
            hub_quantity=quantity * entry.hub_quantity / entry.quantity,
            order_type=report.order_type or OrderType.STOP,
            limit_price=report.limit_price,
            stop_price=report.stop_price,
            stop_loss=None,
            take_profit=(),
            origin=Origin.PLATFORM,
            created_at=report.at,
            after=None,
        )
        fact = Fact(kind=FactKind.ACCEPTED, at=report.at, platform_order_id=report.platform_order_id)
        record = self._book.add(child, fact, received_at=parent.signal_received_at)
        self._book.create(record)
        return record


def _said(record: Record) -> str:
    kinds = {str(fact.kind) for fact in record.facts} - {OrderState.READY, OrderState.SENDING}
    return ", ".join(sorted(kinds))
