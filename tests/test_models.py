from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import ProtectedError

from tests.admin_pages import make_everything
from tests.makers import make_meeting, make_proposal, make_statement, make_theme
from tracker.choices import Role, Stance
from tracker.models import (
    Account,
    Bearing,
    FormerAddress,
    ImportedFile,
    ImportedRow,
    Involvement,
    Organization,
    ProposedChange,
    Reminder,
    ReviewStep,
    SeedRecord,
    Statement,
    Theme,
)

MODELS = [model for model in apps.get_app_config("tracker").get_models() if not hasattr(model, "instance_type")]
NO_SUCH = "nonsense"
EARLY, LATE = date(2024, 1, 1), date(2024, 2, 1)
ITSELF = object()

# What each constraint refuses: values written past every form into a sound row.
REFUSED = {
    "bearing_bears_known": {"bears": NO_SUCH},
    "bordergate_gate_class_known": {"gate_class": NO_SUCH},
    "bordergate_position_basis_known": {"position_basis": NO_SUCH, "latitude": 22, "longitude": 103},
    "bordergate_position_is_whole": {"latitude": Decimal("22.5")},
    "deadline_basis_known": {"basis": NO_SUCH},
    "deadline_ends_after_it_starts": {"first_day": LATE, "last_day": EARLY},
    "deadline_paragraph_positive": {"paragraph": 0},
    "deadline_precision_known": {"precision": NO_SUCH},
    "development_account_is_whole": {"account_side": "china"},
    "development_account_side_known": {"account_side": NO_SUCH, "account_status": "agreed"},
    "development_account_status_known": {"account_side": "china", "account_status": NO_SUCH},
    "development_keeper_of_the_restricted": {"visibility": "restricted"},
    "development_precision_known": {"precision": NO_SUCH},
    "development_visibility_known": {"visibility": NO_SUCH},
    "importedrow_result_known": {"result": NO_SUCH},
    "indicator_measure_known": {"measure": NO_SUCH},
    "involvement_role_known": {"role": NO_SUCH},
    "meeting_basis_known": {"basis": NO_SUCH},
    "meeting_ends_after_it_starts": {"first_day": LATE, "last_day": EARLY},
    "meeting_held_has_a_date": {"first_day": None, "last_day": None},
    "meeting_number_positive": {"number": 0},
    "meeting_precision_known": {"precision": NO_SUCH},
    "meeting_publication_known": {"publication": NO_SUCH},
    "meeting_state_known": {"state": NO_SUCH},
    "meetingseries_interval_positive": {"interval_months": 0},
    "milestone_ends_after_it_starts": {"first_day": LATE, "last_day": EARLY},
    "milestone_precision_known": {"precision": NO_SUCH},
    "milestone_reached_has_a_source": {"first_day": EARLY, "last_day": EARLY},
    "note_keeper_of_the_restricted": {"visibility": "restricted"},
    "note_visibility_known": {"visibility": NO_SUCH},
    "observation_basis_known": {"basis": NO_SUCH},
    "observation_ends_after_it_starts": {"period_end": date(2022, 12, 31)},
    "observation_qualifier_known": {"qualifier": NO_SUCH},
    "observation_vintage_positive": {"vintage": 0},
    "organization_is_not_its_own_kin": {"parent": ITSELF},
    "organization_kind_known": {"kind": NO_SUCH},
    "organization_side_known": {"side": NO_SUCH},
    "organization_succession_is_whole": {"succeeded_on": EARLY},
    "post_ends_after_it_starts": {"since": LATE, "until": EARLY},
    "proposal_interval_of_continuing_only": {"expected_interval_months": 12},
    "proposal_interval_positive": {"expected_interval_months": 0, "nature": "continuing"},
    "proposal_is_not_its_own_successor": {"successor": ITSELF},
    "proposal_nature_known": {"nature": NO_SUCH},
    "proposal_publication_known": {"publication": NO_SUCH},
    "proposal_status_known": {"status": NO_SUCH},
    "proposal_superseded_names_successor": {"status": "superseded"},
    "proposedchange_decision_is_whole": {"state": "accepted"},
    "proposedchange_kind_known": {"kind": NO_SUCH},
    "proposedchange_state_known": {"state": NO_SUCH, "decided_by": 1, "decided_at": datetime(2024, 1, 1, tzinfo=UTC)},
    "reminder_threshold_known": {"threshold": NO_SUCH},
    "review_visibility_known": {"visibility": NO_SUCH},
    "reviewstep_action_known": {"action": NO_SUCH},
    "reviewstep_return_says_why": {"action": "returned"},
    "source_grade_known": {"grade": NO_SUCH},
    "source_language_known": {"language": "xx"},
    "source_precision_known": {"precision": NO_SUCH},
    "statement_blanket_answers": {"blanket": True},
    "statement_does_not_answer_itself": {"answers": ITSELF},
    "statement_paragraph_positive": {"paragraph": 0},
    "statement_precision_known": {"precision": NO_SUCH},
    "statement_stance_known": {"stance": NO_SUCH},
    "statuschange_changes_something": {"old": "proposed"},
    "statuschange_cites_a_source": {"new": "pledged", "source": None},
    "statuschange_has_a_reason": {"reason": ""},
    "statuschange_new_known": {"new": NO_SUCH},
    "statuschange_old_known": {"old": NO_SUCH},
    "statuschange_paragraph_positive": {"paragraph": 0},
    "statuschange_precision_known": {"precision": NO_SUCH},
    "statuschange_second_person_is_another": {"recorded_by": 1, "confirmed_by": 1},
    "target_ends_after_it_starts": {"first_day": LATE, "last_day": EARLY},
    "target_paragraph_positive": {"paragraph": 0},
    "target_precision_known": {"precision": NO_SUCH},
}


