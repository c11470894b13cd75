"""The series of meetings, and one meeting: what was asked, how it was answered, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.charts import answers as answer_charts
from tracker.charts import shared
from tracker.choices import AnswerKind, Flag, Stance
from tracker.filters import MeetingFilter
from tracker.happenings import precisions_of
from tracker.metrics.answers import Answered, kind_of, match
from tracker.metrics.records import AskRow, Item
from tracker.metrics.rhythm import place_of, rhythm
from tracker.models import Meeting, Statement
from tracker.office import thresholds
from tracker.querysets import (
    meetings_by,
    meetings_with_counts,
    organization_names,
    published_on,
    series_names,
    statements_by,
)
from tracker.rhythm_reads import SeriesRow, series_rows
from tracker.views.figures import unknown_of
from tracker.views.rhythm import rhythms_chart
from tracker.views.shared import Day, dated, faults, page, unknown_names


@dated
def meetings(request: HttpRequest, day: Day) -> HttpResponse:
    """List the meetings by series."""
    filters = meeting_filter(request, day)
    problems = [*faults(filters), *unknown_names(request, filters)]
    rows = [] if problems else list(filters.qs.select_related("series").order_by("series__slug", "-last_day", "slug"))
    series = series_rows(day.shown) if rows else []
    context = {
        "filters": filters,
        "problems": problems,
        "chart": rhythms_chart(series, day) if rows else None,
        "series": _groups(rows, day, series),
        "count": len(rows),
    }
    return page(request, "tracker/meetings.html", day, context, status=400 if problems else 200)


def _groups(rows: Sequence[Meeting], day: Day, series: Sequence[SeriesRow]) -> list[dict[str, Any]]:
    """Part the meetings by series, each with the rhythm of all that was held in it; in the order of the chart."""
    rhythms = {one.slug: rhythm(one.held, one.interval_months, day.shown) for one in series}
    parted = [(one, list(some)) for one, some in groupby(rows, key=lambda one: one.series)]
    groups = [{"series": one, "meetings": some, "rhythm": rhythms.get(one.slug)} for one, some in parted]
    return sorted(groups, key=lambda group: place_of(group["rhythm"], group["series"].name))


def meeting_filter(request: HttpRequest, day: Day) -> MeetingFilter:
    """Read the filters of the list of meetings. Two queries."""
    return MeetingFilter(
        request.GET,
        meetings_with_counts(day.shown),
        series=series_names(),
        organizations=organization_names(),
    )


@dated
def meeting(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one meeting as of a day."""
    record = meetings_by(day.shown).filter(slug=slug).select_related("series").first()
    if record is None:
        raise Http404(_("No meeting with this address is on record by %(day)s.") % {"day": day.shown})
    statements = list(
        statements_by(day.shown)
        .filter(meeting=record, proposal__publication="published")
        .select_related("source", "post__person", "organization", "addressee")
        .order_by("paragraph", "id")
    )
    items = _items(record, day)
    paired = [one for one in match(statements) if _proposal_of(one) in items]
    asks = [one for one in paired if one.ask is not None]
    rows = [_row(one, items) for one in asks]
    known = precisions_of(list(items), day.shown)[1]
    became = {one.id: (one, known.get((one.id, one.facts.last_development), "day")) for one in items.values()}
    context = {
        "meeting": record,
        "asks": [(*became[one.ask.proposal_id], one) for one in asks if one.ask],
        "others": [(*became[one.answers[0].proposal_id], one.answers[0]) for one in paired if one.ask is None],
        "answered": sum(row.answer != AnswerKind.NONE for row in rows),
        "matrix": _matrix(rows, day),
        "unknown": unknown_of(items.values(), day.register(meeting=record.slug, flag=Flag.UNVERIFIED)),
        "sources": record.sources.all(),
        "organizations": record.organizations.all(),
        "neighbours": _neighbours(record, day),
    }
    return page(request, "tracker/meeting.html", day, context)


def _items(record: Meeting, day: Day) -> dict[int, Item]:
    """Read what was spoken of at the meeting, as it stands on the day. One query."""
    spoken_of = published_on(day.shown).spoken_of_at([record.slug], day.shown).with_facts(day.shown)
    return {item.id: item for item in spoken_of.items(day.shown, thresholds())}


def _proposal_of(one: Answered[Statement]) -> int:
    return (one.ask or one.answers[0]).proposal_id


def _row(one: Answered[Statement], items: dict[int, Item]) -> AskRow:
    assert one.ask is not None  # noqa: S101 - only asks are rows
    item = items[one.ask.proposal_id]
    deciding = [said for said in one.answers if kind_of([said]) == one.kind]
    return AskRow(
        slug=item.slug,
        title=item.title,
        asked_by=one.ask.organization.short_name,
        stance=Stance(one.ask.stance),
        answer=one.kind,
        answer_stance=Stance(deciding[0].stance) if deciding else None,
        status=item.facts.status,
    )


def _matrix(rows: Sequence[AskRow], day: Day) -> shared.Chart:
    drawn = (rows, lambda slug: day.page("proposal", slug))
    return shared.chart(
        "answer-matrix",
        title=_("Asks and answers at this meeting"),
        question=_("What was asked, how was it met, and where does it stand?"),
        figure=answer_charts.answer_matrix(*drawn),
        twin=answer_charts.answer_matrix_table(*drawn),
    )


def _neighbours(record: Meeting, day: Day) -> dict[str, Meeting | None]:
    """Find the meetings before and after it in its series. Two queries."""
    if record.last_day is None:
        return {}
    others = meetings_by(day.shown).filter(series=record.series_id, last_day__isnull=False).exclude(pk=record.pk)
    earlier, same_day = Q(last_day__lt=record.last_day), Q(last_day=record.last_day)
    return {
        "before": others.filter(earlier | same_day & Q(pk__lt=record.pk)).order_by("-last_day", "-id").first(),
        "after": others.exclude(earlier).exclude(same_day & Q(pk__lt=record.pk)).order_by("last_day", "id").first(),
    }
