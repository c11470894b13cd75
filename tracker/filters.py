"""What a visitor may ask: of the register, of the meetings and of the sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from tracker.choices import AnswerKind, Flag, Grade, Lack, Nature, Role, Schedule, Status
from tracker.lamps import Lamp
from tracker.metrics import facets
from tracker.models import Meeting, Observation, Source
from tracker.names import Named, Vocabulary, family
from tracker.querysets import Between, ProposalQuerySet, proposals
from tracker.text import fold

Choice = tuple[str, str]
LONGEST_SEARCH = 200  # each word becomes a condition, and databases limit how many they take


class ListedValues(forms.MultipleChoiceField):
    """Any number of values from a list; a value that is not on it is said so, with what is allowed."""

    default_error_messages = {"invalid_choice": _("“%(value)s” is not known here.")}

    def to_python(self, value: Any) -> list[str]:
        """Leave out the empty value that a form sends for "any"."""
        return [one for one in super().to_python(value) if one]

    def validate(self, value: list[str]) -> None:
        """Refuse the first unknown value, naming the allowed ones where they are few."""
        allowed = [code for code, _label in self.choices]  # type: ignore[misc, union-attr]
        for one in value:
            if one not in allowed:
                message = self.error_messages["invalid_choice"] % {"value": one}
                if len(allowed) <= 12:
                    hint = _("Allowed: %(values)s.") % {"values": ", ".join(map(str, allowed))}
                    message = f"{message} {hint}"
                raise forms.ValidationError(message, code="invalid_choice")


class ListFilter(django_filters.MultipleChoiceFilter):
    """A filter over listed values whose meaning a method of the set gives."""

    field_class = ListedValues


class FacetFilter(ListFilter):
    """A filter over something computed: the set leaves it to `metrics.facets`."""

    def __init__(self, choices: type[TextChoices] | None = None, **kwargs: Any) -> None:
        super().__init__(choices=choices.choices if choices else [], **kwargs)

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Leave the rows alone: what is computed is chosen after they are read."""
        return qs


