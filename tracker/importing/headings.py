"""Headings of a file: the names of our exports' columns, or their labels in any of the languages, in any order."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.catalogue import TABLES
from tracker.importing.files import FileError, tidy
from tracker.models.base import SUFFIXES

# What our own list of refused rows adds to a row; mended, it is imported as it is.
ROW, REASONS = "import_row", "import_reasons"


@cache
def _known(table: str) -> dict[str, str]:
    """Give the name of a column by each heading that means it."""
    found: dict[str, str] = {ROW: ROW, REASONS: REASONS}
    columns = TABLES[table].columns
    for code, _label in settings.LANGUAGES:
        with translation.override(code):
            found |= {tidy(str(column.label)): column.name for column in columns}
    return found | {column.name: column.name for column in columns}


def is_known(table: str, heading: str, further: Collection[str] = ()) -> bool:
    """Tell whether a heading means a column of the table."""
    return heading in further or heading in _known(table)


def further_columns(texts: Collection[str]) -> list[str]:
    """Name the columns that say a text in one language, whatever language the rest of the file is in."""
    return [f"{text}_{suffix}" for text in texts for suffix in SUFFIXES]


def columns_of(table: str, headings: list[str], further: Collection[str]) -> list[str]:
    """Give for each heading the column that it means.

    Args:
        table: the name of the table.
        headings: the first row of the file.
        further: columns that may be given though exports do not have them.

    Raises:
        FileError: naming each heading that means nothing, with those that do; and each column that stands twice.
    """
    known = _known(table) | {name: name for name in further}
    unknown = [heading or _("(empty)") for heading in headings if heading not in known]
    if unknown:
        names = [column.name for column in TABLES[table].columns]
        raise FileError(
            _("Unknown columns: %(unknown)s. Known: %(known)s.")
            % {"unknown": ", ".join(f"“{name}”" for name in unknown), "known": ", ".join([*names, *further])}
        )
    columns = [known[heading] for heading in headings]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise FileError(_("These columns stand twice: %(names)s.") % {"names": ", ".join(twice)})
    return columns
