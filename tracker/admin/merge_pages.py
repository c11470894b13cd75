"""Merging two duplicates: both side by side, what is chosen of each, what moves, and the history they would share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.access import may, reader_of
from tracker.admin.base import REASON, reason_in, status_badge, today_of, user_of
from tracker.admin.history import latest_version
from tracker.merging import Preview, check, locked, merge, preview
from tracker.models import Proposal, StatusChange
from tracker.models.base import LONGEST_REASON
from tracker.staff_scales import Action

SEEN = "seen"


class MergeMixin(admin.ModelAdmin):
    """Offers to merge two proposals that were chosen from the list."""

    actions = ("merge_two",)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Tell whether the action is offered."""
        return may(reader_of(request), Action.MERGE, Proposal)

    @admin.action(description=gettext_lazy("Merge two duplicates"), permissions=["merge"])
    def merge_two(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Lead to the page where the two are held side by side."""
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(chosen) != 2:
            self.message_user(request, _("Choose exactly two proposals to merge."), messages.ERROR)
            return None
        return HttpResponseRedirect(address_of_merging(*chosen))


def address_of_merging(kept: int, gone: int) -> str:
    """Give the page on which one proposal is merged into another."""
    return f"{reverse('admin:merge_proposals')}?{urlencode({'kept': kept, 'gone': gone})}"


def merge_proposals(request: HttpRequest) -> HttpResponse:
    """Show what merging two proposals would do, and do it once it is confirmed."""
    kept, gone = (_proposal(request, name) for name in ("kept", "gone"))
    if not all(may(reader_of(request), Action.MERGE, one) for one in (kept, gone)):
        raise PermissionDenied
    problems: list[str] = []
    left_out = _left_out(request)
    try:
        check(kept, gone, user_of(request))
        if request.method == "POST" and "confirm" in request.POST:
            return _merged(request, kept, gone, left_out)
    except ValidationError as problem:
        problems = problem.messages
        kept, gone = (_proposal(request, name) for name in ("kept", "gone"))
    return _page(request, preview(kept, gone, left_out), problems)


def _proposal(request: HttpRequest, name: str) -> Proposal:
    key = request.GET.get(name, "")
    found = Proposal.objects.select_related("theme").filter(pk=int(key)).first() if key.isdecimal() else None
    if found is None:
        raise Http404(_("There is no such proposal; it may have been merged or deleted."))
    return found


def _left_out(request: HttpRequest) -> frozenset[int]:
    return frozenset(int(key) for key in request.POST.getlist("left_out") if key.isdecimal())


def _seen(kept: Proposal, gone: Proposal) -> str:
    """Give what tells whether either was saved since the page was shown."""
    return f"{latest_version(kept)}-{latest_version(gone)}"


def _merged(request: HttpRequest, kept: Proposal, gone: Proposal, left_out: frozenset[int]) -> HttpResponse:
    name, sent = str(gone), request.POST
    with transaction.atomic():
        kept, gone = locked(kept, gone)
        if sent.get(SEEN) != _seen(kept, gone):
            raise ValidationError(
                _("Nothing was merged: somebody saved one of the two while you looked. This is how they stand now.")
            )
        one = merge(
            kept,
            gone,
            by=user_of(request),
            today=today_of(request),
            choices={key.removeprefix("choose-"): sent[key] for key in sent if key.startswith("choose-")},
            left_out=left_out,
            reason=reason_in(request) or "",
        )
    messages.success(
        request,
        _("“%(gone)s” was merged into “%(kept)s”; its address leads here.") % {"gone": name, "kept": one},
    )
    return HttpResponseRedirect(reverse("admin:tracker_proposal_change", args=[one.pk]))


def _page(request: HttpRequest, shown: Preview, problems: list[str]) -> HttpResponse:
    kept, gone = shown.kept, shown.gone
    end = next((step.change.new for step in reversed(shown.history) if step.stays), kept.status)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Merge two duplicates"),
        "opts": Proposal._meta,
        "shown": shown,
        "columns": [
            {
                "name": one.name,
                "label": one.label,
                "kept": one.words(one.kept),
                "gone": one.words(one.gone),
                "takes_gone": request.POST.get(f"choose-{one.name}", "gone" if one.takes_gone else "kept") == "gone",
            }
            for one in shown.columns
        ],
        "history": [_step(step.change, step.is_of_gone, step.stays) for step in shown.history],
        "left_out": _left_out(request),
        "status_before": status_badge(kept.status),
        "status_after": status_badge(end),
        "problems": problems,
        "seen": _seen(kept, gone),
        "other_way": address_of_merging(gone.pk, kept.pk),
        "reason": request.POST.get(REASON, ""),
        "reason_length": LONGEST_REASON,
    }
    return render(request, "admin/tracker_merge.html", context, status=400 if problems and request.POST else 200)


def _step(change: StatusChange, is_of_gone: bool, stays: bool) -> dict[str, Any]:
    return {"change": change, "badge": status_badge(change.new), "is_of_gone": is_of_gone, "stays": stays}
