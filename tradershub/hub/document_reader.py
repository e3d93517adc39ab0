"""Reads the fields of a settings document strictly: what is wrong is said with its place, nothing is assumed."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tradershub.domain.errors import RequestRefused
from tradershub.domain.quantities import parse_decimal

Choice = TypeVar("Choice", bound=StrEnum)
_NO_CONTROL = re.compile(r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*")


def refused(field: str, got: object, advice: str, *, code: str = "invalid") -> RequestRefused:
    """Return the refusal of one field of a document."""
    return RequestRefused(422, code, advice, field=field, got=got)


class DocumentReader:
    """The fields of one JSON object; every getter gives the default only where the key is absent."""

    def __init__(self, document: object, path: str = "") -> None:
        if not isinstance(document, Mapping):
            raise refused(path or "body", document, "expected a JSON object")
        self._document: Mapping[str, object] = document
        self._path = path
        self._asked: set[str] = set()

    def place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _given(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._document

    def raw(self, key: str) -> object:
        self._asked.add(key)
        return self._document.get(key)

    def text(self, key: str, default: str | None = None, *, pattern: str | None = None, longest: int = 200) -> str:
        if not self._given(key) and default is not None:
            return default
        value = self.raw(key)
        if not isinstance(value, str) or len(value) > longest or not _NO_CONTROL.fullmatch(value):
            raise refused(self.place(key), value, f"expected text of up to {longest} characters")
        if pattern is not None and not re.fullmatch(pattern, value, re.ASCII):
            raise refused(self.place(key), value, f"expected text that matches {pattern}")
        return value

    def optional_text(self, key: str) -> str | None:
        return None if self.raw(key) in (None, "") else self.text(key)

    def boolean(self, key: str, default: bool) -> bool:  # noqa: FBT001 -- a default reads as one beside its key
        if not self._given(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise refused(self.place(key), value, "expected true or false")
        return value

    def integer(self, key: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        if not self._given(key):
            return default
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise refused(self.place(key), value, f"expected a whole number from {least} to {most}")
        return value

    def decimal(self, key: str, default: Decimal | None = None, *, positive: bool = True) -> Decimal | None:
        """Read a decimal text or a JSON number; null is None."""
        value = self.raw(key) if self._given(key) else default
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise refused(self.place(key), value, 'expected a decimal number such as "1.5"')
        try:
            number = parse_decimal(str(value))
        except ValueError as error:
            raise refused(self.place(key), value, str(error)) from error
        if positive and number <= 0:
            raise refused(self.place(key), value, "expected a number above zero")
        return number

    def choice(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        value = self.raw(key) if self._given(key) else default
        try:
            return kind(value)  # type: ignore[arg-type]
        except ValueError as error:
            raise refused(self.place(key), value, f"expected one of {', '.join(kind)}") from error

    def texts(self, key: str, default: tuple[str, ...] = (), *, longest: int = 64, most: int = 1000) -> tuple[str, ...]:
        if not self._given(key):
            return default
        value = self.raw(key)
        if not isinstance(value, list | tuple) or len(value) > most:
            raise refused(self.place(key), value, f"expected a list of up to {most} texts")
        for item in value:
            if not isinstance(item, str) or not 0 < len(item) <= longest or not _NO_CONTROL.fullmatch(item):
                raise refused(self.place(key), item, f"expected texts of 1 to {longest} characters")
        return tuple(value)

    def part(self, key: str) -> "DocumentReader":
        """Return the reader of an object within this one; an absent one is empty."""
        value = self.raw(key)
        return DocumentReader({} if value is None else value, self.place(key))

    def parts(self, key: str, *, most: int = 1000) -> tuple["DocumentReader", ...]:
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or len(value) > most:
            raise refused(self.place(key), value, f"expected a list of up to {most} objects")
        return tuple(DocumentReader(item, f"{self.place(key)}[{i}]") for i, item in enumerate(value))

    def finish(self) -> None:
        """Refuse keys that nobody asked for: a misspelt setting must not be lost."""
        unknown = sorted(str(key) for key in self._document.keys() - self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise refused(self.place(unknown[0]), None, f"unknown field; expected {known}", code="unknown_field")
