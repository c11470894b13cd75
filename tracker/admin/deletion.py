"""What may be deleted: nothing that something else refers to. A draft that never was published takes its rows along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.access import Reader, visible
from tracker.choices import Publication
from tracker.models import (
    Bearing,
    Deadline,
    Development,
    FormerAddress,
    ImportedRow,
    Involvement,
    Milestone,
    Note,
    PathwayStep,
    Proposal,
    ProposedChange,
    Reminder,
    Review,
    ReviewStep,
    Statement,
    StatusChange,
)

# Rows that are nothing without their record and go with it; every other reference keeps a record where it is.
GOES_ALONG: tuple[type[Model], ...] = (Involvement, PathwayStep, Reminder, ReviewStep, ImportedRow)
# Rows that go along with a draft too, as long as nobody but its authors and editors ever could see it.
OF_A_DRAFT: tuple[Any, ...] = (
    StatusChange,
    Statement,
    Deadline,
    Bearing,
    Milestone,
    Review,
    Note,
    ProposedChange,
    FormerAddress,
)
MOST_NAMED = 20


def references_to(records: Sequence[Any]) -> Iterator[QuerySet]:
    """Give, kind by kind, the records that refer to any of these, by a key or by a list."""
    if not records:
        return
    model = type(records[0])
    keys = [record.pk for record in records]
    held = sorted(set(keys) - (drafts := never_published(records)))
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and relation.is_relation):
            continue
        other, name = relation.related_model, relation.field.name
        if _counts(relation, other):
            of_drafts = drafts and other in OF_A_DRAFT
            yield other._default_manager.filter(**{f"{name}__in": held if of_drafts else keys}).distinct()
    if drafts:
        yield Statement.objects.filter(answers__proposal__in=drafts).exclude(proposal__in=drafts)
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
    return _named(references_to(records), reader, site)


def what_goes_along(records: Sequence[Any], reader: Reader, site: AdminSite) -> list[str]:
    """Name what would be deleted with drafts that never were published, in the same way."""
    return _named(_rows_of_drafts(never_published(records)), reader, site)


def _named(rows: Iterable[QuerySet], reader: Reader, site: AdminSite) -> list[str]:
    told = []
    for found in rows:
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


def never_published(records: Sequence[Any]) -> set[int]:
    """Give the keys of those proposals among the records that viewers never could see. Up to two queries."""
    drafts = {one.pk for one in records if isinstance(one, Proposal) and one.publication != Publication.PUBLISHED}
    if not drafts:
        return drafts
    past = Proposal.history.filter(id__in=drafts, publication=Publication.PUBLISHED)  # type: ignore[attr-defined]
    return drafts - set(past.values_list("id", flat=True))


def _rows_of_drafts(drafts: Collection[int]) -> list[QuerySet]:
    """Give what goes with drafts, in the order in which it can be deleted: answers before what they answer."""
    if not drafts:
        return []
    rows = [model._default_manager.filter(proposal__in=drafts) for model in OF_A_DRAFT if model is not Statement]
    bears = Bearing.objects.filter(development=OuterRef("pk"))
    only_theirs = Q(Exists(bears.filter(proposal__in=drafts))) & ~Exists(bears.exclude(proposal__in=drafts))
    said = Statement.objects.filter(proposal__in=drafts)
    said = said.order_by(*(F(name).desc(nulls_last=True) for name in ("answers__answers", "answers")))
    return [Development.objects.filter(only_theirs), said, *rows]


def delete_with_rows(record: Any, reason: str | None) -> None:
    """Delete a record that nothing refers to, with the rows that go along; each says why in its history."""
    for rows in _rows_of_drafts(never_published([record])):
        for one in rows:
            one._change_reason = reason
            one.delete()
    record._change_reason = reason
    record.delete()
