"""The addresses: a table of contents. They are a contract; other programs rely on them."""

from django.contrib import admin
from django.urls import include, path

from tracker.views import (
    changes,
    downloads,
    followup,
    gates,
    meetings,
    overview,
    pages,
    proposals,
    register,
    sources,
    targets,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("proposals/", register.register, name="register"),
    path("proposals/<slug:slug>/", proposals.proposal, name="proposal"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/<slug:slug>/", meetings.meeting, name="meeting"),
    path("follow-up/", followup.follow_up, name="follow_up"),
    path("gates/", gates.gates, name="gates"),
    path("gates/<slug:slug>/", gates.gate, name="gate"),
    path("changes/", changes.changes, name="changes"),
    path("targets/", targets.targets, name="targets"),
    path("targets/<slug:slug>/", targets.target, name="target"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<slug:slug>/", sources.source, name="source"),
    path("method/", pages.method, name="method"),
    path("data/", pages.data, name="data"),
    path("<slug:name>.csv", downloads.csv, name="csv"),
    path("scale.css", pages.scales, name="scale_css"),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
