"""What may be wrong with a proposal as it is being entered: remarks that never block. No database, no clock.

Each rule would rather be silent than cry wolf. Grammar is judged by lists of the verbs that such titles use, so an
unusual word is doubted only where its form or its place speaks against a verb.

Likeness of two titles, from 0 to 1, is the share of words that both have among those that either has (Jaccard), in the
language where it is greatest. Words are folded (case, diacritics, a plural's s) and the commonest dropped; the words of
Chinese are its pairs of neighbouring characters. Where all words of a title of at least `LEAST_WORDS` stand in the
other, the likeness is at least `CONTAINED`. From `ALIKE` on, a title is named as a likely duplicate.

A short title is held against a long one by what it is about: its words without those of the deed, each weighing the
more the fewer of the titles on record have it. Where the other has at least `CONTAINED` of that weight and all of its
words that are not rare, and one of the words that both have is rare, the titles count as `ALIKE`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import log

from django.utils.translation import gettext_lazy as _

from tracker.choices import Nature
from tracker.metrics.entry_words import (
    CHINESE_JOINING,
    CHINESE_VERBS,
    COMMON_WORDS,
    DETERMINERS,
    ENGLISH_VERBS,
    NAMES_OF_DEEDS,
    NOUNS_TOO,
    VIETNAMESE_DEEDS,
    VIETNAMESE_JOINING,
    VIETNAMESE_NAMING,
    VIETNAMESE_VERBS,
)
from tracker.text import fold

ALIKE = 0.6
CONTAINED = 0.75
LEAST_WORDS = 3
MOST_NAMED = 3
RARE = 4  # a word that no more titles on record have tells one proposal from another; of many titles, one in fifty

Texts = Mapping[str, str]  # by language: en, vi, zh_hans


class Rule(Enum):
    """What is remarked on."""

    NO_LEAD = "no_lead"
    NO_VERB = "no_verb"
    TWO_ACTIONS = "two_actions"
    NO_TEST = "no_test"
    NO_DEADLINE = "no_deadline"
    DUPLICATE = "duplicate"

    @property
    def words(self) -> str:
        """The remark, with a place for what it is about."""
        return str(_WORDS[self])


_WORDS = {
    Rule.NO_LEAD: _("Nobody leads it: name the organization that is to see to it, in the role “lead”."),
    Rule.NO_VERB: _("The title does not begin with a verb: “%(about)s”. Say what is to be done: “Open the … gate”."),
    Rule.TWO_ACTIONS: _("The title may ask for two things: “%(about)s”. Two proposals can be judged one by one."),
    Rule.NO_TEST: _("There is no completion test: how can anybody tell that it is done, or that it is kept?"),
    Rule.NO_DEADLINE: _("There is no deadline: add its phrase as it was said, even if it is only “soon”."),
    Rule.DUPLICATE: _("It may be on record already: “%(about)s”."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal as far as it is entered."""

    titles: Texts
    tests: Texts
    nature: str = ""
    has_lead: bool = False
    has_deadline: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A proposal on record."""

    slug: str
    titles: Texts


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule has found: the words in question, and for a likely duplicate its slug."""

    rule: Rule
    about: str = ""
    slug: str = ""

    @property
    def words(self) -> str:
        """The remark in words."""
        return self.rule.words % {"about": self.about}


def remarks_on(entry: Entry, others: Iterable[Known]) -> list[Remark]:
    """Give the remarks on a proposal as far as it is entered; none before it has a title."""
    titles = {language: text.strip() for language, text in entry.titles.items() if text.strip()}
    if not titles:
        return []
    remarks = [Remark(Rule.DUPLICATE, about, slug) for slug, about in duplicates_of(titles, others)]
    remarks += [Remark(Rule.NO_VERB, text) for text in list(_without_verb(titles))[:1]]
    remarks += [Remark(Rule.TWO_ACTIONS, text) for text in list(_second_actions(titles))[:1]]
    if not any(text.strip() for text in entry.tests.values()) and entry.nature != Nature.DECLARATORY:
        remarks.append(Remark(Rule.NO_TEST))
    if not entry.has_lead:
        remarks.append(Remark(Rule.NO_LEAD))
    if not entry.has_deadline:
        remarks.append(Remark(Rule.NO_DEADLINE))
    return remarks


