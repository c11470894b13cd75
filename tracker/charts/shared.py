"""What all charts share: one template, text that cannot become markup, rows of labels, and the table twin."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from tracker.charts import palette

Figure = dict[str, Any]
Link = Callable[..., str]

LINE = 17  # height of a line of label text, in pixels

TEMPLATE: Figure = {
    "layout": {
        "font": {
            "family": 'system-ui, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", '
            '"Noto Sans CJK SC", sans-serif',
            "size": 13,
            "color": "var(--ink)",
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "barmode": "stack",
        "uniformtext": {"mode": "hide", "minsize": 12},
        "hoverlabel": {
            "bgcolor": "var(--surface)",
            "bordercolor": "var(--control)",
            "font": {"color": "var(--ink)", "size": 13},
            "align": "left",
            "namelength": -1,
        },
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": "var(--muted)",
            "activecolor": "var(--ink)",
        },
        "xaxis": {
            "fixedrange": True,
            "hoverformat": "%Y-%m-%d",
            "gridcolor": "var(--rule)",
            "zeroline": False,
            "tickfont": {"color": "var(--muted)", "size": 12},
            # Numbers only: Plotly knows the months of other languages by further scripts alone.
            "tickformatstops": [
                {"dtickrange": [None, "M1"], "value": "%Y-%m-%d"},
                {"dtickrange": ["M1", "M12"], "value": "%Y-%m"},
                {"dtickrange": ["M12", None], "value": "%Y"},
            ],
        },
        "yaxis": {"fixedrange": True, "zeroline": False, "gridcolor": "var(--rule)"},
        # Most texts are labels at the left edge, and most lines part two rows: those need to say only what differs.
        "annotationdefaults": {
            "showarrow": False,
            "font": {"size": 13, "color": "var(--ink)"},
            "align": "left",
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "yanchor": "middle",
            "borderpad": 0,
        },
        "shapedefaults": {
            "type": "line",
            "x0": 0,
            "x1": 1,
            "xref": "paper",
            "yref": "y",
            "line": {"color": "var(--rule)", "width": 1},
            "layer": "below",
        },
    }
}


# Text -----------------------------------------------------------------------------------------------------------------


def plain(text: object) -> str:
    """Escape a text for Plotly, which reads tags and the entities amp, lt, gt and numbers in every label."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def anchor(label: str, href: str) -> str:
    """Make a label, escaped already, a link."""
    return f'<a href="{plain(href).replace(chr(34), "&#34;")}" target="_self">{label}</a>'


_OPENING = "（《“‘「『【〈("
_CLOSING = "，。、；：！？）》”’」』】〉…·%)"
_COMPOUND = re.compile(r"(?<=\w[-–—/])(?=[^\W\d])")
_BROAD = "mw@%→—…"
_PIECES = re.compile(
    rf"[{re.escape(_OPENING)}]*[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef][{re.escape(_CLOSING)}]*"
    r"|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+|\s+"
)


