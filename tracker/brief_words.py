"""The sheet for the next meeting in words: what page, print and Word file say. Records in, texts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from string import ascii_uppercase
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tracker.choices import Act, Bears, Flag, Lack, Nature, Side, Stance, Status, Visibility
from tracker.dates import Interval, shorten
from tracker.metrics.brief import Brief, Entry, Reference, Told, Word
from tracker.metrics.changes import Change, Kind
from tracker.metrics.followup import Sitting
from tracker.metrics.suggestions import LATENESS, Line, Owed, Reason

Link = Callable[[str, str], str]
# Of a long address paper takes the end: there stand the words of the title and the number of the page.
_PATH_WHOLE, _PATH_END = 48, 40


@dataclass(frozen=True, slots=True)
class Ref:
    """A small mark that leads to a meeting or a source of the lists at the end."""

    mark: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Something said, done or noted, with its references.

    `inside` names the visibility of what is not public; `tail` says what did not follow.
    """

    label: str
    text: str
    when: str = ""
    who: str = ""
    refs: tuple[Ref, ...] = ()
    inside: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal in the words of the sheet."""

    number: int
    title: str
    href: str
    theme: str
    status: Status
    since: str
    facts: tuple[str, ...]
    marks: tuple[str, ...]
    line: Line
    reason: str
    pieces: tuple[Piece, ...]
    in_full: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of a theme that are told in full."""

    theme: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the sheet: its rows by theme, and those that get a line each."""

    code: str
    heading: str
    rule: str
    groups: tuple[Group, ...]
    short: tuple[Row, ...]

    @property
    def count(self) -> int:
        """How many rows it has."""
        return sum(len(group.rows) for group in self.groups) + len(self.short)


@dataclass(frozen=True, slots=True)
class Mention:
    """What runs across the parts: the numbers of the rows that are late, lack an answer, changed, or have a line."""

    code: str
    label: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A meeting or a source in the lists at the end."""

    mark: str
    text: str
    when: str
    href: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the head: what it is, what it says, where that leads."""

    label: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet."""

    title: str
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    mentions: tuple[Mention, ...]
    lines: tuple[Mention, ...]
    meetings: tuple[Listed, ...]
    sources: tuple[Listed, ...]
    is_inside: bool

    @property
    def count(self) -> int:
        """How many proposals it names."""
        return sum(part.count for part in self.parts)


@dataclass
class References:
    """Gives each meeting a letter and each source a number, in the order in which the sheet names them."""

    meetings: Mapping[int, tuple[str, str, Interval | None]]
    sources: Mapping[str, Reference]
    link: Link
    letters: dict[int, Ref] = field(default_factory=dict)
    numbers: dict[str, Ref] = field(default_factory=dict)

    def meeting(self, number: int) -> tuple[Ref, ...]:
        """Refer to a meeting."""
        if number not in self.letters:
            slug, name, _when = self.meetings[number]
            self.letters[number] = Ref(_letter(len(self.letters)), self.link("meeting", slug), name)
        return (self.letters[number],)

    def source(self, slugs: Iterable[str]) -> tuple[Ref, ...]:
        """Refer to sources."""
        for slug in slugs:
            if slug and slug not in self.numbers:
                one = self.sources[slug]
                self.numbers[slug] = Ref(str(len(self.numbers) + 1), self.link("source", slug), _name(one))
        return tuple(self.numbers[slug] for slug in slugs if slug)

    def listed_meetings(self) -> tuple[Listed, ...]:
        """Give the list of the meetings named."""
        return tuple(
            Listed(ref.mark, ref.title, _period(self.meetings[number][2]), ref.href)
            for number, ref in self.letters.items()
        )

    def listed_sources(self) -> tuple[Listed, ...]:
        """Give the list of the sources named."""
        return tuple(
            Listed(ref.mark, ref.title, _day(self.sources[slug].published_on, self.sources[slug].precision), ref.href)
            for slug, ref in self.numbers.items()
        )


