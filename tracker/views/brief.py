"""The brief: the sheet for the next meeting with a counterpart, as a page, as print and as a Word file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tracker import brief_reads as reads
from tracker.access import ANYBODY, Reader, shown_to
from tracker.brief_words import Occasion, References, Sheet, sheet
from tracker.choices import Side
from tracker.documents import WORD, document
from tracker.metrics.brief import Brief, brief
from tracker.metrics.changes import Window
from tracker.metrics.suggestions import Limits, Reason
from tracker.names import Named
from tracker.office import thresholds
from tracker.querysets import organization_names
from tracker.views.shared import BadRequestError, Day, dated, page

NAMES = ("counterpart", "meeting", "side", "public", "as_of")
SIDES = (Side.VIETNAM, Side.CHINA)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: whose side, with whom, for which meeting; and what else may be chosen."""

    us: Side
    organizations: Sequence[Named]
    counterpart: Named | None
    meeting: reads.NextMeeting | None
    meetings: Sequence[reads.NextMeeting]
    is_public: bool

    def query(self, day: Day, **changed: str) -> str:
        """Write the choice as a query string, with some of it changed."""
        chosen = {
            "counterpart": self.counterpart.slug if self.counterpart else "",
            "meeting": self.meeting.code if self.meeting else "",
            "side": self.us.value if self.us != Side.VIETNAM else "",
            "public": "1" if self.is_public else "",
        }
        return day.query(**{**chosen, **changed})


@dataclass(frozen=True, slots=True)
class Card:
    """A counterpart to choose: how much is open with it, and the meeting that comes next, if one is on record."""

    counterpart: Named
    count: int
    href: str
    meeting: str


def limits() -> Limits:
    """Give the counts that the office has set for the suggested lines."""
    return Limits(settings.TRACKER_BRIEF_DROP_DAYS, settings.TRACKER_BRIEF_DECLINED_TIMES)


def rules_of_lines() -> list[tuple[Reason, str]]:
    """Give the rules of the suggested lines in their order, with the office's counts."""
    counts = limits()
    filled = {
        "drop_days": counts.drop_days,
        "declined_times": counts.declined_times,
        "stalled_days": thresholds().stalled_days,
    }
    return [(one, str(one.rule).format(**filled)) for one in Reason]


