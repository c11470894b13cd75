"""The page of one proposal: who said what, how far it is, by what evidence, and how to cite it."""

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
    make_organization,
    make_post,
    make_proposal,
    make_review,
    make_series,
    make_source,
    make_statement,
    make_target,
)
from tests.pages import freeze, get
from tracker.choices import Basis, Bears, Grade, Nature, Precision, Publication, Side, Stance, Status, Visibility
from tracker.models import Observation, Series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def show(client):
    """Open the page of a proposal."""

    def open_page(proposal, query=""):
        return get(client, f"/proposals/{proposal.slug}/{query}")

    return open_page


def exchanges(page):
    """Give, for each exchange on the page, how it is headed and what is said in it, kind by kind."""
    return [
        (one.one("header").text, [(said.attrs["class"].split()[-1], said.text) for said in one.all("div", "said")])
        for one in page.section("said").all("li", "exchange")
    ]


def fact(page, name):
    """Give what stands beside a name under "At a glance"."""
    (found,) = [row for row in page.section("facts").all("div") if [dt for dt in row.all("dt") if dt.text == name]]
    return found.one("dd")


# --- what was said -------------------------------------------------------------------------------------------------


def test_an_ask_stands_beside_its_answer(show):
    yunnan = make_organization("yunnan", side=Side.CHINA, name="Yunnan")
    proposal, meeting = make_proposal(), make_meeting(date(2024, 6, 12), slug="talks", name_en="Talks")
    source = make_source("report", publisher="Agency", published_on=date(2024, 6, 13))
    ask = make_statement(
        proposal, meeting, Stance.REQUESTED, post=make_post("Pham Duc Toan", title_en="Vice Chairman"),
        addressee=yunnan, source=source, paragraph=9, summary_en="Asked to open it.",
    )  # fmt: skip
    make_statement(
        proposal, meeting, Stance.PLEDGED, organization=yunnan, answers=ask, source=source, paragraph=10,
        summary_en="Will open it.",
    )  # fmt: skip
    page = show(proposal)
    ((header, said),) = exchanges(page)
    assert header == "12 Jun 2024 Talks"
    assert said == [
        ("ask", "Pham Duc Toan, Vice Chairman · Requested · to Yunnan Asked to open it. Agency, 2024-06-13, ¶ 9"),
        ("answer", "Yunnan · Pledged Will open it. Agency, 2024-06-13, ¶ 10"),
    ]
    links = page.section("said").links()
    assert ("/sources/report/#p9", "Agency, 2024-06-13") in links
    assert ("/meetings/talks/", "Talks") in links
    assert "Raised at 1 meeting, answered at 1. The newest ask: Specific answer" in page.section("said").text


def test_blanket_and_joint_answers_say_what_they_are(show):
    proposal, first, second = make_proposal(), make_meeting(date(2024, 6, 12)), make_meeting(date(2025, 6, 12))
    make_statement(proposal, first, Stance.PROPOSED, summary_en="One")
    make_statement(proposal, first, Stance.AGREED, blanket=True, summary_en="Yes to all")
    make_statement(proposal, second, Stance.AGREED_JOINTLY, summary_en="Both agree")
    newer, older = exchanges(show(proposal))
    assert [kind for kind, _text in older[1]] == ["ask", "answer"]
    assert "Agreed (blanket) Yes to all" in older[1][1][1]
    assert [kind for kind, _text in newer[1]] == ["joint"]
    assert "Agreed jointly Both agree" in newer[1][0][1]


def test_silence_is_said_to_be_silence(show):
    proposal = make_proposal()
    make_statement(proposal, make_meeting(), Stance.PROPOSED)
    page = show(proposal)
    assert exchanges(page)[0][1][1] == ("none", "No answer on record")
    assert "answered at 0. The newest ask: No answer on record" in page.section("said").text


def test_words_spoken_for_a_body_name_the_body(show):
    proposal = make_proposal()
    group = make_organization(name="Working Group", side=Side.JOINT)
    make_statement(proposal, make_meeting(), Stance.AGREED_JOINTLY, organization=group)
    assert exchanges(show(proposal))[0][1][0][1].startswith("Working Group · Agreed jointly")


def test_a_meeting_known_to_the_month_is_dated_to_the_month(show):
    proposal = make_proposal(since=date(2023, 3, 31))
    month = {"first_day": date(2023, 3, 1), "precision": Precision.MONTH, "name_en": "Third"}
    make_statement(proposal, make_meeting(date(2023, 3, 31), **month), Stance.PROPOSED)
    assert exchanges(show(proposal))[0][0] == "March 2023 Third"


