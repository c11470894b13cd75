"""What is stored: actors, meetings, sources, proposals, progress, gates."""

from tracker.models.actors import Organization, Person, Post
from tracker.models.gates import BorderGate
from tracker.models.meetings import Meeting, MeetingSeries
from tracker.models.pathways import Pathway, PathwayStep
from tracker.models.progress import (
    Bearing,
    Development,
    Indicator,
    Milestone,
    Observation,
    Review,
    Series,
    Target,
)
from tracker.models.proposals import (
    Deadline,
    Involvement,
    Proposal,
    Statement,
    StatusChange,
    Theme,
)
from tracker.models.seeding import SeedRecord
from tracker.models.sources import Source

__all__ = [
    "Bearing",
    "BorderGate",
    "Deadline",
    "Development",
    "Indicator",
    "Involvement",
    "Meeting",
    "MeetingSeries",
    "Milestone",
    "Observation",
    "Organization",
    "Pathway",
    "PathwayStep",
    "Person",
    "Post",
    "Proposal",
    "Review",
    "SeedRecord",
    "Series",
    "Source",
    "Statement",
    "StatusChange",
    "Target",
    "Theme",
]
