"""Meeting series and their meetings."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.choices import Basis, MeetingState, Publication
from tracker.models.actors import Organization
from tracker.models.base import Named, Period, one_of
from tracker.models.sources import Source


class MeetingSeries(Named):
    """Meetings of one kind, one after another."""

    counterpart = models.ForeignKey(
        Organization,
        verbose_name=_("counterpart"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="series",
    )
    interval_months = models.PositiveSmallIntegerField(
        _("expected interval in months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Only where a source says how often it meets."),
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("meeting series")
        verbose_name_plural = _("meeting series")
        ordering = ("slug",)
        constraints = (
            models.CheckConstraint(
                name="meetingseries_interval_positive",
                condition=Q(interval_months__isnull=True) | Q(interval_months__gte=1),
            ),
        )

    def get_absolute_url(self) -> str:
        """Give the place of the series on the page of meetings."""
        return f"{reverse('meetings')}#{self.slug}"


class Meeting(Named, Period):
    """A meeting, with its number in the series where it has one."""

    series = models.ForeignKey(
        MeetingSeries, verbose_name=_("series"), on_delete=models.PROTECT, related_name="meetings"
    )
    number = models.PositiveSmallIntegerField(
        _("number in the series"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    state = models.CharField(_("state"), max_length=15, choices=MeetingState.choices, default=MeetingState.HELD)
    basis = models.CharField(_("basis of the date"), max_length=10, choices=Basis.choices, default=Basis.STATED)
    date_note = models.TextField(
        _("note on the date"),
        blank=True,
        help_text=_("How the date was inferred, if no source states it whole."),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    organizations = models.ManyToManyField(
        Organization, verbose_name=_("organizations"), related_name="meetings", blank=True
    )
    sources = models.ManyToManyField(Source, verbose_name=_("sources"), related_name="meetings", blank=True)
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication.choices, default=Publication.DRAFT
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-last_day", "slug")
        indexes = (
            # "a later meeting of the same series has been held"
            models.Index(fields=("series", "state", "last_day"), name="meeting_in_series"),
        )
        constraints = (
            *Period.Meta.constraints,
            one_of("state", MeetingState),
            one_of("basis", Basis),
            one_of("publication", Publication),
            models.CheckConstraint(
                name="meeting_held_has_a_date",
                condition=~Q(state=MeetingState.HELD.value) | Q(last_day__isnull=False),
                violation_error_message=_("A meeting that was held needs its first and last day."),
            ),
            models.CheckConstraint(name="meeting_number_positive", condition=Q(number__isnull=True) | Q(number__gte=1)),
            models.UniqueConstraint(
                fields=("series", "number"),
                name="meeting_number_once_in_series",
                violation_error_message=_("The series already has a meeting with this number."),
            ),
        )

    def get_absolute_url(self) -> str:
        """Give the page of the meeting."""
        return reverse("meeting", args=[self.slug])
