"""Platform names and ratios: the shipped maps, both directions, and mistakes in a map."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tradershub.domain.errors import ConfigurationError
from tradershub.domain.instruments import Instruments, instruments_from_json
from tradershub.domain.symbol_map import ContractStyle, MapEntry, SymbolMap, identity_map, symbol_map_from_json

CONFIG = Path(__file__).parents[3] / "config"
CATALOGUE = Instruments(instruments_from_json((CONFIG / "instruments.json").read_text(encoding="utf-8")))
FUTURES = tuple(one.root for one in CATALOGUE.all() if one.roll is not None)


def shipped(platform: str) -> SymbolMap:
    text = (CONFIG / f"{platform}_instruments.json").read_text(encoding="utf-8")
    return symbol_map_from_json(platform, text, CATALOGUE)


def name_of(mapped: SymbolMap, hub_symbol: str) -> str | None:
    found = mapped.to_platform(hub_symbol)
    return None if found is None else found.platform_symbol


def test_paper_speaks_the_hubs_own_names_and_units() -> None:
    paper = identity_map("paper", CATALOGUE)
    assert paper.platform == "paper"
    for one in CATALOGUE.all():
        symbol = one.root if one.roll is None else f"{one.root}Z2026"
        found = paper.to_platform(symbol)
        assert found is not None
        assert (found.platform_symbol, found.quantity_ratio) == (symbol, Decimal(1))
        assert (found.step, found.min, found.max) == (one.quantity_step, one.min_quantity, one.max_quantity)
        assert paper.to_hub(symbol) == symbol


def test_ninjatrader_knows_every_future_by_its_month() -> None:
    nt8 = shipped("nt8")
    for root in FUTURES:
        assert name_of(nt8, f"{root}Z2026") == f"{root} 12-26"
        assert nt8.to_hub(f"{root} 12-26") == nt8.to_hub(f"{root} DEC26") == f"{root}Z2026"
    assert nt8.to_hub("MES 12-26 Globex") == "MESZ2026"


def test_ninjatrader_counts_currencies_in_base_units() -> None:
    found = shipped("nt8").to_platform("EURUSD")
    assert found is not None
    assert found.quantity(Decimal("0.25")) == 25_000
    assert found.quantity(Decimal("0.019")) == 1_000
    assert found.hub_quantity(Decimal(25_000)) == Decimal("0.25")


@pytest.mark.parametrize("platform", ["mt5", "ctrader"])
def test_a_cfd_platform_takes_futures_by_point_value(platform: str) -> None:
    mapped = shipped(platform)
    micro, mini = mapped.to_platform("MESZ2026"), mapped.to_platform("ESZ2026")
    assert micro is not None
    assert mini is not None
    assert micro.platform_symbol == mini.platform_symbol == "US500"
    assert [micro.quantity(Decimal(2)), mini.quantity(Decimal(2))] == [Decimal(10), Decimal(100)]
    assert mapped.to_hub("US500") == "US500"
    assert mapped.to_hub("XAUUSD") == "XAUUSD"
    assert mapped.to_hub("AUDUSD") == "AUDUSD"
    euro = mapped.to_platform("M6EZ2026")
    assert euro is not None
    assert euro.quantity(Decimal(1)) == Decimal("0.12")


@pytest.mark.parametrize("symbol", ["CLZ2026", "SPY", "", "MESZ26"])
def test_what_is_not_mapped_is_none(symbol: str) -> None:
    assert shipped("mt5").to_platform(symbol) is None
    assert shipped("mt5").to_hub(symbol) is None


def test_a_future_without_its_month_is_not_tradable_where_months_are_named() -> None:
    assert name_of(shipped("nt8"), "MES") is None
    assert shipped("nt8").to_hub("MES") is None
    assert name_of(shipped("mt5"), "MES") == "US500"


@pytest.mark.parametrize("name", ["MES ##-##", "XYZ 12-26", "EURUSD 12-26", "MESZ6"])
def test_a_name_the_platform_cannot_trade_leads_nowhere(name: str) -> None:
    assert shipped("nt8").to_hub(name) is None


def test_a_name_shared_by_futures_alone_is_ambiguous() -> None:
    entries = (MapEntry(symbol="MES", platform_symbol="SPX"), MapEntry(symbol="ES", platform_symbol="SPX"))
    assert SymbolMap("mt5", entries, CATALOGUE).to_hub("SPX") is None
    assert SymbolMap("mt5", entries[:1], CATALOGUE).to_hub("SPX") == "MES"
    dated = SymbolMap("mt5", entries, CATALOGUE, contracts=ContractStyle.SHORT_YEAR)
    assert (name_of(dated, "MESZ2026"), dated.to_hub("SPXZ26")) == ("SPXZ26", None)


def test_an_accounts_own_entries_come_before_the_platforms() -> None:
    own = MapEntry(
        symbol="MES",
        platform_symbol="US500.cash",
        quantity_ratio=Decimal("0.5"),
        quantity_step=Decimal("0.01"),
        min_quantity=Decimal("0.1"),
        max_quantity=Decimal(50),
    )
    mapped = shipped("mt5").with_entries((own,))
    found = mapped.to_platform("MESZ2026")
    assert found is not None
    assert (found.platform_symbol, found.quantity_ratio) == ("US500.cash", Decimal("0.5"))
    assert (found.step, found.min, found.max) == (Decimal("0.01"), Decimal("0.1"), Decimal(50))
    assert mapped.to_hub("US500.cash") == "MES"
    assert name_of(mapped, "ESZ2026") == "US500"


def test_an_entry_of_an_unknown_instrument_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown instrument 'XYZ'"):
        SymbolMap("mt5", (MapEntry(symbol="XYZ", platform_symbol="XYZ"),), CATALOGUE)


def mistakes_of(*rows: object, **top: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        symbol_map_from_json("mt5", json.dumps({"instruments": rows} | top), CATALOGUE)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"symbol": "XYZ"}, "symbol"),
        ({"symbol": "USTEC"}, "symbol"),
        ({"platform_symbol": "US500;1"}, "platform_symbol"),
        ({"platform_symbol": " US500"}, "platform_symbol"),
        ({"platform_symbol": None}, "platform_symbol"),
        ({"quantity_ratio": "0"}, "quantity_ratio"),
        ({"quantity_ratio": "5", "point_value": "1"}, "point_value"),
        ({"point_value": "x"}, "point_value"),
        ({"quantity_step": "-1"}, "quantity_step"),
        ({"min_quantity": "2", "max_quantity": "1"}, "max_quantity"),
        ({"ratio": "5"}, "ratio"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_remedy(change: dict[str, object], key: str) -> None:
    (mistake,) = mistakes_of({"symbol": "MES", "platform_symbol": "US500"} | change)
    assert mistake.startswith(f"config/mt5_instruments.json: instruments[1].{key}: ")


def test_all_mistakes_are_listed_at_once() -> None:
    good = {"symbol": "MES", "platform_symbol": "US500"}
    unknown = {"symbol": "XYZ", "platform_symbol": "US500", "point_value": "1"}
    found = mistakes_of(good, good, unknown, 7, contracts="weekly", extra=1)
    keys = {line.split(": ")[1] for line in found}
    assert {"$.contracts", "$.extra", "instruments[2].symbol", "instruments[3].symbol", "instruments[4]"} <= keys
