"""Words for templates: dates no finer than they are known, shares with their N, and texts in the page's language."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tracker.dates import Granularity, Interval, shorten
from tracker.metrics.counts import Rate

register = template.Library()


@register.filter
def day(value: date | None, precision: str = Granularity.DAY) -> str:
    """Write a day in the page's language, no finer than it is known; a dash where nothing is known."""
    if value is None:
        return "–"
    match precision:
        case Granularity.DAY:
            return date_format(value, "DATE_FORMAT")
        case Granularity.MONTH:
            return date_format(value, "YEAR_MONTH_FORMAT")
        case Granularity.NONE:
            return _("by %(day)s, exact date unknown") % {"day": date_format(value, "DATE_FORMAT")}
        case _other:
            return shorten(value, precision)


@register.filter
def shortest(value: date, precision: str = Granularity.DAY) -> str:
    """Write a day in digits, no finer than it is known; where only its end is known, "by" that day."""
    return shorten(value, precision) or _("by %(day)s") % {"day": value.isoformat()}


@register.filter
def period(value: Interval | None) -> str:
    """Write a stretch of days in the page's language; a dash where nothing is known."""
    if value is None:
        return "–"
    if value.precision != Granularity.DAY or value.first == value.last:
        return day(value.last, value.precision)
    return f"{day(value.first)} – {day(value.last)}"


@register.filter
def share(value: Rate) -> str:
    """Write a rate as a percentage; a dash, not nought, where there is nothing to count."""
    return "–" if value.percent is None else f"{value.percent}%"


@register.filter
def rule(text: str, thresholds: object) -> str:
    """Fill the day counts of the settings into a rule."""
    return str(text).format(
        due_soon_days=getattr(thresholds, "due_soon_days", ""),
        stalled_days=getattr(thresholds, "stalled_days", ""),
        unverified_days=getattr(thresholds, "unverified_days", ""),
    )
