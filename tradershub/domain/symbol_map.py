"""What each platform calls the hub's instruments and how many of its units one hub unit is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.contracts import Contract, contract_of, read_contract
from tradershub.domain.instruments import Instrument, Instruments
from tradershub.domain.quantities import Quantity, Rounding, round_to_step
from tradershub.domain.reference_json import Fields, Mistakes, read_table

_ONE = Decimal(1)
# No blank at the ends, and neither ";" nor a line break: platforms with line protocols use them as separators.
_PLATFORM_SYMBOL = re.compile(r"[!-:<-~](?:[ -:<-~]{0,62}[!-:<-~])?")
_HUB_ROOT = re.compile(r"[A-Z0-9]{1,12}")


class ContractStyle(StrEnum):
    """How a platform writes the month of a futures contract after its root."""

    NONE = "none"
    """It does not: the entry's name stands for every month (a CFD)."""
    HUB = "hub"
    """MESZ2026"""
    SHORT_YEAR = "short_year"
    """MESZ26"""
    MM_YY = "mm_yy"
    """MES 12-26"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry:
    """One line of a platform's map. What is None follows from the instrument by the ratio."""

    symbol: str
    """The hub root."""
    platform_symbol: str
    quantity_ratio: Decimal = _ONE
    """Platform units of one hub unit."""
    quantity_step: Decimal | None = None
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSymbol:
    """A hub symbol as one platform trades it; step, min and max are in the platform's unit."""

    platform_symbol: str
    quantity_ratio: Decimal
    step: Decimal
    min: Decimal
    max: Decimal

    def quantity(self, hub_quantity: Decimal) -> Quantity:
        """Return the platform's quantity for a hub quantity, toward zero on the step."""
        return Quantity(round_to_step(hub_quantity * self.quantity_ratio, self.step, Rounding.TOWARD_ZERO))

    def hub_quantity(self, quantity: Decimal) -> Decimal:
        return quantity / self.quantity_ratio


class SymbolMap:
    """One platform's names and ratios; never changes after it is built."""

    __slots__ = ("_by_platform_symbol", "_by_root", "_contracts", "_instruments", "entries", "platform")

    def __init__(
        self,
        platform: str,
        entries: Iterable[MapEntry],
        instruments: Instruments,
        *,
        contracts: ContractStyle = ContractStyle.NONE,
    ) -> None:
        self.platform = platform
        self.entries = tuple(entries)
        self._instruments = instruments
        self._contracts = contracts
        self._by_root: Mapping[str, PlatformSymbol] = {
            entry.symbol: _platform_symbol(entry, _instrument_of(entry, instruments)) for entry in self.entries
        }
        by_platform_symbol: dict[str, tuple[MapEntry, ...]] = {}
        for entry in self.entries:
            known = by_platform_symbol.get(entry.platform_symbol, ())
            by_platform_symbol[entry.platform_symbol] = (*known, entry)
        self._by_platform_symbol: Mapping[str, tuple[MapEntry, ...]] = by_platform_symbol

    def to_platform(self, hub_symbol: str) -> PlatformSymbol | None:
        """Return what a platform calls a hub symbol; None if it is unmapped or lacks the month the platform needs."""
        mapped = self._by_root.get(hub_symbol)
        if mapped is not None:
            return None if self._is_dated(hub_symbol) else mapped
        contract = contract_of(hub_symbol)
        if contract is None:
            return None
        mapped = self._by_root.get(contract.root)
        if mapped is None or self._contracts is ContractStyle.NONE:
            return mapped
        return PlatformSymbol(
            platform_symbol=_with_month(mapped.platform_symbol, contract, self._contracts),
            quantity_ratio=mapped.quantity_ratio,
            step=mapped.step,
            min=mapped.min,
            max=mapped.max,
        )

    def to_hub(self, platform_symbol: str) -> str | None:
        """Return the one hub symbol a platform's name stands for; None if there is none or more than one.

        Where a CFD also stands in for futures (MES and ES by US500), its name means the CFD.
        """
        entries = self._by_platform_symbol.get(platform_symbol, ())
        if entries:
            root = self._only_root(entries)
            return None if root is None or self._is_dated(root) else root
        if self._contracts is ContractStyle.NONE:
            return None
        contract = read_contract(platform_symbol, self._by_platform_symbol)
        root = None if contract is None else self._only_root(self._by_platform_symbol[contract.root])
        if contract is None or root is None or not self._is_dated(root):
            return None
        return Contract(root, contract.month, contract.year).symbol

    def with_entries(self, entries: Iterable[MapEntry]) -> "SymbolMap":
        """Return the map with some entries replaced or added, as an account's own settings ask for."""
        merged = {entry.symbol: entry for entry in (*self.entries, *entries)}
        return SymbolMap(self.platform, merged.values(), self._instruments, contracts=self._contracts)

    def _only_root(self, entries: tuple[MapEntry, ...]) -> str | None:
        if len(entries) > 1:
            entries = tuple(entry for entry in entries if _instrument_of(entry, self._instruments).roll is None)
        return entries[0].symbol if len(entries) == 1 else None

    def _is_dated(self, root: str) -> bool:
        instrument = self._instruments.get(root)
        return self._contracts is not ContractStyle.NONE and instrument is not None and instrument.roll is not None


