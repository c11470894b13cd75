"""What became of it: pages and inlines of developments, reviews, indicators, series, targets and observations."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracker.access import reader_of
from tracker.admin.base import PlainPart, StackedPart, TrackedAdmin, address_of_proposal, in_languages, user_of
from tracker.admin.forms import DevelopmentForm, ObservationForm, ReviewForm, TargetForm
from tracker.admin.reach import KeeperMixin
from tracker.models import (
    Bearing,
    Development,
    Indicator,
    Observation,
    Review,
    Series,
    Target,
)


class BearingInline(PlainPart):
    """Developments that bear on the proposal."""

    model = Bearing
    autocomplete_fields = ("development",)
    ordering = ("-development__happened_on",)


class BearsOnInline(PlainPart):
    """Proposals that the development bears on."""

    model = Bearing
    verbose_name = _("proposal it bears on")
    verbose_name_plural = _("proposals it bears on")
    autocomplete_fields = ("proposal",)


class ReviewInline(StackedPart):
    """Somebody looked and found nothing new."""

    model = Review
    form = ReviewForm
    classes = ("collapse",)
    autocomplete_fields = ("source",)
    readonly_fields = ("reviewer",)
    fieldsets = ((None, {"fields": (("reviewed_on", "reviewer", "visibility"), in_languages("note"), "source")}),)


@admin.register(Development)
class DevelopmentAdmin(KeeperMixin, TrackedAdmin):
    """Dated, sourced facts. Mistakes are mended here; what changed since is a further development."""

    form = DevelopmentForm
    view_on_site = False
    list_display = ("summary", "happened_on", "precision", "gate", "account_side", "is_occurrence", "visibility")
    list_filter = (
        "bearings__bears",
        "visibility",
        "is_occurrence",
        "account_side",
        ("gate", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("gate",)
    date_hierarchy = "happened_on"
    search_fields = (
        "search_text",
        "gate__search_text",
        "bearings__proposal__search_text",
    )
    search_meets_many = True
    autocomplete_fields = ("gate", "sources", "held_by")
    inlines = (BearsOnInline,)
    history_parts = (Bearing,)
    history_link = "development"
    fieldsets = (
        (
            _("What happened"),
            {"fields": (("happened_on", "precision", "is_occurrence"), in_languages("summary"), "gate")},
        ),
        (_("What it rests on"), {"fields": ("sources", ("visibility", "held_by"))}),
        (
            _("Where the two sides may differ"),
            {
                "fields": (("account_side", "account_status"),),
                "description": _("Only where the source is the account of one side: give both or neither."),
            },
        ),
        (_("Caveat"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Look through the titles of proposals for those only who see them all: a find would tell of a draft."""
        fields = super().get_search_fields(request)
        return fields if reader_of(request).is_editor else [name for name in fields if "proposal" not in name]


@admin.register(Review)
class ReviewAdmin(TrackedAdmin):
    """Somebody looked and found nothing new; signed by whoever records it."""

    form = ReviewForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("proposal", "reviewed_on", "reviewer", "note", "visibility")
    list_filter = ("visibility", ("reviewer", admin.RelatedOnlyFieldListFilter), "proposal__theme")
    list_select_related = ("proposal", "reviewer")
    date_hierarchy = "reviewed_on"
    search_fields = ("proposal__search_text", "note_en", "note_vi", "note_zh_hans", "reviewer__username")
    autocomplete_fields = ("proposal", "source")
    readonly_fields = ("reviewer",)
    fieldsets = ((None, {"fields": ("proposal", *ReviewInline.fieldsets[0][1]["fields"])}),)

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        """Sign a new review."""
        if not change:
            obj.reviewer = user_of(request)
        super().save_model(request, obj, form, change)


class TargetInline(StackedPart):
    """Values set for the indicator. A restatement is a further row."""

    model = Target
    form = TargetForm
    autocomplete_fields = ("source", "set_by", "baseline")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("value", "when", "stated_on"),
                    ("set_by", "baseline"),
                    ("source", "paragraph"),
                    in_languages("note"),
                )
            },
        ),
    )


@admin.register(Indicator)
class IndicatorAdmin(TrackedAdmin):
    """Quantities that show how far proposals are."""

    list_display = ("name", "unit", "measure", "proposal")
    list_filter = ("measure", "proposal__theme")
    list_select_related = ("proposal",)
    search_fields = ("search_text", "slug", "proposal__search_text")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("proposal",)
    inlines = (TargetInline,)
    history_parts = (Target,)
    history_link = "indicator"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    in_languages("name"),
                    "slug",
                    "proposal",
                    in_languages("unit"),
                    "measure",
                    in_languages("definition"),
                )
            },
        ),
    )


@admin.register(Target)
class TargetAdmin(TrackedAdmin):
    """Values set for indicators."""

    form = TargetForm
    list_display = ("indicator", "value", "when", "stated_on", "source")
    list_filter = (("indicator", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("indicator", "source")
    date_hierarchy = "stated_on"
    search_fields = ("indicator__search_text", "indicator__proposal__search_text")
    autocomplete_fields = ("indicator", "source", "set_by", "baseline")
    fieldsets = ((None, {"fields": ("indicator", *TargetInline.fieldsets[0][1]["fields"])}),)

    @admin.display(description=_("when"), ordering="last_day")
    def when(self, target: Target) -> str:
        """Write the deadline no finer than it is known."""
        return str(target.interval or "–")


@admin.register(Series)
class SeriesAdmin(TrackedAdmin):
    """Figures of one indicator by one compiler."""

    list_display = ("name", "indicator", "compiler", "unit")
    list_filter = (("indicator", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("indicator",)
    search_fields = ("search_text", "slug", "indicator__search_text")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("indicator",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    in_languages("name"),
                    "slug",
                    "indicator",
                    in_languages("compiler"),
                    in_languages("unit"),
                    in_languages("note"),
                )
            },
        ),
    )


@admin.register(Observation)
class ObservationAdmin(TrackedAdmin):
    """Figures as published. A revised figure is a further observation with the next vintage."""

    form = ObservationForm
    list_display = ("series", "period_start", "period_end", "value", "qualifier", "vintage", "published_on", "source")
    list_filter = ("qualifier", "vintage", ("series", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("series", "source")
    date_hierarchy = "period_end"
    search_fields = ("series__search_text", "series__indicator__search_text", "source__search_text")
    autocomplete_fields = ("series", "source")
    fieldsets = (
        (
            _("The figure"),
            {
                "fields": ("series", ("period_start", "period_end", "basis"), ("value", "qualifier", "vintage")),
                "description": _(
                    "As published, never overwritten: a revised figure is a further observation of the same period "
                    "with the next vintage. A part of a year is given as that part."
                ),
            },
        ),
        (_("What it rests on"), {"fields": (("source", "published_on"), in_languages("note"))}),
    )
