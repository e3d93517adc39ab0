"""Reads the JSON tables of reference data strictly, collecting every mistake with its place and remedy."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.domain.quantities import parse_decimal

S = TypeVar("S", bound=str)
_TEXT = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")


class Fields:
    """One JSON object: each value is asked for by key, mistakes are noted and answered with a stand-in.

    The stand-ins are never used: whoever reads a table raises if there are mistakes (`Mistakes.raise_any`).
    """

    def __init__(self, data: object, where: str, mistakes: "Mistakes") -> None:
        self._where, self._mistakes = where, mistakes
        self._data: Mapping[str, object] = {}
        if isinstance(data, dict):
            self._data = data
        else:
            mistakes.add(where, "is no JSON object", "write it as {…}")
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Say whether a key is present and not null."""
        self._asked.add(key)
        return self._data.get(key) is not None

    def raw(self, key: str) -> object:
        self._asked.add(key)
        return self._data.get(key)

    def nested(self, key: str) -> "Fields":
        return Fields(self.raw(key), f"{self._where}.{key}", self._mistakes)

    def everything(self) -> tuple[tuple[str, object], ...]:
        return tuple(self._data.items())

    def text(self, key: str, *, pattern: re.Pattern[str] = _TEXT, example: str, default: str | None = None) -> str:
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.wrong(key, f"write a text such as {example!r}")
        return example

    def decimal(self, key: str, *, default: Decimal | None = None) -> Decimal:
        """Read a positive decimal."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        try:
            number = parse_decimal(value) if isinstance(value, str) else Decimal(0)
        except ValueError:
            number = Decimal(0)
        if number > 0:
            return number
        self.wrong(key, 'write a positive decimal such as "0.25"')
        return Decimal(1)

    def whole(self, key: str, *, default: int) -> int:
        """Read a number from 0 to 99."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 2:
            return int(value)
        self.wrong(key, "write a whole number from 0 to 99")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw(key) if self.has(key) else default
        if isinstance(value, bool):
            return value
        self.wrong(key, "write true or false")
        return default

    def choice(self, key: str, known: Iterable[S], *, default: S | None = None) -> S | None:
        """Return the one of the known words that is written; None if it is none of them."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        for word in known:
            if word == value:
                return word
        self.wrong(key, f"write one of {', '.join(known)}")
        return None

    def items(self, key: str, *, required: bool = True) -> tuple[object, ...]:
        if not required and not self.has(key):
            return ()
        value = self.raw(key)
        if isinstance(value, list):
            return tuple(value)
        self.wrong(key, "write a list […]")
        return ()

    def wrong(self, key: str, remedy: str) -> None:
        value = self._data.get(key)
        problem = "is missing" if value is None else f"cannot be {json.dumps(value)[:64]}"
        self._mistakes.add(f"{self._where}.{key}", problem, remedy)

    def refuse_unknown(self) -> None:
        """Note every key that nobody asked for: a misspelt key must not become a silent default."""
        for key in self._data:
            if key not in self._asked:
                self._mistakes.add(f"{self._where}.{key}", "is no known key", f"use {', '.join(sorted(self._asked))}")


class Mistakes:
    """The mistakes found in one file so far."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[Mistake] = []

    def add(self, key: str, problem: str, remedy: str) -> None:
        self._found.append(Mistake(self._file, key, problem, remedy))

    def raise_any(self) -> None:
        if self._found:
            raise ConfigurationError(*self._found)


def read_table(text: str, mistakes: Mistakes) -> Fields:
    """Read the JSON object of a file; numbers stay text, so that none becomes a float."""

    def without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen: dict[str, object] = {}
        for key, value in pairs:
            if key in seen:
                mistakes.add(key, "appears twice in one object", "keep one of the two")
            seen[key] = value
        return seen

    try:
        data: object = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=without_repeats
        )
    except (ValueError, RecursionError) as error:
        mistakes.add("the whole file", f"is not valid JSON ({error})", "correct it or restore the shipped file")
        data = {}
    mistakes.raise_any()
    return Fields(data, "$", mistakes)