# Verbs ----------------------------------------------------------------------------------------------------------------

_ENGLISH = re.compile(r"[a-z][a-z'-]*")


def _without_verb(titles: Texts) -> Iterator[str]:
    """Give the beginning of each title that seems to have no verb there."""
    if (english := titles.get("en")) and not _begins_with_english_verb(english):
        yield _beginning(english)
    if (vietnamese := titles.get("vi")) and not _has_vietnamese_verb(vietnamese):
        yield _beginning(vietnamese)
    if (chinese := titles.get("zh_hans")) and not any(verb in chinese for verb in CHINESE_VERBS):
        yield chinese[:12]


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:3]) + (" …" if len(words) > 3 else "")


def _begins_with_english_verb(title: str) -> bool:
    """Read the first word, past adverbs: a known verb will do; a noun's form, an article or a number will not."""
    words = [word for word in fold(title).split() if not word.endswith("ly") or word in ENGLISH_VERBS]
    first = words[0].strip(".,:;()\"'“”") if words else ""
    # “re-open”, “co-operate”: the verb stands behind the hyphen
    if first in ENGLISH_VERBS or first.rpartition("-")[2] in ENGLISH_VERBS:
        return True
    if not _ENGLISH.fullmatch(first) or first in DETERMINERS or first.endswith(NAMES_OF_DEEDS):
        return False
    # an unknown word followed by what only a verb's object begins with is most likely a verb
    return len(words) > 1 and words[1] in DETERMINERS


def _has_vietnamese_verb(title: str) -> bool:
    said = " ".join(title.casefold().split())
    if any(said == word or said.startswith(f"{word} ") for word in VIETNAMESE_NAMING):
        return False
    return any(f" {verb} " in f" {said} " for verb in VIETNAMESE_VERBS)


# Two actions ----------------------------------------------------------------------------------------------------------

_JOINT = r"(?:[,;&/]|\b(?:and|then|as well as)\b)"
_JOINED = re.compile(rf"{_JOINT}(?:\s*(?:{_JOINT}|\b(?:also|to)\b))*\s*([a-z-]+)(?=\s+([a-z-]+)|)")
_PRONOUNS = {"it", "them"}
_NEXT_SENTENCE = re.compile(r"[.!?]\s+[A-Z]\w*")


def _second_actions(titles: Texts) -> Iterator[str]:
    """Give the place in each title where a second action seems to begin."""
    if english := titles.get("en"):
        yield from _second_english_action(english)
    if vietnamese := titles.get("vi"):
        said = " ".join(vietnamese.casefold().split())
        yield from (
            f"{joint}{verb}"
            for joint in VIETNAMESE_JOINING
            for verb in VIETNAMESE_DEEDS
            if f"{joint}{verb} " in f"{said} "
        )
    if chinese := titles.get("zh_hans"):
        yield from (
            f"{joint}{verb}" for joint in CHINESE_JOINING for verb in CHINESE_VERBS if f"{joint}{verb}" in chinese
        )


def _second_english_action(title: str) -> Iterator[str]:
    said = fold(title)
    for found in _JOINED.finditer(said):
        word, following = found[1], found[2] or ""
        # “trade and transport”: what can be a noun counts as a verb only before an object
        is_verb = word in ENGLISH_VERBS and (word not in NOUNS_TOO or following in DETERMINERS | _PRONOUNS)
        if is_verb and not _is_one_phrase(said[: found.start()]):
            yield f"{found[0]} {following}".strip(" ,;")
    yield from (found[0] for found in _NEXT_SENTENCE.finditer(title))


def _is_one_phrase(before: str) -> bool:
    """Tell whether only one word stands before: “value and promote the cooperation” asks for one thing."""
    return len(before.split()) <= 1


# Likeness -------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")


