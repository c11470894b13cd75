"""Who may do what with which record: every role, every kind of record, every action, by a table written by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.admin_pages import address, filled, inline
from tests.makers import (
    make_deadline,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_review,
    make_source,
)
from tests.pages import kept
from tests.readers import DRAFT, INTERNAL, PUBLISHED, RESTRICTED, World, make_user
from tracker import access, models
from tracker.access import ANYBODY, is_own, may, reader_for, reads, visible
from tracker.choices import Act, Stance, Visibility
from tracker.models import Development, Note, Proposal, Source, Statement
from tracker.staff_scales import AccountRole, Action

pytestmark = pytest.mark.django_db
world: World = None  # type: ignore[assignment]


@pytest.fixture(scope="module", autouse=True)
def _world(django_db_setup, django_db_blocker):
    def make():
        globals()["world"] = World()

    yield from kept(django_db_blocker, make)


# A anybody · V viewer · S contributor of another organization · C contributor of the own · E editor · D administrator.
# In the order of the actions, who may; a dash: nobody. The last row of each kind is asked of the model itself.
ACTIONS = ["view", "add", "change", "delete", "propose", "submit", "publish", "set_status", "merge", "import"]
_ALL, _STAFF, _OWN, _THEIRS, _EDITORS = "AVSCED", "SCED", "CED", "SED", "ED"


def _open(view, write="ED", of_proposals="ED"):
    """A row: who sees it; who adds, changes and deletes it; the rest is the editors'."""
    return [view, write, write, write, of_proposals, of_proposals, "ED", of_proposals, "ED", "ED"]


