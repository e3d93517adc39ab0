"""What every dialect must hold, as tests to inherit: nothing is guessed, nothing is repaired, no secret stays."""

import json
import time
from abc import ABC, abstractmethod
from typing import ClassVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradershub.domain.clock import Nanos
from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import Action, Reading
from tradershub.ports.dialect import Body, Dialect, Habits
from tradershub.sources.registry import read_body

SECRET = "q7Vd-93kLm_xT5wZ0aYcNfHs"  # noqa: S105 -- a sample, used nowhere
"""Put this where a message carries its secret."""
HABITS = Habits(received_at=Nanos(1_795_343_400_000_000_000))
SECONDS_ALLOWED = 0.5
"""Of processor time, for the largest body: a message that costs more could hold up the others."""

# Each dialect inherits the same properties: without a database, what one finds is not replayed on another.
_FOR_EACH_DIALECT = settings(
    max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.differing_executors]
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(("buy", "sell", "MES", "1", "-1", "0", "", "NaN", "1e9", "{{close}}", "long", "flat", "limit")),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def reading_of(dialect: Dialect, body: Body) -> Reading | None:
    """Return what the dialect reads, None if it refuses; anything else that it raises fails the test."""
    try:
        return dialect.parse(body, HABITS)
    except SignalRefused as refused:
        assert 400 <= refused.status < 500
        assert refused.code.isascii()
        assert refused.code == refused.code.lower()
        assert refused.advice
        return None


class DialectSuite(ABC):
    """For a dialect of any form. `message` is a good one; it holds SECRET if the dialect carries secrets."""

    message: ClassVar[str]
    carries_secret: ClassVar[bool] = True

    @abstractmethod
    def dialect(self) -> Dialect: ...

    def body(self) -> Body:
        return read_body(self.message.encode())

    def test_its_own_message_is_recognised_and_read(self) -> None:
        dialect, body = self.dialect(), self.body()

        assert dialect.recognises(body)
        reading = dialect.parse(body, HABITS)
        assert 1 <= len(reading.signals) <= 8
        assert {signal.dialect for signal in reading.signals} == {dialect.name}

    def test_reading_twice_gives_the_same(self) -> None:
        dialect, body = self.dialect(), self.body()

        assert dialect.parse(body, HABITS) == dialect.parse(body, HABITS)

    def test_the_secret_is_found_and_taken_out_of_what_is_stored(self) -> None:
        dialect, body = self.dialect(), self.body()

        assert dialect.secret(body) == (SECRET if self.carries_secret else None)
        assert SECRET not in dialect.without_secret(body)

    @given(st.text(max_size=300))
    @_FOR_EACH_DIALECT
    def test_arbitrary_text_is_refused_or_read_but_never_fails(self, text: str) -> None:
        dialect, body = self.dialect(), Body(text=text, data=None)

        dialect.recognises(body)
        dialect.secret(body)
        dialect.without_secret(body)
        reading_of(dialect, body)

    @given(st.binary(max_size=300))
    @_FOR_EACH_DIALECT
    def test_arbitrary_bytes_are_refused_or_read_but_never_fail(self, raw: bytes) -> None:
        try:
            body = read_body(raw)
        except SignalRefused:
            return
        self.dialect().recognises(body)
        reading_of(self.dialect(), body)

    @given(st.data())
    @_FOR_EACH_DIALECT
    def test_a_message_cut_short_or_spoilt_never_fails(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.message)))
        text = self.message[:at] + data.draw(st.text(max_size=3)) + self.message[at + data.draw(st.integers(0, 9)) :]
        try:
            body = read_body(text.encode("utf-8", "replace"))
        except SignalRefused:
            return
        reading_of(self.dialect(), body)

    def test_the_largest_bodies_take_a_bounded_time(self) -> None:
        dialect = self.dialect()
        for filling in (" ", "A", "(", "order ", '"\\"', ": order buy @ 1 filled on "):
            text = (self.message[:20] + filling * 65_536)[:65_536]
            body = Body(text=text, data=None)
            began = time.process_time()
            dialect.recognises(body)
            dialect.without_secret(body)
            reading_of(dialect, body)
            assert time.process_time() - began < SECONDS_ALLOWED


