"""What an import makes of one row: what it would change, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracker.staff_scales import RowResult


class RefusalError(ValueError):
    """Why a value is not taken, in words, and what would be; the column is named where it is not the one read."""

    def __init__(self, reason: str, allowed: Iterable[str] = (), column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column
        self.allowed = list(allowed)


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that is refused: in which column, why, and what is allowed there."""

    column: str
    value: str
    reason: str
    allowed: list[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that would be replaced."""

    column: str
    before: str
    after: str


@dataclass(slots=True)
class Draft:
    """A row on its way: the record with the row's values, though nothing is saved yet.

    `old` holds by attribute what the record had before; `many` the ids of what it is to be connected with, by
    relation, and `part` what the row says beyond its record; with `adds` that part is new though the record is not.
    """

    number: int
    row: dict[str, str]
    key: str = ""
    record: Any = None
    is_new: bool = False
    old: dict[str, Any] = field(default_factory=dict)
    many: dict[str, list[int]] = field(default_factory=dict)
    part: Any = None
    adds: bool = False
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    awaits: set[int] = field(default_factory=set)  # the numbers of other rows of the file that it needs

    def refuse(self, column: str, reason: str, allowed: Iterable[str] = (), value: str | None = None) -> None:
        """Note a fault."""
        shown = self.row.get(column, "") if value is None else value
        self.faults.append(Fault(column, str(shown), reason, list(allowed)))

    def has_fault(self, *columns: str) -> bool:
        """Tell whether a value of one of the columns is refused already."""
        return any(fault.column in columns for fault in self.faults)

    def put(self, attribute: str, value: Any) -> None:
        """Set an attribute of the record, and remember what it had."""
        self.old.setdefault(attribute, getattr(self.record, attribute))
        setattr(self.record, attribute, value)

    @property
    def result(self) -> RowResult:
        """What the row comes to."""
        if self.faults:
            return RowResult.REFUSED
        if self.is_new or self.adds:
            return RowResult.NEW
        return RowResult.CHANGED if self.changes else RowResult.SAME

    @property
    def detail(self) -> list[dict[str, Any]]:
        """What is kept of it: the faults of a refused row, or else the changes."""
        return [{name: getattr(one, name) for name in one.__slots__} for one in (self.faults or self.changes)]
