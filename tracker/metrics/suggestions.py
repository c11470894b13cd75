"""The line suggested for a proposal at the next meeting, and the rule that gave it. No queries, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.choices import AnswerKind, Flag, Lack, Nature, Status
from tracker.metrics.overview import LATE
from tracker.metrics.records import Item

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_OVERTAKEN = (Status.LAPSED, Status.SUPERSEDED, Status.WITHDRAWN)
_ONLY_WORDS = (Status.PROPOSED, Status.AGREED)


class Owed(StrEnum):
    """Who has to do something, in the order of the sheet."""

    THEM = "them"
    US = "us"
    BOTH = "both"

    @property
    def label(self) -> StrOrPromise:
        """The heading of its part of the sheet."""
        return _OWED[self][0]

    @property
    def rule(self) -> StrOrPromise:
        """What its part of the sheet holds."""
        return _OWED[self][1]


_OWED: Mapping[Owed, tuple[StrOrPromise, StrOrPromise]] = {
    Owed.THEM: (
        _("They owe us"),
        _("Open, and they lead it; with no lead named, we asked it of them or they pledged it."),
    ),
    Owed.US: (_("We owe them"), _("Open, and we lead it; with no lead named, they asked it of us or we pledged it.")),
    Owed.BOTH: (
        _("Both sides owe"),
        _("Open, and both lead it; with no lead named, both agreed on it or each side asked or pledged something."),
    ),
}


class Line(StrEnum):
    """What may be said in the room."""

    PRESS = "press"
    THANK = "thank"
    WELCOME = "welcome"
    SETTLE = "settle"
    DROP = "drop"
    KEEP = "keep"

    @property
    def label(self) -> StrOrPromise:
        """The line in a word."""
        return _LINES[self]


_LINES: Mapping[Line, StrOrPromise] = {
    Line.PRESS: pgettext_lazy("line for the meeting", "Press"),
    Line.THANK: pgettext_lazy("line for the meeting", "Thank"),
    Line.WELCOME: pgettext_lazy("line for the meeting", "Welcome"),
    Line.SETTLE: pgettext_lazy("line for the meeting", "Settle"),
    Line.DROP: pgettext_lazy("line for the meeting", "Drop"),
    Line.KEEP: pgettext_lazy("line for the meeting", "No line suggested"),
}


class Reason(StrEnum):
    """Why a line is suggested, in the order in which the rules are asked: the first that holds decides."""

    OVERTAKEN = "overtaken"
    DECLINED = "declined"
    DECLARATORY = "declaratory"
    FORGOTTEN = "forgotten"
    BOTH_LATE = "both_late"
    OWN_LATE = "own_late"
    CONTESTED = "contested"
    OWN_ANSWER = "own_answer"
    OVERDUE = "overdue"
    THEIR_STEP = "their_step"
    DONE = "done"
    ADVANCED = "advanced"
    UNANSWERED = "unanswered"
    STALLED = "stalled"
    NO_TERMS = "no_terms"
    NO_DATE = "no_date"
    NO_LEAD = "no_lead"
    NEXT_STEP = "next_step"
    NOTHING = "nothing"

    @property
    def line(self) -> Line:
        """The line that it suggests."""
        return _REASONS[self][0]

    @property
    def words(self) -> StrOrPromise:
        """The rule in a few words, as it stands beside the line."""
        return _REASONS[self][1]

    @property
    def rule(self) -> StrOrPromise:
        """The rule in full; `{drop_days}`, `{declined_times}` and `{stalled_days}` stand for settings."""
        return _REASONS[self][2]


_REASONS: Mapping[Reason, tuple[Line, StrOrPromise, StrOrPromise]] = {
    Reason.OVERTAKEN: (
        Line.DROP,
        _("lapsed, replaced or taken back"),
        _("It lapsed, was replaced by another, or was taken back."),
    ),
    Reason.DECLINED: (
        Line.DROP,
        _("declined again"),
        _("It was declined at {declined_times} meetings or more."),
    ),
    Reason.DECLARATORY: (
        Line.DROP,
        _("words of intent"),
        _("Words of intent: there is nothing in it to be fulfilled or missed."),
    ),
    Reason.FORGOTTEN: (
        Line.DROP,
        _("raised once, long ago"),
        _(
            "Open, raised at one meeting only, no further than agreed in words, without a dated deadline, "
            "and nothing has moved for {drop_days} days."
        ),
    ),
    Reason.BOTH_LATE: (
        Line.SETTLE,
        _("both are late"),
        _("Both sides owe it, and the deadline has passed, or a cycle was missed: agree on a new day."),
    ),
    Reason.OWN_LATE: (
        Line.SETTLE,
        _("we are late"),
        _("We owe it, and the deadline has passed, or a cycle was missed: say by when it will be done."),
    ),
    Reason.CONTESTED: (
        Line.SETTLE,
        _("the two accounts differ"),
        _("Open, and the two sides say different things about how far it is: agree on one account."),
    ),
    Reason.OWN_ANSWER: (
        Line.SETTLE,
        _("their ask has no answer of ours"),
        _("Open, and their newest ask has no answer of ours on record: bring one."),
    ),
    Reason.OVERDUE: (
        Line.PRESS,
        _("they are late"),
        _("They owe it and we do not, and the deadline has passed, or a cycle was missed."),
    ),
    Reason.THEIR_STEP: (
        Line.THANK,
        _("their step since we last met"),
        _(
            "They owe it, alone or with us; since the last meeting they agreed to it or pledged it by name, "
            "or a step forward is told on their account. An ask of ours without an answer must be older than that step."
        ),
    ),
    Reason.DONE: (
        Line.WELCOME,
        _("done, or a part of it, since we last met"),
        _(
            "They owed it, alone or with us, and it was completed, or a usable part of it, since the last meeting; "
            "the record does not say by whom. An ask of ours without an answer must be older than that."
        ),
    ),
    Reason.ADVANCED: (
        Line.WELCOME,
        _("moved since we last met"),
        _(
            "They owe it, alone or with us; since the last meeting a development advanced it or its status moved up "
            "the scale, and nothing set it back since; the record does not say whose step it was. "
            "An ask of ours without an answer must be older than that."
        ),
    ),
    Reason.UNANSWERED: (
        Line.PRESS,
        _("our ask has no answer"),
        _(
            "They owe it, alone or with us; our newest ask has no answer of theirs on record, "
            "whether or not there was a meeting since."
        ),
    ),
    Reason.STALLED: (
        Line.PRESS,
        _("no development for a long time"),
        _(
            "They owe it and we do not; it does not wait for an authority, no development is on record for "
            "{stalled_days} days, and nothing changed since the last meeting."
        ),
    ),
    Reason.NO_TERMS: (
        Line.SETTLE,
        _("agreed without a date or a lead"),
        _("Both sides agreed, but no source names a dated deadline or a body that leads: fix both."),
    ),
    Reason.NO_DATE: (
        Line.SETTLE,
        _("agreed without a date"),
        _("Both sides agreed and a body leads, but no source names a dated deadline: fix one."),
    ),
    Reason.NO_LEAD: (
        Line.SETTLE,
        _("agreed without a lead"),
        _(
            "Both sides agreed on it by a date, or on something kept up, "
            "but no source names a body that leads: name one."
        ),
    ),
    Reason.NEXT_STEP: (
        Line.SETTLE,
        _("no development for a long time"),
        _(
            "Both sides owe it; it does not wait for an authority, no development is on record for {stalled_days} "
            "days, and nothing changed since the last meeting: agree on the next step."
        ),
    ),
    Reason.NOTHING: (Line.KEEP, _("no rule applies"), _("None of these rules applies.")),
}


LATENESS = frozenset((Reason.OVERDUE, Reason.OWN_LATE, Reason.BOTH_LATE))


@dataclass(frozen=True, slots=True)
class Limits:
    """The counts that an office may set for the suggested lines."""

    drop_days: int = 1095
    declined_times: int = 2


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules know of a proposal. An answer of None means that there was no such ask.

    `changed_since` is whether anything changed since the last meeting. The other three leave out what came before an
    ask of ours that has no answer.
    """

    item: Item
    owed: Owed
    our_ask: AnswerKind | None = None
    their_ask: AnswerKind | None = None
    declined_at: int = 0
    is_agreed: bool = False
    changed_since: bool = False
    their_step_since: bool = False
    done_since: bool = False
    advanced_since: bool = False


