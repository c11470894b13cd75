"""Turn checked seed records into rows of the database's tables, each with its values by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Model

from tracker import models
from tracker.choices import Precision, Publication, Status
from tracker.dates import Interval
from tracker.seeding import shapes
from tracker.seeding.reading import Placed, Seeds


class Link(NamedTuple):
    """A reference to another row, by the name it has in the seeds."""

    model: type[Model]
    name: str


# The day of each meeting, by slug
Held = dict[str, Interval]


@dataclass(slots=True)
class Row:
    """A row to be: how it is found again, its values by column, and what it points to in many-to-many fields."""

    placed: Placed
    model: type[Model]
    name: str
    values: dict[str, Any]
    many: dict[str, list[Link]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name the row's table."""
        return self.model._meta.model_name or ""

    @property
    def title(self) -> str:
        """Name the row for people."""
        return f"{self.label} {self.name}"

    @property
    def itself(self) -> Link:
        """The reference by which others point to it."""
        return Link(self.model, self.name)

    def links(self) -> Iterator[Link]:
        """Give the rows that must exist before this one."""
        return (value for value in self.values.values() if isinstance(value, Link))


def _text(**texts: shapes.Text | None) -> dict[str, str]:
    """Spread texts over the columns of the three languages."""
    columns = {}
    for name, text in texts.items():
        for suffix, key in (("en", "en"), ("vi", "vi"), ("zh_hans", "zh")):
            columns[f"{name}_{suffix}"] = getattr(text, key) if text else ""
    return columns


def _link(model: type[Model], name: str | None) -> Link | None:
    return Link(model, name) if name else None


def _organization_link(slug: str | None) -> Link | None:
    return _link(models.Organization, slug)


def _source_link(slug: str | None) -> Link | None:
    return _link(models.Source, slug)


def _period(interval: Interval | None) -> dict[str, Any]:
    if interval is None:
        return {"first_day": None, "last_day": None, "precision": Precision.NONE.value}
    return {"first_day": interval.first, "last_day": interval.last, "precision": interval.precision.value}


def rows_of(seeds: Seeds) -> Iterator[Row]:
    """Give every row; the order says nothing, except that the status changes of a proposal follow their file."""
    held = {placed.record.slug: placed.record.held for placed in seeds.meeting}
    makers: dict[str, Callable[[Placed, Any], Iterator[Row]]] = {
        "organization": _organization,
        "source": _source,
        "person": _person,
        "theme": _theme,
        "series": _series,
        "meeting": _meeting,
        "pathway": _pathway,
        "gate": _gate,
        "proposal": partial(_proposal, held=held, related=_both_ways(seeds)),
        "indicator": _indicator,
        "development": _development,
        "milestone": _milestone,
        "review": _review,
    }
    for kind, make in makers.items():
        for placed in getattr(seeds, kind):
            yield from make(placed, placed.record)
    for placed in seeds.statement:
        yield _statement(placed, placed.record, Link(models.Proposal, placed.record.proposal), held)
    for placed in seeds.status_change:
        yield _change(placed, placed.record, Link(models.Proposal, placed.record.proposal))
    asks = {said.key: placed.record.slug for placed in seeds.proposal for said in placed.record.statements}
    asks |= {placed.record.key: placed.record.proposal for placed in seeds.statement}
    for placed in seeds.blanket:
        yield from _blanket(placed, placed.record, asks, held)


def _both_ways(seeds: Seeds) -> dict[str, set[str]]:
    """Give the proposals that each proposal names or is named by: being related has no direction."""
    related: dict[str, set[str]] = {placed.record.slug: set() for placed in seeds.proposal}
    for placed in seeds.proposal:
        for other in placed.record.related:
            related[placed.record.slug].add(other)
            related[other].add(placed.record.slug)
    return related


def _organization(placed: Placed, record: shapes.OrganizationShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.Organization,
        record.slug,
        {
            **_text(name=record.name, short_name=record.short_name, note=record.note),
            "side": record.side.value,
            "kind": record.kind.value,
            "parent": _organization_link(record.parent),
            "successor": _organization_link(record.successor),
            "succeeded_on": record.succeeded_on,
            "succession_source": _source_link(record.succession_source),
        },
    )


def _source(placed: Placed, record: shapes.SourceShape) -> Iterator[Row]:
    published = record.published
    yield Row(
        placed,
        models.Source,
        record.slug,
        {
            **_text(note=record.note),
            "publisher": record.publisher,
            "title": record.title,
            "language": record.language.value,
            "url": record.url,
            "grade": record.grade.value,
            "published_on": published.last if published else None,
            "precision": published.precision.value if published else Precision.NONE.value,
            "document": record.document,
        },
    )


