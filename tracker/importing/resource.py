"""How a table is taken in, row by row: django-import-export's own way, except that nothing is written on it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from import_export.resources import Resource
from import_export.results import RowResult

from tracker.importing.cells import Cell, Scene, Words
from tracker.importing.drafts import Draft
from tracker.importing.rules import broken_constraints, broken_fields
from tracker.models.base import SUFFIXES

FEW = 500  # up to so many names are asked for one by one; beyond it the whole table is read
KEY = re.compile(r"[\w.:-]{1,120}")


def among(rows: QuerySet, path: str, names: Iterable[Any]) -> QuerySet:
    """Keep the rows with one of the names; all rows where the names are too many to list."""
    listed = set(names)
    return rows.filter(**{f"{path}__in": listed}) if len(listed) <= FEW else rows


def told_in(path: str, language: str) -> Any:
    """Select a text in a language, given by its suffix; in English where it is not translated."""
    if language == "en":
        return F(f"{path}_en")
    return Coalesce(NullIf(F(f"{path}_{language}"), Value("")), F(f"{path}_en"), output_field=TextField())


class Silent(RowResult):
    """What becomes of a row, without the name of its record: the draft tells more, and names may take queries."""

    def add_instance_info(self, instance: Any) -> None:
        """Add nothing."""


class TableResource(Resource):
    """One table, read against what is on record.

    `handle` names the column and attribute that a record is known by outside the database.
    """

    class Meta:
        use_transactions = False
        skip_diff = True
        skip_html_diff = True
        clean_model_instances = False

    model: ClassVar[type[Model]]
    cells: ClassVar[tuple[Cell, ...]]
    # texts in several languages: the column, and the base of the attributes
    texts: ClassVar[dict[str, str]] = {}
    handle: ClassVar[str] = "slug"
    # at which column a rule over several of them is explained
    column_of_rule: ClassVar[dict[str, str]] = {}
    # attributes that the model's own save fills in
    filled_in: ClassVar[tuple[str, ...]] = ("search_text",)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.records: dict[str, Any] = {}
        self.draft: Draft
        every = [*self.cells, *self._further()]
        self._fields = [cell for cell in every if not scene.columns or cell.column_name in scene.columns]

    def _further(self) -> Iterator[Cell]:
        needed = {cell.base: cell.needed for cell in self.cells if isinstance(cell, Words)}
        for column, base in self.texts.items():
            yield from (Words(column, base, suffix, required=needed[base]) for suffix in SUFFIXES)

    # Finding the records ----------------------------------------------------------------------------------------------

    def identify(self, drafts: list[Draft]) -> None:
        """Name each row by its key, refuse a key that stands twice, and read the records on file."""
        for draft in drafts:
            draft.key = draft.row.get(self.handle, "").strip()
        self.name_the_nameless([draft for draft in drafts if not draft.key])
        self.refuse_doubles(drafts)
        self.load({draft.key for draft in drafts})

    def name_the_nameless(self, drafts: list[Draft]) -> None:
        """Find a key for the rows that come without one."""
        for draft in drafts:
            draft.refuse(self.handle, _("A value is needed here."))

    def refuse_doubles(self, drafts: list[Draft]) -> None:
        """Let the first row of a key stand."""
        for draft in drafts:
            first = self.scene.coming.setdefault(draft.key, draft.number) if draft.key else draft.number
            if first != draft.number:
                message = _("Row %(row)s of this file is the same record.") % {"row": first}
                draft.refuse(self.handle, message, value=draft.key)

    def load(self, keys: set[str]) -> None:
        """Read the records with these keys."""
        found = among(self.model._default_manager.all(), self.handle, keys)
        self.records = {getattr(record, self.handle): record for record in found.iterator(chunk_size=2000)}

    # One row ----------------------------------------------------------------------------------------------------------

    def read(self, draft: Draft) -> None:
        """Fill the draft in: what it changes, or why it is refused."""
        if draft.faults:
            return
        told = {"dry_run": True, "using_transactions": False, "row_number": draft.number}
        outcome = self.import_row(draft.row, None, **told, draft=draft, scene=self.scene)
        for failure in outcome.errors:  # a defect of ours, not of the file
            raise failure.error

    def get_row_result_class(self) -> type[RowResult]:
        """Give the class of a row's outcome."""
        return Silent

    def before_import_row(self, row: dict[str, str], **told: Any) -> None:
        """Keep the draft at hand."""
        self.draft = told["draft"]

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, str]) -> tuple[Model, bool]:
        """Give the record on file, or a new one."""
        draft = self.draft
        draft.record = self.records.get(draft.key)
        draft.is_new = draft.record is None
        if draft.is_new:
            draft.record = self.model(**{self.handle: draft.key})
            self.check_key(draft)
        draft.many = self.connections(draft.record)
        return draft.record, draft.is_new

    def check_key(self, draft: Draft) -> None:
        """Hold the key of a new record to what a key may be."""
        if self.handle == "key" and not KEY.fullmatch(draft.key):
            draft.refuse("key", bad_key(), value=draft.key)

    def connections(self, record: Any) -> dict[str, list[int]]:
        """Give by relation the ids of what a record is connected with."""
        return {}

    def get_import_fields(self) -> list[Cell]:
        """Give the columns that are read, those that others depend on first."""
        return self._fields

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Pass over what says nothing new."""
        draft = self.draft
        return not (draft.is_new or draft.adds or draft.changes or draft.faults)

    def validate_instance(self, instance: Any, import_validation_errors: Any = None, **_told: Any) -> None:
        """Hold the record to every rule that a form would hold it to.

        Raises:
            ValidationError: if the row is refused; the draft says why.
        """
        draft = self.draft
        if draft.is_new:
            self._refuse_gaps(draft)
        self.check(draft)
        if not draft.faults:
            self._check_by_model(draft)
        if draft.faults:
            raise ValidationError([fault.reason for fault in draft.faults])

    def save_instance(self, instance: Any, is_create: bool, row: Any, **_told: Any) -> None:
        """Write nothing: rows are saved together, and only once somebody has seen what they change."""

    def save_m2m(self, instance: Any, row: Any, **_told: Any) -> None:
        """Write nothing, neither here."""

    def _refuse_gaps(self, draft: Draft) -> None:
        for cell in self.cells:
            if isinstance(cell, Words):
                english = not cell.needed or getattr(draft.record, f"{cell.base}_en")
                if not english and not draft.has_fault(cell.column_name):
                    draft.refuse(cell.column_name, self._no_english(cell))
            elif cell.required and cell.column_name not in draft.row:
                draft.refuse(cell.column_name, _("A new record needs this column."))

    def _no_english(self, cell: Words) -> str:
        if self.scene.language == "en":
            return _("A value is needed here.")
        return _("A new record needs its English text too; give it in the column “%(column)s”.") % {
            "column": f"{cell.column_name}_en"
        }

    def check(self, draft: Draft) -> None:
        """Refuse what breaks a rule of this table."""

    def _check_by_model(self, draft: Draft) -> None:
        for attribute, words in broken_fields(draft.record, exclude=(*self.filled_in, *self.texts.values())):
            draft.refuse(self._column_of(attribute), words, value=str(getattr(draft.record, attribute)))
        for rule, words in broken_constraints(draft.record):
            column = self.column_of_rule.get(rule, self.handle)
            draft.refuse(column, words)

    def _column_of(self, attribute: str) -> str:
        for cell in self._fields:
            if attribute == cell.attribute or (isinstance(cell, Words) and attribute == f"{cell.base}_{cell.language}"):
                return str(cell.column_name)
        own = f"_{self.scene.language}"
        for column, base in self.texts.items():
            if attribute == f"{base}{own}":
                return column
        return self.handle


def bad_key() -> str:
    """Say what a key may be."""
    return _("A key has letters, digits, dots, colons and hyphens only, at most 120.")


def derived_key(*values: Any) -> str:
    """Make the key of a row that comes without one: the same values give the same key."""
    text = "\x1f".join(map(str, values))
    return f"file-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
