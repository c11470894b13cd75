"""Read the seed files and check them whole, before anything is saved."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from tracker.seeding import shapes


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # in C where there is one
    """Reads YAML and refuses a key that stands twice, of which the first would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a word, not a list", key.start_mark)
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
    pathway: list[Placed] = field(default_factory=list)
    gate: list[Placed] = field(default_factory=list)
    proposal: list[Placed] = field(default_factory=list)
    blanket: list[Placed] = field(default_factory=list)
    indicator: list[Placed] = field(default_factory=list)
    statement: list[Placed] = field(default_factory=list)
    status_change: list[Placed] = field(default_factory=list)
    development: list[Placed] = field(default_factory=list)
    milestone: list[Placed] = field(default_factory=list)
    review: list[Placed] = field(default_factory=list)


_FILES: dict[str, tuple[str, type[shapes.Shape]]] = {
    "organizations.yaml": ("organization", shapes.OrganizationShape),
    "sources.yaml": ("source", shapes.SourceShape),
    "people.yaml": ("person", shapes.PersonShape),
    "themes.yaml": ("theme", shapes.ThemeShape),
    "series.yaml": ("series", shapes.SeriesShape),
    "meetings.yaml": ("meeting", shapes.MeetingShape),
    "pathways*.yaml": ("pathway", shapes.PathwayShape),
    "gates.yaml": ("gate", shapes.GateShape),
    "proposals/*.yaml": ("proposal", shapes.ProposalShape),
    "blanket_answers.yaml": ("blanket", shapes.BlanketShape),
    "indicators.yaml": ("indicator", shapes.IndicatorShape),
    "organizations/*.yaml": ("organization", shapes.OrganizationShape),
    "sources/*.yaml": ("source", shapes.SourceShape),
    "people/*.yaml": ("person", shapes.PersonShape),
    "series/*.yaml": ("series", shapes.SeriesShape),
    "meetings/*.yaml": ("meeting", shapes.MeetingShape),
    "gates/*.yaml": ("gate", shapes.GateShape),
    "statements/*.yaml": ("statement", shapes.LaterStatementShape),
    "status_changes/*.yaml": ("status_change", shapes.LaterChangeShape),
    "developments/*.yaml": ("development", shapes.DevelopmentShape),
    "observations/*.yaml": ("indicator", shapes.IndicatorShape),
    "milestones/*.yaml": ("milestone", shapes.MilestoneShape),
    "reviews/*.yaml": ("review", shapes.ReviewShape),
}


def read(folder: Path) -> Seeds:
    """Read every seed file below `folder`.

    Raises:
        SeedError: with every fault found in shape, names and references.
    """
    seeds = Seeds()
    faults: list[str] = []
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
    if faults := [*_name_faults(seeds), *_reference_faults(seeds), *_step_faults(seeds)] or list(_speech_faults(seeds)):
        raise SeedError(faults)
    return seeds


def _read_file(path: Path, name: str, shape: type[shapes.Shape]) -> tuple[list[Placed], list[str]]:
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
    records, faults = [], []
    for index, one in enumerate(raw):
        held_to = shape.of(one)
        try:
            records.append(Placed(name, index, held_to.model_validate(one)))
        except ValidationError as error:
            tree = yaml.compose(text, Loader=_Loader)
            faults += [_shape_fault(name, index, one, tree, _explained(fault, held_to)) for fault in error.errors()]
    return records, faults


def _explained(fault: Any, shape: type[BaseModel]) -> Any:
    """Have a fault about an unknown key say which keys the record has."""
    if fault["type"] != "extra_forbidden":
        return fault
    for step in fault["loc"][:-1]:
        if isinstance(step, str):
            parts = _parts(shape.model_fields[step])
            shape = next(one for one in parts if isinstance(one, type) and issubclass(one, BaseModel))
    return {**fault, "msg": f"no such key; allowed: {', '.join(_keys(shape))}"}


def _keys(shape: type[BaseModel]) -> Iterator[str]:
    """Give the keys of a record as they are written."""
    return (info.alias or name for name, info in shape.model_fields.items())


def _shape_fault(name: str, index: int, record: Any, tree: yaml.Node | None, fault: Any) -> str:
    title = (record.get("slug") or record.get("key") if isinstance(record, dict) else None) or index + 1
    place = f", {_dotted(fault['loc'])}" if fault["loc"] else ""
    value = "" if fault["type"] == "missing" else f": “{fault['input']}”"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{name}, line {_line(tree, (index, *fault['loc']))}, record “{title}”{place}{value}: {message}"


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
    for kind in ("organization", "source", "person", "theme", "series", "meeting", "pathway", "gate", "proposal"):
        yield from ((kind, placed.record.slug, placed) for placed in getattr(seeds, kind))
    for placed in seeds.indicator:
        if isinstance(placed.record, shapes.IndicatorShape):
            yield "indicator", placed.record.slug, placed
    for placed in seeds.pathway:
        yield from (("step", f"{placed.record.slug}:{step.code}", placed) for step in placed.record.steps)
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
        for figures in placed.record.series:
            yield "series of figures", figures.slug, placed
            yield from (("observation", one.key, placed) for one in figures.observations)
    for kind in ("statement", "status_change", "development", "milestone", "review"):
        yield from ((kind.replace("_", " "), placed.record.key, placed) for placed in getattr(seeds, kind))


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


def _step_faults(seeds: Seeds) -> Iterator[str]:
    """Find milestones whose step no pathway has, and those that name a pathway or a step without the other."""
    known = {name for kind, name, _placed in names(seeds) if kind == "step"}
    for placed in seeds.milestone:
        record = placed.record
        if record.step is None and record.pathway is not None:
            yield f"{placed.at('pathway')}: “{record.pathway}”: say which of its steps in step"
        elif record.step is not None and not (record.pathway or record.gate):
            yield f"{placed.at('step')}: “{record.step}”: away from a gate, say of which pathway in pathway"
        elif record.step is not None and record.named_step not in known:
            steps = [name for name in sorted(known) if name.startswith(record.named_step.partition(":")[0] + ":")]
            yield f"{placed.at('step')}: “{record.named_step}” is not a known step; allowed: {', '.join(steps)}"


def _speech_faults(seeds: Seeds) -> Iterator[str]:
    """Find what was said on no known day, and what cites a document with numbered paragraphs without saying which."""
    dated = {placed.record.slug for placed in seeds.meeting if placed.record.held is not None}
    counted = {placed.record.slug for placed in seeds.source if placed.record.document}
    for placed, path, said in _speeches(seeds):
        if said.meeting not in dated and getattr(said, "said_on", None) is None:
            yield f"{placed.at(*path)}: the meeting “{said.meeting}” has no date; give it there, or say when in said_on"
        if said.source in counted and said.paragraph is None:
            yield f"{placed.at(*path)}: the source “{said.source}” has numbered paragraphs; say which in paragraph"


def _speeches(seeds: Seeds) -> Iterator[tuple[Placed, tuple, shapes.SpeechShape]]:
    """Give (record, place in it, what was said) of everything said."""
    for placed in seeds.proposal:
        for index, said in enumerate(placed.record.statements):
            yield placed, ("statements", index), said
    for placed in (*seeds.statement, *seeds.blanket):
        yield placed, (), placed.record


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
