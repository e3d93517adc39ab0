"""Messages as a strategy would send them, in the native dialect."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

SECRET = "a-long-secret-for-tests-only"


def now_text(*, seconds: float = 0.0) -> str:
    """Return the present instant, or one that many seconds later, as a message writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def native(**changes: Any) -> dict[str, Any]:
    """Return a good market entry; a change to None takes the key out."""
    message: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "secret": SECRET,
        "strategy_name": "momentum",
        "symbol": "MES",
        "action": "buy",
        "quantity": "1",
        "timestamp": now_text(),
    }
    message.update(changes)
    return {key: value for key, value in message.items() if value is not None}


def native_bytes(**changes: Any) -> bytes:
    return json.dumps(native(**changes)).encode()


def numbered(prefix: str = "") -> Iterator[bytes]:
    """Yield good messages without end, each with an id of its own, as cheaply as it goes.

    The instant they carry is that of the first one: they are meant for strategies that accept old messages.
    """
    run = prefix or f"{time.time_ns():x}"
    template = native_bytes(id="@")
    head, tail = template.split(b'"@"')
    for number in itertools.count():
        yield head + f'"{run}-{number}"'.encode() + tail
