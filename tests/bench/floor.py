"""The least that any hub must do, in one blocking process: take the request, sync a record, send the order, answer.

Every figure of the hub is printed beside this one of the same run: the machine's disk and loopback, with as good as no
program in between.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path

RECORD = b"r" * 120
RECORDS = 4096
ANSWER = b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{"status":"accepted"}'


class Disk:
    """A preallocated file that is written in place, one record a time, each synced."""

    def __init__(self, folder: Path) -> None:
        file = folder / "floor.bin"
        file.write_bytes(bytes(len(RECORD) * RECORDS))
        self._handle = os.open(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
        os.fsync(self._handle)
        self._next = 0

    def write(self) -> None:
        offset = (self._next % RECORDS) * len(RECORD)
        self._next += 1
        if sys.platform == "win32":
            os.lseek(self._handle, offset, os.SEEK_SET)
            os.write(self._handle, RECORD)
            os.fsync(self._handle)
        else:
            os.pwrite(self._handle, RECORD, offset)
            self._sync()

    def _sync(self) -> None:
        if sys.platform == "linux":
            os.fdatasync(self._handle)
        else:
            os.fsync(self._handle)

    def close(self) -> None:
        os.close(self._handle)


def order_line(number: int) -> bytes:
    """Return a line as the hub's socket link writes it."""
    return (
        b'{"order_id":"FL%012d","account":"Sim101","instrument":"MES 12-26","action":"BUY","quantity":"1",'
        b'"order_type":"market","limit_price":null,"stop_price":null,"stop_loss":null,"take_profit":null,'
        b'"strategy_name":"momentum","sent_at":"2026-11-22T15:30:00.123456Z"}\n' % number
    )


def serve(recorder_port: int) -> None:
    """Say the port, then answer the requests of one sender until it hangs up."""
    with tempfile.TemporaryDirectory(prefix="floor-") as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        disk = Disk(Path(folder))
        wire = socket.create_connection(("127.0.0.1", recorder_port))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        sender, _ = listener.accept()
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer_all(sender, wire, disk)
        wire.close()
        disk.close()


def answer_all(sender: socket.socket, wire: socket.socket, disk: Disk) -> None:
    number = 0
    while is_there(sender):
        disk.write()
        wire.sendall(order_line(number))
        sender.sendall(ANSWER)
        number += 1
        if number % 64 == 0:
            forget_answers(wire)


def is_there(sender: socket.socket) -> bool:
    """Take one whole request; False once the sender has gone."""
    received = sender.recv(65536)
    while received and b"\r\n\r\n" not in received:
        received += sender.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        return False
    length = int(head.lower().rpartition(b"content-length:")[2].split(b"\r\n", 1)[0])
    left = length - len(body)
    while left > 0:
        left -= len(sender.recv(65536))
    return True


def forget_answers(wire: socket.socket) -> None:
    """Throw away what the recording process has answered, so that it is never blocked."""
    wire.setblocking(False)
    try:
        while wire.recv(65536):
            pass
    except BlockingIOError:
        pass
    finally:
        wire.setblocking(True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
