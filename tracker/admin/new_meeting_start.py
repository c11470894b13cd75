"""Where a new meeting starts from: what the series so far suggests, and who usually comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.choices import MeetingState
from tracker.models import Meeting, MeetingSeries
from tracker.models.base import SUFFIXES
from tracker.ordinals import renumbered


@dataclass(frozen=True, slots=True)
class Start:
    """What is filled in before anybody types. Places and dates are never among it."""

    initial: dict[str, Any] = field(default_factory=dict)
    pattern: dict[str, str] = field(default_factory=dict)  # the last meeting's names, where they suggest none
    attended: tuple[int, ...] = ()  # whoever came to a meeting of the series
    planned: tuple[Meeting, ...] = ()


def start_of(series: MeetingSeries, meeting: Meeting | None) -> Start:
    """Suggest the next meeting of a series, or complete one that is on record as planned. Two queries."""
    meetings = list(series.meetings.prefetch_related("organizations").order_by("last_day", "number"))
    planned = tuple(one for one in meetings if one.state == MeetingState.PLANNED)
    held = [one for one in meetings if one.state == MeetingState.HELD and one.pk != (meeting.pk if meeting else None)]
    last = held[-1] if held else None
    attended = tuple(dict.fromkeys(one.pk for past in reversed(meetings) for one in past.organizations.all()))
    usual = {one.pk for past in meetings if past in (meeting, last) for one in past.organizations.all()}
    initial: dict[str, Any] = {"state": MeetingState.HELD, "organizations": sorted(usual), "published": True}
    if meeting is not None or last is None:
        return Start(initial, {}, attended, planned)
    initial |= _next_names(last, held)
    pattern = {name: getattr(last, name) or "" for name in _NAMES if not initial.get(name)}
    return Start(initial, pattern, attended, planned)


_NAMES = tuple(f"name_{suffix}" for suffix in SUFFIXES)


def _next_names(last: Meeting, held: Sequence[Meeting]) -> dict[str, Any]:
    numbers = [one.number for one in held if one.number]
    if not numbers:
        return {}
    number = max(numbers) + 1
    suggested: dict[str, Any] = {"number": number}
    if last.number is None:
        return suggested
    for name in _NAMES:
        suggested[name] = renumbered(getattr(last, name) or "", last.number, number)
    stem, _dash, ending = last.slug.rpartition("-")
    if ending == str(last.number):
        suggested["slug"] = f"{stem}-{number}"
    return suggested
