"""How rows show on the pages: columns, headings, ordering. The export has its own columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableData

from tracker.metrics.records import Item


class Page(TableData):
    """Rows that are already chosen and in order; the rest of what a row shows is read for one page only."""

    def __init__(self, items: Sequence[Item], complete: Callable[[Sequence[Item]], list[dict[str, Any]]]) -> None:
        super().__init__(items)
        self._complete = complete

    def __getitem__(self, key: Any) -> Any:
        """Read a page of rows."""
        return self._complete(self.data[key])

    def __len__(self) -> int:
        """Count all rows, not those of a page."""
        return len(self.data)

    def order_by(self, aliases: Any) -> None:
        """Leave the rows as they are: the query has put them in order."""


class ProposalTable(tables.Table):
    """The register."""

    title = tables.TemplateColumn(
        template_name="tracker/columns/_title.html", verbose_name=_("Proposal"), attrs={"td": {"class": "title"}}
    )
    status = tables.TemplateColumn(template_name="tracker/columns/_status.html", verbose_name=_("Status"))
    lamp = tables.TemplateColumn(template_name="tracker/columns/_lamp.html", verbose_name=_("Lamp"), orderable=False)
    parties = tables.TemplateColumn(
        template_name="tracker/columns/_parties.html", verbose_name=_("Who asked whom"), orderable=False
    )
    last_raised = tables.TemplateColumn(template_name="tracker/columns/_raised.html", verbose_name=_("Last raised"))
    times_raised = tables.TemplateColumn(
        template_name="tracker/columns/_times.html", verbose_name=_("Raised · answered")
    )
    deadline = tables.TemplateColumn(template_name="tracker/columns/_deadline.html", verbose_name=_("Deadline"))
    last_development = tables.TemplateColumn(
        template_name="tracker/columns/_evidence.html", verbose_name=_("Last evidence")
    )

    class Meta:
        template_name = "tracker/_table.html"
        attrs = {"class": "data cards-on-phone"}
        order_by_field = "sort"
        orderable = True
