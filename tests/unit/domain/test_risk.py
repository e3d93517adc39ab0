"""Gates: which scopes stand in an order's way, and which of several closed ones counts."""

from __future__ import annotations

import itertools

from tradershub.domain.risk import Gate, blocked, scopes_of, tightest


def test_the_tightest_gate_counts_in_whatever_order() -> None:
    for some in itertools.permutations([Gate.ACTIVE, Gate.REDUCE_ONLY, Gate.HALTED]):
        assert tightest(some) is Gate.HALTED
    assert tightest([Gate.REDUCE_ONLY, Gate.ACTIVE]) is Gate.REDUCE_ONLY


def test_a_path_without_gates_is_open() -> None:
    assert tightest([]) is Gate.ACTIVE


def test_the_scopes_of_an_order_go_from_the_widest_to_the_narrowest() -> None:
    scopes = scopes_of(account="nt8:Sim101", platform="nt8", strategy="momentum")
    assert scopes == ("global", "platform:nt8", "account:nt8:Sim101", "strategy:momentum")
    assert scopes_of(account="nt8:Sim101", platform="nt8", strategy=None) == scopes[:3]


def test_a_refusal_carries_its_numbers_as_text() -> None:
    reason = blocked("max_order_quantity", "too large", rule="max_order_quantity", quantity=101, allowed=100)
    assert reason.numbers == (("quantity", "101"), ("allowed", "100"))
    assert reason.rule == "max_order_quantity"
