"""Rows out as text: RFC 4180, one line at a time, harmless in a spreadsheet.

Knows rows, not models. What may be exported, and in which columns, is declared in `export_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

BYTE_ORDER_MARK = "\ufeff"

# What a spreadsheet would run as a formula, after any leading white space or quotation mark that it skips.
# Full-width signs too: Chinese and Japanese editions of Excel take them for the plain ones.
_FORMULA = re.compile(r"^[\s'\"]*[=+\-@＝＋－＠\t\r\n\0]")
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    The guard follows OWASP's advice on CSV injection. A text that already begins with apostrophes and would be one
    behind them gets one more, so that `unguarded` gives every text back.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Take the guard of `harmless` off again."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def cell(value: Any) -> str:
    """Write one value: ISO dates, decimal point, codes as they are, yes and no; nothing for None.

    Texts are made harmless; numbers are never touched.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    text = harmless(str(value))
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, excel: bool = False) -> Iterator[str]:
    """Write a heading and rows as CSV, a few hundred rows at a time so that a server need not send each on its own.

    Args:
        headings: the first line.
        rows: as many values in each as there are headings.
        excel: begin with the byte-order mark by which Excel knows UTF-8.
    """
    yield (BYTE_ORDER_MARK if excel else "") + ",".join(map(cell, headings)) + "\r\n"
    lines: list[str] = []
    for row in rows:
        lines.append(",".join(map(cell, row)))
        if len(lines) == 500:
            yield "\r\n".join(lines) + "\r\n"
            lines.clear()
    if lines:
        yield "\r\n".join(lines) + "\r\n"
