"""The lamps, the two-by-two and what is due next, as records and on the front page."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import make_change, make_deadline, make_development, make_proposal, make_review
from tests.pages import found, freeze, get
from tests.records import make_item
from tracker.choices import Flag, Nature, Schedule, Status
from tracker.lamps import Lamp, lamp_of
from tracker.metrics.overview import due_within, lamps, late, two_by_two

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("fields", "lamp"),
    [
        ({"schedule": Schedule.OVERDUE, "flags": [Flag.STALLED, Flag.UNVERIFIED]}, Lamp.RED),
        ({"schedule": Schedule.DUE_SOON, "flags": [Flag.STALLED, Flag.UNVERIFIED]}, Lamp.GREY),
        ({"schedule": Schedule.DUE_SOON}, Lamp.YELLOW),
        ({"flags": [Flag.STALLED]}, Lamp.YELLOW),
        ({"flags": [Flag.CONTESTED], "schedule": Schedule.NOT_DUE}, Lamp.GREEN),
        ({"schedule": Schedule.CYCLE_MISSED, "nature": Nature.CONTINUING, "flags": [Flag.UNVERIFIED]}, Lamp.RED),
        ({"schedule": Schedule.CYCLE_KEPT, "nature": Nature.CONTINUING}, Lamp.GREEN),
        ({"status": Status.COMPLETED}, None),
        ({"nature": Nature.DECLARATORY}, None),
    ],
)
def test_the_first_lamp_that_applies_is_lit(fields, lamp):
    item = make_item(**fields)
    assert lamp_of(item.facts, item.standing) == lamp


def test_every_lamp_is_counted_even_if_none_is_lit():
    assert lamps([make_item(), make_item()]) == {Lamp.RED: 0, Lamp.GREY: 0, Lamp.YELLOW: 0, Lamp.GREEN: 2}


def test_the_two_by_two_leaves_out_what_has_no_deadline_and_what_never_ends():
    done = {"status": Status.COMPLETED}
    counted = two_by_two(
        [
            make_item(schedule=Schedule.DONE_ON_TIME, **done),
            make_item(schedule=Schedule.DONE_LATE, **done),
            make_item(schedule=Schedule.NOT_DUE),
            make_item(schedule=Schedule.DUE_SOON),
            make_item(schedule=Schedule.OVERDUE),
            make_item(schedule=Schedule.NO_DEADLINE),
            make_item(schedule=Schedule.NO_DEADLINE, status=Status.COMPLETED),
            make_item(schedule=Schedule.NOT_DUE, status=Status.LAPSED),
            make_item(schedule=Schedule.CYCLE_KEPT, nature=Nature.CONTINUING),
            make_item(schedule=Schedule.CYCLE_MISSED, nature=Nature.CONTINUING),
            make_item(schedule=Schedule.NO_DEADLINE, nature=Nature.CONTINUING),
            make_item(schedule=Schedule.CYCLE_MISSED, nature=Nature.CONTINUING, status=Status.LAPSED),
            make_item(schedule=Schedule.OVERDUE, status=Status.SUPERSEDED),
        ]
    )
    assert (counted.done_on_time, counted.done_late, counted.done_unknown, counted.done_undated) == (1, 1, 0, 1)
    assert (counted.open_in_term, counted.overdue, counted.open_undated) == (2, 1, 1)
    assert (counted.kept, counted.missed, counted.unjudged) == (1, 1, 1)


def test_what_is_late_comes_by_the_day_it_was_due_and_counts_cycles_too():
    cycle = make_item(
        "cycle",
        schedule=Schedule.CYCLE_MISSED,
        nature=Nature.CONTINUING,
        last_occurrence=date(2024, 1, 31),
        interval_months=1,
    )
    overdue = make_item("overdue", schedule=Schedule.OVERDUE, deadline_end=date(2024, 1, 1))
    closed = make_item("closed", schedule=Schedule.OVERDUE, deadline_end=date(2024, 1, 1), status=Status.LAPSED)
    found = [(day, item.slug) for day, item in late([cycle, overdue, closed, make_item()])]
    assert found == [(date(2024, 1, 1), "overdue"), (date(2024, 2, 29), "cycle")]


def test_what_is_due_next_comes_by_date_and_counts_cycles_too():
    soon = make_item("soon", schedule=Schedule.DUE_SOON, deadline_end=date(2027, 1, 1))
    cycle = make_item(
        "cycle",
        schedule=Schedule.CYCLE_KEPT,
        nature=Nature.CONTINUING,
        last_occurrence=date(2025, 12, 1),
        interval_months=12,
    )
    later = make_item("later", schedule=Schedule.NOT_DUE, deadline_end=date(2027, 2, 19))
    late = make_item("late", schedule=Schedule.OVERDUE, deadline_end=date(2026, 11, 1))
    assert [(day, item.slug) for day, item in due_within([soon, cycle, later, late], TODAY, 90)] == [
        (date(2026, 12, 1), "cycle"),
        (date(2027, 1, 1), "soon"),
    ]


# --- the front page ------------------------------------------------------------------------------------------------


@pytest.fixture
def some(db, monkeypatch):
    freeze(monkeypatch)
    late = make_proposal("Late", since=date(2026, 9, 1))
    make_deadline(late, date(2026, 9, 30))
    soon = make_proposal("Soon", since=date(2026, 9, 1))
    make_deadline(soon, date(2026, 12, 31))
    make_proposal("Unknown", since=date(2025, 1, 1))
    make_review(make_proposal("Stalled", since=date(2025, 1, 1)), date(2026, 11, 1))
    good = make_proposal("Good", since=date(2025, 1, 1))
    make_development(good, date(2026, 11, 2))
    make_change(good, Status.UNDER_WAY, on=date(2026, 11, 2))
    done = make_proposal("Done", since=date(2025, 1, 1))
    make_deadline(done, date(2025, 6, 30))
    make_change(done, Status.COMPLETED, on=date(2025, 6, 1))


def test_each_lamp_and_each_field_leads_to_as_many_rows(some, client):
    page = get(client, "/")
    lit = page.section("lamps").one("ul", "lamps").links()
    assert [words for _href, words in lit] == [
        "! 1 Red: overdue",
        "? 1 Grey: unverified",
        "◴ 2 Yellow: due soon or stalled",
        "● 1 Green: otherwise open",
    ]
    fields = page.section("term").one("table").links()
    assert [words.split()[0] for _href, words in fields] == ["1", "0", "0", "0", "1", "1", "3", "0", "0", "0"]
    for href, words in [*lit, *fields]:
        assert found(get(client, href)) == int(next(word for word in words.split() if word.isdigit())), words


def test_it_says_what_is_due_and_what_changed(some, client):
    page = get(client, "/")
    assert page.id("soon").text == "Due in the next 90 days (1)"
    assert [words for _href, words in page.section("soon").links()] == ["Soon", "Late now (1)", "Late"]
    changed = page.section("changed").one("ul", "inline-counts").links()
    assert [words for _href, words in changed] == ["2 New", "0 Answered", "1 Moved", "1 New evidence", "1 Gone late"]
    listed = get(client, changed[0][0].partition("#")[0]).one("dl", "key-figures").all("dd")
    assert [one.text for one in listed] == ["2", "0", "1", "1", "1"]


def test_the_newest_changes_are_named_and_where_there_are_none_the_last_period_with_some_is(some, client):
    rows = [row.text for row in get(client, "/").section("changed").one("ul", "changes").all("li")]
    assert len(rows) == 3
    assert "2 Nov 2026 Good Proposed → Under way" in rows
    quiet = get(client, "/?as_of=2026-05-01").section("changed")
    assert "Nothing new has come on record in this time; the last was on 1 Jun 2025." in quiet.text
    ((before, _words),) = [link for link in quiet.links() if link[1] == "The 90 days up to then"]
    assert get(client, before).one("dl", "key-figures").all("dd")[2].text == "1"


def test_the_share_of_unknown_stands_at_every_chart_of_statuses_with_its_day(some, client):
    assert get(client, "/").text.count("Unknown: 1 of 5 open (20%) on 20 Nov 2026.") == 3
    assert get(client, "/?as_of=2025-02-01").text.count("Unknown: 0 of 4 open (0%) on 1 Feb 2025.") == 3


def test_an_unknown_lamp_is_said_so(some, client):
    assert "“blue” is not known here." in get(client, "/proposals/?lamp=blue", 400).one(role="alert").text
