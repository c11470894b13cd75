"""Pathways: templates with steps that rules and exports know, laid out in the workplace and read from the seeds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.admin_pages import address, errors_of, filled, inline
from tests.makers import make_account, make_gate, make_milestone, make_organization, make_pathway, make_proposal
from tests.pages import freeze, get
from tracker.choices import GateClass, Publication
from tracker.gate_scale import PATHWAY, Code
from tracker.models import Milestone, Pathway, PathwayStep
from tracker.seeding import SeedError, read, shapes
from tracker.staff_scales import AccountRole

FILES_WANTED = (
    "organizations", "sources", "people", "themes", "series", "meetings", "gates", "blanket_answers", "indicators",
)  # fmt: skip
SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@pytest.fixture
def path(db, monkeypatch):
    freeze(monkeypatch)
    return make_pathway(PATHWAY, *Code)


@pytest.fixture
def railway(db):
    return make_pathway("railway", "agreed", "studied", "built")


def send(client, model, record, **values):
    """Open a page of the workplace, fill in some fields and save it."""
    where = address(model, "change", record.pk)
    return client.post(where, {**filled(client.get(where)), **values})


# --- the templates -------------------------------------------------------------------------------------------------


def test_staff_rename_a_step_that_rules_turn_on_and_put_it_elsewhere(path, admin_client):
    pathway = path[Code.ASKED].pathway
    first, second = path[Code.ASKED], path[Code.STUDIED]
    changed = {"steps-0-name_en": "Wanted", "steps-0-position": 20, "steps-1-position": 10}
    assert send(admin_client, "pathway", pathway, **changed).status_code == 302
    assert list(pathway.steps.values_list("code", "name_en", "position")[:2]) == [
        (second.code, "Studied", 10),
        (first.code, "Wanted", 20),
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"steps-0-code": "begged"}, "keeps its code"),
        ({"steps-0-DELETE": "on"}, "cannot be deleted"),
        ({"slug": "doors"}, "keeps this name"),
        ({"steps-1-position": 10}, "has this position"),
        ({"steps-1-code": "asked"}, "code"),
    ],
)
def test_what_rules_turn_on_stays_and_places_are_not_shared(path, admin_client, values, words):
    response = send(admin_client, "pathway", path[Code.ASKED].pathway, **values)
    assert words in " ".join(errors_of(response).values())
    assert PathwayStep.objects.get(code=Code.ASKED).position == 10
    assert Pathway.objects.get().slug == PATHWAY


def test_the_pathway_of_the_gates_cannot_be_deleted_and_another_can(path, railway, admin_client):
    for pathway, is_kept in ((path[Code.ASKED].pathway, True), (railway["agreed"].pathway, False)):
        admin_client.post(address("pathway", "delete", pathway.pk), {"post": "yes"})
        assert Pathway.objects.filter(pk=pathway.pk).exists() is is_kept


def test_a_step_that_a_milestone_names_cannot_be_deleted_and_one_that_none_names_can(railway, admin_client):
    make_milestone(make_proposal(), "Signed", step=railway["agreed"])
    pathway = railway["agreed"].pathway
    assert "Signed" in " ".join(errors_of(send(admin_client, "pathway", pathway, **{"steps-0-DELETE": "on"})).values())
    assert send(admin_client, "pathway", pathway, **{"steps-1-DELETE": "on"}).status_code == 302
    assert list(pathway.steps.values_list("code", flat=True)) == ["agreed", "built"]


# --- laying out ----------------------------------------------------------------------------------------------------


def test_a_pathway_is_laid_out_on_a_proposal_and_repeating_it_doubles_nothing(railway, admin_client):
    proposal = make_proposal()
    make_milestone(proposal, "Agreement signed", date(2024, 12, 10), step=railway["agreed"])
    pathway = railway["agreed"].pathway
    for _time in range(2):
        assert send(admin_client, "proposal", proposal, lay_out=pathway.pk).status_code == 302
    assert list(proposal.milestones.order_by("pk").values_list("name_en", "last_day", "source_id")[1:]) == [
        ("Studied", None, None),
        ("Built", None, None),
    ]
    assert proposal.milestones.count() == 3
    assert Milestone.history.filter(name_en="Built").get().history_user.username == "admin"


def test_the_steps_of_a_gate_need_its_gate_and_the_only_one_is_meant(path, admin_client):
    near, far, other = (make_gate(slug, gate_class=GateClass.AUXILIARY) for slug in ("near", "far", "other"))
    proposal = make_proposal()
    pathway = path[Code.ASKED].pathway.pk
    assert "say which" in errors_of(send(admin_client, "proposal", proposal, lay_out=pathway))["lay_out_at"]
    proposal.gates.add(near)
    assert send(admin_client, "proposal", proposal, lay_out=pathway).status_code == 302
    proposal.gates.add(far)
    assert "say which" in errors_of(send(admin_client, "proposal", proposal, lay_out=pathway))["lay_out_at"]
    wrong = send(admin_client, "proposal", proposal, lay_out=pathway, lay_out_at=other.pk)
    assert "not about this" in errors_of(wrong)["lay_out_at"]
    assert set(proposal.milestones.values_list("gate__slug", flat=True)) == {"near"}
    assert proposal.milestones.count() == len(Code)


def test_a_pathway_is_laid_out_on_a_gate_for_the_proposal_about_it(path, admin_client):
    gate = make_gate("huu-nghi", gate_class=GateClass.INTERNATIONAL)
    pathway = path[Code.ASKED].pathway.pk
    assert "none is about" in errors_of(send(admin_client, "bordergate", gate, lay_out=pathway))["lay_out"]
    proposal = make_proposal()
    proposal.gates.add(gate)
    for _time in range(2):
        assert send(admin_client, "bordergate", gate, lay_out=pathway).status_code == 302
    codes = set(gate.milestones.filter(proposal=proposal).values_list("step__code", flat=True))
    assert codes == set(Code) - {Code.OPENED}
    assert "Open: international" in get(admin_client, "/gates/huu-nghi/").text


def test_only_who_may_change_the_proposal_lays_out_steps(railway, client):
    own, pathway = make_organization(), railway["agreed"].pathway
    client.force_login(make_account(AccountRole.CONTRIBUTOR, own))
    for published, status in ((make_proposal(), 403), (make_proposal(lead=[own]), 200)):
        assert "Lay out the steps" not in client.get(address("proposal", "change", published.pk)).content.decode()
        assert send(client, "proposal", published, lay_out=pathway.pk).status_code == status
    assert "Lay out the steps" not in client.get(address("bordergate", "change", make_gate().pk)).content.decode()
    assert not Milestone.objects.exists()
    draft = make_proposal(lead=[own], publication=Publication.DRAFT)
    assert send(client, "proposal", draft, lay_out=pathway.pk).status_code == 302
    assert draft.milestones.count() == 3


def test_the_steps_of_a_milestone_are_offered_by_pathway_in_one_query(
    path, railway, admin_client, django_assert_max_num_queries
):
    proposal = make_proposal()
    for _number in range(8):
        make_milestone(proposal, "Signed")
    admin_client.get(address("proposal", "change", proposal.pk))
    with django_assert_max_num_queries(60) as seen:
        page = admin_client.get(address("proposal", "change", proposal.pk)).content.decode()
    assert page.index('<optgroup label="Gate">') < page.index('<optgroup label="Railway">')
    assert sum('FROM "tracker_pathwaystep"' in query["sql"] for query in seen.captured_queries) == 1
    row = {"name_en": "Signed", "position": 1, "step": railway["agreed"].pk}
    sent = {**filled(admin_client.get(address("proposal", "change", proposal.pk))), **inline("milestones", row)}
    assert admin_client.post(address("proposal", "change", proposal.pk), sent).status_code == 302
    assert proposal.milestones.filter(step=railway["agreed"]).exists()


# --- the pages and the seeds ---------------------------------------------------------------------------------------


def test_a_proposal_shows_its_steps_by_pathway_and_gate_and_tells_passed_from_open(path, railway, client):
    proposal, gate = make_proposal(slug="line"), make_gate("near", name_en="Near gate")
    make_milestone(proposal, "Treaty signed", date(2024, 12, 10), step=railway["agreed"], position=1)
    make_milestone(proposal, "Line finished", step=railway["built"], position=2)
    make_milestone(proposal, "Asked at the talks", date(2026, 1, 5), gate=gate, step=path[Code.ASKED], position=3)
    section = get(client, "/proposals/line/?as_of=2025-06-01").section("pathway")
    assert [(item.attrs["class"], item.text.split(" · ")[0]) for item in section.all("li")] == [
        ("passed", "Treaty signed"),
        ("ahead", "Line finished"),
        ("ahead", "Asked at the talks"),
    ]
    assert [heading.text for heading in section.all("h3")] == ["Railway", "Gate · Near gate"]
    assert "1 of 2 steps are on record as reached." in section.text
    assert "Line finished · not on record as reached · Built" in section.text


@pytest.fixture(scope="module")
def seeded():
    records = yaml.safe_load((SEEDS / "pathways.yaml").read_text("utf-8"))
    return {one["slug"]: shapes.PathwayShape.model_validate(one) for one in records}


def test_the_seeds_have_four_pathways_and_all_steps_that_rules_turn_on(seeded):
    assert list(seeded) == ["gate", "railway", "agreement", "scholarship-intake"]
    assert [step.code for step in seeded[PATHWAY].steps] == list(Code)
    for pathway in seeded.values():
        positions = [step.position for step in pathway.steps]
        assert positions == sorted(set(positions))
        assert len({step.name.vi for step in pathway.steps}) == len({step.name.zh for step in pathway.steps})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pathway": "railway", "step": "dug"}, "“railway:dug” is not a known step; allowed: railway:agreed"),
        ({"step": "agreed"}, "say of which pathway"),
        ({"pathway": "railway"}, "say which of its steps"),
        ({"gate": "near", "step": "agreed"}, "“gate:agreed” is not a known step"),
        ({"pathway": "canal", "step": "agreed"}, "“canal” is not a known pathway"),
    ],
)
def test_a_seed_that_names_a_step_wrongly_is_told_what_is_allowed(tmp_path, fields, words):
    for pattern in FILES_WANTED:
        (tmp_path / f"{pattern}.yaml").write_text("[]")
    for folder in ("proposals", "milestones"):
        (tmp_path / folder).mkdir()
    text = {"en": "Signed", "vi": "Ký", "zh": "签署"}
    steps = [{"code": "agreed", "position": 10, "name": text}]
    milestone = {"key": "m", "proposal": "p", "position": 1, "name": text, **fields}
    (tmp_path / "pathways.yaml").write_text(yaml.safe_dump([{"slug": "railway", "name": text, "steps": steps}]))
    (tmp_path / "milestones" / "m.yaml").write_text(yaml.safe_dump([milestone]))
    with pytest.raises(SeedError) as error:
        read(tmp_path)
    assert words in str(error.value)
