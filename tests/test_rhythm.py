"""The rhythm of what is held again and again, as records, as a strip and on its pages."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.makers import make_development, make_meeting, make_proposal, make_series
from tests.pages import freeze, get
from tracker.charts.rhythm import rhythm_strip, rhythm_strips
from tracker.charts.rhythm_words import rhythm_strip_table, rhythm_strips_table
from tracker.choices import MeetingState, Nature, Precision, Schedule
from tracker.metrics.rhythm import Held, Planned, Strip, in_order, rhythm

TODAY = date(2026, 11, 20)


def held(*days, first=None):
    return [Held(first or day, day, "day", f"Of {day}", f"of-{day.year}") for day in days]


def test_a_cycle_is_kept_up_to_the_last_day_of_its_interval_and_missed_after_it():
    found = rhythm(held(date(2021, 3, 28), date(2022, 3, 28), date(2023, 3, 29)), 12, TODAY)
    assert [one.state for one in found.cycles] == [
        Schedule.CYCLE_KEPT,
        Schedule.CYCLE_MISSED,
        Schedule.CYCLE_MISSED,
    ]
    assert [one.days_late for one in found.cycles] == [0, 1, (TODAY - date(2024, 3, 29)).days]
    assert (found.kept, found.missed) == (1, 2)


def test_what_is_known_to_the_month_has_the_benefit_of_the_doubt():
    late = [*held(date(2022, 3, 10)), *held(date(2023, 3, 31), first=date(2023, 3, 1))]
    assert rhythm(late, 12, date(2023, 4, 1)).cycles[0].state == Schedule.CYCLE_KEPT


def in_month(year, month, last):
    return Held(date(year, month, 1), date(year, month, last), "month", f"Of {year}-{month:02d}")


@pytest.mark.parametrize(
    ("today", "state", "late"),
    [
        (date(2025, 3, 30), Schedule.NOT_DUE, 0),
        (date(2025, 3, 31), Schedule.NOT_DUE, 0),
        (date(2025, 4, 1), Schedule.CYCLE_MISSED, 1),
    ],
)
def test_the_running_cycle_is_missed_from_the_day_after_its_interval(today, state, late):
    for latest in (held(date(2024, 3, 31)), [in_month(2024, 3, 31)]):  # to the month: the last day it can have been
        found = rhythm(latest, 12, today)
        assert (found.running.state, found.overdue) == (state, late)
        assert found.judged == (1 if late else 0)


@pytest.mark.parametrize(
    ("first", "late"),
    [(date(2024, 3, 30), 0), (date(2024, 3, 31), 0), (date(2024, 4, 1), 1)],
)
def test_the_first_day_of_the_next_meeting_decides_and_the_last_day_of_the_one_before(first, late):
    before = Held(date(2023, 3, 29), date(2023, 3, 31), "day", "Before")
    after = Held(first, date(2024, 4, 3), "day", "After")
    cycle = rhythm([before, after], 12, TODAY).cycles[0]
    assert (cycle.due, cycle.days_late) == (date(2024, 3, 31), late)
    assert (cycle.least, cycle.days) == (369, 369)


def test_a_gap_to_a_day_not_known_is_given_as_from_to():
    found = rhythm([*held(date(2020, 1, 7)), in_month(2021, 4, 30), *held(date(2022, 2, 25))], None, date(2022, 3, 1))
    assert [(one.least, one.days) for one in found.cycles] == [(450, 479), (301, 330), (4, 4)]
    year = Held(date(2025, 1, 1), date(2025, 12, 31), "year", "Some day of 2025")
    found = rhythm([*held(date(2024, 10, 29)), year], 12, date(2026, 3, 31))
    assert (found.kept, found.missed, found.next_due) == (1, 0, date(2026, 12, 31))
    assert (found.longest.least, found.longest.days) == (64, 428)


def test_the_next_is_due_an_interval_after_the_latest():
    found = rhythm(held(date(2026, 1, 31)), 12, TODAY)
    assert found.next_due == date(2027, 1, 31)
    assert found.cycles[-1].state == Schedule.NOT_DUE


def test_without_an_interval_nothing_is_judged():
    found = rhythm(held(date(2020, 1, 1), date(2026, 1, 1)), None, TODAY)
    assert found.next_due is None
    assert (found.kept, found.missed) == (0, 0)


def test_the_longest_gap_may_be_the_one_that_lasts():
    assert rhythm(held(date(2020, 1, 1), date(2022, 1, 1), date(2023, 1, 1)), 12, TODAY).longest.next is None
    found = rhythm(held(date(2020, 1, 1), date(2025, 1, 1), date(2026, 1, 1)), 12, TODAY)
    assert found.longest.days == 1827


def test_what_is_due_first_stands_on_top_and_what_is_held_most_comes_first_of_the_rest():
    strips = [
        Strip("Once", "#once", rhythm(held(date(2026, 1, 1)), None, TODAY)),
        Strip("Late", "#late", rhythm(held(date(2025, 1, 1)), 12, TODAY)),
        Strip("Never", "#never", rhythm([], 12, TODAY)),
        Strip("Often", "#often", rhythm(held(date(2020, 1, 1), date(2021, 1, 1)), None, TODAY)),
        Strip("Soon", "#soon", rhythm(held(date(2026, 1, 1)), 12, TODAY)),
    ]
    assert [one.name for one in in_order(strips)] == ["Late", "Soon", "Often", "Once", "Never"]


def test_nothing_held_has_no_strip():
    empty = rhythm([], 12, TODAY)
    assert (empty.longest, empty.next_due, empty.overdue) == (None, None, 0)
    assert rhythm_strip(empty, TODAY, str) is None
    assert rhythm_strip_table(empty, str) is None
    assert rhythm_strips([Strip("Never", "#never", empty)], TODAY, str) is None
    assert rhythm_strips_table([Strip("Never", "#never", empty)]) is None


def test_the_strip_and_its_table_lead_to_each_meeting():
    found = rhythm(held(date(2025, 1, 1), date(2026, 1, 1)), 12, TODAY)
    figure = rhythm_strip(found, TODAY, "/meetings/{}/".format)
    marks = traces(figure)["Held"]
    assert marks["x"] == ["2025-01-01", "2026-01-01"]
    assert [one["href"] for one in marks["customdata"]] == ["/meetings/of-2025/", "/meetings/of-2026/"]
    twin = rhythm_strip_table(found, "/meetings/{}/".format)
    assert [[cell.text for cell in row] for row in twin.rows] == [
        ["Of 2026-01-01", "2026-01-01", "2027-01-01", "", "323", "Not due", ""],
        ["Of 2025-01-01", "2025-01-01", "2026-01-01", "2026-01-01", "365", "Cycle kept", ""],
    ]
    assert twin.rows[0][0].href == "/meetings/of-2026/"


def traces(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def test_what_is_known_to_the_year_is_a_stretch_and_no_mark_on_a_day():
    year = Held(date(2025, 1, 1), date(2025, 12, 31), "year", "Some day of 2025")
    by_then = Held(date(2023, 1, 5), date(2023, 1, 5), "none", "By then")
    found = rhythm([*held(date(2024, 1, 1)), year, by_then], None, TODAY)
    drawn = traces(rhythm_strip(found, TODAY, str))
    vague = drawn["Held, day not known"]
    assert (vague["type"], vague["base"], vague["x"]) == ("bar", ["2025-01-01"], [365 * 86_400_000])
    marks = [(trace["marker"]["symbol"], trace["x"]) for trace in rhythm_strip(found, TODAY, str)["data"][-2:]]
    assert marks == [("triangle-left", ["2023-01-05"]), ("square", ["2024-01-01"])]


def test_kept_missed_running_and_not_judged_cycles_differ_in_shape_and_so_do_days_due_and_passed():
    strips = [
        Strip("Kept and running", "#a", rhythm(held(date(2025, 1, 1), date(2026, 1, 1)), 12, TODAY)),
        Strip("Missed", "#b", rhythm(held(date(2025, 1, 1)), 12, TODAY)),
        Strip("Not judged", "#c", rhythm(held(date(2025, 1, 1)), None, TODAY)),
    ]
    drawn = traces(rhythm_strips(strips, TODAY, str))
    shapes = [
        (drawn[name]["width"], drawn[name]["marker"]["color"], bool(drawn[name]["marker"].get("pattern")))
        for name in ("Cycle kept", "Cycle missed", "Late", "Not due", "No deadline")
    ]
    assert len({(width, color == "var(--surface)", hatched) for width, color, hatched in shapes}) == 5
    assert drawn["Late"]["base"] == ["2026-01-01"]
    assert drawn["Next due"]["marker"]["symbol"] == ["diamond-open", "diamond"]


def test_the_table_of_all_strips_gives_every_figure_and_the_words_beside_them_agree():
    strips = [
        Strip("Yearly", "#y", rhythm(held(date(2024, 1, 1), date(2024, 12, 1)), 12, TODAY), (Planned("Next", "n"),)),
        Strip("Loose", "#l", rhythm([*held(date(2025, 1, 1)), in_month(2025, 3, 31)], None, date(2025, 4, 1))),
        Strip("Young", "#z", rhythm(held(date(2026, 1, 1)), 12, TODAY)),
    ]
    assert [[cell.text for cell in row] for row in rhythm_strips_table(strips).rows] == [
        ["Yearly", "12 months", "1 of 2", "719", "2025-12-01", "354", "2024-01-01; 2024-12-01"],
        ["Loose", "not stated", "not judged", "59–89", "–", "", "2025-01-01; 2025-03"],
        ["Young", "12 months", "–", "323", "2027-01-01", "", "2026-01-01"],
    ]
    beside = [note["text"] for note in rhythm_strips(strips, TODAY, str)["layout"]["annotations"] if "xshift" in note]
    said = " ".join(beside).replace("<br>", " ")
    assert "kept 1 of 2 · longest gap 719 days, so far ◆ overdue since 2025-12-01" in said
    assert "longest gap 59–89 days" in said


# --- the pages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def yearly(db, monkeypatch):
    freeze(monkeypatch)
    series = make_series("annual", interval_months=12, name_en="Annual conference")
    for year in (2022, 2023, 2025):
        make_meeting(date(year, 6, 12), series, slug=f"of-{year}", name_en=f"Of {year}")
    return series


def test_a_series_says_which_cycles_were_kept_and_when_the_next_is_due(yearly, client):
    page = get(client, "/meetings/")
    assert page.id("rhythms").rows() == [
        ["Annual conference", "12 months", "1 of 3", "731", "2026-06-12", "161", "2022-06-12; 2023-06-12; 2025-06-12"]
    ]
    assert "Cycles kept: 1; missed: 2. Longest gap: 731 days, 12 Jun 2023 to 12 Jun 2025." in page.text
    assert "The next was due by 12 Jun 2026 and is not on record." in page.text
    past = get(client, "/meetings/?as_of=2024-01-01")
    assert past.id("rhythms").rows()[0][2:5] == ["1 of 1", "365", "2024-06-12"]
    assert "The next is due by 12 Jun 2024." in past.text


def test_the_filters_of_the_list_do_not_touch_the_rhythm(yearly, client):
    assert get(client, "/meetings/?q=2025").id("rhythms").rows()[0][2] == "1 of 3"


def test_a_row_of_the_chart_leads_to_its_series_and_a_meeting_planned_is_no_meeting_held(yearly, client):
    make_meeting(date(2027, 1, 5), yearly, state=MeetingState.PLANNED, name_en="Coming")
    page = get(client, "/meetings/")
    ((href, _name),) = page.id("rhythms").one("tbody").links()
    assert page.id(href.removeprefix("#")).text == "Annual conference"
    assert "2027" not in page.id("rhythms").rows()[0][-1]


def test_a_commitment_stands_among_the_series_if_more_than_its_meetings_kept_it(yearly, client):
    fields = {"nature": Nature.CONTINUING, "since": date(2022, 6, 12)}
    make_proposal("Only the meetings", occurrences_of=yearly, **fields)
    fair = make_proposal("With a fair", slug="fair", occurrences_of=yearly, **fields)
    make_development(fair, date(2024, 3, 1), is_occurrence=True)
    make_development(fair, date(2025, 6, 12), is_occurrence=True)
    once = make_proposal("Once", **fields)
    make_development(once, date(2025, 3, 1), is_occurrence=True)
    table = get(client, "/meetings/").id("rhythms")
    assert [row[0] for row in table.rows()] == ["With a fair", "Annual conference"]
    assert table.rows()[0][-1] == "2022-06-12; 2023-06-12; 2024-03-01; 2025-06-12"
    assert ("/proposals/fair/", "With a fair") in table.links()


def test_the_page_of_meetings_costs_the_same_whatever_was_held(yearly, client, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        get(client, "/meetings/")
    for year in range(2010, 2016):
        series = make_series(interval_months=12)
        make_meeting(date(year, 1, 31), series, precision=Precision.MONTH, first_day=date(year, 1, 1))
        one = make_proposal(nature=Nature.CONTINUING, occurrences_of=series, since=date(2022, 6, 12))
        make_development(one, date(2024, 3, 1), is_occurrence=True)
    with django_assert_num_queries(len(few)):
        get(client, "/meetings/")


def test_a_continuing_commitment_shows_the_meetings_and_developments_that_kept_it(yearly, client):
    one = make_proposal(slug="yearly", nature=Nature.CONTINUING, occurrences_of=yearly, since=date(2022, 6, 12))
    make_development(one, date(2024, 3, 1), is_occurrence=True, summary_en="A fair was held.")
    make_development(one, date(2025, 6, 12), is_occurrence=True, summary_en="The conference was held.")
    rows = get(client, "/proposals/yearly/").id("rhythm").rows()
    assert [row[0] for row in rows] == ["Of 2025", "A fair was held.", "Of 2023", "Of 2022"]


def test_other_proposals_have_no_rhythm(yearly, client):
    one = make_proposal(slug="once", since=date(2022, 6, 12))
    for year in (2023, 2024):
        make_development(one, date(year, 3, 1), is_occurrence=True)
    assert get(client, "/proposals/once/").all(id="rhythm") == []