def _name(source: Reference) -> str:
    """Name a source so that it can be found without the page: by its title, or else by its address."""
    if source.title:
        return f"{source.publisher}: {source.title}"
    host, slash, path = unquote(source.url).partition("://")[2].removeprefix("www.").rstrip("/").partition("/")
    if len(path) > _PATH_WHOLE:
        path = f"…{path[-_PATH_END:]}"
    return f"{source.publisher}: {host}{slash}{path}" if host else source.publisher


def _letter(place: int) -> str:
    """Count A to Z, then AA to AZ, BA…."""
    before, last = divmod(place, len(ascii_uppercase))
    return (_letter(before - 1) if before else "") + ascii_uppercase[last]


def _day(day: date | None, precision: str) -> str:
    if day is None:
        return ""
    return shorten(day, precision) or _("by %(day)s") % {"day": day.isoformat()}


def _period(when: Interval | None) -> str:
    """Write the days in digits; a dash where nothing is known."""
    return str(when).replace("/", " – ") if when else "–"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the sheet is for: with whom, when, what came before, on which day it was written."""

    counterpart: str
    us: Side
    meeting: str
    when: Interval | None
    last: Sitting | None
    written_on: date


def sheet(brief: Brief, occasion: Occasion, refs: References, cited: Mapping[int, Sequence[str]], link: Link) -> Sheet:
    """Put the sheet into the words of the page's language."""
    us = occasion.us
    parts = [
        _part(owed.value, str(owed.label), str(owed.rule), entries, us, refs, cited, link)
        for owed, entries in brief.owed.items()
    ]
    closed = _("Done or closed since the last meeting")
    parts.append(_part("closed", closed, "", brief.closed, us, refs, cited, link))
    return Sheet(
        title=_("Brief: %(counterpart)s") % {"counterpart": occasion.counterpart},
        facts=_head(occasion, brief, link),
        parts=tuple(part for part in parts if part.count),
        mentions=_mentions(brief),
        lines=tuple(
            Mention(line.value, str(line.label), tuple(one.number for one in brief.entries if one.reason.line == line))
            for line in Line
        ),
        meetings=refs.listed_meetings(),
        sources=refs.listed_sources(),
        is_inside=any(piece.inside for part in parts for row in _rows(part) for piece in row.pieces),
    )


def _head(occasion: Occasion, brief: Brief, link: Link) -> tuple[Fact, ...]:
    last = occasion.last
    before = Fact(_("Last meeting"), _("none on record"))
    if last:
        words = {"name": last.name, "day": _day(last.last, last.precision)}
        before = Fact(_("Last meeting"), _("%(name)s, %(day)s") % words, link("meeting", last.slug))
    date_ = _period(occasion.when) if occasion.when else _("unknown: no source sets one")
    return (
        Fact(_("Meeting"), occasion.meeting),
        Fact(_("Date"), date_),
        before,
        Fact(_("Since then"), _counts(brief) if last else "–"),
        Fact(_("Written for"), str(occasion.us.label)),
        Fact(_("As of"), occasion.written_on.isoformat()),
    )


def _counts(brief: Brief) -> str:
    """Count what changed since the last meeting; a development that bears on several proposals counts once."""
    distinct = {id(change): change for entry in brief.entries for change in entry.changed}.values()
    counts = {kind: sum(one.kind == kind for one in distinct) for kind in Kind if kind != Kind.LATE}
    return " · ".join(_("%(what)s: %(count)s") % {"what": kind.label, "count": count} for kind, count in counts.items())


def _rows(part: Part) -> list[Row]:
    return [*(row for group in part.groups for row in group.rows), *part.short]


