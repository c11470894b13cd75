"""Every scale of the tracker: value, label, colour, shape, order and rule, each in one place.

The pages, charts, exports and the method page all read these definitions, so they cannot disagree.
Colours are pairs (on a light page, on a dark page) chosen after Okabe and Ito's set for colour-blind readers; no colour
is ever shown without its word or shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.dates import Granularity

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Look(NamedTuple):
    """How a value is drawn: colour on light and on dark, a character, Plotly's marker and hatching."""

    light: str
    dark: str
    glyph: str
    marker: str = "circle"
    hatch: str = ""


class Status(TextChoices):
    """How far a proposal is, in the order of the scale. Typed by staff; never computed."""

    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    PLEDGED = "pledged", _("Pledged")
    UNDER_WAY = "under_way", _("Under way")
    PARTLY_DONE = "partly_done", _("Partly done")
    COMPLETED = "completed", _("Completed")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    SUPERSEDED = "superseded", _("Superseded")
    LAPSED = "lapsed", _("Lapsed")

    @property
    def look(self) -> Look:
        """Colour, character, marker and hatching of the status."""
        return _STATUS_LOOKS[self]

    @property
    def rule(self) -> StrOrPromise:
        """When the status may be set."""
        return _STATUS_RULES[self]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self not in CLOSED

    @property
    def needs_source(self) -> bool:
        """Whether a change to this status must cite a source."""
        return self in SOURCED


CLOSED = frozenset({Status.COMPLETED, Status.DECLINED, Status.WITHDRAWN, Status.SUPERSEDED, Status.LAPSED})
SOURCED = frozenset({Status.PLEDGED, Status.UNDER_WAY, Status.PARTLY_DONE, Status.COMPLETED})
LEFT_OUT_OF_RATES = frozenset({Status.SUPERSEDED, Status.WITHDRAWN})

_STATUS_LOOKS = {
    Status.PROPOSED: Look("#8a94a3", "#97a3b4", "○", "circle-open"),
    Status.AGREED: Look("#56a8dc", "#66b7ea", "◔", "circle", "/"),
    Status.PLEDGED: Look("#0067a5", "#3f92d2", "◑", "diamond"),
    Status.UNDER_WAY: Look("#d98e00", "#e8a528", "▶", "triangle-right", "\\"),
    Status.PARTLY_DONE: Look("#58b08c", "#62c39c", "◕", "pentagon", "."),
    Status.COMPLETED: Look("#00704f", "#159c72", "●", "square"),
    Status.DECLINED: Look("#c2460a", "#e36a2d", "✕", "x", "x"),
    Status.WITHDRAWN: Look("#a0764f", "#bb9069", "↩", "triangle-left", "-"),
    Status.SUPERSEDED: Look("#a9558f", "#cf7fb5", "⇒", "hexagon", "|"),
    Status.LAPSED: Look("#5b5348", "#8d8375", "–", "line-ew-open", "+"),
}

_STATUS_RULES = {
    Status.PROPOSED: _("A source shows the ask; no answer is on record."),
    Status.AGREED: _("Accepted in general or blanket words."),
    Status.PLEDGED: _(
        "A named party undertook a specific act, or it stands in signed minutes or a memorandum. Needs a source."
    ),
    Status.UNDER_WAY: _(
        "At least one concrete, dated act followed the commitment; announcing an act is not one. Needs a source."
    ),
    Status.PARTLY_DONE: _("A usable part is delivered, or a reduced version is in force. Needs a source."),
    Status.COMPLETED: _("The written completion test is met, by official or operating evidence. Needs a source."),
    Status.DECLINED: _("Refused."),
    Status.WITHDRAWN: _("Taken back by whoever proposed it."),
    Status.SUPERSEDED: _("Replaced by another proposal, which is named."),
    Status.LAPSED: _("Overtaken by events, or its term ended."),
}


class Nature(TextChoices):
    """What kind of thing is tracked, which decides how it is judged."""

    ONE_OFF = "one_off", _("One-off")
    TARGET = "target", _("Target")
    CONTINUING = "continuing", _("Continuing")
    DECLARATORY = "declaratory", _("Declaratory")

    @property
    def rule(self) -> StrOrPromise:
        """How a proposal of this nature is judged."""
        return _NATURE_RULES[self]


