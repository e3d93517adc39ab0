"""The fields a dialect knows, as data: the parser, the near-miss check and the documentation read the same table."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tradershub.domain.errors import SignalRefused

LONGEST_NAME = 64

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# Left aside, such a field could leave a position without the stop that its sender believes in.
_PROTECTIVE = frozenset({"sl", "tp", "stop", "stoploss", "takeprofit", "trail", "trailing", "breakeven"})
_SHORTEST_FOR_EDITS = 4


class Treatment(StrEnum):
    SUPPORTED = "supported"
    MAPPED = "mapped"
    IGNORED = "ignored"
    REFUSED = "refused"

    @property
    def is_read(self) -> bool:
        return self in (Treatment.SUPPORTED, Treatment.MAPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a dialect. `spellings`: the keys it is written with, the first one preferred, in any letter case."""

    name: str
    spellings: tuple[str, ...]
    meaning: str
    treatment: Treatment = Treatment.SUPPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one instruction says, by the names of the field table; a null is not given."""

    values: Mapping[str, object]
    written: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    def get(self, name: str) -> object:
        return self.values.get(name)

    def key(self, name: str) -> str:
        """Return the key as the sender wrote it, else the name itself."""
        return self.written.get(name, name)

    def over(self, shared: "Given") -> "Given":
        """Return this with what is shared by all instructions of the message where it says nothing itself."""
        return Given(
            values={**shared.values, **self.values},
            written={**shared.written, **self.written},
            ignored=(*shared.ignored, *self.ignored),
        )

    def having(self, **values: object) -> "Given":
        """Return this with fields that follow from others."""
        return Given(values={**self.values, **values}, written=self.written, ignored=self.ignored)


class FieldTable:
    """Sorts the keys of a message; refuses those that could mean something else than they would be read as."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.fields = fields
        self._by_key = {key.lower(): field for field in fields for key in field.spellings}
        if len(self._by_key) != sum(len({key.lower() for key in field.spellings}) for field in fields):
            raise ValueError("expected each spelling in one field only")
        self._read = frozenset(field.name for field in fields if field.treatment.is_read)
        self._plain = {_plain(key): key for key, field in self._by_key.items() if field.treatment.is_read}
        self._refused = {_plain(key): field for key, field in self._by_key.items() if _is_refused(field)}
        self._near = _buckets(key for key in self._plain.values() if len(key) >= _SHORTEST_FOR_EDITS)

    def find(self, key: str) -> Field | None:
        """Return the field that the key names, in whatever case it is written."""
        field = self._by_key.get(key)
        if field is None and key.isascii():
            field = self._by_key.get(key.lower())
        return field

    def sort(self, pairs: Iterable[tuple[str, object]], prefix: str = "") -> Given:
        """Return what the pairs say; raises SignalRefused for near misses, contradictions and unsupported fields."""
        values: dict[str, object] = {}
        written: dict[str, str] = {}
        ignored: list[str] = []
        for key, value in pairs:
            field = self.find(key)
            if field is None or field.name not in self._read:
                self._check_unread(key, field, value)
                ignored.append(f"{prefix}{key}"[:LONGEST_NAME])
            elif value is not None:
                if field.name in values:
                    _check_agreement(values[field.name], value, key, written[field.name])
                values[field.name] = value
                written[field.name] = f"{prefix}{key}"[:LONGEST_NAME]
        return Given(values=values, written=written, ignored=tuple(ignored))

    def near_miss(self, key: str) -> str | None:
        """Return the known key that this unknown one was probably meant to be."""
        lowered = key.lower()
        plain = self._plain.get(_plain(lowered))
        if plain is not None:
            return plain
        for length in (len(lowered) - 1, len(lowered), len(lowered) + 1):
            for end in (lowered[:1] + "_", "_" + lowered[-1:]):
                for known in self._near.get((length, end), ()):
                    if is_one_edit(lowered, known):
                        return known
        return None

    def _check_unread(self, key: str, field: Field | None, value: object) -> None:
        refused = field if field is not None else self._refused.get(_plain(key))
        if refused is not None:
            if _is_refused(refused) and not _is_blank(value):
                raise SignalRefused("unsupported_field", key[:LONGEST_NAME], refused.meaning)
            return
        known = self.near_miss(key)
        if known is not None:
            raise SignalRefused("unknown_key_near_miss", key[:LONGEST_NAME], f"did you mean {known}? write it so")
        if not _PROTECTIVE.isdisjoint(word.lower() for word in _WORD.findall(key)) and not _is_blank(value):
            raise SignalRefused(
                "unsupported_field",
                key[:LONGEST_NAME],
                "this looks like a stop or a target and would be lost: write stop_loss or take_profit",
            )


def is_one_edit(left: str, right: str) -> bool:
    """Say whether one letter inserted, left out, changed or swapped with its neighbour makes one of the other."""
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1 or left == right:
        return False
    at = next((i for i, letter in enumerate(left) if letter != right[i]), len(left))
    if len(left) < len(right):
        return left[at:] == right[at + 1 :]
    if left[at + 1 :] == right[at + 1 :]:
        return True
    return left[at : at + 2] == right[at : at + 2][::-1] and left[at + 2 :] == right[at + 2 :]


def _is_refused(field: Field) -> bool:
    return field.treatment is Treatment.REFUSED


def _plain(key: str) -> str:
    return _NOT_PLAIN.sub("", key.lower())


def _buckets(keys: Iterator[str]) -> dict[tuple[int, str], tuple[str, ...]]:
    # One edit leaves the first or the last letter as it was, so only keys that share one are compared.
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for key in keys:
        for end in (key[0] + "_", "_" + key[-1]):
            found[len(key), end] = (*found.get((len(key), end), ()), key)
    return found


def _is_blank(value: object) -> bool:
    return not value or (isinstance(value, str) and not value.strip(" 0."))


def _check_agreement(first: object, second: object, key: str, other: str) -> None:
    if first != second or type(first) is not type(second):
        raise SignalRefused("contradictory", key[:LONGEST_NAME], f"{other} says something else; send one of them")
