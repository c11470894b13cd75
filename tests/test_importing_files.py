"""Files of spreadsheets read as they are: every encoding, line end, delimiter and kind of cell."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date, datetime
from itertools import product

import pytest
from openpyxl import Workbook

from tracker.importing import files, workbooks
from tracker.importing.files import FileError, Reading, guess, read
from tracker.importing.workbooks import Formula

HEADINGS = ["slug", "title", "note"]
VIETNAMESE = ["lao-cai", "Mở cửa khẩu Lào Cai – Hà Khẩu; đường sắt", "Đồng ý xây dựng, trước năm 2025"]
CHINESE = ["hekou", "开通坝洒大桥口岸; 推进铁路建设", "云南省人民政府外事办公室，同意"]
FRENCH = ["mekong", "Comité du Mékong; région frontalière", "Coopération côté français, été 2024"]


def windows_1258(text: str) -> bytes:
    """Write Vietnamese as Windows does: the letter with its own sign, then the tone as a character of its own."""
    written = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            signs = [mark for mark in parts[1:] if mark in "\u0302\u0306\u031b"]
            tones = [mark for mark in parts[1:] if mark not in signs]
            written += (unicodedata.normalize("NFC", parts[0] + "".join(signs)) + "".join(tones)).encode("cp1258")
    return bytes(written)


WRITERS = {
    "utf-8": lambda text: text.encode("utf-8"),
    "utf-8 with mark": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-le with mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-16-be with mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "cp1258": windows_1258,
    "gb18030": lambda text: text.encode("gb18030"),
    "mac_roman": lambda text: text.encode("mac_roman"),
}
CARRIED = {"cp1258": [VIETNAMESE], "mac_roman": [FRENCH], "gb18030": [CHINESE]}


def known(heading):
    return heading in HEADINGS


def written(rows, delimiter, end):
    return end.join(delimiter.join(f'"{cell}"' for cell in row) for row in [HEADINGS, *rows]) + end


@pytest.mark.parametrize("encoding", WRITERS)
def test_a_text_is_read_whatever_its_encoding_line_ends_and_delimiter(encoding):
    rows = CARRIED.get(encoding, [VIETNAMESE, CHINESE, FRENCH])
    for end, delimiter in product(("\r", "\n", "\r\n"), (",", ";", "\t")):
        content = WRITERS[encoding](written(rows, delimiter, end))
        reading = guess(content, known)
        assert (reading.encoding, reading.delimiter) == (encoding.split(" ")[0], delimiter), (end, delimiter)
        headings, lines = read(content, reading)
        assert headings == HEADINGS
        assert [(line.number, line.cells) for line in lines] == list(enumerate(rows, 2))


def test_letters_are_composed_line_breaks_plain_and_the_guard_of_exports_is_off():
    content = 'slug,title\r\na,"\'=1+1\r\nLa\u0300o Cai"\r\n'.encode()
    _headings, lines = read(content, Reading())
    assert next(lines).cells == ["a", "=1+1\nLào Cai"]


def test_empty_rows_are_passed_over_but_counted():
    _headings, lines = read(b"\nslug,title\n,\n\na,b\n", Reading())
    assert [(line.number, line.cells) for line in lines] == [(5, ["a", "b"])]


@pytest.mark.parametrize(
    ("content", "reading", "said"),
    [
        (b"", Reading(), "The file is empty."),
        (b"\n \n", Reading(), "The file has no row."),
        ("slug\nL\u00e0o".encode("cp1252"), Reading(), "The file is not written in UTF-8: its line 2 has bytes"),
        (b'slug,title\na,"open\n', Reading(), "a quotation mark is not closed"),
        (b'slug,title\na,"b"c\n', Reading(), "Line 2 cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Reading(), "a workbook of an old kind (.xls)"),
        (b"PK\x03\x04nonsense", Reading(), "not a workbook that can be read"),
        (",".join("c" * 201).encode(), Reading(), "The file has 201 columns; at most 200 are read."),
    ],
)
def test_what_cannot_be_read_is_said_in_words(content, reading, said):
    with pytest.raises(FileError) as problem:
        list(read(content, reading)[1])
    assert said in str(problem.value)


def test_limits_are_named(monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    with pytest.raises(FileError, match="more than 2 rows"):
        list(read(b"slug\na\nb\nc\n", Reading())[1])
    monkeypatch.setattr(files, "MOST_BYTES", 1024**2)
    with pytest.raises(FileError, match="The file has 2 MB; allowed: at most 1 MB"):
        guess(b"x" * (1024**2 + 1), known)


def workbook(*rows, title="Data"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def packed(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_gives_dates_as_dates_and_numbers_as_numbers():
    book = workbook(
        HEADINGS, ["a", date(2024, 11, 6), 7], ["b", datetime(2024, 11, 1), 7.50], [None], ["c", True, "1e3"]
    )
    book.active["B3"].number_format = "mmm-yy"  # what Excel makes of 2024-11
    content = packed(book)
    headings, lines = read(content, guess(content, known))
    assert headings == HEADINGS
    assert [(line.number, line.cells) for line in lines] == [
        (2, ["a", "2024-11-06", "7"]),
        (3, ["b", "2024-11", "7.5"]),
        (5, ["c", "yes", "1e3"]),
    ]


def test_formulas_and_their_errors_are_told_apart_from_values():
    content = packed(workbook(["slug", "value"], ["a", "=1+1"]))
    _headings, lines = read(content, guess(content, known))
    assert [isinstance(cell, Formula) for cell in next(lines).cells] == [False, True]


def test_another_sheet_can_be_chosen_and_a_missing_one_is_named():
    book = workbook(HEADINGS, title="First")
    book.create_sheet("Second").append(["slug"])
    content = packed(book)
    assert guess(content, known).sheet == "First"
    assert read(content, Reading(sheet="Second"))[0] == ["slug"]
    with pytest.raises(FileError, match="no sheet “Third”; it has: First, Second"):
        read(content, Reading(sheet="Third"))


def test_a_workbook_that_unpacks_into_something_huge_is_not_opened(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_001)
    with pytest.raises(FileError, match="unpacks to more than 0 MB"):
        guess(bomb.getvalue(), known)


@pytest.mark.parametrize(
    ("name", "encoding"), [("xl/other.xml", "utf-8"), ("xl/sheet", "utf-8"), ("xl/a.xml", "utf-16")]
)
@pytest.mark.parametrize("before", ["", f"<!--{' ' * 5000}-->"])
def test_a_workbook_whose_markup_defines_its_own_words_is_not_opened(name, encoding, before):
    sly = io.BytesIO(packed(workbook(["slug", "value"], ["a", 1])))
    with zipfile.ZipFile(sly, "a") as file:
        file.writestr(name, f'<?xml version="1.0"?>{before}<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode(encoding))
    with pytest.raises(FileError, match="what no spreadsheet writes"):
        guess(sly.getvalue(), known)
