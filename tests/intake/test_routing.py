"""Which center owns a point: always exactly one, and inside an area the deepest center of that area."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box, mapping, shape

import tocsin.centers
from tocsin.centers.network import Network, Place

FILE = Path(tocsin.centers.__file__).parent / "network.json"
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
near = st.tuples(st.floats(-35, -22), st.floats(16, 33))


def south_africa() -> Network:
    rows = json.loads(FILE.read_text())
    ids = {row["code"]: n for n, row in enumerate(rows, start=1)}
    return Network(
        Place(
            ids[r["code"]], r["code"], r["name_en"], r["name_zh"], ids.get(r["parent"]), r["lat"], r["lon"], r["area"]
        )
        for r in rows
    )


NETWORK = south_africa()
SHAPES = {p.id: shape(p.area) for p in NETWORK.places.values() if p.area}


@given(st.lists(st.tuples(latitudes, longitudes), max_size=20))
def test_every_point_on_earth_has_exactly_one_owner(points: list[tuple[float, float]]) -> None:
    owners = NETWORK.owners(points)
    assert len(owners) == len(points)
    assert all(owner in NETWORK.places for owner in owners)


@settings(max_examples=400)
@given(near)
def test_inside_of_an_area_it_is_the_deepest_center_whose_area_holds_the_point(point: tuple[float, float]) -> None:
    where = Point(point[1], point[0])
    assume(all(area.boundary.distance(where) > 1e-6 for area in SHAPES.values()))
    holding = [center for center, area in SHAPES.items() if area.contains(where)]
    assume(holding)
    [owner] = NETWORK.owners([point])
    assert owner in holding
    assert NETWORK.depth[owner] == max(NETWORK.depth[center] for center in holding)


@given(st.lists(near, min_size=1, max_size=30))
def test_a_point_is_owned_by_the_same_center_alone_and_among_others(points: list[tuple[float, float]]) -> None:
    assert NETWORK.owners(points) == [NETWORK.owners([point])[0] for point in points]


@given(latitudes, longitudes, st.sampled_from([None, 10**9, *NETWORK.places]))
def test_an_owner_is_found_whatever_is_known(lat: float, lon: float, own: int | None) -> None:
    assert NETWORK.owner(lat, lon, own) in NETWORK.places
    assert NETWORK.owner(None, None, own) == (own if own in NETWORK.places else NETWORK.root)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A tree of up to eight centers; areas are boxes, overlapping as they come; some centers have none."""
    places = []
    for n in range(1, draw(st.integers(1, 8)) + 1):
        parent = draw(st.integers(1, n - 1)) if n > 1 else None
        west, south = draw(st.integers(-9, 9)), draw(st.integers(-9, 9))
        wide, high = draw(st.integers(1, 6)), draw(st.integers(1, 6))
        area: Any = mapping(box(west, south, west + wide, south + high)) if n > 1 and draw(st.booleans()) else None
        places.append(Place(n, f"C{n}", f"C{n}", f"C{n}", parent, south + 0.5, west + 0.5, area))
    return Network(places)


@given(networks(), st.integers(-12, 12), st.integers(-12, 12))
def test_in_any_network_any_point_has_one_owner_and_the_deepest_area_wins(made: Network, x: int, y: int) -> None:
    lat, lon = y + 0.25, x + 0.25  # never on a border
    owner = made.owner(lat, lon, None)
    assert owner in made.places
    holding = [p.id for p in made.places.values() if p.area and shape(p.area).contains(Point(lon, lat))]
    if holding:
        assert owner in holding
        assert made.depth[owner] == max(made.depth[center] for center in holding)


@given(networks())
def test_the_line_from_any_center_ends_at_the_root(made: Network) -> None:
    for center in made.places:
        line = made.line(center)
        assert line[0] == center
        assert line[-1] == made.root
        assert len(line) == len(set(line))


def test_a_loop_in_the_data_ends_instead_of_hanging_us() -> None:
    looped = Network([Place(1, "A", "A", "A", 2, 0, 0), Place(2, "B", "B", "B", 1, 1, 1)])
    assert looped.line(1) == [1, 2]


def test_known_places() -> None:
    codes = {
        (-25.7479, 28.2293): "PTA",
        (-26.2041, 28.0473): "JNB",
        (-33.9249, 18.4241): "CPT",
        (-29.8587, 31.0218): "DUR",
        (-28.7282, 24.7499): "NC",
        (-33.96, 25.61): "EC",
        (-24.65, 25.91): "NW",  # Gaborone, abroad: the nearest
    }
    assert [NETWORK.places[c].code for c in NETWORK.owners(list(codes))] == list(codes.values())


def test_a_network_read_without_areas_does_not_guess_who_owns_a_point() -> None:
    told = Network([Place(1, "A", "A", "A", None, 0, 0), Place(2, "B", "B", "B", 1, 1, 1)], areas=False)
    assert (told.owner(None, None, 2), told.line(2)) == (2, [2, 1])
    with pytest.raises(LookupError, match="without its areas"):
        told.owners([(1.0, 1.0)])
