"""The shape of the seed files: which keys a record has and what each may hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from tracker.choices import (
    Basis,
    GateClass,
    Grade,
    Language,
    MeetingState,
    Nature,
    OrganizationKind,
    PositionBasis,
    Role,
    Side,
    Stance,
    Status,
)
from tracker.dates import Granularity, Interval, parse_when


def _as_text(value: Any) -> Any:
    """Take back what YAML makes of an unquoted date or year."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_day(interval: Interval) -> date:
    if interval.precision != Granularity.DAY or interval.first != interval.last:
        raise ValueError("a single day is wanted, such as 2024-11-06")
    return interval.last


def _member(choices: type) -> BeforeValidator:
    """Read a value of a scale, saying what is allowed if it is not one."""

    def read(value: Any) -> Any:
        if value not in choices.values:  # type: ignore[attr-defined]
            raise ValueError(f"allowed: {', '.join(choices.values)}")  # type: ignore[attr-defined]
        return choices(value)

    return BeforeValidator(read)


class Ref:
    """Marks a field that holds the slug or key of a record in another list."""

    def __init__(self, target: str) -> None:
        self.target = target


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-.][a-z0-9]+)*$", max_length=120)]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
When = Annotated[str, BeforeValidator(_as_text), AfterValidator(parse_when)]
Day = Annotated[str, BeforeValidator(_as_text), AfterValidator(parse_when), AfterValidator(_one_day)]
Paragraph = Annotated[int, Field(ge=1)]
OrganizationRef = Annotated[Slug, Ref("organization")]
SourceRef = Annotated[Slug, Ref("source")]
PostRef = Annotated[Key, Ref("post")]
MeetingRef = Annotated[Slug, Ref("meeting")]
SeriesRef = Annotated[Slug, Ref("series")]
GateRef = Annotated[Slug, Ref("gate")]
ProposalRef = Annotated[Slug, Ref("proposal")]
ThemeRef = Annotated[Slug, Ref("theme")]
StatementRef = Annotated[Key, Ref("statement")]


