"""The rhythm of what is held again and again: when, which cycles were kept, the longest gap, when the next is due.

No queries, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tracker.choices import Precision, Schedule
from tracker.dates import add_months


@dataclass(frozen=True, slots=True)
class Held:
    """One time that it was held; `slug` is that of the meeting, empty where it is a development.

    Known to the day, it lasted from the first day to the last; known less finely, it lies somewhere between them.
    """

    first: date
    last: date
    precision: str
    name: str
    slug: str = ""
    place: str = ""

    @property
    def earliest(self) -> date:
        """The earliest day on which it can have ended."""
        return self.last if self.precision == Precision.DAY else self.first


@dataclass(frozen=True, slots=True)
class Cycle:
    """The time from one occurrence to the next, or to the day looked at where none has followed.

    `due` is the last day of the expected interval; None where no source says how often it is held.
    """

    after: Held
    due: date | None
    next: Held | None
    until: date

    @property
    def days(self) -> int:
        """How long it lasted, or has lasted so far, from last day to last day; at most, where a day is not known."""
        return (self.until - self.after.earliest).days

    @property
    def least(self) -> int:
        """How long it lasted at least: less than `days` where only the month or the year of an end is known."""
        return max(((self.next.earliest if self.next else self.until) - self.after.last).days, 0)

    @property
    def state(self) -> Schedule:
        """Kept, missed, not due yet, or without any expected interval. An inexact date has the benefit of the doubt."""
        if self.due is None:
            return Schedule.NO_DEADLINE
        if (self.next.first if self.next else self.until) > self.due:
            return Schedule.CYCLE_MISSED
        return Schedule.CYCLE_KEPT if self.next else Schedule.NOT_DUE

    @property
    def days_late(self) -> int:
        """How many days after the interval the next one was held, or is missing by now."""
        if self.due is None or self.state != Schedule.CYCLE_MISSED:
            return 0
        return ((self.next.first if self.next else self.until) - self.due).days


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All occurrences in time order, and the cycles between them."""

    held: tuple[Held, ...]
    cycles: tuple[Cycle, ...]
    interval_months: int | None

    @property
    def longest(self) -> Cycle | None:
        """The longest gap, the one that lasts still included; the latest day on which each can have ended decides."""
        return max(self.cycles, key=lambda cycle: cycle.until - cycle.after.last, default=None)

    @property
    def next_due(self) -> date | None:
        """The day by which the next is due; None where nothing says so."""
        return self.cycles[-1].due if self.cycles else None

    def count(self, state: Schedule) -> int:
        """Count the cycles in a state."""
        return sum(cycle.state == state for cycle in self.cycles)

    @property
    def kept(self) -> int:
        """How many cycles were kept."""
        return self.count(Schedule.CYCLE_KEPT)

    @property
    def missed(self) -> int:
        """How many cycles were missed."""
        return self.count(Schedule.CYCLE_MISSED)

    @property
    def judged(self) -> int:
        """How many cycles were kept or missed: the running one counts only once it is missed."""
        return self.kept + self.missed

    @property
    def running(self) -> Cycle | None:
        """The cycle since the latest occurrence."""
        return self.cycles[-1] if self.cycles else None

    @property
    def overdue(self) -> int:
        """For how many days the next one has been missing; 0 where it is not due yet or nothing says when."""
        return self.running.days_late if self.running else 0


@dataclass(frozen=True, slots=True)
class Strip:
    """The rhythm of one series or commitment, as it stands among others.

    `href` leads to its rows. `planned` are further ones announced, those without a day last.
    """

    name: str
    href: str
    rhythm: Rhythm
    planned: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A meeting announced; the days are None where no source sets any."""

    name: str
    slug: str
    first: date | None = None
    last: date | None = None


def in_order(strips: Iterable[Strip]) -> list[Strip]:
    """Put those with an interval first, the earliest due on top; then the others, the most often held first."""
    return sorted(strips, key=lambda strip: place_of(strip.rhythm, strip.name))


def place_of(found: Rhythm | None, name: str) -> tuple[bool, date, int, str]:
    """Give the key of that order; what has no rhythm comes last."""
    due = found.next_due if found else None
    return due is None, due or date.max, -len(found.held) if found else 0, name


def rhythm(held: Iterable[Held], interval_months: int | None, today: date) -> Rhythm:
    """Put occurrences in order and judge the cycle after each, by the same rule as the schedule."""
    ordered = sorted(held, key=lambda one: (one.last, one.first, one.name))
    ends: list[tuple[Held, Held | None]] = [*pairwise(ordered), *((one, None) for one in ordered[-1:])]
    cycles = tuple(
        Cycle(
            one,
            add_months(one.last, interval_months) if interval_months else None,
            following,
            following.last if following else today,
        )
        for one, following in ends
    )
    return Rhythm(tuple(ordered), cycles, interval_months)
