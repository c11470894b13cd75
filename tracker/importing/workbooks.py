"""XLSX workbooks, read row by row and only as far as they are harmless."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any
from xml.parsers.expat import ExpatError, ParserCreate

from django.utils.translation import gettext as _
from openpyxl import load_workbook  # type: ignore[import-untyped]

_SIGNATURE = b"PK\x03\x04"
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2_000


class Formula(str):
    """A cell that holds a formula, or the error of one, and no value that could be trusted."""

    __slots__ = ()


def is_workbook(content: bytes) -> bool:
    """Tell whether the file is a workbook, whatever its name."""
    return content.startswith(_SIGNATURE)


def sheets_of(content: bytes) -> list[str]:
    """Name the sheets, in order.

    Raises:
        ValueError: in words, if this is no workbook or not one that may be read.
    """
    return [sheet.title for sheet in _opened(content).worksheets]


def cells_of(content: bytes, sheet: str = "") -> Iterator[list[Any]]:
    """Give the rows of a sheet, the first unless one is named: each cell a formula, or a value and its format.

    Raises:
        ValueError: in words, if this is no workbook, not one that may be read, or has no such sheet.
    """
    book = _opened(content)
    names = [one.title for one in book.worksheets]
    if sheet and sheet not in names:
        raise ValueError(
            _("The workbook has no sheet “%(sheet)s”; it has: %(sheets)s.")
            % {"sheet": sheet, "sheets": ", ".join(names)}
        )
    chosen: Any = book.worksheets[names.index(sheet) if sheet else 0]
    chosen.reset_dimensions()  # what a file says of its size need not be true
    try:
        for row in chosen.iter_rows():
            yield [_cell(cell) for cell in row]
    except Exception as problem:
        raise ValueError(_("The sheet cannot be read: the workbook is damaged.")) from problem


def _cell(cell: Any) -> Any:
    if getattr(cell, "data_type", "") in ("f", "e"):
        return Formula(cell.value)
    return (cell.value, getattr(cell, "number_format", "") or "")


def _opened(content: bytes) -> Any:
    _check_parts(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
    except Exception as problem:
        raise ValueError(_("This is not a workbook that can be read; save it as .xlsx or as CSV.")) from problem
    if not book.worksheets:
        raise ValueError(_("The workbook has no sheet with cells."))
    return book


class _SettledError(Exception):
    """It is clear whether markup defines its own words."""


def _defines_words(part: IO[bytes]) -> bool:
    """Tell whether markup defines its own words: it would before its first element, in whatever encoding."""

    def settle(*_found: Any) -> None:
        raise _SettledError

    def note(*_found: Any) -> None:
        definitions.append(True)
        settle()

    definitions: list[bool] = []
    parser = ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = note, settle
    with suppress(_SettledError, ExpatError):  # what is no markup at all is refused when it is read
        while chunk := part.read(4096):
            parser.Parse(chunk)
    return bool(definitions)


def _check_parts(content: bytes) -> None:
    """Refuse a small file that unpacks into a huge one, and markup that defines its own words."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            # no more than the size stated here is ever unpacked
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise ValueError(
                    _("The workbook unpacks to more than %(most)s MB. Save the sheet alone, or as CSV.")
                    % {"most": MOST_UNPACKED // 1024**2}
                )
            for part in parts:
                if _defines_words(packed.open(part)):
                    raise ValueError(_("The workbook holds what no spreadsheet writes; it is not read."))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as problem:
        raise ValueError(_("This is not a workbook that can be read; save it as .xlsx or as CSV.")) from problem
