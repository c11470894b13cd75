"""Places for the marks and labels of a map: marks at their points, labels near them, and nothing over anything else.

All in pixels. A map is drawn at any width between two; what is placed must be free at both, so every point comes with
its place on the narrowest and on the widest drawing. Marks keep their size and labels their distance from the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, product
from math import ceil, cos, dist, hypot, pi, sin
from typing import NamedTuple

_GAP = 2.0
_PASSES = 60  # until marks that push each other apart have come to rest
# What is wrong with a place, in pixels that a leader would rather be longer
_COVERS, _CROSSES, _HIDES = 2000.0, 300.0, 120.0
_REFININGS = 3  # so often each label is placed anew among all the others
_ANGLES = 24
_REACH = 260  # what lies further from a mark does not touch its label
_KEPT = 180  # so many of the best places for a label are weighed against the other labels
_TURNS = [2 * pi * turn / _ANGLES for turn in range(_ANGLES)]
_DIRECTIONS = sorted(
    ((round(cos(turn), 6), round(sin(turn), 6)) for turn in _TURNS),
    key=lambda way: (abs(way[1]), -way[0], way[1]),
)
_RADII = (13, 18, 24, 31, 39, 49, 61, 75, 90, 107, 126, 150)


class Point(NamedTuple):
    """A place in pixels, to the right and downward."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any ground."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies within."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


class Spot(NamedTuple):
    """What is to be labelled: its mark on the narrowest and the widest drawing, and the size of its label."""

    at: tuple[Point, ...]
    width: float
    height: float


class Offset(NamedTuple):
    """Where the near end of a label's middle line lies, from its mark; the label goes on to the right or the left."""

    dx: float
    dy: float
    at_right: bool


class Sheet(NamedTuple):
    """One width of the drawing: the rectangle that holds all, those that must stay free and those that better do."""

    frame: Box
    taken: tuple[Box, ...]
    avoided: tuple[Box, ...] = ()


def spread(points: Sequence[Point], apart: float) -> list[Point]:
    """Push marks that would cover each other apart, no further than needed; the others stay where they are.

    Args:
        points: where the marks belong.
        apart: the least distance of two marks, in pixels.
    """
    places = [list(point) for point in points]
    for _pass in range(_PASSES):
        is_at_rest = True
        for one, other in combinations(range(len(places)), 2):
            (x, y), (u, v) = places[one], places[other]
            distance = hypot(u - x, v - y)
            if distance >= apart - 0.01:
                continue
            is_at_rest = False
            # two marks at one point part sideways
            east, south = ((u - x) / distance, (v - y) / distance) if distance else (1.0, 0.0)
            push = (apart - distance) / 2
            places[one] = [x - push * east, y - push * south]
            places[other] = [u + push * east, v + push * south]
        if is_at_rest:
            break
    return [Point(x, y) for x, y in places]


class _Choice(NamedTuple):
    """A place for a label with what it costs by itself, and on each width its ground and its leader."""

    cost: float
    offset: Offset
    grounds: tuple[Box, ...]
    leaders: tuple[tuple[Point, Point], ...]


@lru_cache(64)
def place(spots: Sequence[Spot], sheets: Sequence[Sheet], mark: float) -> tuple[Offset, ...]:
    """Give each spot the place of its label, as near its mark as the others leave room, on all widths at once.

    The labels are placed one after the other, in several orders, then each anew among all the others; the outcome with
    the shortest leaders and the fewest crossings is taken.

    Args:
        spots: the marks with their labels' sizes.
        sheets: the widths of the drawing, in the order of each spot's points.
        mark: half the side of the square that a mark takes.
    """
    choices = [_choices(at, spots, sheets, mark) for at in range(len(spots))]
    numbers = range(len(spots))
    orders = (
        sorted(numbers, key=lambda one: (-_crowd(spots, one), spots[one])),
        sorted(numbers, key=lambda one: spots[one].at[0].x),
        sorted(numbers, key=lambda one: -spots[one].at[0].x),
        sorted(numbers, key=lambda one: spots[one].at[0].y),
        sorted(numbers, key=lambda one: -spots[one].at[0].y),
    )
    outcomes = [_placed(choices, order) for order in orders]
    _cost, best = min(outcomes, key=lambda outcome: outcome[0])
    return tuple(best[at].offset for at in numbers)


def _placed(choices: Sequence[Sequence[_Choice]], order: Sequence[int]) -> tuple[float, dict[int, _Choice]]:
    """Place the labels in an order, then again where another place has become better; say what it costs in all."""
    placed: dict[int, _Choice] = {}
    costs: dict[int, float] = {}
    for _pass in range(1 + _REFININGS):
        before = dict(placed)
        for at in order:
            placed.pop(at, None)
            costs[at], placed[at] = _best(choices[at], list(placed.values()))
        if placed == before:
            break
    return sum(costs.values()), placed


