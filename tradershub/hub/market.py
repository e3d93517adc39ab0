"""Instruments and symbols as the signal path asks for them: any spelling to the hub symbol, and on to a platform's."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.contracts import contract_of, is_expired, is_listed_month, read_symbol, resolve_symbol
from tradershub.domain.instruments import Instrument, Instruments
from tradershub.domain.symbol_map import PlatformSymbol, SymbolMap
from tradershub.domain.trading_days import trading_day

_CACHED_SPELLINGS = 4096
_KEPT_NANOS = 60 * NANOS_PER_SECOND
"""How long a reading is kept: a front month changes at the turn of its exchange's trading day, on a full minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSymbol:
    """A symbol as the hub knows it. `delayed`: the spelling names a delayed feed; `dated`: it named the contract."""

    symbol: str
    instrument: Instrument
    delayed: bool
    dated: bool


class Market:
    """The catalogue and the platforms' symbol maps. Readings and trading days are kept for the minute they hold in."""

    def __init__(self, instruments: Instruments, maps: dict[str, SymbolMap]) -> None:
        self.instruments = instruments
        self.maps = maps
        self._minute = 0
        self._spellings: dict[str, KnownSymbol | None] = {}
        self._days: dict[str, date] = {}
        self._tradable: dict[str, bool] = {}
        self._platform_symbols: dict[tuple[str, str], PlatformSymbol | None] = {}

    def read(self, text: str, at: Nanos) -> KnownSymbol | None:
        """Return what a spelling means at an instant, None if it means nothing that is known."""
        self._turn(at)
        if text not in self._spellings:
            if len(self._spellings) >= _CACHED_SPELLINGS:
                self._spellings.clear()
            self._spellings[text] = self._read(text, at)
        return self._spellings[text]

    def _turn(self, at: Nanos) -> None:
        minute = at // _KEPT_NANOS
        if minute != self._minute:
            self._minute, self._spellings, self._days, self._tradable = minute, {}, {}, {}

    def _today(self, calendar: str, at: Nanos) -> date:
        self._turn(at)
        if calendar not in self._days:
            self._days[calendar] = trading_day(calendar, at)
        return self._days[calendar]

    def _read(self, text: str, at: Nanos) -> KnownSymbol | None:
        # The year of a one-digit spelling is the nearest one; which exchange's day it is makes no difference to that.
        spelling = read_symbol(text, self.instruments, today=self._today("cme_equity", at))
        rooted = None if spelling is None else self.instruments.get(spelling.root)
        if spelling is None or rooted is None:
            return None
        symbol = resolve_symbol(spelling, self.instruments, self._today(rooted.calendar, at))
        instrument = self.instruments.of_symbol(symbol)
        if instrument is None or (spelling.contract is not None and not is_listed_month(rooted, spelling.contract)):
            return None
        return KnownSymbol(
            symbol=symbol, instrument=instrument, delayed=spelling.delayed, dated=spelling.contract is not None
        )

    def platform_symbol(self, platform: str, symbol: str) -> PlatformSymbol | None:
        """Return the platform's name and unit of a hub symbol, None if it is not mapped."""
        key = (platform, symbol)
        if key not in self._platform_symbols:
            symbol_map = self.maps.get(platform)
            self._platform_symbols[key] = None if symbol_map is None else symbol_map.to_platform(symbol)
        return self._platform_symbols[key]

    def step_of(self, platform: str, symbol: str) -> Decimal:
        """Return the smallest part of a size on a platform, in its unit; 0.01 for what is not mapped (any more)."""
        unit = self.platform_symbol(platform, symbol)
        return Decimal("0.01") if unit is None else unit.step

    def hub_symbol(self, platform: str, platform_symbol: str) -> str | None:
        symbol_map = self.maps.get(platform)
        return None if symbol_map is None else symbol_map.to_hub(platform_symbol)

    def is_tradable(self, symbol: str, at: Nanos) -> bool:
        """Say whether the symbol exists and its contract has not ended."""
        self._turn(at)
        if symbol not in self._tradable:
            self._tradable[symbol] = self._is_listed(symbol, at)
        return self._tradable[symbol]

    def _is_listed(self, symbol: str, at: Nanos) -> bool:
        instrument = self.instruments.of_symbol(symbol)
        if instrument is None:
            return False
        contract = contract_of(symbol)
        if instrument.roll is None or contract is None:
            return True
        return not is_expired(instrument, contract, self._today(instrument.calendar, at))
