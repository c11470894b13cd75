"""The vocabulary of reads. Every word takes the day that is looked at; none reads the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from tracker.choices import (
    ANSWERS,
    ASKS,
    RAISES,
    AnswerKind,
    MeetingState,
    Nature,
    Precision,
    Publication,
    Role,
    Side,
    Stance,
    Status,
    Visibility,
)
from tracker.metrics.records import Item, SaidFact
from tracker.models import (
    Bearing,
    BorderGate,
    Deadline,
    Development,
    Involvement,
    Meeting,
    MeetingSeries,
    Milestone,
    Observation,
    Organization,
    Proposal,
    Review,
    Source,
    Statement,
    StatusChange,
    Target,
    Theme,
)
from tracker.names import Named, Vocabulary
from tracker.standing import Facts, Thresholds, standing_of

_PUBLISHED = Publication.PUBLISHED.value
_PROPOSAL = OuterRef("pk")


def localized(path: str) -> Coalesce | F:
    """Select a translated column in the language of the page; English where it is not translated."""
    language = (get_language() or "en").replace("-", "_")
    if language == "en":
        return F(f"{path}_en")
    return Coalesce(NullIf(F(f"{path}_{language}"), Value("")), F(f"{path}_en"), output_field=TextField())


def _first(rows: QuerySet, column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def _total(rows: QuerySet, **aggregate: Any) -> Subquery:
    """Aggregate over the rows of one proposal."""
    (name,) = aggregate
    return Subquery(rows.order_by().values("proposal").annotate(**aggregate).values(name))


class ProposalQuerySet(QuerySet[Proposal]):
    """Reads of proposals. `proposals()` gives the first word."""

    def published(self) -> Self:
        """Keep what viewers may see."""
        return self.filter(publication=_PUBLISHED)

    def as_of(self, day: date) -> Self:
        """Keep what had been raised by the day, with the status that it had then."""
        newest = StatusChange.objects.filter(proposal=_PROPOSAL, effective_on__lte=day).order_by("-effective_on", "-id")
        return self.annotate(
            status_then=_first(newest, "new"),
            status_since=_first(newest, "effective_on"),
            status_precision=_first(newest, "precision"),
            awaiting_then=_first(newest, "awaiting"),
        ).filter(status_then__isnull=False)

    def with_facts(self, day: date, between: Between | None = None) -> Self:
        """Annotate all that `standing.Facts` needs and that was on record by the day. Goes after `as_of`.

        Args:
            day: the day looked at.
            between: judge the answer by what some organizations asked of others, not by every ask.
        """
        return self._with_statements(day)._with_answer(day, between)._with_deadline(day)._with_evidence(day)

    def _with_statements(self, day: date) -> Self:
        said = statements_by(day).filter(proposal=_PROPOSAL)
        raised = said.filter(stance__in=RAISES)
        there = answers_to_ask(day).filter(meeting=OuterRef("meeting"))
        answered = raised.filter(Q(stance=Stance.AGREED_JOINTLY) | Exists(there))
        return self.annotate(
            first_raised=_total(said, day=Min("said_on")),
            last_raised=Coalesce(_total(raised, day=Max("said_on")), _total(said, day=Max("said_on"))),
            times_raised=Coalesce(_total(raised, n=Count("meeting", distinct=True)), 0),
            times_answered=Coalesce(_total(answered, n=Count("meeting", distinct=True)), 0),
        )

    def _with_answer(self, day: date, between: Between | None) -> Self:
        asked = asks_by(day, between).filter(proposal=_PROPOSAL)
        newest = asked.filter(
            said_on=_total(asks_by(day, between).filter(proposal=OuterRef("proposal")), day=Max("said_on"))
        )
        answers = answers_to_ask(day)
        met_again = Meeting.objects.filter(
            publication=_PUBLISHED,
            state=MeetingState.HELD,
            series=OuterRef("meeting__series"),
            last_day__gt=OuterRef("said_on"),
            last_day__lte=day,
        )
        kinds = {
            AnswerKind.SPECIFIC: answers.exclude(stance=Stance.AGREED_JOINTLY).filter(blanket=False),
            AnswerKind.JOINT: answers.filter(stance=Stance.AGREED_JOINTLY),
            AnswerKind.BLANKET: answers,
        }
        met = [When(Exists(newest.filter(Exists(rows))), then=Value(kind.value)) for kind, rows in kinds.items()]
        return self.annotate(
            answer=Case(
                When(~Exists(asked), then=None),
                *met,
                default=Value(AnswerKind.NONE.value),
                output_field=CharField(null=True),
            ),
            met_again=Exists(asked.filter(~Exists(answers), Exists(met_again))),
        )

    def _with_deadline(self, day: date) -> Self:
        stated = Deadline.objects.filter(proposal=_PROPOSAL, stated_on__lte=day)
        dated = stated.filter(last_day__isnull=False).order_by("stated_on", "id")
        first_dated_else_first = stated.order_by(
            Case(When(last_day__isnull=True, then=1), default=0), "stated_on", "id"
        )
        return self.annotate(
            deadline_start=_first(dated, "first_day"),
            deadline_end=_first(dated, "last_day"),
            deadline_phrase=Subquery(first_dated_else_first.annotate(text=localized("phrase")).values("text")[:1]),
        )

    def _with_evidence(self, day: date) -> Self:
        bearing = bearings_by(day).filter(proposal=_PROPOSAL).order_by("-development__happened_on", "-id")
        held = Meeting.objects.filter(
            publication=_PUBLISHED,
            series=OuterRef("occurrences_of"),
            state=MeetingState.HELD,
            last_day__lte=day,
        ).order_by("-last_day")
        accounts = {
            side: _first(bearing.filter(development__account_side=side), "development__account_status")
            for side in (Side.VIETNAM, Side.CHINA)
        }
        return self.annotate(
            interval_months=Coalesce("expected_interval_months", "occurrences_of__interval_months"),
            last_held=_first(held, "last_day"),
            last_occurrence=_first(bearing.filter(development__is_occurrence=True), "development__happened_on"),
            last_development=_first(bearing, "development__happened_on"),
            last_reviewed=_first(Review.objects.filter(proposal=_PROPOSAL, reviewed_on__lte=day), "reviewed_on"),
            vietnam_account=accounts[Side.VIETNAM],
            china_account=accounts[Side.CHINA],
            has_lead=Exists(Involvement.objects.filter(proposal=_PROPOSAL, role=Role.LEAD)),
        )

    def about(self, folded: str, day: date, *, names: Iterable[str] = (), organizations: Iterable[int] = ()) -> Self:
        """Keep what a folded search text finds: in the proposal, in what was said by the day, in who is involved.

        Args:
            folded: the words looked for.
            day: the day looked at.
            names: if the text is the name of something, its names in every language, each looked for as a whole.
            organizations: the ids of the organizations so named and of their kin.
        """
        found: Any = Q(Exists(Involvement.objects.filter(proposal=_PROPOSAL, organization__in=organizations)))
        said = statements_by(day).filter(proposal=_PROPOSAL)
        involved = Involvement.objects.filter(proposal=_PROPOSAL)
        at = BorderGate.objects.filter(proposals=_PROPOSAL)
        for sought in [Q(search_text__contains=name) for name in names] or [_words(folded)]:
            found |= sought | Q(Exists(said.filter(sought)))
        for phrase in {folded, *names}:
            found |= Exists(said.filter(post__person__search_text__contains=phrase))
            found |= Exists(involved.filter(organization__search_text__contains=phrase))
            found |= Exists(at.filter(search_text__contains=phrase))
        return self.filter(found)

    def involving(self, organizations: Iterable[int], role: Role | None = None) -> Self:
        """Keep what one of the organizations has to do with, in that role or in any."""
        involved = Involvement.objects.filter(proposal=_PROPOSAL, organization__in=organizations)
        return self.filter(Exists(involved.filter(role=role) if role else involved))

    def asked_for(self, day: date, between: Between) -> Self:
        """Keep what some organizations asked of others by the day."""
        return self.filter(Exists(asks_by(day, between).filter(proposal=_PROPOSAL)))

    def spoken_of_at(self, meetings: Iterable[str], day: date) -> Self:
        """Keep what had by the day been spoken of at one of the meetings, named by slug."""
        return self.filter(Exists(statements_by(day).filter(proposal=_PROPOSAL, meeting__slug__in=meetings)))

    def at_gates(self, gates: Iterable[str]) -> Self:
        """Keep what concerns one of the gates, named by slug."""
        return self.filter(Exists(BorderGate.objects.filter(proposals=_PROPOSAL, slug__in=gates)))

    def in_order_of(self, sort: str) -> Self:
        """Order by one of `ORDERINGS`, with a minus for the other way; what is not on record comes last."""
        name, backwards = sort.removeprefix("-"), sort.startswith("-")
        key = ORDERINGS[name]()
        direction = key.desc if backwards else key.asc
        # The tie-break runs the same way as the key, so that an index could serve both.
        return self.order_by(direction(nulls_last=True), "-slug" if backwards else "slug")

    def items(self, day: date, thresholds: Thresholds) -> Iterator[Item]:
        """Give one record per proposal, with its standing. Goes after `with_facts`."""
        for item, _more in self.items_with((), day, thresholds):
            yield item

    def items_with(self, columns: Iterable[str], day: date, thresholds: Thresholds) -> Iterator[tuple[Item, tuple]]:
        """Give each record as `items` does, beside the values of further columns."""
        rows = self.annotate(title_now=localized("title"), theme_now=localized("theme__name"))
        names = ("id", "slug", "title_now", "theme__slug", "theme_now", "deadline_phrase")
        width = len(names) + len(FACT_COLUMNS)
        for row in rows.values_list(*names, *FACT_COLUMNS, *columns).iterator(chunk_size=2000):
            number, slug, title, theme, theme_label, phrase = row[: len(names)]
            facts = facts_of(row[len(names) : width])
            standing = standing_of(facts, day, thresholds)
            item = Item(number, slug, title, theme, theme_label, facts, standing, phrase or "")
            yield item, row[width:]


def _scale_position(column: str, scale: type[TextChoices]) -> Case:
    whens = [When(**{column: value}, then=position) for position, value in enumerate(scale.values)]
    return Case(*whens, default=len(whens))


ORDERINGS = {
    "title": lambda: localized("title"),
    "theme": lambda: F("theme__position"),
    "nature": lambda: _scale_position("nature", Nature),
    "status": lambda: _scale_position("status_then", Status),
    "status_since": lambda: F("status_since"),
    "first_raised": lambda: F("first_raised"),
    "last_raised": lambda: F("last_raised"),
    "times_raised": lambda: F("times_raised"),
    "deadline": lambda: F("deadline_end"),
    "last_development": lambda: F("last_development"),
}


def _words(folded: str) -> Q:
    """Match texts that contain every word."""
    matched = Q()
    for word in folded.split():
        matched &= Q(search_text__contains=word)
    return matched


# The columns behind `standing.Facts`, in the order of its fields; where the names differ, the column's name is here.
_COLUMN_OF = {
    "status": "status_then",
    "awaiting": "awaiting_then",
}
FACT_COLUMNS = (*(_COLUMN_OF.get(field.name, field.name) for field in fields(Facts)), "last_held")
_SCALES = {
    "nature": Nature,
    "status": Status,
    "status_precision": Precision,
    "answer": AnswerKind,
    "vietnam_account": Status,
    "china_account": Status,
}
_FACT_NAMES = tuple(field.name for field in fields(Facts))


def facts_of(row: tuple) -> Facts:
    """Turn the values of `FACT_COLUMNS` into a record."""
    values = dict(zip(_FACT_NAMES, row, strict=False))
    for name, scale in _SCALES.items():
        values[name] = scale(values[name]) if values[name] else None
    values["awaiting"] = values["awaiting"] is not None
    occurrences = [day for day in (values["last_occurrence"], row[-1]) if day is not None]
    values["last_occurrence"] = max(occurrences, default=None)
    return Facts(**values)


def proposals() -> ProposalQuerySet:
    """Start a read of proposals."""
    return ProposalQuerySet(Proposal)


def published_on(day: date) -> ProposalQuerySet:
    """Give what a viewer sees on a day."""
    return proposals().published().as_of(day)


def statements_by(day: date) -> QuerySet[Statement]:
    """Give the statements on record by a day, at meetings that viewers may see."""
    return Statement.objects.filter(said_on__lte=day, meeting__publication=_PUBLISHED)


def statements_shown(day: date) -> QuerySet[Statement]:
    """Give the statements on record by a day about what a viewer sees on it.

    A report may come before the day on which its proposal was raised: it is not shown without its proposal.
    """
    return statements_by(day).filter(proposal__in=published_on(day).values("pk"))


@dataclass(frozen=True, slots=True)
class Between:
    """Who asked and who was asked, by the ids of organizations; None leaves a side open."""

    askers: frozenset[int] | None = None
    asked: frozenset[int] | None = None


def asks_by(day: date, between: Between | None = None) -> QuerySet[Statement]:
    """Give the asks on record by a day, if wanted only those of some organizations to others."""
    asks = statements_by(day).filter(stance__in=ASKS)
    if between and between.askers is not None:
        asks = asks.filter(organization__in=between.askers)
    if between and between.asked is not None:
        asks = asks.filter(addressee__in=between.asked)
    return asks


def answers_to_ask(day: date) -> QuerySet[Statement]:
    """Give, inside a query of asks, what answers each: by the rules of `metrics.answers`, in the database's words."""
    means_it = Q(answers=None) | Q(blanket=True) | Q(answers=OuterRef("pk")) | ~Q(answers__meeting=OuterRef("meeting"))
    other_side = Q(stance=Stance.AGREED_JOINTLY) | ~Q(organization__side=OuterRef("organization__side"))
    return statements_by(day).filter(
        means_it,
        other_side,
        proposal=OuterRef("proposal"),
        said_on__gte=OuterRef("said_on"),
        stance__in=ANSWERS,
    )


