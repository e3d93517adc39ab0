"""The commands against a real hub: first while it runs, then after it has ended."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import REPOSITORY
from tests.unit.cli.hub_process import RunningHub, command, free_port, process, start

ALERT = {"strategy_name": "first", "symbol": "MES1!", "action": "buy", "quantity": 1, "price": 6820.25}
STRATEGY = {"name": "first", "status": "live", "routes": [{"account": "paper:main"}]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    hub = start("run", tmp_path_factory.mktemp("hub"))
    yield hub
    hub.end()


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of a hub that ran, got a strategy and one order, and was ended."""
    hub = start("run", tmp_path_factory.mktemp("ended"))
    first_order(hub)
    assert hub.end() == 0
    return hub.home


def first_order(hub: RunningHub) -> dict[str, Any]:
    """Do what the README says; return the trace of the signal once its order is filled."""
    token = hub.shown("API token")
    status, _ = hub.call("POST", "/api/strategies", STRATEGY, token=token)
    assert status == 201
    alert = {"secret": hub.shown("webhook secret"), **ALERT}
    status, answer = hub.call("POST", "/tradingview-webhook", json.dumps(alert).encode())
    assert (status, answer["status"]) == (202, "accepted"), answer
    for _ in range(100):
        _, found = hub.call("GET", f"/api/signals/{answer['signal_id']}", token=token)
        if found["orders"][0]["state"] == "filled":
            break
        time.sleep(0.05)
    trace: dict[str, Any] = found
    return trace


def test_the_first_alert_of_the_readme_is_filled_and_traced(tmp_path: Path) -> None:
    hub = start("run", tmp_path)
    found = first_order(hub)
    assert found["orders"][0]["state"] == "filled"
    assert found["orders"][0]["average_price"] == "6820.25"
    assert found["trace"]["accounts"][0]["stages_us"]["filled"] > 0
    began = time.perf_counter()
    assert hub.end() == 0
    assert time.perf_counter() - began < 3


def test_secrets_are_shown_once_and_given_ones_never(ended: Path) -> None:
    given = "Zk3vQm81LxwT0pRs-77"
    hub = start("run", ended, TRADERSHUB_WEBHOOK_SECRET=given)
    status, _ = hub.call("POST", "/tradingview-webhook", json.dumps({**ALERT, "secret": given, "quantity": 2}).encode())
    hub.end()
    assert status == 202
    assert "admin password" not in hub.said
    assert "webhook secret" not in hub.said
    assert given not in hub.said
    assert given not in (ended / "logs" / "tradershub.log").read_text(encoding="utf-8")


def test_what_the_terminal_showed_is_not_in_the_log(ended: Path, running: RunningHub) -> None:
    log = (running.home / "logs" / "tradershub.log").read_text(encoding="utf-8")
    for name in ("admin password", "webhook secret", "API token"):
        assert running.shown(name) not in log
    assert all(json.loads(line)["message"] for line in log.splitlines())


def test_a_busy_port_says_who_has_it_and_which_is_free(running: RunningHub, tmp_path: Path) -> None:
    done = process("run", "--home", str(tmp_path), "--port", str(running.port))
    assert done.returncode == 3
    line = done.stderr.splitlines()[-1]
    assert f"process {running.process.pid}" in line
    suggested = int(line.rpartition(" ")[2])
    assert running.port < suggested < running.port + 60


def test_a_folder_in_use_is_refused(running: RunningHub) -> None:
    done = process("run", "--home", str(running.home), "--port", str(free_port()))
    assert done.returncode == 4
    assert f"process {running.process.pid}" in done.stderr.splitlines()[-1]


def test_wrong_settings_start_nothing_and_are_all_listed(tmp_path: Path) -> None:
    (tmp_path / "tradershub.toml").write_text('[ui]\nprt = 1\nhost = "0.0.0.0"\n', encoding="utf-8")
    done = process("run", "--home", str(tmp_path), TRADERSHUB_WEBHOOK_SECRET="changeme")
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 4
    assert done.stdout == ""
    assert [file.name for file in tmp_path.iterdir()] == ["tradershub.toml"]


