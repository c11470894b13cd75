"""The only writer of status: the scale's rules, and row and history together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker.choices import ANSWERS, Bears, Nature, Status
from tracker.dates import around
from tracker.models import Bearing, Proposal, Statement, StatusChange

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(slots=True)
class OnRecord:
    """What a change of status is held against: the proposal's history so far, and when it was spoken of."""

    changes: list[StatusChange] = field(default_factory=list)
    said: list[tuple[date, str]] = field(default_factory=list)
    is_answered: bool = False


def on_record(proposals: Iterable[int]) -> Mapping[int, OnRecord]:
    """Read what changes of status of some proposals are held against. Two queries, however many they are."""
    found = {key: OnRecord() for key in proposals}
    for change in StatusChange.objects.filter(proposal__in=list(found)).order_by("effective_on", "id"):
        found[change.proposal_id].changes.append(change)
    statements = Statement.objects.filter(proposal__in=list(found)).order_by()
    for key, said_on, precision, stance in statements.values_list("proposal_id", "said_on", "precision", "stance"):
        found[key].said.append((said_on, precision))
        found[key].is_answered |= stance in ANSWERS
    return found


def check_change(
    change: StatusChange,
    *,
    today: date,
    alongside: Sequence[StatusChange] = (),
    known: OnRecord | None = None,
) -> None:
    """Hold a status change that is not yet saved to the rules of the scale.

    Args:
        change: the change; its proposal may be unsaved too.
        today: the day on which it is recorded, in the tracker's time zone.
        alongside: unsaved changes of the same proposal that will be recorded just before it.
        known: what is on record about the proposal, where that has been read already.

    Raises:
        ValidationError: by field, saying what is wrong and what is allowed.
    """
    problems = _unfit_entries(change, today)
    if change.new in Status.values:
        problems |= _broken_rules(change, Status(change.new))
    if not problems:
        known = known or _known_of(change)
        problems = _too_early(change, known) or _repetition(change, known, alongside)
    if problems:
        raise ValidationError(problems)


def _unfit_entries(change: StatusChange, today: date) -> dict[str, str]:
    """Say what is missing in the change or cannot be, whatever its proposal."""
    problems: dict[str, str] = {}
    if change.new not in Status.values:
        problems["new"] = _("“%(value)s” is not a status; allowed: %(values)s") % {
            "value": change.new,
            "values": ", ".join(Status.values),
        }
    if not (getattr(change, "reason_en", "") or "").strip():
        problems["reason_en"] = _("Say why: every change of status has a reason.")
    if change.effective_on is None:
        problems["effective_on"] = _("Say since when: every change of status has a date.")
    elif change.effective_on > today:
        message = _("%(day)s is in the future; a status can take effect on %(today)s at the latest.")
        days = {"day": change.effective_on.isoformat(), "today": today.isoformat()}
        problems["effective_on"] = message % days
    return problems


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


class Move(NamedTuple):
    """A status that a proposal could move to today, and what is against it."""

    status: Status
    refusal: str  # empty if nothing is against it
    is_shut: bool  # whether it is refused on whatever day, so that there is no point in choosing it
    remark: str = ""  # what to think of before choosing it; it blocks nothing


def moves_open_to(proposal: Proposal, *, today: date) -> list[Move]:
    """Ask the rules about each status as if it took effect today, with a reason and a source. Three queries."""
    known, last_act = on_record([proposal.pk])[proposal.pk], last_acts([proposal.pk]).get(proposal.pk)
    return [_move(proposal, status, today, known, last_act) for status in Status]


def last_acts(proposals: Iterable[int]) -> dict[int, date]:
    """Give by proposal the day of the newest development that advances it. One query."""
    bearings = Bearing.objects.filter(proposal__in=list(proposals), bears=Bears.ADVANCES).order_by()
    return dict(bearings.values_list("proposal_id").annotate(Max("development__happened_on")))


def remark_on_step(proposal: Proposal, new: Status, known: OnRecord, last_act: date | None) -> str:
    """Say what to think of before a step is made, which none of it forbids; an empty text if there is nothing."""
    present = Status(proposal.status)
    remarks = []
    if known.changes and _goes_back(present, new):
        remarks.append(
            _("This goes back from “%(status)s”: say in the reason what was wrong.") % {"status": present.label}
        )
    if new == Status.PROPOSED and new != present and known.is_answered:
        remarks.append(_("An answer is on record, and “proposed” says that there is none."))
    if new == Status.UNDER_WAY and new != present:
        commitments = [change.effective_on for change in known.changes if change.new in (Status.AGREED, Status.PLEDGED)]
        if last_act is None or (commitments and last_act < max(commitments)):
            remarks.append(_("No act since the commitment is on record that advances it: log that development too."))
    return " ".join(remarks)


def _goes_back(present: Status, new: Status) -> bool:
    """Tell whether a step leads down the scale, or opens again what was closed."""
    order = list(Status)
    return new.is_open and new != present and (not present.is_open or order.index(new) < order.index(present))


