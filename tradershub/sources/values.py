"""Reads single values strictly: what is not plainly a number, a word or a time is refused, never repaired."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from tradershub.domain.clock import Nanos, ZoneMissingError, parse_instant
from tradershub.domain.errors import SignalRefused
from tradershub.domain.quantities import decimal_text, parse_decimal

LONGEST_NAME = 64
LONGEST_ID = 128

_SYMBOL = re.compile(r"[A-Za-z0-9!@#.:/_ =-]{1,40}", re.ASCII)
_PLACEHOLDER = re.compile(r"\{\{|%\w+%|<\w+>", re.ASCII)
_NOT_INERT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

Word = TypeVar("Word")


def is_unfilled(value: object) -> bool:
    """Say whether the value still holds a placeholder that the sender's platform should have filled in."""
    return isinstance(value, str) and "{{" in value


def decimal_of(value: object, key: str) -> Decimal:
    """Return a number written as a JSON number or as plain ASCII text."""
    if isinstance(value, Decimal):
        text = str(value)
    elif isinstance(value, str):
        _check_filled(value, key)
        text = value
    else:
        raise SignalRefused("wrong_type", key, "expected a number", got=kind_of(value))
    try:
        return parse_decimal(text)
    except ValueError as error:
        code = "wrong_type" if not text.strip() else "not_a_number"
        raise SignalRefused(code, key, str(error), got=value) from error


def positive_of(value: object, key: str) -> Decimal:
    number = decimal_of(value, key)
    if number <= 0:
        raise SignalRefused("not_positive", key, "expected a number above zero", got=value)
    return number


def price_of(value: object, key: str) -> Decimal:
    """Return a price; below zero it is left to the instrument to refuse, zero never means "at market"."""
    number = decimal_of(value, key)
    if not number:
        raise SignalRefused("not_positive", key, "expected a price; zero is none", got=value)
    return number


def text_of(value: object, key: str, longest: int = LONGEST_NAME) -> str | None:
    """Return a name without control characters, None if it is blank."""
    if not isinstance(value, str):
        raise SignalRefused("wrong_type", key, "expected a text", got=kind_of(value))
    _check_braces(value, key)
    text = value.strip(" ")
    if len(text) > longest:
        raise SignalRefused("too_long", key, f"expected at most {longest} characters", got=text)
    if not text.isprintable() and _NOT_INERT.search(text) is not None:
        raise SignalRefused("control_character", key, "expected a text on one line, without control characters")
    return text or None


def id_of(value: object, key: str) -> str | None:
    """Return an identifier; senders write them as text or as a number."""
    if isinstance(value, Decimal):
        return decimal_text(decimal_of(value, key))
    return text_of(value, key, LONGEST_ID)


def remark_of(value: object, key: str) -> str | None:
    """Return free text of any content as one inert line: a remark never decides whether a signal trades."""
    if not isinstance(value, str):
        raise SignalRefused("wrong_type", key, "expected a text", got=kind_of(value))
    return (value if value.isprintable() else _NOT_INERT.sub(" ", value)).strip() or None


def symbol_of(value: object, key: str) -> str:
    """Return an instrument as it was written; letters of other scripts are never taken for their look-alikes."""
    if not isinstance(value, str):
        raise SignalRefused("wrong_type", key, "expected one instrument as a text", got=kind_of(value))
    _check_filled(value, key)
    text = value.strip(" ")
    if _SYMBOL.fullmatch(text) is None:
        raise SignalRefused(
            "bad_symbol", key, "expected an instrument such as MES, MES1! or MESZ2026 in plain ASCII", got=value
        )
    return text


def word_of(value: object, key: str, words: Mapping[str, Word], code: str) -> Word:
    """Return what a word of the table stands for: the whole word in ASCII letters of any case, nothing near it."""
    if not isinstance(value, str):
        raise SignalRefused("wrong_type", key, "expected a word", got=kind_of(value))
    _check_filled(value, key)
    found = words.get(value.strip(" ").lower()) if value.isascii() else None
    if found is None:
        raise SignalRefused(code, key, f"expected one of {', '.join(words)}", got=value)
    return found


def instant_of(value: object, key: str, zone: str | None) -> Nanos:
    """Return an instant written as ISO-8601, or as Unix time in seconds or milliseconds."""
    if isinstance(value, Decimal):
        text = decimal_text(value) if value.is_finite() and value.adjusted() < LONGEST_NAME else ""
    elif isinstance(value, str):
        _check_braces(value, key)
        text = value
    else:
        raise SignalRefused("wrong_type", key, "expected a time", got=kind_of(value))
    try:
        return parse_instant(text, zone)
    except ZoneMissingError as error:
        raise SignalRefused(
            "zone_missing",
            key,
            "expected a time with its zone, such as 2026-11-22T14:30:00Z, or a zone on the source",
            got=value,
        ) from error
    except (ValueError, OverflowError) as error:
        raise SignalRefused(
            "bad_time", key, "expected a time such as 2026-11-22T14:30:00Z, or Unix seconds", got=value
        ) from error


def kind_of(value: object) -> str:
    """Name what a value is, for an answer that must not repeat it."""
    names = {bool: "a boolean", dict: "an object", list: "a list", str: "a text", Decimal: "a number"}
    return names.get(type(value), "null")


def _check_filled(value: str, key: str) -> None:
    # Other platforms write %name% or <name>: no symbol, word or number holds these signs, names and remarks may.
    if _PLACEHOLDER.search(value) is not None:
        raise _unfilled(value, key)


def _check_braces(value: str, key: str) -> None:
    if is_unfilled(value):
        raise _unfilled(value, key)


def _unfilled(value: str, key: str) -> SignalRefused:
    advice = "the sender's platform did not fill in this placeholder"
    return SignalRefused("unfilled_placeholder", key, advice, got=value)
