"""Accounts of every role, and one record for everything that a rule of access tells apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import Group

from tests.makers import (
    make_account,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_organization,
    make_pathway,
    make_post,
    make_proposal,
    make_review,
    make_source,
    make_statement,
    make_target,
)
from tracker.access import ANYBODY, reader_for
from tracker.choices import Publication, Side, Visibility
from tracker.models import (
    Bearing,
    FormerAddress,
    ImportedFile,
    ImportedRow,
    Indicator,
    Note,
    Observation,
    ProposedChange,
    Reminder,
    ReviewStep,
    SeedRecord,
    Series,
)

DRAFT, IN_REVIEW, PUBLISHED = Publication.DRAFT, Publication.IN_REVIEW, Publication.PUBLISHED
PUBLIC, INTERNAL, RESTRICTED = Visibility.PUBLIC, Visibility.INTERNAL, Visibility.RESTRICTED


def make_user(role=None, organization=None, name=None, **fields):
    """Make an account that is called by its role unless it is named, and can get mail."""
    name = name or role or "newcomer"
    return make_account(role, organization, name, **{"email": f"{name}@office.example", **fields})


class World:
    """Two organizations, an account of each role, and their records by name."""

    def __init__(self):
        self.ours = make_organization("lao-cai", name="Lao Cai")
        self.theirs = make_organization("ha-giang", name="Ha Giang")
        self.joint = make_organization("group", side=Side.JOINT)
        self.users = {
            "V": make_user("viewer"),
            "S": make_user("contributor", self.theirs, "stranger"),
            "C": make_user("contributor", self.ours),
            "E": make_user("editor"),
            "D": make_user("administrator"),
        }
        self.readers = {"A": ANYBODY, **{letter: reader_for(user) for letter, user in self.users.items()}}
        self.records = {}
        self._make_proposals()
        self._make_parts()
        self._make_notes()
        self._make_figures()
        self._make_common()
        self._make_logs()

    def _make_proposals(self):
        for whose, organization in (("own", self.ours), ("other", self.theirs)):
            for stage in (DRAFT, IN_REVIEW, PUBLISHED):
                name = f"{whose} {stage.value}"
                self.records[name] = make_proposal(name.capitalize(), publication=stage, lead=[organization])

    def _make_parts(self):
        one = self.records
        hidden = one["draft meeting"] = make_meeting(publication=DRAFT)
        for name in ("own draft", "own published", "other draft"):
            one[f"statement of {name}"] = make_statement(one[name], organization=self.joint)
            one[f"deadline of {name}"] = make_deadline(one[name], date(2025, 1, 31))
            one[f"milestone of {name}"] = make_milestone(one[name], "Signed", gate=make_gate())
            one[f"change of {name}"] = one[name].status_changes.get()
            one[f"involvement of {name}"] = one[name].involvements.get()
            for visibility in (PUBLIC, INTERNAL):
                made = make_development(one[name], visibility=visibility)
                one[f"{visibility} development of {name}"] = made
                one[f"bearing of {visibility} development of {name}"] = made.bearings.get()
        one["statement at draft meeting of own draft"] = make_statement(one["own draft"], meeting=hidden)
        one["statement at draft meeting"] = make_statement(one["own published"], meeting=hidden)
        both = one["development of published and draft"] = make_development(one["own published"])
        Bearing.objects.create(development=both, proposal=one["other draft"], bears="neither")

    def _make_notes(self):
        one, published = self.records, self.records["own published"]
        for visibility, keeper in (
            (PUBLIC, None),
            (INTERNAL, None),
            (RESTRICTED, self.ours),
            (RESTRICTED, self.theirs),
        ):
            name = f"{visibility} {keeper.slug if keeper else ''}".strip()
            text = {"text_en": "Call.", "written_on": date(2025, 1, 1), "visibility": visibility, "held_by": keeper}
            one[f"{name} note"] = Note.objects.create(proposal=published, author=self.users["E"], **text)
            one[f"{name} development"] = make_development(published, visibility=visibility, held_by=keeper)
        one["own note"] = Note.objects.create(
            proposal=published, text_en="Ask.", written_on=date(2025, 1, 1), author=self.users["C"]
        )
        one["note on own draft"] = Note.objects.create(
            proposal=one["own draft"], text_en="Ask.", written_on=date(2025, 1, 1), author=self.users["E"]
        )
        for visibility in (PUBLIC, INTERNAL, RESTRICTED):
            one[f"{visibility} review"] = make_review(published, date(2025, 1, 1), visibility=visibility)

    def _make_figures(self):
        one = self.records
        for name in ("own draft", "other draft"):
            target = one[f"target of {name}"] = make_target(one[name], Decimal(5))
            indicator = one[f"indicator of {name}"] = target.indicator
            fields = {"slug": f"series-{name.replace(' ', '-')}", "name_en": "Customs", "compiler_en": "Customs"}
            series = Series.objects.create(indicator=indicator, unit_en="billion", **fields)
            one[f"series of {name}"] = series
            period = {"period_start": date(2023, 1, 1), "period_end": date(2023, 12, 31)}
            one[f"observation of {name}"] = Observation.objects.create(
                series=series, value=Decimal(3), source=make_source(), **period
            )
        one["indicator of nothing"] = Indicator.objects.create(slug="trade", name_en="Trade", unit_en="billion")

    def _make_common(self):
        one = self.records
        one["source"], one["organization"] = make_source(), self.joint
        one["gate"], one["post"], one["published meeting"] = make_gate(), make_post(), make_meeting()
        one["person"], one["meeting series"] = one["post"].person, one["published meeting"].series
        one["step"] = make_pathway("railway", "agreed")["agreed"]
        one["pathway"], one["theme"] = one["step"].pathway, one["own draft"].theme

    def _make_logs(self):
        one, by = self.records, self.users
        for whose in ("own", "other"):
            proposal = one[f"{whose} published"]
            one[f"review step of {whose}"] = ReviewStep.objects.create(
                proposal=proposal, action="submitted", taken_by=by["E"]
            )
            one[f"change proposed by {whose}"] = ProposedChange.objects.create(
                proposal=one["own published"],
                kind="edit",
                payload={"note_en": ["", "New"]},
                proposed_by=by["C" if whose == "own" else "S"],
            )
        file = one["imported file"] = ImportedFile.objects.create(
            table="proposals", name="a.csv", sha256="0" * 64, content=b"", uploaded_by=by["E"]
        )
        one["imported row"] = ImportedRow.objects.create(file=file, number=1, result="new")
        one["former address"] = FormerAddress.objects.create(slug="old", proposal=one["own published"])
        one["reminder"] = Reminder.objects.create(
            account=by["C"].account, proposal=one["own published"], threshold="overdue", about=date(2025, 1, 1)
        )
        one["seed record"] = SeedRecord.objects.create(model="theme", key="trade", fingerprint="0")
        one["user"], one["account"] = by["V"], by["V"].account
        one["group"] = Group.objects.get(name="viewer")
        for name in ("own draft", "other draft", "own published", "internal note", "restricted ha-giang note"):
            one[f"past of {name}"] = one[name].history.first()
