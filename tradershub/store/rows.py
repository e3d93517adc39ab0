"""Rows as api.md gives them: JSON-ready, numbers as decimal text, instants as ISO-8601 with Z."""

from collections.abc import Iterable
from decimal import Decimal

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.orders import Execution, Fact, Order, OrderChange, Reason
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import AccountRequest, Protection, Rounded, Signal, SignalQuantity


def number(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def instant(at: Nanos | None) -> str | None:
    return None if at is None else iso(at)


def reason_row(reason: Reason | None) -> dict[str, object] | None:
    """`{code, message}`, with rule and numbers where a rule decided."""
    if reason is None:
        return None
    row: dict[str, object] = {"code": reason.code, "message": reason.message}
    if reason.rule is not None:
        row["rule"] = reason.rule
    if reason.numbers:
        row["numbers"] = dict(reason.numbers)
    return row


def protection_row(protection: Protection | None) -> dict[str, object] | None:
    if protection is None:
        return None
    return {
        "value": decimal_text(protection.value),
        "unit": protection.unit.value,
        "trailing": number(protection.trailing),
    }


def signal_row(signal: Signal) -> dict[str, object]:
    return {
        "signal_id": signal.signal_id,
        "source": signal.source,
        "dialect": signal.dialect,
        "strategy": signal.strategy,
        "symbol": signal.symbol,
        "symbol_as_written": signal.symbol_as_written,
        "action": signal.action.value,
        "quantity": _quantity_row(signal.quantity),
        "order_type": signal.order_type.value if signal.order_type else None,
        "limit_price": number(signal.limit_price),
        "stop_price": number(signal.stop_price),
        "stop_loss": protection_row(signal.stop_loss),
        "take_profit": [protection_row(target) for target in signal.take_profit],
        "time_in_force": signal.time_in_force.value if signal.time_in_force else None,
        "target_position": number(signal.target_position),
        "position_before": number(signal.position_before),
        "position_after": number(signal.position_after),
        "close_side": signal.close_side.value if signal.close_side else None,
        "signal_price": number(signal.signal_price),
        "sent_at": instant(signal.sent_at),
        "timeframe": signal.timeframe,
        "message_id": signal.message_id,
        "comment": signal.comment,
        "accounts": [_account_request_row(request) for request in signal.accounts],
    }


def _quantity_row(quantity: SignalQuantity | None) -> dict[str, object] | None:
    return None if quantity is None else {"value": decimal_text(quantity.value), "kind": quantity.kind.value}


def _account_request_row(request: AccountRequest) -> dict[str, object]:
    return {"account": request.account, "quantity": number(request.quantity)}


def rounded_rows(rounded: Iterable[Rounded]) -> list[dict[str, object]]:
    return [{"field": item.field, "from": item.was, "to": item.became} for item in rounded]


def order_terms(order: Order, quantity: Decimal) -> dict[str, object]:
    """Return what an order asks for; `quantity` is what it is now, after changes at the platform."""
    hub_quantity = order.hub_quantity
    if quantity != order.quantity and order.quantity:
        hub_quantity = hub_quantity * quantity / order.quantity
    return {
        "order_id": order.order_id,
        "signal_id": order.signal_id,
        "cause": order.cause,
        "strategy": order.strategy,
        "account": order.account,
        "platform": order.platform,
        "symbol": order.symbol,
        "platform_symbol": order.platform_symbol,
        "side": order.side.value,
        "quantity": decimal_text(quantity),
        "hub_quantity": decimal_text(hub_quantity),
        "order_type": order.order_type.value,
        "stop_loss": protection_row(order.stop_loss),
        "take_profit": [protection_row(target) for target in order.take_profit],
        "origin": order.origin.value,
        "carrier": order.carrier.value,
        "automated": order.automated,
        "created_at": iso(order.created_at),
    }


def fact_row(fact: Fact) -> dict[str, object]:
    """`{at, kind, …}`: what the fact does not say is left out."""
    row: dict[str, object] = {"at": iso(fact.at), "kind": fact.kind.value}
    if fact.number != 1:
        row["number"] = fact.number
    if fact.reason is not None:
        row["reason"] = reason_row(fact.reason)
    if fact.platform_order_id is not None:
        row["platform_order_id"] = fact.platform_order_id
    if fact.execution is not None:
        row |= _execution_row(fact.execution)
    if fact.change is not None:
        row["change"] = _change_row(fact.change)
    return row


def _execution_row(execution: Execution) -> dict[str, object]:
    return {
        "execution_id": execution.execution_id,
        "price": decimal_text(execution.price),
        "quantity": decimal_text(execution.quantity),
        "commission": decimal_text(execution.commission),
        "currency": execution.currency,
        "executed_at": iso(execution.at),
    }


def _change_row(change: OrderChange) -> dict[str, object]:
    return {
        "quantity": number(change.quantity),
        "limit_price": number(change.limit_price),
        "stop_price": number(change.stop_price),
    }
