"""Make the outline that the map of the land frontier is drawn upon.

The outline comes from Natural Earth (public domain, 1:10 million), as the npm package world-atlas carries it in
TopoJSON. Nothing else is needed to make it again:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python manage.py make_outline package/countries-10m.json

The result is small and stays with the charts; neither the server nor the browser reads the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

Point = tuple[float, float]
Line = list[Point]

OUTLINE = Path(__file__).resolve().parents[2] / "charts" / "frontier.json"
BOX = (101.3, 20.3, 109.2, 24.5)  # west, south, east, north: the land border and little more
CHINA, VIETNAM = "156", "704"  # ISO 3166-1 numeric, as the package names its countries
TOLERANCE = 0.006  # degrees, about 600 m: half a pixel on the widest drawing
LICENCE = "Natural Earth 1:10m, public domain; by way of the npm package world-atlas 2.0.2 (ISC), countries-10m.json"


class Command(BaseCommand):
    """Cut the frontier out of a file of the world's countries."""

    help = "Make tracker/charts/frontier.json from countries-10m.json of the npm package world-atlas."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to read and where to write."""
        parser.add_argument("countries", type=Path, help="countries-10m.json of the npm package world-atlas")
        parser.add_argument("--output", type=Path, default=OUTLINE)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, cut, simplify, write."""
        try:
            raw = options["countries"].read_bytes()
            outline = outline_of(json.loads(raw))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{options['countries']} is not countries-10m.json of world-atlas: {error}") from None
        origin = {"origin": LICENCE, "made_by": "manage.py make_outline", "read_sha256": sha256(raw).hexdigest()}
        text = json.dumps(origin | outline, separators=(",", ":"))
        options["output"].write_text(text + "\n", "utf-8")
        self.stdout.write(f"{options['output'].name}: {len(text)} bytes")


def outline_of(topology: dict[str, Any]) -> dict[str, Any]:
    """Give the land of each side, the border between the two, the other borders and the coast, within the box."""
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    countries = {one.get("id"): _rings(one) for one in topology["objects"]["countries"]["geometries"]}
    owners: dict[int, set[str]] = {}
    for country, rings in countries.items():
        for number in (number for ring in rings for number in ring):
            owners.setdefault(number if number >= 0 else ~number, set()).add(country)
    lines: dict[str, list[Line]] = {"border": [], "other_borders": [], "coast": []}
    for number, those in owners.items():
        kind = "border" if those == {CHINA, VIETNAM} else "other_borders" if len(those) > 1 else "coast"
        lines[kind] += [simplified(piece, TOLERANCE) for piece in cut_line(arcs[number])]
    land = {
        name: [
            simplified(piece, TOLERANCE) for ring in countries[code] if len(piece := cut_ring(_joined(ring, arcs))) > 3
        ]
        for name, code in (("vietnam", VIETNAM), ("china", CHINA))
    }
    kept = {kind: _chained(pieces) for kind, pieces in lines.items()}
    return {"box": BOX, **{name: [_rounded(line) for line in group] for name, group in (land | kept).items()}}


def _degrees(arc: Sequence[Sequence[int]], transform: dict[str, Any]) -> Line:
    """Undo the package's delta coding."""
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    line, x, y = [], 0, 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        line.append((x * scale_x + shift_x, y * scale_y + shift_y))
    return line


def _rings(geometry: dict[str, Any]) -> list[list[int]]:
    """Give the outer rings of a country; lakes and enclaves do not matter here."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [polygon[0] for polygon in polygons]


def _joined(ring: Sequence[int], arcs: Sequence[Line]) -> Line:
    points: Line = []
    for number in ring:
        points += arcs[number] if number >= 0 else reversed(arcs[~number])
    return points


def _edges() -> Iterator[tuple[int, float, int]]:
    """Give each side of the box: axis, bound, and +1 where what is greater lies inside."""
    west, south, east, north = BOX
    yield from ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1))


def _crossing(one: Point, other: Point, axis: int, bound: float) -> Point:
    share = (bound - one[axis]) / (other[axis] - one[axis])
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def cut_ring(ring: Sequence[Point]) -> Line:
    """Cut a ring down to the box (Sutherland and Hodgman)."""
    points = list(ring)
    for axis, bound, sign in _edges():
        kept: Line = []
        for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
            was_in, is_in = ((one[axis] - bound) * sign >= 0 for one in (before, point))
            if was_in != is_in:
                kept.append(_crossing(before, point, axis, bound))
            if is_in:
                kept.append(point)
        points = kept
    return [*points, points[0]] if points else []


def cut_line(line: Sequence[Point]) -> list[Line]:
    """Cut a line into the pieces that lie within the box."""
    pieces = [list(line)]
    for axis, bound, sign in _edges():
        pieces = [part for piece in pieces for part in _inside(piece, axis, bound, sign)]
    return [piece for piece in pieces if len(piece) > 1]


def _inside(line: Line, axis: int, bound: float, sign: int) -> Iterator[Line]:
    piece: Line = []
    before: Point | None = None
    for point in line:
        is_in = (point[axis] - bound) * sign >= 0
        if before is not None and ((before[axis] - bound) * sign >= 0) != is_in:
            piece.append(_crossing(before, point, axis, bound))
        if is_in:
            piece.append(point)
        elif piece:
            yield piece
            piece = []
        before = point
    if piece:
        yield piece


def _chained(pieces: list[Line]) -> list[Line]:
    """Join lines that end where another begins."""
    left, chains = list(pieces), []
    while left:
        chain = left.pop()
        while following := next((one for one in left if chain[-1] in (one[0], one[-1])), None):
            left.remove(following)
            chain = chain + (following[1:] if following[0] == chain[-1] else following[-2::-1])
        chains.append(chain)
    return chains


def simplified(line: Sequence[Point], tolerance: float) -> Line:
    """Leave out what strays from the line by less than the tolerance (Douglas and Peucker)."""
    kept = {0, len(line) - 1}
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        strays = [(_distance(line[at], line[first], line[last]), at) for at in range(first + 1, last)]
        if strays and max(strays)[0] > tolerance:
            middle = max(strays)[1]
            kept.add(middle)
            waiting += [(first, middle), (middle, last)]
    return [line[at] for at in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Give the distance of a point from a stretch."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    off = (point[0] - start[0], point[1] - start[1])
    share = max(0.0, min(1.0, (off[0] * along[0] + off[1] * along[1]) / length)) if length else 0.0
    return ((off[0] - share * along[0]) ** 2 + (off[1] - share * along[1]) ** 2) ** 0.5


def _rounded(line: Line) -> list[list[float]]:
    return [[round(x, 3), round(y, 3)] for x, y in line]
