"""Nothing that something else refers to can be deleted; the page says what it is."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db.models import Model

from tests.admin_pages import address, make_everything
from tests.makers import make_gate, make_meeting, make_organization, make_proposal, make_source
from tests.pages import read
from tracker.choices import Publication
from tracker.models import Involvement, Meeting, Organization, Proposal, Source

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
