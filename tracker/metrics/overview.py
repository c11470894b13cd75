"""What the front page counts besides rates: the two-by-two, the lamps, and what is due next. No queries, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.choices import Lack, Nature, Schedule
from tracker.dates import add_months
from tracker.lamps import Lamp, lamp_of
from tracker.metrics.records import Item

FINITE = (Nature.ONE_OFF, Nature.TARGET)
IN_TERM = (Schedule.NOT_DUE, Schedule.DUE_SOON)
LATE = (Schedule.OVERDUE, Schedule.CYCLE_MISSED)


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """One-off things and targets by whether they are done and whether in time; what has no deadline stands apart.

    Open continuing commitments, which are never done, by whether their cycle is kept.
    """

    done_on_time: int
    done_late: int
    done_unknown: int
    done_undated: int
    open_in_term: int
    overdue: int
    open_undated: int
    kept: int
    missed: int
    unjudged: int


def two_by_two(items: Iterable[Item]) -> TwoByTwo:
    """Count what rates count and is open or completed."""
    rated = [item for item in items if item.facts.is_rated]
    counted: Counter[tuple[bool, Schedule]] = Counter(
        (item.facts.status.is_open, item.standing.schedule) for item in rated if item.facts.nature in FINITE
    )
    cycles = Counter(
        item.standing.schedule for item in rated if item.facts.nature == Nature.CONTINUING and item.facts.status.is_open
    )
    return TwoByTwo(
        done_on_time=counted[False, Schedule.DONE_ON_TIME],
        done_late=counted[False, Schedule.DONE_LATE],
        done_unknown=counted[False, Schedule.DONE_TIME_UNKNOWN],
        done_undated=counted[False, Schedule.NO_DEADLINE],
        open_in_term=sum(counted[True, one] for one in IN_TERM),
        overdue=counted[True, Schedule.OVERDUE],
        open_undated=counted[True, Schedule.NO_DEADLINE],
        kept=cycles[Schedule.CYCLE_KEPT],
        missed=cycles[Schedule.CYCLE_MISSED],
        unjudged=cycles[Schedule.NO_DEADLINE],
    )


def lamps(items: Iterable[Item]) -> dict[Lamp, int]:
    """Count the lamps, in their order."""
    counted = Counter(lamp_of(item.facts, item.standing) for item in items)
    return {lamp: counted[lamp] for lamp in Lamp}


def due_within(items: Iterable[Item], today: date, days: int) -> list[tuple[date, Item]]:
    """Give what is open and falls due in the next days: by its first deadline, or as the end of a cycle kept so far."""
    last = today + timedelta(days=days)
    found = [(due, item) for item in items if (due := _due_on(item)) and today <= due <= last]
    return sorted(found, key=lambda pair: (pair[0], pair[1].slug))


def late(items: Iterable[Item]) -> list[tuple[date, Item]]:
    """Give what is open and late, with the day it was due by a deadline or a cycle, the longest late first."""
    found = [
        (due, item)
        for item in items
        if item.facts.status.is_open and item.standing.schedule in LATE and (due := _due_on(item))
    ]
    return sorted(found, key=lambda pair: (pair[0], pair[1].slug))


def cycle_ends(items: Iterable[Item]) -> list[tuple[date, Item]]:
    """Give the open continuing commitments with the day by which each is expected to be kept again."""
    pairs = ((_due_on(item), item) for item in items if item.facts.nature == Nature.CONTINUING)
    return [(due, item) for due, item in pairs if due and item.facts.status.is_open]


def waiting(items: Iterable[Item]) -> list[Item]:
    """Give what was asked and has no answer on record, what has waited longest first."""
    found = [item for item in items if Lack.ANSWER in item.standing.lacks]
    return sorted(found, key=lambda item: (item.facts.last_raised or date.max, item.slug))


def _due_on(item: Item) -> date | None:
    facts = item.facts
    if item.standing.schedule in (*IN_TERM, Schedule.OVERDUE) and facts.status.is_open:
        return facts.deadline_end
    cycle = item.standing.schedule in (Schedule.CYCLE_KEPT, Schedule.CYCLE_MISSED)
    if cycle and facts.last_occurrence and facts.interval_months:
        return add_months(facts.last_occurrence, facts.interval_months)
    return None
