"""What every short form is: fields, a source found or added, a payload that can wait, and a record in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, Model, OuterRef, QuerySet, When
from django.forms.boundfield import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.access import Reader
from tracker.choices import Precision, Visibility
from tracker.dates import Interval
from tracker.entry import languages
from tracker.entry.fields import DayField, NewSourceForm, SourceField, last_day_of, sources_offered
from tracker.models import Account, Involvement, Note, Organization, Proposal, Source, Statement, StatusChange
from tracker.models.base import SUFFIXES
from tracker.rules import problem_of_past_day
from tracker.staff_scales import ChangeKind
from tracker.transitions import OnRecord

SHORT_TEXT = {"rows": 3, "cols": 60}


class Told(NamedTuple):
    """What was filled in at a field, in words; where it is a source, the address of its page."""

    name: str
    label: str
    value: str
    address: str = ""


class ShortForm(forms.Form):
    """One entry about a proposal; or, without one, the entry that is to be made about many at once.

    The source is found or added: where it is not on record, `new_source` takes what it is.
    """

    change_kind: ClassVar[ChangeKind | None] = None
    heading: ClassVar[Any] = ""
    anchor: ClassVar[str] = ""  # where on the proposal's page the entry is seen
    # translated texts: field, label, whether English is required, help
    texts: ClassVar[tuple[tuple[str, Any, bool, Any], ...]] = ()
    # fields that are seldom needed stand folded away
    seldom: ClassVar[tuple[str, ...]] = ()
    has_source: ClassVar[bool] = True
    needs_source: ClassVar[bool] = True
    needs_exact_day: ClassVar[bool] = False

    when = DayField()

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        reader: Reader,
        today: date,
        about: Proposal | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.reader, self.today, self.about = reader, today, about
        self.use_required_attribute = False  # what is missing is said in the page's words, all at once
        self.initial.setdefault("when", today.isoformat())
        if self.needs_exact_day:
            self.fields["when"].help_text = _("A day such as 2024-11-06.")
        for name, label, required, help_text in self.texts:
            self._add_text(name, label, required, help_text)
        if self.has_source:
            self.fields["source"] = SourceField()
        self.new_source = NewSourceForm.of(data, today=today) if self.has_source else None
        if self.change_kind not in (None, ChangeKind.STATUS):
            self.fields["reason"] = forms.CharField(
                label=_("Reason for this entry"),
                required=False,
                max_length=100,
                help_text=_("Kept in the history; whoever decides about it reads it first."),
            )
        self.order_fields(self.field_order)

    def _add_text(self, name: str, label: Any, required: bool, help_text: Any) -> None:
        for suffix in SUFFIXES:
            self.fields[f"{name}_{suffix}"] = forms.CharField(
                label=languages.labelled(label, suffix),
                required=required and suffix == languages.ENGLISH,
                help_text=help_text if suffix == languages.of_reader() else "",
                widget=forms.Textarea(attrs={**SHORT_TEXT, "lang": suffix.replace("_", "-")}),
            )

    # How it is laid out

    @property
    def main_fields(self) -> list[BoundField]:
        """The fields that every entry needs, in order; a text in the reader's language stands before the English."""
        own = {f"{text}_{languages.ENGLISH}": self[f"{text}_{languages.of_reader()}"] for text, *_rest in self.texts}
        fields = [field for field in self if field.name not in self.seldom and not self._is_translation(field.name)]
        pairs = ((own.get(field.name, field), field) for field in fields)
        return [one for pair in pairs for one in dict.fromkeys(pair)]

    @property
    def seldom_fields(self) -> list[BoundField]:
        """The fields that few entries need."""
        return [self[name] for name in self.seldom if name in self.fields]

    @property
    def other_languages(self) -> list[BoundField]:
        """The same texts in the languages that are neither the reader's nor English."""
        shown = {f"{text}_{languages.of_reader()}" for text, *_rest in self.texts}
        return [field for field in self if self._is_translation(field.name) and field.name not in shown]

    @property
    def other_languages_named(self) -> str:
        """What stands folded away."""
        if languages.of_reader() == languages.ENGLISH:
            return _("In Vietnamese and Chinese")
        return ", ".join(str(field.label) for field in self.other_languages)

    def _is_translation(self, name: str) -> bool:
        texts = {f"{text}_{suffix}" for text, *_rest in self.texts for suffix in SUFFIXES[1:]}
        return name in texts

    @property
    def is_told_in_other_languages(self) -> bool:
        """Whether a text was given in another language, or is wrong there."""
        return any(field.value() or field.errors for field in self.other_languages)

    @property
    def is_seldom_used(self) -> bool:
        """Whether one of the seldom needed fields is wrong."""
        return any(field.errors for field in self.seldom_fields)

    @property
    def adds_source(self) -> bool:
        """Whether a source is being added."""
        return self.new_source is not None and self.new_source.is_bound

    def sources_offered(self) -> list[Source]:
        """Give the sources to choose from: the proposal's own first. Two queries."""
        if self.about is None:
            return sources_offered([])
        cited = Statement.objects.filter(proposal=self.about).values_list("source_id", flat=True)
        stepped = StatusChange.objects.filter(proposal=self.about, source__isnull=False)
        return sources_offered({*cited, *stepped.values_list("source_id", flat=True)})

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong: the id of the field, its label, the message."""
        wrong = [(_place_of(field), str(field.label), str(message)) for field in self for message in field.errors]
        if self.new_source is not None and self.adds_source:
            wrong += [
                (_place_of(one), str(one.label), str(message)) for one in self.new_source for message in one.errors
            ]
        return wrong + [("", "", str(message)) for message in self.non_field_errors()]

    # What it says

    @property
    def is_second_person_needed(self) -> bool:
        """Whether a valid entry waits for a second person, whoever makes it."""
        return False

    def clean(self) -> dict[str, Any]:
        """Hold the entry to what any proposal asks of it, then to what this one does."""
        cleaned = super().clean() or self.cleaned_data
        when = cleaned.get("when")
        if when and (problem := problem_of_past_day(when.first, when.precision, self.today)):
            self.add_error("when", problem)
        elif when and self.needs_exact_day and when.precision != Precision.DAY:
            self.add_error("when", _("“%(text)s” is no day; allowed: a day such as 2024-11-06.") % {"text": when})
        if self.has_source:
            self._check_source(cleaned)
        if self.about is not None and not self.errors:
            for name, message in self.problems_with(self.about).items():
                self.add_error(name if name in self.fields else None, message)
        return cleaned

    def _check_source(self, cleaned: dict[str, Any]) -> None:
        assert self.new_source is not None  # noqa: S101 - one is made wherever the form has a source
        if self.adds_source and cleaned.get("source"):
            self.add_error("source", _("Choose a source on record or add a new one, not both."))
        elif self.adds_source and not self.new_source.is_valid():
            self.add_error("source", _("The new source is not complete: see below."))
        elif self.needs_source and not self.adds_source and not cleaned.get("source") and not self.has_error("source"):
            self.add_error("source", _("Say where it stands: choose a source on record or add a new one."))

    def problems_with(self, proposal: Proposal, known: OnRecord | None = None) -> dict[str, str]:
        """Say by field why the entry cannot be made about a proposal.

        Args:
            proposal: the proposal.
            known: what its changes of status are held against, where that has been read already.
        """
        return {}

    @property
    def day(self) -> date:
        """The day of the entry; known less finely, the last day it can be."""
        return last_day_of(self.cleaned_data["when"], self.today)

    @property
    def precision(self) -> str:
        """How finely the day is known."""
        return self.cleaned_data["when"].precision.value

    def text_values(self) -> dict[str, str]:
        """Give the translated texts by column."""
        names = [f"{text}_{suffix}" for text, *_rest in self.texts for suffix in SUFFIXES]
        return {name: self.cleaned_data[name] for name in names}

    # What becomes of it

    def keep_source(self, by: Any) -> None:
        """Save the source that is added, if one is, once; the entry then names it like any other."""
        if self.adds_source and self.new_source is not None and self.new_source.instance.pk is None:
            self.new_source.instance._history_user = by
            self.cleaned_data["source"] = self.new_source.save()

    def payload(self) -> dict[str, Any]:
        """Give the entries as the form would take them again."""
        written = {name: _written(value) for name, value in self.cleaned_data.items()}
        return {name: value for name, value in written.items() if value not in ("", [])}

    def payload_about(self, proposal: Proposal) -> dict[str, Any]:
        """Give the entries as the form about one proposal would take them again."""
        return self.payload()

    def told(self) -> list[Told]:
        """Give what was filled in, in words; also of a form that is no longer valid."""
        found = []
        for field in self:
            value = self.cleaned_data.get(field.name) if hasattr(self, "cleaned_data") else None
            if value is None:
                value = field.value()
            if words := self._in_words(field, value):
                address = value.get_absolute_url() if isinstance(value, Source) else ""
                found.append(Told(field.name, str(capfirst(str(field.label))), words, address))
        return found

    def _in_words(self, field: BoundField, value: Any) -> str:
        if value in (None, ""):
            return ""
        if isinstance(value, bool):
            return _("yes") if value else ""
        if isinstance(value, list | tuple | QuerySet):
            return "; ".join(str(one) for one in value)
        choices = dict(getattr(field.field, "choices", ())) if isinstance(value, str) else {}
        return str(choices.get(value, value))

    def record(self, proposal: Proposal, *, by: Any, confirmed_by: Any = None) -> Model:
        """Save the entry as made by somebody.

        Raises:
            ValidationError: if what is on record has changed so that it no longer can be.
        """
        raise NotImplementedError

    def signed(self, record: Any, by: Any) -> Any:
        """Put into the record's history who made the entry and why."""
        record._history_user = by
        record._change_reason = self.cleaned_data.get("reason") or None
        return record


