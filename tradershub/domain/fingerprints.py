"""What a signal says, as one short text: equal for repeats of a message, different for anything else."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter

from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import AccountRequest, Protection, Signal, SignalQuantity

# How it came and what the hub added: the same message by another door, or on another day, says the same.
_NOT_SAID = frozenset({"dialect", "source", "signal_id", "symbol", "sent_at_is_bar_time", "needs"})
_SAID = tuple(field.name for field in fields(Signal) if field.name not in _NOT_SAID)
_ALL_SAID = attrgetter(*_SAID)
_PARTS: Mapping[type, Callable[[object], tuple[object, ...]]] = {
    kind: attrgetter(*(part.name for part in fields(kind))) for kind in (Protection, SignalQuantity, AccountRequest)
}


def content_hash(*signals: Signal) -> str:
    """Return the hash of what the signals say: everything but the secret and what the hub added to them."""
    said = "\n".join(
        ";".join(
            f"{name}={_spelled(value)}"
            for name, value in zip(_SAID, _ALL_SAID(signal), strict=True)
            if value is not None and value != ()
        )
        for signal in signals
    )
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _spelled(value: object) -> str:
    if isinstance(value, str):
        # The length in front keeps a text from imitating the fields that follow it.
        return f"{len(value)}:{value}"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, tuple):
        return f"[{','.join(_spelled(item) for item in value)}]"
    parts = _PARTS.get(type(value))
    return str(value) if parts is None else _spelled(parts(value))
