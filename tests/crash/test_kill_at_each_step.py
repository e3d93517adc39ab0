"""One message to three accounts, and the hub killed at each step of its way."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.crash.harness import ACCOUNTS, Life
from tests.crash.launcher import Step
from tests.crash.ledger import PROVEN
from tests.support.messages import native_bytes
from tests.support.raw_http import NO_ANSWER, Reply
from tests.support.recorder_process import RecorderProcess
from tests.support.waiting import until

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def recorder() -> Iterator[RecorderProcess]:
    with RecorderProcess() as running:
        yield running


@pytest.fixture(scope="module")
def life(recorder: RecorderProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    begun = Life(tmp_path_factory.mktemp("each_step") / "home", recorder)
    begun.begin()
    yield begun
    begun.end()


def send(life: Life, body: bytes) -> Reply:
    """Post a message to a hub that may die of it."""
    try:
        reply = life.hub.signal(body)
    except OSError:
        reply = NO_ANSWER
    if reply.status in (200, 202):
        life.acknowledged.add(reply.document["signal_id"])
    return reply


def killed_at(life: Life, step: Step, number: int, body: bytes) -> Reply:
    """Send a message, let the hub die at a step of it, and start it again."""
    life.arm(step, number)
    reply = send(life, body)
    life.hub.ended(seconds=10)
    life.hub.start()
    return reply


def settled_states(life: Life, reply: Reply) -> list[tuple[str, int]]:
    """Return, for each order of a message, its state and how often the recorder saw it, once all is settled."""
    life.settle()
    assert not life.findings()
    lines = life.recorder.arrivals()
    legs = life.books().of_signal()[reply.document["signal_id"]]
    assert len(legs) == ACCOUNTS
    return sorted((leg.state, len(lines.get(leg.order_id, ()))) for leg in legs)


def test_a_kill_before_the_commit_leaves_nothing_behind(life: Life) -> None:
    """F001: no answer, no row; the same message again trades once."""
    body = native_bytes()
    before = life.books().signals
    assert killed_at(life, Step.BEFORE_COMMIT, 1, body).status == 0
    assert life.books().signals == before
    again = send(life, body)
    assert again.status == 202
    until(lambda: settled_states(life, again) == [("accepted", 1)] * ACCOUNTS, "all three orders are taken")


def test_a_kill_before_the_answer_keeps_the_message(life: Life) -> None:
    """F002, F009: stored, perhaps not answered; every order is sent once, or proven never sent and alarmed."""
    body = native_bytes()
    killed_at(life, Step.AFTER_COMMIT, 1, body)
    again = send(life, body)
    assert again.status == 200
    assert again.document["status"] == "duplicate"
    for state, lines in settled_states(life, again):
        assert (lines == 1) != (state in PROVEN)


@pytest.mark.parametrize(
    ("step", "number"),
    [
        pytest.param(Step.BEFORE_MARK, 1, id="F009 before the first order leaves"),
        pytest.param(Step.BEFORE_MARK, 2, id="F012 between the first and the second order"),
        pytest.param(Step.BEFORE_WRITE, 2, id="F009 marked and not written"),
        pytest.param(Step.AFTER_WRITE, 1, id="F010 written and not answered"),
        pytest.param(Step.BEFORE_COMMIT, 2, id="F011 answered and not written down"),
        pytest.param(Step.AFTER_COMMIT, 2, id="F011 the answer written down"),
    ],
)
def test_a_kill_on_the_way_out_sends_nothing_twice(life: Life, step: Step, number: int) -> None:
    """F009 to F012: what left is found, what did not is proven; neither is guessed."""
    body = native_bytes()
    killed_at(life, step, number, body)
    again = send(life, body)
    assert again.status == 200
    states = settled_states(life, again)
    for state, lines in states:
        assert (lines == 1) != (state in PROVEN), states


def test_an_order_that_waited_for_its_platform_is_sent_after_the_restart(life: Life, recorder: RecorderProcess) -> None:
    """F003, F008: taken while the link was down, killed, and sent once when both are back."""
    recorder.stop()
    # What the recorder knew ends with its process: the account begins anew.
    life.acknowledged.clear()
    until(lambda: "down" in str(life.hub.api.get("/api/platforms")), "the hub has noticed that the link is down")
    reply = send(life, native_bytes())
    assert reply.status == 202
    assert {order["state"] for order in reply.document["orders"]} == {"ready"}
    life.hub.kill()
    recorder.start()
    life.hub.start()
    wanted = {order["order_id"] for order in reply.document["orders"]}
    until(lambda: wanted <= recorder.arrivals().keys(), "the orders leave", seconds=5)
    assert all(len(recorder.arrivals()[order_id]) == 1 for order_id in wanted)


def test_a_full_disk_is_answered_busy_and_stores_nothing(life: Life) -> None:
    """F004: nobody is told 2xx; once there is space the same message trades once."""
    body = native_bytes()
    before = life.books().signals
    life.fail(Step.BEFORE_COMMIT)
    reply = life.hub.signal(body)
    assert reply.status == 503
    assert int(reply.headers["retry-after"]) > 0
    assert life.books().signals == before
    assert send(life, body).status == 202


@pytest.mark.parametrize("number", [1, 2])
def test_a_commit_of_unknown_result_stops_the_hub(life: Life, number: int) -> None:
    """F004: neither stored nor not stored: only a restart can tell, also where no sender waits for the commit."""
    settle_commits(life)
    body = native_bytes()
    life.fail(Step.AFTER_COMMIT, number)
    reply = send(life, body)
    assert reply.status == (503 if number == 1 else 202)
    assert life.hub.ended(seconds=15) != 0
    life.hub.start()
    again = send(life, body)
    assert again.status == 200
    for state, lines in settled_states(life, again):
        assert (lines == 1) != (state in PROVEN)


def settle_commits(life: Life) -> None:
    """Wait until the journal has nothing more to write about what came before."""
    settled_states(life, send(life, native_bytes()))
    time.sleep(0.2)
