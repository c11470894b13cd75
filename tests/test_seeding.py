"""The seed loader: what it loads, that repeats change nothing, and that staff have the last word."""

from __future__ import annotations

from datetime import date

import pytest

from tests.makers import make_change
from tests.pages import freeze
from tests.seed_files import SeedFiles, bridge, rows, text
from tracker import models
from tracker.choices import Precision, Stance, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def seeds(tmp_path):
    return SeedFiles(tmp_path)


# --- what is loaded ------------------------------------------------------------------------------------------------


def test_every_record_is_loaded_with_its_texts_dates_and_links(seeds):
    assert seeds.load() == "Seeds: 20 created, 0 updated, 0 unchanged, 0 left as staff changed them.\n"
    gate = models.Proposal.objects.get(slug="gate")
    assert (gate.title_en, gate.title_vi, gate.title_zh_hans) == (
        "Open the gate",
        "Open the gate vi",
        "Open the gate zh",
    )
    assert (gate.publication, gate.status) == ("published", Status.AGREED)
    assert [one.slug for one in gate.gates.all()] == ["long-phu"]
    assert sorted(gate.involvements.values_list("role", "organization__slug")) == [
        ("addressee", "yunnan"),
        ("proposer", "viet-nam"),
    ]
    deadline = gate.deadlines.get()
    assert (deadline.first_day, deadline.last_day) == (date(2025, 1, 1), date(2025, 3, 31))
    assert deadline.precision == Precision.QUARTER
    source = models.Source.objects.get()
    assert (source.published_on, source.precision) == (date(2024, 6, 30), Precision.MONTH)
    assert list(gate.status_changes.values_list("old", "new")) == [("", "proposed"), ("proposed", "agreed")]
    assert models.Target.objects.get().last_day is None


def test_one_blanket_answer_becomes_one_statement_for_each_proposal_it_reaches(seeds):
    seeds.load()
    answer = models.Statement.objects.get(blanket=True)
    assert (answer.key, answer.proposal.slug, answer.answers.key) == ("yes.gate", "gate", "ask")
    assert (answer.stance, answer.said_on, answer.paragraph) == (Stance.AGREED, date(2024, 6, 12), 9)


def test_a_statement_is_dated_by_its_meeting_unless_it_says_otherwise(seeds):
    seeds.files["meetings.yaml"][0]["held"] = "2024-06"
    seeds.gate["statements"][1]["said_on"] = "2024-06-14"
    seeds.load()
    said = dict(models.Statement.objects.values_list("key", "said_on"))
    assert said == {"ask": date(2024, 6, 30), "yes.gate": date(2024, 6, 30), "second-ask": date(2024, 6, 14)}
    assert models.Statement.objects.get(key="ask").precision == Precision.MONTH
    assert models.Statement.objects.get(key="second-ask").precision == Precision.DAY


def test_a_status_that_had_changed_by_a_day_is_dated_by_then(seeds):
    seeds.gate["status_changes"][1] |= {"precision": "unknown"}
    seeds.load()
    change = models.StatusChange.objects.get(key="gate-agreed")
    assert (change.effective_on, change.precision) == (date(2024, 6, 12), Precision.NONE)


def test_a_blanket_answer_of_a_page_read_as_an_excerpt_has_no_paragraph(seeds):
    del seeds.files["sources.yaml"][0]["document"]
    del seeds.files["blanket_answers.yaml"][0]["paragraph"]
    seeds.load()
    assert models.Statement.objects.get(blanket=True).paragraph is None


