"""Two people at one record: what a form showed when it was opened, what was saved since, and what becomes of both.

A form carries the values that it showed. When it is saved, they are compared with those of that moment: a field that
somebody else changed meanwhile is taken over where this person left it alone, and is a matter of choice where both
changed it. Either way nothing is saved before the person has seen it, and nothing entered is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms.models import InlineForeignKeyField
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.models import Organization

OPENED = "tracker_opened"
KEEP = "tracker_keep-"
MINE, THEIRS = "mine", "theirs"

Shown: TypeAlias = str | bool | list[str]
Values: TypeAlias = dict[str, Shown]
# by place: an empty text for the record itself, `prefix:key` for a row that belongs to it
Page: TypeAlias = dict[str, Values]


class Difference(NamedTuple):
    """A field that somebody else changed meanwhile: as it was opened, as it is saved now, as it was entered here."""

    choice: str  # the name of the choice; empty where there is nothing to choose
    label: str
    opened: str
    theirs: str
    mine: str


@dataclass(slots=True)
class Meeting:
    """What came of two people's work on one record."""

    data: QueryDict
    differences: list[Difference] = field(default_factory=list)


class Part(NamedTuple):
    """A set of forms for rows that exist, as the page shows it now, unbound; and one for a row to be added."""

    prefix: str
    title: str
    forms: list[Any]
    blank: Any
    model: Any
    link: str


# What a page shows ----------------------------------------------------------------------------------------------------


def _widget(one: forms.Field) -> Any:
    widget = one.widget
    return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


def _told(form: forms.BaseForm) -> list[str]:
    """Name the fields of a form that hold a value of the record."""
    return [
        name
        for name, one in form.fields.items()
        if name not in ("DELETE", "id") and not one.disabled
        if not isinstance(one, InlineForeignKeyField) and not isinstance(_widget(one), forms.MultiWidget)
    ]


def _plain(widget: Any, value: Any) -> Shown:
    """Bring a value into the one form in which values are compared and carried."""
    if isinstance(widget, forms.CheckboxInput):
        return bool(value)
    if isinstance(widget, forms.widgets.ChoiceWidget):
        many = value if isinstance(value, list | tuple | set) or hasattr(value, "model") else [value]
        return sorted(str(getattr(one, "pk", one)) for one in many if one not in (None, ""))
    shown = widget.format_value(value)
    return "" if shown is None else str(shown).replace("\r\n", "\n").strip()


def values_of(form: forms.BaseForm) -> Values:
    """Give what an unbound form shows."""
    return {name: _plain(_widget(form.fields[name]), form[name].value()) for name in _told(form)}


