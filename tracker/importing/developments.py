"""The table of developments, as files bring it in: one row for each development and proposal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext as _

from tracker.choices import Bears, Precision, Side, Status
from tracker.importing.cells import Cell, Scene, Several, Words
from tracker.importing.drafts import Change, Draft, RefusalError
from tracker.importing.resource import KEY, TableResource, among, bad_key, derived_key, told_in
from tracker.importing.tables import refuse_future
from tracker.importing.values import SEPARATOR, Code, Codes, Day, OnScale, YesNo
from tracker.models import Bearing, BorderGate, Development, Proposal, Source

CODE = "development"  # the column that repeats in every row of one development


@dataclass(slots=True)
class Effect:
    """Which way a development moves a proposal, before the row (nothing: not at all) and after it."""

    proposal: int
    pk: int | None = None
    before: str = ""
    bears: str = ""


class EffectCell(Cell):
    """The effect of the development on the proposal of the row."""

    def __init__(self) -> None:
        super().__init__("bearing", OnScale(Bears), required=True)

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the effect on record."""
        return draft.part.before if draft.part else ""

    def save(self, instance: Any, row: dict[str, str], is_m2m: bool = False, **told: Any) -> None:
        """Read the effect, if the proposal is known."""
        draft, scene, text = told["draft"], told["scene"], row["bearing"].strip()
        if draft.part is None or (text == draft.part.before and text):
            return
        try:
            if not text:
                raise RefusalError(_("A value is needed here."), Bears.values)
            draft.part.bears = self.widget.clean(text, row, draft=draft, scene=scene)
        except RefusalError as refusal:
            draft.refuse("bearing", refusal.reason, refusal.allowed)
        else:
            draft.changes.append(Change("bearing", draft.part.before, text))


class AddressesOfSources(Several):
    """The addresses of the sources, where the row does not name their codes."""

    def __init__(self) -> None:
        super().__init__("source_url", Codes(Source), "sources")

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give the addresses, in the order of the sources' codes."""
        had = draft.old.get("sources*", self.current(draft))
        ordered = sorted(had, key=lambda pk: scene.references.code(Source, pk))
        urls = (scene.references.source_name(pk, "source_url") for pk in ordered)
        return f"{SEPARATOR} ".join(url for url in urls if url)

    def take(self, draft: Draft, scene: Scene, text: str, before: str) -> None:
        """Look the sources up."""
        if draft.row.get("sources", "").strip() or not text:
            return
        urls = [url for part in text.split(SEPARATOR) if (url := part.strip())]
        found = list(dict.fromkeys(scene.references.find_source("source_url", url) for url in urls))
        if self.put(draft, scene, found):
            draft.changes.append(Change("source_url", before, text))


