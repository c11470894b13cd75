"""Where a proposal stands on a day: schedule, flags, what it lacks. Records in, records out; no queries, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.choices import AnswerKind, Flag, Lack, Nature, Precision, Schedule, Status
from tracker.dates import add_months, around


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The day counts that an office may set for itself."""

    due_soon_days: int = 60
    stalled_days: int = 365
    unverified_days: int = 180


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record about one proposal by a day. None means: nothing on record."""

    nature: Nature
    status: Status
    status_since: date
    status_precision: Precision = Precision.DAY
    awaiting: bool = False
    first_raised: date | None = None
    last_raised: date | None = None
    times_raised: int = 0
    times_answered: int = 0
    answer: AnswerKind | None = None
    met_again: bool = False
    deadline_start: date | None = None
    deadline_end: date | None = None
    interval_months: int | None = None
    last_occurrence: date | None = None
    last_development: date | None = None
    last_reviewed: date | None = None
    vietnam_account: Status | None = None
    china_account: Status | None = None
    has_lead: bool = False

    @property
    def is_rated(self) -> bool:
        """Whether rates count it: not declaratory, superseded or withdrawn."""
        return self.nature != Nature.DECLARATORY and self.status not in (Status.SUPERSEDED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the facts on a day."""

    schedule: Schedule
    flags: tuple[Flag, ...]
    lacks: tuple[Lack, ...]


def standing_of(facts: Facts, today: date, thresholds: Thresholds) -> Standing:
    """Judge the facts on a day by the rules in `choices`."""
    return Standing(schedule_of(facts, today, thresholds), flags_of(facts, today, thresholds), lacks_of(facts))


def schedule_of(facts: Facts, today: date, thresholds: Thresholds) -> Schedule:
    """Say whether it is on time; each value's rule stands with it in `choices.Schedule`."""
    if facts.nature == Nature.CONTINUING and facts.status.is_open:
        return _cycle_of(facts, today)
    if facts.deadline_end is None or facts.nature == Nature.DECLARATORY:
        return Schedule.NO_DEADLINE
    if facts.status == Status.COMPLETED:
        return _lateness_of(facts, facts.deadline_end)
    if not facts.status.is_open:
        return Schedule.NOT_DUE
    if today > facts.deadline_end:
        return Schedule.OVERDUE
    if facts.deadline_end - today <= timedelta(days=thresholds.due_soon_days):
        return Schedule.DUE_SOON
    return Schedule.NOT_DUE


def _cycle_of(facts: Facts, today: date) -> Schedule:
    if facts.interval_months is None or facts.last_occurrence is None:
        return Schedule.NO_DEADLINE
    if today <= add_months(facts.last_occurrence, facts.interval_months):
        return Schedule.CYCLE_KEPT
    return Schedule.CYCLE_MISSED


def _lateness_of(facts: Facts, deadline: date) -> Schedule:
    """Compare the deadline with the whole stretch of days in which the completion may lie."""
    done = around(facts.status_since, facts.status_precision)
    if facts.status_since <= deadline:
        return Schedule.DONE_ON_TIME
    if done is not None and done.first > deadline:
        return Schedule.DONE_LATE
    return Schedule.DONE_TIME_UNKNOWN


def flags_of(facts: Facts, today: date, thresholds: Thresholds) -> tuple[Flag, ...]:
    """Give the flags raised, in the order of `choices.Flag`."""
    raised = []
    is_open = facts.status.is_open and facts.nature != Nature.DECLARATORY
    if facts.answer == AnswerKind.NONE and facts.met_again:
        raised.append(Flag.UNANSWERED)
    if is_open and not facts.awaiting and _older(facts, (facts.last_development,), today, thresholds.stalled_days):
        raised.append(Flag.STALLED)
    looked = (facts.last_development, facts.last_reviewed)
    if is_open and _older(facts, looked, today, thresholds.unverified_days):
        raised.append(Flag.UNVERIFIED)
    accounts = (facts.vietnam_account, facts.china_account)
    if None not in accounts and accounts[0] != accounts[1]:
        raised.append(Flag.CONTESTED)
    return tuple(raised)


def _older(facts: Facts, days: tuple[date | None, ...], today: date, limit: int) -> bool:
    """Whether the latest of the days, or else the day it was first raised, is `limit` days ago or more."""
    known = [day for day in days if day is not None]
    latest = max(known) if known else (facts.first_raised or facts.status_since)
    return today - latest >= timedelta(days=limit)


def lacks_of(facts: Facts) -> tuple[Lack, ...]:
    """Give what is missing, in the order of `choices.Lack`."""
    missing = {
        Lack.ANSWER: facts.answer == AnswerKind.NONE,
        Lack.DEADLINE: facts.deadline_end is None,
        Lack.DEVELOPMENT: facts.last_development is None,
        Lack.LEAD: not facts.has_lead,
    }
    return tuple(lack for lack, is_missing in missing.items() if is_missing)
