"""Two texts side by side, with what differs marked: words of spaced scripts, single characters of Chinese."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_PIECES = re.compile(r"\s+|[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


NOTHING = "–"


def marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Give both texts as HTML: what only the old one has in `del`, what only the new one has in `ins`."""
    if NOTHING in (old, new):
        return _written([("del" if old != NOTHING else "", old)]), _written([("ins" if new != NOTHING else "", new)])
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    left: list[tuple[str, str]] = []
    right: list[tuple[str, str]] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        is_same = kind == "equal"
        left.append(("" if is_same else "del", "".join(before[start:end])))
        right.append(("" if is_same else "ins", "".join(after[new_start:new_end])))
    return _written(left), _written(right)


def _written(parts: list[tuple[str, str]]) -> SafeString:
    pieces = [
        format_html("<{0}>{1}</{0}>", tag, text) if tag else format_html("{}", text) for tag, text in parts if text
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))
