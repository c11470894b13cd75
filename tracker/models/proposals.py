"""The things tracked, what was said about them, and how far they are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.choices import ANSWERS, SOURCED, Basis, Nature, Precision, Publication, Role, Stance, Status
from tracker.dates import shorten
from tracker.models.actors import Organization, Post
from tracker.models.base import Keyed, Named, Period, Searched, one_of, spoken
from tracker.models.gates import BorderGate
from tracker.models.meetings import Meeting, MeetingSeries
from tracker.models.sources import Source


class Theme(Named):
    """A field of cooperation."""

    description = models.TextField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ("position", "slug")


class Proposal(Searched):
    """One verifiable thing, whoever raised it.

    `status` repeats the newest row of the history so that lists need not look it up. It is written by `transitions`
    alone; saving it any other way breaks the promise that row and history agree.
    """

    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Part of a permanent address: do not change it lightly."),
    )
    title = models.CharField(
        _("title"),
        max_length=300,
        help_text=_("One verifiable thing, beginning with a verb: “Open the … gate”."),
    )
    theme = models.ForeignKey(Theme, verbose_name=_("theme"), on_delete=models.PROTECT, related_name="proposals")
    nature = models.CharField(
        _("nature"),
        max_length=12,
        choices=Nature.choices,
        help_text=_("What kind of thing it is decides how it is judged."),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PROPOSED, editable=False
    )
    completion_test = models.TextField(
        _("completion test"),
        blank=True,
        help_text=_("How anybody can tell that it is done, or that it is kept."),
    )
    expected_interval_months = models.PositiveSmallIntegerField(
        _("expected interval in months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Continuing commitments only, and only where a source says how often."),
    )
    occurrences_of = models.ForeignKey(
        MeetingSeries,
        verbose_name=_("kept by the meetings of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="commitments",
        help_text=_("Continuing commitments to meet: each meeting of the series counts as an occurrence."),
    )
    note = models.TextField(_("note"), blank=True)
    successor = models.ForeignKey(
        "self",
        verbose_name=_("successor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
        help_text=_("The proposal that took its place. Needed before the status can become “superseded”."),
    )
    related = models.ManyToManyField("self", verbose_name=_("related proposals"), blank=True)
    gates = models.ManyToManyField(BorderGate, verbose_name=_("border gates"), related_name="proposals", blank=True)
    organizations = models.ManyToManyField(
        Organization, through="Involvement", related_name="proposals", verbose_name=_("organizations")
    )
    publication = models.CharField(
        _("publication"),
        max_length=10,
        choices=Publication.choices,
        default=Publication.DRAFT,
        help_text=_("Viewers see published records only."),
    )

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("slug",)
        indexes = (
            # the register filtered by publication and theme, newest status at hand
            models.Index(fields=("publication", "theme", "status"), name="proposal_by_theme"),
        )
        constraints = (
            one_of("nature", Nature),
            one_of("status", Status),
            one_of("publication", Publication),
            models.CheckConstraint(
                name="proposal_superseded_names_successor",
                condition=~Q(status=Status.SUPERSEDED.value) | Q(successor__isnull=False),
                violation_error_message=_("A superseded proposal names its successor."),
            ),
            models.CheckConstraint(
                name="proposal_is_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                violation_error_message=_("A proposal cannot succeed itself."),
            ),
            models.CheckConstraint(
                name="proposal_interval_of_continuing_only",
                condition=Q(expected_interval_months__isnull=True, occurrences_of__isnull=True)
                | Q(nature=Nature.CONTINUING.value),
                violation_error_message=_("Only a continuing commitment has an expected interval or occurrences."),
            ),
            models.CheckConstraint(
                name="proposal_interval_positive",
                condition=Q(expected_interval_months__isnull=True) | Q(expected_interval_months__gte=1),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Give the page of the proposal, its permanent address."""
        return reverse("proposal", args=[self.slug])

    def clean(self) -> None:
        """Keep the address of a merged proposal for what it was merged into."""
        super().clean()
        if (holder := former_holder(self.slug)) is not None:
            message = _("This address leads to “%(proposal)s”, into which another proposal was merged: choose another.")
            raise ValidationError({"slug": message % {"proposal": holder}})

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the proposal is found by."""
        return [*spoken(self, "title"), *spoken(self, "completion_test"), *spoken(self, "note")]


def former_holder(slug: str) -> Proposal | None:
    """Give the proposal that an address leads to since another was merged into it. One query."""
    return Proposal.objects.filter(former_addresses__slug=slug).first()


class Involvement(models.Model):
    """What an organization has to do with a proposal."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="involvements")
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="involvements"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)

    class Meta:
        verbose_name = _("involved organization")
        verbose_name_plural = _("involved organizations")
        ordering = ("role", "id")
        constraints = (
            one_of("role", Role),
            models.UniqueConstraint(
                fields=("proposal", "organization", "role"),
                name="involvement_once",
                violation_error_message=_("The organization already has this role."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.organization}"


class Deadline(Keyed, Period):
    """A deadline as a source states it. Revisions are added; lateness is judged by the first that has a date."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="deadlines")
    phrase = models.CharField(
        _("phrase"), max_length=200, help_text=_("As said: “in the first quarter of 2022”, “quickly”.")
    )
    basis = models.CharField(_("basis"), max_length=10, choices=Basis.choices, default=Basis.STATED)
    stated_on = models.DateField(_("stated on"))
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="deadlines")
    paragraph = models.PositiveSmallIntegerField(
        _("paragraph"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        ordering = ("stated_on", "id")
        indexes = (
            # the first dated deadline of a proposal
            models.Index(fields=("proposal", "stated_on"), name="deadline_of_proposal"),
        )
        constraints = (
            *Period.Meta.constraints,
            one_of("basis", Basis),
            models.CheckConstraint(
                name="deadline_paragraph_positive", condition=Q(paragraph__isnull=True) | Q(paragraph__gte=1)
            ),
        )

    def __str__(self) -> str:
        return self.phrase


def _only_answers_are_blanket() -> str:
    stances = ", ".join(str(stance.label) for stance in ANSWERS)
    return gettext("Only an answer can be blanket; these stances answer: %(stances)s.") % {"stances": stances}


class Statement(Keyed, Searched):
    """What a speaker said about one proposal at one meeting. Added to, never overwritten by a change of mind."""

    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="statements"
    )
    meeting = models.ForeignKey(Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="statements")
    said_on = models.DateField(
        _("said on"),
        blank=True,
        help_text=_("Empty: the day of the meeting; where that is known less finely, the last day it can be."),
    )
    precision = models.CharField(_("precision"), max_length=10, choices=Precision.choices, default=Precision.DAY)
    post = models.ForeignKey(
        Post,
        verbose_name=_("speaker"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="statements",
        help_text=_("The person in the post held when speaking. Empty for what both sides say together."),
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="statements",
        help_text=_("For whom it was said."),
    )
    addressee = models.ForeignKey(
        Organization,
        verbose_name=_("addressee"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="statements_received",
    )
    stance = models.CharField(_("stance"), max_length=15, choices=Stance.choices)
    blanket = models.BooleanField(
        _("blanket"), default=False, help_text=_("One sentence that answers everything asked at the meeting.")
    )
    answers = models.ForeignKey(
        "self",
        verbose_name=_("answers"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="answered_by",
        help_text=_("The ask that it answers."),
    )
    summary = models.TextField(_("summary"), help_text=_("In our own words, not the source's."))
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="statements")
    paragraph = models.PositiveSmallIntegerField(
        _("paragraph"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Non-empty lines of the document, counted from 1."),
    )

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ("said_on", "paragraph", "id")
        indexes = (
            # what was said about a proposal by a day
            models.Index(fields=("proposal", "said_on"), name="statement_of_proposal"),
        )
        constraints = (
            one_of("stance", Stance),
            one_of("precision", Precision),
            models.CheckConstraint(
                name="statement_paragraph_positive", condition=Q(paragraph__isnull=True) | Q(paragraph__gte=1)
            ),
            models.CheckConstraint(
                name="statement_does_not_answer_itself",
                condition=Q(answers__isnull=True) | ~Q(answers=F("id")),
            ),
            models.CheckConstraint(
                name="statement_blanket_answers",
                condition=Q(blanket=False) | Q(stance__in=sorted(stance.value for stance in ANSWERS)),
                violation_error_message=lazy(_only_answers_are_blanket, str)(),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_stance_display()}: {self.summary}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, dated by the meeting unless a day is given."""
        if self.take_day_of_meeting() and (fields := kwargs.get("update_fields")):
            kwargs["update_fields"] = {*fields, "said_on", "precision"}
        super().save(*args, **kwargs)

    def take_day_of_meeting(self) -> bool:
        """Date it by its meeting if it has no day of its own and the meeting has one; tell whether it was so."""
        if self.said_on or not self.meeting.last_day:
            return False
        self.said_on, self.precision = self.meeting.last_day, self.meeting.precision
        return True

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the statement is found by."""
        return spoken(self, "summary")

    @property
    def side(self) -> str:
        """The side for which it was said."""
        return self.organization.side

    @property
    def said(self) -> str:
        """The day it was said, no finer than it is known."""
        return shorten(self.said_on, self.precision)


class StatusChange(Keyed):
    """A dated step on the scale: old, new, when, why and by what evidence. Written by `transitions` alone."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="status_changes")
    old = models.CharField(_("from"), max_length=12, choices=Status.choices, blank=True, editable=False)
    new = models.CharField(_("to"), max_length=12, choices=Status.choices)
    effective_on = models.DateField(
        _("effective on"),
        help_text=_("The day it became true, not the day it was recorded; never in the future."),
    )
    precision = models.CharField(
        _("precision"),
        max_length=10,
        choices=Precision.choices,
        default=Precision.DAY,
        help_text=_("Known less finely: give the last day it can be."),
    )
    reason = models.TextField(_("reason"))
    awaiting = models.ForeignKey(
        Organization,
        verbose_name=_("awaiting the decision of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="awaited",
        help_text=_("An authority whose decision is awaited: such a proposal does not count as stalled."),
    )
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="status_changes",
        help_text=_("Needed for: pledged, under way, partly done, completed."),
    )
    paragraph = models.PositiveSmallIntegerField(
        _("paragraph"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The second person, where one is needed: nothing is completed on one person's word."),
    )

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ("effective_on", "id")
        indexes = (
            # the status of a proposal on a day
            models.Index(fields=("proposal", "effective_on", "id"), name="change_of_proposal"),
        )
        constraints = (
            one_of("old", Status, blank=True),
            one_of("new", Status),
            one_of("precision", Precision),
            models.CheckConstraint(
                name="statuschange_changes_something",
                condition=~Q(old=F("new")),
                violation_error_message=_("The proposal already has this status."),
            ),
            models.CheckConstraint(name="statuschange_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="statuschange_cites_a_source",
                condition=~Q(new__in=sorted(status.value for status in SOURCED)) | Q(source__isnull=False),
                violation_error_message=_("This status needs a source."),
            ),
            models.CheckConstraint(
                name="statuschange_paragraph_positive",
                condition=Q(paragraph__isnull=True) | Q(paragraph__gte=1),
            ),
            models.CheckConstraint(
                name="statuschange_second_person_is_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
                violation_error_message=_("Nobody confirms what they recorded themselves."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.effective}: {self.get_new_display()}"

    @property
    def effective(self) -> str:
        """The day it took effect, no finer than it is known."""
        return shorten(self.effective_on, self.precision)
