"""Trading days, sessions and holidays, checked against published exchange calendars."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tradershub.domain.business_days import (
    Holiday,
    business_days_before,
    holiday_of,
    is_business_day,
    is_short_day,
    nth_weekday,
)
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos
from tradershub.domain.trading_days import CALENDARS, check_session, is_open, session_start, trading_day

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
SECOND = NANOS_PER_SECOND


def at(text: str, zone: str = CHICAGO) -> Nanos:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Nanos((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * SECOND)


# The holidays that the New York Stock Exchange publishes.
NYSE = {
    2025: "01-01 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
    2028: "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25",
    2029: "01-01 01-15 02-19 03-30 05-28 06-19 07-04 09-03 11-22 12-25",
}


@pytest.mark.parametrize(("year", "days"), NYSE.items())
def test_the_holidays_of_a_year_are_those_the_exchange_publishes(year: int, days: str) -> None:
    every_day = (date(year, 1, 1) + timedelta(days=offset) for offset in range(365))
    assert [f"{day:%m-%d}" for day in every_day if holiday_of(day)] == days.split()


def test_new_year_on_a_sunday_is_observed_on_monday() -> None:
    assert holiday_of(date(2034, 1, 2)) is Holiday.NEW_YEAR


def test_a_holiday_and_a_weekend_are_no_business_days() -> None:
    assert not is_business_day(date(2026, 11, 26))
    assert not is_business_day(date(2026, 11, 28))
    assert is_business_day(date(2026, 11, 27))


@pytest.mark.parametrize(
    ("day", "short"),
    [
        ("2026-11-27", True),
        ("2026-12-24", True),
        ("2025-07-03", True),
        ("2027-12-24", False),
        ("2026-07-02", False),
        ("2026-07-03", False),
        ("2026-11-25", False),
        ("2026-10-27", False),
    ],
)
def test_days_beside_holidays_are_short(day: str, short: bool) -> None:
    assert is_short_day(date.fromisoformat(day)) is short


def test_business_days_are_counted_over_weekends_and_holidays() -> None:
    assert business_days_before(date(2026, 11, 30), 3) == date(2026, 11, 24)
    assert business_days_before(date(2026, 11, 30), 0) == date(2026, 11, 30)


def test_the_nth_weekday_of_a_month_is_found() -> None:
    assert nth_weekday(2026, 12, 3, 4) == date(2026, 12, 18)
    assert nth_weekday(2027, 1, 1, 4) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("calendar", "moment", "day"),
    [
        ("cme_equity", "2026-11-23 09:30", "2026-11-23"),
        ("cme_equity", "2026-11-23 16:59:59", "2026-11-23"),
        ("cme_equity", "2026-11-23 17:00", "2026-11-24"),
        ("cme_equity", "2026-11-20 17:30", "2026-11-23"),
        ("cme_equity", "2026-11-22 12:00", "2026-11-23"),
        ("cme_equity", "2026-11-22 18:00", "2026-11-23"),
        ("cme_equity", "2026-11-26 09:00", "2026-11-27"),
        ("cme_crypto", "2026-11-21 12:00", "2026-11-23"),
        ("fx_24x5", "2026-11-26 09:00", "2026-11-26"),
        ("fx_24x5", "2026-12-25 09:00", "2026-12-28"),
    ],
)
def test_an_instant_belongs_to_a_trading_day(calendar: str, moment: str, day: str) -> None:
    assert trading_day(calendar, at(moment)) == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"])
def test_the_trading_day_turns_at_six_in_new_york_in_summer_and_winter(day: str) -> None:
    turn = at(f"{day} 18:00", NEW_YORK)
    assert trading_day("cme_equity", Nanos(turn - SECOND)) == date.fromisoformat(day)
    assert trading_day("cme_equity", turn) > date.fromisoformat(day)


@pytest.mark.parametrize(
    ("calendar", "moment", "expected"),
    [
        ("cme_equity", "2026-11-22 16:59:59", False),
        ("cme_equity", "2026-11-22 17:00", True),
        ("cme_equity", "2026-11-23 15:59:59", True),
        ("cme_equity", "2026-11-23 16:30", False),
        ("cme_equity", "2026-11-20 18:00", False),
        ("cme_equity", "2026-11-21 09:00", False),
        ("cme_equity", "2026-11-26 11:00", True),
        ("cme_equity", "2026-11-26 12:00", False),
        ("cme_equity", "2026-11-26 17:00", True),
        ("cme_equity", "2026-11-27 12:15", False),
        ("cme_metals", "2026-11-27 12:15", True),
        ("cme_energy", "2026-11-26 13:00", True),
        ("cme_equity", "2026-12-24 18:00", False),
        ("cme_equity", "2026-12-25 10:00", False),
        ("cme_equity", "2027-03-26 10:00", False),
        ("cme_crypto", "2026-11-21 12:00", True),
        ("cme_crypto", "2026-05-23 12:00", False),
        ("fx_24x5", "2026-11-22 16:00", True),
        ("fx_24x5", "2026-11-26 16:30", True),
        ("fx_24x5", "2026-12-25 10:00", False),
        ("fx_24x5", "2026-11-27 15:59", True),
        ("fx_24x5", "2026-11-27 16:00", False),
        ("cfd_24x5", "2026-11-23 16:30", False),
    ],
)
def test_a_market_is_open_in_its_session(calendar: str, moment: str, expected: bool) -> None:
    assert is_open(calendar, at(moment)) is expected


def test_an_unknown_calendar_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="cme_equity"):
        is_open("nyse", at("2026-11-23 10:00"))


def test_every_calendar_answers_for_any_hour_of_a_year() -> None:
    start = at("2026-01-01 00:00")
    hours = [Nanos(start + hour * 3600 * SECOND) for hour in range(0, 8760, 5)]
    for name in CALENDARS:
        days = [trading_day(name, hour) for hour in hours]
        assert days == sorted(days)
        assert any(is_open(name, hour) for hour in hours)


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2026-11-22 16:59:59", "2026-11-21 17:00"),
        ("2026-11-22 17:00", "2026-11-22 17:00"),
        ("2026-11-22 23:00", "2026-11-22 17:00"),
        ("2026-11-23 03:00", "2026-11-22 17:00"),
        ("2026-11-01 12:00", "2026-10-31 17:00"),
        ("2026-03-08 12:00", "2026-03-07 17:00"),
    ],
)
def test_a_session_starts_at_the_latest_reset(moment: str, start: str) -> None:
    assert session_start(NEW_YORK, "17:00", at(moment, NEW_YORK)) == at(start, NEW_YORK)


def test_a_session_over_the_autumn_change_is_an_hour_longer() -> None:
    before = session_start(NEW_YORK, "17:00", at("2026-10-31 18:00", NEW_YORK))
    after = session_start(NEW_YORK, "17:00", at("2026-11-01 18:00", NEW_YORK))
    assert after - before == 25 * 3600 * SECOND


def test_a_reset_that_the_clocks_skip_comes_once_and_one_that_comes_twice_counts_the_first_time() -> None:
    skipped = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    twice = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    for reset, moment in (("02:30", skipped), ("01:30", twice)):
        expected = int(moment.timestamp()) * SECOND
        assert session_start(NEW_YORK, reset, Nanos(expected)) == expected
        assert session_start(NEW_YORK, reset, Nanos(expected - 1)) < expected
        assert session_start(NEW_YORK, reset, Nanos(expected + 3 * 3600 * SECOND)) == expected


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "America"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="unknown zone"):
        check_session(zone, "17:00")


@pytest.mark.parametrize("reset", ["", "25:00", "5pm", "17:00:00", "1700", "17.00", "١٧:٠٠", "T17:0"])
def test_a_reset_that_is_no_time_of_day_is_refused(reset: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        check_session(NEW_YORK, reset)