def constraints(kind):
    return [
        pytest.param(model, constraint.name, id=constraint.name)
        for model in MODELS
        for constraint in model._meta.constraints
        if isinstance(constraint, kind)
    ]


def make_traces(number):
    """Make one row of each kind that the staff's work leaves behind; give them by the names of their models."""
    user, proposal = User.objects.create_user(f"linh-{number}"), make_proposal()
    account = Account.objects.create(user=user)
    file = ImportedFile.objects.create(table="proposals", name="a.csv", sha256="0", content=b"", uploaded_by=user)
    records = [
        account,
        file,
        ImportedRow.objects.create(file=file, number=1, result="new"),
        ReviewStep.objects.create(proposal=proposal, action="submitted", taken_by=user),
        ProposedChange.objects.create(proposal=proposal, kind="edit", payload={}, proposed_by=user),
        FormerAddress.objects.create(slug=f"former-{number}", proposal=proposal),
        Reminder.objects.create(account=account, proposal=proposal, threshold="overdue", about=EARLY),
    ]
    return {record._meta.model_name: record for record in records}


def sound_row(model, number=1):
    """Give a row of the model that the database has accepted."""
    records = make_everything(number) | make_traces(number)
    if model is Involvement:
        return Involvement.objects.create(
            proposal=records["proposal"], organization=records["organization"], role=Role.LEAD
        )
    if model is Bearing:
        return Bearing.objects.get()
    if model is SeedRecord:
        return SeedRecord.objects.create(model="proposal", key="a", fingerprint="0")
    return records[model._meta.model_name]


def write(row, **values):
    """Write columns as they are, past forms, `save` and translation."""
    values = {name: row.pk if value is ITSELF else value for name, value in values.items()}
    columns = models.QuerySet(type(row)).filter(pk=row.pk)
    with transaction.atomic():
        assert columns.update(**values) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "name"), constraints(models.CheckConstraint))
def test_the_database_itself_refuses_what_the_constraint_names(model, name):
    row = sound_row(model)
    with pytest.raises(IntegrityError, match=name):
        write(row, **REFUSED[name])


def test_no_case_outlives_its_constraint():
    assert sorted(REFUSED) == sorted(case.id for case in constraints(models.CheckConstraint))


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "name"), constraints(models.UniqueConstraint))
def test_the_database_itself_refuses_a_second_row_of_the_same(model, name):
    row = sound_row(model)
    if name == "source_document_once":
        write(row, document="a.txt")
    if name == "meeting_number_once_in_series":
        write(row, number=3)
    twin = type(row).objects.get(pk=row.pk)
    twin.pk = None
    for field in ("slug", "key"):
        if hasattr(twin, field) and model is not SeedRecord:
            setattr(twin, field, "another")
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "field"),
    [
        pytest.param(model, field.name, id=f"{model._meta.model_name}-{field.name}")
        for model in MODELS
        for field in model._meta.fields
        if field.unique and not field.primary_key
    ],
)
def test_slugs_and_keys_are_unique(model, field):
    first = sound_row(model)
    second = make_theme("other") if model is Theme else sound_row(model, 2)
    with pytest.raises(IntegrityError):
        write(second, **{field: getattr(first, field)})


@pytest.mark.django_db
def test_sources_without_a_document_do_not_exclude_each_other():
    records = [make_everything(number)["source"] for number in (1, 2)]
    assert [source.document for source in records] == ["", ""]


@pytest.mark.django_db
def test_a_statement_is_dated_by_its_meeting_unless_it_has_a_day():
    month = make_meeting(date(2024, 6, 30), first_day=date(2024, 6, 1), precision="month")
    dated = make_statement(make_proposal(), meeting=month)
    own = make_statement(make_proposal(), meeting=month, said_on=date(2024, 6, 12))
    assert (dated.said_on, dated.precision, dated.said) == (date(2024, 6, 30), "month", "2024-06")
    assert (own.said_on, own.precision, own.said) == (date(2024, 6, 12), "day", "2024-06-12")


@pytest.mark.django_db
def test_an_answered_ask_and_a_proposal_with_a_history_cannot_be_deleted():
    proposal = make_proposal()
    ask = make_statement(proposal)
    make_statement(proposal, answers=ask, stance=Stance.AGREED)
    for row in (ask, proposal):
        with pytest.raises(ProtectedError):
            row.delete()
    assert Statement.objects.count() == 2


@pytest.mark.django_db
def test_search_text_follows_the_names_also_when_only_one_of_them_is_saved():
    organization = sound_row(Organization)
    organization.name_vi = "Điện Biên"
    organization.save(update_fields=["name_vi"])
    organization.refresh_from_db()
    assert "dien bien" in organization.search_text
