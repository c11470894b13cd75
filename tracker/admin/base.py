"""What the pages of the workplace share: search, history, addresses on the site, today, inlines that only add."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Model, Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline, TranslationTabularInline
from modeltranslation.utils import get_translation_fields
from simple_history.admin import SimpleHistoryAdmin

from tracker.access import may, reader_of, visible
from tracker.admin.conflicts import Entered, Opened, Part, entered_since, meet, opened_in, page_of
from tracker.admin.deletion import delete_with_rows, refuse_to_delete, what_goes_along, what_refers
from tracker.admin.forms import TrackedForm
from tracker.admin.gone import page_of_what_was_entered
from tracker.admin.history import records_of_parts, saves_since, tell_changes, versions, with_relations
from tracker.admin.reach import ReachMixin
from tracker.admin.scale import NewRowsFormSet
from tracker.choices import Publication, Status
from tracker.importing.work import imported_from
from tracker.models import Proposal
from tracker.models.base import LONGEST_REASON
from tracker.staff_scales import Action
from tracker.text import fold
from tracker.translation import TRANSLATED

REASON = "change_reason"  # the field of every page on which something is changed
_NOTHING = (None, "")

FIELDS_OF_FORMS: dict[type[models.Field], dict[str, Any]] = {
    models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3, "cols": 40})},
    models.URLField: {"assume_scheme": "https"},
}


def in_languages(field: str) -> tuple[str, ...]:
    """Name the columns of a translated field, to stand side by side."""
    return tuple(get_translation_fields(field))


def today_of(request: HttpRequest) -> date:
    """Give the day of the request; the clock is read once."""
    known = vars(request)
    if "tracker_today" not in known:
        known["tracker_today"] = timezone.localdate()
    return known["tracker_today"]


def user_of(request: HttpRequest) -> Any:
    """Give whoever is signed in; the workplace lets in nobody else."""
    return request.user


def status_badge(status: str) -> SafeString:
    """Draw a status: shape and word, the shape in its colour."""
    known = Status(status)
    return format_html(
        '<span class="tracker-status" style="--light:{};--dark:{}"><span aria-hidden="true">{}</span> {}</span>',
        known.look.light,
        known.look.dark,
        known.look.glyph,
        known.label,
    )


def address_on_site(record: Model) -> str | None:
    """Give the public page of a record; None while it is a draft, which viewers do not see."""
    if getattr(record, "publication", Publication.PUBLISHED) != Publication.PUBLISHED:
        return None
    return record.get_absolute_url() if hasattr(record, "get_absolute_url") else None


def address_of_proposal(record: Any) -> str | None:
    """Give the public page of the proposal that the record belongs to."""
    return address_on_site(record.proposal)


def asked(request: HttpRequest, action: Action, thing: Any) -> bool:
    """Ask the rules; about a record that a page only shows once, since Django asks again for each of its parts."""
    if request.method != "GET" or isinstance(thing, type) or thing.pk is None:
        return may(reader_of(request), action, thing)
    answers = vars(request).setdefault("tracker_answers", {})
    question = (action, type(thing), thing.pk)
    if question not in answers:
        answers[question] = may(reader_of(request), action, thing)
    return answers[question]


class FormsMixin(BaseModelAdmin):
    """Asks `access` who may do what, and lets no record be deleted from beside a field that refers to it.

    Django asks an inline about the record that its rows belong to.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the front page lists the kind of record; the reader is looked up once, not for each kind."""
        return may(reader_of(request), Action.VIEW, self.model)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the reader may see the record."""
        return asked(request, Action.VIEW, obj or self.model)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the reader may add a record, or add one to what the page shows."""
        return may(reader_of(request), Action.ADD, self.model) and (obj is None or self._may_change(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the reader may change the record."""
        return self._may_change(request, obj or self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the reader may delete the record."""
        return asked(request, Action.DELETE, obj or self.model)

    def _may_change(self, request: HttpRequest, thing: Any) -> bool:
        return asked(request, Action.CHANGE, thing)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer what the reader may see; leave adding, changing and viewing beside a reference."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, ModelChoiceField) and field.queryset is not None:
            field.queryset = visible(reader_of(request), field.queryset)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
        return field


def reason_in(request: HttpRequest) -> str | None:
    """Give why the change is made, as far as the form says."""
    return request.POST.get(REASON, "").strip()[:LONGEST_REASON] or None


def save_changed(record: Any) -> None:
    """Save the columns that differ from what is stored, of those that a form may write; nothing if none does.

    Somebody else's columns are left as they are. The row is locked by then.
    """
    stored = type(record)._base_manager.get(pk=record.pk)
    translated = TRANSLATED.get(type(record), ())
    columns = [one for one in record._meta.concrete_fields if one.editable and one.name not in translated]
    pairs = ((one.name, getattr(record, one.attname), getattr(stored, one.attname)) for one in columns)
    changed = {name for name, now, before in pairs if now != before and (now not in _NOTHING or before not in _NOTHING)}
    if changed:
        # never the bare name of a translated text: it would write what is shown into the language of the page
        record.save(update_fields=sorted(changed))


def _part(formset: Any, inline: Any) -> Part:
    title, there = str(capfirst(inline.verbose_name)), list(formset.initial_forms)
    return Part(formset.prefix, title, there, formset.empty_form, formset.model, formset.fk.name)


class MeetsOthersMixin(FormsMixin, admin.ModelAdmin):
    """A page on which two people may work at once: the second is told, sees both versions and loses nothing."""

    def _changeform_view(self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any) -> Any:
        """Hold what was entered against what was saved meanwhile, with the row locked, before anything is saved."""
        opened = opened_in(request.POST) if request.method == "POST" and object_id else None
        if opened and object_id:
            key = unquote(object_id)
            if key.isdecimal():
                self.model._base_manager.select_for_update().filter(pk=int(key)).first()
            found = self.get_object(request, key)
            if found is not None and self.has_change_permission(request, found):
                self._meet_others(request, found, opened)
            elif entered := self._entered_since(request, opened):
                return page_of_what_was_entered(request, self, key, opened, entered)
        return super()._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]

    def _entered_since(self, request: HttpRequest, opened: Opened) -> list[Entered]:
        """Give what was entered about a record that is gone: by the forms that the page has for any."""
        form, formsets = self._forms_now(request, None)
        entered = entered_since(opened.page, request.POST, form, [_part(*pair) for pair in formsets])
        why = reason_in(request) if REASON not in form.fields else None
        return [*entered, Entered(_("Reason for this change"), why)] if why else entered

    def _meet_others(self, request: HttpRequest, record: Any, opened: Opened) -> None:
        form, parts = self.opened_now(request, record)
        met = meet(opened.page, request.POST, form, parts)
        request.POST = met.data  # type: ignore[assignment]
        if met.differences:
            saves = saves_since(opened.at, record, [(part.model, part.link) for part in parts])
            vars(request)["tracker_conflict"] = {"differences": met.differences, "saves": saves}

    def opened_now(self, request: HttpRequest, record: Any) -> tuple[Any, list[Part]]:
        """Give the forms of the page as they would be opened now."""
        form, formsets = self._forms_now(request, record)
        return form, self._parts(request, record, formsets)

    def _forms_now(self, request: HttpRequest, record: Any) -> tuple[Any, list[tuple[Any, Any]]]:
        fields = flatten_fieldsets(self.get_fieldsets(request, record))
        form = self.get_form(request, record, change=True, fields=fields)(instance=record)
        known = vars(request)
        known["tracker_unbound"] = True
        formsets, inlines = self._create_formsets(request, record, change=True)  # type: ignore[attr-defined]
        del known["tracker_unbound"]
        return form, list(zip(formsets, inlines, strict=True))

    def _parts(self, request: HttpRequest, record: Any, formsets: Iterable[tuple[Any, Any]]) -> list[Part]:
        return [_part(formset, inline) for formset, inline in formsets if inline.has_change_permission(request, record)]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Leave out what was sent where the page is wanted as it would be opened."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if "tracker_unbound" in vars(request):
            for name in ("data", "files", "save_as_new"):
                given.pop(name, None)
        return given

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Let the form carry what it shows; show what somebody else saved meanwhile."""
        if obj is not None and self.has_change_permission(request, obj):
            if request.method == "POST":
                form, parts = self.opened_now(request, self.get_object(request, str(obj.pk)))
            else:
                shown = ((one.formset, one.opts) for one in context["inline_admin_formsets"])
                form, parts = context["adminform"].form, self._parts(request, obj, shown)
            context["opened"] = Opened(timezone.now(), page_of(form, parts)).written()
        context |= {
            "conflict": vars(request).get("tracker_conflict"),
            "change_reason": request.POST.get(REASON, ""),
            "reason_length": LONGEST_REASON,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)


class TrackedAdmin(ReachMixin, MeetsOthersMixin, SimpleHistoryAdmin, TranslationAdmin):
    """A page of the workplace.

    `search_fields` that end in `search_text` hold folded text, and the words looked for are folded too; the others
    are compared as they are.
    """

    form = TrackedForm
    formfield_overrides = FIELDS_OF_FORMS
    list_per_page = 50
    view_on_site: Any = staticmethod(address_on_site)
    object_history_template = "admin/tracker_history.html"
    delete_confirmation_template = "admin/tracker_delete.html"
    delete_selected_confirmation_template = "admin/tracker_delete_selected.html"
    # models whose rows belong to the record, and the field by which they name it
    history_parts: ClassVar[tuple[type[Model], ...]] = ()
    history_link: ClassVar[str] = ""

    class Media:
        css = {"all": ("tracker/admin.css",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form of this request."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.today = today_of(request)
        form.is_outdated = "tracker_conflict" in vars(request)
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Sign the change, with its reason."""
        record = super().save_form(request, form, change)
        record._history_user = user_of(request)
        record._change_reason = reason_in(request)
        return record

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a new record; of one that exists the columns that were changed."""
        if change:
            save_changed(obj)
        else:
            obj.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Give the reason of the change with every row that it writes."""
        for row in formset.forms:
            row.instance._change_reason = reason_in(request)
        super().save_formset(request, form, formset, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Name everything that refers to the records: none of them can be deleted while something does."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        records, reader = list(objs), reader_of(request)
        if referring := what_refers(records, reader, self.admin_site):
            return deleted, counts, set(), referring
        if along := what_goes_along(records, reader, self.admin_site):
            return [*map(str, records), along], {}, set(), []
        return deleted, counts, lacking, protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a record that nothing refers to."""
        self.delete_queryset(request, self.model._base_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Delete records that nothing refers to, all or none, looked at again in the moment of deleting."""
        with transaction.atomic():
            records = list(self.model._base_manager.select_for_update().filter(pk__in=queryset.values("pk")))
            refuse_to_delete(records)
            for record in records:
                delete_with_rows(record, reason_in(request))

    def get_urls(self) -> list:
        """Leave out reverting to an old version: it would be a second way to write."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Keep what the reader may see; bring along what the columns and the name of a row are made of."""
        queryset = visible(reader_of(request), super().get_queryset(request))
        if isinstance(self.list_select_related, bool):
            return queryset
        return queryset.select_related(*self.list_select_related)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Find the rows that have every word, whatever its case and diacritics."""
        for word in search_term.split():
            found = Q()
            for field in self.get_search_fields(request):
                folded = field.endswith("search_text")
                found |= Q(**{f"{field}__contains": fold(word)} if folded else {f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset, self.search_meets_many

    # whether a search field leads to several rows, so that a find could come twice
    search_meets_many: ClassVar[bool] = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell what a rule refused in the moment of saving; nothing is saved then."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as problem:
            return self._refused(request, problem)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell what kept a record from being deleted."""
        try:
            return super().delete_view(request, *args, **kwargs)
        except ValidationError as problem:
            return self._refused(request, problem)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell what a rule refused of an action on many records."""
        try:
            return super().changelist_view(request, *args, **kwargs)
        except ValidationError as problem:
            return self._refused(request, problem)

    def _refused(self, request: HttpRequest, problem: ValidationError) -> HttpResponse:
        for message in problem.messages:
            self.message_user(request, message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def history_view_title(self, request: HttpRequest, obj: Model) -> str:
        """Name the page."""
        return _("History: %(record)s") % {"record": obj}

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, **kwargs: Any) -> None:
        """Set what each record changed."""
        tell_changes(self.model, list(historical_records), reader_of(request))

    def get_history_queryset(self, request: HttpRequest, *args: Any) -> QuerySet:
        """Keep the versions that the reader may see."""
        found = versions(self.model, reader_of(request)).filter(**{args[1]: args[2]})
        return with_relations(found, self.model)

    def has_view_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show editors what became of a record that is gone, too."""
        reader = reader_of(request)
        if obj is not None and reader.is_editor and not self.model._base_manager.filter(pk=obj.pk).exists():
            return True
        return super().has_view_history_permission(request, obj)

    def has_view_or_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the page of the record opens."""
        return self.has_view_permission(request, obj) or self.has_change_permission(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the history of the record, then that of what belongs to it."""
        owner = self.get_object(request, object_id)
        if owner is not None and not self.has_view_or_change_permission(request, owner):
            raise PermissionDenied
        reader = reader_of(request)
        shown = {
            "parts": records_of_parts(owner, self.history_parts, self.history_link, reader) if owner else [],
            "imported": imported_from(owner) if owner and may(reader, Action.IMPORT, self.model) else [],
        }
        return super().history_view(request, object_id, {**shown, **(extra_context or {})})


class PartMixin(FormsMixin, InlineModelAdmin):
    """What inlines share: the day of the request, what its reader may see, and no empty rows."""

    form = TrackedForm
    extra = 0
    formfield_overrides = FIELDS_OF_FORMS
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Keep what the reader may see."""
        return visible(reader_of(request), super().get_queryset(request))

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type:
        """Give the set of forms of this request."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.today = today_of(request)
        return formset


class StackedPart(PartMixin, TranslationStackedInline):
    """Rows below one another."""


class TabularPart(PartMixin, TranslationTabularInline):
    """Rows of a table."""


class PlainPart(PartMixin, admin.TabularInline):
    """Rows of a table without texts of their own."""


class ShownRows(TabularPart):
    """Rows as they stand; nothing can be entered here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are added in the forms below."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A mistake is mended on the row's own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What was said and done stays."""
        return False


class AddedRows(StackedPart):
    """Forms for new rows only."""

    formset = NewRowsFormSet
    verbose_name_plural = gettext_lazy("to add")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Show none of those that exist."""
        return super().get_queryset(request).none()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What exists is not in these forms."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What exists is not in these forms."""
        return False


def stamp_new(formset: Any, **values: Any) -> None:
    """Set values on the rows that a set of forms will add."""
    for form in formset.forms:
        if form.instance._state.adding:
            for name, value in values.items():
                setattr(form.instance, name, value)


def is_draft(proposal: Proposal) -> bool:
    """Tell whether viewers do not see the proposal."""
    return proposal.publication != Publication.PUBLISHED
