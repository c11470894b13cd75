"""What changed, by whom, when and why, with the values before and after; of each only what its reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.utils import get_m2m_reverse_field_name

from tracker.access import Reader, visible
from tracker.models import Meeting, Proposal
from tracker.translation import TRANSLATED

MOST_PARTS = 200
ADDED, CHANGED, DELETED = "+", "~", "-"


class Told(NamedTuple):
    """A field's values before and after, as the forms show them; `old` is None for a new record."""

    field: str
    old: str | None
    new: str


class Save(NamedTuple):
    """That somebody saved something."""

    when: datetime
    who: str
    what: str


def tracked_models() -> list[Any]:
    """Give the models whose changes are on record."""
    models = apps.get_app_config("tracker").get_models()
    return [model for model in models if hasattr(model._meta, "simple_history_manager_attribute")]


def kinds_of_change() -> dict[str, str]:
    """Name what may be done with a record."""
    return {ADDED: _("Added"), CHANGED: _("Changed"), DELETED: _("Deleted")}


def who_of(record: Any) -> str:
    """Name who made a change; what no account made came with the seeds or from a command."""
    user = record.history_user
    return str(user.get_full_name() or user.get_username()) if user else _("no account (seeds)")


def versions(model: Any, reader: Reader) -> QuerySet:
    """Give the versions of the records of a kind that the reader may see; deleted records are for editors."""
    return visible(reader, model.history.all())


def _rows_of(field: Any, history: Any) -> str:
    return f"{getattr(history, field.name).model._meta.model_name}_set"


def connected(field: Any, record: Any) -> list[Any]:
    """Give what a many-to-many field pointed to in a version."""
    link = get_m2m_reverse_field_name(field)
    found = []
    for row in getattr(record, _rows_of(field, type(record))).all():
        try:
            found.append(getattr(row, link))
        except ObjectDoesNotExist:
            continue  # deleted since
    return found


class Words:
    """How values of fields are called; drafts that the reader may not see are not named."""

    def __init__(self, reader: Reader) -> None:
        self._seen: dict[Any, set[int]] = {}
        if not reader.is_editor:
            for model in (Proposal, Meeting):
                self._seen[model] = set(visible(reader, model._default_manager.all()).values_list("pk", flat=True))

    def of(self, field: Any, record: Any) -> str:
        """Give the value as a reader would call it; an empty text for nothing."""
        if field.many_to_many:
            return ", ".join(sorted(self._name(one) for one in connected(field, record)))
        try:
            value = getattr(record, field.name)
        except ObjectDoesNotExist:
            return f"#{getattr(record, field.attname)}"
        if isinstance(value, Model):
            return self._name(value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value or ""))
        return "" if value is None else str(localize(value))

    def _name(self, record: Model) -> str:
        seen = self._seen.get(type(record))
        return _("a draft") if seen is not None and record.pk not in seen else str(record)


def with_relations(found: Any, model: Any) -> QuerySet:
    """Bring along what the words of versions need."""
    history = found.model
    many = [f"{_rows_of(field, history)}__{get_m2m_reverse_field_name(field)}" for field in history._history_m2m_fields]
    return found._select_related_history_tracked_objs().select_related("history_user").prefetch_related(*many)


def tell_changes(model: Any, records: Sequence[Any], reader: Reader) -> None:
    """Set on each version `what` was done, `who` did it, and what it `told`: the changes against the version before.

    Simple history's own comparison leaves out what forms do not edit; the status is one of these. A constant number
    of queries, whatever the number of versions.
    """
    kinds, words = kinds_of_change(), Words(reader)
    older = _older(model, records, reader)
    for record in records:
        record.what, record.who = kinds[record.history_type], who_of(record)
        before = None if record.history_type == ADDED else older.get(record.history_id)
        record.told = changes_between(model, before, record, words) if before else _values(model, record, words)


def _older(model: Any, records: Sequence[Any], reader: Reader) -> dict[int, Any]:
    """Find the version before each, as far as the reader may see it."""
    earlier = model.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    pairs = dict(
        model.history.filter(history_id__in=[record.history_id for record in records])
        .annotate(before=Subquery(earlier.order_by("-history_id").values("history_id")[:1]))
        .values_list("history_id", "before")
    )
    found = versions(model, reader).filter(history_id__in=[key for key in pairs.values() if key])
    by_key = {record.history_id: record for record in with_relations(found, model)}
    return {key: by_key[before] for key, before in pairs.items() if before in by_key}


def changes_between(model: Any, older: Any, newer: Any, words: Words) -> list[Told]:
    """Name the fields in which two versions differ."""
    told = []
    for field in told_fields(model):
        old, new = words.of(field, older), words.of(field, newer)
        if old != new:
            told.append(Told(label_of_field(field), old or "–", new or "–"))
    return told


def _values(model: Any, record: Any, words: Words) -> list[Told]:
    values = ((field, words.of(field, record)) for field in told_fields(model))
    return [Told(label_of_field(field), None, value) for field, value in values if value]


def label_of_field(field: Field) -> str:
    """Name a field as forms do."""
    return str(capfirst(field.verbose_name))


def told_fields(model: Any) -> list[Any]:
    """Name the fields that are told: languages one by one, not the column that repeats one of them."""
    silent = {"id", "key", *TRANSLATED.get(model, ())}
    history = model.history.model
    fields = [*history.tracked_fields, *history._history_m2m_fields]
    return [model._meta.get_field(field.name) for field in fields if field.name not in silent]


def name_of(model: Any, record: Any) -> str:
    """Name the record as it was in a version, without a look at the database beyond what came along."""
    columns = {field.attname: getattr(record, field.attname) for field in record.tracked_fields}
    instance = model(**columns)
    instance._state.fields_cache.update(record._state.fields_cache)
    try:
        return str(instance)
    except ObjectDoesNotExist:
        return f"#{record.id}"


def records_of_parts(owner: Model, parts: Iterable[Any], link: str, reader: Reader) -> list[Any]:
    """Give the history of the rows that belong to a record, newest first; removed rows included for editors."""
    found = []
    for model in parts:
        history = versions(model, reader).filter(**{f"{link}_id": owner.pk})
        records = list(with_relations(history, model)[:MOST_PARTS])
        if not records:
            continue
        tell_changes(model, records, reader)
        owned_by = label_of_field(model._meta.get_field(link))
        for record in records:
            record.told = [told for told in record.told if told.field != owned_by]
            record.part = capfirst(model._meta.verbose_name)
            record.label = name_of(model, record)
        found += records
    return sorted(found, key=lambda record: record.history_date, reverse=True)


def latest_version(record: Any) -> int:
    """Give the number of the record's newest version; it grows with every save."""
    return record.history.order_by("-history_id").values_list("history_id", flat=True).first() or 0


def saves_since(moment: datetime, record: Any, parts: Iterable[tuple[Any, str]]) -> list[Save]:
    """Tell who saved the record or what belongs to it after a moment, in the order in which they did."""
    kinds, found = kinds_of_change(), []
    for model, condition in ((type(record), {"id": record.pk}), *((one, {link: record.pk}) for one, link in parts)):
        for version in model.history.filter(history_date__gt=moment, **condition).select_related("history_user"):
            what = f"{kinds[version.history_type]}: {model._meta.verbose_name}"
            found.append(Save(version.history_date.replace(second=0, microsecond=0), who_of(version), what))
    return sorted(dict.fromkeys(found))
