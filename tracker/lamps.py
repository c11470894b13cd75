"""The lamps: one colour for each open proposal that rates count, so that what needs a hand shows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tracker.choices import Flag, Schedule
from tracker.standing import Facts, Standing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Lamp(TextChoices):
    """The lamp of an open proposal: the first that applies, in this order. Computed, never typed."""

    RED = "red", _("Red: overdue")
    GREY = "grey", _("Grey: unverified")
    YELLOW = "yellow", _("Yellow: due soon or stalled")
    GREEN = "green", _("Green: otherwise open")

    @property
    def rule(self) -> StrOrPromise:
        """When the lamp is lit."""
        return _RULES[self]

    @property
    def glyph(self) -> str:
        """A character that tells it apart without its colour."""
        return _GLYPHS[self]


_RULES = {
    Lamp.RED: _("Open past the last day of its first dated deadline; a continuing one, past the end of its cycle."),
    Lamp.GREY: _("Not red, and flagged as unverified: nobody knows, so no other colour would be honest."),
    Lamp.YELLOW: _("Neither red nor grey, and due soon or flagged as stalled."),
    Lamp.GREEN: _("Open, and none of the others."),
}
_GLYPHS = {Lamp.RED: "!", Lamp.GREY: "?", Lamp.YELLOW: "◴", Lamp.GREEN: "●"}


def lamp_of(facts: Facts, standing: Standing) -> Lamp | None:
    """Give the lamp; None for what is closed or left out of rates."""
    if not (facts.is_rated and facts.status.is_open):
        return None
    if standing.schedule in (Schedule.OVERDUE, Schedule.CYCLE_MISSED):
        return Lamp.RED
    if Flag.UNVERIFIED in standing.flags:
        return Lamp.GREY
    if standing.schedule == Schedule.DUE_SOON or Flag.STALLED in standing.flags:
        return Lamp.YELLOW
    return Lamp.GREEN
