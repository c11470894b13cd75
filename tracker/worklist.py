"""What waits for the staff, by kind: for the own organization and for all. The day is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from tracker.access import Reader, visible
from tracker.choices import Flag, Lack, Nature, Publication, Role, Schedule
from tracker.metrics import overview
from tracker.metrics.records import Item
from tracker.models import Account, Involvement, Proposal, ProposedChange, ReviewStep, StatusChange
from tracker.querysets import ProposalQuerySet, localized
from tracker.staff_scales import ChangeKind, ChangeState, ReviewAction
from tracker.standing import Thresholds

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Kind(StrEnum):
    """Why something waits for the staff, in the order shown."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    UNANSWERED = "unanswered"
    STALLED = "stalled"
    UNVERIFIED = "unverified"
    WITHOUT_LEAD = "without_lead"
    WITHOUT_SOURCE = "without_source"
    IN_REVIEW = "in_review"

    @property
    def label(self) -> StrOrPromise:
        """The heading of its list."""
        return _WORDS[self][0]

    @property
    def rule(self) -> StrOrPromise:
        """What its list holds; names in braces stand for settings."""
        return _WORDS[self][1]

    @property
    def nothing(self) -> StrOrPromise:
        """What is said where its list is empty."""
        return _WORDS[self][2]


_WORDS: dict[Kind, tuple[StrOrPromise, StrOrPromise, StrOrPromise]] = {
    Kind.OVERDUE: (
        Schedule.OVERDUE.label,
        _("Open past the last day of the first stated deadline, or a continuing commitment that missed its cycle."),
        _("Nothing is overdue."),
    ),
    Kind.DUE_SOON: (
        Schedule.DUE_SOON.label,
        _("Open, and the deadline or the end of the cycle is at most {due_soon_days} days away."),
        _("Nothing is due soon."),
    ),
    Kind.UNANSWERED: (Flag.UNANSWERED.label, Flag.UNANSWERED.rule, _("Nothing is unanswered.")),
    Kind.STALLED: (Flag.STALLED.label, Flag.STALLED.rule, _("Nothing is stalled.")),
    Kind.UNVERIFIED: (Flag.UNVERIFIED.label, Flag.UNVERIFIED.rule, _("Nothing is unverified.")),
    Kind.WITHOUT_LEAD: (
        _("Without lead"),
        _("Open, and no organization is named as the one that leads the work."),
        _("Everything open has a lead."),
    ),
    Kind.WITHOUT_SOURCE: (
        _("Without source"),
        _("The present status cites no source."),
        _("Every present status cites a source."),
    ),
    Kind.IN_REVIEW: (
        _("Waiting for review"),
        _("Drafts that were submitted, and proposed changes that nobody has decided."),
        _("Nothing waits for review."),
    ),
}


@dataclass(frozen=True, slots=True)
class Task:
    """A proposal that waits for something. `since` is the day that its kind counts from, where one is on record."""

    item: Item
    stage: Publication
    is_own: bool
    is_led: bool
    change_id: int  # the row of the history that gave the present status
    since: date | None = None

    @property
    def is_draft(self) -> bool:
        """Whether viewers do not see it."""
        return self.stage != Publication.PUBLISHED


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft in review, or a proposed change (`change_id`) of a kind, that somebody handed in at a time."""

    proposal_id: int
    title: str
    change_id: int | None
    change_kind: ChangeKind | None
    handed_in: datetime | None
    by: str
    is_own: bool
    by_reader: bool = False


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits: proposals by kind, and what waits for review."""

    tasks: dict[Kind, list[Task]]
    waiting: list[Waiting]

    def of(self, kind: Kind, *, own: bool = False) -> Sequence[Task | Waiting]:
        """Give what waits of a kind: all, or only what the own organization has a part in, what it leads first."""
        if kind == Kind.IN_REVIEW:
            return [one for one in self.waiting if one.is_own or not own]
        tasks = self.tasks[kind]
        if not own:
            return tasks
        return sorted([one for one in tasks if one.is_own], key=lambda one: not one.is_led)


def worklist(reader: Reader, day: date, thresholds: Thresholds) -> Worklist:
    """Read what waits among all that the reader may see, drafts included. Four queries."""
    roles = _roles_of(reader)
    read = list(_seen_by(reader, day).items_with(("publication", "change", "source"), day, thresholds))
    items = [item for item, _more in read]
    more = {item.id: row for item, row in read}

    def task(item: Item, since: date | None) -> Task:
        stage, change, _source = more[item.id]
        held = roles.get(item.id, set())
        return Task(item, Publication(stage), bool(held), Role.LEAD in held, change, since)

    found = {
        Kind.OVERDUE: [task(item, due) for due, item in overview.late(items)],
        Kind.DUE_SOON: [task(item, due) for due, item in overview.due_within(items, day, thresholds.due_soon_days)],
        Kind.WITHOUT_SOURCE: [task(item, item.facts.status_since) for item in items if more[item.id][2] is None],
    }
    for kind, (belongs, since_of) in _JUDGED.items():
        found[kind] = _longest_first([task(item, since_of(item)) for item in items if belongs(item)])
    return Worklist(found, [*_drafts_in_review(reader, roles), *_changes_waiting(reader, roles)])


