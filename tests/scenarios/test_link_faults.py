"""A receiver at the other end of the socket link that breaks off, talks nonsense, refuses or falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.asking import orders_of, wait_for
from tests.support.furnishing import add_strategy, link_recorder, put_quote, wait_until_up
from tests.support.hub_process import HubProcess
from tests.support.messages import native_bytes
from tests.support.odd_receiver import RESET, OddReceiver, acknowledge, silence
from tests.support.waiting import never, until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HubProcess, OddReceiver]]:
    with OddReceiver() as receiver, HubProcess(tmp_path_factory.mktemp("link_faults") / "home") as hub:
        put_quote(hub.api)
        link_recorder(hub.api, receiver.port, accounts=2, lookup="true")
        add_strategy(hub.api, ("nt8:Sim101",))
        add_strategy(hub.api, ("nt8:Sim102",), name="late")
        add_strategy(hub.api, ("nt8:Sim101", "paper:main"), name="both")
        yield hub, receiver


@pytest.fixture
def hub(running: tuple[HubProcess, OddReceiver]) -> HubProcess:
    wait_until_up(running[0].api, "nt8")
    put_quote(running[0].api)
    return running[0]


@pytest.fixture
def receiver(running: tuple[HubProcess, OddReceiver]) -> Iterator[OddReceiver]:
    """The receiver, well behaved again once the test has ended."""
    yield running[1]
    running[1].on_order = running[1].on_question = acknowledge


def test_a_reply_that_breaks_off_leaves_the_order_in_doubt(hub: HubProcess, receiver: OddReceiver) -> None:
    """F019: half an answer is none; the next connection is asked, and nothing is sent again."""
    receiver.on_order = lambda message: acknowledge(message)[:-8] + RESET
    reply = hub.signal(native_bytes())
    order = wait_for(hub.api, reply, {"accepted"})
    assert receiver.orders[order["order_id"]] == 1
    assert receiver.questions


@pytest.mark.parametrize("nonsense", [b"<html>502 Bad Gateway</html>\n", b"{}\n", b'{"order_id":5}\n', b"\xff\xfe\n"])
def test_a_reply_that_says_nothing_is_no_refusal(hub: HubProcess, receiver: OddReceiver, nonsense: bytes) -> None:
    """F020: what cannot be read is asked about."""
    receiver.on_order = lambda _message: nonsense
    receiver.on_question = silence
    reply = hub.signal(native_bytes())
    order = wait_for(hub.api, reply, {"in_doubt"})
    receiver.on_question = acknowledge
    wait_for(hub.api, reply, {"accepted"}, seconds=15)
    assert receiver.orders[order["order_id"]] == 1


def test_only_a_refusal_is_a_refusal(hub: HubProcess, receiver: OddReceiver) -> None:
    """F021, F022: `rejected` ends the order; a word such as `busy` proves nothing."""
    receiver.on_order = lambda message: acknowledge(message, "rejected")
    wait_for(hub.api, hub.signal(native_bytes()), {"rejected"})
    receiver.on_order = lambda message: acknowledge(message, "too many requests")
    receiver.on_question = silence
    reply = hub.signal(native_bytes())
    order = wait_for(hub.api, reply, {"in_doubt"})
    never(lambda: receiver.orders[order["order_id"]] > 1, "the order is sent again", seconds=1.5)


def test_an_order_that_turns_up_late_is_not_written_off(hub: HubProcess, receiver: OddReceiver) -> None:
    """F018: the first question finds nothing, a later one does."""
    asked: list[dict[str, Any]] = []

    def once_unknown(message: dict[str, Any]) -> bytes:
        asked.append(message)
        return acknowledge(message, "unknown" if len(asked) == 1 else "accepted")

    receiver.on_order = silence
    receiver.on_question = once_unknown
    reply = hub.signal(native_bytes(strategy_name="late"))
    order = wait_for(hub.api, reply, {"accepted", "not_placed"}, seconds=15)
    assert order["state"] == "accepted"
    assert len(asked) > 1


def test_a_silent_platform_holds_nobody_else_up(hub: HubProcess, receiver: OddReceiver) -> None:
    """F015: its order stays in doubt; the answer and the other platform's fill come as ever."""
    receiver.on_order = receiver.on_question = silence
    reply = hub.signal(native_bytes(strategy_name="both"))
    assert reply.status == 202
    assert reply.seconds < 1.0

    def states() -> dict[str, str]:
        return {row["account"]: row["state"] for row in orders_of(hub.api, reply)}

    until(lambda: states()["paper:main"] == "filled", "the paper order fills")
    until(lambda: states()["nt8:Sim101"] == "in_doubt", "the other order is in doubt")
