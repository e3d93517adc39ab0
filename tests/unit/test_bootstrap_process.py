"""hub.py, started as a person starts it: one clear line for whatever is wrong, never a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="stands a shell script in for a program")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    code: int
    out: str
    errors: str

    def is_one_line(self) -> bool:
        return self.errors.startswith("hub.py: ") and self.errors.count("\n") == 1 and "Traceback" not in self.errors


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of what hub.py needs, in a folder whose name is not plain, with a lock that names no package."""
    folder = tmp_path / "the trader's folder é"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(REPOSITORY / "hub.py", folder)
    shutil.copytree(
        REPOSITORY / "tradershub", folder / "tradershub", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    for lock in ("core.lock", "dev.lock"):
        (folder / "requirements" / lock).write_text("# none\n", encoding="utf-8")
    return folder


def start(project: Path, *arguments: str, python: str = sys.executable, **environment: str) -> Answer:
    done = subprocess.run(
        [python, str(project / "hub.py"), *arguments],
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return Answer(code=done.returncode, out=done.stdout, errors=done.stderr)


def pretend(version: str) -> list[str]:
    """Return a command that runs hub.py as if this Python were another."""
    code = f"import runpy, sys; sys.version_info = {version}; del sys.argv[0]; "
    return [sys.executable, "-c", code + "runpy.run_path(sys.argv[0], run_name='__main__')"]


@pytest.mark.parametrize("version", ["(3, 8, 18)", "(3, 10, 0)", "(3, 15, 0)"])
def test_a_python_that_does_not_fit_is_told_so(project: Path, version: str) -> None:
    done = subprocess.run(
        [*pretend(version), str(project / "hub.py"), "setup"],
        env={**os.environ, "PATH": str(project)},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    answer = Answer(code=done.returncode, out=done.stdout, errors=done.stderr)
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert "TradersHub needs Python 3.11 to 3.14; this is 3." in answer.errors
    assert not (project / ".venv").exists()


def old_python() -> str | None:
    on_path = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    elsewhere = [str(path) for path in Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python")]
    return next((path for path in (*on_path, *elsewhere) if path is not None and works(path)), None)


def works(python: str) -> bool:
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


def test_a_real_old_python_is_told_so(project: Path) -> None:
    python = old_python()
    if python is None:
        pytest.skip("no Python older than 3.11 on the PATH: any of python3.6 to python3.10 will do")
    answer = start(project, "setup", python=python, PATH=str(project))
    assert answer.code == 1
    assert answer.is_one_line(), answer


@needs_posix
def test_an_old_python_goes_on_with_a_newer_one_on_the_path(project: Path) -> None:
    tools = project / "tools"
    tools.mkdir()
    minor = f"python3.{sys.version_info.minor}"
    (tools / minor).symlink_to(sys.executable)
    broken = tools / f"python3.{14 if sys.version_info.minor != 14 else 13}"
    broken.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    broken.chmod(0o755)
    done = subprocess.run(
        [*pretend("(3, 8, 18)"), str(project / "hub.py"), "setup", "--help"],
        env={**os.environ, "PATH": str(tools)},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert f"Python 3.8 does not fit, going on with {minor}" in done.stdout
    assert "usage: python3 hub.py setup" in done.stdout


def test_no_verb_shows_the_verbs(project: Path) -> None:
    answer = start(project)
    assert answer.code == 0
    assert all(f"  {verb} " in answer.out for verb in ("demo", "run", "setup", "test", "check", "bench"))


def test_an_unknown_verb_shows_the_verbs_and_fails(project: Path) -> None:
    answer = start(project, "fly")
    assert answer.code == 2
    assert "there is no `fly`" in answer.out


def test_a_missing_venv_part_is_named_with_its_remedy(project: Path) -> None:
    code = (
        "import runpy, sys, importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'ensurepip' else find(name, *a); "
        "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(project / "hub.py"), "setup"],
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    answer = Answer(code=done.returncode, out=done.stdout, errors=done.stderr)
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert f"apt install python3.{sys.version_info.minor}-venv" in answer.errors


def test_a_file_in_the_way_is_named(project: Path) -> None:
    (project / ".venv").write_text("", encoding="utf-8")
    answer = start(project, "setup")
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert ".venv is in the way" in answer.errors


def test_a_folder_that_cannot_be_written_is_named(project: Path) -> None:
    # A folder where the lock file belongs is refused to everybody, an administrator too.
    (project / ".venv.lock").mkdir()
    answer = start(project, "setup")
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert ".venv.lock" in answer.errors


@needs_posix
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="an administrator may write everywhere")
def test_a_read_only_folder_is_named(project: Path) -> None:
    project.chmod(0o555)
    answer = start(project, "setup")
    project.chmod(0o755)
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert "cannot be written" in answer.errors


def test_a_set_up_links_the_project_and_is_remembered(project: Path) -> None:
    first = start(project, "setup")
    assert first.code == 0, first
    assert "installing 0 packages" in first.out
    assert "ready in" in first.out
    again = start(project, "setup")
    assert "ready in" not in again.out
    python = next(path for path in (project / ".venv").glob("*/python*") if path.stem == "python")
    done = subprocess.run(
        [python, "-c", "import tradershub; print(ascii(tradershub.__file__))"],
        cwd=project.parent,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.strip() == ascii(str(project / "tradershub" / "__init__.py"))


def test_no_network_is_said_in_one_line_and_keeps_what_worked(project: Path) -> None:
    assert start(project, "setup").code == 0
    hashes = " ".join(f"--hash=sha256:{digit * 64}" for digit in "0")
    (project / "requirements" / "dev.lock").write_text(f"not-a-package-of-anyone==1.0 {hashes}\n", encoding="utf-8")
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}
    answer = start(project, "bench", **offline)
    assert answer.code == 1
    assert answer.is_one_line(), answer
    assert "no network" in answer.errors
    assert "ready in" not in start(project, "setup").out


def test_an_interrupted_set_up_is_made_anew(project: Path) -> None:
    assert start(project, "setup").code == 0
    stamp = project / ".venv" / "tradershub-stamp.json"
    stamp.unlink()
    leftover = project / ".venv" / "half-installed"
    leftover.touch()
    answer = start(project, "setup")
    assert answer.code == 0, answer
    assert "anew" in answer.out
    assert stamp.exists()
    assert not leftover.exists()


@needs_posix
def test_the_hub_takes_the_place_of_the_bootstrap(project: Path) -> None:
    (project / "tradershub" / "__main__.py").write_text(
        "import os, sys\nprint(os.getpid(), os.getcwd(), *sys.argv[1:], flush=True)\nsys.exit(7)\n", encoding="utf-8"
    )
    assert start(project, "setup").code == 0
    process = subprocess.Popen(
        [sys.executable, str(project / "hub.py"), "run", "--port", "1"],
        cwd=project.parent,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    out, _ = process.communicate(timeout=60)
    assert out.strip() == f"{process.pid} {project.parent} run --port 1"
    assert process.returncode == 7


@needs_posix
def test_ctrl_c_during_a_set_up_ends_without_a_traceback(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", str(project / "hub.py"), "setup"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "hub.py: stopped; the same command starts over"
    assert not (project / ".venv" / "tradershub-stamp.json").exists()
