"""What a meeting's day brings: what is open when it meets, and the one write that keeps all that was said there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.choices import ANSWERS, ASKS, CLOSED, MeetingState, Publication, Role, Side, Stance, Status
from tracker.metrics.records import Item
from tracker.models import (
    Deadline,
    Involvement,
    Meeting,
    MeetingSeries,
    Organization,
    Proposal,
    Source,
    Statement,
    StatusChange,
)
from tracker.models.addresses import free_slug
from tracker.models.base import SUFFIXES, spoken
from tracker.names import Named, family
from tracker.querysets import involvements_of, proposals
from tracker.standing import Thresholds
from tracker.transitions import record_status
from tracker.workflow import publish

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_OPEN = sorted(status.value for status in Status if status not in CLOSED)


# --- what is open --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A proposal that the meeting may speak of, with what was last said about it and what is kept of this meeting."""

    item: Item
    is_draft: bool
    of_series: bool
    asked_by_side: str
    last_ask: Statement | None
    last_answer: Statement | None
    here: tuple[Statement, ...]

    @property
    def pk(self) -> int:
        """The key of the proposal."""
        return self.item.id


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is asked of the records: whose open matters, on which day, and what else was named."""

    series: MeetingSeries
    today: date
    meeting: Meeting | None = None
    also: frozenset[int] = frozenset()


def open_items(agenda: Agenda, organizations: Sequence[Named], thresholds: Thresholds) -> list[OpenItem]:
    """Give what is open with the counterpart of a series, in the order of the themes; those of the series first.

    That is whatever is open and published and was spoken of at a meeting of the series, or has the counterpart in it;
    and beside it what this very meeting spoke of, also while it is a draft. Three queries.
    """
    counterpart = agenda.series.counterpart
    kin = family(organizations, {counterpart.slug}) if counterpart else set()
    of_series = Statement.objects.filter(proposal=OuterRef("pk"), meeting__series=agenda.series)
    with_counterpart = Involvement.objects.filter(proposal=OuterRef("pk"), organization__in=kin)
    here = of_series.filter(meeting=agenda.meeting)
    wanted = Q(publication=Publication.PUBLISHED, status__in=_OPEN) & (
        Q(Exists(of_series)) | Q(Exists(with_counterpart))
    )
    if agenda.meeting is not None and agenda.meeting.pk:
        wanted |= Q(Exists(here))
    rows = (
        proposals()
        .as_of(agenda.today)
        .annotate(of_series=Exists(of_series))
        .filter(wanted | Q(pk__in=agenda.also))
        .with_facts(agenda.today)
        .order_by("theme__position", "theme__slug", "-of_series", "slug")
    )
    found = list(rows.items_with(("publication", "of_series"), agenda.today, thresholds))
    keys = [item.id for item, _more in found]
    said = _said_about(keys)
    sides = _proposing_sides(keys, organizations)
    return [
        _open_item(item, more, said.get(item.id, []), sides.get(item.id, ""), agenda.meeting) for item, more in found
    ]


def _said_about(keys: Sequence[int]) -> dict[int, list[Statement]]:
    rows = Statement.objects.filter(proposal__in=keys).select_related("organization", "post__person", "meeting")
    said: dict[int, list[Statement]] = {}
    for statement in rows.order_by("said_on", "id"):
        said.setdefault(statement.proposal_id, []).append(statement)
    return said


def _proposing_sides(keys: Sequence[int], organizations: Sequence[Named]) -> dict[int, str]:
    """Give the side that asks, by the parties: the proposer's, else the one across from the addressee."""
    side_of = {one.id: one.side for one in organizations}
    sides: dict[int, str] = {}
    for proposal, organization, role in involvements_of(keys):
        if role == Role.PROPOSER:
            sides[proposal] = side_of[organization]
        elif role == Role.ADDRESSEE:
            sides.setdefault(proposal, other_side(side_of[organization]))
    return sides


def _open_item(item: Item, more: tuple, said: list[Statement], side: str, meeting: Meeting | None) -> OpenItem:
    publication, of_series = more
    asks = [one for one in said if one.stance in ASKS]
    answers = [one for one in said if one.stance in ANSWERS]
    here = [one for one in said if meeting is not None and one.meeting_id == meeting.pk]
    return OpenItem(
        item=item,
        is_draft=publication != Publication.PUBLISHED,
        of_series=of_series,
        asked_by_side=asks[-1].side if asks else side,
        last_ask=asks[-1] if asks else None,
        last_answer=answers[-1] if answers else None,
        here=tuple(here),
    )


def other_side(side: str) -> str:
    """Give the side across the table; a joint body has none."""
    return {Side.VIETNAM.value: Side.CHINA.value, Side.CHINA.value: Side.VIETNAM.value}.get(side, "")


