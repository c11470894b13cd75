"""The short form of an answer: to which asks, by whom, in what words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.access import visible
from tracker.choices import ANSWERS, ASKS, MeetingState, Precision, Role, Stance
from tracker.entry.base import ShortForm, involved_first
from tracker.metrics.answers import answers_to
from tracker.models import Meeting, Organization, Post, Proposal, Statement
from tracker.rules import problems_of_answer
from tracker.staff_scales import ChangeKind
from tracker.transitions import OnRecord

# where the short form says what the rules of an answer name otherwise
_FIELD_OF = {"said_on": "when", "answers": "asks"}


class AsksField(forms.ModelMultipleChoiceField):
    """The asks that are answered; each named by its meeting, its day and who asked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, asks: QuerySet, open_asks: Iterable[int], **kwargs: Any) -> None:
        self.open_asks = set(open_asks)
        super().__init__(asks, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """Name the ask."""
        values = {
            "meeting": obj.meeting.name,
            "day": obj.said or obj.said_on.isoformat(),
            "organization": obj.organization.name,
            "summary": obj.summary,
        }
        if obj.pk in self.open_asks:
            return _("%(meeting)s, %(day)s: %(organization)s – %(summary)s") % values
        return _("%(meeting)s, %(day)s: %(organization)s – %(summary)s (answered)") % values


class AnswerForm(ShortForm):
    """What somebody answered to what was asked."""

    change_kind = ChangeKind.ANSWER
    heading = gettext_lazy("Record an answer")
    anchor = "said"
    texts = (("summary", gettext_lazy("What was answered"), True, gettext_lazy("In our own words, not the source's.")),)
    field_order = (
        "asks", "when", "stance", "blanket", "organization", "post", "summary_en", "summary_vi", "summary_zh_hans",
        "source", "paragraph",
    )  # fmt: skip
    seldom: ClassVar[tuple[str, ...]] = ("meeting",)
    place = "asks"  # the field that says what is answered

    stance = forms.ChoiceField(
        label=gettext_lazy("Stance"), choices=[(one.value, one.label) for one in ANSWERS], widget=forms.RadioSelect
    )
    blanket = forms.BooleanField(
        label=gettext_lazy("Blanket"),
        required=False,
        help_text=gettext_lazy("One sentence that answers everything asked at the meeting."),
    )
    paragraph = forms.IntegerField(label=gettext_lazy("Paragraph of the source"), required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_asks()
        self.fields["when"].required = False
        self.fields["when"].help_text = _("The day of the answer. Empty: the day of the meeting of the ask.")
        self.fields["organization"] = forms.ModelChoiceField(
            involved_first(Organization.objects.all(), "pk", self.about),
            label=_("Who answers"),
            initial=self._likely_answerer(),
            required=False,
            empty_label="–",
        )
        self.fields["post"] = forms.ModelChoiceField(
            involved_first(Post.objects.select_related("person", "organization"), "organization", self.about),
            label=_("Speaker"),
            required=False,
            empty_label="–",
            help_text=_("The person in the post held when speaking, where the source names one."),
        )
        held = visible(self.reader, Meeting.objects.filter(state=MeetingState.HELD))
        self.fields["meeting"] = forms.ModelChoiceField(
            held.order_by(F("last_day").desc(nulls_last=True), "-pk"),
            label=_("Meeting at which it was said"),
            required=False,
            empty_label=_("That of the ask"),
        )
        self.order_fields(self.field_order)

    def _offer_asks(self) -> None:
        statements = Statement.objects.filter(proposal=self.about).select_related("meeting", "organization")
        said = list(statements) if self.about else []
        meeting_of = {one.pk: one.meeting_id for one in said}
        asks = [one for one in said if Stance(one.stance).act == "ask"]
        unanswered = [one for one in asks if not answers_to(one, said, meeting_of)]
        newest = max(unanswered, key=lambda one: (one.said_on, one.pk), default=None)
        self.fields["asks"] = AsksField(
            statements.filter(pk__in=[one.pk for one in asks]).order_by("-said_on", "-pk"),
            [one.pk for one in unanswered],
            label=_("Which asks it answers"),
            required=False,
            initial=[newest.pk] if newest else [],
            help_text=_("The newest without an answer is ticked. None: it answers what no ask called for.")
            if newest
            else _("None ticked: it answers what no ask called for."),
        )

    def _likely_answerer(self) -> int | None:
        if self.about is None:
            return None
        addressed = self.about.involvements.filter(role=Role.ADDRESSEE).values_list("organization", flat=True)
        return addressed[0] if len(addressed) == 1 else None

    def clean(self) -> dict[str, Any]:
        """Complete who answered, where and when, from what was chosen."""
        cleaned = self.cleaned_data
        if not cleaned.get("organization") and cleaned.get("post"):
            cleaned["organization"] = cleaned["post"].organization
        if not cleaned.get("organization") and not self.has_error("organization"):
            self.add_error("organization", _("Say who answers: choose an organization or a speaker."))
        if not cleaned.get("asks") and not cleaned.get("meeting") and not self.has_error(self.place):
            self.add_error(
                self.place, _("Tick the asks that are answered; or choose the meeting at which it was said.")
            )
        undated = any(place.last_day is None for place, _ask in self._places())
        if cleaned.get("when") is None and not self.has_error("when") and undated:
            self.add_error("when", _("The meeting has no date on record, so the day of the answer must be given."))
        return super().clean()

    def _places(self) -> list[tuple[Meeting, Statement | None]]:
        """Give each meeting that the answer is recorded at, with the ask that it answers there."""
        chosen = self.cleaned_data.get("meeting")
        asks = list(self.cleaned_data.get("asks") or ())
        if not asks:
            return [(chosen, None)] if chosen else []
        return [(chosen or ask.meeting, ask) for ask in asks]

    def _places_about(self, proposal: Proposal) -> list[tuple[Meeting, Statement | None]]:
        """Give those that are about a proposal: the form is about one."""
        return self._places()

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Ask the rules of an answer, for each ask."""
        problems: dict[str, str] = {}
        for meeting, ask in self._places_about(proposal):
            if ask is not None:
                said = self._statement(proposal, meeting, ask)
                said.take_day_of_meeting()
                problems = problems_of_answer(said, ask, ask.answered_by.all()) | problems
        return {_FIELD_OF.get(name, name): problem for name, problem in problems.items()}

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Save one statement for each ask that is answered; give the last."""
        statements = [self._statement(proposal, meeting, ask) for meeting, ask in self._places_about(proposal)]
        if not statements:
            raise ValidationError(_("There is no ask and no meeting to record the answer at."))
        for statement in statements:
            self.signed(statement, by).save()
        return statements[-1]

    def _statement(self, proposal: Proposal, meeting: Meeting, ask: Statement | None) -> Statement:
        values = self.cleaned_data
        # without a day of its own it is saved as said on that of the meeting
        said = {"said_on": self.day, "precision": self.precision} if values["when"] else {"precision": Precision.DAY}
        return Statement(
            proposal=proposal,
            meeting=meeting,
            post=values["post"],
            organization=values["organization"],
            addressee=ask.organization if ask else None,
            stance=values["stance"],
            blanket=values["blanket"],
            answers=ask,
            source=values["source"],
            paragraph=values["paragraph"],
            **said,
            **{name: text or None for name, text in self.text_values().items()},
        )


class AnswerToManyForm(AnswerForm):
    """One answer of one organization at one meeting, to whatever the other side asked there of each proposal."""

    seldom = ()
    place = "meeting"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["asks"]
        meeting: Any = self.fields["meeting"]
        meeting.required, meeting.empty_label = True, "–"
        meeting.help_text = _("It answers what the other side asked there about each proposal.")
        self.fields["when"].help_text = _("The day of the answer. Empty: the day of the meeting.")
        self.initial["when"] = ""
        self.order_fields(("meeting", *self.field_order))

    @cached_property
    def _asked(self) -> dict[int, list[Statement]]:
        """What the other side asked at the meeting, by proposal. Two queries, however many proposals."""
        values = self.cleaned_data
        asks = Statement.objects.filter(meeting=values["meeting"], stance__in=ASKS).order_by("id")
        if values["stance"] != Stance.AGREED_JOINTLY:
            asks = asks.exclude(organization__side=values["organization"].side)
        found: dict[int, list[Statement]] = {}
        for ask in asks.select_related("meeting", "organization").prefetch_related("answered_by"):
            found.setdefault(ask.proposal_id, []).append(ask)
        return found

    def _places_about(self, proposal: Proposal) -> list[tuple[Meeting, Statement | None]]:
        return [(self.cleaned_data["meeting"], ask) for ask in self._asked.get(proposal.pk, ())]

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Refuse where there is nothing to answer; else ask the rules of an answer."""
        if not self._places_about(proposal):
            return {"meeting": _("The other side asked nothing about it at that meeting.")}
        return super().problems_with(proposal, known)

    def payload_about(self, proposal: Proposal) -> dict[str, Any]:
        """Name the asks, as the form about one proposal does."""
        asks = [str(ask.pk) for _place, ask in self._places_about(proposal) if ask is not None]
        return self.payload() | {"asks": asks}
