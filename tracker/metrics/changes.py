"""What changed between two days: new, answered, moved, new evidence, gone late. No queries, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tracker.choices import Act, AnswerKind, Bears, Nature, Schedule, Stance, Status
from tracker.dates import add_months
from tracker.metrics.answers import answers_to, kind_of
from tracker.metrics.records import Item, SaidFact

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Kind(StrEnum):
    """What may change, in the order shown."""

    NEW = "new"
    ANSWERED = "answered"
    MOVED = "moved"
    EVIDENCE = "evidence"
    LATE = "late"

    @property
    def label(self) -> StrOrPromise:
        """The heading of its list."""
        return _KINDS[self][0]

    @property
    def rule(self) -> StrOrPromise:
        """What its list holds."""
        return _KINDS[self][1]


_KINDS: Mapping[Kind, tuple[StrOrPromise, StrOrPromise]] = {
    Kind.NEW: (_("New"), _("Proposals that came on record: their first status took effect.")),
    Kind.ANSWERED: (
        _("Answered"),
        _(
            "Answers of the other side, and joint agreements, about what had been asked by then, "
            "one row for each proposal and meeting."
        ),
    ),
    Kind.MOVED: (_("Moved"), _("Steps from one status to another; the first status is not a step.")),
    Kind.EVIDENCE: (_("New evidence"), _("Developments dated in this time, each with the proposals that it bears on.")),
    Kind.LATE: (
        _("Gone late"),
        _(
            "Proposals whose first dated deadline passed while they were open, "
            "and continuing ones whose expected interval ran out and was not kept again by the end."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Window:
    """The time looked at: after the first day, up to and including the last."""

    after: date
    until: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.after < day <= self.until


@dataclass(frozen=True, slots=True)
class Cite:
    """A source that something rests on."""

    slug: str
    publisher: str
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A status change on record."""

    proposal_id: int
    on: date
    precision: str
    old: str
    new: str
    reason: str = ""
    source: str | None = None
    publisher: str | None = None
    paragraph: int | None = None

    @property
    def sources(self) -> tuple[Cite, ...]:
        """The source that supports it, if it names one."""
        return (Cite(self.source, self.publisher or "", self.paragraph),) if self.source else ()


