"""The only writer of a proposal's stage and of a proposed change's state: draft, review, published; who decides.

Each step and what it changes are saved together or not at all. Whoever may not take a step, or takes it from a stage
that it does not start from, is told so in words by a `ValidationError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.access import Reader, is_own, may, reader_for, visible
from tracker.choices import Nature, Publication, Status
from tracker.models import Proposal, ProposedChange, ReviewStep
from tracker.models.base import LONGEST_REASON
from tracker.staff_scales import Action, ChangeKind, ChangeState, ReviewAction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# From which stages a step starts, and where it leads
_STEPS: dict[ReviewAction, tuple[frozenset[Publication], Publication]] = {
    ReviewAction.SUBMITTED: (frozenset({Publication.DRAFT}), Publication.IN_REVIEW),
    ReviewAction.WITHDRAWN: (frozenset({Publication.IN_REVIEW}), Publication.DRAFT),
    ReviewAction.RETURNED: (frozenset({Publication.IN_REVIEW}), Publication.DRAFT),
    ReviewAction.PUBLISHED: (frozenset({Publication.DRAFT, Publication.IN_REVIEW}), Publication.PUBLISHED),
    ReviewAction.UNPUBLISHED: (frozenset({Publication.PUBLISHED}), Publication.DRAFT),
}


# A draft's way --------------------------------------------------------------------------------------------------------


def submit(proposal: Proposal, *, by: User, comment: str = "") -> ReviewStep:
    """Hand a draft to the editors; until it comes back only they change it."""
    return take(ReviewAction.SUBMITTED, proposal, by=by, comment=comment)


def take_back(proposal: Proposal, *, by: User, comment: str = "") -> ReviewStep:
    """Make what is in review a draft again, at the wish of those who wrote it."""
    return take(ReviewAction.WITHDRAWN, proposal, by=by, comment=comment)


def return_to_author(proposal: Proposal, *, by: User, comment: str) -> ReviewStep:
    """Make what is in review a draft again, saying what is to be mended."""
    return take(ReviewAction.RETURNED, proposal, by=by, comment=comment)


def publish(proposal: Proposal, *, by: User, comment: str = "") -> ReviewStep:
    """Show a draft, reviewed or not, to every viewer. It needs a status."""
    return take(ReviewAction.PUBLISHED, proposal, by=by, comment=comment)


def unpublish(proposal: Proposal, *, by: User, reason: str) -> ReviewStep:
    """Take a published proposal away from viewers, saying why."""
    return take(ReviewAction.UNPUBLISHED, proposal, by=by, comment=reason)


def end_of(step: ReviewAction) -> Publication:
    """Give the stage that a step leads to."""
    return _STEPS[step][1]


def step_between(old: Publication, new: Publication) -> ReviewAction | None:
    """Name the step by which an editor brings a proposal from one stage to another; None where none leads there."""
    steps = (step for step, (starts, end) in _STEPS.items() if old in starts and end == new)
    return next((step for step in steps if step != ReviewAction.WITHDRAWN), None)


def words_missing(step: ReviewAction | None, comment: str | None) -> str:
    """Say what words a step still needs; an empty text if it needs none."""
    if (comment or "").strip():
        return ""
    if step == ReviewAction.RETURNED:
        return _("Say in a comment what is to be mended.")
    return _("Say why it becomes a draft again.") if step == ReviewAction.UNPUBLISHED else ""


def steps_open_to(reader: Reader, proposal: Proposal) -> list[ReviewAction]:
    """Give the steps that the reader may take with the proposal as it stands. Up to two queries."""
    stage = Publication(proposal.publication)
    possible = [action for action, (starts, _end) in _STEPS.items() if stage in starts]
    return [action for action in possible if _may_step(reader, action, proposal)]


def _may_step(reader: Reader, action: ReviewAction, proposal: Proposal) -> bool:
    if action == ReviewAction.SUBMITTED:
        return may(reader, Action.SUBMIT, proposal)
    if action == ReviewAction.WITHDRAWN:
        return reader.is_editor or (reader.is_staff and is_own(reader, proposal))
    return may(reader, Action.PUBLISH, proposal)


def take(action: ReviewAction, proposal: Proposal, *, by: User, comment: str = "") -> ReviewStep:
    """Take a step by its name."""
    starts, end = _STEPS[action]
    with transaction.atomic():
        current = Proposal.objects.select_for_update().get(pk=proposal.pk)
        _check_stage(current, starts)
        if not _may_step(reader_for(by), action, current):
            raise ValidationError(_not_allowed(action, current))
        if missing := words_missing(action, comment):
            raise ValidationError(missing)
        if action == ReviewAction.PUBLISHED and not current.status_changes.exists():
            raise ValidationError(_("A published proposal has a status since a day: record its first status."))
        current.publication = end
        _sign(current, by, comment)
        current.save(update_fields=["publication"])
        step = ReviewStep.objects.create(proposal=current, action=action, comment=comment.strip(), taken_by=by)
    proposal.publication = end
    return step


def _sign(proposal: Proposal, by: User, reason: str) -> None:
    """Let the history say who and why, as far as it has room."""
    proposal._history_user = by  # type: ignore[attr-defined]
    proposal._change_reason = reason.strip()[:LONGEST_REASON] or None  # type: ignore[attr-defined]


def _check_stage(proposal: Proposal, starts: Iterable[Publication]) -> None:
    stage = Publication(proposal.publication)
    if stage not in starts:
        allowed = [str(one.label) for one in Publication if one in starts]
        raise ValidationError(
            _("“%(proposal)s” is at the stage “%(stage)s”; this step starts from: %(allowed)s.")
            % {"proposal": proposal, "stage": stage.label, "allowed": ", ".join(allowed)}
        )


def _not_allowed(action: ReviewAction, proposal: Proposal) -> str:
    if action in (ReviewAction.SUBMITTED, ReviewAction.WITHDRAWN):
        message = _("Only editors, and contributors whose organization has a part in “%(proposal)s”, may do this.")
    else:
        message = _("Only editors publish, return or take back “%(proposal)s”.")
    return message % {"proposal": proposal}


# Proposed changes -----------------------------------------------------------------------------------------------------


def propose(
    proposal: Proposal, kind: ChangeKind, payload: Mapping[str, Any], *, by: User, reason: str = ""
) -> ProposedChange:
    """Leave a change for a second person to decide.

    Args:
        proposal: what it would change.
        kind: what it would do; an edit names its columns and needs a reason here, the others carry theirs inside.
        payload: for an edit by column `[before, after]` as `values_of` gives them; else the entries of the short form.
        by: who proposes.
        reason: why.
    """
    reader = reader_for(by)
    allowed = may(reader, Action.PROPOSE, proposal) or (
        kind == ChangeKind.STATUS and may(reader, Action.CHANGE, proposal)
    )
    if not allowed:
        raise ValidationError(
            _("Changes are proposed to published proposals in which the own organization has a part.")
        )
    if not payload:
        raise ValidationError(_("Nothing differs from what is on record, so nothing was proposed."))
    if kind == ChangeKind.EDIT:
        if unknown := set(payload) - set(EDITED):
            raise ValidationError(_("These cannot be proposed: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
        if not reason.strip():
            raise ValidationError(_("Say why the change is proposed."))
    with transaction.atomic():
        if kind == ChangeKind.STATUS:
            Proposal.objects.select_for_update().get(pk=proposal.pk)  # two who press at once come one after the other
            if problem := refusal_of_step([proposal.pk], str(payload.get("new"))).get(proposal.pk):
                raise ValidationError(problem)
        return ProposedChange.objects.create(
            proposal=proposal, kind=kind, payload=dict(payload), reason=reason.strip(), proposed_by=by
        )


def refusal_of_step(proposals: Iterable[int], new: str) -> dict[int, SafeString]:
    """Say by proposal where a step to the same status waits already, with a link to it. One query."""
    waiting = ProposedChange.objects.filter(
        proposal__in=list(proposals), kind=ChangeKind.STATUS, state=ChangeState.WAITING, payload__new=new
    )
    refusals = {}
    for change in waiting.select_related("proposed_by"):
        words = _("The same step waits already, proposed by %(who)s on %(day)s.") % {
            "who": change.proposed_by,
            "day": timezone.localtime(change.proposed_at).date().isoformat(),
        }
        address = reverse("admin:proposed_change", args=[change.pk])
        refusals[change.proposal_id] = format_html('<a href="{}">{}</a>', address, words)
    return refusals


def send_back(change: ProposedChange, *, by: User, comment: str) -> ProposedChange:
    """Return a proposed change to whoever proposed it, saying what is to be mended."""
    return close(change, ChangeState.RETURNED, by=by, comment=comment)


def take_back_change(change: ProposedChange, *, by: User) -> ProposedChange:
    """Take back an own change that waits, or set aside one that was returned."""
    return close(change, ChangeState.WITHDRAWN, by=by)


def close(change: ProposedChange, state: ChangeState, *, by: User, comment: str = "") -> ProposedChange:
    """Write what became of a proposed change.

    To accept one is to carry it out first: `entry.accepting` does both in one transaction. What was returned stays
    signed by whoever returned it, with the comment, when its author sets it aside.
    """
    with transaction.atomic():
        current = claim(change, by=by, state=state)
        if state == ChangeState.RETURNED and (missing := words_missing(ReviewAction.RETURNED, comment)):
            raise ValidationError(missing)
        if current.state == ChangeState.WAITING:
            current.decided_by, current.decided_at, current.comment = by, timezone.now(), comment.strip()
        current.state = state
        current.save(update_fields=["state", "decided_by", "decided_at", "comment"])
    change.state, change.comment = current.state, current.comment
    change.decided_by, change.decided_at = current.decided_by, current.decided_at
    return current


def claim(change: ProposedChange, *, by: User, state: ChangeState = ChangeState.ACCEPTED) -> ProposedChange:
    """Lock a change that `by` is about to decide, inside a transaction; refuse whoever may not, or comes too late.

    Nobody accepts or returns what they proposed themselves, and only they take it back.
    """
    current = ProposedChange.objects.select_for_update().get(pk=change.pk)
    if refusal := refusal_of(current, reader_for(by), state):
        raise ValidationError(refusal)
    return current


def refusal_of(change: ProposedChange, reader: Reader, state: ChangeState) -> str:
    """Say why the reader may not bring the change into a state; an empty text if nothing is against it."""
    is_mine = change.proposed_by_id == reader.user_id
    if state == ChangeState.WITHDRAWN:
        if not is_mine:
            return _("Only whoever proposed the change takes it back.")
        open_states = {ChangeState.WAITING.value, ChangeState.RETURNED.value}
        return "" if change.state in open_states else _decided(change)
    if change.state != ChangeState.WAITING:
        return _decided(change)
    if is_mine:
        return _("Nobody decides about a change of their own: a second person does, even in a small office.")
    if not may(reader, Action.PUBLISH, change.proposal):
        return _("Only editors decide about proposed changes.")
    return ""


def _decided(change: ProposedChange) -> str:
    return _("This change is no longer open: %(state)s on %(day)s by %(who)s.") % {
        "state": change.get_state_display(),
        "day": timezone.localtime(change.decided_at).date().isoformat() if change.decided_at else "–",
        "who": change.decided_by,
    }


# Edits ----------------------------------------------------------------------------------------------------------------

# The columns of a published proposal to which an edit may be proposed; the slug is a permanent address.
EDITED = (
    *(f"{name}_{suffix}" for name in ("title", "completion_test", "note") for suffix in ("en", "vi", "zh_hans")),
    "theme",
    "nature",
    "expected_interval_months",
    "occurrences_of",
    "successor",
    "gates",
    "related",
)


def values_of(proposal: Proposal, names: Iterable[str] = EDITED) -> dict[str, Any]:
    """Give columns as an edit keeps them: texts and numbers as they are, references by id."""
    return {name: _value_of(proposal, name) for name in names}


def _value_of(proposal: Proposal, name: str) -> Any:
    field: Any = Proposal._meta.get_field(name)
    if field.many_to_many:
        return sorted(getattr(proposal, name).values_list("pk", flat=True))
    return kept_value(name, getattr(proposal, field.attname))


def kept_value(name: str, value: Any) -> Any:
    """Give the value of a column as an edit keeps it, from what a form or a row holds."""
    field: Any = Proposal._meta.get_field(name)
    if field.many_to_many:
        return sorted(one.pk for one in value)
    if field.is_relation:
        return value.pk if isinstance(value, Model) else value
    if field.choices:
        return str(value)
    return value if isinstance(value, int) else value or ("" if field.empty_strings_allowed else None)


def apply_edit(change: ProposedChange) -> Proposal:
    """Write the “after” of each column whose “before” is still true; else write nothing and say what moved on.

    The history names whoever proposed it; who accepted it stands on the change. It does not close the change:
    `entry.accepting` does both in one transaction.
    """
    with transaction.atomic():
        proposal = Proposal.objects.select_for_update().get(pk=change.proposal_id)
        edits = {name: (before, after) for name, (before, after) in change.payload.items()}
        now = values_of(proposal, edits)
        moved = [name for name, (before, _after) in edits.items() if now[name] != before]
        if moved:
            raise ValidationError([_conflict(name, now[name], *edits[name]) for name in moved])
        after = {name: after for name, (_before, after) in edits.items()}
        _write(proposal, after, change.proposed_by, change.reason)
    return proposal


def _write(proposal: Proposal, values: Mapping[str, Any], by: User, reason: str) -> None:
    columns, links = [], {}
    for name, value in values.items():
        field = proposal._meta.get_field(name)
        if field.many_to_many:
            if field.related_model._default_manager.filter(pk__in=value).count() < len(value):  # type: ignore[union-attr]
                raise ValidationError(_told({name: _("something chosen here no longer exists")}))
            links[name] = value
            continue
        empty = value == "" and field.null
        setattr(proposal, field.attname, None if empty else value)  # type: ignore[union-attr]
        columns.append(name)
    if problems := lost_footing(proposal.status, proposal.completion_test_en, proposal.nature):  # type: ignore[attr-defined]
        raise ValidationError(_told(problems))
    try:
        proposal.full_clean(exclude=["slug", "status", "publication"])
    except ValidationError as problem:
        raise ValidationError(_told({name: " ".join(said) for name, said in problem.message_dict.items()})) from None
    _sign(proposal, by, reason)
    if columns:
        proposal.save(update_fields=columns)
    for name, keys in links.items():
        getattr(proposal, name).set(keys)


def _told(problems: Mapping[str, str]) -> list[str]:
    """Name the field before what is wrong with it, for where the form is not at hand."""
    return [
        _("%(field)s: %(problem)s") % {"field": label_of(name), "problem": problem} if name in EDITED else problem
        for name, problem in problems.items()
    ]


def label_of(name: str) -> str:
    """Give the name of a proposal's column as the forms show it."""
    return str(capfirst(str(Proposal._meta.get_field(name).verbose_name)))  # type: ignore[union-attr]


