"""The page that a reminder's last line leads to: no more reminders, without signing in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.reminders import account_of
from tracker.reminders import unsubscribe as leave_out


# The signed address is the permission: mail programs post to it by themselves (RFC 8058) and have no cookie.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether reminders shall stop, and stop them; opening the page alone changes nothing."""
    account = account_of(token)
    if account is None:
        return render(request, "tracker/unsubscribe.html", {"account": None}, status=404)
    if request.method == "POST":
        leave_out(account)
        account.wants_reminders = False
    with translation.override(account.language):  # that of the mail it is opened from
        response = render(request, "tracker/unsubscribe.html", {"account": account})
    response["Content-Language"] = account.language
    return response