_NATURE_RULES = {
    Nature.ONE_OFF: _("Something that is done once, such as a gate or a railway: judged by its completion test."),
    Nature.TARGET: _("A number to be reached: judged by the figures of those who measure it."),
    Nature.CONTINUING: _(
        "Something kept up, such as a meeting every year: judged kept or not kept each cycle, never completed."
    ),
    Nature.DECLARATORY: _("Words of intent, such as valuing cooperation: listed, but left out of every rate."),
}


class Act(TextChoices):
    """What a stance does in the exchange between the two sides."""

    ASK = "ask", _("Asking")
    ANSWER = "answer", _("Answering")
    JOINT = "joint", _("Both sides together")
    REPEAT = "repeat", _("Coming back to it")


class Stance(TextChoices):
    """What a speaker did with a proposal."""

    PROPOSED = "proposed", pgettext_lazy("stance", "Proposed")
    REQUESTED = "requested", _("Requested")
    WELCOMED = "welcomed", _("Welcomed")
    AGREED = "agreed", pgettext_lazy("stance", "Agreed")
    PLEDGED = "pledged", pgettext_lazy("stance", "Pledged")
    SUPPORTED = "supported", _("Supported")
    NOTED = "noted", _("Noted")
    DEFERRED = "deferred", _("Deferred to a higher authority")
    DECLINED = "declined", pgettext_lazy("stance", "Declined")
    AGREED_JOINTLY = "agreed_jointly", _("Agreed jointly")
    REAFFIRMED = "reaffirmed", _("Reaffirmed")
    REPORTED = "reported", _("Reported progress")

    @property
    def act(self) -> Act:
        """What the stance does: ask, answer, agree together, or come back to it."""
        return _ACTS[self]


_ACTS = (
    dict.fromkeys((Stance.PROPOSED, Stance.REQUESTED, Stance.WELCOMED), Act.ASK)
    | dict.fromkeys(
        (
            Stance.AGREED,
            Stance.PLEDGED,
            Stance.SUPPORTED,
            Stance.NOTED,
            Stance.DEFERRED,
            Stance.DECLINED,
        ),
        Act.ANSWER,
    )
    | {Stance.AGREED_JOINTLY: Act.JOINT, Stance.REAFFIRMED: Act.REPEAT, Stance.REPORTED: Act.REPEAT}
)

ASKS = tuple(stance for stance in Stance if stance.act == Act.ASK)
ANSWERS = tuple(stance for stance in Stance if stance.act in (Act.ANSWER, Act.JOINT))
RAISES = tuple(stance for stance in Stance if stance.act in (Act.ASK, Act.JOINT))


class AnswerKind(TextChoices):
    """How an ask was met at its meeting."""

    SPECIFIC = "specific", _("Specific answer")
    JOINT = "joint", _("Agreed jointly")
    BLANKET = "blanket", _("Blanket answer")
    NONE = "none", _("No answer on record")

    @property
    def look(self) -> Look:
        """Colour, character, marker and hatching of the kind of answer."""
        return _ANSWER_LOOKS[self]

    @property
    def rule(self) -> StrOrPromise:
        """When an ask counts as met in this way."""
        return _ANSWER_RULES[self]


_ANSWER_LOOKS = {
    AnswerKind.SPECIFIC: Look("#0067a5", "#3f92d2", "●", "square"),
    AnswerKind.JOINT: Look("#00704f", "#159c72", "◆", "diamond"),
    AnswerKind.BLANKET: Look("#56a8dc", "#66b7ea", "◔", "circle", "/"),
    AnswerKind.NONE: Look("#8a94a3", "#97a3b4", "○", "circle-open", "x"),
}

_ANSWER_RULES = {
    AnswerKind.SPECIFIC: _("The counterpart answered this very thing at the same meeting."),
    AnswerKind.JOINT: _("Both sides put it among what they agreed at the same meeting."),
    AnswerKind.BLANKET: _("One sentence of the counterpart answered everything that was asked at the meeting."),
    AnswerKind.NONE: _("The sources of the meeting carry no answer to it."),
}


