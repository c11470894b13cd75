"""The front page: how many, how far, how late, how much unknown; what changed lately and what is due next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.charts import answers, shared, status
from tracker.choices import LEFT_OUT_OF_RATES, Act, AnswerKind, Flag, Nature, Schedule, Side, Stance, Status
from tracker.figure_reads import measured
from tracker.happenings import record_of
from tracker.metrics import changes, counts, pace
from tracker.metrics import overview as front
from tracker.metrics.answers import answer_to_newest
from tracker.metrics.records import Item, Measured
from tracker.names import Named, units
from tracker.office import thresholds
from tracker.querysets import (
    changes_by,
    latest_meetings,
    organization_names,
    published_on,
    said_facts,
)
from tracker.views.figures import Figure, unknown_rule
from tracker.views.shared import Day, dated, page

AHEAD_DAYS = 90  # how far the front page looks ahead, and back
LINES = 6  # of a list; the rest is a click away

_RATED: dict[str, Any] = {
    "nature": [Nature.ONE_OFF, Nature.TARGET, Nature.CONTINUING],
    "status": [one for one in Status if one not in LEFT_OUT_OF_RATES],
}


@dated
def overview(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the whole at a glance."""
    items = list(
        published_on(day.shown).with_facts(day.shown).in_order_of("-last_raised").items(day.shown, thresholds())
    )
    history = list(
        changes_by(day.shown)
        .order_by("effective_on", "id")
        .values_list("proposal_id", "effective_on", "new", "old", "precision")
    )
    context = {
        "count": len(items),
        "statuses": _tally(items, day),
        "figures": _figures(items, day),
        "charts": _charts(items, history, day),
        "targets": _targets(items, day),
        "unanswered": front.waiting(items),
        "late": front.late(items),
        "late_href": day.register(status=[one for one in Status if one.is_open], schedule=list(front.LATE)),
        "soon": front.due_within(items, day.shown, AHEAD_DAYS),
        "lines": f":{LINES}",
        "ahead_days": AHEAD_DAYS,
        "grid": _grid(items, day),
        "lamps": [(lamp, count, day.register(lamp=lamp)) for lamp, count in front.lamps(items).items()],
        "changed": _changed(items, day),
        "moves": _moves(items, history),
        "meetings": latest_meetings(day.shown)[:LINES],
    }
    return page(request, "tracker/overview.html", day, context)


def _grid(items: list[Item], day: Day) -> dict[str, tuple[int, str]]:
    """Give each field of the two-by-two with the address of its rows."""
    counted = front.two_by_two(items)
    finite = {**_RATED, "nature": list(front.FINITE)}
    still_open = {**finite, "status": [one for one in Status if one.is_open]}
    cycles = {**still_open, "nature": Nature.CONTINUING}
    return {
        "done_on_time": (counted.done_on_time, day.register(**finite, schedule=Schedule.DONE_ON_TIME)),
        "done_late": (counted.done_late, day.register(**finite, schedule=Schedule.DONE_LATE)),
        "done_unknown": (counted.done_unknown, day.register(**finite, schedule=Schedule.DONE_TIME_UNKNOWN)),
        "done_undated": (
            counted.done_undated,
            day.register(nature=finite["nature"], status=Status.COMPLETED, schedule=Schedule.NO_DEADLINE),
        ),
        "open_in_term": (counted.open_in_term, day.register(**still_open, schedule=list(front.IN_TERM))),
        "overdue": (counted.overdue, day.register(**still_open, schedule=Schedule.OVERDUE)),
        "open_undated": (counted.open_undated, day.register(**still_open, schedule=Schedule.NO_DEADLINE)),
        "kept": (counted.kept, day.register(**cycles, schedule=Schedule.CYCLE_KEPT)),
        "missed": (counted.missed, day.register(**cycles, schedule=Schedule.CYCLE_MISSED)),
        "unjudged": (counted.unjudged, day.register(**cycles, schedule=Schedule.NO_DEADLINE)),
    }


@dataclass(frozen=True, slots=True)
class Lately:
    """What changed lately: each kind's count with the address of its list, the newest few, and if none, where to look.

    `before` is the end of the last period in which something came on record, with its address.
    """

    counts: list[tuple[changes.Kind, int, str]]
    newest: list[changes.Change]
    before: tuple[date, str] | None


