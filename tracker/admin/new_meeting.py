"""A new meeting in ten minutes: one sheet for all that was said there, saved once, and what remains afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import may, reader_of
from tracker.admin.base import is_draft, today_of, user_of
from tracker.admin.entry_help import entered_in_sheet, help_for_each, help_for_new
from tracker.admin.new_meeting_forms import LineForm, Tick
from tracker.admin.new_meeting_picks import directory
from tracker.admin.new_meeting_sheet import SAVE, Known, Sheet
from tracker.admin.new_meeting_start import start_of
from tracker.admin.worklist_pages import thresholds
from tracker.choices import MeetingState, Publication, Stance, Status
from tracker.meeting_day import Agenda, open_items, record, status_to_consider
from tracker.models import Meeting, MeetingSeries, Proposal, Statement, Theme
from tracker.querysets import organization_names
from tracker.staff_scales import Action


def new_meeting(request: HttpRequest) -> HttpResponse:
    """Choose the series, then record the meeting on one sheet. Saved whole, or shown again whole with its faults."""
    if not may(reader_of(request), Action.ADD, Meeting):
        raise PermissionDenied
    meeting = _meeting_of(request)
    series = meeting.series if meeting else _series_of(request)
    if series is None:
        return _page(request, "admin/new_meeting_choose.html", _("Record a meeting"), **_choices())
    if request.method == "POST":
        return _post(request, series, meeting)
    known = _known(request, series, meeting)
    if meeting is None and known.start.planned and "another" not in request.GET:
        return HttpResponseRedirect(_address(meeting=known.start.planned[0].slug))
    return _sheet_page(request, Sheet(known))


def _meeting_of(request: HttpRequest) -> Meeting | None:
    slug = request.GET.get("meeting", "")
    if not slug:
        return None
    found = Meeting.objects.filter(slug=slug).select_related("series__counterpart").first()
    if found is None:
        raise Http404(_("No meeting has the address “%(slug)s”.") % {"slug": slug})
    return found


def _series_of(request: HttpRequest) -> MeetingSeries | None:
    slug = request.GET.get("series", "")
    if not slug:
        return None
    found = MeetingSeries.objects.filter(slug=slug).select_related("counterpart").first()
    if found is None:
        raise Http404(_("No series of meetings has the address “%(slug)s”.") % {"slug": slug})
    return found


def _choices() -> dict[str, Any]:
    """Give the series, and the meetings that are on record as planned. Two queries."""
    planned = Meeting.objects.filter(state=MeetingState.PLANNED).order_by("series__slug", "number")
    return {"all_series": MeetingSeries.objects.select_related("counterpart"), "planned": planned}


def _known(request: HttpRequest, series: MeetingSeries, meeting: Meeting | None) -> Known:
    today = today_of(request)
    organizations = organization_names()
    typed = (name.removeprefix("item-").partition("-")[0] for name in request.POST if name.startswith("item-"))
    also = frozenset(int(key) for key in typed if key.isdecimal())
    return Known(
        series=series,
        meeting=meeting,
        start=start_of(series, meeting),
        items=open_items(Agenda(series, today, meeting, also), organizations, thresholds()),
        organizations=organizations,
        directory=directory(),
        themes=list(Theme.objects.all()),
        today=today,
    )


def _post(request: HttpRequest, series: MeetingSeries, meeting: Meeting | None) -> HttpResponse:
    if request.POST.get("action") != SAVE:
        return _sheet_page(request, Sheet(_known(request, series, meeting), request.POST))
    with transaction.atomic():
        # a second click waits here for the first, and then finds its meeting on record
        MeetingSeries.objects.select_for_update().get(pk=series.pk)
        sheet = Sheet(_known(request, series, meeting), request.POST)
        day = sheet.check()
        if day is not None:
            try:
                record(day, today=today_of(request), by=user_of(request))
            except ValidationError as problem:
                sheet.faults += problem.messages
                transaction.set_rollback(True)
                day = None
    if day is None:
        return _sheet_page(request, sheet)
    messages.success(request, _("The meeting is recorded."))
    return HttpResponseRedirect(reverse("admin:new_meeting_done", args=[day.meeting.slug]))


def _address(**query: str) -> str:
    return f"{reverse('admin:new_meeting')}?{urlencode(query)}"


def _sheet_page(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    known = sheet.known
    title = _("Record “%(meeting)s”") % {"meeting": known.meeting.name} if known.meeting else _("Record a meeting")
    here = _address(meeting=known.meeting.slug) if known.meeting else _address(series=known.series.slug, another="yes")
    entries = [entered_in_sheet(request.POST, str(ask.form.prefix)) for ask in sheet.asks]
    for ask, remarks in zip(sheet.asks, help_for_each(request, entries), strict=True):
        ask.remarks = remarks
    blank: dict[str, Any] = {"directory": known.directory, "today": known.today, "prefix": "__prefix__"}
    return _page(
        request,
        "admin/new_meeting.html",
        title,
        sheet=sheet,
        here=here,
        alike=[(one, _address(meeting=one.slug)) for one in sheet.alike],
        another=_address(series=known.series.slug, another="yes") if known.meeting else "",
        themes=[
            (label, list(rows)) for label, rows in groupby(sheet.rows, key=lambda row: row.open_item.item.theme_label)
        ],
        blank_lines=[(tick, LineForm(tick=tick, **blank)) for tick in Tick],
        tick_names=[*(tick.label for tick in Tick), _("Blanket")],
        blanket_name=_("The blanket answer"),
        publish_asks=bool(request.POST.get("publish_asks")),
    )


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    # without the list of models beside it the sheet fits the width of a screen
    frame = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False, "title": title}
    return render(request, template, frame | context)


# --- afterwards ----------------------------------------------------------------------------------------------------


def new_meeting_done(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is on record of a meeting, with links, and what remains to be done. A fixed number of queries."""
    if not may(reader_of(request), Action.ADD, Meeting):
        raise PermissionDenied
    meeting = Meeting.objects.filter(slug=slug).select_related("series").first()
    if meeting is None:
        raise Http404(_("No meeting has the address “%(slug)s”.") % {"slug": slug})
    said = list(
        Statement.objects.filter(meeting=meeting)
        .select_related("proposal", "organization", "post__person", "source")
        .order_by("proposal__theme__position", "proposal__slug", "id")
    )
    asked_before = set(
        Statement.objects.filter(proposal__in={one.proposal_id for one in said})
        .exclude(meeting=meeting)
        .values_list("proposal_id", flat=True)
    )
    by_proposal = [(proposal, list(some)) for proposal, some in groupby(said, key=lambda one: one.proposal)]
    return _page(
        request,
        "admin/new_meeting_done.html",
        meeting.name,
        meeting=meeting,
        by_proposal=by_proposal,
        statements=len(said),
        sources=meeting.sources.all(),
        steps=[_step(meeting, *pair) for pair in by_proposal if _wants_a_look(*pair)],
        drafts=[proposal for proposal, _some in by_proposal if is_draft(proposal)],
        untested=[proposal for proposal, _some in by_proposal if not proposal.completion_test],
        remarked=help_for_new(request, [one for one, _some in by_proposal if one.pk not in asked_before]),
        is_draft=meeting.publication != Publication.PUBLISHED,
        again=_address(meeting=meeting.slug),
    )


def _wants_a_look(proposal: Proposal, said: Sequence[Statement]) -> bool:
    reported = Status(proposal.status).is_open and any(one.stance == Stance.REPORTED for one in said)
    return reported or status_to_consider(proposal.status, said) is not None


def _step(meeting: Meeting, proposal: Proposal, said: Sequence[Statement]) -> dict[str, Any]:
    """Give the change of status that what was said suggests, and where it is made."""
    step = status_to_consider(proposal.status, said)
    reported = [one for one in said if one.stance == Stance.REPORTED]
    deciding = [one for one in said if step is not None and status_to_consider(proposal.status, [one]) == step]
    decisive = (deciding or reported)[-1]
    query = {
        "when": decisive.said or decisive.said_on.isoformat(),
        "source": decisive.source.slug,
        "next": reverse("admin:new_meeting_done", args=[meeting.slug]),
    }
    query |= {"paragraph": str(decisive.paragraph)} if decisive.paragraph else {}
    query |= {"new": step.value} if step is not None and not reported else {}
    return {
        "proposal": proposal,
        "present": Status(proposal.status),
        "step": step,
        "reported": bool(reported),
        "link": f"{reverse('entry', args=[proposal.slug, 'status'])}?{urlencode(query)}",
    }
