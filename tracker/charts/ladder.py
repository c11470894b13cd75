"""The ladder: how far each gate is on the steps of the gates' pathway, and since when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import palette, shared
from tracker.charts.shared import Cell, Figure, Row, Shape, Twin
from tracker.choices import Precision
from tracker.dates import shorten
from tracker.gate_scale import Code, GateState
from tracker.metrics.records import Gate, GateStep, Rung

_STATE = 158  # the width of the column of states, in pixels
_WIDE = Shape(letters=32, gutter=226 + _STATE)
_BAND = 26
_HEAD = 62
_SIZE, _FURTHEST = 9, 14
_LINE = 45  # letters of small text in a line on a phone


class _Mark(NamedTuple):
    """A step that a gate has passed. `steps` is empty where only the gate's class tells that it was."""

    gate: Gate
    column: int
    rung: Rung
    steps: Sequence[GateStep]
    is_furthest: bool

    @property
    def is_exact(self) -> bool:
        """Tell whether the year is known."""
        return bool(self.steps) and self.steps[0].precision != Precision.NONE

    @property
    def year(self) -> str:
        """Write the year it was first passed in, with a sign if it was passed again."""
        if not self.steps:
            return ""
        return f"{self.steps[0].last_day.year}{'+' if len(self.steps) > 1 else ''}"


def _signs() -> list[tuple[str, str]]:
    return [
        ("■", _("Passed in that year; the largest: the furthest step; +: passed again later")),
        ("□", _("Passed, exact date unknown")),
        ("○", _("On the way: not on record as reached")),
        ("·", _("Nothing on record; that is not the same as not passed")),
    ]


def ladder(rungs: Sequence[Rung], gates: Sequence[Gate], link_to: Callable[[str], str]) -> Figure | None:
    """Draw a row for each gate and a column for each step; None where no step is on record."""
    if not rungs or not any(gate.steps or gate.ahead for gate in gates):
        return None
    forms = [_form(rungs, gates, link_to, shape) for shape in (_WIDE, shared.NARROW)]
    numbered = [{"css": "", "word": f"{number} {rung.name}"} for number, rung in enumerate(rungs, 1)]
    signs = [{"css": "", "word": " ".join(sign)} for sign in _signs()]
    states = shared.key_of([state for state in GateState if any(gate.state == state for gate in gates)], _("State"))
    key = [{"name": _("Signs"), "entries": signs}, states, {"name": _("Steps"), "entries": numbered}]
    return shared.responsive(*forms, narrow_below=1000, key=key)


def _passed(rungs: Sequence[Rung], gate: Gate) -> list[_Mark]:
    """Give the steps that a gate has passed, in the order of the pathway."""
    found = [
        (column, rung, gate.steps.get(rung.code, ()))
        for column, rung in enumerate(rungs, 1)
        if rung.code in gate.steps or (rung.code == Code.OPENED and gate.is_open)
    ]
    furthest = found[-1][0] if found else 0
    return [_Mark(gate, column, rung, steps, column == furthest) for column, rung, steps in found]


def _form(rungs: Sequence[Rung], gates: Sequence[Gate], link_to: Callable[[str], str], shape: Shape) -> Figure:
    marks = [_passed(rungs, gate) for gate in gates]
    names = [list(shared.broken(f"{gate.number} {gate.name}", shape.letters)) for gate in gates]
    states = [_summary(gate, passed, shape) for gate, passed in zip(gates, marks, strict=True)]
    lines = [
        max(name, state, key=len) if shape.gutter else name + state for name, state in zip(names, states, strict=True)
    ]
    placed = shared.rows(lines, shape, repeat(_BAND if shape.gutter else 28), gap=4 if shape.gutter else 10)
    height = placed[-1].bottom + 2
    head = _HEAD if shape.gutter else 24
    labels = [
        note
        for gate, name, state, row in zip(gates, names, states, placed, strict=True)
        for note in _labels(gate, name, state, link_to(gate.slug), row, shape)
    ]
    layout = {
        "height": round(height) + head + 4,
        "margin": {"l": shape.gutter, "r": 0, "t": head, "b": 4},
        "xaxis": {"range": [0.5, len(rungs) + 0.5], "visible": False},
        "yaxis": shared.pixels(height),
        "shapes": [shared.rule(row.bottom) | _across(shape) for row in placed[:-1]],
        "annotations": [*labels, *_heads(rungs, shape)],
    }
    data = [
        _gaps(rungs, gates, marks, placed, shape),
        _ahead(rungs, gates, placed, shape, link_to),
        _steps(marks, placed, shape, link_to),
    ]
    return {"data": data, "layout": layout}


