"""The seed loader: faults are named with file, place, value and what is allowed, before anything is saved."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tests.pages import freeze
from tests.seed_files import SeedFiles, text
from tracker import models

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def seeds(tmp_path):
    return SeedFiles(tmp_path)


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
    "a later statement at a meeting without a date": (
        lambda files: (
            files["meetings.yaml"].append(
                {"slug": "next", "series": "annual", "name": text("N"), "state": "planned"},
            ),
            files.update(
                {
                    "statements/more.yaml": [
                        {
                            "key": "later",
                            "proposal": "gate",
                            "meeting": "next",
                            "source": "report",
                            "paragraph": 1,
                            "organization": "yunnan",
                            "stance": "reported",
                            "summary": text("Said."),
                        },
                    ]
                }
            ),
        ),
        ["statements/more.yaml, record “later”: the meeting “next” has no date"],
    ),
    "a blanket answer without its paragraph": (
        change(["blanket_answers.yaml", 0, "paragraph"], None),
        ["blanket_answers.yaml, record “yes”: the source “report” has numbered paragraphs; say which in paragraph"],
    ),
    "an unknown key of more figures": (
        lambda files: files.update({"observations/more.yaml": [{"indicator": "trade", "colour": "red"}]}),
        ["observations/more.yaml, line 1, record “1”, colour: “red”: no such key; allowed: targets, series, indicator"],
    ),
    "an unknown key of a figure": (
        lambda files: files.update(
            {
                "observations/more.yaml": [
                    {
                        "indicator": "trade",
                        "series": [
                            {
                                "slug": "customs",
                                "name": text("N"),
                                "compiler": text("C"),
                                "unit": text("U"),
                                "observations": [
                                    {
                                        "key": "one",
                                        "from": "2024-01-01",
                                        "to": "2024-12-31",
                                        "value": "4",
                                        "source": "report",
                                        "color": 1,
                                    },
                                ],
                            },
                        ],
                    }
                ]
            }
        ),
        ["observations/more.yaml, line ", "series[1].observations[1].color: “1”: no such key; allowed: key, from, to"],
    ),
    "a proposal twice in a development": (
        lambda files: files.update(
            {
                "developments/more.yaml": [
                    {
                        "key": "works",
                        "happened": "2024-09",
                        "summary": text("Works began."),
                        "sources": ["report"],
                        "bears": [
                            {"proposal": "gate", "effect": "advances"},
                            {"proposal": "gate", "effect": "neither"},
                        ],
                    },
                ]
            }
        ),
        ["developments/more.yaml, record “works”: bearing works:gate is there twice"],
    ),
    "a list for a key": (
        change(["themes.yaml"], "- ? [slug]\n  : gates\n"),
        ["themes.yaml, line 1: not YAML: a key is a word, not a list"],
    ),
    "a document of two sources": (
        lambda files: files["sources.yaml"].append(files["sources.yaml"][0] | {"slug": "again"}),
        ["sources.yaml, record “again”", "Another source already has this document."],
    ),
    "two figures of one period": (
        lambda files: files.update(
            {
                "observations/more.yaml": [
                    {
                        "indicator": "trade",
                        "series": [
                            {
                                "slug": "customs",
                                "name": text("N"),
                                "compiler": text("C"),
                                "unit": text("U"),
                                "observations": [
                                    {
                                        "key": key,
                                        "from": "2024-01-01",
                                        "to": "2024-12-31",
                                        "value": "4",
                                        "source": "report",
                                    }
                                    for key in ("one", "two")
                                ],
                            },
                        ],
                    }
                ]
            }
        ),
        ["observations/more.yaml, record “trade”, observation “two”", "already has a figure of this vintage"],
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
