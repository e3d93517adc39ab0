"""hub.py decides, explains and remembers as it should; nothing here installs anything."""

from __future__ import annotations

import ast
import errno
import json
import sys
from pathlib import Path

import pytest

import hub


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project folder of its own, with an environment that looks complete."""
    scripts = tmp_path / ".venv" / hub.SCRIPTS.name
    scripts.mkdir(parents=True)
    (scripts / hub.PYTHON.name).touch()
    (tmp_path / "core.lock").write_text("a==1\n", encoding="utf-8")
    (tmp_path / "dev.lock").write_text("a==1\nb==2\n", encoding="utf-8")
    monkeypatch.setattr(hub, "REPOSITORY", tmp_path)
    monkeypatch.setattr(hub, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(hub, "PYTHON", scripts / hub.PYTHON.name)
    monkeypatch.setattr(hub, "STAMP", tmp_path / ".venv" / hub.STAMP.name)
    monkeypatch.setattr(hub, "LOCKS", {"core": tmp_path / "core.lock", "dev": tmp_path / "dev.lock"})
    return tmp_path


def stamp(folder: Path, **changes: str) -> None:
    hub.write_stamp(
        {"python": hub.this_python(), "repository": str(folder), "core": hub.digest("core"), **changes},
    )


def test_an_old_python_can_read_the_file() -> None:
    text = Path(hub.__file__).read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))
    assert "from __future__" not in text


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(hub.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("version", "fits"),
    [((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False), ((4, 0), False)],
)
def test_the_python_must_be_one_that_the_locks_serve(version: tuple[int, int], fits: bool) -> None:
    assert hub.is_supported(version) is fits


def test_a_finished_set_up_is_remembered(folder: Path) -> None:
    stamp(folder)
    assert hub.is_current("core")
    assert not hub.is_current("dev")


def test_an_interrupted_set_up_is_not_taken_for_a_whole_one(folder: Path) -> None:
    assert not hub.is_current("core")
    assert not hub.is_usable(hub.read_stamp())


def test_half_a_stamp_counts_as_none(folder: Path) -> None:
    hub.STAMP.write_text('{"python": "3.', encoding="utf-8")
    assert hub.read_stamp() == {}


def test_a_changed_lock_is_installed_again(folder: Path) -> None:
    stamp(folder)
    hub.LOCKS["core"].write_text("a==2\n", encoding="utf-8")
    assert not hub.is_current("core")


def test_a_moved_folder_gets_a_new_environment(folder: Path) -> None:
    stamp(folder, repository="elsewhere")
    assert not hub.is_ours(hub.read_stamp())


def test_another_python_gets_a_new_environment(folder: Path) -> None:
    stamp(folder, python="3.10")
    assert not hub.is_ours(hub.read_stamp())


def test_an_environment_without_its_python_is_made_anew(folder: Path) -> None:
    stamp(folder)
    hub.PYTHON.unlink()
    assert not hub.is_current("core")


PIP_SAYS = {
    "disk": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "the disk is full",
    ),
    "rights": (
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'",
        "cannot be written",
    ),
    "no name": (
        "WARNING: Retrying: Temporary failure in name resolution\nERROR: No matching distribution found for a==1",
        "no network",
    ),
    "proxy": (
        "WARNING: Retrying after ProxyError('Cannot connect to proxy.', OSError('403'))\nERROR: No matching",
        "no network",
    ),
    "certificate": ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "PIP_CERT"),
    "hash": ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "nothing was installed"),
    "no wheel": ("ERROR: No matching distribution found for uvloop==0.23.0", "no ready-made uvloop==0.23.0"),
    "cache": (
        "WARNING: The cache: Permission denied\nERROR: Something new happened",
        "ERROR: Something new happened",
    ),
}


@pytest.mark.parametrize("name", PIP_SAYS)
def test_what_pip_says_becomes_one_clear_line(name: str) -> None:
    output, meaning = PIP_SAYS[name]
    line = hub.meaning_of(output)
    assert meaning in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OSError(errno.ENOSPC, "No space", "stamp"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "stamp"), "cannot be written"),
        (OSError(errno.EROFS, "Read-only file system", "stamp"), "cannot be written"),
        (OSError(errno.EIO, "Input/output error", "stamp"), "stamp: Input/output error"),
    ],
)
def test_what_the_system_refuses_becomes_one_clear_line(error: OSError, meaning: str) -> None:
    assert meaning in hub.explain(error)


def test_the_child_is_not_sent_elsewhere_by_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_TARGET", "PIP_PREFIX", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "kept")
    environment = hub.child_environment()
    assert "elsewhere" not in environment.values()
    assert environment["PIP_USER"] == "0"
    assert environment["PIP_INDEX_URL"] == "kept"


def test_the_stamp_is_readable_and_replaced_as_a_whole(folder: Path) -> None:
    stamp(folder)
    assert json.loads(hub.STAMP.read_text(encoding="utf-8"))["core"] == hub.digest("core")
    assert not hub.STAMP.with_suffix(".new").exists()
