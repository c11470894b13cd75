"""The site that the workplace is: Django's admin with the tracker's own pages under the same roof and rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator

from tracker.access import reader_of


class Workplace(admin.AdminSite):
    """Django's admin for contributors, editors and administrators, with the pages that `tracker.admin.urls` lists."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever has a part in the work."""
        return reader_of(request).is_staff

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what waits, and the way to everything else."""
        from tracker.admin.worklist_pages import front  # noqa: PLC0415 - its pages register with this very site

        return super().index(request, {**front(request), **(extra_context or {})})

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one page to sign in on, and from there back here."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put the tracker's own pages before those of the models."""
        from tracker.admin.urls import PAGES  # noqa: PLC0415 - the pages register with this very site

        own = [path(route, self.admin_view(view), name=name) for route, view, name in PAGES]
        return [*own, *super().get_urls()]
