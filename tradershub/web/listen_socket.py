"""Take a port before anything is served on it, and say who holds it if somebody else does."""

import errno
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tradershub.domain.errors import TradersHubError

_BACKLOG: Final = 2048
_LISTENING: Final = "0A"
_TAKEN: Final = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}


class CannotListen(TradersHubError):  # noqa: N818 -- what happened, in words
    """The address cannot be listened on; the text says why."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port = host, port
        super().__init__(f"cannot listen on {host}:{port}: {reason}")


class PortInUse(CannotListen):
    """Another program listens there; `holder` names it where this system tells."""

    def __init__(self, host: str, port: int, holder: str | None) -> None:
        self.holder = holder
        super().__init__(host, port, f"the port is in use by {holder or 'another program'}; choose another with --port")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; connections wait in its queue until it is served. Port 0 takes a free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise CannotListen(host, port, str(error)) from error
    try:
        _make_exclusive(taken)
        taken.bind(address)
        # Listening at once: two sockets may share a port as long as neither of them listens.
        taken.listen(_BACKLOG)
        taken.setblocking(False)
    except OSError as error:
        taken.close()
        if error.errno in _TAKEN or (sys.platform == "win32" and error.errno == errno.EACCES):
            raise PortInUse(host, port, holder_of(port)) from error
        raise CannotListen(host, port, error.strerror or str(error)) from error
    return taken


def _make_exclusive(taken: socket.socket) -> None:
    if sys.platform == "win32":
        # SO_REUSEADDR would let two programs listen on one port there.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if taken.family == socket.AF_INET6:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def holder_of(port: int) -> str | None:
    """Return a name for the program that listens on `port`, None where it cannot be told."""
    ways = {"linux": _holder_by_proc, "win32": _holder_by_netstat, "darwin": _holder_by_lsof}
    way = ways.get(sys.platform)
    return None if way is None else way(port)


def _holder_by_netstat(port: int) -> str | None:
    pid = pid_in_netstat(_output("netstat", "-ano", "-p", "TCP"), port)
    return None if pid is None else f"process {pid}"


def _holder_by_lsof(port: int) -> str | None:
    return holder_in_lsof(_output("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"))


def pid_in_netstat(text: str, port: int) -> int | None:
    """Read Windows' `netstat -ano`. Its words are translated: a listener is known by its foreign port 0."""
    match = re.search(rf"^\s*TCP\s+\S+:{port}\s+\S+:0\s+\S+\s+(\d+)\s*$", text, re.MULTILINE)
    return None if match is None else int(match.group(1))


def holder_in_lsof(text: str) -> str | None:
    """Read `lsof -Fpc`: a line p<pid>, then a line c<command>."""
    match = re.search(r"^p(\d+)\nc(.+)$", text, re.MULTILINE)
    return None if match is None else f"{match.group(2)} (process {match.group(1)})"


def _output(*command: str) -> str:
    try:
        return subprocess.run(  # noqa: S603 -- fixed commands of the system, an integer is the only argument
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=3, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _holder_by_proc(port: int) -> str | None:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (process {process.name})"
        except OSError:
            # It has ended, or belongs to another user, whose handles we may not see.
            continue
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for columns in map(str.split, lines):
            if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                yield columns[9]
