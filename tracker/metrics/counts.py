"""How many: by theme, over time, between the two sides, and as rates with their rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tracker.choices import AnswerKind, Flag, Lack, Nature, Schedule, Status
from tracker.metrics.records import Exchange, Item, StatusDay, ThemeTally, TimelineBar


@dataclass(frozen=True, slots=True)
class Rate:
    """A share as n of N. N is what the rate counts at all; an empty N has no share."""

    n: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole per cent, halves up; None where N is empty."""
        return int(100 * self.n / self.of + 0.5) if self.of else None


def rate(items: Iterable[Item], counted: Callable[[Item], bool], met: Callable[[Item], bool]) -> Rate:
    """Count the rated records that `counted` keeps, and those among them that `met` holds for."""
    kept = [item for item in items if item.facts.is_rated and counted(item)]
    return Rate(sum(met(item) for item in kept), len(kept))


def answered_rate(items: Iterable[Item]) -> Rate:
    """Of what was asked, how much has an answer of any kind on record."""
    return rate(items, lambda item: item.facts.answer is not None, lambda item: Lack.ANSWER not in item.standing.lacks)


def completed_rate(items: Iterable[Item]) -> Rate:
    """Of what can be completed (one-off things and targets), how much is."""
    return rate(
        items,
        lambda item: item.facts.nature in (Nature.ONE_OFF, Nature.TARGET),
        lambda item: item.facts.status == Status.COMPLETED,
    )


def on_time_rate(items: Iterable[Item]) -> Rate:
    """Of what is known to have been done in time or late, or is overdue, how much was done on time."""
    judged = {Schedule.DONE_ON_TIME, Schedule.DONE_LATE, Schedule.OVERDUE}
    return rate(
        items,
        lambda item: item.standing.schedule in judged,
        lambda item: item.standing.schedule == Schedule.DONE_ON_TIME,
    )


def unknown_rate(items: Iterable[Item]) -> Rate:
    """Give how many open ones are unverified, of the open ones that rates count."""
    return rate(items, lambda item: item.facts.status.is_open, lambda item: Flag.UNVERIFIED in item.standing.flags)


def theme_tallies(items: Iterable[Item]) -> list[ThemeTally]:
    """Count the statuses of each theme, the theme with the most proposals first."""
    counts: dict[tuple[str, str], Counter[Status]] = defaultdict(Counter)
    for item in items:
        counts[item.theme, item.theme_label][item.facts.status] += 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return [ThemeTally(slug, label, in_order(tally)) for (slug, label), tally in ordered]


Scale = TypeVar("Scale", Status, AnswerKind)


def in_order(tally: Counter[Scale]) -> dict[Scale, int]:
    """Put the counts in the order of their scale."""
    return {value: tally[value] for value in type(next(iter(tally))) if tally[value]} if tally else {}


def status_days(changes: Iterable[tuple[int, date, Status]], until: date) -> list[StatusDay]:
    """Rebuild how many proposals had each status, from (proposal, day, new status) in order of days.

    Gives one record for each day on which anything changed, and one for the last day.
    """
    standing: dict[int, Status] = {}
    days: list[StatusDay] = []
    for proposal, day, status in changes:
        if days and days[-1].day == day:
            days.pop()
        standing[proposal] = status
        days.append(StatusDay(day, in_order(Counter(standing.values()))))
    if days and days[-1].day < until:
        days.append(StatusDay(until, days[-1].statuses))
    return days


Parties = tuple[str, str]


def exchanges(
    items: Iterable[Item], asked: Mapping[int, Mapping[tuple[Parties, Parties], AnswerKind]]
) -> list[Exchange]:
    """Count what each party asked of each other: how it was answered and where it stands.

    Args:
        items: the proposals.
        asked: for each proposal's id, by the (slug, label) of who asked and of who was asked, how it was answered.
    """
    answers: dict[tuple[Parties, Parties], Counter[AnswerKind]] = defaultdict(Counter)
    statuses: dict[tuple[Parties, Parties], Counter[Status]] = defaultdict(Counter)
    for item in items:
        for pair, kind in asked.get(item.id, {}).items():
            answers[pair][kind] += 1
            statuses[pair][item.facts.status] += 1
    ordered = sorted(answers, key=lambda pair: (-answers[pair].total(), pair))
    return [Exchange(*pair[0], *pair[1], in_order(answers[pair]), in_order(statuses[pair])) for pair in ordered]


def timeline_bars(items: Sequence[Item]) -> Iterator[TimelineBar]:
    """Give what the time line draws of each proposal."""
    for item in items:
        facts = item.facts
        yield TimelineBar(
            slug=item.slug,
            title=item.title,
            status=facts.status,
            schedule=item.standing.schedule,
            raised_on=facts.first_raised or facts.status_since,
            closed_on=None if facts.status.is_open else facts.status_since,
            deadline_start=facts.deadline_start,
            deadline_end=facts.deadline_end,
        )