# --- status --------------------------------------------------------------------------------------------------------


def test_the_history_gives_each_step_with_day_reason_source_and_whom_it_waits_for(show):
    proposal = make_proposal(since=None)
    source = make_source("minutes", publisher="Portal", published_on=None)
    make_change(proposal, Status.PROPOSED, on=date(2024, 6, 12), source=source, paragraph=9, reason_en="Asked for.")
    make_change(
        proposal, Status.AGREED, on=date(2025, 3, 31), source=source, reason_en="Said yes.",
        precision=Precision.MONTH, awaiting=make_organization(name="Ministry"),
    )  # fmt: skip
    page = show(proposal)
    assert [row.text for row in page.section("history").all("li")] == [
        "Proposed → Agreed · March 2025 Said yes. Portal · Awaiting the decision of Ministry",
        "Proposed · 12 Jun 2024 Asked for. Portal, ¶ 9",
    ]
    assert ("/sources/minutes/#p9", "Portal") in page.section("history").links()
    assert [badge.text for badge in page.one("div", "lede").all("span", "badge")] == ["Agreed"]


def test_a_day_known_only_as_by_then_says_so(show):
    proposal = make_proposal()
    make_deadline(proposal, date(2024, 7, 31), stated_on=date(2024, 6, 12))
    make_change(proposal, Status.COMPLETED, on=date(2025, 3, 28), precision=Precision.NONE)
    page = show(proposal)
    assert "by 28 Mar 2025, exact date unknown" in page.section("history").text
    assert "Done, time unknown" in page.one("div", "lede").text


def test_a_replaced_proposal_names_its_successor_but_not_while_that_is_a_draft(show):
    newer = make_proposal("Newer", slug="newer")
    proposal = make_proposal(successor=newer)
    make_change(proposal, Status.SUPERSEDED, on=date(2025, 1, 1))
    assert fact(show(proposal), "Successor").links() == [("/proposals/newer/", "Newer")]
    newer.publication = Publication.DRAFT
    newer.save()
    assert "Newer" not in show(proposal).text


# --- as of ---------------------------------------------------------------------------------------------------------


def test_a_past_day_shows_only_what_was_on_record_then(show):
    proposal = make_proposal(since=date(2024, 6, 12))
    make_statement(proposal, make_meeting(date(2024, 6, 12)), summary_en="First ask")
    make_statement(proposal, make_meeting(date(2025, 6, 12)), Stance.PLEDGED, summary_en="Late answer")
    make_change(proposal, Status.PLEDGED, on=date(2025, 6, 12), reason_en="Was promised.")
    make_deadline(proposal, date(2026, 6, 12), stated_on=date(2025, 6, 12), phrase_en="next year")
    make_development(proposal, date(2025, 7, 1), summary_en="Digging began")
    make_review(proposal, date(2025, 8, 1))
    make_milestone(proposal, "Foundation stone", date(2025, 9, 1))
    make_target(proposal, 5, stated_on=date(2025, 6, 12))
    news = ["Late answer", "Was promised.", "next year", "Digging began", "1 Sep 2025", "5 billion", "1 Aug 2025"]
    now, then = show(proposal).one("main").text, show(proposal, "?as_of=2025-06-11").one("main").text
    assert [words for words in news if words not in now] == []
    assert [words for words in news if words in then] == []
    assert "Foundation stone · not on record as reached" in then
    assert "First ask" in then


def test_before_it_was_raised_and_as_a_draft_it_has_no_page(client):
    make_proposal(slug="open", since=date(2024, 6, 12))
    make_proposal(slug="secret", publication=Publication.DRAFT)
    for address in ("/proposals/open/?as_of=2024-06-11", "/proposals/secret/", "/proposals/none/"):
        get(client, address, 404)
    get(client, "/proposals/open/?as_of=2024-06-12")
    get(client, "/proposals/open/?as_of=never", 400)


def test_what_a_draft_meeting_or_a_related_draft_says_is_not_shown(show):
    proposal = make_proposal()
    hidden = make_meeting(publication=Publication.DRAFT, name_en="Hidden talks")
    make_statement(proposal, hidden, summary_en="Hidden words")
    proposal.related.add(make_proposal("Hidden twin", publication=Publication.DRAFT), make_proposal("Open twin"))
    text = show(proposal).text
    assert "Hidden" not in text
    assert "Open twin" in text


