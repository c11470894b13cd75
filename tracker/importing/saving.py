"""The rows of a file written to the database: together, in one transaction, with their history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords
from simple_history.utils import get_history_manager_for_model, get_m2m_field_name, get_m2m_reverse_field_name

from tracker.choices import Role
from tracker.importing.drafts import Draft
from tracker.importing.plan import Plan, settle
from tracker.models import Bearing, Involvement, Organization
from tracker.models.base import LONGEST_REASON
from tracker.staff_scales import RowResult
from tracker.text import fold_all

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AT_ONCE = 1_000
_ROLES = frozenset(Role.values)


class NothingSavedError(Exception):
    """Rows are refused, and all or nothing was wanted."""


@dataclass(slots=True)
class Stamp:
    """Who brings the rows in, and from which file."""

    user: User
    file: str

    def reason(self, row: int) -> str:
        """Say in the history where a change comes from."""
        end = _("row %(row)s") % {"row": row}
        whole = _("Import of %(file)s, %(row)s") % {"file": self.file, "row": end}
        over = len(whole) - LONGEST_REASON
        if over <= 0:
            return whole
        shorter = self.file[: -over - 1] + "…"
        return _("Import of %(file)s, %(row)s") % {"file": shorter, "row": end}


def save(plan: Plan, stamp: Stamp, *, all_or_nothing: bool, then: Callable[[], None]) -> None:
    """Write the rows that are new or changed, and call `then` in the same transaction.

    A row whose record was changed since the file was read is refused.

    Raises:
        NothingSavedError: if a row is refused and all or nothing is wanted; then nothing is written.
    """
    with transaction.atomic():
        _refuse_what_moved(plan)
        settle(plan.drafts)
        if all_or_nothing and any(draft.faults for draft in plan.drafts):
            raise NothingSavedError
        good = [draft for draft in plan.drafts if draft.result in (RowResult.NEW, RowResult.CHANGED)]
        _Writing(plan, stamp).write(good)
        then()


def _refuse_what_moved(plan: Plan) -> None:
    """Compare with the database as it is now, inside the transaction that will write."""
    resource = plan.resource
    good = [draft for draft in plan.drafts if draft.result in (RowResult.NEW, RowResult.CHANGED)]
    keys = {draft.key for draft in good}
    if connection.features.has_select_for_update:
        ids = [draft.record.pk for draft in good if draft.record.pk]
        list(resource.model._default_manager.select_for_update().filter(pk__in=ids).values_list("pk"))
    resource.load(keys)
    for draft in good:
        if _moved(draft, resource.records.get(draft.key), resource.connections):
            draft.refuse("", has_moved(), value="")


def has_moved() -> str:
    """Say that somebody was faster."""
    return _("The record was changed since the rows were shown. Check the file again.")


def _moved(draft: Draft, now: Any, connections: Callable[[Any], dict[str, list[int]]]) -> bool:
    if now is None or draft.record.pk is None:
        return (now is None) != (draft.record.pk is None)
    linked = connections(now)
    for name, value in draft.old.items():
        if name.endswith("*"):
            if set(linked.get(name[:-1], [])) != set(value):
                return True
        elif getattr(now, name) != value:
            return True
    return False


class _Writing:
    """One file's rows on their way into the database, kind after kind."""

    def __init__(self, plan: Plan, stamp: Stamp) -> None:
        self.model, self.stamp = plan.resource.model, stamp
        self.scene = plan.resource.scene

    def write(self, good: list[Draft]) -> None:
        """Write the records, then what they are connected with, then the history of both."""
        new = [draft for draft in good if draft.is_new]
        changed = [draft for draft in good if not draft.is_new and draft.old]
        for draft in (*new, *changed):
            if hasattr(draft.record, "search_text"):
                draft.record.search_text = fold_all(draft.record.texts_to_search())
        self._create(new)
        self._update(changed)
        for field in self.model._meta.many_to_many:
            self._connect(field, [draft for draft in (*new, *changed) if self._is_linked(draft, field.name)])
        self._record(new, update=False)
        self._record(changed, update=True)
        self._involve([draft for draft in (*new, *changed) if any(name in _ROLES for name in draft.many)])
        self._bear([draft for draft in good if draft.part is not None and draft.part.bears != draft.part.before])

    @staticmethod
    def _is_linked(draft: Draft, relation: str) -> bool:
        return f"{relation}*" in draft.old or (draft.is_new and bool(draft.many.get(relation)))

    def _create(self, new: list[Draft]) -> None:
        """Create the records; those that belong to another row of the file are tied to it once both are there."""
        tied: list[tuple[Any, str, str]] = []
        if self.model is Organization:
            tied = self._untied(new)
        self.model._default_manager.bulk_create([draft.record for draft in new], batch_size=AT_ONCE)
        self._tie(tied)

    def _untied(self, drafts: Iterable[Draft]) -> list[tuple[Any, str, str]]:
        tied = []
        for draft in drafts:
            for name in ("parent_id", "successor_id"):
                code = getattr(draft.record, name)
                if isinstance(code, str):
                    tied.append((draft.record, name, code))
                    setattr(draft.record, name, None)
            if any(record is draft.record and name == "successor_id" for record, name, _code in tied):
                # the two are one rule: neither may stand without the other, not even for a moment
                tied.append((draft.record, "succeeded_on", draft.record.succeeded_on))
                draft.record.succeeded_on = None
        return tied

    def _tie(self, tied: list[tuple[Any, str, Any]]) -> None:
        if not tied:
            return
        codes = {code for _record, _name, code in tied if isinstance(code, str)}
        ids = dict(Organization.objects.filter(slug__in=codes).values_list("slug", "pk"))
        for record, name, code in tied:
            setattr(record, name, ids[code] if isinstance(code, str) else code)
        records = list({id(record): record for record, _name, _code in tied}.values())
        Organization.objects.bulk_update(records, ["parent", "successor", "succeeded_on"], batch_size=AT_ONCE)

    def _update(self, changed: list[Draft]) -> None:
        tied = self._untied(changed) if self.model is Organization else []
        by_fields: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for draft in changed:
            names = {self.model._meta.get_field(name).name for name in draft.old if not name.endswith("*")}
            if names:
                extra = {"search_text"} if hasattr(draft.record, "search_text") else set()
                by_fields[tuple(sorted(names | extra))].append(draft.record)
        for columns, records in by_fields.items():
            self.model._default_manager.bulk_update(records, columns, batch_size=AT_ONCE)
        self._tie(tied)

    def _connect(self, field: Any, drafts: list[Draft]) -> None:
        """Connect each record with exactly what its row says."""
        through, own = field.remote_field.through, get_m2m_field_name(field)
        other = get_m2m_reverse_field_name(field)
        rows = []
        for draft in drafts:
            had, wanted = draft.old.get(f"{field.name}*", []), draft.many[field.name]
            if gone := set(had) - set(wanted):
                through.objects.filter(**{f"{own}_id": draft.record.pk, f"{other}_id__in": gone}).delete()
            rows += [
                through(**{f"{own}_id": draft.record.pk, f"{other}_id": pk}) for pk in wanted if pk not in set(had)
            ]
        through.objects.bulk_create(rows, batch_size=AT_ONCE)

    def _record(self, drafts: list[Draft], *, update: bool) -> None:
        """Write the history of the records, with what they are connected with."""
        for draft in drafts:
            draft.record._change_reason = self.stamp.reason(draft.number)
        history = get_history_manager_for_model(self.model)
        written = history.bulk_history_create(
            [draft.record for draft in drafts], batch_size=AT_ONCE, update=update, default_user=self.stamp.user
        )
        for field in self.model._meta.many_to_many:
            if field in HistoricalRecords.m2m_models:
                self._record_links(field, {row.id: row for row in written or ()})

    @staticmethod
    def _record_links(field: Any, written: dict[int, Any]) -> None:
        through, own = field.remote_field.through, get_m2m_field_name(field)
        rows = []
        ids = list(written)
        for start in range(0, len(ids), AT_ONCE):
            for link in through.objects.filter(**{f"{own}_id__in": ids[start : start + AT_ONCE]}):
                values = {one.attname: getattr(link, one.attname) for one in through._meta.fields}
                rows.append(HistoricalRecords.m2m_models[field](history=written[values[f"{own}_id"]], **values))
        HistoricalRecords.m2m_models[field].objects.bulk_create(rows, batch_size=AT_ONCE)

    def _involve(self, drafts: list[Draft]) -> None:
        """Give each proposal the organizations of its row, role by role."""
        new = []
        for draft in drafts:
            for role in _ROLES & draft.many.keys():
                wanted = draft.many[role]
                had = set(draft.old.get(f"{role}*", [] if draft.is_new else wanted))
                if gone := had - set(wanted):
                    self._end(draft, role, gone)
                new += [
                    self._stamped(Involvement(proposal=draft.record, role=role, organization_id=pk), draft)
                    for pk in wanted
                    if pk not in had
                ]
        self._create_parts(Involvement, new)

    def _end(self, draft: Draft, role: str, organizations: set[int]) -> None:
        """Take a role from organizations."""
        held = Involvement.objects.filter(proposal=draft.record, role=role, organization__in=organizations)
        for involvement in held:
            self._stamped(involvement, draft).delete()

    def _bear(self, drafts: list[Draft]) -> None:
        """Write which way developments move proposals."""
        new: list[Bearing] = []
        changed: list[Bearing] = []
        for draft in drafts:
            effect = draft.part
            record = Bearing(
                pk=effect.pk, development_id=draft.record.pk, proposal_id=effect.proposal, bears=effect.bears
            )
            (new if effect.pk is None else changed).append(self._stamped(record, draft))
        self._create_parts(Bearing, new)
        Bearing.objects.bulk_update(changed, ["bears"], batch_size=AT_ONCE)
        history = get_history_manager_for_model(Bearing)
        history.bulk_history_create(changed, batch_size=AT_ONCE, update=True, default_user=self.stamp.user)

    def _create_parts(self, model: type[Model], records: list[Any]) -> None:
        model._default_manager.bulk_create(records, batch_size=AT_ONCE)
        get_history_manager_for_model(model).bulk_history_create(
            records, batch_size=AT_ONCE, default_user=self.stamp.user
        )

    def _stamped(self, record: Any, draft: Draft) -> Any:
        record._history_user = self.stamp.user
        record._change_reason = self.stamp.reason(draft.number)
        return record
