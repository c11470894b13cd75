from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin_pages import MODELS, address, errors_of, filled, make_development, make_everything
from tests.makers import (
    make_deadline,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_series,
    make_source,
    make_statement,
)
from tracker.choices import MeetingState, Publication, Stance, Status
from tracker.models import Development, Meeting, Review, Statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("linh"))
    return client


def options(staff, model, field, term, **extra):
    """Type into an autocomplete box; give the names offered."""
    query = {"app_label": "tracker", "model_name": model, "field_name": field, "term": term, **extra}
    response = staff.get(reverse("admin:autocomplete"), query)
    return [row["text"] for row in response.json()["results"]]


# --- pages ---------------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_is_sent_to_the_login_page(client):
    response = client.get(address("proposal", "changelist"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add", "change", "history", "delete"])
def test_every_page_of_every_model_opens_and_refers_to_no_other_host(staff, model, page):
    record = make_everything()[model]
    args = () if page in ("changelist", "add") else (record.pk,)
    response = staff.get(address(model, page, *args))
    if (model, page) == ("statuschange", "delete"):
        assert response.status_code == 403
        return
    assert response.status_code == 200
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', response.content.decode())
    assert loaded
    assert [link for link in loaded if "//" in link] == []


def test_no_script_stands_in_a_page(staff):
    record = make_everything()["proposal"]
    page = staff.get(address("proposal", "change", record.pk)).content.decode()
    scripts = re.findall(r"<script([^>]*)>", page)
    assert scripts
    assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_whatever_its_length(staff, model, django_assert_max_num_queries):
    make_everything(1)
    with django_assert_max_num_queries(100) as few:
        staff.get(address(model, "changelist"))
    for number in (2, 3, 4):
        make_everything(number)
    with django_assert_max_num_queries(len(few)):
        staff.get(address(model, "changelist"))


def test_the_page_of_a_proposal_costs_the_same_whatever_was_said(staff, django_assert_max_num_queries):
    proposal = make_everything()["proposal"]
    page = address("proposal", "change", proposal.pk)
    with django_assert_max_num_queries(100) as few:
        staff.get(page)
    for number in range(4):
        make_statement(proposal, post=make_post(f"Other {number}"))
    with django_assert_max_num_queries(len(few)):
        staff.get(page)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_sorts_by_every_column_that_offers_it(staff, model):
    make_everything()
    columns = len(staff.get(address(model, "changelist")).context["cl"].list_display)
    for number in range(columns):
        assert staff.get(address(model, "changelist"), {"o": f"-{number}"}).status_code == 200


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
def test_the_workplace_opens_in_the_other_languages(staff, language):
    record = make_everything()["proposal"]
    for url in (address("proposal", "change", record.pk), address("statuschange", "changelist")):
        assert staff.get(url, headers={"accept-language": language}).status_code == 200


# --- search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("term", ["lao cai", "Lào Cai", "LÀO  CAI", "老街", "cai lao", "lào"])
def test_autocomplete_finds_lao_cai_however_it_is_typed(staff, term):
    make_organization(name="Lao Cai", name_vi="Lào Cai", name_zh_hans="老街")
    make_organization(name="Lai Châu")
    assert options(staff, "statement", "organization", term) == ["Lao Cai"]


def test_autocomplete_costs_the_same_however_many_it_offers(staff, django_assert_max_num_queries):
    make_post()
    with django_assert_max_num_queries(100) as few:
        assert len(options(staff, "statement", "post", "")) == 1
    make_post()
    make_post()
    with django_assert_max_num_queries(len(few)):
        assert len(options(staff, "statement", "post", "")) == 3


def test_the_letter_d_with_a_stroke_is_found_by_a_plain_one(staff):
    make_organization(name="Dien Bien", name_vi="Điện Biên")
    assert options(staff, "involvement", "organization", "điện") == ["Dien Bien"]
    assert options(staff, "involvement", "organization", "dien bien") == ["Dien Bien"]


def test_a_list_finds_what_has_every_word(staff):
    make_proposal("Open the Long Phu gate")
    make_proposal("Open the Thanh Thuy gate", title_vi="Mở cửa khẩu Thanh Thủy")
    page = staff.get(address("proposal", "changelist"), {"q": "thuy CUA"})
    assert [row.title_en for row in page.context["cl"].result_list] == ["Open the Thanh Thuy gate"]


def test_a_post_is_found_by_its_person_and_a_statement_by_its_proposal(staff):
    post = make_post("Đặng Quốc Khánh")
    make_statement(make_proposal("Mở đường sắt"), post=post)
    make_statement(make_proposal("Other"))
    assert options(staff, "statement", "post", "dang khanh") == ["Đặng Quốc Khánh, Chair"]
    page = staff.get(address("statement", "changelist"), {"q": "duong sat"})
    assert page.context["cl"].result_count == 1


def test_a_development_that_bears_on_two_finds_is_found_once(staff):
    development = make_development(make_proposal("Open the gate"))
    development.bearings.create(proposal=make_proposal("Pave the gate road"), bears="advances")
    page = staff.get(address("development", "changelist"), {"q": "gate"})
    assert page.context["cl"].result_count == 1


def test_only_asks_of_the_same_proposal_are_offered_as_answered(staff):
    proposal = make_proposal()
    ask = make_statement(proposal, summary_en="Asked here.")
    make_statement(proposal, stance=Stance.NOTED, summary_en="Noted here.")
    make_statement(make_proposal(), summary_en="Asked elsewhere.")
    offered = options(staff, "statement", "answers", "", proposal=proposal.pk)
    assert offered == [str(ask)]
    page = staff.get(address("proposal", "change", proposal.pk)).content.decode()
    assert f"{reverse('admin:autocomplete')}?proposal={proposal.pk}" in page


# --- addresses on the site -----------------------------------------------------------------------------------------


def seen_on_site(response):
    found = re.search(r'href="([^"]+)" class="viewsitelink"', response.content.decode())
    return found and found[1]


def test_a_published_proposal_and_what_belongs_to_it_lead_to_its_page(staff):
    records = make_everything()
    public = reverse("proposal", args=[records["proposal"].slug])
    for model in ("proposal", "statement", "statuschange", "deadline", "milestone", "review"):
        assert seen_on_site(staff.get(address(model, "change", records[model].pk))) == public, model


def test_meetings_series_and_sources_lead_to_their_pages(staff):
    records = make_everything()
    for model in ("meeting", "meetingseries", "source"):
        page = staff.get(address(model, "change", records[model].pk))
        assert seen_on_site(page) == records[model].get_absolute_url(), model


def test_a_draft_has_no_page_to_lead_to(staff):
    proposal = make_proposal(publication=Publication.DRAFT)
    meeting = make_meeting(publication=Publication.DRAFT)
    statement = make_statement(proposal, meeting=meeting)
    for record in (proposal, meeting, statement):
        page = staff.get(address(record._meta.model_name, "change", record.pk))
        assert seen_on_site(page) is None, record


# --- periods -------------------------------------------------------------------------------------------------------


def meeting_form(staff, **typed):
    url = address("meeting", "add")
    given = {"name_en": "Third meeting", "slug": "third", "series": make_series().pk, "state": "held", **typed}
    return staff.post(url, filled(staff.get(url)) | given)


@pytest.mark.parametrize(
    ("typed", "first", "last", "precision"),
    [
        ("2024-11-06", date(2024, 11, 6), date(2024, 11, 6), "day"),
        ("2024-11", date(2024, 11, 1), date(2024, 11, 30), "month"),
        ("2022-Q1", date(2022, 1, 1), date(2022, 3, 31), "quarter"),
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "year"),
        (" 2024-11-06/2024-11-07 ", date(2024, 11, 6), date(2024, 11, 7), "day"),
    ],
)
def test_one_field_takes_a_period_in_the_notation(staff, typed, first, last, precision):
    assert meeting_form(staff, when=typed).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.first_day, meeting.last_day, meeting.precision) == (first, last, precision)
    shown = staff.get(address("meeting", "change", meeting.pk)).context["adminform"].form["when"].value()
    assert str(shown) == typed.strip()


