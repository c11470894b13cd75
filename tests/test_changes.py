"""What changed between two days or two meetings, by kind; and the page that lists it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_meeting,
    make_proposal,
    make_series,
    make_statement,
)
from tests.pages import freeze, get
from tests.records import make_item
from tracker.choices import Act, Bears, Nature, Publication, Schedule, Side, Stance, Status
from tracker.metrics.changes import Due, Happened, Kind, Record, Step, Window, changes, latest
from tracker.metrics.records import SaidFact
from tracker.models import Meeting

YEAR = Window(date(2024, 12, 31), date(2025, 12, 31))


def step(on, new, old=""):
    return Step(1, on, "day", old, new)


def said(on, stance, number=1, side=None):
    """Make something said; unless told otherwise Vietnam asks and China answers."""
    side = side or (Side.CHINA if Stance(stance).act == Act.ANSWER else Side.VIETNAM)
    return SaidFact(number, 1, number, on, 1, side, None, stance, False, None)


def days(kind, window=YEAR, *, item=None, **record):
    found = changes(Record(items=[item or make_item(id=1)], **record), window)
    return [one.on for one in found[kind]]


def test_the_first_day_is_outside_and_the_last_is_inside():
    for on, inside in ((date(2024, 12, 31), 0), (date(2025, 1, 1), 1), (date(2025, 12, 31), 1), (date(2026, 1, 1), 0)):
        assert len(days(Kind.NEW, steps=[step(on, "proposed")])) == inside


def test_the_first_status_is_new_and_every_later_one_a_move():
    steps = [step(date(2025, 2, 1), "proposed"), step(date(2025, 3, 1), "agreed", "proposed")]
    found = changes(Record(items=[make_item(id=1)], steps=steps), YEAR)
    assert [(one.kind, one.old, one.new) for some in found.values() for one in some] == [
        (Kind.NEW, None, Status.PROPOSED),
        (Kind.MOVED, Status.PROPOSED, Status.AGREED),
    ]


def test_an_answer_counts_once_a_meeting_and_only_to_what_was_asked():
    asked = said(date(2024, 6, 1), Stance.REQUESTED)
    pledge, support = said(date(2025, 6, 1), Stance.PLEDGED, 2), said(date(2025, 6, 1), Stance.SUPPORTED, 2)
    assert days(Kind.ANSWERED, statements=[asked, pledge, support]) == [date(2025, 6, 1)]
    assert days(Kind.ANSWERED, statements=[pledge]) == []
    assert days(Kind.ANSWERED, statements=[pledge, said(date(2025, 7, 1), Stance.REQUESTED, 3)]) == []


def test_nobody_answers_their_own_ask():
    asked = said(date(2024, 6, 1), Stance.REQUESTED)
    own, other = (said(date(2025, 6, 1), Stance.SUPPORTED, 2, side=side) for side in (Side.VIETNAM, Side.CHINA))
    assert days(Kind.ANSWERED, statements=[asked, own]) == []
    assert days(Kind.ANSWERED, statements=[asked, other]) == [date(2025, 6, 1)]


def test_of_one_day_the_step_taken_last_comes_first():
    on = date(2025, 2, 1)
    steps = [step(on, "agreed", "proposed"), step(on, "pledged", "agreed")]
    found = changes(Record(items=[make_item(id=1)], steps=steps), YEAR)
    assert [one.new for one in found[Kind.MOVED]] == [Status.PLEDGED, Status.AGREED]


def test_a_development_is_one_change_whatever_it_bears_on():
    on = date(2025, 2, 1)
    told = [
        Happened(number, on, "day", bears, "Works began.", 7) for number, bears in ((1, "advances"), (2, "neither"))
    ]
    (one,) = changes(Record(items=[make_item("a", id=1), make_item("b", id=2)], developments=told), YEAR)[Kind.EVIDENCE]
    assert [(item.slug, bears) for item, bears in one.bears] == [("a", Bears.ADVANCES), ("b", Bears.NEITHER)]


def test_the_latest_day_is_that_of_what_came_on_record_not_of_what_went_late():
    record = Record(
        items=[make_item(id=1)],
        steps=[step(date(2025, 1, 10), "pledged")],
        deadlines=[Due(1, date(2025, 1, 10), date(2025, 6, 30))],
    )
    assert latest(record) == date(2025, 1, 10)
    assert latest(Record(items=[])) is None


@pytest.mark.parametrize(
    ("steps", "late"),
    [
        ([step(date(2025, 1, 10), "pledged")], [date(2025, 7, 1)]),
        ([step(date(2025, 1, 10), "pledged"), step(date(2025, 6, 30), "completed", "pledged")], []),
        ([step(date(2025, 1, 10), "pledged"), step(date(2025, 8, 1), "completed", "pledged")], [date(2025, 7, 1)]),
        ([step(date(2025, 9, 1), "pledged")], [date(2025, 9, 1)]),
    ],
)
def test_it_goes_late_on_the_day_after_the_deadline_if_it_is_open_then(steps, late):
    assert days(Kind.LATE, steps=steps, deadlines=[Due(1, date(2025, 1, 10), date(2025, 6, 30))]) == late


def test_lateness_is_against_the_first_deadline():
    deadlines = [Due(1, date(2025, 1, 1), date(2025, 6, 30)), Due(1, date(2025, 5, 1), date(2026, 6, 30))]
    assert days(Kind.LATE, steps=[step(date(2025, 1, 1), "pledged")], deadlines=deadlines) == [date(2025, 7, 1)]


def test_a_continuing_one_goes_late_when_its_interval_runs_out():
    fields = {"id": 1, "nature": Nature.CONTINUING, "interval_months": 12, "last_occurrence": date(2024, 3, 28)}
    missed = make_item(schedule=Schedule.CYCLE_MISSED, **fields)
    assert days(Kind.LATE, item=missed) == [date(2025, 3, 29)]
    assert days(Kind.LATE, item=make_item(schedule=Schedule.CYCLE_KEPT, **fields)) == []


def test_what_a_viewer_does_not_see_has_no_changes():
    hidden = Step(2, date(2025, 2, 1), "day", "", "proposed")
    assert days(Kind.NEW, steps=[hidden]) == []


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def year(db, monkeypatch):
    """Make one change of each kind between two meetings."""
    freeze(monkeypatch)
    series = make_series()
    first = make_meeting(date(2025, 1, 10), series, slug="first", name_en="First talks")
    second = make_meeting(date(2026, 1, 10), series, slug="second", name_en="Second talks")
    gate = make_proposal("Open the gate", slug="gate", since=date(2025, 1, 10))
    make_statement(gate, first, Stance.REQUESTED)
    make_statement(gate, second, Stance.PLEDGED)
    make_change(gate, Status.PLEDGED, on=date(2026, 1, 10), reason_en="They pledged it.")
    make_deadline(gate, date(2025, 6, 30), stated_on=date(2025, 1, 10))
    make_development(gate, date(2025, 9, 1), summary_en="The road was surveyed.")
    make_proposal("Raise trade", slug="trade", since=date(2026, 1, 10))
    make_proposal("Hidden", publication=Publication.DRAFT, since=date(2026, 1, 10))


def counts(page):
    return [int(one.text) for one in page.one("dl", "key-figures").all("dd")]


@pytest.mark.parametrize(
    "query",
    ["from_meeting=first&to_meeting=second", "from=2025-01-10&to=2026-01-10", "from=2020-01-01&from_meeting=first"],
)
def test_the_page_lists_each_kind_between_two_days_or_meetings(year, client, query):
    page = get(client, f"/changes/?{query}")
    assert counts(page) == [1, 1, 1, 1, 1]
    rows = {kind: page.section(kind).one("ul", "changes").all("li") for kind in Kind}
    dated = {kind: len(page.section(kind).one("ul", "changes").all("time")) for kind in Kind}
    assert dated == dict.fromkeys(Kind, 1)
    assert "Raise trade Proposed" in rows[Kind.NEW][0].text
    assert "Specific answer Second talks" in rows[Kind.ANSWERED][0].text
    assert "Proposed →to Pledged They pledged it. Agency" in rows[Kind.MOVED][0].text
    assert "The road was surveyed. Advances it: Open the gate Agency" in rows[Kind.EVIDENCE][0].text
    assert "1 Jul 2025 Open the gate Overdue" in rows[Kind.LATE][0].text


def test_without_dates_it_is_the_last_ninety_days(year, client):
    page = get(client, "/changes/?as_of=2026-01-10")
    assert page.one("div", "lede").text == "After 12 Oct 2025, up to and including 10 Jan 2026."
    assert counts(page) == [1, 1, 1, 0, 0]
    assert ("/proposals/trade/?as_of=2026-01-10", "Raise trade") in page.section("new").links()


def test_a_quiet_time_is_said_in_a_line_that_leads_to_the_latest_change(year, client):
    page = get(client, "/changes/")
    assert counts(page) == [0, 0, 0, 0, 0]
    assert [one for kind in Kind for one in page.all("section", "panel") if kind.label in one.text] == []
    assert "the latest is of 10 Jan 2026." in page.one("p", "notice").text
    (href,) = [href for href, words in page.links() if words == "Show the 90 days up to it"]
    assert counts(get(client, href)) == [1, 1, 1, 0, 0]


def test_the_main_series_offer_the_time_since_and_between_their_last_meetings(year, client):
    series = Meeting.objects.get(slug="second").series
    make_meeting(date(2024, 1, 10), series, slug="zeroth")
    once = make_meeting(date(2024, 1, 10), slug="once")
    page = get(client, "/changes/?as_of=2026-02-01")
    day = "as_of=2026-02-01"
    assert [words for _href, words in page.one("ul", "windows").links()] == [
        "Annual conference",
        "since 2026-01-10",
        "from 2025-01-10 to 2026-01-10",
    ]
    assert [href for href, _words in page.one("ul", "windows").links()][1:] == [
        f"/changes/?from_meeting=second&{day}",
        f"/changes/?from_meeting=first&to_meeting=second&{day}",
    ]
    assert once.series.slug not in page.one("ul", "windows").text
    assert (f"/changes/?from=2025-02-01&to=2026-02-01&{day}", "The last year") in page.links()


def test_an_answer_is_dated_no_finer_than_its_meeting(year, client):
    Meeting.objects.filter(slug="second").update(precision="month")
    row = get(client, "/changes/?as_of=2026-01-31").section("answered").one("ul", "changes").one("li")
    assert row.one("time").text == "January 2026"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("form=2026-01-01", "“form” is not known here; allowed: from, to, from_meeting, to_meeting, as_of."),
        ("from=soon", "from: “soon” is not a day"),
        ("to=20260101", "to: “20260101” is not a day"),
        ("from_meeting=none", "from_meeting: no meeting “none” had been held."),
        ("to=2027-01-01", "lies after the day that is looked at"),
        ("from=2026-01-02&to=2026-01-01", "from: 2026-01-02 is not before 2026-01-01."),
        ("as_of=2025-12-01&to_meeting=second", "to_meeting: no meeting “second” had been held."),
    ],
)
def test_bad_values_are_said_so(year, client, query, words):
    page = get(client, f"/changes/?{query}", 400)
    assert words in page.one(role="alert").text
    assert page.all("dl", "key-figures") == []


def test_the_list_costs_the_same_whatever_changed(year, client, django_assert_max_num_queries):
    used = []
    for number in (1, 15):
        for _one in range(number):
            proposal = make_proposal(since=date(2026, 11, 1))
            make_statement(proposal, make_meeting(date(2026, 11, 1)))
            make_development(proposal, date(2026, 11, 2))
        with django_assert_max_num_queries(8) as queries:
            get(client, "/changes/")
        used.append(len(queries))
    assert used[0] == used[1]
