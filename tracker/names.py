"""Names that filters offer and search knows, and the kinship of organizations. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.choices import OrganizationKind, Side


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that filters offer: id, slug, label, folded names, and its kin where it is an organization."""

    id: int
    slug: str
    label: str
    search_text: str
    parent: int | None = None
    successor: int | None = None
    side: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a register's filters offer, read once for a request."""

    themes: tuple[Named, ...]
    organizations: tuple[Named, ...]
    meetings: tuple[Named, ...]
    gates: tuple[Named, ...]

    def named(self, folded: str) -> tuple[Named, ...]:
        """Give the organizations and gates that a folded search text names, in whatever language."""
        things = (*self.organizations, *self.gates)
        return tuple(thing for thing in things if folded in thing.search_text.split(" | "))


def family(organizations: Iterable[Named], slugs: Iterable[str]) -> set[int]:
    """Give the ids of the organizations named, of all that belongs to them and of those they succeeded."""
    organizations = tuple(organizations)
    wanted = set(slugs)
    found = {one.id for one in organizations if one.slug in wanted}
    while True:
        more = {one.id for one in organizations if one.parent in found or one.successor in found} - found
        if not more:
            return found
        found |= more


def units(organizations: Iterable[Named]) -> dict[int, Named]:
    """Give, for each organization's id, the unit that counts between the two sides.

    That is the state for Vietnam, the province for China (whatever belongs to it included), and a joint body itself.
    """
    by_id = {one.id: one for one in organizations}

    def unit(one: Named) -> Named:
        passed: set[int] = set()  # two bodies entered as each other's parent must not take the page down
        while one.id not in passed:
            passed.add(one.id)
            parent = by_id.get(one.parent) if one.parent is not None else None
            if parent is None or one.side == Side.JOINT:
                return one
            if one.side == Side.CHINA and parent.kind == OrganizationKind.STATE:
                return one
            one = parent
        return one

    return {one.id: unit(one) for one in by_id.values()}
