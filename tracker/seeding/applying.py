"""Write seed rows to the database: all or none, and never over what staff have changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model

from tracker.models import Involvement, SeedRecord, StatusChange
from tracker.seeding.reading import SeedError, Seeds
from tracker.seeding.rows import Link, Row, rows_of
from tracker.transitions import amend_status, record_status


@dataclass(slots=True)
class Outcome:
    """What a load did. `kept` names the rows that staff changed and that were therefore left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)


def apply(
    seeds: Seeds,
    *,
    today: date,
    overwrite: bool = False,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Bring the database in line with the seeds.

    Args:
        seeds: as `read` gave them.
        today: the day of the load; no status may take effect after it.
        overwrite: replace what staff have changed, too.
        tell: called now and then with how many of how many rows are done.

    Raises:
        SeedError: if a row breaks a rule of the model; then nothing at all is saved.
    """
    rows = _in_order(list(rows_of(seeds)))
    with transaction.atomic():
        load = _Load(today=today, overwrite=overwrite)
        for done, row in enumerate(rows, start=1):
            load.write(row)
            if done % 50 == 0 or done == len(rows):
                tell(done, len(rows))
        load.connect()
        if load.faults:
            raise SeedError(load.faults)
    return load.outcome


def _in_order(rows: list[Row]) -> list[Row]:
    """Put each row after those it points to; status changes last, in the order of their file."""
    by_name = {(row.model, row.name): row for row in rows}
    sorter = TopologicalSorter({(row.model, row.name): list(row.links()) for row in rows})
    try:
        ordered = [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = " → ".join(by_name[node].placed.at() for node in error.args[1])
        raise SeedError([f"records point to each other in a circle: {circle}"]) from None
    changes = [row for row in rows if row.model is StatusChange]
    return [row for row in ordered if row.model is not StatusChange] + changes


class _Load:
    """One load: what is known of the rows so far, and what went wrong."""

    def __init__(self, *, today: date, overwrite: bool) -> None:
        self.today, self.overwrite = today, overwrite
        self.outcome = Outcome()
        self.faults: list[str] = []
        self.ids: dict[Link, int] = {}
        self.marks = {(mark.model, mark.key): mark for mark in SeedRecord.objects.all()}
        self.to_connect: list[tuple[Row, Model]] = []

    def write(self, row: Row) -> None:
        """Create the row, update it, or leave it as it is."""
        try:
            values = {name: self._resolved(value) for name, value in row.values.items()}
        except KeyError:
            return  # the row that it points to has a fault of its own, which is reported
        found = row.model._default_manager.filter(**_lookup(row, values)).first()
        mark = self.marks.get((row.label, row.name))
        if found is None and mark is not None and not self.overwrite:
            self.outcome.kept.append(f"{row.label} {row.name} ({_deleted})")
            return
        if found is not None:
            self.ids[Link(row.model, row.name)] = found.pk
            touched = mark is None or mark.fingerprint != _fingerprint(found, row)
            if touched and not self.overwrite:
                self.outcome.kept.append(f"{row.label} {row.name}")
                return
            if not _differs(found, values) and not _differs_in_links(found, row):
                self.outcome.unchanged += 1
                return
        self._save(row, found, values)

    def _resolved(self, value: Any) -> Any:
        return self.ids[value] if isinstance(value, Link) else value

    def _save(self, row: Row, found: Model | None, values: dict[str, Any]) -> None:
        record = found or row.model(**_lookup(row, {}))
        for name, value in values.items():
            setattr(record, _column(row.model, name), value)
        try:
            self._save_by_its_rules(record, is_new=found is None)
        except ValidationError as error:
            self.faults += [f"{row.placed.at()}, {row.label} “{row.name}”: {line}" for line in _lines(error, values)]
            return
        self.ids[Link(row.model, row.name)] = record.pk
        self.to_connect.append((row, record))
        if found is None:
            self.outcome.created += 1
        else:
            self.outcome.updated += 1

    def _save_by_its_rules(self, record: Model, *, is_new: bool) -> None:
        if isinstance(record, StatusChange):
            (record_status if is_new else amend_status)(record, today=self.today)
            return
        record.full_clean(exclude=_derived(record))
        record.save()

    def connect(self) -> None:
        """Set the many-to-many fields, now that every row exists, and remember how each row was left."""
        if self.faults:
            return
        for row, record in self.to_connect:
            record.refresh_from_db()  # its status changes were recorded after it was read
            for name, links in row.many.items():
                getattr(record, name).set([self.ids[link] for link in links])
        marks = []
        for row, record in self.to_connect:
            record.refresh_from_db()
            marks.append(SeedRecord(model=row.label, key=row.name, fingerprint=_fingerprint(record, row)))
        SeedRecord.objects.bulk_create(
            marks, update_conflicts=True, unique_fields=["model", "key"], update_fields=["fingerprint"]
        )


_deleted = "deleted since"


def _lookup(row: Row, values: dict[str, Any]) -> dict[str, Any]:
    """Find the row in its table: by slug, by key, or, for an involvement, by all it says."""
    if row.model is Involvement:
        return {_column(row.model, name): value for name, value in values.items()}
    names = {one.name for one in row.model._meta.get_fields()}
    return {"slug" if "slug" in names else "key": row.name}


def _column(model: type[Model], name: str) -> str:
    """Give the attribute that holds a value: the id for a reference."""
    return model._meta.get_field(name).attname  # type: ignore[union-attr]


def _derived(record: Model) -> list[str]:
    """Name the fields that the model's own save fills in."""
    return [name for name in ("said_on", "search_text") if not getattr(record, name, True)]


def _differs(record: Model, values: dict[str, Any]) -> bool:
    for name, value in values.items():
        one = record._meta.get_field(name)
        if getattr(record, one.attname) != one.to_python(value):  # type: ignore[union-attr]
            return True
    return False


def _differs_in_links(record: Model, row: Row) -> bool:
    return any(
        set(getattr(record, name).values_list("slug", flat=True)) != {link.name for link in links}
        for name, links in row.many.items()
    )


def _fingerprint(record: Model, row: Row) -> str:
    """Digest what the seeds say of a row, as the database has it now."""
    state: dict[str, Any] = {name: getattr(record, _column(row.model, name)) for name in row.values}
    for name in row.many:
        state[name] = sorted(getattr(record, name).values_list("pk", flat=True))
    text = json.dumps(state, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(error: ValidationError, values: dict[str, Any]) -> Iterable[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        f"{name}: {'' if name not in values else f'“{values[name]}”: '}{message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
