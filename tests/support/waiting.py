"""Waits for a real process: looks again and again until something holds, or says what never did."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, *, seconds: float = 10.0, every: float = 0.02) -> T:
    """Return the first truthy answer of `look`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(every)


def never(look: Callable[[], object], what: str, *, seconds: float, every: float = 0.05) -> None:
    """Fail as soon as `look` finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            raise AssertionError(f"happened after all: {what}")
        time.sleep(every)
