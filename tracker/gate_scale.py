"""How far a pair of border crossings is on a day, as the map shows it: value, label, look and rule."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tracker.choices import Look

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


PATHWAY = "gate"


class Code(StrEnum):
    """The steps of the gate pathway that the rules below turn on, by their codes. Staff name and place them."""

    ASKED = "asked"
    STUDIED = "studied"
    INTERNAL_PROCEDURE = "internal_procedure"
    REPORTED_UPWARD = "reported_upward"
    APPROVED = "approved"
    BUILT = "built"
    TRIAL = "trial"
    OPENED = "opened"
    UPGRADED = "upgraded"
    SMART = "smart"


BEFORE_OPENING = (
    Code.ASKED,
    Code.STUDIED,
    Code.INTERNAL_PROCEDURE,
    Code.REPORTED_UPWARD,
    Code.APPROVED,
    Code.BUILT,
)
RULED = frozenset(code.value for code in Code)


class GateState(TextChoices):
    """What a pair of crossings is open for. Computed from its class and its steps, never typed."""

    SMART = "smart", _("Smart operation")
    SMART_TRIAL = "smart_trial", _("Open, smart operation on trial")
    TRIAL = "trial", _("Trial operation")
    INTERNATIONAL = "international", _("Open: international")
    MAIN = "main", _("Open: bilateral")
    TOURISM = "tourism", _("Open: tourism")
    AUXILIARY = "auxiliary", _("Auxiliary crossing")
    BEING_OPENED = "being_opened", _("Being opened")
    NOT_YET = "not_yet", _("Not yet opened")

    @property
    def look(self) -> Look:
        """Colour, character and marker of the state."""
        return _LOOKS[self]

    @property
    def rule(self) -> StrOrPromise:
        """When the state applies; the first rule that fits, from above, decides."""
        return _RULES[self]


_LOOKS = {
    GateState.SMART: Look("#7a3e9d", "#b98ad6", "★", "star"),
    GateState.SMART_TRIAL: Look("#7a3e9d", "#b98ad6", "☆", "star-open"),
    GateState.TRIAL: Look("#a9558f", "#cf7fb5", "⬠", "pentagon-open"),
    GateState.INTERNATIONAL: Look("#00704f", "#159c72", "■", "square"),
    GateState.MAIN: Look("#0067a5", "#3f92d2", "◆", "diamond"),
    GateState.TOURISM: Look("#b0620f", "#d98a3a", "▲", "triangle-up"),
    GateState.AUXILIARY: Look("#5f6b79", "#97a3b4", "●", "circle"),
    GateState.BEING_OPENED: Look("#c2460a", "#e36a2d", "○", "circle-open"),
    GateState.NOT_YET: Look("#5f6b79", "#97a3b4", "✕", "x"),
}

_RULES = {
    GateState.SMART: _("A source shows the step “smart operation” by the day."),
    GateState.SMART_TRIAL: _(
        "A source shows a trial by the day, and the gate was open already: by its opening or class."
    ),
    GateState.TRIAL: _("A source shows a trial by the day, and no opening or smart operation since."),
    GateState.BEING_OPENED: _(
        "A step before opening is on record by the day (asked for, studied … built), and either the first opening on "
        "record comes later or is still to come, or the crossing is auxiliary and no opening is on record."
    ),
    GateState.NOT_YET: _(
        "The first opening on record comes after the day or, if the crossing is not auxiliary, is still to come; "
        "and no step before it was on record yet."
    ),
    GateState.INTERNATIONAL: _("None of the above, and the class is international."),
    GateState.MAIN: _(
        "None of the above, and the class is main (bilateral); "
        "or it is international now, but the first upgrade on record comes after the day."
    ),
    GateState.TOURISM: _("None of the above, and the class is tourism crossing."),
    GateState.AUXILIARY: _(
        "None of the above, and the class is auxiliary: a local crossing, mostly for goods, that is not a full gate."
    ),
}

RULES_IN_ORDER = tuple(_RULES)