class Schedule(TextChoices):
    """Whether a proposal is on time. Computed from the first dated deadline, never typed."""

    NO_DEADLINE = "no_deadline", _("No deadline")
    NOT_DUE = "not_due", _("Not due")
    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    DONE_ON_TIME = "done_on_time", _("Done on time")
    DONE_LATE = "done_late", _("Done late")
    DONE_TIME_UNKNOWN = "done_time_unknown", _("Done, time unknown")
    CYCLE_KEPT = "cycle_kept", _("Cycle kept")
    CYCLE_MISSED = "cycle_missed", _("Cycle missed")

    @property
    def look(self) -> Look:
        """Colour and character of the schedule."""
        return _SCHEDULE_LOOKS[self]

    @property
    def rule(self) -> StrOrPromise:
        """When the schedule applies; `{due_soon_days}` stands for the setting."""
        return _SCHEDULE_RULES[self]


_SCHEDULE_LOOKS = {
    Schedule.NO_DEADLINE: Look("#8a94a3", "#97a3b4", "∅"),
    Schedule.NOT_DUE: Look("#56a8dc", "#66b7ea", "◷"),
    Schedule.DUE_SOON: Look("#d98e00", "#e8a528", "◴"),
    Schedule.OVERDUE: Look("#c2460a", "#e36a2d", "!"),
    Schedule.DONE_ON_TIME: Look("#00704f", "#159c72", "✓"),
    Schedule.DONE_LATE: Look("#a0764f", "#bb9069", "✓"),
    Schedule.DONE_TIME_UNKNOWN: Look("#5b5348", "#8d8375", "✓"),
    Schedule.CYCLE_KEPT: Look("#00704f", "#159c72", "↻"),
    Schedule.CYCLE_MISSED: Look("#c2460a", "#e36a2d", "✗"),
}

_SCHEDULE_RULES = {
    Schedule.NO_DEADLINE: _(
        "No source states a deadline with a date. Also a continuing commitment "
        "with no expected interval or with no occurrence on record: it cannot be judged."
    ),
    Schedule.NOT_DUE: _(
        "The last day of the first stated deadline lies more than {due_soon_days} days ahead, "
        "or the matter was closed without being completed."
    ),
    Schedule.DUE_SOON: _("Open, and the last day of the first stated deadline is at most {due_soon_days} days away."),
    Schedule.OVERDUE: _("Open past the last day of the first stated deadline, by the date in Vietnam."),
    Schedule.DONE_ON_TIME: _("Completed on or before the last day of the first stated deadline."),
    Schedule.DONE_LATE: _("Completed after the last day of the first stated deadline."),
    Schedule.DONE_TIME_UNKNOWN: _("Completed, but no source shows whether before or after the deadline."),
    Schedule.CYCLE_KEPT: _("Continuing: the latest occurrence lies within the expected interval."),
    Schedule.CYCLE_MISSED: _("Continuing: more than the expected interval has passed since the latest occurrence."),
}


class Flag(TextChoices):
    """What deserves a second look. Computed, never typed."""

    UNANSWERED = "unanswered", _("Unanswered")
    STALLED = "stalled", _("Stalled")
    UNVERIFIED = "unverified", _("Unverified")
    CONTESTED = "contested", _("Contested")

    @property
    def rule(self) -> StrOrPromise:
        """When the flag is raised; `{stalled_days}` and `{unverified_days}` stand for settings."""
        return _FLAG_RULES[self]


_FLAG_RULES = {
    Flag.UNANSWERED: _("Asked, with no answer on record, and a later meeting of the same series has been held."),
    Flag.STALLED: _(
        "Open, not waiting for the decision of an authority, and without any development for {stalled_days} days; "
        "where there never was one, counted from the day it was first raised."
    ),
    Flag.UNVERIFIED: _(
        "Open, and neither a development nor a review is on record for {unverified_days} days; "
        "where there never was one, counted from the day it was first raised."
    ),
    Flag.CONTESTED: _("The latest accounts of the two sides claim different statuses."),
}


class Lack(TextChoices):
    """What a proposal may be without."""

    ANSWER = "answer", _("Answer")
    DEADLINE = "deadline", _("Deadline")
    DEVELOPMENT = "development", _("Development")
    LEAD = "lead", _("Lead")

    @property
    def rule(self) -> StrOrPromise:
        """When a proposal lacks it."""
        return _LACK_RULES[self]


_LACK_RULES = {
    Lack.ANSWER: _("Asked for, and the newest ask has no answer on record."),
    Lack.DEADLINE: _("No deadline with a date is on record."),
    Lack.DEVELOPMENT: _("No development is on record."),
    Lack.LEAD: _("No organization is named as the one that leads the work."),
}


