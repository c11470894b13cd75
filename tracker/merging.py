"""Two proposals that are the same thing made one: everything moves, the old address leads to the new one.

What both say of the same column is a matter of choice. What was said and done is kept from both as it is dated; of
rows that say the very same thing one stays. The two histories of the status become one, as `transitions` says; a step
that does not stay is kept as an internal note.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from tracker.access import may, reader_for
from tracker.choices import Bears, Publication, Visibility
from tracker.models import (
    Bearing,
    Deadline,
    FormerAddress,
    ImportedRow,
    Indicator,
    Involvement,
    Milestone,
    Note,
    Proposal,
    ProposedChange,
    Reminder,
    Review,
    ReviewStep,
    Statement,
    StatusChange,
)
from tracker.models.base import LONGEST_REASON, SUFFIXES
from tracker.staff_scales import Action
from tracker.transitions import join_histories, woven
from tracker.translation import TRANSLATED

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# models whose rows simply change hands
_MOVED: tuple[Any, ...] = (Statement, Deadline, Review, Indicator, Note, ProposedChange, FormerAddress, ReviewStep)
_COUNTED: tuple[Any, ...] = (*_MOVED, Milestone, Bearing, Involvement, StatusChange)
# columns that are no matter of choice: the address stays, the others have writers of their own
_SETTLED = ("slug", "publication")


class Column(NamedTuple):
    """A column of which the two say different things."""

    name: str
    label: str
    kept: Any
    gone: Any
    takes_gone: bool  # whether the kept one says nothing, so that the other is taken unless somebody chooses

    def words(self, value: Any) -> str:
        """Give a value as a form would show it."""
        field: Any = Proposal._meta.get_field(self.name)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return str(value) if value not in (None, "") else "–"


class Moves(NamedTuple):
    """How many rows of a kind the proposal that goes has."""

    label: str
    number: int


class Step(NamedTuple):
    """A change of status in the history that the two would have together."""

    change: StatusChange
    is_of_gone: bool
    stays: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging would do."""

    kept: Proposal
    gone: Proposal
    columns: list[Column]
    moves: list[Moves]
    history: list[Step]


def preview(kept: Proposal, gone: Proposal, left_out: Collection[int] = ()) -> Preview:
    """Tell what merging would do; the number of queries does not depend on how much was said."""
    changes = StatusChange.objects.filter(proposal__in=(kept, gone)).select_related("source")
    stay, out = woven(changes, left_out)
    steps = [(change, True) for change in stay] + [(change, False) for change in out]
    steps.sort(key=lambda step: (step[0].effective_on, step[0].pk))
    moves = [
        Moves(str(capfirst(model._meta.verbose_name_plural)), model.objects.filter(proposal=gone).count())
        for model in _COUNTED
    ]
    return Preview(
        kept,
        gone,
        columns_to_choose(kept, gone),
        [one for one in moves if one.number],
        [Step(change, change.proposal_id == gone.pk, stays) for change, stays in steps],
    )


def columns_to_choose(kept: Proposal, gone: Proposal) -> list[Column]:
    """Give the columns of which the two say different things."""
    found = []
    for field in Proposal._meta.concrete_fields:
        if not field.editable or field.primary_key or field.name in (*_SETTLED, *TRANSLATED[Proposal]):
            continue
        ours, theirs = getattr(kept, field.name), getattr(gone, field.name)
        if ours != theirs and not (ours in (None, "") and theirs in (None, "")):
            found.append(Column(field.name, str(capfirst(field.verbose_name)), ours, theirs, ours in (None, "")))
    return found


def check(kept: Proposal, gone: Proposal, by: User) -> None:
    """Refuse what cannot be merged.

    Raises:
        ValidationError: saying why, and what to do.
    """
    if not may(reader_for(by), Action.MERGE, kept):
        raise ValidationError(_("Only editors merge proposals."))
    if kept.pk == gone.pk:
        raise ValidationError(_("A proposal cannot be merged with itself: choose two."))
    if gone.pk == kept.successor_id or kept.pk == gone.successor_id:
        raise ValidationError(
            _("One of the two is named as the successor of the other, so they are not the same thing: keep both.")
        )
    if gone.publication == Publication.PUBLISHED != kept.publication:
        raise ValidationError(_("Keep the published one of the two: what viewers see does not vanish by a merge."))


def locked(kept: Proposal, gone: Proposal) -> tuple[Proposal, Proposal]:
    """Give the two as they stand, locked until the transaction ends; always in one order, so that none waits for ever.

    Raises:
        ValidationError: if one is gone.
    """
    found = Proposal.objects.select_for_update().filter(pk__in=(kept.pk, gone.pk)).order_by("pk")
    there = {one.pk: one for one in found}
    if not {kept.pk, gone.pk} <= there.keys():
        raise ValidationError(_("One of the two is no longer there: it was merged or deleted meanwhile."))
    return there[kept.pk], there[gone.pk]