class Shape(BaseModel):
    """A record: unknown keys are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class Text(Shape):
    """A text that viewers read, in the three languages."""

    en: Line
    vi: Line
    zh: Line


class OrganizationShape(Shape):
    """A state, ministry, province, Party committee, mission or joint body."""

    slug: Slug
    name: Text
    short_name: Text
    side: Annotated[Side, _member(Side)]
    kind: Annotated[OrganizationKind, _member(OrganizationKind)]
    parent: OrganizationRef | None = None
    successor: OrganizationRef | None = None
    succeeded_on: Day | None = None
    succession_source: SourceRef | None = None
    note: Text | None = None


class PostShape(Shape):
    """A post held by a person."""

    key: Key
    organization: OrganizationRef
    title: Text
    since: Day | None = None
    until: Day | None = None
    source: SourceRef | None = None


class PersonShape(Shape):
    """Somebody who spoke, with the posts held."""

    slug: Slug
    name: Text
    note: Text | None = None
    posts: list[PostShape] = []


class SourceShape(Shape):
    """A published document."""

    slug: Slug
    publisher: Line
    title: str = ""
    language: Annotated[Language, _member(Language)]
    url: str = ""
    grade: Annotated[Grade, _member(Grade)]
    published: When | None = None
    document: str = ""
    note: Text | None = None


class ThemeShape(Shape):
    """A field of cooperation."""

    slug: Slug
    name: Text
    description: Text | None = None
    position: int


class SeriesShape(Shape):
    """A meeting series."""

    slug: Slug
    name: Text
    counterpart: OrganizationRef | None = None
    interval_months: Annotated[int, Field(ge=1)] | None = None
    note: Text | None = None


class MeetingShape(Shape):
    """A meeting of a series."""

    slug: Slug
    series: SeriesRef
    number: Annotated[int, Field(ge=1)] | None = None
    name: Text
    held: When | None = None
    held_basis: Annotated[Basis, _member(Basis)] = Basis.STATED
    held_note: Text | None = None
    place: Text | None = None
    state: Annotated[MeetingState, _member(MeetingState)] = MeetingState.HELD
    organizations: list[OrganizationRef] = []
    sources: list[SourceRef] = []
    note: Text | None = None


class GateShape(Shape):
    """A pair of border crossings."""

    slug: Slug
    name: Text
    vietnam_side: OrganizationRef
    china_side: OrganizationRef
    gate_class: Annotated[GateClass, _member(GateClass)]
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    position_basis: Annotated[PositionBasis, _member(PositionBasis)] | None = None
    source: SourceRef | None = None
    note: Text | None = None


class DeadlineShape(Shape):
    """A deadline as a source states it."""

    key: Key
    phrase: Text
    when: When | None = None
    basis: Annotated[Basis, _member(Basis)] = Basis.STATED
    stated_on: Day
    source: SourceRef
    paragraph: Paragraph | None = None


class StatementShape(Shape):
    """What a speaker said about the proposal."""

    key: Key
    meeting: MeetingRef
    source: SourceRef
    paragraph: Paragraph
    said_on: When | None = None
    post: PostRef | None = None
    organization: OrganizationRef
    addressee: OrganizationRef | None = None
    stance: Annotated[Stance, _member(Stance)]
    answers: StatementRef | None = None
    summary: Text


class ChangeShape(Shape):
    """A dated step on the status scale."""

    key: Key
    to: Annotated[Status, _member(Status)]
    on: When
    precision: Annotated[str, StringConstraints(pattern="^(day|unknown)$")] = "day"
    reason: Text
    source: SourceRef | None = None
    paragraph: Paragraph | None = None
    awaiting: OrganizationRef | None = None


class PartiesShape(Shape):
    """Who has to do with the proposal, by role."""

    proposer: list[OrganizationRef] = []
    addressee: list[OrganizationRef] = []
    lead: list[OrganizationRef] = []
    partner: list[OrganizationRef] = []

    def by_role(self) -> list[tuple[Role, str]]:
        """Give (role, organization) pairs in the order of the roles."""
        return [(role, slug) for role in Role for slug in getattr(self, role.value)]


class ProposalShape(Shape):
    """One verifiable thing, with all that was said and decided about it."""

    slug: Slug
    title: Text
    theme: ThemeRef
    nature: Annotated[Nature, _member(Nature)]
    completion_test: Text
    expected_interval_months: Annotated[int, Field(ge=1)] | None = None
    occurrences_of: SeriesRef | None = None
    note: Text | None = None
    related: list[ProposalRef] = []
    gates: list[GateRef] = []
    successor: ProposalRef | None = None
    parties: PartiesShape = PartiesShape()
    deadlines: list[DeadlineShape] = []
    statements: Annotated[list[StatementShape], Field(min_length=1)]
    status_changes: Annotated[list[ChangeShape], Field(min_length=1)]


class BlanketShape(Shape):
    """One sentence that answers several asks of a meeting."""

    key: Key
    meeting: MeetingRef
    source: SourceRef
    paragraph: Paragraph
    post: PostRef | None = None
    organization: OrganizationRef
    addressee: OrganizationRef | None = None
    stance: Annotated[Stance, _member(Stance)]
    summary: Text
    answers: Annotated[list[StatementRef], Field(min_length=1)]


class TargetShape(Shape):
    """A value set for an indicator."""

    key: Key
    value: Decimal
    stated_on: Day
    when: When | None = None
    source: SourceRef
    paragraph: Paragraph | None = None
    note: Text | None = None


class IndicatorShape(Shape):
    """A quantity that shows how far a proposal is."""

    slug: Slug
    proposal: ProposalRef | None = None
    name: Text
    unit: Text
    definition: Text | None = None
    targets: list[TargetShape] = []
