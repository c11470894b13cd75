"""Strips of time: what was held when, which cycles were kept or missed, and when the next is due.

Each kind of stretch and of mark has a shape of its own, so that a print without colour says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import rhythm_words as words
from tracker.charts import shared
from tracker.charts.shared import Figure, Row, Shape
from tracker.choices import Precision, Schedule
from tracker.metrics.rhythm import Cycle, Held, Planned, Rhythm, Strip

LinkTo = Callable[[str], str]

_DAY = 86_400_000  # Plotly measures time in milliseconds
_WIDE = Shape(letters=46, gutter=318)
_ALONE = Shape(letters=0)
_BESIDE = 250  # pixels: the words at the right of a row
_LETTERS = 38  # of a line of them
_BAND = 20
_WIDTHS = {
    Schedule.CYCLE_KEPT: 12,
    Schedule.CYCLE_MISSED: 6,
    Schedule.NOT_DUE: 12,
    Schedule.NO_DEADLINE: 2,
}


class _Part(NamedTuple):
    """A stretch of time in a row."""

    strip: Strip
    row: Row
    cycle: Cycle
    first: date
    last: date


class _Mark(NamedTuple):
    """A day in a row."""

    strip: Strip
    row: Row
    day: date
    one: Held | Planned | None = None


def rhythm_strip(rhythm: Rhythm, today: date, link_to: LinkTo, href: str = "") -> Figure | None:
    """Draw one rhythm: each occurrence as a mark, each cycle as a stretch between two; None without any occurrence.

    Args:
        rhythm: what was held, and the cycles.
        today: the day looked at.
        link_to: gives the address of a meeting by its slug.
        href: where an occurrence leads that is no meeting.
    """
    if not rhythm.held:
        return None
    strips = [Strip("", href, rhythm)]
    form = _form(strips, today, link_to, _ALONE)
    narrow = form | {"layout": form["layout"] | {"xaxis": form["layout"]["xaxis"] | {"nticks": 4}}}
    return shared.responsive(form, narrow, narrow_below=640, key=[_key(strips)])


def rhythm_strips(strips: Sequence[Strip], today: date, link_to: LinkTo) -> Figure | None:
    """Draw several rhythms under each other on one axis of time, in the order given; None without any occurrence."""
    strips = [strip for strip in strips if strip.rhythm.held]
    if not strips:
        return None
    wide, narrow = (_form(strips, today, link_to, shape) for shape in (_WIDE, shared.NARROW))
    return shared.responsive(wide, narrow, narrow_below=900, key=[_key(strips)])


# Where it lies --------------------------------------------------------------------------------------------------------


def _form(strips: Sequence[Strip], today: date, link_to: LinkTo, shape: Shape) -> Figure:
    labels = [_lines(strip, shape) for strip in strips]
    if shape is _ALONE:
        placed = [Row(0, 24, 48)]
    else:
        bands = [_BAND if not shape.gutter else max(_BAND, 15 * len(_figures(strip))) for strip in strips]
        placed = shared.rows([name + more for name, more in labels], shape, bands, gap=8)
    first, last = _span(strips, today)
    height, top = placed[-1].bottom, 22 if shape is _ALONE else 40
    annotations = [_as_of(today, first, last, shape)]
    if shape is not _ALONE:
        annotations += [*_years(first, last, shape), *_labels(strips, labels, placed, shape)]
    if shape.gutter:
        annotations += _beside(strips, placed)
    return {
        "data": _traces(strips, placed, today, link_to),
        "layout": {
            "height": round(height) + top + 22,
            "margin": {"l": shape.gutter or 2, "r": _BESIDE if shape.gutter else 2, "t": top, "b": 22},
            "barmode": "overlay",
            "xaxis": {
                "type": "date",
                "range": [first.isoformat(), last.isoformat()],
                **_ticks(first, last, shape),
            },
            "yaxis": shared.pixels(height),
            "shapes": [*(shared.rule(row.bottom) for row in placed[:-1]), _upright(today)],
            "annotations": annotations,
        },
    }


def _ticks(first: date, last: date, shape: Shape) -> Figure:
    """Name the years, in a narrow drawing no more of them than have room; where a strip stands alone, what fits."""
    if shape is _ALONE:
        return {"nticks": 10}
    step = 1 if shape.gutter or last.year - first.year < 8 else 2
    days = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1) if year % step == 0]
    return {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in days],
        "ticktext": [str(day.year) for day in days],
    }


def _span(strips: Iterable[Strip], today: date) -> tuple[date, date]:
    """Give the first and the last day that the drawing shows."""
    days = [today]
    for strip in strips:
        days += [one.first for one in strip.rhythm.held]
        days += [one.last for one in strip.planned if one.last]
        days += [strip.rhythm.next_due] if strip.rhythm.next_due else []
    margin = max((max(days) - min(days)) * 0.03, timedelta(days=20))
    return min(days) - margin, max(days) + margin


def _upright(today: date) -> Figure:
    return {
        "x0": today.isoformat(),
        "x1": today.isoformat(),
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": "var(--ink)", "width": 1.5, "dash": "dot"},
    }


def _years(first: date, last: date, shape: Shape) -> list[Figure]:
    """Name the years above the rows as well as under them: many rows are more than a screen is high."""
    ticks = _ticks(first, last, shape)
    return [
        shared.note(year, x=day, xref="x", xanchor="center", y=1, yref="paper", yanchor="bottom", yshift=3)
        for day, year in zip(ticks["tickvals"], ticks["ticktext"], strict=True)
    ]


def _as_of(today: date, first: date, last: date, shape: Shape) -> Figure:
    share = (today - first) / (last - first)
    anchor = "right" if share > 0.7 else "left" if share < 0.3 else "center"
    text = shared.plain(_("As of %(day)s") % {"day": today.isoformat()})
    above = 3 if shape is _ALONE else 20
    return shared.note(
        text, x=today.isoformat(), xref="x", xanchor=anchor, y=1, yref="paper", yanchor="bottom", yshift=above
    ) | {"font": {"size": 12, "color": "var(--ink)"}}


def _lines(strip: Strip, shape: Shape) -> tuple[list[str], list[str]]:
    """Break the label of a row; where no word fits beside it, its figures stand under the name."""
    if shape is _ALONE:
        return [], []
    name = list(shared.broken(strip.name, shape.letters))
    if shape.gutter:
        return name, []
    return name, [part for line in words.in_short(strip) for part in shared.broken(line, shape.letters)]


def _labels(
    strips: Sequence[Strip], labels: Sequence[tuple[list[str], list[str]]], placed: Sequence[Row], shape: Shape
) -> list[Figure]:
    found = []
    for strip, (name, more), row in zip(strips, labels, placed, strict=True):
        shift = shared.LINE / 2
        found.append(shared.label(name, strip.href, row._replace(label=row.label - shift * len(more)), shape))
        if more:
            text = "<br>".join(shared.plain(line) for line in more)
            found.append(shared.note(text, y=row.label + shift * len(name), bgcolor="var(--surface)"))
    return found


def _figures(strip: Strip) -> list[str]:
    """Break the figures of a row into lines for its right end."""
    return [part for line in words.in_short(strip) for part in shared.broken(line, _LETTERS)]


def _beside(strips: Sequence[Strip], placed: Sequence[Row]) -> list[Figure]:
    """Write the figures of each row at its right end."""
    return [
        {
            "text": "<br>".join(shared.plain(line) for line in _figures(strip)),
            "x": 1,
            "xshift": 8,
            "y": row.middle,
            "font": {"size": 12},
        }
        for strip, row in zip(strips, placed, strict=True)
    ]


# What is drawn --------------------------------------------------------------------------------------------------------


def _traces(strips: Sequence[Strip], placed: Sequence[Row], today: date, link_to: LinkTo) -> list[Figure]:
    """Give the stretches, then the marks upon them; a kind that nothing has is left out."""
    rows = list(zip(strips, placed, strict=True))
    held = [_Mark(strip, row, one.last, one) for strip, row in rows for one in strip.rhythm.held]
    exact = [mark for mark in held if mark.one and mark.one.precision == Precision.DAY]  # type: ignore[union-attr]
    by_then = [mark for mark in held if mark.one and mark.one.first == mark.one.last and mark not in exact]
    due = [_Mark(strip, row, day) for strip, row in rows if (day := strip.rhythm.next_due)]
    coming = [_Mark(strip, row, one.last, one) for strip, row in rows for one in strip.planned if one.last]
    traces = [_stretches(parts, state, link_to) for state, parts in _parts(rows).items() if parts]
    late = [part for strip, row in rows for part in _late(strip, row)]
    traces += [_late_parts(late)] if late else []
    vague = [mark for mark in held if mark not in exact and mark not in by_then]
    traces += [_vague(vague, link_to)] if vague else []
    for marks, draw in ((by_then, "triangle-left"), (exact, "square"), (coming, "square-open")):
        traces += [_marks(marks, draw, link_to)] if marks else []
    traces += [_due(due, today)] if due else []
    return traces


def _parts(rows: Sequence[tuple[Strip, Row]]) -> dict[Schedule, list[_Part]]:
    """Sort the cycles of all rows by what they are."""
    parts: dict[Schedule, list[_Part]] = {state: [] for state in _WIDTHS}
    for strip, row in rows:
        for cycle in strip.rhythm.cycles:
            until = cycle.next.first if cycle.next else cycle.until
            parts[cycle.state].append(_Part(strip, row, cycle, cycle.after.last, max(until, cycle.after.last)))
    return parts


def _late(strip: Strip, row: Row) -> list[_Part]:
    """Give the days after the interval's end, of each cycle that was missed."""
    return [
        _Part(strip, row, one, one.due, one.next.first if one.next else one.until)
        for one in strip.rhythm.cycles
        if one.due and one.days_late
    ]


