"""What the pages of the workplace share: search, history, addresses on the site, today, inlines that only add."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline, TranslationTabularInline
from modeltranslation.utils import get_translation_fields
from simple_history.admin import SimpleHistoryAdmin

from tracker.admin.forms import TrackedForm
from tracker.admin.history import records_of_parts, tell_changes
from tracker.admin.scale import NewRowsFormSet
from tracker.choices import Publication, Status
from tracker.models import Proposal
from tracker.text import fold

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


class FormsMixin(BaseModelAdmin):
    """Lets no record be deleted from beside a field that refers to it."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave adding, changing and viewing beside a reference."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
        return field


class TrackedAdmin(FormsMixin, SimpleHistoryAdmin, TranslationAdmin):
    """A page of the workplace.

    `search_fields` that end in `search_text` hold folded text, and the words looked for are folded too; the others
    are compared as they are.
    """

    form = TrackedForm
    formfield_overrides = FIELDS_OF_FORMS
    list_per_page = 50
    view_on_site: Any = staticmethod(address_on_site)
    object_history_template = "admin/tracker_history.html"
    # models whose rows belong to the record, and the field by which they name it
    history_parts: ClassVar[tuple[type[Model], ...]] = ()
    history_link: ClassVar[str] = ""

    class Media:
        css = {"all": ("tracker/admin.css",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form of this request."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.today = today_of(request)
        return form

    def get_urls(self) -> list:
        """Leave out reverting to an old version: it would be a second way to write."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along, also for autocomplete, what the columns and the name of a row are made of."""
        queryset = super().get_queryset(request)
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
            for message in problem.messages:
                self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view_title(self, request: HttpRequest, obj: Model) -> str:
        """Name the page."""
        return _("History: %(record)s") % {"record": obj}

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, **kwargs: Any) -> None:
        """Set what each record changed."""
        tell_changes(self.model, historical_records)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the history of the record, then that of what belongs to it."""
        owner = self.get_object(request, object_id)
        if owner is not None and not self.has_view_or_change_permission(request, owner):
            raise PermissionDenied
        parts = records_of_parts(owner, self.history_parts, self.history_link) if owner else []
        return super().history_view(request, object_id, {"parts": parts, **(extra_context or {})})


class PartMixin(FormsMixin, InlineModelAdmin):
    """What inlines share: the day of the request, and no empty rows."""

    form = TrackedForm
    extra = 0
    formfield_overrides = FIELDS_OF_FORMS
    view_on_site = False

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
