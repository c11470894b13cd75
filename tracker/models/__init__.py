"""What is stored: actors, meetings, sources, proposals, progress, gates, the workplace."""

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
from tracker.models.workplace import (
    Account,
    FormerAddress,
    ImportedFile,
    ImportedRow,
    Note,
    ProposedChange,
    Reminder,
    ReviewStep,
)

__all__ = [
    "Account",
    "Bearing",
    "BorderGate",
    "Deadline",
    "Development",
    "FormerAddress",
    "ImportedFile",
    "ImportedRow",
    "Indicator",
    "Involvement",
    "Meeting",
    "MeetingSeries",
    "Milestone",
    "Note",
    "Observation",
    "Organization",
    "Pathway",
    "PathwayStep",
    "Person",
    "Post",
    "Proposal",
    "ProposedChange",
    "Reminder",
    "Review",
    "ReviewStep",
    "SeedRecord",
    "Series",
    "Source",
    "Statement",
    "StatusChange",
    "Target",
    "Theme",
]