def _best(choices: Sequence[_Choice], others: Sequence[_Choice]) -> tuple[float, _Choice]:
    """Choose what costs least; the choices come cheapest first."""
    best, least = choices[0], float("inf")
    for choice in choices:
        if choice.cost >= least:
            break
        cost = choice.cost
        for other in others:
            cost += _strife(choice, other)
            if cost >= least:
                break
        else:
            best, least = choice, cost
    return least, best


def _strife(one: _Choice, other: _Choice) -> float:
    """Say what it costs that two labels with their leaders are drawn together."""
    cost = 0.0
    for box, line, other_box, other_line in zip(one.grounds, one.leaders, other.grounds, other.leaders, strict=True):
        if abs(line[0].x - other_line[0].x) > 2 * _REACH:
            continue
        cost += _COVERS * box.meets(other_box)
        cost += _CROSSES * (_cuts(line, other_box) + _cuts(other_line, box) + _cross(line, other_line))
    return cost


def _choices(at: int, spots: Sequence[Spot], sheets: Sequence[Sheet], mark: float) -> list[_Choice]:
    """Give the places for one label, the best first, judged by all that does not move."""
    spot = spots[at]
    marks = [[_square(other.at[k], mark + _GAP) for other in spots if other is not spot] for k in range(len(sheets))]
    fixed = [_near(spot.at[k], (*sheet.taken, *marks[k])) for k, sheet in enumerate(sheets)]
    avoided = [_near(spot.at[k], sheet.avoided) for k, sheet in enumerate(sheets)]
    found = []
    for radius, (east, south) in product(_RADII, _DIRECTIONS):
        offset = Offset(round(radius * east, 1), round(radius * south, 1), east >= 0)
        grounds = tuple(ground(spot, offset, k) for k in range(len(sheets)))
        leaders = tuple((start, Point(start.x + offset.dx, start.y + offset.dy)) for start in spot.at)
        outside = sum(not sheet.frame.holds(box) for sheet, box in zip(sheets, grounds, strict=True))
        cost = radius + _COVERS * outside
        for box, line, others, hidden in zip(grounds, leaders, fixed, avoided, strict=True):
            cost += _COVERS * sum(box.meets(other) for other in others)
            cost += _CROSSES * sum(_cuts(line, other) for other in others)
            cost += _HIDES * any(box.meets(other) for other in hidden)
        found.append(_Choice(cost, offset, grounds, leaders))
    return sorted(found, key=lambda choice: choice.cost)[:_KEPT]


def _near(at: Point, boxes: Sequence[Box]) -> list[Box]:
    around = _square(at, _REACH)
    return [box for box in boxes if box.meets(around)]


def _cuts(line: tuple[Point, Point], box: Box) -> bool:
    """Whether a line enters a rectangle (after Liang and Barsky, 1984)."""
    (x, y), (u, v) = line
    enters, leaves = 0.0, 1.0
    for step, low, high in ((u - x, box.left - x, box.right - x), (v - y, box.top - y, box.bottom - y)):
        if step == 0:
            if low > 0 or high < 0:
                return False
            continue
        first, last = sorted((low / step, high / step))
        enters, leaves = max(enters, first), min(leaves, last)
    return enters < leaves


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two lines cross."""
    return _turn(*one, other[0]) * _turn(*one, other[1]) < 0 and _turn(*other, one[0]) * _turn(*other, one[1]) < 0


def _turn(start: Point, end: Point, at: Point) -> float:
    """Tell by its sign on which side of a line a point lies."""
    return (end.x - start.x) * (at.y - start.y) - (end.y - start.y) * (at.x - start.x)


def ground(spot: Spot, offset: Offset, k: int) -> Box:
    """Give the rectangle that a label takes on the k-th width."""
    x, y = spot.at[k].x + offset.dx, spot.at[k].y + offset.dy
    half = spot.height / 2 + _GAP
    return (
        Box(x - _GAP, y - half, x + spot.width, y + half)
        if offset.at_right
        else Box(x - spot.width, y - half, x + _GAP, y + half)
    )


def along(start: Point, end: Point, step: float) -> list[Point]:
    """Give points on a line, from its start and no more than a step apart."""
    count = max(1, ceil(dist(start, end) / step))
    return [
        Point(start.x + (end.x - start.x) * at / count, start.y + (end.y - start.y) * at / count) for at in range(count)
    ]


def _crowd(spots: Sequence[Spot], at: int) -> int:
    """Count the neighbours of a mark."""
    here = spots[at].at[0]
    return sum(hypot(one.at[0].x - here.x, one.at[0].y - here.y) < 90 for one in spots)


def _square(at: Point, half: float) -> Box:
    return Box(at.x - half, at.y - half, at.x + half, at.y + half)
