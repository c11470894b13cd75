"""The page of a proposal, where most of the work is done, and that of themes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.access import reader_of
from tracker.admin.base import (
    PlainPart,
    TrackedAdmin,
    in_languages,
    stamp_new,
    status_badge,
    today_of,
    user_of,
)
from tracker.admin.bulk import BulkMixin
from tracker.admin.entry_help import tell_remarks
from tracker.admin.merge_pages import MergeMixin
from tracker.admin.notes import NoteInline
from tracker.admin.pathways import LaysOutMixin, MilestoneInline
from tracker.admin.progress import BearingInline, ReviewInline
from tracker.admin.scale import NewStatusChangesFormSet, rules_of_the_scale
from tracker.admin.stages import OwnPartFormSet, StagesMixin
from tracker.admin.statements import (
    AddedStatements,
    AddedStatusChanges,
    DeadlineInline,
    ShownStatements,
    ShownStatusChanges,
)
from tracker.choices import Precision, Status
from tracker.dates import shorten
from tracker.entry.recording import record_or_propose, waits_for_second_person
from tracker.models import (
    Bearing,
    Deadline,
    Involvement,
    Milestone,
    Note,
    Proposal,
    ProposedChange,
    Review,
    Statement,
    StatusChange,
    Theme,
)


@admin.register(Theme)
class ThemeAdmin(TrackedAdmin):
    """Fields of cooperation."""

    list_display = ("name", "slug", "position")
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("name_en",)}
    fieldsets = ((None, {"fields": (in_languages("name"), ("slug", "position"), in_languages("description"))}),)


class InvolvementInline(PlainPart):
    """What organizations have to do with the proposal."""

    model = Involvement
    formset = OwnPartFormSet
    autocomplete_fields = ("organization",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type:
        """Tell the rows who fills them in."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.reader = reader_of(request)
        formset.is_of_new = obj is None and request.method == "GET"
        formset.is_only_shown = obj is not None and not self.has_change_permission(request, obj)
        return formset


@admin.register(Proposal)
class ProposalAdmin(BulkMixin, MergeMixin, StagesMixin, LaysOutMixin):
    """One verifiable thing on one page: what it is, how it is judged, what was said, how far it is."""

    lay_out_fields = ("lay_out", "lay_out_at")
    list_display = ("title", "badge", "theme", "nature", "first_deadline", "publication")
    list_filter = ("status", "publication", "nature", "theme", "organizations__side")
    list_select_related = ("theme",)
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("title_en",)}
    autocomplete_fields = ("theme", "occurrences_of", "successor", "related", "gates")
    readonly_fields = ("status_and_scale",)
    fieldsets = (
        (
            gettext_lazy("What it is"),
            {"fields": (in_languages("title"), "slug", ("theme", "nature", "publication"), "status_and_scale")},
        ),
        (
            gettext_lazy("How it is judged"),
            {"fields": (in_languages("completion_test"), ("expected_interval_months", "occurrences_of"))},
        ),
        (gettext_lazy("Connections"), {"fields": ("gates", "related", "successor")}),
        (gettext_lazy("Note"), {"fields": (in_languages("note"),), "classes": ("collapse",)}),
    )
    inlines = (
        ShownStatusChanges,
        AddedStatusChanges,
        ShownStatements,
        AddedStatements,
        DeadlineInline,
        InvolvementInline,
        BearingInline,
        MilestoneInline,
        ReviewInline,
        NoteInline,
    )
    history_parts = (Involvement, Deadline, Statement, StatusChange, Milestone, Bearing, Review, Note)
    history_link = "proposal"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along the deadline that lateness is judged by: the first that has a date."""
        dated = Deadline.objects.filter(proposal=OuterRef("pk"), last_day__isnull=False)
        first = dated.exclude(precision=Precision.NONE).order_by("stated_on", "id")
        return (
            super()
            .get_queryset(request)
            .annotate(
                deadline_day=Subquery(first.values("last_day")[:1]),
                deadline_precision=Subquery(first.values("precision")[:1]),
            )
        )

    def get_inlines(self, request: HttpRequest, obj: Proposal | None) -> tuple:
        """Show what exists only where something can."""
        return tuple(part for part in self.inlines if obj or part not in (ShownStatusChanges, ShownStatements))

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def badge(self, proposal: Proposal) -> SafeString:
        """Draw the status."""
        return status_badge(proposal.status)

    @admin.display(description=gettext_lazy("first deadline"), ordering="deadline_day")
    def first_deadline(self, proposal: Any) -> str:
        """Write the last day of the deadline, no finer than it is known."""
        return shorten(proposal.deadline_day, proposal.deadline_precision) if proposal.deadline_day else "–"

    @admin.display(description=gettext_lazy("status"))
    def status_and_scale(self, proposal: Proposal) -> SafeString:
        """Show the present status with its rule, and the whole scale to open."""
        known = proposal.pk is not None and proposal.status_changes.exists()
        present = (
            format_html("{}<div>{}</div>", status_badge(proposal.status), Status(proposal.status).rule)
            if known
            else _("None yet: add the first step below.")
        )
        return format_html(
            "{}<details><summary>{}</summary>{}</details>",
            present,
            _("When each status may be set"),
            rules_of_the_scale(),
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save all but status and stage, which have writers of their own; or leave it as a proposed change."""
        if form.is_proposing:
            self.propose(request, obj, form)
            return
        if change:
            obj.refresh_from_db(fields=["status", "publication"])  # the history repeats the whole row
        else:
            obj.publication = form.stage
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Record changes of status through the only writer of status; sign reviews."""
        if formset.model is StatusChange:
            formset.save(commit=False)
            if isinstance(formset, NewStatusChangesFormSet):
                for filled in formset.in_order():
                    made = record_or_propose(filled.instance, today=today_of(request), by=user_of(request))
                    if isinstance(made, ProposedChange):
                        self.message_user(request, waits_for_second_person(), messages.WARNING)
            return
        if formset.model is Review:
            stamp_new(formset, reviewer=user_of(request))
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the parts, then take the step on its way that was asked for."""
        if form.is_proposing:
            return
        super().save_related(request, form, formsets, change)
        self.take_step_asked(request, form)
        if not form.instance.status_changes.exists():
            self.message_user(
                request, _("Without a first change of status the proposal appears on no day."), messages.WARNING
            )
        if set(form.changed_data) - {"change_reason"} or any(formset.has_changed() for formset in formsets):
            tell_remarks(request, form.instance)
