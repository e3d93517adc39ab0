"""Futures contracts: how sources spell them, which one is the front month, when they roll and expire."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tradershub.domain.roll_rules import Anchor, DayRule, RollRule, last_trade_date, roll_date

__all__ = [
    "MONTH_CODES",
    "Anchor",
    "Contract",
    "DayRule",
    "InstrumentLookup",
    "RollDate",
    "RollRule",
    "Rolled",
    "SymbolSpelling",
    "contract_after",
    "contract_of",
    "front_month",
    "is_expired",
    "is_listed_month",
    "last_trade",
    "read_contract",
    "read_symbol",
    "resolve_symbol",
    "roll_table",
]

MONTH_CODES = "FGHJKMNQUVXZ"
"""January to December."""
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
LONGEST_SYMBOL = 64
# A year of one digit means the contract that expired at most two years ago or the one listed for the years ahead.
_YEARS_BACK = 2

_HUB_SYMBOL = re.compile(r"([A-Z0-9]{1,12})([FGHJKMNQUVXZ])(20[0-9]{2})")
_EXCHANGE = re.compile(r"[A-Z][A-Z0-9_]{0,23}")
_DELAYED_SUFFIXES = ("_DL", "_DLY")
# TradingView's names of the CME Group, which lists every root of up to three characters that the hub knows. Elsewhere
# such a short name is something else: NYSE:CL is a share, MOEX:SI1! a dollar contract.
_CME_GROUP = frozenset({"CME", "CBOT", "COMEX", "NYMEX", "GLOBEX"})
_SHORT_ROOT = 3
_CONTINUOUS = re.compile(r"([A-Z0-9]{1,12})([1-9])!")
# @ES, @ES.D (day session) and the custom continuous @ES=105XN, whose first digit counts the contracts.
_TRADESTATION = re.compile(r"@([A-Z0-9]{1,12})(?:\.[CD])?(?:=([1-9])[0-9]{2}[A-Z]{2})?")
_CODED = re.compile(r"([A-Z0-9]{1,12}?) ?([FGHJKMNQUVXZ])([0-9]{1,2}|[0-9]{4})")
_NUMBERED = re.compile(r"([A-Z0-9]{1,12}) (?:(0[1-9]|1[0-2])-([0-9]{2}|[0-9]{4})|(0[1-9]|1[0-2])([0-9]{2}))")
_NAMED = re.compile(rf"([A-Z0-9]{{1,12}}) ({'|'.join(_MONTH_NAMES)}) ?([0-9]{{2}}|[0-9]{{4}})")
_PAIR = re.compile(r"([A-Z]{3})/([A-Z]{3})")
# NinjaTrader appends the exchange in file names and in some logs.
_NINJATRADER_EXCHANGES = frozenset({"GLOBEX", "CME", "CBOT", "ECBOT", "COMEX", "NYMEX"})


@dataclass(frozen=True, slots=True)
class Contract:
    root: str
    month: int
    year: int

    @property
    def code(self) -> str:
        return MONTH_CODES[self.month - 1]

    @property
    def symbol(self) -> str:
        """The hub symbol, such as MESZ2026."""
        return f"{self.root}{self.code}{self.year}"


@dataclass(frozen=True, slots=True)
class RollDate:
    """A line of the roll table: the contract is the front month from a trading day until the next line's."""

    contract: Contract
    front_from: date
    last_trade: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSpelling:
    """A symbol as a source wrote it, understood but not yet resolved to what is traded on a day."""

    root: str
    contract: Contract | None
    continuous: int | None
    """1 for MES1!, 2 for MES2!; None for a bare root or a contract."""
    as_written: str
    delayed: bool = False
    """The source said that its data is delayed (CME_MINI_DL:…)."""
    exchange: str | None = None


class Rolled(Protocol):
    """What contract rules need to know of an instrument."""

    @property
    def root(self) -> str: ...
    @property
    def roll(self) -> RollRule | None: ...


class InstrumentLookup(Protocol):
    def get(self, root: str) -> Rolled | None: ...


def read_symbol(text: str, roots: Container[str], *, today: date) -> SymbolSpelling | None:
    """Read every spelling of a known root; None for anything that does not match as a whole.

    `today` only settles the decade of a one-digit year. ASCII only; small ASCII letters are read as capitals.
    """
    if len(text) > LONGEST_SYMBOL or not text.isascii():
        return None
    prefix, colon, body = text.upper().rpartition(":")
    exchange, delayed = _exchange_of(prefix)
    if colon and exchange is None:
        return None
    parts = _read_body(body, roots, today)
    if parts is None:
        return None
    root, contract, continuous = parts
    if root not in roots or not _may_be_listed(root, exchange):
        return None
    return SymbolSpelling(
        root=root, contract=contract, continuous=continuous, as_written=text, delayed=delayed, exchange=exchange
    )


def _exchange_of(prefix: str) -> tuple[str | None, bool]:
    if _EXCHANGE.fullmatch(prefix) is None:
        return None, False
    for suffix in _DELAYED_SUFFIXES:
        if prefix.endswith(suffix):
            return prefix.removesuffix(suffix), True
    return prefix, False


def _may_be_listed(root: str, exchange: str | None) -> bool:
    return exchange is None or len(root) > _SHORT_ROOT or exchange.removesuffix("_MINI") in _CME_GROUP


