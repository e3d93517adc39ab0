"""Instants: every form that is read, and what is refused rather than guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradershub.domain.clock import Nanos, ZoneMissingError, iso, parse_instant, seconds, timeframe_seconds

MOMENT = Nanos(1_795_343_400_000_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:30:00Z",
        "2026-11-22T10:30:00z",
        "2026-11-22 10:30:00Z",
        "2026-11-22T10:30Z",
        "2026-11-22T10:30:00.000Z",
        "2026-11-22T10:30:00,0Z",
        "2026-11-22T05:30:00-05:00",
        "2026-11-22T05:30:00-0500",
        "2026-11-22T16:00:00+05:30",
        " 2026-11-22T10:30:00Z ",
        "1795343400",
        "1795343400000",
    ],
)
def test_every_way_to_write_an_instant(text: str) -> None:
    assert parse_instant(text, None) == MOMENT


def test_a_time_without_a_zone_is_in_the_sources_zone() -> None:
    assert parse_instant("2026-11-22T05:30:00", "America/New_York") == MOMENT
    assert parse_instant("2026-11-22T10:30:00", "UTC") == MOMENT
    assert parse_instant("2026-07-01T08:00:00", "America/New_York") == parse_instant("2026-07-01T12:00:00Z", None)


def test_a_time_without_a_zone_and_without_a_sources_zone_is_not_guessed() -> None:
    with pytest.raises(ZoneMissingError):
        parse_instant("2026-11-22T10:30:00", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T10:30:00+25:00",
        "2026-11-22T10:30:00 Z",
        "5325-11-22T10:30:00Z",
        "1999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "179534340",
        "17953434000",
        "0795343400",
        "9999999999",
        "1795343400.5",
        "-1795343400",
        "１７９５３４３４００",
        "2026-11-22T10:30:00.1234567890Z",
        "2026-11-22T10:30:00Z\n",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text, "UTC")


def test_fractions_are_read_to_the_nanosecond() -> None:
    assert parse_instant("2026-11-22T10:30:00.123456789Z", None) == MOMENT + 123_456_789
    assert parse_instant("2026-11-22T10:30:00.5Z", None) == MOMENT + 500_000_000


@given(micros=st.integers(946_684_800_000_000, 4_102_444_799_999_999))
def test_what_is_written_reads_back(micros: int) -> None:
    moment = Nanos(micros * 1000)
    assert parse_instant(iso(moment), None) == moment


def test_instants_are_written_with_z_and_microseconds() -> None:
    assert iso(Nanos(MOMENT + 1_999)) == "2026-11-22T10:30:00.000001Z"


def test_spans_of_seconds() -> None:
    assert seconds(30) == 30_000_000_000


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5", 300), ("5m", 300), ("5 min", 300), ("1h", 3600), ("4hr", 14_400), ("D", 86_400), ("1D", 86_400),
        ("W", 604_800), ("30S", 30), ("15sec", 15), ("60", 3600), (" 5m ", 300),
        (None, None), ("", None), ("0", None), ("M1", None), ("1M0", None), ("tick", None), ("5 x", None),
        ("99999999m", None),
    ],
)  # fmt: skip
def test_the_length_of_a_bar(text: str | None, length: int | None) -> None:
    assert timeframe_seconds(text) == length
