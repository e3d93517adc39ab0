"""The answers that a sender gets, in the shapes of the API."""

from collections.abc import Iterable

import msgspec

from tradershub.domain.errors import SignalRefused
from tradershub.domain.ids import SignalId
from tradershub.domain.orders import Reason
from tradershub.domain.quantities import decimal_text
from tradershub.hub.order_book import Record
from tradershub.hub.plans import Plan
from tradershub.ports.intake import Receipt
from tradershub.ports.views import Row

_encode = msgspec.json.Encoder().encode


def reason_row(reason: Reason | None) -> Row | None:
    if reason is None:
        return None
    row: dict[str, object] = {"code": reason.code, "message": reason.message}
    if reason.rule is not None:
        row["rule"] = reason.rule
    if reason.numbers:
        row["numbers"] = dict(reason.numbers)
    return row


def order_row(record: Record) -> Row:
    """Return the short row of an order, as answers to commands and signals hold it."""
    order = record.order
    return {
        "signal_id": order.signal_id,
        "order_id": order.order_id,
        "account": order.account,
        "symbol": order.symbol,
        "side": order.side.value,
        "quantity": decimal_text(order.quantity),
        "state": record.view.state.value,
        "reason": reason_row(record.view.reason),
    }


def stored(ids: tuple[SignalId, ...], plans: Iterable[Plan], ignored: tuple[str, ...]) -> Receipt:
    """Return the 202 of a message that is on disk."""
    plans = tuple(plans)
    orders: list[Row] = []
    rounded: list[Row] = []
    for signal_id, plan in zip(ids, plans, strict=True):
        orders.extend(order_row(record) for record in plan.records)
        orders.extend(_skipped_row(signal_id, plan, i) for i in range(len(plan.skipped)))
        rounded.extend({"field": r.field, "from": r.was, "to": r.became} for r in plan.resolved.rounded)
    accepted = any(plan.reason is None for plan in plans)
    body = {
        "signal_id": ids[0],
        "signals": ids,
        "status": "accepted" if accepted else "blocked",
        "reason": None if accepted else reason_row(plans[0].reason),
        "orders": orders,
        "ignored": ignored,
        "rounded": rounded,
        "notes": [note for plan in plans for note in plan.resolved.notes],
    }
    return Receipt(http_status=202, body=_encode(body))


def _skipped_row(signal_id: SignalId, plan: Plan, index: int) -> Row:
    skipped = plan.skipped[index]
    return {
        "signal_id": signal_id,
        "order_id": None,
        "account": skipped.account,
        "symbol": plan.resolved.signal.symbol,
        "side": None,
        "quantity": None,
        "state": "skipped",
        "reason": reason_row(skipped.reason),
    }


def duplicate(group: SignalId) -> Receipt:
    return Receipt(http_status=200, body=_encode({"signal_id": group, "status": "duplicate"}))


def conflicting(group: SignalId, message_id: str | None) -> SignalRefused:
    """Return the refusal of an id that was used before for something else."""
    return SignalRefused(
        "id_reused",
        "id",
        f"this id belongs to signal {group}, which says something else: send a new id with every new signal",
        got=message_id,
        status=409,
    )


def refused(refusal: SignalRefused) -> Receipt:
    body = {"code": refusal.code, "field": refusal.field, "got": refusal.got, "advice": refusal.advice}
    return Receipt(http_status=refusal.status, body=_encode(body))


def not_stored() -> Receipt:
    body = {
        "code": "not_stored",
        "field": None,
        "got": None,
        "advice": "the hub could not store the message and has sent nothing: send it again",
    }
    return Receipt(http_status=503, body=_encode(body), retry_after_s=5)
