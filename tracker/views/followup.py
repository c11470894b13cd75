"""The follow-up: proposals by meetings, so that what was asked again and again, or dropped, shows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from tracker.choices import AnswerKind
from tracker.happenings import said_by, sittings_by
from tracker.metrics import facets, followup
from tracker.office import thresholds
from tracker.views.register import Selection, selection, tokens
from tracker.views.shared import Day, dated, page, page_number

PER_PAGE = 200
# With more columns than this the matrix needs a wider window to be seen whole, or scrolls inside itself.
FITS, FITS_WIDE = 52, 70


@dated
def follow_up(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the matrix of the proposals that the address asks for; only the results when HTMX asks."""
    chosen = selection(request, day)
    items = list(chosen.rows.items(day.shown, thresholds()))
    kept = facets.select(items, chosen.chosen)
    matrix = followup.matrix(kept, said_by(day.shown), sittings_by(day.shown), day.shown)
    number = page_number(request, len(kept), PER_PAGE)
    pages = Paginator(matrix.rows, PER_PAGE).page(number)
    context = {
        **_filter_panel(request, chosen, facets.count(items, chosen.chosen)),
        "matrix": matrix,
        "columns": len(matrix.sittings),
        "width": len(matrix.sittings) + 5,
        "spread": _spread(len(matrix.sittings)),
        "groups": _groups(matrix.rows, pages.object_list),
        "marks": list(followup.Mark),
        "count": len(kept),
        "kinds": [kind for kind in AnswerKind if kind != AnswerKind.NONE],
        "pages": pages,
        "numbers": pages.paginator.get_elided_page_range(number),
    }
    results_only = bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "tracker/_follow_up_results.html" if results_only else "tracker/follow_up.html"
    response = page(request, template, day, context, status=400 if chosen.problems else 200)
    patch_vary_headers(response, ["HX-Request"])  # else a browser going back may show the part as the page
    return response


def _spread(columns: int) -> str:
    """Say how much room the matrix needs, as a class of its style sheet."""
    return "fits" if columns <= FITS else "fits-wide" if columns <= FITS_WIDE else "scrolls"


def _filter_panel(request: HttpRequest, chosen: Selection, counted: dict[str, Any]) -> dict[str, Any]:
    return {
        "filters": chosen.filters,
        "filters_at": reverse("follow_up"),
        "problems": chosen.problems,
        "facets": chosen.filters.facets(counted),
        "selects": chosen.filters.selects(),
        "tokens": tokens(request, chosen.filters),
    }


def _groups(rows: Iterable[followup.Row], shown: Iterable[followup.Row]) -> list[dict[str, Any]]:
    """Part the rows of a page by their pattern, each with how many of all rows it has."""
    totals = {pattern: len(list(some)) for pattern, some in groupby(rows, key=lambda row: row.pattern)}
    return [
        {"pattern": pattern, "total": totals[pattern], "rows": list(some)}
        for pattern, some in groupby(shown, key=lambda row: row.pattern)
    ]
