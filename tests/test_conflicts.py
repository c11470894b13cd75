"""Two people at one record: the second is told, sees both versions, chooses, and loses nothing."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin_pages import address, filled, inline
from tests.makers import (
    TODAY,
    make_account,
    make_deadline,
    make_meeting,
    make_milestone,
    make_organization,
    make_proposal,
    make_source,
)
from tests.pages import read
from tracker.merging import merge
from tracker.models import Deadline, Organization, Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Two editors, each with a browser."""
    browsers = []
    for name in ("linh", "mai"):
        browser = Client()
        browser.force_login(User.objects.create_superuser(name))
        browsers.append(browser)
    return browsers


def opened(browser, model, record):
    """Open the page of a record; give what its form would send back, what it carries included."""
    page = browser.get(address(model, "change", record.pk))
    carried = re.search(r'name="tracker_opened" value="([^"]*)"', page.content.decode())
    return filled(page) | {"tracker_opened": html.unescape(carried.group(1))}


def again(page):
    """Give what the page would send back if it were saved as it stands."""
    sent = {}
    for node in read(page).all("input") + read(page).all("textarea") + read(page).all("select"):
        name, kind = node.attrs.get("name"), node.attrs.get("type", "")
        if not name or "__prefix__" in name or kind in ("submit", "button"):
            continue
        if node.tag == "select":
            chosen = [one.attrs.get("value", "") for one in node.all("option") if "selected" in one.attrs]
            if chosen:
                sent[name] = chosen if "multiple" in node.attrs else chosen[0]
        elif node.tag == "textarea":
            sent[name] = "".join(child for child in node.children if isinstance(child, str)).removeprefix("\n")
        elif kind not in ("checkbox", "radio") or "checked" in node.attrs:
            sent[name] = node.attrs.get("value", "on" if kind in ("checkbox", "radio") else "")
    return sent


def told(page):
    """Give the rows of what differs: field, as opened, theirs, mine."""
    table = read(page).all(id="conflict")
    if not table:
        return []
    rows = table[0].one("tbody").all("tr")
    return [tuple(cell.text for cell in row.children if not isinstance(cell, str))[:4] for row in rows]


def save(browser, model, record, sent):
    return browser.post(address(model, "change", record.pk), sent)


def test_the_second_to_save_one_field_is_told_and_may_keep_either(people):
    linh, mai = people
    for choice, outcome in (("mine", "Huyện"), ("theirs", "Tỉnh")):
        record = make_organization(name="Old", name_vi="Cũ")
        first, second = opened(linh, "organization", record), opened(mai, "organization", record)
        assert save(linh, "organization", record, first | {"name_vi": "Tỉnh"}).status_code == 302
        page = save(mai, "organization", record, second | {"name_vi": "Huyện", "note_en": "Mine alone."})
        assert page.status_code == 200
        assert told(page) == [("Name [vi]", "Cũ", "Tỉnh", "Huyện")]
        assert "linh" in read(page).one(css="tracker-conflict").text
        assert Organization.objects.get(pk=record.pk).name_vi == "Tỉnh"
        sent = again(page)
        assert (sent["name_vi"], sent["note_en"]) == ("Huyện", "Mine alone.")
        assert save(mai, "organization", record, sent | {"tracker_keep-name_vi": choice}).status_code == 302
        record = Organization.objects.get(pk=record.pk)
        assert (record.name_vi, record.note_en) == (outcome, "Mine alone.")


def test_what_only_the_other_changed_is_taken_over_but_not_unseen(people):
    linh, mai = people
    record = make_organization(name="Old")
    first, second = opened(linh, "organization", record), opened(mai, "organization", record)
    save(linh, "organization", record, first | {"note_en": "Theirs."})
    page = save(mai, "organization", record, second | {"name_en": "New"})
    assert told(page) == [("Note [en]", "–", "Theirs.", "not changed")]
    assert Organization.objects.get(pk=record.pk).name_en == "Old"
    assert save(mai, "organization", record, again(page)).status_code == 302
    record = Organization.objects.get(pk=record.pk)
    assert (record.name_en, record.note_en) == ("New", "Theirs.")


def test_a_third_save_while_choosing_is_told_again(people):
    linh, mai = people
    record = make_organization(name="Old")
    first, second = opened(linh, "organization", record), opened(mai, "organization", record)
    save(linh, "organization", record, first | {"name_en": "First"})
    page = save(mai, "organization", record, second | {"name_en": "Second"})
    save(linh, "organization", record, opened(linh, "organization", record) | {"name_en": "Third"})
    page = save(mai, "organization", record, again(page))
    assert told(page) == [("Name [en]", "First", "Third", "Second")]
    save(mai, "organization", record, again(page))
    assert Organization.objects.get(pk=record.pk).name_en == "Second"


