"""What the store's tests share: a clock that is set by hand, a look into the file, a process that can be killed."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tradershub.domain.clock import Nanos, seconds
from tradershub.testing.journal_samples import BEGIN

REPOSITORY = Path(__file__).resolve().parents[3]


class SetClock:
    """Implements ports.clock.Clock; stands still until it is moved."""

    def __init__(self) -> None:
        self.at = BEGIN
        self.up = seconds(1000)

    def now(self) -> Nanos:
        return self.at

    def monotonic(self) -> Nanos:
        return self.up

    def perf(self) -> int:
        return self.up

    async def sleep(self, seconds: float) -> None:
        self.move(round(seconds))

    def move(self, by: int) -> None:
        self.at = Nanos(self.at + seconds(by))
        self.up = Nanos(self.up + seconds(by))


def rows(file: Path, question: str, *parameters: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question, parameters).fetchall()


def execute(file: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, parameters)


def child(module: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a module of the tests as a process of its own."""
    command: Sequence[str] = (sys.executable, "-m", module, *arguments)
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
