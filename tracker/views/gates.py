"""The land frontier: all gates on a map and on the ladder of their steps, and each gate's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.charts import frontier, ladder, shared
from tracker.gate_reads import developments_at, gates_on, known_on, milestones_ahead, milestones_shown, rungs
from tracker.gate_scale import PATHWAY, RULES_IN_ORDER
from tracker.metrics.gates import tally
from tracker.metrics.records import Gate
from tracker.models import BorderGate, Milestone
from tracker.office import thresholds
from tracker.querysets import published_on
from tracker.views.shared import Day, dated, page


@dated
def gates(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the frontier as of a day."""
    records = gates_on(day.shown)
    context = {
        "gates": records,
        "states": tally(gate.state for gate in records),
        "rules": RULES_IN_ORDER,
        "map": _map(records, day),
        "ladder": _ladder(records, day),
    }
    return page(request, "tracker/gates.html", day, context)


def _map(records: Sequence[Gate], day: Day) -> shared.Chart:
    drawn = (records, lambda slug: day.page("gate", slug))
    return shared.chart(
        "frontier",
        title=_("The land frontier"),
        question=_("Where are the gates, and what is each open for?"),
        figure=frontier.frontier(*drawn),
        twin=frontier.frontier_table(*drawn),
    )


def _ladder(records: Sequence[Gate], day: Day) -> shared.Chart:
    drawn = (rungs(), records, lambda slug: day.page("gate", slug))
    return shared.chart(
        "ladder",
        title=_("How far each gate is"),
        question=_("Which steps has each gate passed, and in which year first?"),
        figure=ladder.ladder(*drawn),
        twin=ladder.ladder_table(*drawn),
    )


@dated
def gate(request: HttpRequest, day: Day, slug: str) -> HttpResponse:
    """Show one gate as of a day."""
    record = BorderGate.objects.filter(slug=slug).select_related("vietnam_side", "china_side", "source").first()
    if record is None:
        raise Http404(_("There is no border gate with this address."))
    records = gates_on(day.shown)
    at = next(number for number, one in enumerate(records) if one.slug == slug)
    about = published_on(day.shown).at_gates([slug]).with_facts(day.shown).in_order_of("-last_raised")
    context = {
        "gate": records[at],
        "record": record,
        **_steps(record, day),
        "proposals": list(about.items(day.shown, thresholds())),
        "developments": developments_at(record, day.shown).prefetch_related("sources"),
        "neighbours": {
            "west": records[at - 1] if at else None,
            "east": records[at + 1] if at + 1 < len(records) else None,
        },
    }
    return page(request, "tracker/gate.html", day, context)


def _steps(record: BorderGate, day: Day) -> dict[str, Any]:
    """Give every step of the gates' pathway with what is on record about it, and what stands outside of it."""
    passed = milestones_shown(day.shown).filter(gate=record).order_by("last_day", "position", "id")
    ahead = milestones_ahead(day.shown).filter(gate=record).order_by("position", "id")
    on_record: dict[str, tuple[list[Milestone], list[Milestone]]] = {}
    others: tuple[list[Milestone], list[Milestone]] = ([], [])
    for at, rows in enumerate((passed, ahead)):
        for milestone in rows.select_related("source", "proposal", "step__pathway"):
            known_on(milestone, day.shown, day.today)
            step = milestone.step
            if step is not None and step.pathway.slug == PATHWAY:
                on_record.setdefault(step.code, ([], []))[at].append(milestone)
            else:
                others[at].append(milestone)
    steps = [(rung, *on_record.get(rung.code, ([], []))) for rung in rungs()]
    return {"steps": steps, "others": others, "passed": sum(bool(done) for _rung, done, _ahead in steps)}
