"""The front page: how many, how far, how late, how much unknown; what changed lately and what is due next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.charts import answers, shared, status
from tracker.choices import LEFT_OUT_OF_RATES, Act, AnswerKind, Flag, Lack, Nature, Schedule, Side, Stance, Status
from tracker.metrics import counts
from tracker.metrics.answers import answer_to_newest
from tracker.metrics.records import Item
from tracker.names import Named, units
from tracker.querysets import (
    changes_by,
    latest_meetings,
    organization_names,
    published_on,
    said_facts,
)
from tracker.views.shared import Day, dated, page, thresholds

_RATED: dict[str, Any] = {
    "nature": [Nature.ONE_OFF, Nature.TARGET, Nature.CONTINUING],
    "status": [one for one in Status if one not in LEFT_OUT_OF_RATES],
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: n of N with what it counts, its rule, and the addresses of the rows behind n and N."""

    rate: counts.Rate
    caption: str
    rule: str
    href: str
    all_href: str


@dated
def overview(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the whole at a glance."""
    items = list(
        published_on(day.shown).with_facts(day.shown).in_order_of("-last_raised").items(day.shown, thresholds())
    )
    history = list(
        changes_by(day.shown).order_by("effective_on", "id").values_list("proposal_id", "effective_on", "new", "old")
    )
    context = {
        "count": len(items),
        "statuses": _tally(items, day),
        "figures": _figures(items, day),
        "charts": _charts(items, history, day),
        "targets": [item for item in items if item.facts.nature == Nature.TARGET],
        "unanswered": [item for item in items if Lack.ANSWER in item.standing.lacks],
        "due": _due(items, day),
        "moves": _moves(items, history),
        "meetings": latest_meetings(day.shown)[:6],
    }
    return page(request, "tracker/overview.html", day, context)


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
            counts.rate(
                items,
                lambda item: item.facts.status.is_open,
                lambda item: Flag.UNVERIFIED in item.standing.flags,
            ),
            _("open, and nobody knows"),
            _("Open proposals without any development or review for %(days)s days.")
            % {"days": thresholds().unverified_days},
            day.register(**still_open, flag=Flag.UNVERIFIED),
            day.register(**still_open),
        ),
    ]


def _charts(items: list[Item], history: list[tuple], day: Day) -> dict[str, shared.Chart]:
    tallies = counts.theme_tallies(items)
    shown = {item.id for item in items}
    days = counts.status_days(
        ((proposal, on, Status(new)) for proposal, on, new, _old in history if proposal in shown), day.shown
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


def _due(items: list[Item], day: Day) -> list[Item]:
    """Give what is late, then what is due next, by date."""
    late_or_due = [
        item
        for item in items
        if item.facts.deadline_end is not None
        and item.facts.status.is_open
        and item.standing.schedule in (Schedule.OVERDUE, Schedule.DUE_SOON, Schedule.NOT_DUE)
    ]
    return sorted(late_or_due, key=lambda item: item.facts.deadline_end or day.shown)[:8]


def _moves(items: list[Item], history: list[tuple]) -> list[dict[str, Any]]:
    """Give the latest steps on the scale that were not the first of their proposal, newest first."""
    by_id = {item.id: item for item in items}
    moves = [
        {"item": by_id[proposal], "on": on, "old": Status(old), "new": Status(new)}
        for proposal, on, new, old in reversed(history)
        if old and proposal in by_id
    ]
    return moves[:8]
