"""What changed, by whom and when, with the values before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges
from simple_history.utils import get_m2m_reverse_field_name

from tracker.translation import TRANSLATED

MOST_PARTS = 200


class Told(NamedTuple):
    """A field's values before and after, as the forms show them; `old` is None for a new record."""

    field: str
    old: str | None
    new: str


def tell_changes(model: type[Model], records: Iterable[HistoricalChanges]) -> None:
    """Set on each record `what` was done, and what it `told`: the changes against the record before it.

    The records come newest first. Simple history's own comparison leaves out what forms do not edit; the status is
    one of these.
    """
    kinds = {"+": _("Added"), "~": _("Changed"), "-": _("Deleted")}
    later: dict[Any, HistoricalChanges] = {}
    for record in records:
        record.what = kinds[record.history_type]
        if record.id in later:
            later[record.id].told = _changes(model, later[record.id], record)
        later[record.id] = record
    for oldest in later.values():
        older = None if oldest.history_type == "+" else oldest.prev_record
        oldest.told = _changes(model, oldest, older) if older else _first_values(model, oldest)


def _changes(model: type[Model], newer: HistoricalChanges, older: HistoricalChanges) -> list[Told]:
    told = []
    for field in _told_fields(model, newer):
        old, new = _in_words(field, older), _in_words(field, newer)
        if old != new:
            told.append(Told(_label(field), old or "–", new or "–"))
    return told


def _first_values(model: type[Model], record: HistoricalChanges) -> list[Told]:
    values = ((field, _in_words(field, record)) for field in _told_fields(model, record))
    return [Told(_label(field), None, value) for field, value in values if value]


def _label(field: Field) -> str:
    return str(capfirst(field.verbose_name))


def _told_fields(model: type[Model], record: HistoricalChanges) -> list[Any]:
    """Name the fields that are told: languages one by one, not the column that repeats one of them."""
    silent = {"id", "key", *TRANSLATED.get(model, ())}
    fields = [*record.tracked_fields, *record._history_m2m_fields]
    return [model._meta.get_field(field.name) for field in fields if field.name not in silent]


def _in_words(field: Field, record: HistoricalChanges) -> str:
    """Give the value as a reader would call it; an empty text for nothing."""
    if field.many_to_many:
        link = get_m2m_reverse_field_name(field)
        return ", ".join(sorted(str(getattr(row, link)) for row in getattr(record, field.name).all()))
    try:
        value = getattr(record, field.name)
    except ObjectDoesNotExist:
        return f"#{getattr(record, field.attname)}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value or ""))
    return "" if value is None else str(localize(value))


def records_of_parts(owner: Model, parts: Iterable[Any], link: str) -> list[HistoricalChanges]:
    """Give the history of the rows that belong to a record, newest first; removed rows included."""
    found = []
    for model in parts:
        history = model.history.filter(**{f"{link}_id": owner.pk})._select_related_history_tracked_objs()
        records = list(history.select_related("history_user")[:MOST_PARTS])
        tell_changes(model, records)
        owned_by = _label(model._meta.get_field(link))
        for record in records:
            record.told = [told for told in record.told if told.field != owned_by]
            record.part = capfirst(model._meta.verbose_name)
            record.label = str(record.instance)
        found += records
    return sorted(found, key=lambda record: record.history_date, reverse=True)
