"""Business days of the American exchanges by rule: holidays, short sessions, counting back."""

from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY = 0, 3, 4, 5


class Holiday(StrEnum):
    NEW_YEAR = "new_year"
    MARTIN_LUTHER_KING = "martin_luther_king"
    PRESIDENTS = "presidents"
    GOOD_FRIDAY = "good_friday"
    MEMORIAL = "memorial"
    JUNETEENTH = "juneteenth"
    INDEPENDENCE = "independence"
    LABOR = "labor"
    THANKSGIVING = "thanksgiving"
    CHRISTMAS = "christmas"


def holiday_of(day: date) -> Holiday | None:
    """Return the exchange holiday observed on a day.

    A fixed date on a Saturday is observed on Friday, on a Sunday on Monday; only New Year's Day on a Saturday is not
    observed at all, because the exchanges close their books on 31 December.
    """
    match day.month:
        case 1 | 2:
            return _of_winter(day)
        case 3 | 4:
            return Holiday.GOOD_FRIDAY if day == _good_friday(day.year) else None
        case 5:
            return Holiday.MEMORIAL if day.weekday() == _MONDAY and day.day > 24 else None
        case 6:
            return Holiday.JUNETEENTH if _is_observed(day, 19) else None
        case 7:
            return Holiday.INDEPENDENCE if _is_observed(day, 4) else None
        case 9:
            return Holiday.LABOR if _is_nth(day, 1, _MONDAY) else None
        case 11:
            return Holiday.THANKSGIVING if _is_nth(day, 4, _THURSDAY) else None
        case 12:
            return Holiday.CHRISTMAS if _is_observed(day, 25) else None
        case _:
            return None


def _of_winter(day: date) -> Holiday | None:
    if day.month == 1 and _is_observed(day, 1):
        return Holiday.NEW_YEAR
    if not _is_nth(day, 3, _MONDAY):
        return None
    return Holiday.MARTIN_LUTHER_KING if day.month == 1 else Holiday.PRESIDENTS


def is_business_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and holiday_of(day) is None


def is_short_day(day: date) -> bool:
    """Say whether a business day ends early: before Independence Day, after Thanksgiving, on Christmas Eve."""
    if not is_business_day(day):
        return False
    if day.month == 7:
        # 3 July is short only before a holiday on the next day; a Friday before a Sunday holiday is an ordinary day.
        return day.day == 3 and day.weekday() < _FRIDAY
    if day.month == 11:
        return holiday_of(day - ONE_DAY) is Holiday.THANKSGIVING
    return day.month == 12 and day.day == 24


def business_day_on_or_before(day: date) -> date:
    while not is_business_day(day):
        day -= ONE_DAY
    return day


def business_days_before(day: date, count: int) -> date:
    """Return the `count`-th business day strictly before a day; the day itself for 0."""
    for _ in range(count):
        day = business_day_on_or_before(day - ONE_DAY)
    return day


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """Return the first, second… Monday (0) to Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def last_day_of_month(year: int, month: int) -> date:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - ONE_DAY


def _is_nth(day: date, nth: int, weekday: int) -> bool:
    return day.weekday() == weekday and (day.day - 1) // 7 == nth - 1


def _is_observed(day: date, holiday: int) -> bool:
    weekday = day.weekday()
    if day.day == holiday:
        return weekday < _SATURDAY
    return (day.day == holiday - 1 and weekday == _FRIDAY) or (day.day == holiday + 1 and weekday == _MONDAY)


def _good_friday(year: int) -> date:
    """Return the Friday before Easter, by the Gregorian reckoning of Meeus, Jones and Butcher."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1) - timedelta(days=2)