def identity_map(platform: str, instruments: Instruments) -> SymbolMap:
    """Return the map of a platform that speaks the hub's own names and units, such as the paper broker."""
    entries = (MapEntry(symbol=one.root, platform_symbol=one.root) for one in instruments.all())
    return SymbolMap(platform, entries, instruments, contracts=ContractStyle.HUB)


def symbol_map_from_json(platform: str, text: str, instruments: Instruments, *, file: str | None = None) -> SymbolMap:
    """Read a platform's map; raises ConfigurationError with every mistake in it."""
    mistakes = Mistakes(file or f"config/{platform}_instruments.json")
    table = read_table(text, mistakes)
    table.has("about")
    contracts = table.choice("contracts", ContractStyle, default=ContractStyle.NONE) or ContractStyle.NONE
    entries: dict[str, MapEntry] = {}
    for number, row in enumerate(table.items("instruments"), 1):
        fields = Fields(row, f"instruments[{number}]", mistakes)
        entry = _entry(fields, instruments)
        if entry.symbol in entries:
            fields.wrong("symbol", "keep one line per symbol")
        entries[entry.symbol] = entry
    table.refuse_unknown()
    mistakes.raise_any()
    return SymbolMap(platform, entries.values(), instruments, contracts=contracts)


def _entry(row: Fields, instruments: Instruments) -> MapEntry:
    symbol = row.text("symbol", pattern=_HUB_ROOT, example="MES")
    instrument = instruments.get(symbol)
    if instrument is None or instrument.root != symbol:
        row.wrong("symbol", "write a root of config/instruments.json, or add it there first")
    ratio = row.decimal("quantity_ratio", default=_ONE)
    if row.has("point_value"):
        point_value = row.decimal("point_value")
        if row.has("quantity_ratio"):
            row.wrong("point_value", "give either quantity_ratio or the point value of one platform unit")
        ratio = _ONE if instrument is None else instrument.point_value / point_value
    entry = MapEntry(
        symbol=symbol,
        platform_symbol=row.text("platform_symbol", pattern=_PLATFORM_SYMBOL, example=symbol),
        quantity_ratio=ratio,
        quantity_step=_optional(row, "quantity_step"),
        min_quantity=_optional(row, "min_quantity"),
        max_quantity=_optional(row, "max_quantity"),
    )
    if entry.min_quantity is not None and entry.max_quantity is not None and entry.min_quantity > entry.max_quantity:
        row.wrong("max_quantity", "write at least the min_quantity")
    row.refuse_unknown()
    return entry


def _optional(row: Fields, key: str) -> Decimal | None:
    return row.decimal(key) if row.has(key) else None


def _instrument_of(entry: MapEntry, instruments: Instruments) -> Instrument:
    instrument = instruments.get(entry.symbol)
    if instrument is None:
        raise ValueError(f"unknown instrument {entry.symbol!r}: add it to config/instruments.json")
    return instrument


def _platform_symbol(entry: MapEntry, instrument: Instrument) -> PlatformSymbol:
    ratio = entry.quantity_ratio
    step = entry.quantity_step or instrument.quantity_step * ratio
    return PlatformSymbol(
        platform_symbol=entry.platform_symbol,
        quantity_ratio=ratio,
        step=step,
        min=entry.min_quantity or entry.quantity_step or instrument.min_quantity * ratio,
        max=entry.max_quantity or instrument.max_quantity * ratio,
    )


def _with_month(name: str, contract: Contract, style: ContractStyle) -> str:
    if style is ContractStyle.MM_YY:
        return f"{name} {contract.month:02d}-{contract.year % 100:02d}"
    if style is ContractStyle.SHORT_YEAR:
        return f"{name}{contract.code}{contract.year % 100:02d}"
    return f"{name}{contract.code}{contract.year}"
