"""Single values are read strictly."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tradershub.domain.errors import SignalRefused
from tradershub.sources.values import (
    decimal_of,
    id_of,
    instant_of,
    positive_of,
    price_of,
    remark_of,
    symbol_of,
    text_of,
    word_of,
)

WORDS = {"buy": 1, "sell": 2, "close": 3, "kiss": 4}


def refusal_of(read: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(SignalRefused) as refused:
        read(*arguments)
    assert refused.value.field == "k"
    return refused.value.code


@pytest.mark.parametrize("value", [Decimal("5000.25"), "5000.25", "5000.250", Decimal("5.00025E+3")])
def test_a_number_is_a_json_number_or_plain_text(value: object) -> None:
    assert decimal_of(value, "k") == Decimal("5000.25")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((text, "not_a_number") for text in ("1_000", "1,5", "0x10", "\uff11", "\u0661", "NaN", "Infinity")),
        *((text, "not_a_number") for text in ("1 ", "+", "1e999", "1" * 10)),
        *((text, "wrong_type") for text in ("", "  ", True, None, [1], {"$gt": 0})),
        (Decimal("1e-30"), "not_a_number"),
        (Decimal(1_000_000_000), "not_a_number"),
        ("{{close}}", "unfilled_placeholder"),
        ("%last_price%", "unfilled_placeholder"),
        ("<price>", "unfilled_placeholder"),
    ],
)
def test_what_is_not_plainly_a_number_is_refused(value: object, code: str) -> None:
    assert refusal_of(decimal_of, value, "k") == code


def test_a_size_is_above_zero_and_a_price_is_not_zero() -> None:
    assert refusal_of(positive_of, "0", "k") == refusal_of(positive_of, Decimal(-1), "k") == "not_positive"
    assert refusal_of(price_of, Decimal("0.0"), "k") == "not_positive"
    assert price_of("-37.63", "k") == Decimal("-37.63")


@pytest.mark.parametrize(
    "text", ["MES", "MES1!", "@MES", "MES 12-26", "MESZ2026", "EUR/USD", "BTCUSDT.P", "#AAPL", "CME:ES1!"]
)
def test_a_symbol_is_kept_as_it_is_written(text: str) -> None:
    assert symbol_of(f" {text} ", "k") == text


@pytest.mark.parametrize(
    "text", ["", "  ", "M\u200bES", "MES\x00X", "MES;1", "MES\nES", "\uff2d\uff25\uff33", "MES'", "M" * 41, "(MES)"]
)
def test_what_is_no_symbol_is_refused(text: str) -> None:
    assert refusal_of(symbol_of, text, "k") == "bad_symbol"


@pytest.mark.parametrize("text", ["buy", "BUY", " Buy "])
def test_a_word_is_read_in_any_case(text: str) -> None:
    assert word_of(text, "k", WORDS, "unknown") == 1


@pytest.mark.parametrize(
    "text", ["", "bu", "buys", "buy;", "close all", "\u017fell", "bu\u0443", "KI\u1e9e", "\u212aISS"]
)
def test_a_word_that_is_only_near_is_refused(text: str) -> None:
    assert refusal_of(word_of, text, "k", WORDS, "unknown") == "unknown"
    assert refusal_of(word_of, True, "k", WORDS, "unknown") == "wrong_type"


@pytest.mark.parametrize(
    "text",
    ["a\r\nb", "a\x1b[31m", "a\x00", "a\u202eb", "a\u2028b", "a\x85b"],
)
def test_a_name_with_control_characters_is_refused(text: str) -> None:
    assert refusal_of(text_of, text, "k") == "control_character"


@pytest.mark.parametrize(
    "text",
    ["<script>", "=HYPERLINK(1)", "../../etc/passwd", "$(reboot)", "%s%n", "\u05e9\u05dc\u05d5\u05dd", "'; DROP--"],
)
def test_a_name_of_any_other_content_is_kept_as_text(text: str) -> None:
    assert text_of(text, "k") == text


def test_a_name_is_bounded_and_filled_in() -> None:
    assert refusal_of(text_of, "x" * 65, "k") == "too_long"
    assert refusal_of(text_of, "{{strategy}}", "k") == "unfilled_placeholder"
    assert refusal_of(text_of, 5, "k") == "wrong_type"
    assert text_of("   ", "k") is None


def test_an_id_may_be_a_number() -> None:
    assert id_of(Decimal(17), "k") == id_of("17", "k") == "17"
    assert refusal_of(id_of, "{{strategy.order.id}}", "k") == "unfilled_placeholder"


def test_a_remark_becomes_one_inert_line() -> None:
    assert remark_of("stop\r\nFAKE line\x1b[0m \u202eevil", "k") == "stop FAKE line [0m  evil"
    assert remark_of(" \n ", "k") is None


@pytest.mark.parametrize(
    "value",
    ["2026-11-22T14:30:00Z", "2026-11-22T15:30:00+01:00", "1795357800", Decimal(1795357800), Decimal(1795357800000)],
)
def test_an_instant_is_read_in_its_usual_forms(value: object) -> None:
    assert instant_of(value, "k", None) == 1_795_357_800_000_000_000


def test_a_time_needs_a_zone_from_somewhere() -> None:
    assert refusal_of(instant_of, "2026-11-22T09:30:00", "k", None) == "zone_missing"
    assert instant_of("2026-11-22T09:30:00", "k", "America/New_York") == 1_795_357_800_000_000_000


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((text, "bad_time") for text in ("yesterday", "", "2026-02-30T00:00:00Z", "5325-02-21 700")),
        *((number, "bad_time") for number in (Decimal("1.5"), Decimal("1E+400"))),
        ("{{timenow}}", "unfilled_placeholder"),
        (True, "wrong_type"),
    ],
)
def test_what_is_no_time_is_refused(value: object, code: str) -> None:
    assert refusal_of(instant_of, value, "k", None) == code
