"""The database's own rules, asked of a record before it is saved and without asking the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, F, Model, Q

_COMPARED = {
    "exact": lambda one, other: one == other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def holds(condition: Q, record: Model) -> bool | None:
    """Tell whether a condition holds of a record; None where SQL would not know, for want of a value."""
    parts = [
        holds(part, record) if isinstance(part, Q) else _compare(record, *part)  # type: ignore[misc]
        for part in condition.children
    ]
    decisive = condition.connector == Q.OR
    if decisive in parts:
        found: bool | None = decisive
    else:
        found = None if None in parts else not decisive
    return found if found is None or not condition.negated else not found


def _compare(record: Model, lookup: str, wanted: Any) -> bool | None:
    name, _separator, how = lookup.partition("__")
    value = _value(record, name)
    if how == "isnull":
        return (value is None) is wanted
    if isinstance(wanted, F):
        wanted = _value(record, wanted.name)  # type: ignore[attr-defined]
    if value is None or wanted is None:
        return None
    if how == "in":
        return value in wanted
    return _COMPARED[how or "exact"](value, wanted)


def _value(record: Model, name: str) -> Any:
    return getattr(record, record._meta.get_field(name).attname)  # type: ignore[union-attr]


def broken_constraints(record: Model) -> Iterable[tuple[str, str]]:
    """Name the rules of single rows that the record breaks, each with its words."""
    for constraint in record._meta.constraints:
        if isinstance(constraint, CheckConstraint) and holds(constraint.condition, record) is False:  # type: ignore[arg-type]
            yield constraint.name, str(constraint.get_violation_error_message())


def broken_fields(record: Model, exclude: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Name the attributes whose values no form would take, each with the words of the first reason."""
    relations = {one.name for one in record._meta.fields if one.is_relation}
    try:
        record.clean_fields(exclude={*exclude, *relations})
    except ValidationError as problem:
        for name, messages in problem.message_dict.items():
            yield name, messages[0]
