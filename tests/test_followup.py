"""The matrix of proposals by meetings: its marks, its counts, its order; and the page that shows it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import (
    make_change,
    make_meeting,
    make_organization,
    make_proposal,
    make_series,
    make_statement,
    make_theme,
)
from tests.pages import freeze, get, load_seeds
from tests.records import make_item
from tracker.choices import Act, AnswerKind, Flag, MeetingState, Publication, Side, Stance, Status
from tracker.happenings import said_by, sittings_by
from tracker.metrics.followup import Mark, Pattern, Sitting, matrix
from tracker.metrics.records import SaidFact
from tracker.querysets import published_on
from tracker.standing import Thresholds

TODAY = date(2026, 11, 20)


def sitting(number, year, series="annual"):
    day = date(year, 6, 12)
    return Sitting(number, f"{series}-{year}", f"Of {year}", series, series.title(), day, day, "day")


FOUR = [sitting(1, 2021), sitting(2, 2022), sitting(3, 2023), sitting(4, 2024)]


def said(meeting, stance, proposal=1, **fields):
    """Make something said; unless told otherwise Vietnam asks and China answers."""
    fields = {
        "id": 10 * meeting,
        "said_on": date(2020 + meeting, 6, 12),
        "organization_id": 1,
        "side": Side.CHINA if Stance(stance).act == Act.ANSWER else Side.VIETNAM,
        "addressee_id": None,
        "blanket": False,
        "answers_id": None,
        **fields,
    }
    return SaidFact(proposal_id=proposal, meeting_id=meeting, stance=stance, **fields)


def other(meeting):
    """Make something said about another proposal, so that the meeting is on record."""
    return said(meeting, Stance.PROPOSED, proposal=99, id=1000 + meeting)


def row_of(*statements, sittings=FOUR, **facts):
    item = make_item(id=1, status=facts.pop("status", Status.PROPOSED), **facts)
    (row,) = matrix([item], [*statements, *(other(one.id) for one in sittings)], sittings, TODAY).rows
    return row


def marks(row):
    return {cell.sitting.last.year: cell.mark for cell in row.cells if cell.mark}


def test_each_meeting_has_the_mark_of_what_it_did():
    row = row_of(said(1, Stance.REQUESTED), said(2, Stance.REQUESTED), said(2, Stance.AGREED, id=21, answers_id=20))
    assert marks(row) == {2021: Mark.ASKED, 2022: Mark.ANSWERED, 2023: Mark.SILENT, 2024: Mark.SILENT}


def test_asking_again_without_an_answer_is_told_from_the_first_time():
    row = row_of(said(1, Stance.REQUESTED), said(3, Stance.PROPOSED), said(4, Stance.REPORTED))
    assert marks(row) == {2021: Mark.ASKED, 2022: Mark.SILENT, 2023: Mark.REPEATED, 2024: Mark.REPORTED}
    assert [cell.time for cell in row.cells if cell.mark in (Mark.ASKED, Mark.REPEATED)] == [1, 2]


@pytest.mark.parametrize(
    ("stance", "blanket", "kind"),
    [
        (Stance.PLEDGED, False, AnswerKind.SPECIFIC),
        (Stance.AGREED, True, AnswerKind.BLANKET),
        (Stance.AGREED_JOINTLY, False, AnswerKind.JOINT),
    ],
)
def test_an_answer_shows_how_specific_it_was(stance, blanket, kind):
    row = row_of(said(1, Stance.REQUESTED), said(1, stance, id=11, blanket=blanket))
    assert (row.cells[0].mark, row.cells[0].kind, row.cells[0].glyph) == (Mark.ANSWERED, kind, kind.look.glyph)


def test_before_it_was_first_spoken_of_and_in_other_series_there_is_no_silence():
    row = row_of(said(3, Stance.REQUESTED), sittings=[*FOUR, sitting(5, 2025, "other")])
    assert marks(row) == {2023: Mark.ASKED, 2024: Mark.SILENT}


def test_after_it_was_closed_there_is_no_silence():
    row = row_of(said(1, Stance.REQUESTED), status=Status.COMPLETED, status_since=date(2023, 1, 1))
    assert marks(row) == {2021: Mark.ASKED, 2022: Mark.SILENT}
    assert row.pattern == Pattern.CLOSED
    assert row.wait is None


def test_a_meeting_of_which_nothing_is_on_record_is_no_silence_but_counts_as_held():
    drawn = matrix([make_item(id=1, status=Status.PROPOSED)], [said(1, Stance.REQUESTED)], FOUR, TODAY)
    assert [one.last.year for one in drawn.sittings] == [2021]
    assert [one.last.year for one in drawn.unrecorded] == [2022, 2023, 2024]
    assert drawn.rows[0].wait.meetings == 3


def test_the_wait_runs_from_the_first_ask_since_the_last_answer():
    answered = (said(1, Stance.REQUESTED), said(1, Stance.AGREED, id=11))
    row = row_of(*answered, said(2, Stance.REQUESTED), said(3, Stance.REQUESTED))
    assert (row.wait.since, row.wait.days, row.wait.meetings) == (date(2022, 6, 12), 1622, 2)
    assert row.pattern == Pattern.WAITING


def test_the_newest_ask_decides_whether_it_waits():
    pending = said(1, Stance.REQUESTED, id=1), said(2, Stance.REQUESTED, id=2)
    row = row_of(*pending, said(2, Stance.AGREED, id=3, answers_id=2))
    assert row.wait is None


def test_nobody_answers_their_own_ask():
    row = row_of(said(1, Stance.REQUESTED), said(1, Stance.AGREED, id=11, side=Side.VIETNAM))
    assert marks(row)[2021] == Mark.ASKED
    assert row.wait.since == date(2021, 6, 12)


def test_what_nobody_had_asked_for_is_no_answer():
    row = row_of(said(1, Stance.PLEDGED), said(2, Stance.REQUESTED))
    assert marks(row) == {2021: Mark.REPORTED, 2022: Mark.ASKED, 2023: Mark.SILENT, 2024: Mark.SILENT}


def test_an_answer_that_names_another_ask_of_the_meeting_leaves_this_one_out():
    here = said(1, Stance.REQUESTED, id=1), said(1, Stance.REQUESTED, id=2, proposal=99)
    assert marks(row_of(*here, said(1, Stance.AGREED, id=3, answers_id=2)))[2021] == Mark.ASKED
    assert marks(row_of(*here, said(1, Stance.AGREED, id=3, answers_id=1)))[2021] == Mark.ANSWERED


def test_an_answer_at_a_later_meeting_ends_the_wait():
    row = row_of(said(1, Stance.REQUESTED), said(2, Stance.PLEDGED))
    assert marks(row)[2022] == Mark.LATER
    assert row.wait is None
    assert row.pattern == Pattern.DROPPED
    assert row_of(said(1, Stance.REQUESTED), said(4, Stance.PLEDGED)).pattern == Pattern.FOLLOWED


def test_rows_are_grouped_by_pattern_then_by_how_often_they_were_raised():
    items = [
        make_item("done", id=1, status=Status.COMPLETED, times_raised=9),
        make_item("once", id=2, status=Status.PROPOSED, times_raised=1),
        make_item("twice", id=3, status=Status.PROPOSED, times_raised=2),
        make_item("dropped", id=4, status=Status.AGREED, times_raised=3),
    ]
    statements = [
        said(4, Stance.REQUESTED, 1, id=1),
        said(4, Stance.REQUESTED, 2, id=2),
        said(4, Stance.REQUESTED, 3, id=3),
        said(1, Stance.AGREED_JOINTLY, 4, id=4),
    ]
    rows = matrix(items, statements, FOUR, TODAY).rows
    assert [row.item.slug for row in rows] == ["twice", "once", "dropped", "done"]


def test_meetings_stand_by_series_in_time_order():
    held = [sitting(7, 2025, "other"), *reversed(FOUR)]
    drawn = matrix([make_item(id=1)], [said(one.id, Stance.REQUESTED, id=one.id) for one in held], held, TODAY)
    assert [(one.letter, one.slug, [each.last.year for each in one.sittings]) for one in drawn.series] == [
        ("A", "annual", [2021, 2022, 2023, 2024]),
        ("B", "other", [2025]),
    ]


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def talks(db, monkeypatch):
    """Make three meetings: one thing asked twice without an answer, one answered and then met with silence."""
    freeze(monkeypatch)
    series = make_series("annual", name_en="Annual conference")
    first, second, third = (
        make_meeting(date(year, 6, 12), series, slug=f"of-{year}", name_en=f"Talks of {year}")
        for year in (2023, 2024, 2025)
    )
    gate = make_proposal("Open the gate", slug="gate", since=date(2023, 6, 12), theme=make_theme("gates"))
    for meeting in (first, second):
        make_statement(gate, meeting, Stance.REQUESTED)
    trade = make_proposal("Raise trade", slug="trade", since=date(2023, 6, 12))
    make_statement(trade, first, Stance.PROPOSED)
    make_statement(trade, first, Stance.AGREED, blanket=True)
    make_change(trade, Status.AGREED, on=date(2023, 6, 12))
    make_statement(make_proposal("Exchange students", slug="school", since=date(2025, 6, 12)), third)
    draft = make_proposal("Hidden", publication=Publication.DRAFT)
    make_statement(draft, third)
    make_meeting(date(2026, 6, 12), series, slug="unheard", name_en="Unheard")
    make_meeting(date(2026, 12, 1), series, slug="planned", state=MeetingState.PLANNED)


def table(page, kind="cell"):
    """Give the texts of each row's marks, or of its counts, by title."""
    return {
        row.one("th").one("a").text: [cell.text for cell in row.all("td", kind)]
        for row in page.one("table", "matrix").all("tr")
        if row.all("td")
    }


