"""The same entry about many proposals at once: one date, one reason, one source, saved for all or for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker import workflow
from tracker.access import Reader, reader_of
from tracker.admin.base import TrackedAdmin, today_of, user_of
from tracker.choices import Status
from tracker.entry.base import ShortForm
from tracker.entry.forms import FORMS, FORMS_FOR_MANY
from tracker.entry.recording import Way, send, waits_for_second_person, way_of, ways_open_to
from tracker.models import Proposal, ProposedChange
from tracker.transitions import last_acts, on_record, remark_on_step

MOST_AT_ONCE = 200  # as many as one can still look through


class Row(NamedTuple):
    """A chosen proposal: what becomes of it, or why the entry cannot be made about it."""

    proposal: Proposal
    way: Way | None
    outcome: str = ""
    problems: tuple[str, ...] = ()
    remark: str = ""

    @property
    def status(self) -> Status:
        """The present status."""
        return Status(self.proposal.status)


class BulkMixin(TrackedAdmin):
    """The proposals, about one or many of which an entry can be made in a short form."""

    bulk_actions = ("change_status_of_many", "log_development_of_many", "answer_many", "looked_at_many")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Add the entries to what else can be done with many."""
        actions = super().get_actions(request)
        for name in self.bulk_actions if actions else ():
            found = self.get_action(name)
            if found is not None:
                actions[name] = found
        return actions

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Lead from the page of a proposal to the short forms about it."""
        proposal = context.get("original")
        ways = ways_open_to(reader_of(request), proposal) if proposal is not None else {}
        context["entries"] = [(kind, FORMS[kind].heading, way) for kind, way in ways.items()]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=gettext_lazy("Change the status of the chosen proposals"))
    def change_status_of_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Open the form of a change of status, or save it."""
        return self._enter(request, queryset, "status")

    @admin.action(description=gettext_lazy("Log a development of the chosen proposals"))
    def log_development_of_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Open the form of a development, or save it."""
        return self._enter(request, queryset, "development")

    @admin.action(description=gettext_lazy("Record an answer to the chosen proposals"))
    def answer_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Open the form of an answer, or save it."""
        return self._enter(request, queryset, "answer")

    @admin.action(description=gettext_lazy("Looked, nothing new, at the chosen proposals"))
    def looked_at_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Open the form of a review, or save it."""
        return self._enter(request, queryset, "review")

    def _enter(self, request: HttpRequest, queryset: QuerySet, kind: str) -> HttpResponse | None:
        """Show the chosen proposals with what will happen to each; save only if nothing is against any of them."""
        chosen = list(queryset.order_by("slug")[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            message = _("Choose at most %(most)s proposals: each has to be looked at before it is saved.")
            self.message_user(request, message % {"most": MOST_AT_ONCE}, messages.ERROR)
            return None
        reader, is_sent = reader_of(request), "_bulk" in request.POST
        form = FORMS_FOR_MANY[kind](request.POST if is_sent else None, reader=reader, today=today_of(request))
        is_valid = is_sent and form.is_valid()
        rows = _rows(form, kind, chosen, reader, is_valid=is_valid)
        refused = sum(bool(row.problems) for row in rows)
        # not "_save": by that name Django would take it for an edit of the list
        if is_valid and not refused and "_enter" in request.POST:
            try:
                self._save_all(request, form, rows)
            except ValidationError as problem:
                form.add_error(None, problem)
            else:
                return None
        return self._show(request, form, kind, rows, refused if is_valid else 0)

    def _save_all(self, request: HttpRequest, form: ShortForm, rows: Sequence[Row]) -> None:
        with transaction.atomic():
            saved = [send(form, row.proposal, row.way, by=user_of(request)) for row in rows if row.way]
        waiting = sum(isinstance(one, ProposedChange) for one in saved)
        if done := len(saved) - waiting:
            message = ngettext("Saved for %(n)s proposal.", "Saved for %(n)s proposals.", done)
            self.message_user(request, message % {"n": done}, messages.SUCCESS)
        if waiting:
            message = ngettext("Proposed for %(n)s proposal.", "Proposed for %(n)s proposals.", waiting)
            self.message_user(request, message % {"n": waiting}, messages.SUCCESS)
        if form.is_second_person_needed:
            self.message_user(request, waits_for_second_person(), messages.WARNING)

    def _show(
        self, request: HttpRequest, form: ShortForm, kind: str, rows: Sequence[Row], refused: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": form.heading,
            "opts": self.opts,
            "form": form,
            "kind": kind,
            "rows": rows,
            "refused": refused,
            "action": request.POST.get("action", ""),
            "checkbox": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/tracker_bulk.html", context, status=400 if form.errors else 200)


def _rows(form: ShortForm, kind: str, chosen: Sequence[Proposal], reader: Reader, *, is_valid: bool) -> list[Row]:
    """Hold the entry to each proposal."""
    known = on_record([one.pk for one in chosen]) if is_valid and kind == "status" else {}
    acts = last_acts(known)
    waiting: Mapping[int, str] = {}
    if is_valid and kind == "status" and (form.is_second_person_needed or not reader.is_editor):
        waiting = workflow.refusal_of_step((one.pk for one in chosen), form.cleaned_data["new"])
    rows = []
    for proposal in chosen:
        way = way_of(reader, kind, proposal)
        if way is None:
            refusal = _("Only editors, and contributors whose organization has a part in it, record this.")
            rows.append(Row(proposal, way, problems=(refusal,)))
        elif not is_valid:
            rows.append(Row(proposal, way))
        else:
            problems = tuple(form.problems_with(proposal, known.get(proposal.pk)).values())
            if proposal.pk in waiting and (way == Way.PROPOSED or form.is_second_person_needed):
                problems += (waiting[proposal.pk],)
            remark = ""
            if kind == "status" and not problems:
                step = Status(form.cleaned_data["new"])
                remark = remark_on_step(proposal, step, known[proposal.pk], acts.get(proposal.pk))
            rows.append(Row(proposal, way, "" if problems else _outcome(form, kind, way), problems, remark))
    return rows


def _outcome(form: ShortForm, kind: str, way: Way) -> str:
    """Say what will happen to the proposal."""
    if form.is_second_person_needed:
        return _("Waits until a second person confirms it.")
    if way == Way.PROPOSED:
        return _("Waits until an editor accepts it.")
    if kind == "status":
        values = {"status": Status(form.cleaned_data["new"]).label, "day": form.cleaned_data["when"]}
        return _("“%(status)s” from %(day)s.") % values
    if kind == "development":
        return _("The development is added to its page.")
    if kind == "answer":
        return _("The answer is added to what was asked.")
    return _("Counts as looked at on %(day)s.") % {"day": form.cleaned_data["when"]}