def _width_of(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 1.3 if character.isupper() or character in _BROAD else 1


def width(text: str) -> float:
    """Give the width in small Latin letters: a Chinese character takes two, a combining mark none."""
    return sum(map(_width_of, text))


def _chopped(piece: str, limit: float) -> Iterable[str]:
    """Cut a word that is wider than a whole line, never between a letter and its mark."""
    part = ""
    for character in piece:
        if part and _width_of(character) and width(part) + _width_of(character) > limit:
            yield part
            part = ""
        part += character
    yield part


def _filled(text: str, limit: float) -> list[str]:
    """Fill one line after the other."""
    lines, line, gap = [], "", ""
    for piece in _pieces(text):
        if piece.isspace():
            gap = " "
            continue
        for part in _chopped(piece, limit):
            if line and width(line) + width(gap) + width(part) > limit:
                lines.append(line)
                line, gap = "", ""
            line, gap = line + gap + part, ""
    return [*lines, line]


def _pieces(text: str) -> Iterable[str]:
    """Cut a text wherever a line may end: at spaces, between Chinese characters, after the hyphen of a compound."""
    for found in _PIECES.finditer(text.strip()):
        yield from _COMPOUND.split(found[0])


@lru_cache(4096)
def broken(text: str, limit: int) -> Sequence[str]:
    """Break a text at spaces, between Chinese characters, or, in too long a word, anywhere. All of it is kept.

    No line is wider than `limit`; where the last would hold next to nothing, the lines share the text evenly.
    """
    lines = _filled(text, limit)
    if len(lines) == 1 or width(lines[-1]) > limit / 3:
        return tuple(lines)
    low, high = width(text) / len(lines), float(limit)
    while high - low > 1:
        middle = (low + high) / 2
        if len(_filled(text, middle)) > len(lines):
            low = middle
        else:
            high = middle
    return tuple(_filled(text, high))


def wrap(text: object, limit: int) -> str:
    """Break a text into lines of at most `limit` Latin letters and escape it for Plotly."""
    return "<br>".join(plain(line) for line in broken(str(text), limit))


@lru_cache(4096)
def hover(*lines: object) -> str:
    """Write the lines of a hover label, each wrapped so that a phone shows it whole."""
    return "<br>".join(wrap(line, 40) for line in lines)


# Rows -----------------------------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """How rows of labels lie: in a gutter on the left, so many pixels wide, or (0) above each row's marks."""

    letters: int
    gutter: int = 0


NARROW = Shape(letters=41)


class Row(NamedTuple):
    """Where a row lies, in pixels from the top: its label and the middle of its marks."""

    label: float
    middle: float
    bottom: float


def rows(labels: Sequence[Sequence[str]], shape: Shape, bands: Iterable[float], gap: int = 10) -> list[Row]:
    """Lay rows under each other, each as high as its label's lines and its band of marks need."""
    placed, top = [], gap / 2
    for lines, band in zip(labels, bands, strict=False):
        text = LINE * len(lines)
        if shape.gutter:
            bottom = top + max(text, band)
            placed.append(Row((top + bottom) / 2, (top + bottom) / 2, bottom + gap / 2))
        else:
            bottom = top + text + 3 + band
            placed.append(Row(top + text / 2, bottom - band / 2, bottom + gap / 2))
        top = bottom + gap
    return placed


def label(lines: Sequence[str], href: str, row: Row, shape: Shape) -> Figure:
    """Draw the label of a row, a link to what the row is about."""
    text = "<br>".join(anchor(plain(line), href) for line in lines)
    if shape.gutter:
        return {"text": text, "y": row.label, "xshift": -shape.gutter}
    return {"text": text, "y": row.label, "bgcolor": "var(--surface)"}  # grid lines stay out of the words


def note(text: str, **place: Any) -> Figure:
    """Draw a small muted text, escaped already, at a place."""
    return {"text": text, "font": {"size": 12, "color": "var(--muted)"}, **place}


def rule(y: float) -> Figure:
    """Draw a thin line between two rows."""
    return {"y0": y, "y1": y}


def pixels(height: float) -> Figure:
    """Give the vertical axis whose unit is the pixel, counted from the top."""
    return {"range": [height, 0], "visible": False, "fixedrange": True}


# Figures --------------------------------------------------------------------------------------------------------------


def segment_style(value: palette.Scaled, opacity: float = 0.2) -> Figure:
    """Colour and hatch a bar, with a thin seam between neighbours, so that it can be told apart in black and white."""
    return {
        "color": palette.tone(value),
        "line": {"width": 1, "color": "var(--surface)"},
        "pattern": {
            "shape": value.look.hatch,
            "fillmode": "overlay",
            "fgcolor": palette.ink_on(value),
            "fgopacity": opacity,
            "size": 7,
            "solidity": 0.2,
        },
    }


def responsive(
    wide: Figure, narrow: Figure, *, narrow_below: int, key: Sequence[Figure] = (), widest: int = 2400
) -> Figure:
    """Join the wide and the narrow form of a figure: the narrow one is kept as its differences.

    Args:
        wide: data and layout.
        narrow: the same traces in the same order, placed for a narrow page.
        narrow_below: the width in pixels of the drawing below which the narrow form is drawn.
        key: what the colours mean, in groups (see `key_of`).
        widest: the width in pixels beyond which the drawing does not grow.
    """
    differing = [
        {name: value for name, value in small.items() if large.get(name) != value}
        for large, small in zip(wide["data"], narrow["data"], strict=True)
    ]
    layout = {name: value for name, value in narrow["layout"].items() if wide["layout"].get(name) != value}
    figure = {
        "data": wide["data"],
        "layout": {"template": TEMPLATE, **wide["layout"]},
        "narrow": {"below": narrow_below, "data": differing, "layout": layout},
        "widest": widest,
        "key": list(key),
    }
    used = set(re.findall(r"var\((--[a-z_-]+)\)", json.dumps(figure)))
    return figure | {"colours": {token: palette.colours()[token] for token in sorted(used)}}


def narrowed(figure: Figure) -> Figure:
    """Give the narrow form of a figure, as the browser puts it together."""
    data = [large | small for large, small in zip(figure["data"], figure["narrow"]["data"], strict=True)]
    return {"data": data, "layout": figure["layout"] | figure["narrow"]["layout"]}


def key_of(values: Iterable[palette.Scaled], name: str = "") -> Figure:
    """Give the words and classes of the values that a chart draws, as a group of the key."""
    entries = [{"css": palette.css_class(value), "word": str(value.label)} for value in values]
    return {"name": name, "entries": entries}


# The table twin -------------------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """A cell of a table twin: a text, perhaps with the address of the rows behind it or with the class of a badge."""

    text: str
    href: str = ""
    css: str = ""
    number: bool = False


def count_cell(count: int, href: str) -> Cell:
    """Give the cell of a count; a link unless there is nothing behind it."""
    return Cell(str(count), href if count else "", number=True)


class Twin(NamedTuple):
    """The numbers of a chart as a table. The first cell of a row is its heading."""

    headings: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as the page draws it: what it asks, the figure (None: nothing to draw) and its table twin."""

    id: str
    title: str
    question: str
    figure: Figure | None
    twin: Twin | None

    @property
    def figure_id(self) -> str:
        """The id of the script element that carries the figure."""
        return f"{self.id}-figure"

    @property
    def heights(self) -> tuple[int, int]:
        """The heights in pixels, wide and narrow, that the page keeps free before the drawing is there."""
        if self.figure is None:
            return 0, 0
        return self.figure["layout"]["height"], narrowed(self.figure)["layout"]["height"]


def chart(id: str, *, title: str, question: str, figure: Figure | None, twin: Twin | None) -> Chart:
    """Put a chart together for `tracker/_chart.html`."""
    return Chart(id, str(title), str(question), figure, twin)
