"""The table of developments to take away: what happened, and which way it moves each proposal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from tracker.choices import Bears, Precision, Side, Status
from tracker.downloads import Ask, Column, Row, Table, joined
from tracker.models import Bearing, Source
from tracker.querysets import bearings_by, localized, published_on


def _shown(day: date) -> QuerySet[Bearing]:
    """Give what bore by a day on what a viewer sees on it."""
    return bearings_by(day).filter(proposal__in=published_on(day).values("pk"))


def _developments(ask: Ask) -> Iterator[Row]:
    ids = ask.ids()
    rows = _shown(ask.day).filter(proposal__in=ask.proposals.order_by().values("pk"))
    cited = Source.objects.filter(developments=OuterRef("development")).order_by("slug")
    columns = (
        "proposal__slug", "development__happened_on", "development__precision", "bears",
        localized("development__summary"), joined(cited.exclude(url=""), F("url")), localized("proposal__title"),
        joined(cited, F("slug")), "development__gate__slug", "development__account_side",
        "development__account_status", "development__is_occurrence", localized("development__note"),
        "development__key", "proposal_id",
    )  # fmt: skip
    ordered = rows.order_by("development__happened_on", "development_id", "id").values_list(*columns)
    for row in ordered.iterator(chunk_size=2000):
        *values, proposal = row
        if ids is None or proposal in ids:
            yield (*values, Bears(values[3]).label)


DEVELOPMENTS = Table(
    "developments",
    _("Developments"),
    _("One row for each dated, sourced fact and each proposal that it bears on."),
    (
        Column("proposal", _("Proposal (code)")),
        Column("happened_on", _("Happened on"), _("The last day it can be; see the precision.")),
        Column("precision", _("Precision (code)"), ", ".join(Precision.values)),
        Column("bearing", _("Effect (code)"), ", ".join(Bears.values)),
        Column("summary", _("Summary"), _("In our own words.")),
        Column("source_url", _("Source address"), _("Several are separated by a semicolon.")),
        Column("proposal_title", _("Proposal")),
        Column("sources", _("Sources (codes)"), _("As in the table of sources.")),
        Column("gate", _("Border gate (code)")),
        Column("account_side", _("Whose account (code)"), ", ".join(Side.values)),
        Column("account_status", _("Status that the account claims (code)"), ", ".join(Status.values)),
        Column("occurrence", _("Occurrence"), _("yes: one more time that a continuing commitment was kept.")),
        Column("note", _("Caveat")),
        Column("development", _("Development (code)"), _("The same in every row of one development.")),
        Column("bearing_label", _("Effect")),
    ),
    _developments,
    lambda day: _shown(day).count(),
)
