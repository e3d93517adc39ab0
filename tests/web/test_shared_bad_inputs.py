"""The shared collection of good, bad and hostile requests, where it is at hand, against a real hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub_process import ROOT, HubProcess
from tests.web.bad_input_case import Case, read_case
from tests.web.bad_input_runner import Runner, furnish, furnish_signed

SAMPLES = Path(os.environ.get("TRADERSHUB_SAMPLES", ROOT.parent / "shared" / "samples"))
FILE = SAMPLES / "bad_inputs.jsonl"
# They need secrets of single strategies, the drop folder, or risk rules that are not there yet.
LATER = frozenset(("B105", "B111", "B123", "B129", "B130", "B131", "B137"))

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"no {FILE.name} beside the repository")


def cases() -> list[Case]:
    if not FILE.is_file():
        return []
    records = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [read_case(record) for record in records if record["id"] not in LATER]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with HubProcess(tmp_path_factory.mktemp("shared_bad_inputs") / "home") as hub:
        yield furnish(hub)


@pytest.fixture(scope="module")
def signed_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with HubProcess(tmp_path_factory.mktemp("shared_signed_inputs") / "home") as hub:
        yield furnish_signed(hub)


def identity(case: Case) -> str:
    return case.name.partition(" ")[0]


@pytest.mark.parametrize("case", [case for case in cases() if not case.is_signed], ids=identity)
def test_a_shared_case_has_its_effect_and_no_other(runner: Runner, case: Case) -> None:
    runner.run(case)


@pytest.mark.parametrize("case", [case for case in cases() if case.is_signed], ids=identity)
def test_a_shared_signed_case_has_its_effect_and_no_other(signed_runner: Runner, case: Case) -> None:
    signed_runner.run(case)
