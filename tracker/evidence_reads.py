"""What is cited for a proposal by a day, from whatever is on record about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tracker.figure_reads import figures_by, targets_by
from tracker.models import Deadline, Milestone, StatusChange
from tracker.querysets import bearings_by, statements_by


def cited_by(proposals: Collection[int], day: date) -> dict[int, list[str]]:
    """Give the slugs of all sources behind each of some proposals, in order. Seven queries, whatever their number."""
    by_proposal = {"proposal__in": proposals}
    reads = (
        (statements_by(day).filter(**by_proposal), "proposal", "source__slug"),
        (StatusChange.objects.filter(effective_on__lte=day, **by_proposal), "proposal", "source__slug"),
        (Deadline.objects.filter(stated_on__lte=day, **by_proposal), "proposal", "source__slug"),
        (Milestone.objects.filter(last_day__lte=day, **by_proposal), "proposal", "source__slug"),
        (targets_by(day).filter(indicator__proposal__in=proposals), "indicator__proposal", "source__slug"),
        (
            figures_by(day).filter(series__indicator__proposal__in=proposals),
            "series__indicator__proposal",
            "source__slug",
        ),
        (bearings_by(day).filter(**by_proposal), "proposal", "development__sources__slug"),
    )
    cited: dict[int, set[str]] = {}
    for rows, proposal, slug in reads:
        for number, source in rows.order_by().values_list(proposal, slug).distinct():
            if source:
                cited.setdefault(number, set()).add(source)
    return {number: sorted(slugs) for number, slugs in cited.items()}