@pytest.mark.parametrize("naming", [["gate"], ["bridge"], ["gate", "bridge"]])
def test_proposals_are_related_both_ways_whichever_names_the_other(seeds, naming):
    seeds.files["proposals/bridges.yaml"] = [bridge()]
    for here, there in ((seeds.gate, "bridge"), (seeds.files["proposals/bridges.yaml"][0], "gate")):
        if here["slug"] in naming:
            here["related"] = [there]
    seeds.load()
    related = models.Proposal.objects.exclude(related=None).values_list("slug", "related__slug")
    assert set(related) == {("gate", "bridge"), ("bridge", "gate")}
    assert "0 created, 0 updated, 23 unchanged, 0 left" in seeds.load()
    for record in (seeds.gate, seeds.files["proposals/bridges.yaml"][0]):
        record["related"] = []
    assert "0 created, 2 updated, 21 unchanged, 0 left" in seeds.load()
    assert not models.Proposal.objects.exclude(related=None).exists()


def test_every_row_written_has_one_line_of_history_and_a_second_when_it_changes(seeds):
    seeds.load()
    for model in (models.Theme, models.Organization, models.Source, models.Statement, models.Involvement):
        written = list(model.history.values_list("id", "history_type"))
        assert sorted(written) == [(pk, "+") for pk in sorted(model.objects.values_list("pk", flat=True))]
    seeds.files["themes.yaml"][0]["name"]["en"] = "Border gates"
    seeds.load()
    history = models.Theme.history.order_by("history_id")
    assert list(history.values_list("history_type", "name_en")) == [("+", "Gates"), ("~", "Border gates")]


# --- again ---------------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(seeds):
    seeds.load()
    before, history = rows(), models.Proposal.history.count()
    assert seeds.load() == "Seeds: 0 created, 0 updated, 20 unchanged, 0 left as staff changed them.\n"
    assert (rows(), models.Proposal.history.count()) == (before, history)


def test_a_changed_text_updates_a_row_that_nobody_touched(seeds):
    seeds.load()
    seeds.gate["title"]["vi"] = "Mở cửa khẩu"
    seeds.gate["status_changes"][1]["reason"]["en"] = "Agreed in one sentence."
    seeds.gate["gates"] = []
    seeds.files["blanket_answers.yaml"][0]["summary"]["en"] = "Yes to all."
    assert "0 created, 3 updated, 17 unchanged, 0 left" in seeds.load()
    gate = models.Proposal.objects.get()
    assert (gate.title_vi, gate.gates.count(), gate.status) == ("Mở cửa khẩu", 0, Status.AGREED)
    assert gate.status_changes.get(new="agreed").reason_en == "Agreed in one sentence."
    assert gate.statements.get(blanket=True).summary_en == "Yes to all."
    assert "0 created, 0 updated, 20 unchanged" in seeds.load()


def test_a_new_date_of_a_meeting_or_of_a_statement_reaches_the_statements(seeds):
    seeds.load()
    seeds.files["meetings.yaml"][0]["held"] = "2024-06-11"
    seeds.gate["statements"][1]["said_on"] = "2024-06-10"
    assert "0 created, 4 updated, 16 unchanged, 0 left" in seeds.load()
    said = dict(models.Statement.objects.values_list("key", "said_on"))
    assert said == {"ask": date(2024, 6, 11), "yes.gate": date(2024, 6, 11), "second-ask": date(2024, 6, 10)}
    del seeds.gate["statements"][1]["said_on"]
    assert "0 created, 1 updated, 19 unchanged, 0 left" in seeds.load()
    assert models.Statement.objects.get(key="second-ask").said_on == date(2024, 6, 11)


def test_a_new_record_is_added_beside_the_old_ones(seeds):
    seeds.load()
    seeds.gate["status_changes"].append(
        {"key": "gate-pledged", "to": "pledged", "on": "2025-01-01", "reason": text("Signed."), "source": "report"}
    )
    assert "1 created, 0 updated, 20 unchanged" in seeds.load()
    assert models.Proposal.objects.get().status == Status.PLEDGED


# --- staff ---------------------------------------------------------------------------------------------------------


