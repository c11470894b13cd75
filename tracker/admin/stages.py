"""A proposal's stages on its page: drafts submitted, returned, published, and changes proposed to what is published."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import workflow
from tracker.access import Reader, may, reader_of, visible
from tracker.admin.base import TrackedAdmin, user_of
from tracker.admin.entry_help import help_for
from tracker.admin.pathways import ProposalStepsForm
from tracker.choices import Publication
from tracker.models import Organization, Proposal, ProposedChange, ReviewStep
from tracker.staff_scales import Action, ChangeKind, ChangeState, ReviewAction

# The buttons that save the page and take a step at once
BUTTONS = {
    "_submit": ReviewAction.SUBMITTED,
    "_return": ReviewAction.RETURNED,
    "_publish": ReviewAction.PUBLISHED,
    "_unpublish": ReviewAction.UNPUBLISHED,
}
_DONE = {
    ReviewAction.SUBMITTED: gettext_lazy("“%(proposal)s” waits for an editor."),
    ReviewAction.WITHDRAWN: gettext_lazy("“%(proposal)s” is a draft again."),
    ReviewAction.RETURNED: gettext_lazy("“%(proposal)s” went back to its authors with your comment."),
    ReviewAction.PUBLISHED: gettext_lazy("“%(proposal)s” is published."),
    ReviewAction.UNPUBLISHED: gettext_lazy("“%(proposal)s” is a draft again; viewers no longer see it."),
}


def proposes(request: HttpRequest, proposal: Any) -> bool:
    """Tell whether what is entered on the page of the proposal becomes a proposed change. Asked once per request."""
    reader = reader_of(request)
    if reader.is_editor or proposal is None or proposal.publication != Publication.PUBLISHED:
        return False
    known = vars(request).setdefault("tracker_proposes", {})
    if proposal.pk not in known:
        known[proposal.pk] = may(reader, Action.PROPOSE, proposal)
    return known[proposal.pk]


def tell_step(request: HttpRequest, step: ReviewStep) -> None:
    """Say what was done."""
    message = str(_DONE[ReviewAction(step.action)]) % {"proposal": step.proposal}
    messages.success(request, message)


class StagesForm(ProposalStepsForm):
    """A proposal with one field for words on what is done: the reason of a change, the comment on a step.

    It takes the place of the reason that every page of the workplace asks for, and goes into the history like it.
    """

    change_reason: forms.CharField = forms.CharField(
        required=False, widget=AdminTextareaWidget(attrs={"rows": 2, "cols": 40})
    )
    is_proposing: ClassVar[bool] = False
    returned: ClassVar[ProposedChange | None] = None  # the own change that came back and is entered anew

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage = Publication(self.instance.publication)
        self.step: ReviewAction | None = None
        words = self.fields["change_reason"]
        words.label, words.help_text = self._words_for_reason()
        if self.returned is not None:
            edits = self.returned.payload.items()
            again = {name: after for name, (_before, after) in edits if name in self.fields}
            self.initial.update({**again, "change_reason": self.returned.reason})

    def _words_for_reason(self) -> tuple[str, str]:
        if self.is_proposing:
            return _("Why"), _("What makes the change right; the editor who decides reads it.")
        if self.stage == Publication.PUBLISHED:
            return _("Reason for this change"), _("It stands in the history. Needed to make it a draft again.")
        if self.stage == Publication.IN_REVIEW:
            return _("Reason or comment"), _("Needed when the draft is returned: what its authors are to mend.")
        return _("Reason or comment"), _("Optional: it stands in the history, and the editors read it.")

    def clean(self) -> dict[str, Any]:
        """Find out which step is asked for, and ask for the words that it needs."""
        cleaned = super().clean()
        if self.is_proposing:
            self._check_proposing(cleaned)
            return cleaned
        self.step = self._step_asked(cleaned)
        if self.step and "publication" in self.fields:
            cleaned["publication"] = workflow.end_of(self.step)
        if missing := workflow.words_missing(self.step, cleaned.get("change_reason")):
            self.add_error("change_reason", missing)
        return cleaned

    def _step_asked(self, cleaned: dict[str, Any]) -> ReviewAction | None:
        for button, asked in BUTTONS.items():
            if button in self.data:
                return asked
        wanted = Publication(cleaned.get("publication") or self.stage)
        if wanted == self.stage:
            return None
        step = workflow.step_between(self.stage, wanted)
        if step is None:
            self.add_error("publication", _("A published proposal is made a draft before it is reviewed again."))
        return step

    def _check_proposing(self, cleaned: dict[str, Any]) -> None:
        if not (cleaned.get("change_reason") or "").strip():
            self.add_error("change_reason", _("Say why the change is proposed."))
        if not set(self.changed_data) & set(workflow.EDITED) and self.returned is None:
            self.add_error(None, _("Nothing differs from what is on record, so nothing was proposed."))


class OwnPartFormSet(BaseInlineFormSet):
    """The organizations of a proposal; a contributor's own stays among them."""

    reader: ClassVar[Reader]
    is_only_shown: ClassVar[bool]
    is_of_new: ClassVar[bool]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # what is sent is not held against this: an unchanged row would count as empty and not be saved
        if self.is_of_new and not self.reader.is_editor and (own := self._own_organization()):
            self.extra, self.initial_extra = 1, [{"organization": own.pk}]

    def _own_organization(self) -> Organization | None:
        return Organization.objects.filter(accounts__user=self.reader.user_id).first()

    def clean(self) -> None:
        """Keep the proposal within what the contributor may write."""
        super().clean()
        if self.reader.is_editor or self.is_only_shown or any(self.errors):
            return
        if not self.reader.organizations:
            raise ValidationError(
                _("Your account has no organization, so it cannot write drafts: an administrator sets it.")
            )
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        named = {entry["organization"].pk for entry in kept if entry.get("organization")}
        if not named & self.reader.organizations:
            raise ValidationError(
                _("Name your own organization, %(organization)s, as proposer, addressee, lead or partner.")
                % {"organization": self._own_organization()}
            )


