"""Two proposals that are the same thing made one: everything moves, nothing is lost, the old address leads on."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin_pages import address, make_figures
from tests.makers import (
    TODAY,
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_milestone,
    make_organization,
    make_pathway,
    make_proposal,
    make_review,
    make_statement,
)
from tests.pages import freeze, read
from tests.seed_files import SeedFiles, bridge, proposal
from tracker.choices import Bears, Publication, Status
from tracker.merging import merge
from tracker.models import (
    Account,
    Bearing,
    FormerAddress,
    Involvement,
    Milestone,
    Note,
    Proposal,
    ProposedChange,
    Reminder,
    ReviewStep,
)
from tracker.staff_scales import ChangeKind, ReviewAction, Threshold

pytestmark = pytest.mark.django_db


@pytest.fixture
def linh():
    return User.objects.create_superuser("linh")


@pytest.fixture
def staff(client, linh):
    client.force_login(linh)
    return client


def join(kept, gone, by, **told):
    return merge(kept, gone, by=by, today=TODAY, **told)


def history_of(one):
    return list(one.status_changes.order_by("effective_on", "id").values_list("old", "new", "effective_on"))


def make_full(linh, title="Open the gate at once", **fields):
    """Make a proposal that has a row of everything that a proposal can have."""
    gone = make_proposal(title, slug="gone", **fields)
    make_statement(gone)
    make_deadline(gone, date(2025, 1, 31))
    make_development(gone)
    make_milestone(gone, "Signed", date(2024, 8, 1))
    make_review(gone, date(2024, 8, 1))
    make_figures(gone)
    gone.gates.add(make_gate("long-phu"))
    gone.related.add(make_proposal("Build the road", slug="road"))
    make_proposal("Open it by day", slug="by-day", successor=gone)
    Note.objects.create(proposal=gone, written_on=TODAY, text_en="Heard so.", author=linh)
    ReviewStep.objects.create(proposal=gone, action=ReviewAction.PUBLISHED, taken_by=linh)
    ProposedChange.objects.create(proposal=gone, kind=ChangeKind.REVIEW, payload={}, proposed_by=linh)
    FormerAddress.objects.create(slug="older", proposal=gone)
    account = Account.objects.get_or_create(user=linh)[0]
    Reminder.objects.create(account=account, proposal=gone, threshold=Threshold.OVERDUE, about=TODAY)
    Involvement.objects.create(proposal=gone, organization=make_organization("moit"), role="lead")
    return gone


def test_every_row_that_names_a_proposal_moves_and_says_who_and_why(linh):
    gone, kept = make_full(linh), make_proposal("Open the gate", slug="kept")
    names = {
        relation.get_accessor_name() or relation.field.name
        for relation in Proposal._meta.related_objects
        if not relation.related_model.__name__.startswith("Historical")
    }
    names -= {"status_changes", "proposal_related+", "predecessors"}
    counts = {name: getattr(gone, name).count() for name in names if hasattr(gone, name)}
    assert [name for name, count in counts.items() if not count] == []
    join(kept, gone, linh, reason="Entered twice.")
    assert {name: getattr(kept, name).count() for name in counts} == counts | {"former_addresses": 2, "notes": 2}
    assert [gate.slug for gate in kept.gates.all()] == ["long-phu"]
    assert [one.slug for one in kept.related.all()] == ["road"]
    assert [one.slug for one in kept.predecessors.all()] == ["by-day"]
    assert not Proposal.objects.filter(slug="gone").exists()
    moved = kept.statements.get().history.first()
    assert (moved.history_user, moved.history_change_reason, moved.proposal_id) == (linh, "Entered twice.", kept.pk)


def test_two_histories_become_one_and_what_says_nothing_new_becomes_a_note(linh):
    kept = make_proposal(slug="kept", since=date(2023, 1, 1))
    make_change(kept, Status.AGREED, on=date(2023, 6, 1))
    gone = make_proposal(slug="gone", since=date(2022, 1, 1))
    make_change(gone, Status.PLEDGED, on=date(2024, 2, 1))
    join(kept, gone, linh)
    assert history_of(kept) == [
        ("", "proposed", date(2022, 1, 1)),
        ("proposed", "agreed", date(2023, 6, 1)),
        ("agreed", "pledged", date(2024, 2, 1)),
    ]
    kept.refresh_from_db()
    assert kept.status == Status.PLEDGED
    note = kept.notes.get()
    assert "“Proposed” since 2023-01-01. A source says so." in note.text_en
    assert (note.visibility, note.author) == ("internal", linh)


def test_an_editor_leaves_out_steps_of_the_history_which_become_notes(linh):
    kept = make_proposal(slug="kept", since=date(2023, 1, 1))
    gone = make_proposal(slug="gone", since=date(2023, 2, 1), status=Status.DECLINED)
    join(kept, gone, linh, left_out=[gone.status_changes.get().pk])
    assert history_of(kept) == [("", "proposed", date(2023, 1, 1))]
    assert "Declined" in kept.notes.get().text_en


def test_rows_that_say_the_same_are_there_once_afterwards(linh):
    gone, kept = make_proposal(slug="gone"), make_proposal(slug="kept")
    lead, step = make_organization(), make_pathway("railway", "agreed", "built")
    for one in (gone, kept):
        Involvement.objects.create(proposal=one, organization=lead, role="lead")
        make_milestone(one, "Agreed", step=step["agreed"])
    make_milestone(kept, "Built", step=step["built"])
    make_milestone(gone, "Built in May", date(2024, 5, 1), step=step["built"])
    development = make_development(gone)
    Bearing.objects.create(development=development, proposal=kept, bears=Bears.NEITHER)
    join(kept, gone, linh)
    assert kept.involvements.count() == 1
    assert kept.bearings.get().bears == Bears.ADVANCES
    assert sorted(Milestone.objects.values_list("name_en", flat=True)) == ["Agreed", "Built in May"]


def test_each_column_is_a_choice_and_an_empty_one_is_filled(linh):
    kept = make_proposal("Open it", slug="kept", title_vi="Mở", completion_test_en="Open.", note_en="")
    gone = make_proposal("Open the gate", slug="gone", title_vi="Mở cửa khẩu", note_en="Heard.")
    join(kept, gone, linh, choices={"title_vi": "gone"})
    kept.refresh_from_db()
    assert (kept.title_en, kept.title_vi, kept.note_en) == ("Open it", "Mở cửa khẩu", "Heard.")
    assert "mo cua khau" in kept.search_text


def test_what_cannot_be_merged_is_refused_in_words_and_nothing_changes(linh):
    contributor = User.objects.create_user("mai")
    contributor.groups.add(Group.objects.get(name="contributor"))
    kept, gone = make_proposal(slug="kept"), make_proposal(slug="gone")
    draft = make_proposal(slug="draft", publication=Publication.DRAFT)
    after = make_proposal(slug="after", successor=kept)
    kept_up = make_proposal(slug="yearly", nature="continuing")
    done = make_proposal(slug="done", status=Status.COMPLETED)
    for one, other, by, words in (
        (kept, gone, contributor, "Only editors"),
        (kept, kept, linh, "choose two"),
        (draft, kept, linh, "Keep the published one"),
        (kept, after, linh, "successor"),
        (kept_up, done, linh, "never completed"),
    ):
        with pytest.raises(ValidationError, match=words):
            join(one, other, by)
    assert Proposal.objects.count() == 6
    assert not FormerAddress.objects.exists()


def test_the_old_address_leads_to_the_new_one_with_what_was_asked(client, linh):
    kept, gone = make_proposal(slug="kept"), make_proposal(slug="gone")
    join(kept, gone, linh)
    response = client.get("/proposals/gone/?as_of=2025-01-01")
    assert (response.status_code, response.url) == (301, "/proposals/kept/?as_of=2025-01-01")
    assert client.get("/proposals/never/").status_code == 404
    Proposal.objects.filter(pk=kept.pk).update(publication=Publication.DRAFT)
    assert client.get("/proposals/gone/").status_code == 404


def test_no_new_proposal_takes_an_address_that_leads_elsewhere(staff, linh):
    join(make_proposal(slug="kept"), make_proposal(slug="gone"), linh)
    page = staff.post(address("proposal", "add"), {"slug": "gone", "title_en": "Another"})
    assert "leads to" in str(page.context["adminform"].form.errors["slug"])


def test_the_seeds_do_not_bring_back_what_was_merged(tmp_path, monkeypatch, linh):
    freeze(monkeypatch)
    seeds = SeedFiles(tmp_path)
    seeds.files["proposals/bridges.yaml"] = [bridge()]
    seeds.load()
    kept, gone = Proposal.objects.get(slug="gate"), Proposal.objects.get(slug="bridge")
    join(kept, gone, linh)
    said = kept.statements.count()
    for overwrite in (False, True):
        told = seeds.load(overwrite=overwrite)
        assert "proposal bridge (merged into another)" in told
        assert not Proposal.objects.filter(slug="bridge").exists()
        assert kept.statements.count() == said
    more = bridge()
    more["statements"].append({**more["statements"][0], "key": "bridge-again"})
    seeds.files["proposals/bridges.yaml"] = [more]
    seeds.load()
    assert kept.statements.filter(key="bridge-again").exists()
    assert proposal()["slug"] == kept.slug


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_action_takes_exactly_two_and_the_page_shows_both_and_what_moves(staff, linh):
    gone, kept = make_full(linh), make_proposal("Open the gate", slug="kept", since=date(2023, 1, 1))
    chosen = {"action": "merge_two", "_selected_action": [kept.pk]}
    page = staff.post(address("proposal", "changelist"), chosen, follow=True)
    assert "exactly two" in page.content.decode()
    response = staff.post(address("proposal", "changelist"), {**chosen, "_selected_action": [kept.pk, gone.pk]})
    assert response.url.startswith(reverse("admin:merge_proposals"))
    shown = read(staff.get(reverse("admin:merge_proposals"), {"kept": kept.pk, "gone": gone.pk}))
    columns = {row.all("th")[0].text: [cell.text for cell in row.all("td")] for row in shown.id("columns").all("tr")}
    assert columns["Title [en]"] == ["Open the gate", "Open the gate at once"]
    assert "Statements: 1" in shown.id("moves").text
    assert "says nothing new" in shown.id("history").text


def test_confirming_merges_and_leads_to_what_is_kept(staff, linh):
    gone, kept = make_full(linh), make_proposal("Open the gate", slug="kept")
    url = f"{reverse('admin:merge_proposals')}?kept={kept.pk}&gone={gone.pk}"
    seen = read(staff.get(url)).one("input", name="seen").attrs["value"]
    sent = {"confirm": "yes", "seen": seen, "choose-title_en": "gone", "change_reason": "Entered twice."}
    kept.title_vi = "Mở"
    kept.save()
    page = staff.post(url, sent)
    assert page.status_code == 400
    assert "somebody saved one of the two" in read(page).id("problems").text
    sent["seen"] = read(page).one("input", name="seen").attrs["value"]
    response = staff.post(url, sent)
    assert (response.status_code, response.url) == (302, address("proposal", "change", kept.pk))
    kept.refresh_from_db()
    assert kept.title_en == "Open the gate at once"
    assert kept.history.filter(history_change_reason="Entered twice.", history_user=linh).exists()
    assert staff.get(url).status_code == 404


def test_what_the_editor_saw_is_compared_once_nobody_else_can_save(staff, monkeypatch):
    kept, gone = make_proposal(slug="kept"), make_proposal(slug="gone")
    url = f"{reverse('admin:merge_proposals')}?kept={kept.pk}&gone={gone.pk}"
    seen = read(staff.get(url)).one("input", name="seen").attrs["value"]
    with CaptureQueriesContext(connection) as asked:
        assert staff.post(url, {"confirm": "yes", "seen": f"{seen}0"}).status_code == 400
    asked = [query["sql"] for query in asked]
    compared = next(number for number, sql in enumerate(asked) if 'FROM "tracker_historicalproposal"' in sql)
    assert any(sql.startswith("SAVEPOINT") for sql in asked[:compared])
    monkeypatch.setattr("tracker.admin.merge_pages.check", lambda *_args: join(kept, gone, User.objects.get()))
    assert staff.post(url, {"confirm": "yes", "seen": seen}).status_code == 404


def test_the_page_is_for_editors(client):
    mai = User.objects.create_user("mai", last_login=timezone.now())
    mai.groups.add(Group.objects.get(name="contributor"))
    client.force_login(mai)
    kept, gone = make_proposal(slug="kept"), make_proposal(slug="gone")
    assert client.get(reverse("admin:merge_proposals"), {"kept": kept.pk, "gone": gone.pk}).status_code == 403
    page = client.get(address("proposal", "changelist")).content.decode()
    assert "merge_two" not in page
