"""A real `tradershub` in a process of its own, as the command tests need it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.architecture.tree import REPOSITORY
from tradershub.cli import everything

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("TRADERSHUB_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def command(*arguments: str, **environment: str) -> Done:
    """Run one command to its end, in this process: what it loads is loaded once."""
    unset: dict[str, str | None] = {name: None for name in os.environ if name.startswith("TRADERSHUB_")}
    result = CliRunner().invoke(everything.commands(), arguments, env={**unset, **environment})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def process(*arguments: str, **environment: str) -> Done:
    """Run one command to its end in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tradershub", *arguments],
        cwd=REPOSITORY,
        env={**CLEAN, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass
class RunningHub:
    """A hub that has announced itself; `said` is what its terminal showed by then."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    said: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def shown(self, name: str) -> str:
        """Return a secret that the terminal showed."""
        found = re.search(rf"{name}\s+(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def call(self, method: str, path: str, document: object = None, *, token: str | None = None) -> tuple[int, Any]:
        body = document if isinstance(document, bytes) else None if document is None else json.dumps(document).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read() or b"null")

    def end(self) -> int:
        """End it as Ctrl-C does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        return self.process.returncode


def start(verb: str, home: Path, *options: str, **environment: str) -> RunningHub:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tradershub", verb, "--home", str(home), "--port", str(port), *options],
        cwd=REPOSITORY,
        env={**CLEAN, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return RunningHub(process=process, home=home, port=port, said="".join(lines))
    process.wait(timeout=20)
    raise AssertionError(f"the hub ended with {process.returncode}: {''.join(lines)}")
