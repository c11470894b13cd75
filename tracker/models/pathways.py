"""Pathways: the steps that a kind of undertaking usually passes, as templates that staff pick and edit."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker import gate_scale
from tracker.models.base import Named


class Pathway(Named):
    """A template of steps: how a gate, a railway, an agreement or a scholarship intake comes about."""

    description = models.TextField(_("what it is for"), blank=True)

    class Meta:
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")
        ordering = ("slug",)

    @property
    def rules_gates(self) -> bool:
        """Tell whether the states of the border gates are found by the steps of this pathway."""
        return self.slug == gate_scale.PATHWAY


class PathwayStep(models.Model):
    """A step of a pathway. Milestones name it; its own name and place may change, its code is what exports say."""

    LAST_POSITION = 9999

    pathway = models.ForeignKey(Pathway, verbose_name=_("pathway"), on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(
        _("position"),
        validators=[MaxValueValidator(LAST_POSITION)],
        help_text=_("Orders the steps. Gaps leave room for a further one."),
    )
    code = models.SlugField(
        _("code"), max_length=40, help_text=_("Short name in exports and seeds: letters, digits, _ and -.")
    )
    name = models.CharField(_("name"), max_length=200)
    reached_when = models.TextField(_("counts as reached when"), blank=True)

    class Meta:
        verbose_name = _("step of a pathway")
        verbose_name_plural = _("steps of a pathway")
        ordering = ("pathway", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("pathway", "code"),
                name="pathwaystep_code_once",
                violation_error_message=_("The pathway already has a step with this code."),
            ),
            models.UniqueConstraint(
                fields=("pathway", "position"),
                name="pathwaystep_position_once",
                violation_error_message=_("The pathway already has a step at this position."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_ruled(self) -> bool:
        """Tell whether the rules of the border gates' states turn on this step."""
        return self.pathway.rules_gates and self.code in gate_scale.RULED

    def refuse_to_lose(self) -> None:
        """Refuse to take the step away if a rule turns on it."""
        if self.is_ruled:
            raise ValidationError(
                gettext(
                    "The state of a border gate is found by the step “%(code)s”: it keeps its code and cannot be "
                    "deleted. Its name is free."
                )
                % {"code": self.code},
                code="ruled",
            )
