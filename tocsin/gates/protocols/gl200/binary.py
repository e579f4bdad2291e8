"""Queclink's HEX report format. Source: @Track air interface protocols, HEX format (GB100, GV series).

Which fields a report has depends on a mask and the model, so a place is found by what it is: longitude and latitude
x 10^6 (4 bytes each) with a time behind them; before them km/h (2 and a tenth 1), degrees 2, metres 2.
Report 64 (hex) holds a track instead, a point a second, compressed.
"""

import struct
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.gates.protocols.fields import place, unix
from tocsin.gates.signal import Position

BUFFERED = (b"+BSP", b"+BVT", b"+BNF", b"+BRD")
# Where the identity (8 bytes) stands.
_IDENTITY = {b"+ACK": 12, b"+HBD": 11, b"+INF": 9, b"+BNF": 9}
_ASSET_BEGINS, _TAIL = 24, 13  # the tail: time 7, count 2, CRC 2, 0D 0A
_TRACK = 0x64
_PLACE = 22  # bytes from a time to that of the next place, at least: time 7, km/h 3, degrees 2, metres 2, place 8


class Report(NamedTuple):
    """What a frame says. `code` is the number of an event (+EVT), `number` that of any other report (+RSP)."""

    device: str | None
    at: datetime | None
    places: tuple[Position, ...]
    battery: float | None
    code: int | None
    number: int | None
    late: bool


def read(frame: bytes) -> Report:
    if frame[1] == 0:
        return _asset(frame)
    mark = frame[:4]
    spot = _IDENTITY.get(mark, 16)
    sent = _time(frame, len(frame) - _TAIL)
    places: tuple[Position, ...] = ()
    if mark in (b"+RSP", b"+BSP") and frame[4] == _TRACK:
        places = _track(frame, spot + 8 + 5)
    elif mark in (b"+RSP", b"+BSP", b"+EVT", b"+BVT"):
        places = _places(frame, spot + 8 + 13)
    percent = frame[spot + 8] if spot == 16 and len(frame) > spot + 8 else 255
    return Report(
        device=identity(frame[spot : spot + 8]),
        at=sent,
        places=places,
        battery=percent / 100 if percent <= 100 else None,
        code=frame[4] if mark in (b"+EVT", b"+BVT") else None,
        number=frame[4] if mark in (b"+RSP", b"+BSP") else None,
        late=mark in BUFFERED,
    )


def _places(frame: bytes, spot: int) -> tuple[Position, ...]:
    """All places whose time stands at `spot` or behind it."""
    found = []
    while spot < len(frame) - _TAIL - 6:
        position = _place(frame, spot)
        found += [position] if position else []
        spot += _PLACE if position else 1
    return tuple(found)


def _track(frame: bytes, spot: int) -> tuple[Position, ...]:
    """How many seconds (2), then a point for each: its first two bits say how it is written.

    1: 24 bits (these 2, kind of fix 1, km/h x 10 12, degrees 9), longitude 4, latitude 4, the first: Unix time 4.
    2: 40 bits (these 2, kind of fix 1, and what changed: km/h x 10 7, degrees 7, longitude 12, latitude 11).
    Else one byte: no fix, or the same place.
    """
    found: list[Position] = []
    speed = course = lon = lat = seconds = 0
    count = int.from_bytes(frame[spot : spot + 2], "big")
    spot += 2
    for _ in range(min(count, len(frame))):
        seconds += 1 if seconds else 0
        kind = frame[spot] >> 6 if spot < len(frame) else 0
        if kind == 1 and spot + 11 <= len(frame):
            bits = int.from_bytes(frame[spot : spot + 3], "big")
            speed, course = bits >> 9 & 0xFFF, bits & 0x1FF
            lon, lat = struct.unpack_from(">ii", frame, spot + 3)
            spot += 11
            if not seconds:
                seconds = int.from_bytes(frame[spot : spot + 4], "big")
                spot += 4
        elif kind == 2 and spot + 5 <= len(frame):
            bits = int.from_bytes(frame[spot : spot + 5], "big")
            speed, course = speed + _signed(bits >> 30, 7), course + _signed(bits >> 23, 7)
            lon, lat = lon + _signed(bits >> 11, 12), lat + _signed(bits, 11)
            spot += 5
        else:
            spot += 1
            continue
        position = place(lat / 1e6, lon / 1e6, unix(seconds), speed=max(speed, 0) / 36, course=float(course % 360))
        found += [position] if position else []
    return tuple(found)


def _signed(bits: int, width: int) -> int:
    """The lowest bits as a number with a sign (two's complement)."""
    value = bits & (1 << width) - 1
    return value - (1 << width) if value >> width - 1 else value


def identity(data: bytes) -> str | None:
    """An IMEI, two digits a byte (the last: one), or a device name."""
    if len(data) == 8 and all(byte < 100 for byte in data[:7]) and data[7] < 10 and data[0]:
        return "".join(f"{byte:02d}" for byte in data[:7]) + str(data[7])
    name = data.split(b"\0")[0]
    return name.decode() if name and name.isascii() and name.decode().isprintable() else None


def _time(frame: bytes, spot: int) -> datetime | None:
    """Year 2, month, day, hour, minute, second."""
    part = frame[spot : spot + 7] if spot >= 0 else b""
    if len(part) < 7:
        return None
    year = int.from_bytes(part[:2], "big")
    if not 2005 <= year <= 2099:
        return None
    try:
        return datetime(year, part[2], part[3], part[4], part[5], part[6], tzinfo=UTC)
    except ValueError:
        return None


def _place(frame: bytes, spot: int) -> Position | None:
    """A place whose time stands at `spot`."""
    at = _time(frame, spot)
    if at is None:
        return None
    kmh, tenth, course, metres, lon, lat = struct.unpack_from(">HBHhii", frame, spot - 15)
    if not (lat and lon) or course > 360 or tenth > 99:
        return None
    speed = (kmh + tenth / 10) / 3.6
    return place(lat / 1e6, lon / 1e6, at, speed=speed, course=float(course), altitude=float(metres))


def _asset(frame: bytes) -> Report:
    """2B 00: length 2, 00, IMEI in BCD 8, …, Unix time 4 at 20. The place has a Unix time behind it."""
    digits = frame[5:13].hex()
    places: tuple[Position, ...] = ()
    for spot in range(_ASSET_BEGINS, len(frame) - 11):
        lon, lat, seconds = struct.unpack_from(">iiI", frame, spot)
        if lon and lat and abs(lon) <= 180_000_000 and abs(lat) <= 90_000_000 and 1.4e9 < seconds < 4.1e9:
            position = place(lat / 1e6, lon / 1e6, unix(seconds))
            places = (position,) if position else ()
            break
    device = digits.lstrip("0") or None if digits.isdigit() else None
    return Report(device, unix(int.from_bytes(frame[20:24], "big")), places, None, None, None, False)
