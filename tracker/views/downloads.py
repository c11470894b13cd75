"""Tables to take away, with the filters, the order and the day of the page they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.catalogue import TABLES
from tracker.downloads import Ask
from tracker.exports import csv_lines
from tracker.office import thresholds
from tracker.views.meetings import meeting_filter
from tracker.views.register import selection
from tracker.views.shared import BadRequestError, Day, dated, faults, unknown_names
from tracker.views.sources import source_filter
from tracker.views.targets import figure_filter


@dated
def csv(request: HttpRequest, day: Day, name: str) -> StreamingHttpResponse:
    """Stream a table as CSV."""
    if name not in TABLES:
        raise Http404(_("There is no such table."))
    excel = request.GET.get("excel", "")
    if excel not in ("", "0", "1"):
        raise BadRequestError(_("excel: “%(value)s” is not known; allowed: 1 or 0.") % {"value": excel})
    table, ask = TABLES[name], _ask(request, day, name)
    headings = [str(column.label) if excel == "1" else column.name for column in table.columns]
    response = StreamingHttpResponse(
        csv_lines(headings, table.read(ask), excel=excel == "1"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}-as-of-{day.shown.isoformat()}.csv"'
    return response


def _ask(request: HttpRequest, day: Day, name: str) -> Ask:
    """Read what is asked of the table from the address.

    Raises:
        BadRequestError: if a filter has a value that is not known.
    """
    asked: dict[str, Any] = {}
    problems: list[str] = []
    if name in ("proposals", "statements", "status-changes", "developments", "milestones"):
        chosen = selection(request, day)
        problems = chosen.problems
        if not problems:
            asked = {"proposals": chosen.rows, "chosen": chosen.chosen}
    elif name in _LISTS:
        filters = _LISTS[name](request, day)
        problems = [*faults(filters), *unknown_names(request, filters)]
        asked = {"listed": filters.qs}
    if problems:
        raise BadRequestError("\n".join(problems))
    return Ask(
        day=day.shown,
        thresholds=thresholds(),
        is_today=day.is_today,
        address=lambda page, slug: request.build_absolute_uri(reverse(page, args=[slug])),
        spoken_at=tuple(filter(None, request.GET.getlist("meeting"))),
        **asked,
    )


_LISTS: dict[str, Callable[[HttpRequest, Day], django_filters.FilterSet]] = {
    "meetings": meeting_filter,
    "sources": source_filter,
    "observations": figure_filter,
}
