"""What a platform can be configured with, and the strict reading of what a person wrote."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradershub.domain.accounts import AccountMode
from tradershub.domain.errors import ConfigurationError, Mistake
from tradershub.domain.quantities import parse_decimal

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,200}")
_BOOLEANS = {"true": True, "false": False}


class FieldKind(StrEnum):
    """How a value is written and shown; the words are those of the form on the Platforms page."""

    TEXT = "text"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SECRET = "secret"  # noqa: S105 -- the name of a kind of field
    HOST = "host"
    PORT = "port"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigField:
    """One setting of a platform. `default` is written as a person would write it; bounds are inclusive."""

    name: str
    label: str
    kind: FieldKind
    default: str
    help: str
    unit: str | None = None
    choices: tuple[str, ...] = ()
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformInfo:
    """A platform as the hub knows it without loading its code.

    `module` has a function `build(parts) -> Executor`; None while the platform is not installed, then `advice` says
    what is needed. `account_modes`: what an account there may be.
    """

    name: str
    title: str
    advice: str
    module: str | None
    fields: tuple[ConfigField, ...]
    account_modes: tuple[AccountMode, ...]

    @property
    def installed(self) -> bool:
        return self.module is not None


class ConfigValues:
    """A platform's settings after reading: every field has a value of its kind."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str | int | bool | Decimal]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return str(self._values[name])

    def whole(self, name: str) -> int:
        return int(self._values[name])

    def number(self, name: str) -> Decimal:
        return Decimal(self._values[name])

    def flag(self, name: str) -> bool:
        return bool(self._values[name])


def read_config(platform: str, fields: Iterable[ConfigField], config: Iterable[tuple[str, str]]) -> ConfigValues:
    """Read a platform's (key, value) texts; raises ConfigurationError with every mistake in them."""
    known = {field.name: field for field in fields}
    written = dict(config)
    mistakes = [
        Mistake(f"platform {platform}", key, "is no setting of this platform", f"use {', '.join(known) or 'none'}")
        for key in written
        if key not in known
    ]
    values: dict[str, str | int | bool | Decimal] = {}
    for name, field in known.items():
        text = written.get(name, field.default)
        try:
            values[name] = _READERS[field.kind](field, text.strip())
        except ValueError as error:
            shown = "***" if field.kind is FieldKind.SECRET else repr(text[:64])
            mistakes.append(Mistake(f"platform {platform}", name, f"cannot be {shown}", str(error)))
    if mistakes:
        raise ConfigurationError(*mistakes)
    return ConfigValues(values)


def _text(_field: ConfigField, text: str) -> str:
    if not _TEXT.fullmatch(text):
        raise ValueError("write at most 200 characters on one line")
    return text


def _decimal(field: ConfigField, text: str) -> Decimal:
    try:
        value = parse_decimal(text)
    except ValueError:
        value = None
    if value is None or not field.minimum <= value <= field.maximum:
        raise ValueError(f"write a number from {field.minimum} to {field.maximum}")
    return value


def _whole(field: ConfigField, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and field.minimum <= int(text) <= field.maximum):
        raise ValueError(f"write a whole number from {field.minimum} to {field.maximum}")
    return int(text)


def _flag(_field: ConfigField, text: str) -> bool:
    if text not in _BOOLEANS:
        raise ValueError("write true or false")
    return _BOOLEANS[text]


def _choice(field: ConfigField, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"write one of {', '.join(field.choices)}")
    return text


def _host(_field: ConfigField, text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("write a name or an address such as 127.0.0.1")
    return text


def _port(_field: ConfigField, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise ValueError("write a port from 1 to 65535")
    return int(text)


_READERS: Mapping[FieldKind, Callable[[ConfigField, str], str | int | bool | Decimal]] = {
    FieldKind.TEXT: _text,
    FieldKind.SECRET: _text,
    FieldKind.DECIMAL: _decimal,
    FieldKind.INTEGER: _whole,
    FieldKind.BOOLEAN: _flag,
    FieldKind.CHOICE: _choice,
    FieldKind.HOST: _host,
    FieldKind.PORT: _port,
}
