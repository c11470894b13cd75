"""The short form of a change of status: the scale with its rules, and beside each status what is against it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.choices import Precision, Status
from tracker.dates import around
from tracker.entry.base import ShortForm, involved_first
from tracker.models import Organization, Proposal, StatusChange
from tracker.models.base import SUFFIXES
from tracker.staff_scales import ChangeKind
from tracker.transitions import OnRecord, check_change, moves_open_to, needs_second_person, record_status

# where the short form says what the scale says at a column
_FIELD_OF = {"effective_on": "when"}


class Choice(NamedTuple):
    """A status to choose, as the page shows it."""

    status: Status
    is_present: bool
    is_chosen: bool
    is_shut: bool
    refusal: str
    needs_second: bool
    remark: str = ""


class StatusForm(ShortForm):
    """A step on the scale, dated, with its reason and, from “pledged” up, its source."""

    change_kind = ChangeKind.STATUS
    heading = gettext_lazy("Change the status")
    anchor = "history"
    texts = (
        (
            "reason",
            gettext_lazy("Reason"),
            True,
            gettext_lazy("Why it is so: what the source shows."),
        ),
    )
    needs_source = False  # the scale says where one is needed
    seldom = ("by_then", "awaiting")
    field_order = ("new", "when", "reason_en", "reason_vi", "reason_zh_hans", "source", "paragraph")

    new = forms.ChoiceField(label=gettext_lazy("New status"), choices=Status.choices, widget=forms.RadioSelect)
    by_then = forms.BooleanField(
        label=gettext_lazy("By then; the exact date is unknown"),
        required=False,
        help_text=gettext_lazy("It became true on that day or before it."),
    )
    paragraph = forms.IntegerField(label=gettext_lazy("Paragraph of the source"), required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].help_text = _("The day it became true: 2024-11-06, 2024-11, 2022-Q1 or 2021.")
        self.fields["awaiting"] = forms.ModelChoiceField(
            involved_first(Organization.objects.all(), "pk", self.about),
            label=_("Awaiting the decision of"),
            required=False,
            empty_label="–",
            help_text=_("An authority whose decision is awaited: such a proposal does not count as stalled."),
        )

    def choices_shown(self) -> list[Choice]:
        """Give the scale, with what the rules have against each status of this proposal. Three queries."""
        chosen = self["new"].value()
        if self.about is None:
            return [Choice(status, False, chosen == status, False, "", status == Status.COMPLETED) for status in Status]
        return [
            Choice(
                status=move.status,
                is_present=move.status == self.about.status,
                is_chosen=chosen == move.status,
                is_shut=move.is_shut,
                refusal=move.refusal,
                needs_second=not move.is_shut and needs_second_person(StatusChange(new=move.status)),
                remark=move.remark,
            )
            for move in moves_open_to(self.about, today=self.today)
        ]

    def change_of(self, proposal: Proposal) -> StatusChange:
        """Make the step, unsaved."""
        values = self.cleaned_data
        return StatusChange(
            proposal=proposal,
            new=values["new"],
            effective_on=self.day,
            precision=Precision.NONE.value if values["by_then"] else self.precision,
            source=values.get("source"),
            paragraph=values["paragraph"],
            awaiting=values["awaiting"],
            **{name: text or None for name, text in self.text_values().items()},
        )

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Ask the rules of the scale."""
        change = self.change_of(proposal)
        if self.adds_source:
            change.source_id = 0  # it will be on record by then
        try:
            check_change(change, today=self.today, known=known)
        except ValidationError as problem:
            told = problem.message_dict.items()
            return {_FIELD_OF.get(name, name): " ".join(messages) for name, messages in told}
        return {}

    @property
    def is_second_person_needed(self) -> bool:
        """Whether the step waits for a second person, whoever makes it."""
        return needs_second_person(StatusChange(new=self.cleaned_data["new"]))

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Record through the only writer of status."""
        second = confirmed_by if self.is_second_person_needed else None
        return record_status(self.change_of(proposal), today=self.today, by=by, confirmed_by=second)


def payload_of(change: StatusChange) -> dict[str, Any]:
    """Write an unsaved change of status as the entries of the short form."""
    by_then = change.precision == Precision.NONE
    known = around(change.effective_on, change.precision)
    values = {
        "new": change.new,
        "when": change.effective_on.isoformat() if known is None else str(known),
        "by_then": "on" if by_then else "",
        "source": change.source.slug if change.source else "",
        "paragraph": str(change.paragraph or ""),
        "awaiting": str(change.awaiting_id or ""),
        **{f"reason_{suffix}": getattr(change, f"reason_{suffix}") or "" for suffix in SUFFIXES},
    }
    return {name: value for name, value in values.items() if value}
