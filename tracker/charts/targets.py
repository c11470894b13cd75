"""Figures against a target in time: a panel for each series, a bar over the time that each figure covers.

All panels share both scales. Nothing joins two series, nor two figures of one.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import shared
from tracker.charts.figure_words import SIGNS, amount, goal_words, marked, said, span_with_months
from tracker.charts.shared import Cell, Shape, Twin
from tracker.choices import Measure, Qualifier
from tracker.metrics.records import Figure, FigureSeries, Goal

_WIDE = Shape(letters=34, gutter=268)
_LETTERS = {True: 34, False: 44}  # letters in a line of a series' heading, wide and narrow
_WIDTH = {True: 620, False: 290}  # pixels that time has at least, wide and narrow: labels are placed for these
_PLOT = 104  # pixels from nought to the highest value
_ROOM = 19  # pixels above it, for the label of the highest bar
_YEARS = 20  # pixels below it, for the years
_THIN = 7  # pixels: no bar is thinner


class Panel(NamedTuple):
    """A series with its figures in their latest vintage and the stretches of years in which none lies."""

    series: FigureSeries
    figures: Sequence[Figure]
    gaps: Sequence[tuple[int, int]]

    @property
    def heading(self) -> str:
        """What is measured, and by whom."""
        return f"{self.series.name} · {self.series.compiler}"

    @property
    def href(self) -> str:
        """Where the rows of the series stand."""
        return f"#series-{self.series.slug}"

    @property
    def replaced(self) -> list[Figure]:
        """The figures of which a later vintage is on record."""
        return [one for one in self.series.figures if one not in self.figures]

    def compares(self, figure: Figure) -> bool:
        """Whether the figure compares with others: a full year, or any figure of a level."""
        return figure.year is not None or self.series.measure == Measure.LEVEL


class _Scale(NamedTuple):
    """How time and values are drawn: years across, pixels down."""

    first: int
    last: int
    high: float
    width: int

    @property
    def year(self) -> float:
        """The width of a year in pixels."""
        return self.width / (self.last - self.first + 1)

    def lift(self, value: Decimal) -> float:
        """Give how far above nought a value stands."""
        return _PLOT * max(float(value), 0.0) / self.high

    def box(self, figure: Figure) -> tuple[float, float]:
        """Give the middle and the width of a bar in years; a thin one begins with its year or ends with its period."""
        start, end = _at(figure.start), _at(date.fromordinal(figure.end.toordinal() + 1))
        if start == figure.start.year:
            end = max(end, start + _THIN / self.year)
        start = min(start, end - _THIN / self.year)
        return (start + end) / 2, end - start


class _Place(NamedTuple):
    """Where a panel lies, in pixels from the top: its heading, nought, and its end."""

    row: shared.Row
    base: float


class _Mark(NamedTuple):
    """A short text at a place."""

    x: float
    y: float
    text: str


def _at(day: date) -> float:
    return day.year + (day - date(day.year, 1, 1)).days / (366 if isleap(day.year) else 365)


def figures_chart(panels: Sequence[Panel], goals: Sequence[Goal], unit: str) -> shared.Figure | None:
    """Draw every figure over the time it covers, and each target at its deadline or, without one, as a line across."""
    if not any(panel.figures for panel in panels):
        return None
    forms = [_form(panels, goals, unit, shape) for shape in (_WIDE, shared.NARROW)]
    return shared.responsive(*forms, narrow_below=760, key=_key(panels, goals), widest=1280)


def _key(panels: Sequence[Panel], goals: Sequence[Goal]) -> list[shared.Figure]:
    drawn = [(panel, figure) for panel in panels for figure in panel.figures]
    signs = {figure.qualifier for _panel, figure in drawn}
    level = all(panel.series.measure == Measure.LEVEL for panel in panels)
    entries = [
        (
            "mark-full",
            _("Figure, over the days it covers") if level else _("Full year"),
            any(p.compares(f) for p, f in drawn),
        ),
        (
            "mark-part",
            _("Part of a year or other period, as wide as its months"),
            any(not p.compares(f) for p, f in drawn),
        ),
        ("mark-replaced", _("Earlier vintage, since restated"), any(panel.replaced for panel in panels)),
        ("mark-target", _("Target, over the time it is due"), any(goal.deadline for goal in goals)),
        ("mark-undated", _("Target without a date"), any(goal.deadline is None for goal in goals)),
        ("mark-gap", _("Year without a figure on record"), any(panel.gaps for panel in panels)),
        *((f"mark-{sign.value}", str(sign.label), sign in signs) for sign in SIGNS if sign != Qualifier.EXACT),
    ]
    return [{"name": "", "entries": [{"css": css, "word": word} for css, word, needed in entries if needed]}]


def _scale(panels: Sequence[Panel], goals: Sequence[Goal], *, wide: bool) -> _Scale:
    figures = [figure for panel in panels for figure in panel.series.figures]
    ends = [figure.end.year for figure in figures] + [goal.deadline.year for goal in goals if goal.deadline]
    starts = [figure.start.year for figure in figures] + [goal.deadline.year for goal in goals if goal.deadline]
    values = [float(figure.value) for figure in figures] + [float(goal.value) for goal in goals]
    return _Scale(min(starts), max(ends), max(0.0, *values) or 1.0, _WIDTH[wide])


def _form(panels: Sequence[Panel], goals: Sequence[Goal], unit: str, shape: Shape) -> shared.Figure:
    wide = bool(shape.gutter)
    scale = _scale(panels, goals, wide=wide)
    headings = [shared.broken(panel.heading, _LETTERS[wide]) for panel in panels]
    undated = [(goal, shared.broken(goal_words(goal, unit), 40)) for goal in goals if goal.deadline is None]
    room = sum(shared.LINE * len(lines) for _goal, lines in undated)
    placed = _placed(headings, room, wide=wide)
    bases = [place.base for place in placed]
    height = placed[-1].row.bottom
    labels = [
        shared.label(lines, panel.href, place.row, shape)
        for lines, panel, place in zip(headings, panels, placed, strict=True)
    ]
    layout = {
        "height": round(height) + 4,
        "margin": {"l": shape.gutter, "r": 12, "t": 2, "b": 2},
        "barmode": "overlay",
        "xaxis": {
            "type": "linear",
            "range": [scale.first, scale.last + 1],
            "showticklabels": False,
            "showgrid": False,
        },
        "yaxis": shared.pixels(height),
        "shapes": [
            *({"y0": base, "y1": base, "line": {"color": "var(--control)", "width": 1}} for base in bases),
            *(_line(base - scale.lift(goal.value)) for goal, _words in undated for base in bases),
        ],
        "annotations": [*labels, *_undated_labels(undated, bases[0], scale)],
    }
    here = list(zip(panels, bases, strict=True))
    return {
        "data": [_bars(here, scale), _dated(here, goals, unit, scale), *_texts(here, goals, scale)],
        "layout": layout,
    }


def _placed(headings: Sequence[Sequence[str]], room: int, *, wide: bool) -> list[_Place]:
    placed, top = [], 4.0
    for number, lines in enumerate(headings):
        text = shared.LINE * len(lines)
        above = _ROOM + (0 if number else room)
        base = top + (0 if wide else text + 2) + above + _PLOT
        bottom = max(base + _YEARS, top + text) + 14
        middle = base - _PLOT / 2 if wide else top + text / 2
        placed.append(_Place(shared.Row(middle, middle, bottom), base))
        top = bottom
    return placed


def _line(y: float) -> shared.Figure:
    return {"y0": y, "y1": y, "line": {"color": "var(--ink)", "width": 1.5, "dash": "dash"}, "layer": "above"}


def _undated_labels(undated: Sequence[tuple[Goal, Sequence[str]]], base: float, scale: _Scale) -> list[shared.Figure]:
    """Write what the lines across stand for above the first panel's, all under each other at the right edge."""
    labels, top = [], base - scale.high * _PLOT / scale.high - _ROOM
    for goal, lines in reversed(undated):
        y = min(top, base - scale.lift(goal.value)) if len(undated) > 1 else base - scale.lift(goal.value)
        text = "<br>".join(shared.anchor(shared.plain(line), f"#target-{goal.key}") for line in lines)
        labels.append({"text": text, "x": 1, "xanchor": "right", "align": "right", "y": y, "yanchor": "bottom"})
        top = y - shared.LINE * len(lines)
    return labels


