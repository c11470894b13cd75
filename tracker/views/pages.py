"""The pages that explain: the method, and the data to take away."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tracker import choices
from tracker.catalogue import TABLES
from tracker.charts.palette import scale_css
from tracker.lamps import Lamp
from tracker.metrics.changes import Kind
from tracker.metrics.followup import Mark, Pattern
from tracker.metrics.suggestions import Owed
from tracker.views.brief import rules_of_lines
from tracker.views.shared import Day, dated, page


@dated
def method(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the scales and rules, read from the code's own definitions."""
    acts = [(act, [stance for stance in choices.Stance if stance.act == act]) for act in choices.Act]
    context = {
        "statuses": choices.Status,
        "natures": choices.Nature,
        "acts": acts,
        "answer_kinds": choices.AnswerKind,
        "schedules": choices.Schedule,
        "flags": choices.Flag,
        "lacks": choices.Lack,
        "lamps": Lamp,
        "marks": list(Mark),
        "patterns": list(Pattern),
        "kinds": list(Kind),
        "reasons": rules_of_lines(),
        "owed": list(Owed),
        "left_out": [one for one in choices.Status if one in choices.LEFT_OUT_OF_RATES],
        "precisions": choices.Precision,
        "grades": choices.Grade,
        "measures": choices.Measure,
    }
    return page(request, "tracker/method.html", day, context)


@dated
def data(request: HttpRequest, day: Day) -> HttpResponse:
    """List every table that can be taken away: what it is, how many rows it has, and its columns."""
    tables: list[dict[str, Any]] = [
        {
            "table": table,
            "count": table.count(day.shown),
            "href": reverse("csv", args=[table.name]) + day.query(),
            "excel_href": reverse("csv", args=[table.name]) + day.query(excel=1),
            "example": request.build_absolute_uri(reverse("csv", args=[table.name])),
        }
        for table in TABLES.values()
    ]
    feeds = {
        "calendar_example": request.build_absolute_uri(f"{reverse('calendar')}?organization=yunnan&lang=vi"),
        "atom_example": request.build_absolute_uri(f"{reverse('changes_atom')}?organization=yunnan"),
    }
    return page(request, "tracker/data.html", day, {"tables": tables, **feeds})


@login_not_required
def scales(request: HttpRequest) -> HttpResponse:
    """Give the colours and characters of the scales as a style sheet."""
    response = HttpResponse(scale_css(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response
