from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.admin_pages import address, errors_of, filled, inline, make_development, make_everything
from tests.makers import (
    make_account,
    make_change,
    make_deadline,
    make_gate,
    make_meeting,
    make_organization,
    make_proposal,
    make_source,
    make_statement,
    make_theme,
)
from tracker.choices import Nature, Publication, Role, Status
from tracker.models import Deadline, Proposal, Statement, StatusChange
from tracker.staff_scales import AccountRole

pytestmark = pytest.mark.django_db

STEPS = "new_status_changes"
SAID = "new_statements"


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("linh"))
    return client


def step(new=Status.PROPOSED, on="2024-06-12", reason="A source says so.", **typed):
    return {"new": new, "effective_on": on, "precision": "day", "reason_en": reason, **typed}


def said(**typed):
    given = {
        "meeting": make_meeting().pk,
        "organization": make_organization().pk,
        "precision": "day",
        "stance": "requested",
        "summary_en": "Asked for it.",
        "source": make_source().pk,
        "paragraph": 6,
    }
    return given | typed


def deadline(**typed):
    given = {
        "phrase_en": "in the first quarter of 2022",
        "when": "2022-Q1",
        "basis": "stated",
        "stated_on": "2021-05-18",
        "source": make_source().pk,
    }
    return given | typed


def add(staff, *inlines, **typed):
    """Fill in the page for a new proposal and send it."""
    url = address("proposal", "add")
    sent = filled(staff.get(url)) | {
        "title_en": "Open the Long Phu gate",
        "slug": "open-long-phu",
        "theme": make_theme().pk,
        "nature": Nature.ONE_OFF,
        "completion_test_en": "The gate is open.",
        "publication": Publication.PUBLISHED,
    }
    for rows in (inline(STEPS), *inlines):
        sent |= rows
    return staff.post(url, sent | typed)


def change(staff, proposal, *inlines, **typed):
    """Open the page of a proposal, type, and send it."""
    url = address("proposal", "change", proposal.pk)
    sent = filled(staff.get(url))
    for rows in (inline(STEPS), *inlines):
        sent |= rows
    return staff.post(url, sent | typed)


def history_of(proposal):
    return list(proposal.status_changes.values_list("old", "new", "effective_on"))


# --- one page ------------------------------------------------------------------------------------------------------


def test_a_proposal_is_recorded_whole_on_one_page(staff):
    organization, gate, development = make_organization(), make_gate(), make_development()
    response = add(
        staff,
        inline(STEPS, step(Status.PLEDGED, source=make_source().pk)),
        inline(SAID, said()),
        inline("deadlines", deadline()),
        inline("involvements", {"organization": organization.pk, "role": Role.LEAD}),
        inline("bearings", {"development": development.pk, "bears": "advances"}),
        inline("milestones", {"name_en": "Signed", "position": 1}),
        inline("reviews", {"reviewed_on": "2024-07-01", "visibility": "internal"}),
        gates=[gate.pk],
    )
    assert response.status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.status == Status.PLEDGED
    assert history_of(proposal) == [("", "pledged", date(2024, 6, 12))]
    assert proposal.status_changes.get().recorded_by.username == "linh"
    assert proposal.statements.get().said_on == date(2024, 6, 12)
    assert proposal.deadlines.get().last_day == date(2022, 3, 31)
    assert proposal.involvements.get().organization == organization
    assert proposal.bearings.get().development == development
    assert proposal.milestones.get().precision == "none"
    assert proposal.reviews.get().reviewer.username == "linh"
    assert list(proposal.gates.all()) == [gate]
    assert proposal.search_text.startswith("open the long phu gate")


def test_what_exists_is_shown_but_cannot_be_rewritten_on_the_page_of_the_proposal(staff):
    proposal = make_proposal()
    rows = {"status_changes": proposal.status_changes.get(), "statements": make_statement(proposal)}
    kept = {prefix: type(row).objects.values().get() for prefix, row in rows.items()}
    for prefix, row in rows.items():
        given = {"id": row.pk, "proposal": proposal.pk, "source": row.source_id, "paragraph": 99}
        given |= step(Status.AGREED) if prefix == "status_changes" else said(paragraph=99)
        for forged in (inline(prefix, given), inline(prefix, given | {"DELETE": "on"})):
            forged[f"{prefix}-INITIAL_FORMS"] = 1
            change(staff, proposal, forged)
            change(staff, proposal, {f"new_{name}": value for name, value in forged.items()})
    assert {prefix: type(row).objects.values().get() for prefix, row in rows.items()} == kept


