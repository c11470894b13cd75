"""Picking by name: a short text field that proposes names and understands part of one, with or without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.models import Organization, Post, Source
from tracker.models.base import spoken
from tracker.text import fold, fold_all

Picked = TypeVar("Picked")
_NAMED_IN_AN_ERROR = 6


@dataclass(frozen=True, slots=True)
class Choice(Generic[Picked]):
    """Something to be picked: what it is called on the page, and the folded names that find it."""

    label: str
    search_text: str
    record: Picked


class Choices(Generic[Picked]):
    """What a field may pick from; each label stands once."""

    def __init__(self, list_id: str, choices: Iterable[Choice[Picked]]) -> None:
        self.list_id = list_id
        self.choices = list(choices)
        self._by_label = {fold(one.label): one for one in self.choices}

    @property
    def labels(self) -> list[str]:
        """Give the labels, in order."""
        return [one.label for one in self.choices]

    def pick(self, text: str) -> Picked:
        """Give what a text names: a label, else a whole name, else words that only one has.

        Raises:
            ValidationError: if it names nothing, or several.
        """
        folded = fold(text)
        if folded in self._by_label:
            return self._by_label[folded].record
        named = [one for one in self.choices if folded in one.search_text.split(" | ")]
        found = named or [one for one in self.choices if all(word in one.search_text for word in folded.split())]
        if len(found) == 1:
            return found[0].record
        if not found:
            raise ValidationError(_("“%(text)s” is not on record; pick one of the list.") % {"text": text})
        labels = "; ".join(one.label for one in found[:_NAMED_IN_AN_ERROR])
        message = _("“%(text)s” may be one of %(count)s; say which: %(labels)s.")
        more = "…" if len(found) > _NAMED_IN_AN_ERROR else ""
        raise ValidationError(message % {"text": text, "count": len(found), "labels": labels + more})


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who spoke: an organization, through the holder of a post where one is named."""

    organization: Organization
    post: Post | None = None

    @property
    def side(self) -> str:
        """The side for which it was said."""
        return self.organization.side


@dataclass(frozen=True, slots=True)
class Directory:
    """Who can speak, who can be spoken to, and what can be cited."""

    speakers: Choices[Speaker]
    organizations: Choices[Organization]
    sources: Choices[Source]


def directory() -> Directory:
    """Read the directory. Three queries."""
    organizations = list(Organization.objects.order_by("-side", "slug"))
    bodies = [Choice(one.name, one.search_text, one) for one in organizations]
    posts = [
        Choice(f"{post.person.name}, {post.title}", fold_all([post.person.search_text, *spoken(post, "title")]), post)
        for post in Post.objects.select_related("person", "organization").order_by("person__slug", "since")
    ]
    speakers = [Choice(one.label, one.search_text, Speaker(one.record.organization, one.record)) for one in posts]
    speakers += [Choice(one.label, one.search_text, Speaker(one.record)) for one in bodies]
    sources = [
        Choice(_label(one), f"{one.search_text} | {one.slug} | {fold(one.url)}", one) for one in Source.objects.all()
    ]
    return Directory(
        speakers=Choices("speakers", _told_apart(speakers)),
        organizations=Choices("organizations", _told_apart(bodies)),
        sources=Choices("sources", _told_apart(sources)),
    )


def _label(source: Source) -> str:
    return f"{source} ({source.published})" if source.published else str(source)


def _told_apart(choices: Sequence[Choice[Picked]]) -> list[Choice[Picked]]:
    """Number the labels that come again."""
    seen: dict[str, int] = {}
    apart = []
    for one in choices:
        times = seen[one.label] = seen.get(one.label, 0) + 1
        apart.append(one if times == 1 else Choice(f"{one.label} [{times}]", one.search_text, one.record))
    return apart


class PickField(forms.CharField):
    """A text that names one thing of a list; its value is the thing, or None."""

    def __init__(self, choices: Choices[Any], **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 600} | kwargs)
        self.choices = choices
        self.widget.attrs |= {"list": choices.list_id, "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        """Find the thing."""
        text = super().clean(value)
        return self.choices.pick(text) if text else None