def test_the_page_shows_the_matrix_in_words(talks, client):
    page = get(client, "/follow-up/")
    heads = [cell.text for cell in page.one("tr", "days").all("th")]
    assert heads == [f"Talks of {year}, {year}-06-12" for year in (2023, 2024, 2025)]
    assert table(page) == {
        "Open the gate": ["○ Asked, no answer", "2 Asked again, no answer (2)", "– Silent"],
        "Exchange students": ["", "", "○ Asked, no answer"],
        "Raise trade": ["◔ Asked and answered: Blanket answer", "– Silent", "– Silent"],
    }
    assert "Hidden" not in page.text


def test_meetings_of_which_nothing_is_on_record_are_named_beside_the_matrix(talks, client):
    page = get(client, "/follow-up/")
    assert "One meeting was held of which no statement is on record" in page.text
    assert ("/meetings/unheard/", "Unheard") in page.links()


def test_the_counts_say_how_often_and_how_long(talks, client):
    """Times raised, times answered, days unanswered, meetings since."""
    assert table(get(client, "/follow-up/"), "tally") == {
        "Open the gate": ["2", "0", "1257", "3"],
        "Exchange students": ["1", "0", "526", "1"],
        "Raise trade": ["1", "1", "", ""],
    }


def test_the_rows_leave_as_csv_with_the_same_filters(talks, client):
    links = get(client, "/follow-up/?theme=gates&as_of=2024-12-31").links()
    assert ("/statements.csv?theme=gates&as_of=2024-12-31", "Statements (CSV)") in links