@dated
def show(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the sheet for a counterpart and a meeting, or what may be chosen."""
    asked = asked_of(request, day)
    context: dict[str, Any] = {
        "asked": asked,
        "sides": [(side, reverse("brief") + day.query(side=side if side != Side.VIETNAM else "")) for side in SIDES],
    }
    if asked.counterpart is None:
        return page(request, "tracker/brief_choice.html", day, context | {"cards": _cards(asked, day)})
    written, made = written_for(request, asked, day)
    context |= {
        "sheet": written,
        "brief": made,
        "running_head": _in_style_sheet(_running_head(written)),
        "document": reverse("brief_document") + asked.query(day),
        "public_address": reverse("brief") + asked.query(day, public="1"),
        "whole_address": reverse("brief") + asked.query(day, public=""),
        "options": [(one, _name_of(one), one == asked.meeting) for one in asked.meetings],
        "is_staff": shown_to(request).is_staff,
    }
    return page(request, "tracker/brief.html", day, context)


@dated
def download(request: HttpRequest, day: Day) -> HttpResponse:
    """Give the sheet as a Word file."""
    asked = asked_of(request, day)
    if asked.counterpart is None:
        message = _("counterpart: is missing; allowed: %(names)s.")
        raise BadRequestError(message % {"names": _slugs(reads.counterparts(asked.organizations, asked.us))})
    written, _made = written_for(request, asked, day)
    response = HttpResponse(document(written), content_type=WORD)
    name = f"brief-{asked.counterpart.slug}-{day.shown.isoformat()}.docx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _running_head(written: Sheet) -> str:
    if not written.is_inside:
        return written.title
    return _("Internal – %(title)s") % {"title": written.title}


def _in_style_sheet(text: str) -> str:
    """Write a text so that it can stand between quotes in a style sheet, whatever is in it.

    A style sheet takes the blank after a coded sign as the end of its code.
    """
    return "".join(one if one.isalnum() or one == " " else f"\\{ord(one):06x} " for one in text)


def asked_of(request: HttpRequest, day: Day) -> Asked:
    """Read the choice from the address. Three queries.

    Raises:
        BadRequestError: if it asks for what is not there; the message says what is allowed.
    """
    unknown = [name for name in request.GET if name not in NAMES]
    if unknown:
        message = _("“%(name)s” is not known here; allowed: %(names)s.")
        raise BadRequestError(message % {"name": unknown[0], "names": ", ".join(NAMES)})
    us = Side(_one_of(request, "side", [side.value for side in SIDES]) or Side.VIETNAM.value)
    public = _one_of(request, "public", ["1", "0"]) == "1"
    organizations = organization_names()
    coming = reads.coming(day.shown)
    there = [one for one in organizations if one.side == reads.other(us)]
    slug = _one_of(request, "counterpart", [one.slug for one in there])
    counterpart = next((one for one in there if one.slug == slug), None)
    if counterpart is None and us == Side.VIETNAM and (code := request.GET.get("meeting", "")):
        _one_of(request, "meeting", [one.code for one in coming])
        wanted = next(one.series.counterpart for one in coming if one.code == code)
        counterpart = next((one for one in there if one.id == wanted), None)
    if counterpart is None:
        return Asked(us, organizations, None, None, coming, public)
    meetings = reads.meetings_with(counterpart, us, organizations, coming)
    code = _one_of(request, "meeting", [one.code for one in meetings])
    chosen = next((one for one in meetings if one.code == code), meetings[0] if meetings else None)
    return Asked(us, organizations, counterpart, chosen, meetings, public)


def _one_of(request: HttpRequest, name: str, allowed: Sequence[str]) -> str:
    value = request.GET.get(name, "")
    if value and value not in allowed:
        message = _("%(name)s: “%(value)s” is not known; allowed: %(values)s.")
        raise BadRequestError(message % {"name": name, "value": value, "values": ", ".join(allowed) or "–"})
    return value


def _slugs(some: Sequence[Named]) -> str:
    return ", ".join(one.slug for one in some)


def _name_of(one: reads.NextMeeting) -> str:
    if one.name:
        return one.name
    return _("The next meeting of: %(series)s") % {"series": one.series.name}


def _cards(asked: Asked, day: Day) -> list[Card]:
    """Give the counterparts with which something is open; those to be met first, then by how much. Three queries."""
    known = reads.ground(day.shown, thresholds(), asked.organizations)
    cards = []
    for one in reads.counterparts(asked.organizations, asked.us):
        items, _said = known.between(reads.parties(one, asked.us, asked.organizations, None))
        count = sum(item.facts.status.is_open for item in items)
        side = asked.us.value if asked.us != Side.VIETNAM else ""
        if count:
            meetings = reads.meetings_with(one, asked.us, asked.organizations, asked.meetings)
            href = reverse("brief") + day.query(counterpart=one.slug, side=side)
            cards.append(Card(one, count, href, _name_of(meetings[0]) if meetings else ""))
    return sorted(cards, key=lambda card: (not card.meeting, -card.count))


def written_for(request: HttpRequest, asked: Asked, day: Day) -> tuple[Sheet, Brief]:
    """Write the sheet that the address asks for, for whoever reads it. Twelve queries."""
    assert asked.counterpart is not None  # noqa: S101 - both callers have asked
    reader: Reader = ANYBODY if asked.is_public else shown_to(request)
    series = asked.meeting.series if asked.meeting else None
    table = reads.parties(asked.counterpart, asked.us, asked.organizations, series)
    known = reads.material(day.shown, reads.ground(day.shown, thresholds(), asked.organizations), table, reader)
    last = asked.meeting.last if asked.meeting else None
    window = Window(last.last, day.shown) if last else None
    made = brief(known, asked.us, window, day.shown, limits())
    said = [one for entry in made.entries for one in entry.said]
    told = [one.id for entry in made.entries if entry.in_full for one in entry.told]
    cited = reads.sources_of(told)
    sources = {one.source for one in said} | {slug for slugs in cited.values() for slug in slugs}
    refs = References(reads.meeting_names({one.meeting_id for one in said}), reads.references(sources), day.page)
    occasion = Occasion(
        counterpart=asked.counterpart.label,
        us=asked.us,
        meeting=_name_of(asked.meeting) if asked.meeting else pgettext("meeting", "None on record"),
        when=asked.meeting.when if asked.meeting else None,
        last=last,
        written_on=day.shown,
    )
    return sheet(made, occasion, refs, cited, day.page), made
