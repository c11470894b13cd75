"""What was typed is not lost when the session has ended, or the form is outdated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.admin_pages import address, filled
from tests.makers import PASSWORD, make_organization, make_proposal
from tests.pages import get, read
from tests.readers import make_user
from tracker import second_factor
from tracker.models import Note
from tracker.views import kept

pytestmark = pytest.mark.django_db
LOGIN, KEPT = "/accounts/login/", "/accounts/kept/"
NOTE = {"when": "2024-08-01", "text_en": "Call\nthe “gate”.", "visibility": "internal"}


@pytest.fixture
def proposal():
    return make_proposal(slug="gate")


def end_session(client, how):
    if how == "ended":
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    else:
        Session.objects.all().delete()


def sign_in(client, name, going=KEPT):
    return client.post(LOGIN, {"username": name, "password": PASSWORD, "next": going})


@pytest.mark.parametrize("how", ["ended", "logged out"])
def test_a_short_form_saved_after_the_session_has_ended_is_saved_once_its_author_says_so(client, proposal, how):
    make_user("editor")
    sign_in(client, "editor")
    end_session(client, how)
    answer = client.post("/proposals/gate/log/note/", NOTE)
    assert answer.status_code == 302
    assert answer.url == f"{LOGIN}?next={KEPT}"
    assert "What you typed is kept" in get(client, answer.url).text
    assert sign_in(client, "editor").url == KEPT
    assert not Note.objects.exists()
    shown = client.get(KEPT)
    assert "Call" in read(shown).id("entered").text
    assert not Note.objects.exists()
    assert client.post(shown.context["address"], dict(shown.context["fields"])).status_code == 302
    assert Note.objects.get().text_en == "Call\nthe “gate”."
    assert client.get(KEPT).url == "/admin/"


def test_a_page_of_the_workplace_is_kept_with_its_rows_and_named_as_on_the_form(client, proposal):
    make_user("editor")
    sign_in(client, "editor")
    page = address("proposal", "change", proposal.pk)
    sent = filled(client.get(page)) | {"title_en": "Open the gate by day"}
    end_session(client, "ended")
    assert client.post(page, sent).url == f"{LOGIN}?next={KEPT}"
    sign_in(client, "editor")
    shown = client.get(KEPT)
    told = {row.one("th").text: row.one("td").text for row in read(shown).id("entered").all("tr")[1:]}
    assert told["Title [en]"] == "Open the gate by day"
    assert not any("FORMS" in label or "opened" in label for label in told)
    assert client.post(page, dict(shown.context["fields"])).status_code == 302
    proposal.refresh_from_db()
    assert proposal.title_en == "Open the gate by day"


def test_nobody_else_gets_what_was_typed_and_no_password_is_kept(client, proposal):
    for name in ("editor", "administrator"):
        make_user(name)
    sign_in(client, "editor")
    end_session(client, "ended")
    client.post("/proposals/gate/log/note/", NOTE | {"new_password": PASSWORD})
    assert PASSWORD not in str(dict(client.session))
    sign_in(client, "administrator")
    assert client.get(KEPT).url == "/admin/"
    assert "kept_form" not in client.session


def test_a_form_that_is_too_long_is_shown_to_be_copied(client, proposal, monkeypatch):
    monkeypatch.setattr(kept, "LONGEST", 50)
    answer = client.post("/proposals/gate/log/note/", NOTE)
    assert answer.status_code == 403
    assert "Call" in read(answer).id("entered").text
    assert read(answer).all("a", href=LOGIN)
    assert not read(answer).all("textarea")


def test_the_second_factor_stands_before_what_was_typed(client, proposal):
    user = make_user("editor")
    codes = second_factor.confirm(second_factor.device_to_confirm(user))
    client.post("/proposals/gate/log/note/", NOTE)
    assert "/accounts/code/" in sign_in(client, "editor").url
    assert "/accounts/code/" in client.get(KEPT).url
    assert client.post("/accounts/code/", {"code": codes[0], "next": KEPT}).url == KEPT
    assert "Call" in read(client.get(KEPT)).text


@pytest.mark.parametrize("language", ["en", "vi", "zh-hans"])
def test_an_outdated_form_is_answered_in_words_and_can_be_saved_if_it_came_from_here(proposal, language):
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = language
    client.force_login(make_user("editor"))
    url = "/proposals/gate/log/note/"
    answer = client.post(url, NOTE, headers={"origin": "http://testserver"})
    page = read(answer)
    assert answer.status_code == 403
    assert page.one("html").attrs["lang"] == language
    assert "Call" in page.id("entered").text
    token = page.one("form", "buttons").one("input", name="csrfmiddlewaretoken").attrs["value"]
    again = dict(answer.context["fields"]) | {"csrfmiddlewaretoken": token}
    assert client.post(url, again, headers={"origin": "http://testserver"}).status_code == 302
    assert Note.objects.get().text_en == NOTE["text_en"]


def test_an_outdated_form_from_elsewhere_or_of_nobody_is_shown_only(proposal):
    make_organization()
    nobody, editor = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    editor.force_login(make_user("editor"))
    for client, origin in ((editor, "https://elsewhere.example"), (nobody, "http://testserver")):
        answer = client.post("/proposals/gate/log/note/", NOTE, headers={"origin": origin})
        assert answer.status_code == 403
        assert not read(answer).all("textarea")
        assert read(answer).all("a", href="/proposals/gate/log/note/")
    answer = nobody.post(LOGIN, {"username": "editor", "password": PASSWORD})
    assert answer.status_code == 403
    assert not read(answer).all(id="entered")
    assert PASSWORD not in answer.content.decode()
    assert read(answer).all("a", href=LOGIN)
    answer = editor.post("/accounts/logout/")
    assert answer.status_code == 403
    assert not read(answer).all("a", href="/accounts/logout/")