def test_a_mark_leads_to_what_was_said_at_its_meeting(talks, client):
    links = get(client, "/follow-up/?as_of=2024-12-31").one("table", "matrix").links()
    assert ("/proposals/gate/?as_of=2024-12-31#at-of-2024", "2 Asked again, no answer (2)") in links
    get(client, "/proposals/gate/?as_of=2024-12-31").id("at-of-2024")


def test_it_is_filtered_like_the_register(talks, client):
    assert list(table(get(client, "/follow-up/?theme=gates"))) == ["Open the gate"]
    assert list(table(get(client, "/follow-up/?status=agreed"))) == ["Raise trade"]
    page = get(client, "/follow-up/?theme=none", 400)
    assert "“none” is not known here." in page.one(role="alert").text
    assert page.all("table", "matrix") == []
    assert "Nothing matches" in get(client, "/follow-up/?status=lapsed").text


def test_the_past_shows_what_was_on_record_then(talks, client):
    page = get(client, "/follow-up/?as_of=2023-12-31")
    assert table(page) == {
        "Open the gate": ["○ Asked, no answer"],
        "Raise trade": ["◔ Asked and answered: Blanket answer"],
    }


def test_htmx_gets_the_results_alone(talks, client):
    page = get(client, "/follow-up/?theme=gates", **{"HX-Request": "true"})
    assert page.all("html") == []
    assert list(table(page)) == ["Open the gate"]


def test_the_matrix_costs_the_same_whatever_was_said(talks, client, django_assert_max_num_queries):
    used = []
    for number in (1, 15):
        for _one in range(number):
            make_statement(make_proposal(), make_meeting(), organization=make_organization())
        with django_assert_max_num_queries(10) as queries:
            get(client, "/follow-up/")
        used.append(len(queries))
    assert used[0] == used[1]


# --- the real seeds ------------------------------------------------------------------------------------------------


def test_the_matrix_agrees_with_what_the_register_counts(db):
    load_seeds()
    for day in (date(2022, 6, 30), date(2024, 6, 12), date(2025, 10, 30), TODAY):
        items = list(published_on(day).with_facts(day).in_order_of("title").items(day, Thresholds()))
        drawn = matrix(items, said_by(day), sittings_by(day), day)
        assert {row.item.slug for row in drawn.rows} == {item.slug for item in items} != set()
        for row in drawn.rows:
            facts, marks = row.item.facts, [cell.mark for cell in row.cells]
            counted = sum(cell.raised for cell in row.cells), marks.count(Mark.ANSWERED)
            assert counted == (facts.times_raised, facts.times_answered), (day, row.item.slug)
            unanswered = facts.answer == AnswerKind.NONE and facts.status.is_open
            assert (row.wait is not None) == unanswered, (day, row.item.slug)
            flagged = Flag.UNANSWERED in row.item.standing.flags
            assert (row.wait is not None and row.wait.meetings > 0) == flagged, (day, row.item.slug)
