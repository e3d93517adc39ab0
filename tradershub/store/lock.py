"""The lock of a data folder: one hub at a time, held by the operating system and gone with the process."""

import os
import sys
from pathlib import Path
from types import TracebackType

from tradershub.domain.errors import HubAlreadyRunning

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "tradershub.lock"
# Windows forbids reading what is locked: the locked byte lies far behind the text that names the holder.
_LOCKED_BYTE = 1 << 20


class FolderLock:
    """Hold it as a context, or call `release`. The file stays: removing it could unlock a folder that is in use."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises HubAlreadyRunning, naming the process that has it."""
        self._handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise HubAlreadyRunning(_who(folder)) from error
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        if self._handle < 0:
            return
        os.ftruncate(self._handle, 0)
        _give_back(self._handle)
        os.close(self._handle)
        self._handle = -1

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder_of(folder: Path) -> int | None:
    """Return the process that wrote itself into the lock file last, None if none did."""
    try:
        written = (folder / LOCK_FILE).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(written) if written.isdecimal() else None


def _who(folder: Path) -> str:
    pid = holder_of(folder)
    named = "another process" if pid is None else f"process {pid}"
    return f"{named} already uses {folder}: stop it first, or choose another data folder (TRADERSHUB_HOME)"


if sys.platform == "win32":

    def _take(handle: int) -> None:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _give_back(handle: int) -> None:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
