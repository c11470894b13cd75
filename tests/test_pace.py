"""Pace: hand-worked examples at their edges, each series by itself, gaps left as gaps."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest

from tracker.choices import Measure, Qualifier
from tracker.metrics import pace
from tracker.metrics.pace import State
from tracker.metrics.records import Figure, FigureSeries, Goal

_numbers = itertools.count(1)


def figure(value, start, end=None, vintage=1, qualifier=Qualifier.EXACT):
    """Make a figure for a year, or for a stretch of days."""
    first = date(start, 1, 1) if end is None else date.fromisoformat(start)
    last = date(start, 12, 31) if end is None else date.fromisoformat(end)
    return Figure(f"f{next(_numbers)}", first, last, Decimal(value), qualifier, vintage)


def series(*figures, **fields):
    return FigureSeries("customs", "Customs", "Customs office", "billion", tuple(figures), **fields)


def level(*figures, **fields):
    """Make a series of states, each known for the last day of its period."""
    return series(*figures, measure=Measure.LEVEL, **fields)


def goal(value, deadline=None, stated="2024-01-01", **fields):
    last = date.fromisoformat(deadline) if deadline else None
    return Goal(f"g{next(_numbers)}", Decimal(value), date.fromisoformat(stated), last, **fields)


def near(value, expected):
    return value == pytest.approx(Decimal(expected), abs=Decimal("0.00005"))


# --- what is due ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "linear", "compound"),
    [
        # From 100 at the end of 2020 to 400 at the end of 2022: 730 days. Half of them, 365, are gone on 2021-12-31:
        # 100 + 300/2 = 250 on the line, 100 × 4^½ = 200 on the curve. A day is 300/730 = 0.4110 on the line.
        ("2020-12-31", "100", "100"),
        ("2021-12-30", "249.5890", "199.6206"),
        ("2021-12-31", "250", "200"),
        ("2022-01-01", "250.4110", "200.3802"),
        ("2022-12-30", "399.5890", "399.2411"),
        ("2022-12-31", "400", "400"),
        ("2023-01-01", "400", "400"),
    ],
)
def test_what_is_due_by_a_day_lies_on_the_line_and_on_the_curve(day, linear, compound):
    due = pace.due(figure(100, 2020), Decimal(400), date(2022, 12, 31), date.fromisoformat(day))
    assert near(due.linear, linear)
    assert near(due.compound, compound)


def test_nothing_is_due_before_the_start_or_where_no_time_lies_between():
    start = figure(100, 2020)
    assert pace.due(start, Decimal(400), date(2022, 12, 31), date(2020, 12, 30)) is None
    assert pace.due(start, Decimal(400), date(2020, 12, 31), date(2021, 1, 1)) is None


def test_from_nought_there_is_a_line_but_no_curve():
    due = pace.due(figure(0, 2020), Decimal(400), date(2022, 12, 31), date(2021, 12, 31))
    assert (due.linear, due.compound) == (Decimal(200), None)


def test_a_deadline_known_to_the_quarter_counts_to_its_last_day():
    # 2020-12-31 to 2022-03-31 is 455 days; 91 of them are gone on 2021-04-01: a fifth of the way from 100 to 200.
    due = pace.due(figure(100, 2020), Decimal(200), date(2022, 3, 31), date(2021, 4, 1))
    assert due.linear == 120
    assert near(due.compound, "114.8698")


def test_a_restated_baseline_moves_what_is_due_and_the_figure_first_published_does_not():
    stated = goal(400, "2022-12-31", baseline=("customs", date(2020, 1, 1), date(2020, 12, 31)))
    first, restated = figure(100, 2020), figure(200, 2020, vintage=2)
    day = date(2021, 12, 31)
    assert pace.pace(series(first), stated, day).due.linear == 250
    after = pace.pace(series(first, restated), stated, day)
    assert (after.start, after.due.linear) == (restated, 300)


def test_a_baseline_of_another_series_gives_no_start():
    stated = goal(400, "2022-12-31", baseline=("elsewhere", date(2020, 1, 1), date(2020, 12, 31)))
    assert pace.pace(series(figure(100, 2020)), stated, date(2021, 12, 31)).due is None


@pytest.mark.parametrize(("stated", "start"), [("2021-12-30", 2020), ("2021-12-31", 2021), ("2022-01-01", 2021)])
def test_without_a_baseline_the_way_begins_with_the_last_year_ended_when_the_target_was_stated(stated, start):
    held = series(figure(100, 2020), figure(150, 2021), figure(160, 2022))
    assert pace.start_of(held, goal(400, "2025-12-31", stated=stated)).year == start


# --- the growth still needed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state", "needed"),
    [("2022-12-30", State.OPEN, "1"), ("2022-12-31", State.OPEN, "1"), ("2023-01-01", State.UNKNOWN, None)],
)
def test_the_growth_needed_ends_with_the_deadline(day, state, needed):
    """From 100 in 2020 to 400 by the end of 2022 it takes a doubling each year."""
    found = pace.pace(series(figure(100, 2020)), goal(400, "2022-12-31"), date.fromisoformat(day))
    assert found.state == state
    assert found.needed is None if needed is None else near(found.needed, needed)


def test_the_growth_needed_to_a_quarter_counts_the_days_of_the_broken_year():
    # One year and 90 of 365 days: (200/100) ** (1 / 1.246575) - 1 = 74.38 %.
    assert near(pace.years_between(date(2024, 12, 31), date(2026, 3, 31)), "1.24658")
    found = pace.pace(series(figure(100, 2024)), goal(200, "2026-03-31"), date(2025, 6, 1))
    assert near(found.needed, "0.74376")


@pytest.mark.parametrize(
    ("day", "years"),
    [("2026-12-30", (2027, 2031)), ("2026-12-31", (2027, 2031)), ("2027-01-01", (2028, 2032))],
)
def test_an_undated_target_is_worked_out_for_the_next_five_years(day, years):
    found = pace.pace(series(figure(100, 2024)), goal(200), date.fromisoformat(day))
    assert (found.needed_by[0][0], found.needed_by[-1][0], len(found.needed_by)) == (*years, 5)


def test_the_five_billion_by_hand():
    # From 3.13 in 2024 to 5: a factor of 1.597444. Three years: its cube root, 1.16898; seven years: 1.06920.
    found = pace.pace(series(figure("3.13", 2024)), goal(5), date(2026, 11, 20))
    assert found.left == Decimal("1.87")
    assert found.share == Decimal("0.626")
    rates = dict(found.needed_by)
    assert near(rates[2027], "0.16898")
    assert near(rates[2031], "0.06920")


# --- the pace of the last years ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "year"),
    [("399", 2023), ("400", 2023), ("401", 2024), ("200", 2022), ("201", 2023), ("1600", 2025)],
)
def test_the_year_of_arrival_is_the_first_that_is_there(target, year):
    """100 in 2021 and 200 in 2022: the level doubles, so it is 400 in 2023 and 800 in 2024."""
    observed = pace.growth([figure(100, 2021), figure(200, 2022)])
    assert pace.arrival(observed, Decimal(target)) == year


def test_the_pace_is_of_the_last_three_full_years_on_record():
    held = series(figure(1000, 2018), figure(100, 2020), figure(110, 2021), figure(121, 2022))
    found = pace.pace(held, goal(130), date(2023, 6, 1))
    assert near(found.observed.yearly, "0.1")
    assert found.arrival == 2023
    assert found.growth.yearly < 0


@pytest.mark.parametrize("values", [(100, 100), (100, 90)])
def test_what_stands_still_or_falls_never_arrives(values):
    observed = pace.growth([figure(values[0], 2021), figure(values[1], 2022)])
    assert pace.arrival(observed, Decimal(200)) is None


def test_one_full_year_has_no_pace():
    found = pace.pace(series(figure(100, 2024), figure(90, "2025-01-01", "2025-06-30")), goal(200), date(2026, 1, 1))
    assert (found.observed, found.growth, found.arrival) == (None, None, None)


# --- gaps, parts of years, vintages --------------------------------------------------------------------------------


def test_a_missing_year_is_time_and_not_a_value():
    # 100 in 2020 and 144 in 2022 with nothing for 2021: 20 % a year over two years.
    found = pace.growth([figure(100, 2020), figure(144, 2022)])
    assert near(found.yearly, "0.2")
    assert found.total == Decimal("0.44")


def test_gaps_are_the_years_in_which_no_figure_lies():
    held = [figure(1, 2016), figure(1, "2019-01-01", "2019-06-30"), figure(1, 2021)]
    assert pace.gaps(held) == [(2017, 2018), (2020, 2020)]
    assert pace.gaps(held[:1]) == pace.gaps([]) == []


def test_parts_of_a_year_are_never_added_up_to_it():
    """Eleven months, or two halves, do not make a full year: the latest full year is the one before."""
    halves = (figure(60, "2025-01-01", "2025-06-30"), figure(70, "2025-07-01", "2025-12-31"))
    short = figure(500, "2025-01-01", "2025-11-30")
    found = pace.pace(series(figure(100, 2024), *halves, short), goal(120), date(2026, 6, 1))
    assert (found.latest.year, found.state) == (2024, State.OPEN)


@pytest.mark.parametrize(
    ("then", "compared"),
    [
        (("2024-01-01", "2024-10-31"), True),
        (("2023-01-01", "2023-10-31"), True),
        (("2024-01-01", "2024-09-30"), False),  # a month is missing
        (("2024-02-01", "2024-10-31"), False),
        (("2024-01-01", "2024-12-31"), False),
    ],
)
def test_months_compare_only_with_the_same_months(then, compared):
    found = list(pace.comparisons([figure(100, *then), figure(110, "2025-01-01", "2025-10-31")]))
    assert [one.change for one in found] == ([Decimal("0.1")] if compared else [])


def test_the_end_of_february_is_the_same_in_every_year_and_the_nearest_year_is_taken():
    old, leap = figure(50, "2023-01-01", "2023-02-28"), figure(100, "2024-01-01", "2024-02-29")
    now = figure(120, "2025-01-01", "2025-02-28")
    found = {one.now: one.then for one in pace.comparisons([now, old, leap])}
    assert found == {now: leap, leap: old}


def test_the_latest_vintage_counts_whatever_the_order():
    held = [figure(110, 2024, vintage=2), figure(100, 2024)]
    assert [one.value for one in pace.full_years(held)] == [110]


# --- states and targets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day", "state"),
    [
        ("199.9999", "2024-12-31", State.OPEN),
        ("200", "2024-12-31", State.REACHED),
        ("200", "2025-01-01", State.MET),
        ("199.9999", "2025-01-01", State.MISSED),
    ],
)
def test_after_the_deadline_the_period_that_ended_on_it_decides(value, day, state):
    held = series(figure(value, "2024-01-01", "2024-12-31"))
    assert pace.pace(held, goal(200, "2024-12-31"), date.fromisoformat(day)).state == state


def test_a_later_year_does_not_meet_a_deadline_that_has_passed():
    held = series(figure(150, 2023), figure(300, 2025))
    found = pace.pace(held, goal(200, "2024-12-31"), date(2026, 1, 1))
    assert (found.state, found.left, found.due) == (State.UNKNOWN, None, None)


def test_a_series_in_another_unit_is_not_set_against_the_target():
    held = series(figure(3130, 2024), comparable=False)
    assert pace.paces([held], goal(5), date(2026, 1, 1)) == []
    assert pace.pace(held, goal(5), date(2026, 1, 1)).state == State.UNKNOWN


def test_a_restatement_is_a_vintage_and_another_deadline_another_target():
    first, again = goal(5, stated="2023-08-15"), goal(6, stated="2024-11-06")
    dated = goal(10, "2030-12-31", stated="2026-02-28")
    assert pace.in_force([again, dated, first]) == [again, dated]


def test_more_than_a_value_below_the_target_does_not_tell_that_it_was_missed():
    held = series(figure(190, 2024, qualifier=Qualifier.MORE_THAN))
    found = pace.pace(held, goal(200, "2024-12-31"), date(2025, 1, 1))
    assert (found.state, found.latest.value) == (State.UNKNOWN, 190)
    about = series(figure(190, 2024, qualifier=Qualifier.ABOUT))
    assert pace.pace(about, goal(200, "2024-12-31"), date(2025, 1, 1)).state == State.MISSED


# --- states on a day -----------------------------------------------------------------------------------------------


def test_of_a_level_the_latest_figure_compares_and_of_a_flow_only_a_full_year():
    held = (figure(50, "2025-12-19", "2025-12-19"), figure(55, "2026-02-20", "2026-02-20"))
    due = goal(60, "2026-09-30")
    assert pace.pace(series(*held), due, date(2026, 3, 1)).state == State.UNKNOWN
    found = pace.pace(level(*held), due, date(2026, 3, 1))
    assert (found.state, found.left, found.latest.value) == (State.OPEN, 5, 55)
    assert near(found.share, "0.91667")


def test_a_rate_a_year_needs_a_year():
    """From 50 to 55 in 63 days, and 60 needed in 222: shares of the whole, not rates a year."""
    held = level(figure(50, "2025-12-19", "2025-12-19"), figure(55, "2026-02-20", "2026-02-20"))
    found = pace.pace(held, goal(60, "2026-09-30"), date(2026, 3, 1))
    assert (found.growth.total, found.growth.yearly, found.needed) == (Decimal("0.1"), None, None)
    assert near(found.needed_total, "0.09091")
    undated = pace.pace(held, goal(60), date(2026, 3, 1))
    assert (undated.arrival, undated.is_falling) == (None, False)


@pytest.mark.parametrize(
    ("value", "on", "state"),
    [
        (60, "2026-09-29", State.MET),  # there before the deadline
        (59, "2026-09-29", State.UNKNOWN),  # the day after may have brought the rest
        (60, "2026-09-30", State.MET),
        (59, "2026-09-30", State.MISSED),
        (60, "2026-10-01", State.UNKNOWN),  # there a day late, or already when due
        (59, "2026-10-01", State.UNKNOWN),
    ],
)
def test_a_deadline_of_a_level_is_judged_by_what_was_there_by_then(value, on, state):
    found = pace.pace(level(figure(value, on, on)), goal(60, "2026-09-30"), date(2026, 11, 1))
    assert (found.state, found.latest.value) == (state, value)


@pytest.mark.parametrize(("day", "over"), [("2026-09-29", False), ("2026-09-30", False), ("2026-10-01", True)])
def test_what_is_due_of_a_level_ends_with_the_deadline(day, over):
    # From 40 at the start of 2026-03-04 to 60 on 2026-09-30: 210 days; on 2026-09-29 a 210th is left.
    found = pace.pace(level(figure(40, "2026-03-04", "2026-03-04")), goal(60, "2026-09-30"), date.fromisoformat(day))
    assert (found.due is None) == over
    if day == "2026-09-29":
        assert near(found.due.linear, "59.90476")


def test_the_observed_pace_of_a_level_is_of_the_three_years_before_the_latest():
    days = ("2019-06-30", "2023-06-30", "2024-06-30", "2026-06-30")
    held = level(*(figure(value, day, day) for value, day in zip((500, 100, 110, 133.1), days, strict=True)))
    observed = pace.pace(held, goal(161.051), date(2026, 7, 1)).observed
    assert (observed.first.value, near(observed.yearly, "0.1")) == (100, True)
    # 133.1 in 2026 and a tenth a year: 146.41 in 2027, 161.051 in 2028
    assert pace.arrival(observed, Decimal("161.051")) == 2028


def test_the_start_is_the_first_figure_after_the_target_where_none_was_on_record_before():
    held = series(figure(100, 2024), figure(150, 2025))
    assert pace.start_of(held, goal(400, "2030-12-31", stated="2024-06-01")).year == 2024
    assert pace.start_of(series(), goal(400, "2030-12-31")) is None


def test_a_part_of_the_year_is_shown_but_not_judged():
    part, other = figure(60, "2025-01-01", "2025-06-30"), figure(40, "2024-01-01", "2024-06-30")
    held = series(figure(100, 2023), other, part)
    found = pace.pace(held, goal(120, "2025-12-31"), date(2025, 7, 1))
    assert (found.latest.year, found.part, found.state) == (2023, part, State.OPEN)
    past = pace.pace(held, goal(120, "2025-12-31"), date(2026, 1, 1))
    assert (past.state, past.latest, past.part, past.figure) == (State.UNKNOWN, None, part, part)
    assert pace.part_of(series(part, figure(130, 2025)), goal(120), figure(130, 2025)) is None


def test_the_target_is_answered_for_by_the_series_with_the_latest_figure_that_compares():
    part = FigureSeries("part", "Part", "A", "b", (figure(9, "2026-01-01", "2026-03-31"),))
    full = FigureSeries("full", "Full", "B", "b", (figure(4, 2024),))
    yuan = FigureSeries("yuan", "Yuan", "C", "y", (figure(4, 2025),), comparable=False)
    assert [one.slug for one in pace.in_order([yuan, part, full])] == ["full", "part", "yuan"]
    target = pace.Against(goal(8), [], pace.paces([yuan, part, full], goal(8), date(2026, 6, 1)))
    assert (target.lead.series.slug, target.share) == ("full", Decimal("0.5"))


def test_months_of_a_level_are_no_sums_to_compare():
    held = (figure(5, "2024-01-01", "2024-06-30"), figure(6, "2025-01-01", "2025-06-30"))
    assert len(list(pace.same_months(series(*held)))) == 1
    assert list(pace.same_months(level(*held))) == []
