"""Reads stop losses, targets and trailing distances, and checks on which side of the price they lie."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.domain.signals import DistanceUnit, Protection, Side
from tradershub.sources.fields import Given
from tradershub.sources.values import kind_of, positive_of, price_of, word_of

UNITS: Final[Mapping[str, DistanceUnit]] = {
    "price": DistanceUnit.PRICE,
    "points": DistanceUnit.POINTS,
    "ticks": DistanceUnit.TICKS,
    "pips": DistanceUnit.PIPS,
    "percent": DistanceUnit.PERCENT,
    "cash": DistanceUnit.CASH,
}
DISTANCES: Final = ("points", "ticks", "pips", "percent", "cash")
"""Units that a key can name: `stop_loss_ticks`, `take_profit_percent`."""
MOST_TARGETS: Final = 8
_PARTS: Final = frozenset({"value", "unit", "trailing"})


def read_stop_loss(given: Given, side: Side | None) -> Protection | None:
    """Return the stop loss: a price, an object, a distance in the unit that its key names, or one of its side."""
    found = _stated(given, "stop_loss", side)
    if len(found) > 1:
        raise SignalRefused("contradictory", found[1][0], f"{found[0][0]} names a stop too; send one")
    return _protection(*found[0]) if found else None


def read_take_profits(given: Given, side: Side | None) -> tuple[Protection, ...]:
    """Return the targets; only `take_profit` itself may be a list."""
    found = _stated(given, "take_profit", side)
    if len(found) > 1:
        raise SignalRefused("contradictory", found[1][0], f"{found[0][0]} names a target too; send one list")
    if not found:
        return ()
    key, value, unit = found[0]
    targets = value if isinstance(value, list) else [value]
    if len(targets) > MOST_TARGETS:
        raise SignalRefused("too_many_targets", key, f"expected at most {MOST_TARGETS} targets")
    if not targets:
        raise SignalRefused("missing", key, "expected at least one target in the list")
    return tuple(_protection(key, target, unit) for target in targets)


def read_trail(given: Given) -> Protection | None:
    """Return the distance that a trailing stop order keeps: in points where no unit is named."""
    value = given.get("trail")
    if value is None:
        return None
    trail = _protection(given.key("trail"), value, DistanceUnit.POINTS)
    if trail.unit is DistanceUnit.PRICE:
        raise SignalRefused("contradictory", given.key("trail"), "expected a distance, not a price, to trail by")
    return trail


def check_sides(
    given: Given, side: Side, entry: Decimal | None, stop: Protection | None, targets: tuple[Protection, ...]
) -> None:
    """Refuse a stop or a target on the wrong side of the price that the message names, or of each other."""
    stop_at = stop.value if stop is not None and stop.unit is DistanceUnit.PRICE else None
    goals = [target.value for target in targets if target.unit is DistanceUnit.PRICE]
    lowest, highest = ("stop_loss", "take_profit") if side is Side.BUY else ("take_profit", "stop_loss")
    order = f"expected {lowest} < price < {highest} for a {side}"
    for name, levels, sign in (("stop_loss", (stop_at,), -1), ("take_profit", tuple(goals), 1)):
        for level in levels:
            if level is None:
                continue
            if entry is None or entry > 0:
                _check_above_zero(given, name, level)
            if entry is not None and (level - entry) * sign * side.sign <= 0:
                raise SignalRefused("wrong_side", given.key(name), order, got=level)
    if stop_at is not None and any((goal - stop_at) * side.sign <= 0 for goal in goals):
        raise SignalRefused("wrong_side", given.key("stop_loss"), order, got=stop_at)


def check_levels(given: Given, stop: Protection | None, targets: tuple[Protection, ...]) -> None:
    """Refuse levels that are no prices where no side is known to check them against."""
    if stop is not None and stop.unit is DistanceUnit.PRICE:
        _check_above_zero(given, "stop_loss", stop.value)
    for target in targets:
        if target.unit is DistanceUnit.PRICE:
            _check_above_zero(given, "take_profit", target.value)


def _check_above_zero(given: Given, name: str, level: Decimal) -> None:
    if level <= 0:
        raise SignalRefused("not_positive", given.key(name), "expected a price above zero", got=level)


def _stated(given: Given, name: str, side: Side | None) -> list[tuple[str, object, DistanceUnit]]:
    found: list[tuple[str, object, DistanceUnit]] = []
    if name in given.values:
        found.append((given.key(name), given.get(name), DistanceUnit.PRICE))
    for unit in DISTANCES:
        slot = f"{name}_{unit}"
        if slot in given.values:
            found.append((given.key(slot), given.get(slot), UNITS[unit]))
    if side is not None:
        slot = f"{'long' if side is Side.BUY else 'short'}_{name}"
        if slot in given.values:
            found.append((given.key(slot), given.get(slot), DistanceUnit.PRICE))
    return found


def _protection(key: str, value: object, unit: DistanceUnit) -> Protection:
    if not isinstance(value, dict):
        return Protection(value=_level(value, key, unit), unit=unit)
    unknown = [name for name in value if name not in _PARTS]
    if unknown:
        raise SignalRefused("unsupported_field", f"{key}.{unknown[0]}"[:64], "expected value, unit and trailing")
    if value.get("unit") is not None:
        unit = word_of(value["unit"], f"{key}.unit", UNITS, "unknown_unit")
    trailing, size = value.get("trailing"), value.get("value")
    distance = None if isinstance(trailing, bool) or trailing is None else positive_of(trailing, f"{key}.trailing")
    if size is None:
        size = distance
    if size is None:
        raise SignalRefused("missing", f"{key}.value", "expected the level or the distance", got=kind_of(value))
    level = _level(size, f"{key}.value", unit)
    if trailing is True:
        if unit is DistanceUnit.PRICE:
            raise SignalRefused("contradictory", f"{key}.trailing", "a price stays: name the distance to trail by")
        distance = level
    return Protection(value=level, unit=unit, trailing=distance)


def _level(value: object, key: str, unit: DistanceUnit) -> Decimal:
    return price_of(value, key) if unit is DistanceUnit.PRICE else positive_of(value, key)
