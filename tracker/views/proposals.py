"""One proposal: who said what and when, how far it is and why, and how to cite it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.choices import Role
from tracker.metrics.answers import Answered, match
from tracker.metrics.records import Item
from tracker.models import Bearing, Meeting, Milestone, Proposal, Source, Statement, StatusChange
from tracker.querysets import (
    bearings_by,
    changes_by,
    published_on,
    reviews_by,
    statements_by,
)
from tracker.views.shared import Day, dated, page, thresholds


@dated
def proposal(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one proposal as of a day."""
    found = list(published_on(day.shown).filter(slug=slug).with_facts(day.shown).items(day.shown, thresholds()))
    if not found:
        raise Http404(_("No proposal with this address had been raised by %(day)s.") % {"day": day.shown})
    item = found[0]
    record = Proposal.objects.select_related("theme", "occurrences_of").get(pk=item.id)
    statements = list(_statements(record, day))
    changes = list(_changes(record, day))
    deadlines = list(record.deadlines.filter(stated_on__lte=day.shown).select_related("source"))
    context = {
        "item": item,
        "proposal": record,
        "parties": _parties(record),
        "meetings": by_meeting(statements),
        "changes": changes,
        "deadlines": deadlines,
        "milestones": _milestones(record, day),
        "successor": published_on(day.shown).filter(predecessors=record).first(),
        "bearings": _bearings(record, day),
        "reviews": reviews_by(day.shown).filter(proposal=record),
        "targets": _targets(record, day),
        "gates": record.gates.all(),
        "related": published_on(day.shown).filter(related=record),
        "sources": _cited(statements, changes, deadlines),
        "citation": _citation(request, day, item),
    }
    return page(request, "tracker/proposal.html", day, context)


def _changes(record: Proposal, day: Day) -> Iterable[StatusChange]:
    changes = changes_by(day.shown).filter(proposal=record).select_related("source", "awaiting")
    return changes.order_by("-effective_on", "-id")


def _bearings(record: Proposal, day: Day) -> Iterable[Bearing]:
    bearings = bearings_by(day.shown).filter(proposal=record).select_related("development", "development__gate")
    return bearings.prefetch_related("development__sources")


def _statements(record: Proposal, day: Day) -> Iterable[Statement]:
    return (
        statements_by(day.shown)
        .filter(proposal=record)
        .select_related("meeting", "source", "post__person", "organization", "addressee")
        .order_by("said_on", "meeting_id", "paragraph", "id")
    )


def by_meeting(statements: Sequence[Statement]) -> list[tuple[Meeting, list[Answered[Statement]]]]:
    """Set asks beside answers, meeting by meeting, the newest meeting first."""
    meetings: dict[int, Meeting] = {said.meeting_id: said.meeting for said in statements}
    paired = [
        (meeting, match([said for said in statements if said.meeting_id == number]))
        for number, meeting in meetings.items()
    ]
    return list(reversed(paired))


def _parties(record: Proposal) -> dict[str, list[Any]]:
    involved = list(record.involvements.select_related("organization", "organization__successor"))
    return {str(role.label): [one.organization for one in involved if one.role == role] for role in Role}


def _targets(record: Proposal, day: Day) -> list[dict[str, Any]]:
    return [
        {"indicator": indicator, "targets": indicator.targets.filter(stated_on__lte=day.shown).select_related("source")}
        for indicator in record.indicators.all()
    ]


def _milestones(record: Proposal, day: Day) -> list[Milestone]:
    """Give the steps, those not reached by the day without date and source."""
    steps = list(record.milestones.select_related("source"))
    for step in steps:
        if step.last_day is not None and step.last_day > day.shown:
            step.first_day = step.last_day = step.source = None
    return steps


def _cited(*groups: Iterable[Any]) -> list[tuple[Source, list[int]]]:
    """Give each source cited with the paragraphs that are, in the order of first mention."""
    cited: dict[int, tuple[Source, set[int]]] = {}
    for group in groups:
        for one in group:
            if one.source_id is None:
                continue
            _source, paragraphs = cited.setdefault(one.source_id, (one.source, set()))
            if one.paragraph:
                paragraphs.add(one.paragraph)
    return [(source, sorted(paragraphs)) for source, paragraphs in cited.values()]


def _citation(request: HttpRequest, day: Day, item: Item) -> str:
    address = request.build_absolute_uri(f"{request.path}?as_of={day.shown.isoformat()}")
    return _("%(title)s. Status: %(status)s. As of %(day)s. Commitment tracker. %(address)s") % {
        "title": item.title,
        "status": item.facts.status.label,
        "day": day.shown.isoformat(),
        "address": address,
    }