def _across(shape: Shape) -> Figure:
    """Let the line between two rows run below their labels, too."""
    return {"x0": -0.6} if shape.gutter else {}


def _summary(gate: Gate, passed: Sequence[_Mark], shape: Shape) -> list[str]:
    """Write the state of a gate; where the columns have numbers only, its furthest step as well."""
    state = str(gate.state.label)
    if shape.gutter:
        return list(shared.broken(state, 21))
    if passed:
        furthest = _("furthest: %(step)s") % {"step": f"{passed[-1].rung.name} {passed[-1].year}".strip()}
    else:
        furthest = _("no step on record as reached")
    line = f"{state} · {furthest}"
    return [line] if shared.width(line) <= _LINE else [*shared.broken(state, _LINE), *shared.broken(furthest, _LINE)]


def _labels(
    gate: Gate, name: Sequence[str], state: Sequence[str], href: str, row: Row, shape: Shape
) -> Iterator[Figure]:
    """Write a gate's name, a link, and its state: the sign in its colour, then the words."""
    words = {"font": {"size": 12, "color": "var(--muted)"}, "text": "<br>".join(map(shared.plain, state))}
    sign = {"text": gate.state.look.glyph, "font": {"size": 13, "color": palette.tone(gate.state)}}
    if shape.gutter:
        yield shared.label(name, href, row, shape)
        yield {**sign, "y": row.label, "xshift": -_STATE}
        yield {**words, "y": row.label, "xshift": -_STATE + 18}
        return
    top = row.label - shared.LINE * (len(name) + len(state)) / 2
    at_name = top + shared.LINE * len(name) / 2
    at_state = top + shared.LINE * len(name)
    yield shared.label(name, href, row._replace(label=at_name), shape)
    yield {**sign, "y": at_state + shared.LINE / 2}
    yield {**words, "y": at_state + shared.LINE * len(state) / 2, "xshift": 18}


def _heads(rungs: Sequence[Rung], shape: Shape) -> list[Figure]:
    """Write the steps above their columns; where there is no room, their numbers."""
    return [
        shared.note(
            f"{number}<br>{shared.wrap(rung.name, 11)}" if shape.gutter else str(number),
            x=number, xref="x", xanchor="center", y=1, yref="paper", yanchor="bottom", align="center",
        ) | {"font": {"size": 11 if shape.gutter else 12, "color": "var(--muted)"}}
        for number, rung in enumerate(rungs, 1)
    ]  # fmt: skip


def _level(row: Row, shape: Shape) -> float:
    """Give the height of a row's marks: their years stand beside them, or where there is no room below."""
    return row.middle if shape.gutter else row.middle - 6


def _gaps(
    rungs: Sequence[Rung], gates: Sequence[Gate], marks: Sequence[Sequence[_Mark]], placed: Sequence[Row], shape: Shape
) -> Figure:
    """Draw a small dot where nothing is on record."""
    missing = [
        (column, _level(row, shape))
        for gate, passed, row in zip(gates, marks, placed, strict=True)
        for column, rung in enumerate(rungs, 1)
        if rung.code not in gate.ahead and column not in {mark.column for mark in passed}
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _y in missing],
        "y": [y for _x, y in missing],
        "marker": {"symbol": "circle", "size": 3, "color": "var(--control)", "opacity": 1},
        "hoverinfo": "skip",
    }


