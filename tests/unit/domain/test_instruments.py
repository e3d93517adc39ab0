"""The catalogue: the shipped table against exchange specifications, arithmetic, and mistakes in a table."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tradershub.domain.errors import ConfigurationError
from tradershub.domain.instruments import AssetClass, Instrument, Instruments, instruments_from_json
from tradershub.domain.quantities import Rounding

SHIPPED = (Path(__file__).parents[3] / "config" / "instruments.json").read_text(encoding="utf-8")

# Root, tick, value of one tick of one unit: what the exchange (or the convention of the market) publishes.
SPECIFICATIONS = """
MES 0.25 1.25 | ES 0.25 12.5 | MNQ 0.25 0.5 | NQ 0.25 5 | M2K 0.1 0.5 | RTY 0.1 5 | MYM 1 0.5 | YM 1 5 | NKD 5 25
MGC 0.1 1 | GC 0.1 10 | SIL 0.005 5 | SI 0.005 25 | HG 0.0005 12.5 | MHG 0.0005 1.25 | PL 0.1 5 | PA 0.5 50
MCL 0.01 1 | CL 0.01 10 | QM 0.025 12.5 | MNG 0.001 1 | NG 0.001 10 | RB 0.0001 4.2 | HO 0.0001 4.2
ZT 0.00390625 7.8125 | ZF 0.0078125 7.8125 | ZN 0.015625 15.625 | TN 0.015625 15.625
ZB 0.03125 31.25 | UB 0.03125 31.25
6E 0.00005 6.25 | 6B 0.0001 6.25 | 6J 0.0000005 6.25 | 6A 0.00005 5 | 6C 0.00005 5 | 6S 0.00005 6.25 | 6M 0.00001 5
M6E 0.0001 1.25 | M6B 0.0001 0.625 | M6A 0.0001 1 | MBT 5 0.5 | BTC 5 25 | MET 0.5 0.05 | ETH 0.5 25
EURUSD 0.00001 1 | USDJPY 0.001 100 | EURGBP 0.00001 1 | XAUUSD 0.01 1 | XAGUSD 0.001 5 | US500 0.01 0.01
"""


@pytest.fixture(scope="module")
def catalogue() -> Instruments:
    return Instruments(instruments_from_json(SHIPPED))


@pytest.mark.parametrize("line", SPECIFICATIONS.replace("\n", "|").strip("|").split("|"))
def test_a_shipped_instrument_has_the_published_tick_and_tick_value(catalogue: Instruments, line: str) -> None:
    root, tick, value = line.split()
    instrument = catalogue.get(root)
    assert instrument is not None
    assert instrument.tick == Decimal(tick)
    assert instrument.money(instrument.tick, Decimal(1)) == Decimal(value)


def test_every_future_has_a_roll_rule_and_nothing_else_has_one(catalogue: Instruments) -> None:
    for instrument in catalogue.all():
        assert (instrument.roll is not None) == (instrument.asset_class is AssetClass.FUTURE), instrument.root


@pytest.mark.parametrize(
    ("small", "big", "ratio"),
    [
        ("MES", "ES", "0.1"),
        ("US500", "ES", "0.02"),
        ("MYM", "YM", "0.1"),
        ("US30", "YM", "0.2"),
        ("SIL", "SI", "0.2"),
        ("XAGUSD", "SI", "1"),
        ("MBT", "BTC", "0.02"),
        ("EURUSD", "6E", "0.8"),
        ("QM", "CL", "0.5"),
    ],
)
def test_sizes_in_a_group_follow_the_point_values(catalogue: Instruments, small: str, big: str, ratio: str) -> None:
    one, other = catalogue.get(small), catalogue.get(big)
    assert one is not None
    assert other is not None
    assert (one.group, other.group_ratio) == (other.group, Decimal(1))
    assert one.group_ratio == Decimal(ratio) == one.point_value / other.point_value


def test_group_ratios_of_one_currency_always_follow_the_point_values(catalogue: Instruments) -> None:
    references = {
        one.group: one for one in catalogue.all() if one.asset_class is AssetClass.FUTURE and one.group_ratio == 1
    }
    for instrument in catalogue.all():
        reference = references.get(instrument.group, instrument)
        assert instrument.group_ratio == instrument.point_value / reference.point_value, instrument.root


def test_only_energy_may_trade_at_or_below_zero(catalogue: Instruments) -> None:
    roots = {one.root for one in catalogue.all() if one.negative_prices}
    assert roots == {"CL", "MCL", "QM", "NG", "MNG", "QG"}
    crude, index = catalogue.get("CL"), catalogue.get("MES")
    assert crude is not None
    assert index is not None
    assert crude.is_possible_price(Decimal("-37.63"))
    assert index.is_possible_price(Decimal("0.25"))
    assert not index.is_possible_price(Decimal(0))


def test_prices_and_sizes_are_rounded_to_the_instruments_steps(catalogue: Instruments) -> None:
    index, pair = catalogue.get("MES"), catalogue.get("EURUSD")
    assert index is not None
    assert pair is not None
    assert index.price(Decimal("5000.30")) == Decimal("5000.25")
    assert index.price(Decimal("5000.30"), Rounding.UP) == Decimal("5000.50")
    assert index.is_on_tick(Decimal("5000.25"))
    assert not index.is_on_tick(Decimal("5000.30"))
    assert index.quantity(Decimal("2.9")) == 2
    assert pair.quantity(Decimal("-0.129")) == Decimal("-0.12")
    assert pair.is_on_step(Decimal("0.12"))
    assert not pair.is_on_step(Decimal("0.125"))


@pytest.mark.parametrize(
    ("symbol", "root"),
    [
        ("MES", "MES"),
        ("MESZ2026", "MES"),
        ("6EZ2026", "6E"),
        ("NAS100", "NAS100"),
        ("USTEC", "NAS100"),
        ("EURUSD", "EURUSD"),
        ("EURUSDZ2026", None),
        ("XYZZ2026", None),
        ("MESZ6", None),
        ("SPY", None),
        ("", None),
    ],
)
def test_a_hub_symbol_leads_to_its_instrument(catalogue: Instruments, symbol: str, root: str | None) -> None:
    instrument = catalogue.of_symbol(symbol)
    assert (instrument and instrument.root) == root


def test_a_catalogue_contains_roots_and_aliases(catalogue: Instruments) -> None:
    assert "MES" in catalogue
    assert "USTEC" in catalogue
    assert "ustec" not in catalogue
    assert catalogue.get("SPY") is None


def test_a_catalogue_refuses_a_root_twice(catalogue: Instruments) -> None:
    with pytest.raises(ValueError, match="share"):
        Instruments((*catalogue.all(), catalogue.all()[0]))


def test_no_root_can_be_read_as_a_contract_of_another(catalogue: Instruments) -> None:
    for instrument in catalogue.all():
        for name in (instrument.root, *instrument.aliases):
            assert catalogue.of_symbol(name) is instrument


A_FUTURE = {
    "root": "MES", "name": "Micro S&P", "asset_class": "future", "exchange": "CME", "currency": "USD", "tick": "0.25",
    "point_value": "5", "calendar": "cme_equity", "roll": "quarterly",
}  # fmt: skip
A_PAIR = {
    "root": "EURUSD", "name": "Euro", "asset_class": "fx", "exchange": "OTC", "currency": "USD", "tick": 0.00001,
    "point_value": 100000, "quantity_step": "0.01", "pip": "0.0001", "calendar": "fx_24x5",
}  # fmt: skip
ROLLS = {
    "quarterly": {
        "months": "HMUZ",
        "last_trade": {"day": "third_friday"},
        "roll": {"day": "last_trade", "business_days_before": 3},
    }
}


def read(*rows: object, **top: object) -> tuple[Instrument, ...]:
    return instruments_from_json(json.dumps({"rolls": ROLLS, "instruments": rows} | top))


def mistakes_of(*rows: object, **top: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(*rows, **top)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_what_a_row_leaves_out_has_a_plain_default() -> None:
    future, pair = read(A_FUTURE, A_PAIR)
    sizes = (future.quantity_step, future.min_quantity, future.max_quantity, future.group_ratio)
    assert sizes == (Decimal(1), Decimal(1), Decimal(1000), Decimal(1))
    assert (future.group, future.pip, future.aliases) == ("MES", None, ())
    assert not future.negative_prices
    assert future.roll is not None
    assert future.roll.listed == (3, 6, 9, 12)
    assert (pair.min_quantity, pair.roll) == (Decimal("0.01"), None)


def test_a_number_may_be_written_without_quotes_and_stays_exact() -> None:
    (pair,) = read(A_PAIR | {"tick": 0.1, "point_value": 100000})
    assert (pair.tick, pair.point_value) == (Decimal("0.1"), Decimal(100000))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"root": "mes"}, "root"),
        ({"root": None}, "root"),
        ({"name": ""}, "name"),
        ({"asset_class": "share"}, "asset_class"),
        ({"currency": "US"}, "currency"),
        ({"tick": "0"}, "tick"),
        ({"tick": "-1"}, "tick"),
        ({"tick": True}, "tick"),
        ({"tick": "1/4"}, "tick"),
        ({"point_value": None}, "point_value"),
        ({"min_quantity": "0.5"}, "min_quantity"),
        ({"min_quantity": "2", "max_quantity": "1"}, "min_quantity"),
        ({"pip": "x"}, "pip"),
        ({"negative_prices": "yes"}, "negative_prices"),
        ({"calendar": "nyse"}, "calendar"),
        ({"group_ratio": "zero"}, "group_ratio"),
        ({"roll": "monthly"}, "roll"),
        ({"roll": None}, "roll"),
        ({"aliases": ["ok", "OK"]}, "aliases"),
        ({"aliases": "OK"}, "aliases"),
        ({"tikc": "1"}, "tikc"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(change: dict[str, object], key: str) -> None:
    (mistake,) = mistakes_of(A_FUTURE | change)
    assert mistake.startswith("config/instruments.json: ")
    assert f".{key}: " in mistake
    assert "; " in mistake


def test_all_mistakes_are_listed_at_once() -> None:
    found = mistakes_of(A_FUTURE | {"tick": "x", "currency": "dollar"}, A_PAIR | {"roll": "quarterly"}, "MES", extra=1)
    assert [line.split(": ")[1] for line in found][:3] == ["MES.currency", "MES.tick", "EURUSD.roll"]
    assert any("instruments[3]" in line for line in found)
    assert any("$.extra" in line for line in found)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"months": "HMUA"}, "months"),
        ({"listed": "HMU"}, "listed"),
        ({"last_trade": {"day": "last_trade"}}, "last_trade"),
        ({"last_trade": {"day": "easter"}}, "last_trade.day"),
        ({"roll": {"day": "last_trade", "business_days_before": "-1"}}, "roll.business_days_before"),
        ({"roll": {"day": "last_trade", "before": 1}}, "roll.before"),
        ({"roll": None}, "roll"),
        ({"month": "H"}, "month"),
    ],
)
def test_a_mistake_in_a_roll_rule_is_named(change: dict[str, object], key: str) -> None:
    found = mistakes_of(A_FUTURE, rolls={"quarterly": ROLLS["quarterly"] | change})
    assert any(f"rolls.quarterly.{key}: " in line for line in found)


def test_a_name_belongs_to_one_instrument() -> None:
    (mistake,) = mistakes_of(A_FUTURE, A_PAIR | {"aliases": ["MES"]})
    assert "MES already belongs to MES" in mistake


@pytest.mark.parametrize("text", ["", "{", "[1]", "nul", "[" * 100_000, '{"instruments": [], "instruments": []}'])
def test_a_file_that_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        instruments_from_json(text)


def test_a_file_without_instruments_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="instruments"):
        instruments_from_json("{}")


def test_an_instrument_is_a_plain_value() -> None:
    (future,) = read(A_FUTURE)
    assert replace(future, name="other") != future
