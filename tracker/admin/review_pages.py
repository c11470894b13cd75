"""What waits for me, and one proposed change before and after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker import workflow
from tracker.access import reader_of, visible
from tracker.admin.base import today_of, user_of
from tracker.admin.differences import marked
from tracker.admin.stages import tell_step
from tracker.entry import accepting
from tracker.entry.base import Told
from tracker.models import Proposal, ProposedChange
from tracker.staff_scales import ChangeKind, ChangeState

# The queue ------------------------------------------------------------------------------------------------------------


class Waiting(NamedTuple):
    """A line of the queue: what waits, since when, by whom, why, and where it is dealt with."""

    title: str
    address: str
    what: str
    who: str
    since: date | None
    days: int
    words: str


class Section(NamedTuple):
    """Lines of one kind; `is_mine` where the reader is whom they wait for."""

    heading: str
    is_mine: bool
    lines: list[Waiting]
    nothing: str


def review_queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader, the longest waiting first, and what of the own waits for others."""
    reader, today = reader_of(request), today_of(request)
    sections = []
    if reader.is_editor:
        changes = list(workflow.changes_to_decide(reader))
        completions = [change for change in changes if workflow.is_completion(change)]
        others = [change for change in changes if not workflow.is_completion(change)]
        sections += [
            Section(
                _("Drafts in review"), True, _drafts(workflow.drafts_in_review(reader), today), _("No draft waits.")
            ),
            Section(_("Proposed changes"), True, _changes(others, today), _("No proposed change waits.")),
            Section(
                _("Completions that need a second person"),
                True,
                _changes(completions, today),
                _("No completion waits."),
            ),
        ]
    own = list(workflow.own_changes(reader))
    returned = [change for change in own if change.state == ChangeState.RETURNED]
    waiting = [change for change in own if change.state == ChangeState.WAITING]
    sections += [
        Section(_("Returned drafts"), True, _drafts(workflow.returned_drafts(reader), today), _("No draft came back.")),
        Section(_("Your changes that came back"), True, _changes(returned, today), _("No change came back.")),
        Section(_("Your changes that wait for others"), False, _changes(waiting, today), _("None waits.")),
    ]
    if not reader.is_editor:
        drafts = _drafts(workflow.own_in_review(reader), today)
        sections.append(Section(_("Your drafts that wait for an editor"), False, drafts, _("None waits.")))
    if reader.is_editor:  # what an editor has to decide comes first; own work is named where there is some
        sections = [*sections[:3], *(section for section in sections[3:] if section.lines)]
    context = _context(request, _("What waits for me")) | {
        "sections": sections,
        "to_do": sum(len(section.lines) for section in sections if section.is_mine),
    }
    return render(request, "admin/tracker_review_queue.html", context)


def _drafts(proposals: Iterable[Any], today: date) -> list[Waiting]:
    return [
        Waiting(
            title=str(proposal),
            address=reverse("admin:tracker_proposal_change", args=[proposal.pk]),
            what=str(proposal.theme),
            who=proposal.last_by or "–",
            **_age(proposal.last_at, today),
            words=proposal.last_comment or "",
        )
        for proposal in proposals
    ]


def _changes(changes: Iterable[ProposedChange], today: date) -> list[Waiting]:
    return [
        Waiting(
            title=str(change.proposal),
            address=reverse("admin:proposed_change", args=[change.pk]),
            what=_what(change),
            who=str(change.decided_by or change.proposed_by),
            **_age(change.decided_at or change.proposed_at, today),
            words=change.comment or change.reason,
        )
        for change in changes
    ]


def _what(change: ProposedChange) -> str:
    """Name the kind of the change; of a step that another way was taken already, that it has moved on."""
    is_step = change.kind == ChangeKind.STATUS and change.state == ChangeState.WAITING
    if is_step and change.payload.get("new") == change.proposal.status:
        return _("%(kind)s: moved on, the proposal has this status already") % {"kind": change.get_kind_display()}
    return str(change.get_kind_display())


def _age(since: datetime | None, today: date) -> dict[str, Any]:
    day = timezone.localtime(since).date() if since else None
    return {"since": day, "days": max((today - day).days, 0) if day else 0}


