"""Where a proposal stands on a day, each rule at its edges. Every date is worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import RELAXED, make_facts
from tracker.choices import AnswerKind, Flag, Lack, Nature, Precision, Schedule, Status
from tracker.dates import parse_when
from tracker.standing import Standing, Thresholds, flags_of, lacks_of, schedule_of, standing_of

USUAL = Thresholds()
OPEN = [Status.PROPOSED, Status.AGREED, Status.PLEDGED, Status.UNDER_WAY, Status.PARTLY_DONE]
CLOSED = [Status.COMPLETED, Status.DECLINED, Status.WITHDRAWN, Status.SUPERSEDED, Status.LAPSED]
RAISED = date(2024, 1, 1)  # of a leap year: 180 days later is 29 June, 365 days later 31 December


def test_the_day_counts_are_those_of_the_method_unless_an_office_sets_others():
    assert Thresholds(due_soon_days=60, stalled_days=365, unverified_days=180) == USUAL


# Schedule


def due(day, **fields):
    """Make a pledge with a deadline in the notation of `dates`."""
    deadline = parse_when(day)
    return make_facts(deadline_start=deadline.first, deadline_end=deadline.last, **fields)


@pytest.mark.parametrize(
    ("today", "schedule"),
    [
        (date(2022, 1, 1), Schedule.NOT_DUE),
        (date(2022, 1, 29), Schedule.NOT_DUE),  # 61 days before 31 March
        (date(2022, 1, 30), Schedule.DUE_SOON),  # 60 days before: 1 + 28 + 31
        (date(2022, 1, 31), Schedule.DUE_SOON),
        (date(2022, 3, 30), Schedule.DUE_SOON),
        (date(2022, 3, 31), Schedule.DUE_SOON),
        (date(2022, 4, 1), Schedule.OVERDUE),
        (date(2026, 11, 20), Schedule.OVERDUE),
    ],
)
def test_a_first_quarter_is_over_with_the_last_day_of_march(today, schedule):
    assert schedule_of(due("2022-Q1"), today, USUAL) == schedule


@pytest.mark.parametrize(
    ("deadline", "last_day", "day_after"),
    [
        ("2025-06-30", date(2025, 6, 30), date(2025, 7, 1)),
        ("2024-02", date(2024, 2, 29), date(2024, 3, 1)),
        ("2025", date(2025, 12, 31), date(2026, 1, 1)),
        ("2025-06-10/2025-06-12", date(2025, 6, 12), date(2025, 6, 13)),
    ],
)
def test_a_deadline_is_missed_only_after_its_last_day(deadline, last_day, day_after):
    assert schedule_of(due(deadline), last_day, USUAL) == Schedule.DUE_SOON
    assert schedule_of(due(deadline), day_after, USUAL) == Schedule.OVERDUE


@pytest.mark.parametrize(
    ("today", "schedule"),
    [
        (date(2025, 6, 19), Schedule.NOT_DUE),
        (date(2025, 6, 20), Schedule.DUE_SOON),
        (date(2025, 7, 1), Schedule.OVERDUE),
    ],
)
def test_an_office_sets_its_own_window_of_what_is_due_soon(today, schedule):
    assert schedule_of(due("2025-06-30"), today, Thresholds(due_soon_days=10)) == schedule


@pytest.mark.parametrize("status", OPEN)
def test_everything_open_can_be_overdue(status):
    assert schedule_of(due("2022-Q1", status=status), date(2022, 4, 1), USUAL) == Schedule.OVERDUE


@pytest.mark.parametrize("status", [status for status in CLOSED if status != Status.COMPLETED])
def test_what_was_closed_without_being_completed_is_never_late(status):
    assert schedule_of(due("2022-Q1", status=status), date(2026, 11, 20), USUAL) == Schedule.NOT_DUE


@pytest.mark.parametrize("status", [*OPEN, *CLOSED])
@pytest.mark.parametrize("nature", [Nature.ONE_OFF, Nature.TARGET])
def test_without_a_dated_deadline_nothing_is_on_time_or_late(nature, status):
    assert schedule_of(make_facts(nature=nature, status=status), date(2026, 11, 20), USUAL) == Schedule.NO_DEADLINE


def test_words_of_intent_have_no_deadline_even_where_a_date_is_stated():
    assert schedule_of(due("2022-Q1", nature=Nature.DECLARATORY), date(2022, 4, 1), USUAL) == Schedule.NO_DEADLINE


@RELAXED
@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 400), st.integers(0, 400))
def test_with_the_days_a_deadline_only_comes_closer(deadline, days_left, more):
    order = [Schedule.NOT_DUE, Schedule.DUE_SOON, Schedule.OVERDUE]
    facts = make_facts(deadline_start=deadline, deadline_end=deadline)
    today = deadline - timedelta(days=days_left)
    first, second = (schedule_of(facts, day, USUAL) for day in (today, today + timedelta(days=more)))
    assert order.index(first) <= order.index(second)
    assert (second == Schedule.OVERDUE) == (more > days_left)


# Schedule of what is completed: the day of the change is the last day that it can be


def completed(by, when, **fields):
    """Judge a completion known as `when` says against a deadline."""
    done = parse_when(when)
    facts = due(
        by, status=Status.COMPLETED, status_since=done.last, status_precision=Precision(done.precision), **fields
    )
    return schedule_of(facts, date(2026, 11, 20), USUAL)


@pytest.mark.parametrize(
    ("when", "schedule"),
    [
        ("2022-03-30", Schedule.DONE_ON_TIME),
        ("2022-03-31", Schedule.DONE_ON_TIME),
        ("2022-04-01", Schedule.DONE_LATE),
        ("2022-02", Schedule.DONE_ON_TIME),
        ("2022-03", Schedule.DONE_ON_TIME),
        ("2022-04", Schedule.DONE_LATE),
        ("2022-Q1", Schedule.DONE_ON_TIME),
        ("2022-Q2", Schedule.DONE_LATE),
        ("2021", Schedule.DONE_ON_TIME),
        ("2022", Schedule.DONE_TIME_UNKNOWN),
        ("2023", Schedule.DONE_LATE),
    ],
)
def test_a_completion_is_compared_with_the_end_of_the_quarter_it_was_promised_for(when, schedule):
    assert completed("2022-Q1", when) == schedule


@pytest.mark.parametrize(
    ("deadline", "when", "schedule"),
    [
        ("2022-03-15", "2022-02", Schedule.DONE_ON_TIME),
        ("2022-03-15", "2022-03", Schedule.DONE_TIME_UNKNOWN),
        ("2022-03-15", "2022-04", Schedule.DONE_LATE),
        ("2022-03-01", "2022-03", Schedule.DONE_TIME_UNKNOWN),  # it may have been on the first
        ("2022-03-30", "2022-03", Schedule.DONE_TIME_UNKNOWN),  # it may have been on the 31st
        ("2022-02-28", "2022-03", Schedule.DONE_LATE),
        ("2022-03-31", "2022-03", Schedule.DONE_ON_TIME),
        ("2022-02-15", "2022-Q1", Schedule.DONE_TIME_UNKNOWN),
        ("2021-12-31", "2022-Q1", Schedule.DONE_LATE),
    ],
)
def test_a_completion_known_to_the_month_is_judged_only_where_every_day_of_it_agrees(deadline, when, schedule):
    assert completed(deadline, when) == schedule


def test_a_month_that_is_not_over_counts_up_to_the_day_it_was_recorded():
    facts = due(
        "2022-03-15",
        status=Status.COMPLETED,
        status_since=date(2022, 3, 10),
        status_precision=Precision.MONTH,
    )
    assert schedule_of(facts, date(2022, 3, 10), USUAL) == Schedule.DONE_ON_TIME


@pytest.mark.parametrize(
    ("known_by", "schedule"),
    [
        (date(2022, 3, 30), Schedule.DONE_ON_TIME),
        (date(2022, 3, 31), Schedule.DONE_ON_TIME),
        (date(2022, 4, 1), Schedule.DONE_TIME_UNKNOWN),
        (date(2025, 1, 1), Schedule.DONE_TIME_UNKNOWN),
    ],
)
def test_a_completion_known_only_by_then_is_never_called_late(known_by, schedule):
    facts = due("2022-Q1", status=Status.COMPLETED, status_since=known_by, status_precision=Precision.NONE)
    assert schedule_of(facts, date(2026, 11, 20), USUAL) == schedule


# Schedule of what is kept up


def kept_up(last, months, **fields):
    facts = {"nature": Nature.CONTINUING, "last_occurrence": last, "interval_months": months, **fields}
    return make_facts(**facts)


@pytest.mark.parametrize(
    ("last", "months", "last_day_kept"),
    [
        (date(2024, 6, 12), 12, date(2025, 6, 12)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 12, 31), 3, date(2025, 3, 31)),
    ],
)
def test_a_cycle_is_kept_to_the_day_on_which_the_interval_ends(last, months, last_day_kept):
    facts = kept_up(last, months)
    assert schedule_of(facts, last, USUAL) == Schedule.CYCLE_KEPT
    assert schedule_of(facts, last_day_kept - timedelta(days=1), USUAL) == Schedule.CYCLE_KEPT
    assert schedule_of(facts, last_day_kept, USUAL) == Schedule.CYCLE_KEPT
    assert schedule_of(facts, last_day_kept + timedelta(days=1), USUAL) == Schedule.CYCLE_MISSED


@pytest.mark.parametrize(("last", "months"), [(None, 12), (date(2024, 6, 12), None), (None, None)])
@pytest.mark.parametrize("deadline_end", [None, date(2022, 3, 31)])
def test_without_an_interval_or_an_occurrence_a_cycle_cannot_be_judged(last, months, deadline_end):
    facts = kept_up(last, months, deadline_end=deadline_end)
    assert schedule_of(facts, date(2026, 11, 20), USUAL) == Schedule.NO_DEADLINE


@pytest.mark.parametrize("deadline_end", [None, date(2022, 3, 31)])
@pytest.mark.parametrize("status", OPEN)
def test_what_is_kept_up_is_judged_by_its_cycle_and_not_by_a_deadline(status, deadline_end):
    facts = kept_up(date(2024, 6, 12), 12, status=status, deadline_end=deadline_end)
    assert schedule_of(facts, date(2025, 6, 13), USUAL) == Schedule.CYCLE_MISSED


@pytest.mark.parametrize("status", [Status.DECLINED, Status.WITHDRAWN, Status.SUPERSEDED, Status.LAPSED])
def test_a_cycle_that_was_closed_is_no_longer_judged(status):
    facts = kept_up(date(2020, 6, 12), 12, status=status)
    assert schedule_of(facts, date(2026, 11, 20), USUAL) == Schedule.NO_DEADLINE
    dated = kept_up(date(2020, 6, 12), 12, status=status, deadline_end=date(2022, 3, 31))
    assert schedule_of(dated, date(2026, 11, 20), USUAL) == Schedule.NOT_DUE


# Flags


def flags(today, *, thresholds=USUAL, **fields):
    return flags_of(make_facts(**{"first_raised": RAISED, **fields}), today, thresholds)


@pytest.mark.parametrize(
    ("today", "raised"),
    [
        (date(2024, 6, 28), ()),
        (date(2024, 6, 29), (Flag.UNVERIFIED,)),
        (date(2024, 6, 30), (Flag.UNVERIFIED,)),
        (date(2024, 12, 30), (Flag.UNVERIFIED,)),
        (date(2024, 12, 31), (Flag.STALLED, Flag.UNVERIFIED)),
        (date(2025, 1, 1), (Flag.STALLED, Flag.UNVERIFIED)),
    ],
)
@pytest.mark.parametrize("status", OPEN)
def test_where_nothing_happened_the_days_count_from_when_it_was_first_raised(status, today, raised):
    assert flags(today, status=status, status_since=date(2023, 1, 1)) == raised


@pytest.mark.parametrize(
    ("today", "raised"),
    [
        (date(2024, 12, 30), (Flag.UNVERIFIED,)),
        (date(2024, 12, 31), (Flag.STALLED, Flag.UNVERIFIED)),
    ],
)
def test_where_no_statement_raised_it_the_days_count_from_its_status(today, raised):
    assert flags(today, first_raised=None, status_since=RAISED) == raised


@pytest.mark.parametrize(
    ("today", "is_stalled"),
    [(date(2025, 2, 28), False), (date(2025, 3, 1), True), (date(2025, 3, 2), True)],  # 365 days, no leap day between
)
def test_it_stalls_a_year_after_the_latest_development(today, is_stalled):
    raised = flags(today, last_development=date(2024, 3, 1), last_reviewed=date(2025, 2, 27))
    assert raised == ((Flag.STALLED,) if is_stalled else ())


@pytest.mark.parametrize(
    ("development", "review"),
    [
        (date(2024, 3, 1), date(2024, 5, 10)),
        (date(2024, 5, 10), date(2024, 3, 1)),
        (date(2024, 5, 10), date(2024, 5, 10)),
        (date(2024, 5, 10), None),
        (None, date(2024, 5, 10)),
    ],
)
def test_it_is_unverified_half_a_year_after_the_later_of_development_and_review(development, review):
    known = {"last_development": development, "last_reviewed": review}
    assert Flag.UNVERIFIED not in flags(date(2024, 11, 5), **known)
    assert Flag.UNVERIFIED in flags(date(2024, 11, 6), **known)  # 21 days of May, 153 to October's end, 6
    assert Flag.UNVERIFIED in flags(date(2024, 11, 7), **known)


def test_a_review_that_found_nothing_new_does_not_keep_it_from_stalling():
    assert flags(date(2024, 12, 31), last_reviewed=date(2024, 12, 30)) == (Flag.STALLED,)


def test_what_awaits_an_authority_never_stalls_but_is_still_to_be_verified():
    assert flags(date(2030, 1, 1), awaiting=True) == (Flag.UNVERIFIED,)


@pytest.mark.parametrize("nature", [Nature.ONE_OFF, Nature.TARGET, Nature.CONTINUING])
def test_whatever_is_to_be_done_can_stall(nature):
    assert flags(date(2030, 1, 1), nature=nature) == (Flag.STALLED, Flag.UNVERIFIED)


@pytest.mark.parametrize("status", [*OPEN, *CLOSED])
def test_words_of_intent_neither_stall_nor_want_verifying(status):
    assert flags(date(2030, 1, 1), nature=Nature.DECLARATORY, status=status) == ()


@pytest.mark.parametrize("status", CLOSED)
def test_what_is_closed_neither_stalls_nor_wants_verifying(status):
    assert flags(date(2030, 1, 1), status=status) == ()


@pytest.mark.parametrize(
    ("today", "raised"),
    [
        (date(2024, 1, 10), ()),
        (date(2024, 1, 11), (Flag.UNVERIFIED,)),
        (date(2024, 1, 20), (Flag.UNVERIFIED,)),
        (date(2024, 1, 21), (Flag.STALLED, Flag.UNVERIFIED)),
    ],
)
def test_an_office_sets_its_own_day_counts(today, raised):
    assert flags(today, thresholds=Thresholds(stalled_days=20, unverified_days=10)) == raised


@pytest.mark.parametrize(
    ("answer", "met_again", "raised"),
    [
        (AnswerKind.NONE, True, (Flag.UNANSWERED,)),
        (AnswerKind.NONE, False, ()),
        (AnswerKind.BLANKET, True, ()),
        (AnswerKind.JOINT, True, ()),
        (AnswerKind.SPECIFIC, True, ()),
        (None, True, ()),  # never asked
    ],
)
def test_an_ask_is_unanswered_once_the_series_met_again_without_an_answer(answer, met_again, raised):
    assert flags(RAISED, answer=answer, met_again=met_again) == raised


@pytest.mark.parametrize(
    ("vietnam", "china", "raised"),
    [
        (Status.COMPLETED, Status.UNDER_WAY, (Flag.CONTESTED,)),
        (Status.UNDER_WAY, Status.COMPLETED, (Flag.CONTESTED,)),
        (Status.COMPLETED, Status.COMPLETED, ()),
        (Status.COMPLETED, None, ()),
        (None, Status.COMPLETED, ()),
        (None, None, ()),
    ],
)
@pytest.mark.parametrize("status", [Status.UNDER_WAY, Status.COMPLETED])
def test_it_is_contested_where_both_sides_claim_different_statuses(status, vietnam, china, raised):
    assert flags(RAISED, status=status, vietnam_account=vietnam, china_account=china) == raised


# Lacks

COMPLETE = {
    "answer": AnswerKind.SPECIFIC,
    "deadline_end": date(2022, 3, 31),
    "last_development": date(2022, 1, 10),
    "has_lead": True,
}


@pytest.mark.parametrize(
    ("missing", "lacks"),
    [
        ({}, ()),
        ({"answer": AnswerKind.NONE}, (Lack.ANSWER,)),
        ({"answer": AnswerKind.BLANKET}, ()),
        ({"answer": None}, ()),  # what was never asked wants no answer
        ({"deadline_end": None}, (Lack.DEADLINE,)),
        ({"last_development": None}, (Lack.DEVELOPMENT,)),
        ({"last_development": None, "last_reviewed": date(2024, 1, 1)}, (Lack.DEVELOPMENT,)),
        ({"has_lead": False}, (Lack.LEAD,)),
        (
            {"answer": AnswerKind.NONE, "deadline_end": None, "last_development": None, "has_lead": False},
            (Lack.ANSWER, Lack.DEADLINE, Lack.DEVELOPMENT, Lack.LEAD),
        ),
    ],
)
def test_each_thing_that_is_missing_is_named(missing, lacks):
    assert lacks_of(make_facts(**{**COMPLETE, **missing})) == lacks


# Together


def test_a_standing_puts_schedule_flags_and_lacks_together_in_the_order_of_their_scales():
    facts = due(
        "2024-Q1",
        first_raised=RAISED,
        answer=AnswerKind.NONE,
        met_again=True,
        vietnam_account=Status.PARTLY_DONE,
        china_account=Status.PLEDGED,
    )
    assert standing_of(facts, date(2025, 1, 1), USUAL) == Standing(
        Schedule.OVERDUE,
        (Flag.UNANSWERED, Flag.STALLED, Flag.UNVERIFIED, Flag.CONTESTED),
        (Lack.ANSWER, Lack.DEVELOPMENT, Lack.LEAD),
    )
    assert standing_of(facts, date(2024, 3, 31), Thresholds(0, 365, 180)).schedule == Schedule.DUE_SOON
    assert standing_of(facts, date(2024, 3, 30), Thresholds(0, 365, 180)).schedule == Schedule.NOT_DUE


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("nature", list(Nature))
def test_rates_leave_out_words_of_intent_and_what_was_replaced_or_taken_back(nature, status):
    left_out = nature == "declaratory" or status in ("superseded", "withdrawn")
    assert make_facts(nature=nature, status=status).is_rated is not left_out