def _changed(items: list[Item], day: Day) -> Lately:
    """Find what changed lately. Four queries."""

    def address(until: date) -> str:
        return reverse("changes") + day.query(**{"from": until - timedelta(days=AHEAD_DAYS), "to": until})

    record = record_of(items, day.shown)
    found = changes.changes(record, changes.Window(day.shown - timedelta(days=AHEAD_DAYS), day.shown))
    newest = sorted((one for some in found.values() for one in some), key=lambda one: one.on, reverse=True)
    last = changes.latest(record) if changes.is_quiet(found) else None
    return Lately(
        counts=[(kind, len(some), f"{address(day.shown)}#{kind.value}") for kind, some in found.items()],
        newest=newest[: LINES // 2],
        before=(last, address(last)) if last else None,
    )


def _targets(items: list[Item], day: Day) -> list[tuple[Item, list[tuple[Measured, list[pace.Against]]]]]:
    """Give the proposals that are themselves a number, each with its figures against the target. Five queries."""
    figures = defaultdict(list)
    for one in measured(day.shown, proposal__nature=Nature.TARGET):
        figures[one.proposal].append((one, pace.against(one, day.shown)))
    return [(item, figures[item.slug]) for item in items if item.facts.nature == Nature.TARGET]


def _tally(items: list[Item], day: Day) -> list[dict[str, Any]]:
    tally = Counter(item.facts.status for item in items)
    return [
        {"status": one, "count": tally[one], "href": day.register(status=one)}
        for one in Status
        if tally[one] or one.is_open
    ]


def _figures(items: list[Item], day: Day) -> list[Figure]:
    asked = {**_RATED, "answer": list(AnswerKind)}
    finite = {**_RATED, "nature": [Nature.ONE_OFF, Nature.TARGET]}
    judged = [Schedule.DONE_ON_TIME, Schedule.DONE_LATE, Schedule.OVERDUE]
    still_open = {**_RATED, "status": [one for one in Status if one.is_open]}
    return [
        Figure(
            counts.answered_rate(items),
            _("asks with an answer on record"),
            _("Proposals asked for at least once. Specific, joint and blanket answers count; silence does not."),
            day.register(**{**asked, "answer": [AnswerKind.SPECIFIC, AnswerKind.JOINT, AnswerKind.BLANKET]}),
            day.register(**asked),
        ),
        Figure(
            counts.completed_rate(items),
            _("completed"),
            _("One-off things and targets whose written completion test is met."),
            day.register(**{**finite, "status": Status.COMPLETED}),
            day.register(**finite),
        ),
        Figure(
            counts.on_time_rate(items),
            _("done on time"),
            _("Of what was completed in time or late or is overdue; what was done at an unknown time is left out."),
            day.register(**_RATED, schedule=Schedule.DONE_ON_TIME),
            day.register(**_RATED, schedule=judged),
        ),
        Figure(
            counts.unknown_rate(items),
            _("open, unverified for %(days)s days") % {"days": thresholds().unverified_days},
            unknown_rule(),
            day.register(**still_open, flag=Flag.UNVERIFIED),
            day.register(**still_open),
        ),
    ]


def _charts(items: list[Item], history: list[tuple], day: Day) -> dict[str, shared.Chart]:
    tallies = counts.theme_tallies(items)
    shown = {item.id for item in items}
    days = counts.status_days(
        ((proposal, on, Status(new)) for proposal, on, new, *_more in history if proposal in shown), day.shown
    )
    return {
        "themes": shared.chart(
            "status-by-theme",
            title=_("Status by theme"),
            question=_("How far are the proposals of each theme?"),
            figure=status.status_by_theme(tallies, day.register),
            twin=status.status_by_theme_table(tallies, day.register),
        ),
        "time": shared.chart(
            "status-over-time",
            title=_("Status over time"),
            question=_("How many proposals stood where, on each day since the first was raised?"),
            figure=status.status_over_time(days, day.register),
            twin=status.status_over_time_table(days, day.register),
        ),
        "exchanges": _exchanges(items, day),
    }


def _exchanges(items: list[Item], day: Day) -> shared.Chart:
    """Draw what one side put to the other; joint bodies, of which each has little, stand in the table only."""
    organizations = organization_names()
    exchanged = counts.exchanges(items, _asked(organizations, day))
    joint = {one.slug for one in organizations if one.side == Side.JOINT}
    between_sides = [one for one in exchanged if not joint & {one.proposer, one.addressee}]
    return shared.chart(
        "asks-and-answers",
        title=_("Asks and answers"),
        question=_(
            "Who asked whom, how was it answered, and where does it stand? "
            "What was put to joint bodies, or by them, is in the table."
        ),
        figure=answers.asks_and_answers(between_sides, day.register),
        twin=answers.asks_and_answers_table(exchanged, day.register),
    )


def _asked(
    organizations: Sequence[Named], day: Day
) -> dict[int, dict[tuple[counts.Parties, counts.Parties], AnswerKind]]:
    """Say for each proposal who asked whom, by the units that count between the two sides, and how it was answered."""
    party = {number: (unit.slug, unit.label) for number, unit in units(organizations).items()}
    answered = {}
    for proposal, said in groupby(said_facts(day.shown), key=lambda said: said.proposal_id):
        statements = list(said)
        asks = defaultdict(list)
        for one in statements:
            if Stance(one.stance).act == Act.ASK and one.addressee_id is not None:
                asks[party[one.organization_id], party[one.addressee_id]].append(one)
        answered[proposal] = {
            pair: answer_to_newest(asked, statements) for pair, asked in asks.items() if pair[0] != pair[1]
        }
    return answered


def _moves(items: list[Item], history: list[tuple]) -> list[dict[str, Any]]:
    """Give the latest steps on the scale that were not the first of their proposal, newest first."""
    by_id = {item.id: item for item in items}
    moves = [
        {"item": by_id[proposal], "on": on, "old": Status(old), "new": Status(new), "precision": precision}
        for proposal, on, new, old, precision in reversed(history)
        if old and proposal in by_id
    ]
    return moves[:LINES]
