"""Instruments: what a unit and a price of each market mean, and the catalogue of all that the hub knows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.contracts import MONTH_CODES, Anchor, DayRule, RollRule, contract_of
from tradershub.domain.quantities import Price, Quantity, Rounding, decimal_text, round_to_step
from tradershub.domain.reference_json import Fields, Mistakes, read_table
from tradershub.domain.trading_days import CALENDARS

SHIPPED_FILE = "config/instruments.json"
_ROOT = re.compile(r"[A-Z0-9]{1,12}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MONTHS = re.compile(rf"[{MONTH_CODES}]{{1,12}}")
_ONE = Decimal(1)
_MAX_QUANTITY = Decimal(1000)


class AssetClass(StrEnum):
    FUTURE = "future"
    FX = "fx"
    METAL = "metal"
    INDEX_CFD = "index_cfd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One market. Prices are multiples of the tick, sizes of the step; `point_value` is per 1.0 of price and one unit.

    A hub unit is a contract (futures), a standard lot of 100,000 base units (currencies), of 100 ounces of gold or
    5,000 of silver (metals), or one unit of the quote currency per point (index CFDs).
    """

    root: str
    name: str
    asset_class: AssetClass
    exchange: str
    currency: str
    tick: Decimal
    point_value: Decimal
    quantity_step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    pip: Decimal | None
    negative_prices: bool
    calendar: str
    group: str
    """What moves together: a micro, its mini and the CFD on the same index share it."""
    group_ratio: Decimal
    """The size of one unit in units of the group's reference instrument: ES 1, MES 0.1."""
    roll: RollRule | None
    aliases: tuple[str, ...] = ()
    """Other names of the same market that messages may use (USTEC for NAS100)."""

    def price(self, value: Decimal, rounding: Rounding = Rounding.NEAREST) -> Price:
        return Price(round_to_step(value, self.tick, rounding))

    def is_on_tick(self, value: Decimal) -> bool:
        return not value % self.tick

    def quantity(self, value: Decimal) -> Quantity:
        """Return the size on the step, toward zero."""
        return Quantity(round_to_step(value, self.quantity_step, Rounding.TOWARD_ZERO))

    def is_on_step(self, value: Decimal) -> bool:
        return not value % self.quantity_step

    def money(self, price_difference: Decimal, quantity: Decimal) -> Decimal:
        """Return what a price difference is worth for a size, in the instrument's currency."""
        return price_difference * self.point_value * quantity

    def is_possible_price(self, value: Decimal) -> bool:
        return self.negative_prices or value > 0


class Instruments:
    """The instruments the hub knows, by root and alias; never changes after it is built."""

    __slots__ = ("_all", "_by_name")

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._all = tuple(instruments)
        self._by_name: Mapping[str, Instrument] = {
            name: instrument for instrument in self._all for name in (instrument.root, *instrument.aliases)
        }
        if len(self._by_name) != sum(1 + len(instrument.aliases) for instrument in self._all):
            raise ValueError("two instruments share a root or an alias")

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get(self, root: str) -> Instrument | None:
        return self._by_name.get(root)

    def all(self) -> tuple[Instrument, ...]:
        return self._all

    def of_symbol(self, hub_symbol: str) -> Instrument | None:
        """Return the instrument of a hub symbol, with or without a contract month."""
        instrument = self._by_name.get(hub_symbol)
        if instrument is not None:
            return instrument
        contract = contract_of(hub_symbol)
        if contract is None:
            return None
        instrument = self._by_name.get(contract.root)
        return instrument if instrument is not None and instrument.roll is not None else None


def instruments_from_json(text: str, *, file: str = SHIPPED_FILE) -> tuple[Instrument, ...]:
    """Read a table of instruments; raises ConfigurationError with every mistake in it."""
    mistakes = Mistakes(file)
    table = read_table(text, mistakes)
    table.has("about")
    named = Fields(table.raw("rolls") or {}, "rolls", mistakes)
    rolls = {name: _roll(Fields(rule, f"rolls.{name}", mistakes)) for name, rule in named.everything()}
    instruments = []
    for number, row in enumerate(table.items("instruments"), 1):
        instruments.append(_instrument(Fields(row, _place(row, number), mistakes), rolls))
    table.refuse_unknown()
    _refuse_shared_names(instruments, mistakes)
    mistakes.raise_any()
    return tuple(instruments)