def _conflict(name: str, now: Any, before: Any, after: Any) -> str:
    return _("%(field)s has moved on. Before: %(before)s. Now: %(now)s. Proposed: %(after)s.") % {
        "field": label_of(name),
        "before": words_of(name, before),
        "now": words_of(name, now),
        "after": words_of(name, after),
    }


def words_of(name: str, value: Any) -> str:
    """Say a value of a proposal's column as the forms show it; references by name. Up to one query."""
    field: Any = Proposal._meta.get_field(name)
    if value in (None, "", []):
        return "–"
    if field.is_relation:
        keys = value if isinstance(value, list) else [value]
        known = field.related_model._default_manager.in_bulk(keys)
        return "; ".join(str(known.get(key, f"#{key}")) for key in keys)
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)


def lost_footing(status: str, test: str | None, nature: str | None) -> dict[str, str]:
    """Say by column what the present status rests on and would be taken away from under it."""
    if status != Status.COMPLETED:
        return {}
    problems = {}
    if not test:
        problems["completion_test_en"] = _("A completed proposal keeps the test that it was completed by.")
    if nature in (Nature.CONTINUING, Nature.DECLARATORY):
        problems["nature"] = _("The proposal is completed, and one of this nature is never completed.")
    return problems


# What waits -----------------------------------------------------------------------------------------------------------


