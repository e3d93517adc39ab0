"""Writes a signal the way the golden files state it: only what it says, numbers without superfluous zeros."""

from dataclasses import fields
from decimal import Decimal

from tradershub.domain.clock import Nanos, iso
from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import AccountRequest, Protection, Signal, SignalQuantity

_INSTANTS = ("sent_at", "good_till")


def stated(signal: Signal) -> dict[str, object]:
    """Return what the signal says beside its dialect, by field."""
    said = {field.name: getattr(signal, field.name) for field in fields(signal) if field.name != "dialect"}
    return {
        name: iso(Nanos(value)) if name in _INSTANTS else _text(value)
        for name, value in said.items()
        if value is not None and value is not False and value not in ((), "")
    }


def _text(value: object) -> object:
    match value:
        case SignalQuantity():
            return f"{decimal_text(value.value)} {value.kind}"
        case Protection():
            trailing = "" if value.trailing is None else f" trailing {decimal_text(value.trailing)}"
            return f"{decimal_text(value.value)} {value.unit}{trailing}"
        case AccountRequest():
            return value.account if value.quantity is None else f"{value.account} {decimal_text(value.quantity)}"
        case tuple():
            return [_text(item) for item in value]
        case bool() | int():
            return value
        case Decimal():
            return decimal_text(value)
    return str(value)
