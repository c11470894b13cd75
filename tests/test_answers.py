"""Each ask set beside its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import RELAXED
from tracker.choices import Act, AnswerKind, Side, Stance
from tracker.metrics.answers import Answered, answer_to_newest, kind_of, match

ASKING = [Stance.PROPOSED, Stance.REQUESTED, Stance.WELCOMED]
ANSWERING = [Stance.AGREED, Stance.PLEDGED, Stance.SUPPORTED, Stance.NOTED, Stance.DEFERRED, Stance.DECLINED]
COMING_BACK = [Stance.REAFFIRMED, Stance.REPORTED]
GATE, FAIR = 1, 2
KUNMING, HANOI = 10, 20


@dataclass(frozen=True)
class Said:
    """A statement, as far as the matching reads it."""

    id: int
    stance: str = Stance.REQUESTED
    proposal_id: int = GATE
    meeting_id: int = KUNMING
    blanket: bool = False
    answers_id: int | None = None
    said_on: date = date(2024, 6, 12)
    own_side: str = ""

    @property
    def side(self):
        """Vietnam asks and China answers, unless a side is given."""
        return self.own_side or (Side.CHINA if Stance(self.stance).act == Act.ANSWER else Side.VIETNAM)


def pairs(*statements):
    """Give each ask's number, None where there is none, with the numbers of its answers."""
    return [(one.ask.id if one.ask else None, [said.id for said in one.answers]) for one in match(statements)]


@pytest.mark.parametrize("asking", ASKING)
@pytest.mark.parametrize("answering", ANSWERING)
def test_an_answer_goes_to_the_ask_about_its_proposal_at_its_meeting(asking, answering):
    ask, answer = Said(1, asking), Said(2, answering)
    assert match([ask, answer]) == [Answered(ask, (answer,))]
    assert match([ask, answer])[0].kind == AnswerKind.SPECIFIC


def test_an_answer_may_be_given_before_the_ask():
    assert pairs(Said(1, Stance.AGREED), Said(2)) == [(2, [1])]


def test_one_sentence_for_everything_is_a_blanket_answer():
    (gate, fair) = match(
        [
            Said(1, proposal_id=GATE),
            Said(2, proposal_id=FAIR),
            Said(3, Stance.AGREED, proposal_id=GATE, blanket=True),
            Said(4, Stance.AGREED, proposal_id=FAIR, blanket=True),
        ]
    )
    assert (gate.kind, fair.kind) == (AnswerKind.BLANKET, AnswerKind.BLANKET)
    assert ([said.id for said in gate.answers], [said.id for said in fair.answers]) == ([3], [4])


@pytest.mark.parametrize("blanket", [False, True])
def test_what_both_sides_agreed_answers_the_ask_jointly(blanket):
    (only,) = match([Said(1), Said(2, Stance.AGREED_JOINTLY, blanket=blanket)])
    assert only.kind == AnswerKind.JOINT


def test_an_ask_that_nobody_answered_has_no_answer():
    ask = Said(1)
    assert match([ask]) == [Answered(ask, ())]
    assert match([ask])[0].kind == AnswerKind.NONE


@pytest.mark.parametrize("other", [{"proposal_id": FAIR}, {"meeting_id": HANOI}])
def test_an_answer_about_something_else_or_elsewhere_is_none(other):
    assert pairs(Said(1), Said(2, Stance.AGREED, **other)) == [(1, []), (None, [2])]


@pytest.mark.parametrize("stance", COMING_BACK)
@pytest.mark.parametrize("named", [None, 1])
def test_coming_back_to_a_matter_answers_nothing(stance, named):
    assert pairs(Said(1), Said(2, stance, answers_id=named)) == [(1, []), (None, [2])]
    assert match([Said(2, stance)])[0].kind == AnswerKind.NONE


@pytest.mark.parametrize(
    ("stance", "kind"),
    [(Stance.PLEDGED, AnswerKind.SPECIFIC), (Stance.AGREED_JOINTLY, AnswerKind.JOINT)],
)
def test_what_was_promised_without_being_asked_stands_alone(stance, kind):
    (only,) = match([Said(1, stance)])
    assert (only.ask, only.kind) == (None, kind)


def test_an_answer_that_names_no_ask_goes_to_every_ask_about_its_proposal_at_its_meeting():
    said = (
        Said(1),
        Said(2, Stance.PROPOSED),
        Said(3, meeting_id=HANOI),
        Said(4, proposal_id=FAIR),
        Said(5, Stance.AGREED),
    )
    assert pairs(*said) == [(1, [5]), (2, [5]), (3, []), (4, [])]


def test_an_answer_goes_only_to_the_ask_that_it_names():
    assert pairs(Said(1), Said(2), Said(3, Stance.AGREED, answers_id=2)) == [(1, []), (2, [3])]
    assert pairs(Said(1), Said(2), Said(3, Stance.AGREED, answers_id=1)) == [(1, [3]), (2, [])]


def test_an_answer_may_name_an_ask_about_another_proposal_of_its_meeting():
    said = Said(1, proposal_id=GATE), Said(2, proposal_id=FAIR), Said(3, Stance.AGREED, GATE, answers_id=2)
    assert pairs(*said) == [(1, []), (2, [3])]


