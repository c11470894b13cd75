"""Who saves an entry at once, and whose entry waits: editors save, contributors propose, nothing is completed alone."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from tracker import workflow
from tracker.access import Reader, may
from tracker.entry.base import ShortForm
from tracker.entry.forms import FORMS
from tracker.entry.scale import payload_of
from tracker.models import Bearing, Note, Proposal, ProposedChange, Review, Statement, StatusChange
from tracker.staff_scales import Action, ChangeKind
from tracker.transitions import needs_second_person, record_status

# the row that an entry adds to a proposal: who may add it, may save the entry
_ADDED: dict[str, type[Model]] = {
    "development": Bearing,
    "answer": Statement,
    "status": StatusChange,
    "review": Review,
    "note": Note,
}


class Way(Enum):
    """What becomes of an entry when it is sent."""

    SAVED = "saved"
    PROPOSED = "proposed"


def way_of(reader: Reader, kind: str, proposal: Proposal) -> Way | None:
    """Tell whether the reader's entry about a proposal is saved or proposed; None if there is none to be made."""
    if may(reader, Action.ADD, _ADDED[kind](proposal=proposal)):
        return Way.SAVED
    if FORMS[kind].change_kind is not None and may(reader, Action.PROPOSE, proposal):
        return Way.PROPOSED
    return None


def ways_open_to(reader: Reader, proposal: Proposal) -> dict[str, Way]:
    """Give the kinds of entries that the reader may make about a proposal. None for whoever is not staff."""
    if not reader.is_staff:
        return {}
    ways = {kind: way_of(reader, kind, proposal) for kind in FORMS}
    return {kind: way for kind, way in ways.items() if way is not None}


def send(form: ShortForm, proposal: Proposal, way: Way, *, by: Any) -> Model:
    """Save a valid entry, or leave it for a second person; a new source is saved with it or not at all.

    Raises:
        ValidationError: if what is on record has changed so that it no longer can be.
    """
    with transaction.atomic():
        now = Proposal.objects.select_for_update().filter(pk=proposal.pk).first()
        kind = next(kind for kind, one in FORMS.items() if isinstance(form, one))
        if now is None or way_of(form.reader, kind, now) != way:
            raise ValidationError(
                _(
                    "Nothing was saved: the stage of the proposal, or who has a part in it, changed meanwhile. "
                    "Look at it, then send this again."
                )
            )
        form.keep_source(by)
        if way == Way.PROPOSED or form.is_second_person_needed:
            assert form.change_kind is not None  # noqa: S101 - `way_of` proposes nothing else
            reason = form.cleaned_data.get("reason") or form.cleaned_data.get("reason_en") or ""
            return workflow.propose(proposal, form.change_kind, form.payload_about(proposal), by=by, reason=reason)
        return form.record(proposal, by=by)


def record_or_propose(change: StatusChange, *, today: date, by: Any) -> StatusChange | ProposedChange:
    """Record a checked change of status; one that needs a second person is proposed to them instead."""
    if needs_second_person(change):
        payload = payload_of(change)
        return workflow.propose(change.proposal, ChangeKind.STATUS, payload, by=by, reason=payload["reason_en"])
    return record_status(change, today=today, by=by)


def waits_for_second_person() -> str:
    """Say what became of a change of status that one person alone cannot make."""
    return _(
        "“Completed” needs a second person, even in a small office: it waits under “What waits for me” of the other "
        "editors. Until one of them confirms it the status stays as it was."
    )
