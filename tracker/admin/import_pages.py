"""The pages on which editors bring in tables from files: upload, check, see what would happen, confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.access import may, reader_of
from tracker.admin.base import today_of, user_of
from tracker.catalogue import TABLES
from tracker.exports import csv_lines
from tracker.importing import work
from tracker.importing.files import (
    DELIMITERS,
    ENCODINGS,
    MOST_BYTES,
    MOST_ROWS,
    FileError,
    Reading,
    check_size,
    read,
    sheet_names,
)
from tracker.importing.headings import REASONS, ROW
from tracker.importing.plan import IMPORTED, columns_read, columns_written
from tracker.importing.workbooks import is_workbook
from tracker.models import ImportedFile, ImportedRow
from tracker.staff_scales import Action, RowResult

ROWS_PER_PAGE = 50
LATEST = 20
_LANGUAGES = [(code.replace("-", "_"), label) for code, label in settings.LANGUAGES]


class UploadForm(forms.Form):
    """What is brought in."""

    table = forms.ChoiceField(
        label=gettext_lazy("Table"), choices=lambda: [(name, TABLES[name].title) for name in IMPORTED]
    )
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("CSV, or an Excel workbook (.xlsx)."))
    language = forms.ChoiceField(
        label=gettext_lazy("Language of its texts"),
        choices=_LANGUAGES,
        help_text=gettext_lazy("Titles, summaries and notes go into the columns of this language."),
    )


class ReadingForm(forms.Form):
    """How the file is read."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=gettext_lazy("Columns are parted by"), choices=list(DELIMITERS.items()))
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"))
    language = forms.ChoiceField(label=gettext_lazy("Language of its texts"), choices=_LANGUAGES)

    def __init__(self, file: ImportedFile, data: Any = None) -> None:
        super().__init__(data, initial=file.reading)
        content = bytes(file.content)
        if is_workbook(content):
            self.fields["sheet"].choices = [(name, name) for name in sheet_names(content)]  # type: ignore[attr-defined]
            del self.fields["encoding"], self.fields["delimiter"]
        else:
            del self.fields["sheet"]


def _check_right(request: HttpRequest) -> None:
    if not all(may(reader_of(request), Action.IMPORT, resource.model) for resource in IMPORTED.values()):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """Draw a page in the frame of the workplace."""
    return render(request, template, {**admin.site.each_context(request), **context})


# Upload ---------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponseBase:
    """Take a file, and list those of the past."""
    _check_right(request)
    language = (get_language() or "en").replace("-", "_")
    asked = {name: request.GET[name] for name in ("table",) if name in request.GET}
    form = UploadForm(request.POST or None, request.FILES or None, initial={"language": language, **asked})
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, form.cleaned_data)
        except FileError as problem:
            form.add_error("file", str(problem))
    files = ImportedFile.objects.select_related("uploaded_by").defer("content")[:LATEST]
    return _page(
        request,
        "admin/tracker_imports.html",
        title=_("Imports"),
        form=form,
        files=[_listed(file) for file in files],
        most_megabytes=MOST_BYTES // 1024**2,
        most_rows=MOST_ROWS,
    )


def _keep(request: HttpRequest, given: dict[str, Any]) -> HttpResponseBase:
    upload = given["file"]
    check_size(upload.size)
    file = work.keep(given["table"], upload.name, upload.read(), language=given["language"], by=user_of(request))
    return HttpResponseRedirect(reverse("admin:import_file", args=[file.pk]))


def _listed(file: ImportedFile) -> dict[str, Any]:
    return {
        "file": file,
        "table": TABLES[file.table].title if file.table in TABLES else file.table,
        "stage": work.stage_of(file),
        "counts": _counts(file),
    }


def _counts(file: ImportedFile) -> list[tuple[RowResult, int]]:
    counts = file.reading.get("counts", {})
    return [(result, counts[result.value]) for result in RowResult if result.value in counts]


