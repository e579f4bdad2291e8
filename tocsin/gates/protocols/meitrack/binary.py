"""Meitrack's binary records, little endian. Sources: GPRS Protocol V1.7 (CCC), T1/T333 GPRS Protocol V1.4 (CCE).

CCC: version 2, record length 2, records kept back 4; records of event 1, lat 4, lon 4, time 4, fix 1, satellites 1,
signal 1, km/h 2, course 2, hdop x 10 2, metres 2, …
CCE: records kept back 4, records 2; each: length 2, parameters 2, then four groups (of 1, 2, 4 and n bytes): how many
1, and each a number (1, or FE and 1) and its value. Times are seconds since 2000.
"""

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.gates.protocols.fields import unix

_Y2000 = 946_684_800
_FIXED = struct.Struct("<BiiIBBBHHHh")


class Fix(NamedTuple):
    """A report: degrees, km/h, degrees from north, metres, battery 0..1."""

    event: int
    lat: float | None
    lon: float | None
    at: datetime | None
    valid: bool
    kmh: float | None
    course: float | None
    altitude: float | None
    battery: float | None


def fixed(data: bytes) -> Iterator[Fix]:
    """CCC."""
    size = int.from_bytes(data[2:4], "little")
    if size < _FIXED.size:
        return
    for spot in range(8, len(data) - size + 1, size):
        event, lat, lon, time, fix, _sats, _gsm, kmh, course, _hdop, metres = _FIXED.unpack_from(data, spot)
        valid = fix in (1, 0x41)
        yield Fix(
            event, lat / 1e6, lon / 1e6, unix(_Y2000 + time), valid, float(kmh), float(course), float(metres), None
        )


def tagged(data: bytes) -> Iterator[Fix]:
    """CCE. A record that ends too early gives what it holds."""
    spot = 6
    for _ in range(int.from_bytes(data[4:6], "little")):
        size = int.from_bytes(data[spot : spot + 2], "little")
        if not size or spot + 2 >= len(data):
            return
        yield _tagged(_values(data[spot + 2 : spot + 2 + size]))
        spot += 2 + size


def _values(record: bytes) -> dict[int, bytes]:
    values: dict[int, bytes] = {}
    spot = 2
    for width in (1, 2, 4, 0):
        count = record[spot] if spot < len(record) else 0
        spot += 1
        for _ in range(count):
            extended = record[spot : spot + 1] == b"\xfe"
            number = int.from_bytes(record[spot : spot + 1 + extended], "big")
            spot += 1 + extended
            size = width
            if not width:
                size = record[spot] if spot < len(record) else 0
                spot += 1
            value = record[spot : spot + size]
            spot += size
            if not value or len(value) < size:
                return values
            if width:  # of those of n bytes none is needed: radio cells, tags, cameras
                values[number] = value
    return values


def _tagged(values: dict[int, bytes]) -> Fix:
    def number(key: int, signed: bool = False) -> int | None:
        value = values.get(key)
        return None if value is None else int.from_bytes(value, "little", signed=signed)

    lat, lon, time, metres = number(2, True), number(3, True), number(4), number(0x0B, True)
    kmh, course, percent = number(8), number(9), number(0xFE69)
    event = number(1)
    return Fix(
        event if event is not None else number(0x40) or 0,
        None if lat is None else lat / 1e6,
        None if lon is None else lon / 1e6,
        None if time is None else unix(_Y2000 + time),
        number(5) == 1,
        None if kmh is None else float(kmh),
        None if course is None else float(course),
        None if metres is None else float(metres),
        percent / 100 if percent is not None and percent <= 100 else None,
    )