SAID_COLUMNS = (
    "id", "proposal_id", "meeting_id", "said_on", "organization_id", "organization__side", "addressee_id",
    "stance", "blanket", "answers_id",
)  # fmt: skip


def said_facts(day: date) -> Iterator[SaidFact]:
    """Give what was said about published proposals by a day, in order. One query."""
    rows = statements_by(day).filter(proposal__publication=_PUBLISHED).order_by("proposal_id", "said_on", "id")
    return (SaidFact(*row) for row in rows.values_list(*SAID_COLUMNS).iterator(chunk_size=2000))


def bearings_by(day: date) -> QuerySet[Bearing]:
    """Give which public developments bore on which proposals by a day."""
    return Bearing.objects.filter(development__happened_on__lte=day, development__visibility=Visibility.PUBLIC)


def changes_by(day: date) -> QuerySet[StatusChange]:
    """Give the status changes of published proposals that were in effect by a day."""
    return StatusChange.objects.filter(effective_on__lte=day, proposal__publication=_PUBLISHED)


def meetings_by(day: date) -> QuerySet[Meeting]:
    """Give the published meetings that had begun by a day, those planned by then, and those without a date.

    A meeting counts as planned from the first day on which one of its sources was out, where a source has a date.
    """
    dated = Source.objects.filter(meetings=OuterRef("pk"), published_on__isnull=False)
    known = Exists(dated.filter(published_on__lte=day)) | ~Exists(dated)
    begun = Q(first_day__lte=day) | (Q(first_day__isnull=True) | Q(state=MeetingState.PLANNED)) & known
    return Meeting.objects.filter(begun, publication=_PUBLISHED)


