"""Dates known only to a certain precision."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.records import RELAXED
from tracker.choices import Precision
from tracker.dates import NOTATION, Granularity, Interval, add_months, around, parse_when, shorten

FINITE = [Granularity.DAY, Granularity.MONTH, Granularity.QUARTER, Granularity.YEAR]
spans = st.tuples(st.dates(), st.dates()).map(lambda days: Interval(min(days), max(days)))
intervals = st.one_of(spans, st.builds(around, st.dates(), st.sampled_from(FINITE)))


@pytest.mark.parametrize(
    ("precision", "written"),
    [("day", "2024-11-06"), ("month", "2024-11"), ("quarter", "2024-Q4"), ("year", "2024"), ("none", "")],
)
def test_a_day_is_written_no_finer_than_it_is_known(precision, written):
    assert shorten(date(2024, 11, 6), precision) == written
    assert shorten(date(2024, 11, 6), Precision(precision)) == written


@pytest.mark.parametrize(
    ("months", "quarter"), [((1, 2, 3), "Q1"), ((4, 5, 6), "Q2"), ((7, 8, 9), "Q3"), ((10, 11, 12), "Q4")]
)
def test_three_months_make_a_quarter(months, quarter):
    assert {shorten(date(2022, month, 28), "quarter") for month in months} == {f"2022-{quarter}"}


def test_an_early_year_keeps_its_four_digits():
    day = date(938, 11, 5)
    assert [shorten(day, precision) for precision in FINITE] == ["0938-11-05", "0938-11", "0938-Q4", "0938"]


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        (date(2022, 2, 14), "day", date(2022, 2, 14), date(2022, 2, 14)),
        (date(2022, 2, 14), "month", date(2022, 2, 1), date(2022, 2, 28)),
        (date(2024, 2, 14), "month", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2024, 12, 31), "month", date(2024, 12, 1), date(2024, 12, 31)),
        (date(2022, 1, 1), "quarter", date(2022, 1, 1), date(2022, 3, 31)),
        (date(2022, 3, 31), "quarter", date(2022, 1, 1), date(2022, 3, 31)),
        (date(2022, 4, 1), "quarter", date(2022, 4, 1), date(2022, 6, 30)),
        (date(2022, 9, 30), "quarter", date(2022, 7, 1), date(2022, 9, 30)),
        (date(2022, 10, 1), "quarter", date(2022, 10, 1), date(2022, 12, 31)),
        (date(2022, 7, 9), "year", date(2022, 1, 1), date(2022, 12, 31)),
    ],
)
def test_a_precision_stands_for_the_whole_stretch_around_a_day(day, precision, first, last):
    assert around(day, precision) == Interval(first, last, Granularity(precision))
    assert around(day, Precision(precision)) == Interval(first, last, Granularity(precision))


def test_by_then_is_no_stretch_of_days():
    assert around(date(2022, 2, 14), "none") is None


@RELAXED
@given(st.dates(), st.sampled_from(FINITE))
def test_the_stretch_around_a_day_holds_it_and_ends_where_the_next_begins(day, precision):
    whole = around(day, precision)
    assert whole.first <= day <= whole.last
    assert shorten(whole.first, precision) == shorten(whole.last, precision)
    if whole.first > date.min:
        assert shorten(whole.first - timedelta(days=1), precision) != shorten(day, precision)
    if whole.last < date.max:
        assert shorten(whole.last + timedelta(days=1), precision) != shorten(day, precision)


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2024-11-06", date(2024, 11, 6), date(2024, 11, 6), "day"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2022-Q1", date(2022, 1, 1), date(2022, 3, 31), "quarter"),
        ("2022-Q4", date(2022, 10, 1), date(2022, 12, 31), "quarter"),
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "year"),
        ("2024-11-06/2024-11-07", date(2024, 11, 6), date(2024, 11, 7), "day"),
        ("2024-12-31/2025-01-02", date(2024, 12, 31), date(2025, 1, 2), "day"),
        ("  2021\n", date(2021, 1, 1), date(2021, 12, 31), "year"),
    ],
)
def test_each_form_of_the_notation_is_read(text, first, last, precision):
    assert parse_when(text) == Interval(first, last, Granularity(precision))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "24",
        "20244",
        "2024-13",
        "2024-00",
        "2024-1",
        "2023-02-29",
        "2024-11-31",
        "2024-11-6",
        "2024-11-06T10:00",
        "06-11-2024",
        "06/11/2024",
        "2022-Q0",
        "2022-Q5",
        "2022-q1",
        "2022-Q1-01",
        "0000",
        "2024-11-06/",
        "/2024-11-06",
        "2024-11-07/2024-11-06",
        "2024-11/2024-12",
        "2024-11-06/2024",
        "2024-10/2024-11-06",
        "2024-11-06/2024-11-07/2024-11-08",
    ],
)
def test_what_is_not_in_the_notation_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="is not a date") as refused:
        parse_when(text)
    assert str(refused.value) == f"“{text}” is not a date; allowed: {NOTATION}"


def test_an_interval_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="2024-11-06 is before 2024-11-07"):
        Interval(date(2024, 11, 7), date(2024, 11, 6))


@pytest.mark.parametrize(
    ("interval", "written"),
    [
        (Interval(date(2024, 11, 6), date(2024, 11, 6)), "2024-11-06"),
        (Interval(date(2024, 11, 6), date(2024, 11, 7)), "2024-11-06/2024-11-07"),
        (Interval(date(2022, 1, 1), date(2022, 3, 31), Granularity.QUARTER), "2022-Q1"),
        (Interval(date(2022, 1, 1), date(2022, 12, 31), Granularity.YEAR), "2022"),
    ],
)
def test_an_interval_is_written_in_the_notation(interval, written):
    assert str(interval) == written


@RELAXED
@given(intervals)
@example(Interval(date(987, 5, 1), date(987, 5, 31), Granularity.MONTH))
@example(Interval(date.min, date.max))
def test_what_an_interval_writes_is_read_back_as_the_same_interval(interval):
    assert parse_when(str(interval)) == interval


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 6, 12), 0, date(2024, 6, 12)),
        (date(2024, 6, 12), 12, date(2025, 6, 12)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 1, 31), 3, date(2024, 4, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 11, 30), 1, date(2024, 12, 30)),
        (date(2024, 12, 31), 1, date(2025, 1, 31)),
        (date(2024, 11, 30), 14, date(2026, 1, 30)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months, later):
    assert add_months(day, months) == later


@RELAXED
@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(-600, 600))
def test_months_are_counted_whole_and_only_a_shorter_month_moves_the_day(day, months):
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    is_last_of_month = (later + timedelta(days=1)).day == 1
    assert later.day == day.day or (later.day < day.day and is_last_of_month)
