"""The targets: where it is, against what, measured by whom, how far, and how fast it must go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from tests.makers import make_organization, make_proposal, make_source, make_target
from tests.pages import csv_text, freeze, get
from tracker.choices import Measure, Nature, Publication, Qualifier
from tracker.models import Indicator, Observation, Series, Target

pytestmark = pytest.mark.django_db
UNIT = "billion US dollars"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def make_figures(indicator, slug, *figures, unit=UNIT):
    """Make a series of figures: (year, value), or (first day, last day, value), then more fields as a dict."""
    series = Series.objects.create(
        slug=slug, indicator=indicator, name_en=slug.title(), compiler_en=f"Office of {slug}", unit_en=unit
    )
    for given in figures:
        *period, value = [one for one in given if not isinstance(one, dict)]
        more = next((one for one in given if isinstance(one, dict)), {})
        first, last = period if len(period) == 2 else (date(period[0], 1, 1), date(period[0], 12, 31))
        fields = {"source": make_source(published_on=last), "key": f"{slug}-{last}-{more.get('vintage', 1)}", **more}
        Observation.objects.create(series=series, period_start=first, period_end=last, value=Decimal(value), **fields)
    return series


@pytest.fixture
def trade():
    """Make the five billion without a date, with two compilers and a series in yuan."""
    proposal = make_proposal(
        "Raise trade to five billion", slug="five-billion", since=date(2024, 11, 6), nature=Nature.TARGET
    )
    target = make_target(proposal, Decimal(5), stated_on=date(2024, 11, 6), source=make_source("report"), paragraph=6)
    indicator = target.indicator
    Indicator.objects.filter(pk=indicator.pk).update(slug="trade")
    make_figures(
        indicator, "customs", (2018, "4.15"), (2024, "3.13"), (date(2025, 1, 1), date(2025, 10, 31), "3.3"),
        (date(2024, 1, 1), date(2024, 10, 31), "3"),
    )  # fmt: skip
    make_figures(indicator, "daily", (2024, "3", {"qualifier": Qualifier.MORE_THAN}))
    make_figures(indicator, "yuan", (2024, "22"), unit="billion yuan")
    return indicator


def test_the_page_answers_at_once(trade, client):
    cards = [card.text for card in get(client, "/targets/trade/").all("li", "card")]
    assert cards[0].startswith("3.13billion US dollars · 2024")
    assert "Measured by: Office of customs" in cards[0]
    assert cards[1].startswith("5billion US dollars · no date stated")
    assert "6 Nov 2024 (Agency, 2024-11-06)" in cards[1]
    assert cards[2].startswith("62.6% 1.87 billion US dollars left")
    assert "2018 to 2024: from 4.15 to 3.13, −24.6% in all, −4.6% a year." in cards[2]
    assert cards[3].startswith("Growth a year needed to reach it by the end of")
    assert "2027 2028 2029 2030 2031 16.9% 12.4% 9.8% 8.1% 6.9%" in cards[3]
    assert "not reached while it falls (−4.6% a year)" in cards[3]
    assert "Arithmetic, not a forecast." in cards[3]


def test_each_series_stands_by_itself_against_the_target(trade, client):
    page = get(client, "/targets/trade/")
    panel = next(one for one in page.all("section", "panel") if one.attrs["aria-labelledby"].startswith("pace-"))
    rows = panel.rows()
    assert [row[0] for row in rows] == ["Customs", "Daily"]
    assert rows[0][-1] == "not reached while it falls (−4.6% a year) 2018 to 2024"
    assert rows[1][1:3] == [
        "more than 3 · 2024",
        "less than 2 billion US dollars left; at more than 60.0% of the target",
    ]
    assert rows[1][-1] == "not known, there are too few figures"
    assert "not a forecast" in panel.text


def test_the_figures_show_as_published_with_a_row_and_a_source_each(trade, client):
    page = get(client, "/targets/trade/")
    rows = page.section("series-customs").rows()
    assert [row[:2] for row in rows] == [
        ["2018", "4.15"], ["Jan–Oct 2024 (10 months)", "3"], ["2024", "3.13"],
        ["Jan–Oct 2025 (10 months)", "3.3"],
    ]  # fmt: skip
    assert "change 10.0%" in page.section("series-customs").text
    twin = page.all("details", "twin")[0].one("table").rows()
    assert ["2019–2023: no figure on record", "Customs · Office of customs", "–", "–"] in twin
    ids = {node.attrs["id"] for node in page.all("tr") if "id" in node.attrs}
    marks = {href[1:] for href, _words in page.links() if href.startswith("#figure-")}
    assert marks
    assert marks <= ids


def test_a_past_day_shows_what_was_stated_and_published_by_then(trade, client):
    early = get(client, "/targets/trade/?as_of=2024-11-05")
    assert "No source states a target" in early.text
    assert [row[0] for row in early.section("series-customs").rows()] == ["2018", "Jan–Oct 2024 (10 months)"]
    assert "five billion" not in early.text
    assert len(get(client, "/targets/trade/?as_of=2024-12-31").section("series-customs").rows()) == 3
    get(client, "/targets/trade/?as_of=2018-12-30", 404)
    get(client, "/targets/trade/?as_of=2018-12-31")


@pytest.mark.parametrize(
    ("own", "sources", "before", "day"),
    [
        (date(2025, 3, 1), date(2025, 2, 1), "2025-02-28", "2025-03-01"),
        (None, date(2025, 2, 1), "2025-01-31", "2025-02-01"),
        (None, None, "2024-12-30", "2024-12-31"),
        (date(2024, 11, 1), None, "2024-12-30", "2024-12-31"),  # published before the period had ended
    ],
)
def test_a_figure_is_known_from_its_publication_else_its_sources_else_the_end_of_its_period(
    client, own, sources, before, day
):
    indicator = Indicator.objects.create(slug="power", name_en="Power", unit_en="GWh")
    make_figures(
        indicator, "grid", (2024, "9", {"published_on": own, "source": make_source(published_on=sources)}), unit="GWh"
    )
    get(client, f"/targets/power/?as_of={before}", 404)
    get(client, f"/targets/power/?as_of={day}")
    assert len(csv_text(client, f"/observations.csv?as_of={before}").splitlines()) == 1
    assert len(csv_text(client, f"/observations.csv?as_of={day}").splitlines()) == 2


def test_a_dated_target_says_what_is_due_and_what_it_still_takes(client):
    indicator = Indicator.objects.create(slug="gates", name_en="Gates", unit_en=UNIT)
    make_figures(indicator, "province", (2024, "2.5"))
    due = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31), "precision": "year"}
    for number, (value, stated) in enumerate((("8", date(2025, 5, 1)), ("10", date(2026, 2, 28)))):
        Target.objects.create(
            key=f"t{number}", indicator=indicator, value=Decimal(value), stated_on=stated, source=make_source(), **due
        )
    page = get(client, "/targets/gates/")
    # 689 of 2191 days are gone on 2026-11-20: 2.5 + 7.5 × 0.31447 = 4.86; 2.5 × 4^0.31447 = 3.87
    assert "linear 4.86 · compound 3.87" in page.section("pace-t1").text
    assert page.section("pace-t1").rows()[0][-1] == "26.0% a year"  # a factor of 4 in six years
    assert "1 May 2025 · Target 8 billion US dollars by 2030" in page.section("pace-t1").text
    assert page.all("section", aria_labelledby="pace-t0") == []


def test_the_list_shows_every_indicator_with_or_without_a_target(trade, client):
    indicator = Indicator.objects.create(slug="power", name_en="Power", unit_en="GWh")
    make_figures(indicator, "grid", (2024, "9"), unit="GWh")
    indicator = Indicator.objects.create(slug="road", name_en="Road", unit_en="km", measure=Measure.LEVEL)
    make_figures(indicator, "press", (date(2026, 2, 20), date(2026, 2, 20), "85"), unit="km")
    due = {"first_day": date(2026, 12, 1), "last_day": date(2026, 12, 31), "precision": "month"}
    Target.objects.create(
        key="t-road", indicator=indicator, value=Decimal(100), stated_on=date(2026, 1, 1), source=make_source(), **due
    )
    page = get(client, "/targets/")
    assert page.section("aim-trade").text.startswith("Trade 3.13 of 5 billion US dollars · 62.6%")
    assert [one.text for one in page.one("ul", "targets").all("li")] == [
        "Road 85 of 100 km · 20 Feb 2026 · 85.0% due Dec 2026 · 15 km left"
    ]
    assert [one.text for one in page.one("ul", "measures").all("li")] == ["Power 9 GWh · 2024 · Office of grid"]
    where = page.one("main").text
    assert where.index("Trade 3.13") < where.index("Other targets") < where.index("Figures without a target")


def test_what_belongs_to_a_draft_does_not_show(trade, client):
    trade.proposal.publication = Publication.DRAFT
    trade.proposal.save()
    assert "Trade" not in get(client, "/targets/").one("main").text
    get(client, "/targets/trade/", 404)
    assert len(csv_text(client, "/observations.csv").splitlines()) == 1


def test_the_proposal_leads_to_its_indicator_and_back(trade, client):
    assert ("/targets/trade/", "Trade") in get(client, "/proposals/five-billion/").links()
    assert ("/proposals/five-billion/", "Raise trade to five billion") in get(client, "/targets/trade/").links()
    past = get(client, "/proposals/five-billion/?as_of=2025-01-01").links()
    assert ("/targets/trade/?as_of=2025-01-01", "Trade") in past


def test_the_table_of_observations(trade, client):
    lines = csv_text(client, "/observations.csv?indicator=trade").splitlines()
    assert lines[0].startswith("indicator,series,period_start,period_end,value,unit,qualifier,vintage,source_url,")
    assert lines[1].startswith("trade,customs,2018-01-01,2018-12-31,4.15,billion US dollars,exact,1,,")
    assert len(lines) == 7
    response = client.get("/observations.csv?indicator=none")
    assert response.status_code == 400
    assert "Allowed: trade." in response.content.decode()


def test_the_pages_cost_the_same_whatever_is_measured(trade, client, django_assert_max_num_queries):
    used = []
    for number in (1, 8):
        for one in range(number):
            slug = f"more-{number}-{one}"
            proposal = make_proposal(since=date(2024, 1, 1))
            indicator = Indicator.objects.create(slug=slug, name_en=slug, unit_en=UNIT, proposal=proposal)
            make_figures(indicator, slug, (2023, "1"), (2024, "2"))
            make_figures(trade, f"{slug}-trade", (2023, "1"))
        with django_assert_max_num_queries(12) as queries:
            get(client, "/targets/")
            get(client, "/targets/trade/")
        used.append(len(queries))
    assert used[0] == used[1]


def test_a_target_says_who_set_it_and_starts_from_the_stated_baseline_as_restated(client):
    indicator = Indicator.objects.create(slug="gates", name_en="Gates", unit_en=UNIT)
    make_figures(
        indicator, "province", (2022, "1"), (2022, "2", {"vintage": 2, "published_on": date(2025, 1, 1)}), (2024, "3"),
    )  # fmt: skip
    Target.objects.create(
        key="t", indicator=indicator, value=Decimal(10), stated_on=date(2024, 1, 1), source=make_source(),
        first_day=date(2026, 12, 31), last_day=date(2026, 12, 31), set_by=make_organization("lao-cai"),
        baseline=Observation.objects.get(vintage=1, period_end=date(2022, 12, 31)),
    )  # fmt: skip
    # 730 of 1461 days are gone on 2024-12-30: 1 + 9 × 0.49966 = 5.497; 10^0.49966 = 3.16.
    before = get(client, "/targets/gates/?as_of=2024-12-30").section("pace-t").text
    assert "Set by Lao Cai." in before
    assert "linear 5.5 · compound 3.16 from the stated baseline: 1 (2022)" in before
    after = get(client, "/targets/gates/?as_of=2025-01-01").section("pace-t").text
    assert "from the stated baseline: 2 (2022)" in after


def test_every_source_of_a_shown_figure_or_target_opens_on_the_same_day(client):
    """A page read later may tell of a figure that was published earlier."""
    late = make_source("late", published_on=date(2026, 1, 1))
    indicator = Indicator.objects.create(slug="power", name_en="Power", unit_en="GWh")
    make_figures(indicator, "grid", (2024, "9", {"published_on": date(2025, 1, 5), "source": late}), unit="GWh")
    for day, status in (("2025-01-04", 404), ("2025-01-05", 200)):
        get(client, f"/targets/power/?as_of={day}", status)
        get(client, f"/sources/late/?as_of={day}", status)
    other = make_source("other", published_on=date(2026, 1, 1))
    Target.objects.create(
        indicator=indicator, value=Decimal(10), stated_on=date(2025, 2, 1), source=other, precision="none"
    )
    assert "/sources/other/?as_of=2025-02-01" in [
        href for href, _words in get(client, "/targets/power/?as_of=2025-02-01").links()
    ]
    get(client, "/sources/other/?as_of=2025-02-01")


def test_the_front_page_and_the_proposal_tell_how_far_it_is_with_a_bar(trade, client):
    for address in ("/", "/proposals/five-billion/"):
        line = get(client, address).one("div", "target-line")
        assert line.text.startswith("3.13 of 5 billion US dollars · 2024 · 62.6% no date stated")
        bar = line.one("svg", "reach")
        assert bar.attrs["aria-label"] == "62.6% of the target"
        assert [one.attrs["width"] for one in bar.all("rect", "reach-fill")] == ["62.6%"]
        assert all(href.startswith("/targets/trade/#") for href, _words in line.links())
    assert get(client, "/?as_of=2024-11-06").one("div", "target-line").text.startswith("4.15 of 5")


def test_a_bar_is_hatched_where_its_figure_is_no_exact_full_one(client):
    proposal = make_proposal("Raise it", slug="raise", nature=Nature.TARGET, since=date(2024, 1, 1))
    target = make_target(proposal, Decimal(10), stated_on=date(2024, 1, 1), source=make_source())
    make_figures(target.indicator, "office", (date(2024, 1, 1), date(2024, 6, 30), "4"))
    line = get(client, "/").one("div", "target-line")
    assert "4 of 10 billion US dollars · Jan–Jun 2024 (6 months) · 40.0%" in line.text
    assert "a part of the time only: what it comes to is not known" in line.text
    assert len(line.all("rect", "reach-rough")) == 1


@pytest.mark.parametrize(
    ("language", "number", "share"),
    [("en", "800,000.5", "80.0%"), ("vi", "800.000,5", "80,0%"), ("zh-hans", "800,000.5", "80.0%")],
)
def test_numbers_are_written_as_the_language_writes_them(client, language, number, share):
    proposal = make_proposal("Raise it", slug="raise", nature=Nature.TARGET, since=date(2024, 1, 1))
    target = make_target(proposal, Decimal(1000000), stated_on=date(2024, 1, 1), source=make_source())
    make_figures(target.indicator, "office", (2024, "800000.5"))
    client.cookies["django_language"] = language
    with translation.override("en"):  # the request changes the language of the thread; afterwards it is English again
        text = get(client, "/targets/").one("main").text
    assert number in text
    assert share in text
    assert "800000.5" in csv_text(client, "/observations.csv")