# One change -----------------------------------------------------------------------------------------------------------


class Edit(NamedTuple):
    """A column before and after, differences marked; `now` where it is no longer what it was before."""

    label: str
    before: SafeString
    after: SafeString
    now: str | None


class Entry(NamedTuple):
    """A field of a proposed entry: what stands now, where it is a change of status, and what would."""

    label: str
    before: Told | None
    after: Told | None


def proposed_change(request: HttpRequest, key: int) -> HttpResponse:
    """Show a proposed change before and after, and let an editor decide, or its author take it back."""
    reader = reader_of(request)
    changes = ProposedChange.objects.select_related("proposal", "proposed_by", "decided_by")
    change = get_object_or_404(visible(reader, changes), pk=key)
    comment = request.POST.get("comment", "")
    if request.method == "POST":
        try:
            _decide(request, change, comment)
        except ValidationError as problem:
            for message in problem.messages:
                messages.error(request, message)
            change.refresh_from_db()
        else:
            return HttpResponseRedirect(reverse("admin:review_queue"))
    is_edit = change.kind == ChangeKind.EDIT
    context = _context(request, _("Proposed change")) | {
        "change": change,
        "edits": edits_of(change) if is_edit else [],
        **({} if is_edit else _entries_of(change, today_of(request))),
        "comment": comment,
        "refusal": workflow.refusal_of(change, reader, ChangeState.ACCEPTED),
        "may_take_back": not workflow.refusal_of(change, reader, ChangeState.WITHDRAWN),
        "age": _age(change.proposed_at, today_of(request)),
    }
    return render(request, "admin/tracker_review_change.html", context)


def _entries_of(change: ProposedChange, today: date) -> dict[str, Any]:
    """Give what the entry says; while it waits, what it would stand in for and what is against it by now."""
    said, is_open = accepting.described(change), change.state == ChangeState.WAITING
    now = {one.name: one for one in accepting.present(change)} if is_open else {}
    labels = {one.name: one.label for one in (*said, *now.values())}
    after = {one.name: one for one in said}
    return {
        "entries": [Entry(labels[name], now.get(name), after.get(name)) for name in labels],
        "is_step": bool(now),
        "against": accepting.against(change, today) if is_open else [],
    }


def _decide(request: HttpRequest, change: ProposedChange, comment: str) -> None:
    user, title = user_of(request), {"proposal": change.proposal}
    if "_accept" in request.POST:
        accepting.accept(change, by=user, today=today_of(request))
        messages.success(request, _("The change of “%(proposal)s” is accepted and made.") % title)
    elif "_return" in request.POST:
        workflow.send_back(change, by=user, comment=comment)
        messages.success(request, _("The change of “%(proposal)s” went back with your comment.") % title)
    elif "_take_back" in request.POST:
        workflow.take_back_change(change, by=user)
        messages.success(request, _("Your change of “%(proposal)s” is taken back.") % title)
    else:
        raise ValidationError(_("Choose what to do: accept, return or take back."))


def edits_of(change: ProposedChange) -> list[Edit]:
    """Give the columns of a proposed edit in the order of the form, in its words."""
    is_open = change.state == ChangeState.WAITING
    current = workflow.values_of(change.proposal, change.payload) if is_open else {}
    edits = []
    for name in sorted(change.payload, key=workflow.EDITED.index):
        before, after = change.payload[name]
        old, new = marked(workflow.words_of(name, before), workflow.words_of(name, after))
        has_moved = is_open and current[name] != before
        now = workflow.words_of(name, current[name]) if has_moved else None
        edits.append(Edit(workflow.label_of(name), old, new, now))
    return edits


@require_POST
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    """Make a draft of the reader's organization a draft again while it waits for review."""
    proposal = visible(reader_of(request), Proposal.objects.all()).filter(pk=key).first()
    if proposal is None:
        raise Http404
    try:
        tell_step(request, workflow.take_back(proposal, by=user_of(request)))
    except ValidationError as problem:
        for message in problem.messages:
            messages.error(request, message)
    return HttpResponseRedirect(reverse("admin:tracker_proposal_change", args=[key]))


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}
