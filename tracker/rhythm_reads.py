"""Reads of what is held again and again: the meetings of each series, and what kept each continuing commitment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from tracker.choices import MeetingState, Nature
from tracker.dates import around
from tracker.metrics.rhythm import Held, Planned
from tracker.models import MeetingSeries
from tracker.querysets import bearings_by, localized, meetings_by, published_on


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series with what was held in it, and what is announced."""

    slug: str
    name: str
    interval_months: int | None
    held: Sequence[Held]
    planned: Sequence[Planned]


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A continuing commitment with all that kept it; `own` is what is no meeting of its series."""

    slug: str
    title: str
    interval_months: int | None
    held: Sequence[Held]
    own: Sequence[Held]


def series_rows(day: date) -> list[SeriesRow]:
    """Read every series of which a meeting is on record by a day. Three queries."""
    held, planned = _held_by_series(day), _planned_by_series(day)
    rows = MeetingSeries.objects.order_by("slug").values_list("slug", localized("name"), "interval_months")
    return [
        SeriesRow(slug, name, months, held.get(slug, ()), planned.get(slug, ()))
        for slug, name, months in rows
        if slug in held or slug in planned
    ]


def commitment_rows(day: date, series: Iterable[SeriesRow]) -> list[CommitmentRow]:
    """Read the continuing commitments raised by a day, with the series read before for the same day. Two queries."""
    meetings = {one.slug: one.held for one in series}
    kept = _kept_by(day)
    found = published_on(day).filter(nature=Nature.CONTINUING).order_by("slug")
    months = Coalesce("expected_interval_months", "occurrences_of__interval_months")
    rows = []
    for number, slug, title, interval, of in found.values_list(
        "id", "slug", localized("title"), months, "occurrences_of__slug"
    ):
        held = meetings.get(of, ())
        own = _not_among(held, kept[number])
        rows.append(CommitmentRow(slug, title, interval, [*held, *own], own))
    return rows


def occurrences_of(proposal: int, series: int | None, day: date) -> list[Held]:
    """Read each time a continuing commitment was kept by a day: meetings of its series, and developments. Two queries.

    A development that tells of a meeting on the same day is that meeting, not one more.
    """
    held = []
    if series is not None:
        meetings = meetings_by(day).filter(series=series, state=MeetingState.HELD)
        held = [Held(*row) for row in meetings.values_list(*_held_columns())]
    return [*held, *_not_among(held, _kept_by(day, proposal=proposal)[proposal])]


def _held_columns() -> tuple[Any, ...]:
    return "first_day", "last_day", "precision", localized("name"), F("slug"), localized("place")


def _held_by_series(day: date) -> dict[str, list[Held]]:
    held = defaultdict(list)
    rows = meetings_by(day).filter(state=MeetingState.HELD).order_by("last_day", "slug")
    for *one, series in rows.values_list(*_held_columns(), "series__slug"):
        held[series].append(Held(*one))
    return dict(held)


def _planned_by_series(day: date) -> dict[str, list[Planned]]:
    planned = defaultdict(list)
    rows = meetings_by(day).filter(state=MeetingState.PLANNED).order_by("last_day", "slug")
    for series, *one in rows.values_list("series__slug", localized("name"), F("slug"), "first_day", "last_day"):
        planned[series].append(Planned(*one))
    return dict(planned)


def _kept_by(day: date, **only: Any) -> dict[int, list[Held]]:
    """Read the developments that are occurrences, by the id of the proposal that they kept. One query."""
    kept = defaultdict(list)
    told = ("proposal_id", "development__happened_on", "development__precision", localized("development__summary"))
    rows = bearings_by(day).filter(development__is_occurrence=True, **only).order_by("development__happened_on", "id")
    for proposal, on, precision, summary in rows.values_list(*told):
        known = around(on, precision)
        kept[proposal].append(Held(known.first if known else on, on, precision, summary))
    return kept


def _not_among(held: Sequence[Held], own: Iterable[Held]) -> list[Held]:
    days = {one.last for one in held}
    return [one for one in own if one.last not in days]
