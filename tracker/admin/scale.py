"""Adding to the history of status: the one form and the one set of forms that do it, through `transitions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.forms import BaseInlineFormSet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker import workflow
from tracker.admin.forms import TrackedForm
from tracker.choices import Publication, Status
from tracker.models import StatusChange
from tracker.transitions import check_change, needs_second_person


def rules_of_the_scale() -> SafeString:
    """Write out when each status may be set."""
    rows = ((status.look.glyph, status.label, status.rule) for status in Status)
    return format_html(
        '<ul class="tracker-scale">{}</ul>',
        format_html_join("", "<li><b>{} {}</b> {}</li>", rows),
    )


class StatusChangeForm(TrackedForm):
    """A change of status, held to the scale before anything is saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new" in self.fields:
            self.fields["new"].help_text = rules_of_the_scale()

    def hold_to_the_scale(self, alongside: Sequence[StatusChange] = ()) -> None:
        """Say at each field what the scale does not allow; `alongside` are changes that go before this one."""
        try:
            check_change(self.instance, today=self.today, alongside=alongside)
        except ObjectDoesNotExist:
            return  # no proposal is chosen yet, which its own field says
        except ValidationError as problem:
            for field, messages in problem.message_dict.items():
                if not (self.has_error(field, "invalid") or self.has_error(field, "invalid_choice")):
                    self.errors.pop(field, None)  # the scale says more than "this field is required"
                    self.add_error(field, messages)
        if not self.errors and needs_second_person(self.instance) and self.instance.proposal.pk:
            key = self.instance.proposal.pk
            if refusal := workflow.refusal_of_step([key], self.instance.new).get(key):
                self.add_error("new", refusal)


class LoneStatusChangeForm(StatusChangeForm):
    """A change of status on a page of its own."""

    def full_clean(self) -> None:
        """Validate, the scale last."""
        super().full_clean()
        if self.is_bound:
            self.hold_to_the_scale()


class NewRowsFormSet(BaseInlineFormSet):
    """Rows to be added beside those that are only shown; both stand on one page under names of their own."""

    @classmethod
    def get_default_prefix(cls) -> str:
        """Keep apart from the forms that show what exists."""
        return f"new_{super().get_default_prefix()}"


class NewStatusChangesFormSet(NewRowsFormSet):
    """Changes of status to be recorded in the order of their dates."""

    def in_order(self) -> list[StatusChangeForm]:
        """Give the forms that were filled in, earliest first, as they will be recorded."""
        filled: list[Any] = [form for form in self.forms if form.has_changed()]
        return sorted(filled, key=lambda form: form.instance.effective_on or form.today)

    def clean(self) -> None:
        """Hold each change to the scale and to those before it; nothing is published without a status."""
        super().clean()
        before: list[StatusChange] = []
        for form in self.in_order():
            form.hold_to_the_scale(alongside=before)
            if not form.errors:
                before.append(form.instance)
        proposal = self.instance
        has_history = proposal.pk and proposal.status_changes.exists()
        if proposal.publication == Publication.PUBLISHED and not has_history and not self.in_order():
            raise ValidationError(
                _("A published proposal has a status since a day: add the first below, or keep it a draft.")
            )
