"""What the office that runs the tracker has set, in the words of the field."""

from __future__ import annotations

from django.conf import settings

from tracker.standing import Thresholds


def thresholds() -> Thresholds:
    """Give the day counts that the office has set."""
    return Thresholds(
        due_soon_days=settings.TRACKER_DUE_SOON_DAYS,
        stalled_days=settings.TRACKER_STALLED_DAYS,
        unverified_days=settings.TRACKER_UNVERIFIED_DAYS,
    )