def _bar(parts: Sequence[_Part], width: int, marker: Figure) -> Figure:
    return {
        "type": "bar",
        "orientation": "h",
        "base": [one.first.isoformat() for one in parts],
        "x": [(one.last - one.first).days * _DAY for one in parts],
        "y": [one.row.middle for one in parts],
        "width": width,
        "marker": marker,
        "hovertext": [words.story(one.cycle) for one in parts],
        "hoverinfo": "text",
        "customdata": [{"href": one.strip.href} if one.strip.href else {} for one in parts],
    }


def _stretches(parts: Sequence[_Part], state: Schedule, link_to: LinkTo) -> Figure:
    """Draw the cycles of a kind: kept ones full, missed ones thin, the running one hollow, those not judged a line."""
    tone = "var(--schedule-cycle_kept)" if state == Schedule.CYCLE_KEPT else "var(--schedule-cycle_missed)"
    hollow = {"color": "var(--surface)", "line": {"width": 1.5, "color": "var(--schedule-not_due)"}}
    plain = {"color": "var(--control)", "line": {"width": 0}}
    marker = {Schedule.NOT_DUE: hollow, Schedule.NO_DEADLINE: plain}.get(state, {"color": tone, "line": {"width": 0}})
    drawn = _bar(parts, _WIDTHS[state], marker) | {"name": str(state.label)}
    leads = [one.cycle.after.slug for one in parts]
    drawn["customdata"] = [
        {"href": link_to(slug)} if slug else data for slug, data in zip(leads, drawn["customdata"], strict=True)
    ]
    return drawn


