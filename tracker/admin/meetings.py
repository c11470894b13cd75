"""Pages of meeting series, meetings and sources."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.admin.base import TrackedAdmin, in_languages
from tracker.admin.forms import MeetingForm, SourceForm
from tracker.admin.statements import SaidAtMeeting
from tracker.models import Meeting, MeetingSeries, Source


@admin.register(MeetingSeries)
class MeetingSeriesAdmin(TrackedAdmin):
    """Meetings of one kind, one after another."""

    list_display = ("name", "counterpart", "interval_months")
    list_filter = ("counterpart__side",)
    list_select_related = ("counterpart",)
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("counterpart",)
    fieldsets = (
        (None, {"fields": (in_languages("name"), "slug", ("counterpart", "interval_months"))}),
        (_("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )


@admin.register(Meeting)
class MeetingAdmin(TrackedAdmin):
    """Meetings, with their number in the series."""

    form = MeetingForm
    list_display = ("name", "series", "number", "held", "state", "basis", "publication")
    list_filter = ("state", "publication", "basis", "series")
    list_select_related = ("series",)
    date_hierarchy = "last_day"
    search_fields = ("search_text", "slug", "series__search_text")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("series", "organizations", "sources")
    inlines = (SaidAtMeeting,)
    fieldsets = (
        (_("What it is"), {"fields": (in_languages("name"), "slug", ("series", "number"), ("state", "publication"))}),
        (_("When and where"), {"fields": (("when", "basis"), in_languages("date_note"), in_languages("place"))}),
        (_("Who, and what it rests on"), {"fields": ("organizations", "sources")}),
        (_("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )

    @admin.display(description=_("when"), ordering="last_day")
    def held(self, meeting: Meeting) -> str:
        """Write the date no finer than it is known."""
        return str(meeting.interval or "–")


@admin.register(Source)
class SourceAdmin(TrackedAdmin):
    """Published documents: what everything rests on."""

    form = SourceForm
    list_display = ("title_or_slug", "publisher", "published_as_known", "language", "grade", "document")
    list_filter = ("grade", "language", ("document", admin.EmptyFieldListFilter))
    date_hierarchy = "published_on"
    search_fields = ("search_text", "slug", "url")
    prepopulated_fields = {"slug": ("publisher", "title")}
    fieldsets = (
        (_("What it is"), {"fields": ("title", ("publisher", "language"), "slug", ("published_on", "precision"))}),
        (_("Where it is"), {"fields": ("url", "grade", "document")}),
        (_("Note"), {"fields": (in_languages("note"),)}),
    )

    @admin.display(description=_("title"), ordering="title")
    def title_or_slug(self, source: Source) -> str:
        """Name the source also where no copy shows a title."""
        return source.title or source.slug

    @admin.display(description=_("published"), ordering="published_on")
    def published_as_known(self, source: Source) -> str:
        """Write the date no finer than it is known."""
        return source.published or "–"
