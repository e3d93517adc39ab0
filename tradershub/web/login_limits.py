"""How often somebody may try to sign in: after a few mistakes each further one costs more time."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from tradershub.domain.clock import NANOS_PER_SECOND
from tradershub.ports.clock import Clock
from tradershub.web.peer_limits import limit_key

_FREE_MISTAKES: Final = 5
_FREE_MISTAKES_OF_ALL: Final = 60
_FIRST_DELAY_SECONDS: Final = 2
_LONGEST_DELAY_SECONDS: Final = 900
_LONGEST_DELAY_OF_ALL_SECONDS: Final = 60
_FORGET_AFTER: Final = 3600 * NANOS_PER_SECOND
_MOST_PEERS: Final = 10_000


@dataclass(slots=True)
class _Mistakes:
    count: int = 0
    last_at: int = 0
    closed_until: int = 0


class LoginLimits:
    """Count mistakes by peer and in total. A peer on this machine only answers for itself.

    So a crowd elsewhere that guesses cannot keep the owner at the machine out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._peers: OrderedDict[str, _Mistakes] = OrderedDict()
        self._all = _Mistakes()
        self.failed_total = 0

    def wait_seconds(self, peer: str, *, is_here: bool) -> int:
        """Return how long this peer has to wait before its next attempt is looked at; 0 = it may try."""
        now = self._clock.monotonic()
        record = self._peers.get(limit_key(peer))
        until = 0 if record is None else record.closed_until
        if not is_here:
            until = max(until, self._all.closed_until)
        return max(0, -(-(until - now) // NANOS_PER_SECOND))

    def failed(self, peer: str) -> None:
        now = self._clock.monotonic()
        self.failed_total += 1
        key = limit_key(peer)
        record = self._peers.setdefault(key, _Mistakes())
        self._peers.move_to_end(key)
        if len(self._peers) > _MOST_PEERS:
            self._peers.popitem(last=False)
        _count(record, now, free=_FREE_MISTAKES, longest=_LONGEST_DELAY_SECONDS)
        _count(self._all, now, free=_FREE_MISTAKES_OF_ALL, longest=_LONGEST_DELAY_OF_ALL_SECONDS)

    def succeeded(self, peer: str) -> None:
        self._peers.pop(limit_key(peer), None)


def _count(record: _Mistakes, now: int, *, free: int, longest: int) -> None:
    if now - record.last_at > _FORGET_AFTER:
        record.count = 0
    record.count, record.last_at = record.count + 1, now
    over = record.count - free
    if over >= 0:
        delay = min(_FIRST_DELAY_SECONDS << min(over, 20), longest)
        record.closed_until = now + delay * NANOS_PER_SECOND
