"""Figures against targets: where is it, against what, measured by whom, how far, how fast must it go."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.charts import shared
from tracker.charts import targets as charts
from tracker.figure_reads import figures_by, indicators_by, measured
from tracker.filters import FigureFilter
from tracker.metrics import pace
from tracker.metrics.pace import Against, Comparison
from tracker.metrics.records import Figure, FigureSeries, Measured
from tracker.views.shared import Day, dated, page


@dataclass(frozen=True, slots=True)
class Line:
    """A series with its latest figure and its part-years beside those of other years."""

    series: FigureSeries
    latest: Figure | None
    comparisons: list[Comparison]


@dated
def targets(request: HttpRequest, day: Day) -> HttpResponse:
    """List what has a target, the number that was itself asked for first; then the other figures by theme."""
    rows = [(one, pace.against(one, day.shown)) for one in measured(day.shown)]
    aimed = sorted((row for row in rows if row[1]), key=_order)
    rest = sorted((one for one, against in rows if not against), key=lambda one: (one.theme_label, one.slug))
    context = {
        "first": aimed[:1] if aimed and aimed[0][0].is_aim else [],
        "aimed": aimed[1:] if aimed and aimed[0][0].is_aim else aimed,
        "themes": [
            (label, [(one, _lines(one)) for one in group])
            for label, group in groupby(rest, key=lambda one: one.theme_label)
        ],
    }
    return page(request, "tracker/targets.html", day, context)


def _order(row: tuple[Measured, list[Against]]) -> tuple:
    """Put first what was itself asked for as a number, then what can be measured, then what is still to fall due."""
    one, against = row
    known = any(each.lead and each.lead.latest for each in against)
    return not one.is_aim, not known, against[0].lead is None, one.theme_label, one.slug


@dated
def target(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one indicator: its targets, its figures series by series, and the pace."""
    found = measured(day.shown, slug=slug)
    if not found:
        message = _("No target or figure with this address was on record by %(day)s.")
        raise Http404(message % {"day": day.shown})
    one = found[0]
    against = pace.against(one, day.shown)
    context = {
        "indicator": one,
        "against": against,
        "first": against[0] if against else None,
        "lines": _lines(one),
        "charts": _charts(one),
    }
    return page(request, "tracker/target.html", day, context)


def figure_filter(request: HttpRequest, day: Day) -> FigureFilter:
    """Read the filter of the table of figures."""
    slugs = indicators_by(day.shown).order_by("slug").values_list("slug", flat=True)
    return FigureFilter(request.GET, figures_by(day.shown), indicators=slugs)


def _lines(one: Measured) -> list[Line]:
    """Give the series with their latest figures, the one that answers first at the head."""
    return [
        Line(series, pace.latest_of(series), list(pace.same_months(series))) for series in pace.in_order(one.series)
    ]


def _charts(one: Measured) -> list[shared.Chart]:
    """Draw the comparable series with the targets, then those in each other unit on their own."""
    units: dict[tuple[bool, str], list[FigureSeries]] = {}
    for series in pace.in_order(one.series):
        units.setdefault((not series.comparable, series.unit), []).append(series)
    return [_chart(one, number, group) for number, (_unit, group) in enumerate(sorted(units.items()), 1)]


def _chart(one: Measured, number: int, group: list[FigureSeries]) -> shared.Chart:
    unit, goals = group[0].unit, pace.in_force(one.goals) if group[0].comparable else []
    panels = [charts.Panel(each, pace.newest(each.figures), pace.gaps(each.figures)) for each in group]
    question = _(
        "Each bar stands over the time that its figure covers. Series are never joined; "
        "a year without a figure is unknown, not nought."
    )
    return shared.chart(
        f"figures-{number}",
        title=_("The figures, in %(unit)s") % {"unit": unit},
        question=question,
        figure=charts.figures_chart(panels, goals, unit),
        twin=charts.figures_table(panels, goals, unit),
    )