def _person(placed: Placed, record: shapes.PersonShape) -> Iterator[Row]:
    yield Row(placed, models.Person, record.slug, _text(name=record.name, note=record.note))
    for post in record.posts:
        yield Row(
            placed,
            models.Post,
            post.key,
            {
                **_text(title=post.title),
                "person": Link(models.Person, record.slug),
                "organization": _organization_link(post.organization),
                "since": post.since,
                "until": post.until,
                "source": _source_link(post.source),
            },
        )


def _theme(placed: Placed, record: shapes.ThemeShape) -> Iterator[Row]:
    texts = _text(name=record.name, description=record.description)
    yield Row(placed, models.Theme, record.slug, {**texts, "position": record.position})


def _series(placed: Placed, record: shapes.SeriesShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.MeetingSeries,
        record.slug,
        {
            **_text(name=record.name, note=record.note),
            "counterpart": _organization_link(record.counterpart),
            "interval_months": record.interval_months,
        },
    )


def _meeting(placed: Placed, record: shapes.MeetingShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.Meeting,
        record.slug,
        {
            **_text(name=record.name, date_note=record.held_note, place=record.place, note=record.note),
            **_period(record.held),
            "series": Link(models.MeetingSeries, record.series),
            "number": record.number,
            "state": record.state.value,
            "basis": record.held_basis.value,
            "publication": Publication.PUBLISHED.value,
        },
        {
            "organizations": [Link(models.Organization, slug) for slug in record.organizations],
            "sources": [Link(models.Source, slug) for slug in record.sources],
        },
    )


def _pathway(placed: Placed, record: shapes.PathwayShape) -> Iterator[Row]:
    texts = _text(name=record.name, description=record.description)
    yield Row(placed, models.Pathway, record.slug, texts)
    for step in record.steps:
        values = {
            **_text(name=step.name, reached_when=step.reached_when),
            "pathway": Link(models.Pathway, record.slug),
            "code": step.code,
            "position": step.position,
        }
        yield Row(placed, models.PathwayStep, f"{record.slug}:{step.code}", values)


def _gate(placed: Placed, record: shapes.GateShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.BorderGate,
        record.slug,
        {
            **_text(name=record.name, note=record.note),
            "vietnam_side": _organization_link(record.vietnam_side),
            "china_side": _organization_link(record.china_side),
            "gate_class": record.gate_class.value,
            "latitude": record.latitude,
            "longitude": record.longitude,
            "position_basis": record.position_basis.value if record.position_basis else "",
            "source": _source_link(record.source),
        },
    )


def _proposal(
    placed: Placed, record: shapes.ProposalShape, *, held: Held, related: dict[str, set[str]]
) -> Iterator[Row]:
    yield Row(
        placed,
        models.Proposal,
        record.slug,
        {
            **_text(title=record.title, completion_test=record.completion_test, note=record.note),
            "theme": Link(models.Theme, record.theme),
            "nature": record.nature.value,
            "expected_interval_months": record.expected_interval_months,
            "occurrences_of": _link(models.MeetingSeries, record.occurrences_of),
            "successor": _link(models.Proposal, record.successor),
            "publication": Publication.PUBLISHED.value,
        },
        {
            "related": [Link(models.Proposal, slug) for slug in sorted(related[record.slug])],
            "gates": [Link(models.BorderGate, slug) for slug in record.gates],
        },
    )
    itself = Link(models.Proposal, record.slug)
    for role, slug in record.parties.by_role():
        values = {"proposal": itself, "organization": _organization_link(slug), "role": role.value}
        yield Row(placed, models.Involvement, f"{record.slug}:{role.value}:{slug}", values)
    for said in record.statements:
        yield _statement(placed, said, itself, held)
    for deadline in record.deadlines:
        yield _deadline(placed, deadline, itself)
    for change in record.status_changes:
        yield _change(placed, change, itself)


def _deadline(placed: Placed, record: shapes.DeadlineShape, proposal: Link) -> Row:
    return Row(
        placed,
        models.Deadline,
        record.key,
        {
            **_text(phrase=record.phrase),
            **_period(record.when),
            "proposal": proposal,
            "basis": record.basis.value,
            "stated_on": record.stated_on,
            "source": _source_link(record.source),
            "paragraph": record.paragraph,
        },
    )


def _statement(placed: Placed, record: shapes.StatementShape, proposal: Link, held: Held) -> Row:
    return Row(
        placed,
        models.Statement,
        record.key,
        {
            **_text(summary=record.summary),
            **_speech(record, held, record.said_on),
            "proposal": proposal,
            "blanket": False,
            "answers": _link(models.Statement, record.answers),
        },
    )


def _speech(record: shapes.SpeechShape, held: Held, said_on: Interval | None = None) -> dict[str, Any]:
    said_on = said_on or held[record.meeting]
    return {
        "said_on": said_on.last,
        "precision": said_on.precision.value,
        "meeting": Link(models.Meeting, record.meeting),
        "source": _source_link(record.source),
        "paragraph": record.paragraph,
        "post": _link(models.Post, record.post),
        "organization": _organization_link(record.organization),
        "addressee": _organization_link(record.addressee),
        "stance": record.stance.value,
    }


