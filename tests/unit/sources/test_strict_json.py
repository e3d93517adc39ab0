"""JSON has one meaning or none."""

import json
from decimal import Decimal

import pytest

from tradershub.domain.errors import SignalRefused
from tradershub.sources.registry import MAX_BODY, read_body
from tradershub.sources.strict_json import MAX_DEPTH, MAX_KEYS, MAX_TEXT, read_object


def code_of(text: str) -> str:
    with pytest.raises(SignalRefused) as refused:
        read_object(text)
    assert refused.value.status == 400
    return refused.value.code


def test_numbers_keep_every_digit() -> None:
    assert read_object('{"a": 0.1000000000000000055, "b": 12, "c": 1e3}') == {
        "a": Decimal("0.1000000000000000055"),
        "b": Decimal(12),
        "c": Decimal("1E+3"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1,}', "malformed_json"),
        ("{'a': 1}", "malformed_json"),
        ('{"a": "b', "malformed_json"),
        ('{"a": 1}{"a": 1}', "malformed_json"),
        ('{"a": 1} x', "malformed_json"),
        ('{"a": 1 // one\n}', "malformed_json"),
        ('{"a": 01}', "malformed_json"),
        ('{"a": .5}', "malformed_json"),
        ('{"a": NaN}', "malformed_json"),
        ('{"a": -Infinity}', "malformed_json"),
        ('{"a": "x\ty"}', "malformed_json"),
        ('{"a": "\\ud800"}', "malformed_json"),
        ('{"\\udc00": 1}', "malformed_json"),
        ('{"a": {{close}}}', "unfilled_placeholder"),
        ('{"a": 1, "a": 1}', "duplicate_key"),
        ('{"a": {"b": 1, "\\u0062": 2}}', "duplicate_key"),
        ("[]", "not_an_object"),
        ('"{}"', "not_an_object"),
        ('{"a": 1e99999999999999999999}', "not_a_number"),
        ('{"a": ' + "1" * 5000 + "}", "too_long"),
        ('{"a": "' + "x" * (MAX_TEXT + 1) + '"}', "too_long"),
        ('{"' + "k" * 200 + '": 1}', "too_long"),
        ("[" * 20_000, "too_deep"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "too_deep"),
        (json.dumps({f"k{number}": 1 for number in range(MAX_KEYS + 1)}), "too_many_keys"),
        (json.dumps({"a": [{"b": 1, "c": 1}] * (MAX_KEYS // 2)}), "too_many_keys"),
    ],
)
def test_what_parsers_could_read_differently_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


def test_as_many_levels_keys_and_letters_as_allowed_are_read() -> None:
    deep = '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH
    wide = json.dumps({f"k{number}": "x" * MAX_TEXT for number in range(MAX_KEYS)})

    assert read_object(deep)["a"] is not None
    assert len(read_object(wide)) == MAX_KEYS


def test_brackets_in_a_text_are_no_levels() -> None:
    assert read_object(json.dumps({"a": '[{"\\' * 30})) == {"a": '[{"\\' * 30}


def test_a_byte_order_mark_is_dropped() -> None:
    assert read_body(b'\xef\xbb\xbf{"a": 1}').data == {"a": Decimal(1)}


@pytest.mark.parametrize(
    ("raw", "code", "status"),
    [
        (b"", "empty_body", 400),
        (b" \r\n", "empty_body", 400),
        (b'{"a": "\xff"}', "not_utf8", 400),
        ('{"a": 1}'.encode("utf-16"), "not_utf8", 400),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8", 400),
        (b" " * (MAX_BODY + 1), "too_long", 413),
    ],
)
def test_a_body_that_is_no_text_is_refused(raw: bytes, code: str, status: int) -> None:
    with pytest.raises(SignalRefused) as refused:
        read_body(raw)

    assert (refused.value.code, refused.value.status) == (code, status)


def test_text_that_only_begins_like_json_stays_text() -> None:
    body = read_body(b"[MES] crossed its average")

    assert body.data is None
    assert body.json_error is not None
    assert body.json_error.startswith("malformed_json: ")
    assert read_body(b"MES crossed its average").json_error is None
