"""What the short forms are made of: dates in the tracker's notation, sources found or added, texts in languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.choices import Grade, Language, Precision
from tracker.dates import NOTATION, Interval, parse_when
from tracker.models import Source
from tracker.models.addresses import free_slug
from tracker.rules import problem_of_past_day
from tracker.text import fold

MOST_NAMED = 5  # sources that an error names


class WhenField(forms.Field):
    """A period in the one notation of the tracker; its value is an `Interval`, or None where nothing is known."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "required": False,
            "label": gettext_lazy("When"),
            "help_text": gettext_lazy(
                "As finely as a source says, and no finer: %(notation)s. Empty where no date is known."
            )
            % {"notation": NOTATION},
        }
        super().__init__(**defaults | kwargs)

    def to_python(self, value: Any) -> Interval | None:
        """Read the notation."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_when(text)
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is not a date; allowed: %(notation)s."),
                code="invalid",
                params={"text": text, "notation": NOTATION},
            ) from None

    def prepare_value(self, value: Any) -> Any:
        """Write the notation."""
        return str(value) if isinstance(value, Interval) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as written, so that a row known only to a month is not rewritten by opening it."""
        return str(initial or "") != str(data or "").strip()


class DayField(WhenField):
    """A day known to the day, month, quarter or year: no stretch of days."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = gettext_lazy("As finely as a source says: 2024-11-06, 2024-11, 2022-Q1 or 2021.")
        super().__init__(**{"required": True, "label": gettext_lazy("Date"), "help_text": help_text} | kwargs)

    def to_python(self, value: Any) -> Interval | None:
        """Refuse from–to."""
        when = super().to_python(value)
        if when and when.precision == Precision.DAY and when.first != when.last:
            raise ValidationError(
                _("“%(text)s” is a stretch of days; allowed: one day, month, quarter or year."),
                params={"text": when},
            )
        return when


def last_day_of(when: Interval, today: date) -> date:
    """Give the last day that a date can be: of a month that is not over, today."""
    return min(when.last, today) if when.first <= today else when.last


class SourceField(forms.CharField):
    """A source on record, by short name, address on the web, or words of its publisher and title."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "label": gettext_lazy("Source"),
            "required": False,
            "help_text": gettext_lazy(
                "Short name, address, or words of the title of a source on record; the newest are offered."
            ),
            "widget": forms.TextInput(attrs={"list": "sources-offered", "autocomplete": "off"}),
        }
        super().__init__(**defaults | kwargs)

    def clean(self, value: Any) -> Source | None:
        """Find the one source that is meant."""
        text = super().clean(value)
        if not text:
            return None
        exact = Source.objects.filter(Q(slug=text) | Q(url=text)).order_by("pk").first()
        if exact is not None:
            return exact
        meant = Source.objects.all()
        for word in fold(text).split():
            meant = meant.filter(search_text__contains=word)
        found = list(meant[: MOST_NAMED + 1])
        if len(found) == 1:
            return found[0]
        raise ValidationError(_several(text, found) if found else _none(text))


def _none(text: str) -> str:
    message = _("No source on record is called “%(text)s”. Type its short name or other words of its title, or add it.")
    return message % {"text": text}


def _several(text: str, found: list[Source]) -> str:
    named = "; ".join(f"{source} ({source.slug})" for source in found[:MOST_NAMED])
    if len(found) > MOST_NAMED:
        message = _("Many sources fit “%(text)s”, among them: %(sources)s. Type the short name of one.")
    else:
        message = _("Several sources fit “%(text)s”: %(sources)s. Type the short name of one.")
    return message % {"text": text, "sources": named}


class NewSourceForm(forms.ModelForm):
    """A source that is not yet on record, added on the way."""

    url = forms.URLField(label=gettext_lazy("Address"), required=False, max_length=1000, assume_scheme="https")
    when = DayField(label=gettext_lazy("Published on"), required=False)

    # what is empty while no source is added; language and strength always say something
    typed = ("publisher", "title", "url", "when")

    class Meta:
        model = Source
        fields = ("publisher", "title", "language", "url", "grade")

    field_order = (*typed, "language", "grade")

    def __init__(self, data: Mapping[str, Any] | None, *, today: date) -> None:
        initial = {"language": Language.VIETNAMESE, "grade": Grade.PRESS}
        super().__init__(data, prefix="new", initial=initial, use_required_attribute=False)
        self.today = today
        for name in ("language", "grade"):  # what they say at first says nothing: both have to be right, not chosen
            self.fields[name].choices = [pair for pair in self.fields[name].choices if pair[0]]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, data: Mapping[str, Any] | None, *, today: date) -> Self:
        """Read it from what was sent, if anything about a new source was."""
        is_typed = data is not None and any(str(data.get(f"new-{name}", "")).strip() for name in cls.typed)
        return cls(data if is_typed else None, today=today)

    def clean_url(self) -> str:
        """Refuse an address that a source on record has."""
        url = self.cleaned_data["url"]
        known = Source.objects.filter(url=url).first() if url else None
        if known is not None:
            message = _("The source “%(source)s” has this address already: its short name is %(slug)s.")
            raise ValidationError(message % {"source": known, "slug": known.slug})
        return url

    def clean_when(self) -> Interval | None:
        """Refuse a day to come."""
        when = self.cleaned_data["when"]
        if when and (problem := problem_of_past_day(when.first, when.precision, self.today)):
            raise ValidationError(problem)
        return when

    def save(self, commit: bool = True) -> Source:
        """Save, under a short name made of publisher, title and date."""
        source = self.instance
        when = self.cleaned_data["when"]
        source.published_on = last_day_of(when, self.today) if when else None
        source.precision = when.precision.value if when else Precision.NONE.value
        source.slug = free_slug(Source, f"{source.publisher} {source.title} {source.published}")
        source.save()
        return source


def sources_offered(first: Any, most: int = 60) -> list[Source]:
    """Give the sources that a short form offers: those that the proposal rests on, then the newest. Two queries."""
    own = list(Source.objects.filter(pk__in=first))[:most]
    newest = Source.objects.exclude(pk__in=first).order_by("-published_on", "-pk")[: most - len(own)]
    return [*own, *newest]
