"""Read, check and apply what the tracker starts with; safe to repeat."""

from tracker.seeding.applying import Outcome, apply
from tracker.seeding.reading import SeedError, read

__all__ = ["Outcome", "SeedError", "apply", "read"]
