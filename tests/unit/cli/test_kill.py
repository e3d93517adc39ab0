"""`tradershub kill` latches whatever the state of the hub, and never lets go of what is latched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tradershub.cli import at_once, latching
from tradershub.cli.terminal import application
from tradershub.hub.latch_file import read_latch
from tradershub.settings.data_folder import DataFolder
from tradershub.settings.endpoint import write_endpoint
from tradershub.settings.private_files import write_private
from tradershub.store.lock import FolderLock


def kill(folder: Path, *options: str) -> Result:
    commands = application("test")
    at_once.add_to(commands)
    return CliRunner().invoke(commands, ["kill", "--home", str(folder), *options])


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait two seconds for a hub that is not there."""
    monkeypatch.setattr("tradershub.cli.kill._ANSWER_SECONDS", 0.05)


class HubDouble:
    """Answers POST /api/kill like a hub."""

    def __init__(self, status: int = 202, body: dict[str, object] | None = None) -> None:
        self.requests: list[tuple[str, str | None, dict[str, object]]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.requests.append((self.path, self.headers["Authorization"], sent))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body or {}).encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def announced(folder: Path, url: str) -> DataFolder:
    known = DataFolder(root=folder)
    write_endpoint(known, url)
    write_private(known.kill_token, "kill-token\n")
    return known


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubDouble]:
    double = HubDouble()
    announced(tmp_path, double.url)
    yield double
    double.close()


def test_a_running_hub_is_asked_with_the_kill_token(tmp_path: Path, hub: HubDouble) -> None:
    done = kill(tmp_path, "--scope", "platform:paper", "--reason", "news")
    assert done.exit_code == 0
    document = {"level": "stop", "scope": "platform:paper", "reason": "news"}
    assert hub.requests == [("/api/kill", "Bearer kill-token", document)]
    assert not (tmp_path / "HALT").exists()


def test_a_scope_that_the_hub_does_not_know_is_told_and_stops_nothing(tmp_path: Path) -> None:
    double = HubDouble(404, {"code": "not_found", "advice": "there is no account of this name"})
    announced(tmp_path, double.url)
    done = kill(tmp_path, "--scope", "account:paper:nope")
    double.close()
    assert done.exit_code == 2
    assert "no account of this name" in done.stderr
    assert not (tmp_path / "HALT").exists()


@pytest.mark.parametrize("status", [401, 403, 500, 503])
@pytest.mark.usefixtures("patience")
def test_a_hub_that_does_not_do_it_is_stopped_by_file(tmp_path: Path, status: int) -> None:
    double = HubDouble(status)
    announced(tmp_path, double.url)
    done = kill(tmp_path)
    double.close()
    assert done.exit_code == 0
    assert (tmp_path / "HALT").exists()


@pytest.mark.usefixtures("patience")
def test_without_a_hub_the_file_latches_what_the_hub_will_read(tmp_path: Path) -> None:
    (tmp_path / "tradershub.db").touch()
    done = kill(tmp_path, "--scope", "account:paper:main", "--reason", "over lunch")
    assert done.exit_code == 0
    assert "no hub is running" in done.stdout
    row = read_latch(tmp_path, now=0)
    assert row is not None
    assert (row.scope, row.level.value, row.reason) == ("account:paper:main", "stop", "over lunch")
    assert not (tmp_path / "HALT.tmp").exists()


@pytest.mark.usefixtures("patience")
def test_a_folder_that_no_hub_has_used_is_latched_and_questioned(tmp_path: Path) -> None:
    done = kill(tmp_path / "elsewhere")
    assert done.exit_code == 0
    assert "is it the right one" in done.stdout
    assert (tmp_path / "elsewhere" / "HALT").exists()


@pytest.mark.usefixtures("patience")
def test_a_hub_that_hangs_is_named(tmp_path: Path) -> None:
    (tmp_path / "tradershub.db").touch()
    with FolderLock(tmp_path):
        done = kill(tmp_path)
    assert done.exit_code == 0
    assert "did not answer" in done.stdout


def test_a_hub_that_answers_the_file_is_believed(tmp_path: Path) -> None:
    folder = DataFolder(root=tmp_path)
    latch = latching.Latch(level="stop", scope="global")
    # An answer to an earlier latch is none to this one.
    folder.halt_answer.write_text('{"scope": "global"}', encoding="utf-8")
    latching.write(folder, latch, reason="r", by="b", now=0)  # type: ignore[arg-type]
    assert not latching.answered(folder, latch)
    pauses: list[float] = []

    def answer(seconds: float) -> None:
        pauses.append(seconds)
        folder.halt_answer.write_text('{"scope": "global"}', encoding="utf-8")

    assert latching.wait_for_answer(folder, latch, seconds=2.0, monotonic=lambda: 0, pause=answer)
    assert len(pauses) == 1


@pytest.mark.usefixtures("patience")
def test_the_same_stop_twice_changes_nothing(tmp_path: Path) -> None:
    kill(tmp_path, "--reason", "first")
    before = (tmp_path / "HALT").read_bytes()
    done = kill(tmp_path, "--reason", "second")
    assert done.exit_code == 0
    assert "already" in done.stdout
    assert (tmp_path / "HALT").read_bytes() == before


@pytest.mark.usefixtures("patience")
def test_a_narrower_stop_does_not_open_a_wider_one(tmp_path: Path) -> None:
    kill(tmp_path)
    kill(tmp_path, "--scope", "account:paper:main")
    row = read_latch(tmp_path, now=0)
    assert row is not None
    assert row.scope == "global"


@pytest.mark.usefixtures("patience")
def test_two_narrow_stops_become_a_global_one(tmp_path: Path) -> None:
    kill(tmp_path, "--scope", "account:paper:main")
    done = kill(tmp_path, "--scope", "account:paper:swing")
    assert "now global" in done.stdout
    row = read_latch(tmp_path, now=0)
    assert row is not None
    assert row.scope == "global"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"level": 1}'])
@pytest.mark.usefixtures("patience")
def test_a_latch_that_cannot_be_read_stays_a_stop_of_everything(tmp_path: Path, content: str) -> None:
    (tmp_path / "HALT").write_text(content, encoding="utf-8")
    assert kill(tmp_path, "--scope", "account:paper:main").exit_code == 0
    row = read_latch(tmp_path, now=0)
    assert row is not None
    assert row.scope == "global"


@pytest.mark.parametrize("level", ["cancel", "flatten"])
def test_levels_of_a_later_version_are_refused(tmp_path: Path, level: str) -> None:
    done = kill(tmp_path, "--level", level)
    assert done.exit_code == 2
    assert "later version" in done.stderr
    assert not (tmp_path / "HALT").exists()


def test_a_level_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    assert kill(tmp_path, "--level", "panic").exit_code == 2