def to_decide(reader: Reader) -> int:
    """Count what waits for this editor's decision. Two queries; none for whoever does not decide."""
    if not reader.is_editor:
        return 0
    return drafts_in_review(reader).count() + changes_to_decide(reader).count()


def is_completion(change: ProposedChange) -> bool:
    """Tell whether the change would call its proposal completed."""
    return change.kind == ChangeKind.STATUS and change.payload.get("new") == Status.COMPLETED


def drafts_in_review(reader: Reader) -> QuerySet[Proposal]:
    """Give the drafts that wait for this editor, the longest waiting first."""
    if not reader.is_editor:
        return Proposal.objects.none()
    return _with_last_step(Proposal.objects.filter(publication=Publication.IN_REVIEW))


def own_in_review(reader: Reader) -> QuerySet[Proposal]:
    """Give the drafts of the reader's organization that wait for an editor."""
    if not reader.is_staff:
        return Proposal.objects.none()
    return _with_last_step(visible(reader, Proposal.objects.filter(publication=Publication.IN_REVIEW)))


def returned_drafts(reader: Reader) -> QuerySet[Proposal]:
    """Give the drafts that came back: a contributor's organization's, or those that an editor submitted."""
    if not reader.is_staff:
        return Proposal.objects.none()
    drafts = visible(reader, Proposal.objects.filter(publication=Publication.DRAFT))
    if reader.is_editor:
        mine = ReviewStep.objects.filter(
            proposal=OuterRef("pk"), action=ReviewAction.SUBMITTED, taken_by=reader.user_id
        )
        drafts = drafts.filter(Exists(mine))
    return _with_last_step(drafts).filter(Q(last_action=ReviewAction.RETURNED))


