"""Read the seed files and check them whole, before anything is saved."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tracker.seeding import shapes


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # in C where there is one
    """Reads YAML and refuses a key that stands twice, of which the first would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{key.value}” stands twice in one record", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class SeedError(Exception):
    """What is wrong with the seeds, one line per fault: file, line, place, value and what is allowed."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Placed:
    """A record and where it stands."""

    file: str
    index: int
    record: Any

    def at(self, *path: str | int) -> str:
        """Name the place for a message."""
        name = getattr(self.record, "slug", None) or getattr(self.record, "key", None) or f"number {self.index + 1}"
        return f"{self.file}, record “{name}”{', ' if path else ''}{_dotted(path)}"


@dataclass(slots=True)
class Seeds:
    """All records, by kind, in the order of the files."""

    organization: list[Placed] = field(default_factory=list)
    source: list[Placed] = field(default_factory=list)
    person: list[Placed] = field(default_factory=list)
    theme: list[Placed] = field(default_factory=list)
    series: list[Placed] = field(default_factory=list)
    meeting: list[Placed] = field(default_factory=list)
    gate: list[Placed] = field(default_factory=list)
    proposal: list[Placed] = field(default_factory=list)
    blanket: list[Placed] = field(default_factory=list)
    indicator: list[Placed] = field(default_factory=list)


_FILES: dict[str, tuple[str, type[BaseModel]]] = {
    "organizations.yaml": ("organization", shapes.OrganizationShape),
    "sources.yaml": ("source", shapes.SourceShape),
    "people.yaml": ("person", shapes.PersonShape),
    "themes.yaml": ("theme", shapes.ThemeShape),
    "series.yaml": ("series", shapes.SeriesShape),
    "meetings.yaml": ("meeting", shapes.MeetingShape),
    "gates.yaml": ("gate", shapes.GateShape),
    "proposals/*.yaml": ("proposal", shapes.ProposalShape),
    "blanket_answers.yaml": ("blanket", shapes.BlanketShape),
    "indicators.yaml": ("indicator", shapes.IndicatorShape),
}


def read(folder: Path) -> Seeds:
    """Read every seed file below `folder`.

    Raises:
        SeedError: with every fault found in shape, names and references.
    """
    seeds, faults = Seeds(), []
    if not folder.is_dir():
        raise SeedError([f"{folder}: no such folder"])
    for pattern, (kind, shape) in _FILES.items():
        paths = sorted(folder.glob(pattern))
        if not paths and "*" not in pattern:
            faults.append(f"{pattern}: the file is missing")
        for path in paths:
            records, wrong = _read_file(path, path.relative_to(folder).as_posix(), shape)
            getattr(seeds, kind).extend(records)
            faults.extend(wrong)
    known = {f.as_posix() for pattern in _FILES for f in folder.glob(pattern)}
    faults += [
        f"{path.relative_to(folder).as_posix()}: not a seed file; allowed: {', '.join(_FILES)}"
        for path in sorted(folder.rglob("*.y*ml"))
        if path.as_posix() not in known
    ]
    if faults:
        raise SeedError(faults)
    if faults := [*_name_faults(seeds), *_reference_faults(seeds), *_date_faults(seeds)]:
        raise SeedError(faults)
    return seeds


def _read_file(path: Path, name: str, shape: type[BaseModel]) -> tuple[list[Placed], list[str]]:
    try:
        text = path.read_text("utf-8")
        raw = yaml.load(text, Loader=_Loader) or []  # noqa: S506 - it is a safe loader
    except UnicodeDecodeError as error:
        return [], [f"{name}: not UTF-8 at byte {error.start}"]
    except yaml.reader.ReaderError as error:
        return [], [f"{name}: not YAML: {error.reason} (position {error.position + 1})"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        return [], [f"{name}, line {line}: not YAML: {error.problem}"]
    if not isinstance(raw, list):
        return [], [f"{name}: a list of records is wanted, not “{type(raw).__name__}”"]
    try:
        records = TypeAdapter(list[shape]).validate_python(raw)  # type: ignore[valid-type]
    except ValidationError as error:
        tree = yaml.compose(text, Loader=_Loader)
        return [], [_shape_fault(name, raw, tree, _explained(fault, shape)) for fault in error.errors()]
    return [Placed(name, index, record) for index, record in enumerate(records)], []


def _explained(fault: Any, shape: type[BaseModel]) -> Any:
    """Have a fault about an unknown key say which keys the record has."""
    if fault["type"] != "extra_forbidden":
        return fault
    for step in fault["loc"][:-1]:
        if isinstance(step, str):
            parts = _parts(shape.model_fields[step])
            shape = next(one for one in parts if isinstance(one, type) and issubclass(one, BaseModel))
    return {**fault, "msg": f"no such key; allowed: {', '.join(shape.model_fields)}"}


def _shape_fault(name: str, raw: list, tree: yaml.Node | None, fault: Any) -> str:
    place = fault["loc"]
    record = raw[place[0]] if place and isinstance(place[0], int) else None
    title = (record.get("slug") or record.get("key") if isinstance(record, dict) else None) or place[0] + 1
    value = "" if fault["type"] == "missing" else f": “{fault['input']}”"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{name}, line {_line(tree, place)}, record “{title}”, {_dotted(place[1:])}{value}: {message}"


def _line(node: yaml.Node | None, place: Iterable[str | int]) -> int | str:
    """Find the line of a place in a composed YAML tree; of the nearest thing around it if it is not there."""
    if node is None:
        return "?"
    for step in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == step), None)
            if inner is None:
                break
            node = inner
    return node.start_mark.line + 1


def _dotted(place: Iterable[str | int]) -> str:
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def names(seeds: Seeds) -> Iterator[tuple[str, str, Placed]]:
    """Give (kind, slug or key, place) of everything that has a name."""
    for kind in (
        "organization",
        "source",
        "person",
        "theme",
        "series",
        "meeting",
        "gate",
        "proposal",
        "indicator",
    ):
        for placed in getattr(seeds, kind):
            yield kind, placed.record.slug, placed
    for placed in seeds.person:
        yield from (("post", post.key, placed) for post in placed.record.posts)
    for placed in seeds.proposal:
        yield from (("statement", said.key, placed) for said in placed.record.statements)
        yield from (("status change", change.key, placed) for change in placed.record.status_changes)
        yield from (("deadline", deadline.key, placed) for deadline in placed.record.deadlines)
    for placed in seeds.blanket:
        yield "blanket answer", placed.record.key, placed
    for placed in seeds.indicator:
        yield from (("target", target.key, placed) for target in placed.record.targets)


def _name_faults(seeds: Seeds) -> Iterator[str]:
    seen: dict[tuple[str, str], Placed] = {}
    for kind, name, placed in names(seeds):
        if first := seen.get((kind, name)):
            yield f"{placed.at()}: the {kind} “{name}” is already in {first.at()}; each needs a name of its own"
        seen[kind, name] = placed


def _reference_faults(seeds: Seeds) -> Iterator[str]:
    known: dict[str, set[str]] = {}
    for kind, name, _placed in names(seeds):
        known.setdefault(kind, set()).add(name)
    for kind in Seeds.__dataclass_fields__:
        for placed in getattr(seeds, kind):
            for path, target, value in _references(placed.record, ()):
                if value not in known.get(target, ()):
                    near = _nearest(value, known.get(target, set()))
                    yield f"{placed.at(*path)}: “{value}” is not a known {target}; {near}"


def _date_faults(seeds: Seeds) -> Iterator[str]:
    """Find what was said at a meeting without a date, and does not give its own."""
    dated = {placed.record.slug for placed in seeds.meeting if placed.record.held is not None}
    said = [
        (placed, ("statements", index), one)
        for placed in seeds.proposal
        for index, one in enumerate(placed.record.statements)
        if one.said_on is None
    ]
    for placed, path, one in [*said, *((placed, (), placed.record) for placed in seeds.blanket)]:
        if one.meeting not in dated:
            yield f"{placed.at(*path)}: the meeting “{one.meeting}” has no date; give one there, or say when in said_on"


def _references(record: BaseModel, path: tuple) -> Iterator[tuple[tuple, str, str]]:
    """Walk a record for fields marked with `Ref`, in lists and in records within."""
    for name, info in type(record).model_fields.items():
        value = getattr(record, name)
        values = value if isinstance(value, list) else [value]
        for index, one in enumerate(values):
            place = (*path, name, index) if isinstance(value, list) else (*path, name)
            if isinstance(one, BaseModel):
                yield from _references(one, place)
            elif one is not None and (target := _target(info)):
                yield place, target, one


def _target(info: Any) -> str | None:
    """Find the `Ref` in a field's annotation: `Ref`, `Ref | None` or `list[Ref]`."""
    return next((one.target for one in _parts(info) if isinstance(one, shapes.Ref)), None)


def _parts(info: Any) -> Iterator[Any]:
    """Give all that a field's annotation is made of."""
    pending = [info.annotation, *info.metadata]
    while pending:
        one = pending.pop()
        yield one
        pending += [*getattr(one, "__metadata__", ()), *getattr(one, "__args__", ())]


def _nearest(value: str, known: set[str]) -> str:
    near = difflib.get_close_matches(value, known, n=3)
    return f"did you mean {', '.join(f'“{name}”' for name in near)}?" if near else "nothing has a name like it"
