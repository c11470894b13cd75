"""What changed between two dates or two meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.dates import add_months
from tracker.happenings import record_by, sittings_by
from tracker.metrics import changes as metrics
from tracker.metrics.followup import Sitting
from tracker.office import thresholds
from tracker.views.shared import Day, dated, page

USUAL_DAYS = 90
# A series has windows of its own once it has met in this many calendar years.
MAIN_YEARS = 3
NAMES = ("from", "to", "from_meeting", "to_meeting", "as_of")


@dataclass(frozen=True, slots=True)
class Asked:
    """The two ends that the address names: days, and the meetings that gave them, if any did."""

    window: metrics.Window
    from_meeting: Sitting | None
    to_meeting: Sitting | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A series with two windows: since it last met, and between its last two meetings."""

    name: str
    slug: str
    previous: Sitting
    latest: Sitting
    since: str
    between: str


@dated
def changes(request: HttpRequest, day: Day) -> HttpResponse:
    """List what changed between two dates or two meetings, by default in the last 90 days."""
    sittings = sittings_by(day.shown)
    asked = asked_of(request, day, sittings)
    found: dict[metrics.Kind, list[metrics.Change]] = {}
    latest = None
    if not asked.problems:
        record = record_by(asked.window.until, thresholds())
        found = metrics.changes(record, asked.window)
        latest = metrics.latest(record) if metrics.is_quiet(found) else None
    meetings = {one.id: one for one in sittings}
    context: dict[str, Any] = {
        "asked": asked,
        "problems": asked.problems,
        "sittings": list(reversed(sittings)),
        "sections": [
            {"kind": kind, "rows": [(one, meetings.get(one.meeting_id or 0)) for one in some]}
            for kind, some in found.items()
        ],
        "latest": latest,
        "up_to_latest": _address(day, **{"from": latest - timedelta(USUAL_DAYS), "to": latest}) if latest else "",
        "usual_days": USUAL_DAYS,
        "here": request.get_full_path(),
        "last_days": _address(day),
        "last_year": _address(day, **{"from": _year_before(day.shown), "to": day.shown}),
        "ready": ready(day, sittings),
    }
    return page(request, "tracker/changes.html", day, context, status=400 if asked.problems else 200)


def _address(day: Day, **window: Any) -> str:
    return reverse("changes") + day.query(**window)


def _year_before(day: date) -> date:
    return add_months(day, -12)


def ready(day: Day, sittings: Sequence[Sitting]) -> list[Ready]:
    """Give the windows of the main series, the one that met last first."""
    by_series: dict[str, list[Sitting]] = {}
    for one in sittings:
        by_series.setdefault(one.series, []).append(one)
    windows = []
    for slug, held in by_series.items():
        latest = held[-1]
        before = [one for one in held if one.last < latest.first]
        if not before or len({one.last.year for one in held}) < MAIN_YEARS:
            continue
        since = _address(day, from_meeting=latest.slug)
        between = _address(day, from_meeting=before[-1].slug, to_meeting=latest.slug)
        windows.append(Ready(latest.series_name, slug, before[-1], latest, since, between))
    return sorted(windows, key=lambda one: one.latest.last, reverse=True)


def asked_of(request: HttpRequest, day: Day, sittings: Sequence[Sitting]) -> Asked:
    """Read the two ends from the address; a meeting goes before a date, and its last day counts."""
    message = _("“%(name)s” is not known here; allowed: %(names)s.")
    unknown = [name for name in request.GET if name not in NAMES]
    problems = [message % {"name": name, "names": ", ".join(NAMES)} for name in unknown]
    by_slug = {one.slug: one for one in sittings}

    def meeting(name: str) -> Sitting | None:
        slug = request.GET.get(name, "")
        if slug and slug not in by_slug:
            problems.append(_("%(name)s: no meeting “%(value)s” had been held.") % {"name": name, "value": slug})
        return by_slug.get(slug)

    from_meeting, to_meeting = meeting("from_meeting"), meeting("to_meeting")
    until = to_meeting.last if to_meeting else _day(request, "to", day.shown, problems)
    after = from_meeting.last if from_meeting else _day(request, "from", until - timedelta(days=USUAL_DAYS), problems)
    if until > day.shown:
        message = _("to: %(day)s lies after the day that is looked at, %(shown)s.")
        problems.append(message % {"day": until.isoformat(), "shown": day.shown.isoformat()})
    elif after >= until and not problems:
        message = _("from: %(first)s is not before %(last)s.")
        problems.append(message % {"first": after.isoformat(), "last": until.isoformat()})
    return Asked(metrics.Window(after, until), from_meeting, to_meeting, tuple(problems))


def _day(request: HttpRequest, name: str, otherwise: date, problems: list[str]) -> date:
    """Read a day from the address; what is none is said so."""
    text = request.GET.get(name, "")
    if not text:
        return otherwise
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:  # Python reads other forms of ISO 8601 too; the contract is one
            raise ValueError
    except ValueError:
        message = _("%(name)s: “%(value)s” is not a day; allowed: a date such as 2024-11-06.")
        problems.append(message % {"name": name, "value": text})
        return otherwise
    return day
