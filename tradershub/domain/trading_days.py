"""Exchange calendars: the trading day an instant belongs to, whether a market is open, when an account's day began."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tradershub.domain.business_days import ONE_DAY, Holiday, holiday_of, is_business_day, is_short_day
from tradershub.domain.clock import NANOS_PER_SECOND, Nanos

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_SATURDAY = 5
_CLOSED = frozenset({Holiday.NEW_YEAR, Holiday.GOOD_FRIDAY, Holiday.CHRISTMAS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The sessions of one kind of market: the session of a day opens the evening before."""

    zone: str
    opens: time
    closes: time
    short_day_close: time
    """On the day after Thanksgiving, Christmas Eve and the day before Independence Day."""
    holiday_close: time
    """On holidays with a session that belongs to the next trading day, such as Labor Day."""
    american_holidays: bool = True
    """Otherwise only Christmas and New Year's Day are no trading days."""
    always_open_from: datetime | None = None


def _chicago(short_day_close: time, holiday_close: time, *, always_open_from: datetime | None = None) -> Calendar:
    return Calendar(
        zone="America/Chicago",
        opens=time(17),
        closes=time(16),
        short_day_close=short_day_close,
        holiday_close=holiday_close,
        always_open_from=always_open_from,
    )


def _over_the_counter(opens: time) -> Calendar:
    return Calendar(
        zone="America/New_York",
        opens=opens,
        closes=time(17),
        short_day_close=time(17),
        holiday_close=time(17),
        american_holidays=False,
    )


CALENDARS: Mapping[str, Calendar] = MappingProxyType(
    {
        "cme_equity": _chicago(time(12, 15), time(12)),
        "cme_rates": _chicago(time(12, 15), time(12)),
        "cme_fx": _chicago(time(12, 15), time(12)),
        "cme_metals": _chicago(time(12, 45), time(13, 30)),
        "cme_energy": _chicago(time(12, 45), time(13, 30)),
        # Crypto futures trade round the clock since Friday 29 May 2026, 16:00 in Chicago.
        "cme_crypto": _chicago(time(12, 45), time(16), always_open_from=datetime(2026, 5, 29, 21, tzinfo=UTC)),
        "fx_24x5": _over_the_counter(time(17)),
        "cfd_24x5": _over_the_counter(time(18)),
    }
)
"""By the name that instruments use; the known gaps are listed in docs/decisions/0011-roll-table.md."""


def trading_day(calendar: str, at: Nanos) -> date:
    """Return the trading day that an instant belongs to; the next one while the market is shut."""
    table = _calendar(calendar)
    local = _local(table.zone, at)
    day = local.date()
    if local.time() >= table.opens:
        day += ONE_DAY
    while not _is_trading_day(table, day):
        day += ONE_DAY
    return day


def is_open(calendar: str, at: Nanos) -> bool:
    """Say whether the market holds a session at an instant; short sessions announced for single dates are unknown."""
    table = _calendar(calendar)
    local = _local(table.zone, at)
    if table.always_open_from is not None and local >= table.always_open_from:
        return True
    evening = local.time() >= table.opens
    close = _close_of(table, local.date() + ONE_DAY if evening else local.date())
    return close is not None and (evening or local.time() < close)


def session_end(calendar: str, at: Nanos) -> Nanos:
    """Return when the trading day ends that an instant belongs to."""
    table = _calendar(calendar)
    day = trading_day(calendar, at)
    return _instant(table.zone, day, _close_of(table, day) or table.opens)


def session_start(zone: str, reset: str, at: Nanos) -> Nanos:
    """Return the latest moment, not after `at`, at which the clocks of a zone showed the reset time ("17:00").

    On the day a reset time does not exist (clocks going forward) it is the moment the same span after midnight; on the
    day it comes twice, the first.
    """
    reset_time = _reset_time(reset)
    today = _local(zone, at).date()
    start = _instant(zone, today, reset_time)
    return start if start <= at else _instant(zone, today - ONE_DAY, reset_time)


def check_session(zone: str, reset: str) -> None:
    """Raise ValueError, saying what was expected, unless `session_start` can work with these."""
    _zone(zone)
    _reset_time(reset)


def _is_trading_day(table: Calendar, day: date) -> bool:
    if table.american_holidays:
        return is_business_day(day)
    return day.weekday() < _SATURDAY and holiday_of(day) not in {Holiday.NEW_YEAR, Holiday.CHRISTMAS}


def _close_of(table: Calendar, day: date) -> time | None:
    """Return when the session of a day ends; None if there is none."""
    if day.weekday() >= _SATURDAY:
        return None
    if not table.american_holidays:
        return table.closes if _is_trading_day(table, day) else None
    holiday = holiday_of(day)
    if holiday is not None:
        return None if holiday in _CLOSED else table.holiday_close
    return table.short_day_close if is_short_day(day) else table.closes


def _calendar(name: str) -> Calendar:
    table = CALENDARS.get(name)
    if table is None:
        raise ValueError(f"unknown calendar {name!r}: expected one of {', '.join(CALENDARS)}")
    return table


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown zone {name!r}: expected a name such as America/New_York") from error


def _reset_time(text: str) -> time:
    if _TIME_OF_DAY.fullmatch(text) is None:
        raise ValueError(f"not a time of day: {text[:16]!r}: expected hours and minutes such as 17:00")
    return time.fromisoformat(text)


def _local(zone: str, at: Nanos) -> datetime:
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, _zone(zone))


def _instant(zone: str, day: date, clock_time: time) -> Nanos:
    local = datetime.combine(day, clock_time, tzinfo=_zone(zone))
    return Nanos((local.astimezone(UTC) - _EPOCH) // timedelta(seconds=1) * NANOS_PER_SECOND)
