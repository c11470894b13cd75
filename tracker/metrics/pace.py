"""How far a figure is from its target and how fast it would have to go: arithmetic on what is on record, no forecast.

Every function works on one series by one compiler; series are never joined. What is missing stays missing: it is
never nought, never estimated, and parts of a year are never added up to a year. Of a quantity summed over its period
(a flow) only full calendar years compare; of a state or a running total (a level) the figures compare as of the last
day they cover.

Growth is the compound rate per year, ``(last / first) ** (1 / years) - 1``: the geometric growth rate that the World
Bank's World Development Indicators use for growth between two points
(https://datatopics.worldbank.org/world-development-indicators/sources-and-methods.html). The level due by a day is read
off the straight line, and off the curve of even growth, between start and target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from tracker.choices import Measure, Qualifier
from tracker.dates import add_months
from tracker.metrics.records import Figure, FigureSeries, Goal, Measured

YEARS_AHEAD = 5  # an undated target is worked out for the end of each of so many coming years
YEARS_BEHIND = 3  # so many of the last full years on record make the observed pace
HORIZON = 100  # years: beyond it a year of arrival says nothing
_ROUNDING = Decimal("1e-12")  # a root is not exact: what is short of the target by less has reached it


class State(StrEnum):
    """Where a series stands against a target on a day."""

    OPEN = "open"  # measured, not reached; the deadline, if any, is not past
    REACHED = "reached"  # the figure that compares is at the target or above
    MET = "met"  # the deadline is past; a figure that tells how it stood by then is at the target or above
    MISSED = "missed"  # the deadline is past; that figure is below
    UNKNOWN = "unknown"  # there is no figure to judge by


@dataclass(frozen=True, slots=True)
class Growth:
    """From one figure to a later one: over all, and per year at an even rate; None with less than a year between."""

    first: Figure
    last: Figure
    total: Decimal
    yearly: Decimal | None


@dataclass(frozen=True, slots=True)
class Due:
    """The level due by a day, along the straight line and along even growth (None where the start is not positive)."""

    linear: Decimal
    compound: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure for part of a year beside the one for the same months of an earlier year."""

    now: Figure
    then: Figure
    change: Decimal


@dataclass(frozen=True, slots=True)
class Pace:
    """One series against one target on a day. What cannot be worked out is None.

    `latest` is the figure that compares with the target, `part` a later one for a part of a year, which does not.
    """

    series: FigureSeries
    goal: Goal
    state: State
    latest: Figure | None = None
    part: Figure | None = None
    left: Decimal | None = None
    share: Decimal | None = None
    growth: Growth | None = None
    observed: Growth | None = None
    start: Figure | None = None
    due: Due | None = None
    needed: Decimal | None = None
    needed_total: Decimal | None = None
    needed_by: tuple[tuple[int, Decimal], ...] = ()
    arrival: int | None = None

    @property
    def figure(self) -> Figure | None:
        """The figure to show: the one that compares; without one, that for a part of the time."""
        return self.latest or self.part

    @property
    def is_falling(self) -> bool:
        """Whether the last figures fall or stand still, so that their pace never leads to the target."""
        return self.observed is not None and self.observed.yearly is not None and self.observed.yearly <= 0

    @property
    def is_rough(self) -> bool:
        """Whether the figure shown is less than an exact one that compares."""
        return self.latest is None or self.latest.qualifier != Qualifier.EXACT


@dataclass(frozen=True, slots=True)
class Against:
    """A target as last stated, its earlier statements, and every comparable series against it."""

    goal: Goal
    earlier: list[Goal]
    paces: list[Pace]

    @property
    def lead(self) -> Pace | None:
        """The series that answers first: the one with the most recent figure that compares, else with any figure."""
        return next((one for one in self.paces if one.latest), None) or next(
            (one for one in self.paces if one.part), None
        )

    @property
    def share(self) -> Decimal | None:
        """How much of the target the leading series shows."""
        figure = self.lead.figure if self.lead else None
        return figure.value / self.goal.value if figure and self.goal.value > 0 else None

    @property
    def due_share(self) -> Decimal | None:
        """How much of the target is due by now on the straight line, for the leading series."""
        due = self.lead.due if self.lead else None
        return due.linear / self.goal.value if due and self.goal.value > 0 else None


