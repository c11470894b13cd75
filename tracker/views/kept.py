"""Forms that came without a session, or with an outdated token: what was typed is not lost.

A form that arrives after the session has ended waits in the browser's new session until somebody signs in; they see
what was typed, and save it themselves. Passwords are never kept, nor what belongs to somebody else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst

_KEPT = "kept_form"  # in the session
LONGEST = 200_000  # characters, of names and values together
_COUNTS = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
_BEHIND = ("_", "initial-", "tracker_", "next", "seen", "action", "select_across", "index")
_ONLY_SENT = ("logout", "as_viewer", "set_language")  # addresses that cannot be opened again

Fields = list[list[str]]


class Entered(NamedTuple):
    """What was typed into a field."""

    label: str
    value: str


def hold(request: HttpRequest) -> HttpResponseBase:
    """Keep the form of a visitor who is not signed in until they are; one that is too long is shown to be copied."""
    fields = _fields_of(request)
    if not fields or request.FILES or request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    if sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return render(request, "accounts/kept.html", {"entered": _entered(request, fields)}, status=403)
    request.session[_KEPT] = {
        "address": request.get_full_path(),
        "fields": fields,
        "entered": _entered(request, fields),
        "owner": _last_owner(request),
    }
    return redirect_to_login(reverse("kept_form"))


def is_held(request: HttpRequest) -> bool:
    """Tell whether a form waits for whoever signs in."""
    return _KEPT in request.session


def held_for(request: HttpRequest) -> dict[str, Any] | None:
    """Give the form that waits for whoever is signed in; somebody else's is dropped."""
    held = request.session.get(_KEPT)
    if held and held["owner"] not in (None, str(request.user.pk)):
        del request.session[_KEPT]
        return None
    return held


def let_go(request: HttpRequest) -> None:
    """Drop the form that waited once it is sent."""
    held = request.session.get(_KEPT)
    if held and held["address"] == request.get_full_path():
        del request.session[_KEPT]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is outdated: what was typed is shown, and can be saved if it came from these pages."""
    match = request.resolver_match
    fields = _fields_of(request) if match and getattr(match.func, "login_required", True) else []
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    may_save = bool(fields) and own and request.user.is_authenticated and not request.FILES
    context = {
        "entered": _entered(request, fields),
        "fields": fields if may_save else [],
        "address": "" if match and match.url_name in _ONLY_SENT else request.get_full_path(),
        "is_outdated": True,
    }
    return render(request, "accounts/kept.html", context, status=403)


def _fields_of(request: HttpRequest) -> Fields:
    secret = ("csrfmiddlewaretoken", *(name for name in request.POST if "password" in name.lower()))
    return [[name, value] for name, values in request.POST.lists() if name not in secret for value in values]


def _last_owner(request: HttpRequest) -> str | None:
    """Give whose session has ended, as far as that is still on record."""
    ended = Session.objects.filter(session_key=request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")).first()
    return ended.get_decoded().get(SESSION_KEY) if ended else None


def _entered(request: HttpRequest, fields: Fields) -> list[Entered]:
    """Give what was typed, named as on the form as far as that is known; what only programs read is left out."""
    page = getattr(request.resolver_match and request.resolver_match.func, "model_admin", None)
    found = []
    for name, value in fields:
        of_program = name.startswith(_BEHIND) or name.endswith((*_COUNTS, "-id")) or "__prefix__" in name
        if value.strip() and not of_program:
            found.append(Entered(_label(name, page.model if page else None), value))
    return found


def _label(name: str, model: Any) -> str:
    prefix, _dash, last = name.rpartition("-")
    try:
        if prefix:
            model = model._meta.get_field(prefix.partition("-")[0]).related_model
        return str(capfirst(model._meta.get_field(last).verbose_name))
    except (AttributeError, FieldDoesNotExist):
        return str(capfirst(last.replace("_", " ")))
