"""The pages of the workplace that are not a model's: route, view and name; each name is reversed as `admin:name`."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase

from tracker.admin.entry_help import entry_help
from tracker.admin.history_pages import history_compare, history_csv, history_restore, site_history
from tracker.admin.import_pages import import_file, import_refused, imports
from tracker.admin.merge_pages import merge_proposals
from tracker.admin.new_meeting import new_meeting, new_meeting_done
from tracker.admin.review_pages import proposed_change, review_queue, take_back
from tracker.admin.worklist_pages import worklist_items

PAGES: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
    ("entry-help/", entry_help, "entry_help"),
    ("imports/", imports, "imports"),
    ("imports/<int:number>/", import_file, "import_file"),
    ("imports/<int:number>/refused.csv", import_refused, "import_refused"),
    ("history/", site_history, "site_history"),
    ("history.csv", history_csv, "history_csv"),
    ("history/<str:kind>/<int:key>/", history_compare, "history_compare"),
    ("history/<str:kind>/<int:key>/restore/<int:version>/", history_restore, "history_restore"),
    ("merge/", merge_proposals, "merge_proposals"),
    ("new-meeting/", new_meeting, "new_meeting"),
    ("new-meeting/<slug:slug>/", new_meeting_done, "new_meeting_done"),
    ("review/", review_queue, "review_queue"),
    ("review/changes/<int:key>/", proposed_change, "proposed_change"),
    ("review/proposals/<int:key>/take-back/", take_back, "take_back"),
    ("worklist/", worklist_items, "worklist_items"),
]
