from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from tests.makers import TODAY, make_change, make_meeting, make_proposal, make_source, make_statement
from tracker import transitions
from tracker.choices import Nature, Status
from tracker.models import Proposal, StatusChange
from tracker.transitions import amend_status, check_change, record_status

pytestmark = pytest.mark.django_db


def day(number):
    return date(2024, 1, number)


def steps(proposal):
    return [(row.old, row.new, row.effective_on.day) for row in proposal.status_changes.all()]


def refused(proposal, new=Status.AGREED, on=None, today=TODAY, **fields):
    """Record a change that must be refused; give the messages by field after checking that nothing was written."""
    before = (Proposal.objects.get(pk=proposal.pk).status, StatusChange.objects.count())
    fields = {"reason_en": "A source says so.", **fields}
    change = StatusChange(proposal=proposal, new=new, effective_on=on or TODAY, **fields)
    with pytest.raises(ValidationError) as problem:
        record_status(change, today=today)
    assert (Proposal.objects.get(pk=proposal.pk).status, StatusChange.objects.count()) == before
    return {field: " ".join(messages) for field, messages in problem.value.message_dict.items()}


# --- row and history together --------------------------------------------------------------------------------------


def test_row_and_history_move_together():
    proposal = make_proposal(since=day(1))
    user = User.objects.create_user("linh")
    change = make_change(proposal, Status.AGREED, on=day(2), by=user)
    assert Proposal.objects.get().status == Status.AGREED
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "agreed", 2)]
    assert (change.old, change.recorded_by) == ("proposed", user)


def test_the_first_change_starts_from_nothing():
    proposal = make_proposal(since=None)
    make_change(proposal, Status.PLEDGED, on=day(1))
    assert steps(proposal) == [("", "pledged", 1)]


def test_backward_moves_are_allowed_and_recorded():
    proposal = make_proposal(status=Status.COMPLETED, since=day(1))
    make_change(proposal, Status.UNDER_WAY, on=day(2))
    assert proposal.status == Status.UNDER_WAY
    assert steps(proposal)[-1] == ("completed", "under_way", 2)


def test_a_change_found_late_takes_its_place_in_the_history_and_leaves_the_status():
    proposal = make_proposal(since=day(1))
    make_change(proposal, Status.UNDER_WAY, on=day(9))
    make_change(proposal, Status.AGREED, on=day(5))
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "agreed", 5), ("agreed", "under_way", 9)]
    assert proposal.status == Status.UNDER_WAY


def test_a_change_before_the_first_becomes_the_first():
    proposal = make_proposal(status=Status.AGREED, since=day(5))
    make_change(proposal, Status.PROPOSED, on=day(1))
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "agreed", 5)]


def test_changes_of_one_day_stand_in_the_order_in_which_they_were_recorded():
    proposal = make_proposal(since=day(1))
    make_change(proposal, Status.AGREED, on=day(1))
    make_change(proposal, Status.PLEDGED, on=day(1))
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "agreed", 1), ("agreed", "pledged", 1)]


def test_neither_is_written_when_the_second_half_fails(monkeypatch):
    proposal = make_proposal(since=day(1))

    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(transitions, "_relink", fail)
    with pytest.raises(RuntimeError):
        make_change(proposal, Status.AGREED, on=day(2))
    assert Proposal.objects.get().status == Status.PROPOSED
    assert steps(proposal) == [("", "proposed", 1)]


def test_it_goes_by_the_stored_status_not_by_the_copy_in_hand():
    proposal = make_proposal(since=day(1))
    stale = Proposal.objects.get()
    make_change(proposal, Status.AGREED, on=day(2))
    stale.title_en = "Not to be saved"
    change = StatusChange(
        proposal=stale, new=Status.PLEDGED, effective_on=day(3), reason_en="Signed.", source=make_source()
    )
    record_status(change, today=TODAY)
    stored = Proposal.objects.get()
    assert (change.old, stored.status, stored.title_en) == ("agreed", "pledged", "Open the gate")


def test_other_proposals_are_left_alone():
    proposal, other = make_proposal(since=day(1)), make_proposal("Other", since=day(1))
    make_change(proposal, Status.AGREED, on=day(2))
    assert Proposal.objects.get(pk=other.pk).status == Status.PROPOSED
    assert steps(other) == [("", "proposed", 1)]


def test_the_history_of_the_row_keeps_the_status_before_and_after():
    proposal = make_proposal(since=day(1))
    make_change(proposal, Status.AGREED, on=day(2))
    assert [row.status for row in proposal.history.all()[:2]] == ["agreed", "proposed"]


# --- rules of the scale --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_from_pledged_up_a_status_needs_a_source_and_the_message_gives_the_rule(status):
    first = Status.AGREED if status == Status.PROPOSED else Status.PROPOSED
    proposal = make_proposal(status=first, since=day(1), successor=make_proposal("Successor"))
    change = StatusChange(proposal=proposal, new=status, effective_on=day(2), reason_en="Because.")
    if status in (Status.PLEDGED, Status.UNDER_WAY, Status.PARTLY_DONE, Status.COMPLETED):
        messages = refused(proposal, status, on=day(2))
        assert list(messages) == ["source"]
        assert str(status.rule) in messages["source"]
    else:
        record_status(change, today=TODAY)
        assert Proposal.objects.get(pk=proposal.pk).status == status


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_every_change_has_a_reason(reason):
    assert list(refused(make_proposal(), reason_en=reason)) == ["reason_en"]