@dataclass(frozen=True, slots=True)
class Happened:
    """A development that bears on a proposal."""

    proposal_id: int
    on: date
    precision: str
    bears: str
    summary: str
    development_id: int


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline with a date, as stated on a day."""

    proposal_id: int
    stated_on: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed about one proposal; a development may bear on several (`bears`), the first is `item`."""

    kind: Kind
    item: Item
    on: date
    precision: str = "day"
    old: Status | None = None
    new: Status | None = None
    answer: AnswerKind | None = None
    meeting_id: int | None = None
    bears: tuple[tuple[Item, Bears], ...] = ()
    text: str = ""
    sources: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All that is on record by the end of the time looked at; `cited` holds the sources of developments, by id."""

    items: Sequence[Item]
    statements: Sequence[SaidFact] = ()
    steps: Sequence[Step] = ()
    developments: Sequence[Happened] = ()
    deadlines: Sequence[Due] = ()
    cited: Mapping[int, tuple[Cite, ...]] = field(default_factory=dict)
    by_id: Mapping[int, Item] = field(init=False)

    def __post_init__(self) -> None:
        """Find each proposal by its id."""
        object.__setattr__(self, "by_id", {item.id: item for item in self.items})


def changes(record: Record, window: Window) -> dict[Kind, list[Change]]:
    """List what changed in a window, by kind, the latest first; a kind with nothing has an empty list."""
    found = {
        Kind.NEW: _new(record, window),
        Kind.ANSWERED: _answered(record, window),
        Kind.MOVED: _moved(record, window),
        Kind.EVIDENCE: _evidence(record, window),
        Kind.LATE: _late(record, window),
    }
    # Of one day the step taken last comes first, as everywhere on the list.
    return {kind: sorted(some, key=lambda one: one.on)[::-1] for kind, some in found.items()}


def is_quiet(found: Mapping[Kind, Sequence[Change]]) -> bool:
    """Whether nothing came on record: going late is the calendar's doing, not anybody's."""
    return not any(some for kind, some in found.items() if kind != Kind.LATE)


def latest(record: Record) -> date | None:
    """Say on which day something last came on record; None if nothing ever did."""
    found = changes(record, Window(date.min, date.max))
    return max((one.on for kind, some in found.items() for one in some if kind != Kind.LATE), default=None)


def _new(record: Record, window: Window) -> list[Change]:
    return [
        Change(
            Kind.NEW,
            record.by_id[step.proposal_id],
            step.on,
            step.precision,
            new=Status(step.new),
            sources=step.sources,
        )
        for step in record.steps
        if not step.old and window.holds(step.on) and step.proposal_id in record.by_id
    ]


def _moved(record: Record, window: Window) -> list[Change]:
    return [
        Change(
            Kind.MOVED,
            record.by_id[step.proposal_id],
            step.on,
            step.precision,
            Status(step.old),
            Status(step.new),
            text=step.reason,
            sources=step.sources,
        )
        for step in record.steps
        if step.old and window.holds(step.on) and step.proposal_id in record.by_id
    ]


def _answered(record: Record, window: Window) -> list[Change]:
    """Give one change for each proposal and meeting that answered it; the most specific answer names it."""
    meeting_of = {said.id: said.meeting_id for said in record.statements}
    talks: dict[int, list[SaidFact]] = defaultdict(list)
    for said in record.statements:
        if said.proposal_id in record.by_id:
            talks[said.proposal_id].append(said)
    found = []
    for proposal, talk in talks.items():
        asks = [said for said in talk if Stance(said.stance).act == Act.ASK]
        answers = {
            one.id: one for ask in asks for one in answers_to(ask, talk, meeting_of) if window.holds(one.said_on)
        }
        meetings: dict[int, list[SaidFact]] = defaultdict(list)
        for answer in answers.values():
            meetings[answer.meeting_id].append(answer)
        for meeting, some in meetings.items():
            on = max(answer.said_on for answer in some)
            item = record.by_id[proposal]
            found.append(Change(Kind.ANSWERED, item, on, answer=kind_of(some), meeting_id=meeting))
    return found


def _evidence(record: Record, window: Window) -> list[Change]:
    """Give one change for each development, with all that it bears on."""
    bearings: dict[int, list[Happened]] = defaultdict(list)
    for one in record.developments:
        if window.holds(one.on) and one.proposal_id in record.by_id:
            bearings[one.development_id].append(one)
    return [
        Change(
            Kind.EVIDENCE,
            record.by_id[some[0].proposal_id],
            some[0].on,
            some[0].precision,
            bears=tuple((record.by_id[one.proposal_id], Bears(one.bears)) for one in some),
            text=some[0].summary,
            sources=record.cited.get(development, ()),
        )
        for development, some in bearings.items()
    ]


def _late(record: Record, window: Window) -> list[Change]:
    first_due: dict[int, Due] = {}
    for due in record.deadlines:
        known = first_due.get(due.proposal_id)
        if known is None or due.stated_on < known.stated_on:
            first_due[due.proposal_id] = due
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in record.steps:
        steps[step.proposal_id].append(step)
    found = []
    for item in record.items:
        due_day = _cycle_end(item) if item.facts.nature == Nature.CONTINUING else None
        if due_day is None and item.facts.nature not in (Nature.CONTINUING, Nature.DECLARATORY):
            due_day = _overrun(first_due.get(item.id), steps[item.id])
        if due_day is not None and window.holds(due_day):
            found.append(Change(Kind.LATE, item, due_day))
    return found


def _cycle_end(item: Item) -> date | None:
    """Give the day after the interval of a cycle that is missed now."""
    facts = item.facts
    if item.standing.schedule != Schedule.CYCLE_MISSED or facts.last_occurrence is None or not facts.interval_months:
        return None
    return add_months(facts.last_occurrence, facts.interval_months) + timedelta(days=1)


def _overrun(due: Due | None, steps: Sequence[Step]) -> date | None:
    """Give the first day on which the deadline lay behind and the proposal was open; None if it was not open then."""
    if due is None or not steps:
        return None
    began = min(step.on for step in steps)
    turn = max(due.last_day + timedelta(days=1), due.stated_on, began)
    in_effect = [step.new for step in sorted(steps, key=lambda step: step.on) if step.on <= turn]
    return turn if Status(in_effect[-1]).is_open else None
