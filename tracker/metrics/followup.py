"""Proposals by meetings: what was asked, answered, asked again, reported, or met with silence. No queries, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import ascii_uppercase
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tracker.choices import Act, AnswerKind, Stance
from tracker.metrics.answers import answer_to_newest, answers_to, kind_of
from tracker.metrics.records import Item, SaidFact

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting that was held: a column of the matrix."""

    id: int
    slug: str
    name: str
    series: str
    series_name: str
    first: date
    last: date
    precision: str


class Mark(StrEnum):
    """What a meeting did with a proposal."""

    ANSWERED = "answered"
    ASKED = "asked"
    REPEATED = "repeated"
    LATER = "later"
    REPORTED = "reported"
    SILENT = "silent"

    @property
    def label(self) -> StrOrPromise:
        """The word for it."""
        return _MARKS[self][0]

    @property
    def glyph(self) -> str:
        """The character for it."""
        return _MARKS[self][1]

    @property
    def rule(self) -> StrOrPromise:
        """When a cell of the matrix has it."""
        return _MARKS[self][2]


_MARKS: Mapping[Mark, tuple[StrOrPromise, str, StrOrPromise]] = {
    Mark.ANSWERED: (
        _("Asked and answered"),
        "●",
        _("Asked and answered at this meeting, or agreed there by both sides together."),
    ),
    Mark.ASKED: (_("Asked, no answer"), "○", _("Asked at this meeting for the first time, with no answer there.")),
    Mark.REPEATED: (
        _("Asked again, no answer"),
        "2",
        _(
            "Asked at this meeting after it had been raised before, with no answer there. "
            "The number says how many meetings had raised it by then, this one included."
        ),
    ),
    Mark.LATER: (
        _("Answer to an earlier ask"),
        "↩",
        _("Not asked at this meeting, but the other side answered here what had been asked before."),
    ),
    Mark.REPORTED: (
        _("Reported, reaffirmed or offered"),
        "▸",
        _("Nobody asked and nothing was answered, but somebody reported on it, reaffirmed it, or offered it unasked."),
    ),
    Mark.SILENT: (
        _("Silent"),
        "–",
        _(
            "It had been spoken of at an earlier meeting of the same series and was open, "
            "but what is on record of this meeting does not mention it."
        ),
    ),
}


class Pattern(StrEnum):
    """How the matrix groups its rows, in the order shown."""

    WAITING = "waiting"
    DROPPED = "dropped"
    FOLLOWED = "followed"
    CLOSED = "closed"

    @property
    def label(self) -> StrOrPromise:
        """The heading of the group."""
        return _PATTERNS[self][0]

    @property
    def rule(self) -> StrOrPromise:
        """When a row belongs to the group; the first that applies."""
        return _PATTERNS[self][1]


_PATTERNS: Mapping[Pattern, tuple[StrOrPromise, StrOrPromise]] = {
    Pattern.WAITING: (
        _("Waiting for an answer"),
        _("Open, and asked at a meeting since which no answer is on record."),
    ),
    Pattern.DROPPED: (
        _("Answered or spoken of, then silence"),
        _("Open, and silence at the latest meeting of a series that had spoken of it."),
    ),
    Pattern.FOLLOWED: (_("Spoken of when they last met"), _("Open, and neither waiting nor met with silence.")),
    Pattern.CLOSED: (_("Closed"), _("Its status is closed on the day that is looked at.")),
}


