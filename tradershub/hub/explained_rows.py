"""What an explanation looks like: how a message was read, what would be done, what its sender would get."""

from dataclasses import replace

from tradershub.domain.errors import SignalRefused
from tradershub.domain.orders import OrderState
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import Action, Reading, Signal
from tradershub.hub.plans import Plan
from tradershub.hub.signal_rows import signal_row
from tradershub.ports.dialect import Dialect
from tradershub.ports.views import Row


def parse_row(reading: Reading, dialect: Dialect, rounded: list[dict[str, str]]) -> Row:
    needs = sorted({need for signal in reading.signals for need in signal.needs})
    return {
        "status": "needs_context" if needs else "accept",
        "dialect": dialect.name,
        "code": "needs_context" if needs else None,
        "message": f"the message leaves to the hub's settings: {', '.join(needs)}" if needs else None,
        "ignored": list(reading.ignored),
        "rounded": rounded,
        "notes": list(reading.notes),
    }


def refused_row(refusal: SignalRefused, dialect: Dialect | None, secret: str) -> Row:
    return {
        "parse": {
            "status": "reject",
            "dialect": None if dialect is None else dialect.name,
            "code": refusal.code,
            "message": refusal.advice,
            "ignored": [],
            "rounded": [],
            "notes": [],
        },
        "secret": secret,
        "signals": [],
        "plan": [],
        "answer": answer_row(refusal),
    }


def answer_row(refusal: SignalRefused) -> Row:
    body = {"code": refusal.code, "field": refusal.field, "got": refusal.got, "advice": refusal.advice}
    return {"http": refusal.status, "body": body}


def plan_rows(plan: Plan) -> list[Row]:
    signal = plan.resolved.signal
    rows: list[Row] = [
        {
            "signal": signal.signal_id,
            "account": record.order.account,
            "symbol": record.order.symbol,
            "side": record.order.side.value,
            "quantity": decimal_text(record.order.quantity),
            "order_type": record.order.order_type.value,
            "verdict": "block" if record.view.state is OrderState.BLOCKED else "send",
            "rule": None if record.view.reason is None else record.view.reason.rule or record.view.reason.code,
            "numbers": dict(record.view.reason.numbers) if record.view.reason else {},
        }
        for record in plan.records
    ]
    refusals = [("skip", skipped.account, skipped.reason) for skipped in plan.skipped]
    if plan.reason is not None and not rows and not refusals:
        refusals = [("block", "", plan.reason)]
    rows.extend(
        {
            "signal": signal.signal_id,
            "account": account or None,
            "symbol": signal.symbol,
            "side": signal.action.value if signal.action in (Action.BUY, Action.SELL) else None,
            "quantity": None if signal.quantity is None else decimal_text(signal.quantity.value),
            "order_type": None if signal.order_type is None else signal.order_type.value,
            "verdict": verdict,
            "rule": reason.code,
            "numbers": dict(reason.numbers),
        }
        for verdict, account, reason in refusals
    )
    return rows


def signal_shown(plan: Plan, read: Signal) -> Row:
    """Return a planned signal with the time that its message states."""
    return {**signal_row(replace(plan.resolved.signal, sent_at=read.sent_at)), "signal_id": None}


def signal_unplanned(signal: Signal) -> Row:
    """Return a signal that was understood and could not be planned."""
    return {**signal_row(signal), "signal_id": None}
