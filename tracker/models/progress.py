"""What became of it: developments, milestones, reviews, and figures against targets."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.choices import Basis, Bears, Measure, Precision, Qualifier, Side, Status, Visibility
from tracker.models.actors import Organization
from tracker.models.base import Kept, Keyed, Named, Period, Searched, kept_while_restricted, one_of, spoken
from tracker.models.gates import BorderGate
from tracker.models.pathways import PathwayStep
from tracker.models.proposals import Proposal
from tracker.models.sources import Source


class Development(Keyed, Kept, Searched):
    """A dated, sourced fact. It may bear on several proposals and rest on several sources."""

    happened_on = models.DateField(
        _("happened on"), help_text=_("The day of the event; known less finely: the last day it can be.")
    )
    precision = models.CharField(_("precision"), max_length=10, choices=Precision.choices, default=Precision.DAY)
    summary = models.TextField(_("summary"), help_text=_("In our own words, not the source's."))
    note = models.TextField(_("caveat"), blank=True)
    gate = models.ForeignKey(
        BorderGate,
        verbose_name=_("border gate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="developments",
    )
    account_side = models.CharField(
        _("whose account"),
        max_length=10,
        choices=Side.choices,
        blank=True,
        help_text=_("The side that says so, where the two sides may differ."),
    )
    account_status = models.CharField(
        _("status that the account claims"), max_length=12, choices=Status.choices, blank=True
    )
    is_occurrence = models.BooleanField(
        _("occurrence"), default=False, help_text=_("One more time that a continuing commitment was kept.")
    )
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    held_by = models.ForeignKey(
        Organization,
        verbose_name=_("organization that keeps it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="developments_kept",
        help_text=_("Who, beside the editors, reads it while it is restricted."),
    )
    sources = models.ManyToManyField(
        Source, verbose_name=_("sources"), related_name="developments", help_text=_("At least one.")
    )

    class Meta:
        verbose_name = _("development")
        verbose_name_plural = _("developments")
        ordering = ("-happened_on", "-id")
        constraints = (
            one_of("precision", Precision),
            one_of("visibility", Visibility),
            kept_while_restricted(),
            one_of("account_side", Side, blank=True),
            one_of("account_status", Status, blank=True),
            models.CheckConstraint(
                name="development_account_is_whole",
                condition=Q(account_side="", account_status="") | (~Q(account_side="") & ~Q(account_status="")),
                violation_error_message=_("An account names both the side and the status it claims."),
            ),
        )

    def __str__(self) -> str:
        return self.summary

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the development is found by."""
        return spoken(self, "summary")


