"""Who asked whom, how it was met, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from django.utils.translation import gettext as _

from tracker.charts import palette, shared
from tracker.charts.shared import Cell, Figure, Link, Row, Shape, Twin
from tracker.charts.status import segment_text
from tracker.choices import AnswerKind, Status
from tracker.metrics.records import AskRow, Exchange

_BAND = 24
_CAPTION = 16
_PAIR = 2 * (_CAPTION + _BAND) + 2  # on a narrow page the two bars lie under each other, each under its caption
_WIDE = Shape(letters=25, gutter=200)
_ROOM_WIDE, _ROOM_NARROW = 270, 290


def asks_and_answers(exchanges: Sequence[Exchange], link: Link) -> Figure | None:
    """Draw, for each pair of parties, how the asks were answered and where they stand; None when nothing was asked."""
    asked = [exchange for exchange in exchanges if any(exchange.answers.values()) or any(exchange.statuses.values())]
    if not asked:
        return None
    forms = [_exchanges(asked, link, shape) for shape in (_WIDE, shared.NARROW)]
    answered, standing = _panel_titles()
    key = [shared.key_of(_kinds(asked), answered), shared.key_of(_statuses(asked), standing)]
    return shared.responsive(*forms, narrow_below=760, key=key)


def _panel_titles() -> tuple[str, str]:
    return _("How it was answered"), _("Where it stands")


def _kinds(exchanges: Sequence[Exchange]) -> list[AnswerKind]:
    return [kind for kind in AnswerKind if any(exchange.answers.get(kind) for exchange in exchanges)]


def _statuses(exchanges: Sequence[Exchange]) -> list[Status]:
    return [status for status in Status if any(exchange.statuses.get(status) for exchange in exchanges)]


def _name(exchange: Exchange) -> str:
    return _("%(proposer)s → %(addressee)s") % {
        "proposer": exchange.proposer_label,
        "addressee": exchange.addressee_label,
    }


def _exchanges(exchanges: Sequence[Exchange], link: Link, shape: Shape) -> Figure:
    labels = [shared.broken(_name(exchange), shape.letters) for exchange in exchanges]
    placed = shared.rows(labels, shape, repeat(_BAND if shape.gutter else _PAIR))
    height = placed[-1].bottom + 2
    most = max(max(sum(one.answers.values()), sum(one.statuses.values())) for one in exchanges)
    values: list[AnswerKind | Status] = [*_kinds(exchanges), *_statuses(exchanges)]
    data = [_bars(exchanges, value, placed, most, link, shape) for value in values]
    top = 26 if shape.gutter else 0
    axis = {"visible": False, "range": [0, most]}
    layout = {
        "height": round(height) + top,
        "margin": {"l": shape.gutter, "r": 0, "t": top, "b": 0},
        "xaxis": axis | {"domain": [0, 0.485 if shape.gutter else 1]},
        "xaxis2": axis | {"domain": [0.515 if shape.gutter else 0, 1], "fixedrange": True},
        "yaxis": shared.pixels(height),
        "annotations": [
            *(
                shared.label(lines, link(**_parties(exchange)), row, shape)
                for exchange, lines, row in zip(exchanges, labels, placed, strict=True)
            ),
            *_panel_names(placed, shape),
        ],
    }
    return {"data": data, "layout": layout}


def _parties(exchange: Exchange) -> dict[str, str]:
    return {"asked_by": exchange.proposer, "asked_of": exchange.addressee}


def _middle(row: Row, panel: int, shape: Shape) -> float:
    """Give the middle of a bar of the first or of the second panel."""
    if shape.gutter:
        return row.middle
    return row.middle - _PAIR / 2 + (panel + 1) * _CAPTION + panel * (_BAND + 2) + _BAND / 2


def _panel_names(placed: Sequence[Row], shape: Shape) -> list[Figure]:
    names = [shared.plain(title) for title in _panel_titles()]
    if shape.gutter:
        place = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6}
        return [shared.note(name, x=x, **place) for name, x in zip(names, (0, 0.515), strict=True)]
    place = {"yanchor": "bottom"}
    return [
        shared.note(name, y=_middle(row, panel, shape) - _BAND / 2, **place)
        for row in placed
        for panel, name in enumerate(names)
    ]


def _count(exchange: Exchange, value: AnswerKind | Status) -> int:
    if isinstance(value, Status):
        return exchange.statuses.get(value, 0)
    return exchange.answers.get(value, 0)


def _bars(
    exchanges: Sequence[Exchange],
    value: AnswerKind | Status,
    placed: Sequence[Row],
    most: int,
    link: Link,
    shape: Shape,
) -> Figure:
    panel = int(isinstance(value, Status))
    here = [
        (exchange, count, _middle(row, panel, shape))
        for exchange, row in zip(exchanges, placed, strict=True)
        if (count := _count(exchange, value))
    ]
    room = (_ROOM_WIDE if shape.gutter else _ROOM_NARROW) / most
    asked = "status" if panel else "answer"
    return {
        "type": "bar",
        "orientation": "h",
        "name": str(value.label),
        "x": [count for _exchange, count, _y in here],
        "y": [y for _exchange, _count, y in here],
        "xaxis": "x2" if panel and shape.gutter else "x",
        "width": _BAND,
        "marker": shared.segment_style(value),
        "text": [segment_text(value, count, count * room) for _exchange, count, _y in here],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": palette.ink_on(value), "size": 12},
        "hovertext": [
            shared.hover(_name(exchange), f"{value.look.glyph} {value.label}: {count}") for exchange, count, _y in here
        ],
        "hoverinfo": "text",
        "customdata": [{"href": link(**_parties(exchange), **{asked: value})} for exchange, _count, _y in here],
    }


def asks_and_answers_table(exchanges: Sequence[Exchange], link: Link) -> Twin | None:
    """Give the numbers of `asks_and_answers` as a table."""
    kinds, statuses = _kinds(exchanges), _statuses(exchanges)
    if not kinds and not statuses:
        return None
    values: list[AnswerKind | Status] = [*kinds, *statuses]
    headings = [
        Cell(_("Who asked whom")),
        *(Cell(str(value.label), css=palette.css_class(value), number=True) for value in values),
    ]
    rows = [
        [
            Cell(_name(exchange), link(**_parties(exchange))),
            *_counts(exchange, exchange.answers, kinds, "answer", link),
            *_counts(exchange, exchange.statuses, statuses, "status", link),
        ]
        for exchange in exchanges
    ]
    return Twin(headings, rows)


def _counts(exchange: Exchange, counts: Mapping[Any, int], values: Sequence[Any], name: str, link: Link) -> list[Cell]:
    return [shared.count_cell(counts.get(value, 0), link(**_parties(exchange), **{name: value})) for value in values]


# The asks of one meeting ----------------------------------------------------------------------------------------------

_TEXT_LINE = 16
_COLUMNS_WIDE = (0.46, 0.64, 0.83)  # shares of the width at which asked, answer and status begin
_COLUMNS_NARROW = (0.0, 0.33, 0.68)
_LETTERS_WIDE, _LETTERS_NARROW = (18, 16), (13, 12)  # of what was asked, and of the words behind shapes
_MATRIX_WIDE = Shape(letters=58, gutter=1)


def answer_matrix(rows: Sequence[AskRow], link_to: Callable[[str], str]) -> Figure | None:
    """Draw the asks of a meeting as rows: what was asked, how it was met, where it stands; None without asks."""
    if not rows:
        return None
    forms = [_matrix(rows, link_to, wide=wide) for wide in (True, False)]
    return shared.responsive(*forms, narrow_below=900, widest=1080)


def _words(row: AskRow, letters: tuple[int, int]) -> tuple[list[str], list[str], list[str]]:
    """Give the lines of the three cells of a row."""
    first, rest = letters
    asked = [*shared.broken(str(row.stance.label), first), *shared.broken(row.asked_by, first)]
    answer = [*shared.broken(str(row.answer.label), rest)]
    if row.answer_stance and row.answer != AnswerKind.JOINT:
        answer += shared.broken(str(row.answer_stance.label), rest)
    return asked, answer, [*shared.broken(str(row.status.label), rest)]


def _matrix(rows: Sequence[AskRow], link_to: Callable[[str], str], *, wide: bool) -> Figure:
    shape = _MATRIX_WIDE if wide else shared.NARROW
    columns = _COLUMNS_WIDE if wide else _COLUMNS_NARROW
    titles = [shared.broken(row.title, shape.letters) for row in rows]
    words = [_words(row, _LETTERS_WIDE if wide else _LETTERS_NARROW) for row in rows]
    placed = shared.rows(titles, shape, [_TEXT_LINE * max(map(len, cells)) + 6 for cells in words])
    height = placed[-1].bottom
    looks = (None, [row.answer.look for row in rows], [row.status.look for row in rows])
    tones = (None, [palette.tone(row.answer) for row in rows], [palette.tone(row.status) for row in rows])
    data = [
        _column(rows, [cells[at] for cells in words], placed, columns[at], looks[at], tones[at], link_to)
        for at in range(3)
    ]
    heads = (_("Asked"), _("Answer"), _("Status"))
    top = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    layout = {
        "height": round(height) + 24,
        "margin": {"l": 0, "r": 0, "t": 24, "b": 0},
        "xaxis": {"visible": False, "range": [0, 1]},
        "yaxis": shared.pixels(height),
        "shapes": [shared.rule(row.bottom) for row in placed[:-1]] + [shared.rule(0)],
        "annotations": [
            *(
                shared.label(lines, link_to(row.slug), where, Shape(shape.letters))
                for row, lines, where in zip(rows, titles, placed, strict=True)
            ),
            *(shared.note(shared.plain(head), x=x, **top) for head, x in zip(heads, columns, strict=True)),
        ],
    }
    return {"data": data, "layout": layout}


def _column(
    rows: Sequence[AskRow],
    words: Sequence[list[str]],
    placed: Sequence[Row],
    x: float,
    looks: Sequence[palette.Look] | None,
    tones: Sequence[str] | None,
    link_to: Callable[[str], str],
) -> Figure:
    """Draw one column: words, behind their shapes where the column has shapes."""
    space = "\u00a0" if looks else ""  # between the shape and its word
    column: Figure = {
        "type": "scatter",
        "mode": "markers+text" if looks else "text",
        "x": [x + (0.012 if looks else 0)] * len(rows),
        "y": [row.middle for row in placed],
        "text": ["<br>".join(f"{space}{shared.plain(line)}" for line in lines) for lines in words],
        "textposition": "middle right",
        "textfont": {"size": 12.5, "color": "var(--ink)"},
        "cliponaxis": False,
        "hovertext": [shared.hover(row.title, " ".join(lines)) for row, lines in zip(rows, words, strict=True)],
        "hoverinfo": "text",
        "customdata": [{"href": link_to(row.slug)} for row in rows],
    }
    if looks and tones:
        column["marker"] = {
            "symbol": [look.marker for look in looks],
            "color": list(tones),
            "size": 11,
            "opacity": 1,
            "line": {"width": 2, "color": list(tones)},
        }
    return column


def answer_matrix_table(rows: Sequence[AskRow], link_to: Callable[[str], str]) -> Twin | None:
    """Give what `answer_matrix` shows as a table."""
    if not rows:
        return None
    headings = [
        Cell(_("Ask")),
        Cell(_("Asked by")),
        Cell(_("Asked")),
        Cell(_("Answer")),
        Cell(_("Stance")),
        Cell(_("Status")),
    ]
    return Twin(
        headings,
        [
            [
                Cell(row.title, link_to(row.slug)),
                Cell(row.asked_by),
                Cell(str(row.stance.label)),
                Cell(str(row.answer.label), css=palette.css_class(row.answer)),
                Cell(str(row.answer_stance.label) if row.answer_stance else ""),
                Cell(str(row.status.label), css=palette.css_class(row.status)),
            ]
            for row in rows
        ],
    )
