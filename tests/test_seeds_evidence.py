"""What the seeds say happened since, against facts read by hand from the dossier; and rules that every record keeps."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest

from tests.pages import csv_text, freeze, get, kept, load_seeds
from tests.seeded import item
from tracker.choices import SOURCED, Flag, Grade, Qualifier, Stance, Status, Visibility
from tracker.dates import around
from tracker.models import (
    Bearing,
    BorderGate,
    Development,
    Meeting,
    Milestone,
    Observation,
    Post,
    Proposal,
    Series,
    Source,
    Statement,
    StatusChange,
    Target,
)

pytestmark = pytest.mark.django_db

# The newest page of the dossier is of March 2026
CLOSE = date(2026, 3, 31)
DAYS = (date(2024, 11, 6), date(2024, 12, 31), CLOSE)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


def developments(slug, day, last=None):
    return Development.objects.filter(bearings__proposal__slug=slug, happened_on__range=(day, last or day))


def on(day, *slugs):
    return [item(slug, day).facts.status for slug in slugs]


# --- the hard cases ------------------------------------------------------------------------------------------------


def test_long_phu_was_asked_for_then_planned_for_and_since_february_2026_goods_pass_without_a_bilateral_opening():
    assert on(date(2024, 11, 6), "long-phu-gate") == [Status.PROPOSED]
    # the border forces of Dien Bien and Pu'er agreed in October 2024 to work for it: neither is who was asked
    assert on(date(2024, 12, 31), "long-phu-gate") == [Status.PROPOSED]
    assert on(date(2026, 2, 6), "long-phu-gate") != [Status.PARTLY_DONE]
    found = item("long-phu-gate", CLOSE).facts
    assert (found.status, found.status_since) == (Status.PARTLY_DONE, date(2026, 2, 7))
    assert not StatusChange.objects.filter(proposal__slug="long-phu-gate", new=Status.COMPLETED).exists()
    assert developments("long-phu-gate", date(2025, 10, 20)).exists()  # the plan for 2025–2029 was signed
    assert developments("long-phu-gate", date(2026, 1, 23)).exists()  # Decision 143
    opened = Milestone.objects.filter(gate__slug="a-pa-chai-long-phu", step__code="opened")
    assert opened.exists()
    assert not opened.exclude(last_day=None).exists()


def test_the_second_conference_was_held_four_weeks_late():
    found = item("second-conference-2022", date(2022, 4, 27))
    assert (found.facts.status, found.facts.status_since) == (Status.COMPLETED, date(2022, 4, 27))
    assert found.standing.schedule == "done_late"
    assert item("second-conference-2022", date(2022, 4, 26)).standing.schedule == "overdue"
    assert item("second-conference-2022", CLOSE).standing.schedule == "done_late"


def test_ban_gioc_had_opened_officially_before_anybody_asked_to_run_it_well():
    (opening,) = developments("ban-gioc-detian", date(2024, 10, 15))
    first, *_later = Statement.objects.filter(proposal__slug="ban-gioc-detian", stance=Stance.PROPOSED).order_by(
        "said_on"
    )
    assert first.said_on == date(2024, 11, 6)
    assert opening.happened_on < first.said_on
    # so the opening is no act that followed the ask
    assert on(date(2024, 11, 6), "ban-gioc-detian") == [Status.AGREED]
    changes = StatusChange.objects.filter(proposal__slug="ban-gioc-detian")
    assert not changes.filter(effective_on__lt=date(2024, 11, 6)).exists()
    assert not changes.filter(new=Status.COMPLETED).exists()


def test_the_end_of_districts_in_july_2025_is_on_record_and_the_promise_of_border_districts_stands():
    (abolished,) = developments("border-district-meetings", date(2025, 7, 1))
    assert abolished.sources.filter(url__contains="vietnamnews.vn/politics-laws/1720781").exists()
    (proposed,) = developments("border-district-meetings", date(2025, 7, 17))  # a group of Lao Cai and Hekou
    assert proposed.summary_en
    found = item("border-district-meetings", CLOSE)
    assert found.facts.status == Status.PLEDGED
    assert found.facts.status_since == date(2024, 6, 12)


def test_the_smart_gate_with_guangxi_works_on_one_side_and_the_accounts_of_the_two_sides_differ():
    assert on(date(2024, 11, 6), "smart-gate-guangxi") == [Status.PLEDGED]
    assert on(date(2024, 12, 31), "smart-gate-guangxi") == [Status.PLEDGED]
    assert on(date(2025, 12, 18), "smart-gate-guangxi") != [Status.PARTLY_DONE]
    found = item("smart-gate-guangxi", CLOSE)
    assert (found.facts.status, found.facts.status_since) == (Status.PARTLY_DONE, date(2025, 12, 19))
    assert Flag.CONTESTED in found.standing.flags
    accounts = Development.objects.filter(bearings__proposal__slug="smart-gate-guangxi").exclude(account_side="")
    assert set(accounts.values_list("happened_on", "account_side")) >= {
        (date(2025, 12, 10), "vietnam"),  # no data agreement, no operator
        (date(2025, 12, 19), "china"),  # the Chinese section in full operation
    }


def test_guangxi_s_pledges_stand_with_the_post_although_its_holder_left_office():
    post = Post.objects.get(person__slug="lan-tianli")
    assert post.until == date(2025, 5, 29)
    assert "3439854" in post.source.url
    pledges = Statement.objects.filter(post=post, stance=Stance.PLEDGED, said_on=date(2024, 11, 6))
    assert pledges.count() == 6
    slugs = {said.proposal.slug for said in pledges}
    assert set(on(CLOSE, *slugs)) <= {Status.PLEDGED, Status.UNDER_WAY, Status.PARTLY_DONE}
    changed = StatusChange.objects.filter(proposal__slug__in=slugs, effective_on__gt=date(2024, 11, 6))
    assert not changed.filter(source__url__contains="devdiscourse.com").exists()
    assert Meeting.objects.get(slug="pm-wei-tao-2025").last_day == date(2025, 11, 27)


# --- meetings, figures and gates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "first", "last"),
    [
        ("yunnan-secretaries-conference-1", date(2021, 5, 18), date(2021, 5, 18)),
        ("yunnan-secretaries-conference-2", date(2022, 4, 27), date(2022, 4, 27)),
        ("yunnan-secretaries-conference-3", date(2023, 3, 27), date(2023, 3, 27)),
        ("yunnan-secretaries-conference-4", date(2024, 6, 12), date(2024, 6, 12)),
        ("yunnan-secretaries-conference-5", date(2025, 10, 30), date(2025, 10, 30)),
        ("yunnan-working-group-9", date(2023, 3, 27), date(2023, 3, 27)),
        ("yunnan-working-group-11", date(2025, 10, 30), date(2025, 10, 30)),
        ("guangxi-spring-meeting-2020", date(2020, 1, 6), date(2020, 1, 7)),
        ("guangxi-spring-meeting-2024", date(2024, 2, 27), date(2024, 2, 28)),
        ("guangxi-spring-meeting-2026", date(2026, 2, 11), date(2026, 2, 11)),
        ("guangxi-working-committee-16", date(2025, 2, 1), date(2025, 2, 28)),
    ],
)
def test_the_meetings_found_later_were_held_when_the_dossier_says(slug, first, last):
    meeting = Meeting.objects.get(slug=slug)
    assert (meeting.state, meeting.first_day, meeting.last_day) == ("held", first, last)
    assert meeting.sources.exists()


@pytest.mark.parametrize("slug", ["yunnan-secretaries-conference-6", "yunnan-working-group-12"])
def test_what_is_only_foreseen_is_planned_without_a_date(slug):
    meeting = Meeting.objects.get(slug=slug)
    assert (meeting.state, meeting.last_day) == ("planned", None)


def test_the_five_billion_have_been_repeated_and_never_dated():
    targets = Target.objects.filter(indicator__proposal__slug="trade-5-billion-yunnan", value=5)
    assert targets.filter(stated_on=date(2024, 11, 6)).exists()
    assert set(targets.values_list("last_day", flat=True)) == {None}
    assert on(CLOSE, "trade-5-billion-yunnan") == [Status.AGREED]


YEAR = {year: (date(year, 1, 1), date(year, 12, 31)) for year in (2018, 2022, 2024)}


def figures(series):
    rows = Observation.objects.filter(series__slug=series, vintage=1)
    return {(row.period_start, row.period_end): (row.value, row.qualifier) for row in rows}


def test_trade_with_yunnan_is_as_each_of_those_who_state_it_has_it():
    assert figures("vietnam-yunnan-trade-government") == {
        YEAR[2018]: (Decimal("4.15"), Qualifier.EXACT),
        YEAR[2024]: (Decimal("3.13"), Qualifier.EXACT),
    }
    trade_promotion = figures("vietnam-yunnan-trade-vietrade")
    assert trade_promotion[YEAR[2022]][0] == Decimal("3.2")
    assert trade_promotion[date(2023, 1, 1), date(2023, 10, 31)][0] == Decimal("2.2")  # ten months, no year
    assert figures("vietnam-yunnan-trade-china-daily") == {YEAR[2024]: (Decimal(3), Qualifier.MORE_THAN)}


def test_the_two_sides_counts_of_visitors_at_ban_gioc_both_stand_in_series_of_their_own():
    counts = Observation.objects.filter(series__indicator__slug="ban-gioc-detian-visitors")
    at_opening = counts.filter(period_end__range=(date(2024, 10, 10), date(2024, 10, 11)))
    assert set(at_opening.values_list("period_end", "value")) == {
        (date(2024, 10, 10), 17991),  # China
        (date(2024, 10, 11), 16092),  # Vietnam
    }
    assert len({row.series_id for row in at_opening}) == 2
    assert len({row.series.compiler_en for row in at_opening}) == 2


def test_the_frontier_has_24_gates_of_the_dossier_s_classes_and_positions():
    classes = Counter(BorderGate.objects.values_list("gate_class", flat=True))
    assert classes == {"international": 10, "main": 8, "auxiliary": 5, "tourism": 1}
    stated = BorderGate.objects.filter(position_basis="stated")
    assert set(stated.values_list("slug", "latitude", "longitude")) == {
        ("huu-nghi-youyiguan", Decimal("21.971"), Decimal("106.711")),
        ("chi-ma-aidian", Decimal("21.82"), Decimal("107.027")),
        ("thanh-thuy-tianbao", Decimal("22.937"), Decimal("104.849")),
        ("u-ma-tu-khoong-pinghe", Decimal("22.78"), Decimal("102.497")),
    }
    assert BorderGate.objects.filter(position_basis="approximate").count() == 20


# hosts of the addresses that the dossier marks as mirrors
MIRRORS = ("ayao.rasgz.cn", "sodr.com.cn", "tellerreport.com", "yuhaojiang.com", "e28569.cn")


def test_mirrors_are_cited_without_a_link(client):
    mirrors = Source.objects.filter(grade=Grade.MIRROR)
    assert mirrors.count() >= len(MIRRORS)
    assert {source.link for source in mirrors} == {""}
    for source in mirrors.exclude(developments=None).distinct():
        page = get(client, source.get_absolute_url()).one("main")
        assert not [href for href, _words in page.links() if href.startswith("http")], source.slug
    for host in MIRRORS:
        assert not Source.objects.filter(url__contains=host).exclude(grade=Grade.MIRROR).exists()


# --- every record --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", [Observation, Statement, StatusChange, Milestone, Target], ids=lambda one: one.__name__
)
def test_every_record_cites_a_source_that_can_be_found_again(model):
    rows = model.objects.exclude(last_day=None) if model is Milestone else model.objects.all()
    assert rows
    for row in rows.select_related("source"):
        if row.source is None:
            assert model is StatusChange, row.pk
            assert row.new not in SOURCED, row.key
        else:
            assert can_be_found_again(row.source), row.key


def test_every_development_and_every_meeting_held_cites_a_source_that_can_be_found_again():
    meetings = Meeting.objects.filter(state="held")
    for row in (*Development.objects.prefetch_related("sources"), *meetings.prefetch_related("sources")):
        assert row.sources.all(), row
        assert all(can_be_found_again(source) for source in row.sources.all()), row


def can_be_found_again(source):
    """Hold a source to a title or publisher, and to an address or a note that says why there is none."""
    return bool(source.title or source.publisher) and bool(source.url or source.note_en)


def test_no_status_is_older_than_the_first_thing_said():
    said = defaultdict(list)
    for slug, day, precision in Statement.objects.values_list("proposal__slug", "said_on", "precision"):
        period = around(day, precision)
        said[slug].append(period.first if period else day)
    assert said.keys() == set(Proposal.objects.values_list("slug", flat=True))
    for change in StatusChange.objects.select_related("proposal"):
        assert change.effective_on >= min(said[change.proposal.slug]), change.key


def test_no_status_is_of_a_day_after_the_dossier_was_closed():
    assert not StatusChange.objects.filter(effective_on__gt=CLOSE).exists()


@pytest.mark.parametrize("day", DAYS)
def test_no_figure_is_shown_before_its_period_has_ended_and_it_was_published(client, day):
    rows = list(csv.DictReader(csv_text(client, f"/observations.csv?as_of={day}").splitlines()))
    assert rows
    for row in rows:
        shown = Observation.objects.get(
            series=series_named(row["series"], row["indicator"]),
            period_start=row["period_start"],
            period_end=row["period_end"],
            vintage=row["vintage"],
        )
        assert shown.period_end <= day
        assert shown.published_on is None or shown.published_on <= day, shown.key


def series_named(name, indicator):
    return Series.objects.get(slug=name, indicator__slug=indicator)


def test_the_figure_for_2024_shows_from_the_day_it_was_published(client):
    row = "vietnam-yunnan-trade,vietnam-yunnan-trade-government,2024-01-01,2024-12-31,3.13,"
    assert row not in csv_text(client, "/observations.csv?as_of=2024-12-31")
    assert row not in csv_text(client, "/observations.csv?as_of=2025-05-31")
    assert row in csv_text(client, f"/observations.csv?as_of={CLOSE}")


def test_every_open_proposal_without_a_development_says_what_was_looked_for():
    silent = [
        proposal.slug
        for proposal in Proposal.objects.filter(bearings=None)
        if Status(proposal.status).is_open
        and not proposal.note_en
        and not proposal.reviews.filter(visibility=Visibility.PUBLIC).exclude(note_en="").exists()
    ]
    assert silent == []


# two facts of one day that one page tells, by proposal
TWO_FACTS = {
    # the conference and working group of 30 October 2025; who led Yunnan's side of the group
    ("existing-mechanisms-yunnan", "d-people-yunnan-jwg", "d-ys-05"),
}


def test_no_fact_is_drawn_twice():
    told = defaultdict(list)
    for bearing in Bearing.objects.select_related("development", "proposal"):
        sources = frozenset(bearing.development.sources.values_list("pk", flat=True))
        told[bearing.proposal.slug, bearing.development.happened_on].append((bearing.development.key, sources))
    twice = {
        (slug, *sorted((one, other)))
        for (slug, _day), facts in told.items()
        for (one, its), (other, theirs) in combinations(facts, 2)
        if its & theirs
    }
    assert twice == TWO_FACTS
