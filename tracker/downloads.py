"""What may be taken away: each table's columns, and where its rows come from. One place for what is exported.

Column names are a contract. Codes and slugs stand in the contract's columns, since they are stable and are what
the filters take; the words for people follow in columns of their own, in the language of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from tracker.choices import Flag, Measure, MeetingState, Nature, Qualifier, Role, Schedule, Side, Stance, Status
from tracker.dates import shorten
from tracker.evidence_reads import cited_by
from tracker.figure_reads import figures_by
from tracker.metrics import facets
from tracker.metrics.records import Item
from tracker.models import (
    BorderGate,
    Involvement,
    Organization,
    Source,
)
from tracker.querysets import (
    ProposalQuerySet,
    changes_by,
    localized,
    meetings_by,
    proposals,
    published_on,
    sources_with_counts,
    statements_by,
    statements_shown,
)
from tracker.standing import Thresholds

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SEPARATOR = "; "
CITED_AT_ONCE = 500  # proposals whose sources are read together
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of an export: the day, the rows chosen, and how to write the address of a page.

    `listed` holds the rows of tables that have a list page of their own.
    """

    day: date
    thresholds: Thresholds
    address: Callable[[str, str], str]
    proposals: ProposalQuerySet = field(default_factory=lambda: proposals().none())
    chosen: facets.Chosen = field(default_factory=dict)
    listed: QuerySet[Any] = field(default_factory=Organization.objects.none)
    spoken_at: tuple[str, ...] = ()
    is_today: bool = True

    @property
    def note(self) -> Any:
        """Give the expression of a record's own note: it is written from all that is known, so a past day has none."""
        return localized("note") if self.is_today else Value("")

    def ids(self) -> set[int] | None:
        """Give the proposals that computed facets leave; None where nothing computed was asked for. One query."""
        if not any(self.chosen.values()):
            return None
        items = self.proposals.items(self.day, self.thresholds)
        return {item.id for item in items if facets.matches(item, self.chosen)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the contract, its heading for people, and what it holds."""

    name: str
    label: StrOrPromise
    meaning: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to take away."""

    name: str
    title: StrOrPromise
    meaning: StrOrPromise
    columns: tuple[Column, ...]
    read: Callable[[Ask], Iterator[Row]]
    count: Callable[[date], int]


class Joined(Subquery):
    """The texts of many rows in one cell. The query within gives them as `text`."""

    template = "(SELECT GROUP_CONCAT(_many.text, '; ') FROM (%(subquery)s) _many)"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Write the same in PostgreSQL's words."""
        template = "(SELECT STRING_AGG(_many.text, '; ') FROM (%(subquery)s) _many)"
        return self.as_sql(compiler, connection, template=template, **extra)


def joined(rows: QuerySet, text: Any) -> Joined:
    """Put a text of each row into one cell."""
    return Joined(rows.annotate(text=text).values("text"))


def _involved(role: Role, text: Any) -> Joined:
    rows = Involvement.objects.filter(proposal=OuterRef("pk"), role=role).order_by("id")
    return joined(rows, text)


def _proposal_columns() -> dict[str, Any]:
    """Give the further columns of a proposal's row, in the order in which `_proposal_row` takes them."""
    name = localized("organization__short_name")
    gates = BorderGate.objects.filter(proposals=OuterRef("pk")).order_by("slug")
    roles = (Role.PROPOSER, Role.ADDRESSEE, Role.LEAD)
    return {
        **{f"{role.value}_slugs": _involved(role, F("organization__slug")) for role in roles},
        **{f"{role.value}_names": _involved(role, name) for role in roles},
        "gate_slugs": joined(gates, F("slug")),
        "gate_names": joined(gates, localized("name")),
    }


def _proposals(ask: Ask) -> Iterator[Row]:
    extra = _proposal_columns()
    rows = ask.proposals.annotate(**extra).items_with(tuple(extra), ask.day, ask.thresholds)
    chosen = ((item, more) for item, more in rows if facets.matches(item, ask.chosen))
    while some := list(islice(chosen, CITED_AT_ONCE)):
        cited = cited_by([item.id for item, _more in some], ask.day)
        for item, more in some:
            yield _proposal_row(item, more, SEPARATOR.join(cited.get(item.id, ())), ask)


def _proposal_row(item: Item, more: Row, cited: str, ask: Ask) -> Row:
    proposer, addressee, lead, proposer_names, addressee_names, lead_names, gates, gate_names = more
    facts, standing = item.facts, item.standing
    return (
        item.slug,
        item.title,
        item.theme,
        facts.nature.value,
        facts.status.value,
        shorten(facts.status_since, facts.status_precision),
        standing.schedule.value,
        SEPARATOR.join(flag.value for flag in standing.flags),
        facts.first_raised,
        facts.last_raised,
        facts.times_raised,
        facts.times_answered,
        item.deadline_phrase,
        facts.deadline_start,
        facts.deadline_end,
        proposer,
        addressee,
        lead,
        gates,
        facts.last_development,
        facts.last_reviewed,
        cited,
        ask.address("proposal", item.slug),
        item.theme_label,
        facts.nature.label,
        facts.status.label,
        standing.schedule.label,
        SEPARATOR.join(str(flag.label) for flag in standing.flags),
        facts.answer.value if facts.answer else None,
        proposer_names,
        addressee_names,
        lead_names,
        gate_names,
        facts.status_since,
    )


def _statements(ask: Ask) -> Iterator[Row]:
    ids = ask.ids()
    rows = statements_by(ask.day).filter(proposal__in=ask.proposals.order_by().values("pk"))
    if ask.spoken_at:
        rows = rows.filter(meeting__slug__in=ask.spoken_at)
    columns = (
        "proposal__slug", "meeting__slug", "said_on", localized("post__person__name"), localized("post__title"),
        "organization__slug", "addressee__slug", "stance", "blanket", localized("summary"), "source__document",
        "paragraph", "source__url",
    )  # fmt: skip
    labels = (
        localized("proposal__title"), localized("meeting__name"), localized("organization__name"),
        localized("addressee__name"), "source__slug", "key", "precision", "proposal_id",
    )  # fmt: skip
    ordered = rows.order_by("said_on", "meeting_id", "paragraph", "id")
    for row in ordered.values_list(*columns, *labels).iterator(chunk_size=2000):
        *values, key, precision, proposal = row
        if ids is None or proposal in ids:
            values[2] = shorten(values[2], precision)
            yield (*values, Stance(values[7]).label, key)


def _status_changes(ask: Ask) -> Iterator[Row]:
    ids = ask.ids()
    rows = changes_by(ask.day).filter(proposal__in=ask.proposals.order_by().values("pk"))
    columns = (
        "proposal__slug", "effective_on", "old", "new", localized("reason"), "source__url", "recorded_at",
        localized("proposal__title"), "source__slug", "paragraph", "awaiting__slug", "precision", "proposal_id",
    )  # fmt: skip
    ordered = rows.order_by("effective_on", "id").values_list(*columns)
    for row in ordered.iterator(chunk_size=2000):
        *values, precision, proposal = row
        if ids is None or proposal in ids:
            labels = (_label(Status, values[2]), _label(Status, values[3]))
            yield (*values, precision, *labels)


def _label(scale: type[TextChoices], value: str) -> str:
    return str(scale(value).label) if value else ""


def _meetings(ask: Ask) -> Iterator[Row]:
    organizations = Organization.objects.filter(meetings=OuterRef("pk")).order_by("slug")
    cited = Source.objects.filter(meetings=OuterRef("pk")).order_by("slug")
    rows = ask.listed.order_by("-last_day", "slug").values_list(
        "slug", localized("name"), "series__slug", "number", "state", "first_day", "last_day", "precision", "basis",
        localized("place"), joined(organizations, F("slug")), "asks", "answered", joined(cited, F("slug")),
        localized("series__name"), localized("date_note"), ask.note,
    )  # fmt: skip
    for row in rows.iterator(chunk_size=2000):
        yield (*row[:14], ask.address("meeting", row[0]), *row[14:], _label(MeetingState, row[4]))


def _sources(ask: Ask) -> Iterator[Row]:
    rows = ask.listed.order_by("-published_on", "slug").values_list(
        "slug", "publisher", "title", "language", "published_on", "precision", "grade", "document", "url",
        localized("note"), "statement_count", "change_count",
    )  # fmt: skip
    for row in rows.iterator(chunk_size=2000):
        published = shorten(row[4], row[5]) if row[4] else None
        yield (*row[:4], published, *row[6:], ask.address("source", row[0]))


def _observations(ask: Ask) -> Iterator[Row]:
    rows = ask.listed.order_by("series__indicator__slug", "series__slug", "period_start", "period_end", "vintage")
    columns = (
        "series__indicator__slug", "series__slug", "period_start", "period_end", "value", localized("series__unit"),
        "qualifier", "vintage", "source__url", localized("series__indicator__name"), localized("series__name"),
        localized("series__compiler"), "published_on", "basis", "source__slug", localized("note"),
        "series__indicator__measure", "key",
    )  # fmt: skip
    for row in rows.values_list(*columns).iterator(chunk_size=2000):
        address = f"{ask.address('target', row[0])}#figure-{row[-1]}"
        yield (*row[:4], row[4].normalize(), *row[5:-1], address, _label(Qualifier, row[6]), row[-1])


def _organizations(ask: Ask) -> Iterator[Row]:
    rows = Organization.objects.order_by("slug").values_list(
        "slug", localized("name"), localized("short_name"), "side", "kind", "parent__slug", "successor__slug",
        "succeeded_on", "succession_source__slug", ask.note,
    )  # fmt: skip
    for row in rows.iterator(chunk_size=2000):
        succession = row[6:9] if row[7] and row[7] <= ask.day else (None, None, None)
        yield (*row[:6], *succession, row[9], _label(Side, row[3]))


_SLUG = Column("slug", _("Short name"), _("Stable name in addresses."))
_KEY = Column("key", _("Key"), _("Stable name of the row, by which an import knows it."))
_URL = Column("url", _("Address"), _("The page of this row."))
NOTE = Column("note", _("Note"), _("Written from all that is known today; empty for a past day."))

PROPOSALS = Table(
    "proposals",
    _("Proposals"),
    _("One row for each thing that was asked, promised or agreed, with where it stands on the day."),
    (
        _SLUG,
        Column("title", _("Proposal"), _("What is tracked.")),
        Column("theme", _("Theme (code)"), _("Field of cooperation.")),
        Column("nature", _("Nature (code)"), ", ".join(Nature.values)),
        Column("status", _("Status (code)"), ", ".join(Status.values)),
        Column("status_since", _("Status since"), _("ISO date, no finer than it is known.")),
        Column("schedule", _("Schedule (code)"), ", ".join(Schedule.values)),
        Column("flags", _("Flags (codes)"), ", ".join(Flag.values)),
        Column("first_raised", _("First raised")),
        Column("last_raised", _("Last raised")),
        Column("times_raised", _("Times raised"), _("Meetings at which it was asked for or jointly agreed.")),
        Column(
            "times_answered", _("Times answered"), _("Those of them at which the other side answered, or both agreed.")
        ),
        Column("deadline_phrase", _("Deadline as stated")),
        Column("deadline_start", _("Deadline, first day")),
        Column("deadline_end", _("Deadline, last day")),
        Column("proposed_by", _("Proposed by (codes)")),
        Column("addressed_to", _("Addressed to (codes)")),
        Column("lead", _("Lead (codes)")),
        Column("gates", _("Border gates (codes)")),
        Column("last_development", _("Last development")),
        Column("last_reviewed", _("Last reviewed")),
        Column("sources", _("Sources (codes)"), _("As in the table of sources.")),
        _URL,
        Column("theme_label", _("Theme")),
        Column("nature_label", _("Nature")),
        Column("status_label", _("Status")),
        Column("schedule_label", _("Schedule")),
        Column("flag_labels", _("Flags")),
        Column("answer", _("Answer (code)"), _("How the newest ask was met; empty if it was never asked for.")),
        Column("proposed_by_names", _("Proposed by")),
        Column("addressed_to_names", _("Addressed to")),
        Column("lead_names", _("Lead")),
        Column("gate_names", _("Border gates")),
        Column(
            "status_since_by",
            _("Status since, at the latest"),
            _("The last day it can be, also where only that is known."),
        ),
    ),
    _proposals,
    lambda day: published_on(day).count(),
)

STATEMENTS = Table(
    "statements",
    _("Statements"),
    _("One row for each thing that a speaker said about a proposal at a meeting."),
    (
        Column("proposal", _("Proposal (code)")),
        Column("meeting", _("Meeting (code)")),
        Column("said_on", _("Said on"), _("ISO date, no finer than it is known.")),
        Column("speaker", _("Speaker"), _("Empty for what both sides say together.")),
        Column("post", _("Post"), _("Held when speaking.")),
        Column("organization", _("Organization (code)"), _("For whom it was said.")),
        Column("addressee", _("Addressee (code)")),
        Column("stance", _("Stance (code)"), ", ".join(Stance.values)),
        Column("blanket", _("Blanket"), _("yes: one sentence that answered everything asked at the meeting.")),
        Column("summary", _("Summary"), _("In our own words.")),
        Column("document", _("Document"), _("File name of the text.")),
        Column("paragraph", _("Paragraph"), _("Non-empty lines of the document, counted from 1.")),
        Column("source_url", _("Source address")),
        Column("proposal_title", _("Proposal")),
        Column("meeting_name", _("Meeting")),
        Column("organization_name", _("Organization")),
        Column("addressee_name", _("Addressee")),
        Column("source", _("Source (code)")),
        Column("stance_label", _("Stance")),
        _KEY,
    ),
    _statements,
    lambda day: statements_shown(day).count(),
)

STATUS_CHANGES = Table(
    "status-changes",
    _("Status changes"),
    _("One row for each step on the status scale: from, to, since when, why, and by what source."),
    (
        Column("proposal", _("Proposal (code)")),
        Column("effective_on", _("Effective on"), _("The last day it can be; see the precision.")),
        Column("old", _("From (code)"), _("Empty for the first status.")),
        Column("new", _("To (code)")),
        Column("reason", _("Reason")),
        Column("source_url", _("Source address")),
        Column("recorded_at", _("Recorded at")),
        Column("proposal_title", _("Proposal")),
        Column("source", _("Source (code)")),
        Column("paragraph", _("Paragraph")),
        Column("awaiting", _("Awaiting the decision of (code)")),
        Column("precision", _("Precision (code)"), _("none: it had happened by that day; exactly when is unknown.")),
        Column("old_label", _("From")),
        Column("new_label", _("To")),
    ),
    _status_changes,
    lambda day: changes_by(day).count(),
)

MEETINGS = Table(
    "meetings",
    _("Meetings"),
    _("One row for each meeting, with how much was asked and answered there."),
    (
        _SLUG,
        Column("name", _("Meeting")),
        Column("series", _("Series (code)")),
        Column("number", _("Number in the series")),
        Column("state", _("State (code)"), ", ".join(MeetingState.values)),
        Column("first_day", _("First day")),
        Column("last_day", _("Last day")),
        Column("precision", _("Precision (code)"), _("month: only the month is known.")),
        Column("basis", _("Basis of the date (code)"), _("stated or inferred.")),
        Column("place", _("Place")),
        Column("organizations", _("Organizations (codes)")),
        Column("asks", _("Asks")),
        Column("asks_answered", _("Asks answered")),
        Column("sources", _("Sources (codes)")),
        _URL,
        Column("series_name", _("Series")),
        Column("date_note", _("Note on the date")),
        NOTE,
        Column("state_label", _("State")),
    ),
    _meetings,
    lambda day: meetings_by(day).count(),
)

SOURCES = Table(
    "sources",
    _("Sources"),
    _("One row for each published document that anything here rests on."),
    (
        _SLUG,
        Column("publisher", _("Publisher")),
        Column("title", _("Title"), _("In its own language.")),
        Column("language", _("Language (code)")),
        Column("published_on", _("Published on"), _("ISO date, no finer than it is known.")),
        Column("strength", _("Strength (code)"), _("official, press, aggregator or mirror.")),
        Column("document", _("Document"), _("File name of the text.")),
        Column("source_url", _("Source address")),
        Column("note", _("Note"), _("Caveats that travel with every fact cited.")),
        Column("statements", _("Statements")),
        Column("status_changes", _("Status changes")),
        _URL,
    ),
    _sources,
    lambda day: sources_with_counts(day).count(),
)

ORGANIZATIONS = Table(
    "organizations",
    _("Organizations"),
    _("One row for each state, ministry, province, Party committee, mission or joint body."),
    (
        _SLUG,
        Column("name", _("Name")),
        Column("short_name", _("Short name for display")),
        Column("side", _("Side (code)"), ", ".join(Side.values)),
        Column("kind", _("Kind (code)")),
        Column("parent", _("Belongs to (code)")),
        Column("successor", _("Successor (code)"), _("Who took its place by the day, for example after a merger.")),
        Column("succeeded_on", _("Succeeded on")),
        Column("succession_source", _("Source of the succession (code)")),
        NOTE,
        Column("side_label", _("Side")),
    ),
    _organizations,
    lambda day: Organization.objects.count(),
)

OBSERVATIONS = Table(
    "observations",
    _("Observations"),
    _("One row for each figure as published. A figure for part of a year is never one for the year."),
    (
        Column("indicator", _("Indicator (code)")),
        Column("series", _("Series (code)"), _("One compiler and scope; series are not comparable with each other.")),
        Column("period_start", _("First day of the period")),
        Column("period_end", _("Last day of the period")),
        Column("value", _("Value")),
        Column("unit", _("Unit")),
        Column("qualifier", _("Qualifier (code)"), ", ".join(Qualifier.values)),
        Column("vintage", _("Vintage"), _("1 as first published, 2 revised…")),
        Column("source_url", _("Source address")),
        Column("indicator_name", _("Indicator")),
        Column("series_name", _("Series")),
        Column("compiler", _("Compiler")),
        Column("published_on", _("Published on"), _("Empty where only the source's own date is known.")),
        Column("basis", _("Basis of the period (code)"), _("stated or inferred.")),
        Column("source", _("Source (code)")),
        Column("note", _("Caveat")),
        Column("measure", _("Kind of quantity (code)"), ", ".join(Measure.values)),
        _URL,
        Column("qualifier_label", _("Qualifier")),
        _KEY,
    ),
    _observations,
    lambda day: figures_by(day).count(),
)

_TABLES = (PROPOSALS, STATEMENTS, STATUS_CHANGES, MEETINGS, SOURCES, OBSERVATIONS, ORGANIZATIONS)
TABLES = {table.name: table for table in _TABLES}
