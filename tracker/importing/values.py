"""How the values of a table are written in a file, and read from it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from tracker.dates import NOTATION, Interval, parse_when
from tracker.importing.drafts import Draft, RefusalError

SEPARATOR = ";"
_AMOUNT = re.compile(r"-?\d{1,16}(?:\.\d{1,4})?")
_LARGEST_WHOLE = 32_767


class Value(Widget):
    """A text as it stands."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the value of a cell.

        Raises:
            RefusalError: saying why not, and what is allowed.
        """
        return value

    def write(self, value: Any, scene: Any) -> str:
        """Write a value as the export does."""
        return "" if value is None else str(value)


class Code(Value):
    """The code of a record of another table."""

    def __init__(self, model: type[Model], *, may_be_new: bool = False) -> None:
        super().__init__()
        self.model = model
        self.may_be_new = may_be_new  # whether it may be another row of the same file

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Give the id; for a row of the same file its code, until it has one."""
        if self.may_be_new and value in scene.coming and value not in scene.references.ids(self.model):
            if value == draft.key:
                raise RefusalError(_("A record cannot be its own kin."))
            draft.awaits.add(scene.coming[value])
            return value
        return scene.references.find(self.model, value)

    def write(self, value: Any, scene: Any) -> str:
        """Write the code."""
        return value if isinstance(value, str) else scene.references.code(self.model, value)


class Codes(Value):
    """The codes of several records; their order says nothing."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__()
        self.model = model

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Give the ids."""
        codes = [code for part in value.split(SEPARATOR) if (code := part.strip())]
        return list(dict.fromkeys(scene.references.find(self.model, code) for code in codes))

    def write(self, value: Any, scene: Any) -> str:
        """Write the codes, in the order of the alphabet."""
        return f"{SEPARATOR} ".join(sorted(scene.references.code(self.model, pk) for pk in value))


class OnScale(Value):
    """A value of a scale."""

    def __init__(self, scale: type[TextChoices]) -> None:
        super().__init__()
        self.scale = scale

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Hold the value to the scale."""
        if value not in self.scale.values:
            raise RefusalError(_("This is not on the scale."), self.scale.values)
        return value


class Whole(Value):
    """A whole number above zero."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the number."""
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not 1 <= int(value) <= _LARGEST_WHOLE:
            raise RefusalError(_("This is not a whole number above zero."), [f"1–{_LARGEST_WHOLE}"])
        return int(value)


class Amount(Value):
    """A figure: decimal point, nothing between thousands."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the figure; a comma is never guessed at, since it may part decimals or thousands."""
        if _AMOUNT.fullmatch(value):
            return Decimal(value)
        if "," in value:
            raise RefusalError(
                _("A comma could part decimals or thousands: write a decimal point, and nothing between thousands."),
                ["1234.5"],
            )
        raise RefusalError(_("This is not a number with at most 16 digits before and 4 behind the point."), ["1234.5"])

    def write(self, value: Any, scene: Any) -> str:
        """Write the figure without zeros at its end."""
        return "" if value is None else format(value.normalize(), "f")


class Day(Value):
    """A day."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the day."""
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
                return date.fromisoformat(value)
        except ValueError:
            raise RefusalError(_("The calendar has no such day."), ["2024-11-06"]) from None
        raise RefusalError(_("This is not a day: year, month and day, with hyphens."), ["2024-11-06"])


class When(Value):
    """A day, month, quarter or year."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the notation of the tracker."""
        try:
            when = parse_when(value)
        except ValueError:
            raise RefusalError(_("This is not a date."), NOTATION.split(", ")) from None
        if "/" in value:
            raise RefusalError(_("One day is meant here, or one month, quarter or year."), ["2024-11-06", "2024-11"])
        return when

    def write(self, value: Any, scene: Any) -> str:
        """Write the date no finer than it is known."""
        return str(value) if isinstance(value, Interval) else ""


class YesNo(Value):
    """Yes or no."""

    def clean(self, value: str, row: Any = None, *, draft: Draft, scene: Any, **_more: Any) -> Any:
        """Read the word; a spreadsheet's own words for it are understood."""
        known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        if value.casefold() not in known:
            raise RefusalError(_("This is neither yes nor no."), ["yes", "no"])
        return known[value.casefold()]

    def write(self, value: Any, scene: Any) -> str:
        """Write the word."""
        return "yes" if value else "no"
