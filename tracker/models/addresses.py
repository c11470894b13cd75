"""Addresses of records: one that nothing has, made of a text."""

from __future__ import annotations

from django.db.models import Model
from django.utils.text import slugify

from tracker.models.proposals import Proposal
from tracker.models.workplace import FormerAddress
from tracker.text import fold

LONGEST_STEM = 110  # leaves room for a number


def free_slug(model: type[Model], text: str) -> str:
    """Make an address that no record of the kind has, nor had; of a text that gives none (Chinese) a numbered one."""
    stem = slugify(fold(text))[:LONGEST_STEM].strip("-") or model._meta.model_name or "record"
    holders = (model, FormerAddress) if model is Proposal else (model,)
    taken: set[str] = set()
    for holder in holders:
        taken.update(holder._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *numbered) if slug not in taken)
