"""What is typed in one language stays in it, whatever the language of the page on which it is saved."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin_pages import MODELS, address, filled, make_everything
from tests.makers import make_development, make_proposal, make_statement
from tests.pages import freeze, read
from tracker import workflow
from tracker.models import Note, Proposal
from tracker.models.base import SUFFIXES
from tracker.staff_scales import ChangeKind
from tracker.translation import TRANSLATED

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("language", ["vi", "zh-hans"])]


@pytest.fixture
def linh():
    return User.objects.create_superuser("linh")


@pytest.fixture
def staff(client, linh, language, monkeypatch):
    freeze(monkeypatch)
    client.force_login(linh)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def texts(record):
    """Give every text of a record by its column, as stored."""
    stored = type(record)._base_manager.filter(pk=record.pk)
    names = [f"{name}_{suffix}" for name in TRANSLATED[type(record)] for suffix in SUFFIXES]
    return stored.values(*names).get()


def test_an_edited_page_of_any_kind_writes_only_the_language_that_was_typed(staff):
    made = make_everything()
    for model in MODELS:
        record = made[model]
        name = TRANSLATED.get(type(record), ("",))[0]
        page = address(model, "change", record.pk)
        opened = staff.get(page)
        if not name or not opened.context["has_change_permission"]:
            continue
        sent = filled(opened)
        before = texts(record)
        staff.post(page, sent | {f"{name}_en": "Typed in English."})
        assert texts(record) == before | {f"{name}_en": "Typed in English."}, model
        newest, former = record.history.all()[:2]
        changed = {one.field for one in newest.diff_against(former).changes if one.old or one.new}
        assert changed <= {name, f"{name}_en"}, model


def test_a_restored_version_brings_back_only_the_language_that_was_chosen(staff):
    record = make_proposal(note_en="As it was.")
    record.note_en = "Changed."
    record.save()
    url = reverse("admin:history_restore", args=["proposal", record.pk, record.history.last().pk])
    seen = read(staff.get(url)).one("input", name="seen").attrs["value"]
    assert staff.post(url, {"field": ["note_en"], "seen": seen}).status_code == 302
    assert [texts(record)[f"note_{suffix}"] for suffix in SUFFIXES] == ["As it was.", None, None]


def test_a_merge_moves_texts_as_they_are(staff):
    kept, gone = make_proposal(slug="kept"), make_proposal("Build", slug="gone", note_en="Ask again.")
    statement, development = make_statement(gone), make_development(gone)
    make_proposal("Open it by day", slug="by-day", successor=gone)
    before = [texts(one) for one in (statement, development)]
    url = f"{reverse('admin:merge_proposals')}?kept={kept.pk}&gone={gone.pk}"
    shown = read(staff.get(url))
    sent = {node.attrs["name"]: node.attrs.get("value", "") for node in shown.all("input") if "name" in node.attrs}
    staff.post(url, sent | {"choose-note_en": "gone"})
    assert not Proposal.objects.filter(slug="gone").exists()
    assert [texts(one) for one in (statement, development)] == before
    assert [texts(kept)[f"note_{suffix}"] for suffix in SUFFIXES] == ["Ask again.", None, None]
    assert texts(Proposal.objects.get(slug="by-day"))["title_vi"] is None


def test_a_note_and_an_accepted_change_stay_in_their_language(staff):
    proposal = make_proposal(slug="gate")
    sent = {"when": "2026-11-19", "text_en": "Call.", "visibility": "internal", "send": "record"}
    staff.post("/proposals/gate/log/note/", sent)
    assert list(texts(Note.objects.get()).values()) == ["Call.", None, None]
    minh = User.objects.create_superuser("minh")
    change = workflow.propose(proposal, ChangeKind.EDIT, {"note_en": ["", "New."]}, by=minh, reason="Seen.")
    staff.post(reverse("admin:proposed_change", args=[change.pk]), {"_accept": "yes"})
    assert [texts(proposal)[f"note_{suffix}"] for suffix in SUFFIXES] == ["New.", None, None]