def is_late(item: Item) -> bool:
    """Tell whether it is open past its deadline or cycle."""
    return item.facts.status.is_open and item.standing.schedule in LATE


def reason_for(case: Case, today: date, limits: Limits) -> Reason:
    """Ask the rules in their order; the first that holds decides.

    What is ours to put right goes before what we blame on them, and what moved before what we miss.
    """
    return (
        _to_drop(case, today, limits)
        or _to_put_right(case)
        or _to_credit(case)
        or _to_press(case)
        or _to_settle(case)
        or Reason.NOTHING
    )


def _to_drop(case: Case, today: date, limits: Limits) -> Reason | None:
    facts = case.item.facts
    if facts.status in _OVERTAKEN:
        return Reason.OVERTAKEN
    if case.declined_at >= limits.declined_times:
        return Reason.DECLINED
    if facts.nature == Nature.DECLARATORY:
        return Reason.DECLARATORY
    raised_once = facts.times_raised <= 1 and facts.status in _ONLY_WORDS and facts.deadline_end is None
    if raised_once and today - _last_moved(case.item) >= timedelta(days=limits.drop_days):
        return Reason.FORGOTTEN
    return None


def _last_moved(item: Item) -> date:
    facts = item.facts
    days = (facts.status_since, facts.first_raised, facts.last_raised, facts.last_development)
    return max(day for day in days if day is not None)