class Bearing(models.Model):
    """Which way a development moves a proposal."""

    development = models.ForeignKey(
        Development, verbose_name=_("development"), on_delete=models.CASCADE, related_name="bearings"
    )
    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="bearings"
    )
    bears = models.CharField(_("effect"), max_length=10, choices=Bears.choices)

    class Meta:
        verbose_name = _("development of a proposal")
        verbose_name_plural = _("developments of a proposal")
        ordering = ("-development__happened_on",)
        constraints = (
            one_of("bears", Bears),
            models.UniqueConstraint(
                fields=("development", "proposal"),
                name="bearing_once",
                violation_error_message=_("The development already bears on this proposal."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_bears_display()}: {self.development}"


class Milestone(Keyed, Period):
    """A step on the way, with the day it was reached where a source gives it."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="milestones")
    gate = models.ForeignKey(
        BorderGate,
        verbose_name=_("border gate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="milestones",
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    step = models.ForeignKey(
        PathwayStep,
        verbose_name=_("step of a pathway"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="milestones",
        help_text=_("Empty for a step that no pathway has."),
    )
    name = models.CharField(_("step"), max_length=200, help_text=_("In the words of this case."))
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="milestones",
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("position", "id")
        constraints = (
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="milestone_reached_has_a_source",
                condition=Q(last_day__isnull=True) | Q(source__isnull=False),
                violation_error_message=_("A step that was reached needs a source."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Review(Keyed):
    """Somebody looked and found nothing new."""

    proposal = models.ForeignKey(Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField(_("reviewed on"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField(_("where they looked"), blank=True)
    source = models.ForeignKey(
        Source,
        verbose_name=_("source looked at"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviews",
        help_text=_("The newest that says nothing new. Shown to those who may read the note."),
    )
    visibility = models.CharField(
        _("visibility of the note"), max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-reviewed_on", "-id")
        indexes = (
            # the latest review of a proposal by a day
            models.Index(fields=("proposal", "reviewed_on"), name="review_of_proposal"),
        )
        constraints = (one_of("visibility", Visibility),)

    def __str__(self) -> str:
        return f"{self.reviewed_on}: {self.proposal}"


class Indicator(Named):
    """A quantity that shows how far a proposal is."""

    proposal = models.ForeignKey(
        Proposal,
        verbose_name=_("proposal"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators",
    )
    unit = models.CharField(_("unit"), max_length=60)
    measure = models.CharField(
        _("kind of quantity"),
        max_length=10,
        choices=Measure.choices,
        default=Measure.FLOW,
        help_text=_("Of what is summed over a period only full years compare with a target; of a state the latest."),
    )
    definition = models.TextField(_("definition"), blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("slug",)
        constraints = (one_of("measure", Measure),)


class Target(Keyed, Period):
    """A value set for an indicator. A restatement is a further row; the period is the deadline, if one is stated."""

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT, related_name="targets"
    )
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    stated_on = models.DateField(_("stated on"))
    set_by = models.ForeignKey(
        Organization,
        verbose_name=_("set by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="targets",
        help_text=_("Empty if the source does not say."),
    )
    baseline = models.ForeignKey(
        "Observation",
        verbose_name=_("baseline"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="baseline_of",
        help_text=_("The figure that the source starts from; empty if it names none. A later vintage restates it."),
    )
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="targets")
    paragraph = models.PositiveSmallIntegerField(
        _("paragraph"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ("stated_on", "id")
        constraints = (
            *Period.Meta.constraints,
            models.CheckConstraint(
                name="target_paragraph_positive", condition=Q(paragraph__isnull=True) | Q(paragraph__gte=1)
            ),
        )

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.indicator.unit}"


class Series(Named):
    """Figures of one indicator by one compiler. Series are never joined to each other."""

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT, related_name="series"
    )
    compiler = models.CharField(_("compiler"), max_length=300)
    unit = models.CharField(_("unit"), max_length=60)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("series of figures")
        verbose_name_plural = _("series of figures")
        ordering = ("slug",)


class Observation(Keyed):
    """A figure for a period as published: never overwritten; a revision is a later vintage."""

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.PROTECT, related_name="observations")
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    qualifier = models.CharField(_("qualifier"), max_length=12, choices=Qualifier.choices, default=Qualifier.EXACT)
    vintage = models.PositiveSmallIntegerField(
        _("vintage"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("1 as first published, 2 revised…"),
    )
    published_on = models.DateField(_("published on"), null=True, blank=True)
    basis = models.CharField(_("basis of the period"), max_length=10, choices=Basis.choices, default=Basis.STATED)
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="observations")
    note = models.TextField(_("caveat"), blank=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering = ("series", "period_start", "vintage")
        constraints = (
            one_of("qualifier", Qualifier),
            one_of("basis", Basis),
            models.CheckConstraint(name="observation_vintage_positive", condition=Q(vintage__gte=1)),
            models.CheckConstraint(
                name="observation_ends_after_it_starts",
                condition=Q(period_end__gte=F("period_start")),
                violation_error_message=_("The period must not end before it starts."),
            ),
            models.UniqueConstraint(
                fields=("series", "period_start", "period_end", "vintage"),
                name="observation_once",
                violation_error_message=_("This series already has a figure of this vintage for the period."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.period_start}–{self.period_end}: {self.value.normalize():f}"
