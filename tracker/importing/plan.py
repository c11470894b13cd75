"""A whole file against what is on record: what each row would come to, though nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tracker.importing.cells import Scene
from tracker.importing.developments import CODE, DevelopmentTable
from tracker.importing.drafts import Draft
from tracker.importing.files import FileError, Line, Reading, read
from tracker.importing.headings import columns_of, further_columns, is_known
from tracker.importing.resource import TableResource
from tracker.importing.tables import ObservationTable, OrganizationTable, ProposalTable, StatementTable
from tracker.models.base import SUFFIXES

IMPORTED: dict[str, type[TableResource]] = {
    "proposals": ProposalTable,
    "statements": StatementTable,
    "developments": DevelopmentTable,
    "observations": ObservationTable,
    "organizations": OrganizationTable,
}
# Without these a row cannot be told from others: one of the groups must be there whole.
_TOLD_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "proposals": (("slug",),),
    "organizations": (("slug",),),
    "statements": (("key",), StatementTable.natural),
    "developments": ((CODE, "proposal"), ("happened_on", "summary", "proposal")),
    "observations": (("key",), ("series", "period_start", "period_end")),
}
TOLD_EVERY = 200


@dataclass(slots=True)
class Plan:
    """The rows of a file, each with what it would come to, and the resource that knows the records."""

    drafts: list[Draft]
    resource: TableResource


def knows(table: str) -> Callable[[str], bool]:
    """Tell of headings whether they mean a column of the table."""
    further = further_columns(IMPORTED[table].texts)
    return lambda heading: is_known(table, heading, further)


def columns_read(table: str, headings: list[str]) -> list[str]:
    """Give the columns that the headings mean, in their order.

    Raises:
        FileError: if a heading means nothing, or too few are there to know a row by.
    """
    columns = columns_of(table, headings, further_columns(IMPORTED[table].texts))
    groups = _TOLD_BY[table]
    if not any(set(group) <= set(columns) for group in groups):
        raise FileError(
            _("A row cannot be told from others without these columns: %(columns)s.")
            % {"columns": _(" or ").join(", ".join(group) for group in groups)}
        )
    return columns


def columns_written(table: str) -> set[str]:
    """Name the columns whose values an import takes in; the others repeat what is computed or entered elsewhere."""
    cells = IMPORTED[table](Scene(date.min)).get_import_fields()
    return {str(cell.column_name) for cell in cells} | {"key", "slug", CODE, "proposal", "post"}


def plan(
    table: str,
    content: bytes,
    reading: Reading,
    *,
    language: str,
    today: date,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Plan:
    """Read a file and find out what each of its rows would come to. Only reads, whatever the size of the file.

    Args:
        table: the name of the table.
        content: the file.
        reading: its encoding and delimiter, or its sheet.
        language: the suffix of the language that its texts are in, for example `zh_hans`.
        today: nothing that happened lies after it.
        tell: called now and then with how many of how many rows are done.

    Raises:
        FileError: if the file as a whole cannot be taken in.
    """
    assert language in SUFFIXES  # noqa: S101 - a form offers nothing else
    headings, lines = read(content, reading)
    columns = columns_read(table, headings)
    scene = Scene(today, language, tuple(columns))
    drafts = [_draft(line, columns) for line in lines]
    resource = IMPORTED[table](scene)
    tell(0, len(drafts))
    resource.identify([draft for draft in drafts if not draft.faults])
    for done, draft in enumerate(drafts, 1):
        resource.read(draft)
        if done % TOLD_EVERY == 0:
            tell(done, len(drafts))
    settle(drafts)
    return Plan(drafts, resource)


def _draft(line: Line, columns: list[str]) -> Draft:
    draft = Draft(line.number, dict(zip(columns, line.cells, strict=False)))
    surplus = [cell for cell in line.cells[len(columns) :] if cell.strip()]
    if surplus or len(line.cells) < len(columns):
        # the cells may have slipped sideways, so none of them can be trusted
        draft.refuse(
            "",
            _("The row has %(count)s cells, the heading %(columns)s.")
            % {"count": len(line.cells), "columns": len(columns)},
            value=surplus[0] if surplus else "",
        )
    return draft


def settle(drafts: list[Draft]) -> None:
    """Refuse also the rows that need a refused one."""
    refused = {draft.number for draft in drafts if draft.faults}
    waiting = [draft for draft in drafts if draft.awaits and not draft.faults]
    while fallen := [draft for draft in waiting if draft.awaits & refused]:
        for draft in fallen:
            number = min(draft.awaits & refused)
            draft.refuse("", _("It needs row %(row)s of this file, which is refused.") % {"row": number}, value="")
            refused.add(draft.number)
        waiting = [draft for draft in waiting if not draft.faults]
