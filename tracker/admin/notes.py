"""Notes on proposals: for everybody, for the staff, or for one organization and the editors."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tracker.access import may, reader_of
from tracker.admin.base import StackedPart, TrackedAdmin, address_of_proposal, in_languages, user_of
from tracker.admin.forms import TrackedForm
from tracker.admin.reach import KeeperMixin
from tracker.choices import Visibility
from tracker.models import Note
from tracker.staff_scales import Action

_FIELDS = (("written_on", "author"), in_languages("text"), ("visibility", "held_by"))


class NoteForm(TrackedForm):
    """A note, signed by whoever writes it."""

    past_only = {"written_on": None}
    request: ClassVar[HttpRequest]  # set by the admin, once per request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.setdefault("written_on", self.today)

    def clean(self) -> dict[str, Any]:
        """Say who publishes what is for everybody."""
        cleaned = super().clean()
        visibility = cleaned.get("visibility")
        proposal = cleaned.get("proposal") or getattr(self.instance, "proposal", None)
        if visibility == Visibility.PUBLIC and proposal is not None and "visibility" in self.changed_data:
            reader = reader_of(self.request)
            if not may(reader, Action.ADD, Note(proposal=proposal, visibility=Visibility.PUBLIC)):
                self.add_error("visibility", _("Only editors make a note on a published proposal public."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.instance._state.adding and self.instance.author_id is None:
            self.instance.author = user_of(self.request)


class NoteInline(KeeperMixin, StackedPart):
    """Notes on the proposal that the reader may read."""

    model = Note
    form = NoteForm
    classes = ("collapse",)
    autocomplete_fields = ("held_by",)
    readonly_fields = ("author",)
    fieldsets = ((None, {"fields": _FIELDS}),)

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type:
        """Tell the rows who fills them in."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.request = request
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along who wrote them."""
        return super().get_queryset(request).select_related("author")


@admin.register(Note)
class NoteAdmin(KeeperMixin, TrackedAdmin):
    """Notes on proposals; each is written on its proposal's page, found and mended here."""

    form = NoteForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("text", "proposal", "written_on", "visibility", "held_by", "author")
    list_filter = ("visibility", ("author", admin.RelatedOnlyFieldListFilter), "proposal__theme")
    list_select_related = ("proposal", "held_by", "author")
    date_hierarchy = "written_on"
    search_fields = ("proposal__search_text", "text_en", "text_vi", "text_zh_hans", "author__username")
    autocomplete_fields = ("proposal", "held_by")
    readonly_fields = ("author",)
    fieldsets = ((None, {"fields": ("proposal", *_FIELDS)}),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form who fills it in."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        return form