def test_what_staff_changed_is_left_alone_and_named(seeds):
    seeds.load()
    gate = models.Proposal.objects.get()
    gate.note_en = gate.title_en = "Staff wrote this"
    gate.save()
    models.Source.objects.get().meetings.clear()
    seeds.gate["title"]["en"] = "Seeds wrote this"
    seeds.gate["statements"][0]["summary"]["en"] = "Asked politely."
    said = seeds.load()
    assert "0 created, 1 updated, 17 unchanged, 2 left as staff changed them." in said
    assert sorted(line.strip() for line in said.splitlines()[1:]) == [
        "left alone: meeting talks",
        "left alone: proposal gate",
    ]
    gate.refresh_from_db()
    assert (gate.title_en, gate.note_en) == ("Staff wrote this", "Staff wrote this")
    assert models.Statement.objects.get(key="ask").summary_en == "Asked politely."


def test_overwrite_replaces_what_staff_changed_and_then_all_is_as_seeded(seeds):
    seeds.load()
    models.Proposal.objects.update(title_en="Staff wrote this")
    assert "0 created, 1 updated, 19 unchanged, 0 left" in seeds.load(overwrite=True)
    assert models.Proposal.objects.get().title_en == "Open the gate"
    assert "0 created, 0 updated, 20 unchanged, 0 left" in seeds.load()


def test_a_status_that_staff_recorded_stays_the_newest(seeds):
    seeds.load()
    make_change(models.Proposal.objects.get(), Status.UNDER_WAY, on=date(2025, 5, 1))
    assert "20 unchanged, 0 left" in seeds.load()
    assert models.Proposal.objects.get().status == Status.UNDER_WAY


def test_what_staff_deleted_stays_deleted_and_is_named(seeds):
    seeds.load()
    models.Statement.objects.get(key="second-ask").delete()
    models.Involvement.objects.get(role="addressee").delete()
    said = seeds.load()
    assert "0 created, 0 updated, 18 unchanged, 2 left" in said
    assert "left alone: statement second-ask (deleted since)" in said
    assert "left alone: involvement gate:addressee:yunnan (deleted since)" in said
    assert models.Statement.objects.count() == 2
    assert "2 created, 0 updated, 18 unchanged, 0 left" in seeds.load(overwrite=True)


def test_what_hangs_on_what_staff_deleted_is_left_out_and_named(seeds):
    seeds.load()
    models.Target.objects.all().delete()
    models.Indicator.objects.all().delete()
    models.Proposal.objects.get().gates.clear()
    models.BorderGate.objects.all().delete()
    seeds.files["indicators.yaml"][0]["targets"].append(
        {"key": "six", "value": "6", "stated_on": "2024-06-12", "source": "report"}
    )
    figure = {"key": "one", "from": "2024-01-01", "to": "2024-12-31", "value": "4", "source": "report"}
    names = {name: text(name) for name in ("name", "compiler", "unit")}
    seeds.files["indicators.yaml"][0]["series"] = [{"slug": "customs", **names, "observations": [figure]}]
    seeds.files["proposals/bridges.yaml"] = [bridge() | {"gates": ["long-phu"]}]
    said = seeds.load()
    assert "3 created, 0 updated, 16 unchanged, 7 left" in said
    assert sorted(line.strip().removeprefix("left alone: ") for line in said.splitlines()[1:]) == [
        "bordergate long-phu (deleted since)",
        "indicator trade (deleted since)",
        "observation one (what it belongs to was deleted)",
        "proposal gate",
        "series customs (what it belongs to was deleted)",
        "target five (deleted since)",
        "target six (what it belongs to was deleted)",
    ]
    assert "0 created, 0 updated, 19 unchanged, 7 left" in seeds.load()
    assert "6 created, 2 updated, 18 unchanged, 0 left" in seeds.load(overwrite=True)
    assert models.BorderGate.objects.get().proposals.count() == 2


def test_a_record_that_staff_made_under_the_same_name_is_left_alone(seeds):
    models.Theme.objects.create(slug="gates", name_en="Ours", position=9)
    assert "19 created, 0 updated, 0 unchanged, 1 left" in seeds.load()
    assert models.Theme.objects.get().name_en == "Ours"
