"""A record that is gone, or out of reach, when somebody saves it: nothing is saved, and nothing entered is lost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Reader, reader_of, visible
from tracker.admin.conflicts import Entered, Opened
from tracker.admin.history import saves_since
from tracker.models import FormerAddress, Proposal


def page_of_what_was_entered(
    request: HttpRequest, page: ModelAdmin, key: str, opened: Opened, entered: list[Entered]
) -> HttpResponse:
    """Show what was entered to be copied, who saved the record last, and where the proposal is that it is in now."""
    model, reader = page.model, reader_of(request)
    is_known = reader.is_editor and key.isdecimal()
    context = {
        **admin.site.each_context(request),
        "title": _("What you entered could not be saved"),
        "opts": model._meta,
        "entered": entered,
        "saves": saves_since(opened.at, model(pk=int(key)), []) if is_known else [],
        "history": reverse(f"admin:tracker_{model._meta.model_name}_history", args=[key]) if is_known else "",
        "merged_into": _merged_into(reader, int(key)) if model is Proposal and key.isdecimal() else None,
    }
    return render(request, "admin/tracker_gone.html", context, status=409)


def _merged_into(reader: Reader, key: int) -> Proposal | None:
    """Give the proposal into which another was merged, if the reader may see it."""
    past: Any = Proposal
    last = past.history.filter(id=key).first()
    if last is None or Proposal.objects.filter(pk=key).exists():
        return None
    leads_to = FormerAddress.objects.filter(slug=last.slug).values("proposal")
    return visible(reader, Proposal.objects.filter(pk__in=leads_to)).first()
