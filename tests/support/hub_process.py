"""A real hub in a process and a data folder of its own: started, asked, stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.support.api_client import ApiClient
from tests.support.messages import SECRET
from tests.support.raw_http import Reply, exchange, free_port, request_bytes
from tests.support.waiting import until
from tradershub.settings.data_folder import DataFolder

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "th_test_0123456789abcdefghijklmnopqrstuvwxyz"
PASSWORD = "a password for tests only"
START_SECONDS = 30.0
RUN = (sys.executable, "-m", "tradershub", "run")


@dataclass
class HubProcess:
    """One data folder and the hub that runs in it. `command` may be another program that composes the same hub."""

    home: Path
    port: int = field(default_factory=free_port)
    command: Sequence[str] = RUN
    extra_environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.output = self.home.parent / f"{self.home.name}.output.txt"
        self.api = ApiClient(self.port, TOKEN)

    def __enter__(self) -> HubProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRADERSHUB_")}
        return {
            **kept,
            "TRADERSHUB_HOME": str(self.home),
            "TRADERSHUB_PORT": str(self.port),
            "TRADERSHUB_API_TOKEN": TOKEN,
            "TRADERSHUB_WEBHOOK_SECRET": SECRET,
            "TRADERSHUB_ADMIN_PASSWORD": PASSWORD,
            "PYTHONUNBUFFERED": "1",
            **self.extra_environment,
        }

    def launch(self) -> HubProcess:
        """Start the process and return at once."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                list(self.command), cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=output, stderr=output
            )
        return self

    def start(self) -> HubProcess:
        """Start the process and wait until it is ready, and until its pages and calls, which come last, answer."""
        self.launch()
        try:
            self.wait_until_ready()
            until(
                lambda: self.api.call("GET", "/api/platforms").status != 503, "the API answers", seconds=START_SECONDS
            )
        except BaseException:
            self.kill()
            raise
        return self

    def wait_until_ready(self, *, seconds: float = START_SECONDS, every: float = 0.02) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"the hub ended while it started:\n{self.log()[-4000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the hub was not ready within {seconds:g} s:\n{self.log()[-4000:]}")
            time.sleep(every)

    def is_ready(self) -> bool:
        try:
            return exchange(self.port, request_bytes("GET", "/readyz"), seconds=2.0).status == 200
        except OSError:
            return False

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def ended(self, *, seconds: float = START_SECONDS) -> int:
        """Wait for the end of the process and return its exit code."""
        assert self.process is not None
        code = self.process.wait(seconds)
        self._close()
        return code

    def kill(self) -> None:
        """End it as a power cut of the process would: nothing of it runs any more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._close()

    def stop(self, *, seconds: float = 15.0) -> int | None:
        """Ask it to end; one that does not is killed. Returns the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        code = self.process.returncode
        self._close()
        return code

    def restart(self) -> HubProcess:
        self.stop()
        return self.start()

    def _close(self) -> None:
        self.api.close()
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def post(self, path: str, body: bytes, *, content_type: str = "application/json") -> Reply:
        """Post one message on a connection of its own."""
        return exchange(self.port, request_bytes("POST", path, body, (("Content-Type", content_type),)))

    def signal(self, body: bytes) -> Reply:
        """Post one native message."""
        return self.post("/webhook/native", body)

    def log(self) -> str:
        """Return everything the process has written: its output and the log files of its data folder."""
        files = [self.output, *sorted(self.home.rglob("*.log*"))]
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())

    def database(self) -> Path:
        """Return the journal's file."""
        return DataFolder(root=self.home).database

    def run(self, *arguments: str, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run another command of the hub on the same data folder."""
        command = [sys.executable, "-m", "tradershub", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, encoding="utf-8", timeout=seconds, check=False
        )
