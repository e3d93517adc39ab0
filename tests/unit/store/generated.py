"""Arbitrary events, made from the types of their fields."""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, Union, cast, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['a,"reason":null', "E-mini", '","strategy":null,"', "1E+5", ',"leg":null', "\x1f\u2028"]
)
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**9), max_value=10**9)
_EXPONENTS = st.sampled_from([Decimal("1E+3"), Decimal("1E-9"), Decimal("-0"), Decimal("0E-8"), Decimal("5000.250")])
_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS,
    int: st.integers(min_value=-(2**62), max_value=2**62),
    bool: st.booleans(),
    Decimal: _DECIMALS | _EXPONENTS,
    NoneType: st.none(),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of an annotation as our events use them."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, NewType):
        return values_of(hint.__supertype__)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(
            cast("type[Any]", hint), **{field.name: values_of(hints[field.name]) for field in dataclasses.fields(hint)}
        )
    arguments = get_args(hint)
    if get_origin(hint) in (UnionType, Union):
        return st.one_of(*(values_of(argument) for argument in arguments))
    if arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    return st.tuples(*(values_of(argument) for argument in arguments))