_LATE_BY = {Owed.THEM: Reason.OVERDUE, Owed.US: Reason.OWN_LATE, Owed.BOTH: Reason.BOTH_LATE}


def _to_put_right(case: Case) -> Reason | None:
    """Say what is late, disputed or waits for our own answer; who alone is late is pressed after that."""
    if not case.item.facts.status.is_open:
        return None
    late = _LATE_BY[case.owed] if is_late(case.item) else None
    if late and late != Reason.OVERDUE:
        return late
    if Flag.CONTESTED in case.item.standing.flags:
        return Reason.CONTESTED
    return Reason.OWN_ANSWER if case.their_ask == AnswerKind.NONE else late


def _to_credit(case: Case) -> Reason | None:
    """Thank for what is theirs by the record; welcome what moved without a word on whose doing it was."""
    if case.owed == Owed.US:
        return None
    if case.their_step_since:
        return Reason.THEIR_STEP
    if case.done_since:
        return Reason.DONE
    return Reason.ADVANCED if case.advanced_since else None


def _to_press(case: Case) -> Reason | None:
    if case.owed == Owed.US or not case.item.facts.status.is_open:
        return None
    if case.our_ask == AnswerKind.NONE:
        return Reason.UNANSWERED
    return Reason.STALLED if case.owed == Owed.THEM and _is_stuck(case) else None


def _is_stuck(case: Case) -> bool:
    return Flag.STALLED in case.item.standing.flags and not case.changed_since


def _to_settle(case: Case) -> Reason | None:
    item = case.item
    if not item.facts.status.is_open:
        return None
    if case.is_agreed:
        # Something kept up has no deadline to fix.
        without_date = item.facts.nature != Nature.CONTINUING and Lack.DEADLINE in item.standing.lacks
        without_lead = Lack.LEAD in item.standing.lacks
        if without_date:
            return Reason.NO_TERMS if without_lead else Reason.NO_DATE
        if without_lead:
            return Reason.NO_LEAD
    return Reason.NEXT_STEP if case.owed == Owed.BOTH and _is_stuck(case) else None