RAISED = (Mark.ANSWERED, Mark.ASKED, Mark.REPEATED)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one meeting did with one proposal. `time` counts the meetings that had raised it, this one included."""

    sitting: Sitting
    mark: Mark | None
    kind: AnswerKind | None = None
    time: int = 0

    @property
    def raised(self) -> bool:
        """Whether it was raised at the meeting: asked, or agreed together. The register counts the same."""
        return self.mark in RAISED

    @property
    def glyph(self) -> str:
        """The character of the cell: what was asked again shows for which time, an answer how specific it was."""
        if self.mark is None:
            return ""
        if self.mark == Mark.REPEATED:
            return str(self.time)
        return self.kind.look.glyph if self.kind and self.mark == Mark.ANSWERED else self.mark.glyph


@dataclass(frozen=True, slots=True)
class Wait:
    """Asks that still have no answer: since when, and over how many later meetings of the series that heard them."""

    since: date
    days: int
    meetings: int
    sitting: Sitting


@dataclass(frozen=True, slots=True)
class Stretch:
    """The cells of a row under one series."""

    letter: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal across all meetings of the matrix."""

    item: Item
    stretches: tuple[Stretch, ...]
    pattern: Pattern
    wait: Wait | None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells from left to right."""
        return tuple(cell for stretch in self.stretches for cell in stretch.cells)


@dataclass(frozen=True, slots=True)
class Columns:
    """The meetings of one series in time order. A letter stands for the series where its name has no room."""

    letter: str
    slug: str
    name: str
    sittings: tuple[Sitting, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows in groups; the meetings in groups by series; and the meetings of which nothing is on record."""

    series: tuple[Columns, ...]
    rows: tuple[Row, ...]
    unrecorded: tuple[Sitting, ...] = ()

    @property
    def sittings(self) -> tuple[Sitting, ...]:
        """The columns, from left to right."""
        return tuple(one for columns in self.series for one in columns.sittings)


def matrix(items: Sequence[Item], statements: Iterable[SaidFact], sittings: Iterable[Sitting], today: date) -> Matrix:
    """Set proposals against meetings.

    Args:
        items: the proposals, as of the day.
        statements: what had been said about them by the day; of others may be among it.
        sittings: every meeting held by the day. Only those of which something is on record become columns, since of
            the others nobody can say that they were silent; but they count as meetings since an ask.
        today: the day that is looked at.
    """
    held = sorted(sittings, key=lambda one: (one.last, one.first, one.slug))
    said: dict[int, list[SaidFact]] = defaultdict(list)
    meeting_of = {}
    for one in statements:
        said[one.proposal_id].append(one)
        meeting_of[one.id] = one.meeting_id
    recorded = set(meeting_of.values())
    on_record = [one for one in held if one.id in recorded]
    crossed = [_cross(item, on_record, _Talk(said[item.id], meeting_of)) for item in items]
    drawn = {cell.sitting.id for _item, _talk, cells in crossed for cell in cells if cell.mark}
    series = _by_series([one for one in on_record if one.id in drawn])
    rows = [_row(*one, series, held, today) for one in crossed]
    return Matrix(series, tuple(sorted(rows, key=_pattern_key)), tuple(one for one in held if one.id not in recorded))


def _by_series(sittings: Sequence[Sitting]) -> tuple[Columns, ...]:
    """Group meetings by series, the series with the most of them first."""
    groups: dict[tuple[str, str], list[Sitting]] = defaultdict(list)
    for one in sittings:
        groups[one.series, one.series_name].append(one)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(Columns(_letter(at), slug, name, tuple(some)) for at, ((slug, name), some) in enumerate(ordered))


