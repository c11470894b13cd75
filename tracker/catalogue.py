"""All tables that can be taken away, by name."""

from __future__ import annotations

from tracker.downloads import TABLES as RECORD_TABLES
from tracker.evidence_downloads import DEVELOPMENTS
from tracker.gate_downloads import GATE_TABLES

TABLES = RECORD_TABLES | {DEVELOPMENTS.name: DEVELOPMENTS} | GATE_TABLES
