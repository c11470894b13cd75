"""Rows out as text: what a program reads back, and what a spreadsheet cannot run."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import example, given
from hypothesis import strategies as st

from tests.records import RELAXED
from tracker.choices import Nature, Status
from tracker.exports import cell, csv_lines, harmless, unguarded

texts = st.text(st.characters(exclude_categories=["Cs"]))
# What spreadsheets run or skip comes up often enough here to be tried in every order.
risky = st.text(st.sampled_from("=+-@＝＋－＠\t\r\n\0 '\"\u3000\u00a0,;a5"), max_size=6)


def written(rows, headings=("a", "b"), **options):
    return "".join(csv_lines(headings, rows, **options))


def read(text):
    """Read with Python's own reader, which refuses what is not whole."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


# The guard


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+84 24 3799",
        "-5",
        "@SUM(A1)",
        "\tindented",
        "\rreturned",
        "\nfed",
        "\0nought",
        '=HYPERLINK("http://example.org")',
        "  =1+1",
        "\u00a0=1+1",
        "\u3000=1+1",
        "'=1+1",
        '"=1+1',
        "' \"=1+1",
        " \t@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "　＝1+1",
        "'＝1+1",
        "- a point of a list",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert harmless(text) == "'" + text
    assert unguarded("'" + text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "'",
        "Open the gate",
        "a=b",
        "5 - 3",
        "5+3",
        "name@example.org",
        "'quoted'",
        "'t is late",
        "'2024",
        "– a dash",
        "−5 with a minus sign",
        "老街－河口",
        "Đường sắt",
    ],
)
def test_any_other_text_stays_as_it_is(text):
    assert harmless(text) == text
    assert unguarded(text) == text


@RELAXED
@given(st.one_of(texts, risky))
@example("'=")
@example("''=")
@example("'\t")
@example("' ＝")
def test_the_guard_comes_off_again_whatever_the_text(text):
    assert unguarded(harmless(text)) == text


@RELAXED
@given(st.one_of(texts, risky))
def test_no_text_begins_with_a_formula_unless_behind_an_apostrophe(text):
    guarded = harmless(text)
    skipped = guarded.lstrip("\"'" + "".join(map(chr, range(33))) + "\u00a0\u3000")
    assert guarded.startswith("'") or not skipped.startswith(tuple("=+-@＝＋－＠"))
    assert not guarded.startswith(("\t", "\r", "\n", "\0"))


# One cell


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-5, "-5"),
        (5_000_000_000, "5000000000"),
        (-1.5, "-1.5"),
        (Decimal("-5"), "-5"),
        (Decimal("-0.50"), "-0.50"),
        (Decimal("+7"), "7"),
        (Decimal("12345678901234.5678"), "12345678901234.5678"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.0000001"), "0.0000001"),
        (date(2024, 11, 6), "2024-11-06"),
        (date(938, 1, 5), "0938-01-05"),
        (datetime(2024, 11, 6, 9, 5, 7, 654321, UTC), "2024-11-06T09:05:07+00:00"),
        (datetime(2024, 11, 6, 9, 5, tzinfo=timezone(timedelta(hours=7))), "2024-11-06T09:05:00+07:00"),
        (Status.UNDER_WAY, "under_way"),
        (gettext_lazy("Under way"), "Under way"),
        ("-5", "'-5"),
        ("Lào Cai 老街", "Lào Cai 老街"),
    ],
)
def test_a_value_is_written_for_programs(value, text):
    assert cell(value) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Lao Cai, Yunnan", '"Lao Cai, Yunnan"'),
        ('the "smart" gate', '"the ""smart"" gate"'),
        ('"', '""""'),
        ("one\ntwo", '"one\ntwo"'),
        ("one\rtwo", '"one\rtwo"'),
        ("one\r\ntwo", '"one\r\ntwo"'),
        ("one\n", '"one\n"'),
        (" leading", '" leading"'),
        ("trailing ", '"trailing "'),
        (" ", '" "'),
        ("\u3000wide", '"\u3000wide"'),
        ("=A1,B1", '"\'=A1,B1"'),
        ("\rreturned", '"\'\rreturned"'),
        ("one; two", "one; two"),
        ("it's", "it's"),
        ("in between", "in between"),
    ],
)
def test_a_text_is_quoted_only_where_it_needs_it(text, quoted):
    assert cell(text) == quoted


@RELAXED
@given(st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=4)))
def test_a_number_is_read_back_as_that_number(number):
    assert Decimal(cell(number)) == number
    assert not set(cell(number)) - set("-0123456789.")


# Whole files


def test_a_file_is_lines_of_cells_each_with_its_end():
    rows = [
        ("open-the-gate", "Open the gate, soon", Decimal("-5.0"), date(2024, 11, 6)),
        ("=cmd", 'the "smart" gate', None, None),
        ("last", "one\ntwo", True, 3),
    ]
    assert written(rows, ("slug", "title", "value", "day")) == (
        "slug,title,value,day\r\n"
        'open-the-gate,"Open the gate, soon",-5.0,2024-11-06\r\n'
        '\'=cmd,"the ""smart"" gate",,\r\n'
        'last,"one\ntwo",yes,3\r\n'
    )


def test_a_file_without_rows_has_its_headings():
    assert written([]) == "a,b\r\n"


def test_a_heading_is_written_like_any_text():
    assert written([], ("Said on, by", "=1+1")) == '"Said on, by",\'=1+1\r\n'


@RELAXED
@given(st.lists(st.tuples(st.one_of(texts, risky), st.one_of(texts, risky)), max_size=8))
@example([("\r", "\n"), ('"', "'"), ("a\r\nb", ",")])
def test_every_text_comes_back_from_a_csv_reader(rows):
    headings, *found = read(written(rows))
    assert headings == ["a", "b"]
    assert [tuple(map(unguarded, row)) for row in found] == rows


def test_only_excel_gets_the_byte_order_mark_and_gets_it_once():
    rows = [("Lào Cai", "老街")] * 600
    plain, marked = written(rows), written(rows, excel=True)
    assert marked.encode()[:3] == b"\xef\xbb\xbf"
    assert marked == "\ufeff" + plain
    assert "\ufeff" not in plain


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000, 1200])
def test_every_row_comes_once_and_in_order(count):
    _headings, *found = read(written((number, f"row {number}") for number in range(count)))
    assert found == [[str(number), f"row {number}"] for number in range(count)]


def test_twelve_hundred_rows_are_sent_in_few_pieces_of_whole_lines():
    pieces = list(csv_lines(("a", "b"), ((number, "x") for number in range(1200))))
    assert [piece.count("\r\n") for piece in pieces] == [1, 500, 500, 200]
    assert all(piece.endswith("\r\n") for piece in pieces)


def test_rows_are_read_only_as_they_are_sent():
    numbers = itertools.count()
    lines = csv_lines(("number",), ((number,) for number in numbers))
    assert next(lines) == "number\r\n"
    assert next(numbers) == 0  # the headings went out before any row was asked for
    assert next(lines).startswith("1\r\n2\r\n")


def test_codes_and_not_labels_are_written():
    assert written([(Status.PARTLY_DONE, Nature.ONE_OFF)]) == "a,b\r\npartly_done,one_off\r\n"
