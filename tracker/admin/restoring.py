"""Restoring an old version: its values are entered into the record's own form and saved as a new change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.access import may, reader_of
from tracker.admin.base import reason_in, today_of
from tracker.admin.conflicts import Values, sayer, sent_as, values_of
from tracker.admin.history import DELETED, connected, latest_version
from tracker.choices import Publication
from tracker.models import FormerAddress, Proposal
from tracker.staff_scales import Action

# Columns that have writers of their own: the status is changed on the scale, the stage by review.
NEVER_RESTORED = ("status", "publication")
# A part that was deleted with its record went in the same moment, give or take.
SAME_MOMENT = timedelta(seconds=10)


class Change(NamedTuple):
    """A field as it is and as it would be."""

    name: str
    label: str
    now: str
    then: str


class Restoration(NamedTuple):
    """What restoring a version would change; `seen` is the version that it was worked out against."""

    record: Any
    differences: list[Change]
    now: Values
    then: Values
    seen: int


def may_restore(request: HttpRequest, model: Any, key: int) -> bool:
    """Tell whether the reader may restore versions of the record through its page."""
    record = model._default_manager.filter(pk=key).first()
    if record is None or not admin.site.is_registered(model):
        return False
    page = admin.site.get_model_admin(model)
    return may(reader_of(request), Action.CHANGE, record) and page.has_change_permission(request, record)


def may_bring_back(request: HttpRequest, model: Any, newest: Any) -> bool:
    """Tell whether the reader may bring back a record that was deleted."""
    return (
        newest.history_type == DELETED
        and admin.site.is_registered(model)
        and reader_of(request).is_editor
        and admin.site.get_model_admin(model).has_add_permission(request)
    )


def on_page(request: HttpRequest, model: Any, key: int) -> Any:
    """Give the record as its page would open it, connected with what the reader may see; None if it is gone."""
    return admin.site.get_model_admin(model).get_object(request, str(key))


def restoration(request: HttpRequest, record: Any, old: Any) -> Restoration:
    """Work out what restoring a version would change."""
    form_class = _form_class(request, record)
    form = form_class(instance=record)
    now = values_of(form)
    then = values_of(_opened_at(form_class, old))
    names = [name for name in now if name not in NEVER_RESTORED and now[name] != then.get(name, now[name])]
    differences = [
        Change(name, str(capfirst(form[name].label)), say(now[name]), say(then[name]))
        for name, say in ((name, sayer(form.fields[name])) for name in names)
    ]
    return Restoration(record, differences, now, then, latest_version(record))


def _form_class(request: HttpRequest, record: Any) -> Any:
    page = admin.site.get_model_admin(type(record))
    fields = flatten_fieldsets(page.get_fieldsets(request, record))
    form: Any = page.get_form(request, record, change=True, fields=fields)
    form.today = today_of(request)
    return form


def _opened_at(form_class: Any, old: Any) -> Any:
    """Give the form as it would have been opened at a version."""
    form = form_class(instance=old.instance)
    for field in old._history_m2m_fields:
        if field.name in form.fields:
            choices: Any = form.fields[field.name]
            form.initial[field.name] = choices.queryset.filter(pk__in=[one.pk for one in connected(field, old)])
    return form


def restore(request: HttpRequest, would: Restoration, chosen: list[str]) -> None:
    """Save the chosen fields as they were, by the record's own form.

    It runs inside the transaction in which the record was locked.

    Raises:
        ValidationError: saying what is against it; the transaction is then to be rolled back.
    """
    data = QueryDict(mutable=True)
    for name, value in would.now.items():
        allowed = name in chosen and name not in NEVER_RESTORED
        if sent := sent_as(would.then[name] if allowed and name in would.then else value):
            data.setlist(name, sent)
    page: Any = admin.site.get_model_admin(type(would.record))
    form = _form_class(request, would.record)(data, instance=would.record)
    if not form.is_valid():
        faults = [f"{_label(form, name)}: {text}" for name, texts in form.errors.items() for text in texts]
        raise ValidationError(faults)
    record = page.save_form(request, form, change=True)
    record._change_reason = reason_in(request) or _("Restored")
    page.save_model(request, record, form, True)
    form.save_m2m()
    page.hold_to_reach(request, record, Action.CHANGE)


def _label(form: Any, name: str) -> str:
    return str(capfirst(form[name].label)) if name in form.fields else _("The record")


def bring_back(model: Any, old: Any, *, by: Any, why: str | None) -> Any:
    """Bring a deleted record back as it was in a version, as a draft, with what was deleted together with it.

    Raises:
        ValidationError: if the record was merged into another, or something else has taken its place.
    """
    record = old.instance
    record._history_user, record._change_reason = by, why or _("Restored")
    if isinstance(record, Proposal):
        former = FormerAddress.objects.filter(slug=record.slug).select_related("proposal").first()
        if former:
            message = _("It was merged into “%(proposal)s”, where everything of it is.")
            raise ValidationError(message % {"proposal": former.proposal})
    if hasattr(record, "publication"):
        record.publication = Publication.DRAFT
    gone = model.history.filter(id=record.pk, history_type=DELETED).first()
    try:
        with transaction.atomic():
            record.full_clean(exclude=["search_text"])
            record.save(force_insert=True)
            for field in old._history_m2m_fields:
                getattr(record, field.name).set(connected(field, old))
            parts = _bring_back_parts(record, gone)
            # the database looks at references when it commits, which would be too late to tell
            connection.check_constraints([one._meta.db_table for one in (model, *parts)])
    except IntegrityError:
        raise ValidationError(_("Something that it refers to is no longer there.")) from None
    return record


def _bring_back_parts(record: Any, gone: Any) -> list[Any]:
    """Bring back what the same person deleted in the same moment; give the kinds."""
    page: Any = admin.site.get_model_admin(type(record))
    window = (gone.history_date - SAME_MOMENT, gone.history_date + SAME_MOMENT)
    same = {"history_type": DELETED, "history_date__range": window, "history_user": gone.history_user}
    for model in page.history_parts:
        for part in model.history.filter(**same, **{f"{page.history_link}_id": record.pk}):
            one = part.instance
            one._history_user, one._change_reason = record._history_user, record._change_reason
            try:
                one.full_clean(exclude=["search_text"])
            except ValidationError as problem:
                kind = capfirst(model._meta.verbose_name)
                raise ValidationError([f"{kind}: {message}" for message in problem.messages]) from None
            one.save(force_insert=True)
    return list(page.history_parts)
