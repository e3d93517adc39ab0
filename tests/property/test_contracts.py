"""What holds for every contract, symbol and number, not only for the examples."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.contracts import (
    MONTH_CODES,
    Contract,
    front_month,
    is_expired,
    is_listed_month,
    read_symbol,
    resolve_symbol,
    roll_table,
)
from tradershub.domain.instruments import Instrument, Instruments, instruments_from_json
from tradershub.domain.quantities import Rounding, decimal_text, parse_decimal, round_to_step

SHIPPED = (Path(__file__).parents[2] / "config" / "instruments.json").read_text(encoding="utf-8")
CATALOGUE = Instruments(instruments_from_json(SHIPPED))
NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

futures = st.sampled_from([one for one in CATALOGUE.all() if one.roll is not None])
days = st.dates(date(2025, 1, 1), date(2040, 12, 31))
steps = st.sampled_from(
    [Decimal(text) for text in ("1", "0.25", "0.1", "0.01", "0.015625", "0.00390625", "0.0000005", "5", "0.3")]
)
values = st.decimals(Decimal(-999_999_999), Decimal(999_999_999), places=9, allow_nan=False, allow_infinity=False)


def spellings(contract: Contract) -> list[str]:
    root, code, month, year = contract.root, contract.code, contract.month, contract.year
    name = NAMES[month - 1]
    return [
        f"{root}{code}{year}", f"{root}{code}{year % 100:02d}", f"{root} {code}{year % 100:02d}",
        f"CME:{root}{code}{year}",
        f"{root} {month:02d}-{year % 100:02d}", f"{root} {month:02d}-{year}", f"{root} {month:02d}{year % 100:02d}",
        f"{root} {name}{year % 100:02d}", f"{root} {name} {year % 100:02d}", f"{root} {name}{year}",
        f"{root} {month:02d}-{year % 100:02d} Globex", f"{root.lower()}{code.lower()}{year}",
    ]  # fmt: skip


@given(one=futures, month=st.integers(1, 12), year=st.integers(2000, 2099), today=days)
def test_every_spelling_of_a_contract_reads_back_as_that_contract(
    one: Instrument, month: int, year: int, today: date
) -> None:
    contract = Contract(one.root, month, year)
    for text in spellings(contract):
        read = read_symbol(text, CATALOGUE, today=today)
        assert read is not None, text
        assert read.contract == contract, text
        assert resolve_symbol(read, CATALOGUE, today) == contract.symbol


@given(one=futures, today=days)
def test_a_one_digit_year_of_a_front_month_is_always_understood(one: Instrument, today: date) -> None:
    contract = front_month(one, today)
    read = read_symbol(f"{one.root}{contract.code}{contract.year % 10}", CATALOGUE, today=today)
    assert read is not None
    assert read.contract == contract


@given(one=futures, today=days)
def test_a_front_month_is_listed_and_has_not_expired_and_stands_in_the_roll_table(one: Instrument, today: date) -> None:
    contract = front_month(one, today)
    assert is_listed_month(one, contract)
    assert not is_expired(one, contract, today)
    (line,) = roll_table(one, today, today)
    assert line.contract == contract
    assert line.front_from <= today
    assert front_month(one, line.front_from) == contract


@given(text=st.text(max_size=80))
def test_any_text_is_read_as_a_whole_or_not_at_all(text: str) -> None:
    read = read_symbol(text, CATALOGUE, today=date(2026, 11, 22))
    if read is not None:
        assert text.isascii()
        assert read.root in CATALOGUE


@given(one=futures, stray=st.characters(min_codepoint=128, exclude_categories=()), place=st.integers(0, 7))
def test_a_character_of_another_script_spoils_any_symbol(one: Instrument, stray: str, place: int) -> None:
    symbol = f"{one.root}Z2026"
    for text in (symbol[:place] + stray + symbol[place:], symbol[:place] + stray + symbol[place + 1 :]):
        assert read_symbol(text, CATALOGUE, today=date(2026, 11, 22)) is None


@given(value=values, step=steps, rounding=st.sampled_from(list(Rounding)))
def test_a_rounded_value_is_on_the_step_and_less_than_a_step_away(
    value: Decimal, step: Decimal, rounding: Rounding
) -> None:
    rounded = round_to_step(value, step, rounding)
    assert rounded % step == 0
    assert abs(rounded - value) < step
    assert round_to_step(rounded, step, rounding) == rounded
    match rounding:
        case Rounding.DOWN:
            assert rounded <= value
        case Rounding.UP:
            assert rounded >= value
        case Rounding.NEAREST:
            assert abs(rounded - value) * 2 <= step
        case Rounding.TOWARD_ZERO:
            assert abs(rounded) <= abs(value)


@given(value=values)
def test_a_number_printed_is_the_number_read(value: Decimal) -> None:
    assert parse_decimal(decimal_text(value)) == value


@given(text=st.text(alphabet="0123456789+-.eE_, naNIfx１٣", max_size=40))
def test_a_text_is_a_bounded_number_or_refused(text: str) -> None:
    try:
        value = parse_decimal(text)
    except ValueError:
        return
    assert value == Decimal(text)
    assert abs(value) < 1_000_000_000


def test_the_month_codes_are_the_exchanges() -> None:
    assert dict(zip(MONTH_CODES, NAMES, strict=True))["Z"] == "DEC"
