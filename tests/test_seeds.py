"""The seeds that the tracker starts with, against facts read by hand from the five articles it began with."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.pages import freeze, get, kept, load_seeds
from tests.seeded import item
from tracker.choices import ANSWERS, ASKS, MeetingState, Nature, Precision, Stance, Status
from tracker.models import Deadline, Meeting, Organization, Person, Source, Statement, StatusChange, Target
from tracker.translation import TRANSLATED

pytestmark = pytest.mark.django_db

PM_WANG, PM_LAN = "000_d71afaf8754a3989.txt", "001_28b87cf99fb07790.txt"
TRONG_WANG, SECRETARIES = "002_bfc2c5ccca2fb67b.txt", "003_ac94df71ee5ccd5a.txt"
WORKING_GROUP = "004_64e70721f16dbf3f.txt"
PARAGRAPHS = {PM_WANG: 12, PM_LAN: 14, TRONG_WANG: 10, SECRETARIES: 14, WORKING_GROUP: 11}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


def of_the_five(model):
    """Give the rows that rest on one of the five articles; what was found later rests on other pages."""
    return model.objects.filter(source__document__in=PARAGRAPHS)


def said_in(document, paragraph):
    return Statement.objects.filter(source__document=document, paragraph=paragraph)


# --- the five articles ---------------------------------------------------------------------------------------------


def test_the_five_articles_are_the_documents_whose_paragraphs_are_counted():
    assert set(Source.objects.exclude(document="").values_list("document", flat=True)) == PARAGRAPHS.keys()


@pytest.mark.parametrize("model", [Statement, StatusChange, Deadline, Target], ids=lambda model: model.__name__)
def test_every_paragraph_cited_is_in_its_article(model):
    cited = of_the_five(model).values_list("source__document", "paragraph")
    assert cited
    for document, paragraph in cited:
        assert paragraph is not None
        assert 1 <= paragraph <= PARAGRAPHS[document]
    assert not model.objects.exclude(paragraph=None).exclude(source__document__in=PARAGRAPHS).exists()


@pytest.mark.parametrize(
    ("document", "day"),
    [
        (PM_WANG, date(2024, 11, 6)),
        (PM_LAN, date(2024, 11, 6)),
        (TRONG_WANG, date(2023, 3, 28)),
        (SECRETARIES, date(2021, 5, 18)),
        (WORKING_GROUP, date(2024, 6, 12)),
    ],
)
def test_all_that_an_article_reports_was_said_on_its_day(document, day):
    said = Statement.objects.filter(source__document=document)
    assert set(said.values_list("said_on", "precision")) == {(day, Precision.DAY)}


# who speaks in which paragraphs; None: both sides together
SPEAKERS = [
    (PM_WANG, range(3, 9), "pham-minh-chinh"),
    (PM_WANG, range(9, 13), "wang-ning"),
    (PM_LAN, (1, 3, 6, 7, 8, 9, 10), "pham-minh-chinh"),
    (PM_LAN, (4, 11, 12, 13), "lan-tianli"),
    (TRONG_WANG, (1, 2, 4, 5), "nguyen-phu-trong"),
    (TRONG_WANG, (6, 7, 8, 9), "wang-ning"),
    (SECRETARIES, (7, 8), "le-hoai-trung"),
    (SECRETARIES, (9,), "song-tao"),
    (SECRETARIES, (2, 4, 5, 11, 12, 13), None),
    (WORKING_GROUP, (6,), "hoang-minh-son"),
    (WORKING_GROUP, (7,), None),
    (WORKING_GROUP, (9,), "pham-duc-toan"),
    (WORKING_GROUP, (10,), "wang-hao"),
]


def test_every_statement_is_by_whoever_speaks_in_its_paragraph():
    speakers = {(document, paragraph): who for document, paragraphs, who in SPEAKERS for paragraph in paragraphs}
    for document, paragraph, who, key in of_the_five(Statement).values_list(
        "source__document", "paragraph", "post__person__slug", "key"
    ):
        assert speakers[document, paragraph] == who, key


def test_both_sides_together_is_said_by_no_single_person():
    joint = of_the_five(Statement).filter(stance=Stance.AGREED_JOINTLY)
    assert {said.post for said in joint} == {None}
    assert not of_the_five(Statement).filter(post=None).exclude(stance=Stance.AGREED_JOINTLY).exists()


@pytest.mark.parametrize(
    ("document", "paragraph", "asks"),
    [
        (PM_WANG, 5, 3),  # common perceptions, joint statements, exchanges
        (PM_WANG, 6, 2),  # US$5 billion, centres for trade
        (PM_WANG, 7, 4),  # smart gate, flood discharge, disasters, citizens
        (PM_WANG, 8, 3),  # border, 25 years, 15 years
        (PM_WANG, 11, 3),  # green energy, plateau agriculture, tourism
        (PM_WANG, 12, 10),  # trade, border economy, manufacturing, then the seven it is keen on
        (PM_LAN, 6, 3),  # perceptions, spring meeting, working committee
        (PM_LAN, 7, 3),  # infrastructure, standard gauge, smart checkpoints
        (PM_LAN, 8, 2),  # imports, investment
        (PM_LAN, 9, 4),  # zone, digital economy, power, clean energy
        (PM_LAN, 10, 4),  # border, upgrading, new pairs, Ban Gioc
        (WORKING_GROUP, 9, 6),  # Long Phu, health, model zone, scholarships, border trade, fairs
    ],
)
def test_each_thing_asked_in_a_paragraph_is_there_once(document, paragraph, asks):
    assert said_in(document, paragraph).filter(stance__in=ASKS).count() == asks


def test_the_eleven_things_that_the_working_group_agreed_are_there():
    # exchanges, signed agreements, deeper and new mechanisms, border, opening and upgrading gates, tourism,
    # farming, processing, border districts
    assert said_in(WORKING_GROUP, 7).filter(stance=Stance.AGREED_JOINTLY).count() == 11


# --- single facts --------------------------------------------------------------------------------------------------


def test_long_phu_was_asked_by_pham_duc_toan_who_had_no_answer_at_that_meeting():
    ask = of_the_five(Statement).get(proposal__slug="long-phu-gate")
    assert (ask.said_on, ask.source.document, ask.paragraph) == (date(2024, 6, 12), WORKING_GROUP, 9)
    assert (ask.post.person.name_en, ask.organization.slug, ask.addressee.slug) == (
        "Pham Duc Toan",
        "dien-bien",
        "yunnan",
    )
    assert not ask.answered_by.exists()
    found = item("long-phu-gate", date(2024, 6, 12))
    assert (found.facts.status, found.facts.deadline_end) == (Status.PROPOSED, None)
    assert "soon" in found.deadline_phrase


def test_the_five_billion_were_asked_for_in_paragraph_six_without_a_year(client):
    target = of_the_five(Target).get(indicator__proposal__slug="trade-5-billion-yunnan")
    assert (target.value, target.indicator.unit_en) == (5, "billion US dollars")
    assert (target.stated_on, target.source.document, target.paragraph) == (date(2024, 11, 6), PM_WANG, 6)
    assert target.last_day is None
    assert not Deadline.objects.filter(proposal__slug="trade-5-billion-yunnan").exclude(last_day=None).exists()
    found = item("trade-5-billion-yunnan", date(2024, 11, 6))
    assert (found.facts.nature, found.facts.status, found.facts.answer) == (Nature.TARGET, Status.AGREED, "blanket")
    assert "5 billion US dollars" in get(client, "/proposals/trade-5-billion-yunnan/").text


def test_guangxi_pledged_six_things_on_6_november_2024():
    pledged = of_the_five(Statement).filter(organization__slug="guangxi", stance=Stance.PLEDGED)
    assert set(pledged.values_list("said_on", "source__document", "paragraph", "post__person__slug")) == {
        (date(2024, 11, 6), PM_LAN, 11, "lan-tianli")
    }
    subjects = ("cooperation", "exchanges", "road", "rail", "smart-gate", "customs")
    assert sorted(pledged.values_list("key", flat=True)) == sorted(f"s001-p11-{subject}" for subject in subjects)
    day = date(2024, 11, 6)
    standing = {item(one.proposal.slug, day).facts.status for one in pledged}
    # one was under way when it was pledged again
    assert Status.PLEDGED in standing
    assert standing <= {Status.PLEDGED, Status.UNDER_WAY}


def test_the_second_conference_was_due_in_the_first_quarter_of_2022():
    deadline = Deadline.objects.get(proposal__slug="second-conference-2022")
    assert (deadline.first_day, deadline.last_day) == (date(2022, 1, 1), date(2022, 3, 31))
    assert (deadline.phrase_en, deadline.precision) == ("in the first quarter of 2022", Precision.QUARTER)
    assert (deadline.source.document, deadline.paragraph) == (SECRETARIES, 13)
    assert item("second-conference-2022", date(2022, 3, 31)).standing.schedule == "due_soon"
    assert item("second-conference-2022", date(2022, 4, 1)).standing.schedule == "overdue"


def test_the_answer_of_wang_ning_reaches_every_ask_of_the_prime_minister_at_that_meeting():
    at = Statement.objects.filter(meeting__slug="pm-wang-ning-2024")
    asks = at.filter(post__person__slug="pham-minh-chinh", stance__in=ASKS)
    answers = at.filter(blanket=True)
    assert asks.count() == 12
    assert set(answers.values_list("post__person__slug", "source__document", "paragraph", "stance")) == {
        ("wang-ning", PM_WANG, 9, Stance.AGREED)
    }
    assert set(answers.values_list("proposal")) == set(asks.values_list("proposal"))


def test_the_answer_of_lan_tianli_reaches_every_ask_of_the_prime_minister_too():
    at = Statement.objects.filter(meeting__slug="pm-lan-tianli-2024")
    asks = at.filter(post__person__slug="pham-minh-chinh", stance__in=ASKS)
    assert asks.count() == 16
    assert set(at.filter(blanket=True).values_list("proposal")) == set(asks.values_list("proposal"))


def test_what_dien_bien_asked_of_yunnan_has_no_answer_of_its_own():
    proposals = set(said_in(WORKING_GROUP, 9).values_list("proposal__slug", flat=True))
    assert {"long-phu-gate", "scholarships-yunnan", "tri-border-zone"} <= proposals
    answered = Statement.objects.filter(proposal__slug__in=proposals, stance__in=ANSWERS)
    assert not answered.filter(source__document=WORKING_GROUP, post__person__slug="wang-hao").exists()


def test_the_meetings_stand_on_their_days_with_what_is_inferred():
    held = {
        one.slug: (one.first_day, one.last_day, one.basis) for one in Meeting.objects.filter(state=MeetingState.HELD)
    }
    assert held["pm-wang-ning-2024"] == held["pm-lan-tianli-2024"] == (date(2024, 11, 6), date(2024, 11, 6), "stated")
    assert held["yunnan-working-group-10"] == (date(2024, 6, 12), date(2024, 6, 12), "inferred")
    assert held["yunnan-secretaries-conference-1"] == (date(2021, 5, 18), date(2021, 5, 18), "inferred")
    assert held["trong-wang-ning-2023"] == (date(2023, 3, 28), date(2023, 3, 28), "stated")
    assert not Meeting.objects.filter(basis="inferred", date_note_en="").exists()


def test_the_conference_of_party_secretaries_is_judged_by_the_meetings_held():
    kept_in = item("secretaries-conference-yunnan", date(2025, 6, 12))
    assert (kept_in.facts.last_occurrence, kept_in.standing.schedule) == (date(2024, 6, 12), "cycle_kept")
    assert item("secretaries-conference-yunnan", date(2025, 6, 13)).standing.schedule == "cycle_missed"


def test_the_provinces_of_the_merger_of_july_2025_name_their_successors():
    merged = (
        Organization.objects.filter(kind="province")
        .exclude(successor=None)
        .values_list("slug", "successor__slug", "succeeded_on")
    )
    assert set(merged) == {
        ("ha-giang", "tuyen-quang", date(2025, 7, 1)),
        ("yen-bai", "lao-cai", date(2025, 7, 1)),
    }


# --- all of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", TRANSLATED, ids=lambda model: model.__name__)
def test_every_text_stands_in_three_languages(model):
    for record in model.objects.all():
        for name in TRANSLATED[model]:
            texts = [getattr(record, f"{name}_{language}") for language in ("en", "vi", "zh_hans")]
            assert all(texts) or not any(texts), (record, name, texts)
            if texts[2] and model is not Person:  # a name whose characters no source gives stays as it is
                assert re.search("[\u4e00-\u9fff]", texts[2]), (record, name)


def test_what_the_articles_show_goes_no_further_than_a_conference_held():
    done = of_the_five(StatusChange).filter(new__in=[Status.PARTLY_DONE, Status.COMPLETED])
    assert not done.exclude(proposal__slug="second-conference-2022").exists()


def test_no_deadline_is_made_up_from_the_articles():
    dated = of_the_five(Deadline).filter(last_day__isnull=False)
    assert set(dated.values_list("proposal__slug", "last_day", "basis")) == {
        ("second-conference-2022", date(2022, 3, 31), "stated"),
        ("border-anniversaries-2024", date(2024, 12, 31), "stated"),
        ("action-plan-2023-2026-yunnan", date(2026, 12, 31), "inferred"),
    }


@pytest.mark.parametrize("text", ["Lào Cai", "lao cai", "LAO CAI", "老街"])
def test_a_search_for_lao_cai_finds_the_same_in_every_writing(client, text):
    assert get(client, f"/proposals/?q={text}").one(css="results-head").one("strong").text != "0 proposals"
    listed = [href for href, _words in get(client, f"/proposals/?q={text}").all("tbody")[0].links()]
    assert listed == [href for href, _words in get(client, "/proposals/?q=lao+cai").all("tbody")[0].links()]
