"""The layers hold, in the source and in a running process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY

HEAVY = {"alembic", "apprise", "apscheduler", "numpy", "pandas", "pywebpush", "scipy", "sklearn", "MetaTrader5"}
LOADED = "import json, sys; import tradershub.app; print(json.dumps(sorted(sys.modules)))"
LINTER = (
    "import sys; sys.path.insert(0, sys.argv[1]); from importlinter.cli import lint_imports; "
    "sys.exit(lint_imports(config_filename=sys.argv[2], no_cache=True))"
)


@pytest.fixture(scope="module")
def loaded_by_the_hub() -> set[str]:
    """Return every module that a process has loaded once it holds the composition root."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=REPOSITORY, check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_the_hub_process_loads_nothing_heavy(loaded_by_the_hub: set[str]) -> None:
    assert {name.split(".")[0] for name in loaded_by_the_hub} & HEAVY == set()


def test_the_hub_process_loads_no_executor_that_is_not_enabled(loaded_by_the_hub: set[str]) -> None:
    prefix = "tradershub.executors."
    found = {name.removeprefix(prefix) for name in loaded_by_the_hub if name.startswith(prefix)}
    assert found <= {"registry"}


def test_imports_keep_to_the_layers() -> None:
    done = lint_imports(REPOSITORY / "pyproject.toml", REPOSITORY)
    assert done.returncode == 0, done.stdout


DEFECTS = {
    "upwards": ("domain/bad.py", "import tradershub.hub\n", "point down"),
    "sibling": ("hub/bad.py", "import tradershub.executors\n", "point down"),
    "unknown layer": ("surprise.py", "", "point down"),
    "past the ports": ("web/bad.py", "import tradershub.store\n", "only through"),
    "I/O in the domain": ("domain/bad.py", "import socket\n", "do no I/O"),
    "MetaTrader5": ("executors/bad.py", "import MetaTrader5\n", "MetaTrader5"),
    "heavy hub": ("hub/bad.py", "import numpy\n", "nothing heavy"),
    "migrations in the hub": ("store/bad.py", "import alembic\n", "nothing heavy"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_broken_layer_is_caught(name: str, tmp_path: Path) -> None:
    path, text, contract = DEFECTS[name]
    for layer in (REPOSITORY / "tradershub").rglob("__init__.py"):
        copy = tmp_path / layer.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("", encoding="utf-8")
    (tmp_path / "tradershub" / path).write_text(text, encoding="utf-8")
    done = lint_imports(REPOSITORY / "pyproject.toml", tmp_path)
    assert done.returncode == 1
    broken = [line for line in done.stdout.split("Broken contracts")[-1].splitlines() if contract in line]
    assert broken, done.stdout


def lint_imports(configuration: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the package that lies in the given folder by our contracts."""
    command = [sys.executable, "-c", LINTER, str(folder), str(configuration)]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, encoding="utf-8")
