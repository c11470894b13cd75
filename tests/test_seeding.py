"""The seed loader: repeats change nothing, staff have the last word, and faults are named before anything is saved."""

from __future__ import annotations

import io
from datetime import date

import pytest
import yaml
from django.core.management import CommandError, call_command

from tests.makers import make_change
from tests.pages import freeze
from tracker import models
from tracker.choices import Precision, Stance, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def text(words):
    return {"en": words, "vi": f"{words} vi", "zh": f"{words} zh"}


def _proposal():
    said = {"meeting": "talks", "source": "report", "paragraph": 6}
    return {
        "slug": "gate", "title": text("Open the gate"), "theme": "gates", "nature": "one_off",
        "completion_test": text("It is open."), "gates": ["long-phu"],
        "parties": {"proposer": ["viet-nam"], "addressee": ["yunnan"]},
        "deadlines": [
            {"key": "gate-deadline", "phrase": text("early 2025"), "when": "2025-Q1", "stated_on": "2024-06-12",
             "source": "report", "paragraph": 6},
        ],
        "statements": [
            {"key": "ask", "post": "chair", "organization": "viet-nam", "addressee": "yunnan", "stance": "requested",
             "summary": text("Asked."), **said},
            {"key": "second-ask", "organization": "viet-nam", "stance": "proposed", "summary": text("Again."), **said},
        ],
        "status_changes": [
            {"key": "gate-proposed", "to": "proposed", "on": "2024-06-12", "reason": text("Asked."), "source": "report",
             "paragraph": 6},
            {"key": "gate-agreed", "to": "agreed", "on": "2024-06-12", "reason": text("Said yes."), "source": "report"},
        ],
    }  # fmt: skip


def _files():
    names = {"name": text("Name"), "short_name": text("Short")}
    said = {"meeting": "talks", "source": "report", "paragraph": 9}
    return {
        "organizations.yaml": [
            {"slug": "viet-nam", "side": "vietnam", "kind": "state", **names},
            {"slug": "yunnan", "side": "china", "kind": "province", **names},
        ],
        "people.yaml": [
            {"slug": "an", "name": text("An"),
             "posts": [{"key": "chair", "organization": "viet-nam", "title": text("Chair")}]},
        ],
        "sources.yaml": [
            {"slug": "report", "publisher": "Agency", "title": "Talks", "language": "en", "grade": "press",
             "published": "2024-06", "document": "000_report.txt"},
        ],
        "themes.yaml": [{"slug": "gates", "name": text("Gates"), "position": 1}],
        "series.yaml": [{"slug": "annual", "name": text("Annual"), "interval_months": 12}],
        "meetings.yaml": [
            {"slug": "talks", "series": "annual", "number": 1, "name": text("Talks"), "held": "2024-06-12",
             "organizations": ["yunnan"], "sources": ["report"]},
        ],
        "gates.yaml": [
            {"slug": "long-phu", "name": text("Long Phu"), "vietnam_side": "viet-nam", "china_side": "yunnan",
             "gate_class": "main"},
        ],
        "proposals/gates.yaml": [_proposal()],
        "blanket_answers.yaml": [
            {"key": "yes", "organization": "yunnan", "stance": "agreed", "summary": text("Yes."),
             "answers": ["ask", "second-ask"], **said},
        ],
        "indicators.yaml": [
            {"slug": "trade", "proposal": "gate", "name": text("Trade"), "unit": text("billion"),
             "targets": [{"key": "five", "value": "5", "stated_on": "2024-06-12", "source": "report"}]},
        ],
    }  # fmt: skip


@pytest.fixture
def seeds(tmp_path):
    """Give the seed files as records, and a way to load them that gives what the command says."""

    class Seeds:
        files = _files()
        gate = files["proposals/gates.yaml"][0]

        def load(self, **options):
            for name, records in self.files.items():
                path = tmp_path / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(records if isinstance(records, str) else yaml.safe_dump(records, allow_unicode=True))
            said = io.StringIO()
            call_command("load_seeds", tmp_path, stdout=said, **options)
            return said.getvalue()

        def fault(self):
            """Load what is wrong; give what is said of it, and hold the loader to having saved nothing."""
            before = _rows()
            with pytest.raises(CommandError) as error:
                self.load()
            assert _rows() == before
            said = str(error.value)
            assert said.splitlines()[0].endswith("nothing was saved.")
            return "\n".join(said.splitlines()[1:])

    return Seeds()


