"""Write seed rows to the database: all or none, and never over what staff have changed since."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Field, Model, prefetch_related_objects
from simple_history.utils import get_history_manager_for_model

from tracker.models import Bearing, FormerAddress, Involvement, PathwayStep, Proposal, SeedRecord, StatusChange
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
        load = _Load(rows, today=today, overwrite=overwrite)
        for done, row in enumerate(rows, start=1):
            load.write(row)
            if done % 50 == 0 or done == len(rows):
                tell(done, len(rows))
        if load.faults:
            raise SeedError(load.faults)
        load.finish()
    return load.outcome


def _in_order(rows: list[Row]) -> list[Row]:
    """Put each row after those it points to; status changes last, in the order of their days."""
    by_name = {row.itself: row for row in rows}
    if len(by_name) < len(rows):
        twice = {name for name, count in Counter(row.itself for row in rows).items() if count > 1}
        raise SeedError([f"{row.placed.at()}: {row.title} is there twice" for row in rows if row.itself in twice])
    sorter = TopologicalSorter({row.itself: list(row.links()) for row in rows})
    try:
        ordered = [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = " → ".join(by_name[node].placed.at() for node in error.args[1])
        raise SeedError([f"records point to each other in a circle: {circle}"]) from None
    changes = sorted((row for row in rows if row.model is StatusChange), key=lambda row: row.values["effective_on"])
    return [row for row in ordered if row.model is not StatusChange] + changes


class _Load:
    """One load: what the database has of the rows, what was written, and what went wrong."""

    def __init__(self, rows: list[Row], *, today: date, overwrite: bool) -> None:
        self.today, self.overwrite = today, overwrite
        self.outcome = Outcome()
        self.faults: list[str] = []
        self.found = _found(rows)
        self.ids = {name: record.pk for name, record in self.found.items()}
        self.marks = {(mark.model, mark.key): mark.fingerprint for mark in SeedRecord.objects.all()}
        known = set() if overwrite else {row.itself for row in rows if (row.label, row.name) in self.marks}
        # by the address that a proposal had before it was merged: the one that took it in
        self.merged = {Link(Proposal, slug): key for slug, key in FormerAddress.objects.values_list("slug", "proposal")}
        self.ids = self.merged | self.ids
        self.deleted = known - self.found.keys() - self.merged.keys()  # by staff; with what hangs on it
        self.created: dict[Link, Row] = {}
        self.updated: dict[Link, Row] = {}

    def write(self, row: Row) -> None:
        """Create the row, update it, or leave it as it is."""
        if self._is_merged(row):
            self.outcome.kept.append(f"{row.title} (merged into another)")
            return
        if row.itself in self.deleted:
            self.outcome.kept.append(f"{row.title} (deleted since)")
            return
        if not self.deleted.isdisjoint(row.links()):
            self.deleted.add(row.itself)
            self.outcome.kept.append(f"{row.title} (what it belongs to was deleted)")
            return
        if any(link not in self.ids for link in row.links()):
            return  # the row that it points to has a fault of its own, which is reported
        found = self.found.get(row.itself)
        if found is not None:
            if self.marks.get((row.label, row.name)) != _fingerprint(found, row) and not self.overwrite:
                self.outcome.kept.append(row.title)
                return
            if not self._differs(found, row):
                self.outcome.unchanged += 1
                return
        self._save(row, found)

    def _is_merged(self, row: Row) -> bool:
        """Tell whether the row went with a proposal that staff merged into another, which has its own by now.

        What the seeds say anew about such a proposal is said about the other.
        """
        if row.itself in self.merged:
            return row.itself not in self.found
        of_merged = not self.merged.keys().isdisjoint(row.values.values())
        return of_merged and (row.itself in self.found or row.model is StatusChange or row.model in _KEYLESS)

    def _differs(self, record: Model, row: Row) -> bool:
        for name, value in self._resolved(row).items():
            one = _field(row.model, name)
            if getattr(record, one.attname) != one.to_python(value):
                return True
        return any(
            {one.pk for one in getattr(record, name).all()} != set(self._connected(record, links))
            for name, links in row.many.items()
        )

    def _resolved(self, row: Row) -> dict[str, Any]:
        return {name: self.ids[value] if isinstance(value, Link) else value for name, value in row.values.items()}

    def _connected(self, record: Model, links: list[Link]) -> list[int | None]:
        """Give the keys of what a row points to, but what is deleted; a merged proposal is not connected to itself."""
        itself = (type(record), record.pk)
        wanted = [(link.model, self.ids.get(link)) for link in links if link not in self.deleted]
        return [key for model, key in wanted if (model, key) != itself]

    def _save(self, row: Row, found: Model | None) -> None:
        record = found or row.model(**({} if row.model in _KEYLESS else {_handle(row.model): row.name}))
        for name, value in self._resolved(row).items():
            setattr(record, _field(row.model, name).attname, value)
        try:
            self._save_by_its_rules(record, row, is_new=found is None)
        except ValidationError as error:
            self.faults += [f"{row.placed.at()}, {row.label} “{row.name}”: {line}" for line in _lines(error, row)]
            return
        self.ids[row.itself] = record.pk
        (self.created if found is None else self.updated)[row.itself] = row

    def _save_by_its_rules(self, record: Model, row: Row, *, is_new: bool) -> None:
        if isinstance(record, StatusChange):
            (record_status if is_new else amend_status)(record, today=self.today)
            return
        # The database itself holds rows to its constraints: only when it refuses one are they asked for their words.
        # That a row pointed to exists need not be asked at all: it was found or written in this transaction.
        links = [name for name, value in row.values.items() if isinstance(value, Link)]
        try:
            record.clean_fields(exclude={*_derived(record), *links})
            record.clean()
            with transaction.atomic():
                if not row.many:
                    # all such rows get theirs at once, in the end
                    record.skip_history_when_saving = True  # type: ignore[attr-defined]
                record.save()
        except (ValidationError, IntegrityError):
            record.full_clean(exclude=_derived(record))
            raise

    def finish(self) -> None:
        """Set the many-to-many fields, now that every row exists; then record the history and how each row was left."""
        self.outcome.created, self.outcome.updated = len(self.created), len(self.updated)
        written = list((self.created | self.updated).values())
        records = _found(written)
        for row in written:
            for name, links in row.many.items():
                ids = self._connected(records[row.itself], links)
                if ids or row.itself in self.updated:
                    getattr(records[row.itself], name).set(ids)
        for rows, is_update in ((self.created, False), (self.updated, True)):
            for model, group in _by_model(rows.values()).items():
                if model is not StatusChange and not group[0].many:
                    history = get_history_manager_for_model(model)
                    history.bulk_history_create([records[row.itself] for row in group], update=is_update)
        records = _found(written)  # the other side of what was connected, too
        marks = [
            SeedRecord(model=row.label, key=row.name, fingerprint=_fingerprint(records[row.itself], row))
            for row in written
        ]
        SeedRecord.objects.bulk_create(
            marks, update_conflicts=True, unique_fields=["model", "key"], update_fields=["fingerprint"]
        )


# Rows without slug or key, and what makes their names
_KEYLESS: dict[type[Model], tuple[str, ...]] = {
    Involvement: ("proposal__slug", "role", "organization__slug"),
    Bearing: ("development__key", "proposal__slug"),
    PathwayStep: ("pathway__slug", "code"),
}


def _by_model(rows: Iterable[Row]) -> dict[type[Model], list[Row]]:
    groups: dict[type[Model], list[Row]] = {}
    for row in rows:
        groups.setdefault(row.model, []).append(row)
    return groups


def _found(rows: Iterable[Row]) -> dict[Link, Model]:
    """Read what the database has of the rows, with what their many-to-many fields point to."""
    found: dict[Link, Model] = {}
    for model, group in _by_model(rows).items():
        names = [row.name for row in group]
        if model in _KEYLESS:
            ids = {":".join(parts): pk for pk, *parts in model._default_manager.values_list("pk", *_KEYLESS[model])}
            by_id = model._default_manager.in_bulk([ids[name] for name in names if name in ids])
            records = {name: by_id[ids[name]] for name in names if name in ids}
        else:
            records = model._default_manager.in_bulk(names, field_name=_handle(model))
        prefetch_related_objects(list(records.values()), *group[0].many)
        found |= {Link(model, name): record for name, record in records.items()}
    return found


def _handle(model: type[Model]) -> str:
    """Name the field that a row is found by."""
    return "slug" if any(one.name == "slug" for one in model._meta.get_fields()) else "key"


def _field(model: type[Model], name: str) -> Field:
    """Give the field of a value; its attname holds the id where it is a reference."""
    return model._meta.get_field(name)  # type: ignore[return-value]


def _derived(record: Model) -> list[str]:
    """Name the fields that the model's own save fills in."""
    return [name for name in ("said_on", "search_text") if not getattr(record, name, True)]


def _fingerprint(record: Model, row: Row) -> str:
    """Digest what the seeds say of a row, as the database has it now."""
    state: dict[str, Any] = {name: getattr(record, _field(row.model, name).attname) for name in row.values}
    for name in row.many:
        state[name] = sorted(one.pk for one in getattr(record, name).all())
    text = json.dumps(state, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(error: ValidationError, row: Row) -> Iterable[str]:
    """Write what is wrong with a row, each fault with its field and the value there."""
    if not hasattr(error, "error_dict"):
        return error.messages
    shown = {name: value.name if isinstance(value, Link) else value for name, value in row.values.items()}
    return [
        f"{name}: {'' if name not in shown else f'“{shown[name]}”: '}{message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
