"""The words and the table twins of the strips of `charts.rhythm`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.charts import palette, shared
from tracker.charts.shared import Cell, Twin
from tracker.dates import Interval, shorten
from tracker.metrics.rhythm import Cycle, Held, Planned, Rhythm, Strip


def when(one: Held) -> str:
    """Write when it was held, no finer than it is known."""
    if one.precision == "day":
        return str(Interval(one.first, one.last))
    return shorten(one.last, one.precision) or _("by %(day)s") % {"day": one.last.isoformat()}


def days(cycle: Cycle) -> str:
    """Write how long a cycle lasted; as from–to where the day of an end is not known."""
    return str(cycle.days) if cycle.least == cycle.days else f"{cycle.least}–{cycle.days}"


def told(one: Held | Planned) -> str:
    """Write the hover label of a mark: name, place, date."""
    if isinstance(one, Held):
        dated = _("Held: %(day)s") % {"day": when(one)}
        return shared.hover(*filter(None, (one.name, one.place, dated)))
    return shared.hover(one.name, _("Planned: %(day)s") % {"day": one.last.isoformat() if one.last else "–"})


def story(cycle: Cycle) -> str:
    """Write the hover label of a stretch: what it is, from when to when, and how late."""
    lines = [f"{cycle.state.look.glyph} {cycle.state.label}", _gap(cycle)]
    if cycle.due and cycle.next:
        lines.append(_("Was due by %(day)s") % {"day": cycle.due.isoformat()})
    elif cycle.due:
        lines.append(_("Next due by %(day)s") % {"day": cycle.due.isoformat()})
    if cycle.days_late:
        lines.append(ngettext("%(n)s day late", "%(n)s days late", cycle.days_late) % {"n": cycle.days_late})
    return shared.hover(*lines)


def _gap(cycle: Cycle) -> str:
    values = {"first": when(cycle.after), "last": when(cycle.next) if cycle.next else "", "days": days(cycle)}
    if cycle.next:
        return _("%(first)s to %(last)s: %(days)s days") % values
    return _("Since %(first)s: %(days)s days") % values


def in_short(strip: Strip) -> list[str]:
    """Write the figures of a row: how many cycles were kept, the longest gap, and when the next is due."""
    rhythm = strip.rhythm
    first = [_kept(rhythm)] if rhythm.judged else []
    if rhythm.longest:
        words = _("longest gap %(days)s days") if rhythm.longest.next else _("longest gap %(days)s days, so far")
        first.append(words % {"days": days(rhythm.longest)})
    return [" · ".join(first), *filter(None, [_next(strip)])]


def _kept(rhythm: Rhythm) -> str:
    return _("kept %(kept)s of %(all)s") % {"kept": rhythm.kept, "all": rhythm.judged}


def _next(strip: Strip) -> str:
    rhythm = strip.rhythm
    if rhythm.overdue and rhythm.next_due:
        return _("◆ overdue since %(day)s") % {"day": rhythm.next_due.isoformat()}
    if rhythm.next_due:
        return _("◇ next due by %(day)s") % {"day": rhythm.next_due.isoformat()}
    if any(one.last is None for one in strip.planned):
        return _("next planned, no day set")
    return ""


def rhythm_strip_table(rhythm: Rhythm, link_to: Callable[[str], str], href: str = "") -> Twin | None:
    """Give what `rhythm_strip` shows as a table, the latest first."""
    if not rhythm.held:
        return None
    headings = [
        Cell(_("Held")),
        Cell(_("Date")),
        Cell(_("Next due by")),
        Cell(_("Next held")),
        Cell(_("Days between"), number=True),
        Cell(_("Cycle")),
        Cell(_("Days late"), number=True),
    ]
    rows = [
        [
            Cell(one.after.name, link_to(one.after.slug) if one.after.slug else href),
            Cell(when(one.after)),
            Cell(one.due.isoformat() if one.due else ""),
            Cell(when(one.next) if one.next else ""),
            Cell(days(one), number=True),
            Cell(str(one.state.label), css=palette.css_class(one.state)) if one.due else Cell(_("not judged")),
            Cell(str(one.days_late) if one.days_late else "", number=True),
        ]
        for one in reversed(rhythm.cycles)
    ]
    return Twin(headings, rows)


def rhythm_strips_table(strips: Sequence[Strip]) -> Twin | None:
    """Give what `rhythm_strips` shows as a table, in the order given."""
    strips = [strip for strip in strips if strip.rhythm.held]
    if not strips:
        return None
    headings = [
        Cell(_("Series or commitment")),
        Cell(_("Every"), number=True),
        Cell(_("Cycles kept")),
        Cell(_("Longest gap in days"), number=True),
        Cell(_("Next due by")),
        Cell(_("Days overdue"), number=True),
        Cell(_("Held")),
    ]
    return Twin(headings, [_row(strip) for strip in strips])


def _row(strip: Strip) -> list[Cell]:
    rhythm = strip.rhythm
    months = rhythm.interval_months
    every = ngettext("%(n)s month", "%(n)s months", months) % {"n": months} if months else _("not stated")
    of = _("%(kept)s of %(all)s") % {"kept": rhythm.kept, "all": rhythm.judged}
    kept = of if rhythm.judged else "–" if months else _("not judged")
    return [
        Cell(strip.name, strip.href),
        Cell(every, number=True),
        Cell(kept),
        Cell(days(rhythm.longest) if rhythm.longest else "–", number=True),
        Cell(rhythm.next_due.isoformat() if rhythm.next_due else "–"),
        Cell(str(rhythm.overdue) if rhythm.overdue else "", number=True),
        Cell("; ".join(when(one) for one in rhythm.held)),
    ]
