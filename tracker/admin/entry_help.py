"""Remarks beside the form of a proposal: while it is filled in, and after it is saved. They never block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from typing import Any

from django.contrib import messages
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker.access import Reader, may, reader_of, visible
from tracker.choices import Role
from tracker.metrics.entry_help import Entry, Known, Remark, Rule, remarks_on, words_of_title
from tracker.models import Deadline, Involvement, Proposal
from tracker.models.base import SUFFIXES, spoken
from tracker.staff_scales import Action
from tracker.text import fold

# So many words of a title are looked up, and so many titles that share most of them are compared.
MOST_WORDS = 12
MOST_COMPARED = 200

Remarks = list[SafeString]
_TITLES = tuple(f"title_{suffix}" for suffix in SUFFIXES)


@require_POST
def entry_help(request: HttpRequest) -> HttpResponse:
    """Answer the form as it is being filled in with what may be wrong."""
    if ask := request.GET.get("ask", ""):
        remarks = help_for_each(request, [entered_in_sheet(request.POST, f"ask-{ask}")])[0]
        return render(request, "admin/_tracker_entry_help.html", {"remarks": remarks})
    key = request.GET.get("proposal", "")
    stored = Proposal.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    if stored is not None and not may(reader_of(request), Action.VIEW, stored):
        stored = None
    return render(request, "admin/_tracker_entry_help.html", {"remarks": help_for(request, stored)})


def help_for(request: HttpRequest, stored: Proposal | None) -> list[SafeString]:
    """Give the remarks on what was sent, else on what is stored, in words with links. A few queries."""
    if request.method == "POST":
        return _remarks(request, _entered(request.POST, stored), stored)
    return help_for_stored(request, stored) if stored is not None else []


def help_for_stored(request: HttpRequest, stored: Proposal) -> list[SafeString]:
    """Give the remarks on what is stored."""
    has_lead = stored.involvements.filter(role=Role.LEAD).exists()
    return _remarks(request, _stored(stored, has_lead=has_lead, has_deadline=stored.deadlines.exists()), stored)


def tell_remarks(request: HttpRequest, stored: Proposal) -> None:
    """Say once what may be wrong with what was saved."""
    for words in help_for_stored(request, stored):
        messages.warning(request, words)


def _remarks(request: HttpRequest, entry: Entry, stored: Proposal | None) -> list[SafeString]:
    reader = reader_of(request)
    if stored is not None and not may(reader, Action.CHANGE, stored):
        entry = replace(entry, has_lead=True, has_deadline=True)  # whoever only proposes cannot add them here
    remarks = remarks_on(entry, _others(entry, stored, reader))
    slugs = [remark.slug for remark in remarks if remark.slug]
    keys = dict(Proposal.objects.filter(slug__in=slugs).values_list("slug", "pk")) if slugs else {}
    return [_in_words(remark, keys) for remark in remarks]


def help_for_each(request: HttpRequest, entries: Sequence[Entry], *, apart: Iterable[str] = ()) -> list[Remarks]:
    """Give the remarks on several proposals, each held against those on record but for some. Two queries."""
    if not any(text.strip() for entry in entries for text in entry.titles.values()):
        return [[] for _entry in entries]
    rows = visible(reader_of(request), Proposal.objects.exclude(slug__in=apart)).order_by("pk")
    titles = {slug: texts for slug, *texts in rows.values_list("slug", *_TITLES)}
    folded = {slug: " ".join(fold(text or "") for text in texts) for slug, texts in titles.items()}
    found = []
    for entry in entries:
        words = _telling(entry)
        shared = {slug: sum(word in text for word in words) for slug, text in folded.items()}
        alike = nlargest(MOST_COMPARED, (slug for slug, number in shared.items() if number), key=shared.__getitem__)
        found.append(remarks_on(entry, [_known(slug, titles[slug]) for slug in alike]))
    slugs = [remark.slug for remarks in found for remark in remarks if remark.slug]
    keys = dict(Proposal.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    return [[_in_words(remark, keys) for remark in remarks] for remarks in found]


def entered_in_sheet(data: Any, prefix: str) -> Entry:
    """Read off a row of the sheet of a meeting what the rules ask for; who leads it is not asked there."""
    return Entry(
        titles={suffix: data.get(f"{prefix}-title_{suffix}", "") for suffix in SUFFIXES},
        tests={"en": data.get(f"{prefix}-completion_test_en", "")},
        nature=data.get(f"{prefix}-nature", ""),
        has_lead=True,
        has_deadline=bool(data.get(f"{prefix}-phrase", "").strip()),
    )


def help_for_new(request: HttpRequest, new: Sequence[Proposal]) -> list[tuple[Proposal, Remarks]]:
    """Give those of some new proposals that are remarked on, with the remarks. Four queries."""
    keys = [one.pk for one in new]
    led = set(Involvement.objects.filter(proposal__in=keys, role=Role.LEAD).values_list("proposal_id", flat=True))
    due = set(Deadline.objects.filter(proposal__in=keys).values_list("proposal_id", flat=True))
    entries = [_stored(one, has_lead=one.pk in led, has_deadline=one.pk in due) for one in new]
    remarks = help_for_each(request, entries, apart=[one.slug for one in new])
    return [pair for pair in zip(new, remarks, strict=True) if pair[1]]


def _in_words(remark: Remark, keys: Mapping[str, int]) -> SafeString:
    if remark.rule != Rule.DUPLICATE:
        return format_html("{}", remark.words)
    address = reverse("admin:tracker_proposal_change", args=[keys[remark.slug]])
    return format_html('{} <a href="{}">{}</a>', remark.words, address, _("Look at it"))


def _entered(data: Any, stored: Proposal | None) -> Entry:
    """Read off the form what the rules ask for; parts that it does not offer are as they are stored."""
    has_lead, has_deadline = _has_lead(data), _has_row(data, "deadlines", "phrase_en")
    if stored is not None and not _offers(data, "involvements"):
        has_lead = stored.involvements.filter(role=Role.LEAD).exists()
    if stored is not None and not _offers(data, "deadlines"):
        has_deadline = stored.deadlines.exists()
    return Entry(
        titles={suffix: data.get(f"title_{suffix}", "") for suffix in SUFFIXES},
        tests={suffix: data.get(f"completion_test_{suffix}", "") for suffix in SUFFIXES},
        nature=data.get("nature", stored.nature if stored else ""),
        has_lead=has_lead,
        has_deadline=has_deadline,
    )


def _rows(data: Any, prefix: str, name: str) -> Iterable[str]:
    """Give the values of a field in the rows of an inline that stay."""
    pattern = re.compile(rf"{prefix}-(\d+)-{name}")
    for sent in data:
        if (found := pattern.fullmatch(sent)) and not data.get(f"{prefix}-{found[1]}-DELETE"):
            yield found[1]


def _has_row(data: Any, prefix: str, name: str) -> bool:
    return any(data.get(f"{prefix}-{number}-{name}", "").strip() for number in _rows(data, prefix, name))


def _has_lead(data: Any) -> bool:
    named = (
        number for number in _rows(data, "involvements", "role") if data.get(f"involvements-{number}-organization")
    )
    return any(data.get(f"involvements-{number}-role") == Role.LEAD for number in named)


def _offers(data: Any, prefix: str) -> bool:
    """Tell whether the form lets rows of an inline be changed: a form that only shows them sends none."""
    return data.get(f"{prefix}-INITIAL_FORMS", "0") == "0" or f"{prefix}-0-id" in data


def _stored(proposal: Proposal, *, has_lead: bool, has_deadline: bool) -> Entry:
    titles, tests = spoken(proposal, "title"), spoken(proposal, "completion_test")
    return Entry(
        titles={suffix: text or "" for suffix, text in zip(SUFFIXES, titles, strict=True)},
        tests={suffix: text or "" for suffix, text in zip(SUFFIXES, tests, strict=True)},
        nature=proposal.nature,
        has_lead=has_lead,
        has_deadline=has_deadline,
    )


def _others(entry: Entry, stored: Proposal | None, reader: Reader) -> list[Known]:
    """Give the proposals that share most words with the title, of those that the reader may see. One query."""
    telling = _telling(entry)
    if not telling:
        return []
    shared = [Case(When(search_text__contains=word, then=Value(1)), default=Value(0)) for word in telling]
    rows = visible(reader, Proposal.objects.filter(_any_of(telling)))
    rows = rows.exclude(slug=stored.slug if stored else "").annotate(shared=_sum(shared)).order_by("-shared", "pk")
    return [_known(slug, texts) for slug, *texts in rows.values_list("slug", *_TITLES)[:MOST_COMPARED]]


def _known(slug: str, texts: Iterable[str | None]) -> Known:
    return Known(slug, dict(zip(SUFFIXES, (text or "" for text in texts), strict=True)))


def _telling(entry: Entry) -> list[str]:
    """Give the words of the title by which those like it are looked up."""
    words = {word for language, text in entry.titles.items() for word in words_of_title(text, language)}
    telling = sorted((word for word in words if len(word) > 1), key=lambda word: (-len(word), word))[:MOST_WORDS]
    # the longest words of spaced scripts tell most; Chinese pairs are short and need places of their own
    return telling + sorted(word for word in words_of_title(entry.titles.get("zh_hans", ""), "zh_hans"))[:MOST_WORDS]


def _any_of(words: Iterable[str]) -> Q:
    found = Q()
    for word in words:
        found |= Q(search_text__contains=word)
    return found


def _sum(cases: list[Case]) -> Any:
    total: Any = Value(0, output_field=IntegerField())
    for case in cases:
        total = total + case
    return total