def involvements_of(proposals: Iterable[int]) -> QuerySet[Involvement, tuple[int, int, str]]:
    """Give (proposal, organization, role) by id for some proposals. One query."""
    return Involvement.objects.filter(proposal__in=proposals).values_list("proposal_id", "organization_id", "role")


def meetings_with_counts(day: date) -> QuerySet[Meeting]:
    """Give the meetings as `meetings_by` does, each with how many asks it saw and how many of them were answered."""
    asks = statements_shown(day).filter(meeting=OuterRef("pk"), stance__in=ASKS)
    there = answers_to_ask(day).filter(meeting=OuterRef("meeting"))
    return meetings_by(day).annotate(
        asks=_count(asks, "meeting"), answered=_count(asks.filter(Exists(there)), "meeting")
    )


def _count(rows: QuerySet, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def latest_meetings(day: date) -> QuerySet[Meeting]:
    """Give the meetings held by a day, newest first, with their counts."""
    return meetings_with_counts(day).filter(state=MeetingState.HELD).order_by("-last_day", "slug")


def deadlines_by(day: date) -> QuerySet[Deadline]:
    """Give the deadlines of published proposals that had been stated by a day."""
    return Deadline.objects.filter(stated_on__lte=day, proposal__publication=_PUBLISHED)


def reviews_by(day: date) -> QuerySet[Review]:
    """Give the reviews on record by a day."""
    return Review.objects.filter(reviewed_on__lte=day)


def sources_with_counts(day: date) -> QuerySet[Source]:
    """Give the sources with how much rests on each, of what viewers may see.

    A source published after the day, or on a day that nobody knows, is there if something of that day rests on it.
    """
    itself = OuterRef("pk")

    def seen(indicator: str) -> Q:
        proposal = f"{indicator}__proposal"  # none, or a published one
        return Q(**{f"{proposal}__isnull": True}) | Q(**{f"{proposal}__publication": _PUBLISHED})

    said = statements_shown(day).filter(source=itself)
    changed = changes_by(day).filter(source=itself)
    borne = bearings_by(day).filter(proposal__in=published_on(day).values("pk")).values("development")
    happened = Development.sources.through.objects.filter(source=itself, development__in=borne)
    measured = Observation.objects.filter(
        seen("series__indicator"),
        Q(published_on__lte=day) | Q(published_on__isnull=True, source__published_on__isnull=True),
        source=itself,
        period_end__lte=day,
    )
    cited = (
        said,
        changed,
        happened,
        measured,
        deadlines_by(day).filter(source=itself),
        meetings_by(day).filter(sources=itself),
        Target.objects.filter(seen("indicator"), source=itself, stated_on__lte=day),
        Milestone.objects.filter(
            Q(last_day__lte=day) | Q(last_day__isnull=True, source__published_on__isnull=True),
            source=itself,
            proposal__in=published_on(day).values("pk"),
        ),
        BorderGate.objects.filter(source=itself),
    )
    return Source.objects.filter(Q(*map(Exists, cited), published_on__lte=day, _connector=Q.OR)).annotate(
        statement_count=_count(said, "source"), change_count=_count(changed, "source"),
        development_count=_count(happened, "source"), figure_count=_count(measured, "source"),
    )  # fmt: skip


def series_names() -> tuple[Named, ...]:
    """Read the names of the meeting series. One query."""
    return _named(MeetingSeries.objects.order_by("slug"), localized("name"))


def vocabulary(day: date) -> Vocabulary:
    """Read the names for a day. Four queries."""
    label = localized("name")
    return Vocabulary(
        themes=_named(Theme.objects.order_by("position", "slug"), label),
        organizations=organization_names(),
        meetings=_named(meetings_by(day).order_by("-last_day", "slug"), label),
        gates=_named(BorderGate.objects.order_by("slug"), label),
    )


def organization_names() -> tuple[Named, ...]:
    """Read every organization with its kin. One query."""
    rows = Organization.objects.annotate(label=localized("short_name")).order_by("-side", "slug")
    columns = ("id", "slug", "label", "search_text", "parent_id", "successor_id", "side", "kind")
    return tuple(Named(*row) for row in rows.values_list(*columns))


def _named(rows: QuerySet, label: Coalesce | F) -> tuple[Named, ...]:
    return tuple(Named(*row) for row in rows.annotate(label=label).values_list("id", "slug", "label", "search_text"))
