"""Status and evidence from the proposal's own page: one short form for each kind of entry."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Reader, readable, reader_of, reads, visible
from tracker.choices import Publication, Visibility
from tracker.entry.base import ShortForm
from tracker.entry.forms import FORMS
from tracker.entry.recording import Way, send, waits_for_second_person, way_of, ways_open_to
from tracker.models import Bearing, Note, Proposal, ProposedChange, Review
from tracker.querysets import reviews_by
from tracker.staff_scales import ChangeState
from tracker.views.entrance import onwards
from tracker.views.shared import Day, dated, page


@dated
def entry(request: HttpRequest, day: Day, slug: str, kind: str) -> HttpResponse:
    """Show the short form, or save what it says; an entry that cannot be saved comes back as it was, explained."""
    reader = reader_of(request)
    proposal = visible(reader, Proposal.objects.select_related("theme")).filter(slug=slug).first()
    way = way_of(reader, kind, proposal) if kind in FORMS and proposal and reader.is_staff else None
    if proposal is None or way is None:
        raise Http404(_("There is no such page."))
    data = request.POST if request.method == "POST" else None
    # a page that leads here may fill in what it knows; what the form does not take it leaves alone
    given = {name: value for name, value in request.GET.items() if name != "next"}
    form = FORMS[kind](data, about=proposal, reader=reader, today=day.today, initial=given)
    if data is not None and form.is_valid():
        try:
            saved = send(form, proposal, way, by=request.user)
        except ValidationError as problem:
            _put_back(form, problem)
        else:
            _tell(request, form, saved)
            return HttpResponseRedirect(_back(request, proposal, form))
    context = {
        "form": form,
        "proposal": proposal,
        "kind": kind,
        "is_proposing": way == Way.PROPOSED,
        "is_published": proposal.publication == Publication.PUBLISHED,
        "back": _back(request, proposal, form),
        "next": request.POST.get("next", request.GET.get("next", "")),
    }
    return page(request, "tracker/entry.html", day, context, status=400 if form.is_bound else 200)


def _put_back(form: ShortForm, problem: ValidationError) -> None:
    """Say at the form what the record refused in the moment of saving."""
    for message in problem.messages:
        form.add_error(None, message)


def _tell(request: HttpRequest, form: ShortForm, saved: Any) -> None:
    if not isinstance(saved, ProposedChange):
        messages.success(request, _("Your entry is saved."))
    elif form.is_second_person_needed:
        messages.info(request, waits_for_second_person())
    else:
        messages.info(request, _("Your entry is proposed. It is saved once an editor accepts it."))


def _back(request: HttpRequest, proposal: Proposal, form: ShortForm) -> str:
    """Give where to go afterwards: whence the reader came, the public page, or while there is none the workplace."""
    if wanted := onwards(request, ""):
        return wanted
    if proposal.publication == Publication.PUBLISHED:
        return f"{proposal.get_absolute_url()}#{form.anchor}"
    return reverse("admin:tracker_proposal_change", args=[proposal.pk])


# What the proposal's page shows to its reader -------------------------------------------------------------------------


def notes_of(record: Proposal, reader: Reader, day: Day) -> QuerySet[Note]:
    """Give the notes written by the day that the reader may read. One query."""
    notes = Note.objects.filter(readable(reader), proposal=record, written_on__lte=day.shown)
    return notes.select_related("held_by", "author") if reader.is_staff else notes


def reviews_of(record: Proposal, reader: Reader, day: Day) -> list[Review]:
    """Give the reviews by the day, without the notes that the reader may not read. One query."""
    reviews = reviews_by(day.shown).filter(proposal=record).select_related("source")
    found = list(reviews.select_related("reviewer") if reader.is_staff else reviews)
    for review in found:
        review.is_told = reads(reader, review)  # type: ignore[attr-defined]
    return found


def staff_parts(record: Proposal, reader: Reader, day: Day) -> dict[str, Any]:
    """Give what only staff see, and only today: short forms, what waits, evidence that is not public."""
    if not (reader.is_staff and day.is_today):
        return {}
    unseen = Bearing.objects.filter(proposal=record, development__happened_on__lte=day.shown)
    unseen = visible(reader, unseen.exclude(development__visibility=Visibility.PUBLIC))
    unseen = unseen.select_related("development__held_by").order_by("-development__happened_on", "-id")
    waiting = visible(reader, ProposedChange.objects.filter(proposal=record, state=ChangeState.WAITING))
    return {
        "entries": [(kind, FORMS[kind].heading, way) for kind, way in ways_open_to(reader, record).items()],
        "unseen": unseen.prefetch_related("development__sources"),
        "waiting": waiting.select_related("proposed_by"),
    }