def _part(
    code: str,
    heading: str,
    rule: str,
    entries: Sequence[Entry],
    us: Side,
    refs: References,
    cited: Mapping[int, Sequence[str]],
    link: Link,
) -> Part:
    groups: dict[str, list[Row]] = {}
    short = []
    for entry in entries:
        row = _row(entry, us, refs, cited, link)
        if entry.in_full:
            groups.setdefault(row.theme, []).append(row)
        else:
            short.append(row)
    return Part(code, heading, rule, tuple(Group(theme, tuple(rows)) for theme, rows in groups.items()), tuple(short))


def _mentions(brief: Brief) -> tuple[Mention, ...]:
    def of(code: str, label: str, holds: Callable[[Entry], bool]) -> Mention:
        return Mention(code, label, tuple(entry.number for entry in brief.entries if holds(entry)))

    return (
        of("overdue", _("Overdue"), lambda entry: entry.is_late),
        of("unanswered-by-them", _("No answer to our ask"), lambda entry: is_waiting(entry, Owed.THEM)),
        of("unanswered-by-us", _("No answer to their ask"), lambda entry: is_waiting(entry, Owed.US)),
        of("changed", _("Changed since the last meeting"), lambda entry: bool(entry.changed)),
    )


def is_waiting(entry: Entry, owed: Owed) -> bool:
    """Tell whether the newest ask of the one side waits for the other's answer; what is closed waits no more."""
    kind = entry.case.our_ask if owed == Owed.THEM else entry.case.their_ask
    return entry.item.facts.status.is_open and kind is not None and kind.value == "none"


def _pieces(entry: Entry, us: Side, refs: References, cited: Mapping[int, Sequence[str]]) -> tuple[Piece, ...]:
    pieces = [_said(one, us, refs) for one in entry.said]
    if entry.is_silent:
        pieces[0] = replace(pieces[0], tail=_("No answer on record."))
    pieces += [_happened(told, refs, cited) for told in entry.told]
    if entry.changed:
        pieces.append(Piece(_("Since the last meeting"), _changes(entry.changed)))
    for remark in entry.remarks:
        pieces.append(Piece(_("Note"), remark.text, _day(remark.on, "day"), inside=_inside(remark.visibility)))
    return tuple(pieces)


def _trace(entry: Entry, us: Side, refs: References) -> tuple[Piece, ...]:
    """Give who spoke when, without the words."""
    return tuple(replace(_said(one, us, refs), text="") for one in entry.said)


def _row(entry: Entry, us: Side, refs: References, cited: Mapping[int, Sequence[str]], link: Link) -> Row:
    item = entry.item
    return Row(
        number=entry.number,
        title=item.title,
        href=link("proposal", item.slug),
        theme=item.theme_label,
        status=item.facts.status,
        since=_("since %(day)s") % {"day": _day(item.facts.status_since, item.facts.status_precision)},
        facts=_facts(entry),
        marks=_marks(entry),
        line=entry.reason.line,
        reason=str(entry.reason.words),
        pieces=_pieces(entry, us, refs, cited) if entry.in_full else _trace(entry, us, refs),
        in_full=entry.in_full,
    )


def _facts(entry: Entry) -> tuple[str, ...]:
    """Give the deadline, or that there is none, how often it was raised and answered."""
    facts, item = entry.item.facts, entry.item
    said = []
    if facts.deadline_end is not None:
        words = _("due %(day)s (“%(phrase)s”)")
        said.append(words % {"day": facts.deadline_end.isoformat(), "phrase": item.deadline_phrase})
    elif facts.nature == Nature.CONTINUING:
        said.append(_kept(entry))
    elif item.deadline_phrase:
        said.append(_("“%(phrase)s”, no dated deadline") % {"phrase": item.deadline_phrase})
    else:
        said.append(_("no deadline on record"))
    if facts.times_raised:
        counts = {"raised": facts.times_raised, "answered": facts.times_answered}
        said.append(_whole(_("raised %(raised)s ×, answered %(answered)s ×") % counts))
    return tuple(said)


