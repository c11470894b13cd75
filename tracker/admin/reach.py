"""Holds what was saved against the rules: a contributor's form can name records that are out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.options import BaseModelAdmin, ModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tracker.access import may, reader_of, visible
from tracker.staff_scales import Action


class KeeperMixin(BaseModelAdmin):
    """Lets a contributor restrict a record to the own organization only: kept by another, it would be out of sight."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take as the keeper what the reader may name, and say which that is."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        reader = reader_of(request)
        if db_field.name == "held_by" and not reader.is_editor:
            field.queryset = field.queryset.filter(pk__in=reader.organizations)
            field.error_messages["invalid_choice"] = _(
                "Contributors keep what is restricted with their own organization, or with what belongs to it."
            )
        return field


class ReachMixin(ModelAdmin):
    """A page on which nothing is saved beyond, and nothing shown of, what its reader may reach."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Give the record; of many others that it is connected with, those that the reader may see.

        Those out of sight stay connected when the record is saved: the form compares with what is in sight only.
        """
        record = super().get_object(request, object_id, from_field)
        reader = reader_of(request)
        if record is not None and not reader.is_editor:
            seen = {one.name: visible(reader, getattr(record, one.name).all()) for one in record._meta.many_to_many}
            record._prefetched_objects_cache = getattr(record, "_prefetched_objects_cache", {}) | seen
        return record

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the parts, then look whether the reader may have written what now stands."""
        super().save_related(request, form, formsets, change)
        written = [row for formset in formsets for row in formset.new_objects]
        self.hold_to_reach(request, form.instance, Action.CHANGE if change else Action.ADD, written)

    def hold_to_reach(self, request: HttpRequest, record: Model, action: Action, rows: Sequence[Model] = ()) -> None:
        """Look whether the reader may have written the record as it now stands, and the rows added to it.

        Raises:
            ValidationError: if not; whoever saved them then rolls back.
        """
        reader = reader_of(request)
        if reader.is_editor:
            return
        if not may(reader, action, record) or not all(may(reader, Action.ADD, row) for row in rows):
            raise ValidationError(self.out_of_reach(record))

    def out_of_reach(self, record: Model) -> str:
        """Say why nothing was saved."""
        return _(
            "Nothing was saved: contributors write drafts in which their own organization is proposer, addressee, lead "
            "or partner. To what is published propose a change; an editor publishes."
        )
