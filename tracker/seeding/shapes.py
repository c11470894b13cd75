"""The shape of the seed files: which keys a record has and what each may hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from tracker.choices import (
    Basis,
    Bears,
    GateClass,
    Grade,
    Language,
    Measure,
    MeetingState,
    Nature,
    OrganizationKind,
    PositionBasis,
    Qualifier,
    Role,
    Side,
    Stance,
    Status,
    Visibility,
)
from tracker.dates import Granularity, Interval, parse_when
from tracker.gate_scale import PATHWAY


def _when(value: Any) -> Interval:
    """Read a date in the notation of `dates`, also where YAML has made a day or a number of it."""
    return parse_when(value.isoformat() if isinstance(value, date) else str(value))


def _one_day(value: Any) -> date:
    interval = _when(value)
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
When = Annotated[Interval, BeforeValidator(_when)]
Day = Annotated[date, BeforeValidator(_one_day)]
Paragraph = Annotated[int, Field(ge=1)]
OrganizationRef = Annotated[Slug, Ref("organization")]
SourceRef = Annotated[Slug, Ref("source")]
PostRef = Annotated[Key, Ref("post")]
MeetingRef = Annotated[Slug, Ref("meeting")]
SeriesRef = Annotated[Slug, Ref("series")]
PathwayRef = Annotated[Slug, Ref("pathway")]
GateRef = Annotated[Slug, Ref("gate")]
ProposalRef = Annotated[Slug, Ref("proposal")]
ThemeRef = Annotated[Slug, Ref("theme")]
IndicatorRef = Annotated[Slug, Ref("indicator")]
StatementRef = Annotated[Key, Ref("statement")]


class Shape(BaseModel):
    """A record: unknown keys are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    @classmethod
    def of(cls, raw: Any) -> type[Shape]:
        """Choose the shape that a raw record is held to, where a file may hold more than one."""
        return cls


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


class StepShape(Shape):
    """A step of a pathway."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=40)]
    position: Annotated[int, Field(ge=0)]
    name: Text
    reached_when: Text | None = None


class PathwayShape(Shape):
    """The steps that a kind of undertaking usually passes."""

    slug: Slug
    name: Text
    description: Text | None = None
    steps: Annotated[list[StepShape], Field(min_length=1)]


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


class SpeechShape(Shape):
    """Who said what, where, and the place in the source; the paragraph only where the source has numbered ones."""

    key: Key
    meeting: MeetingRef
    source: SourceRef
    paragraph: Paragraph | None = None
    post: PostRef | None = None
    organization: OrganizationRef
    addressee: OrganizationRef | None = None
    stance: Annotated[Stance, _member(Stance)]
    summary: Text


class StatementShape(SpeechShape):
    """What a speaker said about the proposal."""

    said_on: When | None = None
    answers: StatementRef | None = None


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


class LaterStatementShape(StatementShape):
    """A statement that stands apart from its proposal's file."""

    proposal: ProposalRef


class LaterChangeShape(ChangeShape):
    """A status change that stands apart from its proposal's file."""

    proposal: ProposalRef


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


class BlanketShape(SpeechShape):
    """One sentence that answers several asks of a meeting."""

    answers: Annotated[list[StatementRef], Field(min_length=1)]


class TargetShape(Shape):
    """A value set for an indicator."""

    key: Key
    value: Decimal
    stated_on: Day
    when: When | None = None
    set_by: OrganizationRef | None = None
    baseline: Key | None = None
    source: SourceRef
    paragraph: Paragraph | None = None
    note: Text | None = None


class ObservationShape(Shape):
    """A figure for a period, as published."""

    key: Key
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    value: Decimal
    qualifier: Annotated[Qualifier, _member(Qualifier)] = Qualifier.EXACT
    vintage: Annotated[int, Field(ge=1)] = 1
    published: Day | None = None
    basis: Annotated[Basis, _member(Basis)] = Basis.STATED
    source: SourceRef
    note: Text | None = None


class FiguresShape(Shape):
    """Figures of one compiler."""

    slug: Slug
    name: Text
    compiler: Text
    unit: Text
    note: Text | None = None
    observations: list[ObservationShape] = []


class MeasuresShape(Shape):
    """Targets, and figures by compiler."""

    targets: list[TargetShape] = []
    series: list[FiguresShape] = []


class IndicatorMoreShape(MeasuresShape):
    """Targets and figures of an indicator that stands in another file."""

    indicator: IndicatorRef

    @property
    def slug(self) -> str:
        """The indicator's name."""
        return self.indicator


class IndicatorShape(MeasuresShape):
    """A quantity that shows how far a proposal is."""

    slug: Slug
    proposal: ProposalRef | None = None
    name: Text
    unit: Text
    measure: Annotated[Measure, _member(Measure)] = Measure.FLOW
    definition: Text | None = None

    @classmethod
    def of(cls, raw: Any) -> type[Shape]:
        """Choose the shape: a record that names an indicator adds to it, any other is an indicator of its own."""
        return IndicatorMoreShape if isinstance(raw, dict) and "indicator" in raw else cls


class AccountShape(Shape):
    """What one side says the status is."""

    side: Annotated[Side, _member(Side)]
    status: Annotated[Status, _member(Status)]


class BearsShape(Shape):
    """Which proposal a development bears on, and which way."""

    proposal: ProposalRef
    effect: Annotated[Bears, _member(Bears)]


class DevelopmentShape(Shape):
    """A dated, sourced fact."""

    key: Key
    happened: When
    precision: Annotated[str, StringConstraints(pattern="^none$")] | None = None
    summary: Text
    note: Text | None = None
    gate: GateRef | None = None
    account: AccountShape | None = None
    occurrence: bool = False
    sources: Annotated[list[SourceRef], Field(min_length=1)]
    bears: Annotated[list[BearsShape], Field(min_length=1)]


class MilestoneShape(Shape):
    """A step on the way. It may be a step of a pathway: of the gates' one at a gate, if no other is named."""

    key: Key
    proposal: ProposalRef
    gate: GateRef | None = None
    pathway: PathwayRef | None = None
    step: str | None = None
    name: Text
    position: Annotated[int, Field(ge=0)]
    reached: When | None = None
    source: SourceRef | None = None
    note: Text | None = None

    @property
    def named_step(self) -> str | None:
        """The step with its pathway: ``railway:built``."""
        pathway = self.pathway or (PATHWAY if self.gate else None)
        return f"{pathway}:{self.step}" if self.step else None


class ReviewShape(Shape):
    """Somebody looked and found nothing new."""

    key: Key
    proposal: ProposalRef
    reviewed: Day
    visibility: Annotated[Visibility, _member(Visibility)] = Visibility.PUBLIC
    note: Text | None = None