_HATCH = {True: "", False: "/", None: "."}  # a figure that compares, a part of a year, a replaced vintage


def _bars(here: Sequence[tuple[Panel, float]], scale: _Scale) -> shared.Figure:
    """Give the bars, in one trace so that their order holds: full years, then parts in front of them, the longest at
    the back, then replaced vintages."""
    held = [(panel, base, one, panel.compares(one)) for panel, base in here for one in panel.figures]
    held.sort(key=lambda bar: (not bar[3], bar[2].start.toordinal() - bar[2].end.toordinal()))
    old = [(panel, base, one, None) for panel, base in here for one in panel.replaced]
    bars = [*held, *old]
    boxes = [scale.box(figure) for _panel, _base, figure, _kind in bars]
    kinds = [kind for *_rest, kind in bars]
    fill = {True: "var(--accent)", False: "var(--sunken)", None: "var(--surface)"}
    edge = {True: "var(--surface)", False: "var(--accent)", None: "var(--ink)"}
    return {
        "type": "bar",
        "x": [round(middle, 4) for middle, _width in boxes],
        "width": [round(width, 4) for _middle, width in boxes],
        "base": [base for _panel, base, *_rest in bars],
        "y": [-round(max(scale.lift(figure.value), 1), 2) for _panel, _base, figure, _kind in bars],
        "marker": {
            "color": [fill[kind] for kind in kinds],
            "line": {"width": [1 if kind else 1.5 for kind in kinds], "color": [edge[kind] for kind in kinds]},
            "pattern": {
                "shape": [_HATCH[kind] for kind in kinds],
                "fillmode": "overlay",  # else what is hatched lets the bar behind it show through
                "fgopacity": 0.6,
                "size": 6,
                "solidity": 0.22,
            },
        },
        "hovertext": [
            shared.hover(span_with_months(figure), said(figure), panel.series.compiler, figure.source_label)
            for panel, _base, figure, _kind in bars
        ],
        "hoverinfo": "text",
        "customdata": [{"href": f"#figure-{figure.key}"} for _panel, _base, figure, _kind in bars],
    }


