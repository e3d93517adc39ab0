"""Reads JSON that no two parsers could understand differently; everything else is refused."""

import json
import re
from decimal import Decimal
from typing import NoReturn

from tradershub.domain.errors import SignalRefused
from tradershub.ports.dialect import Body

MAX_DEPTH = 20
MAX_KEYS = 200
MAX_TEXT = 1024
MAX_KEY = 128
MAX_NUMBER = 64

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def read_object(text: str) -> dict[str, object]:
    """Return the object that the text is: no key twice at any level, numbers as Decimal, bounded in every way."""
    # Brackets are counted before they are parsed: the parser recurses, and fewer brackets cannot be deeper.
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(text)
    try:
        data = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if "{{" in text:
            raise refusal(
                "unfilled_placeholder",
                "a {{placeholder}} was not filled in, and the message is not JSON without it",
            ) from error
        where = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise refusal("malformed_json", f"expected one JSON object: {where}") from error
    except RecursionError as error:
        raise refusal("too_deep", f"expected at most {MAX_DEPTH} levels") from error
    if not isinstance(data, dict):
        raise refusal("not_an_object", "expected one JSON object at the top, not a list, a text or a number")
    _check_size(data)
    return data


def refusal(code: str, advice: str) -> SignalRefused:
    """Return the refusal of a message that cannot be read at all."""
    return SignalRefused(code, None, advice, status=400)


def broken_json(body: Body) -> SignalRefused | None:
    """Return why a text that begins like JSON is none; None for any other text."""
    if body.json_error is None:
        return None
    code, _, advice = body.json_error.partition(": ")
    return refusal(code, advice)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise refusal("duplicate_key", f"expected each key once in an object, got {twice[:MAX_KEY]} twice")
    return found


def _number(text: str) -> Decimal:
    if len(text) > MAX_NUMBER:
        raise refusal("too_long", f"expected numbers of at most {MAX_NUMBER} characters")
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise refusal("not_a_number", "expected numbers with a smaller exponent") from error


def _no_constant(text: str) -> NoReturn:
    raise refusal("malformed_json", f"expected JSON: {text} is no number in it")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_no_constant, strict=True
)


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match.group()
        if bracket in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise refusal("too_deep", f"expected at most {MAX_DEPTH} levels")
        elif bracket in "]}":
            depth -= 1


def _check_size(data: dict[str, object]) -> None:
    keys = 0
    waiting: list[object] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            _check_text(value, MAX_TEXT)
        elif isinstance(value, dict):
            keys += len(value)
            if keys > MAX_KEYS:
                raise refusal("too_many_keys", f"expected at most {MAX_KEYS} keys")
            for key in value:
                _check_text(key, MAX_KEY)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _check_text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise refusal("too_long", f"expected texts of at most {MAX_TEXT} and keys of at most {MAX_KEY} characters")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise refusal("malformed_json", "expected whole characters: half of a surrogate pair stands alone")
