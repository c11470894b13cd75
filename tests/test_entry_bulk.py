"""One entry about many proposals: what will happen to each, all or nothing, and what waits for a second person."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group, User

from tests.makers import make_meeting, make_organization, make_proposal, make_source, make_statement
from tests.pages import freeze, read
from tracker.choices import Nature, Side, Stance, Status
from tracker.entry import recording
from tracker.models import Account, Development, Proposal, ProposedChange, Review, Source, Statement, StatusChange

pytestmark = pytest.mark.django_db

LIST = "/admin/tracker/proposal/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def sign_in(client, role="editor", organization=None):
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    Account.objects.create(user=user, organization=organization)
    client.force_login(user)
    return user


def enter(client, action, chosen, *, button="_enter", status=200, **sent):
    """Fill in the page about the chosen proposals; give the page, or None once it is saved."""
    data = {"action": action, "_bulk": "yes", "_selected_action": [one.pk for one in chosen], button: "yes"}
    response = client.post(LIST, data | {"when": "2026-11-02"} | sent)
    if response.status_code == 302:
        return None
    assert response.status_code == status
    return read(response)


def verdicts(page):
    return {row[1]: row[3] for row in page.id("chosen").rows()}


def messages_of(client):
    return read(client.get(LIST)).one("ul", "messagelist").text


def test_the_list_offers_the_entries_and_the_page_lists_what_was_chosen(client, django_assert_max_num_queries):
    sign_in(client)
    proposals = [make_proposal(f"Proposal {number}") for number in range(12)]
    used = []
    for chosen in (proposals[:2], proposals):
        data = {"action": "change_status_of_many", "_selected_action": [one.pk for one in chosen], "index": "0"}
        with django_assert_max_num_queries(60) as queries:
            page = read(client.post(LIST, data))
        used.append(len(queries))
        assert len(page.id("chosen").rows()) == len(chosen)
    assert used[0] == used[1]
    assert all(str(status.rule) in page.text for status in Status)
    options = [one.attrs["value"] for one in read(client.get(LIST)).one("select", name="action").all("option")]
    assert {"change_status_of_many", "log_development_of_many", "looked_at_many"} <= set(options)


def test_what_will_happen_is_shown_before_anything_is_saved(client, django_assert_max_num_queries):
    sign_in(client)
    source = make_source("minutes")
    chosen = [make_proposal(f"Number {number}") for number in range(9)]
    used = []
    for some in (chosen[:2], chosen):
        with django_assert_max_num_queries(60) as queries:
            page = enter(
                client, "change_status_of_many", some, button="_check", new="pledged", reason_en="Signed.",
                source=source.slug,
            )  # fmt: skip
        used.append(len(queries))
    assert set(verdicts(page).values()) == {"“Pledged” from 2026-11-02."}
    assert used[0] == used[1]
    assert StatusChange.objects.count() == 9


def test_nothing_is_saved_while_one_is_refused_and_the_rest_once_it_is_unticked(client):
    user = sign_in(client)
    fine, already = make_proposal("Fine"), make_proposal("Already", status=Status.PLEDGED)
    chosen = [fine, already, make_proposal("Fine too")]
    entered = {"new": "pledged", "reason_en": "Signed.", "source": make_source("minutes").slug}
    page = enter(client, "change_status_of_many", chosen, **entered)
    assert "Nothing was saved: for one proposal it is not possible." in page.text
    assert verdicts(page)["Already"] == "Not possible: The history already says “Pledged” on 2024-06-12."
    assert StatusChange.objects.count() == 3
    assert enter(client, "change_status_of_many", [chosen[0], chosen[2]], **entered) is None
    assert "Saved for 2 proposals." in messages_of(client)
    made = StatusChange.objects.filter(new=Status.PLEDGED, effective_on=date(2026, 11, 2))
    assert {(one.recorded_by, one.reason_en, one.source.slug) for one in made} == {(user, "Signed.", "minutes")}
    assert set(Proposal.objects.values_list("status", flat=True)) == {"pledged"}


def test_what_is_missing_for_all_is_said_once(client):
    sign_in(client)
    page = enter(client, "change_status_of_many", [make_proposal(), make_proposal()], status=400, new="", reason_en="")
    note = page.one("div", "errornote").text
    assert "2 things are to be mended" in note
    assert "New status: This field is required." in note
    assert "Reason: This field is required." in note


def test_a_step_back_is_said_before_it_is_saved(client):
    sign_in(client)
    done, new = make_proposal("Done", status=Status.COMPLETED), make_proposal("New")
    entered = {"new": "partly_done", "reason_en": "Half.", "source": make_source().slug}
    page = enter(client, "change_status_of_many", [done, new], button="_check", **entered)
    assert "This goes back from “Completed”" in verdicts(page)["Done"]
    assert verdicts(page)["New"] == "“Partly done” from 2026-11-02."


def test_completing_many_waits_for_a_second_person(client):
    sign_in(client)
    done, kept = make_proposal("Done"), make_proposal("Kept", nature=Nature.CONTINUING)
    entered = {"new": "completed", "reason_en": "Open.", "source": make_source().slug}
    page = enter(client, "change_status_of_many", [done, kept], **entered)
    assert verdicts(page)["Done"] == "Waits until a second person confirms it."
    assert "is never completed" in verdicts(page)["Kept"]
    assert enter(client, "change_status_of_many", [done], **entered) is None
    assert "needs a second person" in messages_of(client)
    assert [one.payload["new"] for one in ProposedChange.objects.all()] == ["completed"]
    page = enter(client, "change_status_of_many", [done, make_proposal("New")], **entered)
    assert "The same step waits already, proposed by editor" in verdicts(page)["Done"]
    assert verdicts(page)["New"] == "Waits until a second person confirms it."
    assert ProposedChange.objects.count() == 1
    assert not StatusChange.objects.filter(new=Status.COMPLETED).exists()


def test_one_development_bears_on_all_and_its_new_source_is_added_once(client):
    sign_in(client)
    chosen = [make_proposal("One"), make_proposal("Two"), make_proposal("Three")]
    before = Source.objects.count()
    entered = {"bears": "advances", "summary_en": "The road opened.", "visibility": "public"}
    new = {"new-publisher": "Paper", "new-title": "Road", "new-language": "vi", "new-grade": "press"}
    assert enter(client, "log_development_of_many", chosen, **entered, **new) is None
    development = Development.objects.get()
    assert (development.bearings.count(), development.sources.get().publisher) == (3, "Paper")
    assert Source.objects.count() == before + 1
    page = enter(client, "log_development_of_many", chosen, **entered, source="paper-road")
    assert "on record for this proposal already" in verdicts(page)["Two"]


def test_one_answer_goes_to_what_the_other_side_asked_at_the_meeting(client, django_assert_max_num_queries):
    sign_in(client)
    meeting, yunnan = make_meeting(), make_organization("yunnan", Side.CHINA)
    asked = [make_proposal(f"Asked {number}") for number in range(6)]
    asks = [make_statement(one, meeting, Stance.REQUESTED, organization=make_organization()) for one in asked]
    other = make_proposal("Never asked")
    entered = {
        "meeting": meeting.pk, "stance": "agreed", "blanket": "on", "organization": yunnan.pk, "when": "",
        "summary_en": "Agreed with all of it.", "source": make_source("minutes").slug,
    }  # fmt: skip
    used = []
    for some in (asked[:2], asked):
        with django_assert_max_num_queries(60) as queries:
            page = enter(client, "answer_many", some, button="_check", **entered)
        used.append(len(queries))
    assert used[0] == used[1]
    assert set(verdicts(page).values()) == {"The answer is added to what was asked."}
    page = enter(client, "answer_many", [*asked, other], **entered)
    assert "asked nothing about it at that meeting" in verdicts(page)["Never asked"]
    assert enter(client, "answer_many", asked, **entered) is None
    answers = Statement.objects.filter(stance=Stance.AGREED, blanket=True, organization=yunnan)
    assert {one.answers for one in answers} == set(asks)
    assert (
        "This answer to that ask is on record already."
        in verdicts(enter(client, "answer_many", asked, **entered))["Asked 0"]
    )
    assert (
        "Meeting at which it was said: This field is required."
        in enter(client, "answer_many", asked, status=400, **entered | {"meeting": ""}).one("div", "errornote").text
    )


def test_looking_at_many_signs_each(client):
    user = sign_in(client)
    chosen = [make_proposal("One"), make_proposal("Two")]
    assert enter(client, "looked_at_many", chosen, note_en="The portal.", visibility="internal") is None
    assert [(one.reviewer, str(one.reviewed_on)) for one in Review.objects.all()] == [(user, "2026-11-02")] * 2


def test_a_contributor_proposes_for_the_own_organization_and_is_told_of_the_others(client):
    own = make_organization()
    user = sign_in(client, "contributor", own)
    mine, others = make_proposal("Mine", proposer=[own]), make_proposal("Others'")
    page = enter(client, "looked_at_many", [mine, others], note_en="The portal.", visibility="internal")
    assert verdicts(page)["Mine"] == "Waits until an editor accepts it."
    assert "contributors whose organization has a part in it" in verdicts(page)["Others'"]
    assert enter(client, "looked_at_many", [mine], note_en="The portal.", visibility="internal") is None
    assert "Proposed for 1 proposal." in messages_of(client)
    assert [(one.proposed_by, one.kind) for one in ProposedChange.objects.all()] == [(user, "review")]
    assert not Review.objects.exists()


def test_more_than_one_can_look_through_are_not_taken_at_once(client, monkeypatch):
    sign_in(client)
    monkeypatch.setattr("tracker.admin.bulk.MOST_AT_ONCE", 1)
    assert enter(client, "looked_at_many", [make_proposal(), make_proposal()], visibility="internal") is None
    assert "Choose at most 1 proposals" in messages_of(client)
    assert not Review.objects.exists()


def test_nothing_is_saved_if_one_of_them_is_published_in_that_moment(client, monkeypatch):
    office = make_organization()
    sign_in(client, "contributor", office)
    drafts = [make_proposal(f"Gate {number}", publication="draft", lead=[office]) for number in range(2)]

    def published_first(form, proposal, way, **by):
        Proposal.objects.filter(pk=drafts[1].pk).update(publication="published")
        return recording.send(form, proposal, way, **by)

    monkeypatch.setattr("tracker.admin.bulk.send", published_first)
    page = enter(client, "change_status_of_many", drafts, status=400, new="declined", reason_en="Refused.")
    assert "who has a part in it, changed meanwhile" in page.text
    assert not StatusChange.objects.filter(new=Status.DECLINED).exists()
