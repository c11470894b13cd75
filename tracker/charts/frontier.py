"""The map of the land frontier: the gates at their places, told apart by shape and colour.

The outline is Natural Earth's (public domain); `manage.py make_outline` makes the file that is read here. Nothing is
fetched from anywhere: the map is a plain scatter chart with axes in degrees.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise, product
from math import cos, dist, hypot, radians
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import palette, placing, shared
from tracker.charts.shared import Cell, Figure, Twin
from tracker.gate_scale import GateState
from tracker.metrics.records import Gate

_STRETCH = 1 / cos(radians(22.4))  # a degree of latitude is so much longer than one of longitude here
_LETTER, _LINE = 6.6, 14
_APPROXIMATE = "≈"
_LANDS = (("vietnam", "var(--sunken)"), ("china", "var(--sunken)"))
_LINES = (
    ("coast", {"color": "var(--control)", "width": 1}),
    ("other_borders", {"color": "var(--control)", "width": 1, "dash": "dot"}),
    ("border", {"color": "var(--ink)", "width": 1.6, "dash": "dashdot"}),
)


class View(NamedTuple):
    """A piece of the frontier on the page: degrees, and the widths in pixels between which it is drawn."""

    west: float
    east: float
    south: float
    north: float
    widths: tuple[int, int]
    letters: int  # of a name beside its mark, in a line; 0: the number alone

    @property
    def ratio(self) -> float:
        """Height over width of the drawing."""
        return (self.north - self.south) * _STRETCH / (self.east - self.west)

    def scale(self, width: int) -> float:
        """Pixels for a degree of longitude where the drawing is so wide."""
        return width / (self.east - self.west)

    def pixel(self, longitude: float, latitude: float, width: int) -> placing.Point:
        """Turn degrees into pixels."""
        scale = self.scale(width)
        return placing.Point((longitude - self.west) * scale, (self.north - latitude) * scale * _STRETCH)

    def degrees(self, x: float, y: float, width: int) -> tuple[float, float]:
        """Turn pixels into degrees."""
        scale = self.scale(width)
        return round(x / scale + self.west, 4), round(self.north - y / scale / _STRETCH, 4)

    def frame(self, width: int) -> placing.Box:
        """Give the rectangle that is drawn."""
        return placing.Box(0, 0, width, width * self.ratio)


class Mark(NamedTuple):
    """A gate on the map: where its shape is drawn, in degrees, and where its label lies from there."""

    gate: Gate
    longitude: float
    latitude: float
    words: list[str]
    label: placing.Offset


_NARROW_BELOW, _WIDEST = 960, 1340
_WHOLE = View(101.85, 108.45, 21.1, 23.75, (_NARROW_BELOW, _WIDEST), 19)
_WEST = View(101.9, 105.25, 21.85, 23.4, (296, _NARROW_BELOW), 0)
_EAST = View(105.6, 108.25, 21.2, 23.35, (296, _NARROW_BELOW), 0)
_PARTING = 105.45  # west and east of it the narrow form draws two pieces, one above the other
_GUTTER = 0.04  # between the pieces, in widths
_SHAPE = 13  # the side of a mark, in pixels
_APART = 15  # the least distance of two marks
_ASIDE = 4  # from so many pixels on a mark that was pushed aside gets a dot at its place
# Where a province's name is tried, in pixels from the middle of its gates: away from the border and aside
_STEPS_ASIDE = sorted(product(range(20, 120, 6), range(-96, 97, 16)), key=lambda step: step[0] + abs(step[1]))


@cache
def outline() -> dict[str, Any]:
    """Read the outline. Once for a process."""
    return json.loads(Path(__file__).with_name("frontier.json").read_text("utf-8"))


def frontier(gates: Sequence[Gate], link_to: Callable[[str], str]) -> Figure | None:
    """Draw the gates that have a position upon the outline; None where none has."""
    shown = [gate for gate in gates if gate.latitude is not None and gate.longitude is not None]
    if not shown:
        return None
    west = [gate for gate in shown if _longitude(gate) < _PARTING]
    east = [gate for gate in shown if _longitude(gate) >= _PARTING]
    whole = _form([(shown, _WHOLE), ([], _EAST)], link_to)
    pieces = _form([(west, _WEST), (east, _EAST)], link_to)
    key = [shared.key_of([state for state in GateState if any(gate.state == state for gate in shown)])]
    if any(gate.approximate for gate in shown):
        key[0]["entries"].append({"css": "", "word": _approximate()})
    return shared.responsive(whole, pieces, narrow_below=_NARROW_BELOW, key=key, widest=_WIDEST)


def _approximate() -> str:
    # xgettext does not look into an f-string
    return " ".join([_APPROXIMATE, _("Approximate position")])


def _longitude(gate: Gate) -> float:
    return gate.longitude or 0.0


def _latitude(gate: Gate) -> float:
    return gate.latitude or 0.0


def _form(pieces: Sequence[tuple[Sequence[Gate], View]], link_to: Callable[[str], str]) -> Figure:
    """Draw the pieces one under the other. One without gates keeps its traces, unseen: forms need the same ones."""
    drawn = [view for gates, view in pieces if gates]
    ratio = sum(view.ratio for view in drawn) + _GUTTER * (len(drawn) - 1)
    layout: Figure = {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "annotations": []}
    layout |= {"height": round(drawn[0].widths[0] * ratio), "meta": {"ratio": round(ratio, 4)}}
    # a pane without gates gets next to no room: lying over the other it would take the pointer
    layout |= {"xaxis2": {"visible": False, "domain": [0, 0.001]}, "yaxis2": {"visible": False, "domain": [0, 0.001]}}
    data: list[Figure] = []
    top = 0.0
    for number, (gates, view) in enumerate(pieces, 1):
        suffix = "" if number == 1 else str(number)
        provinces = _province_names(gates, view)
        marks = _marked(gates, view, provinces)
        data += [*_ground(suffix, bool(gates)), _places(marks, view, suffix), _shapes(marks, suffix, link_to)]
        if gates:
            layout |= _axes(view, suffix, 1 - top / ratio, 1 - (top + view.ratio) / ratio)
            layout["annotations"] += [*_provinces(provinces, suffix), *_labels(marks, suffix, link_to)]
            top += view.ratio + _GUTTER
    return {"data": data, "layout": layout}


def _axes(view: View, suffix: str, upper: float, lower: float) -> Figure:
    return {
        f"xaxis{suffix}": {"range": [view.west, view.east], "visible": False, "anchor": f"y{suffix}"},
        f"yaxis{suffix}": {
            "range": [view.south, view.north],
            "visible": False,
            "anchor": f"x{suffix}",
            "scaleanchor": f"x{suffix}",
            "scaleratio": round(_STRETCH, 4),
            "domain": [max(0.0, round(lower, 4)), round(upper, 4)],
        },
    }


def _trace(suffix: str, **more: Any) -> Figure:
    return {"type": "scatter", "xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "hoverinfo": "skip", **more}


def _chain(lines: Iterable[Iterable[Sequence[float]]]) -> dict[str, list[float | None]]:
    """Put lines after each other with a gap between them."""
    points: list[Sequence[float | None]] = [point for line in lines for point in (*line, (None, None))]
    return {"x": [x for x, _y in points], "y": [y for _x, y in points]}


def _ground(suffix: str, is_seen: bool) -> list[Figure]:
    land = [
        _trace(suffix, mode="none", fill="toself", fillcolor=colour, visible=is_seen, **_chain(outline()[name]))
        for name, colour in _LANDS
    ]
    return land + [
        _trace(suffix, mode="lines", line=line, visible=is_seen, **_chain(outline()[name])) for name, line in _LINES
    ]


# Places ---------------------------------------------------------------------------------------------------------------


class Province(NamedTuple):
    """A province's name on its own side of the border, beyond its gates: the middle of the name, in degrees."""

    name: str
    longitude: float
    latitude: float

    def box(self, view: View, width: int) -> placing.Box:
        """Give the ground of the name, in pixels."""
        return _around(view.pixel(self.longitude, self.latitude, width), _half(self.name), 10)


