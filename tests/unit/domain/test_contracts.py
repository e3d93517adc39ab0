"""Contracts: published expiry dates, the roll table, and every spelling of a symbol."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tradershub.domain.contracts import (
    Contract,
    DayRule,
    Rolled,
    RollRule,
    SymbolSpelling,
    contract_after,
    contract_of,
    front_month,
    is_expired,
    is_listed_month,
    last_trade,
    read_contract,
    read_symbol,
    resolve_symbol,
    roll_table,
)
from tradershub.domain.instruments import Instrument, Instruments, instruments_from_json
from tradershub.domain.roll_rules import Anchor, last_trade_date

SHIPPED = (Path(__file__).parents[3] / "config" / "instruments.json").read_text(encoding="utf-8")
CATALOGUE = Instruments(instruments_from_json(SHIPPED))
TODAY = date(2026, 11, 22)
MESZ2026 = Contract("MES", 12, 2026)


def instrument(root: str) -> Instrument:
    found = CATALOGUE.get(root)
    assert found is not None
    return found


def contract(symbol: str) -> Contract:
    found = contract_of(symbol)
    assert found is not None
    return found


def spelled(text: str, today: date = TODAY) -> SymbolSpelling | None:
    return read_symbol(text, CATALOGUE, today=today)


@pytest.mark.parametrize(
    ("symbol", "last"),
    [
        ("ESZ2026", "2026-12-18"),
        ("MESH2027", "2027-03-19"),
        ("ESM2026", "2026-06-18"),
        ("ESM2027", "2027-06-17"),
        ("NKDZ2026", "2026-12-10"),
        ("CLF2027", "2026-12-21"),
        ("CLF2026", "2025-12-19"),
        ("CLG2026", "2026-01-20"),
        ("CLK2025", "2025-04-22"),
        ("MCLF2027", "2026-12-18"),
        ("NGF2027", "2026-12-29"),
        ("MNGF2027", "2026-12-28"),
        ("RBF2027", "2026-12-31"),
        ("GCZ2026", "2026-12-29"),
        ("MGCG2027", "2027-02-24"),
        ("HGH2027", "2027-03-29"),
        ("MHGU2022", "2022-08-29"),
        ("MHGZ2022", "2022-11-28"),
        ("MHGH2023", "2023-02-24"),
        ("ZNZ2026", "2026-12-21"),
        ("ZBH2027", "2027-03-19"),
        ("ZFZ2026", "2026-12-31"),
        ("ZTH2027", "2027-03-31"),
        ("6EZ2026", "2026-12-14"),
        ("6CZ2026", "2026-12-15"),
        ("MBTX2026", "2026-11-27"),
        ("BTCZ2026", "2026-12-24"),
        ("BTCH2027", "2027-03-25"),
    ],
)
def test_a_contract_stops_trading_on_the_published_day(symbol: str, last: str) -> None:
    asked = contract(symbol)
    day = date.fromisoformat(last)
    assert last_trade(instrument(asked.root), asked) == day
    assert not is_expired(instrument(asked.root), asked, day)
    assert is_expired(instrument(asked.root), asked, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("root", "on", "symbol"),
    [
        ("MES", "2026-11-22", "MESZ2026"),
        ("MES", "2026-12-13", "MESZ2026"),
        ("MES", "2026-12-14", "MESH2027"),
        ("MES", "2027-01-04", "MESH2027"),
        ("MES", "2027-03-15", "MESM2027"),
        ("GC", "2026-11-23", "GCZ2026"),
        ("GC", "2026-11-24", "GCG2027"),
        ("GC", "2026-09-30", "GCZ2026"),
        ("CL", "2026-11-16", "CLZ2026"),
        ("CL", "2026-11-17", "CLF2027"),
        ("MCL", "2026-11-17", "MCLF2027"),
        ("NG", "2026-11-19", "NGZ2026"),
        ("ZN", "2026-11-24", "ZNH2027"),
        ("6E", "2026-12-10", "6EZ2026"),
        ("6E", "2026-12-11", "6EH2027"),
        ("6C", "2026-12-11", "6CH2027"),
        ("MBT", "2026-11-24", "MBTX2026"),
        ("MBT", "2026-11-25", "MBTZ2026"),
        ("PL", "2026-12-31", "PLJ2027"),
    ],
)
def test_the_front_month_changes_on_the_day_of_the_roll_rule(root: str, on: str, symbol: str) -> None:
    assert front_month(instrument(root), date.fromisoformat(on)).symbol == symbol


def test_a_micro_rolls_on_the_day_of_its_big_contract() -> None:
    for micro, big in (
        ("MES", "ES"),
        ("MGC", "GC"),
        ("MCL", "CL"),
        ("MNG", "NG"),
        ("M6E", "6E"),
        ("MHG", "HG"),
        ("MBT", "BTC"),
    ):
        days = (date(2026, 1, 1) + timedelta(days=offset) for offset in range(365))
        for day in days:
            small, large = front_month(instrument(micro), day), front_month(instrument(big), day)
            assert (small.month, small.year) == (large.month, large.year), (micro, day)


def test_the_roll_table_has_a_line_for_each_front_month_of_a_span() -> None:
    table = roll_table(instrument("MES"), date(2026, 11, 22), date(2027, 3, 15))
    assert [(line.contract.symbol, line.front_from.isoformat(), line.last_trade.isoformat()) for line in table] == [
        ("MESZ2026", "2026-09-14", "2026-12-18"),
        ("MESH2027", "2026-12-14", "2027-03-19"),
        ("MESM2027", "2027-03-15", "2027-06-17"),
    ]


def test_the_roll_table_of_a_first_contract_of_the_year_starts_in_the_year_before() -> None:
    (line,) = roll_table(instrument("MES"), date(2027, 1, 4), date(2027, 1, 5))
    assert (line.contract.symbol, line.front_from) == ("MESH2027", date(2026, 12, 14))


def test_every_front_month_still_trades() -> None:
    for one in CATALOGUE.all():
        if one.roll is None:
            continue
        for line in roll_table(one, date(2025, 1, 1), date(2029, 12, 31)):
            following = contract_after(one, line.contract)
            assert line.front_from < front_end(one, line.contract) <= line.last_trade + timedelta(days=1)
            assert last_trade(one, following) > line.last_trade


def front_end(one: Instrument, held: Contract) -> date:
    day = last_trade(one, held) - timedelta(days=45)
    while (front_month(one, day).year, front_month(one, day).month) <= (held.year, held.month):
        day += timedelta(days=1)
    return day


def test_gold_passes_over_october_but_its_contract_may_be_named() -> None:
    gold = instrument("GC")
    assert contract_after(gold, Contract("GC", 8, 2026)).symbol == "GCZ2026"
    assert contract_after(gold, Contract("GC", 12, 2026)).symbol == "GCG2027"
    assert is_listed_month(gold, Contract("GC", 10, 2026))
    assert not is_listed_month(instrument("MES"), Contract("MES", 1, 2027))
    assert not is_listed_month(instrument("EURUSD"), Contract("EURUSD", 12, 2026))


def test_what_has_no_contracts_has_no_front_month() -> None:
    with pytest.raises(ValueError, match="EURUSD has no contract months"):
        front_month(instrument("EURUSD"), TODAY)


def test_the_last_trade_date_cannot_follow_from_itself() -> None:
    day = DayRule(anchor=Anchor.LAST_TRADE)
    with pytest.raises(ValueError, match="last_trade"):
        last_trade_date(RollRule(months=(3,), listed=(3,), last_trade=day, roll=day), 2026, 3)


def test_the_december_contract_of_an_end_of_month_product_is_found() -> None:
    rule = RollRule(
        months=(12,),
        listed=(12,),
        last_trade=DayRule(anchor=Anchor.LAST_FRIDAY),
        roll=DayRule(anchor=Anchor.LAST_BUSINESS_DAY),
    )
    assert last_trade_date(rule, 2027, 12) == date(2027, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "MESZ2026", "MESZ26", "MESZ6", "MES Z6", "MES Z26", "MES Z2026", "MES 12-26", "MES 12-2026",
        "MES 1226", "MES DEC26",
        "MES DEC 26", "MES DEC2026", "MES DEC 2026", "mesz6", "mes dec26", "CME_MINI:MESZ2026", "CME:MESZ6",
        "MES 12-26 Globex", "MES DEC26 GLOBEX",
    ],
)  # fmt: skip
def test_every_spelling_of_a_contract_is_read(text: str) -> None:
    read = spelled(text)
    assert read is not None
    assert (read.root, read.contract, read.continuous, read.as_written) == ("MES", MESZ2026, None, text)
    assert resolve_symbol(read, CATALOGUE, TODAY) == "MESZ2026"


@pytest.mark.parametrize(
    ("text", "continuous", "symbol"),
    [
        ("MES", None, "MESZ2026"),
        ("mes", None, "MESZ2026"),
        ("MES1!", 1, "MESZ2026"),
        ("MES2!", 2, "MESH2027"),
        ("MES3!", 3, "MESM2027"),
        ("@MES", 1, "MESZ2026"),
        ("@MES.D", 1, "MESZ2026"),
        ("@MES=105XN", 1, "MESZ2026"),
        ("@MES.D=205XC", 2, "MESH2027"),
        ("CME_MINI:MES1!", 1, "MESZ2026"),
        ("CBOT_MINI:MYM1!", 1, "MYMZ2026"),
        ("COMEX:GC1!", 1, "GCZ2026"),
        ("NYMEX:CL1!", 1, "CLF2027"),
        ("6E1!", 1, "6EZ2026"),
        ("M2K1!", 1, "M2KZ2026"),
    ],
)
def test_a_continuous_spelling_means_the_contract_of_the_day(text: str, continuous: int | None, symbol: str) -> None:
    read = spelled(text)
    assert read is not None
    assert (read.contract, read.continuous) == (None, continuous)
    assert resolve_symbol(read, CATALOGUE, TODAY) == symbol


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("EURUSD", "EURUSD"),
        ("eurusd", "EURUSD"),
        ("EUR/USD", "EURUSD"),
        ("FX:EURUSD", "EURUSD"),
        ("FX_IDC:EURUSD", "EURUSD"),
        ("OANDA:XAUUSD", "XAUUSD"),
        ("XAU/USD", "XAUUSD"),
        ("NAS100", "NAS100"),
        ("USTEC", "NAS100"),
        ("CAPITALCOM:US100", "NAS100"),
        ("OANDA:SPX500USD", "US500"),
        ("DE40", "GER40"),
    ],
)
def test_currencies_metals_and_indices_are_read(text: str, symbol: str) -> None:
    read = spelled(text)
    assert read is not None
    assert resolve_symbol(read, CATALOGUE, TODAY) == symbol


@pytest.mark.parametrize(
    ("text", "exchange", "delayed"),
    [
        ("CME_MINI:MES1!", "CME_MINI", False),
        ("CME_MINI_DL:MES1!", "CME_MINI", True),
        ("CME_MINI_DLY:MES1!", "CME_MINI", True),
        ("MES1!", None, False),
    ],
)
def test_delayed_data_is_reported(text: str, exchange: str | None, delayed: bool) -> None:
    read = spelled(text)
    assert read is not None
    assert (read.exchange, read.delayed) == (exchange, delayed)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "   ", "MES ", " MES", "MES\n", "ME S", "MES\x00X", "M\tES", "MESX", "XMES", "E", "S", "MES!",
        "MES0!", "MES10!",
        "1!", "@", "@MES1!", "@MES=105", "@MES=005XN", "MES=105XN", "MES.D", "@EURUSD/USD", "МЕS", "ＭＥＳ",
        "MES\u200b",
        "ME\ud800S", "ſI", "MES1！", "MESZ", "MESZ126", "MESZ20266", "MESZ1926", "MESA26", "MES 13-26", "MES 00-26",
        "MES 3-26", "MES 12/26", "MES 12-6", "MES  12-26", "MES DEZ26", "MES DEC6", "MES ##-##", "MES 2612",
        "MES 122026",
        "MES 12-26 Lime", "MES Globex", "MES;1;MARKET", "MES'; DROP TABLE orders;--", "{{ticker}}", "BTCUSD", "SPY",
        "EURUSD.a", "EURUSDm", "EUR/USD/JPY", "EUR/", "/ES", "USD/EUR", "CME_MINI:", ":MES", "CME:CME:MES",
        "cme mini:MES",
        "NYSE:CL", "NASDAQ:ES", "MOEX:SI1!", "TSX:GC", "1:MES", "M" * 65, "MES" + " " * 10_000,
    ],
)  # fmt: skip
def test_what_does_not_match_as_a_whole_is_never_guessed(text: str) -> None:
    assert spelled(text) is None


@pytest.mark.parametrize(
    ("text", "today", "symbol"),
    [
        ("MESZ6", "2026-11-22", "MESZ2026"),
        ("MESH7", "2026-11-22", "MESH2027"),
        ("MESU6", "2026-11-22", "MESU2026"),
        ("MESZ5", "2026-11-22", "MESZ2025"),
        ("MESH0", "2029-12-20", "MESH2030"),
        ("CLZ3", "2026-11-22", "CLZ2033"),
        ("CLU4", "2026-11-22", "CLU2034"),
        ("MESZ9", "2030-01-02", "MESZ2029"),
    ],
)
def test_a_year_of_one_digit_is_the_nearest_not_long_expired(text: str, today: str, symbol: str) -> None:
    read = spelled(text, date.fromisoformat(today))
    assert read is not None
    assert read.contract is not None
    assert read.contract.symbol == symbol


def test_any_container_of_roots_will_do() -> None:
    read = read_symbol("ES1!", frozenset({"ES"}), today=TODAY)
    assert read is not None
    assert read.root == "ES"
    assert read_symbol("MES1!", frozenset({"ES"}), today=TODAY) is None


def test_a_spelling_that_makes_no_sense_for_its_instrument_resolves_to_no_known_symbol() -> None:
    for text in ("EURUSD1!", "EURUSDZ6"):
        read = spelled(text)
        assert read is not None
        assert CATALOGUE.of_symbol(resolve_symbol(read, CATALOGUE, TODAY)) is None


def test_a_root_that_is_no_longer_known_resolves_to_itself() -> None:
    class Nothing:
        def get(self, root: str) -> Rolled | None:
            return None

    read = SymbolSpelling(root="XYZ", contract=None, continuous=None, as_written="XYZ")
    assert resolve_symbol(read, Nothing(), TODAY) == "XYZ"


def test_a_platforms_contract_name_is_read_without_knowing_the_day() -> None:
    assert read_contract("MES 12-26", CATALOGUE) == MESZ2026
    assert read_contract("MES Dec26 Globex", CATALOGUE) == MESZ2026
    assert read_contract("MESZ26", CATALOGUE) == MESZ2026
    assert read_contract("MESZ6", CATALOGUE) is None
    assert read_contract("XYZ 12-26", CATALOGUE) is None
    assert read_contract("ＭES 12-26", CATALOGUE) is None


def test_a_hub_symbol_is_taken_apart() -> None:
    assert contract_of("MESZ2026") == MESZ2026
    assert (MESZ2026.symbol, MESZ2026.code) == ("MESZ2026", "Z")
    assert contract_of("MES") is None
    assert contract_of("MESZ26") is None
