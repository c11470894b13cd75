"""The front page: every number on it is the number of rows that its link leads to."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_meeting,
    make_organization,
    make_proposal,
    make_series,
    make_statement,
    make_theme,
)
from tests.pages import found, freeze, get, numbers, slugs
from tracker.choices import MeetingState, Nature, OrganizationKind, Publication, Side, Stance, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def figures(page):
    """Give n, N and the share of each key figure, with its caption."""
    read = {}
    for card in page.all("li", "card")[1:]:
        share = card.all("span", "muted")[0].text.replace(" ", "")
        read[card.one(css="caption").text] = (card.one(css="figure").text, card.one("small").text, share)
    return read


# --- a few proposals of our own ------------------------------------------------------------------------------------


@pytest.fixture
def sides():
    vietnam = make_organization("viet-nam", name="Vietnam", kind=OrganizationKind.STATE)
    china = make_organization("china", name="China", side=Side.CHINA, kind=OrganizationKind.STATE)
    yunnan = make_organization("yunnan", name="Yunnan", side=Side.CHINA, parent=china)
    return {
        "vietnam": vietnam,
        "government": make_organization("government", parent=vietnam, kind=OrganizationKind.GOVERNMENT),
        "yunnan": yunnan,
        "committee": make_organization("committee", side=Side.CHINA, parent=yunnan),
    }


@pytest.fixture
def few(sides):
    """Make seven proposals: late, done late, done on time, promised unasked, declaratory, replaced, and a draft."""
    meeting = make_meeting(date(2025, 1, 10), slug="talks", name_en="Talks")
    both = {"proposer": [sides["government"]], "addressee": [sides["committee"]]}
    asked = {"organization": sides["government"], "addressee": sides["committee"]}
    gates = make_theme("gates")
    late = make_proposal("Late", slug="late", theme=gates, since=date(2025, 1, 10), **both)
    make_deadline(late, date(2025, 6, 30))
    make_statement(late, meeting, Stance.REQUESTED, **asked)
    for slug, done in (("on-time", date(2025, 6, 1)), ("done-late", date(2025, 7, 1))):
        one = make_proposal(slug, slug=slug, since=date(2025, 1, 10), **both)
        make_statement(one, meeting, Stance.REQUESTED, **asked)
        make_statement(one, meeting, Stance.AGREED, blanket=True)
        make_deadline(one, date(2025, 6, 30))
        make_change(one, Status.COMPLETED, on=done)
    unasked = make_proposal(
        "Unasked", slug="unasked", status=Status.PLEDGED, since=date(2026, 11, 1),
        proposer=[sides["government"]], addressee=[sides["yunnan"]],
    )  # fmt: skip
    make_statement(unasked, make_meeting(date(2026, 11, 1), slug="later"), Stance.PLEDGED)
    words = make_proposal("Words", slug="words", nature=Nature.DECLARATORY, since=date(2025, 1, 10), **both)
    make_statement(words, meeting, Stance.REQUESTED, **asked)
    old = make_proposal("Old", slug="old", since=date(2025, 1, 10), successor=late)
    make_change(old, Status.SUPERSEDED, on=date(2025, 2, 1))
    draft = make_proposal("Draft", theme=gates, since=date(2025, 1, 10), publication=Publication.DRAFT, **both)
    make_statement(draft, meeting, Stance.REQUESTED, **asked)


def test_key_figures_say_n_of_all_that_they_count(few, client):
    page = get(client, "/")
    assert page.all("li", "card")[0].one(css="figure").text == "6"
    assert figures(page) == {
        "asks with an answer on record": ("2", "of 3", "67%"),
        "completed": ("2", "of 4", "50%"),
        "done on time": ("1", "of 3", "33%"),
        "open, unverified for 180 days": ("1", "of 2", "50%"),
    }


def test_where_there_is_nothing_to_count_a_dash_stands_and_no_share(client):
    page = get(client, "/")
    assert {share for _n, _of, share in figures(page).values()} == {"–"}
    assert "%" not in page.one("ul", "cards").text
    for words in (
        "No target with a figure had been raised.",
        "Nothing that is open has a date in this time.",
        "Nothing that is open is past its date.",
        "Nothing is on record yet.",
        "Everything that was asked has an answer on record.",
        "No meeting had been held.",
        "No status has changed since it was first set.",
    ):
        assert words in page.text


def test_every_number_leads_to_as_many_rows(few, client):
    pairs = numbers(get(client, "/"))
    assert len(pairs) > 30
    assert {href: found(get(client, href)) for href, _number in pairs} == dict(pairs)


def test_a_past_day_shows_its_own_numbers(few, client):
    page = get(client, "/?as_of=2025-06-15")
    assert figures(page)["completed"] == ("1", "of 3", "33%")
    assert figures(page)["done on time"] == ("1", "of 1", "100%")
    pairs = numbers(page)
    assert all("as_of" in parse_qs(urlsplit(href).query) for href, _number in pairs)
    assert {href: found(get(client, href)) for href, _number in pairs} == dict(pairs)
    assert figures(get(client, "/?as_of=2025-01-09"))["completed"] == ("0", "of 0", "–")


def test_the_status_card_counts_every_status_that_some_have_and_every_open_one(few, client):
    badges = [words for _href, words in get(client, "/").all("li", "card")[0].links()[1:]]
    assert badges == [
        "Proposed 2",
        "Agreed 0",
        "Pledged 1",
        "Under way 0",
        "Partly done 0",
        "Completed 2",
        "Superseded 1",
    ]


def test_what_is_late_or_due_comes_with_its_words_and_day(few, client):
    section = get(client, "/").section("soon")
    assert [words for _href, words in section.links()] == ["Late now (1)", "Late"]
    assert "30 Jun 2025 Late Overdue by 2025-06-30" in section.text
    assert "30 Jun 2025 Late Due soon by 2025-06-30" in get(client, "/?as_of=2025-05-01").section("soon").text


def test_what_has_no_answer_is_listed_and_counted(few, client):
    section = get(client, "/").section("unanswered")
    assert section.links() == [
        ("/proposals/?without=answer", "Asked, no answer on record (2)"),
        ("/proposals/late/", "Late"),
        ("/proposals/words/", "Words"),
    ]


def test_what_has_waited_longest_comes_first_and_a_long_list_is_cut_with_a_way_to_the_rest(client):
    for month in range(1, 8):
        meeting = make_meeting(date(2025, month, 10))
        make_statement(make_proposal(f"Of month {month}", since=date(2025, month, 10)), meeting)
    links = get(client, "/").section("unanswered").links()
    assert [words for _href, words in links[1:]] == [
        *(f"Of month {month}" for month in range(1, 7)),
        "Show all of them",
    ]
    assert found(get(client, links[-1][0])) == 7


def test_moves_are_changes_after_the_first_newest_first(few, client):
    moves = [row.text for row in get(client, "/").section("moves").all("li")]
    assert moves == [
        "1 Jul 2025 done-late Proposed → Completed",
        "1 Jun 2025 on-time Proposed → Completed",
        "1 Feb 2025 Old Proposed → Superseded",
    ]
    assert len(get(client, "/?as_of=2025-06-30").section("moves").all("li")) == 2


def test_the_latest_meetings_held_are_listed_with_their_asks(few, client):
    series = make_series()
    make_meeting(date(2026, 1, 1), series, state=MeetingState.NOT_ON_RECORD, name_en="Not known")
    make_meeting(date(2026, 1, 2), series, publication=Publication.DRAFT, name_en="Hidden")
    unasked, talks = (row.text for row in get(client, "/").section("meetings").all("li"))
    assert unasked.startswith("1 Nov 2026 Meeting of 2026-11-01")
    assert talks == "10 Jan 2025 Talks 4 asks, 2 answered"


def test_who_asked_whom_is_counted_between_the_states_and_the_provinces(few, client):
    table = get(client, "/").id("asks-and-answers").one("table")
    heads = [cell.text for cell in table.one("thead").all("th")]
    (row,) = table.rows()
    assert dict(zip(heads, row, strict=True)) == {
        "Who asked whom": "Vietnam → Yunnan",
        "Blanket answer": "2",
        "No answer on record": "2",
        "Proposed": "2",
        "Completed": "2",
    }


def test_what_was_promised_unasked_is_not_among_the_rows_behind_an_exchange(few, sides, client):
    asked = {"organization": sides["government"], "addressee": sides["yunnan"]}
    make_statement(make_proposal("Asked", slug="asked", status=Status.PLEDGED), stance=Stance.PROPOSED, **asked)
    page = get(client, "/")
    (href,) = [href for href, _words in page.links() if "asked_of=yunnan" in href and "status=pledged" in href]
    assert slugs(get(client, href)) == ["asked"]


def test_status_over_time_is_rebuilt_day_by_day(few, client):
    table = get(client, "/").id("status-over-time").one("table")
    assert [cell.text for cell in table.one("thead").all("th")] == [
        "Day", "Proposed", "Pledged", "Completed", "Superseded", "All",
    ]  # fmt: skip
    assert [[cell if cell != "–" else "0" for cell in row] for row in table.rows()] == [
        ["2026-11-20", "2", "1", "2", "1", "6"],
        ["2026-11-01", "2", "1", "2", "1", "6"],
        ["2025-07-01", "2", "0", "2", "1", "5"],
        ["2025-06-01", "3", "0", "1", "1", "5"],
        ["2025-02-01", "4", "0", "0", "1", "5"],
        ["2025-01-10", "5", "0", "0", "0", "5"],
    ]


def test_what_several_asked_of_several_counts_in_each_exchange_with_its_own_answer(sides, client):
    guangxi = make_organization("guangxi", name="Guangxi", side=Side.CHINA, parent=sides["yunnan"].parent)
    one, talks = make_proposal(), make_meeting()
    for asker, asked in (("government", sides["committee"]), ("government", guangxi), ("yunnan", sides["vietnam"])):
        make_statement(one, talks, Stance.PROPOSED, organization=sides[asker], addressee=asked)
    make_statement(one, talks, Stance.AGREED, organization=sides["committee"])
    rows = get(client, "/").id("asks-and-answers").one("table").rows()
    assert sorted(row[0] for row in rows) == ["Vietnam → Guangxi", "Vietnam → Yunnan", "Yunnan → Vietnam"]