def _half(name: str) -> float:
    return shared.width(name) * 7.6 / 2 + 4


def _around(at: placing.Point, width: float, height: float) -> placing.Box:
    return placing.Box(at.x - width, at.y - height, at.x + width, at.y + height)


def _province_names(gates: Sequence[Gate], view: View) -> list[Province]:
    """Find a place for the name of every province, free on the narrowest drawing."""
    sides: dict[tuple[str, int], list[Gate]] = {}
    for gate in gates:
        sides.setdefault((gate.china_side, 1), []).append(gate)
        sides.setdefault((gate.vietnam_side, -1), []).append(gate)
    width = view.widths[0]
    taken = [_around(view.pixel(_longitude(gate), _latitude(gate), width), 13, 13) for gate in gates]
    taken += _border(view, width)
    named: list[Province] = []
    for (name, north), there in sides.items():
        middle = view.pixel(sum(map(_longitude, there)) / len(there), sum(map(_latitude, there)) / len(there), width)
        half = _half(name)
        for down, aside in _STEPS_ASIDE:
            x = min(max(middle.x + aside, half), width - half)
            box = _around(placing.Point(x, middle.y - north * down), half, 10)
            if not any(box.meets(other) for other in taken):
                break
        named.append(Province(name, *view.degrees(x, middle.y - north * down, width)))
        taken.append(box)
    return named