def test_saving_the_page_again_adds_nothing(staff):
    proposal = make_everything()["proposal"]
    before = [list(rows.values()) for rows in (Proposal.objects, StatusChange.objects, Statement.objects)]
    assert change(staff, proposal).status_code == 302
    assert [list(rows.values()) for rows in (Proposal.objects, StatusChange.objects, Statement.objects)] == before


def test_each_statement_shown_leads_to_its_own_page(staff):
    proposal = make_proposal()
    statement = make_statement(proposal)
    page = staff.get(address("proposal", "change", proposal.pk)).content.decode()
    assert f'href="{address("statement", "change", statement.pk)}"' in page


def test_the_page_carries_the_rule_of_every_status(staff):
    page = staff.get(address("proposal", "add")).content.decode()
    for status in Status:
        assert str(status.rule).replace("'", "&#x27;") in page


# --- status --------------------------------------------------------------------------------------------------------


def test_a_status_changes_by_adding_a_dated_change(staff):
    proposal = make_proposal()
    assert change(staff, proposal, inline(STEPS, step(Status.AGREED, "2024-09-01"))).status_code == 302
    proposal.refresh_from_db()
    assert proposal.status == Status.AGREED
    assert history_of(proposal) == [
        ("", "proposed", date(2024, 6, 12)),
        ("proposed", "agreed", date(2024, 9, 1)),
    ]


def test_two_changes_added_at_once_are_recorded_in_the_order_of_their_dates(staff):
    proposal = make_proposal()
    later, earlier = step(Status.DECLINED, "2024-10-01"), step(Status.AGREED, "2024-09-01")
    assert change(staff, proposal, inline(STEPS, later, earlier)).status_code == 302
    proposal.refresh_from_db()
    assert [new for _old, new, _on in history_of(proposal)] == ["proposed", "agreed", "declined"]
    assert proposal.status == Status.DECLINED
    assert list(proposal.status_changes.order_by("id").values_list("new", flat=True))[1:] == [
        "agreed",
        "declined",
    ]


def test_a_step_back_through_a_status_added_beside_it_is_no_repetition(staff):
    proposal = make_proposal(status=Status.AGREED)
    rows = (step(Status.DECLINED, "2024-09-01"), step(Status.AGREED, "2024-10-01"))
    assert change(staff, proposal, inline(STEPS, *rows)).status_code == 302
    assert [new for _old, new, _on in history_of(proposal)] == ["agreed", "declined", "agreed"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"new": Status.PLEDGED}, "source", "A named party undertook"),
        ({"new": Status.COMPLETED}, "source", "official or operating evidence"),
        ({"reason": ""}, "reason_en", "Say why"),
        ({"reason": "   "}, "reason_en", "Say why"),
        ({"on": "2999-01-01"}, "effective_on", "2999-01-01 is in the future"),
        ({"on": ""}, "effective_on", "Say since when"),
        ({"on": "last week"}, "effective_on", "valid date"),
        ({"new": Status.SUPERSEDED}, "new", "Name the successor"),
        ({"new": Status.PROPOSED}, "new", "already says “Proposed” on 2024-06-12"),
        ({"new": "finished"}, "new", "finished is not one of"),
    ],
)
def test_what_the_scale_does_not_allow_is_said_at_its_field_and_nothing_is_saved(staff, typed, field, words):
    proposal = make_proposal()
    row = step(**{"new": Status.AGREED, "on": "2024-09-01", **typed})
    for response in (
        change(staff, proposal, inline(STEPS, row), title_en="Renamed"),
        staff.post(
            address("statuschange", "add"),
            {"proposal": proposal.pk, **row},
        ),
    ):
        errors = {name.removeprefix(f"{STEPS}-0-"): text for name, text in errors_of(response).items()}
        assert list(errors) == [field]
        assert words in errors[field]
    proposal.refresh_from_db()
    assert (proposal.title_en, proposal.status) == ("Open the gate", Status.PROPOSED)
    assert StatusChange.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"completion_test_en": ""}, "Write the completion test first"),
        ({"nature": Nature.CONTINUING}, "never completed"),
        ({"nature": Nature.DECLARATORY}, "never completed"),
    ],
)
def test_what_has_no_test_or_no_end_is_not_completed(staff, given, words):
    proposal = make_proposal(**given)
    row = step(Status.COMPLETED, "2024-09-01", source=make_source().pk)
    errors = errors_of(change(staff, proposal, inline(STEPS, row)))
    assert words in errors[f"{STEPS}-0-new"]


def test_the_successor_may_be_named_on_the_same_page_as_superseded(staff):
    proposal, successor = make_proposal(), make_proposal("Open the wider gate")
    response = change(staff, proposal, inline(STEPS, step(Status.SUPERSEDED, "2024-09-01")), successor=successor.pk)
    assert response.status_code == 302
    proposal.refresh_from_db()
    assert (proposal.status, proposal.successor) == (Status.SUPERSEDED, successor)


