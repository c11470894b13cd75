"""The rhythm of series and of continuing commitments, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from tracker.charts import rhythm as charts
from tracker.charts import rhythm_words, shared
from tracker.metrics import rhythm as metrics
from tracker.rhythm_reads import CommitmentRow, SeriesRow, commitment_rows
from tracker.views.shared import Day


def rhythm_of(held: Iterable[metrics.Held], interval_months: int | None, day: Day) -> dict[str, Any]:
    """Give what `tracker/_rhythm.html` takes: the rhythm and its chart; None where there is nothing to show."""
    rhythm = metrics.rhythm(held, interval_months, day.shown)
    if len(rhythm.held) < 2 and not rhythm.next_due:
        return {"rhythm": None, "rhythm_chart": None}
    link_to = partial(day.page, "meeting")
    chart = shared.chart(
        "rhythm",
        title=_("Rhythm"),
        question=_("What was held when, and which cycles were kept?"),
        figure=charts.rhythm_strip(rhythm, day.shown, link_to, "#evidence"),
        twin=rhythm_words.rhythm_strip_table(rhythm, link_to, "#evidence"),
    )
    return {"rhythm": rhythm, "rhythm_chart": chart}


def rhythms_chart(series: Sequence[SeriesRow], day: Day) -> shared.Chart:
    """Draw every series, and what kept the continuing commitments besides, on one axis of time. Two queries."""
    strips = [_strip(one, day) for one in series]
    strips += [_commitment_strip(one, day) for one in commitment_rows(day.shown, series) if _stands_alone(one)]
    ordered = metrics.in_order(strips)
    return shared.chart(
        "rhythms",
        title=_("What was held when"),
        question=_(
            "Which cycles were kept, how long was the longest gap, and when is the next due? "
            "Every series, and every continuing commitment kept by more than its meetings."
        ),
        figure=charts.rhythm_strips(ordered, day.shown, partial(day.page, "meeting")),
        twin=rhythm_words.rhythm_strips_table(ordered),
    )


def _strip(one: SeriesRow, day: Day) -> metrics.Strip:
    found = metrics.rhythm(one.held, one.interval_months, day.shown)
    ahead = tuple(plan for plan in one.planned if plan.last is None or plan.last > day.shown)
    return metrics.Strip(one.name, f"#{one.slug}", found, ahead)


def _stands_alone(one: CommitmentRow) -> bool:
    """Whether a commitment has a rhythm of its own: something that kept it besides the meetings of its series."""
    return bool(one.own) and (one.interval_months is not None or len(one.held) > 1)


def _commitment_strip(one: CommitmentRow, day: Day) -> metrics.Strip:
    found = metrics.rhythm(one.held, one.interval_months, day.shown)
    return metrics.Strip(one.title, day.page("proposal", one.slug), found)
