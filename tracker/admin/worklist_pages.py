"""The front page of the workplace, and the list behind each of its counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import workflow
from tracker.access import Reader, may, reader_of
from tracker.admin.base import today_of
from tracker.choices import Flag, Lack, Nature, Publication, Schedule, Status
from tracker.happenings import Precisions, precisions_of
from tracker.models import Meeting, Proposal, Source
from tracker.office import thresholds
from tracker.staff_scales import Action, ReviewAction
from tracker.templatetags.tracker import day as written
from tracker.worklist import Kind, Task, Waiting, Worklist, last_looked, own_organization, worklist

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LINES = 4  # of each kind on the front page; the rest is a click away
PER_PAGE = 50
MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what waits, since when in words, where it leads, and the quickest thing to do about it."""

    title: str
    href: str
    since: str
    action: str = ""
    action_href: str = ""
    task: Task | None = None
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A kind on the front page: its count for the organization and for all, and the first lines of those shown."""

    kind: Kind
    rule: str
    count: int
    href: str
    other_count: int
    other_href: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks at which part of the worklist on which day."""

    reader: Reader
    day: date
    whose: str
    organization: tuple[str, str] | None

    @property
    def is_own(self) -> bool:
        """Whether only what the own organization has a part in is shown."""
        return self.whose == MINE


def front(request: HttpRequest) -> dict[str, Any]:
    """Give what the front page shows of the worklist. Eleven queries at most besides those for the reader."""
    asked = _asked(request)
    found = worklist(asked.reader, asked.day, thresholds())
    shown = {kind: found.of(kind, own=asked.is_own)[:LINES] for kind in Kind}
    lines = lines_of(shown, asked)
    cards = [
        Card(
            kind,
            rule_of(kind),
            len(found.of(kind, own=asked.is_own)),
            items_address(kind, asked.whose),
            len(found.of(kind, own=not asked.is_own)),
            items_address(kind, ALL if asked.is_own else MINE),
            lines[kind],
        )
        for kind in Kind
    ]
    return {
        "cards": sorted(cards, key=lambda card: card.count == 0),
        "asked": asked,
        "has_drafts": _has_drafts(found),
        "returned": (returned := _returned(asked.reader)),
        "shortcuts": shortcuts(asked.reader, len(returned)),
    }


def worklist_items(request: HttpRequest) -> HttpResponse:
    """List all that waits of one kind, with the quickest thing to do about each."""
    asked = _asked(request)
    problems = _problems(request)
    code = request.GET.get("kind", "")
    kind, found = Kind(code) if code in list(Kind) else Kind.OVERDUE, worklist(asked.reader, asked.day, thresholds())
    rows = found.of(kind, own=asked.is_own)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": kind.label,
        "problems": problems,
        "kind": kind,
        "rule": rule_of(kind),
        "asked": asked,
        "kinds": [
            (one, len(found.of(one, own=asked.is_own)), items_address(one, asked.whose), one == kind) for one in Kind
        ],
        "scopes": [(MINE, items_address(kind, MINE)), (ALL, items_address(kind, ALL))],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "lines": lines_of({kind: page.object_list}, asked)[kind],
        "drafts": sum(1 for one in rows if isinstance(one, Task) and one.is_draft),
        "register_href": register_address(kind, rows, asked),
        "queue_href": address("admin:review_queue") if kind == Kind.IN_REVIEW else "",
    }
    return render(request, "admin/tracker_worklist.html", context, status=400 if problems else 200)


def _problems(request: HttpRequest) -> list[str]:
    """Say what in the address means nothing here."""
    message = _("%(name)s: “%(value)s” is not known; allowed: %(values)s.")
    allowed = {"kind": ["", *Kind], "whose": ["", MINE, ALL]}
    return [
        message % {"name": name, "value": value, "values": ", ".join(filter(None, values))}
        for name, values in allowed.items()
        if (value := request.GET.get(name, "")) not in values
    ]


def _asked(request: HttpRequest) -> Asked:
    """Read whose work is looked at: by default the own organization's, where the account has one. One query."""
    reader = reader_of(request)
    organization = own_organization(reader) if reader.organizations else None
    whose = request.GET.get("whose", "")
    if organization is None or whose not in (MINE, ALL):
        whose = ALL if organization is None else MINE
    return Asked(reader, today_of(request), whose, organization)


def rule_of(kind: Kind) -> str:
    """Say what a kind holds, with the day counts of the settings."""
    counts = thresholds()
    return str(kind.rule).format(
        due_soon_days=counts.due_soon_days,
        stalled_days=counts.stalled_days,
        unverified_days=counts.unverified_days,
    )


