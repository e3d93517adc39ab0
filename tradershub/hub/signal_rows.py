"""A normalised signal as the API shows it."""

from decimal import Decimal

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import Protection, Signal, SignalQuantity
from tradershub.ports.views import Row


def signal_row(signal: Signal) -> Row:
    """Return the `signal` shape of the API."""
    return {
        "signal_id": signal.signal_id or None,
        "source": signal.source or None,
        "dialect": signal.dialect,
        "strategy": signal.strategy,
        "symbol": signal.symbol,
        "symbol_as_written": signal.symbol_as_written,
        "action": signal.action.value,
        "quantity": _quantity(signal.quantity),
        "order_type": None if signal.order_type is None else signal.order_type.value,
        "limit_price": _number(signal.limit_price),
        "stop_price": _number(signal.stop_price),
        "stop_loss": _protection(signal.stop_loss),
        "take_profit": [_protection(target) for target in signal.take_profit],
        "time_in_force": None if signal.time_in_force is None else signal.time_in_force.value,
        "target_position": _number(signal.target_position),
        "position_before": _number(signal.position_before),
        "position_after": _number(signal.position_after),
        "close_side": None if signal.close_side is None else signal.close_side.value,
        "signal_price": _number(signal.signal_price),
        "sent_at": _instant(signal.sent_at),
        "timeframe": signal.timeframe,
        "message_id": signal.message_id,
        "comment": signal.comment,
        "accounts": [{"id": a.account, "quantity": _number(a.quantity)} for a in signal.accounts],
    }


def _quantity(quantity: SignalQuantity | None) -> Row | None:
    return None if quantity is None else {"value": decimal_text(quantity.value), "kind": quantity.kind.value}


def _protection(protection: Protection | None) -> Row | None:
    if protection is None:
        return None
    return {
        "value": decimal_text(protection.value),
        "unit": protection.unit.value,
        "trailing": _number(protection.trailing),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _instant(at: Nanos | None) -> str | None:
    return None if at is None else iso(at)
