"""Numbers in the names of meetings: from “Fifth conference” to “Sixth conference”, in each language. No database."""

from __future__ import annotations

import re

_ENGLISH = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth",
)  # fmt: skip
_VIETNAMESE = ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
_CHINESE = "一二三四五六七八九"


def _english_digits(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _vietnamese(number: int) -> str:
    return f"thứ {_VIETNAMESE[number - 1] if number <= len(_VIETNAMESE) else number}"


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return f"第{('' if tens == 1 else _CHINESE[tens - 1]) + '十' if tens else ''}{_CHINESE[ones - 1] if ones else ''}"


def _forms(number: int) -> list[str]:
    """Write a number in each way that a name may have it; the same way stands at the same place for every number."""
    in_words = _ENGLISH[number - 1] if number <= len(_ENGLISH) else _english_digits(number)
    return [
        in_words,
        _english_digits(number),
        _vietnamese(number),
        f"thứ {number}",
        _chinese(number) if number < 100 else f"第{number}",
        f"第{number}",
    ]


def renumbered(name: str, old: int, new: int) -> str:
    """Give the name with its number replaced; an empty text where it does not show the number that it has.

    A year is no number of a meeting: nobody knows yet when the next one will be.
    """
    for before, after in zip(_forms(old), _forms(new), strict=True):
        # a longer number is another one: “thứ mười một” is not “thứ mười”, “第五十次” not “第五次”
        ends = "(?=[次届])" if before.startswith("第") else r"(?!\w| một| hai)"
        begins = "" if before.startswith("第") else r"(?<!\w)"
        found = re.search(begins + re.escape(before) + ends, name, re.IGNORECASE)
        if found is not None:
            kept = after.capitalize() if found[0][0].isupper() else after
            return name[: found.start()] + kept + name[found.end() :]
    return ""
