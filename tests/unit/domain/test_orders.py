"""An order's state, worked out of what is known of it."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from tradershub.domain.orders import (
    AT_THE_PLATFORM,
    BEFORE_THE_WIRE,
    FINAL_STATES,
    Fact,
    FactKind,
    OrderChange,
    OrderState,
    derive,
)
from tradershub.testing.builders import a_fact, a_fill, accepted, an_order, because, modified, sending

ORDER = an_order(quantity="2")
READY = a_fact(FactKind.READY, 0, reason=because("waiting_in_lane"))


def not_sent(number: int = 1) -> Fact:
    return a_fact(FactKind.NOT_SENT, number=number, reason=because("full"))


def unconfirmed(number: int = 1) -> Fact:
    return a_fact(FactKind.UNCONFIRMED, number=number, reason=because("timeout"))


REJECTED = a_fact(FactKind.REJECTED, 3, reason=because("margin"))
CANCELED = a_fact(FactKind.CANCELED, 4)
CANCEL_SENT = a_fact(FactKind.CANCEL_SENT, 3)
CANCEL_REFUSED = a_fact(FactKind.CANCEL_REFUSED, 4)
MODIFY_SENT = a_fact(FactKind.MODIFY_SENT, 3, change=OrderChange(quantity=Decimal(3)))
MODIFY_REFUSED = a_fact(FactKind.MODIFY_REFUSED, 4)
NOT_PLACED = a_fact(FactKind.NOT_PLACED, 9, reason=because("not_placed"))
EXPIRED = a_fact(FactKind.EXPIRED, 9, reason=because("stale"))
BLOCKED = a_fact(FactKind.BLOCKED, 1, reason=because("kill"))
ALL, HALF, OTHER_HALF = a_fill("2"), a_fill("1"), a_fill("1", "5001", execution="E2")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((), OrderState.READY),
        ((READY,), OrderState.READY),
        ((BLOCKED,), OrderState.BLOCKED),
        ((sending(),), OrderState.SENDING),
        ((READY, sending()), OrderState.SENDING),
        ((sending(), not_sent()), OrderState.READY),
        ((sending(), not_sent(), sending(2)), OrderState.SENDING),
        ((sending(), not_sent(), sending(2), not_sent(2)), OrderState.READY),
        ((sending(), not_sent(), BLOCKED), OrderState.BLOCKED),
        ((sending(), not_sent(), EXPIRED), OrderState.EXPIRED),
        ((sending(), unconfirmed()), OrderState.IN_DOUBT),
        ((sending(), not_sent(), sending(2), unconfirmed(2)), OrderState.IN_DOUBT),
        ((sending(), unconfirmed(), NOT_PLACED), OrderState.NOT_PLACED),
        ((sending(), unconfirmed(), accepted()), OrderState.ACCEPTED),
        ((sending(), unconfirmed(), ALL), OrderState.FILLED),
        ((sending(), accepted()), OrderState.ACCEPTED),
        ((sending(), REJECTED), OrderState.REJECTED),
        ((sending(), HALF), OrderState.PARTIALLY_FILLED),
        ((sending(), HALF, OTHER_HALF), OrderState.FILLED),
        ((sending(), accepted(), HALF, CANCELED), OrderState.CANCELED),
        ((sending(), accepted(), HALF, EXPIRED), OrderState.EXPIRED),
        ((sending(), accepted(), CANCEL_SENT), OrderState.CANCEL_PENDING),
        ((sending(), accepted(), HALF, CANCEL_SENT), OrderState.CANCEL_PENDING),
        ((sending(), accepted(), CANCEL_SENT, CANCEL_REFUSED), OrderState.ACCEPTED),
        ((sending(), accepted(), CANCEL_SENT, CANCELED), OrderState.CANCELED),
        ((sending(), accepted(), CANCEL_SENT, ALL), OrderState.FILLED),
        ((sending(), accepted(), MODIFY_SENT), OrderState.MODIFY_PENDING),
        ((sending(), accepted(), MODIFY_SENT, MODIFY_REFUSED), OrderState.ACCEPTED),
        ((sending(), accepted(), MODIFY_SENT, modified(quantity="3")), OrderState.ACCEPTED),
        ((sending(), accepted(), MODIFY_SENT, modified(quantity="3"), ALL), OrderState.PARTIALLY_FILLED),
        ((sending(), REJECTED, HALF), OrderState.PARTIALLY_FILLED),
        ((sending(), unconfirmed(), NOT_PLACED, ALL), OrderState.FILLED),
    ],
)
def test_the_state_follows_from_the_facts_in_any_order(facts: tuple[Fact, ...], state: OrderState) -> None:
    assert {derive(ORDER, some).state for some in itertools.permutations(facts)} == {state}


@pytest.mark.parametrize(
    "facts",
    [
        (sending(), NOT_PLACED, ALL),
        (sending(), REJECTED, HALF),
        (sending(), REJECTED, accepted()),
        (sending(), NOT_PLACED, accepted()),
        (sending(), BLOCKED, HALF),
        (sending(), NOT_PLACED, CANCELED),
        (sending(), accepted("P1"), accepted("P2")),
        (sending(), a_fill("3")),
        (sending(), ALL, OTHER_HALF),
    ],
)
def test_facts_that_contradict_each_other_are_a_conflict(facts: tuple[Fact, ...]) -> None:
    assert all(derive(ORDER, some).conflict for some in itertools.permutations(facts))


@pytest.mark.parametrize(
    "facts",
    [
        (sending(), accepted(None), accepted("P1")),
        (sending(), unconfirmed(), accepted(), ALL),
        (sending(), accepted(), HALF, CANCELED),
        (sending(), not_sent(), BLOCKED),
    ],
)
def test_facts_that_agree_are_no_conflict(facts: tuple[Fact, ...]) -> None:
    assert not derive(ORDER, facts).conflict


def test_fills_add_up_to_their_average_and_commission() -> None:
    view = derive(ORDER, (sending(), HALF, OTHER_HALF))
    assert (view.filled, view.average_price, view.commission) == (Decimal(2), Decimal("5000.5"), Decimal("1.24"))
    assert view.open_quantity == 0
    assert view.is_final


def test_a_part_that_filled_leaves_the_rest_open() -> None:
    view = derive(ORDER, (sending(), HALF))
    assert view.open_quantity == 1
    assert not view.is_final


def test_an_overfilled_order_has_nothing_open() -> None:
    assert derive(ORDER, (a_fill("3"),)).open_quantity == 0


def test_a_cancelled_rest_is_not_open() -> None:
    assert derive(ORDER, (accepted(), HALF, CANCELED)).open_quantity == 0


def test_changes_count_in_the_order_of_their_numbers_not_of_their_arrival() -> None:
    limit = an_order(quantity="2", limit_price="5000")
    late_first = (modified(2, 3, limit_price="4990"), modified(1, 5, limit_price="4995", quantity="4"))
    views = {derive(limit, some) for some in itertools.permutations((sending(), accepted(), *late_first))}
    (view,) = views
    assert (view.limit_price, view.quantity) == (Decimal(4990), Decimal(4))


def test_a_change_without_terms_changes_nothing() -> None:
    view = derive(ORDER, (accepted(), a_fact(FactKind.MODIFIED)))
    assert view.quantity == 2


def test_a_price_may_be_changed_to_zero() -> None:
    oil = an_order(quantity="1", limit_price="1.5", stop_price="1")
    view = derive(oil, (accepted(), modified(limit_price="0", stop_price="0")))
    assert (view.limit_price, view.stop_price) == (Decimal(0), Decimal(0))


def test_the_reason_is_that_of_the_fact_that_decided() -> None:
    for facts, code in [
        ((READY,), "waiting_in_lane"),
        ((sending(), not_sent()), "full"),
        ((sending(), unconfirmed()), "timeout"),
        ((sending(), REJECTED), "margin"),
        ((sending(), unconfirmed(), NOT_PLACED), "not_placed"),
        ((BLOCKED,), "kill"),
    ]:
        reason = derive(ORDER, facts).reason
        assert reason is not None
        assert reason.code == code
    assert derive(ORDER, (sending(), accepted())).reason is None


def test_an_order_that_was_given_back_says_why_it_waits_now() -> None:
    reason = derive(ORDER, (READY, sending(1, 0.5), not_sent())).reason
    assert reason is not None
    assert reason.code == "full"


def test_the_platforms_number_is_the_smallest_it_gave() -> None:
    assert derive(ORDER, (accepted(None), accepted("P7"))).platform_order_id == "P7"
    assert derive(ORDER, (accepted("P7"), accepted("P3"))).platform_order_id == "P3"
    assert derive(ORDER, (accepted(None),)).platform_order_id is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a_fill(commission="0.62"), a_fill(commission="1.24")),
        (
            a_fact(FactKind.REJECTED, reason=because("a", "as one")),
            a_fact(FactKind.REJECTED, reason=because("b", "as one")),
        ),
        (modified(limit_price="5000"), modified(limit_price="4990")),
        (modified(quantity="3"), a_fact(FactKind.MODIFIED, 3)),
    ],
)
def test_two_tellings_of_one_fact_that_differ_give_the_same_order_whichever_came_first(
    first: Fact, second: Fact
) -> None:
    assert first.key == second.key
    assert derive(ORDER, (first, second)) == derive(ORDER, (second, first))


def test_time_and_wording_do_not_make_another_fact() -> None:
    assert accepted(second=1).key == accepted(second=9).key
    assert a_fill(second=1).key == a_fill(second=9, price="5001").key
    assert sending(1, 0).key != sending(2, 0).key
    assert a_fill(execution="E1").key != a_fill(execution="E2").key


def test_every_state_is_before_the_wire_at_the_platform_final_or_on_its_way() -> None:
    on_its_way = {OrderState.SENDING, OrderState.IN_DOUBT}
    assert set(OrderState) == FINAL_STATES | BEFORE_THE_WIRE | AT_THE_PLATFORM | on_its_way
