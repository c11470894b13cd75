"""The columns of a table as an import reads them: what a record shows there now, and what a row puts in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BooleanField
from django.utils.translation import gettext as _
from import_export.fields import Field

from tracker.choices import Precision
from tracker.dates import shorten
from tracker.importing.drafts import Change, Draft, RefusalError
from tracker.importing.files import as_text
from tracker.importing.references import References
from tracker.importing.values import Value
from tracker.importing.workbooks import Formula
from tracker.models import Source


@dataclass(slots=True)
class Scene:
    """What holds for a whole file: the day, the language of its texts, and what its rows may refer to.

    `coming` holds the keys of the file's own rows, with their numbers.
    """

    today: date
    language: str = "en"  # the suffix of the columns that hold texts in it
    columns: tuple[str, ...] = ()
    references: References = field(default_factory=References)
    coming: dict[str, int] = field(default_factory=dict)


def same(text: str, other: str) -> bool:
    """Tell whether two texts differ at most in how letters are composed, lines broken, and space at the ends."""
    return text == other or as_text(text).strip() == as_text(other).strip()


class Cell(Field):
    """A column that holds one attribute of the record."""

    def __init__(self, column: str, value: Value | None = None, attribute: str = "", *, required: bool = False) -> None:
        super().__init__(attribute=attribute or column, column_name=column, widget=value or Value())
        self.required = required

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give what the export shows of the record as it is now."""
        return self.widget.write(getattr(draft.record, self.attribute), scene)

    def save(self, instance: Any, row: dict[str, str], is_m2m: bool = False, **told: Any) -> None:
        """Put the row's value in the draft if it says something else than the record; refuse it if it cannot be."""
        draft, scene = told["draft"], told["scene"]
        text = row[self.column_name]
        if isinstance(text, Formula):
            message = _("This is a formula or the error of one. Put the value itself in its place.")
            draft.refuse(self.column_name, message)
            return
        text = text.strip()
        before = "" if draft.is_new else self.shown(draft, scene)
        if same(text, before) and not (draft.is_new and self.required):
            return
        try:
            self.take(draft, scene, text, before)
        except RefusalError as refusal:
            draft.refuse(self.column_name, refusal.reason, refusal.allowed)

    def take(self, draft: Draft, scene: Scene, text: str, before: str) -> None:
        """Take a value that differs.

        Raises:
            RefusalError: saying why not, and what is allowed.
        """
        if text:
            value = self.widget.clean(text, draft.row, draft=draft, scene=scene)
        elif self.required:
            raise RefusalError(_("A value is needed here."))
        else:
            value = self.nothing(draft)
        if self.put(draft, scene, value):
            draft.changes.append(Change(self.column_name, before, self.shown(draft, scene)))

    def nothing(self, draft: Draft) -> Any:
        """Give what an empty cell means."""
        one = draft.record._meta.get_field(self.attribute)
        if one.null:
            return None
        if isinstance(one, BooleanField):
            return False
        if one.blank:
            return ""
        raise RefusalError(_("A value is needed here."))

    def put(self, draft: Draft, scene: Scene, value: Any) -> bool:
        """Set the attribute; tell whether that changed anything."""
        if getattr(draft.record, self.attribute) == value and not draft.is_new:
            return False
        draft.put(self.attribute, value)
        return True


class Words(Cell):
    """A text in the language of the file, or in the one that the column names.

    Where a text is not translated the export shows the English: that text, unchanged, is no translation.
    """

    def __init__(self, column: str, base: str, language: str = "", *, required: bool = False) -> None:
        super().__init__(f"{column}_{language}" if language else column, attribute=base)
        self.language, self.needed, self.base = language, required, base

    def _column(self, scene: Scene) -> str:
        return f"{self.base}_{self.language or scene.language}"

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the text, or the English one in its place."""
        own = getattr(draft.record, self._column(scene)) or ""
        return own or ("" if self.language else getattr(draft.record, f"{self.base}_en") or "")

    def take(self, draft: Draft, scene: Scene, text: str, before: str) -> None:
        """Set the text; the English one cannot be taken away."""
        column = self._column(scene)
        if not text and self.needed and column == f"{self.base}_en":
            raise RefusalError(_("A value is needed here."))
        if (getattr(draft.record, column) or "") == text:
            return
        draft.put(column, text)
        draft.changes.append(Change(self.column_name, before, text))


class Dated(Cell):
    """A day known to some precision, in one column."""

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the day no finer than it is known."""
        day = getattr(draft.record, self.attribute)
        return shorten(day, draft.record.precision) if day else ""

    def nothing(self, draft: Draft) -> Any:
        """An empty cell leaves the day to what is on record; a new record has rules for it."""
        return None

    def put(self, draft: Draft, scene: Scene, value: Any) -> bool:
        """Set the last day that it can be, and how finely it is known."""
        if value is not None:
            draft.put(self.attribute, value.last)
            draft.put("precision", Precision(value.precision.value))
        return value is not None


