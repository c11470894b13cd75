"""The design's arrows: who may import whom, who may know the database or the clock, and how long code may grow.

A new module makes a test fail until the picture names it, so that the picture stays whole.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TRACKER = ROOT / "tracker"

LEAVES = "text dates choices names gate_scale staff_scales rules"
RECORDS = f"{LEAVES} standing lamps metrics.records"
READS = f"{RECORDS} models querysets"
GUARDED = "second_factor access workflow entry"
PROGRESS_READS = "figure_reads rhythm_reads gate_reads happenings"

# part: the parts, or modules of parts, that it may import (itself always)
PICTURE = {
    "settings": "",
    "formats": "",
    "wsgi": "",
    "apps": "",
    "text": "",
    "dates": "",
    "choices": "dates",
    "names": "text dates choices",
    "ordinals": "",
    "gate_scale": "choices",
    "staff_scales": "",
    "rules": "dates choices",
    "models": LEAVES,
    "migrations": f"{LEAVES} models",
    "translation": "models",
    "standing": LEAVES,
    "office": "standing",
    "lamps": f"{LEAVES} standing",
    "metrics": f"{LEAVES} standing lamps",
    "charts": f"{RECORDS} metrics.rhythm",
    "querysets": f"{RECORDS} models",
    "happenings": f"{READS} metrics",
    "figure_reads": READS,
    "evidence_reads": f"{READS} figure_reads",
    "rhythm_reads": f"{READS} metrics",
    "transitions": READS,
    "exports": RECORDS,
    "downloads": f"{READS} figure_reads evidence_reads metrics exports",
    "gate_reads": f"{READS} metrics",
    "gate_downloads": f"{READS} metrics gate_reads downloads",
    "evidence_downloads": f"{READS} downloads",
    "catalogue": "evidence_downloads downloads gate_downloads",
    "filters": f"{READS} figure_reads metrics",
    "tables": READS,
    "seeding": f"{READS} transitions translation",
    "second_factor": "",
    "access": f"{READS} second_factor",
    "workflow": f"{READS} transitions translation access",
    "meeting_day": f"{READS} transitions workflow",
    "entry": f"{READS} metrics transitions translation access workflow",
    "worklist": f"{READS} access metrics",
    "reminders": f"{READS} metrics",
    "digests": f"{READS} reminders templatetags",
    "feed_reads": f"{READS} metrics",
    "feeds": RECORDS,
    "brief_reads": f"{READS} happenings metrics access",
    "brief_words": f"{RECORDS} metrics",
    "documents": "brief_words choices metrics.suggestions",
    "importing": f"{READS} translation access exports catalogue",
    "merging": f"{READS} transitions translation access",
    "adminsite": "access admin",
    "admin": f"{READS} {PROGRESS_READS} metrics transitions translation {GUARDED} worklist templatetags "
    "meeting_day ordinals importing exports catalogue merging office",
    "templatetags": f"{RECORDS} metrics charts",
    "views": f"{READS} {PROGRESS_READS} metrics charts filters tables exports downloads catalogue {GUARDED} "
    "brief_reads brief_words documents reminders feeds feed_reads templatetags office",
    "urls": "views",
    "management": f"{LEAVES} models seeding standing reminders digests access importing office",
}

# part: what it may not import from outside. Pure parts take records and give records.
PURE = ("text", "dates", "choices", "names", "ordinals", "gate_scale", "rules", "standing", "metrics", "charts")
FORBIDDEN = {
    "text": ("django",),
    "dates": ("django",),
    "names": ("django",),
    "rules": ("django.db", "django.apps", "django.contrib"),
    "standing": ("django.db", "django.apps", "django.contrib"),
    "metrics": ("django.db", "django.apps", "django.contrib"),
    "charts": ("django.db", "django.apps", "django.contrib"),
    "views": ("csv", "plotly"),
    "exports": ("django.db", "django.apps", "django.contrib", "plotly"),
}
CLOCK = {
    "date": {"today"},
    "datetime": {"now", "today", "utcnow"},
    "timezone": {"now", "localdate", "localtime"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
}

MODULE_LINES = 500
FUNCTION_LINES = 40


def _modules(*folders: Path) -> list[Path]:
    found = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts]


def _part(path: Path) -> str:
    """The part of the picture that a module belongs to; the package itself belongs to none."""
    inner = path.relative_to(TRACKER).with_suffix("").parts
    return "" if inner == ("__init__",) else inner[0]


def _named(path: Path) -> Iterator[tuple[int, str]]:
    """The line and full name of everything that a module imports; relative names made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def _inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def broken_arrows(path: Path) -> list[str]:
    """Say each import of a module that goes against the picture."""
    part = _part(path)
    allowed = tuple(f"tracker.{other}" for other in (part, *PICTURE.get(part, "").split()))
    faults = []
    for line, name in _named(path):
        if name.startswith("tracker.") and not _inside(name, allowed):
            faults.append(f"{_where(path, line)} imports {name}; {part} may import: {PICTURE.get(part) or '–'}")
        elif _inside(name, FORBIDDEN.get(part, ())):
            faults.append(f"{_where(path, line)} imports {name}, which {part} may not know")
        elif part == "choices" and _inside(name, ("django.db",)) and name != "django.db.models.TextChoices":
            faults.append(f"{_where(path, line)} imports {name}; of the database choices may know TextChoices")
    return faults