@pytest.mark.parametrize("typed", ["next spring", "2024-13", "2024-11-07/2024-11-06", "06/11/2024"])
def test_a_period_that_cannot_be_read_is_explained_at_its_field(staff, typed):
    errors = errors_of(meeting_form(staff, when=typed))
    assert typed in errors["when"]
    assert "2022-Q1" in errors["when"]
    assert not Meeting.objects.exists()


def test_a_meeting_held_without_a_date_is_refused_at_the_field_and_one_planned_is_not(staff):
    assert list(errors_of(meeting_form(staff, when=""))) == ["when"]
    assert meeting_form(staff, when="", state=MeetingState.PLANNED).status_code == 302
    assert Meeting.objects.get().precision == "none"


def test_opening_and_saving_a_period_leaves_it_as_it_was(staff):
    deadline = make_deadline(make_proposal(), date(2022, 3, 30), first_day=date(2022, 1, 2), precision="quarter")
    url = address("deadline", "change", deadline.pk)
    assert staff.post(url, filled(staff.get(url))).status_code == 302
    deadline.refresh_from_db()
    assert (deadline.first_day, deadline.last_day) == (date(2022, 1, 2), date(2022, 3, 30))


# --- rules that span fields ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "typed", "field"),
    [
        ("organization", {"succeeded_on": "2025-07-01"}, "succeeded_on"),
        ("organization", {"successor": "itself", "succeeded_on": "2025-07-01"}, "successor"),
        ("post", {"since": "2024-02-01", "until": "2024-01-01"}, "until"),
        ("bordergate", {"latitude": "22.5"}, "position_basis"),
        ("bordergate", {"latitude": "122.5"}, "latitude"),
        ("development", {"account_side": "china"}, "account_status"),
        ("development", {"happened_on": "2999-01-01"}, "happened_on"),
        ("development", {"sources": []}, "sources"),
        ("observation", {"period_end": "2022-01-01"}, "period_end"),
        ("observation", {"vintage": "0"}, "vintage"),
        ("observation", {"published_on": "2999-01-01"}, "published_on"),
        ("milestone", {"when": "2024-05"}, "source"),
        ("proposal", {"expected_interval_months": "12"}, "nature"),
        ("proposal", {"successor": "itself"}, "successor"),
        ("proposal", {"title_en": ""}, "title_en"),
        ("source", {"document": "../secret"}, "document"),
        ("statement", {"paragraph": "0"}, "paragraph"),
        ("statement", {"answers": "itself", "stance": "requested"}, "answers"),
        ("deadline", {"stated_on": "2999-01-01"}, "stated_on"),
        ("review", {"reviewed_on": "2999-01-01"}, "reviewed_on"),
        ("target", {"value": "much"}, "value"),
    ],
)
def test_bad_input_is_explained_at_its_field_and_saves_nothing(staff, model, typed, field):
    record = make_everything()[model]
    url = address(model, "change", record.pk)
    before = type(record).objects.filter(pk=record.pk).values().get()
    typed = {name: record.pk if value == "itself" else value for name, value in typed.items()}
    response = staff.post(url, filled(staff.get(url)) | typed)
    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert type(record).objects.filter(pk=record.pk).values().get() == before


