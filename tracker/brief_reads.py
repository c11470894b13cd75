"""Reads for the sheet of the next meeting: the counterparts, their meetings, and what lies between the two sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import F

from tracker.access import Reader, readable, visible
from tracker.choices import MeetingState, Role, Side
from tracker.dates import Interval
from tracker.happenings import record_of
from tracker.metrics.brief import Material, Reference, Remark, Told, Word
from tracker.metrics.followup import Sitting
from tracker.metrics.records import Item
from tracker.models import Bearing, Development, Meeting, MeetingSeries, Note, Source
from tracker.names import Named, family, units
from tracker.querysets import involvements_of, localized, meetings_by, published_on, statements_by
from tracker.standing import Thresholds

NEXT = "next:"


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A series of meetings with its counterpart, by the id of the organization."""

    slug: str
    name: str
    counterpart: int | None
    interval_months: int | None


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """A meeting to come: one announced, or the next of a series of which none is announced (`name` is empty then).

    `last` is the latest meeting of the series that was held.
    """

    code: str
    name: str
    series: SeriesName
    when: Interval | None
    last: Sitting | None
    held: int


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides at the table: the ids of the organizations that are ours and theirs."""

    us: Side
    ours: frozenset[int]
    theirs: frozenset[int]


def other(side: Side) -> Side:
    """Give the side across the table."""
    return Side.CHINA if side == Side.VIETNAM else Side.VIETNAM


def coming(day: date) -> list[NextMeeting]:
    """Give the meetings to come of every series on record by a day. Two queries.

    Those announced go first, the earliest first and those without a date last; then the next ones of the other series,
    those with an expected interval and those held most often first.
    """
    columns = ("slug", localized("name"), F("counterpart_id"), F("interval_months"))
    series = [SeriesName(*row) for row in MeetingSeries.objects.order_by("slug").values_list(*columns)]
    held: dict[str, list[Sitting]] = defaultdict(list)
    planned: dict[str, list[Meeting]] = defaultdict(list)
    for one in meetings_by(day).select_related("series").order_by("last_day", "slug"):
        if one.state == MeetingState.PLANNED:
            planned[one.series.slug].append(one)
        elif one.state == MeetingState.HELD and one.first_day and one.last_day:
            sitting = Sitting(
                one.pk, one.slug, one.name, one.series.slug, one.series.name, one.first_day, one.last_day, one.precision
            )
            held[one.series.slug].append(sitting)
    found = []
    for name in series:
        past = held[name.slug]
        last = past[-1] if past else None
        for meeting in planned[name.slug]:
            found.append(NextMeeting(meeting.slug, meeting.name, name, meeting.interval, last, len(past)))
        if past and not planned[name.slug]:
            found.append(NextMeeting(f"{NEXT}{name.slug}", "", name, None, last, len(past)))
    return sorted(found, key=_place)


def _place(one: NextMeeting) -> tuple[Any, ...]:
    dated = one.when.first if one.when else date.max
    return not one.name, dated, one.series.interval_months is None, -one.held, one.code


def counterparts(organizations: Sequence[Named], us: Side) -> list[Named]:
    """Give the units of the other side, each once."""
    found = {one.id: one for one in units(organizations).values() if one.side == other(us)}
    return list(found.values())


def meetings_with(
    counterpart: Named, us: Side, organizations: Sequence[Named], meetings: Iterable[NextMeeting]
) -> list[NextMeeting]:
    """Keep the meetings to come with a counterpart.

    A series names its counterpart on the Chinese side: seen from there every series is one with Vietnam.
    """
    if us != Side.VIETNAM:
        return list(meetings)
    unit_of = units(organizations)
    unit = unit_of[counterpart.id].id
    return [one for one in meetings if one.series.counterpart and unit_of[one.series.counterpart].id == unit]


def parties(counterpart: Named, us: Side, organizations: Sequence[Named], series: SeriesName | None) -> Parties:
    """Say who sits on each side of the table; on the Chinese one only the counterpart of the series, if it has one."""
    theirs = family(organizations, {counterpart.slug})
    ours = {one.id for one in organizations if one.side == us}
    if us == Side.CHINA and series and series.counterpart:
        unit = units(organizations)[series.counterpart]
        ours = family(organizations, {unit.slug})
    return Parties(us, frozenset(ours), frozenset(theirs))


Involved = Mapping[int, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Ground:
    """All that was said and who is involved, by the proposal's id; parted by counterpart afterwards."""

    items: Sequence[Item]
    words: Mapping[int, Sequence[Word]]
    involved: Involved
    side_of: Mapping[int, str]

    def between(self, table: Parties) -> tuple[list[Item], dict[int, list[Word]]]:
        """Keep the proposals in which both sides have a part, each with what was said between them."""
        kept, said = [], {}
        for item in self.items:
            words = [one for one in self.words.get(item.id, ()) if _is_between(one, table, self.side_of)]
            there = {number for number, _role in self.involved.get(item.id, ())}
            if words or (there & table.theirs and there & table.ours):
                kept.append(item)
                said[item.id] = words
        return kept, said