# What is on record ----------------------------------------------------------------------------------------------------


def newest(figures: Iterable[Figure]) -> list[Figure]:
    """Keep the latest vintage of each period, in order of periods."""
    kept: dict[tuple[date, date], Figure] = {}
    for figure in sorted(figures, key=lambda one: one.vintage):
        kept[figure.period] = figure
    return sorted(kept.values(), key=lambda one: (one.start, one.end))


def full_years(figures: Iterable[Figure]) -> list[Figure]:
    """Keep the latest vintage of each full calendar year."""
    return [figure for figure in newest(figures) if figure.year is not None]


def gaps(figures: Iterable[Figure]) -> list[tuple[int, int]]:
    """Give the stretches of years, first and last, between the first and last figure in which no figure lies."""
    held = {year for one in figures for year in range(one.start.year, one.end.year + 1)}
    missing = [year for year in range(min(held), max(held)) if year not in held] if held else []
    stretches: list[tuple[int, int]] = []
    for year in missing:
        if stretches and stretches[-1][1] == year - 1:
            stretches[-1] = (stretches[-1][0], year)
        else:
            stretches.append((year, year))
    return stretches


def comparisons(figures: Iterable[Figure]) -> Iterator[Comparison]:
    """Set each part-year beside the same months of the nearest earlier year that has them; without one it stands alone.

    Both must begin and end on the same days of the year; the end of February is the same in every year.
    """
    parts = [figure for figure in newest(figures) if figure.year is None and figure.value > 0]
    for now in parts:
        earlier = [one for one in parts if one.start.year < now.start.year and _season(one) == _season(now)]
        if earlier:
            yield Comparison(now, earlier[-1], now.value / earlier[-1].value - 1)


def same_months(series: FigureSeries) -> Iterator[Comparison]:
    """Give the comparisons of a flow; a level is no sum over months."""
    return comparisons(series.figures if series.measure == Measure.FLOW else ())


def _season(figure: Figure) -> tuple[int, ...]:
    end = figure.end
    last = 31 if (end + timedelta(days=1)).day == 1 else end.day
    years = end.year - figure.start.year
    return figure.start.month, figure.start.day, end.month, last, years


def in_force(goals: Iterable[Goal]) -> list[Goal]:
    """Give, for each deadline and for none, the target as last stated; the undated one first, then by deadline.

    An earlier statement for the same deadline is an earlier vintage; another deadline is another target.
    """
    latest: dict[date | None, Goal] = {}
    for goal in sorted(goals, key=lambda one: one.stated_on):
        latest[goal.deadline] = goal
    return sorted(latest.values(), key=lambda one: one.deadline or date.min)


# Arithmetic -----------------------------------------------------------------------------------------------------------


def years_between(first: date, last: date) -> Decimal:
    """Count the years from one day to a later one: whole years, then the days left over the length of their year.

    From 2024-12-31 to 2026-03-31 it is 1 + 90/365.
    """
    whole = last.year - first.year
    if add_months(first, 12 * whole) > last:
        whole -= 1
    turn, after = add_months(first, 12 * whole), add_months(first, 12 * whole + 12)
    return whole + Decimal((last - turn).days) / (after - turn).days


def yearly(first: Decimal, last: Decimal, years: Decimal) -> Decimal | None:
    """Give the even growth per year from one value to another: ``(last / first) ** (1 / years) - 1``.

    None where a value is not positive or no time lies between them.
    """
    if first <= 0 or last <= 0 or years <= 0:
        return None
    return (last / first) ** (1 / years) - 1


def growth(points: Sequence[Figure]) -> Growth | None:
    """Give the growth from the first figure that compares to the last.

    Years that are missing between them count as time, not as values. None with fewer than two figures or from nought;
    without a yearly rate where less than a year lies between.
    """
    if len(points) < 2 or points[0].value <= 0:
        return None
    first, last = points[0], points[-1]
    years = years_between(first.end, last.end)
    rate = yearly(first.value, last.value, years) if years >= 1 else None
    return Growth(first, last, last.value / first.value - 1, rate)


def lately(points: Sequence[Figure], measure: Measure) -> Sequence[Figure]:
    """Keep the figures that make the observed pace.

    Of a flow the last three full years on record; of a level the figures of the three years before the latest.
    """
    if measure == Measure.FLOW or not points:
        return points[-YEARS_BEHIND:]
    since = add_months(points[-1].end, -12 * YEARS_BEHIND)
    return [one for one in points if one.end >= since]