def _place(row: object, number: int) -> str:
    root = row.get("root") if isinstance(row, dict) else None
    return root[:12] if isinstance(root, str) and root else f"instruments[{number}]"


def _instrument(row: Fields, rolls: Mapping[str, RollRule]) -> Instrument:
    root = row.text("root", pattern=_ROOT, example="MES")
    step = row.decimal("quantity_step", default=_ONE)
    asset_class = row.choice("asset_class", AssetClass) or AssetClass.FUTURE
    instrument = Instrument(
        root=root,
        name=row.text("name", example="Micro E-mini S&P 500"),
        asset_class=asset_class,
        exchange=row.text("exchange", example="CME"),
        currency=row.text("currency", pattern=_CURRENCY, example="USD"),
        tick=row.decimal("tick"),
        point_value=row.decimal("point_value"),
        quantity_step=step,
        min_quantity=row.decimal("min_quantity", default=step),
        max_quantity=row.decimal("max_quantity", default=_MAX_QUANTITY),
        pip=row.decimal("pip") if row.has("pip") else None,
        negative_prices=row.flag("negative_prices", default=False),
        calendar=row.choice("calendar", CALENDARS) or "",
        group=row.text("group", example="SP500", default=root),
        group_ratio=row.decimal("group_ratio", default=_ONE),
        roll=_roll_of(row, rolls, asset_class),
        aliases=_aliases(row),
    )
    if instrument.min_quantity % step or not instrument.min_quantity <= instrument.max_quantity:
        row.wrong("min_quantity", f"write a multiple of the step {decimal_text(step)}, not above max_quantity")
    row.refuse_unknown()
    return instrument


def _roll_of(row: Fields, rolls: Mapping[str, RollRule], asset_class: AssetClass) -> RollRule | None:
    if asset_class is not AssetClass.FUTURE:
        if row.has("roll"):
            row.wrong("roll", "leave it out: only futures have contract months")
        return None
    name = row.choice("roll", rolls)
    return None if name is None else rolls[name]


def _aliases(row: Fields) -> tuple[str, ...]:
    aliases = row.items("aliases", required=False)
    names = tuple(alias for alias in aliases if isinstance(alias, str) and _ROOT.fullmatch(alias))
    if len(names) != len(aliases):
        row.wrong("aliases", 'write names of capitals and digits such as ["USTEC"]')
    return names


def _roll(rule: Fields) -> RollRule:
    months = rule.text("months", pattern=_MONTHS, example="HMUZ")
    roll = RollRule(
        months=_months(months),
        listed=_months(rule.text("listed", pattern=_MONTHS, example=months, default=months)),
        last_trade=_day(rule, "last_trade"),
        roll=_day(rule, "roll"),
    )
    if roll.last_trade.anchor is Anchor.LAST_TRADE:
        rule.wrong("last_trade", "write the exchange's rule, such as third_friday")
    if not set(roll.months) <= set(roll.listed):
        rule.wrong("listed", "name at least the months of the cycle")
    rule.refuse_unknown()
    return roll


def _months(codes: str) -> tuple[int, ...]:
    return tuple(sorted({MONTH_CODES.index(code) + 1 for code in codes}))


def _day(rule: Fields, key: str) -> DayRule:
    day = rule.nested(key)
    anchor = day.choice("day", Anchor) or Anchor.LAST_BUSINESS_DAY
    rule_of_day = DayRule(anchor=anchor, business_days_before=day.whole("business_days_before", default=0))
    day.refuse_unknown()
    return rule_of_day


def _refuse_shared_names(instruments: Iterable[Instrument], mistakes: Mistakes) -> None:
    owners: dict[str, str] = {}
    for instrument in instruments:
        for name in (instrument.root, *instrument.aliases):
            if name in owners:
                mistakes.add(
                    instrument.root, f"the name {name} already belongs to {owners[name]}", "rename one of them"
                )
            owners[name] = instrument.root
