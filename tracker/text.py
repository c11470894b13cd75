"""Text folded for search: case, diacritics and đ make no difference; Chinese stays as it is."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"đ": "d", "Đ": "d", "–": "-", "—": "-", "’": "'"})


def fold(text: str) -> str:
    """Fold a text so that *Lào Cai*, *LAO CAI* and *lao  cai* become the same string.

    Compatibility decomposition (NFKD), combining marks dropped, case folded, runs of white space made one space.
    """
    decomposed = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def fold_all(texts: list[str | None]) -> str:
    """Fold several texts into one line in which no phrase can match across two of them."""
    return " | ".join(folded for text in texts if text and (folded := fold(text)))