_LOG = ["-"] * 9
TABLE = {
    "own draft": ["CED", "CED", "CED", "CED", "ED", "CED", "ED", "CED", "ED", "ED"],
    "own in_review": _open(_OWN),
    "own published": ["AVSCED", "ED", "ED", "ED", "CED", "ED", "ED", "ED", "ED", "ED"],
    "other draft": ["SED", "SED", "SED", "SED", "ED", "SED", "ED", "SED", "ED", "ED"],
    "other in_review": _open(_THEIRS),
    "other published": ["AVSCED", "ED", "ED", "ED", "SED", "ED", "ED", "ED", "ED", "ED"],
    **{f"{part} of own draft": _open(_OWN, _OWN) for part in ("statement", "deadline", "milestone", "change")},
    **{f"{part} of own published": _open(_ALL) for part in ("statement", "deadline", "milestone", "change")},
    **{f"{part} of other draft": _open(_THEIRS, _THEIRS) for part in ("statement", "deadline", "milestone", "change")},
    "involvement of own draft": _open(_OWN, _OWN),
    "involvement of own published": _open(_ALL),
    "involvement of other draft": _open(_THEIRS, _THEIRS),
    "public development of own draft": _open(_OWN, _OWN),
    "internal development of own draft": _open(_OWN, _OWN),
    "public development of own published": _open(_ALL),
    "internal development of own published": _open(_STAFF),
    "public development of other draft": _open(_THEIRS, _THEIRS),
    "internal development of other draft": _open(_THEIRS, _THEIRS),
    "bearing of public development of own draft": _open(_OWN, _OWN),
    "bearing of internal development of own draft": _open(_OWN, _OWN),
    "bearing of public development of own published": _open(_ALL),
    "bearing of internal development of own published": _open(_STAFF),
    "bearing of public development of other draft": _open(_THEIRS, _THEIRS),
    "bearing of internal development of other draft": _open(_THEIRS, _THEIRS),
    "development of published and draft": _open(_ALL),
    "statement at draft meeting": _open(_EDITORS),
    "statement at draft meeting of own draft": _open(_EDITORS),
    "draft meeting": _open(_EDITORS),
    "published meeting": _open(_ALL),
    **{f"public {kind}": _open(_ALL) for kind in ("note", "development", "review")},
    **{f"internal {kind}": _open(_STAFF) for kind in ("note", "development", "review")},
    **{f"restricted lao-cai {kind}": _open(_OWN) for kind in ("note", "development")},
    **{f"restricted ha-giang {kind}": _open(_THEIRS) for kind in ("note", "development")},
    "restricted review": _open(_EDITORS),
    "own note": _open(_STAFF, _OWN),
    "note on own draft": _open(_OWN),
    **{f"{part} of own draft": _open(_OWN, _OWN) for part in ("indicator", "target", "series", "observation")},
    **{f"{part} of other draft": _open(_THEIRS, _THEIRS) for part in ("indicator", "target", "series", "observation")},
    "indicator of nothing": _open(_ALL),
    "source": ["AVSCED", "SCED", "ED", "ED", "ED", "ED", "ED", "ED", "ED", "ED"],
    **dict.fromkeys(
        ("organization", "gate", "post", "person", "meeting series", "pathway", "step", "theme"), _open(_ALL)
    ),
    "review step of own": [_OWN, *_LOG],
    "review step of other": [_THEIRS, *_LOG],
    "change proposed by own": [_OWN, *_LOG],
    "change proposed by other": [_THEIRS, *_LOG],
    "imported file": [_EDITORS, *_LOG],
    "imported row": [_EDITORS, *_LOG],
    "former address": [_EDITORS, *_LOG],
    "reminder": [_EDITORS, *_LOG],
    "seed record": [_EDITORS, *_LOG],
    "past of own draft": [_OWN, *_LOG],
    "past of other draft": [_THEIRS, *_LOG],
    "past of own published": [_STAFF, *_LOG],
    "past of internal note": [_STAFF, *_LOG],
    "past of restricted ha-giang note": [_THEIRS, *_LOG],
    "user": ["D", "D", "D", "-", "-", "-", "-", "-", "-", "-"],
    "account": ["D", "D", "D", "-", "-", "-", "-", "-", "-", "-"],
    "group": ["D", *_LOG],
}
KINDS = {
    models.Proposal: [_ALL, "SCED", "SCED", "SCED", "SCED", "SCED", "ED", "SCED", "ED", "ED"],
    **{
        getattr(models, name): _open(_ALL, _STAFF)
        for name in [
            "Statement",
            "Deadline",
            "Milestone",
            "StatusChange",
            "Involvement",
            "Development",
            "Bearing",
            "Note",
            "Review",
            "Indicator",
            "Target",
            "Series",
            "Observation",
        ]
    },
    models.Source: ["AVSCED", "SCED", "ED", "ED", "ED", "ED", "ED", "ED", "ED", "ED"],
    **{
        getattr(models, name): _open(_ALL)
        for name in [
            "Organization",
            "BorderGate",
            "Post",
            "Person",
            "MeetingSeries",
            "Meeting",
            "Pathway",
            "PathwayStep",
            "Theme",
        ]
    },
    models.ReviewStep: [_STAFF, *_LOG],
    models.ProposedChange: [_STAFF, *_LOG],
    **{
        getattr(models, name): [_EDITORS, *_LOG]
        for name in ["ImportedFile", "ImportedRow", "FormerAddress", "Reminder", "SeedRecord"]
    },
    models.Account: ["D", "D", "D", "-", "-", "-", "-", "-", "-", "-"],
    User: ["D", "D", "D", "-", "-", "-", "-", "-", "-", "-"],
    Group: ["D", *_LOG],
}


def who_may(action, thing):
    return "".join(letter for letter, reader in world.readers.items() if may(reader, action, thing)) or "-"


def test_each_role_may_with_each_record_what_the_table_says():
    assert set(TABLE) == set(world.records), "every record has its row"
    assert list(Action.values) == ACTIONS
    found = {name: [who_may(Action(action), world.records[name]) for action in ACTIONS] for name in TABLE}
    assert {name: row for name, row in found.items() if row != TABLE[name]} == {}