def _is_between(one: Word, table: Parties, side_of: Mapping[int, str]) -> bool:
    """Whether it was said across this table; what a joint body says counts for the counterpart of its series."""
    both = table.ours | table.theirs
    if one.side == Side.JOINT:
        return one.counterpart_id is None or one.counterpart_id in both
    if one.organization_id not in both:
        return False
    if one.addressee_id is None or side_of.get(one.addressee_id) == Side.JOINT:
        return one.counterpart_id is None or one.counterpart_id in both
    return one.addressee_id in both


def ground(day: date, thresholds: Thresholds, organizations: Sequence[Named]) -> Ground:
    """Read what was said about every proposal by a day. Three queries."""
    items = list(published_on(day).with_facts(day).in_order_of("theme").items(day, thresholds))
    involved: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for proposal, organization, role in involvements_of([item.id for item in items]):
        involved[proposal].append((organization, role))
    return Ground(items, _words(day), involved, {one.id: one.side for one in organizations})


_WORD_COLUMNS = (
    "id", "proposal_id", "meeting_id", "said_on", "precision", "organization_id", "organization__side",
    "addressee_id", "addressee__side", "stance", "blanket", "answers_id",
)  # fmt: skip


def _words(day: date) -> dict[int, list[Word]]:
    rows = statements_by(day).filter(meeting__state=MeetingState.HELD).order_by("said_on", "paragraph", "id")
    told = (
        localized("summary"),
        localized("post__person__name"),
        localized("organization__short_name"),
        F("source__slug"),
        F("paragraph"),
        F("meeting__series__counterpart_id"),
    )
    words: dict[int, list[Word]] = defaultdict(list)
    for row in rows.values_list(*_WORD_COLUMNS, *told):
        word = Word(*row)
        words[word.proposal_id].append(word)
    return words


def material(day: date, known: Ground, table: Parties, reader: Reader) -> Material:
    """Read the rest of what the sheet needs about what lies between two parties. Six queries."""
    items, said = known.between(table)
    proposals = [item.id for item in items]
    both = table.ours | table.theirs

    def sides(role: Role) -> dict[int, frozenset[str]]:
        return {
            item.id: frozenset(
                known.side_of[number]
                for number, own in known.involved.get(item.id, ())
                if own == role and (number in both or known.side_of[number] == Side.JOINT)
            )
            for item in items
        }

    remarks = Note.objects.filter(readable(reader), proposal__in=proposals, written_on__lte=day)
    noted = ("proposal_id", "written_on", "text", "visibility")
    return Material(
        record_of(items, day),
        said,
        _by_proposal(_told(day, proposals, reader)),
        _by_proposal([Remark(*row) for row in remarks.order_by("-written_on", "-id").values_list(*noted)]),
        leads=sides(Role.LEAD),
        asked=sides(Role.ADDRESSEE),
    )


def _told(day: date, proposals: Sequence[int], reader: Reader) -> list[Told]:
    seen = visible(reader, Development.objects.filter(happened_on__lte=day))
    rows = Bearing.objects.filter(proposal__in=proposals, development__in=seen.values("pk"))
    columns = (
        "proposal_id",
        "development_id",
        "development__happened_on",
        "development__precision",
        "bears",
        localized("development__summary"),
        F("development__visibility"),
        F("development__account_side"),
    )
    return [Told(*row) for row in rows.order_by("-development__happened_on", "-id").values_list(*columns)]


One = TypeVar("One", Told, Remark)


def _by_proposal(rows: Iterable[One]) -> dict[int, list[One]]:
    found: dict[int, list[One]] = defaultdict(list)
    for one in rows:
        found[one.proposal_id].append(one)
    return found


def sources_of(developments: Iterable[int]) -> dict[int, list[str]]:
    """Give the slugs of the sources of some developments. One query."""
    cited: dict[int, list[str]] = defaultdict(list)
    rows = Development.sources.through.objects.filter(development__in=list(developments)).order_by("id")
    for development, slug in rows.values_list("development_id", "source__slug"):
        cited[development].append(slug)
    return cited


def references(slugs: Iterable[str]) -> dict[str, Reference]:
    """Read sources as a list at the end names them. One query."""
    columns = ("slug", "publisher", "title", "published_on", "precision", "url")
    rows = Source.objects.filter(slug__in=list(slugs)).values_list(*columns)
    return {row[0]: Reference(*row) for row in rows}


def meeting_names(numbers: Iterable[int]) -> dict[int, tuple[str, str, Interval | None]]:
    """Give slug, name and days of meetings by id. One query."""
    rows = Meeting.objects.filter(pk__in=list(numbers))
    return {one.pk: (one.slug, one.name, one.interval) for one in rows}
