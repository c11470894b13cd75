"""What was said and how far it is: pages and inlines of statements, status changes and deadlines."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tracker.admin.base import (
    AddedRows,
    ShownRows,
    StackedPart,
    TrackedAdmin,
    address_of_proposal,
    in_languages,
    status_badge,
    today_of,
    user_of,
)
from tracker.admin.forms import DeadlineForm, StatementForm
from tracker.admin.scale import LoneStatusChangeForm, NewStatusChangesFormSet, StatusChangeForm
from tracker.choices import ASKS
from tracker.entry.recording import record_or_propose, waits_for_second_person
from tracker.models import Deadline, Post, ProposedChange, Statement, StatusChange

STATEMENT_FIELDS = (
    ("meeting", "said_on", "precision"),
    ("post", "organization", "addressee"),
    ("stance", "blanket", "answers"),
    in_languages("summary"),
    ("source", "paragraph"),
)
STATEMENT_REFERENCES = ("meeting", "post", "organization", "addressee", "answers", "source")
STATUS_FIELDS = (
    "new",
    ("effective_on", "precision"),
    in_languages("reason"),
    ("source", "paragraph", "awaiting"),
)


def key_of_page(request: HttpRequest) -> str:
    """Give the key of the record that the page shows; an empty text on a page that adds one."""
    match = request.resolver_match
    return match.kwargs.get("object_id", "") if match else ""


class SelectAsk(AutocompleteSelect):
    """Looks for an ask among those of one proposal."""

    def __init__(self, *args: Any, proposal: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal

    def get_url(self) -> str:
        """Tell the search which proposal it is about."""
        return f"{super().get_url()}?proposal={self.proposal}"


class AsksMixin(BaseModelAdmin):
    """Offers as `answers` what was asked about the proposal of the page."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Narrow the search for asks; bring along what posts are named by."""
        if db_field.name == "answers":
            kwargs["widget"] = SelectAsk(
                db_field, self.admin_site, proposal=self.proposal_of_page(request), using=kwargs.get("using")
            )
        if db_field.name == "post":
            kwargs["queryset"] = Post.objects.select_related("person")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def proposal_of_page(self, request: HttpRequest) -> str:
        """Give the key of the proposal, as far as the page has one."""
        return key_of_page(request)


