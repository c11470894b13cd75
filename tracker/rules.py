"""Rules of what is entered, in a form, on the sheet of a meeting or in a file. No clock, no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tracker.choices import ASKS, Act, Side, Stance
from tracker.dates import around, lies_ahead, shorten


def problem_of_past_day(day: date | None, precision: str, today: date) -> str:
    """Say what is against the day of something that has happened; an empty text if nothing is."""
    if day is None or not lies_ahead(day, precision, today):
        return ""
    return _("%(day)s is in the future; here stands what happened.") % {"day": _told(day, precision)}


def problems_of_answer(said: Any, ask: Any, others: Iterable[Any] = ()) -> dict[str, str]:
    """Say by field what is against a statement that answers an ask.

    Args:
        said: the statement; it need not be saved, nor know yet of which day it is.
        ask: the ask that it names.
        others: what answers that ask already.
    """
    if said.pk is not None and said.pk == ask.pk:
        return {}  # the database itself refuses that
    if ask.proposal_id != said.proposal_id:
        return {"answers": _("That was said about another proposal; an answer stays with its ask.")}
    if ask.stance not in ASKS:
        message = _("“%(stance)s” asks for nothing, so nothing can answer it; these stances ask: %(stances)s.")
        return {"answers": message % {"stance": Stance(ask.stance).label, "stances": _listed(ASKS)}}
    problems = {}
    side = said.organization.side
    if side == ask.organization.side and Stance(said.stance).act != Act.JOINT:
        message = _("Nobody answers their own side: both this ask and the answer are of %(side)s.")
        problems["organization"] = message % {"side": Side(side).label}
    if said.said_on is not None and _last_day(said) < _first_day(ask):
        message = _("%(day)s is before the ask of %(asked)s; an answer follows what it answers.")
        days = {"day": _told(said.said_on, said.precision), "asked": _told(ask.said_on, ask.precision)}
        problems["said_on"] = message % days
    if any(one.pk != said.pk and _gist(one) == _gist(said) for one in others):
        problems["summary_en"] = _("This answer to that ask is on record already.")
    return problems


def _listed(stances: Iterable[Stance]) -> str:
    return ", ".join(str(stance.label) for stance in stances)


def _gist(said: Any) -> tuple[Any, ...]:
    return (said.organization_id, said.stance, said.summary_en)


def _last_day(said: Any) -> date:
    known = around(said.said_on, said.precision)
    return known.last if known else said.said_on


def _first_day(ask: Any) -> date:
    known = around(ask.said_on, ask.precision)
    return known.first if known else date.min


def _told(day: date, precision: str) -> str:
    return shorten(day, precision) or day.isoformat()
