"""The table of developments: one row for each development and proposal, whole."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import make_development, make_proposal, make_source, make_theme
from tests.pages import csv_text, freeze
from tracker.choices import Bears, Precision, Publication, Visibility
from tracker.models import Bearing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def rows(client, query="", width=6):
    return [line.split(",")[:width] for line in csv_text(client, f"/developments.csv{query}").splitlines()]


@pytest.fixture
def surveyed():
    gate = make_proposal(slug="gate", theme=make_theme("gates"))
    road = make_proposal(slug="road")
    sources = [make_source("a", url="https://a.test/1"), make_source("b", url="https://b.test/2"), make_source("c")]
    survey = make_development(
        gate, date(2025, 9, 30), precision=Precision.MONTH, sources=sources, summary_en="Surveyed."
    )
    Bearing.objects.create(development=survey, proposal=road, bears=Bears.NEITHER)
    make_development(gate, visibility=Visibility.INTERNAL)
    make_development(make_proposal(publication=Publication.DRAFT))


def test_each_development_has_a_row_for_each_proposal_with_all_its_sources(surveyed, client):
    urls = "https://a.test/1; https://b.test/2"
    assert rows(client) == [
        ["proposal", "happened_on", "precision", "bearing", "summary", "source_url"],
        ["gate", "2025-09-30", "month", "advances", "Surveyed.", urls],
        ["road", "2025-09-30", "month", "neither", "Surveyed.", urls],
    ]
    assert rows(client, width=8)[1][7] == "a; b; c"


def test_it_takes_the_filters_and_the_day_of_the_register(surveyed, client):
    assert [row[0] for row in rows(client, "?theme=gates")[1:]] == ["gate"]
    assert rows(client, "?without=development")[1:] == []
    assert rows(client, "?as_of=2025-09-29")[1:] == []
    assert client.get("/developments.csv?theme=none").status_code == 400
