"""Topin (ZhongXun ZX303, ZX612, ZX908, 365GPS): bytes to signals and replies.

Source: "ZhongXun Topin Locator Communication Protocol" (180612). km/h on the wire, m/s here; degrees x 1,800,000; times
UTC as six bytes (scans: as decimals).
"""

from datetime import UTC, datetime

from tocsin.gates.protocol import Decoded, Malformed, Session, StreamGate
from tocsin.gates.protocols.fields import key, located, utc, when
from tocsin.gates.protocols.topin.frame import END, LONGEST, SCANS, START, build, split
from tocsin.gates.signal import Signal

LOGIN, HEARTBEAT, HEARTBEAT_OFFLINE, POSITION, OFFLINE = 0x01, 0x08, 0x09, 0x10, 0x11
STATUS, TIME, SOS = 0x13, 0x30, 0x99
ALARM_BITS = {0: "vibration", 1: "overspeed", 4: "low_power"}
WORDS = {0x81: "charged", 0x82: "charging", 0x83: "unplugged", 0x94: "vibration"}
WELCOME = (LOGIN, STATUS, TIME)  # answered to strangers too: they stay connected and are seen
NORTH, WEST, VALID = 0x0400, 0x0800, 0x1000
DEGREE = 1_800_000


def decode(frame: bytes, session: Session, now: datetime) -> Decoded:
    """One frame. Only the login names the device."""
    if frame[:2] != START or frame[-2:] != END or len(frame) < 6:
        raise Malformed("a Topin frame is 78 78, length, type, content, 0D 0A")
    kind, content = frame[3], frame[4:-2]
    if kind == LOGIN:
        if len(content) < 8 or not content[:8].hex().isdecimal():
            raise Malformed("a login without an IMEI")
        session.device = content[:8].hex()[1:]
    signal = _signal(kind, content, frame[2], session)
    reply = _reply(kind, frame, content, now)
    return Decoded(
        device=session.device,
        signals=() if kind == TIME else (signal,),
        reply=reply,
        stranger=reply if kind in WELCOME else None,
        key=key(frame, (signal,), now),
    )


def _reply(kind: int, frame: bytes, content: bytes, now: datetime) -> bytes | None:
    """Login: 01. A place or scan: its own time, without which it is sent again and again. A status: itself."""
    if kind == LOGIN:
        return build(LOGIN)
    if kind == STATUS:
        return frame
    if kind in (POSITION, OFFLINE, *SCANS) and len(content) >= 6:
        return build(kind, content[:6], length=frame[2])
    if kind == TIME:
        t = now.astimezone(UTC)
        rest = bytes((t.month, t.day, t.hour, t.minute, t.second))
        return build(TIME, t.year.to_bytes(2, "big") + rest, length=7)
    return None


def _signal(kind: int, content: bytes, points: int, session: Session) -> Signal:
    if kind == SOS:  # it holds nothing: the place follows in a frame of its own
        return Signal(kind="alarm")
    if kind in (POSITION, OFFLINE):
        return _position(kind, content, session)
    if kind in (HEARTBEAT, HEARTBEAT_OFFLINE) and len(content) >= 14:
        return _degrees(kind, content, session)
    if kind == STATUS:
        return Signal(kind="heartbeat", battery=content[0] / 100 if content and content[0] <= 100 else None)
    if kind in SCANS:
        at = utc(when(content[:3].hex(), content[3:6].hex(), "ymd"), session)
        return Signal(kind="heartbeat", at=at, flags=_alarms(content[_scanned(content, points) :]))
    return Signal(kind="heartbeat", flags=(WORDS[kind],) if kind in WORDS else ())


def _scanned(content: bytes, points: int) -> int:
    """Where a scan ends: time 6, so many points of 7, cells 1, MCC and MNC 3, so many cells of 5."""
    cells = 6 + 7 * points
    return cells + 4 + 5 * content[cells] if cells < len(content) else len(content)


def _alarms(rest: bytes) -> tuple[str, ...]:
    """One byte of alarm bits, behind what some send."""
    return tuple(word for bit, word in ALARM_BITS.items() if rest[0] >> bit & 1) if len(rest) == 1 else ()


def _time(content: bytes, session: Session) -> datetime | None:
    """Year from 2000, month, day, hour, minute, second: a byte each."""
    digits = [f"{byte:02d}" for byte in content[:6]]
    return utc(when("".join(digits[:3]), "".join(digits[3:]), "ymd"), session)


def _position(kind: int, content: bytes, session: Session) -> Signal:
    """time 6, satellites 1, lat 4, lon 4, km/h 1, status and course 2; of some: metres 2, alarm bits 1. 0x11 was kept
    while there was no network."""
    at, late = _time(content, session), ("buffered",) if kind == OFFLINE else ()
    if len(content) < 18:
        return Signal(kind="heartbeat", at=at, flags=late)
    lat, lon = (int.from_bytes(content[n : n + 4], "big") / DEGREE for n in (7, 11))
    status = int.from_bytes(content[16:18], "big")
    position, flags = located(
        lat if status & NORTH else -lat,
        -lon if status & WEST else lon,
        at,
        valid=bool(status & VALID),
        speed=content[15] / 3.6,
        course=float(status & 0x3FF),
        altitude=float(int.from_bytes(content[18:20], "big", signed=True)) if len(content) == 21 else None,
    )
    flags += _alarms(content[20:]) + late
    return Signal(kind="position" if position else "heartbeat", at=at, position=position, flags=flags)


def _degrees(kind: int, content: bytes, session: Session) -> Signal:
    """Some send a place in a heartbeat (0x09: kept while there was no network): time 6, lat 4, lon 4, both once more,
    km/h 1, half degrees 1. Degrees are a byte, then a half byte (not 0: south, west) and millionths."""
    at, late = _time(content, session), ("buffered",) if kind == HEARTBEAT_OFFLINE else ()
    lat, lon = (_degree(content[n : n + 4]) for n in (6, 10))
    speed, half_course = (content[22] / 3.6, content[23] * 2.0) if len(content) >= 24 else (None, None)
    position, flags = located(lat, lon, at, speed=speed, course=half_course, valid=not late)
    return Signal(kind="position" if position else "heartbeat", at=at, position=position, flags=flags + late)


def _degree(four: bytes) -> float:
    value = four[0] + (int.from_bytes(four[1:], "big") & 0xFFFFF) / 1e6
    return -value if four[1] & 0xF0 else value


GATE = StreamGate(port=5199, split=split, decode=decode, longest=LONGEST)
