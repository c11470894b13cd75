"""Feeds: the deadlines and meetings for calendar programs, and what came on record for feed readers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from tracker.choices import Schedule, Stance, Status
from tracker.dates import Interval, shorten
from tracker.feed_reads import (
    Ahead,
    CycleEnd,
    InForce,
    Recorded,
    cycle_ends,
    deadlines_in_force,
    meetings_ahead,
    recorded,
)
from tracker.feeds import Channel, News, Occasion, atom, calendar, latest
from tracker.filters import RegisterFilter
from tracker.metrics import facets
from tracker.names import family
from tracker.office import thresholds
from tracker.querysets import localized, published_on, vocabulary
from tracker.templatetags.tracker import day as written
from tracker.templatetags.tracker import period
from tracker.views.entrance import by_token
from tracker.views.proposals import moved
from tracker.views.shared import BadRequestError, Day, dated, faults

MOST_NEWS = 100
_OWN = ("as_of", "lang", "token")
View = Callable[..., HttpResponseBase]


def in_language(view: View) -> View:
    """Write the feed in the language that `lang` names: its readers send no cookie and seldom say a language."""

    @wraps(view)
    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get("lang", "")
        try:
            language = translation.get_supported_language_variant(asked) if asked else translation.get_language()
        except LookupError:
            allowed = ", ".join(code for code, _label in settings.LANGUAGES)
            message = _("lang: “%(value)s” is not known; allowed: %(values)s.") % {"value": asked, "values": allowed}
            return HttpResponse(f"{message}\n", status=400, content_type="text/plain; charset=utf-8")
        with translation.override(language):
            response = view(request, *args, **kwargs)
            response["Content-Language"] = language
            return response

    return spoken


def feed(view: View) -> View:
    """Join what every feed needs: who may read it, its language, its day, and "nothing new" where nothing is."""
    return require_safe(by_token(in_language(conditional_page(dated(view)))))


@feed
def calendar_feed(request: HttpRequest, day: Day) -> HttpResponse:
    """Give the deadlines in force, and the planned meetings with a date, as a calendar."""
    chosen = _chosen(request, day)
    rows = (
        published_on(day.shown)
        .filter(**chosen.condition("pk"))
        .with_facts(day.shown)
        .in_order_of("title")
    )  # fmt: skip
    deadlines = deadlines_in_force(rows, day.shown, thresholds())
    cycles = cycle_ends(rows, day.shown, thresholds())
    meetings = [] if chosen.organizations == frozenset() else meetings_ahead(day.shown, chosen.organizations)
    occasions = [_deadline(one, request, day) for one in deadlines] + [_cycle(one, request, day) for one in cycles]
    occasions += [_meeting(one, request, day) for one in meetings]
    about = _("Deadlines in force, ends of cycles, and planned meetings. What has no date is not in it.")
    channel = _channel(request, _titled(_("Commitment tracker"), chosen), about, reverse("register"), "calendar")
    body = calendar(channel, occasions)
    return _answer(request, body, "text/calendar; charset=utf-8", latest(one.modified for one in occasions))


@feed
def changes_feed(request: HttpRequest, day: Day) -> HttpResponse:
    """Give what came on record last, overall or of what the filters choose."""
    chosen = _chosen(request, day)
    title = _titled(_("What came on record"), chosen)
    channel = _channel(request, title, _about_changes(), reverse("changes"), f"changes{_suffix(request)}")
    return _news(request, day, channel, chosen.ids)


@feed
def proposal_feed(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Give what came on record about one proposal."""
    row = published_on(day.shown).filter(slug=slug).values_list("pk", localized("title")).first()
    if row is None:
        return moved(request, day, slug, "proposal_atom")
    if unknown := [name for name in request.GET if name not in _OWN]:
        raise BadRequestError(_not_known(unknown[0], _OWN))
    number, title = row
    channel = _channel(request, title, _about_changes(), reverse("proposal", args=[slug]), f"proposal/{slug}")
    return _news(request, day, channel, [number])


def _about_changes() -> str:
    return _(
        "Changes of status, statements and developments: the last day of record first, of one day the latest event."
    )


def _news(request: HttpRequest, day: Day, channel: Channel, chosen: QuerySet | Collection[int] | None) -> HttpResponse:
    news = [_piece(one, request, day) for one in recorded(day.shown, chosen, MOST_NEWS)]
    body = atom(channel, news)
    return _answer(request, body, "application/atom+xml; charset=utf-8", latest(one.updated for one in news))


def _answer(request: HttpRequest, body: bytes, content_type: str, modified: datetime) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Last-Modified"] = http_date(modified.timestamp())
    response["Cache-Control"] = "no-cache"  # to be kept, but asked about each time
    return response


