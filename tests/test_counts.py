"""How many: rates, statuses by theme and over time, and what the two sides put to each other."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import RELAXED, make_item
from tracker.choices import AnswerKind, Lack, Nature, Schedule, Status
from tracker.metrics.counts import (
    Rate,
    answered_rate,
    completed_rate,
    exchanges,
    in_order,
    on_time_rate,
    rate,
    status_days,
    theme_tallies,
    timeline_bars,
)
from tracker.metrics.records import Exchange, StatusDay, ThemeTally, TimelineBar

PROPOSED, AGREED, PLEDGED, UNDER_WAY, COMPLETED = (
    Status.PROPOSED,
    Status.AGREED,
    Status.PLEDGED,
    Status.UNDER_WAY,
    Status.COMPLETED,
)
# What no rate counts, though it would meet every one of them
LEFT_OUT = [
    make_item(nature=Nature.DECLARATORY, status=COMPLETED, schedule=Schedule.DONE_ON_TIME, answer=AnswerKind.SPECIFIC),
    make_item(status=Status.SUPERSEDED, schedule=Schedule.OVERDUE, answer=AnswerKind.SPECIFIC),
    make_item(status=Status.WITHDRAWN, schedule=Schedule.DONE_ON_TIME, deadline_end=date(2022, 3, 31)),
]


# Rates


@pytest.mark.parametrize(
    ("n", "of", "percent"),
    [
        (0, 5, 0),
        (5, 5, 100),
        (1, 3, 33),
        (2, 3, 67),
        (1, 8, 13),  # 12.5
        (3, 8, 38),  # 37.5
        (29, 200, 15),  # 14.5
        (1, 200, 1),  # 0.5
        (1, 201, 0),
        (199, 200, 100),  # 99.5
    ],
)
def test_a_share_is_rounded_to_whole_per_cent_with_halves_up(n, of, percent):
    assert Rate(n, of).percent == percent


def test_nothing_to_count_has_no_share():
    assert Rate(0, 0).percent is None


@RELAXED
@given(st.integers(1, 100_000), st.data())
def test_a_share_is_never_off_by_a_binary_fraction(of, data):
    n = data.draw(st.integers(0, of))
    assert Rate(n, of).percent == floor(Fraction(100 * n, of) + Fraction(1, 2))


def test_rates_leave_out_words_of_intent_and_what_was_replaced_or_taken_back():
    kept = make_item(status=UNDER_WAY)
    assert rate([*LEFT_OUT, kept], lambda item: True, lambda item: True) == Rate(1, 1)


@pytest.mark.parametrize("status", [Status.DECLINED, Status.LAPSED])
def test_what_was_refused_or_overtaken_stays_in_the_rates(status):
    assert rate([make_item(status=status)], lambda item: True, lambda item: False) == Rate(0, 1)


def test_a_rate_counts_first_what_it_is_about_and_among_that_what_meets_it():
    items = [make_item("a"), make_item("b"), make_item("c")]
    assert rate(items, lambda item: item.slug in "ab", lambda item: item.slug in "bc") == Rate(1, 2)


@pytest.mark.parametrize("figure", [answered_rate, completed_rate, on_time_rate])
def test_with_nothing_to_count_a_figure_is_empty_and_not_nought(figure):
    assert figure(iter(LEFT_OUT)) == Rate(0, 0)
    assert figure([]).percent is None


def test_the_answered_are_counted_among_what_was_asked():
    items = [
        make_item(answer=AnswerKind.SPECIFIC),
        make_item(answer=AnswerKind.JOINT),
        make_item(answer=AnswerKind.BLANKET),
        make_item(answer=AnswerKind.NONE, lacks=[Lack.ANSWER, Lack.LEAD]),
        make_item(answer=None),
        *LEFT_OUT,
    ]
    assert answered_rate(items) == Rate(3, 4)


def test_the_completed_are_counted_among_what_can_be_completed():
    items = [
        make_item(status=COMPLETED),
        make_item(status=COMPLETED, nature=Nature.TARGET),
        make_item(status=UNDER_WAY, nature=Nature.TARGET),
        make_item(status=Status.DECLINED),
        make_item(status=UNDER_WAY, nature=Nature.CONTINUING),
        *LEFT_OUT,
    ]
    assert completed_rate(items) == Rate(2, 4)


def test_the_punctual_are_counted_among_what_is_known_to_be_in_time_or_late():
    schedules = Counter(
        {
            Schedule.DONE_ON_TIME: 2,
            Schedule.DONE_LATE: 1,
            Schedule.DONE_TIME_UNKNOWN: 1,
            Schedule.OVERDUE: 3,
            Schedule.NO_DEADLINE: 1,
            Schedule.NOT_DUE: 1,
            Schedule.DUE_SOON: 1,
            Schedule.CYCLE_KEPT: 1,
            Schedule.CYCLE_MISSED: 1,
        }
    )
    items = [make_item(schedule=schedule) for schedule in schedules.elements()]
    assert on_time_rate([*items, *LEFT_OUT]) == Rate(2, 6)


# By theme


def test_the_theme_with_the_most_proposals_comes_first_and_equals_by_name():
    items = [
        make_item(theme="trade", status=COMPLETED),
        make_item(theme="health", status=PLEDGED),
        make_item(theme="gates", status=PLEDGED),
        make_item(theme="trade", status=PROPOSED),
        make_item(theme="trade", status=COMPLETED),
        make_item(theme="gates", status=PROPOSED),
        make_item(theme="energy", status=AGREED),
        make_item(theme="health", status=PLEDGED),
    ]
    assert theme_tallies(iter(items)) == [
        ThemeTally("trade", "Trade", {PROPOSED: 1, COMPLETED: 2}),
        ThemeTally("gates", "Gates", {PROPOSED: 1, PLEDGED: 1}),
        ThemeTally("health", "Health", {PLEDGED: 2}),
        ThemeTally("energy", "Energy", {AGREED: 1}),
    ]


def test_a_theme_counts_everything_that_is_listed_also_what_rates_leave_out():
    (tally,) = theme_tallies(LEFT_OUT)
    assert sum(tally.statuses.values()) == 3


def test_no_proposals_make_no_theme():
    assert theme_tallies([]) == []


def test_counts_stand_in_the_order_of_their_scale_without_what_none_has():
    tally = Counter([COMPLETED, PROPOSED, COMPLETED, UNDER_WAY])
    tally[Status.LAPSED] = 0
    assert list(in_order(tally).items()) == [(PROPOSED, 1), (UNDER_WAY, 1), (COMPLETED, 2)]
    kinds = Counter([AnswerKind.NONE, AnswerKind.JOINT, AnswerKind.NONE])
    assert list(in_order(kinds).items()) == [(AnswerKind.JOINT, 1), (AnswerKind.NONE, 2)]
    assert in_order(Counter()) == {}


# Over time

FIRST, SECOND, THIRD, LAST = date(2021, 3, 1), date(2022, 6, 12), date(2024, 11, 6), date(2026, 11, 20)


def test_each_day_on_which_anything_changed_shows_where_all_stood_at_its_end():
    changes = [
        (1, FIRST, PROPOSED),
        (2, FIRST, PROPOSED),
        (1, SECOND, PLEDGED),
        (3, SECOND, PROPOSED),
        (1, SECOND, UNDER_WAY),  # a second step on the same day
        (2, THIRD, AGREED),
        (1, THIRD, PLEDGED),  # a step back
    ]
    days = status_days(iter(changes), LAST)
    assert days == [
        StatusDay(FIRST, {PROPOSED: 2}),
        StatusDay(SECOND, {PROPOSED: 2, UNDER_WAY: 1}),
        StatusDay(THIRD, {PROPOSED: 1, AGREED: 1, PLEDGED: 1}),
        StatusDay(LAST, {PROPOSED: 1, AGREED: 1, PLEDGED: 1}),
    ]
    assert [list(day.statuses) for day in days][2] == [PROPOSED, AGREED, PLEDGED]


def test_a_step_forth_and_back_on_one_day_leaves_the_day_as_it_was():
    changes = [(1, FIRST, AGREED), (1, SECOND, PLEDGED), (1, SECOND, AGREED)]
    assert status_days(changes, SECOND) == [StatusDay(FIRST, {AGREED: 1}), StatusDay(SECOND, {AGREED: 1})]


def test_a_change_on_the_last_day_is_not_shown_twice():
    assert status_days([(1, LAST, PROPOSED)], LAST) == [StatusDay(LAST, {PROPOSED: 1})]


def test_where_nothing_ever_changed_there_is_no_day():
    assert status_days([], LAST) == []


@RELAXED
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.dates(FIRST, date(2021, 3, 20)), st.sampled_from(list(Status))),
        max_size=20,
    )
)
def test_every_day_is_what_a_look_at_the_whole_history_gives(changes):
    changes.sort(key=lambda change: change[1])
    days = status_days(changes, date(2021, 3, 21))
    assert [one.day for one in days] == sorted(
        {change[1] for change in changes} | {date(2021, 3, 21)} if changes else []
    )
    for one in days:
        newest = {proposal: status for proposal, day, status in changes if day <= one.day}
        assert one.statuses == Counter(newest.values())


# Between the two sides

VIET_NAM, YUNNAN, GUANGXI = ("viet-nam", "Viet Nam"), ("yunnan", "Yunnan"), ("guangxi", "Guangxi")


def test_what_each_put_to_each_is_counted_with_its_answer_and_its_status():
    gate = make_item(id=1, answer=AnswerKind.SPECIFIC, status=UNDER_WAY)
    fair = make_item(id=2, answer=AnswerKind.NONE, status=PROPOSED)
    school = make_item(id=3, answer=AnswerKind.BLANKET, status=AGREED)
    road = make_item(id=4, answer=AnswerKind.SPECIFIC, status=UNDER_WAY)
    asked = {
        1: {(VIET_NAM, YUNNAN): AnswerKind.SPECIFIC},
        2: {(VIET_NAM, YUNNAN): AnswerKind.NONE, (VIET_NAM, GUANGXI): AnswerKind.NONE},
        3: {(YUNNAN, VIET_NAM): AnswerKind.BLANKET},
        4: {(VIET_NAM, YUNNAN): AnswerKind.SPECIFIC},
    }
    found = exchanges(iter([fair, gate, school, road]), asked)
    assert found == [
        Exchange(*VIET_NAM, *YUNNAN, {AnswerKind.SPECIFIC: 2, AnswerKind.NONE: 1}, {PROPOSED: 1, UNDER_WAY: 2}),
        Exchange(*VIET_NAM, *GUANGXI, {AnswerKind.NONE: 1}, {PROPOSED: 1}),
        Exchange(*YUNNAN, *VIET_NAM, {AnswerKind.BLANKET: 1}, {AGREED: 1}),
    ]
    assert list(found[0].answers) == [AnswerKind.SPECIFIC, AnswerKind.NONE]
    assert list(found[0].statuses) == [PROPOSED, UNDER_WAY]


def test_each_direction_of_a_proposal_counts_with_its_own_answer():
    item = make_item(id=1)
    asked = {1: {(VIET_NAM, YUNNAN): AnswerKind.JOINT, (YUNNAN, VIET_NAM): AnswerKind.NONE}}
    assert exchanges([item], asked) == [
        Exchange(*VIET_NAM, *YUNNAN, {AnswerKind.JOINT: 1}, {PLEDGED: 1}),
        Exchange(*YUNNAN, *VIET_NAM, {AnswerKind.NONE: 1}, {PLEDGED: 1}),
    ]


def test_what_was_never_asked_or_is_not_among_the_proposals_is_no_exchange():
    assert exchanges([make_item(id=1)], {1: {}, 3: {(VIET_NAM, YUNNAN): AnswerKind.NONE}}) == []


# Time line


def test_a_bar_runs_from_the_first_ask_and_has_no_end_while_it_is_open():
    item = make_item(
        "open-the-gate",
        schedule=Schedule.OVERDUE,
        first_raised=date(2020, 12, 2),
        deadline_start=date(2022, 1, 1),
        deadline_end=date(2022, 3, 31),
    )
    assert list(timeline_bars([item])) == [
        TimelineBar(
            slug="open-the-gate",
            title="Open the gate",
            status=PLEDGED,
            schedule=Schedule.OVERDUE,
            raised_on=date(2020, 12, 2),
            closed_on=None,
            deadline_start=date(2022, 1, 1),
            deadline_end=date(2022, 3, 31),
        )
    ]


@pytest.mark.parametrize("status", [COMPLETED, Status.DECLINED, Status.WITHDRAWN, Status.SUPERSEDED, Status.LAPSED])
def test_a_bar_ends_on_the_day_it_was_closed(status):
    (bar,) = timeline_bars([make_item(status=status, first_raised=date(2020, 12, 2), status_since=FIRST)])
    assert (bar.raised_on, bar.closed_on) == (date(2020, 12, 2), FIRST)


def test_a_bar_that_nobody_raised_begins_with_its_status():
    (bar,) = timeline_bars([make_item(first_raised=None, status_since=FIRST)])
    assert bar.raised_on == FIRST
