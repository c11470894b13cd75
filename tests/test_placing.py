"""Places for the marks and labels of the map."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from tracker.charts.placing import Box, Point, Sheet, Spot, along, ground, place, spread

MARK = 6.5


def spot(x, y, times=1.0, width=60, height=28):
    return Spot((Point(x, y), Point(x * times, y * times)), width, height)


def sheets(times=1.0, taken=(), avoided=()):
    return (Sheet(Box(0, 0, 600, 400), taken, avoided), Sheet(Box(0, 0, 600 * times, 400 * times), taken, avoided))


def grounds(spots, offsets, k):
    return [ground(spot, offset, k) for spot, offset in zip(spots, offsets, strict=True)]


# --- marks ---------------------------------------------------------------------------------------------------------


def test_marks_with_room_stay_exactly_where_they_belong():
    points = [Point(0, 0), Point(15, 0), Point(100, 50)]
    assert spread(points, 15) == points


@pytest.mark.parametrize(
    ("points", "places"),
    [
        ([Point(0, 0), Point(10, 0)], [Point(-2, 0), Point(12, 0)]),
        ([Point(5, 5), Point(5, 5)], [Point(-2, 5), Point(12, 5)]),  # at one point: sideways
        ([Point(0, 0), Point(0, 4)], [Point(0, -5), Point(0, 9)]),
    ],
)
def test_two_marks_part_by_no_more_than_they_must(points, places):
    for found, place_ in zip(spread(points, 14), places, strict=True):
        assert found == pytest.approx(place_, abs=0.01)


def test_a_crowd_of_marks_comes_apart():
    crowd = [Point(100 + 3 * at, 100 + 2 * (at % 3)) for at in range(8)]
    assert all(dist(one, other) > 13.9 for one, other in combinations(spread(crowd, 14), 2))


# --- labels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1.0, 1.4])
def test_labels_of_a_crowd_cover_nothing_on_the_narrowest_and_on_the_widest_drawing(times):
    spots = tuple(spot(250 + 16 * (at % 4), 180 + 16 * (at // 4), times) for at in range(10))
    taken = (Box(150, 100, 230, 130),)
    offsets = place(spots, sheets(times, taken), MARK)
    for k, sheet in enumerate(sheets(times, taken)):
        boxes = grounds(spots, offsets, k)
        marks = [Box(one.at[k].x - MARK, one.at[k].y - MARK, one.at[k].x + MARK, one.at[k].y + MARK) for one in spots]
        assert not any(one.meets(other) for one, other in combinations([*boxes, *taken], 2))
        assert not any(box.meets(mark) for box in boxes for mark in marks)
        assert all(sheet.frame.holds(box) for box in boxes)


def test_a_label_alone_stands_right_beside_its_mark():
    (offset,) = place((spot(100, 100),), sheets(), MARK)
    assert (offset.dx, offset.dy, offset.at_right) == (13, 0, True)


def test_a_label_at_the_right_edge_stands_at_the_left_of_its_mark():
    (offset,) = place((spot(590, 100),), sheets(), MARK)
    assert (offset.dx, offset.at_right) == (-13, False)


def test_a_label_keeps_off_what_it_better_leaves_free_if_there_is_room():
    line = (Box(100, 98, 200, 102),)
    (offset,) = place((spot(100, 100),), sheets(avoided=line), MARK)
    assert not any(ground(spot(100, 100), offset, 0).meets(box) for box in line)


def test_no_leader_crosses_another():
    spots = tuple(spot(300 + 24 * at, 200 + 5 * at) for at in range(6))
    offsets = place(spots, sheets(), MARK)
    leaders = [
        [
            at
            for at in along(one.at[0], Point(one.at[0].x + to.dx, one.at[0].y + to.dy), 1)
            if dist(at, one.at[0]) > MARK
        ]
        for one, to in zip(spots, offsets, strict=True)
    ]
    assert not any(dist(a, b) < 1 for one, other in combinations(leaders, 2) for a in one for b in other)


def test_points_along_a_line_leave_no_gap():
    assert along(Point(0, 0), Point(10, 0), 4) == [Point(0, 0), Point(10 / 3, 0), Point(20 / 3, 0)]
    assert along(Point(3, 3), Point(3, 3), 4) == [Point(3, 3)]
