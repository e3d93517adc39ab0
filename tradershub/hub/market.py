"""Instruments and symbols as the signal path asks for them: any spelling to the hub symbol, and on to a platform's."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.contracts import contract_of, is_expired, read_symbol, resolve_symbol
from tradershub.domain.instruments import Instrument, Instruments
from tradershub.domain.symbol_map import PlatformSymbol, SymbolMap
from tradershub.domain.trading_days import trading_day

_CACHED_SPELLINGS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSymbol:
    """A symbol as the hub knows it. `delayed`: the spelling names a delayed feed; `dated`: it named the contract."""

    symbol: str
    instrument: Instrument
    delayed: bool
    dated: bool


class Market:
    """The catalogue and the platforms' symbol maps. Spellings are read once a day each: a front month lasts a day."""

    def __init__(self, instruments: Instruments, maps: dict[str, SymbolMap]) -> None:
        self.instruments = instruments
        self.maps = maps
        self._day: date | None = None
        self._spellings: dict[str, KnownSymbol | None] = {}
        self._platform_symbols: dict[tuple[str, str], PlatformSymbol | None] = {}

    def read(self, text: str, at: Nanos) -> KnownSymbol | None:
        """Return what a spelling means at an instant, None if it means nothing that is known."""
        today = datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).date()
        if today != self._day or len(self._spellings) >= _CACHED_SPELLINGS:
            self._day, self._spellings = today, {}
        if text not in self._spellings:
            self._spellings[text] = self._read(text, at, today)
        return self._spellings[text]

    def _read(self, text: str, at: Nanos, today: date) -> KnownSymbol | None:
        spelling = read_symbol(text, self.instruments, today=today)
        instrument = None if spelling is None else self.instruments.get(spelling.root)
        if spelling is None or instrument is None:
            return None
        symbol = resolve_symbol(spelling, self.instruments, trading_day(instrument.calendar, at))
        return KnownSymbol(
            symbol=symbol,
            instrument=instrument,
            delayed=spelling.delayed,
            dated=spelling.contract is not None,
        )

    def platform_symbol(self, platform: str, symbol: str) -> PlatformSymbol | None:
        """Return the platform's name and unit of a hub symbol, None if it is not mapped."""
        key = (platform, symbol)
        if key not in self._platform_symbols:
            symbol_map = self.maps.get(platform)
            self._platform_symbols[key] = None if symbol_map is None else symbol_map.to_platform(symbol)
        return self._platform_symbols[key]

    def hub_symbol(self, platform: str, platform_symbol: str) -> str | None:
        symbol_map = self.maps.get(platform)
        return None if symbol_map is None else symbol_map.to_hub(platform_symbol)

    def is_tradable(self, symbol: str, at: Nanos) -> bool:
        """Say whether the symbol exists and its contract has not ended."""
        instrument = self.instruments.of_symbol(symbol)
        if instrument is None:
            return False
        contract = contract_of(symbol)
        if instrument.roll is None or contract is None:
            return True
        return not is_expired(instrument, contract, trading_day(instrument.calendar, at))