def _whole(text: str) -> str:
    """Keep a number and its sign on one line."""
    return text.replace(" ×", "\N{NO-BREAK SPACE}×")


def _kept(entry: Entry) -> str:
    """Say of something kept up how often it should be, and when it last was, as far as a source says so."""
    facts = entry.item.facts
    if facts.interval_months and facts.last_occurrence:
        words = ngettext(
            "every %(count)s month, last %(day)s", "every %(count)s months, last %(day)s", facts.interval_months
        )
        return words % {"count": facts.interval_months, "day": facts.last_occurrence.isoformat()}
    return _("continuing, no interval stated")


def _marks(entry: Entry) -> tuple[str, ...]:
    """Give the marks of what runs across the parts, except what the suggested line says already."""
    item, reason = entry.item, entry.reason
    is_stuck = Flag.STALLED in item.standing.flags and not entry.changed
    marks = [
        (str(item.standing.schedule.label) if entry.is_late else "", LATENESS),
        (_("No answer to our ask") if is_waiting(entry, Owed.THEM) else "", {Reason.UNANSWERED}),
        (_("No answer to their ask") if is_waiting(entry, Owed.US) else "", {Reason.OWN_ANSWER}),
        (str(Flag.STALLED.label) if is_stuck else "", {Reason.STALLED, Reason.NEXT_STEP}),
        (str(Flag.CONTESTED.label) if Flag.CONTESTED in item.standing.flags else "", {Reason.CONTESTED}),
        (_("No lead") if Lack.LEAD in item.standing.lacks else "", {Reason.NO_LEAD, Reason.NO_TERMS}),
    ]
    said = [words for words, about in marks if words and reason not in about]
    return (*said, _("Awaits an authority")) if item.facts.awaiting else tuple(said)


def _changes(changed: Sequence[Change]) -> str:
    """Say in a line what changed since the last meeting."""
    said = []
    for one in changed:
        if one.kind == Kind.MOVED and one.old and one.new:
            words = {"old": one.old.label, "new": one.new.label, "day": _day(one.on, one.precision)}
            said.append(_("%(old)s → %(new)s (%(day)s)") % words)
    counts = {kind: sum(one.kind == kind for one in changed) for kind in Kind}
    if counts[Kind.NEW]:
        said.append(_("new on record"))
    if count := counts[Kind.ANSWERED]:
        said.append(ngettext("%(count)s answer", "%(count)s answers", count) % {"count": count})
    if count := counts[Kind.EVIDENCE]:
        said.append(ngettext("%(count)s development", "%(count)s developments", count) % {"count": count})
    return "; ".join(said)


def _party(side: str, us: Side) -> str:
    if side == us:
        return pgettext("side at the table", "We")
    return pgettext("side at the table", "Both") if side == Side.JOINT else pgettext("side at the table", "They")


def _said(one: Word, us: Side, refs: References) -> Piece:
    stance = Stance(one.stance)
    words = {"party": _party(one.side, us), "stance": stance.label}
    label = str(stance.label) if stance.act == Act.JOINT else _("%(party)s: %(stance)s") % words
    who = f"{one.speaker} ({one.organization})" if one.speaker else one.organization
    marks = (*refs.meeting(one.meeting_id), *refs.source([one.source]))
    return Piece(label, one.summary, _day(one.said_on, one.precision), who, marks)


def _happened(told: Told, refs: References, cited: Mapping[int, Sequence[str]]) -> Piece:
    label = {Bears.ADVANCES: _("Step forward"), Bears.SETS_BACK: _("Step back")}
    return Piece(
        label.get(Bears(told.bears), _("Development")),
        told.summary,
        _day(told.on, told.precision),
        refs=refs.source(cited.get(told.id, ())),
        inside=_inside(told.visibility),
    )


def _inside(visibility: str) -> str:
    return "" if visibility == Visibility.PUBLIC else str(Visibility(visibility).label)