def _is_open(item: Item) -> bool:
    return item.facts.status.is_open and item.facts.nature != Nature.DECLARATORY


def last_looked(item: Item) -> date | None:
    """Give the day of the latest development or review; None if there never was one."""
    days = (item.facts.last_development, item.facts.last_reviewed)
    return max((day for day in days if day is not None), default=None)


# kind: which items belong to it, and the day from which each has waited
_JUDGED: dict[Kind, tuple[Callable[[Item], bool], Callable[[Item], date | None]]] = {
    Kind.UNANSWERED: (lambda item: Flag.UNANSWERED in item.standing.flags, lambda item: item.facts.last_raised),
    Kind.STALLED: (lambda item: Flag.STALLED in item.standing.flags, lambda item: item.facts.last_development),
    Kind.UNVERIFIED: (lambda item: Flag.UNVERIFIED in item.standing.flags, last_looked),
    Kind.WITHOUT_LEAD: (
        lambda item: Lack.LEAD in item.standing.lacks and _is_open(item),
        lambda item: item.facts.last_raised,
    ),
}


def _longest_first(tasks: Iterable[Task]) -> list[Task]:
    """Order by how long each has waited; what never was looked at has waited longest."""
    return sorted(tasks, key=lambda one: (one.since or date.min, one.item.slug))


def _seen_by(reader: Reader, day: date) -> ProposalQuerySet:
    """Give the proposals that the reader may see, with their facts, the present status's own row and its source."""
    rows = visible(reader, ProposalQuerySet(Proposal))
    assert isinstance(rows, ProposalQuerySet)  # noqa: S101 - filtering keeps the class
    present = StatusChange.objects.filter(proposal=OuterRef("pk"), effective_on__lte=day)
    present = present.order_by("-effective_on", "-id")
    found = rows.as_of(day).with_facts(day).in_order_of("title")
    return found.annotate(change=Subquery(present.values("pk")[:1]), source=Subquery(present.values("source")[:1]))


def _roles_of(reader: Reader) -> dict[int, set[str]]:
    """Say in which roles the reader's organization, or its kin, has a part in which proposals. One query."""
    roles: dict[int, set[str]] = {}
    if reader.organizations:
        involved = Involvement.objects.filter(organization__in=reader.organizations)
        for proposal, role in involved.values_list("proposal_id", "role"):
            roles.setdefault(proposal, set()).add(role)
    return roles


def _drafts_in_review(reader: Reader, roles: dict[int, set[str]]) -> list[Waiting]:
    handed_in = ReviewStep.objects.filter(proposal=OuterRef("pk"), action=ReviewAction.SUBMITTED).order_by(
        "-taken_at", "-id"
    )
    rows = visible(reader, Proposal.objects.filter(publication=Publication.IN_REVIEW)).annotate(
        title_now=localized("title"),
        handed_in=handed_in.values("taken_at")[:1],
        handed_in_by=handed_in.values("taken_by__username")[:1],
    )
    columns = ("id", "title_now", "handed_in", "handed_in_by")
    return [
        Waiting(proposal, title, None, None, at, by or "", proposal in roles)
        for proposal, title, at, by in rows.order_by(F("handed_in").asc(nulls_last=True), "slug").values_list(*columns)
    ]


def _changes_waiting(reader: Reader, roles: dict[int, set[str]]) -> list[Waiting]:
    rows = visible(reader, ProposedChange.objects.filter(state=ChangeState.WAITING))
    columns = ("proposal_id", localized("proposal__title"), "id", "kind", "proposed_at", "proposed_by__username")
    return [
        Waiting(proposal, title, change, ChangeKind(kind), at, by, proposal in roles, author == reader.user_id)
        for proposal, title, change, kind, at, by, author in rows.order_by("proposed_at", "id").values_list(
            *columns, "proposed_by"
        )
    ]


def own_organization(reader: Reader) -> tuple[str, str] | None:
    """Give slug and name of the reader's own organization; None without one. One query."""
    of_account = Q(user=reader.user_id, organization__isnull=False)
    name = localized("organization__short_name")
    return Account.objects.filter(of_account).values_list("organization__slug", name).first()