@pytest.mark.parametrize(
    ("status", "typed", "field"),
    [
        (Status.SUPERSEDED, {"successor": ""}, "successor"),
        (Status.COMPLETED, {"completion_test_en": ""}, "completion_test_en"),
        (Status.COMPLETED, {"nature": Nature.DECLARATORY}, "nature"),
    ],
)
def test_what_the_status_rests_on_cannot_be_taken_away_from_under_it(staff, status, typed, field):
    proposal = make_proposal(status=status, successor=make_proposal())
    assert list(errors_of(change(staff, proposal, **typed))) == [field]


def test_the_page_never_writes_the_status_even_if_somebody_changed_it_meanwhile(staff, monkeypatch):
    proposal = make_proposal()
    stale = Proposal.objects.get(pk=proposal.pk)
    make_change(proposal, Status.AGREED, on=date(2024, 9, 1))
    monkeypatch.setattr("tracker.admin.proposals.ProposalAdmin.get_object", lambda *args: stale)
    assert change(staff, proposal, title_en="Renamed", status="completed").status_code == 302
    proposal.refresh_from_db()
    assert (proposal.title_en, proposal.status) == ("Renamed", Status.AGREED)
    assert proposal.history.first().status == Status.AGREED


# --- publication ---------------------------------------------------------------------------------------------------


def test_publishing_without_a_status_is_refused_where_the_first_one_is_added(staff):
    response = add(staff)
    assert "published proposal has a status" in errors_of(response)[STEPS]
    assert not Proposal.objects.exists()


def test_a_draft_may_wait_for_its_status_but_is_not_published_before(staff):
    response = add(staff, publication=Publication.DRAFT)
    assert response.status_code == 302
    proposal = Proposal.objects.get()
    assert "appears on no day" in staff.get(response.url).content.decode()
    assert STEPS in errors_of(change(staff, proposal, publication=Publication.PUBLISHED))
    done = change(staff, proposal, inline(STEPS, step()), publication=Publication.PUBLISHED)
    assert done.status_code == 302


def test_whoever_may_not_publish_does_so_neither_with_a_status_nor_without_one(client):
    organization = make_organization()
    client.force_login(make_account(AccountRole.CONTRIBUTOR, organization))
    for since in (None, date(2024, 6, 12)):
        proposal = make_proposal(since=since, publication=Publication.DRAFT, lead=[organization])
        assert change(client, proposal, publication=Publication.PUBLISHED).status_code == 302
        refused = change(client, proposal, _publish="Publish", title_en="Renamed")
        assert "Only editors publish" in client.get(refused.url).content.decode()
        proposal.refresh_from_db()
        assert (proposal.publication, proposal.title_en) == (Publication.DRAFT, "Open the gate")


