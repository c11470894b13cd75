"""Seed files as records, small enough to count, and a way to load them."""

from __future__ import annotations

import io

import pytest
import yaml
from django.core.management import CommandError, call_command

from tracker import models


def text(words):
    return {"en": words, "vi": f"{words} vi", "zh": f"{words} zh"}


def proposal():
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


def bridge():
    said = {"meeting": "talks", "source": "report", "paragraph": 7}
    return {
        "slug": "bridge", "title": text("Build the bridge"), "theme": "gates", "nature": "one_off",
        "completion_test": text("It stands."),
        "statements": [
            {"key": "bridge-ask", "organization": "viet-nam", "stance": "proposed", "summary": text("Asked."), **said},
        ],
        "status_changes": [
            {"key": "bridge-proposed", "to": "proposed", "on": "2024-06-12", "reason": text("Asked."),
             "source": "report"},
        ],
    }  # fmt: skip


def files():
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
        "proposals/gates.yaml": [proposal()],
        "blanket_answers.yaml": [
            {"key": "yes", "organization": "yunnan", "stance": "agreed", "summary": text("Yes."),
             "answers": ["ask", "second-ask"], **said},
        ],
        "indicators.yaml": [
            {"slug": "trade", "proposal": "gate", "name": text("Trade"), "unit": text("billion"),
             "targets": [{"key": "five", "value": "5", "stated_on": "2024-06-12", "source": "report"}]},
        ],
    }  # fmt: skip


class SeedFiles:
    """Seed files as records, written to a folder whenever they are loaded."""

    def __init__(self, folder):
        self.folder = folder
        self.files = files()
        self.gate = self.files["proposals/gates.yaml"][0]

    def load(self, **options):
        """Load the files; give what the command says."""
        for name, records in self.files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(records if isinstance(records, str) else yaml.safe_dump(records, allow_unicode=True))
        said = io.StringIO()
        call_command("load_seeds", self.folder, stdout=said, **options)
        return said.getvalue()

    def fault(self):
        """Load what is wrong; give what is said of it, and hold the loader to having saved nothing."""
        before = rows()
        with pytest.raises(CommandError) as error:
            self.load()
        assert rows() == before
        said = str(error.value)
        assert said.splitlines()[0].endswith("nothing was saved.")
        return "\n".join(said.splitlines()[1:])


def rows():
    """Count the rows of every table."""
    return {name: getattr(models, name).objects.count() for name in models.__all__}
