"""Pathways and milestones: the templates with their steps, the steps of a case, and laying a template out for one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import F, ForeignKey
from django.forms.models import BaseInlineFormSet, ModelChoiceIterator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.access import may, reader_of
from tracker.admin.base import StackedPart, TrackedAdmin, address_of_proposal, in_languages, user_of
from tracker.admin.forms import PeriodForm, ProposalForm, TrackedForm
from tracker.choices import GateClass, Precision
from tracker.gate_scale import Code
from tracker.models import BorderGate, Milestone, Pathway, PathwayStep, Proposal
from tracker.models.base import SUFFIXES
from tracker.staff_scales import Action

# The templates --------------------------------------------------------------------------------------------------------


class PathwayForm(TrackedForm):
    """A pathway; the one that rules read keeps the name that they know it by."""

    def clean(self) -> dict[str, Any]:
        """Keep the address of the gates' pathway."""
        cleaned = super().clean()
        if "slug" in self.changed_data and Pathway(slug=self.initial.get("slug", "")).rules_gates:
            self.add_error("slug", _("The states of the border gates are found by this pathway: it keeps this name."))
        return cleaned


class PathwayStepForm(TrackedForm):
    """A step of a pathway; one that rules turn on keeps its code."""

    def clean_code(self) -> str:
        """Keep the code that a rule turns on."""
        if not self.instance._state.adding and "code" in self.changed_data:
            PathwayStep(pathway=self.instance.pathway, code=self.initial["code"]).refuse_to_lose()
        return self.cleaned_data["code"]

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the places to the whole set of steps, since two steps may change theirs with each other."""
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc]


class PathwayStepFormSet(BaseInlineFormSet):
    """The steps of a pathway, held to one another."""

    def clean(self) -> None:
        """Refuse two steps at one place, and to delete a step that rules turn on."""
        super().clean()
        taken: set[int] = set()
        for form in self.forms:
            if form in self.deleted_forms:
                form.instance.refuse_to_lose()
                continue
            position = getattr(form, "cleaned_data", {}).get("position")
            if position in taken:
                form.add_error("position", _("Another step of the pathway has this position."))
            elif position is not None:
                taken.add(position)

    def save(self, commit: bool = True) -> Any:
        """Save the steps; those that move leave their places first, so that two can change places."""
        moving = [
            form.instance.pk
            for form in self.initial_forms
            if form in self.deleted_forms or "position" in form.changed_data
        ]
        PathwayStep.objects.filter(pk__in=moving).update(position=F("position") + PathwayStep.LAST_POSITION + 1)
        return super().save(commit)


class PathwayStepInline(StackedPart):
    """The steps, in their order."""

    model = PathwayStep
    form = PathwayStepForm
    formset = PathwayStepFormSet
    ordering = ("position",)
    fieldsets = ((None, {"fields": (("position", "code"), in_languages("name"), in_languages("reached_when"))}),)


@admin.register(Pathway)
class PathwayAdmin(TrackedAdmin):
    """Templates of steps, to be laid out on the pages of proposals and border gates."""

    form = PathwayForm
    view_on_site = False
    list_display = ("name", "slug", "description")
    search_fields = ("search_text", "slug")
    prepopulated_fields = {"slug": ("name_en",)}
    inlines = (PathwayStepInline,)
    history_parts = (PathwayStep,)
    history_link = "pathway"
    fieldsets = ((None, {"fields": (in_languages("name"), "slug", in_languages("description"))}),)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Keep the pathway that rules read."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        ruling = [
            _("%(pathway)s: the states of the border gates are found by it") % {"pathway": one}
            for one in objs
            if one.rules_gates
        ]
        return deleted, counts, lacking, [*protected, *ruling]


# The steps of a case --------------------------------------------------------------------------------------------------


class StepsByPathway(ModelChoiceIterator):
    """The steps to choose from, grouped by pathway; read once for all forms of a page."""

    field: StepField

    def __iter__(self) -> Iterator[Any]:
        known = self.field.known
        if not known:
            steps = self.queryset.select_related("pathway").order_by("pathway__slug", "position")
            known += [
                (pathway.name, [self.choice(step) for step in group])
                for pathway, group in groupby(steps, key=lambda step: step.pathway)
            ]
        yield "", self.field.empty_label
        yield from known


class StepField(forms.ModelChoiceField):
    """A step of any pathway."""

    iterator = StepsByPathway

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.known: list[tuple[str, list]] = []
        super().__init__(*args, **kwargs)


class StepsMixin(BaseModelAdmin):
    """Offers the steps of the pathways by pathway."""

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Group the steps."""
        if db_field.name == "step":
            kwargs["form_class"] = StepField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MilestoneInline(StepsMixin, StackedPart):
    """Steps on the way."""

    model = Milestone
    form = PeriodForm
    classes = ("collapse",)
    autocomplete_fields = ("gate", "source")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    in_languages("name"),
                    ("position", "step", "gate"),
                    ("when", "source"),
                    in_languages("note"),
                )
            },
        ),
    )


