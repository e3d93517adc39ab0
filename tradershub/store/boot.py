"""Which run of the machine this is: what only the kernel remembers is gone with it."""

import ctypes
import hashlib
import sys
from pathlib import Path

from tradershub.domain.clock import Nanos, seconds
from tradershub.ports.clock import Clock

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UUID_CHARACTERS = 37
_TOLERANCE = seconds(5)
"""Between two readings of when the machine started, by clocks that are set and slewed; booting takes longer."""


def boot_name() -> bytes | None:
    """Return 16 bytes that name this run of the machine; None where the system has no such name."""
    if sys.platform == "darwin":
        return _named(_mac_session())
    try:
        return _named(_LINUX_BOOT_ID.read_text(encoding="ascii").strip())
    except OSError:
        return None


def started_at(clock: Clock) -> Nanos:
    """Return about when the machine started, by the clock that has counted since."""
    return Nanos(clock.now() - clock.monotonic())


def same_boot(*, name_then: bytes, started_then: Nanos, name_now: bytes | None, started_now: Nanos) -> bool:
    """Say whether two readings are of one run of the machine; in doubt, False."""
    if name_now is not None:
        return name_then == name_now
    # Windows: no name, but the start of the machine, which another start cannot repeat within seconds.
    return not any(name_then) and abs(started_then - started_now) <= _TOLERANCE


def _named(text: str | None) -> bytes | None:
    return hashlib.blake2b(text.encode(), digest_size=16).digest() if text else None


def _mac_session() -> str | None:
    library = ctypes.CDLL(None)
    size = ctypes.c_size_t(_UUID_CHARACTERS)
    buffer = ctypes.create_string_buffer(size.value)
    failed = library.sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, 0)
    return None if failed else buffer.value.decode()
