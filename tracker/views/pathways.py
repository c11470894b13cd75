"""The steps of a proposal, put together by the gate they are for and the pathway they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from tracker.models import BorderGate, Milestone


@dataclass(slots=True)
class Course:
    """The steps of a proposal at one gate, or away from gates; and how many are on record as reached."""

    title: str
    gate: BorderGate | None
    milestones: list[Milestone] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """Count the steps on record as reached."""
        return sum(milestone.last_day is not None for milestone in self.milestones)


def courses(milestones: Iterable[Milestone]) -> list[Course]:
    """Sort steps into courses, in the order of the first step of each."""
    found: dict[int | None, Course] = {}
    for milestone in milestones:
        found.setdefault(milestone.gate_id, Course("", milestone.gate)).milestones.append(milestone)
    for course in found.values():
        pathways = {one.step.pathway.name: None for one in course.milestones if one.step}
        course.title = ", ".join(pathways) or _("Milestones")
    return list(found.values())
