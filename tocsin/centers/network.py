"""The network in memory: which center owns a point, and who its parents and children are. Pure; no database."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from math import cos, radians
from typing import Any, NamedTuple, Self

import shapely
from shapely import STRtree
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

# Distances are compared, never shown, so a flat plane with longitudes shrunk as at the middle of the network will do.
MIDDLE = cos(radians(-28.5))


class Place(NamedTuple):
    """A center as routing sees it."""

    id: int
    code: str
    name_en: str
    name_zh: str
    parent: int | None
    lat: float
    lon: float
    area: dict[str, Any] | None = None

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en


def _flat(place: Place) -> BaseGeometry:
    """Its area, or its point, on the plane on which distances are compared."""
    where = shape(place.area) if place.area else Point(place.lon, place.lat)
    return shapely.transform(where, lambda xy: xy * (MIDDLE, 1))


class Family:
    """Whose child each center is."""

    def __init__(self, parents: dict[int, int | None]) -> None:
        self.parents = parents

    def line(self, center: int | None) -> list[int]:
        """The center and its parents up to the root; a loop in the data ends the line instead of hanging us."""
        line: list[int] = []
        while center in self.parents and center not in line:
            line.append(center)
            center = self.parents[center]
        return line

    def below(self, center: int) -> set[int]:
        """The center and all its children, theirs and so on."""
        return {p for p in self.parents if center in self.line(p)}


class Network(Family):
    """All centers. `owner` never fails while there is one center: area, else nearest, else own, else root.

    Without `areas` it knows whose child each center is, and does not say who owns a point.
    """

    def __init__(self, places: Iterable[Place], areas: bool = True) -> None:
        self.areas = areas
        self.places = {p.id: p for p in places}
        super().__init__({p.id: p.parent for p in self.places.values()})
        self.by_code = {p.code: p for p in self.places.values()}
        roots = [p.id for p in self.places.values() if p.parent not in self.places]
        self.root = min(roots, default=None)
        with_area = [p for p in self.places.values() if p.area]
        # A center without an area is still reachable as a point, but the root only as the last resort.
        self._ids = [p.id for p in with_area] + [p.id for p in self.places.values() if not p.area and p.id != self.root]

    @cached_property
    def depth(self) -> dict[int, int]:
        """1 for a root, 2 for its children and so on."""
        return {p: len(self.line(p)) for p in self.places}

    @cached_property
    def _tree(self) -> STRtree:
        if not self.areas:
            raise LookupError("this network was read without its areas: ask intake's who owns a point")
        return STRtree([_flat(self.places[i]) for i in self._ids])

    def ready(self) -> Self:
        """So that the first question waits for nothing."""
        self._tree  # noqa: B018 - made by being asked for
        return self

    def owner(self, lat: float | None, lon: float | None, own: int | None) -> int:
        """The id of the center that owns an alarm at this point (None: no usable fix) of a member of center `own`."""
        if lat is not None and lon is not None:
            return self.owners([(lat, lon)])[0] or self._without_fix(own)
        return self._without_fix(own)

    def owners(self, points: Sequence[tuple[float, float]]) -> list[int]:
        """For many points (lat, lon) at once: the deepest center whose area holds it, else the nearest; 0 if none."""
        found = [0] * len(points)
        if self._ids and points:
            where = shapely.points([(lon * MIDDLE, lat) for lat, lon in points])
            # Distance 0 for every area that holds the point: of those, and of equally near ones, the deepest counts.
            for point, area in self._tree.query_nearest(where).T.tolist():
                center = self._ids[area]
                if not found[point] or (self.depth[center], -center) > (self.depth[found[point]], -found[point]):
                    found[point] = center
        return found

    def _without_fix(self, own: int | None) -> int:
        if own in self.places:
            return own
        if self.root is None:
            raise LookupError("There is no center yet: add one before taking alarms")
        return self.root


def family() -> Family:
    """Whose child each center is, as the database has it now: all that roles need."""
    from tocsin.centers.models import Center

    return Family(dict(Center.objects.values_list("id", "parent_id")))


def load() -> Network:
    """The network as the database has it now, without the areas: they are most of its bytes, and intake alone, which
    has a network of its own (`intake/registry.py`), asks who owns a point.
    """
    from tocsin.centers.models import Center

    rows = Center.objects.values_list("id", "code", "name_en", "name_zh", "parent_id", "lat", "lon")
    return Network((Place(*row) for row in rows), areas=False)