def _late_parts(parts: Sequence[_Part]) -> Figure:
    """Draw the days too late tall and hatched."""
    marker = shared.segment_style(Schedule.CYCLE_MISSED, opacity=0.75)
    marker["pattern"] = marker["pattern"] | {"shape": "/", "size": 6, "solidity": 0.3}
    return _bar(parts, 16, marker) | {"name": _("Late")}


def _vague(marks: Sequence[_Mark], link_to: LinkTo) -> Figure:
    """Draw what is known to the month or the year as the stretch in which it lies, dotted and with an edge."""
    ends = [mark.one for mark in marks if isinstance(mark.one, Held)]
    return {
        "type": "bar",
        "orientation": "h",
        "name": _("Held, day not known"),
        "base": [one.first.isoformat() for one in ends],
        "x": [((one.last - one.first).days + 1) * _DAY for one in ends],
        "y": [mark.row.middle for mark in marks],
        "width": 13,
        "marker": {
            "color": "var(--surface)",
            "line": {"width": 1.5, "color": "var(--ink)"},
            "pattern": {"shape": ".", "fillmode": "overlay", "fgcolor": "var(--ink)", "fgopacity": 0.8, "size": 5},
        },
        **_told(marks, link_to),
    }


def _marks(marks: Sequence[_Mark], symbol: str, link_to: LinkTo) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("Planned") if symbol == "square-open" else _("Held"),
        "x": [mark.day.isoformat() for mark in marks],
        "y": [mark.row.middle for mark in marks],
        "marker": {
            "symbol": symbol,
            "size": 12,
            "color": "var(--ink)",
            "line": {"width": 1.5, "color": "var(--ink)" if symbol == "square-open" else "var(--surface)"},
        },
        "cliponaxis": False,
        **_told(marks, link_to),
    }


