"""The recorder in a process of its own: the platform's side of the socket link, which outlives every hub."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

from tests.support.hub_process import ROOT
from tests.support.raw_http import free_port


class RecorderProcess:
    """Notes every line it gets. The port stays its own while it is stopped, so that a link can find it again."""

    def __init__(self, *, acknowledges: bool = True, delay_ms: float = 0.0, reject_rate: float = 0.0) -> None:
        self.port = free_port()
        self._options = [
            *("--port", str(self.port), "--ack", "accepted" if acknowledges else "none"),
            *("--delay-ms", str(delay_ms), "--reject-rate", str(reject_rate)),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> RecorderProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> RecorderProcess:
        command = [sys.executable, "-m", "tradershub.testing.recorder", *self._options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said.strip():
            raise AssertionError("the recorder did not start")
        return self

    def stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def counts(self) -> dict[str, Any]:
        """Return `{lines, orders, repeated, unreadable}`."""
        return self._ask("counts")

    def arrivals(self) -> dict[str, list[int]]:
        """Return, by order id, when each of its lines came, by time.perf_counter_ns."""
        found: dict[str, list[int]] = self._ask("arrivals")["arrivals"]
        return found

    def forget(self) -> None:
        self._ask("forget")

    def wait_for(self, orders: int, *, seconds: float = 60.0, every: float = 0.005) -> None:
        """Return once so many different orders have come."""
        deadline = time.monotonic() + seconds
        while (found := self.counts()["orders"]) < orders:
            if time.monotonic() > deadline:
                raise AssertionError(f"{found} of {orders} orders reached the recorder in {seconds:g} s")
            time.sleep(every)

    def _ask(self, command: str) -> Any:
        if self._control is None:
            self._control = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self._control.sendall(json.dumps({"control": command}).encode() + b"\n")
        received = bytearray()
        while not received.endswith(b"\n"):
            piece = self._control.recv(1 << 20)
            if not piece:
                raise AssertionError("the recorder is gone")
            received += piece
        return json.loads(received)