def due(start: Figure, target: Decimal, deadline: date, day: date) -> Due | None:
    """Give the level due by a day between the start (counted from the end of its period) and the deadline.

    Linear: ``start + (target - start) * t``; compound: ``start * (target / start) ** t``, where t is the share of the
    days gone. From the deadline on the target itself is due. None before the start or where no time lies between.
    """
    if deadline <= start.end or day < start.end:
        return None
    if day >= deadline:
        return Due(target, target)
    gone = Decimal((day - start.end).days) / (deadline - start.end).days
    even = start.value * (target / start.value) ** gone if start.value > 0 and target > 0 else None
    return Due(start.value + (target - start.value) * gone, even)


def needed_by_years(latest: Figure, target: Decimal, day: date) -> tuple[tuple[int, Decimal], ...]:
    """Give, for the end of each of the next five years, the yearly growth that would reach the target by then.

    The first is the year after the day's own. Counted from the end of the latest full year on record.
    """
    rates = (
        (year, yearly(latest.value, target, years_between(latest.end, date(year, 12, 31))))
        for year in range(day.year + 1, day.year + 1 + YEARS_AHEAD)
    )
    return tuple((year, rate) for year, rate in rates if rate is not None)


def arrival(observed: Growth, target: Decimal) -> int | None:
    """Give the first year whose level is at the target if the observed pace went on; None if it never is in 100."""
    if observed.yearly is None:
        return None
    level, year = observed.last.value, observed.last.end.year
    for ahead in range(HORIZON + 1):
        if level >= target * (1 - _ROUNDING):
            return year + ahead
        level *= 1 + observed.yearly
    return None


# One series against one target ----------------------------------------------------------------------------------------


def points(series: FigureSeries) -> list[Figure]:
    """Give the figures that compare with a target and with each other, in order of the last day they cover.

    Of a flow the full years; of a level all. None of a series in another unit.
    """
    if not series.comparable:
        return []
    if series.measure == Measure.FLOW:
        return full_years(series.figures)
    return sorted(newest(series.figures), key=lambda one: (one.end, one.start))


def start_of(series: FigureSeries, goal: Goal) -> Figure | None:
    """Give the figure that the way to a target is counted from, in its latest vintage.

    The baseline if the source states one in this series; otherwise the last figure that compares and whose period had
    ended when the target was stated, or the first after that. None if there is none.
    """
    if goal.baseline:
        slug, *period = goal.baseline
        found = [one for one in newest(series.figures) if slug == series.slug and one.period == tuple(period)]
        return found[-1] if found else None
    held = points(series)
    before = [one for one in held if one.end <= goal.stated_on]
    return before[-1] if before else held[0] if held else None


def part_of(series: FigureSeries, goal: Goal, latest: Figure | None) -> Figure | None:
    """Give the newest figure for a part of a year that is later than the one that compares; the longest of that end.

    With a deadline only a part of the year that it ends counts: another year's months say nothing of it.
    """
    if not series.comparable or series.measure != Measure.FLOW:
        return None
    parts = [one for one in newest(series.figures) if one.year is None]
    if goal.deadline:
        parts = [one for one in parts if one.start.year == goal.deadline.year and one.end <= goal.deadline]
    parts = [one for one in parts if latest is None or one.end > latest.end]
    return max(parts, key=lambda one: (one.end, -one.start.toordinal()), default=None)


def pace(series: FigureSeries, goal: Goal, day: date) -> Pace:
    """Work out one series against one target on a day. Only what compares counts, and only in the target's unit."""
    held = points(series)
    grown, observed = growth(held), growth(lately(held, series.measure))
    over = goal.deadline is not None and day > goal.deadline
    latest, tells = _judged(held, series.measure, goal) if over else (held[-1] if held else None, True)
    part = part_of(series, goal, latest)
    if latest is None:
        return Pace(series, goal, State.UNKNOWN, part=part, growth=grown, observed=observed)
    return Pace(
        series,
        goal,
        _state(latest, goal, over=over) if tells else State.UNKNOWN,
        latest=latest,
        part=part,
        left=goal.value - latest.value,
        share=latest.value / goal.value if goal.value > 0 else None,
        growth=grown,
        observed=observed,
        **({} if over else _ahead(series, goal, latest, observed, day)),
    )