@cache
def _border(view: View, width: int) -> tuple[placing.Box, ...]:
    """Give the ground of the border itself, in small squares along its line."""
    pixels = ([view.pixel(x, y, width) for x, y in line] for line in outline()["border"])
    boxes = (_around(at, 2, 2) for line in pixels for pair in pairwise(line) for at in placing.along(*pair, step=5))
    return tuple(box for box in boxes if view.frame(width).holds(box))


def _words(gate: Gate, view: View) -> list[str]:
    """Write what stands beside a mark: its number, where there is room its name, and a sign if the place is rough."""
    number = f"{_APPROXIMATE}{gate.number}" if gate.approximate else str(gate.number)
    if not view.letters:
        return [number]
    return list(shared.broken(f"{number} {gate.name.partition(' (')[0]}", view.letters))


def _marked(gates: Sequence[Gate], view: View, provinces: Sequence[Province]) -> list[Mark]:
    """Place the marks, at their coordinates or as near as their neighbours allow, and their labels."""
    least = view.widths[0]
    spread = placing.spread([view.pixel(_longitude(gate), _latitude(gate), least) for gate in gates], _APART)
    at = [view.degrees(*point, least) for point in spread]
    words = [_words(gate, view) for gate in gates]
    spots = tuple(
        placing.Spot(
            tuple(view.pixel(*place, width) for width in view.widths),
            max(map(shared.width, lines)) * _LETTER + 3,
            len(lines) * _LINE,
        )
        for place, lines in zip(at, words, strict=True)
    )
    sheets = tuple(
        placing.Sheet(view.frame(width), tuple(one.box(view, width) for one in provinces), _border(view, width))
        for width in view.widths
    )
    labels = placing.place(spots, sheets, _SHAPE / 2)
    return [
        Mark(gate, *place, lines, label) for gate, place, lines, label in zip(gates, at, words, labels, strict=True)
    ]


# Drawing --------------------------------------------------------------------------------------------------------------


def _at(longitude: float, latitude: float, suffix: str) -> Figure:
    return {"x": longitude, "y": latitude, "xref": f"x{suffix}", "yref": f"y{suffix}"}


def _provinces(provinces: Sequence[Province], suffix: str) -> list[Figure]:
    return [
        shared.note(f"<b>{shared.plain(one.name)}</b>", **_at(one.longitude, one.latitude, suffix), xanchor="center")
        | {"font": {"size": 13, "color": "var(--muted)"}}
        for one in provinces
    ]


