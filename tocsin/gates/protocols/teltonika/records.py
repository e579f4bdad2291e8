"""AVL records of Codec 8, 8 Extended and 16, and the older Codec 7 (GH). Source: Teltonika Data Sending Protocols.

time ms 8 | priority 1 | lon x 10^7 4 | lat x 10^7 4 | metres 2 | degrees 2 | satellites 1 | km/h 2 |
event id | ids in all | groups of 1, 2, 4, 8 bytes (8E: and of any length): how many, and each its id and value
"""

import math
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.gates.protocols.fields import place
from tocsin.gates.signal import Position

_GPS = struct.Struct(">QBiihHBH")
_Y2007 = datetime(2007, 1, 1, tzinfo=UTC)


class Record(msgspec.Struct):
    """One record. `event` is the id that caused it, 0 for the clock; `values` by id."""

    at: datetime | None
    priority: int
    position: Position | None
    fixed: bool
    event: int
    values: dict[int, int]


class Reader:
    """Bytes in turn; past the end it reads what there is and says so."""

    def __init__(self, data: bytes) -> None:
        self.data, self.spot = data, 0

    def take(self, size: int) -> bytes:
        part = self.data[self.spot : self.spot + size]
        self.spot += size
        return part

    def short(self) -> bool:
        """Was more asked for than there is?"""
        return self.spot > len(self.data)

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")


def records(codec: int, count: int, reader: Reader) -> Iterator[Record]:
    """Each whole record; a record that ends too early still gives its time and place if they are there."""
    for _ in range(count):
        if reader.short():
            return
        record = _old(reader) if codec == 7 else _record(codec, reader)
        if record is None:
            return
        yield record


def _record(codec: int, reader: Reader) -> Record | None:
    head = reader.take(_GPS.size)
    if reader.short():
        return None
    ms, priority, lon, lat, metres, course, satellites, kmh = _GPS.unpack(head)
    at = _time(ms)
    position = place(lat / 1e7, lon / 1e7, at, speed=kmh / 3.6, course=float(course), altitude=float(metres))
    width = 1 if codec == 8 else 2
    event = reader.number(width)
    if codec == 16:
        reader.take(1)  # how the event came about
    counted = 2 if codec == 0x8E else 1
    left = reader.number(counted)  # ids in all; where groups of 1 to 8 bytes have fewer, one of 16 bytes follows
    values: dict[int, int] = {}
    for size in (1, 2, 4, 8, 0) if codec == 0x8E else (1, 2, 4, 8, 16):
        if size == 16 and left <= 0:
            break
        for _ in range(reader.number(counted)):
            if reader.short():
                break
            left -= 1
            key = reader.number(width)
            value = reader.number(size) if size else _long(reader)
            if not reader.short():
                values[key] = value
    return Record(at, priority, position, satellites > 0, event, values)


def _long(reader: Reader) -> int:
    """A value of any length is text or a list: only that it is there counts."""
    return int(bool(reader.take(reader.number(2))))


def _time(ms: int) -> datetime | None:
    """Milliseconds since 1970; none before 1971, where a device stands that does not know the time."""
    try:
        return (
            datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000) if ms > 31_536_000_000 else None
        )
    except (ValueError, OverflowError, OSError):
        return None


def _old(reader: Reader) -> Record | None:
    """Codec 7: seconds since 2007 (upper two bits: priority), and masks that say what follows."""
    word = reader.number(4)
    masks = reader.number(1)
    if reader.short():
        return None
    at: datetime | None = _Y2007 + timedelta(seconds=word & 0x3FFFFFFF)
    position, fixed, values = None, False, dict[int, int]()
    if masks & 1:
        position, fixed = _old_gps(reader, at)
    for bit, size in ((2, 1), (4, 2), (8, 4)):
        if masks & bit:
            for _ in range(reader.number(1)):
                key, value = reader.number(1), reader.number(size)
                if reader.short():
                    break
                values[key] = value
    if 1 in values:  # battery of a GH
        values[113] = values.pop(1)
    return Record(at, word >> 30, position, fixed, 0, values)


def _old_gps(reader: Reader, at: datetime | None) -> tuple[Position | None, bool]:
    mask = reader.number(1)
    lat, lon = struct.unpack(">ff", reader.take(8).ljust(8, b"\0")) if mask & 1 else (math.nan, math.nan)
    altitude = float(reader.number(2)) if mask & 2 else None
    course = reader.number(1) * 360 / 256 if mask & 4 else None
    kmh = reader.number(1) if mask & 8 else None
    satellites = reader.number(1) if mask & 16 else 0
    reader.take((4 if mask & 32 else 0) + (1 if mask & 64 else 0) + (4 if mask & 128 else 0))
    if reader.short():
        return None, False
    speed = None if kmh is None or kmh == 255 else kmh / 3.6
    return place(lat, lon, at, speed=speed, course=course, altitude=altitude), satellites > 0
