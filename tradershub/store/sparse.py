"""Which nulls of a document may be left out: those of fields that are None by default."""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any, get_args, get_type_hints


def omissible_nulls(types: Iterable[type[Any]]) -> re.Pattern[bytes]:
    """Return a pattern of the nulls in the JSON of these dataclasses that reading them back does not need.

    It can only match between values: inside a text, a quotation mark has a backslash before it.
    """
    # Looked at last, and only where a null was found: most keys are none.
    kept = "".join(f'(?<!"{name}":null)' for name in sorted(set(_needed(types))))
    return re.compile(rf',"[a-z_]+":null{kept}'.encode())


def _needed(types: Iterable[type[Any]]) -> Iterator[str]:
    """Yield names that some dataclass among these, or within them, may hold a None for but has no default."""
    seen: set[type[Any]] = set()
    waiting = list(types)
    while waiting:
        found = waiting.pop()
        if dataclasses.is_dataclass(found) and found not in seen:
            seen.add(found)
            hints = get_type_hints(found)
            waiting.extend(hints.values())
            yield from (f.name for f in dataclasses.fields(found) if _is_needed(f, hints[f.name]))
        waiting.extend(argument for argument in get_args(found) if argument is not Ellipsis)


def _is_needed(field: dataclasses.Field[Any], hint: object) -> bool:
    has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    return NoneType in get_args(hint) and not has_default
