"""What the tests of the real seeds share."""

from __future__ import annotations

from datetime import date

from tests.makers import TODAY
from tracker.querysets import published_on
from tracker.standing import Thresholds


def item(slug: str, day: date = TODAY):
    """Give a proposal of the seeds as the register has it on a day."""
    (found,) = published_on(day).filter(slug=slug).with_facts(day).items(day, Thresholds())
    return found
