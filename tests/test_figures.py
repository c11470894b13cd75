"""Figures in words and in time: numbers, periods, and the chart in which nothing is joined."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from tracker.charts import figure_words as words
from tracker.charts import shared
from tracker.charts import targets as charts
from tracker.choices import Measure, Qualifier
from tracker.dates import parse_when
from tracker.metrics import pace
from tracker.metrics.records import Figure, FigureSeries, Goal

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def figure(value, start, end=None, qualifier=Qualifier.EXACT, vintage=1):
    first, last = parse_when(start).first, parse_when(end or start).last
    return Figure(f"f{next(_numbers)}", first, last, Decimal(value), qualifier, vintage)


def panel(*figures, name="Customs", measure=Measure.FLOW):
    one = FigureSeries(name.lower(), name, f"Office of {name}", "billion", tuple(figures), measure=measure)
    return charts.Panel(one, pace.newest(figures), pace.gaps(figures))


def goal(value, when=None):
    due = parse_when(when) if when else None
    return Goal(f"g{value}", Decimal(value), date(2024, 1, 1), due.last if due else None, due)


def drawn(*panels, goals=()):
    """Give the chart, its bars as (middle, width, height, hatching), back to front, and its other traces by name."""
    chart = charts.figures_chart(panels, goals, "billion")
    bars, *others = chart["data"]
    shapes = bars["marker"]["pattern"]["shape"]
    heights = [-y for y in bars["y"]]
    rest = dict(zip(("dated", "values", "years"), others, strict=True))
    return chart, list(zip(bars["x"], bars["width"], heights, shapes, strict=True)), rest


# --- in words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        ("2024", None, "2024"),
        ("2004", "2006", "2004–2006 (36 months)"),
        ("2023-10", None, "Oct 2023"),
        ("2023-01", "2023-10", "Jan–Oct 2023 (10 months)"),
        ("2023-09", "2024-08", "Sep 2023 – Aug 2024 (12 months)"),
        ("2024-02", None, "Feb 2024"),
        ("2025-12-19", None, "19 Dec 2025"),
        ("2025-05-25", "2026-03-03", "25 May 2025 – 3 Mar 2026"),
        ("2025-01-01", "2025-11-27", "1 Jan 2025 – 27 Nov 2025"),
    ],
)
def test_a_period_is_written_as_whole_as_it_is(start, end, written):
    assert words.span_with_months(figure(1, start, end)) == written
    assert written.startswith(words.span(figure(1, start, end)))


@pytest.mark.parametrize(
    ("when", "written"),
    [("2030", "2030"), ("2026-09", "Sep 2026"), ("2026-04-30", "30 Apr 2026"), ("2022-Q1", "2022-Q1"),
     ("2027-01-01/2028-12-31", "2027–2028")],
)  # fmt: skip
def test_a_deadline_is_written_no_finer_than_it_is_stated(when, written):
    assert words.goal_words(goal(5, when), "billion") == f"Target 5 billion by {written}"


@pytest.mark.parametrize(
    ("value", "written"), [("-0.0457", "−4.6%"), ("0.626", "62.6%"), ("-0.0004", "0.0%"), ("12.5", "1,250.0%")]
)
def test_a_share_has_one_decimal_and_a_real_minus(value, written):
    assert words.percent(Decimal(value)) == written


@pytest.mark.parametrize(
    ("language", "written"), [("en", "1,234,567.89"), ("vi", "1.234.567,89"), ("zh-hans", "1,234,567.89")]
)
def test_thousands_are_parted_as_the_language_does(language, written):
    with translation.override(language):
        assert words.amount(Decimal("1234567.8900")) == written
        assert words.amount(Decimal("-1234567.8900")) == f"−{written}"


# --- in time ---------------------------------------------------------------------------------------------------------


def test_a_bar_stands_over_the_time_that_its_figure_covers():
    _chart, (year, part), _rest = drawn(panel(figure(4, "2023"), figure(3, "2024-01", "2024-06")))
    assert year[:2] == (2023.5, 1)
    assert part[:2] == (pytest.approx(2024 + 91 / 366, abs=0.001), pytest.approx(182 / 366, abs=0.001))
    assert part[2] == pytest.approx(year[2] * 3 / 4, abs=0.01)


def test_parts_of_a_year_are_hatched_and_stand_before_the_year_the_longest_at_the_back():
    figures = (figure(1, "2024-01", "2024-02"), figure(3, "2024-01", "2024-10"), figure(4, "2024"))
    _chart, bars, _rest = drawn(panel(*figures))
    assert [shape for *_box, shape in bars] == ["", "/", "/"]
    widths = [width for _x, width, *_more in bars]
    assert widths == sorted(widths, reverse=True)


def test_of_a_state_every_figure_is_whole():
    _chart, bars, _rest = drawn(panel(figure(4, "2024-05-03"), figure(5, "2025-06"), measure=Measure.LEVEL))
    assert [shape for *_box, shape in bars] == ["", ""]


def test_no_line_joins_figures_and_a_missing_year_is_marked():
    _chart, _bars, traces = drawn(panel(figure(4, "2018"), figure(3, "2021")), panel(figure(2, "2019"), name="Press"))
    assert [name for name, trace in traces.items() if trace["mode"] != "text" and trace["x"]] == []
    marks = [x for x, text in zip(traces["years"]["x"], traces["years"]["text"], strict=True) if text == "?"]
    assert marks == [2019.5, 2020.5]


def test_qualifiers_are_marked_and_explained():
    chart, _bars, traces = drawn(
        panel(figure(4, "2023", qualifier=Qualifier.ABOUT), figure("3.5", "2024", qualifier=Qualifier.MORE_THAN))
    )
    assert set(traces["values"]["text"]) == {"≈4", "&gt;3.5"}
    words_of_key = [entry["word"] for group in chart["key"] for entry in group["entries"]]
    assert words_of_key == ["Full year", "About", "More than"]


def test_a_restated_figure_stays_visible_behind_its_later_vintage():
    chart, bars, traces = drawn(panel(figure(4, "2024"), figure(5, "2024", vintage=2)))
    assert [shape for *_box, shape in bars] == ["", "."]
    assert traces["values"]["text"] == ["5"]
    assert "Earlier vintage, since restated" in str(chart["key"])
    rows = charts.figures_table([panel(figure(4, "2024"), figure(5, "2024", vintage=2))], [goal(8)], "billion").rows
    assert [[cell.text for cell in row][0::2] for row in rows] == [
        ["2024, vintage 1, since restated", "4"],
        ["2024", "5"],
    ]
    assert [row[-1].text for row in rows] == ["–", "3"]


def test_a_dated_target_stands_over_its_year_and_an_undated_one_across():
    chart, _bars, traces = drawn(panel(figure(4, "2024")), goals=[goal(5), goal(10, "2030")])
    first, last, gap = traces["dated"]["x"]
    assert (first, last, gap) == (2030, pytest.approx(2031, abs=0.01), None)
    assert chart["layout"]["xaxis"]["range"] == [2024, 2031]
    across = [shape for shape in chart["layout"]["shapes"] if shape["line"].get("dash")]
    assert len(across) == 1
    assert "no date stated" in str(chart["layout"]["annotations"])


def test_labels_do_not_overlap_at_360_pixels():
    figures = [figure(f"{year % 10}.123", str(year), qualifier=Qualifier.ABOUT) for year in range(2017, 2027)]
    chart = charts.figures_chart([panel(*figures)], [goal(9, "2026"), goal(3, "2024")], "billion")
    values = shared.narrowed(chart)["data"][2]
    scale = 290 / 10
    boxes = [
        (x * scale, y, shared.width(text) * 6.8 / 2)
        for x, y, text in zip(values["x"], values["y"], values["text"], strict=True)
    ]
    assert len(boxes) > 5
    for one, other in itertools.combinations(boxes, 2):
        assert abs(one[1] - other[1]) >= 12 or abs(one[0] - other[0]) >= one[2] + other[2]


def test_nothing_is_drawn_of_nothing():
    assert charts.figures_chart([panel()], [goal(5)], "billion") is None
    assert charts.figures_table([panel()], [goal(5)], "billion") is None
