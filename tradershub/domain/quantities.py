"""Numbers of trading: decimals made from text, printed plainly and rounded to a step, never floats."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import NewType

Price = NewType("Price", Decimal)
"""A price on the tick of its instrument; made by `Instrument.price`."""
Quantity = NewType("Quantity", Decimal)
"""A size on the step of its instrument; made by `Instrument.quantity`."""

INTEGER_DIGITS = 9
FRACTION_DIGITS = 18
_EXPECTED = f"expected a plain decimal number such as 5000.25, at most {INTEGER_DIGITS} digits before the point"
# 40 digits are more than any number we accept has: longer text is refused before it is converted.
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.([0-9]{1,40}))?(?:[eE]([+-]?[0-9]{1,3}))?")


def parse_decimal(text: str) -> Decimal:
    """Read a plain decimal or a JSON number, and nothing else.

    Blanks, underscores, commas, hexadecimal, NaN, Infinity and digits of other scripts raise ValueError, as does a
    number with more than 9 integer or 18 fraction digits.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(_EXPECTED)
    value = Decimal(text)
    if not value:
        return Decimal(0)
    if value.adjusted() >= INTEGER_DIGITS:
        raise ValueError(_EXPECTED)
    fraction, exponent = match.groups()
    fraction_digits = len(fraction or "") - int(exponent or 0)
    if fraction_digits > FRACTION_DIGITS:
        raise ValueError(f"expected at most {FRACTION_DIGITS} digits after the point")
    return value if fraction_digits >= 0 else Decimal(int(value))


def decimal_text(value: Decimal) -> str:
    """Return a decimal without exponent and without superfluous zeros: "50000", "5000.25", "0.5"."""
    if not value:
        return "0"
    if not value.is_finite():
        raise ValueError(f"expected a finite number, got {value}")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Rounding(StrEnum):
    DOWN = "down"
    """Toward minus infinity."""
    UP = "up"
    """Toward plus infinity."""
    NEAREST = "nearest"
    """To the nearer step; from the middle away from zero."""
    TOWARD_ZERO = "toward_zero"


def round_to_step(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """Return the multiple of `step` that `rounding` chooses; exact for every number that `parse_decimal` accepts."""
    if step <= 0:
        raise ValueError(f"expected a positive step, got {step}")
    # Decimal's integer division is exact: it truncates toward zero and keeps the sign in the rest.
    steps, rest = divmod(value, step)
    if rest and _moves_away_from_zero(rest, step, rounding):
        steps += 1 if rest > 0 else -1
    return steps * step if steps else Decimal(0)


def _moves_away_from_zero(rest: Decimal, step: Decimal, rounding: Rounding) -> bool:
    match rounding:
        case Rounding.DOWN:
            return rest < 0
        case Rounding.UP:
            return rest > 0
        case Rounding.NEAREST:
            return 2 * abs(rest) >= step
        case Rounding.TOWARD_ZERO:
            return False