def test_a_second_source_of_the_same_document_is_refused_at_the_document(staff):
    make_source(document="a.txt")
    record = make_source()
    url = address("source", "change", record.pk)
    errors = errors_of(staff.post(url, filled(staff.get(url)) | {"document": "a.txt"}))
    assert errors == {"document": "Another source already has this document."}


def test_two_meetings_of_a_series_cannot_have_one_number(staff):
    series = make_series()
    make_meeting(series=series, number=3)
    response = meeting_form(staff, series=series.pk, number=3, when="2024")
    assert errors_of(response) == {"number": "The series already has a meeting with this number."}


# --- statements ----------------------------------------------------------------------------------------------------


def statement_form(staff, proposal, **typed):
    url = address("statement", "add")
    given = {
        "proposal": proposal.pk,
        "organization": make_organization().pk,
        "stance": Stance.AGREED,
        "summary_en": "Agreed to it.",
        "source": make_source().pk,
    }
    return staff.post(url, filled(staff.get(url)) | given | typed)


def test_a_statement_without_a_day_takes_that_of_its_meeting(staff):
    meeting = make_meeting(date(2024, 6, 30), first_day=date(2024, 6, 1), precision="month")
    assert statement_form(staff, make_proposal(), meeting=meeting.pk).status_code == 302
    statement = Statement.objects.get()
    assert (statement.said_on, statement.precision) == (date(2024, 6, 30), "month")


def test_a_statement_at_a_meeting_without_a_date_needs_its_day(staff):
    meeting = make_meeting(None, state=MeetingState.NOT_ON_RECORD)
    response = statement_form(staff, make_proposal(), meeting=meeting.pk)
    assert list(errors_of(response)) == ["said_on"]
    assert not Statement.objects.exists()


