"""The addresses: a table of contents. They are a contract; other programs rely on them."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from tracker.views import (
    accounts,
    brief,
    changes,
    downloads,
    entry,
    feeds,
    followup,
    gates,
    meetings,
    overview,
    pages,
    proposals,
    register,
    sources,
    targets,
    unsubscribe,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("proposals/", register.register, name="register"),
    path("proposals/<slug:slug>/", proposals.proposal, name="proposal"),
    path("proposals/<slug:slug>/changes.atom", feeds.proposal_feed, name="proposal_atom"),
    path("proposals/<slug:slug>/log/<slug:kind>/", entry.entry, name="entry"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/<slug:slug>/", meetings.meeting, name="meeting"),
    path("follow-up/", followup.follow_up, name="follow_up"),
    path("gates/", gates.gates, name="gates"),
    path("gates/<slug:slug>/", gates.gate, name="gate"),
    path("changes/", changes.changes, name="changes"),
    path("changes.atom", feeds.changes_feed, name="changes_atom"),
    path("calendar.ics", feeds.calendar_feed, name="calendar"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("brief/", brief.show, name="brief"),
    path("brief.docx", brief.download, name="brief_document"),
    path("targets/", targets.targets, name="targets"),
    path("targets/<slug:slug>/", targets.target, name="target"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<slug:slug>/", sources.source, name="source"),
    path("method/", pages.method, name="method"),
    path("data/", pages.data, name="data"),
    path("<slug:name>.csv", downloads.csv, name="csv"),
    path("scale.css", pages.scales, name="scale_css"),
    path("language/setlang/", login_not_required(set_language), name="set_language"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", login_not_required(LogoutView.as_view()), name="logout"),
    path("accounts/code/", accounts.code, name="code"),
    path("accounts/me/", accounts.me, name="me"),
    path("accounts/kept/", accounts.kept_form, name="kept_form"),
    path("accounts/password/", accounts.NewPassword.as_view(), name="new_password"),
    path("accounts/second-factor/", accounts.second_factor_page, name="second_factor"),
    path("accounts/as-viewer/", accounts.as_viewer, name="as_viewer"),
    path("admin/", admin.site.urls),
]