def _rows():
    return {name: getattr(models, name).objects.count() for name in models.__all__}


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


# --- again ---------------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(seeds):
    seeds.load()
    before, history = _rows(), models.Proposal.history.count()
    assert seeds.load() == "Seeds: 0 created, 0 updated, 20 unchanged, 0 left as staff changed them.\n"
    assert (_rows(), models.Proposal.history.count()) == (before, history)


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


def test_a_record_that_staff_made_under_the_same_name_is_left_alone(seeds):
    models.Theme.objects.create(slug="gates", name_en="Ours", position=9)
    assert "19 created, 0 updated, 0 unchanged, 1 left" in seeds.load()
    assert models.Theme.objects.get().name_en == "Ours"


# --- faults --------------------------------------------------------------------------------------------------------


def change(path, value):
    """Give a function that sets one place of the seed files."""

    def apply(files):
        *way, last = path
        here = files
        for step in way:
            here = here[step]
        if value is None:
            del here[last]
        else:
            here[last] = value

    return apply


GATE = ("proposals/gates.yaml", 0)
FAULTS = {
    "bad YAML": (change(["themes.yaml"], "- slug: gates\n  name: a: b"), ["themes.yaml, line 2: not YAML:"]),
    "a character that YAML has not": (change(["themes.yaml"], "- slug: \x01\n"), ["themes.yaml", "not YAML"]),
    "no list": (change(["themes.yaml"], "slug: gates\n"), ["themes.yaml: a list of records is wanted, not “dict”"]),
    "text for a record": (change(["themes.yaml"], "- gates\n"), ["themes.yaml, line 1, record “1”"]),
    "a key twice": (
        change(["themes.yaml"], "- slug: gates\n  position: 1\n  position: 2\n"),
        ["themes.yaml, line 3: not YAML: “position” stands twice in one record"],
    ),
    "a key that YAML reads as yes": (
        change([*GATE, "status_changes", 0, True], "2024-06-12"),
        ["proposals/gates.yaml", "record “gate”, status_changes[1]"],
    ),
    "an unknown key": (
        change([*GATE, "colour"], "red"),
        ["proposals/gates.yaml, line ", "record “gate”, colour: “red”", "allowed: slug, title, theme, nature"],
    ),
    "an unknown key within": (
        change([*GATE, "statements", 0, "tone"], "warm"),
        ["record “gate”, statements[1].tone: “warm”", "allowed: key, meeting, source, paragraph"],
    ),
    "a value off the scale": (
        change([*GATE, "nature"], "huge"),
        ["record “gate”, nature: “huge”: allowed: one_off, target, continuing, declaratory"],
    ),
    "a stance off the scale": (
        change([*GATE, "statements", 0, "stance"], "hinted"),
        ["statements[1].stance: “hinted”: allowed: proposed, requested, welcomed, agreed"],
    ),
    "an unknown reference": (
        change([*GATE, "statements", 0, "meeting"], "talk"),
        ["proposals/gates.yaml, record “gate”, statements[1].meeting: “talk” is not a known meeting", "mean “talks”?"],
    ),
    "an unknown name in a list": (
        change([*GATE, "parties", "proposer", 0], "atlantis"),
        ["parties.proposer[1]: “atlantis” is not a known organization; nothing has a name like it"],
    ),
    "an answer to a blanket answer": (
        change([*GATE, "statements", 1, "answers"], "yes"),
        ["statements[2].answers: “yes” is not a known statement"],
    ),
    "a blanket answer to itself": (
        change(["blanket_answers.yaml", 0, "answers", 0], "yes"),
        ["blanket_answers.yaml, record “yes”, answers[1]: “yes” is not a known statement"],
    ),
    "a name twice": (
        change([*GATE, "statements", 1, "key"], "ask"),
        ["record “gate”: the statement “ask” is already in proposals/gates.yaml, record “gate”"],
    ),
    "a date that is none": (
        change([*GATE, "deadlines", 0, "when"], "2025-02-30"),
        ["deadlines[1].when: “2025-02-30”", "allowed: 2024-11-06, 2024-11, 2022-Q1, 2021 or 2024-11-06/2024-11-07"],
    ),
    "a month for a day": (
        change([*GATE, "deadlines", 0, "stated_on"], "2024-06"),
        ["deadlines[1].stated_on: “2024-06”: a single day is wanted, such as 2024-11-06"],
    ),
    "a missing language": (change([*GATE, "title", "zh"], None), ["record “gate”, title.zh: Field required"]),
    "an empty text": (change([*GATE, "title", "vi"], "  "), ["record “gate”, title.vi: “  ”"]),
    "a paragraph nought": (change([*GATE, "statements", 0, "paragraph"], 0), ["statements[1].paragraph: “0”", "1"]),
    "no statement": (change([*GATE, "statements"], []), ["record “gate”, statements: “[]”"]),
    "a status of the future": (
        change([*GATE, "status_changes", 1, "on"], "2026-11-21"),
        [
            "proposals/gates.yaml, record “gate”",
            "“gate-agreed”: effective_on: “2026-11-21”",
            "2026-11-20 at the latest",
        ],
    ),
    "a pledge without a source": (
        change([*GATE, "status_changes", 1], {"key": "p", "to": "pledged", "on": "2024-07-01", "reason": text("So.")}),
        ["proposals/gates.yaml, record “gate”", "“p”: source: ", "needs a source"],
    ),
    "the same status twice": (
        change([*GATE, "status_changes", 1, "to"], "proposed"),
        ["record “gate”", "“gate-agreed”: new: “proposed”", "already says “Proposed” on 2024-06-12"],
    ),
    "a statement at a meeting without a date": (
        change(["meetings.yaml", 0], {"slug": "talks", "series": "annual", "name": text("T"), "state": "planned"}),
        ["proposals/gates.yaml, record “gate”, statements[1]", "“talks” has no date"],
    ),
    "an address that is none": (
        change(["sources.yaml", 0, "url"], "agency"),
        ["sources.yaml, record “report”", "url: “agency”: "],
    ),
    "a meeting held without a date": (
        lambda files: files["meetings.yaml"].append({"slug": "more", "series": "annual", "name": text("More")}),
        ["meetings.yaml, record “more”", "A meeting that was held needs its first and last day."],
    ),
    "a circle of parents": (
        lambda files: [
            one.update(parent=other)
            for one, other in zip(files["organizations.yaml"], ("yunnan", "viet-nam"), strict=True)
        ],
        ["organizations.yaml", "in a circle", "viet-nam", "yunnan"],
    ),
    "a file of another name": (
        change(["theme.yml"], []),
        ["theme.yml: not a seed file; allowed: organizations.yaml,"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_place_value_and_what_is_allowed_and_nothing_is_saved(seeds, name):
    spoil, expected = FAULTS[name]
    spoil(seeds.files)
    said = seeds.fault()
    assert [words for words in expected if words not in said] == [], said


def test_a_missing_file_is_named(seeds):
    del seeds.files["themes.yaml"]
    assert "themes.yaml: the file is missing" in seeds.fault()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CommandError, match="no such folder"):
        call_command("load_seeds", tmp_path / "none")


def test_text_in_another_encoding_is_named(seeds, tmp_path):
    seeds.load()
    (tmp_path / "themes.yaml").write_bytes("- slug: cửa".encode("utf-16"))
    del seeds.files["themes.yaml"]
    assert "themes.yaml: not UTF-8 at byte 0" in seeds.fault()


def test_all_faults_are_named_at_once_and_the_rest_is_not_saved(seeds):
    seeds.gate["nature"] = "huge"
    seeds.files["themes.yaml"][0]["colour"] = "red"
    said = seeds.fault()
    assert "nature: “huge”" in said
    assert "colour: “red”" in said


def test_a_fault_in_a_later_load_leaves_the_earlier_one_as_it_was(seeds):
    seeds.load()
    seeds.gate["title"]["en"] = "Never saved"
    seeds.gate["status_changes"][1]["on"] = "2030-01-01"
    seeds.fault()
    assert models.Proposal.objects.get().title_en == "Open the gate"
