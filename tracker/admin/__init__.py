"""The staff's workplace."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.admin import accounts, actors, gates, meetings, pathways, progress, proposals, statements

__all__ = ["accounts", "actors", "gates", "meetings", "pathways", "progress", "proposals", "statements"]

admin.site.site_header = _("Commitment tracker: the staff's workplace")
admin.site.site_title = _("Commitment tracker")
admin.site.index_title = _("What is recorded")
