"""What decoders share: numbers, places, clocks, alarm codes, what makes a frame known again, checksums.

None means: the field does not say. Out come degrees, m/s, metres, 0..1 and UTC.
"""

import math
import re
from binascii import crc_hqx
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from tocsin.gates.protocol import Cut, Session
from tocsin.gates.signal import ALARMS, Position, Signal

KNOT = 1852 / 3600  # m/s
KMH = 1 / 3.6  # m/s
JUST_NOW = timedelta(minutes=10)
PRESS_IS_FRESH = timedelta(minutes=2)
CLOCK_IS_RIGHT = timedelta(days=366)

# Words that are a press, and the kind of alarm they are (None: the person did not say which).
PRESSES: dict[str, str | None] = {"sos": None, "fall_down": "medical", "man_down": "medical", "duress": None}

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_SIX = re.compile(r"(\d\d)(\d\d)(\d\d)", re.ASCII)


# Numbers and words


def number(text: str) -> float | None:
    """A decimal number, spaces around it allowed."""
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


def remark(text: str | None) -> str | None:
    """Free text as it may be kept: one line, printable, not long. No database keeps a NUL."""
    kept = "".join(letter if letter.isprintable() else " " for letter in (text or "")[:400])
    return kept.strip() or None


# Places


def degrees(minutes: float | None, hemisphere: str) -> float | None:
    """NMEA's dddmm.mmmm as degrees, south and west negative."""
    if minutes is None:
        return None
    whole = math.floor(abs(minutes) / 100)
    return signed(whole + (abs(minutes) - 100 * whole) / 60, hemisphere)


def signed(value: float | None, hemisphere: str) -> float | None:
    """Degrees with the sign of their hemisphere; a sign of their own counts where no letter contradicts."""
    return -abs(value) if value is not None and hemisphere.strip().upper() in ("S", "W") else value


def nmea(value: float, digits: int) -> str:
    """Degrees as dddmm.mmmm without a sign, for the encoders."""
    minutes = round(abs(value) * 600_000)
    return f"{minutes // 600_000:0{digits}d}{minutes % 600_000 / 10_000:07.4f}"


def place(
    lat: float | None,
    lon: float | None,
    at: datetime | None = None,
    *,
    speed: float | None = None,
    course: float | None = None,
    altitude: float | None = None,
    accuracy: float | None = None,
) -> Position | None:
    """A position, or None where the numbers cannot be one."""
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):  # also not a number
        return None
    rest = [None if x is None or not math.isfinite(x) else x for x in (speed, course, altitude, accuracy)]
    return Position(lat=lat, lon=lon, at=at, speed=rest[0], course=rest[1], altitude=rest[2], accuracy=rest[3])


def located(
    lat: float | None,
    lon: float | None,
    at: datetime | None,
    *,
    valid: bool = True,
    speed: float | None = None,
    course: float | None = None,
    altitude: float | None = None,
) -> tuple[Position | None, tuple[str, ...]]:
    """A place, and what is wrong with it: `no_fix` for none or 0,0, `old_fix` where the device itself calls it old."""
    position = place(lat, lon, at, speed=speed, course=course, altitude=altitude)
    if position is None or position.lat == position.lon == 0:
        return position, ("no_fix",)
    return position, () if valid else ("old_fix",)


# Clocks


def when(date: str, clock: str, order: str = "dmy", *, century: int = 20) -> datetime | None:
    """Six digits of date and six of clock; None if they are no time. Some clocks count to 69 s: they roll over."""
    day, time = _SIX.fullmatch(date.strip()), _SIX.fullmatch(clock.strip())
    if not day or not time:
        return None
    part = dict(zip(order, map(int, day.groups()), strict=True))
    hours, minutes, seconds = map(int, time.groups())
    try:
        midnight = datetime(century * 100 + part["y"], part["m"], part["d"], tzinfo=UTC)
        return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds) if hours < 24 else None
    except (ValueError, OverflowError):
        return None


def digits_time(digits: str, order: str = "ymd") -> datetime | None:
    """A time in twelve digits, or in fourteen with the century before them."""
    if len(digits) == 14 and digits.isascii() and digits.isdigit():
        return when(digits[2:8], digits[8:], order, century=int(digits[:2]))
    return when(digits[:6], digits[6:], order)


