"""The brief: who owes what at the next meeting, numbered once, with what to say and why; and who may read the notes."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import (
    TODAY,
    make_account,
    make_change,
    make_deadline,
    make_development,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_series,
    make_source,
    make_statement,
    make_theme,
)
from tests.pages import freeze, get
from tracker.choices import Bears, MeetingState, Publication, Side, Stance, Status, Visibility
from tracker.models import Note
from tracker.staff_scales import AccountRole

pytestmark = pytest.mark.django_db
SHEET = "/brief/?counterpart=yunnan"
MET = date(2026, 1, 30)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def table():
    """Two sides that met once and will meet again on a day that nobody has set."""
    return Table()


class Table:
    def __init__(self):
        self.us = make_organization("viet-nam", kind="state")
        self.them = make_organization("yunnan", Side.CHINA)
        self.series = make_series("conference", counterpart=self.them, interval_months=12)
        self.last = make_meeting(MET, self.series, "conference-5")
        self.next = make_meeting(
            None, self.series, "conference-6", state=MeetingState.PLANNED, name_en="Sixth conference"
        )

    def asked(self, title, *, by=None, status=Status.PROPOSED, since=MET, meeting=None, **fields):
        """Make a proposal that one side asked of the other at the last meeting."""
        proposal = make_proposal(title, status=status, since=since, **fields)
        by = by or self.us
        to = self.them if by.side == Side.VIETNAM else self.us
        make_statement(proposal, meeting or self.last, organization=by, addressee=to, summary_en=f"Asked: {title}.")
        return proposal

    def answered(self, proposal, *, by=None, stance=Stance.AGREED, **fields):
        return make_statement(proposal, self.last, stance, organization=by or self.them, **fields)


def entry(page, title):
    """Give the words of the entry with this title."""
    (found,) = [item for item in page.all("tbody", "item") if item.all("a", "title")[0].text == title]
    return found.text


def titles(page, part):
    return [one.text for one in page.section(part).all("a", "title")]


def mentioned(page):
    """Give the numbers behind each of what runs across the parts."""
    lists = [one for some in page.all("ul", "brief-mentions") for one in some.all("li")]
    return {one.all("span")[0].text: one.all("strong")[0].text for one in lists}


def test_each_matter_stands_once_with_whoever_owes_it(client, table):
    table.asked("They open the gate")
    table.asked("We send students", by=table.them)
    pledged = make_proposal("They build the road", status=Status.PLEDGED, since=MET)
    table.answered(pledged, stance=Stance.PLEDGED)
    led = table.asked("We lead the fair", lead=[table.us])
    together = table.asked("Both keep the line")
    table.answered(together, by=make_organization("both", Side.JOINT), stance=Stance.AGREED_JOINTLY)
    make_proposal("Nobody at this table", since=MET, proposer=[table.us])
    page = get(client, SHEET)
    assert sorted(titles(page, "them")) == ["They build the road", "They open the gate"]
    assert sorted(titles(page, "us")) == [led.title, "We send students"]
    assert titles(page, "both") == ["Both keep the line"]
    assert [one.attrs["id"] for one in page.all("tbody", "item")] == [f"no-{number}" for number in range(1, 6)]


def test_the_head_names_the_meeting_the_last_one_and_says_when_no_day_is_set(client, table):
    table.asked("Open the gate")
    head = {one.one("dt").text: one.one("dd").text for one in get(client, SHEET).one("dl", "brief-head").all("div")}
    assert head["Meeting"] == "Sixth conference"
    assert head["Date"] == "unknown: no source sets one"
    assert head["Last meeting"] == "Meeting of 2026-01-30, 2026-01-30"
    assert head["As of"] == TODAY.isoformat()


def test_an_entry_tells_the_latest_ask_and_answer_with_speaker_day_meeting_and_source(client, table):
    old = make_meeting(date(2023, 3, 27), table.series, "conference-3")
    gate = table.asked("Open the gate", meeting=old)
    ask = make_statement(
        gate,
        table.last,
        organization=table.us,
        addressee=table.them,
        post=make_post("Le Minh Ngan", table.us),
        summary_en="Asked again.",
    )
    answer = table.answered(gate, answers=ask, summary_en="Will look into it.")
    make_development(gate, date(2026, 2, 1), sources=[ask.source])
    page = get(client, SHEET)
    words = entry(page, "Open the gate")
    assert "We: Requested 2026-01-30, Le Minh Ngan (Viet Nam): Asked again. [A, 1]" in words
    assert "They: Agreed 2026-01-30, Yunnan: Will look into it. [A, 2]" in words
    assert "Asked: Open the gate" not in words
    links = dict(page.section("sources").links())
    assert set(links) == {f"/sources/{ask.source.slug}/", f"/sources/{answer.source.slug}/"}
    assert page.section("meetings").links() == [("/meetings/conference-5/", "Meeting of 2026-01-30")]


def test_the_line_and_its_rule_stand_beside_each_matter(client, table):
    table.asked("Say nothing to us")
    overdue = table.asked("Be late")
    make_deadline(overdue, date(2026, 3, 31))
    table.answered(overdue)
    moved = table.asked("Move", status=Status.AGREED)
    table.answered(moved)
    make_development(moved, date(2026, 9, 1), summary_en="The first trucks crossed.")
    table.asked("Wait for us", by=table.them)
    page = get(client, SHEET)
    assert "Press: our ask has no answer" in entry(page, "Say nothing to us")
    assert "No answer on record." in entry(page, "Say nothing to us")
    assert "Press: they are late" in entry(page, "Be late")
    assert "Welcome: moved since we last met" in entry(page, "Move")
    assert "Step forward 2026-09-01: The first trucks crossed." in entry(page, "Move")
    assert "Since the last meeting: 1 development" in entry(page, "Move")
    assert "Settle: their ask has no answer of ours" in entry(page, "Wait for us")
    counted = mentioned(page)
    assert (counted["Overdue"], counted["No answer to our ask"], counted["No answer to their ask"]) == ("1", "1", "1")
    assert (counted["Press"], counted["Welcome"], counted["Settle"]) == ("2", "1", "1")


def test_a_step_after_our_ask_is_welcomed_and_one_before_it_is_not(client, table):
    asked_then = make_meeting(date(2026, 5, 1), make_series("talks"))
    for title, on in [("Asked before it moved", date(2026, 5, 2)), ("Asked after it moved", date(2026, 5, 1))]:
        gate = table.asked(title, meeting=asked_then)
        make_development(gate, on, summary_en="A step.")
        make_development(gate, date(2026, 9, 1), summary_en="A remark.", bears=Bears.NEITHER)
    set_back = table.asked("Moved, then set back")
    make_development(set_back, date(2026, 5, 1))
    make_development(set_back, date(2026, 6, 1), bears=Bears.SETS_BACK)
    page = get(client, SHEET)
    assert "Welcome: moved since we last met" in entry(page, "Asked before it moved")
    assert "No answer to our ask" in entry(page, "Asked before it moved")
    assert "Step forward 2026-05-02: A step." in entry(page, "Asked before it moved")
    for title in ("Asked after it moved", "Moved, then set back"):
        assert "Press: our ask has no answer" in entry(page, title)


def test_they_are_thanked_only_for_what_the_record_says_is_theirs(client, table):
    then = make_meeting(date(2026, 5, 1), make_series("talks"))
    steps = {
        "They agree": lambda one: make_statement(one, then, Stance.AGREED, organization=table.them),
        "They agree to all": lambda one: make_statement(
            one, then, Stance.AGREED, organization=table.them, blanket=True
        ),
        "They only note": lambda one: make_statement(one, then, Stance.NOTED, organization=table.them),
        "Both agree": lambda one: make_statement(
            one, then, Stance.AGREED_JOINTLY, organization=make_organization("both", Side.JOINT)
        ),
        "They tell": lambda one: make_development(
            one, date(2026, 6, 1), account_side=Side.CHINA, account_status=Status.UNDER_WAY
        ),
        "We tell": lambda one: make_development(
            one, date(2026, 6, 1), account_side=Side.VIETNAM, account_status=Status.UNDER_WAY
        ),
        "Nobody tells": lambda one: make_development(one, date(2026, 6, 1)),
    }
    for title, step in steps.items():
        step(table.asked(title))
    page = get(client, SHEET)
    thanked = [title for title in steps if "Thank: their step since we last met" in entry(page, title)]
    assert thanked == ["They agree", "They tell"]
    welcomed = [title for title in steps if "Welcome: moved since we last met" in entry(page, title)]
    assert welcomed == ["We tell", "Nobody tells"]


def test_what_only_the_staff_knows_gives_no_line(client, table):
    gate = table.asked("Open the gate")
    make_development(
        gate,
        date(2026, 6, 1),
        account_side=Side.CHINA,
        account_status=Status.UNDER_WAY,
        visibility=Visibility.INTERNAL,
        summary_en="Whispered.",
    )
    client.force_login(make_account(AccountRole.EDITOR))
    words = entry(get(client, SHEET), "Open the gate")
    assert "Whispered." in words
    assert "Press: our ask has no answer" in words


def test_what_both_sides_let_pass_is_not_blamed_on_them(client, table):
    both = make_organization("both", Side.JOINT)
    late = table.asked("Both are late")
    table.answered(late, by=both, stance=Stance.AGREED_JOINTLY)
    make_deadline(late, date(2026, 3, 31))
    asked = table.asked("Both ask")
    make_statement(asked, table.last, organization=table.them, addressee=table.us)
    page = get(client, SHEET)
    assert "Settle: both are late" in entry(page, "Both are late")
    assert "Settle: their ask has no answer of ours" in entry(page, "Both ask")
    assert "No answer to our ask" in entry(page, "Both ask")


def test_a_matter_has_the_same_number_and_references_in_every_language(client, table):
    first = table.asked("Zebra crossing", title_vi="An toàn", title_zh_hans="一")
    second = table.asked("Aardvark", title_vi="Zero", title_zh_hans="龘")
    order = {
        language: [one.attrs["href"] for one in get(client, SHEET, accept_language=language).all("a", "title")]
        for language in ("en", "vi", "zh-hans")
    }
    slugs = sorted([first.slug, second.slug])
    assert all(found == [f"/proposals/{slug}/" for slug in slugs] for found in order.values())


def test_a_source_without_a_title_is_named_by_its_address(client, table):
    gate = table.asked("Open the gate")
    addresses = {
        "https://www.vietnamplus.vn/short.vnp": "vietnamplus.vn/short.vnp",
        "https://en.example.org/news/a-very-long-address-that-on-and-on-and-says-little-post12345.html": (
            "en.example.org/…on-and-on-and-says-little-post12345.html"
        ),
        "https://cn.example.org/%E5%8C%97.html": "cn.example.org/北.html",
    }
    sources = [make_source(publisher="VNA", title="", url=url) for url in addresses]
    make_development(gate, date(2026, 9, 1), sources=sources)
    words = get(client, SHEET).section("sources").text
    for shown in addresses.values():
        assert f"VNA: {shown}" in words


def test_the_running_head_keeps_the_blank_after_its_colon(client, table):
    table.asked("Open the gate")
    # The blank after a code ends the code; the second one is the blank of the text.
    assert 'content: "Brief\\00003a  Yunnan"' in client.get(SHEET).content.decode()


def test_counts_stand_apart_from_the_numbers_and_printing_needs_a_script(client, table):
    table.asked("Open the gate")
    page = get(client, SHEET)
    assert "No answer to our ask 1 (1)" in page.all("ul", "brief-mentions")[0].text
    (button,) = [one for one in page.all("button") if one.text == "Print"]
    assert "hidden" in button.attrs


def test_what_was_closed_since_the_last_meeting_is_told_and_what_was_closed_before_is_counted(client, table):
    done = table.asked("Opened since", status=Status.AGREED)
    make_change(done, Status.COMPLETED, on=date(2026, 5, 1))
    old = make_meeting(date(2024, 1, 1), table.series)
    before = table.asked("Opened before", since=date(2024, 1, 1), meeting=old)
    make_change(before, Status.COMPLETED, on=date(2025, 1, 1))
    page = get(client, SHEET)
    assert titles(page, "closed") == ["Opened since"]
    assert "Welcome: done, or a part of it, since we last met" in entry(page, "Opened since")
    assert "Agreed → Completed (2026-05-01)" in entry(page, "Opened since")
    assert "1 matter was done or closed before the last meeting and is left out." in page.one("main").text


def test_matters_told_in_full_stand_by_theme_and_the_rest_in_a_line(client, table):
    gates, trade = make_theme("gates", position=1), make_theme("trade", position=2)
    table.asked("Trade more", theme=trade)
    table.asked("Open the gate", theme=gates)
    table.asked("Value friendship", theme=gates, nature="declaratory")
    page = get(client, SHEET)
    assert [one.text for one in page.section("them").all("tbody", "theme")] == ["Gates", "Trade", "In short"]
    assert titles(page, "them") == ["Open the gate", "Trade more", "Value friendship"]
    assert "Drop: words of intent" in entry(page, "Value friendship")
    assert "Asked: Value friendship." not in page.text


def test_the_other_side_reads_the_same_table_from_its_own_chair(client, table):
    table.asked("Open the gate")
    page = get(client, "/brief/?side=china&counterpart=viet-nam")
    assert titles(page, "us") == ["Open the gate"]
    assert "They: Requested" in entry(page, "Open the gate")


def test_a_series_without_a_meeting_announced_gives_its_next_one(client, table):
    talks = make_series("talks", counterpart=table.them, name_en="Border talks")
    make_meeting(date(2026, 1, 5), talks, "talks-1")
    table.asked("Open the gate")
    options = [one.text for one in get(client, SHEET).one("select", id="meeting").all("option")]
    assert options == ["Sixth conference", "The next meeting of: Border talks"]
    head = get(client, f"{SHEET}&meeting=next:talks").one("dl", "brief-head").text
    assert "The next meeting of: Border talks" in head
    assert "2026-01-05" in head


def test_a_meeting_alone_names_its_counterpart_and_leads_to_its_brief(client, table):
    table.asked("Open the gate")
    assert titles(get(client, "/brief/?meeting=conference-6"), "them") == ["Open the gate"]
    assert ("/brief/?meeting=conference-6", "Brief") in get(client, "/meetings/conference-6/").links()
    assert ("/brief/?counterpart=yunnan", "Brief") in get(client, "/proposals/?organization=yunnan").links()
    assert all("counterpart" not in href for href, _words in get(client, "/proposals/?organization=viet-nam").links())


def test_without_a_choice_the_counterparts_are_offered_with_what_is_open(client, table):
    table.asked("Open the gate")
    table.asked("Done long ago", status=Status.DECLINED)
    cards = [(one.all("a")[0].attrs["href"], one.text) for one in get(client, "/brief/").all("li", "card")]
    assert cards == [(SHEET, "1Yunnan 1 open matter between the two sides Sixth conference")]


def test_a_past_day_shows_what_was_on_record_then(client, table):
    gate = table.asked("Open the gate")
    make_change(gate, Status.AGREED, on=date(2026, 3, 1))
    table.asked("Asked later", since=date(2026, 4, 1), meeting=make_meeting(date(2026, 4, 1), table.series))
    page = get(client, f"{SHEET}&as_of=2026-02-15")
    assert titles(page, "them") == ["Open the gate"]
    assert "Proposed since 2026-01-30" in entry(page, "Open the gate")
    assert all("as_of=2026-02-15" in href for href, _words in page.one(css="brief").links() if href.startswith("/pro"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("counterpart=mars", "counterpart: “mars” is not known; allowed: yunnan."),
        ("counterpart=yunnan&meeting=conference-5", "meeting: “conference-5” is not known; allowed: conference-6."),
        ("meeting=conference-9", "meeting: “conference-9” is not known; allowed: conference-6."),
        ("side=joint", "side: “joint” is not known; allowed: vietnam, china."),
        ("counterpart=yunnan&public=yes", "public: “yes” is not known; allowed: 1, 0."),
        ("partner=yunnan", "“partner” is not known here; allowed: counterpart, meeting, side, public, as_of."),
    ],
)
def test_what_is_not_there_is_said_with_what_is(client, table, query, said):
    assert said in get(client, f"/brief/?{query}", 400).text
    assert client.get(f"/brief.docx?{query}").status_code == 400


@pytest.fixture
def noted(table):
    """A matter with a note and a development for each kind of reader."""
    gate = table.asked("Open the gate")
    for visibility in Visibility:
        keeper = table.us if visibility == Visibility.RESTRICTED else None
        Note.objects.create(
            proposal=gate,
            written_on=TODAY,
            text=f"A {visibility} note.",
            visibility=visibility,
            held_by=keeper,
        )
        make_development(gate, TODAY, summary_en=f"A {visibility} step.", visibility=visibility, held_by=keeper)
    return gate


def test_notes_are_shown_to_those_who_may_read_them_and_marked(client, table, noted):
    def seen(address=SHEET):
        words = get(client, address).text
        return [one for one in Visibility.values if f"A {one} note." in words and f"A {one} step." in words]

    assert seen() == ["public"]
    for role, organization, expected in [
        (AccountRole.VIEWER, table.us, ["public"]),
        (AccountRole.CONTRIBUTOR, table.them, ["public", "internal"]),
        (AccountRole.CONTRIBUTOR, table.us, ["public", "internal", "restricted"]),
        (AccountRole.EDITOR, None, ["public", "internal", "restricted"]),
    ]:
        client.force_login(make_account(role, organization))
        assert seen() == expected, role
    page = get(client, SHEET)
    marks = [one.text for one in page.one("tbody", "item").all("span", "inside-mark")]
    assert sorted(marks) == ["Internal", "Internal", "Restricted", "Restricted"]
    assert page.one("h1").text == "Internal Brief: Yunnan"
    assert seen(f"{SHEET}&public=1") == ["public"]


def test_a_draft_is_on_no_sheet(client, table):
    table.asked("Open the gate", publication=Publication.DRAFT)
    client.force_login(make_account(AccountRole.EDITOR))
    assert "Open the gate" not in get(client, SHEET).text


def test_the_method_page_gives_every_rule_with_the_offices_counts(client, settings):
    settings.TRACKER_BRIEF_DROP_DAYS, settings.TRACKER_BRIEF_DECLINED_TIMES = 777, 5
    words = get(client, "/method/").section("brief").text
    assert "nothing has moved for 777 days" in words
    assert "whether or not there was a meeting since" in words
    assert "declined at 5 meetings" in words


def test_the_number_of_queries_does_not_grow_with_the_sheet(client, table, django_assert_num_queries):
    def fill():
        for number in range(6):
            gate = table.asked(f"Open gate {number}", by=table.us if number % 2 else table.them)
            table.answered(gate, by=table.them if number % 2 else table.us)
            make_development(gate, date(2026, 9, 1), sources=[make_source(), make_source()])

    fill()
    for address, count in [(SHEET, 15), ("/brief.docx?counterpart=yunnan", 15), ("/brief/", 6)]:
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200
    fill()
    for address, count in [(SHEET, 15), ("/brief.docx?counterpart=yunnan", 15), ("/brief/", 6)]:
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200
