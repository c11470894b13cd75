"""Reads of indicators with their targets and figures. Each takes the day that is looked at; none reads the clock."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.choices import Measure, Nature, Publication, Qualifier
from tracker.metrics.records import Figure, FigureSeries, Goal, Measured
from tracker.models import Indicator, Observation, Series, Source, Target
from tracker.querysets import localized, published_on


def _seen(path: str) -> Q:
    """Keep what belongs to no proposal or to a published one."""
    return Q(**{f"{path}__isnull": True}) | Q(**{f"{path}__publication": Publication.PUBLISHED})


def figures_by(day: date) -> QuerySet[Observation]:
    """Give the observations of periods that had ended and that were published by a day.

    An observation without a day of publication takes its source's; without that, the end of its period.
    """
    published = Coalesce("published_on", "source__published_on", "period_end")
    rows = Observation.objects.alias(out_on=published)
    return rows.filter(_seen("series__indicator__proposal"), period_end__lte=day, out_on__lte=day)


def targets_by(day: date) -> QuerySet[Target]:
    """Give the targets stated by a day."""
    return Target.objects.filter(_seen("indicator__proposal"), stated_on__lte=day)


def indicators_by(day: date) -> QuerySet[Indicator]:
    """Give the indicators of which a target or a figure was on record by a day."""
    itself = OuterRef("pk")
    known = Exists(targets_by(day).filter(indicator=itself)) | Exists(figures_by(day).filter(series__indicator=itself))
    return Indicator.objects.filter(_seen("proposal")).filter(known)


def measured(day: date, **only: Any) -> list[Measured]:
    """Read the indicators of a day, or those among them that a filter keeps, with their targets and series."""
    found = list(indicators_by(day).filter(**only).order_by("slug"))
    about = _proposals(day, [one.proposal_id for one in found if one.proposal_id])
    numbers = [one.pk for one in found]
    goals, series = _goals(day, numbers), _series(day, numbers)
    return [
        Measured(
            slug=one.slug,
            name=one.name,
            unit=one.unit,
            definition=one.definition or "",
            goals=tuple(goals[one.pk]),
            series=tuple(series[one.pk]),
            measure=Measure(one.measure),
            **about.get(one.proposal_id, {}),
        )
        for one in found
    ]


def _proposals(day: date, numbers: list[int]) -> dict[int | None, dict[str, Any]]:
    """Give what an indicator tells of its proposal: name and theme, and whether the proposal is the target itself."""
    columns = ("pk", "slug", localized("title"), "theme__slug", localized("theme__name"), "nature")
    return {
        pk: {
            "proposal": slug,
            "proposal_title": title,
            "theme": theme,
            "theme_label": label,
            "is_aim": nature == Nature.TARGET,
        }
        for pk, slug, title, theme, label, nature in published_on(day).filter(pk__in=numbers).values_list(*columns)
    }


def _goals(day: date, indicators: list[int]) -> dict[int, list[Goal]]:
    goals: dict[int, list[Goal]] = defaultdict(list)
    rows = targets_by(day).filter(indicator__in=indicators).select_related("source", "set_by", "baseline__series")
    for row in rows.order_by("stated_on", "id"):
        goals[row.indicator_id].append(
            Goal(
                key=row.key,
                value=row.value,
                stated_on=row.stated_on,
                deadline=row.last_day,
                due=row.interval,
                baseline=(row.baseline.series.slug, row.baseline.period_start, row.baseline.period_end)
                if row.baseline
                else None,
                source=row.source.slug,
                source_label=_label(row.source),
                paragraph=row.paragraph,
                set_by=row.set_by.name if row.set_by else "",
                note=row.note or "",
            )
        )
    return goals


def _series(day: date, indicators: list[int]) -> dict[int, list[FigureSeries]]:
    """Give the series that have a figure by the day. The unit is compared in English, whatever the page's language."""
    figures = _figures(day, indicators)
    series: dict[int, list[FigureSeries]] = defaultdict(list)
    rows = Series.objects.filter(indicator__in=indicators, pk__in=list(figures)).order_by("slug")
    for row in rows.select_related("indicator").annotate(same_unit=Q(unit_en=F("indicator__unit_en"))):
        series[row.indicator_id].append(
            FigureSeries(
                slug=row.slug,
                name=row.name,
                compiler=row.compiler,
                unit=row.unit,
                figures=tuple(figures[row.pk]),
                comparable=row.same_unit,
                note=row.note or "",
                measure=Measure(row.indicator.measure),
            )
        )
    return series


def _figures(day: date, indicators: list[int]) -> dict[int, list[Figure]]:
    figures: dict[int, list[Figure]] = defaultdict(list)
    rows = figures_by(day).filter(series__indicator__in=indicators).select_related("source")
    for row in rows.order_by("period_start", "period_end", "vintage"):
        figures[row.series_id].append(
            Figure(
                key=row.key,
                start=row.period_start,
                end=row.period_end,
                value=row.value,
                qualifier=Qualifier(row.qualifier),
                vintage=row.vintage,
                source=row.source.slug,
                source_label=_label(row.source),
                note=row.note or "",
            )
        )
    return figures


def _label(source: Source) -> str:
    return f"{source.publisher}, {source.published}" if source.published else source.publisher