def _letter(at: int) -> str:
    """Give A to Z, then AA, BB and so on."""
    return ascii_uppercase[at % 26] * (at // 26 + 1)


def _pattern_key(row: Row) -> tuple:
    """Order by group, then by how often it was raised, the longest wait, and where it first appears."""
    first = next((at for at, cell in enumerate(row.cells) if cell.mark), 0)
    days = row.wait.days if row.wait else 0
    return list(Pattern).index(row.pattern), -row.item.facts.times_raised, -days, first, row.item.slug


class _Talk:
    """All that was said about one proposal: which of it are asks, and what answers which."""

    def __init__(self, said: Sequence[SaidFact], meeting_of: Mapping[int, int]) -> None:
        self.said, self.meeting_of = said, meeting_of
        self.asks = [one for one in said if Stance(one.stance).act == Act.ASK]
        self.joint = [one for one in said if Stance(one.stance).act == Act.JOINT]

    def at(self, meeting: int) -> list[SaidFact]:
        """Give what was said at a meeting."""
        return [one for one in self.said if one.meeting_id == meeting]

    def answers(self, ask: SaidFact, among: Iterable[SaidFact]) -> list[SaidFact]:
        """Give what answers an ask."""
        return answers_to(ask, among, self.meeting_of)

    def unanswered(self) -> list[SaidFact]:
        """Give the asks that no answer is on record to, in order; none where the newest ask has one."""
        if not self.asks or answer_to_newest(self.asks, self.said) != AnswerKind.NONE:
            return []
        return sorted(
            (ask for ask in self.asks if not self.answers(ask, self.said)), key=lambda ask: (ask.said_on, ask.id)
        )


def _cross(item: Item, sittings: Sequence[Sitting], talk: _Talk) -> tuple[Item, _Talk, list[Cell]]:
    """Go through the meetings in time order and remember what had been said before each."""
    cells, series_known, times = [], set(), 0
    for sitting in sittings:
        here = talk.at(sitting.id)
        if not here:
            silent = sitting.series in series_known and not _closed_by(item, sitting.first)
            cells.append(Cell(sitting, Mark.SILENT if silent else None))
            continue
        series_known.add(sitting.series)
        cell = _spoken(sitting, here, talk, times)
        times += cell.raised
        cells.append(cell)
    return item, talk, cells


def _row(
    item: Item, talk: _Talk, cells: Sequence[Cell], series: Iterable[Columns], held: Sequence[Sitting], today: date
) -> Row:
    """Set the cells under their series."""
    by_id = {cell.sitting.id: cell for cell in cells}
    stretches = tuple(Stretch(one.letter, tuple(by_id[sitting.id] for sitting in one.sittings)) for one in series)
    wait = _wait(item, held, talk, today)
    return Row(item, stretches, _pattern(item, cells, wait), wait)


def _closed_by(item: Item, day: date) -> bool:
    return not item.facts.status.is_open and item.facts.status_since <= day


def _spoken(sitting: Sitting, here: Sequence[SaidFact], talk: _Talk, times: int) -> Cell:
    """Say what a meeting did with what it spoke of; `times` is how many meetings had raised it before."""
    joint = [one for one in talk.joint if one in here]
    asks = [one for one in talk.asks if one in here]
    if asks or joint:
        kind = kind_of([*joint, *(one for ask in asks for one in talk.answers(ask, here))])
        if kind != AnswerKind.NONE:
            return Cell(sitting, Mark.ANSWERED, kind, times + 1)
        return Cell(sitting, Mark.REPEATED if times else Mark.ASKED, None, times + 1)
    kind = kind_of([one for ask in talk.asks for one in talk.answers(ask, here)])
    if kind != AnswerKind.NONE:
        return Cell(sitting, Mark.LATER, kind, times)
    return Cell(sitting, Mark.REPORTED, None, times)


def _wait(item: Item, held: Sequence[Sitting], talk: _Talk, today: date) -> Wait | None:
    """Measure since when asks have been without an answer, and how many meetings the series that heard them held since.

    None if no ask waits, or if the matter is closed.
    """
    by_id = {one.id: one for one in held}
    asks = [ask for ask in talk.unanswered() if ask.meeting_id in by_id] if item.facts.status.is_open else []
    if not asks:
        return None
    later = {
        one.id for ask in asks for one in held if one.series == by_id[ask.meeting_id].series and one.last > ask.said_on
    }
    first = asks[0]
    return Wait(first.said_on, (today - first.said_on).days, len(later), by_id[first.meeting_id])


def _pattern(item: Item, cells: Sequence[Cell], wait: Wait | None) -> Pattern:
    if not item.facts.status.is_open:
        return Pattern.CLOSED
    if wait:
        return Pattern.WAITING
    latest = {cell.sitting.series: cell.mark for cell in cells if cell.mark}
    return Pattern.DROPPED if Mark.SILENT in latest.values() else Pattern.FOLLOWED