class StagesMixin(TrackedAdmin):
    """The page of a proposal at its stage: who may change it there, and what the buttons below it do."""

    form = StagesForm
    change_form_template = "admin/tracker_review_form.html"

    class Media:
        js = ("django_htmx/htmx-2.min.js",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Open the form also to whoever may only propose a change; saving it then proposes."""
        return super().has_change_permission(request, obj) or proposes(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form whether it proposes, and what came back earlier."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.is_proposing = proposes(request, obj)
        form.returned = self._returned(request, obj) if form.is_proposing else None
        return form

    def _returned(self, request: HttpRequest, proposal: Proposal) -> ProposedChange | None:
        key = request.GET.get("again", "")
        mine = workflow.own_changes(reader_of(request)).filter(proposal=proposal, kind=ChangeKind.EDIT)
        return mine.filter(state=ChangeState.RETURNED, pk=int(key)).first() if key.isdecimal() else None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the address of what is published, and the stage, from whoever only proposes."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "slug") if proposes(request, obj) else fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave an address alone that cannot be changed."""
        return {} if proposes(request, obj) else super().get_prepopulated_fields(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer the stage as a field to editors only."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if not reader_of(request).is_editor:
            fieldsets = [
                (name, {**part, "fields": _without(part["fields"], "publication")}) for name, part in fieldsets
            ]
        return fieldsets

    def propose(self, request: HttpRequest, proposal: Proposal, form: StagesForm) -> None:
        """Leave what was entered as a proposed change; in place of one that came back, if it is that again."""
        stored = Proposal.objects.get(pk=proposal.pk)
        before = workflow.values_of(stored, [name for name in workflow.EDITED if name in form.cleaned_data])
        after = {name: workflow.kept_value(name, form.cleaned_data[name]) for name in before}
        edits = {name: [before[name], after[name]] for name in before if after[name] != before[name]}
        user = user_of(request)
        workflow.propose(proposal, ChangeKind.EDIT, edits, by=user, reason=form.cleaned_data["change_reason"])
        if form.returned is not None:
            workflow.take_back_change(form.returned, by=user)

    def take_step_asked(self, request: HttpRequest, form: StagesForm) -> None:
        """Take the step that was asked for, when all else is saved."""
        if form.step is not None:
            comment = form.cleaned_data["change_reason"]
            tell_step(request, workflow.take(form.step, form.instance, by=user_of(request), comment=comment))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Tell what was saved; of a proposed change nothing was."""
        return [] if form.is_proposing else super().construct_change_message(request, form, formsets, add)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was saved."""
        return None if proposes(request, obj) else super().log_change(request, obj, message)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Lead whoever handed a draft in to where it waits."""
        return self._led_to_queue(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Lead whoever handed a draft in to where it waits."""
        return self._led_to_queue(request) or super().response_post_save_change(request, obj)

    def _led_to_queue(self, request: HttpRequest) -> HttpResponseRedirect | None:
        is_handed_in = "_submit" in request.POST and not reader_of(request).is_editor
        return HttpResponseRedirect(reverse("admin:review_queue")) if is_handed_in else None

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say that the change waits, and stay with the proposal."""
        if not proposes(request, obj):
            return super().response_change(request, obj)
        message = _("Your change of “%(proposal)s” waits for an editor; nothing has changed yet.")
        stored = Proposal.objects.get(pk=obj.pk)
        self.message_user(request, message % {"proposal": stored}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:tracker_proposal_change", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show where the proposal is on its way, and the steps that the reader may take."""
        proposal = kwargs.get("obj")
        reader = reader_of(request)
        is_proposing = proposes(request, proposal)
        stored = Proposal.objects.get(pk=proposal.pk) if proposal is not None else Proposal()
        context["review"] = {
            "proposal": proposal,
            "is_proposing": is_proposing,
            "can_change": proposal is None or may(reader, Action.CHANGE, stored),
            "stage": Publication(stored.publication),
            "steps": _steps(reader, stored),
            "trail": list(visible(reader, stored.review_steps.select_related("taken_by")))
            if proposal is not None
            else [],
            "waiting": _waiting(reader, stored) if proposal is not None else [],
        }
        if proposal is None or context["review"]["can_change"] or is_proposing:
            context["entry_help"] = help_for(request, proposal and stored)
        if is_proposing:
            context["title"] = _("Propose a change")
            context["show_save"] = context["show_save_and_continue"] = context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)


def _steps(reader: Reader, proposal: Proposal) -> list[str]:
    """Name the buttons; whoever starts a proposal may submit it as soon as it is written."""
    if proposal.pk is None:
        return ["submitted", "published"] if reader.is_editor else ["submitted"]
    return [step.value for step in workflow.steps_open_to(reader, proposal)]


def _waiting(reader: Reader, proposal: Proposal) -> list[ProposedChange]:
    waiting = ProposedChange.objects.filter(proposal=proposal, state=ChangeState.WAITING)
    if not reader.is_editor:
        waiting = waiting.filter(proposed_by=reader.user_id)
    return list(waiting.select_related("proposed_by").order_by("proposed_at"))


def _without(fields: Any, unwanted: str) -> tuple:
    """Take a field out of a fieldset, wherever in its rows it stands."""
    kept: list[Any] = []
    for row in fields:
        if isinstance(row, str):
            kept += [row] if row != unwanted else []
        else:
            kept.append(tuple(name for name in row if name != unwanted))
    return tuple(kept)
