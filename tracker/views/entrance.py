"""The way in: who is asked to sign in, how long a session lasts, and from which address a request comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tracker.access import may_look, owes_second_factor, reader_of_token
from tracker.second_factor import device_of
from tracker.views.kept import hold, let_go

View = Callable[..., HttpResponseBase]
_RENEWED = "renewed_at"  # in the session: when its end was last put off


class Entrance:
    """Middleware: turns away whoever may not look, and keeps a session alive while it is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            _renew(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Ask to sign in where a page is not open to everybody, and whoever sends a form without a session."""
        if request.method == "POST" and getattr(view, "login_required", True):
            if not request.user.is_authenticated:
                return hold(request)
            let_go(request)
        if not getattr(view, "login_required", True) or may_look(request):
            return None
        return turned_away(request)


def _renew(request: HttpRequest) -> None:
    """Put off the end of a session in use; seldom, since each time is a write to the database."""
    renewed = request.session.get(_RENEWED)
    if renewed is not None and time.time() - renewed > settings.SESSION_COOKIE_AGE / 20:
        begin(request)


def begin(request: HttpRequest) -> None:
    """Count the session's time from now."""
    request.session[_RENEWED] = int(time.time())


def turned_away(request: HttpRequest) -> HttpResponseBase:
    """Send a visitor to what is missing: the password, or the second factor.

    Raises:
        PermissionDenied: if neither is, but the account has no role.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if owes_second_factor(request.user):
        return HttpResponseRedirect(second_step(request.user, request.get_full_path()))
    raise PermissionDenied(_("Your account has no role yet. An administrator gives it one."))


def second_step(user: Any, onwards: str) -> str:
    """Give the page that asks an account for its second factor, or lets it set up one."""
    page = reverse("code" if device_of(user) else "second_factor")
    return f"{page}?{urlencode({'next': onwards})}"


def onwards(request: HttpRequest, otherwise: str) -> str:
    """Read where the visitor wanted to go; only places on this site count."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise


def for_accounts(view: View) -> View:
    """Open a page to every account, whatever its role, that has shown all its factors."""

    @login_not_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or owes_second_factor(request.user):
            return turned_away(request)
        return view(request, *args, **kwargs)

    return checked


def by_token(view: View) -> View:
    """Open a feed also to a program that cannot sign in but brings the `token` of an account."""

    @login_not_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if may_look(request) or reader_of_token(request.GET.get("token", "")).role is not None:
            return view(request, *args, **kwargs)
        message = _("This feed needs its own address with a token: copy it from the page of your account.")
        return HttpResponse(f"{message}\n", status=403, content_type="text/plain; charset=utf-8")

    return checked


def address_of(request: HttpRequest) -> str:
    """Give the address of a visitor: behind a proxy the one that the proxy saw, which it writes last."""
    if settings.SECURE_PROXY_SSL_HEADER:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        with suppress(ValueError):
            return str(ip_address(seen))
    return request.META.get("REMOTE_ADDR", "")