# --- evidence, facts, sources --------------------------------------------------------------------------------------


def test_developments_come_with_effect_caveat_and_source_and_internal_ones_stay_inside(show):
    proposal = make_proposal()
    make_development(
        proposal, date(2025, 9, 30), summary_en="Road closed.", note_en="One report only.", bears=Bears.SETS_BACK,
        precision=Precision.MONTH, sources=[make_source("daily", publisher="Daily")],
    )  # fmt: skip
    make_development(proposal, summary_en="Whispered.", visibility=Visibility.INTERNAL)
    page = show(proposal)
    (row,) = page.section("evidence").one("ul", "changes").all("li")
    assert row.text == "September 2025 Road closed. Sets it back Caveat: One report only. Daily, 2024-11-06"
    assert row.links() == [("/sources/daily/", "Daily, 2024-11-06")]
    assert "Whispered" not in page.text


def test_accounts_of_the_two_sides_stand_side_by_side_with_their_sources(show):
    proposal = make_proposal()
    theirs = {"account_side": Side.CHINA, "account_status": Status.PARTLY_DONE, "summary_en": "Built and in use."}
    make_development(proposal, date(2025, 12, 19), sources=[make_source(publisher="Xinhua")], **theirs)
    older = {"account_side": Side.VIETNAM, "account_status": Status.PLEDGED, "summary_en": "Soon to begin."}
    make_development(proposal, date(2025, 1, 10), **older)
    ours = {"account_side": Side.VIETNAM, "account_status": Status.UNDER_WAY, "summary_en": "Still in trial."}
    make_development(proposal, date(2025, 12, 10), sources=[make_source(publisher="VNA")], **ours)
    page = show(proposal)
    sides = [one.text for one in page.one("ul", "accounts").all("li")]
    assert sides == [
        "Vietnam Under way · 10 Dec 2025 Still in trial. VNA, 2024-11-06",
        "China Partly done · 19 Dec 2025 Built and in use. Xinhua, 2024-11-06",
    ]
    assert "Contested: the latest accounts of the two sides disagree." in page.section("evidence").text
    past = show(proposal, "?as_of=2025-06-30")
    assert [one.text for one in past.one("ul", "accounts").all("li")] == [
        "Vietnam Pledged · 10 Jan 2025 Soon to begin. Agency, 2024-11-06",
        "China No account of this side is on record.",
    ]
    assert "Contested" not in past.text


def test_where_neither_side_gives_an_account_none_is_asked_for(show):
    proposal = make_proposal()
    make_development(proposal)
    assert show(proposal).all("ul", "accounts") == []


def test_a_month_stays_a_month_on_the_page_and_in_the_register(show, client):
    proposal = make_proposal("Talk", since=date(2025, 2, 28))
    month = make_meeting(date(2025, 2, 28), first_day=date(2025, 2, 1), precision=Precision.MONTH)
    make_statement(proposal, month)
    make_development(proposal, date(2025, 3, 31), precision=Precision.MONTH)
    page = show(proposal)
    assert fact(page, "First raised").text == fact(page, "Last raised").text == "February 2025"
    (row,) = get(client, "/proposals/").one("table", "cards-on-phone").rows()
    assert (row[4], row[7]) == ("February 2025", "March 2025")


def test_the_lamp_stands_on_the_page_with_its_rule(show):
    lit = fact(show(make_proposal(since=date(2026, 11, 1))), "Lamp").text
    assert lit == "● Green: otherwise open Open, and none of the others."
    closed = make_proposal(since=date(2026, 11, 1))
    make_change(closed, Status.COMPLETED, on=date(2026, 11, 2))
    assert [dt.text for dt in show(closed).section("facts").all("dt") if dt.text == "Lamp"] == []


def test_a_review_is_shown_and_its_note_only_if_public(show):
    proposal = make_proposal()
    make_review(proposal, date(2025, 8, 1), note_en="Called a friend", visibility=Visibility.INTERNAL)
    make_review(proposal, date(2025, 9, 1), note_en="Read the gazette", visibility=Visibility.PUBLIC)
    text = show(proposal).section("evidence").text
    assert "1 Aug 2025: somebody looked and found nothing new." in text
    assert "1 Sep 2025: somebody looked and found nothing new. Read the gazette" in text
    assert "friend" not in text


