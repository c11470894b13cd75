"""The vocabulary of reads: what is on record about a proposal on a day."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_review,
    make_series,
    make_source,
    make_statement,
    make_theme,
)
from tracker.choices import AnswerKind, MeetingState, Nature, Precision, Publication, Stance, Status
from tracker.querysets import (
    deadlines_by,
    meetings_by,
    meetings_with_counts,
    published_on,
    sources_with_counts,
    vocabulary,
)
from tracker.standing import Facts, Thresholds

pytestmark = pytest.mark.django_db

LATER = date(2026, 11, 20)


def items(day, rows=None):
    return list((published_on(day) if rows is None else rows).with_facts(day).items(day, Thresholds()))


def facts(proposal, day=LATER) -> Facts:
    (item,) = items(day, published_on(day).filter(pk=proposal.pk))
    return item.facts


# --- as of ---------------------------------------------------------------------------------------------------------


def test_a_proposal_is_there_from_the_day_of_its_first_status():
    make_proposal(since=date(2024, 6, 12))
    assert items(date(2024, 6, 11)) == []
    assert len(items(date(2024, 6, 12))) == 1


def test_a_proposal_without_any_status_on_record_is_not_there():
    make_proposal(since=None)
    assert items(LATER) == []


def test_a_draft_is_not_there():
    make_proposal(publication=Publication.DRAFT)
    assert items(LATER) == []


def test_the_status_is_that_of_the_newest_change_by_the_day():
    proposal = make_proposal(since=date(2024, 6, 12))
    make_change(proposal, Status.AGREED, on=date(2024, 9, 1))
    make_change(proposal, Status.UNDER_WAY, on=date(2025, 3, 31), precision=Precision.QUARTER)
    seen = [facts(proposal, day) for day in (date(2024, 8, 31), date(2024, 9, 1), LATER)]
    assert [one.status for one in seen] == [Status.PROPOSED, Status.AGREED, Status.UNDER_WAY]
    assert [one.status_since for one in seen] == [date(2024, 6, 12), date(2024, 9, 1), date(2025, 3, 31)]
    assert seen[2].status_precision == Precision.QUARTER


def test_of_two_changes_on_one_day_the_one_recorded_last_is_in_effect():
    proposal = make_proposal(since=date(2024, 6, 12))
    make_change(proposal, Status.PLEDGED, on=date(2024, 6, 12))
    assert facts(proposal).status == Status.PLEDGED
    assert len(items(LATER)) == 1


def test_a_change_recorded_late_does_not_undo_a_newer_one():
    proposal = make_proposal(since=date(2024, 6, 12))
    make_change(proposal, Status.UNDER_WAY, on=date(2025, 6, 1))
    make_change(proposal, Status.PLEDGED, on=date(2024, 9, 1))
    assert facts(proposal).status == Status.UNDER_WAY
    assert facts(proposal, date(2025, 1, 1)).status == Status.PLEDGED


def test_awaiting_an_authority_ends_with_the_next_change():
    proposal = make_proposal(since=None)
    make_change(proposal, Status.AGREED, on=date(2024, 6, 12), awaiting=make_organization())
    make_change(proposal, Status.UNDER_WAY, on=date(2025, 6, 1))
    assert facts(proposal, date(2025, 5, 31)).awaiting is True
    assert facts(proposal).awaiting is False


# --- asked and answered --------------------------------------------------------------------------------------------


def test_times_raised_and_answered_count_meetings_not_statements():
    proposal = make_proposal()
    first, second = make_meeting(date(2023, 3, 28)), make_meeting(date(2024, 6, 12))
    make_statement(proposal, first, Stance.PROPOSED)
    make_statement(proposal, first, Stance.REQUESTED)
    make_statement(proposal, second, Stance.WELCOMED)
    make_statement(proposal, second, Stance.SUPPORTED)
    make_statement(proposal, second, Stance.AGREED)
    seen = facts(proposal)
    assert (seen.times_raised, seen.times_answered) == (2, 1)
    assert (seen.first_raised, seen.last_raised) == (date(2023, 3, 28), date(2024, 6, 12))


def test_joint_words_both_raise_and_answer_while_a_report_does_neither():
    proposal = make_proposal()
    make_statement(proposal, make_meeting(date(2021, 5, 18)), Stance.AGREED_JOINTLY)
    make_statement(proposal, make_meeting(date(2023, 3, 28)), Stance.REPORTED)
    make_statement(proposal, make_meeting(date(2024, 3, 28)), Stance.REAFFIRMED)
    seen = facts(proposal)
    assert (seen.times_raised, seen.times_answered) == (1, 1)
    assert seen.last_raised == date(2021, 5, 18)


def test_what_nobody_asked_for_counts_as_raised_on_the_day_it_was_first_spoken_of():
    proposal = make_proposal(since=date(2021, 5, 18))
    make_statement(proposal, make_meeting(date(2021, 5, 18)), Stance.PLEDGED)
    make_statement(proposal, make_meeting(date(2024, 6, 12)), Stance.REAFFIRMED)
    seen = facts(proposal)
    assert (seen.first_raised, seen.last_raised) == (date(2021, 5, 18), date(2024, 6, 12))
    assert (seen.times_raised, seen.answer) == (0, None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ([], AnswerKind.NONE),
        ([(Stance.REAFFIRMED, False)], AnswerKind.NONE),
        ([(Stance.AGREED, True)], AnswerKind.BLANKET),
        ([(Stance.AGREED, True), (Stance.AGREED_JOINTLY, False)], AnswerKind.JOINT),
        ([(Stance.AGREED, True), (Stance.AGREED_JOINTLY, False), (Stance.DECLINED, False)], AnswerKind.SPECIFIC),
    ],
)
def test_the_best_answer_on_record_decides(said, kind):
    proposal, meeting = make_proposal(), make_meeting()
    make_statement(proposal, meeting, Stance.PROPOSED)
    for stance, blanket in said:
        make_statement(proposal, meeting, stance, blanket=blanket)
    assert facts(proposal).answer == kind


def test_a_statement_made_later_is_not_yet_there():
    proposal = make_proposal(since=date(2023, 3, 28))
    make_statement(proposal, make_meeting(date(2023, 3, 28)), Stance.PROPOSED)
    make_statement(proposal, make_meeting(date(2024, 6, 12)), Stance.PLEDGED)
    before = facts(proposal, date(2024, 6, 11))
    assert (before.answer, before.times_answered) == (AnswerKind.NONE, 0)
    assert facts(proposal, date(2024, 6, 12)).answer == AnswerKind.SPECIFIC


def test_what_was_said_at_a_draft_meeting_does_not_count():
    proposal = make_proposal()
    make_statement(proposal, make_meeting(date(2024, 6, 12)), Stance.PROPOSED)
    make_statement(proposal, make_meeting(date(2025, 6, 12), publication=Publication.DRAFT), Stance.PLEDGED)
    seen = facts(proposal)
    assert (seen.answer, seen.last_raised) == (AnswerKind.NONE, date(2024, 6, 12))


@pytest.mark.parametrize(
    ("fields", "met"),
    [
        ({}, True),
        ({"state": MeetingState.PLANNED}, False),
        ({"state": MeetingState.NOT_ON_RECORD}, False),
        ({"publication": Publication.DRAFT}, False),
    ],
)
def test_the_series_met_again_when_a_later_meeting_was_held(fields, met):
    series, proposal = make_series(), make_proposal()
    make_statement(proposal, make_meeting(date(2024, 6, 12), series), Stance.PROPOSED)
    make_meeting(date(2025, 6, 12), series, **fields)
    assert facts(proposal).met_again is met
    assert facts(proposal, date(2025, 6, 11)).met_again is False


def test_a_later_meeting_of_another_series_is_not_the_series_meeting_again():
    proposal = make_proposal()
    make_statement(proposal, make_meeting(date(2024, 6, 12)), Stance.PROPOSED)
    make_meeting(date(2025, 6, 12))
    assert facts(proposal).met_again is False


# --- deadline ------------------------------------------------------------------------------------------------------


def test_lateness_looks_at_the_first_deadline_that_has_a_date():
    proposal = make_proposal()
    make_deadline(proposal, None, first_day=None, phrase_en="quickly", stated_on=date(2024, 1, 1))
    make_deadline(proposal, date(2025, 3, 31), first_day=date(2025, 1, 1), stated_on=date(2024, 6, 12))
    make_deadline(proposal, date(2026, 3, 31), stated_on=date(2025, 6, 12))
    (item,) = items(LATER)
    assert (item.facts.deadline_start, item.facts.deadline_end) == (date(2025, 1, 1), date(2025, 3, 31))
    assert item.deadline_phrase == "by 2025-03-31"


def test_a_deadline_without_a_date_keeps_its_phrase_and_nothing_else():
    proposal = make_proposal()
    make_deadline(proposal, None, first_day=None, phrase_en="quickly")
    (item,) = items(LATER)
    assert (item.deadline_phrase, item.facts.deadline_start, item.facts.deadline_end) == ("quickly", None, None)


def test_a_deadline_stated_later_is_not_yet_there():
    proposal = make_proposal(since=date(2024, 1, 1))
    make_deadline(proposal, date(2025, 3, 31), stated_on=date(2024, 6, 12))
    assert facts(proposal, date(2024, 6, 11)).deadline_end is None
    assert [row.proposal for row in deadlines_by(date(2024, 6, 12))] == [proposal]
    assert not deadlines_by(date(2024, 6, 11)).exists()


# --- evidence ------------------------------------------------------------------------------------------------------


def test_the_latest_public_development_and_review_by_the_day_count():
    proposal = make_proposal(since=date(2024, 1, 1))
    make_development(proposal, date(2024, 9, 1))
    make_development(proposal, date(2025, 9, 1))
    make_development(proposal, date(2026, 9, 1), visibility="internal")
    make_review(proposal, date(2024, 10, 1))
    make_review(proposal, date(2026, 10, 1))
    seen, before = facts(proposal), facts(proposal, date(2025, 1, 1))
    assert (seen.last_development, seen.last_reviewed) == (date(2025, 9, 1), date(2026, 10, 1))
    assert (before.last_development, before.last_reviewed) == (date(2024, 9, 1), date(2024, 10, 1))


def test_the_latest_account_of_each_side_counts():
    proposal = make_proposal()
    for side, claim, day in (
        ("vietnam", Status.PLEDGED, date(2024, 9, 1)),
        ("vietnam", Status.COMPLETED, date(2025, 9, 1)),
        ("china", Status.UNDER_WAY, date(2025, 1, 1)),
    ):
        make_development(proposal, day, account_side=side, account_status=claim)
    seen, before = facts(proposal), facts(proposal, date(2024, 12, 31))
    assert (seen.vietnam_account, seen.china_account) == (Status.COMPLETED, Status.UNDER_WAY)
    assert (before.vietnam_account, before.china_account) == (Status.PLEDGED, None)


def test_an_occurrence_is_a_held_meeting_of_the_series_or_a_development_that_says_so():
    series = make_series(interval_months=12)
    proposal = make_proposal(nature=Nature.CONTINUING, occurrences_of=series, since=date(2021, 5, 18))
    make_meeting(date(2023, 3, 31), series)
    make_meeting(date(2026, 3, 31), series, state=MeetingState.PLANNED)
    make_meeting(date(2026, 4, 30), series, publication=Publication.DRAFT)
    make_development(proposal, date(2024, 6, 12), is_occurrence=True)
    make_development(proposal, date(2025, 6, 12))
    assert facts(proposal).last_occurrence == date(2024, 6, 12)
    assert facts(proposal, date(2023, 12, 31)).last_occurrence == date(2023, 3, 31)
    assert facts(proposal, date(2022, 12, 31)).last_occurrence is None
    assert facts(proposal).interval_months == 12


def test_the_interval_of_the_proposal_goes_before_that_of_the_series():
    series = make_series(interval_months=12)
    proposal = make_proposal(nature=Nature.CONTINUING, occurrences_of=series, expected_interval_months=6)
    assert facts(proposal).interval_months == 6


def test_a_lead_is_known_only_from_its_role():
    leader = make_organization()
    assert facts(make_proposal(lead=[leader])).has_lead is True
    assert facts(make_proposal(partner=[leader], proposer=[leader], addressee=[leader])).has_lead is False


def test_nothing_on_record_is_none_and_not_nought():
    seen = facts(make_proposal())
    assert (seen.first_raised, seen.last_raised, seen.answer, seen.deadline_end) == (None, None, None, None)
    assert (seen.last_development, seen.last_reviewed, seen.last_occurrence) == (None, None, None)


# --- lists ---------------------------------------------------------------------------------------------------------


def test_titles_themes_and_phrases_come_in_the_language_of_the_page_else_in_english():
    theme = make_theme("gates", name_en="Gates", name_vi="Cửa khẩu")
    proposal = make_proposal("Open it", title_vi="Mở", theme=theme)
    make_deadline(proposal, None, first_day=None, phrase_en="quickly", phrase_zh_hans="尽快")
    said = {}
    for language in ("en", "vi", "zh-hans"):
        with translation.override(language):
            (item,) = items(LATER)
            said[language] = (item.title, item.theme_label, item.deadline_phrase)
    assert said == {
        "en": ("Open it", "Gates", "quickly"),
        "vi": ("Mở", "Cửa khẩu", "quickly"),
        "zh-hans": ("Open it", "Gates", "尽快"),
    }


def test_meetings_begin_to_be_there_on_their_first_day():
    make_meeting(date(2024, 6, 13), slug="two-days", first_day=date(2024, 6, 12))
    make_meeting(date(2024, 6, 12), slug="draft", publication=Publication.DRAFT)
    assert [one.slug for one in meetings_by(date(2024, 6, 12))] == ["two-days"]
    assert list(meetings_by(date(2024, 6, 11))) == []
    assert [one.slug for one in vocabulary(date(2024, 6, 12)).meetings] == ["two-days"]


def test_a_meeting_counts_its_asks_and_those_answered_there():
    meeting, elsewhere = make_meeting(date(2024, 6, 12)), make_meeting(date(2024, 7, 12))
    answered, silent, draft = make_proposal(), make_proposal(), make_proposal(publication=Publication.DRAFT)
    for proposal in (answered, silent, draft):
        make_statement(proposal, meeting, Stance.PROPOSED)
    make_statement(answered, meeting, Stance.AGREED)
    make_statement(silent, elsewhere, Stance.PLEDGED)
    counted = {one.pk: (one.asks, one.answered) for one in meetings_with_counts(LATER)}
    assert counted == {meeting.pk: (2, 1), elsewhere.pk: (0, 0)}


def test_a_source_counts_what_viewers_may_see_of_what_rests_on_it_by_the_day():
    source = make_source(published_on=date(2024, 1, 1))
    proposal = make_proposal(since=None)
    make_change(proposal, Status.PLEDGED, on=date(2024, 6, 12), source=source)
    make_statement(proposal, make_meeting(date(2024, 6, 12)), source=source)
    make_statement(proposal, make_meeting(date(2025, 6, 12)), source=source)
    make_statement(proposal, make_meeting(date(2024, 6, 12), publication=Publication.DRAFT), source=source)
    make_statement(make_proposal(publication=Publication.DRAFT), make_meeting(date(2024, 6, 12)), source=source)
    for day, expected in ((date(2024, 6, 11), (0, 0)), (date(2024, 6, 12), (1, 1)), (LATER, (2, 1))):
        one = sources_with_counts(day).get(pk=source.pk)
        assert (one.statement_count, one.change_count) == expected


def test_a_source_published_after_the_day_is_there_only_if_something_of_that_day_rests_on_it():
    cited = make_source("cited", published_on=date(2024, 11, 7))
    make_source("idle", published_on=date(2024, 11, 7))
    make_source("undated", published_on=None)
    make_statement(make_proposal(), make_meeting(date(2024, 11, 6)), source=cited)
    for day, expected in ((5, []), (6, ["cited"]), (7, ["cited", "idle"])):
        there = {one.slug for one in sources_with_counts(date(2024, 11, day))}
        assert sorted(there & {"cited", "idle", "undated"}) == expected
