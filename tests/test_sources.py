"""The sources: what rests on each, by paragraph."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_post,
    make_proposal,
    make_source,
    make_statement,
    make_target,
)
from tests.pages import freeze, get
from tracker.choices import Grade, Precision, Publication, Qualifier, Stance, Status, Visibility
from tracker.models import Milestone, Observation, Proposal, Series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def report():
    """Make a source on which two statements of one paragraph, one of another, and more rest."""
    source = make_source(
        "report", publisher="Agency", title="Talks held", published_on=date(2024, 6, 13), document="000_report.txt",
        note_en="The year is inferred.",
    )  # fmt: skip
    proposal, meeting = make_proposal("Open the gate", slug="gate", since=None), make_meeting(date(2024, 6, 12))
    make_change(proposal, Status.PROPOSED, on=date(2024, 6, 12))
    post = make_post("Pham Duc Toan")
    make_statement(proposal, meeting, source=source, paragraph=9, summary_en="First.", post=post)
    make_statement(proposal, meeting, Stance.AGREED, source=source, paragraph=9, summary_en="Second.", blanket=True)
    make_statement(proposal, make_meeting(date(2025, 1, 1)), source=source, paragraph=4, summary_en="Third.")
    make_change(proposal, Status.PLEDGED, on=date(2025, 3, 1), source=source, paragraph=11)
    make_deadline(proposal, None, first_day=None, phrase_en="soon", source=source, stated_on=date(2024, 6, 12))
    make_development(proposal, date(2025, 2, 1), sources=[source], summary_en="Works began.")
    kept = {"visibility": Visibility.RESTRICTED, "held_by": post.organization}
    make_development(proposal, sources=[source], summary_en="Whispered.", **kept)
    meeting.sources.add(source)
    return source


def test_statements_stand_by_paragraph_and_each_paragraph_has_an_anchor(report, client):
    page = get(client, "/sources/report/")
    assert page.section("statements").rows() == [
        ["4", *page.section("statements").rows()[0][1:3], "Third.", "Open the gate"],
        ["9", "Pham Duc Toan", "Requested", "First.", "Open the gate"],
        ["9", *page.section("statements").rows()[2][1:2], "Agreed blanket", "Second.", "Open the gate"],
    ]
    rows = page.section("statements").one("tbody").all("tr")
    assert [row.attrs.get("id") for row in rows] == ["p4", "p9", None]


def test_all_that_rests_on_it_is_shown(report, client):
    page = get(client, "/sources/report/")
    assert "Open the gate: Proposed → Pledged ¶ 11" in page.section("changes").text
    assert "Works began. Advances it Open the gate" in page.section("developments").text
    assert "Whispered" not in page.text
    about = page.section("about").text
    for words in ("“soon” · Open the gate", "Meeting of 2024-06-12", "000_report.txt", "The year is inferred."):
        assert words in about
    assert page.one("div", "lede").text == "Agency · 2024-06-13 · Press · English"


def test_steps_targets_figures_and_gates_that_rest_on_it_are_shown_with_their_pages(report, client):
    gate = make_gate("long-phu", name_en="Long Phu", source=report)
    proposal = Proposal.objects.get(slug="gate")
    step = make_milestone(proposal, "Road built", date(2025, 1, 31), source=report, gate=gate)
    Milestone.objects.filter(pk=step.pk).update(first_day=date(2025, 1, 1), precision=Precision.MONTH)
    target = make_target(proposal, "5.5", source=report, paragraph=6)
    series = Series.objects.create(
        slug="customs", name_en="Customs", indicator=target.indicator, compiler="C", unit="t"
    )
    Observation.objects.create(
        series=series, period_start=date(2024, 1, 1), period_end=date(2024, 12, 31), value="3.13",
        published_on=date(2025, 1, 10), source=report, qualifier=Qualifier.ABOUT, key="figure-of-2024",
    )  # fmt: skip
    page = get(client, "/sources/report/")
    assert "January 2025 Road built Open the gate · Long Phu" in page.section("milestones").text
    figures = page.section("figures")
    assert "12 Jun 2024 Target: 5.5 billion US dollars ¶ 6 · Trade" in figures.text
    assert "1 Jan 2024 – 31 Dec 2024 3.13 t About · Trade" in figures.text
    assert ("/gates/long-phu/", "Long Phu") in page.section("about").links()
    links = [href for href, _words in figures.links()]
    assert links == [f"/targets/{target.indicator.slug}/", f"/targets/{target.indicator.slug}/#figure-figure-of-2024"]
    past = get(client, "/sources/report/?as_of=2024-12-31")
    assert past.all("section", aria_labelledby="milestones") == []
    assert "3.13" not in past.text


def test_figures_and_steps_of_drafts_do_not_show(report, client):
    draft = make_proposal("Hidden", publication=Publication.DRAFT, since=date(2024, 6, 12))
    make_milestone(draft, "Hidden step", date(2025, 1, 31), source=report)
    make_target(draft, "7.7", source=report)
    page = get(client, "/sources/report/")
    assert "Hidden step" not in page.text
    assert "7.7" not in page.text


def test_a_source_on_which_nothing_rests_says_so(client):
    make_source("idle")
    assert "Nothing that is shown on this day rests on it." in get(client, "/sources/idle/").text


def test_a_past_day_shows_what_rested_on_it_then(report, client):
    page = get(client, "/sources/report/?as_of=2024-12-31")
    assert [row[0] for row in page.section("statements").rows()] == ["9", "9"]
    assert page.all("section", aria_labelledby="changes") == []
    assert page.all("section", aria_labelledby="developments") == []
    assert ("/proposals/gate/?as_of=2024-12-31", "Open the gate") in page.section("statements").links()


def test_a_source_published_later_still_carries_what_was_said_by_the_day(report, client):
    assert len(get(client, "/sources/report/?as_of=2024-06-12").section("statements").rows()) == 2
    get(client, "/sources/report/?as_of=2024-06-11", 404)


def test_a_report_made_before_its_proposal_was_raised_waits_for_it(client):
    source, early = make_source("report"), make_meeting(date(2023, 3, 28), slug="early")
    late = make_proposal("Raised later", slug="late", since=date(2024, 6, 12))
    make_statement(late, early, Stance.REPORTED, source=source)
    make_statement(late, early, Stance.PROPOSED, source=source)
    make_deadline(late, date(2025, 1, 1), source=source, stated_on=date(2023, 3, 28))
    make_development(late, date(2023, 4, 1), sources=[source])
    early.sources.add(source)
    for address in ("/sources/report/", "/meetings/early/"):
        assert "Raised later" not in get(client, f"{address}?as_of=2024-06-11").text
    assert get(client, "/meetings/?as_of=2024-06-11").all("section", "panel")[0].rows()[0][-2:] == ["0", "0"]
    assert get(client, "/sources/?as_of=2024-06-11").one("table").rows()[0][4:] == ["0", "0", "0", "0"]
    assert "Raised later" in get(client, "/sources/report/?as_of=2024-06-12").text


def test_meetings_after_the_day_are_not_named(report, client):
    make_meeting(date(2026, 1, 1), name_en="Later talks").sources.add(report)
    make_meeting(date(2024, 1, 1), name_en="Hidden talks", publication=Publication.DRAFT).sources.add(report)
    assert "Later talks" in get(client, "/sources/report/").text
    assert "Later talks" not in get(client, "/sources/report/?as_of=2025-12-31").text
    assert "Hidden talks" not in get(client, "/sources/report/").text


def test_drafts_do_not_show(report, client):
    draft = make_proposal("Hidden thing", publication=Publication.DRAFT, since=date(2024, 6, 12))
    make_statement(draft, make_meeting(date(2024, 6, 12)), source=report, summary_en="Hidden words.")
    make_change(draft, Status.PLEDGED, on=date(2024, 7, 1), source=report)
    make_deadline(draft, date(2025, 1, 1), source=report)
    make_development(draft, sources=[report])
    assert "Hidden" not in get(client, "/sources/report/").text
    rows = {row[0]: row[4:] for row in get(client, "/sources/").one("table").rows()}
    assert rows["Talks held"] == ["3", "1", "1", "0"]


def test_the_list_counts_what_rests_on_each_by_the_day(report, client):
    make_source("portal", publisher="Portal", title="", published_on=date(2021, 5, 31), precision=Precision.MONTH)
    rows = get(client, "/sources/").one("table").rows()
    assert ["Talks held", "Agency", "2024-06-13", "Press", "3", "1", "1", "0"] in rows
    assert ["Portal", "Portal", "2021-05", "Press", "0", "0", "0", "0"] in rows
    past = {row[0]: row[4:] for row in get(client, "/sources/?as_of=2024-12-31").one("table").rows()}
    assert past["Talks held"] == ["2", "0", "0", "0"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=bao+dien+bien", ["Báo Điện Biên"]),
        ("?q=000_", ["Talks held"]),
        ("?q=nothing", []),
        ("?grade=official", ["Báo Điện Biên"]),
        ("?grade=official&grade=press&q=talks", ["Talks held"]),
    ],
)
def test_the_list_can_be_searched_and_filtered(client, query, expected):
    make_source(publisher="Agency", title="Talks held", document="000_report.txt")
    make_source(publisher="Portal", title="Báo Điện Biên", grade=Grade.OFFICIAL)
    page = get(client, f"/sources/{query}")
    assert [row[0] for table in page.all("table") for row in table.rows()] == expected


def test_wrong_requests_are_said_so(report, client):
    said = get(client, "/sources/?grade=secret", 400).one(role="alert").text
    assert "“secret” is not known here. Allowed: official, press, aggregator, mirror." in said
    get(client, "/sources/?as_of=2027-01-01", 400)
    get(client, "/sources/report/?as_of=x", 400)
    get(client, "/sources/none/", 404)


def test_a_source_and_the_list_cost_the_same_whatever_rests_on_them(client, django_assert_max_num_queries):
    source = make_source("report")
    used = []
    for number in (1, 15):
        for _one in range(number):
            proposal = make_proposal(since=None)
            make_change(proposal, Status.PROPOSED, on=date(2024, 6, 12), source=source)
            make_statement(proposal, make_meeting(), source=source, post=make_post())
            make_deadline(proposal, date(2025, 1, 1), source=source)
            make_development(proposal, sources=[source])
            make_source()
        with django_assert_max_num_queries(13) as queries:
            get(client, "/sources/report/")
            get(client, "/sources/")
        used.append(len(queries))
    assert used[0] == used[1]
