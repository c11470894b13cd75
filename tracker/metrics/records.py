"""The records that metrics count and charts draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.choices import AnswerKind, GateClass, Measure, Precision, Qualifier, Schedule, Stance, Status
from tracker.dates import Interval
from tracker.gate_scale import GateState
from tracker.standing import Facts, Standing


@dataclass(frozen=True, slots=True)
class Item:
    """One proposal as of a day, with what is on record and what follows from it."""

    id: int
    slug: str
    title: str
    theme: str
    theme_label: str
    facts: Facts
    standing: Standing
    deadline_phrase: str = ""


@dataclass(frozen=True, slots=True)
class ThemeTally:
    """How many proposals of a theme have each status. Statuses that none has are left out."""

    slug: str
    label: str
    statuses: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class StatusDay:
    """How many proposals had each status at the end of a day."""

    day: date
    statuses: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class SaidFact:
    """A statement, as far as counting needs it: who said it to whom, by the ids of organizations, and how."""

    id: int
    proposal_id: int
    meeting_id: int
    said_on: date
    organization_id: int
    side: str
    addressee_id: int | None
    stance: str
    blanket: bool
    answers_id: int | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one party asked of another: how it was answered, and where it stands.

    The slugs are those of organizations; a proposal counts once, by the newest ask between the two.
    """

    proposer: str
    proposer_label: str
    addressee: str
    addressee_label: str
    answers: Mapping[AnswerKind, int]
    statuses: Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """One proposal on the time line. `closed_on` is None while it is open."""

    slug: str
    title: str
    status: Status
    schedule: Schedule
    raised_on: date
    closed_on: date | None
    deadline_start: date | None
    deadline_end: date | None


@dataclass(frozen=True, slots=True)
class AskRow:
    """One ask of a meeting: who asked, how it was met there, and where the proposal stands on the day looked at."""

    slug: str
    title: str
    asked_by: str
    stance: Stance
    answer: AnswerKind
    answer_stance: Stance | None
    status: Status


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the gates' pathway: its code, and its name in the language of the page."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class GateStep:
    """A step of its pathway that a gate has passed: when (the last day it can be, and how finely that is known)."""

    step: str
    last_day: date
    precision: Precision
    name: str
    proposal: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A pair of crossings on a day. `number` counts from west to east; `names` are English, Vietnamese, Chinese.

    Latitude and longitude are None where no source or map gives them. `steps` are those passed by the day, by code,
    each with every time it was, the first one first; `ahead` those on record that no source shows as reached.
    `is_open`: the opening is on record, or the class alone says that it took place, on a day that is not on record.
    """

    slug: str
    number: int
    name: str
    names: tuple[str, str, str]
    vietnam_side: str
    china_side: str
    gate_class: GateClass
    state: GateState
    latitude: float | None
    longitude: float | None
    approximate: bool
    steps: Mapping[str, Sequence[GateStep]]
    proposals: int = 0
    ahead: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One observation as published: a value for a period. A figure for part of a year is never one for the year."""

    key: str
    start: date
    end: date
    value: Decimal
    qualifier: Qualifier
    vintage: int = 1
    source: str = ""
    source_label: str = ""
    note: str = ""

    @property
    def year(self) -> int | None:
        """The calendar year that the figure covers from its first day to its last; None for any other period."""
        whole = (self.start, self.end) == (date(self.start.year, 1, 1), date(self.start.year, 12, 31))
        return self.start.year if whole else None

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class FigureSeries:
    """The figures of one indicator by one compiler, all vintages, in order of periods.

    Only a series in the indicator's own unit is comparable with its targets.
    """

    slug: str
    name: str
    compiler: str
    unit: str
    figures: tuple[Figure, ...]
    comparable: bool = True
    note: str = ""
    measure: Measure = Measure.FLOW


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as stated on a day. `deadline` is the last day by which it should be reached; None if none is stated.

    `due` is the deadline as finely as it is stated.
    `baseline` is the period that the source starts from, with its series; None if none is stated.
    """

    key: str
    value: Decimal
    stated_on: date
    deadline: date | None = None
    due: Interval | None = None
    baseline: tuple[str, date, date] | None = None
    source: str = ""
    source_label: str = ""
    paragraph: int | None = None
    set_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with its targets, oldest statement first, and its series."""

    slug: str
    name: str
    unit: str
    definition: str
    goals: tuple[Goal, ...]
    series: tuple[FigureSeries, ...]
    proposal: str = ""
    proposal_title: str = ""
    theme: str = ""
    theme_label: str = ""
    is_aim: bool = False  # the proposal is itself a target: the number is what was asked for
    measure: Measure = Measure.FLOW