# One file -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """Show how far a file is and what each row comes to; take what the editor decides."""
    _check_right(request)
    # the page of a file that is worked on asks each second: the content is read where it is needed only
    file = get_object_or_404(ImportedFile.objects.select_related("uploaded_by").defer("content"), pk=number)
    if request.method == "POST":
        return _decide(request, file)
    stage = work.stage_of(file)
    if stage in work.WORKING:
        return _progress(request, file)
    if stage in (work.Stage.UPLOADED, work.Stage.FAILED):
        return _reading_page(request, file)
    return _result_page(request, file)


def _decide(request: HttpRequest, file: ImportedFile) -> HttpResponseBase:
    decisions = {"read": _read_again, "check": _check, "confirm": _confirm, "resume": _resume, "discard": _discard}
    decide = decisions.get(request.POST.get("decision", ""))
    if decide is None:
        messages.error(request, _("Choose one of the buttons."))
    elif answer := decide(request, file):
        return answer
    return HttpResponseRedirect(reverse("admin:import_file", args=[file.pk]))


def _read_again(request: HttpRequest, file: ImportedFile) -> HttpResponseBase | None:
    stage = work.stage_of(file)
    if stage in work.WORKING or file.confirmed_at:
        return None
    if stage == work.Stage.CHECKED and "language" not in request.POST:
        work.choose(file, {})
        return None
    form = ReadingForm(file, request.POST)
    if not form.is_valid():
        return _reading_page(request, file, form)
    work.choose(file, form.cleaned_data)
    return None


def _check(request: HttpRequest, file: ImportedFile) -> HttpResponseBase | None:
    if "language" in request.POST and (answer := _read_again(request, file)):
        return answer
    if not file.confirmed_at and work.begin(file, work.Stage.CHECKING):
        work.go_on(file, today_of(request))
    return None


def _confirm(request: HttpRequest, file: ImportedFile) -> None:
    all_or_nothing = request.POST.get("refused") != "leave"
    counts = file.reading.get("counts", {})
    if all_or_nothing and counts.get(RowResult.REFUSED.value):
        messages.error(
            request, _("Nothing was saved: %(count)s rows are refused. Mend the file, or leave those rows out.")
            % {"count": counts[RowResult.REFUSED.value]},
        )  # fmt: skip
    elif work.begin(file, work.Stage.SAVING, all_or_nothing=all_or_nothing, confirmed_by=request.user.pk):
        work.go_on(file, today_of(request))
    else:
        messages.warning(request, _("This file is not waiting to be confirmed: somebody else was faster."))


def _resume(request: HttpRequest, file: ImportedFile) -> None:
    if work.take_over(file, timezone.now()):
        work.go_on(file, today_of(request))


def _discard(request: HttpRequest, file: ImportedFile) -> HttpResponseBase | None:
    if not work.discard(file, timezone.now()):
        messages.error(request, _("A file that was imported, or is being worked on, is kept."))
        return None
    messages.success(request, _("“%(file)s” was discarded; nothing of it was saved.") % {"file": file.name})
    return HttpResponseRedirect(reverse("admin:imports"))


def _frame(request: HttpRequest, file: ImportedFile) -> dict[str, Any]:
    return {
        **_listed(file),
        "title": _("Import of %(file)s") % {"file": file.name},
        "language": dict(_LANGUAGES).get(file.reading.get("language", ""), ""),
        "problem": file.reading.get("problem", ""),
    }


def _progress(request: HttpRequest, file: ImportedFile) -> HttpResponse:
    context = {
        **_frame(request, file),
        "done": file.reading.get("done", 0),
        "total": file.reading.get("total", 0),
        "is_saving": work.stage_of(file) == work.Stage.SAVING,
        "has_stopped": work.has_stopped(file, timezone.now()),
    }
    if request.headers.get("HX-Request"):
        return render(request, "admin/_tracker_import_progress.html", context)
    return _page(request, "admin/tracker_import_progress.html", **context)