def test_saving_the_same_or_saving_again_oneself_is_no_conflict(people):
    linh, mai = people
    record = make_organization(name="Old")
    first, second = opened(linh, "organization", record), opened(mai, "organization", record)
    assert save(linh, "organization", record, first | {"name_en": "New"}).status_code == 302
    assert save(mai, "organization", record, second | {"name_en": "New"}).status_code == 302
    assert save(mai, "organization", record, opened(mai, "organization", record)).status_code == 302


def test_two_who_add_statements_to_one_proposal_do_not_meet(people):
    linh, mai = people
    proposal, meeting, source = make_proposal(), make_meeting(), make_source()
    organization = make_organization()
    row = {
        "meeting": meeting.pk,
        "organization": organization.pk,
        "stance": "requested",
        "precision": "day",
        "source": source.pk,
    }
    pages = [opened(browser, "proposal", proposal) for browser in people]
    for browser, page, summary in zip((linh, mai), pages, ("First.", "Second."), strict=True):
        sent = page | inline("new_statements", row | {"summary_en": summary})
        assert save(browser, "proposal", proposal, sent).status_code == 302
    assert sorted(proposal.statements.values_list("summary_en", flat=True)) == ["First.", "Second."]


def test_rows_that_the_other_changed_or_removed_are_shown_and_nothing_is_lost(people):
    linh, mai = people
    proposal = make_proposal()
    kept, gone, alone = (make_deadline(proposal, date(2025, month, 1), phrase_en=f"by {month}") for month in (1, 2, 3))
    first, second = opened(linh, "proposal", proposal), opened(mai, "proposal", proposal)
    sent = first | {"deadlines-0-phrase_en": "in January", "deadlines-1-DELETE": "on", "deadlines-2-DELETE": "on"}
    assert save(linh, "proposal", proposal, sent).status_code == 302
    sent = second | {
        "deadlines-0-phrase_en": "by New Year",
        "deadlines-1-phrase_en": "by spring",
        "title_en": "Build the gate",
    }
    page = save(mai, "proposal", proposal, sent)
    assert page.status_code == 200
    rows = told(page)
    assert rows[0] == ("Deadline “in January”: Phrase [en]", "by 1", "in January", "by New Year")
    assert [(row[0], row[2]) for row in rows[1:]] == [("Deadline", "removed"), ("Deadline", "removed")]
    assert "by spring" in rows[1][3]
    assert rows[2][3] == "not changed"
    assert Deadline.objects.get(pk=kept.pk).phrase_en == "in January"
    assert save(mai, "proposal", proposal, again(page)).status_code == 302
    assert Proposal.objects.get(pk=proposal.pk).title_en == "Build the gate"
    assert sorted(proposal.deadlines.values_list("phrase_en", flat=True)) == ["by New Year", "by spring"]
    assert not Deadline.objects.filter(pk__in=[gone.pk, alone.pk]).exists()


def test_a_row_to_be_added_again_may_be_given_up(people):
    linh, mai = people
    proposal = make_proposal()
    make_deadline(proposal, date(2025, 1, 1))
    first, second = opened(linh, "proposal", proposal), opened(mai, "proposal", proposal)
    save(linh, "proposal", proposal, first | {"deadlines-0-DELETE": "on"})
    page = save(mai, "proposal", proposal, second | {"deadlines-0-phrase_en": "by spring"})
    sent = again(page)
    choice = next(name for name in sent if name.startswith("tracker_keep-deadlines"))
    assert save(mai, "proposal", proposal, sent | {choice: "theirs"}).status_code == 302
    assert proposal.deadlines.count() == 0


def test_a_row_that_the_other_added_stands_in_the_form_of_whoever_meets_them(people):
    linh, mai = people
    proposal, source = make_proposal(), make_source()
    make_milestone(proposal, "Signed")
    first, second = opened(linh, "proposal", proposal), opened(mai, "proposal", proposal)
    row = {"phrase_en": "by May", "when": "2025-05", "basis": "stated", "stated_on": "2024-06-12", "source": source.pk}
    save(linh, "proposal", proposal, first | inline("deadlines", row) | {"title_en": "Theirs"})
    page = save(mai, "proposal", proposal, second | {"title_en": "Mine", "milestones-0-name_en": "Signed in Hanoi"})
    assert [row[0] for row in told(page)] == ["Title [en]"]
    assert again(page)["deadlines-0-phrase_en"] == "by May"
    assert save(mai, "proposal", proposal, again(page)).status_code == 302
    assert proposal.deadlines.get().phrase_en == "by May"
    assert proposal.milestones.get().name_en == "Signed in Hanoi"