def meetings_alike(meeting: Meeting) -> list[Meeting]:
    """Find what may be the same meeting, entered before: of the same number, or held on a day of it. One query."""
    same = Q(number=meeting.number) if meeting.number else Q(pk__in=())
    if meeting.first_day and meeting.last_day:
        same |= Q(first_day__lte=meeting.last_day, last_day__gte=meeting.first_day)
    found = Meeting.objects.filter(same, series=meeting.series_id).exclude(pk=meeting.pk)
    return list(found.exclude(state=MeetingState.NOT_ON_RECORD).order_by("-last_day", "slug"))


# --- what is kept --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class NewAsk:
    """Something asked for the first time: the proposal with its parties, its deadline, and what was said about it."""

    proposal: Proposal
    proposer: Organization
    addressee: Organization | None
    said: list[Statement]
    deadline: Deadline | None = None
    publish: bool = False


@dataclass(slots=True)
class MeetingDay:
    """All that one save keeps. `said` is about proposals on record; nothing else here is saved yet but the source."""

    meeting: Meeting
    organizations: Iterable[int] | None = None
    source: Source | None = None
    said: list[Statement] = field(default_factory=list)
    asks: list[NewAsk] = field(default_factory=list)


def record(day: MeetingDay, *, today: date, by: User) -> None:
    """Keep a meeting's day whole, or nothing of it.

    Each statement that names an unsaved ask of the same proposal as the one it answers comes after it.

    Raises:
        ValidationError: if a rule of the scale or of publication is broken.
    """
    with transaction.atomic():
        day.meeting.save()
        if day.organizations is not None:
            day.meeting.organizations.set(day.organizations)
        for statement in day.said:
            _keep_statement(statement, day, today)
        for ask in day.asks:
            _keep_ask(ask, day, today, by)
        cited = {statement.source_id for statement in day.said} | {
            one.source_id for ask in day.asks for one in ask.said
        }
        if day.source is not None:
            cited.add(day.source.pk)
        day.meeting.sources.add(*cited)


def _said_on(meeting: Meeting, today: date) -> date:
    """Give the last day on which it can have been said: a meeting may go on tomorrow."""
    assert meeting.last_day is not None  # noqa: S101 - a meeting that was held has a date
    return min(meeting.last_day, today)


def _keep_statement(statement: Statement, day: MeetingDay, today: date) -> None:
    statement.meeting = day.meeting
    statement.said_on, statement.precision = _said_on(day.meeting, today), day.meeting.precision
    if statement.source_id is None and day.source is not None:
        statement.source = day.source
    statement.save()


def _keep_ask(ask: NewAsk, day: MeetingDay, today: date, by: User) -> None:
    proposal = ask.proposal
    proposal.slug = free_slug(Proposal, spoken(proposal, "title")[0] or "")
    proposal.save()
    Involvement.objects.create(proposal=proposal, organization=ask.proposer, role=Role.PROPOSER)
    if ask.addressee is not None:
        Involvement.objects.create(proposal=proposal, organization=ask.addressee, role=Role.ADDRESSEE)
    for statement in ask.said:
        statement.proposal = proposal
        _keep_statement(statement, day, today)
    first = ask.said[0]
    if ask.deadline is not None:
        ask.deadline.proposal, ask.deadline.stated_on = proposal, first.said_on
        ask.deadline.source_id, ask.deadline.paragraph = first.source_id, first.paragraph
        ask.deadline.save()
    _set_first_status(proposal, first, day.meeting, today, by)
    if ask.publish:
        publish(proposal, by=by)


def _set_first_status(proposal: Proposal, ask: Statement, meeting: Meeting, today: date, by: User) -> None:
    change = StatusChange(
        proposal=proposal,
        new=Status.PROPOSED,
        effective_on=ask.said_on,
        precision=ask.precision,
        source_id=ask.source_id,
        paragraph=ask.paragraph,
    )
    for (code, _label), suffix in zip(settings.LANGUAGES, SUFFIXES, strict=True):
        with translation.override(code):
            reason = _("Asked for at this meeting: %(meeting)s") % {"meeting": meeting.name}
            setattr(change, f"reason_{suffix}", reason)
    record_status(change, today=today, by=by)


# --- what remains --------------------------------------------------------------------------------------------------

_STEP = {
    Stance.AGREED: Status.AGREED,
    Stance.SUPPORTED: Status.AGREED,
    Stance.AGREED_JOINTLY: Status.AGREED,
    Stance.PLEDGED: Status.PLEDGED,
    Stance.DECLINED: Status.DECLINED,
}
_ORDER = list(Status)


def status_to_consider(present: str, said: Sequence[Statement]) -> Status | None:
    """Give the step on the scale that the answers of a meeting suggest; None where they suggest none."""
    if present not in _OPEN:
        return None
    steps = [_STEP[Stance(one.stance)] for one in said if one.stance in _STEP]
    further = [step for step in steps if _ORDER.index(step) > _ORDER.index(Status(present))]
    return max(further, key=_ORDER.index, default=None)
