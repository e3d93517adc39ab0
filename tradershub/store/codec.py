"""Events and documents as JSON text, and back: exact decimals without exponent, unknown kinds refused."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

import msgspec

from tradershub.domain.errors import StoreError
from tradershub.domain.events import Event
from tradershub.domain.orders import Fact, Order, Reason
from tradershub.domain.positions import Position
from tradershub.domain.signals import Rounded, Signal
from tradershub.store.sparse import omissible_nulls

T = TypeVar("T")

_EXPONENT = re.compile(rb"E[-+]")
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def kind_of(event_type: type[Any]) -> str:
    """Return the name of an event in the journal: `signal_stored` of SignalStored."""
    return _WORD_START.sub("_", event_type.__name__).lower()


class Codec:
    """Encoders and decoders, each built once; safe to use from several threads.

    A field may be added to an event with a default; an event that is older than the field then still reads. Changing
    or taking away the default of a field that is None by default is a change of the format: such nulls are left out.
    """

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder(decimal_format="string")
        self.kinds: Mapping[type[Any], str] = {event: kind_of(event) for event in get_args(Event)}
        # A third of the journal would be nulls.
        self._nulls = omissible_nulls(self.kinds)
        self._events = {kind: msgspec.json.Decoder(event) for event, kind in self.kinds.items()}
        self._order = msgspec.json.Decoder(Order)
        self._facts = msgspec.json.Decoder(tuple[Fact, ...])
        self._signal = msgspec.json.Decoder(Signal)
        self._position = msgspec.json.Decoder(Position)
        self._reason = msgspec.json.Decoder(Reason)
        self._rounded = msgspec.json.Decoder(tuple[Rounded, ...])
        self._texts = msgspec.json.Decoder(tuple[str, ...])

    def payload(self, event: object) -> str:
        """Return an event as the journal keeps it: as JSON text without the nulls that say nothing."""
        return self._nulls.sub(b"", self._encoded(event)).decode()

    def text(self, value: object) -> str:
        """Return a dataclass, tuple or mapping as JSON text."""
        return self._encoded(value).decode()

    def _encoded(self, value: object) -> bytes:
        encoded = self._encoder.encode(value)
        # Decimals come as Python writes them, with an exponent where they are tiny or were normalised. That is rare;
        # the letters may also stand in a sender's text, so only the slow way knows.
        if _EXPONENT.search(encoded):
            return self._encoder.encode(_plain(msgspec.to_builtins(value, builtin_types=(Decimal,))))
        return encoded

    def event(self, kind: str, payload: str) -> Event:
        decoder = self._events.get(kind)
        if decoder is None:
            raise StoreError(f"the journal holds an event of the unknown kind {kind!r}: it was written by a newer hub")
        event: Event = _decode(decoder, payload)
        return event

    def order(self, text: str) -> Order:
        return _decode(self._order, text)

    def facts(self, text: str) -> tuple[Fact, ...]:
        return _decode(self._facts, text)

    def signal(self, text: str) -> Signal:
        return _decode(self._signal, text)

    def position(self, text: str) -> Position:
        return _decode(self._position, text)

    def reason(self, text: str | None) -> Reason | None:
        return None if text is None else _decode(self._reason, text)

    def rounded(self, text: str) -> tuple[Rounded, ...]:
        return _decode(self._rounded, text)

    def texts(self, text: str) -> tuple[str, ...]:
        return _decode(self._texts, text)


def _decode(decoder: msgspec.json.Decoder[T], text: str) -> T:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise StoreError(f"a stored document cannot be read: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        text = str(value)
        # All others stay as they are: a document must read the same whatever stands beside it.
        return format(value, "f") if "E" in text else text
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
