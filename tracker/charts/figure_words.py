"""How figures, periods and targets are written in the page's language."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tracker.choices import Qualifier
from tracker.dates import Granularity, Interval
from tracker.metrics.records import Figure, Goal

_MINUS = "−"


def _number(text: str, places: int | None = None) -> str:
    written = number_format(text.lstrip("-"), decimal_pos=places, use_l10n=True, force_grouping=True)
    return _MINUS + written if text.startswith("-") and text.strip("-0.") else written


def amount(value: Decimal) -> str:
    """Write a number in the page's language: thousands parted, no trailing noughts."""
    text = f"{value:f}"
    return _number(text.rstrip("0").rstrip(".") if "." in text else text)


def rounded(value: Decimal, places: int = 2) -> str:
    """Write a computed number with at most so many decimals; a large one in whole numbers."""
    return amount(round(value, 0 if abs(value) >= 1000 else places) + Decimal(0))


def percent(value: Decimal) -> str:
    """Write a share as per cent with one decimal; growth above nought without a sign."""
    return _("%(number)s%%") % {"number": _number(f"{round(100 * value, 1):f}", 1)}


def said(figure: Figure) -> str:
    """Write a figure with its qualifier: about 3.2, more than 3."""
    words = {"value": amount(figure.value)}
    match figure.qualifier:
        case Qualifier.ABOUT:
            return _("about %(value)s") % words
        case Qualifier.MORE_THAN:
            return _("more than %(value)s") % words
        case Qualifier.PROVISIONAL:
            return _("%(value)s (provisional)") % words
        case _other:
            return words["value"]


SIGNS = {Qualifier.EXACT: "", Qualifier.ABOUT: "≈", Qualifier.MORE_THAN: ">", Qualifier.PROVISIONAL: "*"}


def marked(figure: Figure) -> str:
    """Write a figure with the sign of its qualifier, as short as it goes."""
    return f"{SIGNS[figure.qualifier]}{amount(figure.value)}"


# Periods --------------------------------------------------------------------------------------------------------------
# The forms are Django's date formats: a letter of the alphabet that is to be printed needs a backslash before it.


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _month(day: date) -> str:
    # Translators: a date format (M: month in letters, n: in digits, Y: year), as in "Oct 2023".
    return date_format(day, pgettext("date format, a month", "M Y"))


def _months(first: date, last: date) -> str:
    # Translators: a date format, the first part of "Jan–Oct 2023"; the second part follows without a space.
    start = date_format(first, pgettext("date format, first of several months of a year", "M"))
    # Translators: a date format, the second part of "Jan–Oct 2023".
    return start + date_format(last, pgettext("date format, last of several months of a year", "–M Y"))


def span(figure: Figure) -> str:
    """Write the period: a year, its months as in "Jan–Oct 2023", or its days where it does not keep to months."""
    return stretch(figure.start, figure.end)


def stretch(first: date, last: date) -> str:
    """Write a stretch of days as shortly as it is whole: years, months, days."""
    whole_years = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    if whole_years:
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if not _whole_months(first, last):
        return _day(first) if first == last else f"{_day(first)} – {_day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return _month(first)
    return _months(first, last) if first.year == last.year else f"{_month(first)} – {_month(last)}"


def _whole_months(first: date, last: date) -> bool:
    return first.day == 1 and (last + timedelta(days=1)).day == 1


def months(figure: Figure) -> int:
    """Count the months that the figure covers; 0 where it does not keep to whole months."""
    first, last = figure.period
    return 12 * (last.year - first.year) + last.month - first.month + 1 if _whole_months(first, last) else 0


def span_with_months(figure: Figure) -> str:
    """Write the period; for what is not a year, with how many months it holds."""
    number = months(figure)
    if figure.year is not None or number < 2:
        return span(figure)
    held = ngettext("%(number)s month", "%(number)s months", number) % {"number": number}
    return f"{span(figure)} ({held})"


# Targets --------------------------------------------------------------------------------------------------------------


def due(when: Interval | None) -> str:
    """Write a deadline no finer than it is stated; nothing for none."""
    if when is None:
        return ""
    match when.precision:
        case Granularity.DAY | Granularity.MONTH | Granularity.YEAR:
            return stretch(when.first, when.last)
        case _other:
            return str(when)


def goal_words(goal: Goal, unit: str) -> str:
    """Write a target with its deadline."""
    words = {"value": amount(goal.value), "unit": unit, "deadline": due(goal.due)}
    if goal.deadline is None:
        return _("Target %(value)s %(unit)s, no date stated") % words
    return _("Target %(value)s %(unit)s by %(deadline)s") % words
