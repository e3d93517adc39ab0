"""Reads what a person asks to have explained."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tradershub.domain.errors import RequestRefused
from tradershub.domain.ids import SignalId, StrategyName
from tradershub.domain.signals import Signal
from tradershub.domain.sources import Source
from tradershub.hub.document_reader import DocumentReader, refused
from tradershub.ports.dialect import MessageReader
from tradershub.ports.intake import Transport

_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person asks to have explained."""

    raw: bytes
    source: Source | None
    dialect: str | None


def read_question(document: Mapping[str, object], sources: Mapping[str, Source], dialects: MessageReader) -> Question:
    """Read the call's document; raises RequestRefused with the field."""
    reader = DocumentReader(document)
    raw = _body_of(reader)
    name = reader.optional_text("source")
    source = None if name is None else sources.get(name)
    if name is not None and source is None:
        raise refused("source", name, f"expected one of {', '.join(sorted(sources))}")
    dialect = reader.optional_text("dialect")
    if dialect is not None and dialects.named(dialect) is None:
        raise refused("dialect", dialect, "this is not a dialect of the hub")
    reader.choice("transport", Transport, Transport.HTTP)
    reader.optional_text("content_type")
    reader.finish()
    return Question(raw=raw, source=source, dialect=dialect)


def _body_of(reader: DocumentReader) -> bytes:
    if (reader.raw("body") is None) == (reader.raw("body_b64") is None):
        raise RequestRefused(422, "missing", "state either body (text) or body_b64", field="body")
    text, coded = reader.raw("body"), reader.raw("body_b64")
    try:
        raw = text.encode() if isinstance(text, str) else base64.b64decode(str(coded), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise refused("body_b64" if text is None else "body", None, "expected text, or base64 of the bytes") from error
    if len(raw) > _MAX_BYTES:
        raise RequestRefused(413, "too_large", "a message has at most 64 KiB", field="body")
    return raw


def ageless(signal: Signal, source: Source, index: int) -> Signal:
    """Return a signal as it is planned for an explanation: of no age, under a name that nothing is stored by."""
    strategy = signal.strategy or source.default_strategy
    return replace(
        signal,
        signal_id=SignalId(f"explained-{index}"),
        source=source.name,
        strategy=None if strategy is None else StrategyName(strategy),
        sent_at=None,
    )
