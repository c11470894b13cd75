"""The sheet of a meeting's day: everything on the page, read, checked as a whole, and turned into records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tracker.admin.new_meeting_forms import (
    AskForm,
    BlanketForm,
    CommonForm,
    LineForm,
    MeetingDayForm,
    Tick,
    refuse_unless_held,
    usual_speaker,
)
from tracker.admin.new_meeting_picks import Directory
from tracker.admin.new_meeting_start import Start
from tracker.choices import ASKS, Act, MeetingState, Side, Stance
from tracker.entry.fields import NewSourceForm
from tracker.meeting_day import MeetingDay, NewAsk, OpenItem, meetings_alike, other_side
from tracker.models import Meeting, MeetingSeries, Proposal, Statement, Theme
from tracker.models.base import SUFFIXES, spoken
from tracker.names import Named
from tracker.rules import problems_of_answer
from tracker.text import fold

SAVE = "save"
BLANKET = "blanket"
BLANK_ASKS = 3
_MOST_ASKS = 200


@dataclass(slots=True, eq=False)
class Row:
    """One open matter with what was ticked beside it."""

    open_item: OpenItem
    ticks: frozenset[str]
    lines: list[LineForm]
    faults: list[str] = field(default_factory=list)
    made: list[Statement] = field(default_factory=list)

    @property
    def asked_here(self) -> list[Statement]:
        """Give what asks for it at this meeting: kept before, or ticked now."""
        return [one for one in (*self.open_item.here, *self.made) if one.stance in ASKS]

    @property
    def last_summaries(self) -> dict[str, str]:
        """Give our own words for the last ask, by field: what is raised again is mostly said again."""
        return _summaries(self.open_item.last_ask)

    @property
    def boxes(self) -> list[tuple[str, str, str]]:
        """Give what can be ticked: value, name, and who speaks there unless somebody is named."""
        asked = self.open_item.asked_by_side
        sides = {tick: asked if tick == Tick.RAISED else other_side(asked) for tick in Tick}
        return [(tick.value, str(tick.label), usual_speaker(sides[tick])) for tick in Tick] + [
            (BLANKET, _("Blanket"), "")
        ]


@dataclass(slots=True, eq=False)
class AskRow:
    """One new ask, how it was asked, and perhaps how it was answered."""

    form: AskForm
    line: LineForm
    answer: LineForm
    ticks: frozenset[str]
    checked: bool = False
    faults: list[str] = field(default_factory=list)
    made: list[Statement] = field(default_factory=list)
    remarks: Sequence[str] = ()  # what may be wrong with the new proposal, which never blocks

    @property
    def is_meant(self) -> bool:
        """Whether anything of it was filled in."""
        lines = {*self.line.changed_data, *self.answer.changed_data} - {"stance"}
        return bool(self.ticks or lines or self.form.has_changed())

    @property
    def asked_here(self) -> list[Statement]:
        """Give the ask."""
        return [one for one in self.made if one.stance in ASKS]


@dataclass(frozen=True, slots=True)
class Known:
    """What the page knows before anybody types."""

    series: MeetingSeries
    meeting: Meeting | None
    start: Start
    items: Sequence[OpenItem]
    organizations: Sequence[Named]
    directory: Directory
    themes: Sequence[Theme]
    today: date


class Sheet:
    """All forms of the page. `check` reads them as a whole; `day` then holds what is to be kept."""

    def __init__(self, known: Known, data: QueryDict | None = None) -> None:
        self.known, self.data = known, data
        self.checked = self.source_checked = self.blanket_checked = False  # whether faults are shown there
        self.faults: list[str] = []
        self.alike: list[Meeting] = []
        self.meeting_form = self._meeting_form()
        self.common = CommonForm(data, prefix="common", directory=known.directory)
        self.source_form = NewSourceForm(data, today=known.today)
        self.blanket = BlanketForm(data, prefix=BLANKET, side=Side.CHINA.value, **self._of_lines())
        self.rows = [self._row(one) for one in known.items]
        self.asks = [self._ask(number) for number in range(_number_of_asks(data))]

    @property
    def is_held(self) -> bool:
        """Whether the meeting is on record as held, so that its own facts are shown and not asked for."""
        meeting = self.known.meeting
        return meeting is not None and meeting.state == MeetingState.HELD

    def _of_lines(self) -> dict[str, Any]:
        return {"directory": self.known.directory, "today": self.known.today}

    def _meeting_form(self) -> MeetingDayForm | None:
        if self.is_held:
            return None
        known = self.known
        form = MeetingDayForm(
            self.data,
            instance=known.meeting or Meeting(series=known.series),
            initial=known.start.initial,
            organizations=known.organizations,
            attended=known.start.attended,
            use_required_attribute=False,
        )
        form.today = known.today  # type: ignore[misc]
        for name, pattern in known.start.pattern.items():
            form.fields[name].widget.attrs["placeholder"] = pattern
        return form

    def _row(self, open_item: OpenItem) -> Row:
        name = f"item-{open_item.pk}"
        ticks = frozenset(self.data.getlist(name)) if self.data else frozenset()
        lines = [self._line_of(open_item, tick, f"{name}-{tick.value}") for tick in Tick if tick in ticks]
        return Row(open_item, ticks, lines)

    def _line_of(self, open_item: OpenItem, tick: Tick, prefix: str) -> LineForm:
        opens = self.data is not None and self.data.get("action") != SAVE and f"{prefix}-summary_en" not in self.data
        words = _summaries(open_item.last_ask) if tick == Tick.RAISED else {}
        return self.line(tick, prefix, open_item.asked_by_side, data=None if opens else self.data, initial=words)

    def line(self, tick: Tick, prefix: str, asked_by_side: str, **given: Any) -> LineForm:
        """Make the form of one thing said; unless told otherwise, those asked are those who answer and report."""
        side = asked_by_side if tick == Tick.RAISED else other_side(asked_by_side)
        return LineForm(**{"data": self.data, "prefix": prefix, "tick": tick, "side": side} | self._of_lines() | given)

    def _ask(self, number: int) -> AskRow:
        prefix = f"ask-{number}"
        ticks = frozenset(self.data.getlist(prefix)) if self.data else frozenset()
        return AskRow(
            form=AskForm(self.data, prefix=prefix, themes=self.known.themes),
            line=self.line(Tick.RAISED, f"{prefix}-raised", Side.VIETNAM),
            answer=self.line(Tick.ANSWERED, f"{prefix}-answered", Side.VIETNAM),
            ticks=ticks,
        )

    @property
    def every_row(self) -> list[Row | AskRow]:
        """Give the open matters and the new asks."""
        return [*self.rows, *self.asks]

    @property
    def has_new_source(self) -> bool:
        """Whether a source that is not on record was filled in; its language and grade say something at first."""
        return self.data is not None and not {"publisher", "title", "url", "when"}.isdisjoint(
            self.source_form.changed_data
        )

    # --- checking ---------------------------------------------------------------------------------------------------

    def check(self) -> MeetingDay | None:
        """Give what is to be kept; None where anything is at fault, which then stands beside what mends it.

        A new source is saved here, so that what is kept can cite it: the caller's transaction takes it back if need be.
        """
        self.checked, self.source_checked = True, self.has_new_source
        self._check_source()
        for row in self.rows:
            row.made = list(self._said_in(row))
        new = [self._asked_in(one) for one in self.asks if one.is_meant]
        self._refuse_known_titles()
        self._answer_many()
        self._refuse_repetitions()
        said = [one for row in self.rows for one in row.made]
        asks = [one for one in new if one is not None]
        self._check_meeting([*said, *(one for ask in asks for one in ask.said)])
        if self._has_faults():
            return None
        form = self.meeting_form
        meeting = form.instance if form else self.known.meeting
        assert meeting is not None  # noqa: S101 - without a form there is a meeting on record
        source = self.source_form.save() if self.has_new_source else self.common.cleaned_data["source"]
        return MeetingDay(meeting, form.chosen if form else None, source, said, asks)

    def _check_source(self) -> None:
        """Let a source be picked or added."""
        picked = self.common.is_valid() and self.common.cleaned_data["source"]
        if picked and self.has_new_source:
            self.common.add_error("source", _("Pick a source or add a new one, not both."))

    def _said_in(self, row: Row) -> Iterator[Statement]:
        raised: Statement | None = None
        for line in row.lines:
            if raised is not None and line.tick != Tick.RAISED:
                line.side = other_side(raised.side)
            statement = line.statement(self.common)
            if statement is None:
                continue
            statement.proposal_id = row.open_item.pk
            if line.tick == Tick.RAISED:
                raised = statement
            elif line.tick == Tick.ANSWERED and raised is not None:
                _tie(line, statement, raised)
            yield statement

    def _asked_in(self, row: AskRow) -> NewAsk | None:
        row.checked = True
        row.form.empty_permitted = False
        valid = row.form.is_valid()
        ask = row.line.statement(self.common)
        if ask is not None:
            row.made.append(ask)
            row.answer.side = other_side(ask.side)
        if Tick.ANSWERED in row.ticks:
            answer = row.answer.statement(self.common)
            if answer is not None:
                row.made.append(answer)
                if ask is not None:
                    _tie(row.answer, answer, ask)
        if ask is None or not valid:
            return None
        return row.form.new_ask(row.made, publish=bool(self.data and self.data.get("publish_asks")))

    def _answer_many(self) -> None:
        """Spread the one sentence over what it answers."""
        everything = bool(self.data and self.data.get(f"{BLANKET}-everything"))
        wanted = [row for row in self.every_row if BLANKET in row.ticks]
        if not wanted and not everything and not self.blanket.is_meant():
            return
        self.blanket_checked = True
        sentence = self.blanket.statement(self.common)
        if sentence is None:
            return
        if everything:
            further = [row for row in self.every_row if row not in wanted]
            wanted += [row for row in further if any(ask.side != sentence.side for ask in row.asked_here)]
        if not wanted:
            self.blanket.add_error(None, _("Tick what the blanket answer answers, or say that it answers everything."))
        for row in wanted:
            answer = self.blanket.statement(self.common)
            assert answer is not None  # noqa: S101 - it was made just before
            answer.blanket = True
            if isinstance(row, Row):
                answer.proposal_id = row.open_item.pk
            against = [problems_of_answer(answer, ask) for ask in row.asked_here]
            if against and all(against):
                row.faults += against[-1].values()
            else:
                row.made.append(answer)

    def _refuse_repetitions(self) -> None:
        for row in self.rows:
            kept = {_what_was_said(one) for one in row.open_item.here}
            if any(_what_was_said(one) in kept for one in row.made):
                row.faults.append(_("This is on record for this meeting already."))

    def _refuse_known_titles(self) -> None:
        """Refuse an ask that is on record word for word: it was raised again. One query."""
        titled = [row for row in self.asks if row.checked and row.form.cleaned_data.get("title_en")]
        titles = [row.form.cleaned_data["title_en"] for row in titled]
        on_record = {fold(spoken(one, "title")[0] or ""): one for one in Proposal.objects.filter(title_en__in=titles)}
        for place, row in enumerate(titled):
            title = fold(row.form.cleaned_data["title_en"])
            if (known := on_record.get(title)) is not None:
                link = reverse("admin:tracker_proposal_change", args=[known.pk])
                words = _("This proposal is on record; if it was asked again, tick it above.")
                row.form.add_error("title_en", format_html('<a href="{}">{}</a>', link, words))
            elif title in [fold(text) for text in titles[:place]]:
                row.form.add_error("title_en", _("This title stands above already."))

    def _check_meeting(self, said: Sequence[Statement]) -> None:
        picked = "source" in self.common.errors or self.common.cleaned_data.get("source")
        uncited = [one for one in self._lines() if not one.cleaned_data.get("source") and "source" not in one.errors]
        if uncited and not picked and not self.has_new_source:
            self.common.add_error("source", _("Say where it stands: pick the source, or add it."))
        form = self.meeting_form
        if form is None:
            if not said and not self._is_touched():
                self.faults.append(_("Nothing is ticked and nothing is asked: there is nothing to save."))
            return
        if form.is_valid() and said and form.cleaned_data["state"] != MeetingState.HELD:
            refuse_unless_held(form)
        alike = meetings_alike(form.instance)
        same_number = [one for one in alike if one.number and one.number == form.instance.number]
        if same_number or (alike and not form.cleaned_data.get("another")):
            self.alike = alike
            self.faults.append(_("A meeting of this series with this number or on this day is on record."))

    def _is_touched(self) -> bool:
        return any(row.ticks for row in self.rows) or any(row.is_meant for row in self.asks)

    def _forms(self) -> Iterable[Any]:
        yield from (self.common, *([self.meeting_form] if self.meeting_form else []))
        if self.has_new_source:
            yield self.source_form
        yield from (ask.form for ask in self.asks if ask.checked)
        yield from self._lines()

    def _lines(self) -> Iterator[LineForm]:
        """Give the lines that are in use."""
        for row in self.rows:
            yield from row.lines
        for ask in self.asks:
            if ask.checked:
                yield from (ask.line, *([ask.answer] if Tick.ANSWERED in ask.ticks else []))
        if self.blanket_checked:
            yield self.blanket

    def places_of_faults(self) -> list[tuple[str, str]]:
        """Give where something is to be mended: the id on the page, and its name."""
        rows = [
            (f"item-{row.open_item.pk}", row.open_item.item.title)
            for row in self.rows
            if row.faults or any(line.errors for line in row.lines)
        ]
        asks = [
            (f"ask-{number}", _("New ask %(number)s") % {"number": number + 1})
            for number, ask in enumerate(self.asks)
            if ask.checked and (ask.faults or ask.form.errors or ask.line.errors or ask.answer.errors)
        ]
        return rows + asks

    def _has_faults(self) -> bool:
        return self.count_faults() > 0

    def count_faults(self) -> int:
        """Count what is to be mended."""
        in_rows = sum(len(row.faults) for row in self.every_row)
        return len(self.faults) + in_rows + sum(len(form.errors) for form in self._forms())


def _summaries(statement: Statement | None) -> dict[str, str]:
    if statement is None:
        return {}
    words = zip(SUFFIXES, spoken(statement, "summary"), strict=True)
    return {f"summary_{suffix}": text for suffix, text in words if text}


def _number_of_asks(data: QueryDict | None) -> int:
    text = data.get("asks", "") if data else ""
    number = min(int(text), _MOST_ASKS) if text.isdecimal() else BLANK_ASKS
    if data and data.get("action") == "more":
        number += BLANK_ASKS
    return number


def _tie(line: LineForm, answer: Statement, ask: Statement) -> None:
    """Tie an answer to the ask beside it, and say what is against that."""
    if Stance(ask.stance).act != Act.ASK or Stance(answer.stance).act == Act.JOINT:
        return
    answer.answers = ask
    for problem in problems_of_answer(answer, ask).values():
        line.add_error("speaker", problem)


def _what_was_said(statement: Statement) -> tuple:
    return (
        statement.proposal_id,
        statement.stance,
        statement.organization_id,
        statement.post_id,
        statement.blanket,
        spoken(statement, "summary")[0],
    )
