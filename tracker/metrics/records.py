"""The records that metrics count and charts draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.choices import AnswerKind, Schedule, Stance, Status
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
