"""The one application of the project, and the staff's workplace, which takes the place of Django's admin."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class TrackerConfig(AppConfig):
    """Commitment tracker: what was asked, promised and agreed, and what became of it."""

    name = "tracker"
    verbose_name = _("Commitment tracker")
    default_auto_field = "django.db.models.BigAutoField"
    default = True


class WorkplaceConfig(admin.AdminConfig):
    """Django's admin with the tracker's own front page and pages."""

    default_site = "tracker.adminsite.Workplace"
    default = False