def test_a_status_takes_effect_today_at_the_latest():
    proposal = make_proposal()
    messages = refused(proposal, on=TODAY + timedelta(days=1))
    assert list(messages) == ["effective_on"]
    assert TODAY.isoformat() in messages["effective_on"]
    make_change(proposal, Status.AGREED, on=TODAY)


def test_superseded_names_the_successor():
    assert "successor" in refused(make_proposal(), Status.SUPERSEDED)["new"]


@pytest.mark.parametrize("nature", [Nature.CONTINUING, Nature.DECLARATORY])
def test_what_has_no_end_is_never_completed(nature):
    proposal = make_proposal(nature=nature)
    messages = refused(proposal, Status.COMPLETED, source=make_source())
    assert list(messages) == ["new"]
    assert str(nature.label) in messages["new"]


def test_completed_needs_a_completion_test():
    proposal = make_proposal(completion_test_en="")
    assert list(refused(proposal, Status.COMPLETED, source=make_source())) == ["new"]


def test_a_word_that_is_no_status_is_answered_with_those_that_are():
    message = refused(make_proposal(), "finished")["new"]
    assert "finished" in message
    assert all(status.value in message for status in Status)


def test_everything_wrong_is_said_at_once():
    messages = refused(make_proposal(), Status.COMPLETED, on=TODAY + timedelta(days=1), reason_en="")
    assert sorted(messages) == ["effective_on", "reason_en", "source"]


@pytest.mark.parametrize(
    ("new", "on"),
    [(Status.AGREED, 5), (Status.AGREED, 6), (Status.AGREED, 4), (Status.PLEDGED, 9), (Status.PLEDGED, 8)],
)
def test_a_step_that_its_neighbour_in_time_makes_is_refused(new, on):
    proposal = make_proposal(since=day(1))
    make_change(proposal, Status.AGREED, on=day(5))
    make_change(proposal, Status.PLEDGED, on=day(9))
    messages = refused(proposal, new, on=day(on), source=make_source())
    assert str(new.label) in messages["new"]


def test_coming_back_to_a_status_after_another_is_no_repetition():
    proposal = make_proposal(status=Status.AGREED, since=day(1))
    make_change(proposal, Status.DECLINED, on=day(2))
    make_change(proposal, Status.AGREED, on=day(3))
    assert proposal.status == Status.AGREED


# --- checking without saving ---------------------------------------------------------------------------------------


def unsaved(proposal, new, on):
    return StatusChange(proposal=proposal, new=new, effective_on=day(on), reason_en="Because.")


def test_checking_writes_nothing(django_assert_num_queries):
    proposal = make_proposal(since=day(1))
    with django_assert_num_queries(2) as asked:
        check_change(unsaved(proposal, Status.AGREED, 2), today=TODAY)
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_no_status_takes_effect_before_anything_was_said():
    proposal = make_proposal(since=None)
    make_statement(proposal, make_meeting(day(9)))
    with pytest.raises(ValidationError, match="before anything was said") as refused:
        check_change(unsaved(proposal, Status.AGREED, 8), today=TODAY)
    assert list(refused.value.message_dict) == ["effective_on"]
    check_change(unsaved(proposal, Status.AGREED, 9), today=TODAY)


def test_checking_counts_the_changes_that_go_before():
    proposal = make_proposal(status=Status.AGREED, since=day(1))
    declined = unsaved(proposal, Status.DECLINED, 2)
    check_change(unsaved(proposal, Status.AGREED, 3), today=TODAY, alongside=[declined])
    with pytest.raises(ValidationError, match="already says"):
        check_change(unsaved(proposal, Status.DECLINED, 3), today=TODAY, alongside=[declined])


def test_the_first_changes_of_a_proposal_can_be_checked_before_it_is_saved():
    proposal = Proposal(title_en="New", nature=Nature.ONE_OFF)
    first = unsaved(proposal, Status.PROPOSED, 1)
    check_change(first, today=TODAY)
    with pytest.raises(ValidationError, match="already says"):
        check_change(unsaved(proposal, Status.PROPOSED, 2), today=TODAY, alongside=[first])


# --- correcting what the seeds recorded ----------------------------------------------------------------------------


def test_an_amended_change_is_linked_anew_and_the_status_follows():
    proposal = make_proposal(since=day(1))
    change = make_change(proposal, Status.AGREED, on=day(5))
    make_change(proposal, Status.PLEDGED, on=day(9))
    change.effective_on = day(12)
    amend_status(change, today=TODAY)
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "pledged", 9), ("pledged", "agreed", 12)]
    assert Proposal.objects.get().status == Status.AGREED


def test_an_amendment_is_held_to_the_scale_and_otherwise_not_written():
    proposal = make_proposal(since=day(1))
    change = make_change(proposal, Status.AGREED, on=day(5))
    change.new = Status.PROPOSED
    with pytest.raises(ValidationError, match="already says"):
        amend_status(change, today=TODAY)
    assert steps(proposal) == [("", "proposed", 1), ("proposed", "agreed", 5)]


def test_an_amendment_that_leaves_two_equal_steps_together_is_refused_in_words():
    proposal = make_proposal(status=Status.AGREED, since=day(1))
    declined = make_change(proposal, Status.DECLINED, on=day(5))
    make_change(proposal, Status.AGREED, on=day(9))
    declined.effective_on = day(12)
    with pytest.raises(ValidationError, match="already says"):
        amend_status(declined, today=TODAY)
    assert steps(proposal) == [("", "agreed", 1), ("agreed", "declined", 5), ("declined", "agreed", 9)]
