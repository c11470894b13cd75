"""The only writer of status: the scale's rules, and row and history together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tracker.choices import Nature, Status
from tracker.dates import around
from tracker.models import Proposal, Statement, StatusChange

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def check_change(change: StatusChange, *, today: date, alongside: Sequence[StatusChange] = ()) -> None:
    """Hold a status change that is not yet saved to the rules of the scale.

    Args:
        change: the change; its proposal may be unsaved too.
        today: the day on which it is recorded, in the tracker's time zone.
        alongside: unsaved changes of the same proposal that will be recorded just before it.

    Raises:
        ValidationError: by field, saying what is wrong and what is allowed.
    """
    problems: dict[str, str] = {}
    new = Status(change.new) if change.new in Status.values else None
    if new is None:
        problems["new"] = _("“%(value)s” is not a status; allowed: %(values)s") % {
            "value": change.new,
            "values": ", ".join(Status.values),
        }
    if not (getattr(change, "reason_en", "") or "").strip():
        problems["reason_en"] = _("Say why: every change of status has a reason.")
    if change.effective_on is None:
        problems["effective_on"] = _("Say since when: every change of status has a date.")
    elif change.effective_on > today:
        problems["effective_on"] = _(
            "%(day)s is in the future; a status can take effect on %(today)s at the latest."
        ) % {
            "day": change.effective_on.isoformat(),
            "today": today.isoformat(),
        }
    if new is not None:
        problems |= _broken_rules(change, new)
    if not problems:
        problems = _too_early(change) or _repetition(change, alongside)
    if problems:
        raise ValidationError(problems)


def _broken_rules(change: StatusChange, new: Status) -> dict[str, str]:
    problems = {}
    proposal = change.proposal
    if new.needs_source and change.source_id is None:
        problems["source"] = _("“%(status)s” needs a source. Rule: %(rule)s") % {
            "status": new.label,
            "rule": new.rule,
        }
    if new == Status.SUPERSEDED and proposal.successor_id is None:
        problems["new"] = _("Name the successor on the proposal before its status becomes “superseded”.")
    if new == Status.COMPLETED and proposal.nature in (Nature.CONTINUING, Nature.DECLARATORY):
        problems["new"] = _("A proposal of the nature “%(nature)s” is never completed.") % {
            "nature": proposal.get_nature_display()
        }
    elif new == Status.COMPLETED and not proposal.completion_test:
        problems["new"] = _("Write the completion test first: “completed” means that it is met.")
    return problems


def record_status(change: StatusChange, *, today: date, by: User | None = None) -> StatusChange:
    """Save a new status change and bring the proposal's status up to date, or do neither.

    A change may be dated before later ones, when evidence turns up late: the history is then linked anew.

    Args:
        change: an unsaved change of a saved proposal; its `old` is filled in here.
        today: the day on which it is recorded, in the tracker's time zone.
        by: who records it; None for the seeds.

    Raises:
        ValidationError: by field, if a rule of the scale is broken.
    """
    with transaction.atomic():
        change.proposal = Proposal.objects.select_for_update().get(pk=change.proposal_id)
        check_change(change, today=today)
        before, _after = _neighbours(change)
        change.old = before.new if before else ""
        change.recorded_by = by
        change.save()
        _relink(change.proposal)
    return change


def amend_status(change: StatusChange, *, today: date) -> StatusChange:
    """Correct a change that the seeds recorded and nobody else has touched; staff add a further change instead.

    Raises:
        ValidationError: by field, if a rule of the scale is broken.
    """
    with transaction.atomic():
        change.proposal = Proposal.objects.select_for_update().get(pk=change.proposal_id)
        check_change(change, today=today)
        before, _after = _neighbours(change)
        change.old = before.new if before else ""
        change.save()
        _relink(change.proposal)
    return change


def _neighbours(
    change: StatusChange, alongside: Sequence[StatusChange] = ()
) -> tuple[StatusChange | None, StatusChange | None]:
    """Find the changes just before and just after it in the history of its proposal."""
    recorded = StatusChange.objects.filter(proposal=change.proposal_id).exclude(pk=change.pk)
    history = [*recorded.order_by("effective_on", "id"), *alongside]
    history.sort(key=lambda row: row.effective_on)
    before = [row for row in history if row.effective_on <= change.effective_on]
    after = [row for row in history if row.effective_on > change.effective_on]
    return (before[-1] if before else None, after[0] if after else None)


def _repetition(change: StatusChange, alongside: Sequence[StatusChange]) -> dict[str, str]:
    """Refuse a step that its neighbours in time already make."""
    for neighbour in _neighbours(change, alongside):
        if neighbour is not None and neighbour.new == change.new:
            return {"new": _already(neighbour)}
    return {}


def _too_early(change: StatusChange) -> dict[str, str]:
    """Refuse a status of a day on which nothing can have been said yet: most likely a mistyped year."""
    said = Statement.objects.filter(proposal=change.proposal_id).values_list("said_on", "precision")
    periods = [around(day, precision) for day, precision in said]
    first_days = [period.first for period in periods if period is not None]
    if not first_days or len(first_days) < len(periods) or change.effective_on >= min(first_days):
        return {}
    message = _("%(day)s is before anything was said about it: the first statement on record is of %(first)s.")
    return {"effective_on": message % {"day": change.effective_on.isoformat(), "first": min(first_days).isoformat()}}


def _already(change: StatusChange) -> str:
    return _("The history already says “%(status)s” on %(day)s.") % {
        "status": change.get_new_display(),
        "day": change.effective_on.isoformat(),
    }


def _relink(proposal: Proposal) -> None:
    """Make each change start where the one before it ended, and the proposal's status the newest one."""
    old = ""
    for change in StatusChange.objects.filter(proposal=proposal).order_by("effective_on", "id"):
        if change.new == old:
            raise ValidationError({"new": _already(change)})
        if change.old != old:
            change.old = old
            change.save(update_fields=["old"])
        old = change.new
    if old and proposal.status != old:
        proposal.status = old
        proposal.save(update_fields=["status"])
