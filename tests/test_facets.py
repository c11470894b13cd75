"""Narrowing by what is computed, and what each further choice would leave."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import RELAXED, make_item
from tracker.choices import AnswerKind, Flag, Lack, Nature, Schedule, Status
from tracker.metrics.facets import FACETS, count, matches, select

# Few values of each scale, so that records often agree
VALUES = {
    "status": ["proposed", "pledged", "completed"],
    "schedule": ["not_due", "overdue"],
    "nature": ["one_off", "target"],
    "theme": ["trade", "gates", "health"],
    "answer": ["specific", "none"],
    "flag": ["stalled", "unverified"],
    "without": ["deadline", "lead"],
}


def record_of(row):
    """Make a record from what a row says of each facet, a tuple of values for each."""
    (status,), (schedule,), (nature,), (theme,) = (row[name] for name in ("status", "schedule", "nature", "theme"))
    return make_item(
        theme=theme,
        schedule=Schedule(schedule),
        flags=map(Flag, row["flag"]),
        lacks=map(Lack, row["without"]),
        nature=Nature(nature),
        status=Status(status),
        answer=AnswerKind(row["answer"][0]) if row["answer"] else None,
    )


def some_of(values, least=0, most=None):
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True).map(tuple)


ROWS = st.lists(
    st.fixed_dictionaries(
        {name: some_of(VALUES[name], 1, 1) for name in ("status", "schedule", "nature", "theme")}
        | {"answer": some_of(VALUES["answer"], 0, 1)}
        | {name: some_of(VALUES[name]) for name in ("flag", "without")}
    ),
    max_size=12,
)
CHOSEN = st.fixed_dictionaries({}, optional={name: some_of([*values, "unknown"]) for name, values in VALUES.items()})

OVERDUE = make_item(
    "overdue",
    schedule=Schedule.OVERDUE,
    flags=[Flag.STALLED, Flag.UNVERIFIED],
    lacks=[Lack.LEAD],
    answer=AnswerKind.BLANKET,
)
NOT_DUE = make_item("not-due", theme="gates", schedule=Schedule.NOT_DUE, flags=[Flag.STALLED])
DONE = make_item(
    "done", schedule=Schedule.DONE_LATE, status=Status.COMPLETED, nature=Nature.TARGET, answer=AnswerKind.SPECIFIC
)
ALL = [OVERDUE, NOT_DUE, DONE]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, ALL),
        ({"status": ()}, ALL),
        ({"status": ["pledged"]}, [OVERDUE, NOT_DUE]),
        ({"status": ["completed", "pledged"]}, ALL),
        ({"status": [Status.COMPLETED]}, [DONE]),
        ({"schedule": ["overdue", "done_late"]}, [OVERDUE, DONE]),
        ({"nature": ["target"]}, [DONE]),
        ({"theme": ["gates"]}, [NOT_DUE]),
        ({"answer": ["blanket", "specific"]}, [OVERDUE, DONE]),
        ({"answer": ["none"]}, []),  # NOT_DUE was never asked: that is not an ask without an answer
        ({"flag": ["stalled"]}, [OVERDUE, NOT_DUE]),
        ({"flag": ["unverified", "contested"]}, [OVERDUE]),
        ({"without": ["lead"]}, [OVERDUE]),
        ({"status": ["pledged"], "theme": ["trade"]}, [OVERDUE]),
        ({"status": ["completed"], "theme": ["gates"]}, []),
        ({"theme": ["unknown"]}, []),
    ],
)
def test_values_of_one_facet_widen_and_further_facets_narrow(chosen, left):
    assert select(iter(ALL), chosen) == left
    assert [item for item in ALL if matches(item, chosen)] == left


def test_without_a_choice_every_value_is_counted():
    counts = count(iter(ALL), {})
    assert counts == {
        "status": {"pledged": 2, "completed": 1},
        "schedule": {"overdue": 1, "not_due": 1, "done_late": 1},
        "nature": {"one_off": 2, "target": 1},
        "theme": {"trade": 2, "gates": 1},
        "answer": {"blanket": 1, "specific": 1},
        "flag": {"stalled": 2, "unverified": 1},
        "without": {"lead": 1},
        "lamp": {"red": 1, "yellow": 1},
    }
    assert counts["status"]["under_way"] == 0


def test_a_choice_narrows_the_other_facets_and_not_its_own():
    counts = count(ALL, {"theme": ["gates"]})
    assert counts["theme"] == {"trade": 2, "gates": 1}
    assert counts["status"] == {"pledged": 1}
    assert counts["schedule"] == {"not_due": 1}
    assert counts["answer"] == {}


def test_two_choices_leave_to_each_facet_what_the_other_one_leaves():
    counts = count(ALL, {"theme": ["gates"], "status": ["completed"]})
    assert counts["theme"] == {"trade": 1}  # of what is completed
    assert counts["status"] == {"pledged": 1}  # of the theme
    assert counts["nature"] == {}  # nothing is both


def test_no_records_count_as_nothing():
    assert count([], {"theme": ["gates"]}) == {name: Counter() for name in FACETS}


def brute_force(rows, chosen, name, value):
    """Count the rows that have the value and at least one chosen value of every other facet."""
    others = {other: set(values) for other, values in chosen.items() if other != name and values}
    return sum(value in row[name] and all(values & set(row[other]) for other, values in others.items()) for row in rows)


@RELAXED
@given(ROWS, CHOSEN)
def test_the_counts_are_those_of_counting_one_by_one(rows, chosen):
    counts = count(map(record_of, rows), chosen)
    for name, values in VALUES.items():
        expected = {value: brute_force(rows, chosen, name, value) for value in values}
        assert {value: counts[name][value] for value in values} == expected
        assert counts[name].total() == sum(expected.values())


@RELAXED
@given(ROWS, CHOSEN, st.sampled_from(sorted(VALUES)), st.data())
def test_a_count_is_the_number_of_rows_that_its_choice_leaves(rows, chosen, name, data):
    value = data.draw(st.sampled_from(VALUES[name]))
    items = [record_of(row) for row in rows]
    assert count(items, chosen)[name][value] == len(select(items, {**chosen, name: [value]}))