def returned_changes(reader: Reader) -> QuerySet[ProposedChange]:
    """Give the reader's own changes that came back, the newest first."""
    return own_changes(reader).filter(state=ChangeState.RETURNED)


def _with_last_step(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    last = ReviewStep.objects.filter(proposal=OuterRef("pk")).order_by("-taken_at", "-id")
    return (
        proposals.select_related("theme")
        .annotate(
            last_action=Subquery(last.values("action")[:1]),
            last_at=Subquery(last.values("taken_at")[:1]),
            last_comment=Subquery(last.values("comment")[:1]),
            last_by=Subquery(last.values("taken_by__username")[:1]),
        )
        .order_by("last_at", "pk")
    )


def changes_to_decide(reader: Reader) -> QuerySet[ProposedChange]:
    """Give the proposed changes that wait for this editor, none of them the own, the longest waiting first."""
    if not reader.is_editor:
        return ProposedChange.objects.none()
    waiting = ProposedChange.objects.filter(state=ChangeState.WAITING).exclude(proposed_by=reader.user_id)
    return waiting.select_related("proposal", "proposed_by").order_by("proposed_at", "pk")


def own_changes(reader: Reader) -> QuerySet[ProposedChange]:
    """Give the reader's own changes that wait or came back, the newest first."""
    if not reader.is_staff:
        return ProposedChange.objects.none()
    open_states = [ChangeState.WAITING.value, ChangeState.RETURNED.value]
    mine = ProposedChange.objects.filter(proposed_by=reader.user_id, state__in=open_states)
    return mine.select_related("proposal", "proposed_by", "decided_by").order_by("-proposed_at", "-pk")
