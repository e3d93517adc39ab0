"""What the repository holds, as the architecture tests see it."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.rules import Source

REPOSITORY = Path(__file__).resolve().parents[2]
# Written by a code generator, or by others: their style is theirs.
FOREIGN = ("tradershub/executors/ctrader_proto/", "/vendor/", "requirements/")


@functools.cache
def project_files() -> tuple[Path, ...]:
    """Return what git would keep, or every file outside dot folders where the project came without its history."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, encoding="utf-8")
    if listed.returncode == 0 and listed.stdout:
        found = [REPOSITORY / name for name in listed.stdout.splitlines()]
    else:
        found = [path for path in REPOSITORY.rglob("*") if not relative(path).startswith(".")]
    return tuple(sorted(path for path in found if path.is_file()))


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def is_foreign(path: Path) -> bool:
    return any(part in relative(path) for part in FOREIGN)


def sources(*prefixes: str) -> Iterator[Source]:
    """Yield our own Python files beneath the given paths."""
    for path in project_files():
        if path.suffix == ".py" and relative(path).startswith(prefixes) and not is_foreign(path):
            yield Source(path=relative(path), text=path.read_text(encoding="utf-8"))