def _move(proposal: Proposal, status: Status, today: date, known: OnRecord, last_act: date | None) -> Move:
    change = StatusChange(proposal=proposal, new=status, effective_on=today, reason_en="–", source_id=0)
    try:
        check_change(change, today=today, known=known)
    except ValidationError as problem:
        return Move(status, " ".join(problem.messages), bool(_broken_rules(change, status)))
    return Move(status, "", False, remark_on_step(proposal, status, known, last_act))


def needs_second_person(change: StatusChange) -> bool:
    """Tell whether a change of status counts only once a second person confirms it."""
    return change.new == Status.COMPLETED


def _check_second_person(change: StatusChange, by: User | None, confirmed_by: User | None) -> None:
    if by is None or not needs_second_person(change):
        return
    if confirmed_by is None or confirmed_by.pk == by.pk:
        message = _("“%(status)s” needs a second person: somebody other than %(user)s confirms it.")
        raise ValidationError({"new": message % {"status": Status.COMPLETED.label, "user": by}})


def record_status(
    change: StatusChange, *, today: date, by: User | None = None, confirmed_by: User | None = None
) -> StatusChange:
    """Save a new status change and bring the proposal's status up to date, or do neither.

    A change may be dated before later ones, when evidence turns up late: the history is then linked anew.

    Args:
        change: an unsaved change of a saved proposal; its `old` is filled in here.
        today: the day on which it is recorded, in the tracker's time zone.
        by: who records it; None for the seeds.
        confirmed_by: the second person, without whom nobody calls anything completed.

    Raises:
        ValidationError: by field, if a rule of the scale is broken.
    """
    with transaction.atomic():
        change.proposal = Proposal.objects.select_for_update().get(pk=change.proposal_id)
        check_change(change, today=today)
        _check_second_person(change, by, confirmed_by)
        before, _after = _neighbours(change, _known_of(change))
        change.old = before.new if before else ""
        change.recorded_by = by
        change.confirmed_by = confirmed_by
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
        before, _after = _neighbours(change, _known_of(change))
        change.old = before.new if before else ""
        change.save()
        _relink(change.proposal)
    return change


def woven(
    changes: Iterable[StatusChange], left_out: Collection[int] = ()
) -> tuple[list[StatusChange], list[StatusChange]]:
    """Put changes of several histories in the order of their days; give those that stay, and those that do not.

    What is left out by key does not stay, nor does a step that the one before it has already made.
    """
    stay: list[StatusChange] = []
    out: list[StatusChange] = []
    for change in sorted(changes, key=lambda one: (one.effective_on, one.pk)):
        repeats = bool(stay) and stay[-1].new == change.new
        (out if repeats or change.pk in left_out else stay).append(change)
    return stay, out


def join_histories(
    kept: Proposal, gone: Proposal, *, by: User | None = None, why: str = "", left_out: Collection[int] = ()
) -> list[StatusChange]:
    """Make one history of those of two proposals that are the same thing, as `woven` says.

    Every step that stays keeps its day, reason, source and who recorded it.

    Returns:
        The steps that did not stay; they are no longer stored, so what they say has to be kept otherwise.

    Raises:
        ValidationError: if a step breaks a rule of the scale for the proposal that is kept.
    """
    with transaction.atomic():
        kept = Proposal.objects.select_for_update().get(pk=kept.pk)
        stay, out = woven(StatusChange.objects.filter(proposal__in=(kept, gone)).select_related("source"), left_out)
        if out and not stay:
            raise ValidationError(_("A history cannot be left without any step."))
        for change in out:
            change._history_user, change._change_reason = by, why  # type: ignore[attr-defined]
            change.delete()
        old = ""
        for change in stay:
            moved = change.proposal_id != kept.pk
            change.proposal = kept
            if problems := _broken_rules(change, Status(change.new)):
                raise ValidationError([f"{change}: {text}" for text in problems.values()])
            if moved or change.old != old:
                change.old = old
                change._history_user, change._change_reason = by, why  # type: ignore[attr-defined]
                change.save(update_fields=["proposal", "old"])
            old = change.new
        _relink(kept)
    return out


def _known_of(change: StatusChange) -> OnRecord:
    """Read what the change is held against; of an unsaved proposal nothing is on record."""
    return on_record([change.proposal_id])[change.proposal_id]


def _neighbours(
    change: StatusChange, known: OnRecord, alongside: Sequence[StatusChange] = ()
) -> tuple[StatusChange | None, StatusChange | None]:
    """Find the changes just before and just after it in the history of its proposal."""
    history = [*(row for row in known.changes if row.pk != change.pk), *alongside]
    history.sort(key=lambda row: row.effective_on)
    before = [row for row in history if row.effective_on <= change.effective_on]
    after = [row for row in history if row.effective_on > change.effective_on]
    return (before[-1] if before else None, after[0] if after else None)


def _repetition(change: StatusChange, known: OnRecord, alongside: Sequence[StatusChange]) -> dict[str, str]:
    """Refuse a step that its neighbours in time already make."""
    for neighbour in _neighbours(change, known, alongside):
        if neighbour is not None and neighbour.new == change.new:
            return {"new": _already(neighbour)}
    return {}


def _too_early(change: StatusChange, known: OnRecord) -> dict[str, str]:
    """Refuse a status of a day on which nothing can have been said yet: most likely a mistyped year."""
    periods = [around(day, precision) for day, precision in known.said]
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
