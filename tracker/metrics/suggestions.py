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
    OVERDUE = "overdue"
    UNANSWERED = "unanswered"
    STALLED = "stalled"
    DONE = "done"
    ADVANCED = "advanced"
    CONTESTED = "contested"
    OWN_ANSWER = "own_answer"
    NO_TERMS = "no_terms"
    NO_DATE = "no_date"
    NO_LEAD = "no_lead"
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
    Reason.OVERDUE: (
        Line.PRESS,
        _("they are late"),
        _("They owe it, alone or with us; the deadline has passed, or a cycle was missed."),
    ),
    Reason.UNANSWERED: (
        Line.PRESS,
        _("our ask has no answer"),
        _("They owe it, alone or with us; our newest ask has no answer of theirs on record."),
    ),
    Reason.STALLED: (
        Line.PRESS,
        _("nothing has moved"),
        _(
            "They owe it, alone or with us; it does not wait for an authority, and no development is on record for "
            "{stalled_days} days."
        ),
    ),
    Reason.DONE: (
        Line.THANK,
        _("done since we last met"),
        _("They, alone or with us, completed it or a usable part of it since the last meeting."),
    ),
    Reason.ADVANCED: (
        Line.THANK,
        _("moved since we last met"),
        _(
            "They owe it, alone or with us; since the last meeting a development advanced it, "
            "or its status moved up the scale."
        ),
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
    Reason.NOTHING: (Line.KEEP, _("no rule applies"), _("None of these rules applies.")),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The counts that an office may set for the suggested lines."""

    drop_days: int = 1095
    declined_times: int = 2


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules know of a proposal. An answer of None means that there was no such ask."""

    item: Item
    owed: Owed
    our_ask: AnswerKind | None = None
    their_ask: AnswerKind | None = None
    declined_at: int = 0
    is_agreed: bool = False
    done_since: bool = False
    advanced_since: bool = False


def is_late(item: Item) -> bool:
    """Tell whether it is open past its deadline or cycle."""
    return item.facts.status.is_open and item.standing.schedule in LATE


def reason_for(case: Case, today: date, limits: Limits) -> Reason:
    """Ask the rules in their order; the first that holds decides."""
    return _to_drop(case, today, limits) or _to_press(case) or _to_thank(case) or _to_settle(case) or Reason.NOTHING


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


def _to_press(case: Case) -> Reason | None:
    if case.owed == Owed.US or not case.item.facts.status.is_open:
        return None
    if is_late(case.item):
        return Reason.OVERDUE
    if case.our_ask == AnswerKind.NONE:
        return Reason.UNANSWERED
    return Reason.STALLED if Flag.STALLED in case.item.standing.flags else None


def _to_thank(case: Case) -> Reason | None:
    if case.owed == Owed.US:
        return None
    if case.done_since:
        return Reason.DONE
    return Reason.ADVANCED if case.advanced_since else None


def _to_settle(case: Case) -> Reason | None:
    item = case.item
    if not item.facts.status.is_open:
        return None
    if Flag.CONTESTED in item.standing.flags:
        return Reason.CONTESTED
    if case.their_ask == AnswerKind.NONE:
        return Reason.OWN_ANSWER
    if not case.is_agreed:
        return None
    # Something kept up has no deadline to fix.
    without_date = item.facts.nature != Nature.CONTINUING and Lack.DEADLINE in item.standing.lacks
    without_lead = Lack.LEAD in item.standing.lacks
    if without_date:
        return Reason.NO_TERMS if without_lead else Reason.NO_DATE
    return Reason.NO_LEAD if without_lead else None
