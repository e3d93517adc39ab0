"""Instants and durations: UTC nanoseconds inside, ISO-8601 with Z at the edges."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import NewType
from zoneinfo import ZoneInfo

Nanos = NewType("Nanos", int)
"""An instant, in nanoseconds since 1970-01-01T00:00:00Z, or a span of nanoseconds."""

NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MILLISECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_EARLIEST_UNIX, _LATEST_UNIX = 946_684_800, 4_102_444_800  # the years 2000 to 2100
_TIMEFRAME = re.compile(r"(\d{1,5})\s*(s|sec|m|min|h|hr|d|w)?", re.ASCII)
_TIMEFRAME_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hr": 3600, "d": 86_400, "w": 604_800}


class ZoneMissingError(ValueError):
    """A time was given without a zone, and none is configured for its source."""


def seconds(value: int | Decimal) -> Nanos:
    """Return a span of seconds in nanoseconds."""
    return Nanos(int(value * NANOS_PER_SECOND))


def iso(at: Nanos) -> str:
    """Return an instant as ISO-8601 with Z, to the microsecond."""
    whole, rest = divmod(at, NANOS_PER_SECOND)
    return f"{_second(whole)}.{rest // 1000:06d}Z"


@lru_cache(maxsize=256)
def _second(whole: int) -> str:
    return f"{_EPOCH + timedelta(seconds=whole):%Y-%m-%dT%H:%M:%S}"


def parse_instant(text: str, zone: str | None) -> Nanos:
    """Read an ISO-8601 or Unix time (seconds or milliseconds, 2000 to 2100).

    Raises ZoneMissingError if the text names no zone and `zone` is None, ValueError for anything else that is no time.
    """
    text = text.strip(" ")
    if text.isascii() and text.isdigit():
        return _from_unix(text)
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError("expected an ISO-8601 time such as 2026-11-22T14:30:00Z, or Unix seconds")
    year, month, day, hour, minute = (int(part) for part in match.group(1, 2, 3, 4, 5))
    second, fraction, offset = int(match.group(6) or 0), match.group(7), match.group(8)
    moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone_of(offset, zone))
    if not _EARLIEST_UNIX <= moment.timestamp() < _LATEST_UNIX:
        raise ValueError("expected a time between the years 2000 and 2100")
    span = moment.astimezone(UTC) - _EPOCH
    whole = span.days * 86_400 + span.seconds
    return Nanos(whole * NANOS_PER_SECOND + (int(fraction.ljust(9, "0")) if fraction else 0))


def _zone_of(offset: str | None, zone: str | None) -> tzinfo | None:
    if offset in ("Z", "z"):
        return UTC
    if offset is not None:
        return datetime.strptime(offset.replace(":", ""), "%z").tzinfo
    if zone is None:
        raise ZoneMissingError("the time names no zone")
    return UTC if zone == "UTC" else ZoneInfo(zone)


def _from_unix(text: str) -> Nanos:
    for digits, unit in ((10, NANOS_PER_SECOND), (13, NANOS_PER_MILLISECOND)):
        if len(text) == digits and _EARLIEST_UNIX <= int(text) * unit // NANOS_PER_SECOND < _LATEST_UNIX:
            return Nanos(int(text) * unit)
    raise ValueError("expected Unix time in seconds or milliseconds between the years 2000 and 2100")


def timeframe_seconds(text: str | None) -> int | None:
    """Return the length of a bar in seconds: "5m", "1h", "D", or TradingView's bare minutes "5"; None if unknown."""
    if not text or len(text) > 8:
        return None
    written = text.strip().lower()
    match = _TIMEFRAME.fullmatch(written if written[:1].isdigit() else f"1{written}")
    if match is None:
        return None
    return int(match.group(1)) * _TIMEFRAME_SECONDS[match.group(2) or "m"] or None