def test_each_role_may_with_each_kind_of_record_what_the_table_says():
    assert {getattr(models, name) for name in models.__all__} | {User, Group} == set(KINDS)
    found = {kind: [who_may(Action(action), kind) for action in ACTIONS] for kind in KINDS}
    assert {kind: row for kind, row in found.items() if row != KINDS[kind]} == {}


def test_of_many_rows_each_role_sees_those_that_it_may_see_one_by_one():
    faults = []
    for name, record in world.records.items():
        rows = type(record)._default_manager.filter(pk=record.pk)
        seen = "".join(letter for letter, reader in world.readers.items() if visible(reader, rows).exists())
        if (seen or "-") != TABLE[name][0]:
            faults.append((name, seen))
    assert faults == []


def test_what_may_be_read_is_told_of_one_record_as_of_rows():
    for kind in ("note", "development", "review"):
        for name, record in world.records.items():
            if name.endswith(f" {kind}") and name != "own note":
                readers = "".join(letter for letter, reader in world.readers.items() if reads(reader, record))
                assert readers == TABLE[name][0], name


def test_a_new_record_is_measured_by_what_it_would_belong_to():
    contributor, one = world.readers["C"], world.records
    for name, allowed in (("own draft", True), ("own in_review", False), ("own published", False)):
        statement = Statement(proposal=one[name], meeting=one["published meeting"])
        assert may(contributor, Action.ADD, statement) is allowed, name
    for name, allowed in (("own draft", True), ("own published", True), ("other published", False)):
        assert may(contributor, Action.ADD, Note(proposal=one[name], visibility=INTERNAL)) is allowed, name
    public = Note(proposal=one["own published"], visibility=Visibility.PUBLIC)
    assert not may(contributor, Action.ADD, public)
    assert may(contributor, Action.ADD, Proposal())
    assert not may(contributor, Action.CHANGE, Proposal())
    assert not is_own(contributor, Proposal())


def test_an_organization_stands_for_all_that_belongs_to_it_and_for_what_it_took_over():
    part = make_organization(parent=world.ours)
    former = make_organization(successor=world.ours, succeeded_on=date(2025, 7, 1))
    for organization in (part, former):
        draft = make_proposal(publication=DRAFT, partner=[organization])
        contributor = reader_for(world.users["C"])
        assert may(contributor, Action.CHANGE, draft)
        assert not may(world.readers["S"], Action.CHANGE, draft)


def test_the_highest_group_counts_and_a_superuser_is_an_administrator():
    user = make_user("viewer", name="twice")
    user.groups.add(Group.objects.get(name="editor"), Group.objects.create(name="choir"))
    assert reader_for(user).role == AccountRole.EDITOR
    assert reader_for(User.objects.create_superuser("root")).role == AccountRole.ADMINISTRATOR
    assert reader_for(make_user(name="nobody")).role is None
    user.is_active = False
    assert reader_for(user) == ANYBODY


def test_djangos_own_questions_find_the_same_answers():
    users, one = world.users, world.records
    asked = {letter: user.has_perm("tracker.change_proposal", one["own draft"]) for letter, user in users.items()}
    assert asked == {"V": False, "S": False, "C": True, "E": True, "D": True}
    asked = {letter: user.has_perm("auth.change_user") for letter, user in users.items()}
    assert asked == {"V": False, "S": False, "C": False, "E": False, "D": True}
    assert not users["D"].has_perm("tracker.publish_proposal")
    assert not users["D"].has_perm("tracker.view_nothing")
    assert [user.has_module_perms("tracker") for user in users.values()] == [False, True, True, True, True]
    assert [user.has_module_perms("auth") for user in users.values()] == [False, False, False, False, True]
    assert users["D"].get_all_permissions() == set()


def test_a_token_of_the_feeds_stands_for_a_viewer_until_the_password_changes():
    user = make_user("editor", name="reader")
    token = access.feed_token(user)
    assert access.reader_of_token(token).role == AccountRole.VIEWER
    assert access.reader_of_token(token + "x") == access.reader_of_token("") == ANYBODY
    user.set_password("something-else-entirely")
    user.save()
    assert access.reader_of_token(token) == ANYBODY


