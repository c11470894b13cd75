"""The forms of the workplace: what is wrong is said at the field where it is mended."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from tracker.choices import MeetingState, Precision
from tracker.dates import lies_ahead
from tracker.entry.fields import WhenField as EnteredWhen
from tracker.models.base import SUFFIXES
from tracker.rules import problem_of_past_day, problems_of_answer
from tracker.workflow import lost_footing

# A rule that spans several columns is explained at the field that most likely mends it.
FIELD_OF_CONSTRAINT = {
    "bordergate_position_is_whole": "position_basis",
    "development_account_is_whole": "account_status",
    "development_keeper_of_the_restricted": "held_by",
    "meeting_held_has_a_date": "when",
    "meeting_number_once_in_series": "number",
    "milestone_reached_has_a_source": "source",
    "note_keeper_of_the_restricted": "held_by",
    "observation_ends_after_it_starts": "period_end",
    "observation_once": "period_start",
    "pathwaystep_code_once": "code",
    "organization_is_not_its_own_kin": "successor",
    "organization_succession_is_whole": "succeeded_on",
    "post_ends_after_it_starts": "until",
    "proposal_interval_of_continuing_only": "nature",
    "proposal_is_not_its_own_successor": "successor",
    "proposal_superseded_names_successor": "successor",
    "source_document_once": "document",
    "statement_blanket_answers": "blanket",
    "statement_does_not_answer_itself": "answers",
    "statuschange_cites_a_source": "source",
}


OTHER_LANGUAGES = tuple(f"_{suffix}" for suffix in SUFFIXES[1:])


class TrackedForm(forms.ModelForm):
    """A form that puts the database's own rules at fields and knows the day it is filled in."""

    today: ClassVar[date]  # set by the admin, once per request
    # set by the admin where somebody else has saved the record since the form was opened
    is_outdated: ClassVar[bool] = False
    # fields that record what has happened, each with the field that says how finely its day is known
    past_only: ClassVar[dict[str, str | None]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name.endswith(OTHER_LANGUAGES):
                field.help_text = ""  # said once, beside the English

    def clean(self) -> dict[str, Any]:
        """Refuse days to come where only the past can be meant."""
        cleaned = super().clean() or self.cleaned_data
        for name, precision in self.past_only.items():
            known = cleaned.get(precision, Precision.DAY) if precision else Precision.DAY
            if problem := problem_of_past_day(cleaned.get(name), known, self.today):
                self.add_error(name, problem)
        return cleaned

    def full_clean(self) -> None:
        """Validate, then explain broken constraints at fields.

        Django leaves a constraint unchecked where it touches a column that the form does not show (the key of a row
        that names itself, a computed status); the database would then answer with an error page.
        """
        super().full_clean()
        if self.is_bound and hasattr(self, "cleaned_data") and not (self.empty_permitted and not self.has_changed()):
            self._explain_constraints()
        if self.is_bound and self.is_outdated:
            self.add_error(
                None, _("Nothing is saved yet: somebody else saved this record while you had it open. See above.")
            )

    def _explain_constraints(self) -> None:
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                field = FIELD_OF_CONSTRAINT.get(constraint.name)
                if field not in self.fields:
                    continue
                try:
                    constraint.validate(model, self.instance, exclude=set(self.errors))
                except ValidationError as problem:
                    self._move_to_field(field, problem)

    def _move_to_field(self, field: str, problem: ValidationError) -> None:
        general = self.errors.get(NON_FIELD_ERRORS)
        if general is not None:
            general.data = [*(known for known in general.as_data() if known.messages != problem.messages)]
            if not general.data:
                del self.errors[NON_FIELD_ERRORS]
        if not self.has_error(field):
            self.add_error(field, ValidationError(problem.messages))


class WhenField(EnteredWhen):
    """A period in the one notation of the tracker, as wide as the workplace's own boxes."""

    widget = AdminTextInputWidget


class PeriodForm(TrackedForm):
    """A form of a row with a period: one field in place of first day, last day and precision."""

    when = WhenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("when", self.instance.interval)

    def clean(self) -> dict[str, Any]:
        """Fill the three columns from the one field."""
        cleaned = super().clean()
        if "when" in cleaned and (self.instance._state.adding or "when" in self.changed_data):
            when = cleaned["when"]
            self.instance.first_day = when.first if when else None
            self.instance.last_day = when.last if when else None
            self.instance.precision = when.precision.value if when else Precision.NONE.value
        return cleaned


class MeetingForm(PeriodForm):
    """A meeting: what was held lies in the past, what is planned need not."""

    def clean(self) -> dict[str, Any]:
        """Refuse a meeting that is said to have been held on a day to come."""
        cleaned = super().clean()
        when = cleaned.get("when")
        if when and cleaned.get("state") == MeetingState.HELD and lies_ahead(when.first, when.precision, self.today):
            message = _("%(day)s is in the future: a meeting to come is planned, not held.")
            self.add_error("when", message % {"day": when})
        return cleaned


class DeadlineForm(PeriodForm):
    """A deadline as a source states it."""

    past_only = {"stated_on": None}


class TargetForm(PeriodForm):
    """A value set for an indicator."""

    past_only = {"stated_on": None}


class SourceForm(TrackedForm):
    """A published document."""

    past_only = {"published_on": "precision"}


class DevelopmentForm(TrackedForm):
    """A dated, sourced fact."""

    past_only = {"happened_on": "precision"}


class ReviewForm(TrackedForm):
    """Somebody looked."""

    past_only = {"reviewed_on": None}


class ObservationForm(TrackedForm):
    """A figure as published."""

    past_only = {"published_on": None}


class StatementForm(TrackedForm):
    """What a speaker said, held to what it answers."""

    past_only = {"said_on": "precision"}

    def clean(self) -> dict[str, Any]:
        """Have a day, unless the meeting has one."""
        cleaned = super().clean()
        meeting = cleaned.get("meeting")
        if meeting and "said_on" in cleaned and not cleaned["said_on"] and not meeting.last_day:
            self.add_error(
                "said_on", _("The meeting has no date on record, so the day of the statement must be given.")
            )
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        said = self.instance
        if self.errors:
            return
        said.take_day_of_meeting()
        if said.answers is not None:
            problems = problems_of_answer(said, said.answers, said.answers.answered_by.all())
            for name, problem in problems.items():
                self.add_error(name, problem)


class ProposalForm(TrackedForm):
    """One verifiable thing; what its present status rests on cannot be taken away from under it."""

    def clean(self) -> dict[str, Any]:
        """Keep the completion test and the nature of what is completed."""
        cleaned = super().clean()
        test, nature = cleaned.get("completion_test_en"), cleaned.get("nature")
        for name, problem in lost_footing(self.instance.status, test, nature).items():
            self.add_error(name, problem)
        return cleaned
