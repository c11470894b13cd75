"""What may be deleted: nothing that something else refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.access import Reader, visible
from tracker.models import ImportedRow, Involvement, PathwayStep, Reminder, ReviewStep

# Rows that are nothing without their record and go with it; every other reference keeps a record where it is.
GOES_ALONG: tuple[type[Model], ...] = (Involvement, PathwayStep, Reminder, ReviewStep, ImportedRow)
MOST_NAMED = 20


def references_to(records: Sequence[Any]) -> Iterator[QuerySet]:
    """Give, kind by kind, the records that refer to any of these, by a key or by a list."""
    if not records:
        return
    model = type(records[0])
    keys = [record.pk for record in records]
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and relation.is_relation):
            continue
        other, name = relation.related_model, relation.field.name
        if _counts(relation, other):
            yield other._default_manager.filter(**{f"{name}__in": keys}).distinct()
    for own in model._meta.many_to_many:
        if own.related_model is model and own.remote_field.symmetrical:
            yield model._default_manager.filter(**{f"{own.name}__in": keys}).distinct()


def _counts(relation: Any, other: type[Model]) -> bool:
    if relation.many_to_many:
        return bool(relation.through._meta.auto_created) and not relation.field.remote_field.symmetrical
    return not (
        other._meta.auto_created
        or hasattr(other, "history_type")
        or hasattr(other, "m2m_history_id")
        or issubclass(other, GOES_ALONG)
    )


def what_refers(records: Sequence[Any], reader: Reader, site: AdminSite) -> list[str]:
    """Name what refers to the records, each with a link to its page; of what the reader may not see the number only."""
    told = []
    for found in references_to(records):
        seen = visible(reader, found)
        named = list(seen[: MOST_NAMED + 1])
        told += [_line(record, site) for record in named[:MOST_NAMED]]
        more = found.count() - len(named[:MOST_NAMED])
        if more:
            message = ngettext("%(kind)s: %(count)d more", "%(kind)s: %(count)d more", more)
            told.append(message % {"kind": capfirst(found.model._meta.verbose_name_plural), "count": more})
    return told


def _line(record: Any, site: AdminSite) -> str:
    kind = capfirst(record._meta.verbose_name)
    if not site.is_registered(type(record)):
        return f"{kind}: {record}"
    page = f"{site.name}:{record._meta.app_label}_{record._meta.model_name}_change"
    return format_html('{}: <a href="{}">{}</a>', kind, reverse(page, args=[record.pk]), record)


def refuse_to_delete(records: Sequence[Any]) -> None:
    """Refuse while something refers to one of the records.

    Raises:
        ValidationError: naming the records that stay.
    """
    if any(found.exists() for found in references_to(records)):
        names = ", ".join(f"“{record}”" for record in records)
        raise ValidationError(_("Nothing was deleted: something still refers to %(records)s.") % {"records": names})
