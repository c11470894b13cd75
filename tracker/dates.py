"""Dates known only to a certain precision, as intervals of days. No clock, no database.

One notation serves seeds, imports and exports: ``2024-11-06`` (day), ``2024-11`` (month), ``2022-Q1`` (quarter),
``2021`` (year), ``2024-11-06/2024-11-07`` (from–to). It follows ISO 8601, with the quarter of its
extended form EDTF written in the usual way.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Granularity(StrEnum):
    """How finely a date is known."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    NONE = "none"


NOTATION = "2024-11-06, 2024-11, 2022-Q1, 2021 or 2024-11-06/2024-11-07"

_FORMS = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?")


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of days, both ends included, and how finely it is known.

    Raises:
        ValueError: if the last day is before the first.
    """

    first: date
    last: date
    precision: Granularity = Granularity.DAY

    def __post_init__(self) -> None:
        """Refuse an interval that ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    def __str__(self) -> str:
        """Give the notation that `parse_when` reads."""
        if self.precision == Granularity.DAY and self.first != self.last:
            return f"{self.first.isoformat()}/{self.last.isoformat()}"
        return shorten(self.first, self.precision)


def shorten(day: date, precision: str) -> str:
    """Write the day no finer than it is known: 2024-11-06, 2024-11, 2024-Q4, 2024, or nothing."""
    match precision:
        case Granularity.DAY:
            return day.isoformat()
        case Granularity.MONTH:
            return f"{day.year:04d}-{day.month:02d}"
        case Granularity.QUARTER:
            return f"{day.year:04d}-Q{(day.month + 2) // 3}"
        case Granularity.YEAR:
            return f"{day.year:04d}"
        case _:
            return ""


def around(day: date, precision: str) -> Interval | None:
    """Give the whole day, month, quarter or year that holds `day`; None where nothing finer than "by then" is known."""
    match precision:
        case Granularity.DAY:
            return Interval(day, day)
        case Granularity.MONTH:
            first, months = day.replace(day=1), 1
        case Granularity.QUARTER:
            first, months = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 3
        case Granularity.YEAR:
            first, months = date(day.year, 1, 1), 12
        case _:
            return None
    last_month = first.month + months - 1
    last = date(first.year, last_month, monthrange(first.year, last_month)[1])
    return Interval(first, last, Granularity(precision))


def lies_ahead(day: date, precision: str, today: date) -> bool:
    """Tell whether a date is yet to come, even the first day that it can be. “By then” is yet to come with its day."""
    known = around(day, precision)
    return (known.first if known else day) > today


def parse_when(text: str) -> Interval:
    """Read a date in the notation of this module.

    Raises:
        ValueError: naming the text and the forms allowed.
    """
    start, slash, end = text.strip().partition("/")
    try:
        interval = _parse_one(start)
        if not slash:
            return interval
        until = _parse_one(end)
        if interval.precision != Granularity.DAY or until.precision != Granularity.DAY:
            raise ValueError
        return Interval(interval.first, until.last)
    except ValueError:
        raise ValueError(f"“{text}” is not a date; allowed: {NOTATION}") from None


def _parse_one(text: str) -> Interval:
    found = _FORMS.fullmatch(text)
    if not found:
        raise ValueError
    year = int(found["year"])
    if found["quarter"]:
        whole = around(date(year, 3 * int(found["quarter"]), 1), Granularity.QUARTER)
    elif found["day"]:
        whole = around(date(year, int(found["month"]), int(found["day"])), Granularity.DAY)
    elif found["month"]:
        whole = around(date(year, int(found["month"]), 1), Granularity.MONTH)
    else:
        whole = around(date(year, 1, 1), Granularity.YEAR)
    assert whole is not None  # noqa: S101 - none of the four forms is open-ended
    return whole


def add_months(day: date, months: int) -> date:
    """Give the same day of the month `months` later, or that month's last day if it is shorter."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
