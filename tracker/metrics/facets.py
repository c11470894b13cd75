"""Narrow a list of records by what is computed about them, and count what each further choice would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from tracker.lamps import lamp_of
from tracker.metrics.records import Item

Chosen = Mapping[str, Collection[str]]

FACETS: dict[str, Callable[[Item], tuple[str, ...]]] = {
    "status": lambda item: (item.facts.status,),
    "schedule": lambda item: (item.standing.schedule,),
    "nature": lambda item: (item.facts.nature,),
    "theme": lambda item: (item.theme,),
    "answer": lambda item: (item.facts.answer,) if item.facts.answer else (),
    "flag": lambda item: item.standing.flags,
    "without": lambda item: item.standing.lacks,
    "lamp": lambda item: (lamp,) if (lamp := lamp_of(item.facts, item.standing)) else (),
}


def matches(item: Item, chosen: Chosen) -> bool:
    """Whether the record has, for every facet chosen, at least one of the values chosen."""
    return all(not values or any(value in values for value in FACETS[name](item)) for name, values in chosen.items())


def select(items: Iterable[Item], chosen: Chosen) -> list[Item]:
    """Keep the records that match, in their order."""
    return [item for item in items if matches(item, chosen)]


def count(items: Iterable[Item], chosen: Chosen) -> dict[str, Counter[str]]:
    """Count the values of each facet among the records that match every *other* facet chosen."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for item in items:
        failed = [name for name, values in chosen.items() if values and not matches(item, {name: values})]
        if len(failed) > 1:
            continue
        for name, values_of in FACETS.items():
            if not failed or failed == [name]:
                counts[name].update(values_of(item))
    return counts
