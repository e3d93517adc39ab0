"""All dialects by name, what each source may speak, and the choice of the dialect a message is written in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tradershub.domain.errors import SignalRefused
from tradershub.ports.dialect import Body, Dialect
from tradershub.sources.copy_trade import CopyTradeDialect
from tradershub.sources.fields import Field
from tradershub.sources.foreign import foreign_service
from tradershub.sources.native import TABLE as NATIVE_TABLE
from tradershub.sources.native import NativeDialect
from tradershub.sources.strict_json import broken_json, read_object, refusal
from tradershub.sources.tradingview import TradingViewDialect
from tradershub.sources.tradingview_text import TradingViewTextDialect

MAX_BODY: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_NATIVE, _TRADINGVIEW = NativeDialect(), TradingViewDialect()
_COPY_TRADE, _TRADINGVIEW_TEXT = CopyTradeDialect(), TradingViewTextDialect()

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({
    dialect.name: dialect for dialect in (_NATIVE, _TRADINGVIEW, _COPY_TRADE, _TRADINGVIEW_TEXT)
})  # fmt: skip
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = MappingProxyType({
    dialect.name: dialect.fields for dialect in (_NATIVE, _TRADINGVIEW, _COPY_TRADE, _TRADINGVIEW_TEXT)
})  # fmt: skip
SOURCE_DIALECTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "tradingview": ("tradingview", "copy_trade", "tradingview_text"),
    "native": ("native",),
    "file": ("native",),
    "manual": ("native",),
})  # fmt: skip
"""What a source reads unless its settings say otherwise, in the order in which it is tried."""


def dialects_of(source: str, configured: tuple[str, ...] = ()) -> tuple[Dialect, ...]:
    """Return the dialects a source may be written in: those its settings name, else those of its kind."""
    names = configured or SOURCE_DIALECTS.get(source, ())
    return tuple(DIALECTS[name] for name in names if name in DIALECTS)


def read_body(raw: bytes) -> Body:
    """Return the message, decoded once; raises SignalRefused if it is no text of a bearable size."""
    if len(raw) > MAX_BODY:
        raise SignalRefused("too_long", None, f"expected at most {MAX_BODY} bytes", status=413)
    try:
        text = raw.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise refusal("not_utf8", f"expected UTF-8 text: byte {error.start} is none") from error
    begin = text.lstrip(" \t\r\n")[:1]
    if not begin:
        raise refusal("empty_body", "expected a message")
    if begin not in '{["':
        return Body(text=text, data=None)
    try:
        return Body(text=text, data=read_object(text))
    except SignalRefused as refused:
        # A strategy's title may begin with a bracket: it is for the dialects of plain text to say that it is theirs.
        return Body(text=text, data=None, json_error=str(refused))


def choose(body: Body, dialects: tuple[Dialect, ...]) -> Dialect:
    """Return the one dialect the message is written in; raises SignalRefused if that is not one."""
    service = foreign_service(body.data) if body.data is not None else None
    if service is not None:
        raise refusal("unknown_dialect", f"this is a {service} message, which this source does not read")
    found = [dialect for dialect in dialects if dialect.recognises(body)]
    if len(found) > 1:
        found = _most_specific(body, found)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(dialect.name for dialect in found)
        raise refusal("ambiguous_dialect", f"the message could be written in {names}: name the dialect on the source")
    raise _unreadable(body, dialects)


def _most_specific(body: Body, found: list[Dialect]) -> list[Dialect]:
    """Settle native against TradingView: the two read native fields alike, so it is native if it has no others."""
    if body.data is not None and _NATIVE in found and _TRADINGVIEW in found:
        other = _TRADINGVIEW if all(NATIVE_TABLE.find(key) for key in body.data) else _NATIVE
        return [dialect for dialect in found if dialect is not other]
    return found


def _unreadable(body: Body, dialects: tuple[Dialect, ...]) -> SignalRefused:
    broken = broken_json(body)
    if broken is not None:
        return broken
    names = ", ".join(dialect.name for dialect in dialects) or "no dialect"
    if "{{" in body.text and "filled on" not in body.text:
        return refusal("unfilled_placeholder", f"a placeholder was not filled in, and this is not written in {names}")
    return refusal("unknown_dialect", f"expected a message written in {names}; see docs/signals.md")
