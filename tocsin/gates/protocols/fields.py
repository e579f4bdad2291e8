"""What the fields of many trackers have in common: numbers, degrees and minutes, clocks, keys, frames in text."""

import math
import re
from datetime import UTC, datetime, timedelta

from tocsin.gates.protocol import Cut, Session
from tocsin.gates.signal import Position, Signal

KNOT = 1852 / 3600  # m/s
KMH = 1 / 3.6  # m/s
PRESS_IS_FRESH = timedelta(minutes=2)
CLOCK_IS_RIGHT = timedelta(days=366)

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_SIX = re.compile(r"(\d\d)(\d\d)(\d\d)", re.ASCII)


def number(text: str) -> float | None:
    """A decimal number, spaces around it allowed; None: there is none."""
    text = text.strip()
    return float(text) if len(text) < 30 and _NUMBER.fullmatch(text) else None


def scaled(text: str, unit: float) -> float | None:
    """A number in `unit`s (m/s a unit), not below zero."""
    value = number(text)
    return None if value is None or value < 0 else value * unit


def course(text: str) -> float | None:
    """Degrees from north."""
    value = number(text)
    return value if value is not None and 0 <= value <= 360 else None


def percent(text: str) -> float | None:
    """A battery in percent as 0..1."""
    value = number(text)
    return value / 100 if value is not None and 0 <= value <= 100 else None


def degrees(minutes: float | None, hemisphere: str) -> float | None:
    """NMEA's dddmm.mmmm as degrees, south and west negative."""
    if minutes is None:
        return None
    whole = math.floor(abs(minutes) / 100)
    return signed(whole + (abs(minutes) - 100 * whole) / 60, hemisphere)


def nmea(value: float, digits: int) -> str:
    """Degrees as dddmm.mmmm without a sign, for the encoders."""
    minutes = round(abs(value) * 600_000)
    return f"{minutes // 600_000:0{digits}d}{minutes % 600_000 / 10_000:07.4f}"


def signed(value: float | None, hemisphere: str) -> float | None:
    """Degrees with the sign of their hemisphere; a sign of their own counts where no letter contradicts."""
    return -abs(value) if value is not None and hemisphere.strip().upper() in ("S", "W") else value


def located(
    lat: float | None,
    lon: float | None,
    at: datetime | None,
    *,
    valid: bool = True,
    altitude: float | None = None,
    speed: float | None = None,
    course: float | None = None,
) -> tuple[Position | None, tuple[str, ...]]:
    """A place, and what is wrong with it: `no_fix` for none or 0,0, `old_fix` where the device itself calls it old."""
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return None, ("no_fix",)
    position = Position(lat=lat, lon=lon, at=at, altitude=altitude, speed=speed, course=course)
    return position, ("no_fix",) if lat == lon == 0 else () if valid else ("old_fix",)


def when(date: str, clock: str, order: str = "dmy") -> datetime | None:
    """Six digits of date and six of clock; None if they are no time. Some clocks count to 69 s: they roll over."""
    day, time = _SIX.fullmatch(date.strip()), _SIX.fullmatch(clock.strip())
    if not day or not time:
        return None
    part = dict(zip(order, map(int, day.groups()), strict=True))
    hours, minutes, seconds = map(int, time.groups())
    try:
        midnight = datetime(2000 + part["y"], part["m"], part["d"], tzinfo=UTC)
    except ValueError:
        return None
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds) if hours < 24 else None


def utc(at: datetime | None, session: Session) -> datetime | None:
    """Settings of a device whose clock is not UTC: `time_zone`, hours east; `clock_offset`, seconds it is ahead."""
    zone, offset = session.setting("time_zone"), session.setting("clock_offset")
    if at is not None and isinstance(zone, int | float) and abs(zone) <= 14:
        at -= timedelta(hours=zone)
    if at is not None and isinstance(offset, int | float) and abs(offset) <= 1e8:
        at -= timedelta(seconds=offset)
    return at


def key(frame: bytes, signals: tuple[Signal, ...], now: datetime) -> bytes | None:
    """What makes a resent frame known: its bytes, if they hold a time that can be true.

    A device without fix may give the same old time to two presses, and a second press must not be taken for the
    first: there only fresh times count. Signs of life are never the same.
    """
    if all(signal.kind == "heartbeat" for signal in signals):
        return None
    for signal in signals:
        limit = PRESS_IS_FRESH if signal.kind == "alarm" or signal.pressed else CLOCK_IS_RIGHT
        if signal.at is None or abs(signal.at - now) > limit:
            return None
    return frame


def between(buffer: bytes, head: re.Pattern[bytes], end: re.Pattern[bytes], longest: int, *, last: bool = True) -> Cut:
    """The first frame that begins as `head` and ends with `end`; whatever stands before it is garbage.

    `last`: a frame that begins anew before it ends is torn, and only its last beginning counts.
    """
    place = 0
    while stop := end.search(buffer, place):
        heads = [match.start() for match in head.finditer(buffer, max(place, stop.end() - longest), stop.start())]
        if heads:
            return Cut(buffer[heads[-1 if last else 0] : stop.end()], stop.end())
        place = stop.end()
    return Cut(None, max(place, len(buffer) - longest))