def clock_reads(path: Path) -> list[str]:
    """Say each place where a module asks for the time."""
    faults = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            asked = node.attr in CLOCK.get(owner, ())
        elif isinstance(node, ast.ImportFrom):
            owner = (node.module or "").rpartition(".")[2]
            asked = any(alias.name in CLOCK.get(owner, ()) for alias in node.names)
        else:
            continue
        if asked:
            faults.append(f"{_where(path, node.lineno)} asks the clock; take the day as an argument")
    return faults


@pytest.mark.parametrize("path", _modules(TRACKER), ids=lambda path: str(path.relative_to(TRACKER)))
def test_every_module_is_in_the_picture_and_follows_its_arrows(path):
    part = _part(path)
    assert part in {"", *PICTURE}, f"{part} is not in the picture: add it here and in the design"
    assert broken_arrows(path) == []


def test_pure_parts_do_not_know_the_clock():
    pure = [path for path in _modules(TRACKER) if _part(path) in PURE]
    assert [fault for path in pure for fault in clock_reads(path)] == []


def test_the_picture_has_no_circles():
    """Part after part can be taken away that imports only what is already gone."""
    left = {part: {name.split(".")[0] for name in allowed.split()} for part, allowed in PICTURE.items()}
    while free := [part for part, allowed in left.items() if not allowed & left.keys()]:
        for part in free:
            del left[part]
    assert left == {}


def test_a_module_stays_readable_in_one_go():
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in _modules(TRACKER, ROOT / "tests")}
    long = [f"{_where(path, count)}: more than {MODULE_LINES} lines" for path, count in lines.items()]
    assert [text for text, count in zip(long, lines.values(), strict=True) if count > MODULE_LINES] == []


def test_a_function_fits_a_screen():
    faults = []
    for path in _modules(TRACKER, ROOT / "tests"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > FUNCTION_LINES:
                    faults.append(f"{_where(path, node.lineno)} {node.name} has {count} lines")
    assert faults == [], f"more than {FUNCTION_LINES} lines"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module into a tree of its own and give its path."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    monkeypatch.setattr(f"{__name__}.TRACKER", tmp_path / "tracker")

    def write(name: str, text: str) -> Path:
        path = tmp_path / "tracker" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metrics/pace.py", "from tracker.models import Proposal"),
        ("metrics/pace.py", "from ..models.progress import Review"),
        ("metrics/pace.py", "def late():\n    from tracker import querysets"),
        ("standing.py", "import django.db.models"),
        ("choices.py", "from django.db import connection"),
        ("views/pages.py", "import csv"),
        ("admin/forms.py", "from tracker.urls import urlpatterns"),
        ("seeding/rows.py", "import tracker.views"),
    ],
)
def test_an_arrow_against_the_picture_is_found(module, name, text):
    assert len(broken_arrows(module(name, text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import date\nday = date.today()",
        "import datetime\nday = datetime.datetime.now()",
        "from django.utils import timezone\nask = timezone.localdate",
        "from django.utils.timezone import now",
    ],
)
def test_a_look_at_the_clock_is_found(module, text):
    assert len(clock_reads(module("standing.py", text))) == 1
