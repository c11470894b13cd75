"""Words for figures in templates: as they were published, and as they were computed."""

from __future__ import annotations

from decimal import Decimal

from django import template

from tracker.charts import figure_words
from tracker.dates import Interval
from tracker.metrics.records import Figure, Goal

register = template.Library()


@register.filter
def said(value: Figure | None) -> str:
    """Write a figure with its qualifier; a dash for none."""
    return figure_words.said(value) if value else "–"


@register.filter
def span(value: Figure) -> str:
    """Write the period of a figure, with the months of what is not a year."""
    return figure_words.span_with_months(value)


@register.filter
def amount(value: Decimal | None) -> str:
    """Write a number as stated, without trailing noughts; a dash for none."""
    return "–" if value is None else figure_words.amount(value)


@register.filter
def rounded(value: Decimal | None) -> str:
    """Write a computed number with at most two decimals; a dash for none."""
    return "–" if value is None else figure_words.rounded(value)


@register.filter
def percent(value: Decimal | None) -> str:
    """Write a share or a rate as per cent; a dash for none."""
    return "–" if value is None else figure_words.percent(value)


@register.filter
def goal(value: Goal, unit: str) -> str:
    """Write a target with its unit and deadline."""
    return figure_words.goal_words(value, unit)


@register.filter
def due(value: Interval | None) -> str:
    """Write a deadline no finer than it is stated."""
    return figure_words.due(value)


@register.filter
def reach(value: Decimal | None) -> str:
    """Give a share as a length for a drawing, from nought to the whole; nought for none."""
    return f"{100 * min(max(value or Decimal(0), Decimal(0)), Decimal(1)):.1f}%"