@admin.register(Milestone)
class MilestoneAdmin(StepsMixin, TrackedAdmin):
    """Steps on the way, with the day they were reached."""

    form = PeriodForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("name", "step", "proposal", "position", "reached", "gate", "source")
    list_filter = (
        ("last_day", admin.EmptyFieldListFilter),
        ("step__pathway", admin.RelatedOnlyFieldListFilter),
        ("gate", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("proposal", "gate", "source", "step")
    date_hierarchy = "last_day"
    search_fields = ("proposal__search_text", "gate__search_text", "name_en", "name_vi", "name_zh_hans")
    autocomplete_fields = ("proposal", "gate", "source")
    fieldsets = ((None, {"fields": ("proposal", *MilestoneInline.fieldsets[0][1]["fields"])}),)

    @admin.display(description=gettext_lazy("reached"), ordering="last_day")
    def reached(self, milestone: Milestone) -> str:
        """Write the period no finer than it is known."""
        return str(milestone.interval or "–")


# Laying out -----------------------------------------------------------------------------------------------------------


def lay_out(pathway: Pathway, proposal: Proposal, gate: BorderGate | None, *, by: Any) -> int:
    """Add the steps of a pathway that a proposal lacks, at the gate or away from gates; give how many they were.

    A gate whose class says that it is open gets no opening still to come: it would count as not opened.
    """
    there = Milestone.objects.filter(proposal=proposal, gate=gate, step__pathway=pathway).values("step")
    missing = pathway.steps.exclude(pk__in=there)
    if pathway.rules_gates and gate is not None and gate.gate_class != GateClass.AUXILIARY:
        missing = missing.exclude(code=Code.OPENED)
    for step in (steps := list(missing)):
        names = {f"name_{suffix}": getattr(step, f"name_{suffix}") for suffix in SUFFIXES}
        milestone = Milestone(
            proposal=proposal, gate=gate, step=step, position=step.position, precision=Precision.NONE, **names
        )
        milestone._history_user = by  # type: ignore[attr-defined]
        milestone.save()
    return len(steps)


class LayOutForm(TrackedForm):
    """A form that also lays out the steps of a pathway."""

    lay_out: forms.ModelChoiceField = forms.ModelChoiceField(
        Pathway.objects.all(),
        required=False,
        label=gettext_lazy("Lay out the steps of"),
        help_text=gettext_lazy(
            "On saving, the steps that are missing are added as milestones without dates. Those that are there stay "
            "as they are. A border gate that is open by its class gets no step of opening."
        ),
    )


class ProposalStepsForm(ProposalForm, LayOutForm):
    """A proposal, with a pathway to lay out."""

    lay_out_at: forms.ModelChoiceField = forms.ModelChoiceField(
        BorderGate.objects.all(),
        required=False,
        label=gettext_lazy("At the border gate"),
        help_text=gettext_lazy("One of the proposal's; empty for steps away from the gates."),
    )

    def clean(self) -> dict[str, Any]:
        """Tie the steps of the gates' pathway to a gate, and only to one that the proposal is about."""
        cleaned = super().clean()
        pathway, gate, gates = cleaned.get("lay_out"), cleaned.get("lay_out_at"), list(cleaned.get("gates") or ())
        if pathway and gate is None and pathway.rules_gates:
            if len(gates) == 1:
                cleaned["lay_out_at"] = gates[0]
            else:
                self.add_error("lay_out_at", _("These are the steps of one border gate of the proposal: say which."))
        elif gate is not None and gate not in gates:
            self.add_error("lay_out_at", _("The proposal is not about this border gate: add it to its gates first."))
        return cleaned


class GateStepsForm(LayOutForm):
    """A border gate, with a pathway to lay out for one of the proposals about it."""

    lay_out_for: forms.ModelChoiceField = forms.ModelChoiceField(
        Proposal.objects.none(),
        required=False,
        label=gettext_lazy("For the proposal"),
        help_text=gettext_lazy("One of those about this border gate."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "lay_out_for" in self.fields:
            self.fields["lay_out_for"].queryset = Proposal.objects.filter(gates=self.instance)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say which proposal the steps are for."""
        cleaned = super().clean()
        if cleaned.get("lay_out") and not cleaned.get("lay_out_for") and not self.has_error("lay_out_for"):
            about = list(self.fields["lay_out_for"].queryset[:2])  # type: ignore[attr-defined]
            if len(about) == 1:
                cleaned["lay_out_for"] = about[0]
            elif about:
                self.add_error("lay_out_for", _("Several proposals are about this border gate: say which one."))
            else:
                self.add_error("lay_out", _("Steps belong to a proposal, and none is about this border gate yet."))
        return cleaned


class LaysOutMixin(TrackedAdmin):
    """A page on which the steps of a pathway are laid out; for those who may add milestones."""

    lay_out_fields: tuple[str, ...] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer it only to those who may."""
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        if _may_lay_out(request, obj):
            part = {"fields": (self.lay_out_fields,)}
            fieldsets.append((_("Steps of a pathway"), part))
        return fieldsets

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Lay out the steps when all else is saved."""
        super().save_related(request, form, formsets, change)
        pathway = form.cleaned_data.get("lay_out")
        if pathway is None:
            return
        proposal = form.cleaned_data.get("lay_out_for") or form.instance
        if not _may_lay_out(request, proposal):
            raise PermissionDenied
        gate = form.cleaned_data.get("lay_out_at") if isinstance(form.instance, Proposal) else form.instance
        added = lay_out(pathway, proposal, gate, by=user_of(request))
        message = ngettext(
            "%(count)d step of the pathway “%(pathway)s” was added.",
            "%(count)d steps of the pathway “%(pathway)s” were added.",
            added,
        )
        self.message_user(request, message % {"count": added, "pathway": pathway}, messages.SUCCESS)


def _may_lay_out(request: HttpRequest, record: Any) -> bool:
    reader = reader_of(request)
    return may(reader, Action.ADD, Milestone) and (record is None or may(reader, Action.CHANGE, record))
