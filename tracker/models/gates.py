"""Border gates: pairs of crossings that face each other."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.choices import GateClass, PositionBasis
from tracker.models.actors import Organization
from tracker.models.base import Named, one_of


class BorderGate(Named):
    """A pair of border crossings, one on each side."""

    vietnam_side = models.ForeignKey(
        Organization,
        verbose_name=_("province in Vietnam"),
        on_delete=models.PROTECT,
        related_name="gates_in_vietnam",
    )
    china_side = models.ForeignKey(
        Organization,
        verbose_name=_("province in China"),
        on_delete=models.PROTECT,
        related_name="gates_in_china",
    )
    gate_class = models.CharField(_("class"), max_length=15, choices=GateClass.choices)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(-90)), MaxValueValidator(Decimal(90))],
        help_text=_("WGS 84, degrees north. Only from a source or a map; never guessed."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(-180)), MaxValueValidator(Decimal(180))],
        help_text=_("WGS 84, degrees east."),
    )
    position_basis = models.CharField(
        _("basis of the position"), max_length=12, choices=PositionBasis.choices, blank=True
    )
    source = models.ForeignKey(
        "tracker.Source",
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="gates",
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("border gate")
        verbose_name_plural = _("border gates")
        ordering = ("slug",)
        constraints = (
            one_of("gate_class", GateClass),
            one_of("position_basis", PositionBasis, blank=True),
            models.CheckConstraint(
                name="bordergate_position_is_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True, position_basis="")
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)) & ~Q(position_basis=""),
                violation_error_message=_("A position has latitude, longitude and basis, or none of them."),
            ),
        )
