"""The land frontier: the rule of a gate's state, the map, the ladder, the pages and the tables."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.makers import (
    make_development,
    make_gate,
    make_milestone,
    make_organization,
    make_pathway,
    make_proposal,
    make_source,
)
from tests.pages import csv_text, freeze, get
from tracker.charts import frontier, ladder, shared
from tracker.choices import GateClass, PositionBasis, Precision, Publication, Side, Visibility
from tracker.gate_scale import PATHWAY, RULES_IN_ORDER, Code, GateState
from tracker.management.commands.make_outline import BOX, cut_line, cut_ring, simplified
from tracker.metrics.gates import is_open, reached_by, state_of
from tracker.metrics.records import Gate, GateStep, Rung
from tracker.models import PathwayStep

DAY = date(2025, 6, 1)
EARLIER, LATER = date(2024, 1, 1), date(2026, 1, 1)


def step(what, day=EARLIER, precision=Precision.DAY, name="A step"):
    return GateStep(what, day, precision, name, "gate")


def link_to(slug):
    return f"/gates/{slug}/"


# --- the rule ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate_class", "steps", "state"),
    [
        (GateClass.INTERNATIONAL, [], GateState.INTERNATIONAL),
        (GateClass.MAIN, [], GateState.MAIN),
        (GateClass.TOURISM, [], GateState.TOURISM),
        (GateClass.AUXILIARY, [], GateState.AUXILIARY),
        (GateClass.AUXILIARY, [step(Code.ASKED)], GateState.BEING_OPENED),
        (GateClass.AUXILIARY, [step(Code.ASKED, LATER)], GateState.AUXILIARY),
        (GateClass.AUXILIARY, [step(Code.ASKED), step(Code.OPENED)], GateState.AUXILIARY),
        (GateClass.MAIN, [step(Code.ASKED)], GateState.MAIN),
        (GateClass.MAIN, [step(Code.BUILT), step(Code.OPENED, LATER)], GateState.BEING_OPENED),
        (GateClass.MAIN, [step(Code.OPENED, LATER)], GateState.NOT_YET),
        (GateClass.INTERNATIONAL, [step(Code.UPGRADED, LATER)], GateState.MAIN),
        (GateClass.INTERNATIONAL, [step(Code.UPGRADED), step(Code.UPGRADED, LATER)], GateState.INTERNATIONAL),
        (GateClass.INTERNATIONAL, [step(Code.TRIAL)], GateState.SMART_TRIAL),
        (GateClass.AUXILIARY, [step(Code.TRIAL)], GateState.TRIAL),
        (GateClass.TOURISM, [step(Code.TRIAL, date(2023, 9, 15)), step(Code.OPENED, LATER)], GateState.TRIAL),
        (GateClass.TOURISM, [step(Code.TRIAL, date(2023, 9, 15)), step(Code.OPENED)], GateState.TOURISM),
        (GateClass.MAIN, [step(Code.OPENED), step(Code.TRIAL, date(2025, 1, 1))], GateState.SMART_TRIAL),
        (GateClass.INTERNATIONAL, [step(Code.TRIAL), step(Code.SMART)], GateState.SMART),
        (GateClass.INTERNATIONAL, [step(Code.TRIAL), step(Code.SMART, LATER)], GateState.SMART_TRIAL),
    ],
)
def test_the_state_follows_from_class_and_steps(gate_class, steps, state):
    assert state_of(gate_class, steps, DAY) == state


@pytest.mark.parametrize(
    ("gate_class", "steps", "state"),
    [
        (GateClass.INTERNATIONAL, [step(Code.ASKED)], GateState.BEING_OPENED),
        (GateClass.MAIN, [], GateState.NOT_YET),
        (GateClass.AUXILIARY, [], GateState.AUXILIARY),
        (GateClass.MAIN, [step(Code.OPENED)], GateState.MAIN),
        (GateClass.INTERNATIONAL, [step(Code.TRIAL)], GateState.TRIAL),
    ],
)
def test_a_gate_whose_opening_is_still_to_come_is_not_called_open(gate_class, steps, state):
    assert state_of(gate_class, steps, DAY, {Code.OPENED}) == state


@pytest.mark.parametrize(
    ("gate_class", "steps", "ahead", "opened"),
    [
        (GateClass.MAIN, [], set(), True),
        (GateClass.AUXILIARY, [], set(), False),
        (GateClass.AUXILIARY, [step(Code.OPENED)], set(), True),
        (GateClass.AUXILIARY, [step(Code.OPENED, LATER)], set(), False),
        (GateClass.INTERNATIONAL, [step(Code.TRIAL)], set(), True),
        (GateClass.INTERNATIONAL, [step(Code.OPENED, LATER)], set(), False),
        (GateClass.INTERNATIONAL, [step(Code.BUILT)], {Code.OPENED}, False),
    ],
)
def test_a_gate_had_been_opened_if_that_is_on_record_or_its_class_says_so(gate_class, steps, ahead, opened):
    assert is_open(gate_class, steps, DAY, ahead) is opened


def test_every_state_has_a_rule_a_shape_and_a_colour_of_its_own():
    assert set(RULES_IN_ORDER) == set(GateState)
    for part in ("glyph", "marker"):
        assert len({getattr(state.look, part) for state in GateState}) == len(GateState)


def test_a_step_tells_every_time_that_it_was_passed_by_the_day_the_first_one_first():
    passed = reached_by([step(Code.OPENED, DAY), step(Code.ASKED, LATER), step(Code.OPENED, EARLIER)], DAY)
    assert {what: [one.last_day for one in times] for what, times in passed.items()} == {Code.OPENED: [EARLIER, DAY]}


# --- the map and the ladder ----------------------------------------------------------------------------------------


def make_record(slug, number, longitude, latitude, **fields):
    fields = {
        "name": f"Gate {slug} – Khẩu {slug}",
        "names": (f"Gate {slug}", f"Cửa khẩu {slug}", "口岸"),
        "vietnam_side": "Lạng Sơn",
        "china_side": "Guangxi",
        "gate_class": GateClass.MAIN,
        "state": GateState.MAIN,
        "approximate": False,
        "steps": {},
        **fields,
    }
    return Gate(slug=slug, number=number, longitude=longitude, latitude=latitude, **fields)


CROWD = [
    make_record("a", 1, 103.942, 22.522, vietnam_side="Lào Cai", china_side="Yunnan", approximate=True),
    make_record("b", 2, 103.964, 22.507, vietnam_side="Lào Cai", china_side="Yunnan", state=GateState.SMART),
    make_record(
        "c",
        3,
        106.684,
        21.985,
        steps={
            Code.ASKED: [step(Code.ASKED)],
            Code.OPENED: [step(Code.OPENED, DAY), step(Code.OPENED, LATER, name="Again")],
        },
        ahead=frozenset({Code.SMART, Code.ASKED}),
        is_open=True,
    ),
    make_record("d", 4, 106.703, 22.021, steps={Code.TRIAL: [step(Code.TRIAL, EARLIER, Precision.NONE)]}, is_open=True),
    make_record("e", 5, 106.711, 21.971, name="<b>Gate</b> & more", names=("<b>Gate</b>", "", "")),
]
NOWHERE = make_record("f", 6, None, None)


def marks(figure):
    return [trace for trace in figure["data"] if trace.get("customdata")]


@pytest.mark.parametrize("form", [lambda figure: figure, shared.narrowed])
def test_each_gate_is_drawn_once_with_its_names_and_its_address(form):
    figure = form(frontier.frontier([*CROWD, NOWHERE], link_to))
    traces = marks(figure)
    assert [mark["href"] for trace in traces for mark in trace["customdata"]] == [link_to(slug) for slug in "abcde"]
    stories = [text for trace in traces for text in trace["hovertext"]]
    assert all(name in stories[0] for name in ("Gate a", "Cửa khẩu a", "口岸", "Approximate position"))
    assert "<b>" not in stories[4]
    assert [symbol for trace in traces for symbol in trace["marker"]["symbol"]].count("star") == 1
    go.Figure({key: figure[key] for key in ("data", "layout")})
    assert not any(trace["type"] in ("scattergeo", "choropleth", "scattermap") for trace in figure["data"])


def test_the_narrow_map_has_numbers_and_the_wide_one_names():
    figure = frontier.frontier(CROWD, link_to)
    words = [
        [note["text"] for note in form["layout"]["annotations"] if "<a " in note["text"]]
        for form in (figure, shared.narrowed(figure))
    ]
    assert "Gate c" in words[0][2]
    assert [text.partition(">")[2].partition("<")[0] for text in words[1]] == ["≈1", "2", "3", "4", "5"]


def test_a_map_without_positions_is_no_map():
    assert frontier.frontier([NOWHERE], link_to) is None
    assert frontier.frontier_table([NOWHERE], link_to).rows[0][3].text == "–"


RUNGS = [Rung(code.value, code.value.capitalize()) for code in Code]


def test_the_ladder_shows_each_step_passed_with_its_year_and_the_furthest_one_largest():
    _gaps, _ahead, trace = ladder.ladder(RUNGS, CROWD, link_to)["data"]
    sizes = [size == max(trace["marker"]["size"]) for size in trace["marker"]["size"]]
    texts = [text.replace("\u00a0", "") for text in trace["text"]]
    assert list(zip(trace["x"], texts, trace["marker"]["symbol"], sizes, strict=True)) == [
        (1, "2024", "square", False),
        (8, "<b>2025+</b>", "square", True),
        (7, "2024", "square-open", False),
        (8, "", "square-open", True),
    ]
    assert [mark["href"] for mark in trace["customdata"]] == [
        "/gates/c/#step-asked", "/gates/c/#step-opened", "/gates/d/#step-trial", "/gates/d/#step-opened",
    ]  # fmt: skip
    assert "2026-01-01" in trace["hovertext"][1]
    assert "once more on the way" in trace["hovertext"][0]
    assert "by its class" in trace["hovertext"][3]


def test_the_ladder_tells_what_is_on_the_way_from_what_is_not_on_record():
    gaps, ahead, _steps = ladder.ladder(RUNGS, CROWD, link_to)["data"]
    assert list(zip(ahead["x"], ahead["customdata"], strict=True)) == [(10, {"href": "/gates/c/#step-smart"})]
    assert ahead["marker"]["symbol"] == "circle-open"
    assert len(gaps["x"]) == 10 * len(CROWD) - 1 - 4
    assert not any(trace["mode"] == "lines" for trace in ladder.ladder(RUNGS, CROWD, link_to)["data"])


@pytest.mark.parametrize("form", [lambda figure: figure, shared.narrowed])
def test_the_ladder_has_the_state_of_each_gate_beside_its_name(form):
    figure = form(ladder.ladder(RUNGS, CROWD, link_to))
    words = [note["text"] for note in figure["layout"]["annotations"]]
    assert words.count("★") == 1
    assert sum("Open: bilateral" in text for text in words) == 4
    go.Figure({key: figure[key] for key in ("data", "layout")})


def test_the_table_of_the_ladder_says_every_time_and_what_is_not_reached():
    rows = [[cell.text for cell in row] for row in ladder.ladder_table(RUNGS, CROWD, link_to).rows]
    assert rows[2][1:3] == ["Open: bilateral", "2024-01-01"]
    assert rows[2][9:] == ["2025-06-01; 2026-01-01", "–", "on the way"]
    assert (rows[3][8], rows[3][9]) == ("by 2024-01-01", "by its class, no day on record")


def test_a_ladder_without_steps_is_no_ladder():
    assert ladder.ladder(RUNGS, CROWD[:2], link_to) is None
    assert ladder.ladder_table([], CROWD, link_to) is None


# --- the outline ---------------------------------------------------------------------------------------------------


def test_the_outline_is_small_names_its_origin_and_keeps_to_the_land_border():
    path = frontier.Path(frontier.__file__).with_name("frontier.json")
    assert path.stat().st_size < 60_000
    outline = json.loads(path.read_text("utf-8"))
    assert "public domain" in outline["origin"]
    west, south, east, north = BOX
    for name in ("vietnam", "china", "border", "coast", "other_borders"):
        points = [point for line in outline[name] for point in line]
        assert points
        assert all(west <= x <= east and south <= y <= north for x, y in points)
    (border,) = outline["border"]
    assert abs(border[0][0] - border[-1][0]) > 5  # one line from the sea to the three-country point


def test_cutting_keeps_what_is_inside_and_simplifying_keeps_the_shape():
    ring = [(100.0, 22.0), (105.0, 22.0), (105.0, 23.0), (100.0, 23.0), (100.0, 22.0)]
    assert {x for x, _y in cut_ring(ring)} == {BOX[0], 105.0}
    assert [[x for x, _y in piece] for piece in cut_line([(100.0, 22.0), (102.0, 22.0), (110.0, 22.0)])] == [
        [BOX[0], 102.0, BOX[2]]
    ]
    assert simplified([(0, 0), (1, 0.001), (2, 0), (3, 1)], 0.01) == [(0, 0), (2, 0), (3, 1)]


# --- the pages and the tables --------------------------------------------------------------------------------------


@pytest.fixture
def two_gates(db, monkeypatch):
    """Make a gate with steps and one without, from west to east."""
    freeze(monkeypatch)
    path = make_pathway(PATHWAY, *Code)
    yunnan = make_organization("yunnan", Side.CHINA, name="Yunnan")
    position = {"latitude": Decimal("22.4280"), "longitude": Decimal("102.1700")}
    far = make_gate(
        "long-phu", name_en="A Pa Chai – Long Phu", name_vi="A Pa Chải – Long Phú", name_zh_hans="阿巴寨—龙富",
        gate_class=GateClass.AUXILIARY, position_basis=PositionBasis.APPROXIMATE, china_side=yunnan, **position,
    )  # fmt: skip
    make_gate("huu-nghi", name_en="Huu Nghi", gate_class=GateClass.INTERNATIONAL, china_side=yunnan)
    proposal = make_proposal("Open Long Phu", slug="open", since=date(2020, 1, 1))
    proposal.gates.add(far)
    source = make_source("paper")
    make_milestone(proposal, "Asked at the talks", date(2021, 3, 1), gate=far, step=path[Code.ASKED], source=source)
    make_milestone(proposal, "Goods pass", date(2026, 2, 7), gate=far, step=path[Code.OPENED], source=source)
    make_milestone(proposal, "Far off", gate=far, step=path[Code.SMART])
    hidden = make_proposal("Hidden", publication=Publication.DRAFT)
    make_milestone(hidden, "Secret", date(2021, 5, 1), gate=far, step=path[Code.SMART], source=source)
    make_development(proposal, date(2024, 8, 1), gate=far, summary_en="A road was built.", sources=[source])
    make_development(proposal, date(2024, 8, 2), gate=far, summary_en="Within.", visibility=Visibility.INTERNAL)
    return far


def test_the_list_names_each_gate_in_three_scripts_with_state_and_proposals(two_gates, client):
    page = get(client, "/gates/")
    sides = f"{two_gates.vietnam_side.short_name} – Yunnan"
    assert page.section("key").rows() == [
        [
            "1 A Pa Chai – Long Phu",
            "A Pa Chải – Long Phú",
            "阿巴寨—龙富",
            sides,
            "Auxiliary crossing",
            "Auxiliary",
            "1",
        ],
        page.section("key").rows()[1],
    ]
    assert page.section("key").rows()[1][4] == "Open: international"
    assert len(page.section("rules").all("dt")) == len(GateState)
    assert ("/gates/long-phu/", "A Pa Chai – Long Phu") in page.section("key").links()


def test_a_gate_is_shown_as_it_was_on_the_day(two_gates, client):
    states = {
        day: get(client, f"/gates/long-phu/?as_of={day}").all("span", "badge")[0].text
        for day in ("2020-06-01", "2024-01-01", "2026-03-01")
    }
    assert states == {"2020-06-01": "Not yet opened", "2024-01-01": "Being opened", "2026-03-01": "Auxiliary crossing"}


def test_a_gate_has_its_steps_with_sources_its_proposals_and_what_happened(two_gates, client):
    page = get(client, "/gates/long-phu/?as_of=2025-01-01")
    steps = page.section("steps")
    assert "Asked at the talks · 1 Mar 2021" in steps.text
    assert ("/sources/paper/?as_of=2025-01-01", "Agency") in steps.links()
    assert "Goods pass" not in steps.text
    assert "Far off · not on record as reached" in steps.text
    shapes = [item.attrs["class"] for item in steps.all("li") if item.attrs.get("id", "").startswith("step-")]
    assert shapes == ["passed", *["nothing"] * 8, "ahead"]
    assert "Secret" not in page.text
    assert ("/proposals/open/?as_of=2025-01-01", "Open Long Phu") in page.section("proposals").links()
    assert "A road was built." in page.section("developments").text
    assert "Within." not in page.text
    assert "阿巴寨—龙富" in page.section("facts").text


def test_an_unknown_gate_is_not_found(two_gates, client):
    get(client, "/gates/nowhere/", status=404)


def test_more_gates_and_steps_need_no_more_queries(two_gates, client):
    counts = []
    built = PathwayStep.objects.get(code=Code.BUILT)
    for _round in range(2):
        for address in ("/gates/", "/gates/long-phu/"):
            with CaptureQueriesContext(connection) as seen:
                get(client, address)
            counts.append(len(seen))
        for _number in range(3):
            for gate in (make_gate(china_side=two_gates.china_side), two_gates):
                make_milestone(two_gates.proposals.get(), "Built", date(2022, 1, 1), gate=gate, step=built)
    assert counts[:2] == counts[2:]


def table(client, address):
    return list(csv.DictReader(csv_text(client, address).splitlines()))


def test_the_table_of_gates_tells_state_and_place_on_the_day(two_gates, client):
    first, second = table(client, "/gates.csv?as_of=2024-01-01")
    assert (first["slug"], first["state"], first["latitude"], first["position_basis"], first["name_zh"]) == (
        "long-phu", "being_opened", "22.4280", "approximate", "阿巴寨—龙富",
    )  # fmt: skip
    assert (second["slug"], second["class"], second["longitude"]) == ("huu-nghi", "international", "")


def test_the_table_of_milestones_has_what_was_reached_and_takes_the_registers_filters(two_gates, client):
    rows = table(client, "/milestones.csv")
    assert [(row["proposal"], row["gate"], row["step"], row["last_day"], row["source"]) for row in rows] == [
        ("open", "long-phu", "asked", "2021-03-01", "paper"),
        ("open", "long-phu", "opened", "2026-02-07", "paper"),
    ]
    assert [(row["pathway"], row["pathway_label"], row["step_label"]) for row in rows] == [
        ("gate", "Gate", "Asked"), ("gate", "Gate", "Opened"),
    ]  # fmt: skip
    assert len(table(client, "/milestones.csv?as_of=2025-01-01")) == 1
    assert table(client, "/milestones.csv?status=completed") == []