def address(name: str, *args: Any, part: str = "") -> str:
    """Give the address of a page, or nothing where there is no such page."""
    try:
        return reverse(name, args=args) + part
    except NoReverseMatch:
        return ""


def items_address(kind: Kind, whose: str) -> str:
    """Give the address of the list behind a count."""
    return f"{reverse('admin:worklist_items')}?{urlencode({'kind': kind.value, 'whose': whose})}"


def _has_drafts(found: Worklist) -> bool:
    return any(one.is_draft for tasks in found.tasks.values() for one in tasks)


# Lines ----------------------------------------------------------------------------------------------------------------


def lines_of(rows: Mapping[Kind, Iterable[Task | Waiting]], asked: Asked) -> dict[Kind, list[Line]]:
    """Write the lines to be shown. Two queries."""
    listed = {kind: list(some) for kind, some in rows.items()}
    shown = {one.item.id for some in listed.values() for one in some if isinstance(one, Task)}
    known = precisions_of(sorted(shown), asked.day)
    return {
        kind: [
            _line(kind, one, asked.reader, known) if isinstance(one, Task) else _line_in_review(one, asked)
            for one in some
        ]
        for kind, some in listed.items()
    }


def _line(kind: Kind, task: Task, reader: Reader, known: tuple[Precisions, Precisions]) -> Line:
    href = (
        address("admin:tracker_proposal_change", task.item.id) if task.is_draft else address("proposal", task.item.slug)
    )
    action, action_href = _quickest(kind, task, reader)
    return Line(task.item.title, href, _since(kind, task, known), action, action_href, task=task)


def _line_in_review(one: Waiting, asked: Asked) -> Line:
    """Write the line of something that waits for an editor's decision."""
    words = one.change_kind.label if one.change_kind else _("Draft")
    if one.handed_in:
        words = _("%(what)s by %(who)s, %(day)s") % {
            "what": words,
            "who": one.by,
            "day": written(timezone.localtime(one.handed_in).date()),
        }
    draft = address("admin:tracker_proposal_change", one.proposal_id)
    href = address("admin:proposed_change", one.change_id) or draft if one.change_id else draft
    decides = asked.reader.is_editor and not one.by_reader  # nobody decides about a change of their own
    return Line(one.title, href, str(words), _("Decide") if decides else "", href if decides else "", waiting=one)


def _returned(reader: Reader) -> list[Line]:
    """Write the lines of what came back to the reader to be mended. Two queries."""
    came_back: list[tuple[Any, str, Any, Any]] = [
        (one, address("admin:tracker_proposal_change", one.pk), one.last_by, one.last_at)  # type: ignore[attr-defined]
        for one in workflow.returned_drafts(reader)
    ] + [
        (one.proposal, address("admin:proposed_change", one.pk), one.decided_by, one.decided_at)
        for one in workflow.returned_changes(reader)
    ]
    words = _("%(what)s by %(who)s, %(day)s")
    return [
        Line(
            str(proposal),
            href,
            words % {"what": ReviewAction.RETURNED.label, "who": who, "day": written(timezone.localtime(when).date())},
        )
        for proposal, href, who, when in came_back
    ]


def _since(kind: Kind, task: Task, known: tuple[Precisions, Precisions]) -> str:
    """Say since when it waits, no finer than the day is known."""
    facts = task.item.facts
    said, happened = known

    def on(day: date, precisions: Precisions) -> str:
        return written(day, precisions.get((task.item.id, day), "day"))

    raised = on(facts.last_raised, said) if facts.last_raised else ""
    match kind:
        case Kind.OVERDUE | Kind.DUE_SOON if task.since:
            due = written(task.since)
            if facts.nature == Nature.CONTINUING:
                return _("Expected again by: %(day)s") % {"day": due}
            return _("Last day: %(day)s (“%(phrase)s”)") % {"day": due, "phrase": task.item.deadline_phrase}
        case Kind.STALLED if facts.last_development:
            return _("Last development: %(day)s") % {"day": on(facts.last_development, happened)}
        case Kind.UNVERIFIED if looked := last_looked(task.item):
            return _("Last looked at: %(day)s") % {"day": on(looked, happened)}
        case Kind.STALLED | Kind.UNVERIFIED:
            return _("Raised: %(day)s; nothing on record since") % {"day": raised} if raised else ""
        case Kind.WITHOUT_SOURCE:
            day = written(facts.status_since, facts.status_precision)
            return _("%(status)s since %(day)s") % {"status": facts.status.label, "day": day}
        case _other:
            return _("Raised: %(day)s") % {"day": raised} if raised else ""