class Several(Cell):
    """What a record is connected with: `read` gives the ids that it is connected with now."""

    def __init__(self, column: str, value: Value, relation: str, *, required: bool = False) -> None:
        super().__init__(column, value, relation, required=required)

    def current(self, draft: Draft) -> list[int]:
        """Give the ids."""
        return draft.many.get(self.attribute, [])

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the codes in the order of the alphabet."""
        return self.widget.write(self.current(draft), scene)

    def nothing(self, draft: Draft) -> Any:
        """An empty cell means none."""
        return []

    def put(self, draft: Draft, scene: Scene, value: Any) -> bool:
        """Connect with these alone, whatever their order."""
        current = self.current(draft)
        if set(current) == set(value):
            return False
        draft.old.setdefault(f"{self.attribute}*", current)
        draft.many[self.attribute] = value
        return True


class Elsewhere(Cell):
    """A column that says what is entered elsewhere: it may repeat what is on record, and nothing else.

    `present` gives what is on record; None where that cannot be told.
    """

    def __init__(self, column: str, present: Callable[[Draft, Scene], str | None], reason: Callable[[], str]) -> None:
        super().__init__(column, attribute="pk")
        self.present, self.reason = present, reason

    def save(self, instance: Any, row: dict[str, str], is_m2m: bool = False, **told: Any) -> None:
        """Refuse what differs; an empty cell says nothing."""
        draft, scene = told["draft"], told["scene"]
        text, present = row[self.column_name], self.present(draft, scene)
        if present is not None and text.strip() and not same(text, present):
            draft.refuse(self.column_name, self.reason(), [present] if present else [])


class NamedSource(Cell):
    """A source by its document or its address, beside or in place of its code."""

    def __init__(self, column: str) -> None:
        super().__init__(column, attribute="source_id")

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the document or address of the source that the record had before the row."""
        had = draft.old.get("source_id", draft.record.source_id)
        return scene.references.source_name(had, self.column_name)

    def take(self, draft: Draft, scene: Scene, text: str, before: str) -> None:
        """Look the source up where the row names no code; or else hold the two to each other."""
        if not text or draft.has_fault("source"):
            return
        references = scene.references
        if draft.row.get("source", "").strip():
            belongs = references.source_name(draft.record.source_id, self.column_name)
            if not same(belongs, text):
                raise RefusalError(
                    _("This does not belong to the source “%(source)s” that the row names; leave one of them empty.")
                    % {"source": references.code(Source, draft.record.source_id)},
                    [belongs] if belongs else [],
                )
            return
        found = references.find_source(self.column_name, text)
        if found != draft.record.source_id:
            if "source_id" in draft.old and not draft.is_new:
                raise RefusalError(_("The row names two different sources."))
            draft.put("source_id", found)
            draft.changes.append(Change(self.column_name, before, text))


class Speaker(Cell):
    """The post from which something was said, by the names of speaker and post."""

    def __init__(self) -> None:
        super().__init__("speaker", attribute="post_id")

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the speaker's name."""
        return self._names(draft, scene)[0]

    def _names(self, draft: Draft, scene: Scene) -> tuple[str, str]:
        post, references = draft.record.post_id, scene.references
        return (
            references.post_name(post, "person__name", scene.language),
            references.post_name(post, "title", scene.language),
        )

    def save(self, instance: Any, row: dict[str, str], is_m2m: bool = False, **told: Any) -> None:
        """Find the post by both names at once."""
        draft, scene = told["draft"], told["scene"]
        before = ("", "") if draft.is_new else self._names(draft, scene)
        speaker, title = row["speaker"].strip(), row.get("post", before[1]).strip()
        if same(speaker, before[0]) and same(title, before[1]):
            return
        try:
            if title and not speaker:
                raise RefusalError(_("A post without its speaker cannot be told; name the speaker."))
            post = scene.references.find_post(speaker, title, draft.record.organization_id) if speaker else None
        except RefusalError as refusal:
            draft.refuse(refusal.column or "speaker", refusal.reason, refusal.allowed)
            return
        if self.put(draft, scene, post):
            shown = [" · ".join(filter(None, names)) for names in (before, (speaker, title))]
            draft.changes.append(Change("speaker", *shown))
