"""What decoders share: safe positions, clocks that say local time, and what the word for an alarm code means."""

from binascii import crc_hqx
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import NamedTuple

from msgspec.structs import replace

from tocsin.gates.protocol import Session
from tocsin.gates.signal import ALARMS, Position, Signal

JUST_NOW = timedelta(minutes=10)

# Words that are a press, and the kind of alarm they are (None: the person did not say which).
PRESSES: dict[str, str | None] = {"sos": None, "fall_down": "medical", "man_down": "medical", "duress": None}


class Verdict(NamedTuple):
    """Whether it is a press, of what kind, whether the site must stay quiet, and the flags."""

    press: bool
    alarm: str | None
    silent: bool
    flags: tuple[str, ...]


def verdict(words: Iterable[str]) -> Verdict:
    """What the words of one report mean: `sos`, a kind of alarm or a fall is a press, any other word a flag."""
    words = tuple(dict.fromkeys(word for word in words if word))
    press = any(word in PRESSES or word in ALARMS or word == "unknown_kind" for word in words)
    kinds = [PRESSES.get(word, word) for word in words if word in PRESSES or word in ALARMS]
    kind = next((kind for kind in kinds if kind), "other" if press and "unknown_kind" in words else None)
    flags = tuple(word for word in words if word != "sos" and word not in ALARMS)
    return Verdict(press, kind, "duress" in words, flags)


def meaning(session: Session, code: int, default: str) -> str:
    """The word for an alarm code. The device's setting `alarms`, {"0x19": "sos", "35": "medical"}, goes first."""
    own = session.setting("alarms")
    if isinstance(own, dict):
        for key in (f"0x{code:02x}", str(code)):
            if isinstance(own.get(key), str):
                return str(own[key])
    return default


def place(
    lat: float,
    lon: float,
    at: datetime | None = None,
    *,
    speed: float | None = None,
    course: float | None = None,
    altitude: float | None = None,
    accuracy: float | None = None,
) -> Position | None:
    """A position in degrees, m/s and metres, or None where the numbers cannot be one."""
    if not (abs(lat) <= 90 and abs(lon) <= 180):  # also not a number
        return None
    rest = [None if x is None or not isfinite(x) else x for x in (speed, course, altitude, accuracy)]
    return Position(lat=lat, lon=lon, at=at, speed=rest[0], course=rest[1], altitude=rest[2], accuracy=rest[3])


def bcd_time(digits: str, pattern: str = "%y%m%d%H%M%S") -> datetime | None:
    """A time written in decimal digits; None where it is no time."""
    if not digits.isascii() or not digits.isdigit():
        return None
    try:
        return datetime.strptime(digits, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None


def unix(seconds: float) -> datetime | None:
    """A Unix time; None before 1971, where devices stand that do not know the time, and beyond any calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds >= 365 * 86_400 else None
    except (ValueError, OverflowError, OSError):
        return None


def in_utc(signals: tuple[Signal, ...], session: Session, now: datetime, standard: float = 0.0) -> tuple[Signal, ...]:
    """Times in UTC, for a protocol whose clock runs `standard` hours east of it.

    The device's setting `time_zone` (hours east) decides. Without it, a live report whose time is of just now if read
    as UTC, and is not if read as the protocol says, comes from a device that was set to UTC.
    """
    east = session.setting("time_zone")
    if isinstance(east, int | float) and not isinstance(east, bool) and abs(east) <= 14:
        zone = timedelta(hours=east)
    else:
        zone = timedelta(hours=standard)
        live = next((s.at for s in signals if s.at and "buffered" not in s.flags), None)
        if zone and live and abs(live - now) < JUST_NOW < abs(live - zone - now):
            zone = timedelta()
    return tuple(earlier(signal, zone) for signal in signals) if zone else signals


def earlier(signal: Signal, zone: timedelta) -> Signal:
    """The same signal, its times moved back by `zone`."""
    fix = signal.position
    if fix is not None and fix.at is not None:
        fix = replace(fix, at=_moved(fix.at, zone))
    return replace(signal, at=_moved(signal.at, zone), position=fix)


def _moved(at: datetime | None, zone: timedelta) -> datetime | None:
    try:
        return None if at is None else at - zone
    except OverflowError:
        return None


def plausible(signals: tuple[Signal, ...], now: datetime) -> bool:
    """Do all carry a time that can be true, so that equal bytes are the same report sent again?"""
    return bool(signals) and all(s.at and abs(s.at - now) < timedelta(days=366) for s in signals)


def crc_arc(data: bytes) -> int:
    """CRC-16/ARC ("IBM"): 0x8005 mirrored, initial value 0."""
    crc = 0
    for byte in data:
        crc = _ARC[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


def _arc(n: int) -> int:
    for _ in range(8):
        n = n >> 1 ^ 0xA001 if n & 1 else n >> 1
    return n


_ARC = tuple(_arc(n) for n in range(256))


def crc_xmodem(data: bytes) -> int:
    """CRC-16/XMODEM: 0x1021, initial value 0."""
    return crc_hqx(data, 0)


def luhn(digits: str) -> str:
    """The check digit that makes an IMEI of 14 digits whole."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if n % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
