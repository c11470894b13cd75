"""How far the proposals are: by theme, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from django.utils.translation import gettext as _

from tracker.charts import palette, shared
from tracker.charts.shared import Cell, Figure, Link, Shape, Twin
from tracker.choices import Status
from tracker.metrics.records import StatusDay, ThemeTally

BAND = 24
_WIDE = Shape(letters=28, gutter=216)
_ROOM_WIDE, _ROOM_NARROW = 250, 260  # pixels for the longest bar, at the least
_ROOM_FOR_GLYPH = 34


def present(tallies: Sequence[ThemeTally] | Sequence[StatusDay]) -> list[Status]:
    """Give the statuses that occur, in the order of the scale."""
    return [status for status in Status if any(tally.statuses.get(status) for tally in tallies)]


def status_by_theme(tallies: Sequence[ThemeTally], link: Link) -> Figure | None:
    """Draw a stacked bar of statuses for each theme; None when there is none to draw."""
    statuses = present(tallies)
    if not statuses:
        return None
    forms = [_themes(tallies, statuses, link, shape) for shape in (_WIDE, shared.NARROW)]
    return shared.responsive(*forms, narrow_below=500, key=[shared.key_of(statuses)])


def _themes(tallies: Sequence[ThemeTally], statuses: Sequence[Status], link: Link, shape: Shape) -> Figure:
    labels = [shared.broken(tally.label, shape.letters) for tally in tallies]
    placed = shared.rows(labels, shape, repeat(BAND))
    totals = [sum(tally.statuses.values()) for tally in tallies]
    room = (_ROOM_WIDE if shape.gutter else _ROOM_NARROW) / max(totals)
    middles = [row.middle for row in placed]
    data = [_segments(tallies, status, middles, room, link) for status in statuses]
    data.append(_totals(tallies, totals, middles, link))
    height = placed[-1].bottom + 4
    layout = {
        "height": round(height),
        "margin": {"l": shape.gutter, "r": 34, "t": 0, "b": 0},
        "xaxis": {"visible": False, "range": [0, max(totals)]},
        "yaxis": shared.pixels(height),
        "annotations": [
            shared.label(lines, link(theme=tally.slug), row, shape)
            for tally, lines, row in zip(tallies, labels, placed, strict=True)
        ],
    }
    return {"data": data, "layout": layout}


def _segments(
    tallies: Sequence[ThemeTally], status: Status, middles: Sequence[float], room: float, link: Link
) -> Figure:
    here = [
        (tally, tally.statuses[status], y)
        for tally, y in zip(tallies, middles, strict=True)
        if tally.statuses.get(status)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": str(status.label),
        "x": [count for _tally, count, _y in here],
        "y": [y for _tally, _count, y in here],
        "width": BAND,
        "marker": shared.segment_style(status),
        "text": [segment_text(status, count, count * room) for _tally, count, _y in here],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": palette.ink_on(status), "size": 12},
        "hovertext": [
            shared.hover(tally.label, f"{status.look.glyph} {status.label}: {count}") for tally, count, _y in here
        ],
        "hoverinfo": "text",
        "customdata": [{"href": link(theme=tally.slug, status=status)} for tally, _count, _y in here],
    }


def segment_text(value: palette.Scaled, count: int, room: float) -> str:
    """Give the count of a segment, with its character where there is room for it."""
    return f"{value.look.glyph} {count}" if room >= _ROOM_FOR_GLYPH else str(count)


def _totals(tallies: Sequence[ThemeTally], totals: Sequence[int], middles: Sequence[float], link: Link) -> Figure:
    return {
        "type": "scatter",
        "mode": "text",
        "x": totals,
        "y": middles,
        "text": [f" {total}" for total in totals],
        "textposition": "middle right",
        "textfont": {"color": "var(--ink)", "size": 13},
        "cliponaxis": False,
        "hovertext": [
            shared.hover(tally.label, _("All: %(count)s") % {"count": total})
            for tally, total in zip(tallies, totals, strict=True)
        ],
        "hoverinfo": "text",
        "customdata": [{"href": link(theme=tally.slug)} for tally in tallies],
    }


def status_by_theme_table(tallies: Sequence[ThemeTally], link: Link) -> Twin | None:
    """Give the numbers of `status_by_theme` as a table."""
    statuses = present(tallies)
    if not statuses:
        return None
    headings = [Cell(_("Theme")), *_status_headings(statuses), Cell(_("All"), number=True)]
    rows = [
        [
            Cell(tally.label, link(theme=tally.slug)),
            *(
                shared.count_cell(tally.statuses.get(status, 0), link(theme=tally.slug, status=status))
                for status in statuses
            ),
            shared.count_cell(sum(tally.statuses.values()), link(theme=tally.slug)),
        ]
        for tally in tallies
    ]
    return Twin(headings, rows)


def _status_headings(statuses: Sequence[Status]) -> list[Cell]:
    return [Cell(str(status.label), css=palette.css_class(status), number=True) for status in statuses]


# Over time ------------------------------------------------------------------------------------------------------------


def status_over_time(days: Sequence[StatusDay], link: Link) -> Figure | None:
    """Draw how many proposals had each status as layers over time; None when fewer than two days are on record.

    The days may be only those on which something changed: the numbers hold until the next day given.
    """
    statuses = present(days)
    if not statuses or len(days) < 2:
        return None
    forms = [_layers(days, statuses, link, wide=wide) for wide in (True, False)]
    return shared.responsive(*forms, narrow_below=560, key=[shared.key_of(statuses)])


def _layers(days: Sequence[StatusDay], statuses: Sequence[Status], link: Link, *, wide: bool) -> Figure:
    height = 380 if wide else 320
    longest = max(shared.width(_layer_name(status, days[-1])) for status in statuses)
    layout = {
        "height": height,
        "margin": {"l": 30, "r": round(14 + 7 * longest) if wide else 8, "t": 10, "b": 26},
        "hovermode": "x unified",
        "hoverdistance": -1,
        "legend": {"traceorder": "reversed"},  # also the order of the words on hover: as the layers lie
        "xaxis": {
            "type": "date",
            "range": [days[0].day.isoformat(), days[-1].day.isoformat()],
            "nticks": 10 if wide else 5,
        },
        "yaxis": {
            "rangemode": "tozero",
            "tickformat": "d",
            "nticks": 6,
            "tickfont": {"color": "var(--muted)", "size": 12},
            "range": [0, max(sum(day.statuses.values()) for day in days) * 1.04],
        },
        "annotations": _layer_names(days[-1], statuses, height - 36) if wide else [],
    }
    return {"data": [_layer(days, status, link) for status in statuses], "layout": layout}


def _layer(days: Sequence[StatusDay], status: Status, link: Link) -> Figure:
    counts = [day.statuses.get(status, 0) for day in days]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": str(status.label),
        "stackgroup": "statuses",
        "x": [day.day.isoformat() for day in days],
        "y": counts,
        "line": {"shape": "hv", "width": 1, "color": "var(--surface)"},
        "fillcolor": palette.tone(status),
        "fillpattern": {
            "shape": status.look.hatch,
            "fillmode": "overlay",
            "bgcolor": palette.tone(status),
            "fgcolor": palette.ink_on(status),
            "fgopacity": 0.22,
            "size": 8,
            "solidity": 0.2,
        },
        "hovertext": [shared.hover(f"{status.look.glyph} {status.label}: {count}") for count in counts],
        "hoverinfo": "x+text",
        "customdata": [{"href": link(status=status, as_of=day.day)} for day in days],
    }


def _layer_name(status: Status, last: StatusDay) -> str:
    return f"{status.look.glyph} {status.label} {last.statuses.get(status, 0)}"


def _layer_names(last: StatusDay, statuses: Sequence[Status], height: int) -> list[Figure]:
    """Name the layers at their right end, moved apart where they are thin."""
    shown = [status for status in statuses if last.statuses.get(status)]
    total = sum(last.statuses.values()) * 1.04
    wanted, below = [], 0.0
    for status in shown:
        wanted.append((below + last.statuses[status] / 2) / total * height)
        below += last.statuses[status]
    return [
        {
            "text": shared.plain(_layer_name(status, last)),
            "x": 1,
            "xshift": 6,
            "y": place / height,
            "yref": "paper",
            "font": {"size": 12},
        }
        for status, place in zip(shown, spread(wanted, 15, height), strict=True)
    ]


def spread(places: Sequence[float], gap: float, top: float) -> list[float]:
    """Move ascending places up, and then down from the top, until they are `gap` apart."""
    moved = list(places)
    for at in range(1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + gap)
    if moved:
        moved[-1] = min(moved[-1], top)
    for at in range(len(moved) - 2, -1, -1):
        moved[at] = min(moved[at], moved[at + 1] - gap)
    return moved


def status_over_time_table(days: Sequence[StatusDay], link: Link) -> Twin | None:
    """Give the numbers of `status_over_time` as a table, newest day first."""
    statuses = present(days)
    if not statuses:
        return None
    headings = [Cell(_("Day")), *_status_headings(statuses), Cell(_("All"), number=True)]
    rows = [
        [
            Cell(day.day.isoformat(), link(as_of=day.day)),
            *(
                shared.count_cell(day.statuses.get(status, 0), link(status=status, as_of=day.day))
                for status in statuses
            ),
            shared.count_cell(sum(day.statuses.values()), link(as_of=day.day)),
        ]
        for day in reversed(days)
    ]
    return Twin(headings, rows)
