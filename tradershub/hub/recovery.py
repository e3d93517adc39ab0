"""What becomes of orders that could not leave: at start, when they grow too old, and when they never arrived."""

from dataclasses import replace
from decimal import Decimal

from tradershub.domain.clock import Nanos
from tradershub.domain.ids import order_id
from tradershub.domain.orders import Fact, FactKind, Intent, Order, OrderState
from tradershub.domain.risk import blocked
from tradershub.hub.lanes import AccountLanes
from tradershub.hub.notices import Notices
from tradershub.hub.open_size import still_open
from tradershub.hub.order_book import OrderBook, Record
from tradershub.hub.position_tracker import PositionTracker
from tradershub.hub.reconciler import Reconciler
from tradershub.ports.clock import Clock

_SWEEP_S = 1.0
_UNANSWERED = frozenset({OrderState.IN_DOUBT, OrderState.CANCEL_PENDING, OrderState.MODIFY_PENDING})


class OrderRecovery:
    """None of these endings is silent."""

    def __init__(
        self, *, book: OrderBook, lanes: AccountLanes, tracker: PositionTracker, notices: Notices, clock: Clock
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._tracker = tracker
        self._notices = notices
        self._clock = clock

    def after_restart(self, reconciler: Reconciler) -> None:
        """Line up what was ready, put in doubt what was being sent: one path after a crash and a clean stop."""
        for record in self._book.open_records():
            if record.view.state is OrderState.READY:
                self._lanes.queue(record.order)
            elif record.view.state is OrderState.SENDING:
                reconciler.after_restart(record)
            if record.view.state in _UNANSWERED:
                reconciler.watch(record)

    async def watch_ages(self) -> None:
        """End orders that waited longer than their signal is good for; runs until cancelled."""
        while True:
            await self._clock.sleep(_SWEEP_S)
            now = self._clock.now()
            self._book.unstored.store_again()
            for order in self._lanes.overdue(now):
                record = self._book.get(order.order_id)
                if record is not None and record.view.state is OrderState.READY:
                    self._expire(record, now)

    def not_sent(self, record: Record) -> None:
        """Tell of an order that the last gate refused."""
        if record.view.state is OrderState.EXPIRED:
            self._notices.alarm(record, "expired", "too old to be sent")

    def not_placed(self, record: Record) -> None:
        """Give an exit that never arrived one new attempt, if its position is open and it is young enough."""
        order, now = record.order, self._clock.now()
        if order.intent is not Intent.EXIT:
            return
        size = min(self._still_open(order), order.hub_quantity)
        if not size:
            return
        if order.attempt > 1 or now > order.expires_at:
            self._notices.alarm(record, "exit_missed", "the exit never arrived and is not tried again")
            return
        again = replace(
            order,
            order_id=order_id(order.cause, order.account, order.leg, 2),
            attempt=2,
            hub_quantity=size,
            quantity=size * order.quantity / order.hub_quantity,
            created_at=now,
            after=None,
        )
        reason = blocked("second_attempt", f"{order.order_id} never arrived")
        retried = self._book.add(again, Fact(kind=FactKind.READY, at=now, reason=reason))
        self._book.create(retried)
        self._lanes.queue(again)
        self._lanes.wake(again.account)

    def _still_open(self, order: Order) -> Decimal:
        capabilities = self._lanes.links.capabilities(order.platform)
        fills_are_told = capabilities is None or capabilities.pushes_fills
        return still_open(order, self._book, self._tracker, fills_are_told=fills_are_told)

    def _expire(self, record: Record, now: Nanos) -> None:
        self._lanes.leave(record.order)
        reason = blocked("stale", "waited longer than the signal is good for", rule="max_age_s")
        self._book.record(record.order.order_id, Fact(kind=FactKind.EXPIRED, at=now, reason=reason))
        self._notices.alarm(record, "expired", "waited longer than the signal is good for, and was not sent")
