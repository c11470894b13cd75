"""Proposals on a time line: since when, until when, and how late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import repeat
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import palette, shared
from tracker.charts.shared import Cell, Figure, Row, Shape, Twin
from tracker.choices import Schedule, Status
from tracker.metrics.records import TimelineBar

_DAY = 86_400_000  # Plotly measures time in milliseconds
_BAR = 9
_BAND = 18
_WIDE = Shape(letters=52, gutter=344)
_LATE = (Schedule.OVERDUE, Schedule.DONE_LATE)
_ROOM = 290  # pixels: the time's width where either form is narrowest


class _Step(NamedTuple):
    """How far the axis's labels are apart, in days or in months, and how much of YYYY-MM-DD they say."""

    letters: int
    days: int = 0
    months: int = 0

    @property
    def width(self) -> int:
        """The pixels that a label takes at most."""
        return 7 * self.letters

    def fits(self, span: timedelta) -> bool:
        """Tell whether neighbouring labels keep clear of each other."""
        days = self.days or self.months * 30.4
        return days / span.days * _ROOM >= self.width + 8

    def marks(self, first: date, last: date) -> list[date]:
        """Give the Mondays, or first days of months, from `first` to `last` at this distance."""
        if self.days:
            weeks = range(first.toordinal() // self.days * self.days + 1, last.toordinal() + 1, self.days)
            found = [date.fromordinal(day) for day in weeks]
        else:
            months = range(first.year * 12 // self.months * self.months, last.year * 12 + 12, self.months)
            found = [date(month // 12, month % 12 + 1, 1) for month in months]
        return [day for day in found if first <= day <= last]


_STEPS = [
    *(_Step(10, days=days) for days in (7, 14)),
    *(_Step(7, months=months) for months in (1, 2, 3, 6)),
    *(_Step(4, months=years * 12) for years in (1, 2, 5, 10, 20, 50, 100)),
]


def timeline(bars: Sequence[TimelineBar], today: date, link_to: Callable[[str], str]) -> Figure | None:
    """Draw a line for each proposal from the day it was raised to the day it was closed or `today`; None without any.

    What lies past the first deadline is drawn apart; the stretch that the deadline names is a bracket.
    """
    if not bars:
        return None
    forms = [_lines(bars, today, link_to, shape) for shape in (_WIDE, shared.NARROW)]
    statuses = [status for status in Status if any(bar.status == status for bar in bars)]
    key = shared.key_of([*statuses, *(late for late in _LATE if any(_late_from(bar, late) for bar in bars))])
    if any(bar.deadline_end for bar in bars):
        key["entries"].append({"css": "mark-deadline", "word": _("Deadline")})
    return shared.responsive(*forms, narrow_below=760, key=[key])


def _late_from(bar: TimelineBar, late: Schedule) -> date | None:
    """Give the day from which the bar is late in this way: the deadline's last, or the day raised if later."""
    if bar.schedule != late or bar.deadline_end is None:
        return None
    return max(bar.deadline_end, bar.raised_on)


def _stretches(bar: TimelineBar, today: date) -> list[tuple[palette.Scaled, date, date]]:
    """Cut a proposal's time into the part in time and the part too late, each with what colours it."""
    end = bar.closed_on or today
    for late in _LATE:
        if (turn := _late_from(bar, late)) and turn < end:
            return [(bar.status, bar.raised_on, turn), (late, turn, end)]
    return [(bar.status, bar.raised_on, end)]


def _lines(bars: Sequence[TimelineBar], today: date, link_to: Callable[[str], str], shape: Shape) -> Figure:
    titles = [shared.broken(_title(bar, shape), shape.letters) for bar in bars]
    placed = shared.rows(titles, shape, repeat(_BAND), gap=9)
    height = placed[-1].bottom + 2
    statuses = [status for status in Status if any(bar.status == status for bar in bars)]
    late = [value for value in _LATE if any(_late_from(bar, value) for bar in bars)]
    values: list[palette.Scaled] = [*statuses, *late]
    data = [_stretch(bars, value, placed, today, link_to) for value in values]
    data += [_brackets(bars, placed, link_to), _ends(bars, placed, today, link_to)]
    first, last = _span(bars, today)
    ticks = _ticks(first, last, shape)
    layout = {
        "height": round(height) + 68,
        "margin": {"l": shape.gutter, "r": 118 if shape.gutter else 8, "t": 44, "b": 24},
        "barmode": "overlay",
        "xaxis": {"type": "date", "side": "top", "range": [first.isoformat(), last.isoformat()], **ticks},
        "xaxis2": {
            "type": "date",
            "side": "bottom",
            "matches": "x",
            "overlaying": "x",
            "showgrid": False,
            "fixedrange": True,
            "tickfont": {"color": "var(--muted)", "size": 12},
            **ticks,
        },
        "yaxis": shared.pixels(height),
        "shapes": [*(shared.rule(row.bottom) for row in placed[:-1]), _today_line(today)],
        "annotations": [
            *(
                shared.label(lines, link_to(bar.slug), row, shape)
                for bar, lines, row in zip(bars, titles, placed, strict=True)
            ),
            *(_words(bars, placed) if shape.gutter else ()),
            _today_label(bars, today),
        ],
    }
    return {"data": data, "layout": layout}


def _title(bar: TimelineBar, shape: Shape) -> str:
    """Give the title; where no word fits beside the line, with the status before it."""
    return bar.title if shape.gutter else f"{bar.status.look.glyph} {bar.status.label} · {bar.title}"


def _words(bars: Sequence[TimelineBar], placed: Sequence[Row]) -> list[Figure]:
    """Write each status at the right end of its row."""
    return [
        {
            "text": shared.wrap(f"{bar.status.look.glyph} {bar.status.label}", 16),
            "x": 1,
            "xshift": 8,
            "y": row.middle,
            "font": {"size": 12},
        }
        for bar, row in zip(bars, placed, strict=True)
    ]


def _span(bars: Sequence[TimelineBar], today: date) -> tuple[date, date]:
    """Give the first and the last day that the drawing shows."""
    days = [today, *(bar.raised_on for bar in bars), *(bar.deadline_end for bar in bars if bar.deadline_end)]
    days += [bar.deadline_start for bar in bars if bar.deadline_start]
    margin = max((max(days) - min(days)) * 0.02, timedelta(days=5))
    return min(days) - margin, max(days) + margin


def _ticks(first: date, last: date, shape: Shape) -> Figure:
    """Place the labels of the time, the closest that have room.

    They are given one by one, since Plotly chooses other days for an axis that overlies another.
    """
    span = last - first
    step = next((step for step in _STEPS if step.fits(span)), _STEPS[-1])
    if not shape.gutter:  # beside the time there is no room for the half of a label
        inset = span * (step.width / 2 / _ROOM)
        first, last = first + inset, last - inset
    days = step.marks(first, last)
    return {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in days],
        "ticktext": [day.isoformat()[: step.letters] for day in days],
    }


def _today_line(today: date) -> Figure:
    return {
        "x0": today.isoformat(),
        "x1": today.isoformat(),
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": "var(--ink)", "width": 1.5, "dash": "dot"},
    }


def _today_label(bars: Sequence[TimelineBar], today: date) -> Figure:
    first, last = _span(bars, today)
    share = (today - first) / (last - first)
    return shared.note(
        shared.plain(_("As of %(day)s") % {"day": today.isoformat()}),
        x=today.isoformat(),
        xref="x",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=24,
        xanchor="right" if share > 0.7 else "left" if share < 0.3 else "center",
    ) | {"font": {"size": 12, "color": "var(--ink)"}}


def _stretch(
    bars: Sequence[TimelineBar],
    value: palette.Scaled,
    placed: Sequence[Row],
    today: date,
    link_to: Callable[[str], str],
) -> Figure:
    here = [
        (bar, start, end, row.middle)
        for bar, row in zip(bars, placed, strict=True)
        for what, start, end in _stretches(bar, today)
        if what == value and isinstance(what, type(value))
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": str(value.label),
        "base": [start.isoformat() for _bar, start, _end, _y in here],
        "x": [(end - start).days * _DAY for _bar, start, end, _y in here],
        "y": [y for *_rest, y in here],
        "width": _BAR,
        "marker": shared.segment_style(value) if isinstance(value, Status) else _late_style(value),
        "hovertext": [_story(bar, today) for bar, *_rest in here],
        "hoverinfo": "text",
        "customdata": [{"href": link_to(bar.slug)} for bar, *_rest in here],
    }


def _late_style(late: palette.Scaled) -> Figure:
    style = shared.segment_style(late)
    return style | {"pattern": style["pattern"] | {"shape": "/", "fgopacity": 0.55, "size": 5, "solidity": 0.35}}


def _story(bar: TimelineBar, today: date) -> str:
    """Tell a proposal's time in words."""
    lines = [
        bar.title,
        f"{bar.status.look.glyph} {bar.status.label}",
        _("Raised: %(day)s") % {"day": bar.raised_on.isoformat()},
    ]
    if bar.closed_on:
        lines.append(_("Closed: %(day)s") % {"day": bar.closed_on.isoformat()})
    if deadline := _deadline(bar):
        lines.append(_("Deadline: %(days)s") % {"days": deadline})
    lines.append(f"{bar.schedule.look.glyph} {bar.schedule.label}")
    return shared.hover(*lines)


def _deadline(bar: TimelineBar) -> str:
    if bar.deadline_end is None:
        return ""
    start = bar.deadline_start or bar.deadline_end
    if start == bar.deadline_end:
        return start.isoformat()
    return f"{start.isoformat()} – {bar.deadline_end.isoformat()}"


def _brackets(bars: Sequence[TimelineBar], placed: Sequence[Row], link_to: Callable[[str], str]) -> Figure:
    """Draw the stretch that each deadline names, with an upright at both ends."""
    days: list[str | None] = []
    heights: list[float | None] = []
    links, texts = [], []
    for bar, row in zip(bars, placed, strict=True):
        if bar.deadline_end is None:
            continue
        start = bar.deadline_start or bar.deadline_end
        days += [start.isoformat(), bar.deadline_end.isoformat(), None]
        heights += [row.middle, row.middle, None]
        links += [{"href": link_to(bar.slug)}] * 3
        texts += [shared.hover(bar.title, _("Deadline: %(days)s") % {"days": _deadline(bar)})] * 3
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": _("Deadline"),
        "x": days,
        "y": heights,
        "xaxis": "x2",
        "line": {"color": "var(--ink)", "width": 1.5},
        "marker": {
            "symbol": "line-ns-open",
            "size": 17,
            "color": "var(--ink)",
            "line": {"width": 2, "color": "var(--ink)"},
        },
        "cliponaxis": False,
        "hovertext": texts,
        "hoverinfo": "text",
        "customdata": links,
    }


def _ends(bars: Sequence[TimelineBar], placed: Sequence[Row], today: date, link_to: Callable[[str], str]) -> Figure:
    """Draw each status's shape at the end of its line."""
    tones = [palette.tone(bar.status) for bar in bars]
    # An open shape is drawn by its line alone; a filled one gets a seam that sets it off from the bar.
    seams = [
        colour if bar.status.look.marker.endswith("-open") else "var(--surface)"
        for bar, colour in zip(bars, tones, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [(bar.closed_on or today).isoformat() for bar in bars],
        "y": [row.middle for row in placed],
        "marker": {
            "symbol": [bar.status.look.marker for bar in bars],
            "size": 13,
            "color": tones,
            "opacity": 1,
            "line": {"width": 1.5, "color": seams},
        },
        "cliponaxis": False,
        "hovertext": [_story(bar, today) for bar in bars],
        "hoverinfo": "text",
        "customdata": [{"href": link_to(bar.slug)} for bar in bars],
    }


def timeline_table(bars: Sequence[TimelineBar], today: date, link_to: Callable[[str], str]) -> Twin | None:
    """Give what `timeline` shows as a table."""
    if not bars:
        return None
    headings = [
        Cell(_("Proposal")),
        Cell(_("Status")),
        Cell(_("Raised")),
        Cell(_("Closed")),
        Cell(_("Deadline")),
        Cell(_("Schedule")),
        Cell(_("Days late"), number=True),
    ]
    rows = [
        [
            Cell(bar.title, link_to(bar.slug)),
            Cell(str(bar.status.label), css=palette.css_class(bar.status)),
            Cell(bar.raised_on.isoformat()),
            Cell(bar.closed_on.isoformat() if bar.closed_on else ""),
            Cell(_deadline(bar)),
            Cell(str(bar.schedule.label), css=palette.css_class(bar.schedule)),
            Cell(_days_late(bar, today), number=True),
        ]
        for bar in bars
    ]
    return Twin(headings, rows)


def _days_late(bar: TimelineBar, today: date) -> str:
    if bar.schedule not in _LATE or bar.deadline_end is None:
        return ""
    return str(((bar.closed_on or today) - bar.deadline_end).days)
