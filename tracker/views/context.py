"""What every template may ask."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tracker.access import AS_VIEWER, reader_of, shown_to


def reader(request: HttpRequest) -> dict[str, Any]:
    """Give `reader`, for whom the page is written; `staff`, who really asks; and whether the two differ.

    Each is looked up only where a template asks.
    """
    return {
        "reader": SimpleLazyObject(lambda: shown_to(request)),
        "staff": SimpleLazyObject(lambda: reader_of(request)),
        "as_viewer": SimpleLazyObject(lambda: bool(request.session.get(AS_VIEWER))),
    }