def _read_body(body: str, roots: Container[str], today: date) -> tuple[str, Contract | None, int | None] | None:
    if body in roots:
        return body, None, None
    if body.endswith("!"):
        match = _CONTINUOUS.fullmatch(body)
        return match and (match[1], None, int(match[2]))
    if body.startswith("@"):
        match = _TRADESTATION.fullmatch(body)
        return match and (match[1], None, int(match[2] or 1))
    if "/" in body:
        match = _PAIR.fullmatch(body)
        return match and (match[1] + match[2], None, None)
    contract = _read_dated(body, today)
    return None if contract is None else (contract.root, contract, None)


def read_contract(text: str, roots: Container[str]) -> Contract | None:
    """Read a contract spelled with its month and a year of two or four digits, as platforms write it."""
    contract = _read_dated(text.upper(), None) if len(text) <= LONGEST_SYMBOL and text.isascii() else None
    return contract if contract is not None and contract.root in roots else None


def contract_of(hub_symbol: str) -> Contract | None:
    """Take a hub symbol such as MESZ2026 apart; None if it names no contract."""
    match = _HUB_SYMBOL.fullmatch(hub_symbol)
    return match and Contract(match[1], MONTH_CODES.index(match[2]) + 1, int(match[3]))


def _read_dated(body: str, today: date | None) -> Contract | None:
    match = _CODED.fullmatch(body)
    if match is not None:
        return _contract(match[1], MONTH_CODES.index(match[2]) + 1, match[3], today)
    name, _, exchange = body.rpartition(" ")
    if exchange in _NINJATRADER_EXCHANGES:
        body = name
    match = _NUMBERED.fullmatch(body)
    if match is not None:
        return _contract(match[1], int(match[2] or match[4]), match[3] or match[5], today)
    match = _NAMED.fullmatch(body)
    if match is not None:
        return _contract(match[1], _MONTH_NAMES.index(match[2]) + 1, match[3], today)
    return None


def _contract(root: str, month: int, written_year: str, today: date | None) -> Contract | None:
    year = int(written_year)
    if len(written_year) == 1:
        if today is None:
            return None
        year = _year_of_digit(year, month, today)
    elif len(written_year) == 2:
        year += 2000
    return Contract(root, month, year) if 2000 <= year < 2100 else None


def _year_of_digit(digit: int, month: int, today: date) -> int:
    earliest = today.year - _YEARS_BACK + (month < today.month)
    return earliest + (digit - earliest) % 10


def is_listed_month(instrument: Rolled, contract: Contract) -> bool:
    return instrument.roll is not None and contract.month in instrument.roll.listed


def last_trade(instrument: Rolled, contract: Contract) -> date:
    return last_trade_date(_rule_of(instrument), contract.year, contract.month)


def is_expired(instrument: Rolled, contract: Contract, on: date) -> bool:
    """Say whether the contract no longer trades on a trading day; it still does on its last one."""
    return on > last_trade(instrument, contract)


def contract_after(instrument: Rolled, contract: Contract) -> Contract:
    """Return the contract that becomes front month after this one."""
    months = _rule_of(instrument).months
    for month in months:
        if month > contract.month:
            return Contract(instrument.root, month, contract.year)
    return Contract(instrument.root, months[0], contract.year + 1)


def front_month(instrument: Rolled, on: date) -> Contract:
    """Return the contract that a bare root means on a trading day."""
    rule = _rule_of(instrument)
    # Nothing rolls after its own month, so the search may start there.
    contract = contract_after(instrument, Contract(instrument.root, on.month - 1, on.year))
    while roll_date(rule, contract.year, contract.month) <= on:
        contract = contract_after(instrument, contract)
    return contract


def roll_table(instrument: Rolled, first: date, last: date) -> tuple[RollDate, ...]:
    """Return the contracts that are front month at some time from `first` to `last`, in order."""
    rule = _rule_of(instrument)
    contract = front_month(instrument, first)
    front_from = roll_date(rule, *_before(rule, contract))
    rows = []
    while front_from <= last:
        rows.append(RollDate(contract, front_from, last_trade_date(rule, contract.year, contract.month)))
        front_from = roll_date(rule, contract.year, contract.month)
        contract = contract_after(instrument, contract)
    return tuple(rows)


def resolve_symbol(spelling: SymbolSpelling, instruments: InstrumentLookup, on: date) -> str:
    """Return the hub symbol that a spelling means on a trading day.

    A contract or continuous spelling of something without contracts keeps its form, which no catalogue knows.
    """
    instrument = instruments.get(spelling.root)
    root = spelling.root if instrument is None else instrument.root
    if spelling.contract is not None:
        return Contract(root, spelling.contract.month, spelling.contract.year).symbol
    if instrument is None or instrument.roll is None:
        return root if spelling.continuous is None else f"{root}{spelling.continuous}!"
    contract = front_month(instrument, on)
    for _ in range((spelling.continuous or 1) - 1):
        contract = contract_after(instrument, contract)
    return contract.symbol


def _before(rule: RollRule, contract: Contract) -> tuple[int, int]:
    earlier = [month for month in rule.months if month < contract.month]
    return (contract.year, earlier[-1]) if earlier else (contract.year - 1, rule.months[-1])


def _rule_of(instrument: Rolled) -> RollRule:
    if instrument.roll is None:
        raise ValueError(f"{instrument.root} has no contract months")
    return instrument.roll