def test_what_is_unknown_is_said_to_be_unknown(show):
    page = show(make_proposal())
    assert "No development is on record. That means unknown" in page.section("evidence").text
    assert fact(page, "Lead").text == "Not on record"
    assert fact(page, "Proposed by").text == "Not on record"
    assert "No source states one. No deadline" in fact(page, "Deadline").text
    assert [row.text for row in page.section("sources").all("li")] != []


def test_a_deadline_is_given_in_the_words_of_the_source_with_its_days(show):
    proposal, source = make_proposal(), make_source(publisher="Agency", published_on=None)
    make_deadline(
        proposal, date(2022, 3, 31), first_day=date(2022, 1, 1), precision=Precision.QUARTER,
        phrase_en="in the first quarter of 2022", paragraph=13, source=source,
    )  # fmt: skip
    make_deadline(proposal, None, first_day=None, precision=Precision.NONE, phrase_en="soon", basis=Basis.INFERRED)
    text = fact(show(proposal), "Deadline").text
    assert text.startswith("“in the first quarter of 2022” · 2022-Q1 Stated; Agency, ¶ 13 “soon” Inferred; Agency")
    assert "Overdue Open past the last day of the first stated deadline" in text


def test_roles_lead_to_the_register_and_a_merged_province_names_the_new_one(show):
    newer = make_organization("tuyen-quang", name="Tuyen Quang")
    older = make_organization("ha-giang", name="Ha Giang", successor=newer, succeeded_on=date(2025, 7, 1))
    proposal = make_proposal(proposer=[older])
    assert fact(show(proposal), "Proposed by").text == "Ha Giang (now Tuyen Quang)"
    past = fact(show(proposal, "?as_of=2025-06-30"), "Proposed by")
    assert past.text == "Ha Giang"
    assert past.links() == [("/proposals/?organization=ha-giang&as_of=2025-06-30", "Ha Giang")]


def test_a_commitment_kept_up_says_how_often_and_when_last(show):
    series = make_series("annual", name_en="Annual conference", interval_months=12)
    make_meeting(date(2024, 6, 12), series)
    proposal = make_proposal(nature=Nature.CONTINUING, occurrences_of=series, since=date(2021, 5, 18))
    page = show(proposal)
    assert fact(page, "Expected").text == ("every 12 months Annual conference Last occurrence on record: 12 Jun 2024")
    assert "Cycle missed" in page.one("div", "lede").text
    assert "Cycle kept" in show(proposal, "?as_of=2025-06-12").one("div", "lede").text
    assert fact(page, "Kept when").text == "The gate is open."


def test_targets_gates_notes_and_the_test_of_completion_are_shown(show):
    proposal = make_proposal(note_en="The article sets no year.")
    proposal.gates.add(make_gate("long-phu", name_en="A Pa Chai – Long Phu"))
    make_target(proposal, "5.2500", source=make_source(publisher="Agency", published_on=None), paragraph=6)
    page = show(proposal)
    figures = page.section("figures").text
    assert "5.25 billion US dollars · no figure on record to judge by no date stated" in figures
    assert "Target stated 12 Jun 2024: Agency, ¶ 6" in figures
    assert fact(page, "Border gates").links() == [("/proposals/?gate=long-phu", "A Pa Chai – Long Phu")]
    assert fact(page, "Note").text == "The article sets no year."
    assert fact(page, "Done when").text == "The gate is open."


def test_the_sources_are_listed_with_their_paragraphs_and_caveats(show):
    proposal = make_proposal(since=None)
    source = make_source("report", publisher="Agency", title="Talks held", note_en="The year is inferred.")
    make_change(proposal, Status.PLEDGED, on=date(2024, 11, 6), source=source, paragraph=9)
    make_statement(proposal, make_meeting(), source=source, paragraph=7)
    make_statement(proposal, make_meeting(), Stance.PLEDGED, source=source, paragraph=9)
    section = show(proposal).section("sources")
    assert [row.text for row in section.all("li")] == ["Agency: Talks held 2024-11-06 · ¶ 7, 9 The year is inferred."]