class Side(TextChoices):
    """Which side an organization or an account belongs to."""

    VIETNAM = "vietnam", _("Vietnam")
    CHINA = "china", _("China")
    JOINT = "joint", _("Joint")


class OrganizationKind(TextChoices):
    """What an organization is."""

    STATE = "state", pgettext_lazy("kind of organization", "State")
    GOVERNMENT = "government", _("Government")
    MINISTRY = "ministry", _("Ministry or agency")
    PROVINCE = "province", _("Province")
    PARTY_COMMITTEE = "party_committee", _("Party committee or body")
    MISSION = "mission", _("Diplomatic or consular mission")
    JOINT_BODY = "joint_body", _("Joint body")


class Role(TextChoices):
    """What an organization has to do with a proposal."""

    PROPOSER = "proposer", _("Proposed by")
    ADDRESSEE = "addressee", _("Addressed to")
    LEAD = "lead", _("Lead")
    PARTNER = "partner", _("Partner")


class MeetingState(TextChoices):
    """Whether a meeting took place."""

    HELD = "held", _("Held")
    PLANNED = "planned", _("Planned")
    NOT_ON_RECORD = "not_on_record", _("Not on record")


class Publication(TextChoices):
    """Who sees a record."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")


class Visibility(TextChoices):
    """Who may read a note."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    RESTRICTED = "restricted", _("Restricted")


class Grade(TextChoices):
    """How strong a source is."""

    OFFICIAL = "official", _("Official")
    PRESS = "press", _("Press")
    AGGREGATOR = "aggregator", _("Aggregator")
    MIRROR = "mirror", _("Mirror (cited, not linked)")


class Language(TextChoices):
    """The language a source is written in."""

    ENGLISH = "en", _("English")
    VIETNAMESE = "vi", _("Vietnamese")
    CHINESE = "zh", _("Chinese")
    FRENCH = "fr", _("French")
    GERMAN = "de", _("German")
    PORTUGUESE = "pt", _("Portuguese")
    SPANISH = "es", _("Spanish")
    JAPANESE = "ja", _("Japanese")
    MALAY = "ms", _("Malay")
    THAI = "th", _("Thai")


class Precision(TextChoices):
    """How finely a date is known."""

    DAY = Granularity.DAY.value, _("Day")
    MONTH = Granularity.MONTH.value, _("Month")
    QUARTER = Granularity.QUARTER.value, _("Quarter")
    YEAR = Granularity.YEAR.value, _("Year")
    NONE = Granularity.NONE.value, _("By then; exact date unknown")


class Basis(TextChoices):
    """Where a date comes from."""

    STATED = "stated", _("Stated")
    INFERRED = "inferred", _("Inferred")


class Bears(TextChoices):
    """Which way a development moves a proposal."""

    ADVANCES = "advances", _("Advances it")
    SETS_BACK = "sets_back", _("Sets it back")
    NEITHER = "neither", _("Neither")


class GateClass(TextChoices):
    """The class of a pair of border crossings."""

    INTERNATIONAL = "international", _("International")
    MAIN = "main", _("Main (bilateral)")
    AUXILIARY = "auxiliary", _("Auxiliary")
    TOURISM = "tourism", _("Tourism crossing")


class PositionBasis(TextChoices):
    """Where a gate's coordinates come from."""

    STATED = "stated", _("Stated by a source")
    APPROXIMATE = "approximate", _("Approximate")


class Qualifier(TextChoices):
    """How exact a figure is."""

    EXACT = "exact", _("Exact")
    ABOUT = "about", _("About")
    MORE_THAN = "more_than", _("More than")
    PROVISIONAL = "provisional", _("Provisional")


class Measure(TextChoices):
    """What kind of quantity an indicator is: it decides which of its figures stand against a target."""

    FLOW = "flow", _("Summed over a period")
    LEVEL = "level", _("State or running total on a day")

    @property
    def rule(self) -> StrOrPromise:
        """Which figures compare with a target and with each other."""
        return _MEASURE_RULES[self]


_MEASURE_RULES: dict[Measure, StrOrPromise] = {
    Measure.FLOW: _(
        "Trade or trips in a year: only full years compare with a target and with each other; "
        "a part of a year is shown as that part."
    ),
    Measure.LEVEL: _(
        "Kilometres, capacity, a rate, or a total counted since a fixed day: the latest figure compares, "
        "as of the last day it covers."
    ),
}