def test_an_answer_stays_with_an_ask_of_its_own_proposal(staff):
    proposal, meeting = make_proposal(), make_meeting()
    elsewhere = make_statement(make_proposal())
    noted = make_statement(proposal, stance=Stance.NOTED)
    for ask in (elsewhere, noted):
        response = statement_form(staff, proposal, meeting=meeting.pk, answers=ask.pk)
        assert list(errors_of(response)) == ["answers"]
    ask, china = make_statement(proposal), make_organization(side="china")
    response = statement_form(staff, proposal, meeting=meeting.pk, answers=ask.pk, organization=china.pk)
    assert response.status_code == 302


def test_only_an_answer_can_be_blanket(staff):
    meeting = make_meeting()
    response = statement_form(staff, make_proposal(), meeting=meeting.pk, stance=Stance.REQUESTED, blanket="on")
    assert list(errors_of(response)) == ["blanket"]
    assert statement_form(staff, make_proposal(), meeting=meeting.pk, blanket="on").status_code == 302


# --- deleting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["proposal", "organization", "source", "meeting", "development", "statement"])
def test_what_others_rest_on_cannot_be_deleted_and_the_page_says_why(staff, model):
    records = make_everything()
    make_statement(records["proposal"], answers=records["statement"], stance=Stance.NOTED)
    record = records["organization"].parent if model == "organization" else records[model]
    if model == "source":
        record = records["observation"].source
    url = address(model, "delete", record.pk)
    page = staff.get(url)
    assert page.context["protected"]
    assert staff.post(url, {"post": "yes"}).status_code in (200, 403)
    assert type(record).objects.filter(pk=record.pk).exists()


def test_several_developments_that_bear_on_proposals_are_not_deleted_from_the_list(staff):
    development = make_development(make_proposal())
    staff.post(
        address("development", "changelist"),
        {"action": "delete_selected", "_selected_action": [development.pk], "post": "yes"},
    )
    assert Development.objects.exists()


def test_a_development_of_nothing_can_be_deleted(staff):
    development = make_development()
    staff.post(address("development", "delete", development.pk), {"post": "yes"})
    assert not Development.objects.exists()


# --- who and what changed ------------------------------------------------------------------------------------------


def test_history_shows_the_values_before_and_after(staff):
    organization = make_organization(name="Lao Cay", name_vi="Lào Cai", side="vietnam")
    url = address("organization", "change", organization.pk)
    staff.post(url, filled(staff.get(url)) | {"name_en": "Lao Cai", "side": "china"})
    page = staff.get(address("organization", "history", organization.pk))
    newest = next(iter(page.context["page_obj"]))
    told = {change.field: (change.old, change.new) for change in newest.told}
    assert told == {"Name [en]": ("Lao Cay", "Lao Cai"), "Side": ("Vietnam", "China")}
    assert "linh" in page.content.decode()


def test_old_versions_cannot_be_written_back_past_the_rules(staff):
    change = make_proposal().status_changes.get()
    version = change.history.get()
    sent = {
        "proposal": change.proposal_id,
        "new": "completed",
        "effective_on": "2024-06-12",
        "precision": "day",
        "reason_en": "Rewritten",
        "source": change.source_id,
    }
    staff.post(f"{address('statuschange', 'history', change.pk)}{version.pk}/", sent)
    change.refresh_from_db()
    assert (change.reason_en, change.new) == ("A source says so.", Status.PROPOSED)


def test_a_review_is_signed_by_whoever_records_it(staff):
    url = address("review", "add")
    proposal = make_proposal()
    staff.post(url, filled(staff.get(url)) | {"proposal": proposal.pk, "reviewed_on": "2024-08-01"})
    assert Review.objects.get().reviewer.username == "linh"


def test_the_day_is_read_once_per_request(staff, monkeypatch):
    proposal = make_everything()["proposal"]
    asked = []
    monkeypatch.setattr("tracker.admin.base.timezone.localdate", lambda: asked.append(1) or date(2026, 1, 1))
    staff.get(address("proposal", "change", proposal.pk))
    assert asked == [1]


def test_a_meeting_to_come_is_planned_and_not_held(admin_client):
    series = make_series()
    data = {
        "name_en": "Next conference", "slug": "next", "series": series.pk, "state": "held", "basis": "stated",
        "publication": "draft", "when": "2099-05-01", "statements-TOTAL_FORMS": 0, "statements-INITIAL_FORMS": 0,
    }  # fmt: skip
    page = admin_client.post("/admin/tracker/meeting/add/", data)
    assert "a meeting to come is planned, not held" in page.content.decode()
    assert not Meeting.objects.exists()
    assert admin_client.post("/admin/tracker/meeting/add/", data | {"state": "planned"}).status_code == 302
