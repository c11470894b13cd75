"""Where it all comes from: the sources, and what rests on each."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.figure_reads import figures_by, targets_by
from tracker.filters import SourceFilter
from tracker.models import BorderGate, Source
from tracker.querysets import (
    bearings_by,
    changes_by,
    deadlines_by,
    meetings_by,
    published_on,
    sources_with_counts,
    statements_shown,
)
from tracker.views.shared import Day, dated, faults, page, unknown_names


@dated
def sources(request: HttpRequest, day: Day) -> HttpResponse:
    """List the sources."""
    filters = source_filter(request, day)
    problems = [*faults(filters), *unknown_names(request, filters)]
    rows = [] if problems else list(filters.qs.order_by("-published_on", "slug"))
    context = {"filters": filters, "problems": problems, "sources": rows, "count": len(rows)}
    return page(request, "tracker/sources.html", day, context, status=400 if problems else 200)


def source_filter(request: HttpRequest, day: Day) -> SourceFilter:
    """Read the filters of the list of sources."""
    return SourceFilter(request.GET, sources_with_counts(day.shown))


@dated
def source(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one source, and all that rests on it: statements by paragraph, changes, developments, steps, figures."""
    record = sources_with_counts(day.shown).filter(slug=slug).first()
    if record is None:
        raise Http404(_("No source with this address was published by %(day)s.") % {"day": day.shown})
    statements = (
        statements_shown(day.shown)
        .filter(source=record)
        .select_related("proposal", "meeting", "post__person", "organization")
        .order_by("paragraph", "id")
    )
    context = {
        "source": record,
        "statements": statements,
        "changes": changes_by(day.shown).filter(source=record).select_related("proposal"),
        "meetings": meetings_by(day.shown).filter(sources=record),
        "gates": BorderGate.objects.filter(source=record),
        **_evidence(record, day),
    }
    return page(request, "tracker/source.html", day, context)


def _evidence(record: Source, day: Day) -> dict[str, Any]:
    """Read what became known by the source: developments, steps, deadlines, targets and figures. Six queries."""
    shown = published_on(day.shown).values("pk")
    bearings = bearings_by(day.shown).filter(development__sources=record, proposal__in=shown)
    observations = figures_by(day.shown).filter(source=record)
    return {
        "deadlines": deadlines_by(day.shown).filter(source=record, proposal__in=shown).select_related("proposal"),
        "bearings": bearings.select_related("development", "proposal").prefetch_related("development__sources"),
        "milestones": record.milestones.filter(last_day__lte=day.shown, proposal__in=shown)
        .select_related("proposal", "gate", "source")
        .order_by("last_day", "id"),
        "targets": targets_by(day.shown).filter(source=record).select_related("indicator"),
        "observations": observations.select_related("series__indicator").order_by(
            "series__indicator__slug", "period_start", "vintage"
        ),
    }