def test_status_and_check_see_the_running_hub(running: RunningHub) -> None:
    home = str(running.home)
    status = command("status", "--home", home)
    assert status.returncode == 0, status.stdout
    assert running.url in status.stdout
    check = command("check", "--home", home)
    assert check.returncode == 0, check.stdout + check.stderr
    assert "WRONG" not in check.stdout
    reach = command("check", "reach", running.url, "--home", home)
    assert reach.returncode == 0, reach.stdout
    assert "LOST" not in reach.stdout


def test_send_posts_what_it_is_given(running: RunningHub, tmp_path: Path) -> None:
    message = tmp_path / "alert.json"
    message.write_text(json.dumps({"secret": running.shown("webhook secret"), **ALERT}), encoding="utf-8")
    taken = command("send", str(message), "--source", "tradingview", "--home", str(running.home))
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout)["signal_id"]
    message.write_text(json.dumps(ALERT), encoding="utf-8")
    refused = command("send", str(message), "--home", str(running.home))
    assert refused.returncode == 1
    assert "401" in refused.stderr
    by_address = command(
        "send", str(message), "--source", "tradingview", "--home", str(running.home),
        TRADERSHUB_WEBHOOK_SECRET=running.shown("webhook secret"),
    )  # fmt: skip
    assert by_address.returncode == 0, by_address.stderr


def test_settings_leave_a_running_hub_without_secrets(running: RunningHub) -> None:
    done = command("export", "--home", str(running.home))
    found = json.loads(done.stdout)
    assert {"accounts", "platforms", "sources", "strategies"} < set(found)
    assert "paper:main" in done.stdout
    assert running.shown("webhook secret") not in done.stdout


def test_what_needs_a_stopped_hub_says_so(running: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"format": 1}', encoding="utf-8")
    for arguments in (("replay",), ("import", str(tmp_path / "settings.json")), ("restore", str(tmp_path / "x"))):
        done = command(*arguments, "--home", str(running.home))
        assert done.returncode == 4, arguments
        assert len(done.stderr.splitlines()) == 1


def test_tokens_are_made_through_a_running_hub(running: RunningHub) -> None:
    home, given = str(running.home), {"TRADERSHUB_API_TOKEN": running.shown("API token")}
    assert command("token", "create", "grafana", "--home", home).returncode == 4
    made = command("token", "create", "grafana", "--scope", "read", "--home", home, **given).stdout.strip()
    assert running.call("GET", "/api/strategies", token=made)[0] == 200
    assert running.call("POST", "/api/strategies", STRATEGY, token=made)[0] == 403
    listed = command("token", "list", "--home", home, **given).stdout
    (row,) = (line for line in listed.splitlines() if "grafana" in line)
    assert command("token", "revoke", row.split()[0], "--home", home, **given).returncode == 0
    assert running.call("GET", "/api/strategies", token=made)[0] == 401


def test_tokens_are_made_on_a_stopped_hub(ended: Path) -> None:
    made = command("token", "create", "backup job", "--scope", "kill", "--home", str(ended))
    assert made.stdout.startswith("th_")
    assert "backup job" in command("token", "list", "--home", str(ended)).stdout
    assert command("token", "create", "backup job", "--home", str(ended)).returncode == 1


def test_replay_finds_the_tables_true_and_mends_what_is_not(ended: Path) -> None:
    done = command("replay", "--home", str(ended))
    assert (done.returncode, done.stdout.strip()) == (0, "every table is what the journal says")
    with sqlite3.connect(ended / "tradershub.db") as database:
        database.execute("DELETE FROM orders")
    database.close()
    mended = command("replay", "--home", str(ended))
    assert mended.returncode == 0
    assert "mended orders" in mended.stdout


def test_a_backup_brings_back_what_was_there(ended: Path, tmp_path: Path) -> None:
    saved = Path(command("backup", "--home", str(ended)).stdout.strip())
    assert saved.parent == ended / "backups"
    assert command("backup", str(saved), "--home", str(ended)).returncode == 1
    done = command("restore", str(saved), "--home", str(tmp_path / "other"))
    assert done.returncode == 0, done.stderr
    one = command("export", "--home", str(ended)).stdout
    other = command("export", "--home", str(tmp_path / "other")).stdout
    assert one == other


