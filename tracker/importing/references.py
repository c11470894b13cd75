"""What rows may refer to, read once for a whole file."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from tracker.importing.drafts import RefusalError
from tracker.models import FormerAddress, Post, Proposal, Source
from tracker.models.base import SUFFIXES
from tracker.text import fold

MOST_ALLOWED = 12  # so many are all listed
FEW = 5


class Allowed:
    """Values that are allowed, to be asked again and again for those like another."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(values)
        self._folded: dict[str, str] = {}
        self._asked: dict[str, list[str]] = {}

    def nearest(self, value: str) -> list[str]:
        """Give those most like the value; the first ones where none is."""
        if len(self._values) <= MOST_ALLOWED:
            return self._values
        if value not in self._asked:
            self._asked[value] = self._near(fold(value)) or [*self._values[:FEW], "…"]
        return self._asked[value]

    def _near(self, sought: str) -> list[str]:
        if not self._folded:
            self._folded = {fold(one): one for one in reversed(self._values)}
        near = [one for one in self._folded if sought and sought in one][:FEW]
        near += [one for one in difflib.get_close_matches(sought, self._folded, FEW, 0.6) if one not in near]
        return [self._folded[one] for one in near[:FEW]]


class References:
    """Codes and ids of what rows may refer to. One query for each kind, when it is first asked for."""

    def __init__(self) -> None:
        self._ids: dict[type[Model], dict[str, int]] = {}
        self._codes: dict[type[Model], dict[int, str]] = {}
        self._allowed: dict[Any, Allowed] = {}

    def ids(self, model: type[Model]) -> dict[str, int]:
        """Give the ids of a kind by code."""
        if model not in self._ids:
            self._ids[model] = dict(model._default_manager.order_by().values_list("slug", "pk"))
            self._codes[model] = {pk: code for code, pk in self._ids[model].items()}
        return self._ids[model]

    def code(self, model: type[Model], pk: int | None) -> str:
        """Give the code of a record; nothing for none."""
        self.ids(model)
        return "" if pk is None else self._codes[model].get(pk, "")

    def find(self, model: type[Model], code: str) -> int:
        """Give the id behind a code.

        Raises:
            RefusalError: with the codes that are most like it.
        """
        known = self.ids(model)
        if code in known:
            return known[code]
        if model is Proposal and code in self._merged:
            raise RefusalError(_("This proposal was merged into another; use its code."), [self._merged[code]])
        raise RefusalError(
            _("There is no %(kind)s with this code.") % {"kind": model._meta.verbose_name},
            self._like(code, model, known),
        )

    def _like(self, value: str, kind: Any, known: Iterable[str]) -> list[str]:
        if kind not in self._allowed:
            self._allowed[kind] = Allowed(known)
        return self._allowed[kind].nearest(value)

    @cached_property
    def _merged(self) -> dict[str, str]:
        return dict(FormerAddress.objects.values_list("slug", "proposal__slug"))

    def merged_into(self, code: str) -> str:
        """Give the code of the proposal that took the place of one of this code; nothing if none did."""
        return self._merged.get(code, "")

    @cached_property
    def _sources(self) -> dict[int, tuple[str, str]]:
        return {pk: (document, url) for pk, document, url in Source.objects.values_list("pk", "document", "url")}

    def source_name(self, pk: int | None, kind: str) -> str:
        """Give the document or the address of a source."""
        names = self._sources.get(pk or 0, ("", ""))
        return names[kind != "document"]

    @cached_property
    def _source_by_name(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for pk, (document, url) in self._sources.items():
            found["document", document].append(pk)
            found["source_url", url].append(pk)
        return found

    def find_source(self, kind: str, name: str) -> int:
        """Give the source with this document or address.

        Raises:
            RefusalError: if there is none, or more than one.
        """
        found = self._source_by_name.get((kind, name), [])
        if len(found) == 1:
            return found[0]
        if found:
            codes = [self.code(Source, pk) for pk in found]
            raise RefusalError(_("Several sources have this; say in the column “source” which is meant."), codes)
        known = [name for held, name in self._source_by_name if held == kind and name]
        raise RefusalError(_("No source has this; enter the source first."), self._like(name, kind, known))

    @cached_property
    def _posts(self) -> list[dict[str, Any]]:
        names = [f"{path}_{suffix}" for path in ("person__name", "title") for suffix in SUFFIXES]
        return list(Post.objects.values("pk", "organization_id", *names))

    def post_name(self, pk: int | None, path: str, suffix: str) -> str:
        """Give the name of the speaker or the title of a post in a language, or in English; nothing for none."""
        row = self._post_rows.get(pk or 0, {})
        return row.get(f"{path}_{suffix}") or row.get(f"{path}_en") or ""

    @cached_property
    def _post_rows(self) -> dict[int, dict[str, Any]]:
        return {row["pk"]: row for row in self._posts}

    def find_post(self, speaker: str, title: str, organization: int | None) -> int:
        """Give the post that a speaker held, by names in any language.

        Raises:
            RefusalError: if there is none, or more than one.
        """
        known = [row for row in self._posts if _is_called(row, "person__name", speaker)]
        if not known:
            names = {row["person__name_en"] for row in self._posts}
            raise RefusalError(_("There is no speaker of this name."), self._like(speaker, "speaker", names))
        found = [row for row in known if not title or _is_called(row, "title", title)]
        if len(found) > 1:
            found = [row for row in found if row["organization_id"] == organization] or found
        if len(found) == 1:
            return found[0]["pk"]
        titles = sorted({row["title_en"] for row in known})
        reason = _("The speaker held several such posts.") if found else _("The speaker has no such post.")
        raise RefusalError(reason, titles, column="post" if title else "speaker")


def _is_called(row: dict[str, Any], path: str, name: str) -> bool:
    return fold(name) in {fold(row[f"{path}_{suffix}"] or "") for suffix in SUFFIXES}
