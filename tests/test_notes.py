"""Notes, and evidence that is not public: who writes them, and who reads them on page and workplace."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import gettext, override

from tests.admin_pages import errors_of, filled, inline
from tests.makers import TODAY, make_account, make_development, make_organization, make_proposal
from tests.pages import freeze, get, read
from tracker.choices import Visibility
from tracker.models import Note

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def own():
    return make_organization("dien-bien", name="Dien Bien")


@pytest.fixture
def gate(own):
    return make_proposal(slug="gate", lead=[own])


def make_note(proposal, text, visibility, **fields):
    fields = {"written_on": TODAY, **fields}
    return Note.objects.create(proposal=proposal, text_en=text, visibility=visibility, **fields)


def test_everybody_reads_what_they_may_and_no_more(client, gate, own):
    author = make_account("editor", name="hoa")
    make_note(gate, "For all.", Visibility.PUBLIC, author=author)
    make_note(gate, "For staff.", Visibility.INTERNAL, author=author)
    make_note(gate, "For us.", Visibility.RESTRICTED, held_by=own)
    make_note(gate, "For them.", Visibility.RESTRICTED, held_by=make_organization())
    make_note(gate, "Later.", Visibility.PUBLIC, written_on=date(2026, 11, 19))
    readers = {
        "nobody": None,
        "viewer": make_account("viewer", own, "v"),
        "contributor": make_account("contributor", own, "c"),
        "editor": make_account("editor", name="e"),
    }
    words = ("For all.", "For staff.", "For us.", "For them.")
    read_by = {}
    for who, user in readers.items():
        client.logout()
        if user:
            client.force_login(user)
        section = get(client, "/proposals/gate/").section("notes")
        read_by[who] = [word for word in words if word in section.text]
        assert ("hoa" in section.text) == (who in ("contributor", "editor"))
    assert read_by == {
        "nobody": ["For all."],
        "viewer": ["For all."],
        "contributor": ["For all.", "For staff.", "For us."],
        "editor": list(words),
    }
    client.logout()
    assert not get(client, "/proposals/gate/?as_of=2026-11-18").all("section", aria_labelledby="notes")
    assert "Later." in get(client, "/proposals/gate/?as_of=2026-11-19").section("notes").text


def test_what_is_not_for_everybody_is_marked(client, gate, own):
    make_note(gate, "For us.", Visibility.RESTRICTED, held_by=own)
    client.force_login(make_account("editor", name="e"))
    assert "Restricted · Dien Bien" in get(client, "/proposals/gate/").section("notes").one(css="staff-only").text


def test_a_note_is_written_in_a_short_form_and_signed(client, gate, own):
    user = make_account("contributor", own, "minh")
    client.force_login(user)
    page = get(client, "/proposals/gate/log/note/")
    chosen = [one for one in page.id("id_visibility").all("option") if "selected" in one.attrs]
    assert [one.attrs["value"] for one in chosen] == ["internal"]
    assert [one.attrs["value"] for one in page.id("id_visibility").all("option")] == ["internal", "restricted"]
    sent = {"when": "2026-11-19", "text_en": "Ask the border guard.", "visibility": "restricted", "held_by": own.pk}
    assert client.post("/proposals/gate/log/note/", sent).url == "/proposals/gate/#notes"
    note = Note.objects.get()
    assert (note.author, note.written_on, note.visibility, note.held_by) == (
        user,
        date(2026, 11, 19),
        "restricted",
        own,
    )
    assert note.history.get().history_user == user
    again = client.post("/proposals/gate/log/note/", sent)
    assert "You have written this note for that day already." in read(again).text
    public = client.post("/proposals/gate/log/note/", sent | {"visibility": "public", "text_en": "For all."})
    assert public.status_code == 400
    assert Note.objects.count() == 1


def test_a_keeper_is_named_only_where_it_matters(client, gate, own):
    client.force_login(make_account("editor", name="e"))
    sent = {"when": "2026-11-19", "text_en": "For all.", "visibility": "public", "held_by": own.pk}
    client.post("/proposals/gate/log/note/", sent)
    assert Note.objects.get().held_by is None
    refused = client.post("/proposals/gate/log/note/", sent | {"visibility": "restricted", "held_by": ""})
    assert "What is restricted is kept by an organization: choose it." in read(refused).text


def test_notes_are_written_on_the_proposals_page_in_the_workplace_too(client, gate):
    user = make_account("editor", name="e")
    client.force_login(user)
    address = f"/admin/tracker/proposal/{gate.pk}/change/"
    row = {"written_on": "2026-11-19", "text_en": "From the workplace.", "visibility": "internal"}
    page = client.get(address)
    response = client.post(address, filled(page) | inline("notes", row))
    assert response.status_code == 302, errors_of(response)
    assert Note.objects.get().author == user
    wrong = client.post(address, filled(client.get(address)) | inline("notes", row | {"visibility": "restricted"}))
    assert wrong.status_code == 200
    assert Note.objects.count() == 1


def test_the_list_of_notes_shows_what_its_reader_may_read(client, gate, own):
    make_note(gate, "For us.", Visibility.RESTRICTED, held_by=own)
    make_note(gate, "For them.", Visibility.RESTRICTED, held_by=make_organization())
    note = make_note(gate, "For staff.", Visibility.INTERNAL)
    client.force_login(make_account("contributor", own, "c"))
    text = client.get("/admin/tracker/note/").content.decode()
    assert [word in text for word in ("For us.", "For staff.", "For them.")] == [True, True, False]
    assert client.post(f"/admin/tracker/note/{note.pk}/change/", {"text_en": "Changed"}).status_code == 403
    note.refresh_from_db()
    assert note.text_en == "For staff."


# --- what only staff see -------------------------------------------------------------------------------------------


def test_evidence_that_is_not_public_is_marked_and_counted_nowhere(client, gate, own):
    client.force_login(make_account("contributor", own, "c"))
    hidden = make_development(gate, TODAY, visibility=Visibility.INTERNAL, summary_en="By telephone.")
    make_development(gate, TODAY, visibility=Visibility.RESTRICTED, held_by=own, summary_en="In confidence.")
    make_development(
        gate, TODAY, visibility=Visibility.RESTRICTED, held_by=make_organization(), summary_en="Another's."
    )
    box = get(client, "/proposals/gate/").one("div", "staff-only").text
    assert "Seen by staff only" in box
    assert "Internal" in box
    assert "By telephone." in box
    assert "Restricted · Dien Bien" in box
    assert "Another's." not in box
    client.logout()
    page = get(client, "/proposals/gate/")
    assert not page.all(css="staff-only")
    assert "No development is on record." in page.section("evidence").text
    assert hidden.summary_en not in page.text


def test_the_page_costs_viewers_no_more_and_staff_a_few_queries(client, gate, django_assert_max_num_queries):
    editor = make_account("editor", name="e")
    client.force_login(editor)
    for day in (1, 2, 3):
        make_development(gate, date(2026, 1, day), visibility=Visibility.INTERNAL)
        Note.objects.create(proposal=gate, written_on=TODAY, text_en="Note", author=editor)
    counts = {}
    for who in ("staff", "viewer"):
        with django_assert_max_num_queries(60) as used:
            get(client, "/proposals/gate/")
        counts[who] = len(used)
        client.logout()
    assert counts["viewer"] <= 20
    assert counts["staff"] - counts["viewer"] <= 10


def test_whoever_reads_vietnamese_or_chinese_is_told_which_box_is_english_and_has_the_own_one_first(client, gate):
    client.force_login(make_account("editor", name="linh"))
    for language, first in (
        ("en", ["text_en"]),
        ("vi", ["text_vi", "text_en"]),
        ("zh-hans", ["text_zh_hans", "text_en"]),
    ):
        response = client.get("/proposals/gate/log/note/", headers={"accept-language": language})
        page, folded = read(response), read(response).one("form", "stack").all("details")[0]
        boxes = [box.attrs["name"] for box in page.all("textarea")]
        assert boxes[: len(first)] == first
        assert [box.attrs["name"] for box in folded.all("textarea")] == boxes[len(first) :]
        with override(language):
            is_bare = page.one("label", for_="id_text_en").text == gettext("Note")
        assert is_bare == (language == "en")
