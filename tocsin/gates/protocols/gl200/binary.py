"""Queclink's HEX report format. Source: @Track air interface protocols, HEX format (GB100, GV series).

Which fields a report has depends on a mask and the model, so a place is found by what it is: longitude and latitude
x 10^6 (4 bytes each) with a time behind them; before them km/h (2 and a tenth 1), degrees 2, metres 2.
"""

import struct
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.gates.protocols.wire import place, unix
from tocsin.gates.signal import Position

BUFFERED = (b"+BSP", b"+BVT", b"+BNF", b"+BRD")
# Where the identity (8 bytes) stands.
_IDENTITY = {b"+ACK": 12, b"+HBD": 11, b"+INF": 9, b"+BNF": 9}
_ASSET_BEGINS, _TAIL = 24, 13  # the tail: time 7, count 2, CRC 2, 0D 0A


class Report(NamedTuple):
    """What a frame says. `code` is the number of an event (+EVT), else None."""

    device: str | None
    at: datetime | None
    position: Position | None
    battery: float | None
    code: int | None
    late: bool


def read(frame: bytes) -> Report:
    if frame[1] == 0:
        return _asset(frame)
    mark = frame[:4]
    spot = _IDENTITY.get(mark, 16)
    sent = _time(frame, len(frame) - _TAIL)
    found = None
    if mark in (b"+RSP", b"+BSP", b"+EVT", b"+BVT"):
        found = next((p for n in range(spot + 8 + 13, len(frame) - _TAIL - 6) if (p := _place(frame, n))), None)
    percent = frame[spot + 8] if spot == 16 and len(frame) > spot + 8 else 255
    return Report(
        device=identity(frame[spot : spot + 8]),
        at=found.at if found else sent,
        position=found,
        battery=percent / 100 if percent <= 100 else None,
        code=frame[4] if mark in (b"+EVT", b"+BVT") else None,
        late=mark in BUFFERED,
    )


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
    at = unix(int.from_bytes(frame[20:24], "big"))
    position = None
    for spot in range(_ASSET_BEGINS, len(frame) - 11):
        lon, lat, seconds = struct.unpack_from(">iiI", frame, spot)
        if lon and lat and abs(lon) <= 180_000_000 and abs(lat) <= 90_000_000 and 1.4e9 < seconds < 4.1e9:
            position = place(lat / 1e6, lon / 1e6, unix(seconds))
            break
    return Report(digits.lstrip("0") or None if digits.isdigit() else None, at, position, None, None, False)
