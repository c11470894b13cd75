"""The pages and tables over the real seeds: numbers that lead to their rows, links that work, exports that agree."""

from __future__ import annotations

import csv
import itertools
import re
from urllib.parse import urlsplit
from zlib import crc32

import pytest

from tests.makers import make_meeting, make_proposal, make_statement
from tests.pages import crawl, csv_text, freeze, get, kept, load_seeds, numbers, read, slugs

pytestmark = pytest.mark.django_db

LISTS = (
    "/",
    "/proposals/",
    "/meetings/",
    "/targets/",
    "/gates/",
    "/follow-up/",
    "/changes/",
    "/sources/",
    "/method/",
    "/data/",
)
TABLES = ("proposals", "statements", "status-changes", "meetings", "sources", "organizations")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


def column(client, address, name):
    head, *body = csv.reader(csv_text(client, address).splitlines())
    return [row[head.index(name)] for row in body]


# --- numbers and links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?as_of=2024-06-12"])
def test_every_number_of_the_seeds_leads_to_as_many_rows(client, query):
    pairs = sorted(set(numbers(get(client, f"/{query}"))))
    own = (
        [pair for pair in pairs if query.lstrip("?") in pair[0]] if query else [p for p in pairs if "as_of" not in p[0]]
    )
    others = [pair for pair in pairs if pair not in own]  # the days of the chart over time: one in eight
    assert len(own) > 20
    wrong = {(href, number, rows) for href, number in own + others[::8] if (rows := _counted(client, href)) != number}
    assert wrong == set()


def _counted(client, href):
    """Count the rows behind a number in the export, which has those of the register and costs less to make."""
    return len(list(csv.reader(csv_text(client, href.replace("/proposals/", "/proposals.csv")).splitlines()))) - 1


def test_the_overview_costs_no_more_than_fifteen_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(15) as with_seeds:
        get(client, "/")
    for _number in range(20):
        make_statement(make_proposal(), make_meeting())
    with django_assert_max_num_queries(len(with_seeds)):
        get(client, "/")


def test_no_link_of_the_seeds_pages_is_dead_today(client):
    """Past days have the same test in `test_days`."""
    assert len(crawl(client, LISTS, _is_followed)) > 60


def _is_followed(address):
    """Whether the crawl opens a page: of the hundreds of records one in three, of their many sources one in sixteen."""
    path = urlsplit(address).path
    if address.startswith("/proposals/?") or ".csv" in address:
        return False
    one_in = 16 if path.startswith("/sources/") else 3 if path.count("/") > 2 else 1
    return crc32(path.encode()) % one_in == 0


@pytest.mark.parametrize("query", ["", "?as_of=2024-06-12", "?as_of=2020-01-01"])
def test_the_data_page_lists_every_table_with_its_rows_and_links_that_work(client, query):
    page = get(client, f"/data/{query}")
    for name in TABLES:
        section = page.section(name)
        hrefs = [href for href, _words in section.links()]
        assert hrefs[0] == f"/{name}.csv{query}"
        rows = list(csv.reader(csv_text(client, hrefs[0]).splitlines()))
        said = int(re.search(r"(\d+) rows?\b", section.text)[1])
        assert len(rows) - 1 == said, name
        assert [row[0] for row in section.rows()] == rows[0]
        assert csv_text(client, hrefs[1]).startswith("\ufeff")


# --- exports -------------------------------------------------------------------------------------------------------

CHOICES = {
    "status": ["proposed", "pledged"],
    "theme": ["trade", "border-gates"],
    "answer": ["blanket", "none"],
    "organization": ["yunnan"],
    "proposed_by": ["dien-bien"],
    "meeting": ["yunnan-working-group-10"],
    "flag": ["stalled"],
    "without": ["lead"],
    "q": ["cai"],
    "as_of": ["2024-06-12"],
    "sort": ["title", "-deadline"],
}
SINGLE = [f"{name}={value}" for name, values in CHOICES.items() for value in values]
PAIRS = ["&".join(pair) for pair in itertools.combinations(SINGLE, 2)]


@pytest.mark.parametrize("query", ["", *SINGLE, *PAIRS[::4]])
def test_the_export_has_the_rows_of_the_register_in_its_order(client, query):
    register = []
    for number in (1, 2, 3):
        response = client.get(f"/proposals/?{query}&page={number}", headers={"HX-Request": "true"})
        if response.status_code == 400:
            break
        register += slugs(read(response))
    assert column(client, f"/proposals.csv?{query}", "slug") == register


@pytest.mark.parametrize("query", ["status=proposed", "theme=trade&answer=none", "q=lao+cai&as_of=2024-06-12"])
def test_statements_and_changes_are_those_of_the_register_s_proposals(client, query):
    chosen = set(column(client, f"/proposals.csv?{query}", "slug"))
    assert chosen
    assert set(column(client, f"/status-changes.csv?{query}", "proposal")) == chosen
    assert set(column(client, f"/statements.csv?{query}", "proposal")) == chosen


def test_a_meeting_s_statements_are_those_said_there(client):
    assert set(column(client, "/statements.csv?meeting=pm-wang-ning-2024", "meeting")) == {"pm-wang-ning-2024"}
    both = column(client, "/statements.csv?meeting=pm-wang-ning-2024&meeting=yunnan-working-group-10", "meeting")
    assert set(both) == {"pm-wang-ning-2024", "yunnan-working-group-10"}


def test_an_empty_choice_of_the_form_chooses_nothing(client):
    empty = "meeting=&status=&organization=&q=&gate=&sort="
    assert csv_text(client, f"/statements.csv?{empty}") == csv_text(client, "/statements.csv")