class RegisterFilter(django_filters.FilterSet):
    """The register's filters. The address holds them all; each may be repeated."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=LONGEST_SEARCH)
    status = FacetFilter(Status, label=_("Status"))
    schedule = FacetFilter(Schedule, label=_("Schedule"))
    nature = FacetFilter(Nature, label=_("Nature"))
    theme = FacetFilter(label=_("Theme"))
    answer = FacetFilter(AnswerKind, label=_("Answer"))
    flag = FacetFilter(Flag, label=_("Flag"))
    without = FacetFilter(Lack, label=_("Without"))
    lamp = FacetFilter(Lamp, label=_("Lamp"))
    organization = ListFilter(label=_("Organization"), method="involve")
    proposed_by = ListFilter(label=_("Proposed by"), method="involve")
    addressed_to = ListFilter(label=_("Addressed to"), method="involve")
    lead = ListFilter(label=_("Lead"), method="involve")
    asked_by = ListFilter(label=_("Asked by"), method="leave")
    asked_of = ListFilter(label=_("Asked of"), method="leave")
    meeting = ListFilter(label=_("Meeting"), method="raised_at")
    gate = ListFilter(label=_("Border gate"), method="at_gate")

    _ROLES = {
        "organization": None,
        "proposed_by": Role.PROPOSER,
        "addressed_to": Role.ADDRESSEE,
        "lead": Role.LEAD,
    }

    def __init__(self, data: Mapping, *, vocabulary: Vocabulary, day: date) -> None:
        self.vocabulary, self.day = vocabulary, day
        super().__init__(data, proposals().published().as_of(day))
        self.filters["theme"].extra["choices"] = _offered(vocabulary.themes)
        for name in (*self._ROLES, "asked_by", "asked_of"):
            self.filters[name].extra["choices"] = _offered(vocabulary.organizations)
        self.filters["meeting"].extra["choices"] = _offered(vocabulary.meetings)
        self.filters["gate"].extra["choices"] = _offered(vocabulary.gates)

    @property
    def chosen(self) -> facets.Chosen:
        """What is chosen of the computed facets."""
        return {name: self.form.cleaned_data.get(name) or () for name in facets.FACETS}

    @property
    def between(self) -> Between | None:
        """Whose asks of whom are looked at, if not all."""
        chosen = {name: self.form.cleaned_data.get(name) for name in ("asked_by", "asked_of")}
        if not any(chosen.values()):
            return None
        ids = {
            name: frozenset(family(self.vocabulary.organizations, slugs)) if slugs else None
            for name, slugs in chosen.items()
        }
        return Between(ids["asked_by"], ids["asked_of"])

    def filter_queryset(self, queryset: ProposalQuerySet) -> ProposalQuerySet:
        """Apply every filter; who asked whom must hold of one and the same ask."""
        rows = super().filter_queryset(queryset)
        return rows.asked_for(self.day, self.between) if self.between else rows

    def leave(self, rows: ProposalQuerySet, _name: str, _value: list[str]) -> ProposalQuerySet:
        """Leave the rows alone: the two halves of an exchange are applied together."""
        return rows

    def search(self, rows: ProposalQuerySet, _name: str, value: str) -> ProposalQuerySet:
        """Find by text, whatever the case, the diacritics or the language of a name."""
        folded = fold(value)
        if not folded:
            return rows
        things = self.vocabulary.named(folded)
        names = {name for thing in things for name in thing.search_text.split(" | ")}
        kin = family(self.vocabulary.organizations, {one.slug for one in things if one.side})
        return rows.about(folded, self.day, names=names, organizations=kin)

    def involve(self, rows: ProposalQuerySet, name: str, value: list[str]) -> ProposalQuerySet:
        """Keep what the organizations, or what belongs to them, have to do with in the role."""
        if not value:
            return rows
        return rows.involving(family(self.vocabulary.organizations, value), self._ROLES[name])

    def raised_at(self, rows: ProposalQuerySet, _name: str, value: list[str]) -> ProposalQuerySet:
        """Keep what was spoken of at one of the meetings."""
        return rows.spoken_of_at(value, self.day) if value else rows

    def at_gate(self, rows: ProposalQuerySet, _name: str, value: list[str]) -> ProposalQuerySet:
        """Keep what concerns one of the gates."""
        return rows.at_gates(value) if value else rows

    def facets(self, counts: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
        """Give the computed facets: their values, with how many rows each would leave, those chosen ticked."""
        chosen = self.chosen
        return [
            {
                "name": name,
                "label": self.filters[name].label,
                "options": [
                    {"value": value, "label": label, "count": counts[name][value], "chosen": value in chosen[name]}
                    for value, label in self.filters[name].extra["choices"]
                ],
            }
            for name in facets.FACETS
        ]

    def selects(self) -> list[dict[str, Any]]:
        """Give the filters by name: what each offers, what is chosen, and what is chosen beyond the first."""
        offered = []
        for name in (*self._ROLES, "meeting", "gate"):
            chosen = self.form.cleaned_data.get(name) or []
            choices = [(value, label, value in chosen[:1]) for value, label in self.filters[name].extra["choices"]]
            offered.append({"name": name, "label": self.filters[name].label, "choices": choices, "more": chosen[1:]})
        return offered


class MeetingFilter(django_filters.FilterSet):
    """The filters of the list of meetings."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=LONGEST_SEARCH)
    series = ListFilter(label=_("Series"), field_name="series__slug", distinct=False)
    organization = ListFilter(label=_("Organization"), method="involve")

    def __init__(
        self, data: Mapping, queryset: QuerySet[Meeting], *, series: Iterable[Named], organizations: Iterable[Named]
    ) -> None:
        super().__init__(data, queryset)
        self.organizations = tuple(organizations)
        self.filters["series"].extra["choices"] = _offered(series)
        self.filters["organization"].extra["choices"] = _offered(self.organizations)

    def search(self, rows: QuerySet[Meeting], _name: str, value: str) -> QuerySet[Meeting]:
        """Find by name, whatever the case, the diacritics or the language."""
        return rows.filter(search_text__contains=fold(value))

    def involve(self, rows: QuerySet[Meeting], _name: str, value: list[str]) -> QuerySet[Meeting]:
        """Keep the meetings in which the organizations, or what belongs to them, took part."""
        if not value:
            return rows
        return rows.filter(organizations__in=family(self.organizations, value)).distinct()


class SourceFilter(django_filters.FilterSet):
    """The filters of the list of sources."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=LONGEST_SEARCH)
    grade = ListFilter(label=_("Strength"), choices=Grade.choices, distinct=False)

    class Meta:
        model = Source
        fields = ()

    def search(self, rows: QuerySet[Source], _name: str, value: str) -> QuerySet[Source]:
        """Find by publisher, title or document, whatever the case and the diacritics."""
        return rows.filter(search_text__contains=fold(value))


class FigureFilter(django_filters.FilterSet):
    """The filter of the table of figures."""

    indicator = ListFilter(label=_("Indicator"), field_name="series__indicator__slug", distinct=False)

    def __init__(self, data: Mapping, queryset: QuerySet[Observation], *, indicators: Iterable[str]) -> None:
        super().__init__(data, queryset)
        self.filters["indicator"].extra["choices"] = [(slug, slug) for slug in indicators]


def _offered(things: Iterable[Named]) -> list[Choice]:
    return [(thing.slug, thing.label) for thing in things]