def test_an_answer_that_names_an_ask_of_another_meeting_goes_to_the_asks_of_its_own():
    said = Said(1, meeting_id=HANOI), Said(2), Said(3), Said(4, Stance.AGREED, answers_id=1)
    assert pairs(*said) == [(1, []), (2, [4]), (3, [4])]


def test_an_answer_that_names_an_ask_of_another_meeting_stands_alone_where_its_own_had_none():
    assert pairs(Said(1, meeting_id=HANOI), Said(2, Stance.AGREED, answers_id=1)) == [(1, []), (None, [2])]


@pytest.mark.parametrize("named", [2, 99])
def test_an_answer_that_names_no_ask_on_record_goes_to_the_asks_of_its_meeting(named):
    said = Said(1), Said(2, Stance.NOTED), Said(3, Stance.AGREED, answers_id=named)
    assert pairs(*said) == [(1, [2, 3])]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([(Stance.AGREED, True), (Stance.PLEDGED, False)], AnswerKind.SPECIFIC),
        ([(Stance.AGREED_JOINTLY, False), (Stance.PLEDGED, False)], AnswerKind.SPECIFIC),
        ([(Stance.AGREED, True), (Stance.AGREED_JOINTLY, False)], AnswerKind.JOINT),
        ([(Stance.AGREED, True), (Stance.SUPPORTED, True)], AnswerKind.BLANKET),
        ([(Stance.REPORTED, False)], AnswerKind.NONE),
        ([(Stance.REQUESTED, False)], AnswerKind.NONE),
        ([], AnswerKind.NONE),
    ],
)
def test_the_most_specific_answer_decides(answers, kind):
    said = [Said(number, stance, blanket=blanket) for number, (stance, blanket) in enumerate(answers)]
    assert kind_of(said) == kind
    assert kind_of(reversed(said)) == kind


def test_stances_are_read_as_the_database_writes_them():
    (only,) = match([Said(1, "requested"), Said(2, "agreed_jointly")])
    assert only.kind == AnswerKind.JOINT


def test_asks_come_in_the_order_given_and_what_stands_alone_after_them():
    said = (
        Said(7, Stance.REPORTED),
        Said(5),
        Said(3, Stance.PLEDGED, proposal_id=FAIR),
        Said(9, Stance.DECLINED),
        Said(1, meeting_id=HANOI),
        Said(2, Stance.AGREED),
    )
    assert pairs(*said) == [(5, [9, 2]), (1, []), (None, [7]), (None, [3])]


@RELAXED
@given(
    st.lists(
        st.builds(
            Said,
            id=st.integers(1, 30),
            stance=st.sampled_from(list(Stance)),
            proposal_id=st.sampled_from([GATE, FAIR]),
            meeting_id=st.sampled_from([KUNMING, HANOI]),
            blanket=st.booleans(),
            answers_id=st.none() | st.integers(1, 30),
        ),
        unique_by=lambda said: said.id,
        max_size=12,
    )
)
def test_nothing_that_was_said_is_lost_and_no_answer_leaves_its_meeting(statements):
    found = match(statements)
    assert [one.ask for one in found if one.ask] == [said for said in statements if said.stance in ASKING]
    answers = {said for one in found for said in one.answers}
    assert answers == {said for said in statements if said.stance not in ASKING}
    assert all(said.meeting_id == one.ask.meeting_id for one in found if one.ask for said in one.answers)
    assert all(len(one.answers) == 1 for one in found if one.ask is None)


def test_nobody_answers_their_own_ask():
    ask, own = Said(1, Stance.PROPOSED, own_side=Side.CHINA), Said(2, Stance.PLEDGED)
    assert pairs(ask, own) == [(1, []), (None, [2])]
    assert answer_to_newest([ask], [ask, own]) == AnswerKind.NONE


def test_both_sides_together_answer_either():
    ask = Said(1, Stance.PROPOSED, own_side=Side.CHINA)
    assert pairs(ask, Said(2, Stance.AGREED_JOINTLY, own_side=Side.JOINT)) == [(1, [2])]


def test_the_newest_ask_decides_and_an_older_answer_does_not_reach_it():
    old, answer = Said(1, said_on=date(2023, 3, 28)), Said(2, Stance.PLEDGED, said_on=date(2023, 3, 28))
    new = Said(3, meeting_id=HANOI, said_on=date(2024, 11, 6))
    assert answer_to_newest([old], [old, answer, new]) == AnswerKind.SPECIFIC
    assert answer_to_newest([old, new], [old, answer, new]) == AnswerKind.NONE


def test_an_answer_at_a_later_meeting_reaches_the_ask():
    ask = Said(1)
    late = Said(2, Stance.AGREED, meeting_id=HANOI, blanket=True, said_on=date(2024, 6, 13))
    early = Said(3, Stance.PLEDGED, meeting_id=HANOI, said_on=date(2024, 6, 11))
    assert answer_to_newest([ask], [ask, late, early]) == AnswerKind.BLANKET


def test_an_answer_that_names_another_ask_of_the_meeting_leaves_this_one_out():
    one, other = Said(1), Said(2)
    answer = Said(3, Stance.PLEDGED, answers_id=2)
    assert answer_to_newest([one], [one, other, answer]) == AnswerKind.NONE
    assert answer_to_newest([other], [one, other, answer]) == AnswerKind.SPECIFIC
