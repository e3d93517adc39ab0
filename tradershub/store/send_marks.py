"""A ring of marks in a memory-mapped file: the kernel keeps what was written to it when the process is killed.

A power loss may take the marks, so they count only within the run of the machine that made them.
"""

import mmap
import os
import struct
from pathlib import Path

from tradershub.domain.clock import Nanos, seconds
from tradershub.domain.ids import ORDER_ID_LENGTH, OrderId
from tradershub.ports.clock import Clock
from tradershub.store.boot import boot_name, same_boot, started_at

MARKS_FILE = "send_marks.bin"
SLOTS = 65_536
_MAGIC = b"THMARKS1"
# magic, slots, boot name, start of the machine, ring begun at, the clock was set back
_HEADER = struct.Struct("<8sQ16sqqQ")
_HEADER_BYTES = 64
_STEPPED_AT = _HEADER.size - 8
# order id, when, running number from 1; the byte after them is written last
_SLOT = struct.Struct(f"<{ORDER_ID_LENGTH}sqQ")
_WHOLE_SLOT = struct.Struct(f"<{ORDER_ID_LENGTH}sqQxB")
_SLOT_BYTES = _WHOLE_SLOT.size
_DONE_AT = _SLOT_BYTES - 1
_DONE = 0xA5
_BACKWARD_TOLERANCE = seconds(1)


class SendMarkRing:
    """Implements ports.send_marks.SendMarks; one process at a time, under the folder's lock."""

    def __init__(self, folder: Path, clock: Clock, *, boot: bytes | None = None, slots: int = SLOTS) -> None:
        """Go on with the ring of the process before, or begin a new one if the machine has started since.

        `boot`: what names this run of the machine, where the system's own name is not to be used.
        """
        self._clock = clock
        self._slots = slots
        self._memory = _mapped(folder / MARKS_FILE, _HEADER_BYTES + slots * _SLOT_BYTES)
        name = boot or boot_name()
        if not self._continues(name):
            self._begin(name)
        self._began: Nanos = _HEADER.unpack_from(self._memory)[4]
        self._number, self._last_at = self._newest()

    def mark(self, order_id: OrderId) -> None:
        """Note an order; see the contract."""
        at = self._clock.now()
        if at < self._last_at - _BACKWARD_TOLERANCE:
            # Times in the ring no longer tell what came before what: from here on they prove nothing.
            struct.pack_into("<Q", self._memory, _STEPPED_AT, 1)
        self._last_at = at
        number = self._number + 1
        begin = _HEADER_BYTES + self._number % self._slots * _SLOT_BYTES
        # A slot that is half written has no done byte: the process died in here, before the order's first byte.
        self._memory[begin + _DONE_AT] = 0
        _SLOT.pack_into(self._memory, begin, order_id.encode(), at, number)
        self._memory[begin + _DONE_AT] = _DONE
        self._number = number

    def surely_not_sent(self, order_id: OrderId, sending_since: Nanos) -> bool:
        """Say whether the ring covers the time since an order was claimed, and does not hold the order."""
        stepped = struct.unpack_from("<Q", self._memory, _STEPPED_AT)[0]
        if stepped or not self._covers_after() < sending_since <= self._clock.now():
            return False
        return not self._holds(order_id)

    def close(self) -> None:
        self._memory.close()

    def _covers_after(self) -> Nanos:
        """Return the instant after which no mark has been overwritten."""
        if self._number <= self._slots:
            return self._began
        # The slots to be overwritten next are the oldest; one that was left half written is passed over.
        for place in range(self._number, self._number + self._slots):
            begin = _HEADER_BYTES + place % self._slots * _SLOT_BYTES
            _, at, _, done = _WHOLE_SLOT.unpack_from(self._memory, begin)
            if done == _DONE:
                return Nanos(at)
        return self._last_at

    def _holds(self, order_id: OrderId) -> bool:
        wanted = order_id.encode()
        found = self._memory.find(wanted, _HEADER_BYTES)
        while found >= 0:
            offset = (found - _HEADER_BYTES) % _SLOT_BYTES
            if offset == 0 and self._memory[found + _DONE_AT] == _DONE:
                return True
            found = self._memory.find(wanted, found + 1)
        return False

    def _newest(self) -> tuple[int, Nanos]:
        """Return number and time of the newest mark, zeros if there is none."""
        slots = _WHOLE_SLOT.iter_unpack(memoryview(self._memory)[_HEADER_BYTES:])
        return max(((number, Nanos(at)) for _, at, number, done in slots if done == _DONE), default=(0, Nanos(0)))

    def _continues(self, name: bytes | None) -> bool:
        magic, slots, name_then, started_then, _, _ = _HEADER.unpack_from(self._memory)
        if magic != _MAGIC or slots != self._slots:
            return False
        now = started_at(self._clock)
        return same_boot(name_then=name_then, started_then=started_then, name_now=name, started_now=now)

    def _begin(self, name: bytes | None) -> None:
        self._memory[:] = bytes(len(self._memory))
        header = (self._slots, name or bytes(16), started_at(self._clock), self._clock.now(), 0)
        _HEADER.pack_into(self._memory, 0, _MAGIC, *header)


def _mapped(file: Path, size: int) -> mmap.mmap:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if os.fstat(handle).st_size != size:
            os.ftruncate(handle, 0)
            os.ftruncate(handle, size)
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