# --- the workplace agrees with the table ---------------------------------------------------------------------------


@pytest.fixture
def clients(client):
    """A signed-in client for each letter."""

    def of(letter):
        signed_in = client.__class__()
        if letter != "A":
            signed_in.force_login(world.users[letter])
        return signed_in

    return of


def registered():
    return {name: one for name, one in world.records.items() if admin.site.is_registered(type(one))}


@pytest.mark.parametrize("letter", ["A", "V"])
def test_the_workplace_is_closed_to_whoever_has_no_part_in_the_work(clients, letter):
    client = clients(letter)
    for name, record in registered().items():
        for page, args in (("changelist", ()), ("add", ()), ("change", (record.pk,)), ("history", (record.pk,))):
            response = client.get(reverse(_page(record, page), args=args))
            assert response.status_code == 302, (name, page)
            assert response.url.startswith(reverse("admin:login")), (name, page)


def _page(record, page):
    return f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}"


@pytest.mark.parametrize("letter", ["S", "C", "E", "D"])
def test_the_pages_of_the_workplace_answer_as_the_table_says(clients, letter):
    client, faults = clients(letter), []
    for name, record in registered().items():
        view, _add, change, delete, propose = (letter in who for who in TABLE[name][:5])
        shown = client.get(reverse(_page(record, "change"), args=[record.pk]))
        if (shown.status_code == 200) is not view:
            faults.append((name, "change page", shown.status_code))
        elif (
            view
            and (b'type="submit" value="Save"' in shown.content or b'name="_save"' in shown.content)
            and not (change or propose)
        ):
            faults.append((name, "can be saved"))
        deleted = client.get(reverse(_page(record, "delete"), args=[record.pk]))
        if deleted.status_code == 200 and not delete:
            faults.append((name, "delete page", deleted.status_code))
        past = client.get(reverse(_page(record, "history"), args=[record.pk]))
        if past.status_code == 200 and not view:
            faults.append((name, "history", past.status_code))
    assert faults == []


@pytest.mark.parametrize("letter", ["S", "C", "E", "D"])
def test_the_lists_of_the_workplace_answer_as_the_table_says(clients, letter):
    client, faults = clients(letter), []
    for kind in {type(one): None for one in registered().values()}:
        view, add = letter in KINDS[kind][0], letter in KINDS[kind][1]
        listed = client.get(reverse(_page(kind, "changelist")))
        if (listed.status_code == 200) is not view:
            faults.append((kind, "list", listed.status_code))
        elif view:
            shown = {row.pk for row in listed.context["cl"].result_list}
            expected = {one.pk for name, one in world.records.items() if type(one) is kind and letter in TABLE[name][0]}
            hidden = {
                one.pk for name, one in world.records.items() if type(one) is kind and letter not in TABLE[name][0]
            }
            if not expected <= shown or hidden & shown:
                faults.append((kind, expected - shown, hidden & shown))
        new = client.get(reverse(_page(kind, "add")))
        if new.status_code == 200 and not add:
            faults.append((kind, "add", new.status_code))
    assert faults == []


# --- what a form may not do ----------------------------------------------------------------------------------------


