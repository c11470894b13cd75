"""Reads for the feeds: the deadlines in force, the meetings ahead, and what came on record, published things only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateTimeField, F, Max, Min, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, TruncDate

from tracker.choices import MeetingState, Nature, Precision
from tracker.metrics import overview
from tracker.metrics.records import Item
from tracker.models import Bearing, Deadline, Development, Meeting, Proposal, ReviewStep, Statement, StatusChange
from tracker.querysets import (
    ProposalQuerySet,
    bearings_by,
    changes_by,
    localized,
    meetings_by,
    published_on,
    statements_shown,
)
from tracker.staff_scales import ReviewAction
from tracker.standing import Thresholds


@dataclass(frozen=True, slots=True)
class InForce:
    """The deadline of a proposal that was stated last, how often the deadlines were written, and what changed when."""

    item: Item
    first: date
    last: date
    precision: Precision
    phrase: str
    writings: int
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class CycleEnd:
    """The day by which a continuing commitment is expected to be kept again, and what it counts from."""

    item: Item
    on: date
    writings: int
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A planned meeting with a date."""

    slug: str
    name: str
    series: str
    first: date
    last: date
    precision: Precision
    place: str
    writings: int
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something that came on record about a proposal: `kind` says what, `row` holds the rest by name."""

    kind: str
    key: str
    slug: str
    title: str
    on: date
    precision: Precision
    recorded: datetime
    updated: datetime
    row: dict[str, Any]


def deadlines_in_force(rows: ProposalQuerySet, day: date, thresholds: Thresholds) -> list[InForce]:
    """Read the deadline of each proposal that has one with a date. Goes after `with_facts`. One query."""
    stated = Deadline.objects.filter(proposal=OuterRef("pk"), stated_on__lte=day, last_day__isnull=False)
    newest = stated.order_by("-stated_on", "-id").annotate(text=localized("phrase"))
    columns = {
        "due_first": Subquery(newest.values("first_day")[:1]),
        "due_last": Subquery(newest.values("last_day")[:1]),
        "due_precision": Subquery(newest.values("precision")[:1]),
        "due_phrase": Subquery(newest.values("text")[:1]),
        "writings": _writings(Deadline, "proposal"),
        "changed": _newest_writing((Deadline, "proposal"), (StatusChange, "proposal"), (Proposal, "id")),
    }
    dated = Deadline.objects.filter(stated_on__lte=day, last_day__isnull=False)
    found = rows.filter(pk__in=dated.values("proposal")).annotate(**columns)
    return [
        InForce(item, first or last, last, Precision(precision), phrase or "", writings or 0, changed)
        for item, (first, last, precision, phrase, writings, changed) in found.items_with(columns, day, thresholds)
    ]


def cycle_ends(rows: ProposalQuerySet, day: date, thresholds: Thresholds) -> list[CycleEnd]:
    """Read by when each open continuing commitment is to be kept again. Goes after `with_facts`. One query."""
    borne = Bearing.objects.filter(proposal=OuterRef(OuterRef("pk"))).values("development")
    kept: Any = Development
    of_happened = kept.history.filter(id__in=borne).order_by().annotate(one=Value(1)).values("one")
    columns = {
        "bound": _writings(Bearing, "proposal"),
        "happened": Subquery(of_happened.annotate(n=Count("history_id")).values("n")),
        "happened_at": Subquery(of_happened.annotate(at=Max("history_date")).values("at")),
        "changed": _newest_writing((Bearing, "proposal"), (StatusChange, "proposal"), (Proposal, "id")),
    }
    found = rows.filter(nature=Nature.CONTINUING).annotate(**columns).items_with(columns, day, thresholds)
    pairs = list(found)
    read = {item.id: more for item, more in pairs}
    ends = []
    for due, item in overview.cycle_ends(item for item, _more in pairs):
        bound, happened, happened_at, changed = read[item.id]
        times = [at for at in (happened_at, changed) if at]
        ends.append(CycleEnd(item, due, (bound or 0) + (happened or 0), max(times, default=None)))
    return ends


def meetings_ahead(day: date, organizations: Collection[int] | None) -> list[Ahead]:
    """Read the planned meetings that have a date, if wanted only those of some organizations. One query."""
    rows = meetings_by(day).filter(state=MeetingState.PLANNED, last_day__isnull=False)
    if organizations is not None:
        taking_part = Meeting.organizations.through.objects.filter(organization__in=organizations)
        rows = rows.filter(pk__in=taking_part.values("meeting"))
    names = ("slug", localized("name"), localized("series__name"), "first_day", "last_day", "precision")
    rows = rows.annotate(writings=_writings(Meeting, "id"), changed=_newest_writing((Meeting, "id")))
    found = rows.order_by("first_day", "slug").values_list(*names, localized("place"), "writings", "changed")
    return [
        Ahead(slug, name, series, first, last, Precision(precision), place or "", writings or 0, changed)
        for slug, name, series, first, last, precision, place, writings, changed in found
    ]


def recorded(day: date, chosen: QuerySet | Collection[int] | None, most: int) -> list[Recorded]:
    """Read what came on record last about published proposals: changes of status, statements, developments.

    What was published later than it was recorded counts from its publication. Four queries.

    Args:
        day: the day looked at.
        chosen: the proposals, by id; None for all.
        most: how many to give, the newest record first, of one day the latest event first.
    """
    shown = published_on(day) if chosen is None else published_on(day).filter(pk__in=chosen)
    seen = Q(proposal__in=shown.values("pk"))
    found = [
        *_steps(changes_by(day).filter(seen), most),
        *_said(statements_shown(day).filter(seen), most),
        *_happened(bearings_by(day).filter(seen), most),
    ]
    found.sort(key=lambda one: (one.recorded.date(), one.on, one.recorded, one.key), reverse=True)
    return found[:most]


def _steps(rows: QuerySet[StatusChange], most: int) -> list[Recorded]:
    columns = {
        "old": F("old"),
        "new": F("new"),
        "reason": localized("reason"),
        "source": F("source__publisher"),
    }
    return _newest("status-change", StatusChange, rows, "effective_on", columns, most)


def _said(rows: QuerySet[Statement], most: int) -> list[Recorded]:
    columns = {
        "stance": F("stance"),
        "organization": localized("organization__name"),
        "meeting": F("meeting__slug"),
        "meeting_name": localized("meeting__name"),
        "summary": localized("summary"),
        "source": F("source__publisher"),
    }
    return _newest("statement", Statement, rows, "said_on", columns, most)


def _newest(
    kind: str, model: type[Model], rows: QuerySet, on: str, columns: dict[str, Any], most: int
) -> list[Recorded]:
    timed = _timed(rows, model, "proposal")
    names = ("key", "proposal__slug", localized("proposal__title"), on, "precision", "moment", "changed")
    ordered = timed.order_by(TruncDate("moment").desc(nulls_last=True), f"-{on}", "-id")
    found = ordered.values_list(*names, *columns.values())[:most]
    return [_as_recorded(kind, row[:7], dict(zip(columns, row[7:], strict=True))) for row in found]


def _happened(rows: QuerySet[Bearing], most: int) -> list[Recorded]:
    """Give each development once, with all the chosen proposals that it bears on. Two queries."""
    timed = _timed(Development.objects.filter(pk__in=rows.values("development")), Development, None)
    ordered = timed.order_by(TruncDate("moment").desc(nulls_last=True), "-happened_on", "-id")
    names = ("id", "key", "happened_on", "precision", "moment", "changed", localized("summary"))
    found = list(ordered.values_list(*names)[:most])
    borne: dict[int, list[tuple[str, str]]] = {}
    about = rows.filter(development__in=[row[0] for row in found]).order_by("id")
    for number, slug, title in about.values_list("development", "proposal__slug", localized("proposal__title")):
        borne.setdefault(number, []).append((slug, title))
    return [
        _as_recorded(
            "development", (key, *borne[number][0], on, precision, moment, changed),
            {"summary": summary, "others": [title for _slug, title in borne[number][1:]]},
        )
        for number, key, on, precision, moment, changed, summary in found
        if number in borne
    ]  # fmt: skip


def _as_recorded(kind: str, row: Sequence[Any], rest: dict[str, Any]) -> Recorded:
    key, slug, title, on, precision, moment, changed = row
    return Recorded(kind, key, slug, title, on, Precision(precision), moment, max(changed or moment, moment), rest)


def _timed(rows: QuerySet, model: Any, proposal: str | None) -> QuerySet:
    """Add when each row was first on record for viewers (`moment`), and when it was last written (`changed`)."""
    written = model.history.filter(id=OuterRef("pk")).order_by().values("id")
    first = Subquery(written.annotate(at=Min("history_date")).values("at"))
    last = Subquery(written.annotate(at=Max("history_date")).values("at"))
    if proposal is None:
        return rows.annotate(moment=first, changed=last).filter(moment__isnull=False)
    published = ReviewStep.objects.filter(proposal=OuterRef(proposal), action=ReviewAction.PUBLISHED)
    newest = Subquery(published.order_by("-taken_at").values("taken_at")[:1])
    moment = Greatest(first, Coalesce(newest, first), output_field=DateTimeField())
    return rows.annotate(moment=moment, changed=last).filter(moment__isnull=False)


def _writings(model: Any, by: str) -> Subquery:
    """Count how often rows of the record were written."""
    rows = model.history.filter(Q(**{by: OuterRef("pk")})).order_by().values(by)
    return Subquery(rows.annotate(n=Count("history_id")).values("n"))


def _newest_writing(*writings: tuple[Any, str]) -> Any:
    """Give when rows of the record were last written."""
    times = [
        Subquery(
            model.history.filter(Q(**{by: OuterRef("pk")}))
            .order_by()
            .values(by)
            .annotate(at=Max("history_date"))
            .values("at")
        )
        for model, by in writings
    ]
    if len(times) == 1:
        return times[0]
    known = [Coalesce(time, times[-1]) for time in times]
    return Greatest(*known, output_field=DateTimeField())
