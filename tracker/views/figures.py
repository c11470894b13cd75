"""Key figures: n of N with the rule, and the rows behind both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.metrics import counts
from tracker.metrics.records import Item
from tracker.office import thresholds


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: n of N with what it counts, its rule, and the addresses of the rows behind n and N."""

    rate: counts.Rate
    caption: str
    rule: str
    href: str = ""
    all_href: str = ""


def unknown_rule() -> str:
    """Say when an open proposal counts as unknown."""
    days = thresholds().unverified_days
    return _("Open proposals with neither a development nor a review on record for %(days)s days.") % {"days": days}


def unknown_of(items: Iterable[Item], href: str = "") -> Figure:
    """Give the share of unknown that stands beneath a chart of statuses; `href` leads to the unknown ones."""
    return Figure(counts.unknown_rate(items), _("unverified"), unknown_rule(), href)
