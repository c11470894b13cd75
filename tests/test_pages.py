"""What all pages have in common: the day, the languages, drafts nowhere, no dead link, the method and the data."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_organization,
    make_post,
    make_proposal,
    make_review,
    make_source,
    make_statement,
    make_target,
    make_theme,
)
from tests.pages import crawl, csv_text, freeze, get
from tracker import choices
from tracker.choices import Publication, Stance, Status, Visibility
from tracker.downloads import TABLES

pytestmark = pytest.mark.django_db

LISTS = ("/", "/proposals/", "/meetings/", "/sources/", "/method/", "/data/")
TABLE_NAMES = ("proposals", "statements", "status-changes", "meetings", "sources", "organizations", "observations")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


# --- drafts --------------------------------------------------------------------------------------------------------


@pytest.fixture
def secrets():
    """Make one open proposal, and around it whatever viewers may not see, each with the word Geheim in it."""
    proposal, source = make_proposal("Open", slug="open", theme=make_theme("gates")), make_source("report")
    make_statement(proposal, make_meeting(slug="talks"), source=source)
    draft = make_proposal("Geheim thing", slug="geheim-thing", publication=Publication.DRAFT, theme=proposal.theme)
    make_change(draft, Status.PLEDGED, on=date(2025, 1, 1), source=source, reason_en="Geheim reason")
    make_statement(draft, proposal.statements.get().meeting, source=source, summary_en="Geheim words")
    make_deadline(draft, date(2025, 1, 1), phrase_en="Geheim deadline", source=source)
    make_development(draft, sources=[source], summary_en="Geheim works")
    make_milestone(draft, "Geheim step", date(2025, 1, 1))
    make_target(draft, 5, source=source)
    proposal.related.add(draft)
    talks = make_meeting(slug="geheim-talks", name_en="Geheim talks", publication=Publication.DRAFT)
    talks.sources.add(source)
    make_statement(proposal, talks, Stance.PLEDGED, source=source, summary_en="Geheim pledge")
    make_development(proposal, sources=[source], summary_en="Geheim news", visibility=Visibility.INTERNAL)
    make_review(proposal, date(2025, 1, 1), note_en="Geheim note")


def test_nothing_that_viewers_may_not_see_is_on_any_page_or_in_any_table(secrets, client):
    starts = [*LISTS, *(f"/{name}.csv{query}" for name in TABLE_NAMES for query in ("", "?excel=1"))]
    pages = crawl(client, starts, lambda address: not address.startswith("/proposals/?"))
    assert {"/proposals/open/", "/meetings/talks/", "/sources/report/"} < pages.keys()
    shown = {address: page if isinstance(page, str) else page.text for address, page in pages.items()}
    assert [address for address, text in shown.items() if "geheim" in (address + text).lower()] == []


@pytest.mark.parametrize("page", ["/proposals/", "/meetings/", "/sources/"])
def test_no_search_finds_what_viewers_may_not_see(secrets, client, page):
    assert "/geheim" not in " ".join(
        href for href, _words in get(client, f"{page}?q=geheim").links() if "?" not in href
    )
    assert not get(client, f"{page}?q=geheim").all("tbody")


def test_no_count_includes_what_viewers_may_not_see(secrets, client):
    assert get(client, "/").all(css="figure")[0].text == "1"
    for name, rows in (("proposals", 1), ("statements", 1), ("status-changes", 1), ("meetings", 1)):
        assert len(list(csv.reader(csv_text(client, f"/{name}.csv").splitlines()))) == rows + 1
    register = get(client, "/proposals/")
    assert register.id("count-theme-gates").text == "1"
    assert register.id("count-answer-specific").text == "0"


def test_a_filter_does_not_even_know_a_draft_meeting(secrets, client):
    known = get(client, "/proposals/?meeting=geheim-talks", 400).one(role="alert").text
    unknown = get(client, "/proposals/?meeting=no-such-talks", 400).one(role="alert").text
    assert known == unknown.replace("no-such-talks", "geheim-talks")


# --- the day -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*LISTS, *(f"/{name}.csv" for name in TABLE_NAMES)])
@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-21", "is in the future; allowed: days up to 2026-11-20."),
        ("someday", "“someday” is not a day; allowed: a date such as 2024-11-06."),
        ("2024-13-01", "“2024-13-01” is not a day"),
    ],
)
def test_a_day_that_is_none_is_said_so_everywhere(client, page, day, said):
    response = client.get(f"{page}?as_of={day}")
    assert response.status_code == 400
    assert said in response.content.decode()


@pytest.mark.parametrize("page", LISTS)
def test_today_and_an_empty_day_are_the_present(client, page):
    for query in ("", "?as_of=", "?as_of=2026-11-20"):
        shown = get(client, page + query).one(css="as-of")
        assert "past" not in shown.attrs["class"].split()
        assert shown.one("input", type="date").attrs["value"] == "2026-11-20"


@pytest.mark.parametrize("page", LISTS)
def test_the_navigation_keeps_a_past_day(client, page):
    read = get(client, f"{page}?as_of=2025-01-01")
    banner = [href for href, _words in read.one("header", "banner").links()]
    assert [href for href in banner if not href.endswith("?as_of=2025-01-01")] == []
    assert read.one(css="past").one("input", type="date").attrs["value"] == "2025-01-01"


# --- languages, forms, headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "heading"), [("vi", "Đề xuất"), ("zh-hans", "提议")])
def test_pages_speak_the_language_of_the_visitor(client, language, heading):
    page = get(client, "/proposals/", **{"Accept-Language": language})
    assert page.one("html").attrs["lang"] == language
    assert page.one("h1").text != "Proposals"
    assert page.one("h1").text


def test_the_language_can_be_chosen_and_lasts(client):
    answer = client.post("/language/setlang/", {"language": "vi", "next": "/proposals/?q=x"})
    assert (answer.status_code, answer.url) == (302, "/proposals/?q=x")
    assert get(client, "/").one("html").attrs["lang"] == "vi"


@pytest.mark.parametrize("page", LISTS)
def test_a_page_holds_no_inline_script_and_needs_no_other_host(client, page):
    response = client.get(page)
    read = get(client, page)
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert [
        node for node in read.all("script") if "src" not in node.attrs and node.attrs["type"] != "application/json"
    ] == []
    loaded = [
        node.attrs.get("src") or node.attrs.get("href") for tag in ("script", "link", "img") for node in read.all(tag)
    ]
    assert [address for address in loaded if address and "//" in address] == []


@pytest.mark.parametrize("page", LISTS)
def test_ids_stand_once_and_labels_name_a_field(client, page):
    read = get(client, page)
    ids = [node.attrs["id"] for node in read.all() if "id" in node.attrs]
    assert sorted(ids) == sorted(set(ids))
    named = {node.attrs[name] for node in read.all() for name in ("for", "aria-labelledby") if name in node.attrs}
    assert named - set(ids) == set()


def test_an_unknown_address_has_a_page_of_its_own(client):
    assert get(client, "/nothing/", 404).one("h1").text
    get(client, "/nothing.csv", 404)


def test_the_colours_of_the_scales_are_a_style_sheet(client):
    response = client.get("/scale.css")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert ".status-under_way" in response.content.decode()


# --- method --------------------------------------------------------------------------------------------------------

RULED = (choices.Status, choices.Nature, choices.AnswerKind, choices.Schedule, choices.Flag, choices.Lack)


@pytest.mark.parametrize("scale", RULED, ids=lambda scale: scale.__name__)
def test_the_method_gives_every_value_of_a_scale_with_its_rule(client, scale):
    page = get(client, "/method/")
    codes = [code.text for code in page.all("code")]
    days = {"due_soon_days": 60, "stalled_days": 365, "unverified_days": 180}
    for value in scale:
        assert value.value in codes
        assert str(value.label) in page.text
        assert str(value.rule).format(**days) in page.text


@pytest.mark.parametrize("scale", [choices.Stance, choices.Precision, choices.Grade], ids=lambda scale: scale.__name__)
def test_the_method_names_every_stance_precision_and_strength(client, scale):
    page = get(client, "/method/")
    codes = [code.text for code in page.all("code")]
    assert [value for value in scale if value.value not in codes or str(value.label) not in page.text] == []


def test_the_method_says_the_day_counts_that_the_office_has_set(client, settings):
    settings.TRACKER_STALLED_DAYS = 999
    assert "for 999 days" in get(client, "/method/").section("flags").text


# --- data ----------------------------------------------------------------------------------------------------------


def test_the_data_page_lists_the_tables_that_there_are(client):
    assert set(TABLE_NAMES) == set(TABLES)


def test_every_kind_of_record_may_be_missing(client):
    for page in LISTS:
        get(client, page)
    make_gate()
    make_post()
    make_organization()
    for page in LISTS:
        get(client, page)
