"""Knows a message that came before: what is in flight and recent in memory, the rest by the tables' unique key."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.ids import SignalId
from tradershub.domain.signals import Signal
from tradershub.ports.views import KnownSignal

_REMEMBERED_S = 60
"""At least this long; a source's window may be longer, then its own counts."""


@dataclass(slots=True)
class Seen:
    """A message that is being stored, or was. `stored` is done once it is durable, and fails if it is not."""

    group: SignalId
    content: str
    at: Nanos
    stored: "asyncio.Future[bool]"


def dedupe_key(signal: Signal, index: int, content: str, signal_id: SignalId) -> str:
    """Return the unique key of one signal: its own id where it has one, else one that nothing else can have."""
    if signal.message_id is not None and signal.message_id.strip():
        place = f"#{index}" if index else ""
        return f"id:{signal.strategy or ''}:{signal.message_id}{place}"
    return f"content:{content}:{signal_id}"


class Duplicates:
    """Recent messages, by id and by content. Memory is bounded by time; older ids are known by the tables."""

    def __init__(self, *, longest_window_s: int) -> None:
        self._kept_ns = max(_REMEMBERED_S, longest_window_s) * NANOS_PER_SECOND
        self._by_id: OrderedDict[str, Seen] = OrderedDict()
        self._by_content: OrderedDict[str, Seen] = OrderedDict()

    def restore(self, signals: Iterable[KnownSignal]) -> None:
        """Remember what was stored before a restart."""
        for known in signals:
            stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            stored.set_result(True)
            seen = Seen(known.group, known.content_hash, known.received_at, stored)
            if known.dedupe_key.startswith("id:"):
                self._by_id.setdefault(known.dedupe_key, seen)
            else:
                self._by_content[known.content_hash] = seen

    def find(self, key: str, content: str, window_s: int, at: Nanos) -> Seen | None:
        """Return the earlier message that this one repeats: same id, or same content within the window."""
        if key.startswith("id:"):
            return self._by_id.get(key)
        seen = self._by_content.get(content)
        if seen is None or at - seen.at > window_s * NANOS_PER_SECOND:
            return None
        return seen

    def remember(self, key: str, seen: Seen) -> None:
        if key.startswith("id:"):
            self._by_id[key] = seen
        else:
            self._by_content[seen.content] = seen
            self._by_content.move_to_end(seen.content)
        self._forget_old(seen.at)

    def forget(self, key: str, seen: Seen) -> None:
        """Drop a message that was not stored: it may come again."""
        if self._by_id.get(key) is seen:
            del self._by_id[key]
        if self._by_content.get(seen.content) is seen:
            del self._by_content[seen.content]

    def _forget_old(self, now: Nanos) -> None:
        for known in (self._by_id, self._by_content):
            while known:
                oldest = next(iter(known))
                if now - known[oldest].at <= self._kept_ns or not known[oldest].stored.done():
                    break
                del known[oldest]