class ShownStatements(ShownRows):
    """What was said so far, each with a link to its own page, where mistakes are mended."""

    model = Statement
    verbose_name_plural = _("statements so far")
    fields = ("said", "stance", "what", "post", "organization", "meeting", "source", "paragraph")
    readonly_fields = ("said", "what")
    relations = ("meeting", "post__person", "organization", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along what the columns name."""
        return super().get_queryset(request).select_related(*self.relations)

    @admin.display(description=_("said"))
    def said(self, statement: Statement) -> str:
        """Lead to the page of the statement."""
        url = reverse("admin:tracker_statement_change", args=[statement.pk])
        return format_html('<a href="{}">{}</a>', url, statement.said or statement.said_on.isoformat())

    @admin.display(description=_("summary"))
    def what(self, statement: Statement) -> str:
        """Give the summary in the language of the page."""
        return statement.summary


class SaidAtMeeting(ShownStatements):
    """What was said at the meeting."""

    verbose_name_plural = _("statements at this meeting")
    fields = ("said", "proposal", "stance", "what", "post", "organization", "source", "paragraph")
    relations = ("proposal", "post__person", "organization", "source")
    classes = ("collapse",)


class AddedStatements(AsksMixin, AddedRows):
    """Statements to add."""

    model = Statement
    form = StatementForm
    verbose_name_plural = _("statements to add")
    autocomplete_fields = STATEMENT_REFERENCES
    fieldsets = ((None, {"fields": STATEMENT_FIELDS}),)


class ShownStatusChanges(ShownRows):
    """The history of the status so far."""

    model = StatusChange
    verbose_name_plural = _("history of the status")
    fields = ("badge", "effective", "why", "source", "paragraph", "awaiting", "recorded_by", "confirmed_by")
    readonly_fields = ("badge", "effective", "why", "recorded_by", "confirmed_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along what the columns name."""
        return super().get_queryset(request).select_related("source", "awaiting", "recorded_by", "confirmed_by")

    @admin.display(description=_("to"))
    def badge(self, change: StatusChange) -> str:
        """Draw the status."""
        return status_badge(change.new)

    @admin.display(description=_("effective"))
    def effective(self, change: StatusChange) -> str:
        """Write the day no finer than it is known."""
        return change.effective or str(change.effective_on)

    @admin.display(description=_("reason"))
    def why(self, change: StatusChange) -> str:
        """Give the reason in the language of the page."""
        return change.reason


class AddedStatusChanges(AddedRows):
    """Changes of status to add."""

    model = StatusChange
    form = StatusChangeForm
    formset = NewStatusChangesFormSet
    verbose_name_plural = _("changes of status to add")
    autocomplete_fields = ("source", "awaiting")
    fieldsets = (
        (
            None,
            {
                "fields": STATUS_FIELDS,
                "description": _(
                    "The status changes only here: a step on the scale, dated, with its reason and, from “pledged” "
                    "up, its source. A proposal without a first step appears on no day. “Completed” waits until a "
                    "second person confirms it."
                ),
            },
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Open the first step of a new proposal."""
        return 0 if obj and obj.status_changes.exists() else 1


class DeadlineInline(StackedPart):
    """Deadlines as sources state them."""

    model = Deadline
    form = DeadlineForm
    autocomplete_fields = ("source",)
    fieldsets = ((None, {"fields": (in_languages("phrase"), ("when", "basis", "stated_on"), ("source", "paragraph"))}),)


@admin.register(Statement)
class StatementAdmin(AsksMixin, TrackedAdmin):
    """What speakers said. Mistakes are mended here; a change of mind is a further statement."""

    form = StatementForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("summary", "proposal", "said_as_known", "stance", "speaker", "organization")
    list_filter = ("stance", "blanket", "organization__side", ("meeting", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("proposal", "post__person", "organization", "meeting")
    date_hierarchy = "said_on"
    search_fields = (
        "search_text",
        "proposal__search_text",
        "organization__search_text",
        "post__person__search_text",
        "meeting__search_text",
    )
    autocomplete_fields = ("proposal", *STATEMENT_REFERENCES)
    fieldsets = ((None, {"fields": ("proposal", *STATEMENT_FIELDS)}),)

    def proposal_of_page(self, request: HttpRequest) -> str:
        """Find the proposal of the statement that the page shows."""
        key = key_of_page(request)
        statement = Statement.objects.filter(pk=key).first() if key.isdecimal() else None
        return str(statement.proposal_id) if statement else ""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple:
        """Offer as answered only what asks, and only about the proposal of the page."""
        if request.GET.get("field_name") == "answers":
            queryset = queryset.filter(stance__in=ASKS)
            if (proposal := request.GET.get("proposal", "")).isdecimal():
                queryset = queryset.filter(proposal=int(proposal))
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("speaker"), ordering="post__person__name")
    def speaker(self, statement: Statement) -> str:
        """Name the person; the post is on the page."""
        return str(statement.post.person) if statement.post else "–"

    @admin.display(description=_("said"), ordering="said_on")
    def said_as_known(self, statement: Statement) -> str:
        """Write the day no finer than it is known."""
        return statement.said or str(statement.said_on)


class StatusFilter(admin.ChoicesFieldListFilter):
    """Filters by the status that was reached; “to” says too little above a list of filters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("status")


@admin.register(StatusChange)
class StatusChangeAdmin(TrackedAdmin):
    """Steps on the scale: added, never edited, never deleted. A mistake is mended by a further step."""

    form = LoneStatusChangeForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("proposal", "from_badge", "to_badge", "effective_on", "reason", "recorded_by", "confirmed_by")
    list_filter = (("new", StatusFilter), ("awaiting", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("proposal", "recorded_by", "confirmed_by")
    date_hierarchy = "effective_on"
    ordering = ("-effective_on", "-id")
    search_fields = (
        "proposal__search_text",
        "reason_en",
        "reason_vi",
        "reason_zh_hans",
        "source__search_text",
    )
    autocomplete_fields = ("proposal", "source", "awaiting")
    fieldsets = ((None, {"fields": ("proposal", *STATUS_FIELDS)}),)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: history is added to."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: history is added to."""
        return False

    def save_model(self, request: HttpRequest, obj: StatusChange, form: Any, change: bool) -> None:
        """Record through the only writer of status; what needs a second person is proposed to them."""
        if isinstance(record_or_propose(obj, today=today_of(request), by=user_of(request)), ProposedChange):
            self.message_user(request, waits_for_second_person(), messages.WARNING)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was recorded; what waits has a record of its own."""
        return super().log_addition(request, obj, message) if obj.pk else None

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go on; what waits has no page yet."""
        if obj.pk:
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("admin:tracker_statuschange_changelist"))

    @admin.display(description=_("from"), ordering="old")
    def from_badge(self, change: StatusChange) -> str:
        """Draw the status before."""
        return status_badge(change.old) if change.old else "–"

    @admin.display(description=_("to"), ordering="new")
    def to_badge(self, change: StatusChange) -> str:
        """Draw the status after."""
        return status_badge(change.new)


@admin.register(Deadline)
class DeadlineAdmin(TrackedAdmin):
    """Deadlines as sources state them. Revisions are added; lateness is judged by the first."""

    form = DeadlineForm
    view_on_site = staticmethod(address_of_proposal)
    list_display = ("phrase", "proposal", "when", "basis", "stated_on", "source")
    list_filter = ("basis", "precision", "proposal__theme")
    list_select_related = ("proposal", "source")
    date_hierarchy = "last_day"
    search_fields = ("proposal__search_text", "phrase_en", "phrase_vi", "phrase_zh_hans")
    autocomplete_fields = ("proposal", "source")
    fieldsets = ((None, {"fields": ("proposal", *DeadlineInline.fieldsets[0][1]["fields"])}),)

    @admin.display(description=_("when"), ordering="last_day")
    def when(self, deadline: Deadline) -> str:
        """Write the period no finer than it is known."""
        return str(deadline.interval or "–")
