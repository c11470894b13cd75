"""Page of border gates."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.admin.base import in_languages
from tracker.admin.pathways import GateStepsForm, LaysOutMixin
from tracker.models import BorderGate


@admin.register(BorderGate)
class BorderGateAdmin(LaysOutMixin):
    """Pairs of crossings that face each other."""

    form = GateStepsForm
    lay_out_fields = ("lay_out", "lay_out_for")
    list_display = ("name", "vietnam_side", "china_side", "gate_class", "position_basis")
    list_filter = ("gate_class", "position_basis", ("vietnam_side", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("vietnam_side", "china_side")
    search_fields = ("search_text", "slug", "vietnam_side__search_text", "china_side__search_text")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("vietnam_side", "china_side", "source")
    fieldsets = (
        (_("What it is"), {"fields": (in_languages("name"), "slug", "gate_class", ("vietnam_side", "china_side"))}),
        (_("Where it lies"), {"fields": (("latitude", "longitude", "position_basis"), "source")}),
        (_("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )
