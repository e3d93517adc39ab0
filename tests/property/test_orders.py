"""What holds for every set of facts: neither their order nor their repetition changes the order they amount to."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.orders import Execution, Fact, FactKind, OrderChange, OrderState, Reason, derive
from tradershub.testing.builders import an_order, at

ORDER = an_order(quantity="5", limit_price="5000", stop_price="4990")

seconds = st.integers(0, 4).map(at)
numbers = st.integers(0, 3)
sizes = st.sampled_from([Decimal(text) for text in ("0.5", "1", "2", "5", "7")])
prices = st.sampled_from([Decimal(text) for text in ("-1.5", "0", "4999.75", "5000", "5000.25")])
reasons = st.none() | st.builds(
    Reason,
    code=st.sampled_from(["stale", "kill"]),
    message=st.sampled_from(["", "too old", "told to"]),
    rule=st.none() | st.sampled_from(["max_age_s", "kill"]),
    numbers=st.sampled_from([(), (("age_s", "31"),), (("age_s", "32"),)]),
)
changes = st.builds(
    OrderChange, quantity=st.none() | sizes, limit_price=st.none() | prices, stop_price=st.none() | prices
)
executions = st.builds(
    Execution,
    execution_id=st.sampled_from(["E1", "E2", "E3"]),
    price=prices,
    quantity=sizes,
    commission=st.sampled_from([Decimal(0), Decimal("0.62"), Decimal("1.24")]),
    currency=st.sampled_from(["USD", "EUR"]),
    at=seconds,
)


def plain(kind: FactKind) -> st.SearchStrategy[Fact]:
    return st.builds(Fact, kind=st.just(kind), at=seconds, number=numbers, reason=reasons)


facts = st.one_of(
    st.sampled_from([kind for kind in FactKind if kind not in {FactKind.FILL, FactKind.ACCEPTED}]).flatmap(plain),
    st.builds(Fact, kind=st.just(FactKind.FILL), at=seconds, execution=executions),
    st.builds(
        Fact,
        kind=st.just(FactKind.ACCEPTED),
        at=seconds,
        platform_order_id=st.none() | st.sampled_from(["P1", "P2"]),
    ),
    st.builds(
        Fact,
        kind=st.sampled_from([FactKind.MODIFY_SENT, FactKind.MODIFIED]),
        at=seconds,
        number=numbers,
        change=st.none() | changes,
    ),
)


@given(known=st.lists(facts, max_size=12), chance=st.randoms(use_true_random=False))
def test_any_permutation_and_repetition_of_facts_gives_the_same_order(known: list[Fact], chance: random.Random) -> None:
    repeated = known + chance.choices(known, k=3) if known else known
    chance.shuffle(repeated)
    assert derive(ORDER, repeated) == derive(ORDER, known)


@given(known=st.lists(facts, max_size=12))
def test_what_is_filled_is_counted_once_for_each_execution(known: list[Fact]) -> None:
    told = {fact.execution.execution_id for fact in known if fact.execution is not None}
    view = derive(ORDER, known)
    most = sum(
        (
            max(f.execution.quantity for f in known if f.execution is not None and f.execution.execution_id == name)
            for name in told
        ),
        Decimal(0),
    )
    assert view.filled <= most
    assert bool(view.filled) == bool(told)
    assert (view.average_price is None) == (not told)


@given(known=st.lists(facts, max_size=12))
def test_a_filled_order_is_never_said_to_be_empty_handed(known: list[Fact]) -> None:
    view = derive(ORDER, known)
    empty_handed = {OrderState.BLOCKED, OrderState.REJECTED, OrderState.NOT_PLACED, OrderState.READY}
    assert not (view.filled and view.state in empty_handed)


@given(known=st.lists(facts, max_size=12), late=facts)
def test_an_order_that_was_at_the_platform_is_never_ready_to_be_sent_again(known: list[Fact], late: Fact) -> None:
    been_there = {FactKind.ACCEPTED, FactKind.FILL, FactKind.CANCELED, FactKind.EXPIRED, FactKind.REJECTED}
    view = derive(ORDER, [*known, late])
    if {fact.kind for fact in (*known, late)} & been_there:
        assert view.state not in {OrderState.READY, OrderState.SENDING, OrderState.IN_DOUBT}


@given(known=st.lists(facts, max_size=12))
def test_what_is_open_and_what_is_filled_never_exceed_the_order_unless_it_is_overfilled(known: list[Fact]) -> None:
    view = derive(ORDER, known)
    assert view.open_quantity >= 0
    assert view.conflict or view.filled + view.open_quantity <= view.quantity