def _labels(marks: Sequence[Mark], suffix: str, link_to: Callable[[str], str]) -> list[Figure]:
    """Write the labels; the line from a label to its mark is drawn with it, where they do not touch."""
    labels = []
    for mark in marks:
        text = "<br>".join(shared.anchor(shared.plain(line), link_to(mark.gate.slug)) for line in mark.words)
        is_near = hypot(mark.label.dx, mark.label.dy) < _SHAPE + 4
        labels.append(
            {
                "text": text,
                "font": {"size": 12},
                "bgcolor": "rgba(0,0,0,0)",
                **_at(mark.longitude, mark.latitude, suffix),
                "ax": mark.label.dx,
                "ay": mark.label.dy,
                "yanchor": "middle",
                "xanchor": "left" if mark.label.at_right else "right",
                "align": "left" if mark.label.at_right else "right",
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1,
                "arrowcolor": "rgba(0,0,0,0)" if is_near else "var(--muted)",
                "standoff": _SHAPE / 2,
                "borderpad": 0,
            }
        )
    return labels


def _places(marks: Sequence[Mark], view: View, suffix: str) -> Figure:
    """Draw a dot at the place of each mark that had to move aside, and a line to it."""
    least = view.widths[0]
    lines = []
    for mark in marks:
        place = (_longitude(mark.gate), _latitude(mark.gate))
        if dist(view.pixel(*place, least), view.pixel(mark.longitude, mark.latitude, least)) > _ASIDE:
            lines.append([place, (mark.longitude, mark.latitude)])
    return _trace(
        suffix,
        mode="lines+markers",
        line={"color": "var(--ink)", "width": 1},
        marker={"symbol": "circle", "size": 4, "color": "var(--ink)", "opacity": 1},
        visible=bool(lines),
        **_chain(lines),
    )


def _shapes(marks: Sequence[Mark], suffix: str, link_to: Callable[[str], str]) -> Figure:
    """Draw the gates' shapes, each a link with its names."""
    gates = [mark.gate for mark in marks]
    tones = [palette.tone(gate.state) for gate in gates]
    seams = [
        tone if gate.state.look.marker.endswith("-open") else "var(--surface)"
        for gate, tone in zip(gates, tones, strict=True)
    ]
    return _trace(
        suffix,
        mode="markers",
        x=[mark.longitude for mark in marks],
        y=[mark.latitude for mark in marks],
        marker={
            "symbol": [gate.state.look.marker for gate in gates],
            "size": _SHAPE,
            "color": tones,
            "opacity": 1,
            "line": {"width": 1.5, "color": seams},
        },
        visible=bool(marks),
        hoverinfo="text",
        hovertext=[story(gate) for gate in gates],
        customdata=[{"href": link_to(gate.slug)} for gate in gates],
    )


def story(gate: Gate) -> str:
    """Tell a gate's names in three scripts, its sides, class and state."""
    lines = [f"{gate.number}. {gate.names[0]}", *filter(None, gate.names[1:])]
    lines += [f"{gate.vietnam_side} – {gate.china_side}", f"{gate.state.look.glyph} {gate.state.label}"]
    lines.append(_("Class: %(class)s") % {"class": gate.gate_class.label})
    if gate.approximate:
        lines.append(_approximate())
    return shared.hover(*lines)


def frontier_table(gates: Sequence[Gate], link_to: Callable[[str], str]) -> Twin | None:
    """Give what `frontier` shows as a table, gates without a position too."""
    if not gates:
        return None
    headings = [
        Cell(_("Border gate")),
        Cell(_("No."), number=True),
        Cell(_("State")),
        Cell(_("Latitude"), number=True),
        Cell(_("Longitude"), number=True),
        Cell(_("Basis of the position")),
    ]
    rows = [
        [
            Cell(gate.name, link_to(gate.slug)),
            Cell(str(gate.number), number=True),
            Cell(str(gate.state.label), css=palette.css_class(gate.state)),
            Cell(_degree(gate.latitude), number=True),
            Cell(_degree(gate.longitude), number=True),
            Cell("" if gate.latitude is None else _("Approximate") if gate.approximate else _("Stated by a source")),
        ]
        for gate in gates
    ]
    return Twin(headings, rows)


def _degree(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
