"""Reads of the border gates and of the steps they pass. None reads the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tracker.choices import GateClass, PositionBasis, Precision, Publication, Visibility
from tracker.gate_scale import PATHWAY
from tracker.metrics.gates import is_open, reached_by, state_of
from tracker.metrics.records import Gate, GateStep, Rung
from tracker.models import Bearing, BorderGate, Development, Milestone, PathwayStep, Proposal
from tracker.models.base import SUFFIXES
from tracker.querysets import localized, published_on


def milestones_shown(day: date) -> QuerySet[Milestone]:
    """Give the steps, reached by the day, of what a viewer sees on it."""
    return Milestone.objects.filter(last_day__lte=day, proposal__in=published_on(day).values("pk"))


def milestones_ahead(day: date) -> QuerySet[Milestone]:
    """Give the steps that no source shows as reached on any day, of what a viewer sees on the day."""
    return Milestone.objects.filter(last_day__isnull=True, proposal__in=published_on(day).values("pk"))


def known_on(milestone: Milestone, day: date, today: date) -> Milestone:
    """Take from a step what was not known on a day: when it was reached, if that was later, its source and its note.

    A step that is still ahead is told of as it stands today; on an earlier day only a source of that time may.
    """
    if milestone.last_day is not None:
        known = milestone.last_day <= day
    else:
        out_on = milestone.source.published_on if milestone.source else None
        known = day == today or (out_on is not None and out_on <= day)
    if not known:
        milestone.first_day = milestone.last_day = milestone.source = None
        for suffix in SUFFIXES:
            setattr(milestone, f"note_{suffix}", "")
    return milestone


def rungs() -> list[Rung]:
    """Give the steps of the gates' pathway, in their order."""
    rows = PathwayStep.objects.filter(pathway__slug=PATHWAY).order_by("position")
    return [Rung(*row) for row in rows.values_list("code", localized("name"))]


def developments_at(gate: BorderGate, day: date) -> QuerySet[Development]:
    """Give the public developments at a gate by a day, newest first."""
    borne = Bearing.objects.filter(development=OuterRef("pk"))
    told = Exists(borne.filter(proposal__in=published_on(day).values("pk"))) | ~Exists(borne)
    return Development.objects.filter(told, gate=gate, happened_on__lte=day, visibility=Visibility.PUBLIC)


def gates_with_counts(day: date) -> QuerySet[BorderGate]:
    """Give the gates from west to east, each with how many proposals about it a viewer sees on the day."""
    about = Proposal.objects.filter(gates=OuterRef("pk"), pk__in=published_on(day).values("pk"))
    counted = about.order_by().values("gates").annotate(n=Count("pk")).values("n")
    return BorderGate.objects.annotate(
        proposal_count=Coalesce(Subquery(counted), 0),
        name_now=localized("name"),
        vietnam_now=localized("vietnam_side__short_name"),
        china_now=localized("china_side__short_name"),
    ).order_by(F("longitude").asc(nulls_last=True), "slug")


def gates_on(day: date) -> list[Gate]:
    """Give every gate as it stood on a day, numbered from west to east. Two queries."""
    steps = _steps_by_gate(day)
    columns = (
        "pk", "slug", "name_now", "name_en", "name_vi", "name_zh_hans", "vietnam_now", "china_now", "gate_class",
        "latitude", "longitude", "position_basis", "proposal_count",
    )  # fmt: skip
    rows = gates_with_counts(day).values_list(*columns)
    return [_gate(number, row, steps.get(row[0], _Steps()), day) for number, row in enumerate(rows, 1)]


@dataclass(slots=True)
class _Steps:
    """The steps of a gate on record: with a date, whatever the day; without one; and what a viewer sees of these."""

    dated: list[GateStep] = field(default_factory=list)
    undated: set[str] = field(default_factory=set)
    ahead: set[str] = field(default_factory=set)


def _gate(number: int, row: tuple[Any, ...], steps: _Steps, day: date) -> Gate:
    _pk, slug, name, *names, vietnam, china, gate_class, latitude, longitude, basis, proposals = row
    known = (GateClass(gate_class), steps.dated, day, steps.undated)
    return Gate(
        slug=slug,
        number=number,
        name=name,
        names=(names[0], names[1] or "", names[2] or ""),
        vietnam_side=vietnam,
        china_side=china,
        gate_class=GateClass(gate_class),
        state=state_of(*known),
        latitude=None if latitude is None else float(latitude),
        longitude=None if longitude is None else float(longitude),
        approximate=basis == PositionBasis.APPROXIMATE,
        steps=reached_by(steps.dated, day),
        proposals=proposals,
        ahead=frozenset(steps.ahead),
        is_open=is_open(*known),
    )


def _steps_by_gate(day: date) -> dict[int, _Steps]:
    """Read the steps of all gates, whatever the day: a later one tells what was not so yet. One query."""
    rows = Milestone.objects.filter(
        gate__isnull=False, step__pathway__slug=PATHWAY, proposal__publication=Publication.PUBLISHED
    ).annotate(is_shown=Exists(published_on(day).filter(pk=OuterRef("proposal_id"))))
    columns = ("gate_id", "step__code", "last_day", "precision", localized("name"), "proposal__slug", "is_shown")
    found: dict[int, _Steps] = {}
    for gate, code, last_day, precision, name, proposal, is_shown in rows.order_by(
        "last_day", "position", "id"
    ).values_list(*columns):
        steps = found.setdefault(gate, _Steps())
        if last_day is not None:
            steps.dated.append(GateStep(code, last_day, Precision(precision), name, proposal))
            continue
        steps.undated.add(code)
        if is_shown:
            steps.ahead.add(code)
    return found
