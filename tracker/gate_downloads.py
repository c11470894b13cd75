"""The tables of the border gates and of the steps that are passed, to take away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from tracker.choices import GateClass, Precision
from tracker.downloads import NOTE, Ask, Column, Row, Table
from tracker.gate_reads import gates_on, milestones_shown
from tracker.gate_scale import GateState
from tracker.models import BorderGate
from tracker.querysets import localized


def _gates(ask: Ask) -> Iterator[Row]:
    columns = (
        "vietnam_side__slug", "china_side__slug", "latitude", "longitude", "position_basis", "source__slug",
        ask.note,
    )  # fmt: skip
    records = {slug: more for slug, *more in BorderGate.objects.values_list("slug", *columns)}
    for gate in gates_on(ask.day):
        vietnam, china, latitude, longitude, basis, source, note = records[gate.slug]
        yield (
            gate.slug,
            *gate.names,
            vietnam,
            china,
            gate.gate_class.value,
            gate.state.value,
            latitude,
            longitude,
            basis,
            gate.proposals,
            source,
            ask.address("gate", gate.slug),
            gate.number,
            gate.vietnam_side,
            gate.china_side,
            gate.gate_class.label,
            gate.state.label,
            note,
        )


def _milestones(ask: Ask) -> Iterator[Row]:
    ids = ask.ids()
    rows = milestones_shown(ask.day).filter(proposal__in=ask.proposals.order_by().values("pk"))
    columns = (
        "proposal__slug", "gate__slug", "step__code", localized("name"), "first_day", "last_day", "precision",
        "source__slug", "source__url", localized("note"), localized("proposal__title"), localized("gate__name"),
        localized("step__name"), "step__pathway__slug", localized("step__pathway__name"), "proposal_id",
    )  # fmt: skip
    ordered = rows.order_by("last_day", "proposal_id", "position", "id").values_list(*columns)
    for row in ordered.iterator(chunk_size=2000):
        *values, proposal = row
        if ids is None or proposal in ids:
            yield tuple(values)


_URL = Column("url", _("Address"), _("The page of this row."))

GATES = Table(
    "gates",
    _("Border gates"),
    _("One row for each pair of crossings on the land border, with what it is open for on the day."),
    (
        Column("slug", _("Short name"), _("Stable name in addresses.")),
        Column("name_en", _("English")),
        Column("name_vi", _("Vietnamese")),
        Column("name_zh", _("Chinese")),
        Column("vietnam_side", _("Province in Vietnam (code)")),
        Column("china_side", _("Province in China (code)")),
        Column("class", _("Class (code)"), ", ".join(GateClass.values)),
        Column("state", _("State (code)"), ", ".join(GateState.values)),
        Column("latitude", _("Latitude"), _("WGS 84, degrees north.")),
        Column("longitude", _("Longitude"), _("WGS 84, degrees east.")),
        Column("position_basis", _("Basis of the position (code)"), _("stated or approximate.")),
        Column("proposals", _("Proposals"), _("How many proposals about it are on record by the day.")),
        Column("source", _("Source (code)")),
        _URL,
        Column("number", _("No."), _("From west to east, as on the map.")),
        Column("vietnam_side_name", _("Province in Vietnam")),
        Column("china_side_name", _("Province in China")),
        Column("class_label", _("Class")),
        Column("state_label", _("State")),
        NOTE,
    ),
    _gates,
    lambda day: BorderGate.objects.count(),
)


def _count(day: date) -> int:
    return milestones_shown(day).count()


MILESTONES = Table(
    "milestones",
    _("Milestones"),
    _("One row for each step of a proposal that had been reached by the day."),
    (
        Column("proposal", _("Proposal (code)")),
        Column("gate", _("Border gate (code)")),
        Column("step", _("Step of the pathway (code)"), _("As the pathway names it; empty for any other step.")),
        Column("name", _("Step")),
        Column("first_day", _("First day"), _("The first day it can be.")),
        Column("last_day", _("Last day"), _("The last day it can be; see the precision.")),
        Column("precision", _("Precision (code)"), ", ".join(Precision.values)),
        Column("source", _("Source (code)")),
        Column("source_url", _("Source address")),
        Column("note", _("Note")),
        Column("proposal_title", _("Proposal")),
        Column("gate_name", _("Border gate")),
        Column("step_label", _("Step of the pathway")),
        Column("pathway", _("Pathway (code)"), _("The template that the step belongs to, such as gate or railway.")),
        Column("pathway_label", _("Pathway")),
    ),
    _milestones,
    _count,
)

GATE_TABLES = {table.name: table for table in (GATES, MILESTONES)}
