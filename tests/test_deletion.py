"""Nothing that something else refers to can be deleted; the page says what it is."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Model

from tests.admin_pages import address, make_everything
from tests.makers import (
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_organization,
    make_proposal,
    make_review,
    make_source,
    make_statement,
)
from tests.pages import read
from tracker.choices import Publication, Stance
from tracker.models import (
    Account,
    Bearing,
    Development,
    Involvement,
    Meeting,
    Note,
    Organization,
    Proposal,
    ProposedChange,
    Source,
    Statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("linh"))
    return client


def deleted(staff, record: Model) -> bool:
    """Try to delete a record from its page and from the list; tell whether it is gone."""
    model = record._meta.model_name
    staff.post(address(model, "delete", record.pk), {"post": "yes"})
    sent = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    staff.post(address(model, "changelist"), sent)
    return not type(record)._default_manager.filter(pk=record.pk).exists()


@pytest.mark.parametrize(
    "model",
    ["bordergate", "development", "indicator", "meeting", "meetingseries", "pathway", "person", "post", "proposal",
     "series", "source", "theme"],
)  # fmt: skip
def test_what_something_refers_to_stays_and_the_page_names_it(staff, model):
    made = make_everything()
    record = made[model]
    if model == "pathway":
        made["milestone"].step = made["pathwaystep"]
        made["milestone"].save()
    page = read(staff.get(address(model, "delete", record.pk)))
    named = page.id("deleted-objects")
    assert named.links() or model == "development"
    assert not page.all("input", value="Yes, I’m sure")
    assert not deleted(staff, record)


def test_a_place_in_a_list_of_another_record_counts_as_a_reference(staff):
    proposal, gate, source, organization = make_proposal(), make_gate(), make_source(), make_organization()
    other, meeting = make_proposal(publication=Publication.DRAFT, since=None), make_meeting()
    proposal.gates.add(gate)
    proposal.related.add(other)
    meeting.sources.add(source)
    meeting.organizations.add(organization)
    for record, by in ((gate, proposal), (other, proposal), (source, meeting), (organization, meeting)):
        page = read(staff.get(address(record._meta.model_name, "delete", record.pk)))
        link = address(by._meta.model_name, "change", by.pk)
        assert link in [href for href, _words in page.id("deleted-objects").links()], record
        assert not deleted(staff, record)


def test_a_draft_about_which_nothing_was_said_goes_with_what_is_only_its_own(staff):
    draft = make_proposal(publication=Publication.DRAFT, since=None, lead=[make_organization()])
    draft.gates.add(make_gate())
    assert deleted(staff, draft)
    assert not Involvement.objects.exists()


def test_what_refers_to_nothing_else_may_go(staff):
    meeting, source = make_meeting(), make_source()
    meeting.sources.add(source)
    assert deleted(staff, meeting)
    assert deleted(staff, source)
    assert not Meeting.objects.exists() | Source.objects.exists()


def test_of_many_chosen_none_goes_while_one_is_referred_to(staff):
    used, free = make_organization(), make_organization()
    make_proposal(lead=[used])
    sent = {"action": "delete_selected", "_selected_action": [used.pk, free.pk]}
    page = staff.post(address("organization", "changelist"), sent)
    assert "cannot be deleted" in page.content.decode()
    staff.post(address("organization", "changelist"), sent | {"post": "yes"})
    assert Organization.objects.filter(pk__in=[used.pk, free.pk]).count() == 2


def test_what_refers_goes_first(staff):
    parent = make_organization()
    child = make_organization(parent=parent)
    assert not deleted(staff, parent)
    assert deleted(staff, child)
    assert deleted(staff, parent)


def test_a_long_list_of_references_is_cut_and_counted(staff, django_assert_max_num_queries):
    theme = make_proposal().theme
    for _number in range(24):
        make_proposal(theme=theme)
    with django_assert_max_num_queries(40):
        page = read(staff.get(address("theme", "delete", theme.pk)))
    named = page.id("deleted-objects").all("li")
    assert len(named) == 21
    assert named[-1].text == "Proposals: 5 more"
    assert Proposal.objects.count() == 25


def test_a_draft_that_never_was_published_takes_along_what_is_on_record_about_it(staff):
    draft = make_proposal("Try it out", publication=Publication.DRAFT, lead=[make_organization()])
    ask = make_statement(draft)
    make_statement(draft, stance=Stance.AGREED, answers=ask)
    make_deadline(draft, date(2025, 1, 31))
    make_milestone(draft, "Signed")
    make_review(draft, date(2024, 8, 1))
    Note.objects.create(proposal=draft, written_on=date(2024, 8, 1), text_en="Ask again.")
    alone, shared = make_development(draft), make_development(draft)
    Bearing.objects.create(development=shared, proposal=make_proposal(), bears="neither")
    linh = User.objects.get()
    ProposedChange.objects.create(proposal=draft, kind="status", payload={"new": "agreed"}, proposed_by=linh)
    told = read(staff.get(address("proposal", "delete", draft.pk))).text
    assert all(words in told for words in ("Ask again.", "Signed", str(ask), str(draft.status_changes.get())))
    staff.post(address("proposal", "delete", draft.pk), {"post": "yes", "change_reason": "A trial."})
    assert list(Proposal.objects.values_list("title_en", flat=True)) == ["Open the gate"]
    assert list(Development.objects.all()) == [shared]
    assert not Statement.objects.exists() | Note.objects.exists() | ProposedChange.objects.exists()
    assert Statement.history.filter(history_type="-", history_change_reason="A trial.").count() == 2
    assert Bearing.history.filter(history_type="-", development_id=alone.pk).count() == 1


def test_a_draft_stays_that_was_published_once_or_that_something_else_refers_to(staff):
    once = make_proposal("Open it")
    once.publication = Publication.DRAFT
    once.save()
    draft = make_proposal("Build it", publication=Publication.DRAFT)
    make_proposal("Open it by day", successor=draft)
    for record in (once, draft):
        assert not deleted(staff, record), record
        assert record.status_changes.exists()


def test_a_contributor_deletes_an_own_draft_with_its_history_from_the_list_too(client):
    office = make_organization()
    user = User.objects.create_user("mai")
    user.groups.add(Group.objects.get(name="contributor"))
    Account.objects.create(user=user, organization=office)
    client.force_login(user)
    own = [make_proposal(publication=Publication.DRAFT, lead=[office]) for _number in range(2)]
    other = make_proposal(publication=Publication.DRAFT)
    sent = {"action": "delete_selected", "_selected_action": [one.pk for one in own], "post": "yes"}
    client.post(address("proposal", "changelist"), sent)
    client.post(address("proposal", "delete", other.pk), {"post": "yes"})
    assert list(Proposal.objects.all()) == [other]