def page_of(form: forms.BaseForm, parts: Iterable[Part]) -> Page:
    """Give what a page shows of the record and of the rows that belong to it."""
    page: Page = {"": values_of(form)}
    for part in parts:
        for row in part.forms:
            page[f"{part.prefix}:{row.instance.pk}"] = values_of(row)
    return page


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form showed when it was opened, and when that was."""

    at: datetime
    page: Page

    def written(self) -> str:
        """Write it for the hidden field that carries it."""
        return json.dumps({"at": self.at.isoformat(), "page": self.page}, ensure_ascii=False, separators=(",", ":"))


def opened_in(data: QueryDict) -> Opened | None:
    """Read what a form showed when it was opened; None where it does not say."""
    try:
        sent = json.loads(data.get(OPENED, ""))
        page = {str(place): dict(values) for place, values in sent["page"].items()}
        return Opened(datetime.fromisoformat(sent["at"]), page)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


# What was entered -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rows:
    """The rows of a set of forms as they were sent: those that exist first."""

    part: Part
    existing: list[dict[str, list[str]]]
    new: list[dict[str, list[str]]]

    @classmethod
    def sent(cls, data: QueryDict, part: Part) -> _Rows:
        """Read the rows from what a browser sent."""
        count = {name: data.get(f"{part.prefix}-{name}_FORMS", "") for name in ("INITIAL", "TOTAL")}
        initial, total = (int(text) if text.isdecimal() else 0 for text in count.values())
        rows: list[dict[str, list[str]]] = [{} for _number in range(min(total, 2000))]
        for name in data:
            number, _dash, column = name.removeprefix(f"{part.prefix}-").partition("-")
            if name.startswith(f"{part.prefix}-") and number.isdecimal() and int(number) < len(rows):
                rows[int(number)][column] = data.getlist(name)
        return cls(part, rows[:initial], rows[initial:])

    def write(self, data: QueryDict) -> None:
        """Write the rows back, numbered anew."""
        prefix = self.part.prefix
        for name in [name for name in data if name.startswith(f"{prefix}-") and _is_of_row(name, prefix)]:
            del data[name]
        for number, row in enumerate([*self.existing, *self.new]):
            for column, values in row.items():
                data.setlist(f"{prefix}-{number}-{column}", values)
        data[f"{prefix}-INITIAL_FORMS"] = str(len(self.existing))
        data[f"{prefix}-TOTAL_FORMS"] = str(len(self.existing) + len(self.new))


def _is_of_row(name: str, prefix: str) -> bool:
    return name.removeprefix(f"{prefix}-").partition("-")[0].isdecimal()


def _entered(form: forms.BaseForm, data: QueryDict, *, prefix: str = "") -> Values:
    """Give what was entered for the fields of a form."""
    found: Values = {}
    for name in _told(form):
        widget = _widget(form.fields[name])
        found[name] = _plain(widget, widget.value_from_datadict(data, {}, f"{prefix}{name}"))
    return found


def sent_as(value: Shown) -> list[str]:
    """Give a value as a browser would send it; nothing for a box that is not ticked."""
    if isinstance(value, bool):
        return ["on"] if value else []
    return list(value) if isinstance(value, list) else [value]


class Entered(NamedTuple):
    """What was entered in a field, in words."""

    label: str
    value: str


def entered_since(opened: Page, data: QueryDict, form: forms.BaseForm, parts: Iterable[Part]) -> list[Entered]:
    """Give what was entered and is not what the form showed when it was opened; of a row that differs all of it."""
    before = values_of(form) | opened.get("", {})
    mine = _entered(form, data)
    names = [name for name in mine if mine[name] != before[name] and (mine[name] or name in opened.get("", {}))]
    found = [_in_words(form, name, mine[name]) for name in names]
    for part in parts:
        rows = _Rows.sent(data, part)
        for row in (*rows.existing, *rows.new):
            shown = opened.get(f"{part.prefix}:{row.get('id', [''])[0]}") or values_of(part.blank)
            mine = _Target(row).entered(part.blank)
            if "DELETE" not in row and any(mine[name] != shown.get(name, mine[name]) for name in mine):
                found += [_in_words(part.blank, name, mine[name], part.title) for name in mine if mine[name]]
    return found


def _in_words(form: forms.BaseForm, name: str, value: Shown, title: str = "") -> Entered:
    label = str(capfirst(form[name].label))
    return Entered(f"{title}: {label}" if title else label, sayer(form.fields[name])(value))


# Both together --------------------------------------------------------------------------------------------------------


def meet(opened: Page, data: QueryDict, form: forms.BaseForm, parts: list[Part]) -> Meeting:
    """Hold what was entered against what was saved since the form was opened.

    Args:
        opened: what the form showed.
        data: what was entered; it stays as it is.
        form: the record's form as it would be opened now.
        parts: the forms of the rows that belong to it, likewise.

    Returns:
        The entries, with what only somebody else changed taken over and the choices of a meeting before carried out;
        and the differences to be shown before anything may be saved.
    """
    meeting = Meeting(data.copy())
    for choice, kept in _choices(data).items():
        if kept == THEIRS and ":" not in choice:
            _put(meeting.data, choice, opened.get("", {}).get(choice, ""))
    _meet_fields(meeting, opened.get("", {}), form, _Target(meeting.data))
    for part in parts:
        rows = _Rows.sent(meeting.data, part)
        _meet_rows(meeting, opened, rows, _choices(data))
        rows.write(meeting.data)
    for name in [name for name in meeting.data if name.startswith(KEEP)]:
        del meeting.data[name]
    return meeting


def _choices(data: QueryDict) -> dict[str, str]:
    return {name.removeprefix(KEEP): data.get(name, "") for name in data if name.startswith(KEEP)}


def _put(data: Any, name: str, value: Shown) -> None:
    sent = sent_as(value)
    if isinstance(data, QueryDict):
        data.setlist(name, sent)
    else:
        data[name] = sent
    if not sent:
        data.pop(name, None)


class _Target(NamedTuple):
    """Where the entries of a form stand, and what names its choices and labels."""

    data: Any
    place: str = ""
    title: str = ""

    def entered(self, form: forms.BaseForm) -> Values:
        if isinstance(self.data, QueryDict):
            return _entered(form, self.data)
        row = QueryDict(mutable=True)
        for column, values in self.data.items():
            row.setlist(column, values)
        return _entered(form, row)


def _meet_fields(meeting: Meeting, opened: Values, form: forms.BaseForm, target: _Target) -> None:
    theirs, mine = values_of(form), target.entered(form)
    for name, now in theirs.items():
        before = opened.get(name, now)
        if before == now or mine[name] == now:
            continue
        if untouched := mine[name] == before:
            _put(target.data, name, now)
        say = sayer(form.fields[name])
        label = str(capfirst(form[name].label))
        choice = "" if untouched else f"{target.place}:{name}" if target.place else name
        meeting.differences.append(
            Difference(
                choice,
                f"{target.title}: {label}" if target.title else label,
                say(before),
                say(now),
                "" if untouched else say(mine[name]),
            )
        )


def _meet_rows(meeting: Meeting, opened: Page, rows: _Rows, choices: dict[str, str]) -> None:
    """Line the entered rows up with those that exist now; a row that is gone becomes one to be added again."""
    part, there = rows.part, {str(row.instance.pk): row for row in rows.part.forms}
    sent = {row["id"][0]: row for row in rows.existing if row.get("id")}
    _drop_given_up(rows, choices)
    for key, row in sent.items():
        place = f"{part.prefix}:{key}"
        form = there.get(key)
        if form is None:
            _meet_removed(meeting, opened.get(place), rows, row)
            continue
        for name, value in opened.get(place, {}).items():
            if choices.get(f"{place}:{name}") == THEIRS:
                _put(row, name, value)
        if choices.get(f"{place}:DELETE") == THEIRS:
            row.pop("DELETE", None)
        _meet_row(meeting, opened.get(place, {}), form, _Target(row, place, f"{part.title} “{form.instance}”"))
    fresh = {key: _as_sent(form) for key, form in there.items() if key not in sent}
    rows.existing = [sent.get(key) or fresh[key] for key in there]


def _meet_row(meeting: Meeting, opened: Values, form: forms.BaseForm, target: _Target) -> None:
    if "DELETE" not in target.data:
        _meet_fields(meeting, opened, form, target)
        return
    now = values_of(form)
    changed = [name for name, value in now.items() if opened.get(name, value) != value]
    if changed:
        told = (f"{capfirst(form[name].label)}: {sayer(form.fields[name])(now[name])}" for name in changed)
        choice = f"{target.place}:DELETE"
        meeting.differences.append(Difference(choice, target.title, "", "; ".join(told), _("to be removed")))


def _meet_removed(meeting: Meeting, opened: Values | None, rows: _Rows, row: dict[str, list[str]]) -> None:
    """Drop a row that somebody removed if this person left it alone; else offer to add it again as it was entered."""
    if opened is None or "DELETE" in row:
        return
    blank = rows.part.blank
    entered = _Target(row).entered(blank)
    known = [name for name in entered if name in opened]
    told = "; ".join(
        f"{capfirst(blank[name].label)}: {sayer(blank.fields[name])(entered[name])}" for name in known if entered[name]
    )
    title = str(rows.part.title)
    if all(entered[name] == opened[name] for name in known):
        meeting.differences.append(Difference("", title, told, _("removed"), ""))
        return
    rows.new.append({name: values for name, values in row.items() if name not in ("id", "DELETE")})
    choice = f"{rows.part.prefix}:new:{len(rows.new) - 1}"
    meeting.differences.append(Difference(choice, title, "", _("removed"), told))


def _drop_given_up(rows: _Rows, choices: dict[str, str]) -> None:
    """Leave out the rows to be added again that the person has given up."""
    kept = [row for number, row in enumerate(rows.new) if choices.get(f"{rows.part.prefix}:new:{number}") != THEIRS]
    rows.new[:] = kept


def _as_sent(form: Any) -> dict[str, list[str]]:
    """Give a row that somebody added meanwhile as a browser would send it back."""
    row = {name: sent for name, value in values_of(form).items() if (sent := sent_as(value))}
    for name, one in form.fields.items():
        if isinstance(one, InlineForeignKeyField):
            row[name] = [str(one.parent_instance.pk)]
    return {"id": [str(form.instance.pk)], **row}


def sayer(one: forms.Field) -> Callable[[Shown], str]:
    """Give what turns a field's value into words."""

    def say(value: Shown) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if not isinstance(value, list):
            return value or "–"
        if isinstance(one, forms.ModelChoiceField) and one.queryset is not None:
            keys = [key for key in value if key.isdecimal()]
            found = one.queryset.model._default_manager.filter(pk__in=keys)
            # the field offers what the reader may see; organizations are no secret
            seen = set(found if issubclass(found.model, Organization) else one.queryset.filter(pk__in=keys))
            return ", ".join(sorted(str(record) if record in seen else _("a draft") for record in found)) or "–"
        names = {str(key): str(name) for key, name in _flat(getattr(one, "choices", ()))}
        return ", ".join(names.get(key, key) for key in value) or "–"

    return say


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for key, name in choices:
        if isinstance(name, list | tuple):
            yield from name
        else:
            yield key, name