def _judged(held: Sequence[Figure], measure: Measure, goal: Goal) -> tuple[Figure | None, bool]:
    """Give the figure for a deadline that is past, and whether it tells if the target was met.

    A flow is judged by the period that ended on the deadline. A level is met by any figure at the target by then; else
    only a figure of that very day tells, and the latest is given with nothing said.
    """
    on_the_day = [one for one in held if one.end == goal.deadline]
    if on_the_day or measure == Measure.FLOW:
        return (on_the_day[-1], True) if on_the_day else (None, False)
    there = [one for one in held if goal.deadline and one.end < goal.deadline and one.value >= goal.value]
    if there:
        return there[-1], True
    return (held[-1] if held else None), False


def _state(latest: Figure, goal: Goal, *, over: bool) -> State:
    if latest.value >= goal.value:
        return State.MET if over else State.REACHED
    if not over:
        return State.OPEN
    # "More than 4" may be 5 or 6: that a target of 5 was missed does not follow.
    return State.UNKNOWN if latest.qualifier == Qualifier.MORE_THAN else State.MISSED


def _ahead(series: FigureSeries, goal: Goal, latest: Figure, observed: Growth | None, day: date) -> dict:
    """Work out what lies ahead: for a dated target what is due and still needed, for an undated one the years."""
    there = latest.value >= goal.value
    if goal.deadline is not None:
        start = start_of(series, goal)
        years = years_between(latest.end, goal.deadline)
        return {
            "start": start,
            "due": due(start, goal.value, goal.deadline, day) if start else None,
            "needed": None if there or years < 1 else yearly(latest.value, goal.value, years),
            "needed_total": None if there or latest.value <= 0 else goal.value / latest.value - 1,
        }
    if there:
        return {}
    return {
        "needed_by": needed_by_years(latest, goal.value, day),
        "arrival": arrival(observed, goal.value) if observed else None,
    }


def paces(series: Sequence[FigureSeries], goal: Goal, day: date) -> list[Pace]:
    """Work out every comparable series against a target.

    The one with the most recent figure that compares comes first; of several the more exact, then the one with more.
    """
    found = [pace(one, goal, day) for one in in_order(series) if one.comparable]
    return sorted(found, key=lambda one: (one.latest is None, -one.latest.end.toordinal() if one.latest else 0))


def against(one: Measured, day: date) -> list[Against]:
    """Set the series against each target: the next to fall due first, then one without date, then the past ones."""
    goals = in_force(one.goals)
    ahead = [goal for goal in goals if goal.deadline and goal.deadline >= day]
    undated = [goal for goal in goals if goal.deadline is None]
    past = [goal for goal in reversed(goals) if goal.deadline and goal.deadline < day]
    return [
        Against(
            goal,
            [other for other in one.goals if other.deadline == goal.deadline and other.key != goal.key],
            paces(one.series, goal, day),
        )
        for goal in [*ahead, *undated, *past]
    ]


def in_order(series: Iterable[FigureSeries]) -> list[FigureSeries]:
    """Put the series that answer first at the head: in the indicator's unit, the most recent, exact and full."""
    return sorted(series, key=_standing)


def _standing(one: FigureSeries) -> tuple:
    held, latest = points(one), latest_of(one)
    exactness = list(Qualifier).index(latest.qualifier) if latest and held else 0
    ends = latest.end.toordinal() if latest else 0
    return not one.comparable, not held, -ends, exactness, -len(held or one.figures), one.slug


def latest_of(series: FigureSeries) -> Figure | None:
    """Give the latest figure of a series: the last full year or level; without one, the last part of a year."""
    held = full_years(series.figures) if series.measure == Measure.FLOW else []
    rows = held or sorted(newest(series.figures), key=lambda one: (one.end, one.start))
    return rows[-1] if rows else None


def latest_figures(one: Measured) -> list[tuple[FigureSeries, Figure]]:
    """Give the latest figure of each series, the one that answers first at the head."""
    held = ((series, latest_of(series)) for series in in_order(one.series))
    return [(series, latest) for series, latest in held if latest is not None]
