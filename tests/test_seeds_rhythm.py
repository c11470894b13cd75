"""The rhythm of the main series in the seeds, against values worked out by hand from the dossier."""

from __future__ import annotations

import pytest

from tests.pages import freeze, get, kept, load_seeds

pytestmark = pytest.mark.django_db

CLOSE = "2026-03-31"  # the newest page of the dossier is of that month


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


@pytest.fixture
def page(client):
    return get(client, f"/meetings/?as_of={CLOSE}")


# every, kept, longest gap in days, next due, days overdue
BY_HAND = {
    "yunnan-party-secretaries-annual-conference": ("12 months", "2 of 4", "505", "2026-10-30", ""),
    "guangxi-spring-meeting": ("12 months", "4 of 6", "458", "2027-02-11", ""),
    "dien-bien-puer-border-guard-talks": ("12 months", "1 of 1", "64–428", "2026-12-31", ""),
    "yunnan-joint-working-group": ("not stated", "not judged", "1566", "–", ""),
    "guangxi-joint-working-committee": ("not stated", "not judged", "450–479", "–", ""),
    "lao-cai-honghe-contacts": ("not stated", "not judged", "284", "–", ""),
}


@pytest.mark.parametrize(("series", "figures"), BY_HAND.items())
def test_each_main_series_has_the_figures_worked_out_by_hand(page, series, figures):
    name = page.id(series).text
    ((_name, *found, _held),) = [row for row in page.id("rhythms").rows() if row[0] == name]
    assert tuple(found) == figures


def test_the_days_of_the_annual_conference_and_of_the_spring_meeting_stand_in_the_table(page):
    held = {row[0]: row[-1] for row in page.id("rhythms").rows()}
    assert held[page.id("yunnan-party-secretaries-annual-conference").text] == (
        "2021-05-18; 2022-04-27; 2023-03-27; 2024-06-12; 2025-10-30"
    )
    assert held[page.id("guangxi-spring-meeting").text] == (
        "2020-01-06/2020-01-07; 2021-04-09; 2022-02-25; 2023-02-22; 2024-02-27/2024-02-28; "
        "2025-02-19/2025-02-21; 2026-02-11"
    )


def test_what_is_due_first_stands_on_top(page):
    due = [row[4] for row in page.id("rhythms").rows()]
    dated = [day for day in due if day != "–"]
    assert due[: len(dated)] == sorted(dated)
    assert dated[0] == "2024-12-31"  # the meetings of border districts


@pytest.mark.parametrize(
    ("slug", "cycles"),
    [
        (
            "secretaries-conference-yunnan",  # latest first: days between, cycle, days late
            [
                ("152", "Not due", ""),
                ("505", "Cycle missed", "140"),
                ("443", "Cycle missed", "77"),
                ("334", "Cycle kept", ""),
                ("344", "Cycle kept", ""),
            ],
        ),
        (
            "spring-meeting-guangxi",
            [
                ("48", "Not due", ""),
                ("355", "Cycle kept", ""),
                ("359", "Cycle kept", ""),
                ("371", "Cycle missed", "5"),
                ("362", "Cycle kept", ""),
                ("322", "Cycle kept", ""),
                ("458", "Cycle missed", "92"),
            ],
        ),
    ],
)
def test_each_cycle_of_the_two_yearly_commitments_is_as_worked_out_by_hand(client, slug, cycles):
    rows = get(client, f"/proposals/{slug}/?as_of={CLOSE}").id("rhythm").rows()
    assert [tuple(row[4:]) for row in rows] == cycles
