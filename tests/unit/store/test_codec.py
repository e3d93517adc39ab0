"""What is written is what is read, exactly, for every event that can be."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.store.generated import values_of
from tradershub.domain.errors import StoreError
from tradershub.domain.events import Event, FactsRecorded
from tradershub.store.codec import Codec, kind_of
from tradershub.testing.journal_samples import a_stored_signal, accepted, an_order

CODEC = Codec()


@pytest.mark.parametrize("event_type", get_args(Event), ids=lambda event_type: event_type.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_an_event_is_read_as_it_was_written(event_type: type[Any], data: st.DataObject) -> None:
    event = data.draw(values_of(event_type))
    text = CODEC.text(event)
    again = CODEC.event(kind_of(event_type), text)
    assert again == event
    assert CODEC.text(again) == text


def test_decimals_have_no_exponent() -> None:
    order = replace(
        an_order(1), quantity=Decimal("1E-7"), hub_quantity=Decimal("2E+2"), limit_price=Decimal("5000.250")
    )
    text = CODEC.text(order)
    assert '"quantity":"0.0000001","hub_quantity":"200"' in text
    assert '"limit_price":"5000.250"' in text
    assert CODEC.order(text) == order


def test_a_text_that_looks_like_an_exponent_stays_as_it_is() -> None:
    event = replace(a_stored_signal(1), raw="E-mini at 1E-7", notes=("1E+5",))
    assert CODEC.event("signal_stored", CODEC.text(event)) == event


def test_nulls_that_say_nothing_are_left_out() -> None:
    text = CODEC.payload(an_order(1))
    assert '"signal_id":null' in text
    assert "stop_price" not in text
    assert "good_till" not in text


def test_an_event_of_a_newer_hub_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match="'moon_landed'"):
        CODEC.event("moon_landed", "{}")


def test_a_damaged_payload_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        CODEC.event("facts_recorded", CODEC.text(accepted(an_order(1)))[:-5])


def test_an_event_from_before_a_field_was_added_still_reads() -> None:
    event = accepted(an_order(1))
    older = CODEC.text(event).replace(',"trades":[]', "").replace(',"positions":[]', "")
    assert older != CODEC.text(event)
    read = CODEC.event("facts_recorded", older)
    assert isinstance(read, FactsRecorded)
    assert read == event