def test_sources_of_developments_milestones_targets_and_figures_are_listed_too(show):
    proposal = make_proposal(since=None)
    make_change(proposal, Status.PROPOSED, on=date(2024, 6, 12), source=make_source(publisher="First"))
    make_development(proposal, sources=[make_source(publisher="Second"), make_source(publisher="Third")])
    make_milestone(proposal, "Road built", date(2025, 1, 1), source=make_source(publisher="Fourth"))
    make_milestone(proposal, "Gate built", date(2026, 1, 1), source=make_source(publisher="Later"))
    target = make_target(proposal, "5", source=make_source(publisher="Fifth"))
    series = Series.objects.create(
        slug="customs", name_en="Customs", indicator=target.indicator, compiler="C", unit="US$"
    )
    make_figure(series, date(2024, 12, 31), date(2025, 1, 10), "Sixth")
    make_figure(series, date(2025, 12, 31), date(2026, 1, 10), "Not yet")
    listed = show(proposal, "?as_of=2025-06-30").section("sources").all("li")
    named = {row.text.split(":")[0] for row in listed}
    assert named == {"First", "Second", "Third", "Fourth", "Fifth", "Sixth"}


def make_figure(series, end, published, publisher):
    Observation.objects.create(
        series=series, period_start=date(end.year, 1, 1), period_end=end, value=1, published_on=published,
        source=make_source(publisher=publisher),
    )  # fmt: skip


def test_a_mirror_is_cited_but_never_linked(client):
    mirror = make_source("copy", url="https://copy.example/page", grade=Grade.MIRROR)
    proposal = make_proposal(slug="open")
    make_statement(proposal, source=mirror)
    own = make_source("own", url="https://own.example/page")
    for address in ("/proposals/open/", "/sources/copy/", "/sources/"):
        assert [href for href, _words in get(client, address).links() if "copy.example" in href] == []
    page = get(client, "/sources/copy/")
    assert "https://copy.example/page" in page.text
    assert "cited, not linked" in page.text
    assert (own.url, own.url) in get(client, "/sources/own/").links()


def test_the_citation_holds_title_status_day_and_address(show):
    proposal = make_proposal("Open the gate", slug="gate")
    cited = "Open the gate. Status: {}. As of {}. Commitment tracker. http://testserver/proposals/gate/?as_of={}"
    make_change(proposal, Status.UNDER_WAY, on=date(2025, 1, 1))
    assert show(proposal).one("figure", "citation").one("p").text == cited.format(
        "Under way", "2026-11-20", "2026-11-20"
    )
    assert show(proposal, "?as_of=2024-12-31").one("figure", "citation").one("p").text == cited.format(
        "Proposed", "2024-12-31", "2024-12-31"
    )


def test_flags_stand_with_their_rule_and_day_counts(show):
    series = make_series()
    proposal = make_proposal(since=date(2024, 6, 12))
    make_statement(proposal, make_meeting(date(2024, 6, 12), series))
    make_meeting(date(2025, 6, 12), series)
    flags = [row.text for row in show(proposal).section("facts").one("ul").all("li")]
    assert [text.split()[0] for text in flags] == ["Unanswered", "Stalled", "Unverified"]
    assert "without any development for 365 days" in flags[1]
    assert "for 180 days" in flags[2]


def test_texts_come_in_the_language_of_the_visitor(client):
    proposal = make_proposal("Open", title_vi="Mở", title_zh_hans="开通", slug="gate")
    make_statement(proposal, make_meeting(), summary_en="Asked", summary_vi="Đã hỏi")
    for language, title, said in (("vi", "Mở", "Đã hỏi"), ("zh-hans", "开通", "Asked"), ("en", "Open", "Asked")):
        page = get(client, "/proposals/gate/", **{"Accept-Language": language})
        assert (page.one("html").attrs["lang"], page.one("h1").text) == (language, title)
        assert said in page.section("said").text


def test_a_proposal_costs_the_same_whatever_was_said_about_it(client, django_assert_max_num_queries):
    proposal = make_proposal(slug="gate", proposer=[make_organization()])
    used = []
    for number in (1, 9):
        for month in range(number):
            make_statement(proposal, make_meeting(date(2024, month + 1, number)), post=make_post())
            make_development(proposal)
            make_review(proposal, date(2025, 1, 1))
            make_milestone(proposal, "Step", date(2025, 1, month + 1))
            make_deadline(proposal, date(2025, 1, month + 1))
            proposal.gates.add(make_gate())
            proposal.related.add(make_proposal())
        with django_assert_max_num_queries(20) as queries:
            get(client, "/proposals/gate/")
        used.append(len(queries))
    assert used[0] == used[1]
