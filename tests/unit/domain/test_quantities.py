"""Decimals: which texts are numbers, how numbers are printed, how they are rounded to a step."""

from decimal import Decimal

import pytest

from tradershub.domain.quantities import Rounding, decimal_text, parse_decimal, round_to_step


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        ("5000.25", "5000.25"),
        ("-0.5", "-0.5"),
        ("+2", "2"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("999999999", "999999999"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("-0", "0"),
        ("0e999", "0"),
    ],
)
def test_a_plain_decimal_is_read_exactly(text: str, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", " 1", "1 ", "1\n", "1_000", "1,5", "1,000", "１", "١", "0x10", "NaN", "Infinity", "-inf", ".5",
        "5.", "--1",
        "1e", "1e999", "1e-30", "1e1000", "1000000000", "1e9", "0.0000000000000000001",
        "5000.2500000000000000000000000001",
        "9" * 5000, "true", "1.2.3", "½",
    ],
)  # fmt: skip
def test_anything_else_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_decimal(text)


def test_a_number_with_a_positive_exponent_is_kept_as_a_whole_number() -> None:
    assert str(parse_decimal("1e3")) == "1000"
    assert str(parse_decimal("1.50e2")) == "150"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("50000", "50000"),
        ("5E+4", "50000"),
        ("5000.2500", "5000.25"),
        ("0.50", "0.5"),
        ("0.0000005", "0.0000005"),
        ("-1.00", "-1"),
        ("-0.00", "0"),
        ("0E-9", "0"),
        ("100", "100"),
    ],
)
def test_a_decimal_is_printed_plainly(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_is_not_printed_as_one(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        decimal_text(Decimal(value))


@pytest.mark.parametrize(
    ("value", "step", "rounding", "expected"),
    [
        ("5000.30", "0.25", Rounding.DOWN, "5000.25"),
        ("5000.30", "0.25", Rounding.UP, "5000.50"),
        ("5000.30", "0.25", Rounding.NEAREST, "5000.25"),
        ("5000.375", "0.25", Rounding.NEAREST, "5000.50"),
        ("-37.63", "0.01", Rounding.NEAREST, "-37.63"),
        ("-37.635", "0.01", Rounding.NEAREST, "-37.64"),
        ("-37.631", "0.01", Rounding.DOWN, "-37.64"),
        ("-37.639", "0.01", Rounding.UP, "-37.63"),
        ("-37.639", "0.01", Rounding.TOWARD_ZERO, "-37.63"),
        ("2.9", "1", Rounding.TOWARD_ZERO, "2"),
        ("110.02", "0.015625", Rounding.DOWN, "110.015625"),
        ("110.02", "0.015625", Rounding.UP, "110.031250"),
        ("0.0065432", "0.0000005", Rounding.DOWN, "0.0065430"),
        ("0.1", "0.25", Rounding.DOWN, "0"),
        ("-0.1", "0.25", Rounding.DOWN, "-0.25"),
        ("-0.1", "0.25", Rounding.UP, "0"),
    ],
)
def test_rounding_goes_where_it_says(value: str, step: str, rounding: Rounding, expected: str) -> None:
    assert round_to_step(Decimal(value), Decimal(step), rounding) == Decimal(expected)


def test_a_value_on_the_step_stays() -> None:
    assert all(round_to_step(Decimal("5000.25"), Decimal("0.25"), how) == Decimal("5000.25") for how in Rounding)


def test_nothing_rounds_to_minus_zero() -> None:
    assert str(round_to_step(Decimal("-0.1"), Decimal("0.25"), Rounding.TOWARD_ZERO)) == "0"


@pytest.mark.parametrize("step", ["0", "-1"])
def test_a_step_that_is_not_positive_is_refused(step: str) -> None:
    with pytest.raises(ValueError, match="positive step"):
        round_to_step(Decimal(1), Decimal(step), Rounding.DOWN)