def merge(
    kept: Proposal,
    gone: Proposal,
    *,
    by: User,
    today: date,
    choices: Mapping[str, str] | None = None,
    left_out: Collection[int] = (),
    reason: str = "",
) -> Proposal:
    """Move everything of one proposal to another, and leave its address leading there; all or nothing.

    Args:
        kept: the one that stays, at its address.
        gone: the one that goes.
        by: who merges; an editor.
        today: the day, in the tracker's time zone.
        choices: by column `kept` or `gone`, whose value is to stand. Else that of the kept one, if it has any.
        left_out: keys of changes of status that are not to stay in the history.
        reason: why; stands in the history of every row that moves.

    Raises:
        ValidationError: if the two cannot be merged, or the outcome would break a rule; then nothing is saved.
    """
    with transaction.atomic():
        kept, gone = locked(kept, gone)
        check(kept, gone, by)
        why = (reason.strip() or f"{gone.slug} → {kept.slug}")[:LONGEST_REASON]
        work = _Work(kept, gone, by, why)
        work.choose(choices or {})
        work.move()
        work.join(today, left_out)
        kept.refresh_from_db()
        work.leave()
    return kept


def _as_note(change: StatusChange) -> str:
    """Keep in words what a step says that does not stay in the history."""
    said = _("From the proposal merged into this one: “%(status)s” since %(day)s. %(reason)s") % {
        "status": change.get_new_display(),
        "day": change.effective,
        "reason": change.reason,
    }
    return f"{said} ({change.source})" if change.source else said


class _Work:
    """One merge: each row is signed with who merged and why."""

    def __init__(self, kept: Proposal, gone: Proposal, by: User, why: str) -> None:
        self.kept, self.gone, self.by, self.why = kept, gone, by, why

    def choose(self, choices: Mapping[str, str]) -> None:
        """Write the chosen columns."""
        columns = columns_to_choose(self.kept, self.gone)
        taken = [one for one in columns if choices.get(one.name, "gone" if one.takes_gone else "kept") == "gone"]
        for one in taken:
            setattr(self.kept, one.name, one.gone)
        if taken:
            self.kept.full_clean(exclude=["search_text"])
            self.sign(self.kept).save()

    def move(self) -> None:
        """Let every row change hands; of two that say the same one stays."""
        for model in _MOVED:
            for row in model.objects.filter(proposal=self.gone):
                self.hand_over(row)
        self._move_milestones()
        self._move_once(Bearing.objects.filter(proposal=self.gone), ("development_id",), self._settle_bearings)
        self._move_once(Involvement.objects.filter(proposal=self.gone), ("organization_id", "role"))
        self._move_once(Reminder.objects.filter(proposal=self.gone), ("account_id", "threshold", "about"))
        self._connect()
        ImportedRow.objects.filter(file__table="proposals", record_key=self.gone.slug).update(record_key=self.kept.slug)

    def join(self, today: date, left_out: Collection[int]) -> None:
        """Make one history of the two; what does not stay of them becomes a note."""
        out = join_histories(self.kept, self.gone, by=self.by, why=self.why, left_out=left_out)
        for change in out:
            note = Note(proposal=self.kept, written_on=today, visibility=Visibility.INTERNAL, author=self.by)
            for (code, _name), suffix in zip(settings.LANGUAGES, SUFFIXES, strict=True):
                with override(code):
                    setattr(note, f"text_{suffix}", _as_note(change))
            self.sign(note).save()

    def leave(self) -> None:
        """Take the empty proposal away, and let its address lead to the other."""
        FormerAddress.objects.create(slug=self.gone.slug, proposal=self.kept, merged_by=self.by)
        self.sign(self.gone).delete()

    def sign(self, row: Any) -> Any:
        """Let the history say who and why."""
        row._history_user, row._change_reason = self.by, self.why
        return row

    def hand_over(self, row: Any) -> None:
        """Let one row change hands."""
        row.proposal = self.kept
        self.sign(row).save(update_fields=["proposal"])

    def _move_once(self, rows: QuerySet, same: tuple[str, ...], settle: Any = None) -> None:
        """Hand over the rows that the kept proposal does not have already."""
        there = {
            tuple(getattr(row, name) for name in same): row for row in rows.model.objects.filter(proposal=self.kept)
        }
        for row in rows:
            twin = there.get(tuple(getattr(row, name) for name in same))
            if twin is None:
                self.hand_over(row)
                continue
            if settle is not None:
                settle(twin, row)
            self.sign(row).delete()

    def _settle_bearings(self, twin: Any, row: Any) -> None:
        """Of two effects of one development on the same thing a plain one says more than “neither”."""
        if twin.bears == Bears.NEITHER != row.bears:
            twin.bears = row.bears
            self.sign(twin).save(update_fields=["bears"])

    def _move_milestones(self) -> None:
        """Hand over the steps; where both have laid out the same step, one that was not reached goes."""
        there: dict[tuple, Model] = {
            (one.step_id, one.gate_id): one for one in Milestone.objects.filter(proposal=self.kept, step__isnull=False)
        }
        for row in Milestone.objects.filter(proposal=self.gone):
            twin: Any = there.get((row.step_id, row.gate_id))
            if twin is not None and row.last_day is None:
                self.sign(row).delete()
                continue
            if twin is not None and twin.last_day is None:
                self.sign(twin).delete()
            self.hand_over(row)

    def _connect(self) -> None:
        """Let whatever was connected with the one be connected with the other."""
        self.sign(self.kept).gates.add(*self.gone.gates.all())
        for other in self.gone.related.all():
            self.sign(other).related.remove(self.gone)
            if other.pk != self.kept.pk:
                other.related.add(self.kept)
        for before in Proposal.objects.filter(successor=self.gone):
            before.successor = self.kept
            self.sign(before).save(update_fields=["successor"])