def _due_box(goal: Goal, scale: _Scale) -> tuple[float, float]:
    """Give the stretch over which a dated target is drawn: the time in which it is due, at least a short dash."""
    assert goal.deadline is not None  # noqa: S101 - only dated targets are drawn so
    end = _at(goal.deadline) + 1 / 366
    start = _at(goal.due.first) if goal.due else end
    return min(start, end - 16 / scale.year), end


def _dated(here: Sequence[tuple[Panel, float]], goals: Sequence[Goal], unit: str, scale: _Scale) -> shared.Figure:
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    links: list[dict[str, str]] = []
    for _panel, base in here:
        for goal in goals:
            if goal.deadline is None:
                continue
            y = round(base - scale.lift(goal.value), 2)
            xs += [*(round(x, 4) for x in _due_box(goal, scale)), None]
            ys += [y, y, None]
            texts += [shared.hover(goal_words(goal, unit))] * 3
            links += [{"href": f"#target-{goal.key}"}] * 3
    line = {"color": "var(--ink)", "width": 4}
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": line, "cliponaxis": False,
        "hovertext": texts, "hoverinfo": "text", "customdata": links,
    }  # fmt: skip


# Texts in the panels --------------------------------------------------------------------------------------------------


def _texts(here: Sequence[tuple[Panel, float]], goals: Sequence[Goal], scale: _Scale) -> list[shared.Figure]:
    values: list[_Mark] = []
    gaps: list[_Mark] = []
    for panel, base in here:
        labels, missing = _value_marks(panel, goals, base, scale)
        values += labels
        gaps += missing
    years = [_Mark(at, base + _YEARS / 2, text) for _panel, base in here for at, text in _ticks(scale)]
    return [_text(values, 12, "var(--ink)"), _text([*years, *gaps], 12, "var(--muted)")]


def _ticks(scale: _Scale) -> list[tuple[float, str]]:
    """Give the years, as many as there is room for, or the quarters of so few years, each where its middle is."""
    years = range(scale.first, scale.last + 1)
    if scale.year >= 4 * 60:
        return [(year + 0.125 + 0.25 * part, f"{year}-Q{part + 1}") for year in years for part in range(4)]
    step = next((step for step in (1, 2, 5, 10) if step * scale.year >= 36), 20)
    return [(year + 0.5, str(year)) for year in years if year % step == 0]


