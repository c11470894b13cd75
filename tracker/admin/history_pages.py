"""Pages of the history: all changes in one list, two versions held side by side, an old version restored."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.access import reader_of
from tracker.admin.base import REASON, reason_in, today_of, user_of
from tracker.admin.history import (
    Words,
    changes_between,
    latest_version,
    name_of,
    tell_changes,
    tracked_models,
    versions,
    with_relations,
)
from tracker.admin.history_events import COLUMNS, OWNERS, Asked, HistoryFilter, find, history_address, lines, tell
from tracker.admin.restoring import bring_back, may_bring_back, may_restore, on_page, restoration, restore
from tracker.exports import csv_lines
from tracker.models.base import LONGEST_REASON

PER_PAGE = 50
MOST_VERSIONS = 200


# All changes ----------------------------------------------------------------------------------------------------------


def site_history(request: HttpRequest) -> HttpResponse:
    """List the changes of all records, newest first."""
    form, asked = _asked(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Who changed what"),
        "form": form,
        "query": _query(request),
        "events": [],
    }
    if asked is not None:
        reader = reader_of(request)
        pages = Paginator(find(asked, reader), PER_PAGE)
        shown = pages.get_page(request.GET.get("page"))
        context |= {
            "events": tell(shown.object_list, reader),
            "page_obj": shown,
            "page_range": pages.get_elided_page_range(shown.number),
            "ellipsis": pages.ELLIPSIS,
        }
    return render(request, "admin/tracker_history_site.html", context, status=200 if asked is not None else 400)


def history_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Stream the same list as CSV, a line for each field that changed."""
    form, asked = _asked(request)
    if asked is None:
        faults = [f"{name}: {text}" for name, texts in form.errors.items() for text in texts]
        return HttpResponse("\n".join(faults), status=400, content_type="text/plain; charset=utf-8")
    reader = reader_of(request)
    rows = lines(find(asked, reader), reader)
    excel = request.GET.get("excel") == "1"
    response = StreamingHttpResponse(csv_lines(COLUMNS, rows, excel=excel), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="history-{today_of(request).isoformat()}.csv"'
    return response


def _asked(request: HttpRequest) -> tuple[HistoryFilter, Asked | None]:
    form = HistoryFilter(request.GET)
    if not form.is_valid():
        return form, None
    return form, Asked(**{one.name: form.cleaned_data[one.name] for one in fields(Asked)})


def _query(request: HttpRequest) -> str:
    """Give what is asked, without the page, to be carried on."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


# Two versions ---------------------------------------------------------------------------------------------------------


def history_compare(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Hold two versions of a record side by side: by default the two newest."""
    model = _model(kind)
    reader = reader_of(request)
    found = list(with_relations(versions(model, reader).filter(id=key), model)[:MOST_VERSIONS])
    if not found:
        raise Http404(_("No change of such a record is on record."))
    newer = _chosen(request, "to", found, found[0])
    older = _chosen(request, "from", found, found[min(found.index(newer) + 1, len(found) - 1)])
    if older.history_id > newer.history_id:
        older, newer = newer, older
    tell_changes(model, found, reader)
    told = changes_between(model, older, newer, Words(reader))
    return render(
        request,
        "admin/tracker_history_compare.html",
        {
            **_frame(request, model, key, found[0]),
            "title": _("Two versions of %(record)s") % {"record": name_of(model, found[0])},
            "versions": found,
            "older": older,
            "newer": newer,
            "told": told,
            "may_restore": may_restore(request, model, key),
            "may_bring_back": may_bring_back(request, model, found[0]),
        },
    )


def _model(kind: str) -> Any:
    for model in tracked_models():
        if model._meta.model_name == kind:
            return model
    raise Http404(_("There is no such kind of record."))


def _chosen(request: HttpRequest, name: str, found: list[Any], default: Any) -> Any:
    key = request.GET.get(name, "")
    return next((one for one in found if str(one.history_id) == key), default)


def _frame(request: HttpRequest, model: Any, key: int, newest: Any) -> dict[str, Any]:
    """Give what the pages of one record's history share."""
    history = history_address(model, key) if admin.site.is_registered(model) else ""
    if model in OWNERS:
        owner = OWNERS[model]
        history = history_address(model._meta.get_field(owner).related_model, getattr(newest, f"{owner}_id"))
    return {
        **admin.site.each_context(request),
        "opts": model._meta,
        "kind": model._meta.model_name,
        "key": key,
        "record": name_of(model, newest),
        "history": history,
    }


# Restoring ------------------------------------------------------------------------------------------------------------


def history_restore(request: HttpRequest, kind: str, key: int, version: int) -> HttpResponse:
    """Show what restoring a version would change, and do it once it is confirmed: as a new change."""
    model = _model(kind)
    old = with_relations(versions(model, reader_of(request)).filter(id=key, history_id=version), model).first()
    if old is None:
        raise Http404(_("No such version is on record."))
    if not model._default_manager.filter(pk=key).exists():
        return _bring_back(request, model, old)
    if not may_restore(request, model, key):
        raise PermissionDenied
    problems: list[str] = []
    if request.method == "POST":
        try:
            record = _restored(request, model, old)
        except ValidationError as problem:
            problems = problem.messages
        else:
            message = _("“%(record)s” was restored as far as you chose: a new change.")
            messages.success(request, message % {"record": record})
            return HttpResponseRedirect(reverse(f"admin:tracker_{kind}_change", args=[key]))
    record = on_page(request, model, key)
    if record is None:  # deleted in this moment: ask anew, by now it would be brought back
        return HttpResponseRedirect(request.get_full_path())
    would = restoration(request, record, old)
    return _confirm(request, old, {"differences": would.differences, "problems": problems, "seen": would.seen})


def _restored(request: HttpRequest, model: Any, old: Any) -> Any:
    """Restore what was chosen, with the record locked; give the record.

    Raises:
        ValidationError: saying what was against it.
    """
    chosen = request.POST.getlist("field")
    with transaction.atomic():
        model._base_manager.select_for_update().filter(pk=old.id).first()
        record = on_page(request, model, old.id)
        if record is None or request.POST.get("seen") != str(latest_version(record)):
            raise ValidationError(
                _("Nothing was restored: somebody saved the record while you looked. This is how it stands now.")
            )
        if not may_restore(request, model, old.id):
            raise PermissionDenied
        if not chosen:
            raise ValidationError(_("Nothing was restored: choose at least one field."))
        restore(request, restoration(request, record, old), chosen)
    return record


def _bring_back(request: HttpRequest, model: Any, old: Any) -> HttpResponse:
    """Show that a deleted record would come back, and let it."""
    if not may_bring_back(request, model, model.history.filter(id=old.id).first()):
        raise PermissionDenied
    problems: list[str] = []
    if request.method == "POST":
        try:
            record = bring_back(model, old, by=user_of(request), why=reason_in(request))
        except ValidationError as problem:
            problems = problem.messages
        else:
            messages.success(request, _("“%(record)s” is back.") % {"record": record})
            return HttpResponseRedirect(reverse(f"admin:tracker_{model._meta.model_name}_change", args=[record.pk]))
    return _confirm(request, old, {"is_deleted": True, "problems": problems, "seen": latest_version(old.instance)})


def _confirm(request: HttpRequest, old: Any, shown: dict[str, Any]) -> HttpResponse:
    model = old.instance_type
    chosen = set(request.POST.getlist("field")) if request.method == "POST" else None
    differences = [
        {**one._asdict(), "is_chosen": chosen is None or one.name in chosen} for one in shown.get("differences", ())
    ]
    context = {
        **_frame(request, model, old.id, old),
        **shown,
        "differences": differences,
        "title": _("Restore a version of %(record)s") % {"record": name_of(model, old)},
        "old": old,
        "who": str(old.history_user or "–"),
        "kind_name": capfirst(model._meta.verbose_name),
        "reason": request.POST.get(REASON, ""),
        "reason_length": LONGEST_REASON,
    }
    return render(request, "admin/tracker_history_restore.html", context, status=400 if shown["problems"] else 200)
