"""When a futures contract stops trading and when the next one becomes the front month, as rules of a product."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tradershub.domain.business_days import (
    ONE_DAY,
    business_day_on_or_before,
    business_days_before,
    last_day_of_month,
    nth_weekday,
)

_WEDNESDAY, _FRIDAY = 2, 4


class Anchor(StrEnum):
    """A day of a contract's month that exchange rules count from."""

    THIRD_FRIDAY = "third_friday"
    MONDAY_BEFORE_THIRD_FRIDAY = "monday_before_third_friday"
    SECOND_FRIDAY = "second_friday"
    THIRD_WEDNESDAY = "third_wednesday"
    LAST_FRIDAY = "last_friday"
    LAST_BUSINESS_DAY = "last_business_day"
    LAST_BUSINESS_DAY_OF_PRIOR_MONTH = "last_business_day_of_prior_month"
    """Also the first notice day of metals and Treasuries."""
    TWENTY_FIFTH_OF_PRIOR_MONTH = "twenty_fifth_of_prior_month"
    LAST_TRADE = "last_trade"
    """The contract's own last trade date; only for rolls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRule:
    anchor: Anchor
    business_days_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRule:
    """What a product's contract months are and when they hand over."""

    months: tuple[int, ...]
    """The months that become front month, in order (gold passes over October)."""
    listed: tuple[int, ...]
    """The months that a message may name."""
    last_trade: DayRule
    roll: DayRule
    """The first day on which the next contract is the front month."""


def last_trade_date(rule: RollRule, year: int, month: int) -> date:
    anchor = _anchor_day(rule.last_trade.anchor, year, month)
    if rule.last_trade.business_days_before:
        return business_days_before(anchor, rule.last_trade.business_days_before)
    return business_day_on_or_before(anchor)


def roll_date(rule: RollRule, year: int, month: int) -> date:
    """Return the day from which the contract of this month is no longer the front month."""
    if rule.roll.anchor is Anchor.LAST_TRADE:
        anchor = last_trade_date(rule, year, month)
    else:
        anchor = _anchor_day(rule.roll.anchor, year, month)
    return business_days_before(anchor, rule.roll.business_days_before)


def _anchor_day(anchor: Anchor, year: int, month: int) -> date:
    prior_month_end = date(year, month, 1) - ONE_DAY
    match anchor:
        case Anchor.THIRD_FRIDAY:
            return nth_weekday(year, month, 3, _FRIDAY)
        case Anchor.MONDAY_BEFORE_THIRD_FRIDAY:
            return nth_weekday(year, month, 3, _FRIDAY) - timedelta(days=4)
        case Anchor.SECOND_FRIDAY:
            return nth_weekday(year, month, 2, _FRIDAY)
        case Anchor.THIRD_WEDNESDAY:
            return nth_weekday(year, month, 3, _WEDNESDAY)
        case Anchor.LAST_FRIDAY:
            last = last_day_of_month(year, month)
            return last - timedelta(days=(last.weekday() - _FRIDAY) % 7)
        case Anchor.LAST_BUSINESS_DAY:
            return business_day_on_or_before(last_day_of_month(year, month))
        case Anchor.LAST_BUSINESS_DAY_OF_PRIOR_MONTH:
            return business_day_on_or_before(prior_month_end)
        case Anchor.TWENTY_FIFTH_OF_PRIOR_MONTH:
            return business_day_on_or_before(prior_month_end.replace(day=25))
        case Anchor.LAST_TRADE:
            raise ValueError("last_trade is a day to roll by, not a rule for the last trade date itself")