def test_settings_come_into_another_hub(ended: Path, tmp_path: Path) -> None:
    exported = json.loads(command("export", "--home", str(ended)).stdout)
    nt8 = next(row for row in exported["platforms"] if row["name"] == "nt8")
    nt8["enabled"] = True
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(exported), encoding="utf-8")
    home = str(tmp_path / "new")
    assert command("import", str(file), "--home", home).returncode == 0
    found = json.loads(command("export", "--home", home).stdout)
    assert found["strategies"] == exported["strategies"]
    assert not next(row for row in found["platforms"] if row["name"] == "nt8")["enabled"]
    assert command("import", str(file), "--home", home).stdout.strip() == "imported: 0 settings changed"


def test_wrong_settings_are_not_imported_at_all(ended: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    strategies = [{"name": "fine", "routes": []}, {"name": "lost", "routes": [{"account": "paper:gone"}]}, {"nme": "x"}]
    file.write_text(json.dumps({"format": 1, "strategies": strategies}), encoding="utf-8")
    done = command("import", str(file), "--home", str(ended))
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 2
    assert "fine" not in command("export", "--home", str(ended)).stdout


def test_check_finds_a_damaged_database(ended: Path, tmp_path: Path) -> None:
    saved = tmp_path / "tradershub.db"
    assert command("backup", str(saved), "--home", str(ended)).returncode == 0
    content = bytearray(saved.read_bytes())
    for place in range(8192, len(content), 4096):
        content[place : place + 64] = b"\xff" * 64
    saved.write_bytes(content)
    done = command("check", "store", "--home", str(tmp_path))
    assert done.returncode == 1
    assert "WRONG" in done.stdout


def test_a_stopped_hub_is_told_apart_from_a_running_one(ended: Path) -> None:
    done = command("status", "--home", str(ended))
    assert done.returncode == 1
    assert "not running" in done.stdout
    assert not (ended / "endpoint.json").exists()


def test_a_kill_on_a_stopped_hub_holds_when_it_starts(tmp_path: Path) -> None:
    assert command("kill", "--home", str(tmp_path), "--reason", "before the first start").returncode == 0
    hub = start("run", tmp_path)
    token = hub.shown("API token")
    hub.call("POST", "/api/strategies", STRATEGY, token=token)
    alert = {"secret": hub.shown("webhook secret"), **ALERT}
    _, answer = hub.call("POST", "/tradingview-webhook", json.dumps(alert).encode())
    status = command("status", "--home", str(tmp_path))
    hub.end()
    assert answer["status"] == "blocked"
    assert answer["reason"]["code"] == "kill"
    assert "before the first start" in status.stdout


def test_kill_needs_neither_hub_nor_web_nor_settings() -> None:
    probe = "import sys; sys.argv = ['tradershub', 'kill', '--help']\nimport tradershub.__main__\n"
    heavy = ("litestar", "sqlalchemy", "uvicorn", "rich", "tradershub.app", "tradershub.hub", "tradershub.web")
    done = command_of_python(probe + f"print([name for name in {heavy} if name in sys.modules])")
    assert done.strip() == "[]"


def command_of_python(text: str) -> str:
    return subprocess.run([sys.executable, "-c", text], capture_output=True, encoding="utf-8", check=True).stdout


def test_each_command_is_found_where_it_is_loaded() -> None:
    groups = {
        "at_once": "kill send status version",
        "run": "run demo",
        "keeping": "check backup restore replay export import token",
    }
    text = (REPOSITORY / "tradershub" / "__main__.py").read_text(encoding="utf-8")
    for module, verbs in groups.items():
        listed = ", ".join(f'"{verb}"' for verb in verbs.split())
        assert f"if _FIRST in ({listed}):\n    from tradershub.cli.{module} import main" in text
        assert process(verbs.split()[0], "--help").returncode == 0


def test_every_command_explains_itself() -> None:
    listed = command("--help")
    assert listed.returncode == 0
    verbs = "run demo check status send kill replay backup restore export import token version"
    for verb in verbs.split():
        assert f"\n  {verb} " in listed.stdout, verb
    assert command("nonsense").returncode == 2
