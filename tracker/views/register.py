"""The register: what a visitor asked for, one page of it, and how many each further choice would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from tracker.charts import shared, timeline
from tracker.choices import Flag, Role, Side
from tracker.filters import RegisterFilter
from tracker.happenings import precisions_of
from tracker.lamps import lamp_of
from tracker.metrics import counts, facets
from tracker.metrics.records import Item
from tracker.office import thresholds
from tracker.querysets import ORDERINGS, ProposalQuerySet, involvements_of, vocabulary
from tracker.tables import Page, ProposalTable
from tracker.views.figures import unknown_of
from tracker.views.shared import Day, dated, faults, page, page_number, sort_of, unknown_names

PER_PAGE = 50
NEWEST_FIRST = "-last_raised"


@dataclass(slots=True)
class Selection:
    """What the address asks for: the filters, the rows in the database, and what is chosen of the computed facets."""

    filters: RegisterFilter
    sort: str
    problems: list[str] = field(default_factory=list)

    @property
    def rows(self) -> ProposalQuerySet:
        """The rows that the database can choose, in order, with their facts; none if the request is wrong."""
        found: ProposalQuerySet = self.filters.qs if not self.problems else self.filters.queryset.none()
        return found.with_facts(self.filters.day, self.filters.between).in_order_of(self.sort)

    @property
    def chosen(self) -> facets.Chosen:
        """What is chosen of the computed facets."""
        return self.filters.chosen


def selection(request: HttpRequest, day: Day) -> Selection:
    """Read the register's filters and order from the address. Four queries."""
    sort = sort_of(request, ORDERINGS, NEWEST_FIRST)
    filters = RegisterFilter(request.GET, vocabulary=vocabulary(day.shown), day=day.shown)
    return Selection(filters, sort, [*faults(filters), *unknown_names(request, filters)])


@dated
def register(request: HttpRequest, day: Day) -> HttpResponse:
    """Show the proposals that the address asks for; only the results when HTMX asks."""
    chosen = selection(request, day)
    items = list(chosen.rows.items(day.shown, thresholds()))
    kept = facets.select(items, chosen.chosen)
    table = ProposalTable(Page(kept, lambda some: _completed(chosen.filters, some, day)), order_by=chosen.sort)
    number = page_number(request, len(kept), PER_PAGE)
    RequestConfig(request, paginate={"per_page": PER_PAGE, "page": number}).configure(table)
    pages = Paginator(kept, PER_PAGE).page(number)
    context = {
        "filters": chosen.filters,
        "problems": chosen.problems,
        "facets": chosen.filters.facets(facets.count(items, chosen.chosen)),
        "selects": chosen.filters.selects(),
        "tokens": tokens(request, chosen.filters),
        "table": table,
        "count": len(kept),
        "pages": pages,
        "numbers": pages.paginator.get_elided_page_range(number),
        "timeline": _timeline(day, list(pages.object_list)),
        "unknown": unknown_of(kept, _unverified_among(request)),
        "brief_address": _brief_with(chosen, day),
    }
    results_only = bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "tracker/_register_results.html" if results_only else "tracker/register.html"
    response = page(request, template, day, context, status=400 if chosen.problems else 200)
    patch_vary_headers(response, ["HX-Request"])  # else a browser going back may show the part as the page
    return response


def _brief_with(chosen: Selection, day: Day) -> str:
    """Give the address of the brief where the filters name one organization of the other side; else none."""
    named = chosen.filters.data.getlist("organization")
    across = [one for one in chosen.filters.vocabulary.organizations if one.slug in named and one.side == Side.CHINA]
    if len(named) != 1 or not across:
        return ""
    return reverse("brief") + day.query(counterpart=across[0].slug)


def _unverified_among(request: HttpRequest) -> str:
    """Give the address of the unverified ones among the rows asked for; none where a flag has been chosen already."""
    if request.GET.get("flag"):
        return ""
    query = request.GET.copy()
    query.pop("page", None)
    query["flag"] = Flag.UNVERIFIED
    return f"?{query.urlencode()}"


def _completed(filters: RegisterFilter, items: Sequence[Item], day: Day) -> list[dict[str, Any]]:
    """Add to each row of a page who is involved, its lamp, and how finely its days are known. Three queries."""
    labels = {one.id: one for one in filters.vocabulary.organizations}
    ids = [item.id for item in items]
    involved: dict[tuple[int, str], list] = {}
    for proposal, organization, role in involvements_of(ids):
        involved.setdefault((proposal, role), []).append(labels[organization])
    said, happened = precisions_of(ids, day.shown)
    return [
        {
            "item": item,
            "lamp": lamp_of(item.facts, item.standing),
            "raised_precision": said.get((item.id, item.facts.last_raised), "day"),
            "evidence_precision": happened.get((item.id, item.facts.last_development), "day"),
        }
        | {role.value: involved.get((item.id, role.value), []) for role in Role}
        for item in items
    ]


def _timeline(day: Day, items: Sequence[Item]) -> shared.Chart:
    bars = list(counts.timeline_bars(items))
    drawn = (bars, day.shown, lambda slug: day.page("proposal", slug))
    return shared.chart(
        "timeline",
        title=_("Time line"),
        question=_("Since when has each stood open, and which deadlines have passed? The proposals of this page."),
        figure=timeline.timeline(*drawn),
        twin=timeline.timeline_table(*drawn),
    )


def tokens(request: HttpRequest, filters: RegisterFilter) -> list[dict[str, str]]:
    """Give each filter in force with its words and the address without it."""
    tokens = []
    for name, one in filters.filters.items():
        labels = dict(one.extra.get("choices", ()))
        for value in Counter(filter(None, request.GET.getlist(name))):
            without = request.GET.copy()
            without.setlist(name, [other for other in request.GET.getlist(name) if other != value])
            without.pop("page", None)
            words = f"{one.label}: {labels.get(value, value)}"
            tokens.append({"label": words, "href": f"?{without.urlencode()}"})
    return tokens
