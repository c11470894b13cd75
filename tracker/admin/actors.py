"""Pages of those who speak and are spoken to."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.admin.base import StackedPart, TrackedAdmin, in_languages
from tracker.models import Organization, Person, Post


@admin.register(Organization)
class OrganizationAdmin(TrackedAdmin):
    """States, ministries, provinces, Party committees, missions and joint bodies."""

    list_display = ("name", "short_name", "side", "kind", "parent", "successor", "succeeded_on")
    list_filter = ("side", "kind", ("successor", admin.EmptyFieldListFilter))
    list_select_related = ("parent", "successor")
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("short_name_en",)}
    autocomplete_fields = ("parent", "successor", "succession_source")
    fieldsets = (
        (
            _("What it is"),
            {"fields": (in_languages("name"), in_languages("short_name"), "slug", ("side", "kind"), "parent")},
        ),
        (_("What took its place"), {"fields": (("successor", "succeeded_on"), "succession_source")}),
        (_("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )


class PostInline(StackedPart):
    """The posts that a person held."""

    model = Post
    autocomplete_fields = ("organization", "source")
    fieldsets = ((None, {"fields": (in_languages("title"), "organization", ("since", "until", "source"))}),)
    show_change_link = True


@admin.register(Person)
class PersonAdmin(TrackedAdmin):
    """Those who spoke."""

    list_display = ("name", "slug")
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("name_en",)}
    fieldsets = (
        (None, {"fields": (in_languages("name"), "slug")}),
        (_("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )
    inlines = (PostInline,)
    history_parts = (Post,)
    history_link = "person"


@admin.register(Post)
class PostAdmin(TrackedAdmin):
    """Posts: what is pledged from a post stays with the post."""

    list_display = ("person", "title", "organization", "since", "until")
    list_filter = ("organization__side",)
    list_select_related = ("person", "organization")
    search_fields = (
        "person__search_text",
        "organization__search_text",
        "title_en",
        "title_vi",
        "title_zh_hans",
    )
    autocomplete_fields = ("person", "organization", "source")
    fieldsets = (
        (None, {"fields": (("person", "organization"), in_languages("title"))}),
        (_("When it was held"), {"fields": (("since", "until"), "source")}),
    )
