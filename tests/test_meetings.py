"""The meetings: each with its asks, how they were answered there, and where they stand now."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import (
    make_change,
    make_development,
    make_meeting,
    make_organization,
    make_proposal,
    make_series,
    make_source,
    make_statement,
)
from tests.pages import found, freeze, get
from tracker.choices import Basis, MeetingState, Precision, Publication, Side, Stance, Status
from tracker.models import Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def names(page):
    return [row[0] for panel in page.all("section", "panel") for row in panel.rows()]


def figures(page):
    return {row.one("dt").text: row.one("dd").text for row in page.one("dl", "key-figures").all("div")}


def heading(row):
    """Give the title of an exchange and the words of its badges: the kind of answer, the status."""
    header = row.one("header")
    return [header.all("a")[0].text, *(badge.text for badge in header.all(css="badge"))]


@pytest.fixture
def talks():
    """Make a meeting at which three things were asked, two answered, and one agreed unasked."""
    asker, asked = (
        make_organization("dien-bien", name="Dien Bien"),
        make_organization("yunnan", side=Side.CHINA, name="Yunnan"),
    )
    meeting = make_meeting(date(2024, 6, 12), slug="talks", name_en="Talks")
    said = {"meeting": meeting, "organization": asker, "addressee": asked}
    gate = make_proposal("Open the gate", slug="gate")
    ask = make_statement(gate, stance=Stance.REQUESTED, paragraph=9, summary_en="Asked for it.", **said)
    make_statement(
        gate, meeting, Stance.PLEDGED, organization=asked, answers=ask, paragraph=10, summary_en="Will do it."
    )
    make_change(gate, Status.UNDER_WAY, on=date(2025, 3, 1))
    trade = make_proposal("Raise trade", slug="trade")
    make_statement(trade, stance=Stance.PROPOSED, paragraph=6, **said)
    make_statement(trade, meeting, Stance.AGREED, blanket=True, organization=asked, paragraph=11, summary_en="Yes.")
    school = make_proposal("Give scholarships", slug="school")
    make_statement(school, stance=Stance.PROPOSED, paragraph=12, **said)
    tourism = make_proposal("Promote tourism", slug="tourism", status=Status.PLEDGED)
    make_statement(tourism, meeting, Stance.AGREED_JOINTLY, paragraph=7, summary_en="Both agree.")
    draft = make_proposal("Hidden", publication=Publication.DRAFT)
    make_statement(draft, stance=Stance.PROPOSED, paragraph=13, **said)
    return meeting


# --- one meeting ---------------------------------------------------------------------------------------------------


def test_every_ask_stands_with_its_answer_and_todays_status(talks, client):
    page = get(client, "/meetings/talks/")
    rows = page.section("asks").one("ol").all("li", "exchange")
    assert [heading(row) for row in rows] == [
        ["Raise trade", "Blanket answer", "Proposed"],
        ["Open the gate", "Specific answer", "Under way"],
        ["Give scholarships", "No answer on record", "Proposed"],
    ]
    assert [said.attrs["class"] for said in rows[1].all("div", "said")] == ["said ask", "said answer"]
    assert "Dien Bien · Requested · to Yunnan Asked for it." in rows[1].text
    assert "Yunnan · Pledged Will do it." in rows[1].text
    assert "Yunnan · Agreed (blanket) Yes." in rows[0].text
    assert rows[2].one("div", "none").text == "No answer on record"


def test_every_ask_says_when_something_last_happened_and_how_much_is_unknown(talks, client):
    known = Proposal.objects.filter(statements__meeting=talks).order_by("id").first()
    make_development(known, date(2024, 9, 30), precision=Precision.MONTH)
    page = get(client, "/meetings/talks/?as_of=2025-03-01")
    said = [one.text for one in page.all("li", "exchange")]
    assert any("last evidence September 2024" in words for words in said)
    assert any("no development on record" in words for words in said)
    ((href, unknown),) = [link for link in page.links() if "flag=unverified" in link[0]]
    assert found(get(client, href)) == int(unknown)


def test_the_answers_of_another_meeting_are_not_answers_of_this_one(talks, client):
    school = talks.statements.get(paragraph=12).proposal
    make_statement(school, make_meeting(date(2025, 6, 12)), Stance.PLEDGED)
    asked = get(client, "/meetings/talks/").section("asks").all("li", "exchange")
    assert heading(asked[2])[:2] == ["Give scholarships", "No answer on record"]


def test_what_was_agreed_unasked_stands_apart(talks, client):
    section = get(client, "/meetings/talks/").section("others")
    assert [heading(row) for row in section.all("li", "exchange")] == [["Promote tourism", "Pledged"]]
    assert "Agreed jointly Both agree." in section.text


def test_the_figures_of_a_meeting_count_what_stands_on_its_page(talks, client):
    assert figures(get(client, "/meetings/talks/")) == {
        "Asks": "3",
        "Answered there": "2 of 3",
        "Said without being asked": "1",
    }


def test_the_table_beside_the_chart_says_the_same(talks, client):
    assert get(client, "/meetings/talks/").id("answer-matrix").rows() == [
        ["Raise trade", "Dien Bien", "Proposed", "Blanket answer", "Agreed", "Proposed"],
        ["Open the gate", "Dien Bien", "Requested", "Specific answer", "Pledged", "Under way"],
        ["Give scholarships", "Dien Bien", "Proposed", "No answer on record", "", "Proposed"],
    ]


def test_a_past_day_shows_the_status_of_then(talks, client):
    page = get(client, "/meetings/talks/?as_of=2025-02-28")
    assert heading(page.section("asks").all("li", "exchange")[1]) == ["Open the gate", "Specific answer", "Proposed"]
    assert ("/proposals/gate/?as_of=2025-02-28", "Open the gate") in page.section("asks").links()
    get(client, "/meetings/talks/?as_of=2024-06-11", 404)


def test_drafts_are_not_there(talks, client):
    make_meeting(slug="secret", publication=Publication.DRAFT, name_en="Secret")
    assert "Hidden" not in get(client, "/meetings/talks/").text
    get(client, "/meetings/secret/", 404)
    assert "Secret" not in get(client, "/meetings/").text


def test_its_statements_can_be_taken_away(talks, client):
    hrefs = {words: href for href, words in get(client, "/meetings/talks/?as_of=2025-01-01").links()}
    assert hrefs["Statements as CSV"] == "/statements.csv?meeting=talks&as_of=2025-01-01"


def neighbours(client, slug, query=""):
    rows = get(client, f"/meetings/{slug}/{query}").section("about").all("div")
    return {row.one("dt").text: row.one("dd").text for row in rows if "it" in row.one("dt").text.split()}


def test_neighbours_are_those_of_the_series_before_and_after(client):
    series = make_series()
    for year in (2023, 2024, 2026):
        make_meeting(date(year, 6, 12), series, slug=f"of-{year}", name_en=f"Of {year}")
    make_meeting(date(2025, 6, 12), series, name_en="Hidden", publication=Publication.DRAFT)
    make_meeting(date(2025, 7, 12), name_en="Of another series")
    assert neighbours(client, "of-2023") == {"After it": "Of 2024"}
    assert neighbours(client, "of-2024") == {"Before it": "Of 2023", "After it": "Of 2026"}
    assert neighbours(client, "of-2024", "?as_of=2026-06-11") == {"Before it": "Of 2023"}


def test_of_two_meetings_on_one_day_one_is_before_and_the_other_after(client):
    series = make_series()
    for slug in ("morning", "evening"):
        make_meeting(date(2023, 3, 28), series, slug=slug, name_en=slug)
    assert neighbours(client, "morning") == {"After it": "evening"}
    assert neighbours(client, "evening") == {"Before it": "morning"}


def test_an_inferred_date_says_what_it_rests_on(client):
    series = make_series(name_en="Annual", slug="annual")
    make_meeting(
        date(2023, 3, 31), series, slug="third", number=3, first_day=date(2023, 3, 1), precision=Precision.MONTH,
        basis=Basis.INFERRED, date_note_en="From the reception.", place_en="Kunming", note_en="A note.",
    )  # fmt: skip
    page = get(client, "/meetings/third/")
    assert page.one("div", "lede").text == "March 2023 · Kunming · Held"
    about = page.section("about").text
    for words in ("Annual No. 3", "March 2023 Inferred From the reception.", "A note."):
        assert words in about
    assert ("/meetings/#annual", "Annual") in page.section("about").links()


def test_sources_published_later_are_reached_from_the_day_of_the_meeting(client):
    meeting = make_meeting(date(2024, 11, 6), slug="talks")
    source = make_source("report", published_on=date(2024, 11, 7))
    meeting.sources.add(source)
    links = get(client, "/meetings/talks/?as_of=2024-11-06").section("sources").links()
    assert [href for href, _words in links] == ["/sources/report/?as_of=2024-11-06"]
    get(client, links[0][0])


def test_a_meeting_costs_the_same_whatever_was_said(client, django_assert_max_num_queries):
    meeting = make_meeting(slug="talks")
    used = []
    for number in (1, 20):
        for _one in range(number):
            proposal = make_proposal()
            make_statement(proposal, meeting)
            make_statement(proposal, meeting, Stance.AGREED)
        with django_assert_max_num_queries(15) as queries:
            get(client, "/meetings/talks/")
        used.append(len(queries))
    assert used[0] == used[1]


# --- the list ------------------------------------------------------------------------------------------------------


def test_meetings_are_listed_by_series_with_their_counts(talks, client):
    talks.series.interval_months, talks.series.note_en = 12, "Called annual."
    talks.series.save()
    make_meeting(date(2025, 6, 12), talks.series, slug="next", name_en="Next", state=MeetingState.NOT_ON_RECORD)
    page = get(client, "/meetings/")
    (panel,) = page.all("section", "panel")
    words = panel.one("p").text
    assert words.startswith("Expected every 12 months. Cycles kept: 0; missed: 1.")
    assert words.endswith("Called annual.")
    assert panel.rows() == [
        ["Next", "12 Jun 2025", "–", "Not on record", "0", "0"],
        ["Talks", "12 Jun 2024", "–", "Held", "3", "2"],
    ]
    assert names(get(client, "/meetings/?as_of=2025-06-11")) == ["Talks"]
    assert names(get(client, "/meetings/?as_of=2024-06-11")) == []


def test_a_series_of_which_no_source_says_how_often_says_so(client):
    make_meeting()
    assert "No source states how often it meets." in get(client, "/meetings/").text


@pytest.fixture
def three():
    province = make_organization("lao-cai", name="Lao Cai", short_name_zh_hans="老街")
    committee = make_organization("committee", parent=province)
    series = make_series("annual")
    for slug, name, who in (("one", "Hội nghị Lào Cai", [province, committee]), ("two", "Talks", [committee])):
        make_meeting(date(2024, 6, 12), series, slug=slug, name_en=name).organizations.set(who)
    make_meeting(date(2024, 6, 13), make_series("other"), slug="three", name_en="Dinner")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Hội nghị Lào Cai", "Talks", "Dinner"]),
        ("?q=HOI+nghi", ["Hội nghị Lào Cai"]),
        ("?q=lào", ["Hội nghị Lào Cai"]),
        ("?q=nothing", []),
        ("?organization=lao-cai", ["Hội nghị Lào Cai", "Talks"]),
        ("?organization=committee&q=talks", ["Talks"]),
        ("?organization=", ["Hội nghị Lào Cai", "Talks", "Dinner"]),
        ("?series=annual", ["Hội nghị Lào Cai", "Talks"]),
        ("?series=annual&series=other", ["Hội nghị Lào Cai", "Talks", "Dinner"]),
    ],
)
def test_the_list_can_be_searched_and_filtered(three, client, query, expected):
    assert names(get(client, f"/meetings/{query}")) == expected


@pytest.mark.parametrize("query", ["series=none", "organization=atlantis", "series=annual&series=none"])
def test_unknown_values_are_said_so(three, client, query):
    page = get(client, f"/meetings/?{query}", 400)
    assert f"“{query.split('=')[-1]}” is not known here." in page.one(role="alert").text
    assert names(page) == []


def test_a_bad_day_is_said_so(client):
    for address in ("/meetings/?as_of=soon", "/meetings/any/?as_of=soon"):
        assert "“soon” is not a day" in get(client, address, 400).text


def test_a_meeting_planned_for_a_later_day_is_listed_as_planned(client):
    make_meeting(date(2027, 3, 1), slug="next", name_en="Next conference", state=MeetingState.PLANNED)
    page = get(client, "/meetings/")
    assert "Next conference" in names(page)
    assert get(client, "/meetings/next/").one("h1").text == "Next conference"
