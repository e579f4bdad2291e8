"""GT06 times and GPS blocks: a byte each for year, month, day, hour, minute, second; then satellites (low half of a
byte), latitude, longitude (4 each, minutes x 30,000), km/h (1), course and status (2). Source: Concox GT06 5.2."""

from datetime import UTC, datetime

from tocsin.gates.protocols.fields import KMH
from tocsin.gates.signal import Position

Found = tuple[Position, tuple[str, ...]]

NORTH, WEST, VALID = 0x0400, 0x0800, 0x1000
DEGREE = 1_800_000  # units a degree
BLOCK = 12  # bytes of a GPS block behind its time


def time(content: bytes, place: int) -> datetime | None:
    """A time in UTC (the device's own clock). None where the bytes are no time."""
    part = content[place : place + 6]
    if len(part) < 6:
        return None
    try:
        return datetime(2000 + part[0], part[1], part[2], part[3], part[4], part[5], tzinfo=UTC)
    except ValueError:
        return None


def find_time(content: bytes) -> tuple[datetime | None, int]:
    """When, and where the GPS block begins. Some put their IMEI before the time, or a byte, the IMEI and two times."""
    at = time(content, 0)
    if at is not None:
        return at, 6
    if own_block(content):
        return time(content, 15), 21
    if imei_first(content):
        return time(content, 8), 14
    return None, 6


def own_block(content: bytes) -> bool:
    """NT and XT: where the place comes from (1), IMEI (8), when it was sent (6), when it was fixed (6)."""
    return (
        len(content) >= 21
        and content[0] < 0x10
        and content[1:9].hex().isdigit()
        and time(content, 9) is not None
        and time(content, 15) is not None
    )


def imei_first(content: bytes) -> bool:
    return len(content) >= 14 and content[:8].hex().isdigit() and time(content, 8) is not None


def gps(content: bytes, place: int, at: datetime | None) -> Found | None:
    """The GPS block at `place`."""
    return fix(content, place + 1, at)


def fix(content: bytes, place: int, at: datetime | None, altitude: float | None = None) -> Found | None:
    """Latitude at `place`, longitude, km/h, course and status."""
    if len(content) < place + 11:
        return None
    status = int.from_bytes(content[place + 9 : place + 11], "big")
    return position(content, place, status, at, content[place + 8], altitude)


def position(
    content: bytes, place: int, status: int, at: datetime | None, kmh: int | None, altitude: float | None = None
) -> Found | None:
    """Flags: `no_fix` where the place is 0,0; `old_fix` where the device says that it is the last one it knew."""
    lat = int.from_bytes(content[place : place + 4], "big") / DEGREE
    lon = int.from_bytes(content[place + 4 : place + 8], "big") / DEGREE
    if lat > 90 or lon > 180:
        return None
    found = Position(
        lat=lat if status & NORTH or not lat else -lat,
        lon=-lon if status & WEST and lon else lon,
        altitude=altitude,
        speed=None if kmh is None else kmh * KMH,
        course=float(status & 0x3FF),
        at=at,
    )
    return found, () if status & VALID else ("old_fix",) if lat or lon else ("no_fix",)