def _place_of(field: BoundField) -> str:
    """Give the id of a field, of a set of boxes that of the whole."""
    return field.id_for_label or str(field.auto_id)


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, Source):
        return value.slug
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, QuerySet | list | tuple):
        return [_written(one) for one in value]
    return str(value) if isinstance(value, Interval) or value is not None else ""


class KeptField(forms.ModelChoiceField):
    """The organization that keeps what is restricted: an own one, for editors any."""

    def __init__(self, reader: Reader) -> None:
        offered = Organization.objects.all()
        if not reader.is_editor:
            offered = offered.filter(pk__in=reader.organizations)
        own = Account.objects.filter(user=reader.user_id).values_list("organization", flat=True).first()
        super().__init__(
            offered.order_by("name"),
            label=_("Organization that keeps it"),
            required=False,
            initial=own,
            help_text=_("Who, beside the editors, reads it while it is restricted."),
        )


class KeptMixin(ShortForm):
    """An entry for everybody, for the staff, or for one organization and the editors."""

    at_first: ClassVar[Visibility] = Visibility.PUBLIC

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visibility"] = forms.ChoiceField(
            label=_("Who may read it"),
            choices=_READERS,
            initial=self.at_first,
        )
        self.fields["held_by"] = KeptField(self.reader)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask the database's own rule of who keeps it."""
        cleaned = super().clean()
        if {"visibility", "held_by"} <= cleaned.keys():
            try:
                Note(**self.kept()).validate_constraints()
            except ValidationError as problem:
                self.add_error("held_by", problem.messages)
        return cleaned

    def kept(self) -> dict[str, Any]:
        """Give the columns that say who may read it."""
        asked = Note(visibility=self.cleaned_data["visibility"], held_by=self.cleaned_data["held_by"])
        asked.clean()
        return {"visibility": asked.visibility, "held_by": asked.held_by}


_READERS = (
    (Visibility.PUBLIC.value, gettext_lazy("Public: everybody")),
    (Visibility.INTERNAL.value, gettext_lazy("Internal: the staff of all offices")),
    (Visibility.RESTRICTED.value, gettext_lazy("Restricted: one organization and the editors")),
)


def involved_first(rows: QuerySet, path: str, about: Proposal | None) -> QuerySet:
    """Put what belongs to the proposal's own organizations first."""
    if about is None:
        return rows
    involved = Involvement.objects.filter(proposal=about, organization=OuterRef(path))
    return rows.annotate(apart=Case(When(Exists(involved), then=0), default=1)).order_by("apart", "pk")


def refuse(problems: Iterable[str]) -> None:
    """Stop, saying why, if there is anything to say."""
    found = list(problems)
    if found:
        raise ValidationError(found)