def _text(marks: Sequence[_Mark], size: int, colour: str) -> shared.Figure:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [round(mark.x, 4) for mark in marks],
        "y": [round(mark.y, 2) for mark in marks],
        "text": [shared.plain(mark.text) for mark in marks],
        "textposition": "middle center",
        "textfont": {"size": size, "color": colour},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _value_marks(panel: Panel, goals: Sequence[Goal], base: float, scale: _Scale) -> tuple[list[_Mark], list[_Mark]]:
    """Label the figure that stands highest in each year and each dated target, and mark the years without a figure."""
    dated = [(goal, _due_box(goal, scale)) for goal in goals if goal.deadline is not None]
    wanted = [_Mark(sum(box) / 2, base - scale.lift(goal.value) - 13, amount(goal.value)) for goal, box in dated]
    wanted += [_Mark(scale.box(one)[0], base - scale.lift(one.value) - 8, marked(one)) for one in _highest(panel)]
    taken = [
        _Box(_across(sum(box) / 2, scale), base - scale.lift(goal.value), (box[1] - box[0]) * scale.year / 2, 3)
        for goal, box in dated
    ]
    placed = _spread(wanted, taken, base, scale)
    missing = [year for first, last in panel.gaps for year in range(first, last + 1) if scale.year >= 9]
    marks = [_Mark(year + 0.5, base - 9, "?") for year in missing]
    return placed, [mark for mark in marks if all(_Box(_across(mark.x, scale), mark.y, 5).clears(one) for one in taken)]


def _highest(panel: Panel) -> list[Figure]:
    """Give for each year the figure that stands highest: the full year, else the longest part, the latest published."""
    top: dict[int, Figure] = {}
    for figure in sorted(panel.figures, key=lambda one: (one.year is not None, one.end, one.value)):
        top[figure.end.year] = figure
    return list(top.values())


def _across(year: float, scale: _Scale) -> float:
    return (year - scale.first) * scale.year


class _Box(NamedTuple):
    """What is taken already: its middle, half its width and half its height, in pixels."""

    x: float
    y: float
    half: float
    tall: float = 6.5

    def clears(self, other: _Box) -> bool:
        """Whether the two do not overlap."""
        return abs(self.y - other.y) >= self.tall + other.tall or abs(self.x - other.x) >= self.half + other.half


def _spread(wanted: Sequence[_Mark], taken: list[_Box], base: float, scale: _Scale) -> list[_Mark]:
    """Place each text where it overlaps nothing: lifted by a line or two, else left to the table. Adds to `taken`."""
    placed = []
    for mark in wanted:
        half = (shared.width(mark.text) * 6.8 + 6) / 2
        x = min(max(_across(mark.x, scale), half), scale.width - half)
        for y in (mark.y, mark.y - 14, mark.y - 28):
            box = _Box(x, y, half)
            if all(box.clears(other) for other in taken) and y > base - _PLOT - 2 * _ROOM:
                taken.append(box)
                placed.append(_Mark(scale.first + x / scale.year, y, mark.text))
                break
    return placed


# The table twin -------------------------------------------------------------------------------------------------------


def figures_table(panels: Sequence[Panel], goals: Sequence[Goal], unit: str) -> Twin | None:
    """Give what `figures_chart` shows as a table, with what is left to each target from each figure that compares."""
    if not any(panel.figures for panel in panels):
        return None
    headings = [Cell(_("Period")), Cell(_("Series")), Cell(_("Figure"), number=True)]
    headings += [Cell(_("Left: %(target)s") % {"target": goal_words(goal, unit)}, number=True) for goal in goals]
    return Twin(headings, [row for panel in panels for row in _rows(panel, goals)])


def _rows(panel: Panel, goals: Sequence[Goal]) -> list[list[Cell]]:
    """Give the rows of a series in order of time, those of years without a figure among them."""
    rows: list[tuple[tuple, list[Cell]]] = []
    for figure in (*panel.figures, *panel.replaced):
        href, counts = f"#figure-{figure.key}", panel.compares(figure) and figure in panel.figures
        period = span_with_months(figure)
        if figure in panel.replaced:
            period = _("%(period)s, vintage %(number)s, since restated") % {"period": period, "number": figure.vintage}
        left = [Cell(amount(goal.value - figure.value) if counts else "–", number=True) for goal in goals]
        cells = [Cell(period, href), Cell(panel.heading), Cell(said(figure), href, number=True), *left]
        rows.append(((figure.end.year, figure.start, figure.end, figure.vintage), cells))
    for first, last in panel.gaps:
        years = str(first) if first == last else f"{first}–{last}"
        words = _("%(years)s: no figure on record") % {"years": years}
        cells = [Cell(words), Cell(panel.heading), Cell("–", number=True), *(Cell("–", number=True) for _goal in goals)]
        rows.append(((last, date(first, 1, 1), date(last, 12, 31), 0), cells))
    return [cells for _order, cells in sorted(rows, key=lambda row: row[0])]