def words_of_title(text: str, language: str) -> frozenset[str]:
    """Give the words by which titles are compared; of Chinese the pairs of characters."""
    folded = fold(text)
    if language == "zh_hans":
        runs = re.findall(r"[\u3400-\u9fff]+|[a-z0-9]+", folded)
        pairs = (run[at : at + 2] if run > "\u3400" else run for run in runs for at in range(max(len(run) - 1, 1)))
        return frozenset(pairs)
    words = _WORD.findall(folded)
    if language == "en":
        words = [
            word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words
        ]
    return frozenset(words) - COMMON_WORDS


def likeness(one: Texts, other: Texts) -> float:
    """Say how alike two titles are, in the language in which they are most."""
    shared = [language for language in one if one[language].strip() and (other.get(language) or "").strip()]
    return max((_likeness_in(one[language], other[language], language) for language in shared), default=0.0)


def _likeness_in(one: str, other: str, language: str) -> float:
    mine, theirs = words_of_title(one, language), words_of_title(other, language)
    if not mine or not theirs:
        return 0.0
    share = len(mine & theirs) / len(mine | theirs)
    if (mine <= theirs or theirs <= mine) and min(len(mine), len(theirs)) >= LEAST_WORDS:
        return max(share, CONTAINED)
    return share


def duplicates_of(titles: Texts, others: Iterable[Known]) -> list[tuple[str, str]]:
    """Give (slug, title) of those on record that are likely the same, the most alike first."""
    known = list(others)
    about = _About(titles, [other.titles for other in known])
    rated = [(max(likeness(titles, one.titles), about.likeness(at)), one) for at, one in enumerate(known)]
    alike = sorted((pair for pair in rated if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1].slug))
    return [(other.slug, other.titles.get("en", "") or other.slug) for _rate, other in alike[:MOST_NAMED]]


class _About:
    """What a title and those on record are about, in each language of the title."""

    def __init__(self, titles: Texts, others: Sequence[Texts]) -> None:
        self._mine = {language: _matter_of(text, language) for language, text in titles.items() if text.strip()}
        self._theirs = [{key: _matter_of(other.get(key) or "", key) for key in self._mine} for other in others]
        self._most = max(RARE, len(others) // 50)
        self._having = {key: Counter(word for one in self._theirs for word in one[key]) for key in self._mine}

    def likeness(self, at: int) -> float:
        """Give `ALIKE`, or a little more, if a title on record is about the same in any language; else 0."""
        return max((self._likeness_in(key, self._theirs[at][key]) for key in self._mine), default=0.0)

    def _likeness_in(self, language: str, theirs: frozenset[str]) -> float:
        mine = self._mine[language]
        shared = mine & theirs
        shorter = min(mine, theirs, key=lambda words: self._weight(language, words))
        tells = any(self._having[language][word] <= self._most for word in shared)
        # what is common on record is mostly the counterpart: one about Guangxi is not one about Yunnan
        if not tells or any(self._having[language][word] > self._most for word in shorter - shared):
            return 0.0
        share = self._weight(language, shared) / self._weight(language, shorter)
        return ALIKE + (share - CONTAINED) / 10 if share >= CONTAINED else 0.0

    def _weight(self, language: str, words: frozenset[str]) -> float:
        having = self._having[language]
        return sum(log(1 + len(self._theirs) / max(having[word], 1)) for word in words)


def _matter_of(text: str, language: str) -> frozenset[str]:
    """Give the words of a title without those of the deed; of Chinese its single characters."""
    if language == "zh_hans":
        for verb in sorted(CHINESE_VERBS, key=len, reverse=True):
            text = text.replace(verb, " ")
        return frozenset(re.findall(r"[\u3400-\u9fff]|[a-z0-9]+", fold(text)))
    if language == "vi":
        said = " ".join(text.casefold().split())
        verbs = [verb for verb in VIETNAMESE_VERBS if said.startswith(f"{verb} ")]
        return words_of_title(said.removeprefix(max(verbs, key=len, default="")), language)
    words, first = words_of_title(text, language), fold(text).split()[:1]
    return words - (ENGLISH_VERBS - NOUNS_TOO) - (ENGLISH_VERBS & {*first})