def saves(client, model, sent, *args):
    """Send a form; tell what the page says that was wrong."""
    response = client.post(address(model, "change" if args else "add", *args), sent, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_contributor_writes_no_evidence_on_what_is_published(clients):
    client, before = clients("C"), Development.objects.count()
    for name in ("own published", "other published", "other draft"):
        sent = {
            "happened_on": "2025-01-01",
            "precision": "day",
            "summary_en": "Works began.",
            "visibility": "public",
            "sources": [world.records["source"].pk],
            **inline("bearings", {"proposal": world.records[name].pk, "bears": "advances"}),
        }
        assert "othing was saved" in saves(client, "development", sent) or name == "other draft", name
        assert Development.objects.count() == before, name
    sent |= inline("bearings", {"proposal": world.records["own draft"].pk, "bears": "advances"})
    saves(client, "development", sent)
    assert Development.objects.count() == before + 1


def test_a_contributor_says_nothing_about_what_is_published(clients):
    client, one, before = clients("C"), world.records, Statement.objects.count()
    stance = next(stance for stance in Stance if stance.act == Act.ASK)
    for name, saved in (("own published", 0), ("other draft", 0), ("own in_review", 0), ("own draft", 1)):
        sent = {
            "proposal": one[name].pk,
            "meeting": one["published meeting"].pk,
            "organization": one["organization"].pk,
            "source": one["source"].pk,
            "stance": stance,
            "said_on": "2024-06-12",
            "precision": "day",
            "paragraph": "1",
            "summary_en": "Asked.",
        }
        saves(client, "statement", sent)
        assert Statement.objects.count() == before + saved, name


def test_a_contributor_takes_no_draft_to_where_it_is_out_of_reach(clients):
    client, one = clients("C"), world.records
    deadline = make_deadline(one["own draft"], date(2025, 2, 1))
    page = client.get(address("deadline", "change", deadline.pk))
    saves(client, "deadline", {**filled(page), "proposal": one["own published"].pk}, deadline.pk)
    deadline.refresh_from_db()
    assert deadline.proposal == one["own draft"]


def test_a_connection_that_the_contributor_cannot_see_is_neither_shown_nor_lost(clients):
    client, one = clients("C"), world.records
    draft = make_proposal("Ours", publication=DRAFT, lead=[world.ours])
    draft.related.add(one["other draft"], one["other published"])
    page = client.get(address("proposal", "change", draft.pk))
    assert "Other published" in page.content.decode()
    assert "Other draft" not in page.content.decode()
    response = client.post(address("proposal", "change", draft.pk), {**filled(page), "note_en": "Seen."}, follow=True)
    draft.refresh_from_db()
    assert draft.note_en == "Seen.", response.content.decode()[:3000]
    assert set(draft.related.all()) == {one["other draft"], one["other published"]}
    foreign = make_proposal("Theirs", publication=DRAFT, lead=[world.theirs])
    sent = {**filled(client.get(address("proposal", "change", draft.pk))), "related": [foreign.pk]}
    assert "not one of the available choices" in saves(client, "proposal", sent, draft.pk)


def test_a_contributor_adds_sources_and_changes_none(clients):
    client = clients("C")
    saves(
        client,
        "source",
        {
            "slug": "new-source",
            "publisher": "Office",
            "title": "Notice",
            "language": "en",
            "grade": "official",
            "published_on": "2025-01-01",
            "precision": "day",
        },
    )
    source = Source.objects.get(slug="new-source")
    assert client.post(address("source", "change", source.pk), {"title": "Other"}).status_code == 403
    assert client.post(address("source", "delete", source.pk), {"post": "yes"}).status_code == 403


def test_a_draft_of_others_is_not_found_by_choosing(clients):
    client, one = clients("C"), world.records
    for letter, expected in (("C", {"Own draft"}), ("S", {"Other draft"}), ("E", {"Own draft", "Other draft"})):
        answer = clients(letter).get(
            reverse("admin:autocomplete"),
            {"app_label": "tracker", "model_name": "statement", "field_name": "proposal", "term": "draft"},
        )
        assert {row["text"] for row in answer.json()["results"]} == expected, letter
    make_development(one["own published"])
    found = client.get(address("development", "changelist"), {"q": "other draft"})
    assert found.context["cl"].result_count == 0
    assert make_meeting(publication=DRAFT).name not in found.content.decode()


def test_a_restricted_review_which_nobody_keeps_is_for_the_editors():
    published = make_proposal(publication=PUBLISHED, lead=[world.ours])
    review = make_review(published, date(2025, 1, 1), visibility=RESTRICTED)
    assert who_may(Action.VIEW, review) == "ED"
    assert make_source() in visible(ANYBODY, Source.objects.all())
