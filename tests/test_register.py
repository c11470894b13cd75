"""The register: what a visitor asks for is what is listed; what is wrong is said so."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_statement,
    make_theme,
)
from tests.pages import found, freeze, get, kept, slugs
from tracker.choices import Nature, OrganizationKind, Publication, Side, Stance, Status
from tracker.models import Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def listed(client):
    """Open the register with a query; give the slugs that it lists, and hold its count to them."""

    def open_register(query=""):
        page = get(client, f"/proposals/{query}")
        assert found(page) == len(slugs(page))
        return slugs(page)

    return open_register


def _organizations():
    vietnam = make_organization("viet-nam", name="Vietnam", kind=OrganizationKind.STATE)
    lao_cai = make_organization(
        "lao-cai", name="Lao Cai", short_name_vi="Lào Cai", short_name_zh_hans="老街", parent=vietnam
    )
    return SimpleNamespace(
        vietnam=vietnam,
        lao_cai=lao_cai,
        committee=make_organization("lao-cai-committee", name="Lao Cai Committee", parent=lao_cai),
        yen_bai=make_organization(
            "yen-bai", name="Yen Bai", parent=vietnam, successor=lao_cai, succeeded_on=date(2025, 7, 1)
        ),
        yunnan=make_organization("yunnan", side=Side.CHINA, name="Yunnan"),
    )


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, _make_world)


def _make_world():
    """Make five proposals that differ in everything a filter knows, and a draft that no filter may find."""
    org = _organizations()
    gates, trade = make_theme("gates", position=1), make_theme("trade", position=2)
    talks = make_meeting(date(2024, 6, 12), slug="talks", name_en="Talks", series=None)
    again = make_meeting(date(2025, 6, 12), slug="again", series=talks.series)
    gate = make_proposal(
        "Open the gate", slug="gate", theme=gates, since=date(2024, 6, 12), proposer=[org.committee],
        addressee=[org.yunnan], lead=[org.yunnan],
    )  # fmt: skip
    gate.gates.add(make_gate("long-phu", name_en="A Pa Chai – Long Phu", name_zh_hans="阿巴寨—龙富"))
    make_statement(gate, talks, Stance.REQUESTED, post=make_post("Phạm Đức Toản"), summary_en="Asked about customs.")
    make_deadline(gate, date(2025, 3, 31), phrase_en="by March")
    goal = make_proposal(
        "Raise trade", slug="goal", theme=trade, nature=Nature.TARGET, status=Status.AGREED, since=date(2024, 7, 1),
        proposer=[org.yunnan], addressee=[org.lao_cai],
    )  # fmt: skip
    make_statement(goal, talks, Stance.PROPOSED, summary_en="Five billion.")
    make_statement(goal, talks, Stance.AGREED, blanket=True)
    rail = make_proposal("Build rail", slug="rail", theme=trade, since=date(2025, 6, 12), proposer=[org.yen_bai])
    make_statement(rail, again, Stance.PROPOSED)
    make_statement(rail, again, Stance.PLEDGED)
    make_change(rail, Status.UNDER_WAY, on=date(2026, 10, 1))
    make_development(rail, date(2026, 10, 1))
    make_proposal(
        "Value ties", slug="ties", theme=trade, nature=Nature.DECLARATORY, status=Status.PLEDGED, since=date(2026, 1, 1)
    )
    make_proposal("Share seeds", slug="seeds", theme=trade, status=Status.WITHDRAWN, since=date(2026, 2, 1))
    draft = make_proposal("Secret", slug="secret", theme=gates, proposer=[org.lao_cai], publication=Publication.DRAFT)
    draft.gates.add(gate.gates.get())
    make_statement(draft, talks, Stance.PROPOSED, summary_en="Asked about customs.")


# --- search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Lào Cai", "lao cai", "LAO CAI", "老街", "  lào   CAI ", "Lao+Cai"])
def test_a_name_is_found_in_any_case_with_or_without_marks_and_in_any_language(listed, text):
    # as many as ?organization=lao-cai: the railway is Yen Bai's, which became part of Lao Cai
    assert sorted(listed(f"?q={text}")) == ["gate", "goal", "rail"]


def test_the_words_of_a_name_are_not_looked_for_one_by_one(listed):
    make_organization("tuyen-quang", name="Tuyên Quang")
    make_proposal("Mở tuyến đường sắt tới Quảng Tây", slug="line")
    assert listed("?q=tuyen+quang") == []
    assert listed("?q=tuyen+duong") == ["line"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customs", ["gate"]),
        ("pham duc toan", ["gate"]),
        ("Phạm Đức Toản", ["gate"]),
        ("long phu", ["gate"]),
        ("龙富", ["gate"]),
        ("阿巴寨—龙富", ["gate"]),
        ("trade raise", ["goal"]),
        ("%", []),
        ("_", []),
        ("no such thing", []),
        ("secret", []),
    ],
)
def test_search_looks_into_statements_speakers_gates_and_titles(listed, text, expected):
    assert sorted(listed(f"?q={text}".replace("%", "%25"))) == expected


def test_what_was_said_after_the_day_is_not_found_on_it(listed):
    assert listed("?q=billion&as_of=2024-07-01") == ["goal"]
    later = make_meeting(date(2025, 1, 1))
    make_statement(Proposal.objects.get(slug="goal"), later, summary_en="Ten trillion.")
    assert listed("?q=trillion&as_of=2024-12-31") == []
    assert listed("?q=trillion") == ["goal"]


def test_an_empty_search_finds_everything(listed):
    assert len(listed("?q=")) == len(listed("?q=%20")) == len(listed()) == 5


@pytest.mark.parametrize("text", ["word " * 400, "a" * 5000])
def test_a_search_that_is_far_too_long_is_said_so(client, text):
    page = get(client, f"/proposals/?q={text}", 400)
    assert "at most 200 characters" in page.one(role="alert").text


# --- filters -------------------------------------------------------------------------------------------------------

ALONE = [
    ("status=under_way", ["rail"]),
    ("status=proposed&status=withdrawn", ["gate", "seeds"]),
    ("status=completed", []),
    ("schedule=overdue", ["gate"]),
    ("schedule=overdue&schedule=no_deadline", ["gate", "goal", "rail", "seeds", "ties"]),
    ("nature=target", ["goal"]),
    ("nature=target&nature=declaratory", ["goal", "ties"]),
    ("theme=gates", ["gate"]),
    ("theme=gates&theme=trade", ["gate", "goal", "rail", "seeds", "ties"]),
    ("answer=none", ["gate"]),
    ("answer=blanket", ["goal"]),
    ("answer=specific&answer=blanket", ["goal", "rail"]),
    ("organization=lao-cai", ["gate", "goal", "rail"]),
    ("organization=lao-cai-committee", ["gate"]),
    ("organization=yen-bai", ["rail"]),
    ("organization=viet-nam", ["gate", "goal", "rail"]),
    ("proposed_by=lao-cai", ["gate", "rail"]),
    ("proposed_by=yunnan&proposed_by=yen-bai", ["goal", "rail"]),
    ("addressed_to=yunnan", ["gate"]),
    ("addressed_to=lao-cai", ["goal"]),
    ("lead=yunnan", ["gate"]),
    ("lead=lao-cai", []),
    ("meeting=talks", ["gate", "goal"]),
    ("meeting=talks&meeting=again", ["gate", "goal", "rail"]),
    ("gate=long-phu", ["gate"]),
    ("flag=unanswered", ["gate"]),
    ("flag=stalled", ["gate", "goal"]),
    ("flag=unanswered&flag=unverified", ["gate", "goal"]),
    ("without=answer", ["gate"]),
    ("without=deadline", ["goal", "rail", "seeds", "ties"]),
    ("without=development", ["gate", "goal", "seeds", "ties"]),
    ("without=lead", ["goal", "rail", "seeds", "ties"]),
]


@pytest.mark.parametrize(("query", "expected"), ALONE)
def test_each_filter_keeps_what_it_names(listed, query, expected):
    assert sorted(listed(f"?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("theme=trade&status=under_way&status=agreed", ["goal", "rail"]),
        ("theme=trade&status=under_way&answer=blanket", []),
        ("q=lao+cai&proposed_by=yunnan&addressed_to=lao-cai&meeting=talks&nature=target", ["goal"]),
        ("organization=yunnan&without=lead&as_of=2024-12-31", ["goal"]),
        ("status=&theme=&organization=&meeting=&q=&sort=&page=", ["gate", "goal", "rail", "seeds", "ties"]),
        ("status=under_way&status=", ["rail"]),
    ],
)
def test_filters_of_different_kinds_must_all_hold(listed, query, expected):
    assert sorted(listed(f"?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=finished", "status: “finished” is not known here. Allowed: proposed, agreed, pledged, under_way,"),
        ("status=proposed&status=finished", "“finished” is not known here"),
        ("schedule=late", "Allowed: no_deadline, not_due, due_soon, overdue,"),
        ("nature=big", "Allowed: one_off, target, continuing, declaratory."),
        ("theme=sport", "theme: “sport” is not known here. Allowed: gates, trade."),
        ("answer=maybe", "Allowed: specific, joint, blanket, none."),
        ("flag=red", "Allowed: unanswered, stalled, unverified, contested."),
        ("without=hope", "Allowed: answer, deadline, development, lead."),
        ("organization=atlantis", "organization: “atlantis” is not known here"),
        ("proposed_by=atlantis", "proposed_by: “atlantis” is not known here"),
        ("addressed_to=atlantis", "addressed_to: “atlantis” is not known here"),
        ("lead=atlantis", "lead: “atlantis” is not known here"),
        ("meeting=dinner", "meeting: “dinner” is not known here"),
        ("gate=heaven", "gate: “heaven” is not known here. Allowed: long-phu."),
        ("meeting=again&as_of=2025-06-11", "“again” is not known here"),
        ("q=%00", "q: "),
    ],
)
def test_an_unknown_value_is_said_so_and_nothing_is_listed(client, query, said):
    page = get(client, f"/proposals/?{query}", 400)
    assert said in page.one(role="alert").text
    assert slugs(page) == []
    assert found(page) == 0


def test_every_fault_of_an_address_is_said(client):
    said = get(client, "/proposals/?status=x&theme=y", 400).one(role="alert").all("li")
    assert [line.text.split(":")[0] for line in said] == ["status", "theme"]


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("sort=colour", "allowed: title, theme, nature, status, status_since,"),
        ("sort=--title", "allowed: title,"),
        ("sort=-", "allowed: title,"),
        ("page=2", "allowed: 1 to 1."),
        ("page=0", "allowed: 1 to 1."),
        ("page=last", "allowed: 1 to 1."),
        ("as_of=2026-11-21", "2026-11-21 is in the future; allowed: days up to 2026-11-20."),
        ("as_of=yesterday", "“yesterday” is not a day; allowed: a date such as 2024-11-06."),
        ("as_of=2024-02-30", "“2024-02-30” is not a day"),
        ("as_of=20241106", "“20241106” is not a day"),
        ("as_of=2024-W45-3", "“2024-W45-3” is not a day"),
        ("as_of=2024-11", "“2024-11” is not a day"),
    ],
)
def test_an_unknown_order_page_or_day_is_said_so_with_what_is_allowed(client, query, allowed):
    page = get(client, f"/proposals/?{query}", 400)
    assert allowed in page.one(role="alert").text


def test_the_meeting_filter_looks_only_at_what_had_been_said_by_the_day(listed, client):
    proposal = make_proposal(slug="early", since=date(2024, 1, 1))
    make_statement(proposal, make_meeting(date(2024, 6, 30), slug="month", first_day=date(2024, 6, 1)))
    assert listed("?meeting=month&as_of=2024-06-15") == []
    assert listed("?meeting=month&as_of=2024-06-30") == ["early"]


# --- as of ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-06-11", []),
        ("2024-06-12", ["gate"]),
        ("2025-06-11", ["gate", "goal"]),
        ("2026-11-20", ["gate", "goal", "rail", "seeds", "ties"]),
    ],
)
def test_a_day_shows_what_had_been_raised_by_then(listed, day, expected):
    assert sorted(listed(f"?as_of={day}")) == expected


def test_a_day_shows_the_status_the_schedule_and_the_answer_of_then(listed):
    assert listed("?status=under_way&as_of=2026-09-30") == []
    assert listed("?status=proposed&as_of=2026-09-30") == ["rail", "gate"]
    assert listed("?schedule=overdue&as_of=2025-03-31") == []
    assert listed("?schedule=due_soon&as_of=2025-03-31") == ["gate"]
    assert listed("?flag=unanswered&as_of=2025-06-11") == []
    assert listed("?without=development&as_of=2026-09-30&theme=trade&nature=one_off") == ["rail", "seeds"]


def test_a_past_day_is_said_and_kept_by_the_links(client):
    page = get(client, "/proposals/?as_of=2025-06-11&theme=gates")
    assert "past" in page.one(css="as-of").attrs["class"].split()
    assert page.all("table", "cards-on-phone")[0].links()[-1] == ("/proposals/gate/?as_of=2025-06-11", "Open the gate")
    assert ("?theme=gates", "Back to today") in page.one(css="as-of").links()


# --- order ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["rail", "gate", "goal", "seeds", "ties"]),
        ("-title", ["ties", "seeds", "goal", "gate", "rail"]),
        ("status", ["gate", "goal", "ties", "rail", "seeds"]),
        ("-status", ["seeds", "rail", "ties", "goal", "gate"]),
        ("nature", ["gate", "rail", "seeds", "goal", "ties"]),
        ("theme", ["gate", "goal", "rail", "seeds", "ties"]),
        ("status_since", ["gate", "goal", "ties", "seeds", "rail"]),
        ("deadline", ["gate", "goal", "rail", "seeds", "ties"]),
        ("-deadline", ["gate", "ties", "seeds", "rail", "goal"]),
        ("last_development", ["rail", "gate", "goal", "seeds", "ties"]),
        ("-last_development", ["rail", "ties", "seeds", "goal", "gate"]),
        ("last_raised", ["gate", "goal", "rail", "seeds", "ties"]),
        ("-last_raised", ["rail", "goal", "gate", "ties", "seeds"]),
        ("first_raised", ["gate", "goal", "rail", "seeds", "ties"]),
        ("-times_raised", ["rail", "goal", "gate", "ties", "seeds"]),
    ],
)
def test_rows_come_in_the_order_asked_for_and_what_is_not_on_record_comes_last(listed, sort, expected):
    assert listed(f"?sort={sort}") == expected


def test_without_an_order_the_latest_raised_comes_first(listed):
    assert listed() == listed("?sort=-last_raised")


def test_a_heading_says_its_order_and_leads_to_the_other(client):
    page = get(client, "/proposals/?sort=title&theme=trade&page=1")
    (heading,) = page.all("th", aria_sort="ascending")
    assert heading.links() == [("?sort=-title&theme=trade", "Proposal")]


# --- pages, facets, parts ------------------------------------------------------------------------------------------


@pytest.fixture
def sixty():
    for number in range(60):
        make_proposal(f"Thing {number:02}", slug=f"thing-{number:02}")


def test_pages_hold_fifty_and_their_links_keep_the_filters(sixty, client):
    first = get(client, "/proposals/?q=thing&sort=title")
    assert slugs(first) == [f"thing-{number:02}" for number in range(50)]
    assert found(first) == 60
    pages = first.one("nav", css="pagination")
    assert pages.links() == [("?q=thing&sort=title&page=2", words) for words in ("2", "Next")]
    second = get(client, "/proposals/?q=thing&sort=title&page=2")
    assert slugs(second) == [f"thing-{number:02}" for number in range(50, 60)]
    assert "51–60 of 60" in second.one("nav", css="pagination").text


@pytest.mark.parametrize(
    ("query", "name", "counts"),
    [
        ("", "status", {"proposed": 1, "agreed": 1, "pledged": 1, "under_way": 1, "withdrawn": 1, "completed": 0}),
        ("", "answer", {"specific": 1, "joint": 0, "blanket": 1, "none": 1}),
        ("", "without", {"answer": 1, "deadline": 4, "development": 4, "lead": 4}),
        ("theme=trade", "theme", {"gates": 1, "trade": 4}),
        ("theme=trade", "nature", {"one_off": 2, "target": 1, "declaratory": 1}),
        ("theme=trade&nature=target", "theme", {"gates": 0, "trade": 1}),
        ("meeting=talks", "status", {"proposed": 1, "agreed": 1, "under_way": 0}),
    ],
)
def test_a_facet_counts_what_each_further_choice_would_leave(client, query, name, counts):
    page = get(client, f"/proposals/?{query}")
    assert {value: int(page.id(f"count-{name}-{value}").text) for value in counts} == counts


def test_each_count_beside_a_choice_is_what_the_choice_finds(client):
    page = get(client, "/proposals/?organization=lao-cai")
    boxes = page.all("input", type="checkbox")
    assert len(boxes) > 30
    for box in boxes:
        name, value = box.attrs["name"], box.attrs["value"]
        counted = int(page.id(f"count-{name}-{value}").text)
        assert found(get(client, f"/proposals/?organization=lao-cai&{name}={value}")) == counted, (name, value)


def test_what_is_chosen_stays_chosen_in_the_form(client):
    page = get(
        client, "/proposals/?status=agreed&proposed_by=yunnan&proposed_by=yen-bai&q=x&sort=title&as_of=2026-01-01"
    )
    form = page.one("form", data_live="")
    assert [box.attrs["value"] for box in form.all("input", checked="")] == ["agreed"]
    chosen = form.one("select", id="proposed_by")
    assert [option.attrs["value"] for option in chosen.all("option", selected="")] == ["yunnan"]
    hidden = {(box.attrs["name"], box.attrs["value"]) for box in form.all("input", type="hidden")}
    assert hidden == {("proposed_by", "yen-bai"), ("sort", "title"), ("as_of", "2026-01-01")}
    assert form.one("input", type="search").attrs["value"] == "x"


def test_each_filter_in_force_can_be_taken_off_alone(client):
    page = get(client, "/proposals/?status=agreed&status=proposed&theme=trade&page=1")
    taken_off = {words: href for href, words in page.one("ul", css="tokens").links()}
    assert taken_off == {
        "Status: Agreed ×(remove)": "?status=proposed&theme=trade",
        "Status: Proposed ×(remove)": "?status=agreed&theme=trade",
        "Theme: Trade ×(remove)": "?status=agreed&status=proposed",
    }


def test_htmx_gets_the_results_alone_and_fresh_counts(client):
    whole = client.get("/proposals/?theme=trade")
    part = client.get("/proposals/?theme=trade", headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "<form" not in part.content.decode()
    page = get(client, "/proposals/?theme=trade", **{"HX-Request": "true"})
    assert slugs(page) == slugs(get(client, "/proposals/?theme=trade"))
    count = page.id("count-theme-gates")
    assert (count.text, count.attrs["hx-swap-oob"]) == ("1", "true")


def test_a_cache_keeps_the_part_and_the_page_apart(client):
    assert "HX-Request" in client.get("/proposals/")["Vary"]
    restored = client.get("/proposals/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()


@pytest.mark.parametrize("query", ["", "?q=thing&theme=trade&status=proposed&proposed_by=far-away&sort=title"])
def test_the_register_costs_the_same_few_queries_whatever_its_length(client, django_assert_max_num_queries, query):
    far_away = make_organization("far-away")
    used = []
    for number in (1, 59):
        for _one in range(number):
            make_statement(make_proposal("Thing", proposer=[far_away]), make_meeting())
        with django_assert_max_num_queries(8) as queries:
            page = get(client, f"/proposals/{query}")
        assert len(slugs(page)) == min(50, found(page))
        used.append(len(queries))
    assert found(page) >= 60
    assert used[0] == used[1]


def test_an_empty_register_says_so_and_leads_back(client):
    page = get(client, "/proposals/?status=completed&as_of=2025-01-01")
    assert "Nothing matches all of these filters." in page.text
    assert ("/proposals/?as_of=2025-01-01", "Show all proposals") in page.links()


def test_the_share_of_unknown_stands_beneath_the_time_line_and_leads_to_its_rows(client):
    lights = make_theme("lights")
    for day in (date(2025, 1, 10), date(2025, 2, 10), date(2026, 11, 1)):
        make_proposal(since=day, theme=lights)
    timeline = get(client, "/proposals/?theme=lights").id("timeline")
    assert "Unknown: 2 of 3 open (67%) on 20 Nov 2026." in timeline.text
    ((href, _n),) = [link for link in timeline.links() if "unverified" in link[0]]
    unverified = get(client, f"/proposals/{href}")
    assert found(unverified) == 2
    assert [link for link in unverified.id("timeline").links() if "flag=" in link[0]] == []


def test_a_lamp_stands_in_each_row_that_is_open_and_counted(client):
    lights = make_theme("lights")
    make_proposal("Open one", slug="open-one", since=date(2026, 11, 1), theme=lights)
    make_proposal("Words", slug="words", nature=Nature.DECLARATORY, since=date(2026, 11, 1), theme=lights)
    page = get(client, "/proposals/?theme=lights&sort=title")
    assert [row[2] for row in page.one("table", "cards-on-phone").rows()] == ["● Green: otherwise open", "–"]


@pytest.mark.parametrize("address", ["/proposals/?staus=pledged", "/meetings/?staus=1", "/sources/?publisher=VNA"])
def test_a_misspelt_filter_is_said_so_and_not_taken_for_none(client, address):
    page = get(client, address, 400)
    assert "is not a filter here; allowed: q, " in page.one(role="alert").text


def test_who_asked_and_who_was_asked_must_hold_of_one_ask_and_its_answer_counts(client):
    north, south = make_organization("north"), make_organization("south", side=Side.CHINA)
    talks, again = make_meeting(date(2024, 1, 1)), make_meeting(date(2025, 1, 1))
    both = make_proposal("Both asked", slug="both")
    make_statement(both, talks, Stance.PROPOSED, organization=north, addressee=south)
    make_statement(both, talks, Stance.PLEDGED, organization=south)
    make_statement(both, again, Stance.PROPOSED, organization=south, addressee=north)
    assert slugs(get(client, "/proposals/?asked_by=north&asked_of=south&answer=specific")) == ["both"]
    assert slugs(get(client, "/proposals/?asked_by=south&asked_of=north&answer=specific")) == []
    assert slugs(get(client, "/proposals/?asked_by=south&asked_of=north&answer=none")) == ["both"]
    assert slugs(get(client, "/proposals/?asked_by=north&asked_of=north")) == []
    assert "both" in slugs(get(client, "/proposals/?without=answer"))  # the newest ask of all decides