def _reading_page(request: HttpRequest, file: ImportedFile, form: ReadingForm | None = None) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _reload()
    context: dict[str, Any] = {**_frame(request, file), "before": list(work.imported_before(file)[:1])}
    try:
        context["form"] = form or ReadingForm(file)
        headings, context["rows"] = work.sample(file)
    except FileError as problem:
        context["problem"] = str(problem)
    else:
        written = columns_written(file.table)
        context["headings"] = [(heading, column, column in written) for heading, column in headings]
        context["left_out"] = [column for _heading, column in headings if column not in written | {ROW, REASONS}]
    return _page(request, "admin/tracker_import_reading.html", **context)


def _reload() -> HttpResponse:
    """Have the page, which asks for its progress alone, load itself anew."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def _result_page(request: HttpRequest, file: ImportedFile) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _reload()
    counts = dict(_counts(file))
    shown = request.GET.get("result", "")
    chosen = RowResult(shown) if shown in RowResult.values else _most_telling(counts)
    rows: QuerySet[ImportedRow] = file.rows.filter(result=chosen).order_by("number")
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    good = counts.get(RowResult.NEW, 0) + counts.get(RowResult.CHANGED, 0)
    return _page(
        request,
        "admin/tracker_import_result.html",
        **_frame(request, file),
        chosen=chosen,
        page=page,
        rows=_with_addresses(file, page.object_list),
        pages=page.paginator.get_elided_page_range(page.number),
        good=good,
        refused=counts.get(RowResult.REFUSED, 0),
        is_saved=file.confirmed_at is not None,
        before=list(work.imported_before(file)[:1]),
    )


def _most_telling(counts: dict[RowResult, int]) -> RowResult:
    order = (RowResult.REFUSED, RowResult.CHANGED, RowResult.NEW, RowResult.SAME)
    return next((result for result in order if counts.get(result)), RowResult.NEW)


def _with_addresses(file: ImportedFile, rows: Any) -> list[tuple[ImportedRow, str]]:
    """Give each row with the address of its record in the workplace; empty where there is none yet. One query."""
    resource, listed = IMPORTED[file.table], list(rows)
    known = resource.model._default_manager.filter(
        **{f"{resource.handle}__in": {row.record_key for row in listed if row.record_key}}
    )
    name = f"admin:tracker_{resource.model._meta.model_name}_change"
    addresses: dict[str, str] = {}
    for key, pk in known.values_list(resource.handle, "pk"):
        try:
            addresses[key] = reverse(name, args=[pk])
        except NoReverseMatch:
            break
    return [(row, addresses.get(row.record_key, "")) for row in listed]


# What was refused -----------------------------------------------------------------------------------------------------


@require_safe
def import_refused(request: HttpRequest, number: int) -> HttpResponseBase:
    """Give the refused rows as they stand in the file, with the reasons: mended, the list can be imported itself."""
    _check_right(request)
    file = get_object_or_404(ImportedFile, pk=number)
    refused = {row.number: row.detail for row in file.rows.filter(result=RowResult.REFUSED)}
    try:
        headings, lines = read(bytes(file.content), Reading.of(file.reading))
        columns = columns_read(file.table, headings)
    except FileError as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(reverse("admin:import_file", args=[file.pk]))
    kept = [at for at, column in enumerate(columns) if column not in (ROW, REASONS)]
    rows = (
        [
            *((line.cells[at] if at < len(line.cells) else "") for at in kept),
            line.number,
            _reasons(refused[line.number]),
        ]
        for line in lines
        if line.number in refused
    )
    body = csv_lines([*(columns[at] for at in kept), ROW, REASONS], rows, excel=True)
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{file.table}-{file.pk}.csv"'
    return response


def _reasons(faults: list[dict[str, Any]]) -> str:
    told = []
    for fault in faults:
        line = f"{fault['column']}: {fault['reason']}" if fault["column"] else fault["reason"]
        if fault["allowed"]:
            line = _("%(reason)s Allowed: %(allowed)s.") % {"reason": line, "allowed": ", ".join(fault["allowed"])}
        told.append(line)
    return " ".join(told)
