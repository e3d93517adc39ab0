"""What a signal says, as one short text: equal for repeats of a message, different for anything else."""

import hashlib
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum

from tradershub.domain.quantities import decimal_text
from tradershub.domain.signals import Signal

# What the hub added: the same message by another door, or on another day, says the same.
_ADDED_BY_THE_HUB = frozenset({"signal_id", "source", "symbol", "sent_at_is_bar_time", "needs"})
_SAID = tuple(field.name for field in fields(Signal) if field.name not in _ADDED_BY_THE_HUB)


def content_hash(*signals: Signal) -> str:
    """Return the hash of what the signals say: everything but the secret and what the hub added to them."""
    digest = hashlib.blake2b(digest_size=16)
    for signal in signals:
        for name in _SAID:
            value = getattr(signal, name)
            if value is not None and value != ():
                digest.update(f"{name}={_spelled(value)};".encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()


def _spelled(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        # The length in front keeps a text from imitating the fields that follow it.
        return f"{len(value)}:{value}"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, tuple):
        return f"[{','.join(_spelled(item) for item in value)}]"
    if is_dataclass(value):
        return f"({','.join(_spelled(getattr(value, field.name)) for field in fields(value))})"
    return str(value)
