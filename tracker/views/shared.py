"""What every page needs: the day looked at, addresses that keep it, and plain words for a request that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.office import thresholds

# what programs read: told in plain text what is wrong
IN_PLAIN_TEXT = (".csv", ".ics", ".atom")


class BadRequestError(Exception):
    """A request that asks for something that is not there to be asked; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day that a page shows, and whether it is today."""

    shown: date
    today: date

    @property
    def is_today(self) -> bool:
        """Whether the page shows the present."""
        return self.shown == self.today

    def query(self, **filters: Any) -> str:
        """Write filters as a query string that keeps the day, unless it is today."""
        pairs: list[tuple[str, str]] = []
        for name, values in filters.items():
            several = values if isinstance(values, list | tuple) else [values]
            pairs += [(name, _written(value)) for value in several if value not in (None, "")]
        if not self.is_today and "as_of" not in filters:
            pairs.append(("as_of", self.shown.isoformat()))
        return f"?{urlencode(pairs)}" if pairs else ""

    def register(self, **filters: Any) -> str:
        """Give the address of the register, so filtered."""
        return reverse("register") + self.query(**filters)

    def page(self, name: str, *args: str) -> str:
        """Give the address of a page, on the same day."""
        return reverse(name, args=args) + self.query()


def _written(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value.value) if isinstance(value, Enum) else str(value)


def _day_of(request: HttpRequest) -> Day:
    """Read `as_of` from the address; without it, today's date in Vietnam."""
    today = timezone.localdate()
    text = request.GET.get("as_of", "")
    if not text:
        return Day(today, today)
    try:
        shown = date.fromisoformat(text)
        if shown.isoformat() != text:  # Python reads other forms of ISO 8601 too; the contract is one
            raise ValueError
    except ValueError:
        message = _("as_of: “%(value)s” is not a day; allowed: a date such as 2024-11-06.") % {"value": text}
        raise BadRequestError(message) from None
    if shown > today:
        message = _("as_of: %(day)s is in the future; allowed: days up to %(today)s.")
        raise BadRequestError(message % {"day": text, "today": today.isoformat()})
    return Day(shown, today)


def dated(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hand the view the day that the address asks for, and answer a wrong request in words.

    A request that says something wrong gets status 400. What was not on record on the day gets 404, on a page of that
    day, since it may be there on another.
    """

    @wraps(view)
    def with_day(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            day = _day_of(request)
            try:
                return view(request, day, *args, **kwargs)
            except Http404 as missing:
                if request.path.endswith(IN_PLAIN_TEXT):
                    raise
                return page(request, "404.html", day, {"problem": str(missing)}, status=404)
        except BadRequestError as error:
            if request.path.endswith(IN_PLAIN_TEXT):
                return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
            return render(request, "400.html", {"problem": str(error)}, status=400)

    return with_day


def page(request: HttpRequest, template: str, day: Day, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page for a day."""
    shown = {"day": day, "as_of": day.shown, "is_today": day.is_today, "today": day.today, "thresholds": thresholds()}
    return render(request, template, shown | context, status=status)


def faults(filters: django_filters.FilterSet) -> list[str]:
    """Say what is wrong with the filters, one line for each."""
    return [f"{name}: {message}" for name, messages in filters.form.errors.items() for message in messages]


def unknown_names(request: HttpRequest, filters: django_filters.FilterSet) -> list[str]:
    """Say which names in the address mean nothing here: a misspelt filter must not look like no filter."""
    known = [*filters.filters, "sort", "page", "as_of", "excel"]
    message = _("“%(name)s” is not a filter here; allowed: %(names)s.")
    return [message % {"name": name, "names": ", ".join(known)} for name in request.GET if name not in known]


def sort_of(request: HttpRequest, allowed: Iterable[str], default: str) -> str:
    """Read the order asked for.

    Raises:
        BadRequestError: if there is no such order.
    """
    sort = request.GET.get("sort", "") or default
    if sort.removeprefix("-") in allowed:
        return sort
    message = _("sort: “%(value)s” is not known; allowed: %(values)s, each with a minus before it for the other way.")
    raise BadRequestError(message % {"value": sort, "values": ", ".join(allowed)})


def page_number(request: HttpRequest, count: int, per_page: int) -> int:
    """Read the number of the page asked for.

    Raises:
        BadRequestError: if there is no such page.
    """
    text = request.GET.get("page", "") or "1"
    pages = Paginator(range(count), per_page)
    try:
        return pages.page(text).number
    except (EmptyPage, PageNotAnInteger):
        message = _("page: “%(value)s” is not there; allowed: 1 to %(last)s.")
        raise BadRequestError(message % {"value": text, "last": pages.num_pages}) from None
