"""One proposal: who said what and when, how far it is and why, and how to cite it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import shown_to
from tracker.choices import Nature, Publication, Role
from tracker.figure_reads import measured
from tracker.gate_reads import known_on
from tracker.lamps import lamp_of
from tracker.metrics import pace
from tracker.metrics.answers import Answered, match
from tracker.metrics.records import Item
from tracker.models import FormerAddress, Meeting, Milestone, Proposal, Statement, StatusChange
from tracker.office import thresholds
from tracker.querysets import (
    changes_by,
    published_on,
    statements_by,
)
from tracker.rhythm_reads import occurrences_of
from tracker.views.entry import notes_of, reviews_of, staff_parts
from tracker.views.evidence import accounts_of, bearings_of, known_to, sources_of
from tracker.views.pathways import courses
from tracker.views.rhythm import rhythm_of
from tracker.views.shared import Day, dated, page


@dated
def proposal(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one proposal as of a day."""
    found = list(published_on(day.shown).filter(slug=slug).with_facts(day.shown).items(day.shown, thresholds()))
    if not found:
        return moved(request, day, slug)
    item = found[0]
    record = Proposal.objects.select_related("theme", "occurrences_of").get(pk=item.id)
    statements = list(_statements(record, day))
    changes = list(_changes(record, day))
    deadlines = list(record.deadlines.filter(stated_on__lte=day.shown).select_related("source"))
    milestones = _milestones(record, day)
    bearings = bearings_of(record, day)
    reader = shown_to(request)
    context = {
        "item": item,
        "lamp": lamp_of(item.facts, item.standing),
        "first_raised": known_to(item.facts.first_raised, statements),
        "last_raised": known_to(item.facts.last_raised, statements),
        "proposal": record,
        "parties": _parties(record),
        "meetings": by_meeting(statements),
        "changes": changes,
        "deadlines": deadlines,
        "courses": courses(milestones),
        "successor": published_on(day.shown).filter(pk=record.successor_id).first() if record.successor_id else None,
        "bearings": bearings,
        "accounts": accounts_of(bearings),
        **_rhythm(record, item, day),
        "reviews": reviews_of(record, reader, day),
        "notes": notes_of(record, reader, day),
        **staff_parts(record, reader, day),
        "figures": _figures(record, day),
        "gates": record.gates.all(),
        "related": published_on(day.shown).filter(related=record),
        "sources": sources_of(record, day, [*statements, *changes, *deadlines, *milestones], bearings),
        "citation": _citation(request, day, item),
    }
    return page(request, "tracker/proposal.html", day, context)


def moved(request: HttpRequest, day: Day, slug: str, page_name: str = "proposal") -> HttpResponse:
    """Lead from the address of a proposal that was merged into another to that other's page, or to its feed."""
    shown = FormerAddress.objects.filter(slug=slug, proposal__publication=Publication.PUBLISHED)
    former = shown.select_related("proposal").first()
    if former is None:
        raise Http404(_("No proposal with this address had been raised by %(day)s.") % {"day": day.shown})
    query = request.GET.urlencode()
    address = reverse(page_name, args=[former.proposal.slug])
    return HttpResponsePermanentRedirect(address + (f"?{query}" if query else ""))


def _rhythm(record: Proposal, item: Item, day: Day) -> dict[str, Any]:
    """Give the rhythm of a continuing commitment; nothing for others. Two queries."""
    if item.facts.nature != Nature.CONTINUING:
        return {}
    held = occurrences_of(record.pk, record.occurrences_of_id, day.shown)
    return rhythm_of(held, item.facts.interval_months, day)


def _changes(record: Proposal, day: Day) -> Iterable[StatusChange]:
    changes = (
        changes_by(day.shown)
        .filter(proposal=record)
        .select_related("source", "awaiting", "recorded_by", "confirmed_by")
    )
    return changes.order_by("-effective_on", "-id")


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


def _figures(record: Proposal, day: Day) -> list[dict[str, Any]]:
    """Give what measures the proposal: each quantity with its targets, and its latest figure where it has none."""
    return [
        {"one": one, "against": pace.against(one, day.shown), "latest": next(iter(pace.latest_figures(one)), None)}
        for one in measured(day.shown, proposal=record.pk)
    ]


def _milestones(record: Proposal, day: Day) -> list[Milestone]:
    """Give the steps with what was known of each on the day."""
    steps = record.milestones.select_related("source", "gate", "step__pathway")
    return [known_on(step, day.shown, day.today) for step in steps]


def _citation(request: HttpRequest, day: Day, item: Item) -> str:
    address = request.build_absolute_uri(f"{request.path}?as_of={day.shown.isoformat()}")
    return _("%(title)s. Status: %(status)s. As of %(day)s. Commitment tracker. %(address)s") % {
        "title": item.title,
        "status": item.facts.status.label,
        "day": day.shown.isoformat(),
        "address": address,
    }
