"""The tables of proposals, organizations, statements and observations, as files bring them in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property, partial
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from tracker.choices import (
    Basis,
    Nature,
    OrganizationKind,
    Precision,
    Qualifier,
    Role,
    Side,
    Stance,
    Status,
)
from tracker.importing.cells import Cell, Dated, Elsewhere, NamedSource, Scene, Several, Speaker, Words, same
from tracker.importing.drafts import Draft
from tracker.importing.resource import TableResource, among, derived_key, told_in
from tracker.importing.values import Amount, Code, Codes, Day, OnScale, When, Whole, YesNo
from tracker.models import (
    BorderGate,
    Deadline,
    Involvement,
    Meeting,
    Observation,
    Organization,
    Proposal,
    Series,
    Source,
    Statement,
    Theme,
)
from tracker.rules import problem_of_past_day, problems_of_answer

ROLE_COLUMNS = {Role.PROPOSER: "proposed_by", Role.ADDRESSEE: "addressed_to", Role.LEAD: "lead"}


def refuse_without_source(draft: Draft, *columns: str) -> None:
    """Refuse what rests on nothing; the source may be named in any of the columns."""
    if draft.record.source_id is None and not draft.has_fault(*columns):
        draft.refuse(columns[0], _("A source is needed; name it in one of the columns %(columns)s.") % {
            "columns": ", ".join(columns),
        })  # fmt: skip


def refuse_future(draft: Draft, column: str, day: date | None, precision: str, today: date) -> None:
    """Refuse a day to come where only the past can be meant."""
    problem = problem_of_past_day(day, precision, today)
    if problem and not draft.has_fault(column):
        draft.refuse(column, problem)


class ProposalTable(TableResource):
    """Proposals. New ones come in as drafts; the status is set, and deadlines are entered, with their sources."""

    model = Proposal
    texts: ClassVar = {"title": "title"}
    column_of_rule: ClassVar = {"proposal_interval_of_continuing_only": "nature"}

    def __init__(self, scene: Scene) -> None:
        self.cells = (  # type: ignore[misc]
            Words("title", "title", required=True),
            Cell("theme", Code(Theme), "theme_id", required=True),
            Cell("nature", OnScale(Nature), required=True),
            Elsewhere("status", lambda draft, _scene: draft.record.status, self._of_status),
            *(
                Elsewhere(column, partial(self._deadline_part, at), self._of_deadline)
                for at, column in enumerate(("deadline_phrase", "deadline_start", "deadline_end"))
            ),
            *(Several(column, Codes(Organization), role.value) for role, column in ROLE_COLUMNS.items()),
            Several("gates", Codes(BorderGate), "gates"),
        )
        super().__init__(scene)

    def _of_status(self) -> str:
        if self.draft.is_new:
            return _(
                "A new proposal comes in as a draft with the status “proposed”; change the status once it is there."
            )
        return _("The status is not changed by a file: it changes on the scale, with a date, a reason and a source.")

    @staticmethod
    def _of_deadline() -> str:
        return _("A deadline is not changed by a file: it is entered with its source, on the page of the proposal.")

    def load(self, keys: set[str]) -> None:
        """Read the proposals, whom they involve, and their deadlines."""
        super().load(keys)
        self._connected: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        involved = among(Involvement.objects.order_by("id"), "proposal__slug", keys)
        for proposal, role, organization in involved.values_list("proposal_id", "role", "organization_id"):
            self._connected[proposal][role].append(organization)
        at = among(Proposal.gates.through._default_manager.all(), "proposal__slug", keys)  # type: ignore[attr-defined]
        for proposal, gate in at.values_list("proposal_id", "bordergate_id"):
            self._connected[proposal]["gates"].append(gate)
        stated = among(Deadline.objects.filter(stated_on__lte=self.scene.today), "proposal__slug", keys)
        self._deadlines: dict[int, list[Deadline]] = defaultdict(list)
        for deadline in stated.order_by("stated_on", "id"):
            self._deadlines[deadline.proposal_id].append(deadline)

    def _deadline_part(self, at: int, draft: Draft, _scene: Scene) -> str:
        return self._deadline(draft)[at]

    def _deadline(self, draft: Draft) -> tuple[str, str, str]:
        """Give phrase, first and last day as the export shows them: the first deadline with a date, or the first."""
        stated = self._deadlines.get(draft.record.pk, [])
        shown = next((one for one in stated if one.last_day), stated[0] if stated else None)
        if shown is None:
            return ("", "", "")
        phrase = getattr(shown, f"phrase_{self.scene.language}") or shown.phrase_en  # type: ignore[attr-defined]
        return (phrase, str(shown.first_day or ""), str(shown.last_day or ""))

    def connections(self, record: Any) -> dict[str, list[int]]:
        """Give organizations by role, and gates."""
        return {name: list(ids) for name, ids in self._connected.get(record.pk, {}).items()}

    def check_key(self, draft: Draft) -> None:
        """Refuse the code of a proposal that was merged into another."""
        if merged := self.scene.references.merged_into(draft.key):
            draft.refuse("slug", _("This proposal was merged into another; use its code."), [merged])

    def check(self, draft: Draft) -> None:
        """Keep the nature of what is completed."""
        if draft.record.status == Status.COMPLETED and draft.record.nature in (Nature.CONTINUING, Nature.DECLARATORY):
            draft.refuse("nature", _("The proposal is completed, and one of this nature is never completed."))


class Succession(Cell):
    """What the export shows from the day of the succession on."""

    def shown(self, draft: Draft, scene: Scene) -> str:
        """Give it once the day has come."""
        on = draft.old.get("succeeded_on", draft.record.succeeded_on)
        return "" if on is None or on > scene.today else super().shown(draft, scene)


class OrganizationTable(TableResource):
    """Organizations. A row may belong to another row of the same file."""

    model = Organization
    texts: ClassVar = {"name": "name", "short_name": "short_name", "note": "note"}
    cells = (
        Words("name", "name", required=True),
        Words("short_name", "short_name", required=True),
        Cell("side", OnScale(Side), required=True),
        Cell("kind", OnScale(OrganizationKind), required=True),
        Cell("parent", Code(Organization, may_be_new=True), "parent_id"),
        Succession("successor", Code(Organization, may_be_new=True), "successor_id"),
        Succession("succeeded_on", Day()),
        Succession("succession_source", Code(Source), "succession_source_id"),
        Words("note", "note"),
    )
    column_of_rule: ClassVar = {
        "organization_succession_is_whole": "succeeded_on",
        "organization_is_not_its_own_kin": "parent",
    }


# where a file says what the rules of an answer name otherwise
_COLUMNS = {"answers": "proposal", "summary_en": "summary"}


class StatementTable(TableResource):
    """Statements."""

    model = Statement
    handle = "key"
    texts: ClassVar = {"summary": "summary"}
    column_of_rule: ClassVar = {"statement_blanket_answers": "blanket"}
    # what tells a statement without a key from others
    natural: ClassVar = ("proposal", "meeting", "organization", "addressee", "stance", "paragraph")
    cells = (
        Cell("proposal", Code(Proposal), "proposal_id", required=True),
        Cell("meeting", Code(Meeting), "meeting_id", required=True),
        Dated("said_on", When()),
        Cell("organization", Code(Organization), "organization_id", required=True),
        Speaker(),
        Cell("addressee", Code(Organization), "addressee_id"),
        Cell("stance", OnScale(Stance), required=True),
        Cell("blanket", YesNo()),
        Words("summary", "summary", required=True),
        Cell("source", Code(Source), "source_id"),
        NamedSource("document"),
        NamedSource("source_url"),
        Cell("paragraph", Whole()),
    )

    def name_the_nameless(self, drafts: list[Draft]) -> None:
        """Find the one statement on record that says the same of the same; or else make a key of what is said."""
        if not drafts:
            return
        on_record: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        paths = ("proposal__slug", "meeting__slug", "organization__slug", "addressee__slug", "stance", "paragraph")
        summary = told_in("summary", self.scene.language)
        for key, text, *values in Statement.objects.values_list("key", summary, *paths):
            on_record[tuple("" if value is None else str(value) for value in values)].append((key, text))
        for draft in drafts:
            values = tuple(draft.row.get(column, "").strip() for column in self.natural)
            found = on_record.get(values, [])
            if len(found) > 1:
                alike = [one for one in found if same(one[1], draft.row.get("summary", ""))]
                found = alike if len(alike) == 1 else found
            if len(found) > 1:
                draft.refuse(
                    "key", _("Several statements on record are like this one; give the key of the one that is meant."),
                    [key for key, _text in found],
                )  # fmt: skip
            draft.key = found[0][0] if found else derived_key("statements", *values)

    def check(self, draft: Draft) -> None:
        """Date a new statement by its meeting; hold days, and what answers an ask, to the rules of every entry."""
        said, scene = draft.record, self.scene
        refuse_without_source(draft, "source", "document", "source_url")
        if draft.is_new and said.said_on is None and said.meeting_id and not draft.has_fault("said_on"):
            said.said_on, said.precision = self._days_of_meetings[said.meeting_id]
            if said.said_on is None:
                message = _("The meeting has no date on record, so the day of the statement must be given.")
                draft.refuse("said_on", message)
        refuse_future(draft, "said_on", said.said_on, said.precision, scene.today)
        if said.answers_id is not None and draft.changes and not draft.faults:
            self._hold_to_ask(draft)

    def _hold_to_ask(self, draft: Draft) -> None:
        """Refuse what the ask that it answers does not bear; a file does not say which ask that is."""
        said = draft.record
        said.organization = self._organizations[said.organization_id]
        others = self._answers.get(said.answers_id, ())
        for name, problem in problems_of_answer(said, self._asks[said.answers_id], others).items():
            draft.refuse(_COLUMNS.get(name, name), problem)

    @cached_property
    def _organizations(self) -> dict[int, Organization]:
        return Organization.objects.in_bulk()

    @cached_property
    def _asks(self) -> dict[int, Statement]:
        return Statement.objects.filter(answered_by__isnull=False).select_related("organization").distinct().in_bulk()

    @cached_property
    def _answers(self) -> dict[int | None, list[Statement]]:
        answers: dict[int | None, list[Statement]] = defaultdict(list)
        for one in Statement.objects.filter(answers__isnull=False):
            answers[one.answers_id].append(one)
        return answers

    @cached_property
    def _days_of_meetings(self) -> dict[int, tuple[date | None, str]]:
        rows = Meeting.objects.values_list("pk", "last_day", "precision")
        return {pk: (last_day, precision) for pk, last_day, precision in rows}


class ObservationTable(TableResource):
    """Figures."""

    model = Observation
    handle = "key"
    texts: ClassVar = {"note": "note"}
    column_of_rule: ClassVar = {
        "observation_ends_after_it_starts": "period_end",
        "observation_vintage_positive": "vintage",
    }

    def __init__(self, scene: Scene) -> None:
        self.cells = (  # type: ignore[misc]
            Cell("series", Code(Series), "series_id", required=True),
            Elsewhere("indicator", lambda draft, _scene: self._of_series(draft, 0), self._of_other_indicator),
            Cell("period_start", Day(), required=True),
            Cell("period_end", Day(), required=True),
            Cell("value", Amount(), required=True),
            Elsewhere("unit", lambda draft, _scene: self._of_series(draft, 1), self._of_other_unit),
            Cell("qualifier", OnScale(Qualifier)),
            Cell("vintage", Whole()),
            Cell("published_on", Day()),
            Cell("basis", OnScale(Basis)),
            Cell("source", Code(Source), "source_id"),
            NamedSource("source_url"),
            Words("note", "note"),
        )
        super().__init__(scene)

    @staticmethod
    def _of_other_indicator() -> str:
        return _("The series measures another indicator.")

    @staticmethod
    def _of_other_unit() -> str:
        return _("The series counts in another unit; write the value in that unit.")

    @cached_property
    def _series(self) -> dict[int, tuple[str, str]]:
        rows = Series.objects.values_list("pk", "indicator__slug", told_in("unit", self.scene.language))
        return {pk: (indicator, unit) for pk, indicator, unit in rows}

    def _of_series(self, draft: Draft, at: int) -> str | None:
        return self._series[draft.record.series_id][at] if draft.record.series_id else None

    @cached_property
    def _on_record(self) -> dict[tuple[str, ...], str]:
        rows = Observation.objects.values_list("series__slug", "period_start", "period_end", "vintage", "key")
        return {tuple(map(str, natural)): key for *natural, key in rows}

    def _natural(self, draft: Draft) -> tuple[str, ...]:
        series, start, end, vintage = (
            draft.row.get(column, "").strip() for column in ("series", "period_start", "period_end", "vintage")
        )
        return (series, start, end, vintage or "1")

    def name_the_nameless(self, drafts: list[Draft]) -> None:
        """A series has one figure of a vintage for a period."""
        for draft in drafts:
            natural = self._natural(draft)
            draft.key = self._on_record.get(natural) or derived_key("observations", *natural)

    def check(self, draft: Draft) -> None:
        """Keep figures apart that are of one series, period and vintage; refuse what is published in time to come."""
        figure = draft.record
        refuse_without_source(draft, "source", "source_url")
        refuse_future(draft, "published_on", figure.published_on, Precision.DAY, self.scene.today)
        natural = tuple(
            map(str, (self.scene.references.code(Series, figure.series_id), figure.period_start, figure.period_end,
                      figure.vintage))
        )  # fmt: skip
        if draft.faults:
            return
        holder = self._on_record.setdefault(natural, figure.key)
        if holder != figure.key:
            draft.refuse("period_start", _("This series already has a figure of this vintage for the period."), [
                f"key: {holder}",
            ])  # fmt: skip