# --- the other inlines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "row", "field"),
    [
        ("deadlines", lambda: deadline(when="soon"), "when"),
        ("deadlines", lambda: deadline(source=""), "source"),
        ("deadlines", lambda: deadline(phrase_en=""), "phrase_en"),
        ("milestones", lambda: {"name_en": "Signed", "position": 1, "when": "2024"}, "source"),
        (SAID, lambda: said(summary_en=""), "summary_en"),
        (SAID, lambda: said(blanket="on"), "blanket"),
        (SAID, lambda: said(answers=make_statement(make_proposal()).pk, stance="agreed"), "answers"),
        (SAID, lambda: said(meeting=make_meeting(None, state="planned").pk), "said_on"),
        (SAID, lambda: said(said_on="2999-01-01"), "said_on"),
        ("reviews", lambda: {"reviewed_on": "2999-01-01", "visibility": "internal"}, "reviewed_on"),
        ("involvements", lambda: {"role": "lead"}, "organization"),
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_bad_rows_are_explained_at_their_fields_and_nothing_is_saved(staff, prefix, row, field, new):
    rows = inline(prefix, row())
    if new:
        response = add(staff, inline(STEPS, step()), rows)
        assert not Proposal.objects.filter(slug="open-long-phu").exists()
    else:
        proposal = make_proposal()
        response = change(staff, proposal, rows, title_en="Renamed")
        proposal.refresh_from_db()
        assert proposal.title_en == "Open the gate"
    assert list(errors_of(response)) == [f"{prefix}-0-{field}"]


def test_an_organization_has_a_role_once(staff):
    organization = make_organization()
    row = {"organization": organization.pk, "role": Role.LEAD}
    assert add(staff, inline(STEPS, step()), inline("involvements", row, row)).status_code == 200
    proposal = make_proposal(lead=[organization])
    rows = inline("involvements", {"id": proposal.involvements.get().pk, "proposal": proposal.pk, **row}, row)
    rows["involvements-INITIAL_FORMS"] = 1
    assert change(staff, proposal, rows).status_code == 200
    assert proposal.involvements.count() == 1


def test_a_deadline_is_mended_in_place_and_a_revision_added(staff):
    proposal = make_proposal()
    first = make_deadline(proposal, date(2022, 3, 31))
    url = address("proposal", "change", proposal.pk)
    sent = filled(staff.get(url)) | {"deadlines-0-when": "2022-03"}
    sent |= {f"deadlines-1-{name}": value for name, value in deadline(when="2024").items()}
    assert staff.post(url, sent | {"deadlines-TOTAL_FORMS": 2}).status_code == 302
    first.refresh_from_db()
    assert first.first_day == date(2022, 3, 1)
    assert Deadline.objects.count() == 2


# --- status changes on their own page ------------------------------------------------------------------------------


def test_a_change_of_status_can_be_added_on_its_own_page_but_not_edited_or_deleted(staff):
    proposal = make_proposal()
    sent = {"proposal": proposal.pk, **step(Status.AGREED, "2024-09-01")}
    assert staff.post(address("statuschange", "add"), sent).status_code == 302
    proposal.refresh_from_db()
    assert proposal.status == Status.AGREED
    added = proposal.status_changes.last()
    assert added.recorded_by.username == "linh"
    for page in ("change", "delete"):
        response = staff.post(address("statuschange", page, added.pk), sent | {"post": "yes", "new": "declined"})
        assert response.status_code == 403
    staff.post(
        address("statuschange", "changelist"),
        {"action": "delete_selected", "_selected_action": [added.pk], "post": "yes"},
    )
    added.refresh_from_db()
    assert added.new == Status.AGREED


def test_a_change_of_status_without_a_proposal_says_so(staff):
    assert list(errors_of(staff.post(address("statuschange", "add"), step()))) == ["proposal"]


# --- lists and history ---------------------------------------------------------------------------------------------


def test_the_list_shows_the_first_deadline_that_has_a_date(staff):
    proposal = make_proposal()
    make_deadline(proposal, None, first_day=None, precision="none", stated_on=date(2020, 1, 1))
    make_deadline(proposal, date(2022, 3, 31), precision="quarter", stated_on=date(2021, 1, 1))
    make_deadline(proposal, date(2024, 3, 31), stated_on=date(2023, 1, 1))
    page = staff.get(address("proposal", "changelist")).content.decode()
    assert '<td class="field-first_deadline">2022-Q1</td>' in page
    assert str(Status.PROPOSED.look.glyph) in page


def test_the_history_of_a_proposal_tells_what_belongs_to_it_too(staff):
    proposal = make_proposal(lead=[make_organization(name="Lao Cai")])
    statement = make_statement(proposal)
    gate = make_gate(name_en="Long Phu")
    change(staff, proposal, inline(STEPS, step(Status.AGREED, "2024-09-01")), title_en="Open it", gates=[gate.pk])
    url = address("statement", "change", statement.pk)
    staff.post(url, filled(staff.get(url)) | {"summary_en": "Asked again."})
    page = staff.get(address("proposal", "history", proposal.pk))
    own = {
        (told.field, told.old, told.new)
        for record in page.context["page_obj"]
        if record.what == "Changed"
        for told in record.told
    }
    assert {("Title [en]", "Open the gate", "Open it"), ("Status", "Proposed", "Agreed")} <= own
    assert ("Border gates", "–", "Long Phu") in own
    parts = {
        (record.part, record.what, told.field, told.old, told.new)
        for record in page.context["parts"]
        for told in record.told
    }
    assert ("Statement", "Changed", "Summary [en]", "Asked for it.", "Asked again.") in parts
    assert ("Status change", "Added", "To", None, "Agreed") in parts
    assert ("Involved organization", "Added", "Organization", None, "Lao Cai") in parts


def test_a_row_removed_stays_in_the_history(staff):
    proposal = make_proposal(lead=[make_organization(name="Lao Cai")])
    row = proposal.involvements.get()
    change(staff, proposal, {"involvements-0-DELETE": "on"})
    assert not proposal.involvements.exists()
    page = staff.get(address("proposal", "history", proposal.pk))
    assert ("Involved organization", "Deleted") in [(part.part, part.what) for part in page.context["parts"]]
    assert str(row) in page.content.decode()


def test_a_change_dated_today_is_not_in_the_future(staff):
    proposal = make_proposal()
    today = timezone.localdate().isoformat()
    assert change(staff, proposal, inline(STEPS, step(Status.AGREED, today))).status_code == 302