# What is asked for ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address chooses: proposals by id (None: all), and the organizations whose meetings are wanted.

    `organizations` is None for the meetings of all, and empty where a filter is set that says nothing of meetings.
    """

    ids: QuerySet | list[int] | None
    organizations: frozenset[int] | None
    labels: tuple[str, ...]

    def condition(self, column: str) -> dict[str, Any]:
        """Give the condition on proposals."""
        return {} if self.ids is None else {f"{column}__in": self.ids}


def _chosen(request: HttpRequest, day: Day) -> Chosen:
    """Read the register's filters from the address. Four queries, and one where something computed is chosen.

    Raises:
        BadRequestError: if something in the address is not known.
    """
    asked = [name for name in request.GET if name not in _OWN]
    if not asked:
        return Chosen(None, None, ())
    filters = RegisterFilter(request.GET, vocabulary=vocabulary(day.shown), day=day.shown)
    known = (*filters.filters, *_OWN)
    problems = [*faults(filters), *(_not_known(name, known) for name in asked if name not in known)]
    if problems:
        raise BadRequestError("\n".join(problems))
    ids: QuerySet | list[int] = filters.qs.order_by().values("pk")
    if any(filters.chosen.values()):
        items = filters.qs.with_facts(day.shown, filters.between).items(day.shown, thresholds())
        ids = [item.id for item in facets.select(items, filters.chosen)]
    slugs = filters.form.cleaned_data.get("organization") or []
    only_organizations = set(asked) == {"organization"}
    kin = frozenset(family(filters.vocabulary.organizations, slugs)) if only_organizations else frozenset()
    labels = tuple(one.label for one in filters.vocabulary.organizations if one.slug in slugs)
    return Chosen(ids, kin, labels)


def _not_known(name: str, known: Collection[str]) -> str:
    return _("“%(name)s” is not a filter here; allowed: %(names)s.") % {"name": name, "names": ", ".join(known)}


def _titled(title: str, chosen: Chosen) -> str:
    if not chosen.labels:
        return title
    return _("%(title)s: %(names)s") % {"title": title, "names": ", ".join(chosen.labels)}


def _suffix(request: HttpRequest) -> str:
    """Tell feeds of different filters apart, whatever the language and the token."""
    query = request.GET.copy()
    for name in ("lang", "token"):
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def _channel(request: HttpRequest, title: str, about: str, page: str, key: str) -> Channel:
    own = request.GET.copy()
    own.pop("token", None)  # an address that opens the feed does not belong into its text
    query = f"?{own.urlencode()}" if own else ""
    return Channel(
        title=title,
        about=about,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        address=request.build_absolute_uri(page),
        own_address=request.build_absolute_uri(request.path + query),
        authority=_authority(request),
        key=key,
        author=_("Commitment tracker"),
    )


def _authority(request: HttpRequest) -> str:
    """Give the host that keys belong to: it should not change with the way a request came."""
    return urlsplit(settings.TRACKER_ADDRESS or request.build_absolute_uri("/")).hostname or "localhost"


# What is said ---------------------------------------------------------------------------------------------------------


def _deadline(one: InForce, request: HttpRequest, day: Day) -> Occasion:
    facts, schedule = one.item.facts, one.item.standing.schedule
    when = Interval(one.first, one.last, one.precision)  # type: ignore[arg-type]
    lines = [_("Deadline as stated: “%(phrase)s”.") % {"phrase": one.phrase}]
    if one.first != one.last:
        lines.append(_("Only this is known of it: %(when)s; it stands on its last day.") % {"when": period(when)})
    if facts.deadline_end and facts.deadline_end != one.last:
        first = written(facts.deadline_end)
        lines.append(_("A revised deadline; lateness is judged by the first one, %(day)s.") % {"day": first})
    since = written(facts.status_since, facts.status_precision)
    lines.append(_("Status: %(status)s since %(day)s.") % {"status": facts.status.label, "day": since})
    lines.append(_("Schedule: %(schedule)s.") % {"schedule": schedule.label})
    return Occasion(
        key=f"deadline/{one.item.slug}",
        first=one.last,
        last=one.last,
        title=_("Deadline: %(title)s") % {"title": one.item.title},
        text="\n".join(lines),
        address=request.build_absolute_uri(reverse("proposal", args=[one.item.slug])),
        modified=_turned(one, day.shown),
        sequence=max(one.writings - 1, 0),
        categories=(one.item.theme_label,),
    )


def _cycle(one: CycleEnd, request: HttpRequest, day: Day) -> Occasion:
    facts, schedule = one.item.facts, one.item.standing.schedule
    lines = [_("Expected again by: %(day)s.") % {"day": written(one.on)}]
    since = written(facts.status_since, facts.status_precision)
    lines.append(_("Status: %(status)s since %(day)s.") % {"status": facts.status.label, "day": since})
    lines.append(_("Schedule: %(schedule)s.") % {"schedule": schedule.label})
    turn = one.on + timedelta(days=1) if schedule == Schedule.CYCLE_MISSED else None
    return Occasion(
        key=f"cycle/{one.item.slug}",
        first=one.on,
        last=one.on,
        title=_("End of the cycle: %(title)s") % {"title": one.item.title},
        text="\n".join(lines),
        address=request.build_absolute_uri(reverse("proposal", args=[one.item.slug])),
        modified=latest([*([one.changed] if one.changed else []), *([_midnight(turn)] if turn else [])]),
        sequence=max(one.writings - 1, 0),
        categories=(one.item.theme_label,),
    )


def _turned(one: InForce, day: date) -> datetime:
    """Give when the occasion last read otherwise: when it was written, or when the calendar made it due or late."""
    end = one.item.facts.deadline_end or one.last
    turns = {
        Schedule.DUE_SOON: end - timedelta(days=thresholds().due_soon_days),
        Schedule.OVERDUE: end + timedelta(days=1),
    }
    turn = turns.get(one.item.standing.schedule)
    return latest([*([one.changed] if one.changed else []), *([_midnight(turn)] if turn else [])])


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _meeting(one: Ahead, request: HttpRequest, day: Day) -> Occasion:
    lines = [one.series]
    if one.precision != "day":
        lines.append(_("The exact day is not known: %(when)s.") % {"when": shorten(one.last, one.precision) or "–"})
    if one.place:
        lines.append(_("Place: %(place)s") % {"place": one.place})
    return Occasion(
        key=f"meeting/{one.slug}",
        first=one.first,
        last=one.last,
        title=_("Meeting: %(name)s") % {"name": one.name},
        text="\n".join(lines),
        address=request.build_absolute_uri(reverse("meeting", args=[one.slug])),
        modified=one.changed or _midnight(day.shown),
        sequence=max(one.writings - 1, 0),
        categories=(_("Meeting"),),
    )


def _piece(one: Recorded, request: HttpRequest, day: Day) -> News:
    title, place, paragraphs, category = _PIECES[one.kind](one)
    address = request.build_absolute_uri(reverse("proposal", args=[one.slug]) + day.query() + place)
    return News(
        key=f"{one.kind}/{one.key}",
        title=title,
        paragraphs=tuple(paragraphs),
        address=address,
        recorded=one.recorded,
        updated=one.updated,
        category=category,
    )


def _step(one: Recorded) -> tuple[str, str, list[str], str]:
    names = {"title": one.title, "new": Status(one.row["new"]).label}
    if one.row["old"]:
        title = _("%(title)s: %(old)s → %(new)s") % {**names, "old": Status(one.row["old"]).label}
    else:
        title = _("%(title)s: on record as “%(new)s”") % names
    since = _("Effective: %(day)s") % {"day": written(one.on, one.precision)}
    return title, "#history", [since, one.row["reason"], _source(one)], _("Change of status")


def _statement(one: Recorded) -> tuple[str, str, list[str], str]:
    title = _("%(title)s: %(stance)s (%(organization)s)") % {
        "title": one.title,
        "stance": Stance(one.row["stance"]).label,
        "organization": one.row["organization"],
    }
    said = _("Said: %(day)s, %(meeting)s") % {
        "day": written(one.on, one.precision),
        "meeting": one.row["meeting_name"],
    }
    return title, f"#at-{one.row['meeting']}", [said, one.row["summary"], _source(one)], _("Statement")


def _development(one: Recorded) -> tuple[str, str, list[str], str]:
    title = _("%(title)s: a development") % {"title": one.title}
    happened = _("Happened: %(day)s") % {"day": written(one.on, one.precision)}
    others = _("It also bears on: %(titles)s") % {"titles": "; ".join(one.row["others"])} if one.row["others"] else ""
    return title, f"#d-{one.key}", [happened, one.row["summary"], others], _("Development")


def _source(one: Recorded) -> str:
    return _("Source: %(publisher)s") % {"publisher": one.row["source"]} if one.row["source"] else ""


_PIECES: dict[str, Callable[[Recorded], tuple[str, str, list[str], str]]] = {
    "status-change": _step,
    "statement": _statement,
    "development": _development,
}
