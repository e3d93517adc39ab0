"""Ids that are worked out: the same for the same order, and for nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.ids import ORDER_ID_LENGTH, derived_id, order_id, platform_of

texts = st.text(min_size=0, max_size=20).filter(lambda text: "\x1f" not in text)


@given(cause=texts, account=texts, leg=texts, attempt=st.integers(1, 9))
def test_an_order_id_fits_every_platform(cause: str, account: str, leg: str, attempt: int) -> None:
    named = order_id(cause, account, leg, attempt)
    assert len(named) == ORDER_ID_LENGTH
    assert re.fullmatch("TH[A-Z2-7]{12}", named)
    assert named == order_id(cause, account, leg, attempt)


def test_an_order_id_is_this_orders_and_no_others() -> None:
    ids = {
        order_id(cause, account, leg, attempt)
        for cause in ("S1", "S2")
        for account in ("paper:main", "paper:f1")
        for leg in ("entry", "exit")
        for attempt in (1, 2)
    }
    assert len(ids) == 16


def test_parts_of_an_id_do_not_run_into_each_other() -> None:
    assert order_id("ab", "c", "d") != order_id("a", "bc", "d")
    assert derived_id("PO", "ab", "c") != derived_id("PO", "a", "bc")


def test_order_ids_stay_what_they_are() -> None:
    """They are on platforms and in journals: another way to work them out would lose orders that are there."""
    assert order_id("S1", "paper:main", "entry") == "THBDU4CV3YFWQN"


def test_a_derived_id_begins_with_what_it_is_of() -> None:
    assert derived_id("PO", "x").startswith("PO")
    assert derived_id("PO", "x") == derived_id("PO", "x")


def test_the_platform_stands_before_the_colon() -> None:
    assert platform_of("nt8:Sim101") == "nt8"
    assert platform_of("paper:a.b-c") == "paper"