def unix(seconds: float) -> datetime | None:
    """A Unix time; None before 1971, where devices stand that do not know the time, and beyond any calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds >= 365 * 86_400 else None
    except (ValueError, OverflowError, OSError):
        return None


def utc(at: datetime | None, session: Session) -> datetime | None:
    """The time of a device whose clock is not UTC, by its settings (see `ahead`)."""
    return _moved(at, ahead(session) or timedelta())


def in_utc(signals: tuple[Signal, ...], session: Session, now: datetime, standard: float = 0.0) -> tuple[Signal, ...]:
    """Times in UTC, for a protocol whose clock runs `standard` hours east of it.

    The device's settings decide. Without them, a live report whose time is of just now if read as UTC, and is not if
    read as the protocol says, comes from a device that was set to UTC.
    """
    zone = ahead(session)
    if zone is None:
        zone = timedelta(hours=standard)
        live = next((s.at for s in signals if s.at and "buffered" not in s.flags), None)
        if zone and live and abs(live - now) < JUST_NOW < abs(live - zone - now):
            zone = timedelta()
    return tuple(earlier(signal, zone) for signal in signals) if zone else signals


def ahead(session: Session) -> timedelta | None:
    """How far the device's clock is ahead of UTC by its settings: `time_zone` hours east, `clock_offset` seconds."""
    zone, offset = _limited(session.setting("time_zone"), 14), _limited(session.setting("clock_offset"), 1e8)
    return None if zone is None and offset is None else timedelta(hours=zone or 0, seconds=offset or 0)


def _limited(value: object, most: float) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most else None


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


# Alarm codes


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
        for written in (f"0x{code:02x}", str(code)):
            if isinstance(own.get(written), str):
                return str(own[written])
    return default


# Known again


def key(frame: bytes, signals: tuple[Signal, ...], now: datetime) -> bytes | None:
    """What makes a resent frame known, where it holds no number: its bytes, if they hold a time that can be true.

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


def plausible(signals: tuple[Signal, ...], now: datetime) -> bool:
    """Do all carry a time that can be true? For frames that are numbered: equal bytes are the same report then."""
    return bool(signals) and all(s.at and abs(s.at - now) < CLOCK_IS_RIGHT for s in signals)


# Frames and checksums


def first(
    buffer: bytes,
    begin: Callable[[bytes, int], int],
    size: Callable[[bytes, int], int | None],
    sound: Callable[[bytes], bool],
    fits: Callable[[bytes, int, int], bool | None],
    surely: Callable[[bytes, int], int] | None = None,
) -> Cut:
    """The first frame of a buffer, by its length; the same one however the bytes were chunked.

    `begin`  where the next frame may begin at or after a place; -1: nowhere
    `size`   the length of the frame at a place; 0: it is none, None: more bytes must tell
    `sound`  is the checksum right?
    `fits`   is the frame from start to end to be taken though it is not sound? None: more bytes must tell
    `surely` as `begin`, of frames that can be sound

    A torn frame waits for bytes that never come. It must not hide what follows: a sound frame that begins within it and
    is whole before it goes first. So the answer depends on the bytes up to an end, never on what came with them.
    """
    start = begin(buffer, 0)
    while start >= 0:
        length = size(buffer, start)
        if length == 0:
            start = begin(buffer, start + 1)
            continue
        end = start + length if length else len(buffer) + 1
        if inner := _sound_within(buffer, start + 1, min(end, len(buffer) + 1), surely or begin, size, sound):
            return Cut(buffer[inner[0] : inner[1]], inner[1])
        taken = end <= len(buffer) and (sound(buffer[start:end]) or fits(buffer, start, end))
        if end > len(buffer) or taken is None:
            return Cut(None, start)
        if taken:
            return Cut(buffer[start:end], end)
        start = begin(buffer, start + 1)
    return Cut(None, len(buffer))


def _sound_within(
    buffer: bytes,
    start: int,
    before: int,
    begin: Callable[[bytes, int], int],
    size: Callable[[bytes, int], int | None],
    sound: Callable[[bytes], bool],
) -> tuple[int, int] | None:
    """Start and end of the sound frame that ends first, before `before`."""
    found = None
    spot = begin(buffer, start)
    while 0 <= spot < before:
        end = spot + (size(buffer, spot) or before)
        if end < before and sound(buffer[spot:end]):
            found, before = (spot, end), end
        spot = begin(buffer, spot + 1)
    return found


def between(buffer: bytes, head: re.Pattern[bytes], end: re.Pattern[bytes], longest: int, *, last: bool = True) -> Cut:
    """The first frame that begins as `head` and ends with `end`; whatever stands before it is garbage.

    `last`: a frame that begins anew before it ends is torn, and only its last beginning counts.
    """
    spot = 0
    while stop := end.search(buffer, spot):
        heads = [match.start() for match in head.finditer(buffer, max(spot, stop.end() - longest), stop.start())]
        if heads:
            return Cut(buffer[heads[-1 if last else 0] : stop.end()], stop.end())
        spot = stop.end()
    return Cut(None, max(spot, len(buffer) - longest))


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
