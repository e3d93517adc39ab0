"""JSON as the API reads and writes it: one strict reading, one way of writing."""

import json
import math
from collections.abc import Mapping
from typing import NoReturn

import msgspec

from tradershub.domain.errors import RequestRefused
from tradershub.ports.control import Document

_MOST_DEPTH = 20


def encode(value: object) -> bytes:
    """Write rows as JSON; decimals become text."""
    return msgspec.json.encode(value, enc_hook=_plain)


def decode_document(body: bytes) -> Document:
    """Read one JSON object; refuses what two readers could read differently: double keys, NaN, other encodings."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("the body is not UTF-8") from error
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise _unreadable("the body is not valid JSON") from error
    if not isinstance(value, dict):
        raise _unreadable("the body must be a JSON object")
    if _depth(value) > _MOST_DEPTH:
        raise _unreadable(f"the body is nested more than {_MOST_DEPTH} deep")
    return value


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be written as JSON")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is there twice")
    return result


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _depth(value: object) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(one, dict):
            waiting += [(child, depth + 1) for child in one.values()]
        elif isinstance(one, list):
            waiting += [(child, depth + 1) for child in one]
    return deepest


def _unreadable(advice: str) -> RequestRefused:
    return RequestRefused(400, "unreadable", advice)
