"""All changes of all records in one list: found by filter, newest first, and told a page at a time.

The number of queries depends on how many kinds of records a page has, never on how many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.db.models import CharField, Model, Q, QuerySet, TextField, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.access import Reader, visible
from tracker.admin.history import (
    ADDED,
    DELETED,
    Told,
    Words,
    kinds_of_change,
    name_of,
    tell_changes,
    told_fields,
    tracked_models,
    versions,
    with_relations,
)
from tracker.models import Bearing, Involvement, PathwayStep, StatusChange
from tracker.models.base import SUFFIXES
from tracker.text import fold

NOBODY = "nobody"
CHUNK = 200
# models without a page of their own, and the field that names the record on whose page they stand
OWNERS: dict[Any, str] = {Involvement: "proposal", Bearing: "proposal", PathwayStep: "pathway"}
# what a record is about, where its own name does not say it: the first of these that its kind has
ABOUT = ("proposal", "pathway", "series")


class Event(NamedTuple):
    """One change of one record."""

    when: datetime
    who: str
    kind: str
    what: str
    about: str  # the record that it belongs to; empty where it stands for itself
    about_url: str  # the history of that one
    name: str
    url: str  # the history of the record; empty where it has none
    compare: str  # the page that holds its versions side by side
    history_type: str
    told: list[Told]
    reason: str


class HistoryFilter(forms.Form):
    """What may be asked of the list of all changes."""

    q = forms.CharField(required=False, label=gettext_lazy("Text of the record"), widget=AdminTextInputWidget)
    who = forms.ChoiceField(required=False, label=gettext_lazy("Who"))
    kind = forms.ChoiceField(required=False, label=gettext_lazy("Kind of record"))
    change = forms.ChoiceField(required=False, label=gettext_lazy("Kind of change"))
    since = forms.DateField(
        required=False,
        label=gettext_lazy("From day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        required=False, label=gettext_lazy("To day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("All"))]
        people = get_user_model().objects.order_by("username").values_list("pk", "username")
        kinds = {model._meta.model_name: str(capfirst(model._meta.verbose_name)) for model in tracked_models()}
        self.choices_of("who", [*everything, (NOBODY, _("no account (seeds)")), *people])
        self.choices_of("kind", [*everything, *sorted(kinds.items(), key=lambda kind: kind[1])])
        self.choices_of("change", [*everything, *kinds_of_change().items()])

    def choices_of(self, name: str, choices: list[Any]) -> None:
        """Set what a field offers."""
        field: Any = self.fields[name]
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Refuse a stretch of days that ends before it starts."""
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day must not be before the first."))
        return cleaned


@dataclass(frozen=True, slots=True)
class Asked:
    """The changes that are asked for; empty texts and None ask for all."""

    q: str = ""
    who: str = ""
    kind: str = ""
    change: str = ""
    since: date | None = None
    until: date | None = None


def find(asked: Asked, reader: Reader) -> QuerySet:
    """Find the changes, newest first, as (moment, key of the version, kind of record)."""
    models = [model for model in tracked_models() if asked.kind in ("", model._meta.model_name)]
    first, *others = [_of_kind(model, asked, reader) for model in models]
    found = first.union(*others, all=True) if others else first
    return found.order_by("-history_date", "-history_id", "record_kind")


def _of_kind(model: Any, asked: Asked, reader: Reader) -> QuerySet:
    found = versions(model, reader)
    if asked.who == NOBODY:
        found = found.filter(history_user__isnull=True)
    elif asked.who:
        found = found.filter(history_user=int(asked.who))
    if asked.change:
        found = found.filter(history_type=asked.change)
    if asked.since:
        found = found.filter(history_date__gte=_midnight(asked.since))
    if asked.until:
        found = found.filter(history_date__lte=timezone.make_aware(datetime.combine(asked.until, time.max)))
    for word in asked.q.split():
        found = found.filter(_has(model, word))
    kind = Value(model._meta.model_name, output_field=CharField())
    return found.order_by().annotate(record_kind=kind).values_list("history_date", "history_id", "record_kind")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _has(model: Any, word: str) -> Q:
    """Look for a word in the texts of a version, and in the folded text of the record as it is now."""
    texts = [one.name for one in told_fields(model) if isinstance(one, CharField | TextField) and not one.choices]
    found = Q(pk__in=[])
    for name in texts:
        found |= Q(**{f"{name}__icontains": word})
    if any(one.name == "search_text" for one in model._meta.concrete_fields):
        found |= Q(id__in=model._default_manager.filter(search_text__contains=fold(word)).values("pk"))
    return found