def _blanket(placed: Placed, record: shapes.BlanketShape, asks: dict[str, str], held: Held) -> Iterator[Row]:
    """Spread one blanket answer over the proposals whose asks it reaches: one statement for each proposal."""
    reached: dict[str, str] = {}
    for key in record.answers:
        reached.setdefault(asks[key], key)
    for slug, key in reached.items():
        values = {
            **_text(summary=record.summary),
            **_speech(record, held),
            "proposal": Link(models.Proposal, slug),
            "blanket": True,
            "answers": Link(models.Statement, key),
        }
        yield Row(placed, models.Statement, f"{record.key}.{slug}", values)


def _change(placed: Placed, record: shapes.ChangeShape, proposal: Link) -> Row:
    precision = Precision.NONE.value if record.precision == "unknown" else record.on.precision.value
    return Row(
        placed,
        models.StatusChange,
        record.key,
        {
            **_text(reason=record.reason),
            "proposal": proposal,
            "new": Status(record.to).value,
            "effective_on": record.on.last,
            "precision": precision,
            "source": _source_link(record.source),
            "paragraph": record.paragraph,
            "awaiting": _organization_link(record.awaiting),
        },
    )


def _indicator(placed: Placed, record: shapes.IndicatorShape | shapes.IndicatorMoreShape) -> Iterator[Row]:
    itself = Link(models.Indicator, record.slug)
    if isinstance(record, shapes.IndicatorShape):
        texts = _text(name=record.name, unit=record.unit, definition=record.definition)
        proposal = _link(models.Proposal, record.proposal)
        values = {**texts, "proposal": proposal, "measure": record.measure.value}
        yield Row(placed, models.Indicator, record.slug, values)
    for figures in record.series:
        texts = _text(name=figures.name, compiler=figures.compiler, unit=figures.unit, note=figures.note)
        yield Row(placed, models.Series, figures.slug, {**texts, "indicator": itself})
        for one in figures.observations:
            yield _observation(placed, one, Link(models.Series, figures.slug))
    for target in record.targets:
        yield _target(placed, target, itself)


def _target(placed: Placed, record: shapes.TargetShape, indicator: Link) -> Row:
    return Row(
        placed,
        models.Target,
        record.key,
        {
            **_text(note=record.note),
            **_period(record.when),
            "indicator": indicator,
            "value": record.value,
            "stated_on": record.stated_on,
            "set_by": _organization_link(record.set_by),
            "baseline": _link(models.Observation, record.baseline),
            "source": _source_link(record.source),
            "paragraph": record.paragraph,
        },
    )


def _observation(placed: Placed, record: shapes.ObservationShape, series: Link) -> Row:
    return Row(
        placed,
        models.Observation,
        record.key,
        {
            **_text(note=record.note),
            "series": series,
            "period_start": record.from_,
            "period_end": record.to,
            "value": record.value,
            "qualifier": record.qualifier.value,
            "vintage": record.vintage,
            "published_on": record.published,
            "basis": record.basis.value,
            "source": _source_link(record.source),
        },
    )


def _development(placed: Placed, record: shapes.DevelopmentShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.Development,
        record.key,
        {
            **_text(summary=record.summary, note=record.note),
            "happened_on": record.happened.last,
            "precision": record.precision or record.happened.precision.value,
            "gate": _link(models.BorderGate, record.gate),
            "account_side": record.account.side.value if record.account else "",
            "account_status": record.account.status.value if record.account else "",
            "is_occurrence": record.occurrence,
        },
        {"sources": [Link(models.Source, slug) for slug in record.sources]},
    )
    for one in record.bears:
        values = {
            "development": Link(models.Development, record.key),
            "proposal": Link(models.Proposal, one.proposal),
            "bears": one.effect.value,
        }
        yield Row(placed, models.Bearing, f"{record.key}:{one.proposal}", values)


def _milestone(placed: Placed, record: shapes.MilestoneShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.Milestone,
        record.key,
        {
            **_text(name=record.name, note=record.note),
            **_period(record.reached),
            "proposal": Link(models.Proposal, record.proposal),
            "gate": _link(models.BorderGate, record.gate),
            "step": _link(models.PathwayStep, record.named_step),
            "position": record.position,
            "source": _source_link(record.source),
        },
    )


def _review(placed: Placed, record: shapes.ReviewShape) -> Iterator[Row]:
    yield Row(
        placed,
        models.Review,
        record.key,
        {
            **_text(note=record.note),
            "proposal": Link(models.Proposal, record.proposal),
            "reviewed_on": record.reviewed,
            "visibility": record.visibility.value,
        },
    )