class DevelopmentTable(TableResource):
    """Developments with their effects. What a development says is the same in each of its rows."""

    model = Development
    handle = "key"
    texts: ClassVar = {"summary": "summary", "note": "note"}
    column_of_rule: ClassVar = {"development_account_is_whole": "account_status"}
    cells = (
        Cell("happened_on", Day(), required=True),
        Cell("precision", OnScale(Precision)),
        Words("summary", "summary", required=True),
        Several("sources", Codes(Source), "sources"),
        AddressesOfSources(),
        Cell("gate", Code(BorderGate), "gate_id"),
        Cell("account_side", OnScale(Side)),
        Cell("account_status", OnScale(Status)),
        Cell("occurrence", YesNo(), "is_occurrence"),
        Words("note", "note"),
        EffectCell(),
    )

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._first_rows: dict[str, Draft] = {}

    # Finding the records ----------------------------------------------------------------------------------------------

    def identify(self, drafts: list[Draft]) -> None:
        """Name each row by its development; two rows of one development are about two proposals."""
        for draft in drafts:
            draft.key = draft.row.get(CODE, "").strip()
        self.name_the_nameless([draft for draft in drafts if not draft.key])
        seen: dict[tuple[str, str], int] = {}
        for draft in drafts:
            itself = (draft.key, draft.row.get("proposal", "").strip())
            first = seen.setdefault(itself, draft.number)
            if first != draft.number:
                message = _("Row %(row)s of this file is the same record.") % {"row": first}
                draft.refuse(CODE, message, value=draft.key)
        self.load({draft.key for draft in drafts})

    def name_the_nameless(self, drafts: list[Draft]) -> None:
        """Find the development of that day with that summary; or else make a key of the two."""
        if not drafts:
            return
        on_record: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        columns = ("key", "happened_on", "precision", told_in("summary", self.scene.language))
        for key, day, precision, summary in Development.objects.values_list(*columns):
            on_record[str(day), precision, summary].append(key)
        for draft in drafts:
            day, precision, summary = (
                draft.row.get(name, "").strip() for name in ("happened_on", "precision", "summary")
            )
            found = on_record.get((day, precision or Precision.DAY.value, summary), [])
            if len(found) > 1:
                message = _("Several developments on record are like this one; give the code of the one that is meant.")
                draft.refuse(CODE, message, found)
            draft.key = found[0] if found else derived_key("developments", day, precision, summary)

    def load(self, keys: set[str]) -> None:
        """Read the developments, their sources and their effects."""
        super().load(keys)
        self._sources: dict[int, list[int]] = defaultdict(list)
        rests = among(Development.sources.through.objects.all(), "development__key", keys)
        for development, source in rests.values_list("development_id", "source_id"):
            self._sources[development].append(source)
        bearings = among(Bearing.objects.all(), "development__key", keys)
        rows = bearings.values_list("development_id", "proposal_id", "pk", "bears")
        self._effects = {(development, proposal): (pk, bears) for development, proposal, pk, bears in rows}

    # One row ----------------------------------------------------------------------------------------------------------

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, str]) -> tuple[Model, bool]:
        """Give the development, which an earlier row of the file may have brought, and its effect on the proposal."""
        draft = self.draft
        earlier = self._first_rows.get(draft.key)
        if earlier is None:
            super().get_or_init_instance(instance_loader, row)
            self._first_rows[draft.key] = draft
        else:
            draft.record, draft.many = earlier.record, dict(earlier.many)
        draft.part = self._effect(draft)
        draft.adds = draft.part is not None and draft.part.pk is None
        return draft.record, draft.is_new

    def _effect(self, draft: Draft) -> Effect | None:
        code = draft.row.get("proposal", "").strip()
        try:
            if not code:
                raise RefusalError(_("A value is needed here."))
            proposal = self.scene.references.find(Proposal, code)
        except RefusalError as refusal:
            draft.refuse("proposal", refusal.reason, refusal.allowed)
            return None
        pk, bears = self._effects.get((draft.record.pk, proposal), (None, ""))
        return Effect(proposal, pk, bears, bears)

    def connections(self, record: Any) -> dict[str, list[int]]:
        """Give the sources."""
        return {"sources": list(self._sources.get(record.pk, []))}

    def check_key(self, draft: Draft) -> None:
        """Tell a wrong code at the column that holds it."""
        if not KEY.fullmatch(draft.key):
            draft.refuse(CODE, bad_key(), value=draft.key)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Pass over what says nothing new, unless an earlier row did and may be refused for it."""
        first = self._first_rows[self.draft.key]
        stands_alone = first is self.draft or not _brings(first)
        return stands_alone and super().skip_row(instance, original, row, import_validation_errors)

    def check(self, draft: Draft) -> None:
        """Hold the rows of one development to each other, and each development to a source and a day gone by."""
        first = self._first_rows[draft.key]
        if draft is not first:
            self._hold_to_first(draft, first)
            return
        known = draft.record
        if not draft.many.get("sources") and not draft.has_fault("sources", "source_url"):
            draft.refuse("sources", _("A development rests on at least one source."))
        refuse_future(draft, "happened_on", known.happened_on, known.precision, self.scene.today)

    def _hold_to_first(self, draft: Draft, first: Draft) -> None:
        """Refuse a row that says otherwise than an earlier one, or whose development comes with a refused row."""
        for change in draft.changes:
            if change.column != "bearing":
                draft.refuse(
                    change.column,
                    _("Row %(row)s of this file says otherwise of the same development.") % {"row": first.number},
                    [change.before] if change.before else [],
                )
        for attribute, value in draft.old.items():
            if not attribute.endswith("*"):
                setattr(draft.record, attribute, value)
        if _brings(first):
            draft.awaits.add(first.number)


def _brings(first: Draft) -> bool:
    """Tell whether a row creates or changes its development."""
    return first.is_new or bool(first.old)
