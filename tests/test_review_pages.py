"""A draft's way and a proposed change's, walked through the workplace by those who take part."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin_pages import address, errors_of, filled, inline
from tests.makers import (
    make_account,
    make_change,
    make_gate,
    make_organization,
    make_proposal,
    make_source,
    make_statement,
    make_theme,
)
from tests.pages import get, read
from tracker import workflow
from tracker.access import reader_for
from tracker.admin.differences import marked
from tracker.choices import Nature, Publication, Role, Status
from tracker.models import Involvement, Proposal, ProposedChange
from tracker.staff_scales import AccountRole, ChangeKind, ChangeState

pytestmark = pytest.mark.django_db

DRAFT, IN_REVIEW, PUBLISHED = Publication.DRAFT, Publication.IN_REVIEW, Publication.PUBLISHED
STEPS = "new_status_changes"
FIRST = {"new": Status.PROPOSED, "effective_on": "2024-06-12", "precision": "day", "reason_en": "A source says so."}


class Desk:
    """Somebody at the workplace."""

    def __init__(self, role, organization=None):
        self.user = make_account(role, organization)
        self.client = Client()
        self.client.force_login(self.user)

    def page(self, proposal):
        return self.client.get(address("proposal", "change", proposal.pk))

    def save(self, proposal, *inlines, **typed):
        """Open the page of a proposal, type, press a button."""
        sent = filled(self.page(proposal)) | inline(STEPS)
        for rows in inlines:
            sent |= rows
        return self.client.post(address("proposal", "change", proposal.pk), sent | typed)

    def add(self, *inlines, **typed):
        url = address("proposal", "add")
        sent = filled(self.client.get(url)) | inline(STEPS, FIRST) | {
            "title_en": "Open the Long Phu gate", "slug": "long-phu", "theme": make_theme().pk, "nature": "one_off",
        }  # fmt: skip
        for rows in inlines:
            sent |= rows
        return self.client.post(url, sent | typed)

    def queue(self):
        """Give the titles that wait, by the heading that they stand under."""
        page = get(self.client, reverse("admin:review_queue"))
        sections = page.id("content-main").all("div", "module")
        return {
            section.one("h2").children[0].strip(): [row[0] for row in section.rows()]
            for section in sections
            if section.all("tbody")
        }

    def decide(self, change, **typed):
        return self.client.post(reverse("admin:proposed_change", args=[change.pk]), typed)


@pytest.fixture
def own():
    return make_organization(name="Lao Cai")


@pytest.fixture
def writer(own):
    return Desk(AccountRole.CONTRIBUTOR, own)


@pytest.fixture
def editor():
    return Desk(AccountRole.EDITOR)


def buttons(response):
    """Give the names of the buttons that send the form."""
    page = response.content.decode()
    return {
        name
        for name in ("_save", "_submit", "_publish", "_return", "_unpublish", "_propose")
        if f'name="{name}"' in page
    }


def lead(organization):
    return inline("involvements", {"organization": organization.pk, "role": Role.LEAD})


# --- drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_goes_to_review_comes_back_with_a_comment_and_is_published(writer, editor, own):
    assert writer.add(lead(own), _submit="Submit", change_reason="Please look.").status_code == 302
    draft = Proposal.objects.get()
    assert draft.publication == IN_REVIEW
    assert editor.queue() == {"Drafts in review": [f"{draft} Please look."]}
    assert buttons(editor.page(draft)) == {"_save", "_publish", "_return"}

    silent = editor.save(draft, _return="Return", title_en="Open it")
    assert list(errors_of(silent)) == ["change_reason"]
    assert [note.links()[0][0] for note in read(silent).all("p", "errornote") if note.links()] == ["#id_change_reason"]
    draft.refresh_from_db()
    assert (draft.publication, draft.title_en) == (IN_REVIEW, "Open the Long Phu gate")
    assert editor.save(draft, _return="Return", change_reason="Name the district.").status_code == 302
    assert writer.queue() == {"Returned drafts": [f"{draft} Name the district."]}
    page = writer.page(draft).content.decode()
    assert "Returned by" in page
    assert "Name the district." in page

    writer.save(draft, _submit="Submit", title_en="Open the Long Phu gate in Muong Nhe")
    assert editor.save(draft, _publish="Publish").status_code == 302
    draft.refresh_from_db()
    assert (draft.publication, draft.title_en) == (PUBLISHED, "Open the Long Phu gate in Muong Nhe")
    assert draft.history.filter(history_change_reason="Name the district.").exists()
    assert [step.action for step in draft.review_steps.all()] == ["submitted", "returned", "submitted", "published"]


def test_what_is_in_review_is_locked_for_its_authors_until_they_take_it_back(writer, own):
    proposal = make_proposal(publication=DRAFT, lead=[own])
    writer.save(proposal, _submit="Submit")
    page = writer.page(proposal)
    assert buttons(page) == set()
    assert "cannot be changed meanwhile" in page.content.decode()
    assert writer.client.post(address("proposal", "change", proposal.pk), {"title_en": "Changed"}).status_code == 403
    url = reverse("admin:take_back", args=[proposal.pk])
    assert f'formaction="{url}"' in page.content.decode()
    assert writer.client.get(url).status_code == 405
    back = writer.client.post(url, follow=True)
    assert "is a draft again" in back.content.decode()
    assert buttons(back) == {"_save", "_submit"}
    again = writer.client.post(url, follow=True)
    assert "this step starts from: In review" in again.content.decode()


def test_nobody_takes_back_the_draft_of_another_organization(writer):
    hidden, shown = make_proposal(publication=IN_REVIEW), make_proposal()
    assert writer.client.post(reverse("admin:take_back", args=[hidden.pk])).status_code == 404
    told = writer.client.post(reverse("admin:take_back", args=[shown.pk]), follow=True).content.decode()
    assert "this step starts from" in told


def test_a_contributor_writes_drafts_that_the_own_organization_has_a_part_in(writer, own):
    other = make_organization()
    for rows in ([], [lead(other)]):
        assert "Name your own organization, Lao Cai" in errors_of(writer.add(*rows))["involvements"]
    assert not Proposal.objects.exists()
    assert writer.add(lead(own), publication=PUBLISHED).status_code == 302
    draft = Proposal.objects.get()
    assert draft.publication == DRAFT
    row = {"id": draft.involvements.get().pk, "proposal": draft.pk, "organization": own.pk, "role": Role.LEAD}
    for changed in ({"organization": other.pk}, {"DELETE": "on"}):
        rows = inline("involvements", row | changed)
        rows["involvements-INITIAL_FORMS"] = 1
        assert "involvements" in errors_of(writer.save(draft, rows))
    assert draft.involvements.get().organization == own


def test_a_new_draft_opens_with_the_own_organization_and_handed_in_leads_to_what_waits(writer, editor, own):
    def rows_offered(desk):
        page = desk.client.get(address("proposal", "add"))
        (part,) = [one.formset for one in page.context["inline_admin_formsets"] if one.formset.prefix == "involvements"]
        return [row["organization"].value() for row in part.forms]

    assert (rows_offered(writer), rows_offered(editor)) == ([own.pk], [])
    assert "involvements-0-role" in errors_of(writer.add(lead(own) | {"involvements-0-role": ""}))
    done = writer.add(lead(own), _submit="Submit")
    draft = Proposal.objects.get()
    assert (done.url, draft.involvements.get().organization) == (reverse("admin:review_queue"), own)
    assert writer.queue() == {"Your drafts that wait for an editor": [str(draft)]}
    mended = make_proposal(publication=DRAFT, lead=[own])
    assert writer.save(mended).url == address("proposal", "changelist")
    assert writer.save(mended, _submit="Submit").url == reverse("admin:review_queue")


def test_a_child_of_the_own_organization_counts_as_own_and_an_account_without_one_is_told(writer, own):
    department = make_organization(parent=own)
    assert writer.add(lead(department)).status_code == 302
    nobody = Desk(AccountRole.CONTRIBUTOR)
    assert "Your account has no organization" in errors_of(nobody.add(lead(own), slug="other"))["involvements"]


def test_an_editor_publishes_at_once_and_every_change_of_stage_leaves_a_step(editor):
    editor.add(publication=PUBLISHED)
    proposal = Proposal.objects.get()
    assert proposal.publication == PUBLISHED
    assert list(errors_of(editor.save(proposal, publication=IN_REVIEW))) == ["publication"]
    assert list(errors_of(editor.save(proposal, publication=DRAFT))) == ["change_reason"]
    assert editor.save(proposal, _unpublish="Draft", change_reason="Wrong meeting.").status_code == 302
    proposal.refresh_from_db()
    assert proposal.publication == DRAFT
    editor.save(proposal, publication=IN_REVIEW)
    editor.save(proposal, publication=PUBLISHED)
    assert list(proposal.review_steps.values_list("action", "comment")) == [
        ("published", ""), ("unpublished", "Wrong meeting."), ("submitted", ""), ("published", ""),
    ]  # fmt: skip
    page = editor.page(proposal).content.decode()
    assert "The way so far" in page
    assert page.count("Wrong meeting.") == 1


# --- changes proposed to what is published -------------------------------------------------------------------------


def test_what_a_contributor_enters_on_a_published_proposal_is_proposed_and_nothing_else_is_written(writer, editor, own):
    gate, theme = make_gate(), make_theme("transport")
    proposal = make_proposal(lead=[own])
    before = list(Proposal.objects.values())
    site = get(writer.client, proposal.get_absolute_url())
    assert [words for _href, words in site.one(css="buttons").links()] == ["Propose a change", "Record"]
    page = writer.page(proposal)
    assert buttons(page) == {"_propose"}
    assert "What you enter here becomes a proposed change" in page.content.decode()
    assert 'name="slug"' not in page.content.decode()
    assert f'href="{proposal.get_absolute_url()}"' in page.content.decode()
    typed = {"title_en": "Open it", "theme": theme.pk, "gates": [gate.pk], "slug": "moved", "publication": DRAFT}
    forged = [inline(STEPS, FIRST | {"new": Status.DECLINED}), lead(make_organization())]
    done = writer.save(proposal, *forged, **typed, change_reason="The minutes say so.")
    assert "waits for an editor; nothing has changed yet" in writer.client.get(done.url).content.decode()
    assert list(Proposal.objects.values()) == before
    assert (proposal.gates.count(), proposal.involvements.count(), proposal.status_changes.count()) == (0, 1, 1)
    change = ProposedChange.objects.get()
    assert change.payload == {
        "title_en": ["Open the gate", "Open it"],
        "theme": [proposal.theme_id, theme.pk],
        "gates": [[], [gate.pk]],
    }
    assert (change.kind, change.reason, change.proposed_by) == (ChangeKind.EDIT, "The minutes say so.", writer.user)
    assert editor.queue() == {"Proposed changes": ["Open the gate The minutes say so."]}
    assert writer.queue() == {"Your changes that wait for others": ["Open the gate The minutes say so."]}
    assert reverse("admin:proposed_change", args=[change.pk]) in editor.page(proposal).content.decode()


def test_a_proposed_change_needs_a_difference_a_reason_and_valid_values(writer, own):
    proposal = make_proposal(lead=[own])
    assert list(errors_of(writer.save(proposal))) == ["change_reason", "__all__"]
    assert list(errors_of(writer.save(proposal, title_en="Open it"))) == ["change_reason"]
    assert list(errors_of(writer.save(proposal, title_en="", change_reason="Why"))) == ["title_en"]
    assert not ProposedChange.objects.exists()


def test_a_published_proposal_of_others_is_only_read(writer):
    proposal = make_proposal()
    assert buttons(writer.page(proposal)) == set()
    assert writer.client.post(address("proposal", "change", proposal.pk), {"_propose": "x"}).status_code == 403


def test_an_editor_sees_before_and_after_side_by_side_in_words_and_accepts(writer, editor, own):
    gate = make_gate(name_en="A Pa Chai")
    proposal = make_proposal(lead=[own])
    writer.save(
        proposal, title_en="Open the wide gate", nature=Nature.DECLARATORY, gates=[gate.pk], change_reason="Why"
    )
    change = ProposedChange.objects.get()
    page = get(editor.client, reverse("admin:proposed_change", args=[change.pk]))
    assert page.one("table", "tracker-compare").rows() == [
        ["Title [en]", "Open the gate", "Open the wide gate"],
        ["Nature", "One-off", "Declaratory"],
        ["Border gates", "–", "A Pa Chai"],
    ]
    assert [node.text for node in page.all("ins")] == ["wide", "Declaratory", "A Pa Chai"]
    assert editor.decide(change, _accept="Accept").status_code == 302
    proposal.refresh_from_db()
    assert (proposal.title_en, proposal.nature, list(proposal.gates.all())) == (
        "Open the wide gate", Nature.DECLARATORY, [gate],
    )  # fmt: skip
    after = get(editor.client, reverse("admin:proposed_change", args=[change.pk]))
    assert not after.all("input", name="_accept")
    assert f"Accepted: {editor.user}" in after.text


def test_what_moved_on_meanwhile_is_shown_and_the_change_is_not_accepted(writer, editor, own):
    proposal = make_proposal(lead=[own])
    writer.save(proposal, title_en="Open it", change_reason="Why")
    editor.save(proposal, title_en="Open the Long Phu gate")
    change = ProposedChange.objects.get()
    refused = editor.decide(change, _accept="Accept").content.decode()
    assert "Title [en] has moved on. Before: Open the gate. Now: Open the Long Phu gate. Proposed: Open it." in refused
    assert "Moved on since; now:" in refused
    proposal.refresh_from_db()
    change.refresh_from_db()
    assert (proposal.title_en, change.state) == ("Open the Long Phu gate", ChangeState.WAITING)


def test_a_returned_change_comes_back_with_words_and_is_mended_and_proposed_again(writer, editor, own):
    proposal = make_proposal(lead=[own])
    writer.save(proposal, title_en="Open it", change_reason="Why")
    change = ProposedChange.objects.get()
    silent = editor.decide(change, _return="Return")
    assert "what is to be mended" in silent.content.decode()
    assert editor.decide(change, _return="Return", comment="Say where.").status_code == 302
    assert writer.queue() == {"Your changes that came back": ["Open the gate Say where."]}
    page = get(writer.client, reverse("admin:proposed_change", args=[change.pk]))
    (again,) = [href for href, _words in page.links() if "again=" in href]
    sent = filled(writer.client.get(again))
    assert (sent["title_en"], sent["change_reason"]) == ("Open it", "Why")
    assert writer.client.post(again, sent | inline(STEPS) | {"title_en": "Open it at Long Phu"}).status_code == 302
    change.refresh_from_db()
    assert change.state == ChangeState.WITHDRAWN
    assert ProposedChange.objects.get(state=ChangeState.WAITING).payload["title_en"][1] == "Open it at Long Phu"


def test_its_author_takes_a_change_back_and_decides_nothing(writer, editor, own):
    proposal = make_proposal(lead=[own])
    writer.save(proposal, title_en="Open it", change_reason="Why")
    change = ProposedChange.objects.get()
    page = get(writer.client, reverse("admin:proposed_change", args=[change.pk]))
    assert [node.attrs["name"] for node in page.all("input", type="submit")] == ["_take_back"]
    assert "second person" in page.text
    assert "second person" in writer.decide(change, _accept="x").content.decode()
    assert "Choose what to do" in writer.decide(change).content.decode()
    assert writer.decide(change, _take_back="x").status_code == 302
    change.refresh_from_db()
    assert change.state == ChangeState.WITHDRAWN
    late = editor.decide(change, _accept="x").content.decode()
    assert "no longer open: Taken back" in late


def test_a_change_is_seen_by_editors_and_its_author_only(writer, editor, own):
    proposal = make_proposal(lead=[own])
    writer.save(proposal, title_en="Open it", change_reason="Why")
    url = reverse("admin:proposed_change", args=[ProposedChange.objects.get().pk])
    assert editor.client.get(url).status_code == 200
    for other in (Desk(AccountRole.CONTRIBUTOR, own), Desk(AccountRole.CONTRIBUTOR, make_organization())):
        assert other.client.get(url).status_code == 404
    assert Desk(AccountRole.VIEWER).client.get(url).status_code == 302
    assert Client().get(reverse("admin:review_queue")).status_code == 302


def test_a_completion_waits_for_a_second_person(editor):
    proposal = make_proposal()
    payload = {"new": Status.COMPLETED.value, "effective_on": "2024-09-01", "reason_en": "It is open."}
    workflow.propose(proposal, ChangeKind.STATUS, payload, by=editor.user)
    second = Desk(AccountRole.EDITOR)
    assert list(second.queue()) == ["Completions that need a second person"]
    assert list(editor.queue()) == ["Your changes that wait for others"]
    change = ProposedChange.objects.get()
    assert "It is open." in second.client.get(reverse("admin:proposed_change", args=[change.pk])).content.decode()


def test_an_editor_sees_the_present_status_beside_the_proposed_one_with_test_and_source(writer, editor, own):
    gate = make_proposal(lead=[own], completion_test_en="Lorries pass.")
    source = make_source("paper", publisher="Paper")
    payload = {"new": "pledged", "when": "2024-09-01", "reason_en": "Minutes.", "source": source.slug}
    change = workflow.propose(gate, ChangeKind.STATUS, payload, by=writer.user)
    page = get(editor.client, reverse("admin:proposed_change", args=[change.pk]))
    table = page.one("table", "tracker-compare")
    rows = {row[0]: row[1:] for row in table.rows()}
    assert (rows["New status"], rows["Date"]) == (["Proposed", "Pledged"], ["2024-06-12", "2024-09-01"])
    assert rows["Completion test"] == ["Lorries pass."]
    assert "/sources/paper/" in [href for href, _words in table.links()]
    make_change(gate, Status.PLEDGED, on=date(2024, 9, 1))
    page = get(editor.client, reverse("admin:proposed_change", args=[change.pk]))
    assert "cannot be accepted: New status: The history already says “Pledged”" in page.text
    assert [node.attrs["name"] for node in page.id("content-main").all("input", type="submit")] == ["_return"]


# --- budgets and words ---------------------------------------------------------------------------------------------


def test_the_queue_costs_as_many_queries_whatever_waits(writer, editor, own):
    def fill():
        for _number in range(3):
            workflow.submit(make_proposal(publication=DRAFT, lead=[own]), by=writer.user)
            edit = {"title_en": ["Open the gate", "Open it"]}
            workflow.propose(make_proposal(lead=[own]), ChangeKind.EDIT, edit, by=writer.user, reason="Why")

    fill()
    counts = []
    for desk in (writer, editor, writer, editor):
        with CaptureQueriesContext(connection) as asked:
            desk.queue()
        counts.append(len(asked))
        if len(counts) == 2:
            fill()
    assert counts[:2] == counts[2:]
    assert max(counts) <= 14


def test_a_page_of_a_change_costs_as_many_queries_whatever_it_changes(
    writer, editor, own, django_assert_max_num_queries
):
    proposal = make_proposal(lead=[own])
    gates, related = [make_gate() for _number in range(4)], [make_proposal() for _number in range(4)]
    after = {"gates": [gate.pk for gate in gates], "related": sorted(one.pk for one in related)}
    edit = {name: [[], keys] for name, keys in after.items()}
    change = workflow.propose(proposal, ChangeKind.EDIT, edit, by=writer.user, reason="Why")
    with django_assert_max_num_queries(16):
        editor.client.get(reverse("admin:proposed_change", args=[change.pk]))


def test_differences_are_marked_by_word_and_in_chinese_by_character():
    assert marked("Open the gate", "Open the wide gate")[1] == "Open the <ins>wide </ins>gate"
    assert marked("开通龙富口岸", "开通口岸") == ("开通<del>龙富</del>口岸", "开通口岸")
    assert marked("–", "<b>") == ("–", "<ins>&lt;b&gt;</ins>")
    assert marked("same", "same") == ("same", "same")


def test_the_parts_of_a_published_proposal_are_only_shown_to_whoever_proposes(writer, own):
    proposal = make_proposal(lead=[own])
    statement = make_statement(proposal)
    page = writer.page(proposal)
    assert not any(shown.has_add_permission for shown in page.context["inline_admin_formsets"])
    assert statement.summary_en in page.content.decode()
    assert reader_for(writer.user).organizations == {own.pk}
    assert Involvement.objects.get(proposal=proposal).organization == own
    assert proposal.status_changes.get().effective_on == date(2024, 6, 12)
