"""Good, bad and hostile requests of our own against a real hub on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hub_process import HubProcess
from tests.support.process_memory import resident_bytes
from tests.web.bad_input_case import Case
from tests.web.bad_input_runner import Runner, furnish, furnish_signed
from tests.web.own_bad_inputs import cases

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    # Shorter than the real 10 s, so that the message that trickles in is cut off sooner.
    environment = {"TRADERSHUB_HTTP__REQUEST_SECONDS": "3"}
    with HubProcess(tmp_path_factory.mktemp("bad_inputs") / "home", extra_environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def runner(hub: HubProcess) -> Runner:
    return furnish(hub)


@pytest.fixture(scope="module")
def signed_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with HubProcess(tmp_path_factory.mktemp("signed_inputs") / "home") as running:
        yield furnish_signed(running)


@pytest.mark.parametrize("case", [case for case in cases() if not case.is_signed], ids=lambda case: case.name)
def test_a_request_has_its_effect_and_no_other(runner: Runner, case: Case) -> None:
    runner.run(case)


@pytest.mark.parametrize("case", [case for case in cases() if case.is_signed], ids=lambda case: case.name)
def test_where_signatures_are_demanded_nothing_else_counts(signed_runner: Runner, case: Case) -> None:
    signed_runner.run(case)


def test_hostile_requests_leave_the_memory_bounded(hub: HubProcess) -> None:
    before = resident_bytes(hub.pid)
    big = b'{"comment":"' + b"x" * MEBIBYTE + b'"}'
    for _ in range(60):
        assert hub.signal(big).status == 413
    assert resident_bytes(hub.pid) - before < 30 * MEBIBYTE
