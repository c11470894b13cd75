"""Carrying out what was proposed: the short form is filled in again from what was kept, and held to today's record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker import workflow
from tracker.access import reader_for
from tracker.entry.base import ShortForm, Told
from tracker.entry.forms import FORMS
from tracker.entry.scale import StatusForm, payload_of
from tracker.models import ProposedChange, StatusChange
from tracker.staff_scales import ChangeKind, ChangeState


def accept(change: ProposedChange, *, by: Any, today: date, comment: str = "") -> ProposedChange:
    """Carry out a proposed change and close it, or do neither.

    What is saved is signed by whoever proposed it; who decided stands on the change, and on a change of status that
    needs a second person as the one who confirmed it.

    Raises:
        ValidationError: if `by` may not decide, or if the entry no longer fits what is on record; it says why.
    """
    with transaction.atomic():
        current = workflow.claim(change, by=by)
        if current.kind == ChangeKind.EDIT:
            workflow.apply_edit(current)
        else:
            form = _form_of(current, today)
            if not form.is_valid():
                raise ValidationError(_problems_of(form))
            form.record(current.proposal, by=current.proposed_by, confirmed_by=by)
        return workflow.close(change, ChangeState.ACCEPTED, by=by, comment=comment)


def described(change: ProposedChange) -> list[Told]:
    """Give what the entry says in words, in the order of its form. Not for edits."""
    form = _form_of(change, timezone.localdate(change.proposed_at))
    form.is_valid()
    return form.told()


def present(change: ProposedChange) -> list[Told]:
    """Give in the same words what stands now where a change of status would put something else."""
    steps = StatusChange.objects.filter(proposal=change.proposal).select_related("source")
    step = steps.order_by("-effective_on", "-id").first()
    if change.kind != ChangeKind.STATUS or step is None:
        return []
    form = StatusForm(payload_of(step), reader=reader_for(change.proposed_by), today=step.effective_on)
    form.is_valid()
    return form.told()


def against(change: ProposedChange, today: date) -> list[str]:
    """Say why an entry could not be saved if it were accepted now; nothing where it could. Not for edits."""
    form = _form_of(change, today)
    return [] if form.is_valid() else _problems_of(form)


def _form_of(change: ProposedChange, today: date) -> ShortForm:
    """Fill in the short form as its author did."""
    form = FORMS[change.kind]
    return form(change.payload, about=change.proposal, reader=reader_for(change.proposed_by), today=today)


def _problems_of(form: ShortForm) -> list[str]:
    return [
        _("%(field)s: %(problem)s") % {"field": label, "problem": message} if label else message
        for _id, label, message in form.problems
    ]
