"""The lines suggested for the next meeting: each rule at its edges, and which goes before which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tracker.choices import AnswerKind, Flag, Lack, Nature, Schedule, Side, Stance, Status
from tracker.metrics.brief import Word, owed_by
from tracker.metrics.records import Item
from tracker.metrics.suggestions import Case, Limits, Line, Owed, Reason, reason_for
from tracker.standing import Facts, Standing

TODAY = date(2026, 11, 20)
LIMITS = Limits(drop_days=1000, declined_times=2)


def case(*, owed=Owed.THEM, schedule=Schedule.NO_DEADLINE, flags=(), lacks=(), more=None, **facts):
    """A case that no rule holds for: open, answered, raised twice lately, not agreed; changed by the arguments."""
    known = {
        "nature": Nature.ONE_OFF,
        "status": Status.PROPOSED,
        "status_since": TODAY - timedelta(days=90),
        "first_raised": TODAY - timedelta(days=90),
        "last_raised": TODAY - timedelta(days=90),
        "times_raised": 2,
        **facts,
    }
    item = Item(1, "gate", "Open the gate", "gates", "Gates", Facts(**known), Standing(schedule, flags, lacks))
    return replace(Case(item, owed, our_ask=AnswerKind.SPECIFIC), **(more or {}))


def reason(**arguments):
    return reason_for(case(**arguments), TODAY, LIMITS)


def long_ago(days):
    return {name: TODAY - timedelta(days=days) for name in ("status_since", "first_raised", "last_raised")}


def test_where_no_rule_holds_no_line_is_suggested():
    assert reason() == Reason.NOTHING
    assert Reason.NOTHING.line == Line.KEEP


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"status": Status.LAPSED}, Reason.OVERTAKEN),
        ({"status": Status.SUPERSEDED}, Reason.OVERTAKEN),
        ({"status": Status.WITHDRAWN}, Reason.OVERTAKEN),
        ({"status": Status.DECLINED}, Reason.NOTHING),
        ({"more": {"declined_at": 1}}, Reason.NOTHING),
        ({"more": {"declined_at": 2}}, Reason.DECLINED),
        ({"status": Status.DECLINED, "more": {"declined_at": 3}}, Reason.DECLINED),
        ({"nature": Nature.DECLARATORY, "more": {"our_ask": AnswerKind.NONE}}, Reason.DECLARATORY),
        ({"times_raised": 1, **long_ago(999)}, Reason.NOTHING),
        ({"times_raised": 1, **long_ago(1000)}, Reason.FORGOTTEN),
        ({"times_raised": 2, **long_ago(1000)}, Reason.NOTHING),
        ({"times_raised": 1, "status": Status.AGREED, **long_ago(1000)}, Reason.FORGOTTEN),
        ({"times_raised": 1, "status": Status.PLEDGED, **long_ago(1000)}, Reason.NOTHING),
        ({"times_raised": 1, "deadline_end": date(2030, 1, 1), **long_ago(1000)}, Reason.NOTHING),
        ({"times_raised": 1, "last_development": TODAY - timedelta(days=999), **long_ago(1000)}, Reason.NOTHING),
    ],
)
def test_what_is_over_or_forgotten_is_dropped(arguments, expected):
    assert reason(**arguments) == expected


NONE = AnswerKind.NONE


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"schedule": Schedule.OVERDUE}, Reason.OVERDUE),
        ({"schedule": Schedule.CYCLE_MISSED}, Reason.OVERDUE),
        ({"schedule": Schedule.OVERDUE, "owed": Owed.BOTH}, Reason.BOTH_LATE),
        ({"schedule": Schedule.CYCLE_MISSED, "owed": Owed.BOTH}, Reason.BOTH_LATE),
        ({"schedule": Schedule.OVERDUE, "owed": Owed.US}, Reason.OWN_LATE),
        ({"schedule": Schedule.OVERDUE, "owed": Owed.US, "status": Status.COMPLETED}, Reason.NOTHING),
        ({"schedule": Schedule.DUE_SOON}, Reason.NOTHING),
        ({"schedule": Schedule.OVERDUE, "more": {"their_ask": NONE}}, Reason.OWN_ANSWER),
        ({"schedule": Schedule.OVERDUE, "flags": (Flag.CONTESTED,)}, Reason.CONTESTED),
        ({"schedule": Schedule.OVERDUE, "flags": (Flag.CONTESTED,), "owed": Owed.BOTH}, Reason.BOTH_LATE),
    ],
)
def test_only_who_is_late_alone_is_pressed_for_it(arguments, expected):
    assert reason(**arguments) == expected
    assert expected.line == {Reason.OVERDUE: Line.PRESS, Reason.NOTHING: Line.KEEP}.get(expected, Line.SETTLE)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"more": {"our_ask": NONE}}, Reason.UNANSWERED),
        ({"more": {"our_ask": NONE}, "owed": Owed.BOTH}, Reason.UNANSWERED),
        ({"more": {"our_ask": AnswerKind.BLANKET}}, Reason.NOTHING),
        ({"more": {"our_ask": None}}, Reason.NOTHING),
        ({"more": {"our_ask": NONE}, "owed": Owed.US}, Reason.NOTHING),
        ({"more": {"our_ask": NONE}, "status": Status.COMPLETED}, Reason.NOTHING),
        ({"more": {"our_ask": NONE, "their_ask": NONE}, "owed": Owed.BOTH}, Reason.OWN_ANSWER),
        ({"more": {"our_ask": NONE, "their_ask": AnswerKind.JOINT}, "owed": Owed.BOTH}, Reason.UNANSWERED),
        ({"flags": (Flag.STALLED,)}, Reason.STALLED),
        ({"flags": (Flag.STALLED,), "more": {"changed_since": True}}, Reason.NOTHING),
        ({"flags": (Flag.STALLED,), "owed": Owed.BOTH}, Reason.NEXT_STEP),
        ({"flags": (Flag.STALLED,), "owed": Owed.BOTH, "more": {"changed_since": True}}, Reason.NOTHING),
        ({"flags": (Flag.STALLED,), "owed": Owed.US}, Reason.NOTHING),
        ({"flags": (Flag.UNVERIFIED,)}, Reason.NOTHING),
    ],
)
def test_what_they_owe_is_pressed_when_unanswered_or_stalled_unless_we_owe_an_answer(arguments, expected):
    assert reason(**arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"more": {"their_step_since": True}}, Reason.THEIR_STEP),
        ({"more": {"their_step_since": True}, "owed": Owed.US}, Reason.NOTHING),
        ({"more": {"done_since": True}, "status": Status.COMPLETED}, Reason.DONE),
        ({"more": {"done_since": True}, "status": Status.PARTLY_DONE, "owed": Owed.BOTH}, Reason.DONE),
        ({"more": {"advanced_since": True}, "status": Status.UNDER_WAY}, Reason.ADVANCED),
        ({"more": {"advanced_since": True, "our_ask": NONE}}, Reason.ADVANCED),
        ({"more": {"advanced_since": True}, "flags": (Flag.STALLED,)}, Reason.ADVANCED),
        ({"more": {"advanced_since": True}, "schedule": Schedule.OVERDUE}, Reason.OVERDUE),
        ({"more": {"advanced_since": True, "their_ask": NONE}}, Reason.OWN_ANSWER),
        ({"more": {"done_since": True}, "status": Status.PARTLY_DONE, "flags": (Flag.CONTESTED,)}, Reason.CONTESTED),
        ({"more": {"advanced_since": True, "done_since": True}, "owed": Owed.US}, Reason.NOTHING),
    ],
)
def test_what_moved_since_the_last_meeting_is_credited_before_anything_is_missed(arguments, expected):
    assert reason(**arguments) == expected


def test_only_what_is_theirs_by_the_record_is_thanked_for():
    assert [one for one in Reason if one.line == Line.THANK] == [Reason.THEIR_STEP]
    assert [one for one in Reason if one.line == Line.WELCOME] == [Reason.DONE, Reason.ADVANCED]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"flags": (Flag.CONTESTED,)}, Reason.CONTESTED),
        ({"flags": (Flag.CONTESTED,), "owed": Owed.US}, Reason.CONTESTED),
        ({"flags": (Flag.CONTESTED,), "status": Status.COMPLETED}, Reason.NOTHING),
        ({"more": {"their_ask": NONE}, "owed": Owed.US}, Reason.OWN_ANSWER),
        ({"more": {"their_ask": NONE}, "owed": Owed.THEM}, Reason.OWN_ANSWER),
        ({"more": {"their_ask": NONE}, "status": Status.COMPLETED}, Reason.NOTHING),
        ({"more": {"their_ask": AnswerKind.JOINT}, "owed": Owed.US}, Reason.NOTHING),
        ({"more": {"is_agreed": True}, "lacks": (Lack.DEADLINE, Lack.LEAD)}, Reason.NO_TERMS),
        ({"more": {"is_agreed": True}, "lacks": (Lack.DEADLINE,)}, Reason.NO_DATE),
        ({"more": {"is_agreed": True}, "lacks": (Lack.LEAD,)}, Reason.NO_LEAD),
        ({"more": {"is_agreed": True}, "lacks": (Lack.DEVELOPMENT,)}, Reason.NOTHING),
        ({"more": {"is_agreed": False}, "lacks": (Lack.DEADLINE, Lack.LEAD)}, Reason.NOTHING),
        (
            {"more": {"is_agreed": True}, "lacks": (Lack.DEADLINE, Lack.LEAD), "nature": Nature.CONTINUING},
            Reason.NO_LEAD,
        ),
        ({"more": {"is_agreed": True}, "lacks": (Lack.DEADLINE,), "nature": Nature.CONTINUING}, Reason.NOTHING),
    ],
)
def test_what_is_disputed_unanswered_by_us_or_without_terms_is_settled(arguments, expected):
    assert reason(**arguments) == expected


def test_the_first_rule_that_holds_decides():
    """Everything at once: each rule is taken away in turn, and the next one decides."""
    everything = {
        "owed": Owed.BOTH,
        "schedule": Schedule.OVERDUE,
        "flags": (Flag.STALLED, Flag.CONTESTED),
        "lacks": (Lack.DEADLINE, Lack.LEAD),
        "more": {
            "declined_at": 2,
            "our_ask": NONE,
            "their_ask": NONE,
            "their_step_since": True,
            "done_since": True,
            "advanced_since": True,
            "is_agreed": True,
        },
    }
    steps = [
        (Reason.DECLINED, {"more": {"declined_at": 0}}),
        (Reason.BOTH_LATE, {"owed": Owed.THEM}),
        (Reason.CONTESTED, {"flags": (Flag.STALLED,)}),
        (Reason.OWN_ANSWER, {"more": {"their_ask": None}}),
        (Reason.OVERDUE, {"schedule": Schedule.NO_DEADLINE}),
        (Reason.THEIR_STEP, {"more": {"their_step_since": False}}),
        (Reason.DONE, {"more": {"done_since": False}}),
        (Reason.ADVANCED, {"more": {"advanced_since": False}}),
        (Reason.UNANSWERED, {"more": {"our_ask": AnswerKind.SPECIFIC}}),
        (Reason.STALLED, {"owed": Owed.BOTH}),
        (Reason.NO_TERMS, {"lacks": ()}),
        (Reason.NEXT_STEP, {"flags": ()}),
    ]
    asked = [expected for expected, _then in steps]
    assert asked == sorted(asked, key=list(Reason).index), "the page lists the rules as they are asked"
    for expected, then in steps:
        assert reason(**everything) == expected
        everything |= then | {"more": everything["more"] | then.get("more", {})}
    assert reason(**everything) == Reason.NOTHING


def test_every_rule_has_its_words_and_its_settings():
    for one in Reason:
        assert str(one.words)
        assert str(one.rule).format(drop_days=1, declined_times=2, stalled_days=3)


def word(stance, side=Side.VIETNAM, to=None, number=1):
    return Word(number, 1, 1, TODAY, "day", 1, side, 2 if to else None, to, stance, False, None)


@pytest.mark.parametrize(
    ("words", "leads", "asked", "expected"),
    [
        ([word(Stance.REQUESTED)], "", "", Owed.THEM),
        ([word(Stance.REQUESTED, Side.CHINA, Side.VIETNAM)], "", "", Owed.US),
        ([word(Stance.PLEDGED, Side.CHINA)], "", "", Owed.THEM),
        ([word(Stance.PLEDGED)], "", "", Owed.US),
        ([word(Stance.REQUESTED), word(Stance.PROPOSED, Side.CHINA)], "", "", Owed.BOTH),
        ([word(Stance.AGREED_JOINTLY, Side.JOINT)], "", "", Owed.BOTH),
        ([word(Stance.REQUESTED, to=Side.JOINT)], "", "", Owed.BOTH),
        ([word(Stance.REQUESTED)], "vietnam", "", Owed.US),
        ([word(Stance.AGREED_JOINTLY, Side.JOINT)], "china", "", Owed.THEM),
        ([word(Stance.REQUESTED)], "vietnam china", "", Owed.BOTH),
        ([word(Stance.REQUESTED)], "joint", "", Owed.BOTH),
        ([word(Stance.AGREED)], "", "china", Owed.THEM),
        ([], "", "vietnam", Owed.US),
        ([], "", "", Owed.BOTH),
    ],
)
def test_the_lead_owes_it_or_else_whoever_was_asked_or_pledged(words, leads, asked, expected):
    assert owed_by(words, frozenset(leads.split()), frozenset(asked.split()), Side.VIETNAM) == expected


def test_seen_from_across_the_table_what_they_owe_is_what_we_owe():
    asked = [word(Stance.REQUESTED)]
    assert owed_by(asked, frozenset(), frozenset(), Side.CHINA) == Owed.US