def _quickest(kind: Kind, task: Task, reader: Reader) -> tuple[str, str]:
    """Give what to do first about it, in words and as an address; nothing where it is not the reader's to do."""
    writes = reader.is_editor or (task.is_own and task.stage == Publication.DRAFT)
    if not writes and not (task.is_own and task.stage == Publication.PUBLISHED):
        return "", ""  # what is in review is locked for its authors
    form, words = _FORMS.get(kind, ("", ""))
    if kind == Kind.OVERDUE and task.item.facts.nature == Nature.CONTINUING:
        form, words = _FORMS[Kind.DUE_SOON]  # a cycle is kept by an occurrence, not by a status
    if form:
        short_form = address("entry", task.item.slug, form)
        return str(words), short_form or address("admin:tracker_proposal_change", task.item.id, part=_PART_OF[form])
    if not writes:  # of what is published, a contributor proposes texts, not leads or sources: a note asks for them
        return _("Write a note"), address("entry", task.item.slug, "note")
    if kind == Kind.WITHOUT_SOURCE:
        return _("Cite a source"), address("admin:tracker_statuschange_change", task.change_id)
    return _("Name the lead"), address("admin:tracker_proposal_change", task.item.id, part="#involvements-group")


# kind: the short form that answers it, with its words; then where the same is entered on the proposal's own page
_FORMS: dict[Kind, tuple[str, StrOrPromise]] = {
    Kind.OVERDUE: ("status", gettext_lazy("Change the status")),
    Kind.DUE_SOON: ("development", gettext_lazy("Log a development")),
    Kind.UNANSWERED: ("answer", gettext_lazy("Record an answer")),
    Kind.STALLED: ("development", gettext_lazy("Log a development")),
    Kind.UNVERIFIED: ("review", gettext_lazy("Looked, nothing new")),
}
_PART_OF = {
    "status": "#new_status_changes-group",
    "development": "#bearings-group",
    "answer": "#new_statements-group",
    "review": "#reviews-group",
}


# Addresses ------------------------------------------------------------------------------------------------------------

_OPEN = [one.value for one in Status if one.is_open]
_JUDGED = [Nature.ONE_OFF.value, Nature.TARGET.value, Nature.CONTINUING.value]
_IN_REGISTER: dict[Kind, dict[str, list[str]]] = {
    Kind.OVERDUE: {"schedule": [Schedule.OVERDUE.value, Schedule.CYCLE_MISSED.value]},
    Kind.UNANSWERED: {"flag": [Flag.UNANSWERED.value]},
    Kind.STALLED: {"flag": [Flag.STALLED.value]},
    Kind.UNVERIFIED: {"flag": [Flag.UNVERIFIED.value]},
    Kind.WITHOUT_LEAD: {"without": [Lack.LEAD.value], "status": _OPEN, "nature": _JUDGED},
}


def register_address(kind: Kind, rows: Sequence[Task | Waiting], asked: Asked) -> str:
    """Give the address at which the register lists the same, drafts aside; nothing where no filter says it."""
    filters = _IN_REGISTER.get(kind)
    if kind == Kind.DUE_SOON:
        by_deadline = all(isinstance(one, Task) and one.item.standing.schedule == Schedule.DUE_SOON for one in rows)
        filters = {"schedule": [Schedule.DUE_SOON.value]} if by_deadline else None
    if filters is None:
        return ""
    own = {"organization": [asked.organization[0]]} if asked.is_own and asked.organization else {}
    return f"{reverse('register')}?{urlencode(filters | own, doseq=True)}"


def shortcuts(reader: Reader, returned: int) -> list[tuple[str, str, int]]:
    """Give the pages that the staff start from: in words, their addresses, and how much there is to do there.

    Only those that are there and open to the reader; `returned` is how much came back to them. Two queries at most.
    """
    offered = [
        (_("New meeting"), "admin:new_meeting", may(reader, Action.ADD, Meeting), 0),
        (_("New proposal"), "admin:tracker_proposal_add", may(reader, Action.ADD, Proposal), 0),
        (_("New source"), "admin:tracker_source_add", may(reader, Action.ADD, Source), 0),
        (_("What waits for me"), "admin:review_queue", reader.is_staff, workflow.to_decide(reader) + returned),
        (_("Import"), "admin:imports", may(reader, Action.IMPORT, Proposal), 0),
        (_("History"), "admin:site_history", reader.is_staff, 0),
        (_("Brief"), "brief", True, 0),
    ]
    found = [(words, address(name), to_do) for words, name, is_open, to_do in offered if is_open]
    return [one for one in found if one[1]]
