"""The demo as a person sees it: alive at once, through the real doors, and gone with the next one."""

from __future__ import annotations

import json
import shlex
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.hub_process import RunningHub, command, start


def wait_for_fill(hub: RunningHub, seconds: float) -> bool:
    token = hub.shown("API token")
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if hub.call("GET", "/api/fills?limit=1", token=token)[1]["items"]:
            return True
        time.sleep(0.1)
    return False


def as_curl_does(line: str) -> dict[str, Any]:
    """Post what a printed command would: with its headers only, and the form type where it names none."""
    _, header, kind, data, body, url = shlex.split(line)
    assert (header, data) == ("-H", "-d")
    name, _, value = kind.partition(": ")
    request = urllib.request.Request(url, body.encode(), {name: value}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as taken:
        answer: dict[str, Any] = json.loads(taken.read())
        return answer


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def test_the_demo_trades_within_seconds_and_takes_the_printed_alert(home: Path) -> None:
    hub = start("demo", home)
    token = hub.shown("API token")
    assert wait_for_fill(hub, 3.0)
    assert "DEMO" in hub.said.splitlines()[0]
    answer = as_curl_does(next(line for line in hub.said.splitlines() if "curl" in line))
    assert answer["status"] == "accepted", answer
    accounts = hub.call("GET", "/api/accounts", token=token)[1]["items"]
    strategies = hub.call("GET", "/api/strategies", token=token)[1]["items"]
    assert {account["id"] for account in accounts} == {"paper:main", "paper:swing", "paper:fx"}
    assert {strategy["status"] for strategy in strategies} >= {"live", "testing", "development"}
    assert hub.end() == 0


def test_the_next_demo_starts_afresh_and_a_kept_one_goes_on(home: Path) -> None:
    first = start("demo", home)
    assert wait_for_fill(first, 5.0)
    first.end()
    kept = start("demo", home, "--keep")
    token = kept.shown("API token")
    oldest = kept.call("GET", "/api/signals?limit=500", token=token)[1]["items"][-1]["signal_id"]
    kept.end()
    assert kept.shown("webhook secret") == first.shown("webhook secret")
    fresh = start("demo", home)
    token = fresh.shown("API token")
    status, _ = fresh.call("GET", f"/api/signals/{oldest}", token=token)
    fresh.end()
    assert status == 404
    assert fresh.shown("webhook secret") != first.shown("webhook secret")


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "demo" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine", encoding="utf-8")
    done = command("demo", "--home", str(tmp_path))
    assert done.returncode == 2
    assert precious.read_text(encoding="utf-8") == "mine"


def test_the_demo_never_touches_the_hub_above_it(tmp_path: Path) -> None:
    (tmp_path / "tradershub.db").write_bytes(b"not to be touched")
    hub = start("demo", tmp_path)
    hub.end()
    assert (tmp_path / "tradershub.db").read_bytes() == b"not to be touched"
    assert json.loads((tmp_path / "demo" / "demo_secrets.json").read_text(encoding="utf-8"))
