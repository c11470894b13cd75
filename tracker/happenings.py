"""Reads of what was said and what happened, as the records that the follow-up and the list of changes count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db.models import F

from tracker.choices import MeetingState
from tracker.metrics.changes import Cite, Due, Happened, Record, Step
from tracker.metrics.followup import Sitting
from tracker.metrics.records import Item, SaidFact
from tracker.models import Development
from tracker.querysets import (
    SAID_COLUMNS,
    bearings_by,
    changes_by,
    deadlines_by,
    localized,
    meetings_by,
    published_on,
    statements_by,
    statements_shown,
)
from tracker.standing import Thresholds


def said_by(day: date) -> list[SaidFact]:
    """Read every statement on record by a day about what viewers see. One query."""
    rows = statements_shown(day).filter(meeting__state=MeetingState.HELD).order_by("said_on", "paragraph", "id")
    return [SaidFact(*row) for row in rows.values_list(*SAID_COLUMNS)]


def sittings_by(day: date) -> list[Sitting]:
    """Read the meetings held by a day, the earliest first. One query."""
    rows = meetings_by(day).filter(state=MeetingState.HELD).order_by("last_day", "slug")
    columns = (localized("name"), "series__slug", localized("series__name"), "first_day", "last_day", "precision")
    return [Sitting(*row) for row in rows.values_list(F("id"), F("slug"), *columns)]


def record_by(day: date, thresholds: Thresholds) -> Record:
    """Read all that the list of changes needs and that was on record by a day, with the sources. Six queries."""
    items = list(published_on(day).with_facts(day).in_order_of("title").items(day, thresholds))
    return replace(record_of(items, day), cited=_cited_by(day))


def _cited_by(day: date) -> dict[int, tuple[Cite, ...]]:
    """Read the sources of the developments by a day. One query."""
    rows = Development.sources.through.objects.filter(development__in=bearings_by(day).values("development"))
    cited: dict[int, tuple[Cite, ...]] = {}
    columns = ("development_id", "source__slug", "source__publisher")
    for development, slug, publisher in rows.order_by("id").values_list(*columns):
        cited[development] = (*cited.get(development, ()), Cite(slug, publisher))
    return cited


def record_of(items: Sequence[Item], day: date) -> Record:
    """Read what was on record of proposals, read before for the same day. Four queries."""
    steps = changes_by(day).order_by("effective_on", "id")
    step = ("proposal_id", "effective_on", "precision", "old", "new", localized("reason"))
    developments = bearings_by(day).order_by("development__happened_on", "id")
    dated = deadlines_by(day).filter(last_day__isnull=False).order_by("stated_on", "id")
    return Record(
        items=items,
        statements=said_by(day),
        steps=[
            Step(*row) for row in steps.values_list(*step, F("source__slug"), F("source__publisher"), F("paragraph"))
        ],
        developments=[
            Happened(*row)
            for row in developments.values_list(
                "proposal_id",
                "development__happened_on",
                "development__precision",
                "bears",
                localized("development__summary"),
                F("development_id"),
            )
        ],
        deadlines=[
            Due(proposal, stated, last)
            for proposal, stated, last in dated.values_list("proposal_id", "stated_on", "last_day")
            if last is not None
        ],
    )


Precisions = dict[tuple[int, date | None], str]


def precisions_of(proposals: Sequence[int], day: date) -> tuple[Precisions, Precisions]:
    """Read how finely days are known: those on which proposals were spoken of, and those of developments. Two queries.

    Each is found by the proposal's id and the day.
    """
    said = statements_by(day).filter(proposal__in=proposals).values_list("proposal_id", "said_on", "precision")
    happened = bearings_by(day).filter(proposal__in=proposals)
    told = happened.values_list("proposal_id", "development__happened_on", "development__precision")
    return {(one, on): known for one, on, known in said}, {(one, on): known for one, on, known in told}
