"""In which language a text is typed, said at its field: the reader's comes first, English is always among them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_lazy

from tracker.models.base import SUFFIXES

ENGLISH = SUFFIXES[0]
_IN_WORDS = {
    "en": gettext_lazy("%(text)s in English"),
    "vi": gettext_lazy("%(text)s in Vietnamese"),
    "zh_hans": gettext_lazy("%(text)s in Chinese"),
}


def of_reader() -> str:
    """Give the suffix of the columns in the language in force."""
    suffix = (get_language() or ENGLISH).replace("-", "_")
    return suffix if suffix in SUFFIXES else ENGLISH


def readers_first() -> list[str]:
    """Give the suffixes of all languages, that of the language in force first."""
    return sorted(SUFFIXES, key=lambda suffix: suffix != of_reader())


def labelled(label: Any, suffix: str) -> str:
    """Name a text's field with its language; whoever reads English takes a bare name for English."""
    bare = suffix == ENGLISH == of_reader()
    return str(label) if bare else _IN_WORDS[suffix] % {"text": label}