def test_a_change_of_status_meanwhile_is_no_conflict_and_is_not_undone(people):
    linh, mai = people
    proposal = make_proposal()
    first, second = opened(linh, "proposal", proposal), opened(mai, "proposal", proposal)
    step = {"new": "agreed", "effective_on": "2024-07-01", "precision": "day", "reason_en": "They said yes."}
    assert save(linh, "proposal", proposal, first | inline("new_status_changes", step)).status_code == 302
    assert save(mai, "proposal", proposal, second | {"title_en": "Build it"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.status, proposal.title_en) == ("agreed", "Build it")


def entered(page):
    """Give what the page of a record that is gone keeps of what was entered, by field."""
    assert page.status_code == 409
    rows = read(page).id("entered").one("tbody").all("tr")
    return {row.one("th").text: row.one("td").text for row in rows}


def test_what_was_entered_about_a_record_that_was_merged_or_deleted_meanwhile_is_shown(people):
    linh, mai = people
    kept, gone, source = make_proposal("Open the gate"), make_proposal("Open it", note_en="Old."), make_source()
    make_deadline(gone, date(2025, 1, 1), phrase_en="by New Year")
    sent = opened(mai, "proposal", gone)
    merge(kept, gone, by=User.objects.get(username="linh"), today=TODAY)
    row = {"phrase_en": "by May", "when": "2025-05", "basis": "stated", "stated_on": "2024-06-12", "source": source.pk}
    sent |= {"title_vi": "Mở cửa khẩu\nA Pa Chải", "note_en": "", "change_reason": "So the minutes say."}
    for name, value in row.items():
        sent[f"deadlines-1-{name}"] = value
    page = save(mai, "proposal", gone, sent | {"deadlines-TOTAL_FORMS": 2})
    told = entered(page)
    assert {name: told[name] for name in ("Note [en]", "Deadline: Phrase [en]", "Deadline: When")} == {
        "Note [en]": "–",
        "Deadline: Phrase [en]": "by May",
        "Deadline: When": "2025-05",
    }
    assert "Mở cửa khẩu" in told["Title [vi]"]
    assert "So the minutes say." in told.values()
    assert "Title [en]" not in told
    assert "by New Year" not in told.values()
    assert (address("proposal", "change", kept.pk), "Open the gate") in read(page).id("gone").links()
    record = make_organization(name="Old")
    sent = opened(mai, "organization", record)
    linh.post(address("organization", "delete", record.pk), {"post": "yes"})
    page = save(mai, "organization", record, sent | {"name_en": "New", "change_reason": "Renamed by law."})
    assert entered(page) == {"Name [en]": "New", "Reason for this change": "Renamed by law."}
    assert "linh" in read(page).id("gone").text
    assert save(mai, "organization", record, sent).status_code == 302


def test_what_a_contributor_entered_is_shown_when_the_record_went_out_of_reach():
    office, lead = make_organization(), make_organization()
    browser, person = Client(), make_account("contributor", office)
    browser.force_login(person)
    draft = make_proposal("Open it", publication="draft", since=None, lead=[office])
    deadline = make_deadline(draft, date(2025, 1, 1))
    sent = opened(browser, "deadline", deadline) | {"phrase_en": "by May"}
    draft.publication = "published"
    draft.save()
    page = save(browser, "deadline", deadline, sent)
    assert entered(page) == {"Phrase [en]": "by May"}
    draft.publication = "draft"
    draft.save()
    draft.involvements.update(organization=lead)
    page = save(browser, "deadline", deadline, sent)
    assert entered(page) == {"Phrase [en]": "by May"}
    assert "Open it" not in page.content.decode()
    deadline.refresh_from_db()
    assert deadline.phrase_en != "by May"


def test_what_a_tampered_form_says_of_its_opening_is_not_believed(people):
    linh, _mai = people
    record = make_organization(name="Old")
    for text in ("", "no", "[]", '{"at": 1, "page": []}', '{"at": "2024-01-01T00:00:00+07:00", "page": {"": 3}}'):
        sent = opened(linh, "organization", record) | {"tracker_opened": text, "name_en": f"New {len(text)}"}
        assert save(linh, "organization", record, sent).status_code == 302
    assert Organization.objects.get(pk=record.pk).name_en.startswith("New")


def test_only_changed_columns_are_written_and_a_save_without_a_change_leaves_no_trace(people):
    linh, _mai = people
    record = make_organization(name="Old")
    sent = opened(linh, "organization", record)
    save(linh, "organization", record, sent | {"change_reason": "Nothing to change."})
    assert record.history.count() == 1
    Organization.objects.filter(pk=record.pk).update(note_en="Written by a program.")
    sent.pop("tracker_opened")
    sent["note_en"] = "Written by a program."
    save(linh, "organization", record, sent | {"name_en": "New", "change_reason": "Renamed by law."})
    newest = record.history.first()
    assert (newest.name_en, newest.history_change_reason, newest.history_user.username) == (
        "New",
        "Renamed by law.",
        "linh",
    )
