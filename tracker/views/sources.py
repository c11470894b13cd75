"""Where it all comes from: the sources, and what rests on each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.filters import SourceFilter
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
    """Show one source, and every statement and change that rests on it, by paragraph."""
    record = sources_with_counts(day.shown).filter(slug=slug).first()
    if record is None:
        raise Http404(_("No source with this address was published by %(day)s.") % {"day": day.shown})
    statements = (
        statements_shown(day.shown)
        .filter(source=record)
        .select_related("proposal", "meeting", "post__person", "organization")
        .order_by("paragraph", "id")
    )
    shown = published_on(day.shown).values("pk")
    context = {
        "source": record,
        "statements": statements,
        "changes": changes_by(day.shown).filter(source=record).select_related("proposal"),
        "deadlines": deadlines_by(day.shown).filter(source=record, proposal__in=shown).select_related("proposal"),
        "bearings": bearings_by(day.shown)
        .filter(development__sources=record, proposal__in=shown)
        .select_related("development", "proposal"),
        "meetings": meetings_by(day.shown).filter(sources=record),
    }
    return page(request, "tracker/source.html", day, context)