class FieldSuite(DialectSuite):
    """What a dialect of named fields reads from them. `required`: keys that a message says too little without."""

    required: ClassVar[tuple[str, ...]]
    side_key: ClassVar[str] = "action"
    symbol_key: ClassVar[str] = "symbol"
    size_key: ClassVar[str] = "quantity"
    misspelt: ClassVar[str] = "quantitiy"

    def data(self) -> dict[str, object]:
        found = self.body().data
        assert found is not None
        return dict(found)

    def read(self, data: dict[str, object]) -> Reading | None:
        return reading_of(self.dialect(), Body(text=json.dumps(data, default=str), data=data))

    def without(self, key: str) -> dict[str, object]:
        return {name: value for name, value in self.data().items() if name != key}

    def test_a_message_without_a_required_field_is_refused(self) -> None:
        for key in self.required:
            assert self.read(self.without(key)) is None, key

    def test_a_size_that_is_not_stated_stays_unstated(self) -> None:
        reading = self.read(self.without(self.size_key))

        assert reading is None or all(signal.quantity is None for signal in reading.signals)

    @given(_VALUES)
    @_FOR_EACH_DIALECT
    def test_a_side_is_read_only_from_a_word_of_the_table(self, value: object) -> None:
        reading = self.read({**self.data(), self.side_key: value})

        for signal in reading.signals if reading is not None else ():
            assert isinstance(value, str) or signal.action not in (Action.BUY, Action.SELL)

    @given(_VALUES)
    @_FOR_EACH_DIALECT
    def test_a_symbol_is_read_as_it_was_written_or_not_at_all(self, value: object) -> None:
        reading = self.read({**self.data(), self.symbol_key: value})

        if reading is not None:
            assert isinstance(value, str)
            assert {signal.symbol_as_written for signal in reading.signals} == {value.strip(" ")}

    @given(_VALUES)
    @_FOR_EACH_DIALECT
    def test_a_size_is_a_number_above_zero_or_refused(self, value: object) -> None:
        reading = self.read({**self.data(), self.size_key: value})

        for signal in reading.signals if reading is not None else ():
            assert signal.quantity is None or signal.quantity.value > 0
            assert (signal.quantity is None) is (value is None)

    def test_a_near_miss_of_a_known_field_is_refused(self) -> None:
        assert self.read({**self.without(self.size_key), self.misspelt: "5"}) is None


class JsonDialectSuite(FieldSuite):
    """For a dialect of JSON objects: what it must not be led into by what stands in them."""

    @given(st.dictionaries(st.text(max_size=20), _VALUES, max_size=6))
    @_FOR_EACH_DIALECT
    def test_arbitrary_fields_never_fail(self, fields: dict[str, object]) -> None:
        self.read(fields)
        self.read({**fields, **self.data()})

    def test_an_unknown_field_is_left_aside_and_listed(self) -> None:
        reading = self.read({**self.data(), "weather_in_chicago": "rain"})

        assert reading is not None
        assert "weather_in_chicago" in reading.ignored
        assert reading.signals == self.dialect().parse(self.body(), HABITS).signals

    def test_an_unfilled_placeholder_in_what_decides_the_order_is_refused(self) -> None:
        for key in (self.side_key, self.symbol_key, self.size_key):
            for placeholder in ("{{strategy.order.action}}", "%value%", "<value>"):
                assert self.read({**self.data(), key: placeholder}) is None, (key, placeholder)

    def test_look_alikes_of_other_scripts_are_refused(self) -> None:
        for key, value in (
            (self.symbol_key, "\u041c\u0415S"),
            (self.side_key, "\u017fell"),
            (self.size_key, "\uff11"),
        ):
            assert self.read({**self.data(), key: value}) is None, key

    def test_no_refusal_repeats_the_secret(self) -> None:
        dialect = self.dialect()
        for key in self.data():
            for value in (SECRET, [SECRET], {"value": SECRET}):
                data = {**self.data(), key: value, "echo": SECRET}
                body = Body(text=json.dumps(data, default=str), data=data)
                try:
                    dialect.parse(body, HABITS)
                except SignalRefused as refused:
                    shown = f"{refused} {refused.field} {refused.got}"
                    assert dialect.secret(body) is None or SECRET[:8] not in shown, key

    def test_a_secret_is_masked_however_it_is_written(self) -> None:
        if not self.carries_secret:
            return
        escaped = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
        for text in (self.message.replace(SECRET, escaped), self.message.replace(f'"{SECRET}"', f'["{SECRET}"]')):
            kept = self.dialect().without_secret(read_body(text.encode()))
            assert SECRET not in kept
            assert escaped not in kept