def tell(found: Iterable[tuple[datetime, int, str]], reader: Reader) -> list[Event]:
    """Tell what the changes of a page did, in their order."""
    rows = list(found)
    keys: dict[str, list[int]] = {}
    for _moment, key, kind in rows:
        keys.setdefault(kind, []).append(key)
    events: dict[tuple[str, int], Event] = {}
    for model in tracked_models():
        kind = model._meta.model_name
        if kind in keys:
            events |= {(kind, key): event for key, event in _events(model, keys[kind], reader)}
    return [events[kind, key] for _moment, key, kind in rows if (kind, key) in events]


def _events(model: Any, keys: list[int], reader: Reader) -> Iterator[tuple[int, Event]]:
    records = list(with_relations(versions(model, reader).filter(history_id__in=keys), model))
    tell_changes(model, records, reader)
    shown = visible(reader, model._default_manager.filter(pk__in={record.id for record in records}))
    there = set(shown.values_list("pk", flat=True))
    link, words = _link_of(model), Words(reader)
    for record in records:
        is_there = record.id in there or reader.is_editor
        yield (
            record.history_id,
            Event(
                when=record.history_date,
                who=record.who,
                kind=str(capfirst(model._meta.verbose_name)),
                what=record.what,
                name=name_of(model, record),
                about=words.of(link, record) if link else "",
                about_url=_address_of_link(link, record) if link and is_there else "",
                url=_address(model, record, is_there=is_there),
                compare=reverse("admin:history_compare", args=[model._meta.model_name, record.id]),
                history_type=record.history_type,
                told=[] if record.history_type == DELETED else record.told,
                reason=record.history_change_reason or _reason_within(model, record),
            ),
        )


def _link_of(model: Any) -> Any:
    """Give the field that says what a record of this kind is about."""
    names = {field.name for field in model._meta.concrete_fields}
    return next((model._meta.get_field(name) for name in ABOUT if name in names), None)


def _address_of_link(link: Any, record: Any) -> str:
    return history_address(link.related_model, getattr(record, link.attname))


def _reason_within(model: Any, record: Any) -> str:
    """Give the reason that a step on the scale states itself."""
    if model is not StatusChange or record.history_type != ADDED:
        return ""
    texts = {suffix: getattr(record, f"reason_{suffix}") for suffix in SUFFIXES}
    return texts.get((get_language() or "").replace("-", "_")) or texts[SUFFIXES[0]] or ""


def _address(model: Any, record: Any, *, is_there: bool) -> str:
    """Give the history of the record, or of the one on whose page it stands."""
    if not is_there:
        return ""
    key = record.id
    if model in OWNERS:
        owner = OWNERS[model]
        key, model = getattr(record, f"{owner}_id"), model._meta.get_field(owner).related_model
    return history_address(model, key) if admin.site.is_registered(model) else ""


def history_address(model: type[Model], key: int) -> str:
    """Give the page of a record's history."""
    return reverse(f"admin:tracker_{model._meta.model_name}_history", args=[key])


COLUMNS = ("recorded_at", "who", "kind", "about", "record", "change", "field", "before", "after", "reason", "url")


def lines(found: QuerySet, reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Give a line for each field that changed; one for a change that names no field."""
    rows = iter(found.iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        for event in tell(chunk, reader):
            for told in event.told or [Told("", None, "")]:
                yield (
                    timezone.localtime(event.when),
                    event.who,
                    event.kind,
                    event.about,
                    event.name,
                    event.what,
                    told.field,
                    told.old,
                    told.new,
                    event.reason,
                    event.url,
                )
