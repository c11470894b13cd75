"""A file of a spreadsheet as rows of text, whatever wrote it. Knows neither the database nor what the rows mean."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.exports import unguarded
from tracker.importing.workbooks import Formula, cells_of, is_workbook, sheets_of

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 200
SAMPLE_BYTES = 64 * 1024

ENCODINGS = {
    "utf-8": gettext_lazy("UTF-8"),
    "utf-16-le": gettext_lazy("UTF-16, little-endian (Excel: Unicode text)"),
    "utf-16-be": gettext_lazy("UTF-16, big-endian"),
    "cp1258": gettext_lazy("Windows-1258 (Vietnamese)"),
    "gb18030": gettext_lazy("GB18030 (Chinese, also GBK and GB2312)"),
    "mac_roman": gettext_lazy("Mac Roman (Western)"),
}
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
}
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# What a file in none of the Unicode encodings may be in
_OTHERS = [name for name in ENCODINGS if not name.startswith("utf")]


class FileError(ValueError):
    """What is wrong with a file as a whole, in words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: a text by encoding and delimiter, a workbook by its sheet."""

    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Read what `stored` kept, and leave aside what belongs to others."""
        return cls(**{name: stored[name] for name in ("encoding", "delimiter", "sheet") if name in stored})

    @property
    def stored(self) -> dict[str, str]:
        """The reading as it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file: its number as a spreadsheet counts, the heading being row 1, and its cells."""

    number: int
    cells: list[str]


def guess(content: bytes, known: Callable[[str], bool]) -> Reading:
    """Guess how a file is read: by its mark, its bytes, and the delimiter that makes the most known headings.

    Raises:
        FileError: if the file can be no table at all.
    """
    check_size(len(content))
    if is_workbook(content):
        return Reading(sheet=sheet_names(content)[0])
    encoding = _guess_encoding(content)
    text = _decoded(content[: 4 * SAMPLE_BYTES], encoding, errors="replace")
    return Reading(encoding, max(DELIMITERS, key=lambda one: _known_headings(text, one, known)))


def check_size(size: int) -> None:
    """Refuse what is empty or too large.

    Raises:
        FileError: naming the limit.
    """
    if not size:
        raise FileError(_("The file is empty."))
    if size > MOST_BYTES:
        raise FileError(
            _("The file has %(size)s MB; allowed: at most %(most)s MB. Divide it into several.")
            % {"size": -(-size // 1024**2), "most": MOST_BYTES // 1024**2}
        )


def sheet_names(content: bytes) -> list[str]:
    """Name the sheets of a workbook; nothing for a text."""
    if not is_workbook(content):
        return []
    try:
        return sheets_of(content)
    except ValueError as problem:
        raise FileError(str(problem)) from None


def _known_headings(text: str, delimiter: str, known: Callable[[str], bool]) -> tuple[int, int]:
    try:
        head = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return (0, 0)
    return (sum(known(tidy(cell)) for cell in head), len(head))


def _guess_encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    start = content[:SAMPLE_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even or odd:
        return "utf-16-le" if odd >= even else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_by_letters(content)
    return "utf-8"


def _guess_by_letters(content: bytes) -> str:
    """Guess from the lines that have more than plain letters."""
    told = b"\n".join(line for line in content.splitlines() if not line.isascii())[:SAMPLE_BYTES]
    found = from_bytes(told, cp_isolation=_OTHERS).best()
    return found.encoding if found is not None and found.encoding in ENCODINGS else "cp1258"


def _decoded(content: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        text = content.decode(encoding, errors)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise FileError(
            _("The file is not written in %(encoding)s: its line %(line)s has bytes that mean nothing there.")
            % {"encoding": ENCODINGS[encoding], "line": line}
        ) from None
    return text.removeprefix("\ufeff")


def read(content: bytes, reading: Reading) -> tuple[list[str], Iterator[Line]]:
    """Read a file: the headings, and the rows below them one after another; empty rows are passed over.

    Texts come with composed letters (Windows-1258 writes accents apart) and without the guard that exports put
    before formulas.

    Raises:
        FileError: at once or along the way, if the file cannot be read so.
    """
    check_size(len(content))
    if content.startswith(_OLD_EXCEL):
        raise FileError(_("This is a workbook of an old kind (.xls). Save it as .xlsx or as CSV."))
    rows = _numbered(_workbook(content, reading) if is_workbook(content) else _text(content, reading))
    first = next(rows, None)
    if first is None:
        raise FileError(_("The file has no row."))
    headings = [tidy(cell) for cell in first.cells]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise FileError(_("The file has %(count)s columns; at most %(most)s are read.") % {
            "count": len(headings), "most": MOST_COLUMNS,
        })  # fmt: skip
    return headings, rows


def _numbered(rows: Iterator[list[str]]) -> Iterator[Line]:
    found = 0
    for number, cells in enumerate(rows, 1):
        if not any(cell.strip() for cell in cells):
            continue
        found += 1
        if found > MOST_ROWS + 1:
            raise FileError(
                _("The file has more than %(most)s rows. Divide it into several.") % {"most": f"{MOST_ROWS:,}"}
            )
        yield Line(number, cells)


def _text(content: bytes, reading: Reading) -> Iterator[list[str]]:
    text = _decoded(content, reading.encoding)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=reading.delimiter, strict=True)
    while True:
        try:
            cells = next(lines, None)
        except csv.Error:
            raise FileError(
                _("Line %(line)s cannot be read: a quotation mark is not closed, or stands where none may.")
                % {"line": lines.line_num}
            ) from None
        if cells is None:
            return
        yield [as_text(cell) for cell in cells]


def _workbook(content: bytes, reading: Reading) -> Iterator[list[str]]:
    try:
        for cells in cells_of(content, reading.sheet):
            yield [cell if isinstance(cell, Formula) else as_text(_as_written(*cell)) for cell in cells]
    except ValueError as problem:
        raise FileError(str(problem)) from None


def _as_written(value: Any, number_format: str) -> str:
    """Write a cell of a workbook as our exports would."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() if value.time() != datetime.min.time():
            return value.isoformat(sep=" ")
        case date():
            return _no_finer(value, number_format)
        case float():
            return format(Decimal(repr(value)).normalize(), "f")
        case _:
            return str(value)


def _no_finer(day: date, number_format: str) -> str:
    """Write a day no finer than the sheet shows it: Excel makes 2024-11 the first of the month, shown as Nov-24."""
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format).lower()
    if "d" in shown or "y" not in shown:
        return f"{day:%Y-%m-%d}"
    return f"{day:%Y-%m}" if "m" in shown else f"{day:%Y}"


def as_text(cell: str) -> str:
    """Give a cell with composed letters, plain line breaks, and without the guard against formulas."""
    return unguarded(unicodedata.normalize("NFC", cell)).replace("\r\n", "\n").replace("\r", "\n")


def tidy(text: str) -> str:
    """Give a heading with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\ufeff", "").split())
