"""Makers of the records that the pure modules take, and the settings of properties. No database."""

from __future__ import annotations

import itertools
from datetime import date

from hypothesis import settings

from tracker.choices import Nature, Schedule, Status
from tracker.metrics.records import Item
from tracker.names import Named
from tracker.standing import Facts, Standing

# A busy machine is no failure, and a run leaves nothing behind that would change the next one.
RELAXED = settings(deadline=None, database=None)

_numbers = itertools.count(1)


def make_facts(**fields):
    """Make the facts of a pledge of which nothing else is on record."""
    fields = {"nature": Nature.ONE_OFF, "status": Status.PLEDGED, "status_since": date(2021, 3, 1), **fields}
    return Facts(**fields)


def make_item(slug="open-the-gate", *, theme="trade", schedule=Schedule.NO_DEADLINE, flags=(), lacks=(), **facts):
    """Make a record from facts and from a standing that need not follow from them."""
    return Item(
        id=facts.pop("id", None) or next(_numbers),
        slug=slug,
        title=slug.replace("-", " ").capitalize(),
        theme=theme,
        theme_label=theme.capitalize(),
        facts=make_facts(**facts),
        standing=Standing(schedule, tuple(flags), tuple(lacks)),
    )


def make_named(number, slug, **fields):
    """Make a name that filters offer."""
    return Named(number, slug, fields.pop("label", slug.title()), fields.pop("search_text", slug), **fields)
