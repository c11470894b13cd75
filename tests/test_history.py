"""Who changed what, when, from, to and why: one record's history, all changes in one list, old versions restored."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin_pages import MODELS, address, filled, inline, make_everything
from tests.makers import (
    TODAY,
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_milestone,
    make_organization,
    make_proposal,
    make_series,
    make_source,
    make_statement,
)
from tests.pages import read
from tracker.choices import Publication, Role, Status, Visibility
from tracker.merging import merge
from tracker.models import Account, Involvement, MeetingSeries, Organization, Proposal

pytestmark = pytest.mark.django_db
SITE = "admin:site_history"


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("linh"))
    return client


def contributor(client, name="mai"):
    """Sign in a contributor of a new organization; give the organization."""
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name="contributor"))
    office = make_organization()
    Account.objects.create(user=user, organization=office)
    client.force_login(user)
    return office


def change(staff, record, **values):
    """Change a record on its page."""
    page = address(record._meta.model_name, "change", record.pk)
    response = staff.post(page, filled(staff.get(page)) | values)
    assert response.status_code == 302
    record.refresh_from_db()


def rows(client, **asked):
    """Give the rows of the list of all changes: who, what, record, values, reason."""
    page = read(client.get(reverse(SITE), asked))
    found = [[cell.text for cell in row.all("td")][1:] for row in page.id("site-history").one("tbody").all("tr")]
    return [row for row in found if row]


# --- one record ----------------------------------------------------------------------------------------------------


def test_the_reason_given_on_a_form_stands_beside_what_was_changed_rows_included(staff):
    proposal, source = make_proposal(), make_source()
    row = {"phrase_en": "by May", "when": "2025-05", "basis": "stated", "stated_on": "2024-06-12", "source": source.pk}
    sent = inline("deadlines", row) | {"title_en": "Open the gate soon", "change_reason": "As the minutes have it."}
    change(staff, proposal, **sent)
    page = read(staff.get(address("proposal", "history", proposal.pk)))
    assert "As the minutes have it." in page.id("change-history").text
    assert "As the minutes have it." in page.id("parts-history").text


def test_any_two_versions_are_held_side_by_side(staff):
    record = make_organization(name="First")
    for name in ("Second", "Third"):
        change(staff, record, name_en=name)
    newest, _middle, oldest = record.history.all()
    url = reverse("admin:history_compare", args=["organization", record.pk])
    for asked, told in (
        ({}, ["Second", "Third"]),
        ({"from": oldest.pk, "to": newest.pk}, ["First", "Third"]),
        ({"from": newest.pk, "to": oldest.pk}, ["First", "Third"]),
    ):
        cells = [cell.text for cell in read(staff.get(url, asked)).id("compared").one("tbody").all("td")]
        assert cells == told
    assert staff.get(reverse("admin:history_compare", args=["organization", 999])).status_code == 404
    assert staff.get(reverse("admin:history_compare", args=["user", 1])).status_code == 404


def test_the_history_costs_the_same_however_long_it_is(staff, django_assert_max_num_queries):
    proposal = make_everything()["proposal"]
    url = address("proposal", "history", proposal.pk)
    for part in (proposal, proposal.deadlines.get()):
        part.save()
    with django_assert_max_num_queries(100) as few:
        staff.get(url)
    for number in range(5):
        make_deadline(proposal, date(2025, 1, 1))
        proposal.note_en = f"Note {number}"
        proposal.save()
    with django_assert_max_num_queries(len(few)):
        staff.get(url)


# --- restoring -----------------------------------------------------------------------------------------------------


def restore_page(kind, record, version):
    return reverse("admin:history_restore", args=[kind, record.pk, version.pk])


def test_restoring_writes_the_old_values_as_a_new_change_with_its_reason(staff):
    record = make_organization(name="First", note_en="Kept as it was.")
    change(staff, record, name_en="Second", note_en="Changed.")
    oldest = record.history.last()
    url = restore_page("organization", record, oldest)
    page = read(staff.get(url))
    boxes = {node.attrs["value"] for node in page.all("input", name="field") if "checked" in node.attrs}
    assert boxes == {"name_en", "note_en"}
    seen = page.one("input", name="seen").attrs["value"]
    sent = {"field": ["name_en"], "seen": seen, "change_reason": "The law names it so."}
    assert staff.post(url, sent).status_code == 302
    record.refresh_from_db()
    assert (record.name_en, record.note_en) == ("First", "Changed.")
    newest = record.history.first()
    assert (newest.history_type, newest.history_change_reason) == ("~", "The law names it so.")
    assert newest.history_user.username == "linh"
    assert record.history.count() == 3


def test_restoring_never_writes_status_or_stage_and_brings_back_what_was_connected(staff):
    proposal, gate = make_proposal("Open it", publication=Publication.DRAFT), make_gate()
    proposal.gates.add(gate)
    old = proposal.history.first()
    proposal.gates.clear()
    proposal.publication = Publication.PUBLISHED
    proposal.title_en = "Open it soon"
    proposal.save()
    step = {"new": "agreed", "effective_on": "2024-07-01", "precision": "day", "reason_en": "They said yes."}
    change(staff, proposal, **inline("new_status_changes", step))
    url = restore_page("proposal", proposal, old)
    page = read(staff.get(url))
    fields = [node.attrs["value"] for node in page.all("input", name="field")]
    assert sorted(fields) == ["gates", "title_en"]
    seen = page.one("input", name="seen").attrs["value"]
    assert staff.post(url, {"field": [*fields, "status", "publication"], "seen": seen}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.title_en, proposal.status, proposal.publication) == ("Open it", "agreed", "published")
    assert list(proposal.gates.all()) == [gate]


def test_what_breaks_a_rule_by_now_or_moved_meanwhile_is_not_restored(staff):
    proposal = make_proposal(completion_test_en="")
    old = proposal.history.first()
    change(staff, proposal, completion_test_en="Trucks pass.")
    make_change(proposal, "completed", on=date(2024, 8, 1))
    url = restore_page("proposal", proposal, old)
    seen = read(staff.get(url)).one("input", name="seen").attrs["value"]
    page = staff.post(url, {"field": ["completion_test_en"], "seen": seen})
    assert page.status_code == 400
    assert "keeps the test" in read(page).id("problems").text
    page = staff.post(url, {"field": ["completion_test_en"], "seen": "1"})
    assert "somebody saved the record" in read(page).id("problems").text
    proposal.refresh_from_db()
    assert proposal.completion_test_en == "Trucks pass."


def test_a_step_on_the_scale_is_compared_but_not_restored(staff):
    step = make_everything()["statuschange"]
    page = staff.get(reverse("admin:history_compare", args=["statuschange", step.pk]))
    assert "Restore" not in page.content.decode()
    assert staff.get(restore_page("statuschange", step, step.history.first())).status_code == 403


def test_a_deleted_draft_comes_back_with_what_went_with_it(staff):
    draft = make_proposal("Open it", publication=Publication.DRAFT, since=None, lead=[make_organization(name="Moit")])
    draft.gates.add(make_gate("long-phu"))
    key = draft.pk
    staff.post(address("proposal", "delete", key), {"post": "yes"})
    gone = Proposal.history.filter(id=key).first()
    assert gone.history_type == "-"
    assert staff.get(address("proposal", "history", key)).status_code == 200
    with_gates = Proposal.history.filter(id=key, history_type="~").first()
    url = reverse("admin:history_restore", args=["proposal", key, with_gates.pk])
    assert staff.post(url, {"change_reason": "Deleted by mistake."}).status_code == 302
    back = Proposal.objects.get(pk=key)
    assert (back.title_en, back.publication) == ("Open it", "draft")
    assert [gate.slug for gate in back.gates.all()] == ["long-phu"]
    assert back.involvements.get().role == Role.LEAD


def test_parts_come_back_if_the_same_person_deleted_them_and_all_or_nothing(staff):
    lead, other = make_organization(name="Moit"), make_organization(name="Gone office")
    draft = make_proposal("Open it", publication=Publication.DRAFT, since=None, lead=[lead], partner=[other])
    key = draft.pk
    staff.post(address("proposal", "delete", key), {"post": "yes"})
    url = reverse("admin:history_restore", args=["proposal", key, Proposal.history.filter(id=key).last().pk])
    office = other.pk
    other.delete()
    page = staff.post(url)
    assert page.status_code == 400
    assert f"Involved organization: organization instance with id {office}" in read(page).id("problems").text
    assert not Proposal.objects.filter(pk=key).exists()
    gone = Involvement.history.filter(proposal_id=key, history_type="-", organization_id=office)
    assert gone.update(history_user=User.objects.create_user("mai")) == 1
    assert staff.post(url).status_code == 302
    assert Proposal.objects.get(pk=key).involvements.get().organization == lead


def test_what_was_merged_does_not_come_back(staff):
    kept, gone = make_proposal("Open the gate"), make_proposal("Open it", slug="gone")
    key = gone.pk
    merge(kept, gone, by=User.objects.get(), today=TODAY)
    version = Proposal.history.filter(id=key).first()
    page = staff.post(reverse("admin:history_restore", args=["proposal", key, version.pk]))
    assert page.status_code == 400
    assert "merged into “Open the gate”" in read(page).id("problems").text


# --- all changes ---------------------------------------------------------------------------------------------------


def test_all_changes_stand_in_one_list_newest_first_with_values_and_reason(staff):
    series = make_series(slug="talks", name_en="Talks")
    record = make_organization(name="Old")
    change(staff, record, name_en="New", change_reason="Renamed by law.")
    found = rows(staff)
    assert found[0] == ["linh", "Changed", "Organization New Versions", "Name [en]: Old → New", "Renamed by law."]
    assert found[1][:3] == ["no account (seeds)", "Added", "Organization Old"]
    assert found[2][:3] == ["no account (seeds)", "Added", "Meeting series Talks"]
    links = [href for href, _words in read(staff.get(reverse(SITE))).id("site-history").links()]
    assert address("meetingseries", "history", series.pk) in links


def test_a_part_names_what_it_belongs_to_and_a_step_its_own_reason(staff):
    gate = make_proposal("Open the gate")
    make_change(gate, Status.AGREED, on=date(2024, 9, 1), reason_en="Minutes signed.", reason_vi="Đã ký biên bản.")
    (newest, *_others) = rows(staff, kind="statuschange")
    assert newest[2] == "Status change Open the gate 2024-09-01: Agreed"
    assert newest[4] == "Minutes signed."
    page = read(staff.get(reverse(SITE), {"kind": "statuschange"})).id("site-history")
    assert address("proposal", "history", gate.pk) in [href for href, _words in page.links()]
    text = b"".join(staff.get(reverse("admin:history_csv"), {"kind": "statuschange"}).streaming_content).decode()
    line = next(csv.DictReader(io.StringIO(text)))
    assert (line["about"], line["reason"]) == ("Open the gate", "Minutes signed.")
    make_everything()
    (figure,) = rows(staff, kind="observation")
    assert re.search(r"^Observation \S.*: 3.4$", figure[2]), figure[2]


def test_the_list_is_filtered_by_who_kind_day_change_and_text(staff):
    linh = User.objects.get()
    record, other = make_organization(name="Lào Cai"), make_series(name_en="Talks")
    change(staff, record, name_en="Lao Cai province")
    yesterday = timezone.now() - timedelta(days=1)
    MeetingSeries.history.filter(id=other.pk).update(history_date=yesterday)
    today, before = timezone.localdate(), timezone.localdate(yesterday)
    for asked, told in (
        ({"who": linh.pk}, ["Organization Lao Cai province Versions"]),
        ({"who": "nobody"}, ["Organization Lào Cai", "Meeting series Talks"]),
        ({"kind": "meetingseries"}, ["Meeting series Talks"]),
        ({"change": "~"}, ["Organization Lao Cai province Versions"]),
        ({"q": "talks"}, ["Meeting series Talks"]),
        ({"q": "province", "kind": "organization"}, ["Organization Lao Cai province Versions", "Organization Lào Cai"]),
        ({"until": before}, ["Meeting series Talks"]),
        ({"since": today}, ["Organization Lao Cai province Versions", "Organization Lào Cai"]),
        ({"kind": "theme"}, []),
    ):
        assert [row[2] for row in rows(staff, **asked)] == told, asked


def test_a_question_that_means_nothing_is_said_so(staff):
    for asked in ({"who": "x"}, {"kind": "user"}, {"since": "soon"}, {"since": "2024-02-01", "until": "2024-01-01"}):
        page = staff.get(reverse(SITE), asked)
        assert page.status_code == 400
        assert read(page).all("ul", css="errorlist")
        assert staff.get(reverse("admin:history_csv"), asked).status_code == 400


def test_every_kind_of_record_is_in_the_list_and_a_page_costs_the_same_however_full(
    staff, django_assert_max_num_queries
):
    for record in make_everything(1).values():
        record.save()
    with django_assert_max_num_queries(200) as few:
        page = staff.get(reverse(SITE))
    kinds = {event.kind for event in page.context["events"]}
    assert len(kinds) >= len(MODELS)
    for record in make_everything(2).values():
        record.save()
    with django_assert_max_num_queries(len(few)):
        staff.get(reverse(SITE))


def test_the_csv_has_a_line_for_each_field_and_no_formula(staff):
    record = make_organization(name="Old")
    change(staff, record, name_en="=1+1", short_name_en="N", change_reason="-2")
    response = staff.get(reverse("admin:history_csv"), {"kind": "organization"})
    text = b"".join(response.streaming_content).decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["field"] for line in lines[:2]] == ["Name [en]", "Short name [en]"]
    first = lines[0]
    assert (first["who"], first["kind"], first["record"], first["change"]) == (
        "linh",
        "Organization",
        "'=1+1",
        "Changed",
    )
    assert (first["before"], first["after"], first["reason"]) == ("Old", "'=1+1", "'-2")
    assert {line["change"] for line in lines[2:]} == {"Added"}


def test_a_contributor_sees_the_history_of_what_they_may_see_and_no_more(client):
    office = contributor(client)
    own = make_proposal("Own draft", publication=Publication.DRAFT, since=None, lead=[office])
    other = make_proposal("Foreign draft", publication=Publication.DRAFT, since=None)
    shown = make_proposal("Published")
    shown.related.add(other)
    kept = {"visibility": Visibility.RESTRICTED, "held_by": make_organization()}
    secret = make_development(shown, summary_en="Heard in private.", **kept)
    secret.summary_en, secret.visibility, secret.held_by = "Told to everybody.", Visibility.PUBLIC, None
    secret.save()
    page = client.get(reverse(SITE)).content.decode()
    assert "Own draft" in page
    assert "Published" in page
    assert "Told to everybody." in page
    for hidden in ("Foreign draft", "Heard in private."):
        assert hidden not in page
    assert client.get(reverse("admin:history_compare", args=["proposal", other.pk])).status_code == 404
    assert "Heard in private." not in client.get(address("development", "history", secret.pk)).content.decode()
    page = client.get(reverse("admin:history_compare", args=["development", secret.pk])).content.decode()
    assert "Heard in private." not in page
    text = b"".join(client.get(reverse("admin:history_csv")).streaming_content).decode()
    assert "Foreign draft" not in text
    assert "Heard in private." not in text
    assert Involvement.objects.filter(proposal=own).exists()


def test_a_contributor_restores_an_own_draft_only(client):
    office = contributor(client)
    own = make_proposal("First", publication=Publication.DRAFT, since=None, lead=[office])
    shown, lead = make_proposal("First", lead=[office]), make_organization(name="First")
    for record in (own, shown, lead):
        old = record.history.last()
        if isinstance(record, Proposal):
            record.title_en = "Second"
        else:
            record.name_en = "Second"
        record.save()
        page = client.get(restore_page(record._meta.model_name, record, old))
        assert page.status_code == (200 if record is own else 403), record
    assert Organization.objects.filter(name_en="Second").exists()


def test_a_contributor_restores_nothing_onto_what_others_published_or_keep_as_a_draft(client):
    office = contributor(client)
    own = make_proposal("Own", publication=Publication.DRAFT, since=None, lead=[office])
    shown = make_proposal("Published", lead=[office])
    hidden = make_proposal("Foreign draft", publication=Publication.DRAFT, since=None)
    for before, status in ((shown, 400), (hidden, 404)):
        for record in (make_statement(before), make_deadline(before, date(2025, 1, 31)), make_milestone(before, "Go")):
            old = record.history.first()
            record.proposal = own
            record.save()
            url = restore_page(record._meta.model_name, record, old)
            page = client.post(url, {"seen": record.history.first().pk, "field": ["proposal"]})
            assert page.status_code == status
            assert status == 404 or "contributors write drafts" in read(page).id("problems").text
            record.refresh_from_db()
            assert record.proposal == own
            versions = client.get(reverse("admin:history_compare", args=[record._meta.model_name, record.pk]))
            assert len(versions.context["versions"]) == (2 if before == shown else 1)


def test_what_a_contributor_does_not_see_stays_connected_when_they_restore(client):
    office = contributor(client)
    own = make_proposal("First", publication=Publication.DRAFT, since=None, lead=[office])
    hidden = make_proposal("Foreign draft", publication=Publication.DRAFT, since=None)
    shown = make_proposal("Published")
    own.related.add(shown, hidden)
    old = own.history.first()
    own.related.remove(shown)
    own.title_en = "Second"
    own.save()
    page = client.get(restore_page("proposal", own, old))
    assert "Foreign draft" not in page.content.decode()
    seen = read(page).one("input", name="seen").attrs["value"]
    sent = {"field": ["title_en", "related"], "seen": seen}
    assert client.post(restore_page("proposal", own, old), sent).status_code == 302
    own.refresh_from_db()
    assert (own.title_en, set(own.related.all())) == ("First", {shown, hidden})


def test_looking_at_what_would_be_restored_holds_up_nobody(staff):
    record = make_organization(name="First")
    change(staff, record, name_en="Second")
    with CaptureQueriesContext(connection) as asked:
        assert staff.get(restore_page("organization", record, record.history.last())).status_code == 200
    assert not [query["sql"] for query in asked if query["sql"].startswith(("SAVEPOINT", "BEGIN"))]


def test_viewers_and_visitors_have_no_history(client):
    urls = [reverse(SITE), reverse("admin:history_csv"), reverse("admin:history_compare", args=["theme", 1])]
    for url in urls:
        assert client.get(url).status_code == 302