def _told(marks: Sequence[_Mark], link_to: LinkTo) -> Figure:
    """Give the words and the address of each mark."""
    ones = [mark.one for mark in marks if mark.one]
    hrefs = [link_to(mark.one.slug) if mark.one and mark.one.slug else mark.strip.href for mark in marks]
    return {
        "hovertext": [words.told(one) for one in ones],
        "hoverinfo": "text",
        "customdata": [{"href": href} if href else {} for href in hrefs],
    }


def _due(marks: Sequence[_Mark], today: date) -> Figure:
    """Mark the day by which the next is due: hollow while it lies ahead, full once it has passed."""
    late = [mark.day < today for mark in marks]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("Next due"),
        "x": [mark.day.isoformat() for mark in marks],
        "y": [mark.row.middle for mark in marks],
        "marker": {
            "symbol": ["diamond" if is_late else "diamond-open" for is_late in late],
            "size": 12,
            "color": "var(--schedule-overdue)",
            "line": {"width": 2, "color": "var(--schedule-overdue)"},
        },
        "cliponaxis": False,
        "hovertext": [shared.hover(_("Next due by %(day)s") % {"day": mark.day.isoformat()}) for mark in marks],
        "hoverinfo": "text",
        "customdata": [{"href": mark.strip.href} if mark.strip.href else {} for mark in marks],
    }


def _key(strips: Sequence[Strip]) -> Figure:
    """Name the shapes that are drawn."""
    cycles = [cycle for strip in strips for cycle in strip.rhythm.cycles]
    held = [one for strip in strips for one in strip.rhythm.held]
    states = {cycle.state for cycle in cycles}
    vague = [one for one in held if one.precision != Precision.DAY]
    entries = [
        (True, "mark-held", _("Held")),
        (any(one.first != one.last for one in vague), "mark-vague", _("Held, day not known")),
        (any(one.first == one.last for one in vague), "mark-by-then", _("Held by then, day not known")),
        (any(one.last for strip in strips for one in strip.planned), "mark-planned", _("Planned")),
        (Schedule.CYCLE_KEPT in states, "mark-kept", _("Cycle kept")),
        (Schedule.CYCLE_MISSED in states, "mark-missed", _("Cycle missed, with the days too late")),
        (Schedule.NOT_DUE in states, "mark-running", _("Running, not due yet")),
        (Schedule.NO_DEADLINE in states, "mark-unjudged", _("No interval stated: not judged")),
        (any(strip.rhythm.next_due for strip in strips), "mark-due", _("Next due (filled: passed)")),
    ]
    return {"name": "", "entries": [{"css": css, "word": word} for there, css, word in entries if there]}
