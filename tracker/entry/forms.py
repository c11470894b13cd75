"""The short forms: a development, an answer, a change of status, “looked, nothing new”, a note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.access import may
from tracker.choices import Bears, Nature, Side, Status, Visibility
from tracker.entry.answers import AnswerForm, AnswerToManyForm
from tracker.entry.base import KeptMixin, ShortForm
from tracker.entry.scale import StatusForm
from tracker.models import Bearing, BorderGate, Development, Note, Proposal, Review
from tracker.staff_scales import Action, ChangeKind
from tracker.transitions import OnRecord

_OWN_WORDS = gettext_lazy("In our own words, not the source's.")
_NOBODY = ("", "–")
_PUBLIC = Visibility.PUBLIC.value


class DevelopmentForm(KeptMixin):
    """Something happened that bears on the proposal."""

    change_kind = ChangeKind.DEVELOPMENT
    heading = gettext_lazy("Log a development")
    anchor = "evidence"
    texts = (("summary", gettext_lazy("What happened"), True, _OWN_WORDS),)
    seldom = ("is_occurrence", "gate", "account_side", "account_status", "visibility", "held_by")
    field_order = ("when", "bears", "summary_en", "summary_vi", "summary_zh_hans", "source")

    bears = forms.ChoiceField(
        label=gettext_lazy("What it does to the proposal"), choices=Bears.choices, widget=forms.RadioSelect
    )
    is_occurrence = forms.BooleanField(
        label=gettext_lazy("One more time that the commitment was kept"),
        required=False,
        help_text=gettext_lazy("Continuing commitments only."),
    )
    account_side = forms.ChoiceField(
        label=gettext_lazy("Whose account"),
        required=False,
        choices=(_NOBODY, *Side.choices),
        help_text=gettext_lazy("The side that says so, where the two sides may differ."),
    )
    account_status = forms.ChoiceField(
        label=gettext_lazy("Status that the account claims"), required=False, choices=(_NOBODY, *Status.choices)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gates = BorderGate.objects.filter(proposals=self.about) if self.about else BorderGate.objects.none()
        self.fields["gate"] = forms.ModelChoiceField(
            gates.order_by("slug"), label=_("Border gate"), required=False, empty_label="–"
        )

    def clean(self) -> dict[str, Any]:
        """Take an account whole or not at all."""
        cleaned = super().clean()
        if bool(cleaned.get("account_side")) != bool(cleaned.get("account_status")):
            self.add_error("account_status", _("An account names both the side and the status it claims."))
        return cleaned

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Refuse an occurrence of what is done once, and the same fact a second time."""
        problems = {}
        if self.cleaned_data.get("is_occurrence") and proposal.nature != Nature.CONTINUING:
            problems["is_occurrence"] = _("Only a continuing commitment occurs again; this one is “%(nature)s”.") % {
                "nature": proposal.get_nature_display()
            }
        if proposal.pk in self._borne:
            problems["summary_en"] = _("The same development, of the same day, is on record for this proposal already.")
        return problems

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Save the fact, or take the one on record that is the same, and let it bear on the proposal."""
        development = self._same()
        if development is None:
            development = self.signed(Development(**self._values()), by)
            development.save()
            development.sources.add(self.cleaned_data["source"])
        if development.bearings.filter(proposal=proposal).exists():
            raise ValidationError(_("The same development is on record for this proposal already."))
        bearing = Bearing(development=development, proposal=proposal, bears=self.cleaned_data["bears"])
        self.signed(bearing, by).save()
        return development

    @cached_property
    def _borne(self) -> set[int]:
        """The proposals that the very fact bears on already."""
        same = self._same()
        return set(same.bearings.values_list("proposal_id", flat=True)) if same else set()

    def _same(self) -> Development | None:
        """Find the very fact, if it is on record: one fact may bear on many proposals."""
        source = self.cleaned_data.get("source")
        if source is None:
            return None
        return Development.objects.filter(**self._values(), sources=source).first()

    def _values(self) -> dict[str, Any]:
        names = ("is_occurrence", "account_side", "account_status")
        values = {name: self.cleaned_data[name] for name in names}
        texts = {name: text for name, text in self.text_values().items() if text}
        return {
            "happened_on": self.day,
            "precision": self.precision,
            "gate": self.cleaned_data["gate"],
            **values,
            **texts,
            **self.kept(),
        }


class ReviewForm(ShortForm):
    """Somebody looked and found nothing new."""

    change_kind = ChangeKind.REVIEW
    heading = gettext_lazy("Looked, nothing new")
    anchor = "evidence"
    texts = (("note", gettext_lazy("Where you looked"), False, gettext_lazy("So that the next one looks elsewhere.")),)
    field_order = ("when", "note_en", "note_vi", "note_zh_hans", "source", "visibility")
    needs_source = False
    needs_exact_day = True

    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read where you looked"),
        choices=[
            (Visibility.PUBLIC.value, gettext_lazy("Public: everybody")),
            (Visibility.INTERNAL.value, gettext_lazy("Internal: the staff of all offices")),
            (Visibility.RESTRICTED.value, gettext_lazy("Restricted: the editors")),
        ],
        initial=Visibility.INTERNAL,
        help_text=gettext_lazy("That somebody looked is shown to everybody."),
    )

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Refuse the same review a second time."""
        return {"when": _("You have recorded this for that day already.")} if proposal.pk in self._reviewed else {}

    @cached_property
    def _reviewed(self) -> set[int]:
        """The proposals for which the reader has recorded the very same."""
        note = self.cleaned_data.get("note_en") or None
        same = Review.objects.filter(reviewed_on=self.day, reviewer=self.reader.user_id, note_en=note)
        return set(same.values_list("proposal_id", flat=True))

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Save the review, signed."""
        review = Review(
            proposal=proposal,
            reviewed_on=self.day,
            reviewer=by,
            source=self.cleaned_data["source"],
            visibility=self.cleaned_data["visibility"],
            **{name: text or None for name, text in self.text_values().items()},
        )
        self.signed(review, by).save()
        return review


class NoteForm(KeptMixin):
    """A remark on the proposal."""

    heading = gettext_lazy("Write a note")
    anchor = "notes"
    texts = (("text", gettext_lazy("Note"), True, ""),)
    field_order = ("when", "text_en", "text_vi", "text_zh_hans", "visibility", "held_by")
    has_source = False
    needs_exact_day = True
    at_first = Visibility.INTERNAL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.about is not None and not may(self.reader, Action.ADD, Note(proposal=self.about, visibility=_PUBLIC)):
            offered: Any = self.fields["visibility"]
            offered.choices = [pair for pair in offered.choices if pair[0] != _PUBLIC]

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Refuse the same note a second time."""
        same = Note.objects.filter(proposal=proposal, written_on=self.day, text_en=self.cleaned_data["text_en"])
        if same.filter(author=self.reader.user_id).exists():
            return {"text_en": _("You have written this note for that day already.")}
        return {}

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Save the note, signed."""
        texts = {name: text or None for name, text in self.text_values().items()}
        note = Note(proposal=proposal, written_on=self.day, author=by, **texts, **self.kept())
        self.signed(note, by).save()
        return note


FORMS: dict[str, type[ShortForm]] = {
    "development": DevelopmentForm,
    "answer": AnswerForm,
    "status": StatusForm,
    "review": ReviewForm,
    "note": NoteForm,
}

# about many proposals at once an answer goes to what was asked at one meeting
FORMS_FOR_MANY: dict[str, type[ShortForm]] = FORMS | {"answer": AnswerToManyForm}
