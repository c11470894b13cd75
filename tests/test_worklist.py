"""What waits for the staff: the front page of the workplace and the list behind each of its counts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.makers import (
    TODAY,
    make_change,
    make_deadline,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_review,
    make_series,
    make_source,
    make_statement,
)
from tests.pages import found, freeze, get, read
from tracker import workflow
from tracker.choices import Nature, Publication, Status
from tracker.models import Account, ProposedChange, ReviewStep, StatusChange
from tracker.staff_scales import AccountRole, ChangeKind, ReviewAction
from tracker.worklist import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def office():
    return make_organization("lao-cai", name="Lao Cai")


@pytest.fixture
def sign_in(client):
    """Sign in with a role and an organization."""

    def enter(role=AccountRole.EDITOR, organization=None, name="lan"):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        Account.objects.update_or_create(user=user, defaults={"organization": organization})
        client.force_login(user, backend="tracker.access.RulesBackend")
        return user

    return enter


def fresh(proposal):
    """Let nothing be stalled or unverified about it."""
    make_development(proposal, TODAY - timedelta(days=1))
    return proposal


def one_of_each(**fields):
    """Make a proposal for each kind, as far as each can be made apart."""
    lead = fields.pop("lead", None) or [make_organization()]
    made = {}
    made[Kind.OVERDUE] = fresh(make_proposal("Open the late gate", lead=lead, **fields))
    make_deadline(made[Kind.OVERDUE], TODAY - timedelta(days=1))
    made[Kind.DUE_SOON] = fresh(make_proposal("Open the next gate", lead=lead, **fields))
    make_deadline(made[Kind.DUE_SOON], TODAY + timedelta(days=60))
    made[Kind.UNANSWERED] = fresh(make_proposal("Ease imports", lead=lead, **fields))
    series = make_series()
    make_statement(made[Kind.UNANSWERED], make_meeting(date(2024, 6, 12), series))
    make_meeting(date(2025, 6, 12), series)
    made[Kind.STALLED] = make_proposal("Build the bridge", lead=lead, **fields)
    make_review(made[Kind.STALLED], TODAY)
    made[Kind.UNVERIFIED] = make_proposal("Dredge the river", lead=lead, **fields)
    make_development(made[Kind.UNVERIFIED], TODAY - timedelta(days=200))
    made[Kind.WITHOUT_LEAD] = fresh(make_proposal("Hold the fair", **fields))
    made[Kind.WITHOUT_SOURCE] = fresh(make_proposal("Share forecasts", lead=lead, **fields))
    StatusChange.objects.filter(proposal=made[Kind.WITHOUT_SOURCE]).update(source=None)
    made[Kind.IN_REVIEW] = make_proposal("Train teachers", publication=Publication.IN_REVIEW, since=None, lead=lead)
    return made


def cards(page):
    """Give (count, titles) by kind."""
    told = {}
    for kind in Kind:
        card = page.section(f"w-{kind.value}")
        titles = [link.text for link in card.all("a", "tracker-what")]
        told[kind] = (int(card.all(css="tracker-figure")[0].text), titles)
    return told


def titles(page):
    tables = page.all("table", "tracker-table")
    return [row.one("th").all("a")[0].text for row in tables[0].one("tbody").all("tr")] if tables else []


def test_each_kind_shows_what_belongs_to_it_and_nothing_else(client, sign_in):
    sign_in()
    made = one_of_each()
    told = cards(get(client, "/admin/"))
    for kind, proposal in made.items():
        assert told[kind] == (1, [proposal.title]), kind


def test_where_nothing_waits_it_says_so(client, sign_in):
    sign_in()
    page = get(client, "/admin/")
    for kind in Kind:
        assert str(kind.nothing) in page.section(f"w-{kind.value}").text
    assert all(told == (0, []) for told in cards(page).values())


@pytest.mark.parametrize("whose", ["mine", "all"])
def test_each_count_leads_to_a_list_of_exactly_so_many_and_the_register_agrees(client, sign_in, office, whose):
    sign_in(organization=office)
    one_of_each(lead=[office])
    one_of_each(lead=[make_organization()])
    for number in range(5):
        make_proposal(f"Draft {number}", lead=[office], publication=Publication.DRAFT)
    front = get(client, f"/admin/?whose={whose}")
    for kind, (count, shown) in cards(front).items():
        for link in front.section(f"w-{kind.value}").one("h2").all("a"):
            listed = get(client, link.attrs["href"])
            assert len(titles(listed)) == int(re.search(r"\d+", link.text)[0]), (kind, link.text)
        href = front.section(f"w-{kind.value}").one("h2").all("a")[0].attrs["href"]
        listed = get(client, href)
        assert len(titles(listed)) == count
        assert titles(listed)[: len(shown)] == shown
        for address, words in listed.links():
            if words == "The published ones in the register":
                drafts = len([tag for tag in listed.all(css="tracker-tag") if tag.text == "Draft"])
                assert found(get(client, address)) == count - drafts, kind
    assert cards(front)[Kind.STALLED][0] > cards(front)[Kind.OVERDUE][0]


def test_what_the_own_organization_leads_comes_first_and_kin_count_as_own(client, sign_in, office):
    sign_in(organization=office)
    committee = make_organization("lao-cai-committee", parent=office)
    late = make_proposal("Longest late, as partner", partner=[office])
    make_deadline(late, date(2024, 12, 31))
    led = make_proposal("Late, led by the committee", lead=[committee])
    make_deadline(led, date(2025, 12, 31))
    make_deadline(make_proposal("Somebody else's", lead=[make_organization()]), date(2025, 1, 31))
    page = get(client, "/admin/")
    assert cards(page)[Kind.OVERDUE] == (2, ["Late, led by the committee", "Longest late, as partner"])
    assert "3 in all" in page.section("w-overdue").text
    everything = get(client, "/admin/?whose=all")
    assert cards(everything)[Kind.OVERDUE][1][0] == "Longest late, as partner"
    assert "2 of Lao Cai" in everything.section("w-overdue").text


def test_an_account_without_an_organization_sees_all(client, sign_in):
    sign_in()
    make_deadline(make_proposal(lead=[make_organization()]), date(2025, 12, 31))
    page = get(client, "/admin/?whose=mine")
    assert cards(page)[Kind.OVERDUE][0] == 1
    assert "Your account names no organization" in page.text


def test_a_missed_cycle_is_overdue_and_one_about_to_end_is_due_soon(client, sign_in):
    sign_in()
    for title, last in (("Meet every year", date(2025, 1, 10)), ("Hold the fair every year", date(2025, 12, 10))):
        proposal = make_proposal(title, nature=Nature.CONTINUING, status=Status.AGREED, expected_interval_months=12)
        make_development(proposal, last, is_occurrence=True)
    told = cards(get(client, "/admin/"))
    assert told[Kind.OVERDUE][1] == ["Meet every year"]
    assert told[Kind.DUE_SOON][1] == ["Hold the fair every year"]
    listed = get(client, "/admin/worklist/?kind=due_soon")
    assert "Expected again by: 10 Dec 2026" in listed.text
    assert "register" not in listed.one(css="tracker-worklist-note").text


def test_drafts_count_for_those_who_may_see_them_and_are_marked(client, sign_in, office):
    make_deadline(make_proposal("Own draft", lead=[office], publication=Publication.DRAFT), date(2025, 1, 31))
    make_deadline(
        make_proposal("Other draft", lead=[make_organization()], publication=Publication.DRAFT), date(2025, 1, 31)
    )
    sign_in(AccountRole.CONTRIBUTOR, office)
    page = get(client, "/admin/?whose=all")
    assert cards(page)[Kind.OVERDUE] == (1, ["Own draft"])
    line = page.section("w-overdue").one("li")
    assert [tag.text for tag in line.all(css="tracker-tag")] == ["Draft", "Lead"]
    assert line.one(css="tracker-what").attrs["href"].startswith("/admin/tracker/proposal/")
    assert "Drafts that you may see are counted too" in page.text
    assert "1 of them is a draft" in get(client, "/admin/worklist/?kind=overdue&whose=all").text
    sign_in(AccountRole.EDITOR, name="duc")
    assert cards(get(client, "/admin/"))[Kind.OVERDUE][0] == 2


def test_what_waits_for_review_is_counted_for_editors_and_for_those_whose_it_is(client, sign_in, office):
    author = sign_in(AccountRole.CONTRIBUTOR, office)
    draft = make_proposal("Submitted", proposer=[office], publication=Publication.IN_REVIEW)
    ReviewStep.objects.create(proposal=draft, action=ReviewAction.SUBMITTED, taken_by=author)
    other = make_proposal("Submitted by others", publication=Publication.IN_REVIEW)
    published = make_proposal("Published", proposer=[office])
    change = {"kind": ChangeKind.REVIEW, "payload": {"note": ""}}
    ProposedChange.objects.create(proposal=published, proposed_by=author, **change)
    ProposedChange.objects.create(proposal=published, proposed_by=User.objects.create_user("hoa"), **change)
    page = get(client, "/admin/?whose=all")
    assert cards(page)[Kind.IN_REVIEW] == (2, ["Submitted", "Published"])
    assert "Decide" not in page.section("w-in_review").text
    assert "Draft by lan" in page.section("w-in_review").text
    sign_in(AccountRole.EDITOR, name="duc")
    page = get(client, "/admin/worklist/?kind=in_review")
    assert titles(page) == ["Submitted", other.title, "Published", "Published"]
    assert "Decide" in page.text


def test_each_line_offers_the_quickest_action_to_those_who_may(client, sign_in, office):
    made = one_of_each(lead=[office])
    sign_in(AccountRole.EDITOR)
    words = {
        Kind.OVERDUE: "Change the status",
        Kind.DUE_SOON: "Log a development",
        Kind.UNANSWERED: "Record an answer",
        Kind.STALLED: "Log a development",
        Kind.UNVERIFIED: "Looked, nothing new",
        Kind.WITHOUT_LEAD: "Name the lead",
        Kind.WITHOUT_SOURCE: "Cite a source",
        Kind.IN_REVIEW: "Decide",
    }
    page = get(client, "/admin/")
    for kind, said in words.items():
        (link,) = page.section(f"w-{kind.value}").all("a", "tracker-act")
        assert link.text == f"{said}: {made[kind].title}" or kind == Kind.IN_REVIEW
        assert client.get(urlsplit(link.attrs["href"]).path, follow=True).status_code == 200, kind
    sign_in(AccountRole.CONTRIBUTOR, make_organization(), name="minh")
    page = get(client, "/admin/?whose=all")
    assert cards(page)[Kind.OVERDUE][0] == 1
    assert page.all("a", "tracker-act") == []


def test_what_is_in_review_is_locked_so_its_authors_are_offered_no_action(client, sign_in, office):
    for title, stage in (("Written", Publication.DRAFT), ("Submitted", Publication.IN_REVIEW)):
        make_deadline(make_proposal(title, lead=[office], publication=stage), date(2025, 1, 31))
    sign_in(AccountRole.CONTRIBUTOR, office)
    acts = get(client, "/admin/").section("w-overdue").all("a", "tracker-act")
    assert [link.text for link in acts] == ["Change the status: Written"]


def test_a_contributor_asks_by_a_note_for_the_lead_of_what_is_published(client, sign_in, office):
    make_proposal("Without lead", proposer=[office])
    sign_in(AccountRole.CONTRIBUTOR, office)
    (link,) = get(client, "/admin/").section("w-without_lead").all("a", "tracker-act")
    assert link.text == "Write a note: Without lead"
    assert client.get(link.attrs["href"]).status_code == 200


def test_days_are_written_no_finer_than_they_are_known(client, sign_in):
    sign_in()
    proposal = make_proposal(since=date(2024, 3, 31))
    make_development(proposal, date(2024, 3, 31), precision="quarter")
    page = get(client, "/admin/")
    assert "Last development: 2024-Q1" in page.section("w-stalled").text
    assert "Last looked at: 2024-Q1" in page.section("w-unverified").text


def test_a_list_is_paged_and_says_what_of_the_address_is_not_known(client, sign_in):
    sign_in()
    for number in range(51):
        make_proposal(f"Gate {number}")
    assert len(titles(get(client, "/admin/worklist/?kind=stalled"))) == 50
    assert len(titles(get(client, "/admin/worklist/?kind=stalled&page=2"))) == 1
    page = get(client, "/admin/worklist/?kind=late&whose=theirs", status=400)
    assert "kind: “late” is not known; allowed: overdue, due_soon" in page.text
    assert "whose: “theirs” is not known; allowed: mine, all." in page.text


def test_what_an_editor_returned_waits_for_its_author_on_the_front_page(client, sign_in, office):
    lan = sign_in(AccountRole.CONTRIBUTOR, office)
    editor = User.objects.create_superuser("binh")
    draft = make_proposal("Open the gate", publication=Publication.DRAFT, since=None, lead=[office])
    proposal = make_proposal("Build the road", lead=[office])
    change = ProposedChange.objects.create(
        proposal=proposal, kind=ChangeKind.EDIT, payload={"note_en": ["", "x"]}, reason="Seen.", proposed_by=lan
    )
    assert not get(client, "/admin/").all("section", id="w-returned")
    assert "What waits for me" in dict(get(client, "/admin/").one(css="tracker-shortcuts").links()).values()
    workflow.submit(draft, by=lan)
    client.force_login(editor)
    assert "What waits for me 2" in dict(get(client, "/admin/").one(css="tracker-shortcuts").links()).values()
    workflow.return_to_author(draft, by=editor, comment="Say where.")
    workflow.send_back(change, by=editor, comment="Say why.")
    client.force_login(lan)
    page = get(client, "/admin/")
    assert "What waits for me 2" in dict(page.one(css="tracker-shortcuts").links()).values()
    came_back = page.section("w-returned")
    assert {link.text for link in came_back.all("a", "tracker-what")} == {"Open the gate", "Build the road"}
    assert "Returned by binh" in came_back.text


def test_shortcuts_lead_only_where_the_reader_may_go(client, sign_in, office):
    sign_in(AccountRole.EDITOR)
    for href, _words in get(client, "/admin/").one(css="tracker-shortcuts").links():
        assert client.get(href).status_code == 200, href
    sign_in(AccountRole.CONTRIBUTOR, office, name="minh")
    links = dict(get(client, "/admin/").one(css="tracker-shortcuts").links())
    assert reverse("admin:tracker_proposal_add") in links
    assert not {"New meeting", "Import"} & set(links.values())
    for href in links:
        assert client.get(href).status_code == 200, href


def test_the_front_page_costs_the_same_however_much_waits(client, sign_in, office, django_assert_max_num_queries):
    sign_in(AccountRole.CONTRIBUTOR, office)
    client.get("/admin/")
    for _number in range(3):
        one_of_each(lead=[office])
    with django_assert_max_num_queries(18):  # 5 for the account, 9 for what waits, 3 for Django's own lists
        client.get("/admin/")
    with django_assert_max_num_queries(15):
        client.get("/admin/worklist/?kind=stalled")


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
def test_the_front_page_opens_in_the_other_languages(client, sign_in, language):
    sign_in()
    one_of_each()
    assert read(client.get("/admin/", headers={"accept-language": language})).all(css="tracker-card")


def test_a_status_that_cites_a_source_again_leaves_the_list(client, sign_in):
    sign_in()
    proposal = make_proposal()
    StatusChange.objects.filter(proposal=proposal).update(source=None)
    assert cards(get(client, "/admin/"))[Kind.WITHOUT_SOURCE][0] == 1
    make_change(proposal, Status.AGREED, on=date(2025, 1, 1), source=make_source())
    assert cards(get(client, "/admin/"))[Kind.WITHOUT_SOURCE][0] == 0
