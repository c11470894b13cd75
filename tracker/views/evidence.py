"""What became of a proposal, as its page shows it: developments, the accounts of the two sides, every source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from tracker.choices import Precision, Side
from tracker.figure_reads import figures_by, targets_by
from tracker.models import Bearing, Proposal, Source, Statement
from tracker.querysets import bearings_by
from tracker.views.shared import Day

SIDES = (Side.VIETNAM, Side.CHINA)


def bearings_of(record: Proposal, day: Day) -> list[Bearing]:
    """Read what happened, the newest first, as the accounts are judged. Two queries."""
    bearings = bearings_by(day.shown).filter(proposal=record).select_related("development__gate")
    newest_first = bearings.order_by("-development__happened_on", "-id")
    return list(newest_first.prefetch_related("development__sources"))


def accounts_of(bearings: Sequence[Bearing]) -> list[tuple[Side, Bearing | None]]:
    """Give the latest account of each side, side by side; nothing where neither has given one."""
    latest: dict[str, Bearing] = {}
    for bearing in bearings:
        if bearing.development.account_side in SIDES:
            latest.setdefault(bearing.development.account_side, bearing)
    return [(side, latest.get(side)) for side in SIDES] if latest else []


def known_to(day: date | None, statements: Sequence[Statement]) -> tuple[date | None, str]:
    """Give a day of the statements with how finely it is known."""
    return day, next((said.precision for said in statements if said.said_on == day), Precision.DAY.value)


def sources_of(
    record: Proposal, day: Day, cites: Iterable[Any], bearings: Sequence[Bearing]
) -> list[tuple[Source, list[int]]]:
    """Give each source behind the proposal with its paragraphs, in the order of first mention. One query.

    Args:
        record: the proposal.
        day: the day looked at.
        cites: what names one source each: statements, status changes, deadlines, milestones.
        bearings: what happened, each with several sources.
    """
    cited: dict[int, tuple[Source, set[int]]] = {}
    for source, paragraph in _mentions(record, day, cites, bearings):
        _source, paragraphs = cited.setdefault(source.pk, (source, set()))
        paragraphs |= {paragraph} if paragraph else set()
    return [(source, sorted(paragraphs)) for source, paragraphs in cited.values()]


def _mentions(
    record: Proposal, day: Day, cites: Iterable[Any], bearings: Sequence[Bearing]
) -> Iterator[tuple[Source, int | None]]:
    for one in cites:
        if one.source is not None:
            yield one.source, getattr(one, "paragraph", None)
    for bearing in bearings:
        for source in bearing.development.sources.all():
            yield source, None
    for source in _behind_figures(record, day):
        yield source, None


def _behind_figures(record: Proposal, day: Day) -> Iterable[Source]:
    """Read the sources of the targets and figures that measure the proposal. One query."""
    targets = targets_by(day.shown).filter(indicator__proposal=record).values("source")
    figures = figures_by(day.shown).filter(series__indicator__proposal=record).values("source")
    return Source.objects.filter(Q(pk__in=targets) | Q(pk__in=figures)).order_by("published_on", "slug")