def _ahead(
    rungs: Sequence[Rung], gates: Sequence[Gate], placed: Sequence[Row], shape: Shape, link_to: Callable[[str], str]
) -> Figure:
    """Draw a ring for each step that is on record, but not as reached."""
    rings = [
        (gate, column, rung, row)
        for gate, row in zip(gates, placed, strict=True)
        for column, rung in enumerate(rungs, 1)
        if rung.code in gate.ahead and rung.code not in gate.steps and not (rung.code == Code.OPENED and gate.is_open)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [column for _gate, column, _rung, _row in rings],
        "y": [_level(row, shape) for *_rest, row in rings],
        "marker": {"symbol": "circle-open", "size": 9, "color": "var(--muted)", "opacity": 1, "line": {"width": 1.5}},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [
            shared.hover(gate.name, rung.name, _("not on record as reached")) for gate, _c, rung, _row in rings
        ],
        "customdata": [{"href": _at(link_to(gate.slug), rung)} for gate, _c, rung, _row in rings],
    }


def _at(address: str, rung: Rung) -> str:
    """Give the address of a step on the page of its gate."""
    return f"{address}#step-{rung.code}"


def _steps(
    marks: Sequence[Sequence[_Mark]], placed: Sequence[Row], shape: Shape, link_to: Callable[[str], str]
) -> Figure:
    """Draw the steps passed, each with its year: beside it, or where there is no room below it."""
    drawn = [(mark, row) for passed, row in zip(marks, placed, strict=True) for mark in passed]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [mark.column for mark, _row in drawn],
        "y": [_level(row, shape) for _mark, row in drawn],
        "text": [_year(mark, "\u00a0" if shape.gutter else "") for mark, _row in drawn],
        "textposition": "middle right" if shape.gutter else "bottom center",
        "textfont": {"size": 12 if shape.gutter else 11, "color": "var(--ink)"},
        "marker": {
            "symbol": ["square" if mark.is_exact else "square-open" for mark, _row in drawn],
            "size": [_FURTHEST if mark.is_furthest else _SIZE for mark, _row in drawn],
            "color": "var(--accent)",
            "opacity": 1,
            "line": {"width": 2, "color": "var(--accent)"},
        },
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [shared.hover(mark.gate.name, *_story(mark)) for mark, _row in drawn],
        "customdata": [{"href": _at(link_to(mark.gate.slug), mark.rung)} for mark, _row in drawn],
    }


def _year(mark: _Mark, gap: str) -> str:
    """Write the year of a mark, the furthest one bold."""
    return f"<b>{gap}{mark.year}</b>" if mark.is_furthest and mark.year else f"{gap}{mark.year}"


def _story(mark: _Mark) -> Iterator[str]:
    """Tell every time that a step was passed; or what else it is known by."""
    for step in mark.steps:
        yield f"{mark.rung.name}: {when(step)}"
        yield step.name
    if not mark.steps:
        yield f"{mark.rung.name}: {_by_class()}"
    if mark.rung.code in mark.gate.ahead:
        yield _("once more on the way: not on record as reached")


def _by_class() -> str:
    return _("by its class, no day on record")


def when(step: GateStep) -> str:
    """Write when a step was passed, no finer than it is known."""
    return shorten(step.last_day, step.precision) or _("by %(day)s") % {"day": step.last_day.isoformat()}


def ladder_table(rungs: Sequence[Rung], gates: Sequence[Gate], link_to: Callable[[str], str]) -> Twin | None:
    """Give what `ladder` shows as a table."""
    if not rungs or not any(gate.steps or gate.ahead for gate in gates):
        return None
    headings = [Cell(_("Border gate")), Cell(_("State")), *(Cell(rung.name) for rung in rungs)]
    rows = []
    for gate in gates:
        marks = {mark.rung.code: mark for mark in _passed(rungs, gate)}
        cells = (_cell(gate, rung, marks.get(rung.code), link_to(gate.slug)) for rung in rungs)
        state = Cell(str(gate.state.label), css=palette.css_class(gate.state))
        rows.append([Cell(f"{gate.number} {gate.name}", link_to(gate.slug)), state, *cells])
    return Twin(headings, rows)


def _cell(gate: Gate, rung: Rung, mark: _Mark | None, address: str) -> Cell:
    if mark is None:
        return Cell(_("on the way"), _at(address, rung)) if rung.code in gate.ahead else Cell("–")
    text = "; ".join(when(step) for step in mark.steps) or _by_class()
    return Cell(text, _at(address, rung))
